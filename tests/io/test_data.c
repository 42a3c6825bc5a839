/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Data sets: the embedded one, files and folders, guesses, names with typing errors, gathering. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "halfwave/clock.h"
#include "halfwave/data.h"
#include "io/digits.h"
#include "io/file.h"
#include "io/inflate.h"
#include "io/sha256.h"
#include "refuse.h"
#include "scratch.h"

#define FIXTURES HWV_SOURCE "/tests/io/fixtures/"

static hwv_data open_data(const char *spec)
{
    hwv_data data;
    hwv_error error = {0};
    if (hwv_data_open(&data, spec, &error) != HWV_OK)
        fail_msg("%s: %s", spec, error.text);
    assert_true(data.description[0] != '\0' && data.name[0] != '\0');
    assert_int_equal(data.features, data.dims[0] * data.dims[1] * data.dims[2]);
    return data;
}

static const char *spec_of(const char *prefix, const char *first, const char *second)
{
    static char spec[500];
    (void)snprintf(spec, sizeof spec, "%s%s%s%s", prefix, first, second ? "," : "", second ? second : "");
    return spec;
}

static void test_digits(void **state)
{
    (void)state;
    size_t before = allocations_count();
    hwv_data data = open_data("digits");
    assert_int_equal(allocations_count(), before);
    assert_string_equal(data.name, "digits");
    assert_int_equal(data.train.count, 1437);
    assert_int_equal(data.test.count, 360);
    assert_true(data.rank == 3 && data.dims[0] == 8 && data.dims[1] == 8 && data.dims[2] == 1);
    assert_int_equal(data.classes, 10);
    assert_true(data.scale == 1.0f / 16);
    assert_ptr_equal(data.test.bytes, data.train.bytes + 1437 * 64);

    /* The bytes that the data set's own file has, printed as it prints them. */
    hwv_sha256 sum;
    char hex[65], line[400];
    hwv_sha256_begin(&sum);
    for (size_t i = 0; i < HWV_DIGITS_COUNT; i++) {
        size_t n = 0;
        for (size_t j = 0; j < 64; j++)
            n += (size_t)snprintf(line + n, sizeof line - n, "%u,", (unsigned)hwv_digits_pixels[i * 64 + j]);
        n += (size_t)snprintf(line + n, sizeof line - n, "%d\n", (int)hwv_digits_labels[i]);
        hwv_sha256_add(&sum, line, n);
    }
    hwv_sha256_end(&sum, hex);
    assert_string_equal(hex, "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8");
    hwv_data_close(&data);
    assert_null(data.train.bytes);
    hwv_data_close(&data);
}

static void test_gather(void **state)
{
    (void)state;
    hwv_data data = open_data("digits");
    static const uint32_t rows[] = {5, 1436, 0, 5};
    float x[4 * 64 + 1];
    int32_t labels[5] = {-7, -7, -7, -7, -7};
    x[4 * 64] = -7;
    hwv_data_gather(&data, &data.train, rows, 99, 4, x, labels);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(labels[i], hwv_digits_labels[rows[i]]);
        for (size_t j = 0; j < 64; j++)
            assert_true(x[i * 64 + j] == (float)hwv_digits_pixels[rows[i] * 64 + j] / 16);
    }
    hwv_data_gather(&data, &data.test, NULL, 358, 2, x, labels);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(labels[i], hwv_digits_labels[1437 + 358 + i]);
        for (size_t j = 0; j < 64; j++)
            assert_true(x[i * 64 + j] == (float)hwv_digits_pixels[(1437 + 358 + i) * 64 + j] / 16);
    }
    assert_true(x[4 * 64] == -7 && labels[4] == -7);
    hwv_data_close(&data);
}

static void test_idx(void **state)
{
    (void)state;
    if (!hwv_gzip_supported())
        skip();
    hwv_data data = open_data(spec_of("idx:", FIXTURES "images-idx3-ubyte.gz", FIXTURES "labels-idx1-ubyte.gz"));
    assert_true(data.train.count == 4 && data.test.count == 1 && data.classes == 3);
    assert_true(data.rank == 3 && data.dims[0] == 2 && data.dims[1] == 3 && data.dims[2] == 1);
    float x[2 * 6]; /* features is no multiple of a vector */
    int32_t labels[2];
    hwv_data_gather(&data, &data.train, NULL, 2, 2, x, labels);
    assert_true(labels[0] == 2 && labels[1] == 1);
    for (size_t i = 0; i < 12; i++)
        assert_true(x[i] == (float)(12 + i) * (1.0f / 255));
    hwv_data_close(&data);

    data = open_data(FIXTURES "images-idx3-ubyte.gz");
    assert_non_null(strstr(data.description, "guessed to be IDX"));
    assert_int_equal(data.train.count, 4);
    hwv_data_close(&data);
}

/* A one-dimensional array. */
static void write_npy(const char *name, const char *descr, size_t count, const char *content, size_t size)
{
    char bytes[300] = "\x93NUMPY\x01";
    int n = snprintf(bytes + 10, sizeof bytes - 10, "{'descr': '%s', 'fortran_order': False, 'shape': (%zu,), }", descr,
                     count);
    bytes[8] = (char)n;
    memcpy(bytes + 10 + n, content, size);
    scratch_write(name, bytes, 10 + (size_t)n + size);
}

static void test_npy(void **state)
{
    (void)state;
    hwv_data data = open_data(spec_of("npy:", FIXTURES "u1.npy", FIXTURES "labels.npy"));
    assert_true(data.train.count == 2 && data.test.count == 1 && data.classes == 3 && data.rank == 3);
    assert_true(data.train.bytes && !data.train.floats && data.scale == 1.0f / 255);
    assert_true(data.train.labels[1] == 2 && data.test.labels[0] == 1 && data.test.bytes[3] == 220);
    hwv_data_close(&data);

    write_npy("two.npy", "|u1", 2, "\1\0", 2);
    data = open_data(spec_of("npy:", FIXTURES "f4.npy", scratch_path("two.npy")));
    assert_true(data.train.count == 1 && data.test.count == 1 && data.rank == 1 && data.features == 3);
    assert_true(!data.train.bytes && data.train.floats[0] == 1.5f && data.test.floats[0] == 3e5f);
    assert_true(data.train.labels[0] == 1 && data.test.labels[0] == 0);
    float x[3];
    int32_t label;
    hwv_data_gather(&data, &data.test, NULL, 0, 1, x, &label);
    assert_memory_equal(x, data.test.floats, sizeof x);
    hwv_data_close(&data);
}

static void test_csv(void **state)
{
    (void)state;
    const char *path = scratch_write("six.csv", "a,b\n1,0\n2,1\n3,0\n4,2\n5,0\n6,1\n", 28);
    hwv_data data = open_data(path);
    assert_true(data.train.count == 4 && data.test.count == 2 && data.classes == 3 && data.rank == 1);
    assert_true(data.train.floats[3] == 4 && data.test.floats[1] == 6 && data.test.labels[1] == 1);
    assert_non_null(strstr(data.description, "guessed to be CSV"));
    hwv_error error = {0};
    assert_int_equal(hwv_data_check_labels(&data, 3, NULL), HWV_OK);
    assert_int_equal(hwv_data_check_labels(&data, 2, &error), HWV_ERR_FORMAT);
    assert_non_null(strstr(error.text, "six.csv: line 5: label 2 of sample 3, 0 to 1 are expected"));
    hwv_data_close(&data);

    data = open_data("csv:" HWV_SOURCE "/data/digits.csv");
    hwv_data digits = open_data("digits");
    assert_true(data.train.count == digits.train.count && data.test.count == digits.test.count);
    assert_memory_equal(data.test.labels, digits.test.labels, 360 * sizeof(int32_t));
    for (size_t i = 0; i < 1797 * 64; i++)
        assert_true(data.train.floats[i] == (float)digits.train.bytes[i]);
    hwv_data_close(&digits);
    hwv_data_close(&data);
    if (!hwv_gzip_supported())
        return;
    data = open_data("csv:" FIXTURES "members.csv.gz");
    assert_true(data.train.count == 1 && data.test.count == 1);
    hwv_data_close(&data);
}

/* Not compressed, so that it runs without zlib; `image_count` 2x2 images and these labels. */
static void write_idx(const char *images, const char *labels, unsigned char image_count, const char *classes,
                      unsigned char side)
{
    unsigned char bytes[300] = {0, 0, 8, 3, 0, 0, 0, image_count, 0, 0, 0, side, 0, 0, 0, side};
    for (size_t i = 16; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    scratch_write(images, bytes, 16 + (size_t)image_count * side * side);
    size_t n = strlen(classes);
    unsigned char head[100] = {0, 0, 8, 1, 0, 0, 0, (unsigned char)n};
    for (size_t i = 0; i < n; i++)
        head[8 + i] = (unsigned char)(classes[i] - '0');
    scratch_write(labels, head, 8 + n);
}

static void test_folder(void **state)
{
    (void)state;
    (void)scratch_empty();
    refuse(scratch_folder, HWV_ERR_IO, "has no train-images-idx3-ubyte");
    write_idx("train-images-idx3-ubyte", "train-labels-idx1-ubyte", 3, "019", 2);
    refuse(scratch_folder, HWV_ERR_IO, "has no t10k-images-idx3-ubyte");
    write_idx("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte", 2, "20", 2);
    hwv_data data = open_data(spec_of("mnist:", scratch_folder, NULL));
    assert_true(data.train.count == 3 && data.test.count == 2 && data.classes == 10 && data.features == 4);
    assert_true(data.train.bytes[0] == 16 && data.test.labels[0] == 2 && data.train.labels[2] == 9);
    hwv_data_close(&data);
    data = open_data(scratch_folder);
    assert_non_null(strstr(data.description, "guessed to be a folder of IDX files"));
    hwv_data_close(&data);

    write_idx("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte", 2, "2:", 2);
    refuse(scratch_folder, HWV_ERR_FORMAT, "t10k-labels.idx1-ubyte: offset 9: label 10 of sample 1, 0 to 9");
    write_idx("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte", 2, "201", 2);
    refuse(scratch_folder, HWV_ERR_FORMAT, "t10k-labels.idx1-ubyte: 3 labels for 2 samples");
    write_idx("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte", 2, "20", 3);
    refuse(scratch_folder, HWV_ERR_FORMAT, "training images of 2 x 2, but test images of 3 x 3");
    scratch_write("train-images-idx3-ubyte", "\0\0\x08\3\0\0\0\3\0\0\0\2\0\0\0\2\1\2\3", 19);
    refuse(scratch_folder, HWV_ERR_FORMAT, "train-images-idx3-ubyte: offset 19: the file ends after 3 of the 12");
    (void)scratch_empty();
}

static void test_names(void **state)
{
    (void)state;
    refuse("digts", HWV_ERR_NAME, "unknown data set \"digts\" (did you mean 'digits'?)");
    refuse("digts", HWV_ERR_NAME,
           "digits, fashion-mnist, mnist:DIR, cifar10:DIR, idx:IMAGES,LABELS, csv:FILE, npy:X,LABELS, npz:FILE, "
           "text:FILE, text-bytes:FILE, or the path");
    refuse("imagenet", HWV_ERR_NAME, "unknown data set \"imagenet\"; accepted are digits");
    refuse("", HWV_ERR_NAME, "unknown data set \"\"");
    refuse("mnist", HWV_ERR_ARGUMENT, "needs a folder: mnist:DIR");
    refuse("idx:onlyone", HWV_ERR_ARGUMENT, "two paths");
    refuse("npy:a,", HWV_ERR_ARGUMENT, "two paths");
    refuse("none.csv", HWV_ERR_IO, "none.csv");
    refuse("none/there", HWV_ERR_IO, "none/there");
    refuse("csv:none", HWV_ERR_IO, "none: cannot be opened");
    refuse("mnist:/none", HWV_ERR_IO, "/none: no such folder");
    refuse("mnst:/none", HWV_ERR_IO, "(did you mean 'mnist'?)");
    refuse("fashion-mnist:/none", HWV_ERR_IO, "/none: no such folder");
    refuse("fashion-mnis", HWV_ERR_NAME, "(did you mean 'fashion-mnist'?)");
    refuse("digits:8", HWV_ERR_NAME, "unknown data set \"digits:8\"");
    assert_int_equal(hwv_data_name_count(), 10);
    assert_string_equal(hwv_data_name(0), "digits");
    assert_null(hwv_data_name(10));
}

static void test_contents(void **state)
{
    (void)state;
    (void)scratch_empty();
    refuse(scratch_write("empty", "", 0), HWV_ERR_FORMAT, "the file is empty");
    refuse(scratch_write("binary", "\1\2\3\4\5", 5), HWV_ERR_FORMAT, "neither IDX nor .npy nor .npz nor text");
    refuse(FIXTURES "f4.npy", HWV_ERR_ARGUMENT, "npy:X,LABELS");
    refuse(scratch_write("one.csv", "1,0\n", 4), HWV_ERR_FORMAT, "one sample, at least 2");
    refuse(scratch_write("nan.csv", "1,0\nnan,1\n", 10), HWV_ERR_FORMAT, "nan.csv: line 2, column 1");
    refuse(spec_of("npy:", FIXTURES "f4.npy", FIXTURES "labels.npy"), HWV_ERR_FORMAT, "3 labels for 2 samples");
    refuse(spec_of("npy:", FIXTURES "u1.npy", FIXTURES "u1.npy"), HWV_ERR_FORMAT, "3 dimensions, labels have 1");
    refuse(spec_of("npy:", FIXTURES "i8.npy", FIXTURES "i8.npy"), HWV_ERR_FORMAT, "1 dimension, samples have 2");
    write_npy("nan.npy", "<f4", 2, "\0\0\0\0\0\0\xc0\x7f", 8);
    refuse(spec_of("npy:", FIXTURES "f4.npy", scratch_path("nan.npy")), HWV_ERR_FORMAT,
           "nan.npy: offset 71: found nan");
    (void)scratch_empty();
    if (!hwv_gzip_supported())
        return;
    refuse(FIXTURES "labels-idx1-ubyte.gz", HWV_ERR_ARGUMENT, "idx:IMAGES,LABELS");
    refuse(spec_of("idx:", FIXTURES "more.gz", FIXTURES "labels-idx1-ubyte.gz"), HWV_ERR_FORMAT,
           "more.gz: offset 46: bytes after the 30 values");
    refuse(spec_of("idx:", FIXTURES "less.gz", FIXTURES "labels-idx1-ubyte.gz"), HWV_ERR_FORMAT,
           "less.gz: offset 1016: the file ends after 1000 of the 47040000 values");
}

static void test_allocations(void **state)
{
    (void)state;
    write_idx("train-images-idx3-ubyte", "train-labels-idx1-ubyte", 3, "019", 2);
    write_idx("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 2, "20", 2);
    refuse_each_allocation(hwv_data_open, scratch_folder, 3);
    refuse_each_allocation(hwv_data_open, scratch_path("train-images-idx3-ubyte"), 3);
    refuse_each_allocation(hwv_data_open, spec_of("npy:", FIXTURES "u1.npy", FIXTURES "labels.npy"), 3);
    refuse_each_allocation(hwv_data_open, scratch_write("two.csv", "1,0\n2,1\n", 8), 3);
    if (hwv_gzip_supported())
        refuse_each_allocation(hwv_data_open, FIXTURES "images-idx3-ubyte.gz", 3);
    (void)scratch_empty();
}

/* The real thing, where it is there. */
static void test_mnist(void **state)
{
    (void)state;
    if (!hwv_gzip_supported())
        skip();
    if (!hwv_file_is_folder(HWV_SHARED_DATA "/mnist")) {
        print_message("%s is not there\n", HWV_SHARED_DATA "/mnist");
        skip();
    }
    double begin = hwv_clock_seconds();
    hwv_data data = open_data("mnist:" HWV_SHARED_DATA "/mnist");
    double seconds = hwv_clock_seconds() - begin;
    assert_true(data.train.count == 60000 && data.test.count == 10000 && data.features == 784 && data.classes == 10);
    static const int32_t first[] = {5, 0, 4, 1, 9, 2, 1, 3, 1, 4}, last[] = {7, 2, 1, 0, 4, 1, 4, 9, 5, 9};
    assert_memory_equal(data.train.labels, first, sizeof first);
    assert_memory_equal(data.test.labels, last, sizeof last);
    double mean = 0;
    for (size_t i = 0; i < 60000 * (size_t)784; i++)
        mean += data.train.bytes[i];
    mean /= 255.0 * 60000 * 784;
    assert_true(mean > 0.13065 && mean < 0.13067); /* the 0.1307 that everyone normalises with */
    print_message("MNIST opened in %.2f s\n", seconds);
    assert_true(seconds < 2);
    hwv_data_close(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digits), cmocka_unit_test(test_gather),   cmocka_unit_test(test_idx),
        cmocka_unit_test(test_npy),    cmocka_unit_test(test_csv),      cmocka_unit_test(test_folder),
        cmocka_unit_test(test_names),  cmocka_unit_test(test_contents), cmocka_unit_test(test_allocations),
        cmocka_unit_test(test_mnist),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
