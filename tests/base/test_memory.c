/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Checked sizes, the arena's limits, texts; every allocation failing in turn. */
#include "allocations.h"
#include "halfwave/memory.h"
#include "halfwave/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_sizes(void **state)
{
    (void)state;
    size_t out = 17;
    assert_true(hwv_size_mul(SIZE_MAX, 1, &out) && out == SIZE_MAX);
    assert_true(hwv_size_mul(0, SIZE_MAX, &out) && out == 0);
    out = 17;
    assert_false(hwv_size_mul(SIZE_MAX / 2 + 1, 2, &out));
    assert_false(hwv_size_add(SIZE_MAX, 1, &out));
    assert_int_equal(out, 17);
    assert_true(hwv_size_add(SIZE_MAX - 1, 1, &out) && out == SIZE_MAX);
    assert_int_equal(hwv_size_align(0), 0);
    assert_int_equal(hwv_size_align(1), 64);
    assert_int_equal(hwv_size_align(64), 64);
    assert_int_equal(hwv_size_align(SIZE_MAX - 1), SIZE_MAX);
}

static void check_arena(size_t bytes, size_t alignment)
{
    hwv_arena arena;
    assert_int_equal(hwv_arena_init(&arena, bytes, NULL), HWV_OK);
    assert_int_equal((uintptr_t)arena.base % alignment, 0);
    assert_true(arena.size >= bytes);
    unsigned char *all = hwv_arena_take(&arena, bytes);
    assert_non_null(all);
    for (size_t i = 0; i < bytes; i++)
        if (all[i] != 0)
            fail_msg("byte %zu of %zu is not zero", i, bytes);
    memset(all, 0xab, bytes);
    assert_null(hwv_arena_take(&arena, 1));
    hwv_arena_free(&arena);
    assert_null(arena.base);
    assert_int_equal(arena.size, 0);
    hwv_arena_free(&arena);
}

static void test_arena_limits(void **state)
{
    (void)state;
    size_t live = allocations_live();
    check_arena(0, 64);
    check_arena(1, 64);
    check_arena(64, 64);
    check_arena(((size_t)2 << 20) - 1, 64);
    check_arena((size_t)2 << 20, (size_t)2 << 20);
    check_arena(((size_t)5 << 20) + 3, (size_t)2 << 20);
    assert_int_equal(allocations_live(), live);
}

static void test_arena_pieces(void **state)
{
    (void)state;
    hwv_arena arena;
    assert_int_equal(hwv_arena_init(&arena, 256, NULL), HWV_OK);
    size_t count = allocations_count();
    char *a = hwv_arena_take(&arena, 1), *b = hwv_arena_take(&arena, 65);
    assert_ptr_equal(b, a + 64);
    assert_int_equal(arena.used, 192);
    assert_null(hwv_arena_take(&arena, 65));
    assert_null(hwv_arena_take(&arena, SIZE_MAX));
    assert_non_null(hwv_arena_take(&arena, 64));
    assert_null(hwv_arena_take(&arena, 1));
    assert_int_equal(allocations_count(), count);
    hwv_arena_free(&arena);
    hwv_arena none = {0};
    assert_null(hwv_arena_take(&none, 1));
    assert_null(hwv_arena_take(&none, 0));
}

static void test_arena_failure(void **state)
{
    (void)state;
    hwv_arena arena;
    hwv_error error;
    assert_int_equal(hwv_arena_init(&arena, SIZE_MAX, &error), HWV_ERR_MEMORY);
    assert_int_equal(hwv_arena_init(&arena, SIZE_MAX / 4, &error), HWV_ERR_MEMORY);
    allocations_fail_at(1);
    assert_int_equal(hwv_arena_init(&arena, 12345, &error), HWV_ERR_MEMORY);
    assert_int_equal(error.status, HWV_ERR_MEMORY);
    assert_non_null(strstr(error.text, "12345 bytes"));
    assert_null(arena.base);
    hwv_arena_free(&arena);
}

static void test_blocks(void **state)
{
    (void)state;
    size_t live = allocations_live();
    assert_null(hwv_calloc(SIZE_MAX / 2, 4));
    assert_null(hwv_realloc(NULL, SIZE_MAX / 2, 4));
    char *empty = hwv_calloc(0, 8);
    assert_non_null(empty);
    empty = hwv_realloc(empty, 0, 8);
    assert_non_null(empty);
    hwv_free(empty);
    hwv_free(NULL);
    char *copy = hwv_strdup("halfwave");
    assert_string_equal(copy, "halfwave");
    hwv_free(copy);
    allocations_fail_at(1);
    assert_null(hwv_strdup("halfwave"));
    assert_int_equal(allocations_live(), live);
}

static void test_text(void **state)
{
    (void)state;
    hwv_text text = {0};
    for (int i = 0; i < 1000; i++)
        hwv_text_printf(&text, "%d,", i);
    hwv_text_puts(&text, "end");
    hwv_text_add(&text, "\0x", 2);
    assert_false(text.failed);
    assert_int_equal(text.length, 10 * 2 + 90 * 3 + 900 * 4 + 3 + 2);
    assert_memory_equal(text.data + text.length - 8, "99,end\0x", 8);
    assert_int_equal(text.data[text.length], 0);
    hwv_text_free(&text);
    assert_null(text.data);
}

/* Whichever growth fails, the failure is remembered and nothing leaks. */
static void test_text_failure(void **state)
{
    (void)state;
    size_t live = allocations_live();
    for (size_t n = 1; n <= 5; n++) {
        hwv_text text = {0};
        allocations_fail_at(n);
        for (int i = 0; i < 1000; i++)
            hwv_text_printf(&text, "%d,", i);
        assert_true(text.failed);
        size_t length = text.length;
        hwv_text_puts(&text, "more");
        assert_int_equal(text.length, length);
        hwv_text_free(&text);
        allocations_fail_at(0);
    }
    hwv_text text = {0};
    hwv_text_add(&text, "abc", 3);
    hwv_text_add(&text, "", SIZE_MAX);
    assert_true(text.failed);
    assert_string_equal(text.data, "abc");
    hwv_text_free(&text);
    assert_int_equal(allocations_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),         cmocka_unit_test(test_arena_limits), cmocka_unit_test(test_arena_pieces),
        cmocka_unit_test(test_arena_failure), cmocka_unit_test(test_blocks),       cmocka_unit_test(test_text),
        cmocka_unit_test(test_text_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
