/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Philox against the known answers published with Random123, and the distributions made from it. */
#include "halfwave/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void check_words(uint64_t seed, uint32_t stream, uint32_t step, uint64_t index, const uint32_t wanted[4])
{
    uint32_t got[4];
    hwv_philox(seed, stream, step, index, got);
    assert_memory_equal(got, wanted, sizeof got);
}

/* Counter words 0..3 are index low, index high, step, stream; key words 0, 1 are seed low, seed high. */
static void test_known_answers(void **state)
{
    (void)state;
    const uint32_t zeros[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    check_words(0, 0, 0, 0, zeros);
    const uint32_t ones[4] = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
    check_words(UINT64_MAX, UINT32_MAX, UINT32_MAX, UINT64_MAX, ones);
    const uint32_t pi[4] = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
    check_words(UINT64_C(0x299f31d0a4093822), 0x03707344, 0x13198a2e, UINT64_C(0x85a308d3243f6a88), pi);
}

static void test_below_is_in_range_and_even(void **state)
{
    (void)state;
    size_t seen[7] = {0};
    for (uint64_t i = 0; i < 70000; i++) {
        uint32_t draw = hwv_random_below(3, HWV_STREAM_TEST, 0, i, 7);
        assert_true(draw < 7);
        seen[draw]++;
    }
    /* Standard deviation of each count: 93. */
    for (size_t i = 0; i < 7; i++)
        assert_true(seen[i] > 9500 && seen[i] < 10500);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(hwv_random_below(3, HWV_STREAM_TEST, 0, i, 1), 0);
}

static void test_uniform_moments(void **state)
{
    (void)state;
    double sum = 0.0, square = 0.0;
    const int n = 100000;
    for (int i = 0; i < n; i++) {
        double u = hwv_random_uniform(5, HWV_STREAM_TEST, 1, (uint64_t)i);
        assert_true(u >= 0.0 && u < 1.0);
        sum += u;
        square += u * u;
    }
    assert_true(fabs(sum / n - 0.5) < 0.005);
    assert_true(fabs(square / n - 1.0 / 3.0) < 0.005);
}

/* Against Box-Muller through the C library: the own logarithm and cosine are accurate. */
static void test_normal_equals_library_formula(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 20000; i++) {
        uint32_t r[4];
        hwv_philox(11, HWV_STREAM_TEST, 2, i, r);
        double u = (double)((((uint64_t)r[0] << 32 | r[1]) >> 11) + 1) * 0x1p-53;
        double v = (double)(((uint64_t)r[2] << 32 | r[3]) >> 11) * 0x1p-53;
        double wanted = sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
        double got = hwv_random_normal(11, HWV_STREAM_TEST, 2, i);
        assert_true(fabs(got - wanted) <= 8e-15);
    }
}

static void test_normal_moments(void **state)
{
    (void)state;
    double sum = 0.0, square = 0.0, fourth = 0.0;
    const int n = 200000;
    for (int i = 0; i < n; i++) {
        double x = hwv_random_normal(7, HWV_STREAM_WEIGHTS, 0, (uint64_t)i);
        assert_true(isfinite(x));
        sum += x;
        square += x * x;
        fourth += x * x * x * x;
    }
    /* Five standard errors: 0.011, 0.016, 0.11. */
    assert_true(fabs(sum / n) < 0.0112);
    assert_true(fabs(square / n - 1.0) < 0.0159);
    assert_true(fabs(fourth / n - 3.0) < 0.11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),   cmocka_unit_test(test_below_is_in_range_and_even),
        cmocka_unit_test(test_uniform_moments), cmocka_unit_test(test_normal_equals_library_formula),
        cmocka_unit_test(test_normal_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
