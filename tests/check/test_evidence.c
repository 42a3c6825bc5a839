/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * How sure a silence is: against small exact cases, the definition, and drawing without replacement. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "halfwave/check.h"
#include "halfwave/random.h"

static void test_bound(void **state)
{
    (void)state;
    assert_int_equal(hwv_samples_needed(0.01), 299);
    assert_int_equal(hwv_samples_needed(0.10), 29);
    assert_int_equal(hwv_samples_needed(0.001), 2995);
    assert_int_equal(hwv_samples_needed(1), 1);
    assert_int_equal(hwv_samples_needed(0.95), 1);
    for (double bound = 0.5; bound > 1e-7; bound *= 0.7) {
        uint64_t n = hwv_samples_needed(bound);
        assert_true(1 - pow(0.05, 1.0 / (double)n) <= bound * (1 + 1e-9));
        assert_true(n == 1 || 1 - pow(0.05, 1.0 / (double)(n - 1)) > bound * (1 - 1e-9));
    }
    /* a unit with exactly this rate is silent in n samples with a chance of 5 % */
    double rate = hwv_rate_bound(2877, 1);
    assert_true(fabs(pow(1 - rate, 2877) - 0.05) < 1e-12);
    rate = hwv_rate_bound(2877, 74);
    assert_true(fabs(pow(1 - rate, 2877) * 74 - 0.05) < 1e-10);
    assert_true(hwv_rate_bound(0, 1) == 1);
}

static double choose(unsigned n, unsigned k)
{
    double c = 1;
    for (unsigned i = 0; i < k; i++)
        c = c * (n - i) / (i + 1);
    return k > n ? 0 : c;
}

static void test_silent_chance(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 24; n++)
        for (unsigned k = 0; k <= n; k++)
            for (unsigned m = 0; m <= n; m++) {
                double exact = m > n - k ? 0 : choose(n - k, m) / choose(n, m);
                assert_true(fabs(hwv_silent_chance(n, k, m) - exact) < 1e-13);
            }
    assert_true(hwv_silent_chance(1000000000, 0, 500000000) == 1);
    assert_true(fabs(hwv_silent_chance(1000000000, 1, 250000000) - 0.75) < 1e-12);
    assert_true(fabs(hwv_silent_chance(1000000000, 10, 500000000) - 1.0 / 1024) < 1e-10);
    assert_true(hwv_silent_chance(1000000000, 900000000, 50000000) == 0);
}

/* Expected silent units among m of n samples, by drawing the m many times: within 4 standard errors. */
static void test_expectation(void **state)
{
    (void)state;
    enum { N = 60, UNITS = 40, DRAWS = 4000 };
    static bool fires[UNITS][N];
    uint64_t draw = 0, counts[UNITS] = {0};
    for (size_t u = 0; u < UNITS; u++)
        for (size_t i = 0; i < N; i++) {
            fires[u][i] = hwv_random_below(1, HWV_STREAM_TEST, 1, draw++, 60) < u / 4;
            counts[u] += fires[u][i];
        }
    for (unsigned m = 5; m <= 30; m += 25) {
        double expected = 0, mean = 0, square = 0;
        for (size_t u = 0; u < UNITS; u++)
            expected += hwv_silent_chance(N, counts[u], m);
        for (size_t d = 0; d < DRAWS; d++) {
            size_t order[N], silent = 0;
            for (size_t i = 0; i < N; i++)
                order[i] = i;
            for (size_t i = 0; i < m; i++) {
                size_t j = i + hwv_random_below(2, HWV_STREAM_TEST, 2, draw++, (uint32_t)(N - i)), t = order[i];
                order[i] = order[j];
                order[j] = t;
            }
            for (size_t u = 0; u < UNITS; u++) {
                bool any = false;
                for (size_t i = 0; i < m; i++)
                    any = any || fires[u][order[i]];
                silent += !any;
            }
            mean += (double)silent / DRAWS;
            square += (double)(silent * silent) / DRAWS;
        }
        double error = sqrt((square - mean * mean) / DRAWS);
        assert_true(fabs(mean - expected) < 4 * error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_silent_chance),
        cmocka_unit_test(test_expectation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
