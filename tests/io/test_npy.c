/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * .npy: files by NumPy (fixtures/make.py), headers by hand, damage. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "damage.h"
#include "io/file.h"
#include "io/npy.h"

#define FIXTURES HWV_SOURCE "/tests/io/fixtures/"

static hwv_file load(const char *path)
{
    hwv_file file;
    hwv_error error = {0};
    if (hwv_file_read(&file, path, 0, hwv_npy_promise, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return file;
}

static void expect(const char *path, hwv_npy_type type, size_t rank, const size_t *shape, const double *values)
{
    hwv_file file = load(path);
    hwv_npy a;
    hwv_error error = {0};
    if (hwv_npy_parse(&a, file.data, file.size, &error) != HWV_OK)
        fail_msg("%s: %s", path, error.text);
    assert_int_equal(a.type, type);
    assert_int_equal(a.rank, rank);
    size_t count = 1;
    for (size_t i = 0; i < rank; i++) {
        assert_int_equal(a.shape[i], shape[i]);
        count *= shape[i];
    }
    assert_int_equal(a.count, count);
    for (size_t i = 0; i < count; i++) {
        double wanted = type == HWV_NPY_F4 ? (double)(float)values[i] : values[i];
        assert_true(hwv_npy_get(&a, i) == wanted && !signbit(hwv_npy_get(&a, i)) == !signbit(wanted));
    }
    assert_int_equal(hwv_npy_promise(file.data, file.size, SIZE_MAX), file.size);
    hwv_file_free(&file);
}

static void test_numpy(void **state)
{
    (void)state;
    static const double values[] = {1.5, -2, 0.1, 3e5, 0, -0.0};
    static const size_t shape[] = {2, 3};
    expect(FIXTURES "f4.npy", HWV_NPY_F4, 2, shape, values);
    expect(FIXTURES "v2.npy", HWV_NPY_F4, 2, shape, values);
    expect(FIXTURES "f8.npy", HWV_NPY_F8, 2, shape, values);
    expect(FIXTURES "i4.npy", HWV_NPY_I4, 2, (const size_t[]){2, 2},
           (const double[]){1, -2, 2147483647, -2147483648.0});
    expect(FIXTURES "i8.npy", HWV_NPY_I8, 1, (const size_t[]){4}, (const double[]){0, 1, 9007199254740992.0, -1});
    expect(FIXTURES "u1.npy", HWV_NPY_U1, 3, (const size_t[]){3, 2, 2},
           (const double[]){0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220});
    expect(FIXTURES "bool.npy", HWV_NPY_BOOL, 1, (const size_t[]){3}, (const double[]){1, 0, 1});
    expect(FIXTURES "scalar.npy", HWV_NPY_F4, 0, NULL, (const double[]){7});
}

static void refuse(const void *bytes, size_t size, hwv_status wanted, const char *words)
{
    hwv_npy a;
    hwv_error error = {0};
    hwv_status status = hwv_npy_parse(&a, bytes, size, &error);
    if (status != wanted || !strstr(error.text, words))
        fail_msg("%s '%s', wanted %s '%s'", hwv_status_name(status), error.text, hwv_status_name(wanted), words);
}

static void test_unsupported(void **state)
{
    (void)state;
    static const struct {
        const char *path, *words;
    } cases[] = {
        {FIXTURES "fortran.npy", "Fortran order"},
        {FIXTURES "big.npy", "'>f4' (big-endian)"},
        {FIXTURES "half.npy", "'<f2'"},
        {FIXTURES "records.npy", "records"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hwv_file file = load(cases[i].path);
        refuse(file.data, file.size, HWV_ERR_UNSUPPORTED, cases[i].words);
        hwv_file_free(&file);
    }
}

/* A header by hand, with `data` bytes after it. */
static void header(const char *text, size_t data, hwv_status wanted, const char *words)
{
    unsigned char bytes[400] = "\x93NUMPY\x01";
    size_t n = strlen(text);
    bytes[8] = (unsigned char)n;
    memcpy(bytes + 10, text, n);
    if (wanted == HWV_OK) {
        hwv_npy a;
        assert_int_equal(hwv_npy_parse(&a, bytes, 10 + n + data, NULL), HWV_OK);
        return;
    }
    refuse(bytes, 10 + n + data, wanted, words);
}

static void test_headers(void **state)
{
    (void)state;
    header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8, HWV_OK, "");
    header("{\"shape\":(2,1),\"descr\":\"<f4\",\"fortran_order\":False}\n", 8, HWV_OK, "");
    header("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", 8, HWV_OK, "");
    header("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 7), }", 0, HWV_OK, "");
    header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 9, HWV_ERR_FORMAT, "bytes after the end");
    header("{'descr': '<f4', 'fortran_order': False}", 0, HWV_ERR_FORMAT, "once is expected");
    header("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}", 4, HWV_ERR_FORMAT, "once is");
    header("{'descr': '<f4', 'fortran_order': None, 'shape': ()}", 4, HWV_ERR_FORMAT, "True or False");
    header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", 4, HWV_ERR_FORMAT, "a dimension");
    header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", 4, HWV_ERR_FORMAT,
           "fits memory");
    header("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296,4294967296,2)}", 4, HWV_ERR_FORMAT,
           "does not fit memory");
    header("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,)}", 4, HWV_ERR_FORMAT,
           "does not fit memory");
    header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", 4, HWV_ERR_UNSUPPORTED,
           "dimensions");
    header("{'descr': '<f4', 'fortran_order': False, 'shape': ()} x", 4, HWV_ERR_FORMAT, "nothing after");
    header("{'descr': '<f4", 4, HWV_ERR_FORMAT, "offset ");
    refuse("\x93NUMPY\x04\x00\x00\x00", 10, HWV_ERR_UNSUPPORTED, "version 4");
    refuse("PK\x03\x04 zip", 8, HWV_ERR_FORMAT, "NUMPY");
}

static hwv_status read_any(const void *bytes, size_t size, hwv_error *error)
{
    hwv_npy a;
    HWV_TRY(hwv_npy_parse(&a, bytes, size, error));
    volatile double sum = 0;
    for (size_t i = 0; i < a.count && a.element_bytes > 0; i++)
        sum += hwv_npy_get(&a, i);
    (void)sum;
    return HWV_OK;
}

static void test_damage(void **state)
{
    (void)state;
    static const char *const paths[] = {FIXTURES "f4.npy", FIXTURES "v2.npy", FIXTURES "u1.npy"};
    size_t rounds = 10000;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        hwv_file file = load(paths[i]);
        damage_cut(read_any, file.data, file.size);
        assert_in_range(damage_flip(read_any, file.data, file.size, file.size, rounds), rounds / 4, rounds - 1);
        hwv_file_free(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numpy),
        cmocka_unit_test(test_unsupported),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
