/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The helpers of the tests themselves: a comparison that never failed would hide everything. */
#include "allocations.h"
#include "compare.h"
#include "reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_compare(void **state)
{
    (void)state;
    const double exact[4] = {1.0, -2.0, 0.0, INFINITY};
    float got[4] = {1.0f, -2.0f, -0.0f, INFINITY};
    assert_true(compare_maximum("a", got, exact, 4, 0.0));
    assert_true(compare_rounded("a", got, exact, 4, false));
    assert_false(compare_rounded("a", got, exact, 4, true));
    assert_true(compare_ulp("a", got, exact, 4, 0.0));
    assert_false(compare_maximum("a", got, exact, 4, (double)NAN));
    got[0] = nextafterf(1.0f, 2.0f);
    assert_true(compare_maximum("a", got, exact, 4, 0x1p-24));
    assert_false(compare_maximum("a", got, exact, 4, 0x1p-25));
    assert_true(compare_ulp("a", got, exact, 4, 1.0));
    assert_false(compare_ulp("a", got, exact, 4, 0.9));
    assert_false(compare_rounded("a", got, exact, 4, false));
    got[0] = NAN;
    assert_false(compare_maximum("a", got, exact, 4, 1e9));
    assert_false(compare_ulp("a", got, exact, 4, 1e9));
    got[0] = 1.0f;
    got[3] = 3e38f;
    assert_false(compare_maximum("a", got, exact, 4, 1e9));
    assert_false(compare_ulp("a", got, exact, 4, 1e9));
    assert_false(compare_bits("a", (const float[]){0.0f}, (const float[]){-0.0f}, 1));
    assert_true(compare_bits("a", (const float[]){0.5f}, (const float[]){0.5f}, 1));
}

static void test_ulp(void **state)
{
    (void)state;
    assert_true(compare_ulp_error(1.0f, 1.0) == 0.0);
    assert_true(compare_ulp_error(1.0f, 1.0 + 0x1p-24) == 0.5);
    assert_true(compare_ulp_error(0x1p-149f, 0.0) == 1.0);
    assert_true(compare_ulp_error(0.0f, 0x1p-150) == 0.5);
    assert_true(compare_ulp_error(0x1p-126f, 0x1p-126 + 0x1p-149) == 1.0);
    assert_true(isinf(compare_ulp_error(INFINITY, 1.0)));
    assert_true(compare_ulp_error(INFINITY, 1e39) == 0.0);
    assert_true(isinf(compare_ulp_error(0.0f, (double)NAN)));
}

static void test_allocations(void **state)
{
    (void)state;
    size_t count = allocations_count(), live = allocations_live();
    allocations_fail_at(2);
    void *volatile a = malloc(1), *volatile b = malloc(1), *volatile c = malloc(1); /* else optimised away */
    assert_true(a != NULL && b == NULL && c != NULL);
    assert_int_equal(allocations_count(), count + 3);
    assert_int_equal(allocations_live(), live + 2);
    free(a);
    free(c);
    assert_int_equal(allocations_live(), live);
}

static void test_reference(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    reference_array x, exact;
    assert_true(reference_load(&x, "act_relu", "in_x"));
    assert_true(reference_load(&exact, "act_relu", "out_exact"));
    assert_int_equal(x.count, 4096);
    assert_int_equal(x.dims, 1);
    assert_non_null(x.f32);
    assert_null(exact.f32);
    for (size_t i = 0; i < x.count; i++)
        assert_true(isnan(x.values[i]) ? isnan(exact.values[i])
                                       : exact.values[i] == (x.values[i] > 0.0 ? x.values[i] : 0.0));
    reference_free(&x);
    reference_free(&exact);
    assert_true(reference_load(&x, "model_mlp_digits", "in_param_fc1.weight"));
    assert_int_equal(x.dims, 2);
    assert_int_equal(x.shape[0], 32);
    assert_int_equal(x.shape[1], 64);
    reference_free(&x);
    assert_false(reference_load(&x, "act_relu", "nothing"));
}

static void test_reference_values(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    double number;
    char text[64];
    assert_true(reference_limit("linear_16x48_to_10_nobias", "out") == 2.3e-06);
    assert_true(isnan(reference_limit("linear_16x48_to_10_nobias", "nothing")));
    assert_true(reference_number("model_mlp_digits", "params/lr", &number) && number == 0.05);
    assert_true(reference_number("model_mlp_digits", "loss_rounding_level/1", &number) && number == 1.19e-07);
    assert_true(reference_number("act_relu", "signed_zero", &number));
    assert_true(reference_number("linear_16x48_to_10_nobias", "files/in_x/shape/1", &number) && number == 48.0);
    assert_false(reference_number("linear_16x48_to_10_nobias", "files/in_x/shape/2", &number));
    assert_true(reference_string("act_relu", "tolerance/kind", text, sizeof text));
    assert_string_equal(text, "exact");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),          cmocka_unit_test(test_ulp),
        cmocka_unit_test(test_allocations),      cmocka_unit_test(test_reference),
        cmocka_unit_test(test_reference_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
