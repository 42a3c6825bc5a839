/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * IDX: what is read, what is refused and where, damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "damage.h"
#include "io/idx.h"

static const unsigned char sample[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2,  0,  0,
                                       0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255};

static void test_read(void **state)
{
    (void)state;
    hwv_idx idx;
    assert_int_equal(hwv_idx_parse(&idx, sample, sizeof sample, NULL), HWV_OK);
    assert_int_equal(idx.rank, 3);
    assert_true(idx.shape[0] == 2 && idx.shape[1] == 2 && idx.shape[2] == 3 && idx.count == 12);
    assert_int_equal(idx.data_at, 16);
    assert_ptr_equal(idx.data, sample + 16);
    assert_int_equal(hwv_idx_promise(sample, sizeof sample, SIZE_MAX), sizeof sample);
    assert_int_equal(hwv_idx_promise(sample, 16, 20), 20);
}

static void refuse(const char *bytes, size_t size, hwv_status wanted, const char *words)
{
    hwv_idx idx;
    hwv_error error = {0};
    hwv_status status = hwv_idx_parse(&idx, (const unsigned char *)bytes, size, &error);
    if (status != wanted || !strstr(error.text, words))
        fail_msg("%s '%s', wanted %s '%s'", hwv_status_name(status), error.text, hwv_status_name(wanted), words);
}

static void test_refused(void **state)
{
    (void)state;
    refuse("", 0, HWV_ERR_FORMAT, "offset 0");
    refuse("\x1f\x8b\x08\x00", 4, HWV_ERR_FORMAT, "offset 0: found 1f 8b");
    refuse("\0\0\x0d\1\0\0\0\1\0\0\0\0", 12, HWV_ERR_UNSUPPORTED, "offset 2: values of IDX type 0x0d");
    refuse("\0\0\x08\0", 4, HWV_ERR_UNSUPPORTED, "offset 3: 0 dimensions");
    refuse("\0\0\x08\5", 4, HWV_ERR_UNSUPPORTED, "offset 3: 5 dimensions");
    refuse("\0\0\x08\1\0\0\0\2\7", 9, HWV_ERR_FORMAT, "offset 9: the file ends after 1 of the 2 values");
    refuse("\0\0\x08\1\0\0\0\2\7\7\7", 11, HWV_ERR_FORMAT, "offset 10: bytes after the 2 values");
    refuse("\0\0\x08\3\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16, HWV_ERR_FORMAT, "does not fit memory");
}

static hwv_status read_any(const void *bytes, size_t size, hwv_error *error)
{
    hwv_idx idx;
    HWV_TRY(hwv_idx_parse(&idx, bytes, size, error));
    volatile unsigned sum = 0;
    for (size_t i = 0; i < idx.count; i++)
        sum += idx.data[i];
    (void)sum;
    return HWV_OK;
}

static void test_damage(void **state)
{
    (void)state;
    size_t rounds = 20000;
    damage_cut(read_any, sample, sizeof sample);
    assert_in_range(damage_flip(read_any, sample, sizeof sample, 16, rounds), rounds / 2, rounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
