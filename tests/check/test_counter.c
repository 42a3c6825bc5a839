/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counts against plain loops, for every operator; shards, groups and threads against the whole. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "act/reference.h"
#include "halfwave/check.h"
#include "halfwave/pool.h"
#include "halfwave/random.h"

enum { SAMPLES = 90, POSITIONS = 7, UNITS = 37 };

static float z[SAMPLES * POSITIONS * UNITS];

static float draw_z(size_t i)
{
    size_t unit = i % UNITS;
    float x = (float)hwv_random_normal(7, HWV_STREAM_TEST, 1, i);
    uint32_t kind = hwv_random_below(7, HWV_STREAM_TEST, 2, i, 200);
    if (unit == 0)
        return -1 - fabsf(x); /* never fires */
    if (unit == 1)
        return 1 + fabsf(x); /* always */
    if (unit == 2)
        return -0.5f; /* constant */
    if (unit == 3)
        return x * 1e-6f;
    if (unit == 4)
        return x - 3; /* rarely */
    return kind == 0 ? NAN : kind == 1 ? -0.0f : kind < 4 ? 0 : kind == 4 ? x * 1000 : x * 3;
}

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof z / sizeof z[0]; i++)
        z[i] = draw_z(i);
    return 0;
}

static void compare_unit(const hwv_act *act, const hwv_layer_tally *layer, size_t u, size_t group)
{
    const hwv_unit_tally *unit = &layer->unit[u];
    uint64_t fired = 0, samples = 0, zeros = 0, nans = 0;
    double sum = 0, absolute = 0, square = 0, magnitude = 0;
    float min = INFINITY, max = -INFINITY;
    bool any = false;
    for (size_t s = 0; s < SAMPLES; s++) {
        for (size_t p = 0; p < POSITIONS; p++) {
            float x = z[(s * POSITIONS + p) * UNITS + u], y;
            hwv_act_forward(act, HWV_F32, 1, 1, &y, 1, &x, 1);
            bool fires = !isnan(x) && hwv_act_reference_fires(act, (double)x);
            fired += fires;
            any = any || fires;
            zeros += (uint64_t)(y == 0);
            nans += (uint64_t)(isnan(x) != 0);
            if (isnan(x))
                continue;
            sum += (double)x;
            absolute += fabs((double)x);
            square += (double)x * (double)x;
            magnitude += fabs((double)y);
            min = x < min ? x : min;
            max = x > max ? x : max;
        }
        if ((s + 1) % group == 0 || s + 1 == SAMPLES) {
            samples += any;
            any = false;
        }
    }
    assert_int_equal(unit->fired, fired);
    assert_int_equal(unit->fired_samples, samples);
    assert_int_equal(unit->zeros, zeros);
    assert_int_equal(unit->nans, nans);
    assert_true(unit->min == min && unit->max == max);
    /* floats are added, eight at most, and cut to multiples of 2^-48 */
    double each = (double)(SAMPLES * POSITIONS) * ldexp(1, -48);
    assert_true(fabs(unit->z.hi - sum) <= each + 6e-7 * absolute);
    assert_true(fabs(unit->square.hi - square) <= each + 6e-7 * square);
    if (isfinite(magnitude))
        assert_true(fabs(unit->magnitude.hi - magnitude) <= each + 6e-7 * magnitude);
    else
        assert_true(unit->magnitude.hi == magnitude);
}

static void test_every_operator(void **state)
{
    (void)state;
    for (size_t i = 0; i < hwv_op_count(); i++)
        for (size_t group = 1; group <= 4; group += 3) {
            hwv_act act = hwv_act_make(hwv_op_get(i)->op);
            hwv_tally tally = {.group = group};
            assert_int_equal(hwv_tally_count(&tally, "layer", &act, SAMPLES, POSITIONS, UNITS, z, NULL, NULL), HWV_OK);
            assert_int_equal(tally.layer_count, 1);
            assert_int_equal(tally.rows, SAMPLES);
            assert_int_equal(tally.samples, (SAMPLES + group - 1) / group);
            assert_int_equal(tally.layers[0].looks, SAMPLES * POSITIONS);
            assert_int_equal(tally.layers[0].samples, tally.samples);
            for (size_t u = 0; u < UNITS; u++)
                compare_unit(&act, &tally.layers[0], u, group);
            hwv_tally_free(&tally);
        }
}

/* The flat sides where they are known in closed form. */
static void test_flat_sides(void **state)
{
    (void)state;
    const struct {
        hwv_op op;
        double low, high;
    } sides[] = {
        {HWV_OP_RELU, 0, (double)INFINITY},
        {HWV_OP_LEAKY_RELU, -(double)INFINITY, (double)INFINITY},
        {HWV_OP_RELU6, 0, 6},
        {HWV_OP_HARDTANH, -1, 1},
        /* s (1 - s) = 0.0025 */
        {HWV_OP_SIGMOID, log(0.5 * (1 - sqrt(0.99)) / (0.5 * (1 + sqrt(0.99)))),
         -log(0.5 * (1 - sqrt(0.99)) / (0.5 * (1 + sqrt(0.99))))},
        /* 1 - t^2 = 0.01 */
        {HWV_OP_TANH, -atanh(sqrt(0.99)), atanh(sqrt(0.99))},
        {HWV_OP_ELU, log(0.01), (double)INFINITY},
        /* s(x) = 0.0125: the derivative has no largest value but tends to 1 */
        {HWV_OP_SOFTPLUS, log(0.01 / 0.99), (double)INFINITY},
    };
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        hwv_act act = hwv_act_make(sides[i].op);
        for (size_t k = 0; k < 4001; k++) {
            float x = ((float)k - 2000) / 200;
            hwv_tally tally = {0};
            if (fabs((double)x - sides[i].low) < 1e-3 * fabs(sides[i].low) ||
                fabs((double)x - sides[i].high) < 1e-3 * fabs(sides[i].high))
                continue;
            if (k % 40 != 0 && fabs((double)x - sides[i].low) > 0.1 && fabs((double)x - sides[i].high) > 0.1)
                continue;
            assert_int_equal(hwv_tally_count(&tally, "x", &act, 1, 1, 1, &x, NULL, NULL), HWV_OK);
            if (tally.layers[0].unit[0].low != ((double)x <= sides[i].low))
                print_message("%s at %g\n", hwv_op_row(act.op)->name, (double)x);
            assert_int_equal(tally.layers[0].unit[0].low, (double)x <= sides[i].low);
            assert_int_equal(tally.layers[0].unit[0].high, (double)x >= sides[i].high);
            hwv_tally_free(&tally);
        }
    }
}

static void assert_same(const hwv_tally *a, const hwv_tally *b)
{
    assert_int_equal(a->rows, b->rows);
    assert_int_equal(a->samples, b->samples);
    assert_int_equal(a->layer_count, b->layer_count);
    for (size_t l = 0; l < a->layer_count; l++) {
        const hwv_layer_tally *x = &a->layers[l], *y = &b->layers[l];
        assert_int_equal(x->looks, y->looks);
        assert_int_equal(x->samples, y->samples);
        assert_int_equal(x->picture_samples, y->picture_samples);
        if (x->picture)
            assert_memory_equal(x->picture, y->picture, x->picture_samples * x->units);
        for (size_t u = 0; u < x->units; u++) {
            const hwv_unit_tally *p = &x->unit[u], *q = &y->unit[u];
            assert_int_equal(p->fired, q->fired);
            assert_int_equal(p->fired_samples, q->fired_samples);
            assert_int_equal(p->zeros, q->zeros);
            assert_int_equal(p->nans, q->nans);
            assert_int_equal(p->low, q->low);
            assert_int_equal(p->high, q->high);
            assert_true(p->min == q->min && p->max == q->max);
            assert_true(p->z.hi == q->z.hi && p->square.hi == q->square.hi && p->magnitude.hi == q->magnitude.hi);
        }
    }
}

static void test_shards(void **state)
{
    (void)state;
    const hwv_act act = hwv_act_make(HWV_OP_RELU);
    const size_t sample = (size_t)POSITIONS * UNITS;
    for (uint32_t round = 0; round < 40; round++) {
        size_t group = 1 + round % 3, cut = group * hwv_random_below(3, HWV_STREAM_TEST, 3, round, 29);
        hwv_tally whole = {.group = group}, first = {.group = group}, second = {.group = group};
        assert_int_equal(hwv_tally_count(&whole, "a", &act, SAMPLES, POSITIONS, UNITS, z, NULL, NULL), HWV_OK);
        assert_int_equal(hwv_tally_count(&first, "a", &act, cut, POSITIONS, UNITS, z, NULL, NULL), HWV_OK);
        assert_int_equal(
            hwv_tally_count(&second, "a", &act, SAMPLES - cut, POSITIONS, UNITS, z + cut * sample, NULL, NULL), HWV_OK);
        assert_int_equal(hwv_tally_merge(&first, &second, NULL), HWV_OK);
        assert_same(&whole, &first);
        hwv_tally_free(&whole);
        hwv_tally_free(&first);
        hwv_tally_free(&second);
    }
}

static void test_threads(void **state)
{
    (void)state;
    const hwv_act act = hwv_act_make(HWV_OP_GELU);
    hwv_tally one = {0}, several = {0};
    hwv_pool *pool;
    assert_int_equal(hwv_pool_create(&pool, 3, NULL), HWV_OK);
    assert_int_equal(hwv_tally_count(&one, "a", &act, SAMPLES, POSITIONS, UNITS, z, NULL, NULL), HWV_OK);
    assert_int_equal(hwv_tally_count(&several, "a", &act, SAMPLES, POSITIONS, UNITS, z, hwv_pool_executor(pool), NULL),
                     HWV_OK);
    assert_same(&one, &several);
    hwv_tally_free(&one);
    hwv_tally_free(&several);
    hwv_pool_destroy(pool);
}

static void test_refusals(void **state)
{
    (void)state;
    const hwv_act relu = hwv_act_make(HWV_OP_RELU), gelu = hwv_act_make(HWV_OP_GELU);
    hwv_tally a = {0}, b = {0}, c = {.group = 2}, l = {0};
    hwv_error error;
    assert_int_equal(hwv_tally_count(&a, "a", &relu, 4, 1, 8, z, NULL, NULL), HWV_OK);
    assert_int_equal(hwv_tally_count(&a, "a", &relu, 4, 1, 9, z, NULL, &error), HWV_ERR_SHAPE);
    assert_int_equal(hwv_tally_count(&a, "a", &gelu, 4, 1, 8, z, NULL, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "a: units of Gelu"));
    hwv_act leaky = hwv_act_make(HWV_OP_LEAKY_RELU);
    assert_int_equal(hwv_tally_count(&l, "l", &leaky, 4, 1, 8, z, NULL, NULL), HWV_OK);
    assert_int_equal(hwv_tally_count(&l, "l", &leaky, 4, 1, 8, z, NULL, NULL), HWV_OK);
    leaky.param[0] = 0.3f;
    assert_int_equal(hwv_tally_count(&l, "l", &leaky, 4, 1, 8, z, NULL, &error), HWV_ERR_MISMATCH);
    assert_int_equal(l.layers[0].looks, 8);
    hwv_tally_free(&l);
    assert_int_equal(hwv_tally_count(&b, "b", &relu, 4, 1, 8, z, NULL, NULL), HWV_OK);
    assert_int_equal(hwv_tally_count(&c, "a", &relu, 4, 1, 8, z, NULL, NULL), HWV_OK);
    assert_int_equal(hwv_tally_merge(&a, &b, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "layer 1 is a"));
    assert_int_equal(hwv_tally_merge(&a, &c, &error), HWV_ERR_MISMATCH);
    assert_int_equal(a.layers[0].looks, 4);
    hwv_tally_free(&a);
    hwv_tally_free(&b);
    hwv_tally_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_operator), cmocka_unit_test(test_flat_sides), cmocka_unit_test(test_shards),
        cmocka_unit_test(test_threads),        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
