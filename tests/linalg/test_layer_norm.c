/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Layer norm, root mean square norm and transposes on every runnable set, between closed pages: row lengths around the lanes and the pieces,
 * means far larger than deviations, with and without weight and bias, in place, gradients, equal bits for any threads,
 * NaN in its row; the transpose of every small size, with strides; speed beside a copy. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare.h"
#include "halfwave/clock.h"
#include "halfwave/isa.h"
#include "halfwave/random.h"
#include "linalg/layer_norm.h"
#include "linalg/transpose.h"
#include "page.h"
#include "sanitized.h"

#define EPSILON 1e-5f
/* Rounding of sums of a piece of a row in float: 1024 terms, 16 chains at the least; and a few operations. */
#define ROUNDING (80 * 0x1p-24)

static double draw(uint32_t stream, size_t i)
{
    return hwv_random_normal(13, HWV_STREAM_TEST, stream, i);
}

typedef struct subject {
    size_t rows, cols, n;
    page_edge x, dy, y, dx, weight, bias;
    hwv_layer_norm norm;
    hwv_layer_norm_moments *moments;
    double *mean, *inverse; /* what is subtracted, 0 where uncentered */
    float *dweight, *dbias, *workspace;
} subject;

static float *floats(const page_edge *edge)
{
    return edge->data;
}

static subject *subject_make(size_t rows, size_t cols, double offset, bool uncentered)
{
    subject *s = calloc(1, sizeof *s);
    assert_non_null(s);
    *s = (subject){.rows = rows, .cols = cols, .n = rows * cols};
    page_edge *edges[] = {&s->x, &s->dy, &s->y, &s->dx, &s->weight, &s->bias};
    for (size_t i = 0; i < 6; i++)
        *edges[i] = page_edge_make((i < 4 ? s->n : cols) * sizeof(float));
    s->mean = calloc(rows, sizeof *s->mean);
    s->inverse = calloc(rows, sizeof *s->inverse);
    s->moments = calloc(rows, sizeof *s->moments);
    s->dweight = calloc(2 * cols, sizeof(float));
    s->dbias = s->dweight + cols;
    s->workspace = malloc(hwv_layer_norm_workspace(rows, cols));
    for (size_t i = 0; i < s->n; i++) {
        floats(&s->x)[i] = (float)(draw(1, i) + offset);
        floats(&s->dy)[i] = (float)(draw(2, i) + 0.25);
        s->mean[i / cols] += uncentered ? 0 : (double)floats(&s->x)[i] / (double)cols;
    }
    for (size_t i = 0; i < s->n; i++)
        s->inverse[i / cols] += pow((double)floats(&s->x)[i] - s->mean[i / cols], 2) / (double)cols;
    for (size_t r = 0; r < rows; r++)
        s->inverse[r] = 1 / sqrt(s->inverse[r] + (double)EPSILON);
    for (size_t c = 0; c < cols; c++) {
        floats(&s->weight)[c] = (float)(1 + draw(3, c) / 4);
        floats(&s->bias)[c] = (float)draw(4, c);
    }
    s->norm = (hwv_layer_norm){rows, cols, EPSILON, floats(&s->weight), floats(&s->bias), uncentered};
    return s;
}

static void subject_free(subject *s)
{
    page_edge *edges[] = {&s->x, &s->dy, &s->y, &s->dx, &s->weight, &s->bias};
    void *arrays[] = {s->mean, s->inverse, s->moments, s->dweight, s->workspace, s};
    for (size_t i = 0; i < 6; i++)
        page_edge_free(edges[i]);
    for (size_t i = 0; i < 6; i++)
        free(arrays[i]);
}

static double normal_at(const subject *s, size_t i)
{
    return ((double)floats(&s->x)[i] - s->mean[i / s->cols]) * s->inverse[i / s->cols];
}

static double weight_at(const subject *s, size_t i)
{
    return s->norm.weight ? (double)s->norm.weight[i % s->cols] : 1;
}

static void near(const subject *s, const char *what, double got, double expected, double limit)
{
    if (!(fabs(got - expected) <= limit))
        fail_msg("%zu x %zu on %s: %s %.9g, expected %.9g", s->rows, s->cols, hwv_isa_name(hwv_isa_current()), what,
                 got, expected);
}

static void check_forward(const subject *s, const float *y)
{
    for (size_t i = 0; i < s->n; i++) {
        const double bias = s->norm.bias ? (double)s->norm.bias[i % s->cols] : 0, n = normal_at(s, i);
        near(s, "y", (double)y[i], n * weight_at(s, i) + bias,
             ROUNDING * (2 + fabs(n)) * fmax(1, fabs(weight_at(s, i))) + 0x1p-23 * fabs(bias));
    }
}

static void check_dx(const subject *s, const float *dx)
{
    for (size_t r = 0; r < s->rows; r++) {
        double plain = 0, along = 0, size = (double)s->cols, most = 0;
        for (size_t i = r * s->cols; i < (r + 1) * s->cols; i++) {
            const double g = (double)floats(&s->dy)[i] * weight_at(s, i);
            plain += s->norm.uncentered ? 0 : g / size;
            along += g * normal_at(s, i) / size;
            most = fmax(most, fabs(g));
        }
        for (size_t i = r * s->cols; i < (r + 1) * s->cols; i++) {
            const double g = (double)floats(&s->dy)[i] * weight_at(s, i);
            near(s, "dx", (double)dx[i], (g - plain - normal_at(s, i) * along) * s->inverse[r],
                 4 * ROUNDING * s->inverse[r] * (most + 1) * (1 + pow(normal_at(s, i), 2)));
        }
    }
}

static void check_parameters(const subject *s, double before, bool biased)
{
    for (size_t c = 0; c < s->cols; c++) {
        double weight = before, bias = before, scale = fabs(before);
        for (size_t i = c; i < s->n; i += s->cols) {
            weight += (double)floats(&s->dy)[i] * normal_at(s, i);
            bias += (double)floats(&s->dy)[i];
            scale += fabs((double)floats(&s->dy)[i]) * (1 + fabs(normal_at(s, i)));
        }
        near(s, "gradient of weight", (double)s->dweight[c], weight, 2 * ROUNDING * scale);
        if (biased)
            near(s, "gradient of bias", (double)s->dbias[c], bias, 2 * ROUNDING * scale);
    }
}

static void forward(subject *s, const hwv_executor *executor)
{
    hwv_layer_norm_forward(&s->norm, executor, floats(&s->x), floats(&s->y), s->moments);
}

static void backward(subject *s, const hwv_executor *executor, bool parameters, bool add)
{
    const hwv_layer_norm_gradients gradients = {floats(&s->dx), parameters ? s->dweight : NULL,
                                                parameters ? s->dbias : NULL, add, add};
    hwv_layer_norm_backward(&s->norm, executor, floats(&s->x), floats(&s->dy), s->moments, &gradients, s->workspace);
}

static void check(size_t rows, size_t cols, double offset, bool uncentered)
{
    subject *s = subject_make(rows, cols, offset, uncentered);
    for (int given = 0; given < 3; given++) {
        s->norm.weight = given > 0 ? floats(&s->weight) : NULL;
        s->norm.bias = given > 1 ? floats(&s->bias) : NULL;
        forward(s, NULL);
        check_forward(s, floats(&s->y));
        memcpy(floats(&s->dx), floats(&s->x), s->n * sizeof(float));
        hwv_layer_norm_forward(&s->norm, NULL, floats(&s->dx), floats(&s->dx), NULL);
        assert_true(compare_bits("in place", floats(&s->dx), floats(&s->y), s->n));
        for (int add = 0; add < 2; add++) {
            for (size_t c = 0; c < 2 * cols; c++)
                s->dweight[c] = add ? 3 : NAN;
            backward(s, NULL, true, add);
            check_parameters(s, add ? 3 : 0, true);
            check_dx(s, floats(&s->dx));
        }
        backward(s, NULL, false, false); /* dx alone; then in place; then the parameters alone */
        check_dx(s, floats(&s->dx));
        memcpy(floats(&s->y), floats(&s->dy), s->n * sizeof(float));
        hwv_layer_norm_backward(&s->norm, NULL, floats(&s->x), floats(&s->y), s->moments,
                                &(hwv_layer_norm_gradients){.x = floats(&s->y)}, s->workspace);
        assert_true(compare_bits("dx in place", floats(&s->y), floats(&s->dx), s->n));
        hwv_layer_norm_backward(&s->norm, NULL, floats(&s->x), floats(&s->dy), s->moments,
                                &(hwv_layer_norm_gradients){.weight = s->dweight}, s->workspace);
        check_parameters(s, 0, false);
    }
    subject_free(s);
}

static void test_against_loops(void **state)
{
    static const size_t rows[] = {1, 3, 130}, cols[] = {1, 2, 5, 16, 33, 64, 100, 1030};
    (void)state;
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL), HWV_OK);
        for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
            for (size_t c = 0; c < sizeof cols / sizeof cols[0]; c++) {
                check(rows[r], cols[c], 0.5, false);
                check(rows[r], cols[c], 0.5, true);
                if (cols[c] > 2)
                    check(rows[r], cols[c], 10000, false);
            }
        check(2, 5000, 300, false);
        check(2, 5000, 3, true);
    }
}

static void test_threads(void **state)
{
    (void)state;
    for (size_t cols = 3; cols < 200; cols += 61) {
        subject *one = subject_make(3000, cols, 5, cols > 100), *two = subject_make(3000, cols, 5, cols > 100);
        hwv_pool *pool;
        assert_int_equal(hwv_pool_create(&pool, 2, NULL), HWV_OK);
        forward(one, NULL);
        backward(one, NULL, true, false);
        forward(two, hwv_pool_executor(pool));
        backward(two, hwv_pool_executor(pool), true, false);
        assert_true(compare_bits("y", floats(&two->y), floats(&one->y), one->n));
        assert_true(compare_bits("dx", floats(&two->dx), floats(&one->dx), one->n));
        assert_true(compare_bits("sums", two->dweight, one->dweight, 2 * cols));
        hwv_pool_destroy(pool);
        subject_free(one);
        subject_free(two);
    }
}

static void test_edges(void **state)
{
    subject *s = subject_make(40, 70, 0, false);
    (void)state;
    floats(&s->x)[70 * 11 + 5] = NAN;
    floats(&s->x)[70 * 21 + 69] = INFINITY;
    for (size_t c = 0; c < 70; c++)
        floats(&s->x)[70 * 31 + c] = 12345.678f; /* no variance */
    forward(s, NULL);
    for (size_t i = 0; i < s->n; i++) {
        assert_int_equal(isnan(floats(&s->y)[i]), i / 70 == 11 || i / 70 == 21);
        if (i / 70 == 31)
            assert_true(fabs((double)floats(&s->y)[i] - (double)s->norm.bias[i % 70]) < 1e-3);
    }
    subject_free(s);
    assert_true(hwv_layer_norm_workspace(SIZE_MAX / 2, 128) == SIZE_MAX);
}

/* ---- transposes ----------------------------------------------------------------------------------- */

static void transpose_check(size_t rows, size_t cols, size_t extra)
{
    const size_t from_stride = cols + extra, to_stride = rows + 2 * extra;
    const size_t from_n = (rows - 1) * from_stride + cols, to_n = (cols - 1) * to_stride + rows;
    page_edge from = page_edge_make(from_n * sizeof(float)), to = page_edge_make(to_n * sizeof(float));
    uint32_t *bits = from.data, *moved = to.data;
    for (size_t i = 0; i < from_n; i++)
        bits[i] = 0x7f800000u + (uint32_t)i; /* signalling NaNs too: no bit may change */
    memset(moved, 0, to_n * sizeof *moved);
    hwv_transpose(rows, cols, from.data, from_stride, to.data, to_stride);
    for (size_t i = 0; i < to_n; i++) {
        const size_t c = i / to_stride, r = i % to_stride;
        const uint32_t wanted = r < rows ? bits[r * from_stride + c] : 0;
        if (moved[i] != wanted)
            fail_msg("%zu x %zu + %zu on %s: element %zu", rows, cols, extra, hwv_isa_name(hwv_isa_current()), i);
    }
    page_edge_free(&from);
    page_edge_free(&to);
}

static void test_transpose(void **state)
{
    (void)state;
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL), HWV_OK);
        for (size_t rows = 1; rows < 20; rows++)
            for (size_t cols = 1; cols < 36; cols++)
                transpose_check(rows, cols, (rows + cols) % 3);
        transpose_check(33, 130, 0);
        transpose_check(130, 67, 1);
    }
}

/* ---- speed ---------------------------------------------------------------------------------------- */

static void test_speed(void **state)
{
    subject *s = subject_make(4096, 512, 0.5, false);
    double best[3] = {INFINITY, INFINITY, INFINITY};
    (void)state;
    assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL), HWV_OK);
    for (size_t round = 0; round < 30; round++) {
        double times[4];
        times[0] = hwv_clock_seconds();
        memcpy(s->y.data, s->x.data, s->n * sizeof(float));
        times[1] = hwv_clock_seconds();
        forward(s, NULL);
        times[2] = hwv_clock_seconds();
        backward(s, NULL, true, false);
        times[3] = hwv_clock_seconds();
        for (size_t i = 0; i < 3; i++)
            best[i] = fmin(best[i], times[i + 1] - times[i]);
    }
    print_message("layer norm on %s: forward %.2f, backward %.2f of a copy\n", hwv_isa_name(hwv_isa_current()),
                  best[0] / best[1], best[0] / best[2]);
    assert_true(HWV_SANITIZED || best[0] / best[1] > 0.1);
    subject_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_loops), cmocka_unit_test(test_threads), cmocka_unit_test(test_edges),
        cmocka_unit_test(test_transpose),     cmocka_unit_test(test_speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
