/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Activations that are no rows of ops.def because what is there composes them, against independent vectors (see
 * tests/support/reference.h) on every runnable set: crelu is two relus whose results stand side by side, maxout is
 * max pooling over its pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "compare.h"
#include "halfwave/act.h"
#include "linalg/pooling.h"
#include "reference.h"

typedef struct arrays {
    reference_array x, dy, y, dx;
    float *got_y, *got_dx;
} arrays;

static void load(arrays *a, const char *name)
{
    assert_true(reference_load(&a->x, name, "in_x"));
    assert_true(reference_load(&a->dy, name, "in_dy"));
    assert_true(reference_load(&a->y, name, "out_exact"));
    assert_true(reference_load(&a->dx, name, "grad_x_exact"));
    a->got_y = calloc(a->y.count, sizeof *a->got_y);
    a->got_dx = calloc(a->dx.count, sizeof *a->got_dx);
    assert_true(a->got_y && a->got_dx);
}

static void compare_and_free(arrays *a, const char *name)
{
    assert_true(compare_rounded(name, a->got_y, a->y.values, a->y.count, false));
    assert_true(compare_rounded(name, a->got_dx, a->dx.values, a->dx.count, false));
    free(a->got_y);
    free(a->got_dx);
    reference_free(&a->x);
    reference_free(&a->dy);
    reference_free(&a->y);
    reference_free(&a->dx);
}

/* [relu(x) | relu(-x)] along the columns, whose gradient is dy's left half through the one less its right half through
 * the other. */
static void crelu_case(void)
{
    arrays a;
    load(&a, "act_crelu");
    const size_t rows = a.x.shape[0], cols = a.x.shape[1], n = a.x.count;
    const hwv_act relu = hwv_act_make(HWV_OP_RELU);
    float *minus = calloc(n, sizeof *minus), *right = calloc(n, sizeof *right);
    assert_true(minus && right);
    for (size_t i = 0; i < n; i++)
        minus[i] = -a.x.f32[i];
    hwv_act_forward(&relu, HWV_F32, rows, cols, a.got_y, 2 * cols, a.x.f32, cols);
    hwv_act_forward(&relu, HWV_F32, rows, cols, a.got_y + cols, 2 * cols, minus, cols);
    hwv_act_backward(&relu, HWV_F32, rows, cols, a.got_dx, cols, a.dy.f32, 2 * cols, a.x.f32, cols);
    hwv_act_backward(&relu, HWV_F32, rows, cols, right, cols, a.dy.f32 + cols, 2 * cols, minus, cols);
    for (size_t i = 0; i < n; i++)
        a.got_dx[i] -= right[i];
    free(minus);
    free(right);
    compare_and_free(&a, "act_crelu");
}

/* The pieces are an axis of an image, the units its channels or its other axis. */
static void maxout_case(const char *name, size_t axis)
{
    arrays a;
    load(&a, name);
    hwv_pooling p = {.height = a.x.shape[1], .width = axis == 2 ? a.x.shape[2] : 1};
    p.channels = axis == 2 ? 1 : a.x.shape[2];
    for (size_t d = 0; d < 2; d++)
        p.kernel[d] = p.stride[d] = d == axis - 1 ? a.x.shape[axis] : 1;
    uint8_t *taps = calloc(a.y.count, 1);
    assert_non_null(taps);
    hwv_max_pool_forward(&p, NULL, a.x.shape[0], a.x.f32, a.got_y, taps);
    hwv_max_pool_backward(&p, NULL, a.x.shape[0], a.dy.f32, taps, a.got_dx);
    free(taps);
    compare_and_free(&a, name);
}

static void on_every_set(void (*test)(void))
{
    if (reference_missing())
        skip();
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), NULL), HWV_OK);
        test();
    }
}

static void crelu(void **state)
{
    (void)state;
    on_every_set(crelu_case);
}

static void maxouts(void)
{
    maxout_case("act_maxout_2_first", 1);
    maxout_case("act_maxout_2_last", 2);
}

static void maxout(void **state)
{
    (void)state;
    on_every_set(maxouts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crelu),
        cmocka_unit_test(maxout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
