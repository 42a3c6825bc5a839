/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Numbers of tensors in each of the places where a file may have them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "make.h"
#include "onnx/model.h"

static maker m;
static unsigned char tensor[1024];
static size_t used;

/* dims [count] and the type; fields of numbers follow. */
static void begin(int type, size_t count)
{
    used = make_integer(tensor, 1, (int64_t)count);
    used += make_integer(tensor + used, 2, type);
    used += make_text(tensor + used, 8, "w");
}

static void add(unsigned field, const void *bytes, size_t size)
{
    used += make_bytes(tensor + used, field, bytes, size);
}

static void add_varints(unsigned field, const int64_t *x, size_t count)
{
    unsigned char packed[200];
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += make_varint(packed + n, (uint64_t)x[i]);
    add(field, packed, n);
}

static void add_varint(unsigned field, int64_t x)
{
    used += make_integer(tensor + used, field, x);
}

static void add_fixed(unsigned field, unsigned wire, const void *bytes, size_t size)
{
    used += make_varint(tensor + used, field << 3 | wire);
    memcpy(tensor + used, bytes, size);
    used += size;
}

static hwv_status parse(hwv_onnx **file, hwv_error *error)
{
    m = (maker){0};
    m.used = make_bytes(m.graph, 5, tensor, used);
    make_model(&m, 13);
    return hwv_onnx_parse(file, "made", m.model, m.model_size, error);
}

static void gives(const double *wanted, size_t count)
{
    hwv_onnx *file;
    hwv_error error;
    if (parse(&file, &error) != HWV_OK)
        fail_msg("%s", error.text);
    const hwv_onnx_tensor *w = &file->initialisers[0];
    assert_int_equal(w->elements, count);
    for (size_t i = 0; i < count; i++) {
        if (hwv_onnx_tensor_number(w, i) != wanted[i])
            fail_msg("type %d: element %zu is %.17g, %.17g expected", w->type, i, hwv_onnx_tensor_number(w, i),
                     wanted[i]);
        if (fabs(wanted[i]) < 0x1p52 && hwv_onnx_tensor_integer(w, i) != (int64_t)wanted[i])
            fail_msg("type %d: element %zu is %lld, %.17g expected", w->type, i,
                     (long long)hwv_onnx_tensor_integer(w, i), wanted[i]);
    }
    hwv_onnx_close(file);
}

static void refused(const char *words)
{
    hwv_onnx *file;
    hwv_error error = {0};
    assert_int_equal(parse(&file, &error), HWV_ERR_FORMAT);
    if (!strstr(error.text, words))
        fail_msg("'%s', wanted '%s'", error.text, words);
}

/* ---- raw bytes ----------------------------------------------------------------------------------- */

#define RAW(TYPE, ...)                                                                                                 \
    do {                                                                                                               \
        static const unsigned char raw_[] = {__VA_ARGS__};                                                             \
        begin(TYPE, 2);                                                                                                \
        add(9, raw_, sizeof raw_);                                                                                     \
    } while (0)

static void test_raw(void **state)
{
    (void)state;
    RAW(HWV_ONNX_FLOAT, 0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0);
    gives((const double[]){1, -2.5}, 2);
    RAW(HWV_ONNX_DOUBLE, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0xbf);
    gives((const double[]){1, -0.1}, 2);
    RAW(HWV_ONNX_FLOAT16, 0, 0x3c, 1, 0x80); /* 1 and the smallest subnormal */
    gives((const double[]){1, -0x1p-24}, 2);
    RAW(HWV_ONNX_BFLOAT16, 0x80, 0x3f, 0x49, 0xc0);
    gives((const double[]){1, -3.140625}, 2);
    RAW(HWV_ONNX_INT8, 127, 0x80);
    gives((const double[]){127, -128}, 2);
    RAW(HWV_ONNX_UINT8, 127, 0x80);
    gives((const double[]){127, 128}, 2);
    RAW(HWV_ONNX_BOOL, 0, 1);
    gives((const double[]){0, 1}, 2);
    RAW(HWV_ONNX_INT16, 0xff, 0x7f, 0, 0x80);
    gives((const double[]){32767, -32768}, 2);
    RAW(HWV_ONNX_UINT16, 0xff, 0x7f, 0, 0x80);
    gives((const double[]){32767, 32768}, 2);
    RAW(HWV_ONNX_INT32, 1, 0, 0, 0, 0, 0, 0, 0x80);
    gives((const double[]){1, -0x1p31}, 2);
    RAW(HWV_ONNX_UINT32, 1, 0, 0, 0, 0, 0, 0, 0x80);
    gives((const double[]){1, 0x1p31}, 2);
    RAW(HWV_ONNX_INT64, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0x80);
    gives((const double[]){-1, -0x1p63}, 2);
    RAW(HWV_ONNX_UINT64, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80);
    gives((const double[]){1, 0x1p63}, 2);
    RAW(HWV_ONNX_FLOAT, 0, 0, 0x80, 0x3f, 0, 0, 0x20);
    refused("tensor 'w' has 7 bytes, its shape and type need 8");
}

/* ---- typed fields -------------------------------------------------------------------------------- */

static void test_floats(void **state)
{
    (void)state;
    const float x[3] = {1, -2.5f, 1e30f};
    const double wanted[3] = {1, -2.5, (double)1e30f}, y[2] = {0.1, -1e300};
    begin(HWV_ONNX_FLOAT, 3);
    add(4, x, sizeof x);
    gives(wanted, 3);
    begin(HWV_ONNX_FLOAT, 3); /* one a field, and two packed */
    add_fixed(4, 5, x, 4);
    add(4, x + 1, 8);
    gives(wanted, 3);
    begin(HWV_ONNX_DOUBLE, 2);
    add(10, y, sizeof y);
    gives(y, 2);
    begin(HWV_ONNX_DOUBLE, 2);
    add_fixed(10, 1, y, 8);
    add_fixed(10, 1, y + 1, 8);
    gives(y, 2);
    begin(HWV_ONNX_FLOAT, 3);
    add(4, x, 11);
    refused("numbers are cut off");
    begin(HWV_ONNX_FLOAT, 3);
    add(4, x, 8);
    refused("tensor 'w': 2 numbers, its shape needs 3");
    begin(HWV_ONNX_FLOAT, 3); /* in the field of another type */
    add_varints(5, (const int64_t[]){1, 2, 3}, 3);
    refused("tensor 'w': 0 numbers, its shape needs 3");
}

static void test_integers(void **state)
{
    (void)state;
    static const int types[] = {HWV_ONNX_INT8, HWV_ONNX_INT16, HWV_ONNX_INT32};
    const int64_t x[4] = {1, -1, 127, -128};
    const double wanted[4] = {1, -1, 127, -128};
    for (size_t t = 0; t < 3; t++) {
        begin(types[t], 4);
        add_varints(5, x, 4);
        gives(wanted, 4);
        begin(types[t], 4);
        add_varint(5, 1);
        add_varints(5, x + 1, 2);
        add_varint(5, -128);
        gives(wanted, 4);
    }
    begin(HWV_ONNX_UINT8, 2);
    add_varints(5, (const int64_t[]){255, 0}, 2);
    gives((const double[]){255, 0}, 2);
    begin(HWV_ONNX_UINT16, 2);
    add_varints(5, (const int64_t[]){65535, 0}, 2);
    gives((const double[]){65535, 0}, 2);
    begin(HWV_ONNX_BOOL, 3);
    add_varints(5, (const int64_t[]){256, 0, 1}, 3);
    gives((const double[]){1, 0, 1}, 3);
    begin(HWV_ONNX_INT64, 2);
    add_varints(7, (const int64_t[]){INT64_MIN, 5}, 2);
    gives((const double[]){-0x1p63, 5}, 2);
    begin(HWV_ONNX_UINT32, 2);
    add_varints(11, (const int64_t[]){UINT32_MAX, 5}, 2);
    gives((const double[]){(double)UINT32_MAX, 5}, 2);
    begin(HWV_ONNX_UINT64, 2);
    add_varints(11, (const int64_t[]){-1, 5}, 2);
    gives((const double[]){0x1p64, 5}, 2);
    begin(HWV_ONNX_INT32, 2);
    add(5, (const unsigned char[]){1, 0x80}, 2);
    refused("numbers are cut off");
    begin(HWV_ONNX_INT32, 1); /* of eleven bytes */
    add(5, (const unsigned char[]){255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}, 11);
    refused("a number of more than 64 bits");
}

static void test_halves_in_integers(void **state)
{
    (void)state;
    begin(HWV_ONNX_FLOAT16, 3);
    add_varints(5, (const int64_t[]){0x3c00, 0xc100, 0x7bff}, 3);
    gives((const double[]){1, -2.5, 65504}, 3);
    begin(HWV_ONNX_BFLOAT16, 2);
    add_varints(5, (const int64_t[]){0x3f80, 0xc020}, 2);
    gives((const double[]){1, -2.5}, 2);
}

/* ---- the rest ------------------------------------------------------------------------------------ */

static void test_without_numbers(void **state)
{
    (void)state;
    hwv_onnx *file;
    begin(HWV_ONNX_FLOAT, 0);
    assert_int_equal(parse(&file, NULL), HWV_OK);
    assert_int_equal(file->initialisers[0].elements, 0);
    assert_non_null(file->initialisers[0].data);
    hwv_onnx_close(file);
    /* texts, complex numbers and what is not invented yet have no bytes that could be read */
    static const int types[] = {HWV_ONNX_STRING, HWV_ONNX_COMPLEX64, 17, 23, -1};
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        begin(types[t], 2);
        assert_int_equal(parse(&file, NULL), HWV_OK);
        assert_null(file->initialisers[0].data);
        assert_int_equal(hwv_onnx_type_bytes(file->initialisers[0].type), 0);
        hwv_onnx_close(file);
    }
    assert_string_equal(hwv_onnx_type_name(23), "unknown");
}

/* As integers: towards zero, the ends of the range beyond it. */
static void test_floats_as_integers(void **state)
{
    (void)state;
    const float x[5] = {-1.75f, 1e30f, -1e30f, NAN, 2.5f};
    static const int64_t wanted[5] = {-1, INT64_MAX, INT64_MIN, 0, 2};
    hwv_onnx *file;
    begin(HWV_ONNX_FLOAT, 5);
    add(9, x, sizeof x);
    assert_int_equal(parse(&file, NULL), HWV_OK);
    for (size_t i = 0; i < 5; i++)
        assert_true(hwv_onnx_tensor_integer(&file->initialisers[0], i) == wanted[i]);
    hwv_onnx_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_halves_in_integers),
        cmocka_unit_test(test_without_numbers),
        cmocka_unit_test(test_floats_as_integers),
    };
    return cmocka_run_group_tests_name("onnx tensors", tests, NULL, NULL);
}
