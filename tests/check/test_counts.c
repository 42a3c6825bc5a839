/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counting against plain loops, on every set: integers equal, sums to rounding; NaN, infinity, huge and tiny numbers; shards
 * that add up exactly. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "check/counts.h"
#include "check/flat.h"
#include "check/sum2.h"
#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "halfwave/random.h"

typedef struct problem {
    hwv_act act;
    hwv_count_rule rule;
    size_t samples, looks, units;
    float *z, *h;
} problem;

static problem problem_make(hwv_op op, size_t samples, size_t looks, size_t units, float scale)
{
    problem p = {.act = hwv_act_make(op), .samples = samples, .looks = looks, .units = units};
    const size_t n = samples * looks * units;
    const hwv_flat flat = hwv_flat_find(&p.act);
    p.rule = hwv_count_rule_of(&p.act, flat.low, flat.high);
    p.z = malloc(n * sizeof(float)); /* of the exact size, for the sanitizers */
    p.h = malloc(n * sizeof(float));
    assert_non_null(p.z);
    assert_non_null(p.h);
    for (size_t i = 0; i < n; i++) {
        const size_t unit = i % units;
        p.z[i] = scale * (float)hwv_random_normal(3, HWV_STREAM_TEST, 0, i) + (float)(unit % 7) - 3;
        if (unit % 11 == 5)
            p.z[i] = unit % 2 ? -1.0f : 0.0f;
    }
    return p;
}

static void activate(problem *p)
{
    const size_t n = p->samples * p->looks * p->units;
    hwv_act_forward(&p->act, HWV_F32, 1, n, p->h, n, p->z, n);
}

static void problem_free(problem *p)
{
    free(p->z);
    free(p->h);
}

/* Whether sums take a look: of 64 or more one of each 4, of 128 or more one of each 16, by the digits of its group. */
static bool picked(size_t look, size_t looks)
{
    const size_t every = looks < 64 ? 1 : looks < 128 ? 4 : 16;
    size_t which = 0;
    for (size_t group = look / every; every > 1 && group > 0; group /= every)
        which ^= group % every;
    return look % every == which;
}

/* One unit by plain loops. */
typedef struct truth {
    hwv_unit_tally tally;
    double sizes[3]; /* sums of absolute values */
} truth;

static truth truth_of(const problem *p, size_t unit, size_t group)
{
    truth t = {.tally = {.min = INFINITY, .max = -INFINITY}};
    bool open = false;
    for (size_t s = 0; s < p->samples; s++) {
        for (size_t l = 0; l < p->looks; l++) {
            const size_t i = (s * p->looks + l) * p->units + unit;
            const double z = (double)p->z[i], h = (double)p->h[i];
            uint64_t mask = 0;
            hwv_act_fires(&p->act, HWV_F32, 1, 1, &p->z[i], 1, &mask, 1, NULL);
            t.tally.nans += isnan(z) != 0;
            if (isnan(z))
                continue;
            t.tally.fired += mask & 1;
            open = open || mask & 1;
            t.tally.zeros += h == 0;
            t.tally.low += z <= (double)p->rule.low;
            t.tally.high += z >= (double)p->rule.high;
            t.tally.min = fminf(t.tally.min, p->z[i]);
            t.tally.max = fmaxf(t.tally.max, p->z[i]);
            if (!picked(l, p->looks))
                continue;
            t.tally.magnitude = hwv_sum2_add(t.tally.magnitude, fabs(h));
            t.sizes[2] += fabs(h);
            t.tally.summed++;
            t.tally.z = hwv_sum2_add(t.tally.z, z);
            t.tally.square = hwv_sum2_add(t.tally.square, z * z);
            t.sizes[0] += fabs(z);
            t.sizes[1] += z * z;
        }
        if ((s + 1) % group == 0 || s + 1 == p->samples) {
            t.tally.fired_samples += open;
            open = false;
        }
    }
    return t;
}

static void near(hwv_sum2 got, hwv_sum2 wanted, double size, bool exact)
{
    if (!isfinite(wanted.hi))
        assert_true(got.hi == wanted.hi || (isnan(got.hi) && isnan(wanted.hi)));
    else if (exact)
        assert_true(got.hi == wanted.hi);
    else /* 16 floats, each sum rounded; the product too */
        assert_true(fabs(got.hi - wanted.hi) <= 18 * 6e-8 * size + 1e-30);
}

static void compare(const problem *p, const hwv_unit_tally *got, size_t group)
{
    for (size_t u = 0; u < p->units; u++) {
        const truth t = truth_of(p, u, group);
        const hwv_unit_tally *w = &t.tally;
        const bool exact = p->looks == 1;
        assert_int_equal(got[u].fired, w->fired);
        assert_int_equal(got[u].fired_samples, w->fired_samples);
        assert_int_equal(got[u].zeros, w->zeros);
        assert_int_equal(got[u].nans, w->nans);
        assert_int_equal(got[u].summed, w->summed);
        assert_int_equal(got[u].low, w->low);
        assert_int_equal(got[u].high, w->high);
        assert_true(got[u].min == w->min && got[u].max == w->max);
        near(got[u].z, w->z, t.sizes[0], exact);
        near(got[u].square, w->square, t.sizes[1], exact);
        near(got[u].magnitude, w->magnitude, t.sizes[2], exact);
    }
}

static hwv_unit_tally *tally_new(size_t units)
{
    hwv_unit_tally *tally = calloc(units, sizeof *tally);
    assert_non_null(tally);
    for (size_t u = 0; u < units; u++) {
        tally[u].min = INFINITY;
        tally[u].max = -INFINITY;
    }
    return tally;
}

/* Counts in calls of `step` samples, taking in between now and then. */
static hwv_unit_tally *count(const problem *p, size_t step, size_t group, uint8_t *picture)
{
    hwv_counts counts;
    hwv_unit_tally *tally = tally_new(p->units);
    const size_t size = p->looks * p->units;
    assert_int_equal(hwv_counts_init(&counts, p->units, group > 1, NULL), HWV_OK);
    for (size_t s = 0; s < p->samples; s += step) {
        const size_t some = p->samples - s < step ? p->samples - s : step;
        hwv_counts_add(&p->rule, some, p->looks, p->z + s * size, p->h + s * size, &counts,
                       picture ? picture + s * p->units : NULL);
        if (group > 1 && (s + some) % group == 0)
            hwv_counts_close(&counts);
        if (s % 3 == 0)
            hwv_counts_take(&counts, tally);
    }
    hwv_counts_close(&counts);
    hwv_counts_take(&counts, tally);
    hwv_counts_free(&counts);
    return tally;
}

static void check(const problem *p)
{
    const char *chosen = hwv_isa_name(hwv_isa_current());
    for (size_t isa = 0; isa < hwv_isa_count(); isa++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL), HWV_OK);
        uint8_t *picture = calloc(p->samples * p->units, 1);
        assert_non_null(picture);
        for (size_t way = 0; way < 4; way++) {
            const size_t group = way == 3 ? 2 : 1;
            hwv_unit_tally *tally = count(p,
                                          way == 0   ? p->samples
                                          : way == 3 ? 1
                                                     : 5,
                                          group, way == 1 ? picture : NULL);
            compare(p, tally, group);
            free(tally);
        }
        for (size_t i = 0; i < p->samples * p->units; i++) {
            uint64_t fired = 0;
            for (size_t l = 0; l < p->looks; l++) {
                uint64_t mask = 0;
                hwv_act_fires(&p->act, HWV_F32, 1, 1, &p->z[(i / p->units * p->looks + l) * p->units + i % p->units], 1,
                              &mask, 1, NULL);
                fired += mask & 1;
            }
            assert_int_equal(picture[i], (255 * fired + p->looks - 1) / p->looks);
        }
        free(picture);
    }
    assert_int_equal(hwv_isa_force(chosen, NULL), HWV_OK);
}

static void test_operators(void **state)
{
    (void)state;
    static const hwv_op ops[] = {HWV_OP_RELU, HWV_OP_LEAKY_RELU, HWV_OP_RELU6,       HWV_OP_HARDTANH,
                                 HWV_OP_CLIP, HWV_OP_HARDSWISH,  HWV_OP_HARDSIGMOID, HWV_OP_HARDSHRINK,
                                 HWV_OP_GELU, HWV_OP_SIGMOID,    HWV_OP_THRESHOLD,   HWV_OP_SOFTSHRINK};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        problem p[] = {problem_make(ops[i], 150, 1, 37, 1.5f), problem_make(ops[i], 7, 35, 21, 1.5f),
                       problem_make(ops[i], 7, 63, 21, 1.5f), problem_make(ops[i], 6, 100, 37, 1.5f),
                       problem_make(ops[i], 3, 550, 56, 1.5f)};
        for (size_t k = 0; k < sizeof p / sizeof *p; k++) {
            activate(&p[k]);
            check(&p[k]);
            problem_free(&p[k]);
        }
    }
}

/* Numbers that the kernels leave to plain code, in some columns of some rows. */
static void test_odd_numbers(void **state)
{
    (void)state;
    static const float odd[] = {NAN,    INFINITY, -INFINITY, 3e38f, 4096,           1e-30f,
                                1e-45f, -0.0f,    1e19f,     -3.0f, -0x1.7ffffep+1f};
    static const size_t all_looks[] = {1, 40, 77, 600};
    for (size_t k = 0; k < 4; k++) {
        const size_t looks = all_looks[k];
        for (size_t rectifier = 0; rectifier < 2; rectifier++) {
            problem p = problem_make(rectifier ? HWV_OP_RELU : HWV_OP_HARDSWISH, 130 / looks + 3, looks, 45, 1.0f);
            for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
                for (size_t at = 3 * i; at < p.samples * looks * p.units; at += 997 + i)
                    p.z[at] = odd[i];
            activate(&p);
            check(&p);
            problem_free(&p);
        }
    }
}

/* Whatever the order and the shards, a sum is rounded once. */
static void test_shards_add_up(void **state)
{
    (void)state;
    for (size_t looks = 1; looks <= 99; looks += 49) {
        problem p = problem_make(HWV_OP_HARDSWISH, 301, looks, 33, 3.0f);
        activate(&p);
        hwv_unit_tally *whole = count(&p, p.samples, 1, NULL);
        for (size_t step = 1; step < 300; step = 2 * step + 1) {
            hwv_unit_tally *parts = count(&p, step, 1, NULL);
            for (size_t u = 0; u < p.units; u++) {
                assert_true(parts[u].z.hi == whole[u].z.hi);
                assert_true(parts[u].square.hi == whole[u].square.hi);
                assert_true(parts[u].magnitude.hi == whole[u].magnitude.hi);
            }
            free(parts);
        }
        free(whole);
        problem_free(&p);
    }
}

/* Joined parts are what was counted in one; a part that was joined is empty. */
static void test_join(void **state)
{
    (void)state;
    const char *chosen = hwv_isa_name(hwv_isa_current());
    for (size_t isa = 0; isa < hwv_isa_count(); isa++)
        for (size_t looks = 1; looks <= 99; looks += 49) {
            assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL), HWV_OK);
            problem p = problem_make(HWV_OP_HARDSWISH, 90, looks, 37, 3.0f);
            const size_t size = looks * p.units;
            hwv_counts parts[3];
            hwv_feature_sums sums[3];
            hwv_unit_tally *got = tally_new(p.units), *none = tally_new(p.units);
            hwv_sum2 input[2][37] = {{{0, 0}}}, square[2] = {{0, 0}};
            p.z[50 * size + 3] = NAN;
            p.z[60 * size + 4] = INFINITY;
            p.z[20 * size + 4] = -INFINITY;
            p.z[61 * size + 5] = 1e30f;
            activate(&p);
            for (size_t k = 0; k < 3; k++) {
                assert_int_equal(hwv_counts_init(&parts[k], p.units, false, NULL), HWV_OK);
                assert_int_equal(hwv_feature_sums_init(&sums[k], p.units, NULL), HWV_OK);
                hwv_counts_add(&p.rule, 30, looks, p.z + 30 * k * size, p.h + 30 * k * size, &parts[k], NULL);
                hwv_feature_sums_add(30, looks, p.z + 30 * k * size, &sums[k]);
                hwv_feature_sums_take(&sums[k], input[0], &square[0]);
                hwv_feature_sums_add(30, looks, p.z + 30 * k * size, &sums[k]);
            }
            for (size_t k = 1; k < 3; k++) {
                hwv_counts_join(&parts[0], &parts[k]);
                hwv_feature_sums_join(&sums[0], &sums[k]);
                assert_true(parts[k].looks == 0 && sums[k].looks == 0);
                hwv_counts_take(&parts[k], none);
                hwv_feature_sums_take(&sums[k], input[1], &square[1]);
            }
            assert_int_equal(parts[0].looks, 90 * looks);
            for (size_t u = 0; u < p.units; u++)
                assert_true(none[u].fired == 0 && none[u].z.hi == 0 && none[u].max < none[u].min &&
                            input[1][u].hi == 0);
            hwv_counts_take(&parts[0], got);
            hwv_feature_sums_take(&sums[0], input[1], &square[1]);
            compare(&p, got, 1);
            for (size_t u = 0; u < p.units; u++)
                assert_true(input[0][u].hi == input[1][u].hi || isnan(input[0][u].hi));
            assert_true(square[0].hi == square[1].hi);
            for (size_t k = 0; k < 3; k++) {
                hwv_counts_free(&parts[k]);
                hwv_feature_sums_free(&sums[k]);
            }
            free(got);
            free(none);
            problem_free(&p);
        }
    assert_int_equal(hwv_isa_force(chosen, NULL), HWV_OK);
}

/* What a column sums up to does not depend on how many lie beside it, and so where in a vector it is. */
static void test_columns_alone(void **state)
{
    (void)state;
    static const size_t widths[] = {1, 3, 8, 13, 24, 40, 57};
    const char *chosen = hwv_isa_name(hwv_isa_current());
    static const size_t all_looks[] = {40, 100, 1100};
    for (size_t op = 0; op < 6; op++) {
        problem all = problem_make(op % 2 ? HWV_OP_RELU : HWV_OP_HARDSWISH, 3, all_looks[op / 2], 64, 1e3f);
        activate(&all);
        for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
            problem some = problem_make(all.act.op, all.samples, all.looks, widths[i], 1.0f);
            for (size_t k = 0; k < all.samples * all.looks * widths[i]; k++)
                some.z[k] = all.z[k / widths[i] * all.units + k % widths[i]];
            activate(&some);
            check(&some);
            for (size_t isa = 0; isa < hwv_isa_count(); isa++) {
                assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL), HWV_OK);
                hwv_unit_tally *wide = count(&all, all.samples, 1, NULL), *narrow = count(&some, all.samples, 1, NULL);
                assert_memory_equal(narrow, wide, widths[i] * sizeof *wide);
                free(wide);
                free(narrow);
            }
            problem_free(&some);
        }
        problem_free(&all);
    }
    assert_int_equal(hwv_isa_force(chosen, NULL), HWV_OK);
}

static void test_features(void **state)
{
    (void)state;
    const char *chosen = hwv_isa_name(hwv_isa_current());
    static const size_t all_looks[] = {1, 40, 77, 300}, all_columns[] = {45, 8, 3, 24};
    for (size_t k = 0; k < 4; k++) {
        const size_t looks = all_looks[k];
        problem p = problem_make(HWV_OP_RELU, 130 / looks + 2, looks, all_columns[k], 1.0f);
        const size_t rows = p.samples * looks;
        p.z[600] = 5000;
        p.z[44] = 1e-40f;
        p.z[48] = NAN;
        p.z[150] = NAN;
        for (size_t isa = 0; isa < hwv_isa_count(); isa++) {
            hwv_feature_sums sums;
            hwv_sum2 got[45] = {{0, 0}}, got_square = {0, 0}, square = {0, 0};
            assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL), HWV_OK);
            assert_int_equal(hwv_feature_sums_init(&sums, p.units, NULL), HWV_OK);
            hwv_feature_sums_add(p.samples, looks, p.z, &sums);
            hwv_feature_sums_take(&sums, got, &got_square);
            hwv_feature_sums_free(&sums);
            for (size_t u = 0; u < p.units; u++) {
                hwv_sum2 sum = {0, 0};
                double size = 0;
                for (size_t r = 0; r < rows; r++) {
                    const double x = (double)p.z[r * p.units + u];
                    if (isnan(x) || !picked(r % looks, looks))
                        continue;
                    sum = hwv_sum2_add(sum, x);
                    square = hwv_sum2_add(square, x * x);
                    size += fabs(x);
                }
                near(got[u], sum, size, looks == 1);
            }
            near(got_square, square, square.hi, false);
        }
        problem_free(&p);
    }
    assert_int_equal(hwv_isa_force(chosen, NULL), HWV_OK);
}

/* As many looks as are said to be in the sums, and as many in each column of an image. */
static void test_picks(void **state)
{
    (void)state;
    for (size_t looks = 1; looks < 700; looks++) {
        size_t count = 0;
        for (size_t l = 0; l < looks; l++) {
            assert_int_equal(hwv_count_picks(l, looks), picked(l, looks));
            count += picked(l, looks);
        }
        assert_int_equal(count, hwv_count_picked(looks));
    }
    for (size_t width = 4; width <= 64; width *= 2)
        for (size_t x = 0; x < width; x++) {
            size_t count = 0;
            for (size_t y = 0; y < 64; y++)
                count += picked(y * width + x, 64 * width);
            assert_int_equal(count, 4);
        }
}

/* What the rule says of the zeros of h, which kernels then do not read: of 100 thousand numbers around each place where that
 * changes, and of a million more; the whole range takes half a minute (HALFWAVE_EXHAUSTIVE). */
static void zeros_compare(const hwv_act *act, const hwv_count_rule *rule, uint32_t first, uint32_t count, uint32_t step)
{
    enum { SOME = 4096 };
    float z[SOME], h[SOME];
    for (uint32_t done = 0; done < count; done += SOME) {
        for (uint32_t i = 0; i < SOME; i++) {
            const uint32_t bits = first + (done + i) * step;
            memcpy(&z[i], &bits, sizeof bits);
        }
        hwv_act_forward(act, HWV_F32, 1, SOME, h, SOME, z, SOME);
        for (size_t i = 0; i < SOME; i++)
            if (isfinite(z[i]) && (h[i] == 0) != (z[i] <= rule->low || fabsf(z[i]) <= 0x1p-149f))
                fail_msg("h(%a) is %a", (double)z[i], (double)h[i]);
    }
}

static void test_zeros_by_z(void **state)
{
    (void)state;
    const char *chosen = hwv_isa_name(hwv_isa_current());
    for (size_t op = 0; op < hwv_op_count(); op++) {
        const hwv_act act = hwv_act_make(hwv_op_get(op)->op);
        const hwv_flat flat = hwv_flat_find(&act);
        const hwv_count_rule rule = hwv_count_rule_of(&act, flat.low, flat.high);
        static const uint32_t places[] = {0, 0x80000000, 0xc0400000};
        if (!rule.by_z)
            continue;
        uint32_t low;
        memcpy(&low, &rule.low, sizeof low);
        assert_true(rule.threshold == 0 && !rule.absolute && rule.low < 0 && (low & 0xffff) == 0 &&
                    rule.high == INFINITY);
        assert_int_equal(low, places[2]);
        for (size_t isa = 0; isa < hwv_isa_count(); isa++) {
            assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL), HWV_OK);
            for (size_t i = 0; i < 3; i++)
                zeros_compare(&act, &rule, places[i] - 50000, 100000, 1);
            zeros_compare(&act, &rule, 0, 1 << 20, 4099);
            if (getenv("HALFWAVE_EXHAUSTIVE"))
                for (uint32_t half = 0; half < 2; half++)
                    zeros_compare(&act, &rule, half << 31, UINT32_C(1) << 31, 1);
        }
    }
    assert_int_equal(hwv_isa_force(chosen, NULL), HWV_OK);
}

/* Numbers that lie too far apart for sums in one double, at the limit, and NaN, in blocks of many columns: the sum is that
 * of every number, rounded once. */
static void test_features_apart(void **state)
{
    (void)state;
    enum { ROWS = 37, COLUMNS = 163 };
    static float x[ROWS][COLUMNS];
    const char *chosen = hwv_isa_name(hwv_isa_current());
    for (size_t isa = 0; isa < hwv_isa_count(); isa++)
        for (int apart = 20; apart < 40; apart++) {
            hwv_feature_sums sums;
            hwv_sum2 got[COLUMNS] = {{0, 0}}, square = {0, 0}, squares = {0, 0};
            assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL), HWV_OK);
            for (size_t i = 0; i < ROWS * COLUMNS; i++) {
                const uint32_t kind = hwv_random_below(3, HWV_STREAM_TEST, 5, i, 4);
                const float one = 1 + 0x1p-23f * (float)hwv_random_below(3, HWV_STREAM_TEST, 6, i, 1 << 23);
                x[i / COLUMNS][i % COLUMNS] = kind == 0 ? ldexpf(one, -apart) : kind == 1 ? -one : kind == 2 ? 0 : one;
            }
            x[apart % ROWS][5] = NAN;
            x[apart % ROWS][70] = apart % 2 ? INFINITY : 1e-42f;
            assert_int_equal(hwv_feature_sums_init(&sums, COLUMNS, NULL), HWV_OK);
            hwv_feature_sums_add(ROWS, 1, x[0], &sums);
            hwv_feature_sums_take(&sums, got, &square);
            hwv_feature_sums_free(&sums);
            for (size_t u = 0; u < COLUMNS; u++) {
                hwv_sum2 sum = {0, 0};
                for (size_t r = 0; r < ROWS; r++)
                    if (!isnan(x[r][u])) {
                        sum = hwv_sum2_add(sum, (double)x[r][u]);
                        squares = hwv_sum2_add(squares, (double)x[r][u] * (double)x[r][u]);
                    }
                assert_true(got[u].hi == sum.hi);
                assert_true(!isfinite(sum.hi) || fabs(got[u].lo - sum.lo) <= 0x1p-90);
            }
            near(square, squares, squares.hi, false);
        }
    assert_int_equal(hwv_isa_force(chosen, NULL), HWV_OK);
}

/* A sample's squares are its own: shards, and plain code for the rows beside it, leave the sum as it is. */
static void test_feature_shards(void **state)
{
    (void)state;
    const char *chosen = hwv_isa_name(hwv_isa_current());
    for (size_t isa = 0; isa < hwv_isa_count(); isa++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL), HWV_OK);
        for (size_t looks = 1; looks <= 99; looks += 49) {
            problem p = problem_make(HWV_OP_RELU, 101, looks, 333, 3.0f);
            const size_t size = looks * p.units;
            p.z[5 * size + 7] = NAN;
            p.z[40 * size + 300] = 1e20f;
            p.z[99 * size] = 1e8f;
            for (size_t i = 0; i < size; i++)
                p.z[77 * size + i] = 1e-20f;
            for (size_t odd = 0; odd < 2; odd++) {
                double whole = 0;
                for (size_t step = p.samples; step > 0; step /= 3) {
                    hwv_feature_sums sums;
                    hwv_sum2 got[333] = {{0, 0}}, square = {0, 0};
                    assert_int_equal(hwv_feature_sums_init(&sums, p.units, NULL), HWV_OK);
                    for (size_t s = odd ? 0 : 41; s < p.samples; s += step)
                        hwv_feature_sums_add(p.samples - s < step ? p.samples - s : step, looks, p.z + s * size, &sums);
                    hwv_feature_sums_take(&sums, got, &square);
                    hwv_feature_sums_free(&sums);
                    assert_true(step == p.samples || square.hi == whole);
                    whole = square.hi;
                }
                assert_true(odd ? whole >= 1e40 : whole > 1e16 && whole < 1.1e16);
            }
            problem_free(&p);
        }
    }
    assert_int_equal(hwv_isa_force(chosen, NULL), HWV_OK);
}

/* The same in pieces, in bits. */
static void test_feature_pieces(void **state)
{
    (void)state;
    enum { COLUMNS = 1111 };
    static double squares[101][HWV_COUNT_PAD];
    static hwv_sum2 whole[COLUMNS], got[COLUMNS];
    const char *chosen = hwv_isa_name(hwv_isa_current());
    problem p = problem_make(HWV_OP_RELU, 101, 1, COLUMNS, 3.0f);
    p.z[5 * COLUMNS + 700] = NAN;
    p.z[40 * COLUMNS + 300] = 1e20f;
    p.z[99 * COLUMNS] = 1e-30f;
    for (size_t isa = 0; isa < hwv_isa_count(); isa++)
        for (size_t strip = 7; strip <= 64; strip += 19) { /* 64 among them, the only one that promises all bits */
            hwv_feature_sums sums;
            hwv_sum2 square = {0, 0}, whole_square = {0, 0};
            assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL), HWV_OK);
            assert_int_equal(hwv_feature_sums_init(&sums, COLUMNS, NULL), HWV_OK);
            memset(whole, 0, sizeof whole);
            memset(got, 0, sizeof got);
            hwv_feature_sums_add(p.samples, 1, p.z, &sums);
            hwv_feature_sums_take(&sums, whole, &whole_square);
            for (size_t at = 0; at < COLUMNS; at += 512)
                for (size_t r = 0; r < p.samples; r += strip)
                    hwv_feature_sums_piece(p.samples - r < strip ? p.samples - r : strip, COLUMNS,
                                           p.z + r * COLUMNS + at, at, COLUMNS - at < 512 ? COLUMNS - at : 512,
                                           squares + r, &sums);
            hwv_feature_sums_whole(p.samples, p.z, squares, &sums);
            assert_int_equal(sums.looks, p.samples);
            hwv_feature_sums_take(&sums, got, &square);
            hwv_feature_sums_free(&sums);
            assert_memory_equal(&square, &whole_square, sizeof square);
            for (size_t u = 0; u < COLUMNS; u++) {
                assert_true(got[u].hi == whole[u].hi);
                assert_true(!isfinite(got[u].hi) || strip == 64
                                ? memcmp(&got[u], &whole[u], sizeof *got) == 0
                                : fabs(got[u].lo - whole[u].lo) <= 0x1p-90 * fabs(got[u].hi));
            }
        }
    assert_int_equal(hwv_isa_force(chosen, NULL), HWV_OK);
    problem_free(&p);
}

/* What float cannot hold of squares. */
static void test_feature_squares(void **state)
{
    (void)state;
    static const float numbers[] = {1e-20f, 1e-22f, 3e18f, 1e20f, 3e38f, INFINITY};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        float x[3][40];
        hwv_feature_sums sums;
        hwv_sum2 got[40] = {{0, 0}}, square = {0, 0};
        for (size_t at = 0; at < 3 * 40; at++)
            x[at / 40][at % 40] = at == 5 ? NAN : at % 2 ? -numbers[i] : numbers[i];
        for (size_t looks = 1; looks <= 3; looks += 2) {
            const double wanted = 119 * (double)numbers[i] * (double)numbers[i];
            assert_int_equal(hwv_feature_sums_init(&sums, 40, NULL), HWV_OK);
            hwv_feature_sums_add(3 / looks, looks, x[0], &sums);
            square = (hwv_sum2){0, 0};
            hwv_feature_sums_take(&sums, got, &square);
            hwv_feature_sums_free(&sums);
            assert_true(square.hi == wanted || fabs(square.hi - wanted) < 1e-6 * wanted);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators),      cmocka_unit_test(test_odd_numbers),
        cmocka_unit_test(test_shards_add_up),  cmocka_unit_test(test_columns_alone),
        cmocka_unit_test(test_join),           cmocka_unit_test(test_picks),
        cmocka_unit_test(test_zeros_by_z),     cmocka_unit_test(test_features_apart),
        cmocka_unit_test(test_features),       cmocka_unit_test(test_feature_shards),
        cmocka_unit_test(test_feature_pieces), cmocka_unit_test(test_feature_squares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
