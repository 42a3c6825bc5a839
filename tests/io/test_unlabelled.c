/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Samples without labels from every format, and the .npy files that results are written to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "halfwave/data.h"
#include "io/file.h"
#include "io/inflate.h"
#include "io/npy.h"
#include "refuse.h"
#include "scratch.h"

#define FIXTURES HWV_SOURCE "/tests/io/fixtures/"

/* `count` samples; rank 1 or 3. */
static hwv_data open_samples(const char *path, const char *name, size_t count, size_t rank, size_t features)
{
    hwv_data data;
    hwv_error error = {0};
    if (hwv_data_open_unlabelled(&data, path, &error) != HWV_OK)
        fail_msg("%s: %s", path, error.text);
    assert_string_equal(data.name, name);
    assert_true(data.train.count == 0 && data.test.count == count && data.classes == 0 && data.test.labels == NULL);
    assert_true(data.rank == rank && data.features == features);
    assert_non_null(strstr(data.description, "guessed to be"));
    return data;
}

static void test_formats(void **state)
{
    (void)state;
    float x[18];
    hwv_data data = open_samples(FIXTURES "u1.npy", "npy", 3, 3, 4);
    hwv_data_gather(&data, &data.test, NULL, 2, 1, x, NULL);
    assert_true(x[3] == 220 * (1.0f / 255));
    hwv_data_close(&data);
    data = open_samples(FIXTURES "f8.npy", "npy", 2, 1, 3);
    hwv_data_gather(&data, &data.test, NULL, 0, 1, x, NULL);
    assert_true(x[0] == 1.5f && x[1] == -2);
    hwv_data_close(&data);

    data = open_samples(scratch_write("a.csv", "a;b\n1;2\n3;4\n5;6\n", 16), "csv", 3, 1, 2);
    assert_true(data.test.floats[5] == 6);
    hwv_data_close(&data);
    data = open_samples(scratch_write("one", "7\n-8\n", 5), "csv", 2, 1, 1); /* a label column it cannot be */
    assert_true(data.test.floats[1] == -8);
    assert_int_equal(hwv_data_check_labels(&data, 3, NULL), HWV_OK);
    hwv_data_close(&data);
    if (!hwv_gzip_supported())
        return;
    data = open_samples(FIXTURES "images-idx3-ubyte.gz", "idx", 5, 3, 6);
    assert_true(data.test.bytes[29] == 29 && data.dims[0] == 2 && data.dims[1] == 3 && data.dims[2] == 1);
    hwv_data_close(&data);
    data = open_samples(FIXTURES "members.csv.gz", "csv", 2, 1, 3);
    hwv_data_close(&data);
    data = open_samples(FIXTURES "single.npz", "npz", 4, 1, 2);
    assert_true(data.test.floats[7] == 7);
    hwv_data_close(&data);
}

static void test_refused(void **state)
{
    (void)state;
    refuse_by(hwv_data_open_unlabelled, "/none", HWV_ERR_IO, "/none: cannot be opened");
    refuse_by(hwv_data_open_unlabelled, scratch_folder, HWV_ERR_IO, "is a folder, a file is expected");
    refuse_by(hwv_data_open_unlabelled, FIXTURES "i8.npy", HWV_ERR_FORMAT, "1 dimension, samples have 2");
    refuse_by(hwv_data_open_unlabelled, FIXTURES "keras.npz", HWV_ERR_FORMAT,
              "no array of samples (or a single array of any name); accepted are x; the file has x_train.npy");
    refuse_by(hwv_data_open_unlabelled, scratch_write("ragged.csv", "1,2\n3\n", 6), HWV_ERR_FORMAT,
              "line 2: 1 fields, 2 expected");
    refuse_by(hwv_data_open_unlabelled, scratch_write("wide.csv", "1,2\n3,4,5\n", 10), HWV_ERR_FORMAT,
              "line 2: more than the 2 fields");
    refuse_by(hwv_data_open_unlabelled, scratch_write("nan.csv", "1,2\n3,nan\n", 10), HWV_ERR_FORMAT,
              "line 2, column 2");
    refuse_by(hwv_data_open_unlabelled, scratch_write("head.csv", "a,b\n", 4), HWV_ERR_FORMAT, "a header but no rows");
    refuse_by(hwv_data_open_unlabelled, scratch_write("empty", "", 0), HWV_ERR_FORMAT, "the file is empty");
    if (hwv_gzip_supported())
        refuse_by(hwv_data_open_unlabelled, FIXTURES "labels-idx1-ubyte.gz", HWV_ERR_FORMAT,
                  "offset 3: 1 dimension, images have 3");
}

static void test_allocations(void **state)
{
    (void)state;
    refuse_each_allocation(hwv_data_open_unlabelled, FIXTURES "f4.npy", 2);
    refuse_each_allocation(hwv_data_open_unlabelled, FIXTURES "u1.npy", 2);
    refuse_each_allocation(hwv_data_open_unlabelled, scratch_write("two.csv", "1,0\n2,1\n", 8), 2);
    if (hwv_gzip_supported())
        refuse_each_allocation(hwv_data_open_unlabelled, FIXTURES "single.npz", 2);
}

static void test_npy_write(void **state)
{
    (void)state;
    const float x[6] = {1.5f, -2, 0, 1e-40f, 3e38f, 7};
    const char *path = scratch_path("out.npy");
    hwv_error error = {0};
    hwv_npy array;
    hwv_file file;
    assert_int_equal(hwv_npy_write(path, x, 3, 2, &error), HWV_OK);
    assert_int_equal(hwv_file_read(&file, path, 0, NULL, NULL), HWV_OK);
    assert_int_equal(hwv_npy_parse(&array, file.data, file.size, &error), HWV_OK);
    assert_true(array.type == HWV_NPY_F4 && array.rank == 2 && array.shape[0] == 3 && array.shape[1] == 2);
    assert_int_equal(array.data_at % 64, 0);
    assert_int_equal(file.data[array.data_at - 1], '\n'); /* as the format's description wants it */
    for (size_t i = 0; i < 6; i++)
        assert_true(hwv_npy_get(&array, i) == (double)x[i]);
    hwv_file_free(&file);
    /* What goes wrong leaves the old file. */
    assert_int_equal(hwv_npy_write("/none/out.npy", x, 3, 2, &error), HWV_ERR_IO);
    allocations_fail_at(1);
    assert_int_equal(hwv_npy_write(path, x, 2, 3, NULL), HWV_ERR_MEMORY);
    allocations_fail_at(0);
    hwv_data data = open_samples(path, "npy", 3, 1, 2);
    hwv_data_close(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_allocations),
        cmocka_unit_test(test_npy_write),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
