/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Medians and interleaved rounds, with candidates whose cost is known. */
#include "allocations.h"
#include "halfwave/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void test_median(void **state)
{
    (void)state;
    double odd[] = {3.0, 1.0, 2.0}, even[] = {4.0, 1.0, 3.0, 2.0};
    assert_true(hwv_median(odd, 3) == 2.0);
    assert_true(hwv_median(even, 4) == 2.5);
    assert_true(hwv_median(NULL, 0) == 0.0);
}

static void test_median_interval(void **state)
{
    (void)state;
    /* Of nine values the second and the second last: 96 %, where the third ones have 82 %. */
    double nine[] = {9, 1, 8, 2, 7, 3, 6, 4, 5}, one[] = {3}, low, high;
    assert_true(hwv_median_interval(nine, 9, &low, &high) == 5 && low == 2 && high == 8);
    assert_true(hwv_median_interval(one, 1, &low, &high) == 3 && low == 3 && high == 3);
}

static void spin(void *context, size_t repeats)
{
    volatile uint32_t sink = 1;
    for (size_t i = 0; i < repeats * *(const size_t *)context; i++)
        sink = sink * 1664525u + 1013904223u;
}

static void test_rounds(void **state)
{
    (void)state;
    size_t base = 500, triple = 1500;
    hwv_candidate candidates[] = {
        {.name = "base", .run = spin, .context = &base},
        {.name = "triple", .run = spin, .context = &triple},
    };
    size_t live = allocations_live();
    /* Rounds far shorter than a time slice: on a busy machine most are not interrupted. */
    assert_int_equal(hwv_rounds(candidates, 2, 41, 0.0002, NULL), HWV_OK);
    assert_int_equal(allocations_live(), live);
    assert_true(candidates[0].ratio == 1.0 && candidates[0].ratio_low == 1.0 && candidates[0].ratio_high == 1.0);
    assert_true(candidates[0].seconds > 0.0 && candidates[0].repeats > 1);
    /* Three times the work; the median holds off a busy machine. */
    assert_true(candidates[1].ratio > 0.2 && candidates[1].ratio < 0.5);
    assert_true(candidates[1].ratio_low <= candidates[1].ratio && candidates[1].ratio <= candidates[1].ratio_high);
}

static void test_rounds_failure(void **state)
{
    (void)state;
    size_t base = 10;
    hwv_candidate candidate = {.name = "base", .run = spin, .context = &base};
    size_t live = allocations_live();
    hwv_error error;
    assert_int_equal(hwv_rounds(&candidate, 1, 0, 0.001, &error), HWV_ERR_ARGUMENT);
    assert_int_equal(hwv_rounds(&candidate, 1, SIZE_MAX / 2, 0.001, &error), HWV_ERR_MEMORY);
    for (size_t n = 1; n <= 2; n++) {
        allocations_fail_at(n);
        assert_int_equal(hwv_rounds(&candidate, 1, 9, 0.001, &error), HWV_ERR_MEMORY);
    }
    assert_int_equal(allocations_live(), live);
}

static void test_clock_moves_forward(void **state)
{
    (void)state;
    double first = hwv_clock_seconds(), last = first;
    for (int i = 0; i < 1000; i++) {
        double now = hwv_clock_seconds();
        assert_true(now >= last);
        last = now;
    }
    assert_true(last > first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_median),
        cmocka_unit_test(test_median_interval),
        cmocka_unit_test(test_rounds),
        cmocka_unit_test(test_rounds_failure),
        cmocka_unit_test(test_clock_moves_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
