/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * ZIP archives and the .npz files made of them: NumPy's own (fixtures/make.py), every one cut off and damaged, and
 * archives written here with what NumPy does not write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "damage.h"
#include "halfwave/data.h"
#include "io/crc32.h"
#include "io/inflate.h"
#include "io/zip.h"
#include "refuse.h"
#include "scratch.h"

#define FIXTURES HWV_SOURCE "/tests/io/fixtures/"

static void test_crc32(void **state)
{
    (void)state;
    /* The check value of the catalogue of CRC algorithms, and every length around the eight bytes of a step. */
    assert_int_equal(hwv_crc32("123456789", 9), 0xcbf43926);
    assert_int_equal(hwv_crc32("", 0), 0);
    unsigned char bytes[40];
    for (size_t n = 0; n < sizeof bytes; n++) {
        uint32_t sum = ~UINT32_C(0);
        bytes[n] = (unsigned char)(n * 37 + 5);
        for (size_t i = 0; i < n; i++) {
            sum ^= bytes[i];
            for (int bit = 0; bit < 8; bit++)
                sum = sum & 1 ? sum >> 1 ^ UINT32_C(0xedb88320) : sum >> 1;
        }
        assert_int_equal(hwv_crc32(bytes, n), (uint32_t)~sum);
    }
}

static hwv_data open_data(const char *spec)
{
    hwv_data data;
    hwv_error error = {0};
    if (hwv_data_open(&data, spec, &error) != HWV_OK)
        fail_msg("%s: %s", spec, error.text);
    return data;
}

static void test_arrays(void **state)
{
    (void)state;
    hwv_data data = open_data("npz:" FIXTURES "keras.npz");
    assert_string_equal(data.name, "npz");
    assert_true(data.train.count == 4 && data.test.count == 2 && data.classes == 3);
    assert_true(data.rank == 3 && data.dims[0] == 3 && data.dims[1] == 2 && data.dims[2] == 1);
    assert_true(data.scale == 1.0f / 255 && data.train.bytes[23] == 23 && data.test.bytes[11] == 111);
    assert_true(data.train.labels[2] == 2 && data.test.labels[0] == 2 && data.test.labels[1] == 0);
    hwv_data_close(&data);
    if (!hwv_gzip_supported())
        return;
    data = open_data(FIXTURES "packed.npz");
    assert_non_null(strstr(data.description, "guessed to be NumPy's .npz"));
    assert_non_null(strstr(data.description, "the last 20 % are the test part"));
    assert_true(data.train.count == 16 && data.test.count == 4 && data.rank == 1 && data.features == 3);
    for (size_t i = 0; i < 48; i++)
        assert_true(data.train.floats[i] == (float)i);
    assert_true(data.test.floats[11] == 59 && data.test.labels[3] == 3);
    hwv_data_close(&data);
}

static void test_allocations(void **state)
{
    (void)state;
    refuse_each_allocation(hwv_data_open, FIXTURES "keras.npz", 12);
}

/* --- damage --- */

/* Of the whole file: what reading all its members gave. */
static uint32_t sum_of_all;

static hwv_status read_all(const void *bytes, size_t size, hwv_error *error)
{
    hwv_zip zip;
    sum_of_all = 0;
    HWV_TRY(hwv_zip_parse(&zip, bytes, size, error));
    hwv_status status = HWV_OK;
    for (size_t i = 0; i < zip.count && status == HWV_OK; i++) {
        hwv_file content = {0};
        status = hwv_zip_read(&content, &zip, &zip.members[i], error);
        if (status == HWV_OK)
            sum_of_all = sum_of_all * 31 + hwv_crc32(content.data, content.size) +
                         hwv_crc32(zip.members[i].name, zip.members[i].name_length);
        hwv_file_free(&content);
    }
    hwv_zip_free(&zip);
    return status;
}

static void damage(const char *path)
{
    hwv_file file;
    assert_int_equal(hwv_file_read(&file, path, 0, NULL, NULL), HWV_OK);
    assert_int_equal(read_all(file.data, file.size, NULL), HWV_OK);
    const uint32_t whole = sum_of_all;
    damage_cut(read_all, file.data, file.size);
    (void)damage_flip(read_all, file.data, file.size, file.size, 2000);
    /* A flipped bit is refused, or is one of those that say nothing of names and contents (dates, versions). */
    unsigned char *copy = damage_copy(file.data, file.size);
    size_t refused = 0, live = allocations_live();
    for (size_t bit = 0; bit < 8 * file.size; bit++) {
        copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
        hwv_status status = read_all(copy, file.size, NULL);
        refused += status != HWV_OK;
        if (status == HWV_OK && sum_of_all != whole)
            fail_msg("%s: bit %zu of byte %zu changed what was read", path, bit % 8, bit / 8);
        copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    assert_true(refused > 4 * file.size);
    assert_int_equal(allocations_live(), live);
    free(copy);
    hwv_file_free(&file);
}

static void test_damage(void **state)
{
    (void)state;
    damage(FIXTURES "keras.npz");
    if (hwv_gzip_supported())
        damage(FIXTURES "packed.npz");
}

/* --- archives of our own --- */

static unsigned char archive[4000];
static size_t archive_size, entries_size, entry_count;
static unsigned char entries[1000];

static void put(unsigned char *at, size_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static void begin(void)
{
    memset(archive, 0, sizeof archive);
    memset(entries, 0, sizeof entries);
    archive_size = entries_size = entry_count = 0;
}

/* A stored member. */
static void add(const char *name, const void *content, size_t size)
{
    size_t n = strlen(name);
    unsigned char *local = archive + archive_size, *entry = entries + entries_size;
    memcpy(local, "PK\3\4", 4);
    memcpy(entry, "PK\1\2", 4);
    put(local + 26, n, 2);
    memcpy(local + 30, name, n);
    memcpy(local + 30 + n, content, size);
    put(entry + 16, hwv_crc32(content, size), 4);
    put(entry + 20, size, 4);
    put(entry + 24, size, 4);
    put(entry + 28, n, 2);
    put(entry + 42, archive_size, 4);
    memcpy(entry + 46, name, n);
    archive_size += 30 + n + size;
    entries_size += 46 + n;
    entry_count++;
}

/* An array of `count` bytes 0, 1, 0, 1, ... of one dimension, or of two with `columns`. */
static void add_array(const char *name, size_t count, size_t columns)
{
    char bytes[300] = "\x93NUMPY\x01", shape[40];
    (void)snprintf(shape, sizeof shape, columns ? "(%zu, %zu)" : "(%zu,)", columns ? count / columns : count, columns);
    int n = snprintf(bytes + 10, 200, "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }", shape);
    bytes[8] = (char)n;
    for (size_t i = 0; i < count; i++)
        bytes[10 + (size_t)n + i] = (char)(i % 2);
    add(name, bytes, 10 + (size_t)n + count);
}

/* Directory and end record; the archive's path. */
static const char *finish(const char *comment)
{
    unsigned char *end = archive + archive_size + entries_size;
    memcpy(archive + archive_size, entries, entries_size);
    memcpy(end, "PK\5\6", 4);
    put(end + 8, entry_count, 2);
    put(end + 10, entry_count, 2);
    put(end + 12, entries_size, 4);
    put(end + 16, archive_size, 4);
    put(end + 20, strlen(comment), 2);
    memcpy(end + 22, comment, strlen(comment));
    archive_size += entries_size + 22 + strlen(comment);
    return scratch_write("own.npz", archive, archive_size);
}

static void test_names(void **state)
{
    (void)state;
    begin();
    add_array("images.npy", 20, 4);
    add_array("labels.npy", 5, 0);
    add_array("other.npy", 7, 0);
    hwv_data data = open_data(finish("a comment that ends in PK\5\6, as an end record begins"));
    assert_true(data.train.count == 4 && data.test.count == 1 && data.features == 4);
    hwv_data_close(&data);

    begin();
    add_array("x.npy", 20, 4);
    refuse(finish(""), HWV_ERR_FORMAT,
           "own.npz: no array of labels; accepted are y_train, train_labels, y, labels, target; the file has x.npy");
    begin();
    refuse(finish(""), HWV_ERR_FORMAT, "neither IDX nor .npy nor .npz");
    begin();
    add_array("x.npy", 20, 4);
    add_array("X.npy", 20, 4);
    add_array("y.npy", 5, 0);
    refuse(finish(""), HWV_ERR_FORMAT, "x.npy and X.npy: one of them is expected");
    begin();
    add_array("x.npy", 20, 4);
    add_array("y.npy", 5, 0);
    add_array("y.npy", 5, 0);
    refuse(finish(""), HWV_ERR_FORMAT, "y.npy and y.npy: one of them is expected");
    begin();
    add_array("x.npy", 20, 4);
    add_array("y.npy", 5, 0);
    add_array("x_test.npy", 20, 4);
    refuse(finish(""), HWV_ERR_FORMAT, "no array of test labels; accepted are y_test, test_labels");
    begin();
    add_array("x.npy", 20, 4);
    add_array("y.npy", 5, 0);
    add_array("x_test.npy", 10, 5);
    add_array("y_test.npy", 2, 0);
    refuse(finish(""), HWV_ERR_FORMAT, "training images of 4 values, but test images of 5 values");
    begin();
    add_array("x.npy", 20, 4);
    add_array("y.npy", 6, 0);
    refuse(finish(""), HWV_ERR_FORMAT, "own.npz: y.npy: 6 labels for 5 samples");
    begin();
    add_array("x.npy", 20, 0);
    add_array("y.npy", 20, 0);
    refuse(finish(""), HWV_ERR_FORMAT, "own.npz: x.npy: 1 dimension, samples have 2");
    begin();
    add("x.npy", "not an array", 12);
    add_array("y.npy", 20, 0);
    refuse(finish(""), HWV_ERR_FORMAT, "own.npz: x.npy: offset 0: a .npy file begins with");
    refuse("npz:" FIXTURES "f4.npy", HWV_ERR_FORMAT, "f4.npy: offset 0: a ZIP archive begins with PK 03 04");
    refuse("npz:/none", HWV_ERR_IO, "/none: cannot be opened");
}

/* One field of a good archive set to `value`: of the first entry (`from` 'e'), its local header ('l'), or the end
 * record ('r'). */
static void refuse_field(char from, size_t at, size_t bytes, size_t value, hwv_status wanted, const char *words)
{
    begin();
    add_array("x.npy", 20, 4);
    add_array("y.npy", 5, 0);
    size_t directory = archive_size;
    (void)finish("");
    put(archive + (from == 'l' ? 0 : from == 'e' ? directory : archive_size - 22) + at, value, bytes);
    refuse(scratch_write("own.npz", archive, archive_size), wanted, words);
}

static void test_fields(void **state)
{
    (void)state;
    refuse_field('e', 8, 2, 1, HWV_ERR_UNSUPPORTED, "x.npy: offset 239: the member is encrypted");
    refuse_field('e', 10, 2, 12, HWV_ERR_UNSUPPORTED,
                 "compression method 12; supported are 0 (stored) and 8 (deflated)");
    refuse_field('e', 16, 4, 0, HWV_ERR_FORMAT, "the member is damaged");
    refuse_field('e', 24, 4, 0xffffffff, HWV_ERR_UNSUPPORTED, "ZIP64");
    refuse_field('e', 42, 4, 0xffffffff, HWV_ERR_UNSUPPORTED, "ZIP64");
    refuse_field('e', 42, 4, 0x7fffffff, HWV_ERR_FORMAT, "offset 2147483647: the header of a member expected");
    refuse_field('e', 42, 4, 1, HWV_ERR_FORMAT, "offset 1: the header of a member expected");
    refuse_field('e', 24, 4, 1 << 30, HWV_ERR_FORMAT, "cannot unpack to the 1073741824 that are said");
    refuse_field('e', 20, 4, 1 << 30, HWV_ERR_FORMAT, "does not fit in front of the ZIP directory");
    refuse_field('e', 28, 2, 60000, HWV_ERR_FORMAT, "longer than the ZIP directory");
    refuse_field('e', 0, 1, 0, HWV_ERR_FORMAT, "an entry of the ZIP directory expected");
    refuse_field('l', 26, 2, 4, HWV_ERR_FORMAT, "the member has another name in the ZIP directory");
    refuse_field('l', 30, 1, 'z', HWV_ERR_FORMAT, "offset 30: the member has another name in the ZIP directory");
    refuse_field('l', 28, 2, 60000, HWV_ERR_FORMAT, "does not fit in front of the ZIP directory");
    refuse_field('r', 10, 2, 0xffff, HWV_ERR_UNSUPPORTED, "ZIP64");
    refuse_field('r', 16, 4, 0xffffffff, HWV_ERR_UNSUPPORTED, "ZIP64");
    refuse_field('r', 4, 2, 1, HWV_ERR_UNSUPPORTED, "in several files");
    refuse_field('r', 12, 4, 5, HWV_ERR_FORMAT, "a directory of 2 members in 5 bytes at offset");
    refuse_field('r', 20, 2, 1, HWV_ERR_FORMAT, "the ZIP archive has no end record: it is cut off");
    /* One member fewer: the directory is longer than its entries. */
    begin();
    add_array("x.npy", 20, 4);
    add_array("y.npy", 5, 0);
    (void)finish("");
    put(archive + archive_size - 14, 1, 2);
    put(archive + archive_size - 12, 1, 2);
    refuse(scratch_write("own.npz", archive, archive_size), HWV_ERR_FORMAT,
           "bytes after the last entry of the ZIP directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc32),  cmocka_unit_test(test_arrays), cmocka_unit_test(test_allocations),
        cmocka_unit_test(test_damage), cmocka_unit_test(test_names),  cmocka_unit_test(test_fields),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
