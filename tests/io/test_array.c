/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Arrays of .npy files, piece by piece: orders, byte orders, shapes, damage, nothing half-written. */
#include "halfwave/array.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "allocations.h"
#include "io/bytes.h"
#include "io/file.h"
#include "scratch.h"

#define FIXTURES HWV_SOURCE "/tests/io/fixtures/"
#define FLOATS   (1u << HWV_ARRAY_F32 | 1u << HWV_ARRAY_F64)
#define ANY      (FLOATS | 1u << HWV_ARRAY_U64)

/* A file by hand: version 1, this dictionary, `size` bytes. */
static const char *by_hand(const char *dictionary, const void *data, size_t size)
{
    unsigned char bytes[1000] = "\x93NUMPY\x01";
    size_t n = strlen(dictionary);
    bytes[8] = (unsigned char)n;
    memcpy(bytes + 10, dictionary, n);
    if (size > 0)
        memcpy(bytes + 10 + n, data, size);
    return scratch_write("hand.npy", bytes, 10 + n + size);
}

static void refuse(const char *path, unsigned types, hwv_status wanted, const char *words)
{
    hwv_array_reader *reader;
    hwv_error error = {0};
    hwv_status status = hwv_array_open(&reader, path, types, &error);
    if (status != wanted || !strstr(error.text, words) || !strstr(error.text, path) || reader)
        fail_msg("%s '%s', wanted %s '%s'", hwv_status_name(status), error.text, hwv_status_name(wanted), words);
}

static void test_big_endian(void **state)
{
    (void)state;
    static const unsigned char data[8] = {0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0};
    hwv_array_reader *reader;
    hwv_error error = {0};
    float x[2];
    const char *path = by_hand("{'descr': '>f4', 'fortran_order': False, 'shape': (2,)}", data, 8);
    assert_int_equal(hwv_array_open(&reader, path, FLOATS, &error), HWV_OK);
    assert_int_equal(hwv_array_read(reader, x, 2, &error), HWV_OK);
    assert_true(x[0] == 1 && x[1] == -2);
    hwv_array_close(reader);
}

/* Where both orders are one, the word of the file does not matter. */
static void test_orders(void **state)
{
    (void)state;
    static const struct {
        const char *shape;
        size_t count;
        bool fortran;
    } cases[] = {
        {"(2, 3)", 6, true}, {"(6,)", 6, false}, {"(1, 6, 1)", 6, false}, {"()", 1, false}, {"(2, 0)", 0, false}};
    static const float zeros[6];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        hwv_array_reader *reader;
        snprintf(text, sizeof text, "{'descr': '<f4', 'fortran_order': True, 'shape': %s}", cases[i].shape);
        assert_int_equal(hwv_array_open(&reader, by_hand(text, zeros, 4 * cases[i].count), FLOATS, NULL), HWV_OK);
        assert_int_equal(hwv_array_of(reader)->count, cases[i].count);
        assert_int_equal(hwv_array_of(reader)->fortran, cases[i].fortran);
        hwv_array_close(reader);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const float two[2];
    refuse(FIXTURES "half.npy", FLOATS, HWV_ERR_UNSUPPORTED, "type '<f2', float32 or float64 is wanted");
    refuse(FIXTURES "i4.npy", 1u << HWV_ARRAY_U64, HWV_ERR_UNSUPPORTED,
           "uint64 is wanted (numpy: x.astype(\"uint64\"))");
    refuse(FIXTURES "f4.npy", 1u << HWV_ARRAY_F64, HWV_ERR_UNSUPPORTED, "float64 is wanted");
    refuse(FIXTURES "records.npy", ANY, HWV_ERR_UNSUPPORTED, "records");
    refuse(FIXTURES, ANY, HWV_ERR_IO, "is a folder");
    refuse("no/such.npy", ANY, HWV_ERR_IO, "cannot be opened");
    refuse(by_hand("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", two, 8), ANY, HWV_ERR_FORMAT,
           "the file ends after 8 of the array's 12 bytes");
    refuse(by_hand("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", two, 8), ANY, HWV_ERR_FORMAT,
           "bytes after the end");
    refuse(by_hand("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,)}", two, 8), ANY,
           HWV_ERR_FORMAT, "does not fit memory");
    refuse(by_hand("{'descr': '', 'fortran_order': False, 'shape': (1,)}", two, 8), ANY, HWV_ERR_UNSUPPORTED,
           "type ''");
    refuse(scratch_write("z.gz", "\x1f\x8b\x08 and more bytes than twelve", 30), ANY, HWV_ERR_UNSUPPORTED, "gzip");
    refuse(scratch_write("long.npy", "\x93NUMPY\x02\x00\xff\xff\xff\x7f{", 13), ANY, HWV_ERR_FORMAT, "ends inside");
    refuse(scratch_write("no.npy", "", 0), ANY, HWV_ERR_FORMAT, "ends inside");
}

/* What is written is read again, in pieces of any size, also of an array larger than the first block. */
static void test_round_trip(void **state)
{
    (void)state;
    enum { COUNT = 70001 };
    static double x[COUNT], got[COUNT];
    const char *path = scratch_path("round.npy");
    for (size_t i = 0; i < COUNT; i++)
        x[i] = sin((double)i);
    static const size_t pieces[] = {1, 7, 16384, COUNT};
    for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
        hwv_array array = {.type = HWV_ARRAY_F64, .rank = 1, .shape = {COUNT}, .count = COUNT};
        hwv_array_writer *writer;
        hwv_array_reader *reader;
        assert_int_equal(hwv_array_create(&writer, path, &array, NULL), HWV_OK);
        for (size_t i = 0, n; i < COUNT; i += n) {
            n = COUNT - i < pieces[p] ? COUNT - i : pieces[p];
            assert_int_equal(hwv_array_write(writer, x + i, n, NULL), HWV_OK);
        }
        assert_int_equal(hwv_array_commit(writer, NULL), HWV_OK);
        assert_int_equal(hwv_array_open(&reader, path, FLOATS, NULL), HWV_OK);
        assert_true(hwv_array_same_shape(&array, hwv_array_of(reader)));
        memset(got, 0, sizeof got);
        for (size_t i = 0, n; i < COUNT; i += n) {
            n = COUNT - i < pieces[p] ? COUNT - i : pieces[p];
            assert_int_equal(hwv_array_read(reader, got + i, n, NULL), HWV_OK);
        }
        hwv_array_close(reader);
        assert_memory_equal(x, got, sizeof x);
    }
}

/* Every rank there is, in both orders; also into the file that is being read. */
static void test_shapes(void **state)
{
    (void)state;
    const char *path = scratch_path("shape.npy");
    for (size_t rank = 0; rank <= HWV_ARRAY_DIMS; rank++)
        for (int fortran = 0; fortran < 2; fortran++) {
            hwv_array array = {.type = HWV_ARRAY_F32, .rank = rank, .count = 1};
            for (size_t i = 0; i < rank; i++) {
                array.shape[i] = i < 2 ? 2 + i : 1;
                array.count *= array.shape[i];
            }
            array.fortran = fortran && rank >= 2;
            float x[6] = {1, 2, 3, 4, 5, 6}, got[6];
            hwv_array_writer *writer;
            hwv_array_reader *reader;
            assert_int_equal(hwv_array_create(&writer, path, &array, NULL), HWV_OK);
            assert_int_equal(hwv_array_write(writer, x, array.count, NULL), HWV_OK);
            assert_int_equal(hwv_array_commit(writer, NULL), HWV_OK);
            assert_int_equal(hwv_array_open(&reader, path, FLOATS, NULL), HWV_OK);
            const hwv_array *read = hwv_array_of(reader);
            assert_true(hwv_array_same_shape(&array, read) && read->fortran == array.fortran);
            assert_int_equal(hwv_array_create(&writer, path, read, NULL), HWV_OK);
            assert_int_equal(hwv_array_write(writer, x, array.count, NULL), HWV_OK);
            assert_int_equal(hwv_array_commit(writer, NULL), HWV_OK);
            assert_int_equal(hwv_array_read(reader, got, array.count, NULL), HWV_OK);
            assert_memory_equal(x, got, 4 * array.count);
            hwv_array_close(reader);
        }
}

/* An abandoned file leaves the old one and no other. */
static void test_abandoned(void **state)
{
    (void)state;
    const char *path = scratch_write("old.npy", "old", 3);
    hwv_array array = {.type = HWV_ARRAY_F32, .rank = 1, .shape = {2}, .count = 2};
    const float x[2] = {1, 2};
    hwv_array_writer *writer;
    hwv_file file;
    char name[400];
    assert_int_equal(hwv_array_create(&writer, path, &array, NULL), HWV_OK);
    assert_int_equal(hwv_array_write(writer, x, 1, NULL), HWV_OK);
    hwv_array_abandon(writer);
    assert_int_equal(hwv_file_read(&file, path, 0, NULL, NULL), HWV_OK);
    assert_int_equal(file.size, 3);
    hwv_file_free(&file);
    snprintf(name, sizeof name, "%s.%ld-0.tmp", path, (long)getpid());
    assert_int_not_equal(access(name, F_OK), 0);
    hwv_error error = {0};
    assert_int_equal(hwv_array_create(&writer, "no/such.npy", &array, &error), HWV_ERR_IO);
    assert_null(writer);
    if (access("/dev/full", W_OK) == 0) {
        assert_int_equal(hwv_array_create(&writer, "/dev/full", &array, &error), HWV_ERR_IO);
        assert_null(writer);
    }
}

/* A pipe has no length: what is missing or too much shows at the end. */
static void through_pipe(size_t cut, size_t more, hwv_status wanted)
{
    static const char dictionary[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (4,)}";
    static const float x[5] = {1, 2, 3, 4, 5};
    unsigned char bytes[200] = "\x93NUMPY\x01";
    size_t n = sizeof dictionary - 1;
    int ends[2], kept = dup(STDIN_FILENO);
    bytes[8] = (unsigned char)n;
    memcpy(bytes + 10, dictionary, n);
    memcpy(bytes + 10 + n, x, sizeof x);
    assert_int_equal(pipe(ends), 0);
    assert_true(write(ends[1], bytes, 10 + n + 16 - cut + more) > 0);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    hwv_array_reader *reader;
    float got[4];
    assert_int_equal(hwv_array_open(&reader, "-", FLOATS, NULL), HWV_OK);
    assert_int_equal(hwv_array_read(reader, got, 1, NULL), HWV_OK);
    assert_int_equal(hwv_array_read(reader, got + 1, 3, NULL), wanted);
    hwv_array_close(reader);
    dup2(kept, STDIN_FILENO);
    close(kept);
}

static void test_pipe(void **state)
{
    (void)state;
    through_pipe(0, 0, HWV_OK);
    through_pipe(1, 0, HWV_ERR_FORMAT);
    through_pipe(0, 1, HWV_ERR_FORMAT);
}

static void test_allocations(void **state)
{
    (void)state;
    const char *path = scratch_path("memory.npy");
    hwv_array array = {.type = HWV_ARRAY_U64, .rank = 1, .shape = {1}, .count = 1};
    const uint64_t x = 5;
    hwv_array_writer *writer = NULL;
    hwv_array_reader *reader = NULL;
    for (size_t n = 1; n < 10; n++) {
        allocations_fail_at(n);
        hwv_status status = hwv_array_create(&writer, path, &array, NULL);
        allocations_fail_at(0);
        if (status == HWV_OK) {
            assert_true(n > 2);
            break;
        }
        assert_int_equal(status, HWV_ERR_MEMORY);
    }
    assert_int_equal(hwv_array_write(writer, &x, 1, NULL), HWV_OK);
    assert_int_equal(hwv_array_commit(writer, NULL), HWV_OK);
    for (size_t n = 1; n < 10; n++) {
        allocations_fail_at(n);
        hwv_status status = hwv_array_open(&reader, path, ANY, NULL);
        allocations_fail_at(0);
        if (status == HWV_OK) {
            assert_true(n > 2);
            break;
        }
        assert_int_equal(status, HWV_ERR_MEMORY);
    }
    hwv_array_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_big_endian), cmocka_unit_test(test_orders),      cmocka_unit_test(test_refused),
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_shapes),      cmocka_unit_test(test_abandoned),
        cmocka_unit_test(test_pipe),       cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
