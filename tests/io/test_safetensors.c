/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * safetensors: round trips, a file by another program, every truncation, damage and failing allocation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "damage.h"
#include "io/bytes.h"
#include "io/file.h"
#include "io/safetensors.h"
#include "scratch.h"

static const float weights[6] = {1.5f, -0.0f, 3e-40f, 1e38f, -2, 0.1f};
static const double moments[2] = {1.0 / 3, -1e300};
static const int64_t counts[1] = {INT64_MIN};
static const uint8_t bytes[3] = {0, 128, 255};
static const int32_t numbers[2] = {INT32_MIN, 7};

static const hwv_tensor_entry entries[] = {
    {.name = "fc.weight", .type = HWV_TENSOR_F32, .rank = 2, .shape = {2, 3}, .data = weights},
    {.name = "moment", .type = HWV_TENSOR_F64, .rank = 1, .shape = {2}, .data = moments, .bytes = 16},
    {.name = "step", .type = HWV_TENSOR_I64, .rank = 0, .data = counts},
    {.name = "empty", .type = HWV_TENSOR_F32, .rank = 2, .shape = {0, 5}, .data = weights},
    {.name = "bytes \"\xc3\xa9\"", .type = HWV_TENSOR_U8, .rank = 1, .shape = {3}, .data = bytes},
    {.name = "numbers", .type = HWV_TENSOR_I32, .rank = 1, .shape = {2}, .data = numbers},
};
#define ENTRIES (sizeof entries / sizeof *entries)

static const hwv_metadata metadata[] = {
    {"model", "fc 32; act; fc 10"}, {"seed", "18446744073709551615"}, {"", "\n\"x"}};
#define METADATA (sizeof metadata / sizeof *metadata)

static void write_sample(const char *path)
{
    hwv_error error = {0};
    if (hwv_safetensors_write(path, entries, ENTRIES, metadata, METADATA, &error) != HWV_OK)
        fail_msg("%s", error.text);
}

static void check_sample(const hwv_safetensors *file)
{
    assert_int_equal(file->count, ENTRIES);
    assert_int_equal(file->metadata_count, METADATA);
    for (size_t i = 0; i < ENTRIES; i++) {
        const hwv_tensor_entry *t = hwv_safetensors_find(file, entries[i].name);
        assert_non_null(t);
        size_t size = hwv_tensor_type_bytes(entries[i].type);
        assert_int_equal(t->type, entries[i].type);
        assert_int_equal(t->rank, entries[i].rank);
        for (size_t d = 0; d < t->rank; d++) {
            assert_int_equal(t->shape[d], entries[i].shape[d]);
            size *= t->shape[d];
        }
        assert_int_equal(t->bytes, size);
        assert_memory_equal(t->data, entries[i].data, size);
    }
    for (size_t i = 0; i < METADATA; i++)
        assert_string_equal(hwv_safetensors_metadata(file, metadata[i].key), metadata[i].value);
    assert_null(hwv_safetensors_find(file, "fc"));
    assert_null(hwv_safetensors_metadata(file, "optimizer"));
}

static void test_round_trip(void **state)
{
    (void)state;
    write_sample(scratch_path("a"));
    write_sample(scratch_path("b"));
    hwv_safetensors file;
    assert_int_equal(hwv_safetensors_read(&file, scratch_path("a"), NULL), HWV_OK);
    check_sample(&file);
    hwv_safetensors_free(&file);
    hwv_safetensors_free(&file);

    hwv_file a, b;
    assert_int_equal(hwv_file_read(&a, scratch_path("a"), 0, NULL, NULL), HWV_OK);
    assert_int_equal(hwv_file_read(&b, scratch_path("b"), 0, NULL, NULL), HWV_OK);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    assert_int_equal(hwv_load_le64(a.data) % 8, 0);
    assert_int_equal(a.data[8], '{');
    hwv_file_free(&a);
    hwv_file_free(&b);
}

/* Whatever the header's length, the data start at a multiple of 8. */
static void test_padding(void **state)
{
    (void)state;
    for (size_t n = 0; n < 16; n++) {
        char value[17] = "xxxxxxxxxxxxxxxx";
        value[n] = '\0';
        hwv_metadata one = {"key", value};
        assert_int_equal(hwv_safetensors_write(scratch_path("a"), entries, 1, &one, 1, NULL), HWV_OK);
        hwv_file file;
        assert_int_equal(hwv_file_read(&file, scratch_path("a"), 0, NULL, NULL), HWV_OK);
        assert_int_equal(hwv_load_le64(file.data) % 8, 0);
        assert_int_equal(file.size, 8 + hwv_load_le64(file.data) + sizeof weights);
        assert_true(file.data[file.size - sizeof weights - 1] == '}' ||
                    file.data[file.size - sizeof weights - 1] == ' ');
        hwv_file_free(&file);
    }
}

/* Larger than what is copied rather than mapped. */
static void test_large(void **state)
{
    (void)state;
    size_t n = 100000;
    float *values = malloc(n * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < n; i++)
        values[i] = (float)i;
    hwv_tensor_entry entry = {.name = "x", .type = HWV_TENSOR_F32, .rank = 1, .shape = {n}, .data = values};
    assert_int_equal(hwv_safetensors_write(scratch_path("large"), &entry, 1, NULL, 0, NULL), HWV_OK);
    hwv_safetensors file;
    assert_int_equal(hwv_safetensors_read(&file, scratch_path("large"), NULL), HWV_OK);
    assert_int_equal(file.metadata_count, 0);
    assert_int_equal(file.count, 1);
    assert_memory_equal(file.tensors[0].data, values, n * sizeof *values);
    hwv_safetensors_free(&file);
    free(values);
}

/* Written by the safetensors package for Python (fixtures/make.py). */
static void test_foreign(void **state)
{
    (void)state;
    static const float w[6] = {1.5f, -2, 0.1f, 3e5f, 0, -0.0f};
    static const int64_t step = 7;
    static const uint8_t mask[2] = {0, 255};
    hwv_safetensors file;
    hwv_error error = {0};
    if (hwv_safetensors_read(&file, HWV_SOURCE "/tests/io/fixtures/numpy.safetensors", &error) != HWV_OK)
        fail_msg("%s", error.text);
    assert_int_equal(file.count, 3);
    assert_string_equal(hwv_safetensors_metadata(&file, "format"), "np");
    const hwv_tensor_entry *t = hwv_safetensors_find(&file, "w");
    assert_true(t && t->type == HWV_TENSOR_F32 && t->rank == 2 && t->shape[0] == 2 && t->shape[1] == 3);
    assert_memory_equal(t->data, w, sizeof w);
    t = hwv_safetensors_find(&file, "step");
    assert_true(t && t->type == HWV_TENSOR_I64 && t->rank == 0);
    assert_memory_equal(t->data, &step, sizeof step);
    t = hwv_safetensors_find(&file, "mask");
    assert_true(t && t->type == HWV_TENSOR_U8 && t->rank == 1 && t->shape[0] == 2);
    assert_memory_equal(t->data, mask, sizeof mask);
    hwv_safetensors_free(&file);
}

/* A header over `data` bytes of content: refused with this status and these words. */
static void refuse(const char *header, size_t data, hwv_status wanted, const char *words)
{
    size_t n = strlen(header), size = 8 + n + data;
    unsigned char *content = calloc(size, 1);
    assert_non_null(content);
    hwv_store_le64(content, n);
    memcpy(content + 8, header, n);
    hwv_safetensors file;
    hwv_error error = {0};
    hwv_status status = hwv_safetensors_parse(&file, content, size, &error);
    if (status != wanted || !strstr(error.text, words))
        print_error("%s: %d '%s', wanted %d '%s'\n", header, (int)status, error.text, (int)wanted, words);
    assert_int_equal(status, wanted);
    assert_non_null(strstr(error.text, words));
    assert_null(file.owner);
    free(content);
}

static void test_refused(void **state)
{
    (void)state;
#define T(dtype, shape, begin, end)                                                                                    \
    "{\"dtype\":\"" dtype "\",\"shape\":[" shape "],\"data_offsets\":[" #begin "," #end "]}"
    refuse("[]", 0, HWV_ERR_FORMAT, "no JSON object");
    refuse("{\"a\":1}", 0, HWV_ERR_FORMAT, "offset 13: tensor \"a\"");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, HWV_ERR_FORMAT, "dtype, shape and data_offsets");
    refuse("{\"a\":" T("BF16", "2", 0, 4) "}", 4, HWV_ERR_UNSUPPORTED, "\"BF16\", supported are F32");
    refuse("{\"a\":" T("F32", "-1", 0, 4) "}", 4, HWV_ERR_FORMAT, "whole numbers");
    refuse("{\"a\":" T("F32", "1.5", 0, 4) "}", 4, HWV_ERR_FORMAT, "whole numbers");
    refuse("{\"a\":" T("F32", "1,1,1,1,1,1,1,1,1", 0, 4) "}", 4, HWV_ERR_UNSUPPORTED, "9 dimensions");
    refuse("{\"a\":" T("F32", "4611686018427387904,4", 0, 4) "}", 4, HWV_ERR_FORMAT, "a size that fits memory");
    refuse("{\"a\":" T("F32", "1", 0, 5) "}", 5, HWV_ERR_FORMAT, "takes 4 bytes by its shape, but 5");
    refuse("{\"a\":" T("F32", "2", 0, 8) "}", 7, HWV_ERR_FORMAT, "outside the 7 bytes");
    refuse("{\"a\":" T("F32", "1", 4, 0) "}", 4, HWV_ERR_FORMAT, "outside the 4 bytes");
    refuse("{\"a\":" T("F32", "1", 0, 4) ",\"b\":" T("F32", "1", 0, 4) "}", 8, HWV_ERR_FORMAT, "overlaps");
    refuse("{\"a\":" T("F32", "1", 0, 4) ",\"b\":" T("U8", "4", 2, 6) "}", 8, HWV_ERR_FORMAT, "overlaps");
    refuse("{\"a\":" T("F32", "1", 0, 4) ",\"b\":" T("F32", "1", 8, 12) "}", 12, HWV_ERR_FORMAT, "gap");
    refuse("{\"a\":" T("F32", "1", 0, 4) "}", 8, HWV_ERR_FORMAT, "4 bytes after the last tensor");
    refuse("{\"a\":" T("F32", "1", 0, 4) ",\"a\":" T("F32", "1", 4, 8) "}", 8, HWV_ERR_FORMAT, "already used");
    refuse("{\"__metadata__\":{\"a\":1}}", 0, HWV_ERR_FORMAT, "number found, a string");
    refuse("{\"__metadata__\":[]}", 0, HWV_ERR_FORMAT, "__metadata__");
    refuse("{\"a\"", 0, HWV_ERR_FORMAT, "header (at offset 8)");
#undef T
}

static void test_refused_to_write(void **state)
{
    (void)state;
    (void)scratch_empty();
    hwv_tensor_entry two[2] = {entries[0], entries[0]};
    hwv_error error = {0};
    assert_int_equal(hwv_safetensors_write(scratch_path("x"), two, 2, NULL, 0, &error), HWV_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "fc.weight"));
    two[1].name = "__metadata__";
    assert_int_equal(hwv_safetensors_write(scratch_path("x"), two, 2, NULL, 0, NULL), HWV_ERR_ARGUMENT);
    two[1].name = "other";
    two[1].bytes = 5;
    assert_int_equal(hwv_safetensors_write(scratch_path("x"), two, 2, NULL, 0, NULL), HWV_ERR_ARGUMENT);
    hwv_metadata twice[2] = {{"a", "1"}, {"a", "2"}};
    assert_int_equal(hwv_safetensors_write(scratch_path("x"), two, 1, twice, 2, NULL), HWV_ERR_ARGUMENT);
    assert_int_equal(scratch_empty(), 0);
}

/* The sample as bytes in a block of its own. */
static unsigned char *sample_bytes(size_t *size)
{
    hwv_file file;
    write_sample(scratch_path("sample"));
    assert_int_equal(hwv_file_read(&file, scratch_path("sample"), 0, NULL, NULL), HWV_OK);
    unsigned char *copy = malloc(file.size);
    assert_non_null(copy);
    memcpy(copy, file.data, file.size);
    *size = file.size;
    hwv_file_free(&file);
    return copy;
}

static hwv_status read_any(const void *content, size_t size, hwv_error *error)
{
    hwv_safetensors file;
    hwv_status status = hwv_safetensors_parse(&file, content, size, error);
    const unsigned char *begin = content;
    for (size_t t = 0; t < file.count; t++) {
        const unsigned char *data = file.tensors[t].data;
        assert_true(data >= begin && file.tensors[t].bytes <= size - (size_t)(data - begin));
    }
    assert_true(status == HWV_OK || !file.owner);
    hwv_safetensors_free(&file);
    return status;
}

static void test_damage(void **state)
{
    (void)state;
    size_t size, rounds = 20000;
    unsigned char *whole = sample_bytes(&size);
    damage_cut(read_any, whole, size);
    size_t header = 8 + (size_t)hwv_load_le64(whole);
    assert_in_range(damage_flip(read_any, whole, size, header, rounds), rounds / 2, rounds - 1);
    free(whole);
}

/* Appended are the bytes that a file has, behind what is there. */
static void test_append(void **state)
{
    (void)state;
    size_t size;
    unsigned char *whole = sample_bytes(&size);
    hwv_text text = {0};
    hwv_text_puts(&text, "front");
    assert_int_equal(hwv_safetensors_append(&text, entries, ENTRIES, metadata, METADATA, NULL), HWV_OK);
    assert_int_equal(text.length, 5 + size);
    assert_memory_equal(text.data, "front", 5);
    assert_memory_equal(text.data + 5, whole, size);
    hwv_text_free(&text);
    free(whole);
    const hwv_tensor_entry two[2] = {entries[0], entries[0]};
    assert_int_equal(hwv_safetensors_append(&text, two, 2, NULL, 0, NULL), HWV_ERR_ARGUMENT);
    assert_null(text.data);
}

static void test_allocations(void **state)
{
    (void)state;
    (void)scratch_empty();
    size_t live = allocations_live();
    for (size_t n = 1;; n++) {
        hwv_text text = {0};
        allocations_fail_at(n);
        hwv_status status = hwv_safetensors_append(&text, entries, ENTRIES, metadata, METADATA, NULL);
        allocations_fail_at(0);
        hwv_text_free(&text);
        assert_int_equal(allocations_live(), live);
        if (status == HWV_OK)
            break;
        assert_int_equal(status, HWV_ERR_MEMORY);
    }
    for (size_t n = 1;; n++) {
        allocations_fail_at(n);
        hwv_status status = hwv_safetensors_write(scratch_path("x"), entries, ENTRIES, metadata, METADATA, NULL);
        allocations_fail_at(0);
        assert_int_equal(allocations_live(), live);
        if (status == HWV_OK) {
            assert_true(n > 3);
            break;
        }
        assert_int_equal(status, HWV_ERR_MEMORY);
        assert_int_equal(scratch_empty(), 0);
    }
    for (size_t n = 1;; n++) {
        hwv_safetensors file;
        allocations_fail_at(n);
        hwv_status status = hwv_safetensors_read(&file, scratch_path("x"), NULL);
        allocations_fail_at(0);
        if (status == HWV_OK) {
            check_sample(&file);
            hwv_safetensors_free(&file);
            assert_true(n > 5);
            break;
        }
        assert_int_equal(status, HWV_ERR_MEMORY);
        assert_int_equal(allocations_live(), live);
    }
    assert_int_equal(allocations_live(), live);
}

static void test_missing(void **state)
{
    (void)state;
    hwv_safetensors file;
    hwv_error error = {0};
    assert_int_equal(hwv_safetensors_read(&file, scratch_path("none"), &error), HWV_ERR_IO);
    assert_non_null(strstr(error.text, "none: cannot be opened"));
    assert_int_equal(hwv_safetensors_read(&file, scratch_folder, &error), HWV_ERR_IO);
    assert_non_null(strstr(error.text, "is a folder"));
    scratch_write("text", "hello, this is text", 19);
    assert_int_equal(hwv_safetensors_read(&file, scratch_path("text"), &error), HWV_ERR_FORMAT);
    assert_non_null(strstr(error.text, "is it a safetensors file?"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),  cmocka_unit_test(test_padding),          cmocka_unit_test(test_large),
        cmocka_unit_test(test_foreign),     cmocka_unit_test(test_refused),          cmocka_unit_test(test_damage),
        cmocka_unit_test(test_missing),     cmocka_unit_test(test_refused_to_write), cmocka_unit_test(test_append),
        cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
