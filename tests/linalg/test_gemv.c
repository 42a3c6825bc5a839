/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Products of a vector with a matrix on every runnable set, between closed pages: against plain loops in double; the same
 * bits for any threads, strides and cuts; rows of zeros left out or not; numbers that are not finite. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "halfwave/isa.h"
#include "halfwave/random.h"
#include "linalg/gemv.h"
#include "page.h"

static float draw(uint32_t step, size_t i)
{
    return (float)hwv_random_normal(3, HWV_STREAM_TEST, step, i);
}

typedef struct subject {
    page_edge x, w, y, numbers, bias;
    hwv_gemv gemv;
    size_t count; /* rows that are given */
} subject;

/* A share of x is 0, of either sign. */
static subject subject_make(size_t rows, size_t cols, size_t stride, double zeros)
{
    subject s = {.x = page_edge_make(rows * sizeof(float)),
                 .w = page_edge_make((rows > 0 ? (rows - 1) * stride + cols : 0) * sizeof(float)),
                 .y = page_edge_make(cols * sizeof(float)),
                 .bias = page_edge_make(cols * sizeof(float)),
                 .numbers = page_edge_make((rows + HWV_GEMV_SPARE) * sizeof(int32_t))};
    float *x = s.x.data, *w = s.w.data, *bias = s.bias.data;
    for (size_t i = 0; i < rows; i++)
        x[i] = hwv_random_uniform(3, HWV_STREAM_TEST, 1, i) < zeros ? (i % 2 ? -0.0f : 0.0f) : draw(2, i);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            w[i * stride + j] = draw(4, i * cols + j);
    for (size_t j = 0; j < cols; j++)
        bias[j] = draw(5, j);
    s.gemv = hwv_gemv_plain(rows, cols, w, stride);
    s.count = hwv_gemv_nonzero(rows, x, s.numbers.data);
    return s;
}

static void subject_free(subject *s)
{
    page_edge *edges[] = {&s->x, &s->w, &s->y, &s->bias, &s->numbers};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        page_edge_free(edges[i]);
}

static void run(subject *s, const hwv_executor *executor, bool skip, bool biased)
{
    hwv_gemv_run(&s->gemv, executor, s->x.data, skip ? s->numbers.data : NULL, skip ? s->count : s->gemv.rows,
                 biased ? s->bias.data : NULL, s->y.data);
}

static void near(const subject *s, bool biased)
{
    const float *x = s->x.data, *w = s->w.data, *y = s->y.data, *bias = s->bias.data;
    for (size_t j = 0; j < s->gemv.cols; j++) {
        double exact = biased ? (double)bias[j] : 0, sum = fabs(exact);
        for (size_t i = 0; i < s->gemv.rows; i++) {
            exact += (double)x[i] * (double)w[i * s->gemv.stride + j];
            sum += fabs((double)x[i] * (double)w[i * s->gemv.stride + j]);
        }
        /* a rounding or two a term, of sums no larger than that of the magnitudes */
        const double limit = 2 * ((double)s->gemv.rows + 2) * 0x1p-24 * sum;
        if (!(fabs((double)y[j] - exact) <= limit))
            fail_msg("%s: %zu x %zu at %zu: y[%zu] = %.9g, should be %.9g", hwv_isa_name(hwv_isa_current()),
                     s->gemv.rows, s->gemv.cols, s->gemv.stride, j, (double)y[j], exact);
    }
}

static void on_every_set(void (*test)(void))
{
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), NULL), HWV_OK);
        test();
    }
    assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL), HWV_OK);
}

static void shapes_run(void)
{
    static const size_t rows[] = {0, 1, 2, 5, 7, 8, 9, 16, 31, 130}, cols[] = {1, 3, 15, 16, 17, 40, 128, 1030};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        for (size_t c = 0; c < sizeof cols / sizeof cols[0]; c++) {
            subject s = subject_make(rows[r], cols[c], cols[c] + r % 3, 0.6);
            float *kept = malloc(cols[c] * sizeof(float));
            assert_non_null(kept);
            for (int biased = 0; biased < 2; biased++) {
                run(&s, NULL, false, biased);
                near(&s, biased);
                memcpy(kept, s.y.data, cols[c] * sizeof(float));
                memset(s.y.data, 0xff, cols[c] * sizeof(float));
                run(&s, NULL, true, biased);
                assert_memory_equal(kept, s.y.data, cols[c] * sizeof(float));
            }
            free(kept);
            subject_free(&s);
        }
}

static void test_shapes(void **state)
{
    (void)state;
    on_every_set(shapes_run);
}

static void numbers_run(void)
{
    for (size_t n = 0; n < 80; n++)
        for (int kind = 0; kind < 3; kind++) {
            page_edge x = page_edge_make(n * sizeof(float));
            page_edge rows = page_edge_make((n + HWV_GEMV_SPARE) * sizeof(int32_t));
            const float nothing[] = {0, -0.0f}, something[] = {NAN, 1, 0x1p-149f, -INFINITY, -2};
            size_t wanted = 0;
            for (size_t i = 0; i < n; i++)
                ((float *)x.data)[i] = kind == 0 || (kind == 1 && i * i % 7 > 2) ? nothing[i % 2] : something[i % 5];
            const size_t count = hwv_gemv_nonzero(n, x.data, rows.data);
            for (size_t i = 0; i < n; i++)
                if (!(((float *)x.data)[i] == 0)) {
                    assert_true(wanted < count);
                    assert_int_equal(((int32_t *)rows.data)[wanted++], (int32_t)i);
                }
            assert_int_equal(wanted, count);
            page_edge_free(&x);
            page_edge_free(&rows);
        }
}

static void test_numbers(void **state)
{
    (void)state;
    on_every_set(numbers_run);
}

/* Products too small for a float leave a zero of either sign on the way. */
static void small_run(void)
{
    subject s = subject_make(24, 20, 20, 0.5);
    float first[20], *x = s.x.data, *w = s.w.data, *bias = s.bias.data;
    for (size_t i = 0; i < 24; i++)
        x[i] = x[i] == 0 ? x[i] : copysignf(0x1p-100f, x[i]);
    for (size_t i = 0; i < 24 * 20; i++)
        w[i] = copysignf(0x1p-100f, w[i]);
    for (size_t j = 0; j < 20; j++)
        bias[j] = -0.0f;
    for (int biased = 0; biased < 2; biased++) {
        run(&s, NULL, false, biased);
        memcpy(first, s.y.data, sizeof first);
        run(&s, NULL, true, biased);
        assert_memory_equal(first, s.y.data, sizeof first);
    }
    subject_free(&s);
}

static void test_small(void **state)
{
    (void)state;
    on_every_set(small_run);
}

static void threads_run(void)
{
    hwv_pool *pool;
    subject s = subject_make(96, 5000, 5001, 0.5);
    float *first = malloc(5000 * sizeof(float));
    assert_non_null(first);
    run(&s, NULL, false, true);
    memcpy(first, s.y.data, 5000 * sizeof(float));
    for (size_t threads = 1; threads <= 5; threads += 2) {
        assert_int_equal(hwv_pool_create(&pool, threads, NULL), HWV_OK);
        for (int skip = 0; skip < 2; skip++) {
            memset(s.y.data, 0, 5000 * sizeof(float));
            run(&s, hwv_pool_executor(pool), skip, true);
            assert_memory_equal(first, s.y.data, 5000 * sizeof(float));
        }
        hwv_pool_destroy(pool);
    }
    free(first);
    subject_free(&s);
}

static void test_threads(void **state)
{
    (void)state;
    on_every_set(threads_run);
}

/* A transposed matrix in panels gives the bits of the plain one. */
static void turned_near(size_t rows, size_t cols, bool listed)
{
    hwv_gemv gemv = hwv_gemv_turned(rows, cols, listed);
    page_edge weight = page_edge_make(rows * cols * sizeof(float)), y = page_edge_make(cols * sizeof(float));
    page_edge turned = page_edge_make(hwv_gemv_floats(&gemv) * sizeof(float));
    subject s = subject_make(rows, cols, cols, 0.3);
    float *from = weight.data, odd[] = {NAN, INFINITY, -INFINITY};
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < cols; c++)
            from[c * rows + r] = s.gemv.w[r * cols + c];
    assert_true(hwv_gemv_turn(&gemv, from, turned.data));
    gemv.w = turned.data;
    for (int skip = 0; skip < 2; skip++) {
        run(&s, NULL, skip, true);
        hwv_gemv_run(&gemv, NULL, s.x.data, skip ? s.numbers.data : NULL, skip ? s.count : rows, s.bias.data, y.data);
        assert_memory_equal(y.data, s.y.data, cols * sizeof(float));
    }
    for (size_t i = 0; i < rows * cols; i += 1 + rows * cols / 20) {
        const float kept = from[i];
        from[i] = odd[i % 3];
        assert_false(hwv_gemv_turn(&gemv, from, turned.data));
        from[i] = kept;
    }
    page_edge_free(&weight);
    page_edge_free(&turned);
    page_edge_free(&y);
    subject_free(&s);
}

static void turned_run(void)
{
    static const size_t rows[] = {1, 9, 37, 150}, cols[] = {1, 21, 112, 128, 129, 300, 1100};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        for (size_t c = 0; c < sizeof cols / sizeof cols[0]; c++)
            for (int listed = 0; listed < 2; listed++)
                turned_near(rows[r], cols[c], listed);
}

static void test_turned(void **state)
{
    (void)state;
    on_every_set(turned_run);
    const hwv_gemv tall = hwv_gemv_turned(SIZE_MAX / 4, 300, false), broad = hwv_gemv_turned(3, SIZE_MAX - 1, true);
    assert_true(hwv_gemv_floats(&tall) == SIZE_MAX);
    assert_true(hwv_gemv_floats(&broad) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shapes), cmocka_unit_test(test_numbers),
                                       cmocka_unit_test(test_small), cmocka_unit_test(test_threads),
                                       cmocka_unit_test(test_turned)};
    assert_int_equal(hwv_initialise(NULL), HWV_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
