/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Attention on every runnable set against plain loops in double, between closed pages: lengths around panels and blocks,
 * heads of any size, causal or not, scores that are large; what does not fit, equal bits for any threads, NaN where it
 * is seen and nowhere else; speed beside the peak. */
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
#include "linalg/attention.h"
#include "linalg/speed.h"
#include "page.h"
#include "sanitized.h"

typedef struct subject {
    hwv_attention of;
    size_t in, out, lines; /* elements of qkv, of y, of lse */
    page_edge qkv, y, dy, dqkv, lse, workspace;
    double *y_exact, *dqkv_exact;
} subject;

static float *floats(const page_edge *edge)
{
    return edge->data;
}

static subject *subject_make(hwv_attention of, double spread, size_t workers)
{
    subject *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->of = of;
    s->out = of.samples * of.length * of.width;
    s->in = 3 * s->out;
    s->lines = of.samples * of.heads * of.length;
    s->qkv = page_edge_make(s->in * sizeof(float));
    s->dqkv = page_edge_make(s->in * sizeof(float));
    s->y = page_edge_make(s->out * sizeof(float));
    s->dy = page_edge_make(s->out * sizeof(float));
    s->lse = page_edge_make(s->lines * sizeof(float));
    s->workspace = page_edge_make(hwv_attention_workspace(&of, workers));
    s->y_exact = calloc(s->out, sizeof *s->y_exact);
    s->dqkv_exact = calloc(s->in, sizeof *s->dqkv_exact);
    for (size_t i = 0; i < s->in; i++)
        floats(&s->qkv)[i] = (float)(hwv_random_normal(7, HWV_STREAM_TEST, 1, i) *
                                     (i % (3 * of.width) < 2 * of.width ? sqrt(spread) : 1));
    for (size_t i = 0; i < s->out; i++)
        floats(&s->dy)[i] = (float)hwv_random_normal(7, HWV_STREAM_TEST, 2, i);
    return s;
}

static void subject_free(subject *s)
{
    page_edge *edges[] = {&s->qkv, &s->dqkv, &s->y, &s->dy, &s->lse, &s->workspace};
    for (size_t i = 0; i < 6; i++)
        page_edge_free(edges[i]);
    free(s->y_exact);
    free(s->dqkv_exact);
    free(s);
}

static void run(subject *s, const hwv_executor *executor)
{
    hwv_attention_forward(&s->of, executor, floats(&s->qkv), floats(&s->y), floats(&s->lse), s->workspace.data);
    hwv_attention_backward(&s->of, executor, floats(&s->qkv), floats(&s->y), floats(&s->lse), floats(&s->dy),
                           floats(&s->dqkv), s->workspace.data);
}

/* One query of a head: its row of y and what it adds to the gradients. at: of the head in the sample's first row. */
static void query_exact(subject *s, size_t at, size_t out, size_t query, double *share)
{
    const size_t length = s->of.length, width = s->of.width, d = width / s->of.heads;
    const size_t seen = s->of.causal ? query + 1 : length;
    const double scale = 1 / sqrt((double)d);
    const float *x = floats(&s->qkv) + at, *dy = floats(&s->dy) + out + query * width;
    double *y = s->y_exact + out + query * width, *dx = s->dqkv_exact + at, most = -INFINITY, sum = 0, along = 0;
    for (size_t k = 0; k < seen; k++) {
        share[k] = 0;
        for (size_t i = 0; i < d; i++)
            share[k] += (double)x[query * 3 * width + i] * (double)x[k * 3 * width + width + i] * scale;
        most = fmax(most, share[k]);
    }
    for (size_t k = 0; k < seen; k++)
        sum += share[k] = exp(share[k] - most);
    for (size_t k = 0; k < seen; k++)
        for (size_t i = 0; i < d; i++) {
            const double p = share[k] / sum;
            y[i] += p * (double)x[k * 3 * width + 2 * width + i];
            dx[k * 3 * width + 2 * width + i] += p * (double)dy[i];
        }
    for (size_t i = 0; i < d; i++)
        along += y[i] * (double)dy[i];
    for (size_t k = 0; k < seen; k++) {
        double slope = -along;
        for (size_t i = 0; i < d; i++)
            slope += (double)dy[i] * (double)x[k * 3 * width + 2 * width + i];
        slope *= share[k] / sum * scale;
        for (size_t i = 0; i < d; i++) {
            dx[query * 3 * width + i] += slope * (double)x[k * 3 * width + width + i];
            dx[k * 3 * width + width + i] += slope * (double)x[query * 3 * width + i];
        }
    }
}

static void exact(subject *s)
{
    const size_t length = s->of.length, width = s->of.width, d = width / s->of.heads;
    double *share = malloc(length * sizeof *share);
    assert_non_null(share);
    for (size_t sample = 0; sample < s->of.samples; sample++)
        for (size_t head = 0; head < s->of.heads; head++)
            for (size_t q = 0; q < length; q++)
                query_exact(s, sample * length * 3 * width + head * d, sample * length * width + head * d, q, share);
    free(share);
}

/* Rounding: scores are sums of d products and as large as `spread` times a few, which the shares have as a relative
 * error; the sums over keys and queries are chains. */
static void check(hwv_attention of, double spread)
{
    subject *s = subject_make(of, spread, 1);
    const double scores = 0x1p-24 * 8 * (4 + spread * (1 + sqrt((double)(of.width / of.heads)))),
                 limit = scores + 0x1p-24 * 4 * (4 + sqrt((double)of.length));
    char label[120];
    exact(s);
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL), HWV_OK);
        memset(s->y.data, 0xff, s->out * sizeof(float));
        memset(s->dqkv.data, 0xff, s->in * sizeof(float));
        memset(s->workspace.data, 0xff, hwv_attention_workspace(&of, 1));
        run(s, NULL);
        snprintf(label, sizeof label, "%zu x %zu, %zu heads of %zu, %s, spread %g on %s", of.samples, of.length,
                 of.heads, of.width / of.heads, of.causal ? "causal" : "full", spread, hwv_isa_name(hwv_isa_current()));
        assert_true(compare_maximum(label, floats(&s->y), s->y_exact, s->out, limit));
        assert_true(compare_maximum(label, floats(&s->dqkv), s->dqkv_exact, s->in, limit));
        memset(s->dqkv.data, 0xff, s->out * sizeof(float));
        hwv_attention_forward(&s->of, NULL, floats(&s->qkv), floats(&s->dqkv), NULL, s->workspace.data);
        assert_true(compare_bits("without lse", floats(&s->dqkv), floats(&s->y), s->out));
    }
    subject_free(s);
}

static void test_against_loops(void **state)
{
    static const size_t lengths[] = {1, 2, 7, 31, 33, 64, 65, 100, 130}, sizes[] = {1, 8, 20, 32, 64, 100};
    (void)state;
    for (size_t causal = 0; causal < 2; causal++)
        for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++)
            for (size_t d = 0; d < sizeof sizes / sizeof sizes[0]; d++)
                check((hwv_attention){1 + l % 2, lengths[l], 2 * sizes[d], 2, causal}, 1);
    check((hwv_attention){1, 1024, 20, 1, true}, 1);
    check((hwv_attention){1, 1024, 64, 1, false}, 1);
    check((hwv_attention){2, 70, 96, 3, true}, 30); /* scores up to 100 and beyond */
    check((hwv_attention){2, 70, 96, 3, false}, 30);
}

static void test_threads(void **state)
{
    static const hwv_attention shapes[] = {
        {6, 150, 64, 2, true}, {1, 300, 24, 1, true}, {1, 200, 40, 2, false}, {3, 64, 32, 1, true}};
    (void)state;
    assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL), HWV_OK);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        subject *one = subject_make(shapes[i], 1, 1);
        run(one, NULL);
        for (size_t threads = 1; threads <= 3; threads++) {
            subject *many = subject_make(shapes[i], 1, threads);
            hwv_pool *pool;
            assert_int_equal(hwv_pool_create(&pool, threads, NULL), HWV_OK);
            memset(many->dqkv.data, 0xff, many->in * sizeof(float));
            run(many, hwv_pool_executor(pool));
            assert_true(compare_bits("y", floats(&many->y), floats(&one->y), one->out));
            assert_true(compare_bits("lse", floats(&many->lse), floats(&one->lse), one->lines));
            assert_true(compare_bits("dqkv", floats(&many->dqkv), floats(&one->dqkv), one->in));
            hwv_pool_destroy(pool);
            subject_free(many);
        }
        subject_free(one);
    }
}

/* One number that is not finite in q, k or v of position `at` (head 1 of 2, its column 3): y is NaN where that is seen
 * and nowhere else. */
static void check_unseen(bool causal, size_t part, size_t at, float what)
{
    const hwv_attention of = {1, 70, 40, 2, causal};
    subject *s = subject_make(of, 1, 1);
    floats(&s->qkv)[at * 120 + part * 40 + 23] = what;
    run(s, NULL);
    for (size_t i = 0; i < s->out; i++) {
        const size_t row = i / 40, column = i % 40;
        const bool sees = part == 0 ? row == at : (!causal || row >= at) && (part == 1 || column == 23);
        if (!isfinite(floats(&s->y)[i]) != (column >= 20 && sees))
            fail_msg("%s on %s, part %zu of position %zu: y[%zu,%zu] is %g", causal ? "causal" : "full",
                     hwv_isa_name(hwv_isa_current()), part, at, row, column, (double)floats(&s->y)[i]);
    }
    subject_free(s);
}

/* A NaN in the gradient of position `at`, that head and column. */
static void check_unseen_backward(size_t at)
{
    const hwv_attention of = {1, 70, 40, 2, true};
    subject *s = subject_make(of, 1, 1);
    floats(&s->dy)[at * 40 + 23] = NAN;
    run(s, NULL);
    for (size_t i = 0; i < s->in; i++) {
        const size_t row = i / 120, part = i % 120 / 40, column = i % 40;
        const bool sees = column >= 20 && (part == 0 ? row == at : row <= at && (part == 1 || column == 23));
        if (isnan(floats(&s->dqkv)[i]) != sees)
            fail_msg("%s: gradient of part %zu [%zu,%zu] is %g", hwv_isa_name(hwv_isa_current()), part, row, column,
                     (double)floats(&s->dqkv)[i]);
    }
    subject_free(s);
}

static void test_unseen(void **state)
{
    static const size_t places[] = {0, 3, 29, 31, 32, 63, 64, 69};
    (void)state;
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL), HWV_OK);
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            check_unseen_backward(places[i]);
            for (size_t part = 0; part < 3; part++) {
                check_unseen(true, part, places[i], NAN);
                check_unseen(false, part, places[i], NAN);
            }
            check_unseen(true, 2, places[i], INFINITY);
        }
    }
}

/* Scores near 1e17, where one key takes all; a sum of one term has the logarithm 0. */
static void test_large(void **state)
{
    const hwv_attention of = {1, 130, 40, 2, true};
    subject *s = subject_make(of, 1e17, 1);
    (void)state;
    exact(s);
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL), HWV_OK);
        run(s, NULL);
        assert_true(compare_maximum("y", floats(&s->y), s->y_exact, s->out, 0x1p-22));
        for (size_t i = 0; i < s->in; i++)
            assert_true(isfinite(floats(&s->dqkv)[i]));
        for (size_t i = 0; i < s->in; i++) /* of v, the ones */
            if (i % 120 >= 80)
                assert_true(fabs((double)floats(&s->dqkv)[i] - s->dqkv_exact[i]) < 1e-4);
    }
    subject_free(s);
}

static void test_sizes(void **state)
{
    hwv_attention of = {.samples = 1, .length = 1, .width = SIZE_MAX / 3, .heads = 1};
    (void)state;
    assert_true(hwv_attention_workspace(&of, 1) == SIZE_MAX);
    of.width = 64;
    assert_true(hwv_attention_workspace(&of, SIZE_MAX / 1000) == SIZE_MAX);
    assert_true(hwv_attention_workspace(&of, 0) == hwv_attention_workspace(&of, 1));
}

/* Larger shapes reach more of the peak; this one is a small language model's. */
static void test_speed(void **state)
{
    const hwv_attention of = {.samples = 12, .length = 64, .width = 128, .heads = 4, .causal = true};
    subject *s = subject_make(of, 1, 1);
    double best[3] = {INFINITY, INFINITY, INFINITY};
    (void)state;
    assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL), HWV_OK);
    for (size_t round = 0; round < 60; round++) {
        double times[4];
        times[0] = hwv_clock_seconds();
        const double flops = hwv_peak_of(hwv_isa_current())(10000);
        times[1] = hwv_clock_seconds();
        hwv_attention_forward(&of, NULL, floats(&s->qkv), floats(&s->y), floats(&s->lse), s->workspace.data);
        times[2] = hwv_clock_seconds();
        hwv_attention_backward(&of, NULL, floats(&s->qkv), floats(&s->y), floats(&s->lse), floats(&s->dy),
                               floats(&s->dqkv), s->workspace.data);
        times[3] = hwv_clock_seconds();
        for (size_t i = 0; i < 3; i++)
            best[i] = fmin(best[i], (times[i + 1] - times[i]) / (i == 0 ? flops : 1));
    }
    const double forward = hwv_attention_forward_flops(&of) / best[1] * best[0],
                 backward = hwv_attention_backward_flops(&of) / best[2] * best[0];
    print_message("attention on %s: forward %.0f us, %.0f %%, backward %.0f us, %.0f %% of the peak\n",
                  hwv_isa_name(hwv_isa_current()), 1e6 * best[1], 100 * forward, 1e6 * best[2], 100 * backward);
    assert_true(HWV_SANITIZED || (forward > 0.1 && backward > 0.1));
    subject_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_loops), cmocka_unit_test(test_threads), cmocka_unit_test(test_unseen),
        cmocka_unit_test(test_large),         cmocka_unit_test(test_sizes),   cmocka_unit_test(test_speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
