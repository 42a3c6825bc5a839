/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Softmax, cross-entropy, column sums and vector updates on every runnable set: reference vectors,
 * double loops, closed pages, extreme logits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare.h"
#include "halfwave/isa.h"
#include "halfwave/random.h"
#include "linalg/blocks.h"
#include "linalg/softmax.h"
#include "linalg/vector.h"
#include "page.h"
#include "reference.h"

/* Runs a check on every set. */
static void on_every_set(void (*check)(const char *isa))
{
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        const char *name = hwv_isa_name(hwv_isa_get(i));
        assert_int_equal(hwv_isa_force(name, NULL), HWV_OK);
        check(name);
    }
}

static void fill(float *x, size_t n, uint32_t stream, float size)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(2.0 * hwv_random_uniform(7, HWV_STREAM_TEST, stream, i) - 1.0) * size;
}

static void check_reference_case(const char *isa, const char *name)
{
    reference_array logits, target, loss, softmax, gradient;
    double smoothing, limits[] = {reference_limit(name, "out_loss"), reference_limit(name, "out_softmax"),
                                  reference_limit(name, "grad_logits")};
    assert_true(reference_load(&logits, name, "in_logits") && reference_load(&target, name, "in_target"));
    assert_true(reference_load(&loss, name, "out_loss_exact") && reference_load(&softmax, name, "out_softmax_exact"));
    assert_true(reference_load(&gradient, name, "grad_logits_exact"));
    assert_true(reference_number(name, "params/label_smoothing", &smoothing));

    size_t rows = logits.shape[0], classes = logits.shape[1];
    int32_t *labels = calloc(rows, sizeof *labels);
    float *p = calloc(rows * classes, sizeof *p), *d = calloc(rows * classes, sizeof *d);
    assert_true(labels && p && d);
    for (size_t r = 0; r < rows; r++)
        labels[r] = (int32_t)target.i64[r];

    char label[120];
    snprintf(label, sizeof label, "%s %s", isa, name);
    float got = (float)hwv_cross_entropy_forward(rows, classes, logits.f32, classes, labels, (float)smoothing, p);
    float alone = (float)hwv_cross_entropy_forward(rows, classes, logits.f32, classes, labels, (float)smoothing, NULL);
    assert_true(compare_maximum(label, &got, loss.values, 1, limits[0]));
    assert_true(got == alone);
    assert_true(compare_maximum(label, p, softmax.values, rows * classes, limits[1]));
    hwv_cross_entropy_backward(rows, classes, p, labels, (float)smoothing, 1.0f, d, classes);
    assert_true(compare_maximum(label, d, gradient.values, rows * classes, limits[2]));
    hwv_cross_entropy_backward(rows, classes, p, labels, (float)smoothing, 1.0f, p, classes);
    assert_true(compare_bits(label, p, d, rows * classes));

    free(labels);
    free(p);
    free(d);
    reference_array *arrays[] = {&logits, &target, &loss, &softmax, &gradient};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        reference_free(arrays[i]);
}

static void check_reference(const char *isa)
{
    static const char *const cases[] = {"cross_entropy_16x10_smooth0.0",      "cross_entropy_16x10_smooth0.1",
                                        "cross_entropy_8x65_smooth0.0",       "cross_entropy_6x10_smooth0.0_large",
                                        "cross_entropy_6x10_smooth0.1_large", "cross_entropy_8x65_smooth0.1"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_reference_case(isa, cases[i]);
}

static void test_cross_entropy_reference(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    on_every_set(check_reference);
}

/* Double loops, any number of classes, rows that end at a closed page, wide strides. */
static void check_classes(const char *isa)
{
    enum { ROWS = 19 };
    static const size_t counts[] = {1, 2, 3, 5, 10, 15, 16, 17, 31, 33, 65, 1000, 5003};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        size_t classes = counts[i], stride = classes + i % 3, used = (ROWS - 1) * stride + classes;
        page_edge x = page_edge_make(used * sizeof(float)), p = page_edge_make(ROWS * classes * sizeof(float));
        page_edge q = page_edge_make(used * sizeof(float));
        double *exact = calloc(ROWS * classes, sizeof *exact), loss = 0.0;
        int32_t labels[ROWS];
        assert_non_null(exact);
        fill(x.data, used, (uint32_t)classes, 8.0f);
        const float *row = x.data;
        for (size_t r = 0; r < ROWS; r++, row += stride) {
            double sum = 0.0;
            labels[r] = (int32_t)((r * 7) % classes);
            for (size_t c = 0; c < classes; c++)
                sum += exp((double)row[c]);
            for (size_t c = 0; c < classes; c++)
                exact[r * classes + c] = exp((double)row[c]) / sum;
            loss += log(sum) - (double)row[labels[r]];
        }
        double got = hwv_cross_entropy_forward(ROWS, classes, x.data, stride, labels, 0.0f, p.data);
        assert_true(fabs(got - loss / ROWS) <= 1e-6 * fmax(1.0, loss / ROWS));
        assert_true(compare_maximum(isa, p.data, exact, ROWS * classes, 1e-6));
        hwv_softmax(ROWS, classes, q.data, stride, x.data, stride);
        for (size_t r = 0; r < ROWS; r++)
            assert_true(compare_bits(isa, (float *)q.data + r * stride, (float *)p.data + r * classes, classes));
        free(exact);
        page_edge_free(&x);
        page_edge_free(&p);
        page_edge_free(&q);
    }
}

static void test_softmax_of_any_width(void **state)
{
    (void)state;
    on_every_set(check_classes);
}

static void check_extremes(const char *isa)
{
    (void)isa;
    const float far[] = {1e4f, -1e4f, 0.0f};
    const int32_t first = 0, second = 1;
    float p[3];
    assert_true(hwv_cross_entropy_forward(1, 3, far, 3, &first, 0.0f, p) == 0.0);
    assert_true(p[0] == 1.0f && p[1] == 0.0f && p[2] == 0.0f);
    assert_true(hwv_cross_entropy_forward(1, 3, far, 3, &second, 0.0f, NULL) == 2e4);
    assert_true(hwv_cross_entropy_forward(0, 3, far, 3, &second, 0.0f, NULL) == 0.0);

    /* Many rows of the largest sum: the product of the sums must not overflow. */
    enum { ROWS = 64, CLASSES = 1000 };
    float *same = calloc(ROWS * CLASSES, sizeof *same);
    int32_t *labels = calloc(ROWS, sizeof *labels);
    assert_true(same && labels);
    double loss = hwv_cross_entropy_forward(ROWS, CLASSES, same, CLASSES, labels, 0.0f, NULL);
    assert_true(fabs(loss - log(CLASSES)) < 1e-6);
    same[5 * CLASSES + 999] = NAN;
    assert_true(isnan(hwv_cross_entropy_forward(ROWS, CLASSES, same, CLASSES, labels, 0.0f, NULL)));
    free(same);
    free(labels);

    for (size_t at = 0; at < 37; at++) {
        const float bad[] = {NAN, INFINITY};
        for (size_t b = 0; b < 2; b++) {
            float x[2 * 37] = {0.0f};
            x[at] = bad[b];
            hwv_softmax(2, 37, x, 37, x, 37);
            for (size_t c = 0; c < 37; c++)
                assert_true(isnan(x[c]) || (b == 1 && c != at));
            assert_true(isnan(x[at]) && x[37] == x[73] && fabsf(x[37] * 37.0f - 1.0f) < 1e-6f);
        }
        float x[37] = {0.0f};
        x[at] = -INFINITY;
        hwv_softmax(1, 37, x, 37, x, 37);
        assert_true(x[at] == 0.0f && fabsf(x[(at + 1) % 37] * 36.0f - 1.0f) < 1e-6f);
    }
}

static void test_extreme_logits(void **state)
{
    (void)state;
    on_every_set(check_extremes);
}

static void check_column_sums(const char *isa)
{
    static const size_t rows[] = {0, 1, 31, 32, 33, 100, 2000};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t cols = 1; cols <= 70; cols += cols < 20 ? 1 : 7) {
            size_t n = rows[i], stride = cols + cols % 3, used = n > 0 ? (n - 1) * stride + cols : 0;
            page_edge x = page_edge_make(used * sizeof(float)), out = page_edge_make(cols * sizeof(float));
            fill(x.data, used, 1, 1.0f);
            for (int accumulate = 0; accumulate < 2; accumulate++) {
                float *sums = out.data;
                fill(sums, cols, 2, 1.0f);
                double exact[70];
                for (size_t c = 0; c < cols; c++) {
                    exact[c] = accumulate ? (double)sums[c] : 0.0;
                    for (size_t r = 0; r < n; r++)
                        exact[c] += (double)((float *)x.data)[r * stride + c];
                }
                hwv_column_sum(n, cols, x.data, stride, accumulate != 0, sums);
                for (size_t c = 0; c < cols; c++) /* |x| <= 1: each block and the total err by little */
                    if (fabs((double)sums[c] - exact[c]) > 1e-6 * (1.0 + (double)n / 16.0))
                        fail_msg("%s: %zu rows, column %zu of %zu: %g, should be %g", isa, n, c, cols, (double)sums[c],
                                 exact[c]);
            }
            page_edge_free(&x);
            page_edge_free(&out);
        }
    }
}

static void test_column_sums(void **state)
{
    (void)state;
    on_every_set(check_column_sums);
}

/* Tall matrices: the sums of blocks in their order, for any number of threads; one block gives the plain sum. */
static void check_tall_sums(const char *isa)
{
    static const size_t shapes[][2] = {{5000, 70}, {70000, 3}, {100, 7000}, {200, 32}, {1, 5}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        size_t rows = shapes[i][0], cols = shapes[i][1], block = hwv_sum_block(cols);
        page_edge x = page_edge_make(rows * cols * sizeof(float)), out = page_edge_make(cols * sizeof(float));
        float *wanted = malloc(cols * sizeof *wanted), *sums = malloc((rows / block + 1) * cols * sizeof *sums);
        void *workspace = malloc(hwv_column_sum_workspace(rows, cols) + 1);
        assert_true(wanted && sums && workspace);
        fill(x.data, rows * cols, 1, 1.0f);
        for (int accumulate = 0; accumulate < 2; accumulate++) {
            fill(wanted, cols, 2, 1.0f);
            for (size_t r = 0; r < rows; r += block)
                hwv_column_sum(rows - r < block ? rows - r : block, cols, (float *)x.data + r * cols, cols, false,
                               sums + r / block * cols);
            if (rows <= block) {
                assert_int_equal(hwv_column_sum_workspace(rows, cols), 0);
                hwv_column_sum(rows, cols, x.data, cols, accumulate, wanted);
            } else {
                hwv_column_sum(hwv_block_count(rows, block), cols, sums, cols, accumulate, wanted);
            }
            for (size_t threads = 0; threads <= 3; threads++) {
                hwv_pool *pool = NULL;
                if (threads)
                    assert_int_equal(hwv_pool_create(&pool, threads, NULL), HWV_OK);
                fill(out.data, cols, 2, 1.0f);
                hwv_column_sum_on(pool ? hwv_pool_executor(pool) : NULL, rows, cols, x.data, cols, accumulate, out.data,
                                  workspace);
                assert_true(compare_bits(isa, out.data, wanted, cols));
                hwv_pool_destroy(pool);
            }
        }
        free(wanted);
        free(sums);
        free(workspace);
        page_edge_free(&x);
        page_edge_free(&out);
    }
    assert_true(hwv_column_sum_workspace(SIZE_MAX, 64) < SIZE_MAX); /* a row for every 1024 */
    assert_true(hwv_column_sum_workspace(SIZE_MAX, 1024) == SIZE_MAX);
}

static void test_tall_sums(void **state)
{
    (void)state;
    on_every_set(check_tall_sums);
}

static double squares_wanted[80];

static void check_vectors(const char *isa)
{
    (void)isa;
    for (size_t n = 0; n < 80; n++) {
        page_edge x = page_edge_make(n * sizeof(float)), y = page_edge_make(n * sizeof(float));
        float *xs = x.data, *ys = y.data;
        float start[80];
        fill(xs, n, 3, 1e20f); /* squares overflow a float */
        double sum = 0.0;
        for (size_t i = 0; i < n; i++)
            sum += (double)xs[i] * (double)xs[i];
        double got = hwv_sum_of_squares(n, xs);
        assert_true(fabs(got - sum) <= 1e-15 * (double)n * sum);
        if (hwv_isa_current() == hwv_isa_get(0))
            squares_wanted[n] = got;
        assert_true(got == squares_wanted[n]);

        fill(start, n, 4, 1e20f);
        memcpy(ys, start, n * sizeof(float));
        hwv_add(n, ys, xs);
        for (size_t i = 0; i < n; i++)
            assert_true(ys[i] == start[i] + xs[i]);
        memcpy(ys, start, n * sizeof(float));
        hwv_scale(n, 0.3f, ys);
        for (size_t i = 0; i < n; i++)
            assert_true(ys[i] == start[i] * 0.3f);
        memcpy(ys, start, n * sizeof(float));
        hwv_axpy(n, 0.5f, ys, xs); /* the product is exact: fused or not is the same */
        for (size_t i = 0; i < n; i++)
            assert_true(ys[i] == start[i] + 0.5f * xs[i]);
        page_edge_free(&x);
        page_edge_free(&y);
    }
}

static void test_vectors(void **state)
{
    (void)state;
    on_every_set(check_vectors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cross_entropy_reference),
        cmocka_unit_test(test_softmax_of_any_width),
        cmocka_unit_test(test_extreme_logits),
        cmocka_unit_test(test_column_sums),
        cmocka_unit_test(test_tall_sums),
        cmocka_unit_test(test_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
