/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Image data sets that come in folders: CIFAR-10's binary files, and where Fashion-MNIST is looked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "halfwave/data.h"
#include "io/file.h"
#include "io/inflate.h"
#include "io/sources.h"
#include "refuse.h"
#include "scratch.h"

enum { RECORD = 3073, MOST = 8 };

static unsigned char records[MOST * RECORD + 1];

/* A value that tells image, plane, row and column apart. */
static unsigned char pixel(size_t image, size_t plane, size_t y, size_t x)
{
    return (unsigned char)(image * 101 + plane * 67 + y * 7 + x);
}

/* Records with the labels 0, 1, ... from `first` on, as images of that number; the file of `size` bytes. */
static void write_records(const char *name, size_t first, size_t size)
{
    for (size_t i = 0; i < MOST; i++) {
        unsigned char *at = records + i * RECORD;
        *at++ = (unsigned char)((first + i) % 10);
        for (size_t p = 0; p < 3; p++)
            for (size_t y = 0; y < 32; y++)
                for (size_t x = 0; x < 32; x++)
                    *at++ = pixel(first + i, p, y, x);
    }
    (void)scratch_write(name, records, size);
}

static const char *spec(const char *prefix)
{
    static char text[100];
    (void)snprintf(text, sizeof text, "%s%s", prefix, scratch_folder);
    return text;
}

static hwv_data open_data(const char *name)
{
    hwv_data data;
    hwv_error error = {0};
    if (hwv_data_open(&data, name, &error) != HWV_OK)
        fail_msg("%s: %s", name, error.text);
    return data;
}

static void expect_image(const hwv_data *data, const hwv_data_part *part, size_t i, size_t image)
{
    assert_int_equal(part->labels[i], image % 10);
    for (size_t y = 0; y < 32; y++)
        for (size_t x = 0; x < 32; x++)
            for (size_t c = 0; c < 3; c++)
                assert_int_equal(part->bytes[i * data->features + (y * 32 + x) * 3 + c], pixel(image, c, y, x));
}

static void test_cifar10(void **state)
{
    (void)state;
    (void)scratch_empty();
    write_records("data_batch_2.bin", 0, 3 * RECORD);
    write_records("data_batch_5.bin", 30, 2 * RECORD);
    write_records("test_batch.bin", 57, 2 * RECORD);
    hwv_data data = open_data(spec("cifar10:"));
    assert_string_equal(data.name, "cifar10");
    assert_true(data.rank == 3 && data.dims[0] == 32 && data.dims[1] == 32 && data.dims[2] == 3);
    assert_true(data.features == 3072 && data.classes == 10 && data.scale == 1.0f / 255);
    assert_true(data.train.count == 5 && data.test.count == 2);
    assert_non_null(strstr(data.description, ": 5 + 2 samples of 32 x 32 x 3 (training + test), 10 classes"));
    for (size_t i = 0; i < 3; i++)
        expect_image(&data, &data.train, i, i);
    for (size_t i = 0; i < 2; i++) {
        expect_image(&data, &data.train, 3 + i, 30 + i);
        expect_image(&data, &data.test, i, 57 + i);
    }
    hwv_error error = {0};
    assert_int_equal(hwv_data_check_labels(&data, 8, &error), HWV_ERR_FORMAT);
    assert_non_null(strstr(error.text, ": label 8 of sample 1, 0 to 7 are expected"));
    hwv_data_close(&data);

    data = open_data(scratch_folder);
    assert_non_null(strstr(data.description, "guessed to be a folder of CIFAR-10's binary files"));
    hwv_data_close(&data);

    (void)unlink(scratch_path("test_batch.bin"));
    data = open_data(spec("cifar10:"));
    assert_true(data.train.count == 4 && data.test.count == 1);
    assert_non_null(strstr(data.description, "the last 20 % are the test part"));
    expect_image(&data, &data.test, 0, 31);
    hwv_data_close(&data);
    (void)scratch_empty();
}

static void test_damage(void **state)
{
    (void)state;
    (void)scratch_empty();
    refuse(spec("cifar10:"), HWV_ERR_IO, "has none of data_batch_1.bin to data_batch_5.bin");
    write_records("test_batch.bin", 0, RECORD);
    refuse(spec("cifar10:"), HWV_ERR_IO, "has none of data_batch_1.bin to data_batch_5.bin");
    refuse("cifar10:/none", HWV_ERR_IO, "/none: no such folder");
    refuse("cifar10:/dev/null", HWV_ERR_IO, "/dev/null: is no folder");

    write_records("data_batch_1.bin", 0, 2 * RECORD - 1);
    refuse(spec("cifar10:"), HWV_ERR_FORMAT,
           "data_batch_1.bin: offset 6145: the file ends after 3072 of the 3073 bytes of record 1");
    write_records("data_batch_1.bin", 0, 2 * RECORD + 1);
    refuse(spec("cifar10:"), HWV_ERR_FORMAT, "offset 6147: the file ends after 1 of the 3073 bytes of record 2");
    write_records("data_batch_1.bin", 0, 0);
    refuse(spec("cifar10:"), HWV_ERR_FORMAT, "data_batch_1.bin: offset 0: the file is empty");
    write_records("data_batch_1.bin", 0, RECORD);
    records[0] = 10;
    records[RECORD] = 255;
    (void)scratch_write("test_batch.bin", records, RECORD);
    refuse(spec("cifar10:"), HWV_ERR_FORMAT, "test_batch.bin: offset 0: label 10 of record 0, 0 to 9 are expected");
    records[0] = 9;
    (void)scratch_write("test_batch.bin", records, 2 * RECORD);
    refuse(spec("cifar10:"), HWV_ERR_FORMAT, "test_batch.bin: offset 3073: label 255 of record 1");
    (void)unlink(scratch_path("test_batch.bin"));
    refuse(spec("cifar10:"), HWV_ERR_FORMAT, "one sample, at least 2");
    (void)scratch_empty();
}

static void test_allocations(void **state)
{
    (void)state;
    (void)scratch_empty();
    write_records("data_batch_1.bin", 0, RECORD);
    write_records("data_batch_3.bin", 0, RECORD);
    write_records("test_batch.bin", 0, RECORD);
    refuse_each_allocation(hwv_data_open, scratch_folder, 12);
    (void)scratch_empty();
}

/* Without the package the message says what to install; with it, its 70,000 images are there. */
static void test_fashion_mnist(void **state)
{
    (void)state;
    const char *const none[] = {"/none/here", "/none/there", NULL};
    const char *const second[] = {"/none/here", scratch_folder, NULL};
    assert_null(hwv_first_folder(none));
    assert_ptr_equal(hwv_first_folder(second), scratch_folder);
    if (!hwv_file_is_folder("/usr/share/datasets/fashion-mnist")) {
        refuse("fashion-mnist", HWV_ERR_IO, "install the Debian package dataset-fashion-mnist");
        return;
    }
    if (!hwv_gzip_supported()) {
        refuse("fashion-mnist", HWV_ERR_UNSUPPORTED, "no zlib");
        return;
    }
    hwv_data data = open_data("fashion-mnist");
    assert_string_equal(data.name, "fashion-mnist");
    assert_true(data.train.count == 60000 && data.test.count == 10000 && data.features == 784 && data.classes == 10);
    static const int32_t first[] = {9, 0, 0, 3, 0}, test[] = {9, 2, 1, 1, 6};
    assert_memory_equal(data.train.labels, first, sizeof first);
    assert_memory_equal(data.test.labels, test, sizeof test);
    hwv_data_close(&data);
}

/* The converted copy, where it is there: the classes of its test file are even, its mean colour is known. */
static void test_real_cifar10(void **state)
{
    (void)state;
    if (!hwv_gzip_supported() || !hwv_file_exists(HWV_SHARED_DATA "/cifar10/test_batch.bin.gz"))
        skip();
    hwv_data data = open_data("cifar10:" HWV_SHARED_DATA "/cifar10");
    assert_true(data.train.count == 10000 && data.test.count == 10000);
    size_t of_class[10] = {0};
    for (size_t i = 0; i < 10000; i++)
        of_class[data.test.labels[i]]++;
    for (size_t c = 0; c < 10; c++)
        assert_int_equal(of_class[c], 1000);
    double red = 0;
    for (size_t i = 0; i < 10000 * (size_t)1024; i++)
        red += data.train.bytes[3 * i];
    red /= 255.0 * 10000 * 1024;
    assert_true(red > 0.48 && red < 0.50); /* 0.4913 over all training images */
    hwv_data_close(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cifar10),       cmocka_unit_test(test_damage),       cmocka_unit_test(test_allocations),
        cmocka_unit_test(test_fashion_mnist), cmocka_unit_test(test_real_cifar10),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
