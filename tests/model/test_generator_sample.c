/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Drawing tokens from logits: against plain sorting, shares over many draws, ties, temperatures, what is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "halfwave/random.h"
#include "model/generator.h"

enum { MOST = 80 };

static int32_t pick(const float *logits, size_t classes, hwv_sampling sampling, uint64_t index)
{
    double shares[MOST];
    int32_t order[MOST], token = -1;
    hwv_error error;
    if (hwv_generator_pick(logits, classes, &sampling, index, shares, order, &token, &error) != HWV_OK)
        fail_msg("%s", error.text);
    assert_true(token >= 0 && (size_t)token < classes);
    return token;
}

static hwv_sampling sampling_of(double temperature, size_t top_k, double top_p)
{
    return (hwv_sampling){.temperature = temperature, .top_k = top_k, .top_p = top_p, .seed = 11};
}

/* The probabilities of the header's sentence, by sorting. */
static void exact(const float *logits, size_t classes, const hwv_sampling *s, double *p)
{
    size_t order[MOST], kept = s->top_k > 0 && s->top_k < classes ? s->top_k : classes, last = 0;
    double all = 0, sum = 0;
    for (size_t i = 0; i < classes; i++) {
        size_t at = i;
        for (; at > 0 && logits[order[at - 1]] < logits[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
        p[i] = 0;
    }
    for (size_t i = 0; i < kept; i++)
        all += exp(((double)logits[order[i]] - (double)logits[order[0]]) / s->temperature);
    while (last < kept && (last == 0 || sum / all < s->top_p)) {
        p[order[last]] = exp(((double)logits[order[last]] - (double)logits[order[0]]) / s->temperature);
        sum += p[order[last++]];
    }
    for (size_t i = 0; i < classes; i++)
        p[i] /= sum;
}

/* Counts of 20,000 draws within five deviations. */
static void test_shares(void **state)
{
    (void)state;
    enum { DRAWS = 20000 };
    static const hwv_sampling of[] = {{1, 0, 1, 1},     {0.5, 0, 1, 2},  {3, 0, 1, 3},     {1, 1, 1, 4},
                                      {1, 3, 1, 5},     {1, 0, 0.5, 6},  {1, 0, 0.9, 7},   {2, 5, 0.7, 8},
                                      {1, 80, 1, 9},    {1, 1000, 1, 9}, {1, 0, 1e-9, 10}, {1e-9, 0, 0.9, 11},
                                      {1e9, 7, 0.6, 12}};
    for (size_t classes = 1; classes <= MOST; classes += classes < 9 ? 4 : 71) {
        float logits[MOST];
        for (size_t i = 0; i < classes; i++) /* with ties */
            logits[i] = 0.5f * (float)(int)hwv_random_below(1, HWV_STREAM_TEST, 9, i, 12);
        for (size_t s = 0; s < sizeof of / sizeof of[0]; s++) {
            double p[MOST], counts[MOST] = {0};
            exact(logits, classes, &of[s], p);
            for (size_t d = 0; d < DRAWS; d++)
                counts[pick(logits, classes, of[s], d)]++;
            for (size_t i = 0; i < classes; i++)
                if (!(fabs(counts[i] - DRAWS * p[i]) <= 5 * sqrt(DRAWS * p[i] * (1 - p[i])) + 1e-9 * DRAWS))
                    fail_msg("%zu classes, sampling %zu: token %zu %g times, should be %g", classes, s, i, counts[i],
                             DRAWS * p[i]);
        }
    }
}

static void test_likeliest(void **state)
{
    (void)state;
    const float logits[] = {-1, 3, -INFINITY, 3, 2};
    for (uint64_t i = 0; i < 50; i++) {
        assert_int_equal(pick(logits, 5, sampling_of(0, 0, 1), i), 1); /* the lower of two */
        assert_int_equal(pick(logits, 5, sampling_of(1, 1, 1), i), 1);
        assert_int_equal(pick(logits, 5, sampling_of(1, 0, 0x1p-1074), i), 1);
        assert_int_not_equal(pick(logits, 5, sampling_of(1e300, 0, 1), i), 2);
    }
    const float wide[] = {-3e38f, 3e38f};
    assert_int_equal(pick(wide, 2, sampling_of(1, 0, 1), 0), 1);
}

static void test_refused(void **state)
{
    (void)state;
    double shares[3];
    int32_t order[3], token;
    float logits[] = {1, 2, 3}, odd[] = {NAN, INFINITY};
    hwv_error error;
    const hwv_sampling wrong[] = {sampling_of(-0.1, 0, 1),       sampling_of(NAN, 0, 1), sampling_of(INFINITY, 0, 1),
                                  sampling_of(1, 0, 0),          sampling_of(1, 0, -1),  sampling_of(1, 0, 1.0001),
                                  sampling_of(1, 0, (double)NAN)};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(hwv_generator_pick(logits, 3, &wrong[i], 0, shares, order, &token, &error), HWV_ERR_ARGUMENT);
    for (double temperature = 0; temperature < 2; temperature++) {
        const hwv_sampling s = sampling_of(temperature, 0, 1);
        for (size_t i = 0; i < 6; i++) {
            const float kept = logits[i % 3];
            logits[i % 3] = odd[i / 3];
            assert_int_equal(hwv_generator_pick(logits, 3, &s, 0, shares, order, &token, &error), HWV_ERR_NUMERIC);
            logits[i % 3] = kept;
        }
        const float none[] = {-INFINITY, -INFINITY, -INFINITY};
        assert_int_equal(hwv_generator_pick(none, 3, &s, 0, shares, order, &token, &error), HWV_ERR_NUMERIC);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shares), cmocka_unit_test(test_likeliest),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
