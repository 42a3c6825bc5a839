/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Batch norm on every runnable set against plain loops in double: channel counts that are no multiple of the lanes,
 * rows around the blocks, means far larger than deviations, closed pages, in place, equal bits for any threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare.h"
#include "halfwave/isa.h"
#include "halfwave/random.h"
#include "linalg/batch_norm.h"
#include "page.h"

#define MOST_CHANNELS 70
#define EPSILON       1e-5f
#define MOMENTUM      0.25f
/* Rounding of a sum of a block: 32 terms and 16 groups around a centre, a few operations more; the squares of such data
 * around a centre from 32 rows are at most twice those around the mean. */
#define ROUNDING (64 * 0x1p-24)

/* What data looks like. */
typedef enum data_look { PLAIN, OFFSET, DRIFT, OUTLIERS, LOOKS } data_look;

static double draw(uint32_t stream, size_t i)
{
    return hwv_random_normal(11, HWV_STREAM_TEST, stream, i);
}

/* One case: floats up to a closed page, and everything by loops in double. */
typedef struct subject {
    size_t rows, channels, n;
    page_edge x, dy, y, dx;
    hwv_batch_norm norm;
    float weight[MOST_CHANNELS], bias[MOST_CHANNELS], running_mean[MOST_CHANNELS], running_variance[MOST_CHANNELS];
    double mean[MOST_CHANNELS], variance[MOST_CHANNELS];
    hwv_batch_norm_moments moments[MOST_CHANNELS];
    float *workspace;
    double amplification; /* of rounding by this look */
} subject;

static float value(data_look look, size_t row, size_t rows, size_t i)
{
    switch (look) {
    case OFFSET:
        return (float)(draw(1, i) + 10000);
    case DRIFT:
        return (float)(draw(1, i) / 8 + 300.0 * (double)row / (double)rows);
    case OUTLIERS:
        return (float)(row % 512 < 32 ? 5 : draw(1, i) / 16);
    default:
        return (float)(draw(1, i) + 0.5);
    }
}

/* Of images where line is not 0. */
static subject *subject_make_images(size_t rows, size_t channels, data_look look, size_t line, size_t lines)
{
    subject *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->rows = rows;
    s->channels = channels;
    s->n = rows * channels;
    page_edge *edges[] = {&s->x, &s->dy, &s->y, &s->dx};
    for (size_t i = 0; i < 4; i++)
        *edges[i] = page_edge_make(s->n * sizeof(float));
    for (size_t i = 0; i < s->n; i++) {
        ((float *)s->x.data)[i] = value(look, i / channels, rows, i);
        ((float *)s->dy.data)[i] = (float)(draw(2, i) + 0.25);
        s->mean[i % channels] += (double)((float *)s->x.data)[i] / (double)rows;
    }
    for (size_t i = 0; i < s->n; i++)
        s->variance[i % channels] += pow((double)((float *)s->x.data)[i] - s->mean[i % channels], 2) / (double)rows;
    for (size_t c = 0; c < channels; c++) {
        s->weight[c] = (float)draw(3, c);
        s->bias[c] = (float)draw(4, c);
        s->running_mean[c] = (float)draw(5, c);
        s->running_variance[c] = (float)(1 + fabs(draw(6, c)));
    }
    s->norm = (hwv_batch_norm){rows, channels, EPSILON, s->weight, s->bias, line, lines};
    s->workspace = malloc(hwv_batch_norm_workspace(&s->norm));
    assert_non_null(s->workspace);
    s->amplification = look == OUTLIERS ? 1 + 512.0 / 32 : 1;
    return s;
}

static subject *subject_make(size_t rows, size_t channels, data_look look)
{
    return subject_make_images(rows, channels, look, 0, 0);
}

static void subject_free(subject *s)
{
    page_edge *edges[] = {&s->x, &s->dy, &s->y, &s->dx};
    for (size_t i = 0; i < 4; i++)
        page_edge_free(edges[i]);
    free(s->workspace);
    free(s);
}

static void near(const subject *s, const char *what, double got, double exact, double limit)
{
    if (!(fabs(got - exact) <= limit))
        fail_msg("%s, %s, %zu rows of %zu: %.9g, should be %.17g within %g", hwv_isa_name(hwv_isa_current()), what,
                 s->rows, s->channels, got, exact, limit);
}

static double normalised(const subject *s, size_t i)
{
    size_t c = i % s->channels;
    return ((double)((float *)s->x.data)[i] - s->mean[c]) / sqrt(s->variance[c] + (double)EPSILON);
}

static void check_forward(const subject *s)
{
    const double limit = ROUNDING * s->amplification;
    for (size_t i = 0; i < s->n; i++) {
        double hat = normalised(s, i), weight = (double)s->weight[i % s->channels];
        double bias = (double)s->bias[i % s->channels];
        near(s, "y", (double)((float *)s->y.data)[i], hat * weight + bias,
             limit * (fabs(weight) * (1 + fabs(hat)) + fabs(bias)));
    }
}

/* constant: the moments are not x's own. */
static void check_backward(const subject *s, bool constant, const float *dweight, const float *dbias, double start)
{
    const double n = (double)s->rows, limit = 2 * ROUNDING * s->amplification;
    for (size_t c = 0; c < s->channels; c++) {
        double sum = 0, product = 0, sum_size = 0, product_size = 0;
        for (size_t i = c; i < s->n; i += s->channels) {
            double dy = (double)((float *)s->dy.data)[i], hat = normalised(s, i);
            sum += dy;
            product += dy * hat;
            sum_size += fabs(dy);
            product_size += fabs(dy) * (1 + fabs(hat));
        }
        near(s, "dbias", (double)dbias[c], start + sum, limit * sum_size);
        near(s, "dweight", (double)dweight[c], start + product, limit * product_size);
        double k = (double)s->weight[c] / sqrt(s->variance[c] + (double)EPSILON);
        for (size_t i = c; i < s->n; i += s->channels) {
            double dy = (double)((float *)s->dy.data)[i], hat = normalised(s, i);
            double exact = constant ? k * dy : k * (dy - sum / n - hat * product / n);
            double size = fabs(dy) + (constant ? 0 : sum_size / n + (1 + fabs(hat)) * product_size / n);
            near(s, "dx", (double)((float *)s->dx.data)[i], exact, limit * fabs(k) * size);
        }
    }
}

typedef struct row_calls {
    unsigned char seen[3000];
} row_calls;

static void count_rows(const void *context, size_t first, size_t rows)
{
    row_calls *c = *(row_calls *const *)context;
    for (size_t r = first; r < first + rows; r++)
        c->seen[r]++;
}

static void run_forward(subject *s, const hwv_executor *executor)
{
    hwv_batch_norm_forward(&s->norm, executor, s->x.data, s->moments, s->y.data, NULL, NULL, s->workspace);
}

static void run_backward(subject *s, const hwv_executor *executor, bool constant, float *dweight, float *dbias,
                         bool add)
{
    const hwv_batch_norm_gradients gradients = {s->dx.data, dweight, dbias, add, add};
    hwv_batch_norm_backward(&s->norm, executor, s->x.data, s->dy.data, s->moments, constant, &gradients, s->workspace);
}

static void check_running(const subject *s, const float *mean_before, const float *variance_before)
{
    const double limit = ROUNDING * s->amplification, n = (double)s->rows;
    for (size_t c = 0; c < s->channels; c++) {
        double mean = 0.75 * (double)mean_before[c] + 0.25 * s->mean[c];
        double variance = 0.75 * (double)variance_before[c] + 0.25 * s->variance[c] * n / (n - 1);
        near(s, "running mean", (double)s->running_mean[c], mean,
             limit * sqrt(s->variance[c]) + 0x1p-23 * (1 + fabs(mean)));
        near(s, "running variance", (double)s->running_variance[c], s->rows > 1 ? variance : (double)variance_before[c],
             2 * limit * (s->rows > 1 ? variance : 0));
    }
}

static void check_training(subject *s)
{
    const size_t rows = s->rows, channels = s->channels;
    float mean[MOST_CHANNELS], variance[MOST_CHANNELS], dweight[MOST_CHANNELS], dbias[MOST_CHANNELS];
    static row_calls calls;
    const void *context = &calls;
    memset(&calls, 0, sizeof calls);
    memcpy(mean, s->running_mean, sizeof mean);
    memcpy(variance, s->running_variance, sizeof variance);
    hwv_batch_norm_measure(&s->norm, NULL, s->x.data, MOMENTUM, s->running_mean, s->running_variance, s->moments,
                           s->workspace);
    check_running(s, mean, variance);
    hwv_batch_norm_forward(&s->norm, NULL, s->x.data, s->moments, s->y.data, count_rows, &context, s->workspace);
    for (size_t r = 0; r < sizeof calls.seen; r++)
        assert_int_equal(calls.seen[r], r < rows);
    check_forward(s);
    for (int add = 0; add < 2; add++) {
        for (size_t c = 0; c < channels; c++)
            dweight[c] = dbias[c] = add ? 3 : NAN;
        memset(s->dx.data, 0xff, s->n * sizeof(float));
        run_backward(s, NULL, false, dweight, dbias, add);
        check_backward(s, false, dweight, dbias, add ? 3 : 0);
    }
    run_backward(s, NULL, false, NULL, NULL, false); /* dx alone, then in place */
    check_backward(s, false, dweight, dbias, 3);
    memcpy(s->dx.data, s->dy.data, s->n * sizeof(float));
    memcpy(s->y.data, s->x.data, s->n * sizeof(float));
    hwv_batch_norm_backward(&s->norm, NULL, s->x.data, s->dx.data, s->moments, false,
                            &(hwv_batch_norm_gradients){.x = s->dx.data}, s->workspace);
    check_backward(s, false, dweight, dbias, 3);
    hwv_batch_norm_forward(&s->norm, NULL, s->y.data, s->moments, s->y.data, NULL, NULL, s->workspace);
    check_forward(s);
    subject_free(s);
}

/* Running statistics in the place of the batch's. */
static void check_constant(size_t rows, size_t channels)
{
    subject *s = subject_make(rows, channels, PLAIN);
    float dweight[MOST_CHANNELS], dbias[MOST_CHANNELS];
    for (size_t c = 0; c < channels; c++) {
        s->mean[c] = (double)s->running_mean[c];
        s->variance[c] = (double)s->running_variance[c];
    }
    hwv_batch_norm_recall(&s->norm, s->running_mean, s->running_variance, s->moments);
    run_forward(s, NULL);
    check_forward(s);
    run_backward(s, NULL, true, dweight, dbias, false);
    check_backward(s, true, dweight, dbias, 0);
    memset(s->dx.data, 0xff, s->n * sizeof(float));
    run_backward(s, NULL, true, NULL, NULL, false);
    check_backward(s, true, dweight, dbias, 0);
    subject_free(s);
}

static void test_against_loops(void **state)
{
    (void)state;
    static const size_t rows[] = {1, 2, 31, 33, 513, 1100}, channels[] = {1, 3, 8, 16, 17, 33, 70};
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL), HWV_OK);
        for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
            for (size_t c = 0; c < sizeof channels / sizeof channels[0]; c++) {
                for (data_look look = 0; look < LOOKS; look++)
                    check_training(subject_make(rows[r], channels[c], look));
                check_constant(rows[r], channels[c]);
            }
    }
}

/* Lines that do not fill a block, fill several, and are longer than one. */
static void test_images(void **state)
{
    (void)state;
    static const size_t sizes[][3] = {{3, 5, 7}, {2, 33, 31}, {1, 3, 600}, {40, 1, 1}, {5, 2, 2}};
    static const size_t channels[] = {1, 16, 33};
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL), HWV_OK);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            for (size_t c = 0; c < sizeof channels / sizeof channels[0]; c++)
                for (data_look look = 0; look < LOOKS; look++)
                    check_training(subject_make_images(sizes[i][0] * sizes[i][1] * sizes[i][2], channels[c], look,
                                                       sizes[i][2], sizes[i][1]));
    }
}

static void test_threads(void **state)
{
    (void)state;
    static const size_t channels[] = {3, 32, 70};
    for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++) {
        size_t c = channels[i];
        subject *one = subject_make(3000, c, DRIFT);
        float sums[2 * MOST_CHANNELS], others[2 * MOST_CHANNELS];
        hwv_batch_norm_measure(&one->norm, NULL, one->x.data, MOMENTUM, one->running_mean, one->running_variance,
                               one->moments, one->workspace);
        run_forward(one, NULL);
        run_backward(one, NULL, false, sums, sums + c, false);
        for (size_t threads = 1; threads <= 3; threads++) {
            hwv_pool *pool;
            subject *many = subject_make(3000, c, DRIFT);
            assert_int_equal(hwv_pool_create(&pool, threads, NULL), HWV_OK);
            const hwv_executor *executor = hwv_pool_executor(pool);
            hwv_batch_norm_measure(&many->norm, executor, many->x.data, MOMENTUM, many->running_mean,
                                   many->running_variance, many->moments, many->workspace);
            run_forward(many, executor);
            run_backward(many, executor, false, others, others + c, false);
            assert_true(compare_bits("running mean", many->running_mean, one->running_mean, c));
            assert_true(compare_bits("running variance", many->running_variance, one->running_variance, c));
            assert_true(compare_bits("y", many->y.data, one->y.data, one->n));
            assert_true(compare_bits("dx", many->dx.data, one->dx.data, one->n));
            assert_true(compare_bits("sums", others, sums, 2 * c));
            hwv_pool_destroy(pool);
            subject_free(many);
        }
        subject_free(one);
    }
}

/* A NaN stays in its channel; sizes that do not fit are told. */
static void test_edges(void **state)
{
    (void)state;
    subject *s = subject_make(100, 5, PLAIN);
    ((float *)s->x.data)[5 * 50 + 2] = NAN;
    hwv_batch_norm_measure(&s->norm, NULL, s->x.data, MOMENTUM, s->running_mean, s->running_variance, s->moments,
                           s->workspace);
    run_forward(s, NULL);
    for (size_t i = 0; i < s->n; i++)
        assert_int_equal(isnan(((float *)s->y.data)[i]), i % 5 == 2);
    assert_true(isnan(s->running_mean[2]) && isnan(s->running_variance[2]) && !isnan(s->running_mean[1]));
    subject_free(s);
    const hwv_batch_norm huge = {.rows = SIZE_MAX / 2, .channels = 128};
    assert_true(hwv_batch_norm_workspace(&huge) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_loops),
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
