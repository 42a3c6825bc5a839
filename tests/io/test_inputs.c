/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Samples for inputs: every type of element in both byte orders, shards, archives, what is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "halfwave/inputs.h"
#include "io/bytes.h"
#include "io/inflate.h"
#include "io/npy.h"
#include "scratch.h"

#define FIXTURES HWV_SOURCE "/tests/io/fixtures/"

static const char *const x_name[] = {"x"};

/* A .npy file in the scratch folder. */
static const char *write_npy(const char *name, const char *descr, size_t rank, const size_t *shape, const void *bytes,
                             size_t size)
{
    static unsigned char content[1 << 20];
    size_t header = hwv_npy_write_header((char *)content, descr, false, rank, shape);
    assert_true(header + size <= sizeof content);
    memcpy(content + header, bytes, size);
    return scratch_write(name, content, header + size);
}

static const char *write_floats(const char *name, size_t rank, const size_t *shape, float first)
{
    static float values[4096];
    size_t count = 1;
    for (size_t i = 0; i < rank; i++)
        count *= shape[i];
    for (size_t i = 0; i < count; i++)
        values[i] = first + (float)i;
    return write_npy(name, hwv_host_is_little() ? "<f4" : ">f4", rank, shape, values, count * sizeof *values);
}

static hwv_inputs *open_paths(const char *const *paths, size_t count, const hwv_inputs_options *options)
{
    hwv_inputs *inputs;
    hwv_error error = {0};
    if (hwv_inputs_open(&inputs, paths, count, x_name, 1, options, &error) != HWV_OK)
        fail_msg("%s: %s", paths[0], error.text);
    return inputs;
}

static hwv_inputs *open_one(const char *path)
{
    return open_paths(&path, 1, NULL);
}

/* All samples in pieces of `rows`; returns how many. */
static size_t read_pieces(hwv_inputs *inputs, size_t rows, size_t features, void *out, const bool *integers)
{
    size_t total = 0, got;
    do {
        void *into = (char *)out + total * features * 4;
        hwv_error error = {0};
        if (hwv_inputs_read(inputs, rows, &into, integers, &got, &error) != HWV_OK)
            fail_msg("%s", error.text);
        total += got;
    } while (got == rows);
    return total;
}

static void refuse_paths(const char *const *paths, size_t count, const char *const *names, size_t name_count,
                         const hwv_inputs_options *options, hwv_status wanted, const char *words)
{
    hwv_inputs *inputs;
    hwv_error error = {0};
    size_t live = allocations_live();
    hwv_status status = hwv_inputs_open(&inputs, paths, count, names, name_count, options, &error);
    if (status != wanted || !strstr(error.text, words))
        fail_msg("%s: %s '%s', wanted %s '%s'", paths[0], hwv_status_name(status), error.text, hwv_status_name(wanted),
                 words);
    assert_null(inputs);
    assert_int_equal(allocations_live(), live);
}

static void refuse_one(const char *path, hwv_status wanted, const char *words)
{
    refuse_paths(&path, 1, x_name, 1, NULL, wanted, words);
}

/* ---- types ---- */

typedef struct sample_type {
    const char *code;
    unsigned char bytes[3][8]; /* big-endian, of three values */
    double values[3];
} sample_type;

static const sample_type types[] = {
    {"f2", {{0x3c, 0x00}, {0xc5, 0x40}, {0x00, 0x01}}, {1, -5.25, 0x1p-24}},
    {"f4", {{0x3f, 0x80}, {0xc0, 0xa8}, {0x7f, 0x7f, 0xff, 0xff}}, {1, -5.25, 0x1.fffffep127}},
    {"f8", {{0x3f, 0xf0}, {0xc0, 0x15}, {0x41, 0x52, 0xd6, 0x87, 0x00}}, {1, -5.25, 4938268}},
    {"i1", {{0x01}, {0x80}, {0x7f}}, {1, -128, 127}},
    {"i2", {{0x00, 0x01}, {0x80, 0x00}, {0x7f, 0xff}}, {1, -32768, 32767}},
    {"i4", {{0, 0, 0, 1}, {0xff, 0xff, 0xff, 0xfe}, {0, 1, 0, 0}}, {1, -2, 65536}},
    {"i8", {{0, 0, 0, 0, 0, 0, 0, 1}, {255, 255, 255, 255, 255, 255, 255, 254}, {0, 0, 0, 0, 1}}, {1, -2, 16777216}},
    {"u2", {{0x00, 0x01}, {0x80, 0x00}, {0xff, 0xff}}, {1, 32768, 65535}},
    {"u4", {{0, 0, 0, 1}, {0x80, 0, 0, 0}, {0, 1, 0, 0}}, {1, 2147483648.0, 65536}},
    {"u8", {{0, 0, 0, 0, 0, 0, 0, 1}, {0x80}, {0, 0, 0, 0, 1}}, {1, 0x1p63, 16777216}},
    {"b1", {{0}, {1}, {7}}, {0, 1, 1}},
};

static void test_types(void **state)
{
    (void)state;
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        for (int big = 0; big < 2; big++) {
            size_t width = (size_t)(types[t].code[1] - '0'), shape[2] = {3, 1};
            unsigned char bytes[24];
            char descr[8];
            for (size_t i = 0; i < 3; i++)
                for (size_t b = 0; b < width; b++)
                    bytes[i * width + b] = types[t].bytes[i][big ? b : width - 1 - b];
            (void)snprintf(descr, sizeof descr, "%c%s", width == 1 ? '|' : big ? '>' : '<', types[t].code);
            hwv_inputs *inputs = open_one(write_npy("t.npy", descr, 2, shape, bytes, 3 * width));
            float values[3];
            assert_int_equal(read_pieces(inputs, 2, 1, values, NULL), 3);
            for (size_t i = 0; i < 3; i++)
                if (values[i] != (float)types[t].values[i])
                    fail_msg("%s: %g, wanted %g", descr, (double)values[i], types[t].values[i]);
            hwv_inputs_close(inputs);
        }
}

static void test_special_halves(void **state)
{
    (void)state;
    assert_true(hwv_half_to_float(0x7c00) == INFINITY && hwv_half_to_float(0xfc00) == -INFINITY);
    assert_true(isnan(hwv_half_to_float(0x7e00)) && signbit(hwv_half_to_float(0x8000)));
    assert_true(hwv_half_to_float(0x7bff) == 65504 && hwv_half_to_float(0x0400) == 0x1p-14f);
    assert_true(hwv_half_to_float(0x83ff) == -0x1.ff8p-15f);
}

static void test_integers(void **state)
{
    (void)state;
    const size_t shape[2] = {2, 2};
    const bool whole = true;
    int32_t numbers[4];
    const unsigned char tokens[32] = {5, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0, 1};
    hwv_inputs *inputs = open_one(write_npy("i.npy", "<i8", 2, shape, tokens, sizeof tokens));
    assert_int_equal(read_pieces(inputs, 5, 2, numbers, &whole), 2);
    assert_true(numbers[0] == 5 && numbers[1] == -1 && numbers[2] == 256 && numbers[3] == 0);
    hwv_inputs_close(inputs);
    /* 2^32 does not fit, 1.5 is none. */
    const unsigned char large[32] = {[12] = 1};
    inputs = open_one(write_npy("l.npy", "<i8", 2, shape, large, sizeof large));
    void *into = numbers;
    hwv_error error = {0};
    size_t got;
    assert_int_equal(hwv_inputs_read(inputs, 2, &into, &whole, &got, &error), HWV_ERR_FORMAT);
    assert_non_null(strstr(error.text, "4.29497e+09 in sample 0"));
    hwv_inputs_close(inputs);
    inputs = open_one(write_floats("f.npy", 2, shape, 0.5f));
    assert_int_equal(hwv_inputs_read(inputs, 2, &into, &whole, &got, &error), HWV_ERR_FORMAT);
    assert_non_null(strstr(error.text, "0.5 in sample 0, a whole number"));
    hwv_inputs_close(inputs);
}

/* ---- shards ---- */

static void test_shards(void **state)
{
    (void)state;
    const size_t three[3] = {3, 2, 2}, none[3] = {0, 2, 2}, five[3] = {5, 2, 2};
    const char *const paths[] = {write_floats("a.npy", 3, three, 0), write_floats("b.npy", 3, none, 0),
                                 write_floats("c.npy", 3, five, 12)};
    float values[32];
    for (size_t rows = 1; rows < 10; rows++) {
        hwv_inputs *inputs = open_paths(paths, 3, NULL);
        hwv_shape shape = hwv_inputs_shape(inputs, 0);
        assert_true(shape.rank == 3 && shape.dim[0] == 8 && shape.dim[1] == 2 && hwv_inputs_count(inputs) == 8);
        assert_true(hwv_inputs_shard_count(inputs) == 3 && hwv_inputs_shard(inputs, 1) == 0 &&
                    hwv_inputs_shard(inputs, 2) == 5);
        for (int round = 0; round < 2; round++) {
            memset(values, 0, sizeof values);
            assert_int_equal(read_pieces(inputs, rows, 4, values, NULL), 8);
            for (size_t i = 0; i < 32; i++)
                assert_true(values[i] == (float)i);
            assert_int_equal(hwv_inputs_rewind(inputs, NULL), HWV_OK);
        }
        hwv_inputs_close(inputs);
    }
    const size_t wide[3] = {3, 2, 3};
    const char *const unlike[] = {paths[0], write_floats("w.npy", 3, wide, 0)};
    refuse_paths(unlike, 2, x_name, 1, NULL, HWV_ERR_SHAPE, "w.npy: samples of shape [3, 2, 3], but [3, 2, 2] in");
    refuse_one(paths[1], HWV_ERR_FORMAT, "no samples");
}

/* Each file by its own type: bytes are scaled, and floats beside them are not. */
static void test_shards_of_two_types(void **state)
{
    (void)state;
    const size_t shape[2] = {1, 3};
    const unsigned char bytes[3] = {0, 51, 255};
    const char *const u1 = write_npy("u1.npy", "|u1", 2, shape, bytes, 3), *const f4 =
                                                                               write_floats("f4.npy", 2, shape, 7);
    for (int first = 0; first < 2; first++)
        for (int plain = 0; plain < 2; plain++) {
            const char *const paths[] = {first ? f4 : u1, first ? u1 : f4};
            const hwv_inputs_options options = {.plain_bytes = plain};
            float values[6];
            hwv_inputs *inputs = open_paths(paths, 2, &options);
            assert_true(hwv_inputs_scaled(inputs, 0) == !plain);
            assert_int_equal(read_pieces(inputs, 4, 3, values, NULL), 2);
            for (size_t i = 0; i < 3; i++) {
                assert_true(values[first ? 3 + i : i] == (float)bytes[i] * (plain ? 1 : 1.0f / 255));
                assert_true(values[first ? i : 3 + i] == 7 + (float)i);
            }
            hwv_inputs_close(inputs);
        }
}

static void test_normalised(void **state)
{
    (void)state;
    const size_t images[4] = {2, 3, 1, 2}, rows[2] = {2, 3};
    const double mean[3] = {1, 2, 3}, std[3] = {2, 4, 8};
    float values[12];
    hwv_inputs_options options = {.mean = mean, .std = std, .mean_count = 3, .std_count = 3};
    const char *path = write_floats("n.npy", 4, images, 0);
    hwv_inputs *inputs = open_paths(&path, 1, &options);
    assert_int_equal(read_pieces(inputs, 3, 6, values, NULL), 2);
    for (size_t i = 0; i < 12; i++)
        assert_true(values[i] == ((float)i - (float)mean[i / 2 % 3]) / (float)std[i / 2 % 3]);
    hwv_inputs_close(inputs);
    path = write_floats("r.npy", 2, rows, 0);
    options.std_count = 1;
    inputs = open_paths(&path, 1, &options);
    assert_int_equal(read_pieces(inputs, 1, 3, values, NULL), 2);
    for (size_t i = 0; i < 6; i++)
        assert_true(values[i] == ((float)i - (float)mean[i % 3]) / 2);
    hwv_inputs_close(inputs);
    options.mean_count = 2;
    refuse_paths(&path, 1, x_name, 1, &options, HWV_ERR_SHAPE, "mean: 2 numbers for 3 channels of 'x'");
    options = (hwv_inputs_options){.std = &(double){0}, .std_count = 1};
    refuse_paths(&path, 1, x_name, 1, &options, HWV_ERR_ARGUMENT, "std 0: a number above 0");
}

/* ---- other formats ---- */

static void test_archives(void **state)
{
    (void)state;
    const char *path = FIXTURES "keras.npz", *const names[] = {"x_train", "y_train"}, *const wrong[] = {"tokens"};
    hwv_inputs *inputs;
    hwv_error error = {0};
    float x[24], y[4];
    void *const into[] = {x, y};
    size_t got;
    assert_int_equal(hwv_inputs_open(&inputs, &path, 1, names, 2, NULL, &error), HWV_OK);
    assert_true(hwv_inputs_scaled(inputs, 0) && hwv_inputs_shape(inputs, 0).rank == 3);
    assert_int_equal(hwv_inputs_read(inputs, 9, into, NULL, &got, &error), HWV_OK);
    assert_true(got == 4 && x[23] == 23 * (1.0f / 255) && y[2] == 2 * (1.0f / 255));
    hwv_inputs_close(inputs);
    refuse_paths(&path, 1, wrong, 1, NULL, HWV_ERR_NAME, "no array 'tokens'; the file has x_train.npy");
    const char *const both[] = {"x_train", "x_test"};
    refuse_paths(&path, 1, both, 2, NULL, HWV_ERR_SHAPE, "2 samples of 'x_test', but 4 of 'x_train'");
    /* --input picks one whatever the network's input is called. */
    const hwv_inputs_options options = {.name = "y_train", .plain_bytes = true};
    inputs = open_paths(&path, 1, &options);
    assert_true(!hwv_inputs_scaled(inputs, 0) && hwv_inputs_count(inputs) == 4);
    hwv_inputs_close(inputs);
    char **listed;
    size_t count;
    assert_int_equal(hwv_inputs_names(&listed, &count, path, &error), HWV_OK);
    assert_true(count == 4 && strcmp(listed[0], "x_train") == 0 && strcmp(listed[3], "y_test") == 0);
    hwv_inputs_names_free(listed, count);
    const size_t shape[2] = {2, 2};
    const char *plain = write_floats("p.npy", 2, shape, 0);
    refuse_paths(&plain, 1, names, 2, NULL, HWV_ERR_NAME, "one array without a name, but 2 inputs are wanted");
}

static void test_deflated(void **state)
{
    (void)state;
    if (!hwv_gzip_supported())
        skip();
    const char *path = FIXTURES "packed.npz";
    static float values[60];
    const hwv_inputs_options options = {.name = "X"};
    hwv_inputs *inputs = open_paths(&path, 1, &options);
    assert_int_equal(read_pieces(inputs, 7, 3, values, NULL), 20);
    for (size_t i = 0; i < 60; i++)
        assert_true(values[i] == (float)i);
    hwv_inputs_close(inputs);
    inputs = open_one(FIXTURES "single.npz"); /* the only array, whatever its name */
    assert_int_equal(hwv_inputs_count(inputs), 4);
    hwv_inputs_close(inputs);
    inputs = open_one(FIXTURES "images-idx3-ubyte.gz");
    assert_true(hwv_inputs_shape(inputs, 0).rank == 3 && hwv_inputs_scaled(inputs, 0));
    hwv_inputs_close(inputs);
}

static void test_csv(void **state)
{
    (void)state;
    static const char text[] = "a,b,c\n1,2,0\n3.5,-4,1\n";
    const char *path = scratch_write("t.csv", text, sizeof text - 1);
    float values[6];
    hwv_inputs *inputs = open_one(path);
    assert_int_equal(read_pieces(inputs, 2, 3, values, NULL), 2);
    assert_true(values[3] == 3.5f && values[5] == 1);
    hwv_inputs_close(inputs);
    const hwv_inputs_options options = {.csv_labels = true};
    inputs = open_paths(&path, 1, &options);
    assert_int_equal(read_pieces(inputs, 1, 2, values, NULL), 2);
    assert_true(values[1] == 2 && values[2] == 3.5f && values[3] == -4);
    hwv_inputs_close(inputs);
}

/* ---- damage ---- */

static void test_refused(void **state)
{
    (void)state;
    const size_t shape[2] = {4, 4}, scalar = 0;
    refuse_one(scratch_path("missing.npy"), HWV_ERR_IO, "cannot be opened");
    refuse_one(scratch_folder, HWV_ERR_IO, "is a folder");
    refuse_one(FIXTURES "fortran.npy", HWV_ERR_UNSUPPORTED, "Fortran order");
    refuse_one(FIXTURES "records.npy", HWV_ERR_UNSUPPORTED, "records");
    refuse_one(write_npy("c.npy", "<c8", 2, shape, types, 128), HWV_ERR_UNSUPPORTED, "elements of type '<c8'");
    refuse_one(write_npy("s.npy", "<f4", 0, &scalar, "1234", 4), HWV_ERR_SHAPE, "a single number");
    refuse_one(write_npy("cut.npy", "<f4", 2, shape, types, 60), HWV_ERR_FORMAT, "the file ends after 60 of the");
    refuse_one(write_npy("long.npy", "<f4", 2, shape, types, 65), HWV_ERR_FORMAT, "bytes after the end");
    refuse_one(scratch_write("empty", "", 0), HWV_ERR_FORMAT, "the file is empty");
    refuse_one(scratch_write("noise", "\1\2\3\4\5\6\7", 7), HWV_ERR_FORMAT, "neither IDX nor .npy");
}

/* Every truncation of an archive, and every flipped byte, is refused or gives the same numbers or others, but no crash
 * and nothing left behind. */
static void test_damaged_archives(void **state)
{
    (void)state;
    static unsigned char bytes[8192], copy[8192];
    const char *names[] = {"keras.npz", "packed.npz"};
    for (size_t n = 0; n < (hwv_gzip_supported() ? 2 : 1); n++) {
        char path[300];
        (void)snprintf(path, sizeof path, FIXTURES "%s", names[n]);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        size_t size = fread(bytes, 1, sizeof bytes, file), live = allocations_live(), refused = 0;
        (void)fclose(file);
        assert_true(size < sizeof bytes);
        for (size_t i = 0; i < 2 * size; i++) {
            static float values[4096];
            void *into = values;
            hwv_inputs *inputs;
            size_t got;
            memcpy(copy, bytes, size);
            copy[i % size] ^= i < size ? 0 : 0x41;
            const char *damaged = scratch_write("d.npz", copy, i < size ? i : size);
            const hwv_inputs_options options = {.name = n == 0 ? "x_train" : "X"};
            hwv_status status = hwv_inputs_open(&inputs, &damaged, 1, x_name, 1, &options, NULL);
            if (status == HWV_OK && hwv_inputs_shape(inputs, 0).dim[0] < 64)
                status = hwv_inputs_read(inputs, 64, &into, NULL, &got, NULL);
            refused += status != HWV_OK;
            hwv_inputs_close(inputs);
            assert_int_equal(allocations_live(), live);
            if (i < size)
                assert_int_not_equal(status, HWV_OK);
        }
        assert_true(refused > size);
    }
}

static void test_allocations(void **state)
{
    (void)state;
    const size_t shape[2] = {4, 4};
    const char *paths[] = {write_floats("a.npy", 2, shape, 0), write_floats("b.npy", 2, shape, 0)};
    const double mean = 1;
    const hwv_inputs_options options = {.mean = &mean, .mean_count = 1};
    size_t live = allocations_live(), n = 0;
    for (hwv_status status = HWV_ERR_MEMORY; status != HWV_OK;) {
        hwv_inputs *inputs;
        float values[32];
        void *into = values;
        size_t got;
        allocations_fail_at(++n);
        status = hwv_inputs_open(&inputs, paths, 2, x_name, 1, &options, NULL);
        if (status == HWV_OK)
            status = hwv_inputs_read(inputs, 8, &into, NULL, &got, NULL);
        allocations_fail_at(0);
        assert_true(status == HWV_OK || status == HWV_ERR_MEMORY);
        hwv_inputs_close(inputs);
        assert_int_equal(allocations_live(), live);
    }
    assert_true(n > 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_special_halves),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_shards),
        cmocka_unit_test(test_shards_of_two_types),
        cmocka_unit_test(test_normalised),
        cmocka_unit_test(test_archives),
        cmocka_unit_test(test_deflated),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_allocations),
        cmocka_unit_test(test_damaged_archives),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
