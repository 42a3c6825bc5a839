/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counting in vector words: a vector of units down the rows. */
#include <float.h>
#include <math.h>

#include "check/counts.h"
#include "simd/integers.h"
#include "simd/sum.h"

/* A sum that starts with BASE keeps the spacing of its doubles up to TOP; so what an addition loses is one subtraction
 * away, and a double again. Where squares over HWV_COUNT_EACH rows stay below TOP, the numbers themselves do too. */
#define BASE (1.5 * 0x1p30)
#define TOP  0x1p31
/* Squares summed in float beyond it count as too large. */
#define FINITE 1e36f
/* Where no square is larger, sums of HWV_FEATURE_ROWS numbers stay between 2^30 and TOP. */
#define SQUARES 0x1p46f

typedef struct exact {
    vd sum, lost;
} exact;

HWV_WORD exact exact_start(void)
{
    return (exact){vd_set(BASE), vd_zero()};
}

/* Products with 1, and products of two floats, are exact, fused or not; they keep the adders of a CPU free for the rest. */
HWV_WORD exact exact_add(exact a, vd x)
{
    const vd one = vd_set(1), sum = vd_fma(x, one, a.sum);
    return (exact){sum, vd_add(a.lost, vd_fnma(vd_sub(sum, a.sum), one, x))};
}

/* x: of floats */
HWV_WORD exact exact_add_square(exact a, vd x)
{
    const vd sum = vd_fma(x, x, a.sum);
    return (exact){sum, vd_sub(a.lost, vd_fnma(x, x, vd_sub(sum, a.sum)))};
}

/* hi + lo += x + lost (Knuth's two-sum) */
HWV_WORD void sum_add(const hwv_count_sum *to, size_t at, vd x, vd lost)
{
    const vd hi = vd_load(to->hi + at), sum = vd_add(hi, x), part = vd_sub(sum, hi);
    const vd error = vd_add(vd_sub(hi, vd_sub(sum, part)), vd_sub(x, part));
    vd_store(to->hi + at, sum);
    vd_store(to->lo + at, vd_add(vd_load(to->lo + at), vd_add(error, lost)));
}

HWV_WORD void exact_end(const hwv_count_sum *to, size_t at, exact a)
{
    sum_add(to, at, vd_sub(a.sum, vd_set(BASE)), a.lost);
}

HWV_WORD void counter_add(uint32_t *to, vi count)
{
    int32_t *p = (int32_t *)to;
    vi_store(p, vi_add(vi_load(p), count));
}

/* Whether a sum of numbers that are not negative stayed where its spacing is that of BASE; false with a NaN. */
HWV_WORD bool exact_holds(exact a)
{
    double lanes[V_LANES];
    bool holds = true;
    vd_store(lanes, a.sum);
    for (size_t i = 0; i < V_LANES; i++)
        holds = holds && lanes[i] < TOP;
    return holds;
}

/* What is counted of a vector of units. */
typedef struct count {
    vi fired, zeros, low, high;
    vf least, most;
} count;

/* The flags are constants in every instance. Returns |h|. */
HWV_WORD vf look(const bool absolute, const bool rectifier, const hwv_count_rule *rule, vf z, vf h, count *c)
{
    const vm fires = v_gt(absolute ? v_abs(z) : z, v_set(rule->threshold));
    c->fired = vi_count(c->fired, fires);
    c->least = v_min(c->least, z);
    c->most = v_max(c->most, z);
    if (rectifier)
        return v_keep(fires, z);
    c->zeros = vi_count(c->zeros, v_eq(h, v_zero()));
    c->low = vi_count(c->low, v_le(z, v_set(rule->low)));
    c->high = vi_count(c->high, v_ge(z, v_set(rule->high)));
    return v_abs(h);
}

HWV_WORD void commit(const bool each, const bool rectifier, size_t rows, const count *c, const hwv_counts *to,
                     size_t at)
{
    const vi none = vi_set(0), once = vi_count(none, vi_lt(none, c->fired));
    counter_add(to->fired + at, c->fired);
    vi_store((int32_t *)to->last_fired + at, c->fired);
    if (to->grouped)
        vi_store((int32_t *)to->open + at, vi_or(vi_load((int32_t *)to->open + at), once));
    else
        counter_add(to->samples + at, each ? c->fired : once);
    if (rectifier) {
        const vi silent = vi_sub(vi_set((int32_t)rows), c->fired);
        counter_add(to->zeros + at, silent);
        counter_add(to->low + at, silent);
    } else {
        counter_add(to->zeros + at, c->zeros);
        counter_add(to->low + at, c->low);
        counter_add(to->high + at, c->high);
    }
    v_store(to->min + at, v_min(c->least, v_load(to->min + at)));
    v_store(to->max + at, v_max(c->most, v_load(to->max + at)));
}

#define START                                                                                                          \
    {                                                                                                                  \
        vi_set(0), vi_set(0), vi_set(0), vi_set(0), v_set(INFINITY), v_set(-INFINITY)                                  \
    }

/* Samples of one look. */
HWV_WORD bool units_each(const bool absolute, const bool rectifier, const hwv_count_rule *rule, size_t rows,
                         size_t width, size_t stride, const float *z, const float *h, const hwv_counts *to, size_t at)
{
    count c = START;
    exact sum = exact_start(), square = exact_start(), magnitude = exact_start();
    for (size_t r = 0; r < rows; r++) {
        const vf x = v_load_part(z + r * stride, width);
        const vf y = rectifier ? v_zero() : v_load_part(h + r * stride, width);
        const vf a = look(absolute, rectifier, rule, x, y, &c);
        const vd wide = vd_of(x);
        sum = exact_add(sum, wide);
        square = exact_add_square(square, wide);
        magnitude = exact_add(magnitude, vd_of(a));
    }
    if (!exact_holds(square) || !exact_holds(magnitude))
        return false;
    commit(true, rectifier, rows, &c, to, at);
    exact_end(&to->sums[HWV_COUNT_Z], at, sum);
    exact_end(&to->sums[HWV_COUNT_SQUARE], at, square);
    exact_end(&to->sums[HWV_COUNT_MAGNITUDE], at, magnitude);
    return true;
}

/* The looks of one sample. */
HWV_WORD bool units_sample(const bool absolute, const bool rectifier, const hwv_count_rule *rule, size_t rows,
                           size_t width, size_t stride, const float *z, const float *h, const hwv_counts *to, size_t at)
{
    count c = START;
    vd sum = vd_zero(), square = vd_zero(), magnitude = vd_zero();
    vf size = v_zero();
    for (size_t r = 0; r < rows;) {
        const size_t end = rows - r < HWV_COUNT_GROUP ? rows : r + HWV_COUNT_GROUP;
        vf few = v_zero(), few_square = v_zero(), few_magnitude = v_zero();
        for (; r < end; r++) {
            const vf x = v_load_part(z + r * stride, width);
            const vf y = rectifier ? v_zero() : v_load_part(h + r * stride, width);
            few_magnitude = v_add(few_magnitude, look(absolute, rectifier, rule, x, y, &c));
            few = v_add(few, x);
            few_square = v_fma(x, x, few_square);
        }
        size = v_add(size, v_add(few_square, few_magnitude));
        sum = vd_add(sum, vd_of(few));
        square = vd_add(square, vd_of(few_square));
        magnitude = vd_add(magnitude, vd_of(few_magnitude));
    }
    if (vm_any(v_nle(size, v_set(FINITE))))
        return false;
    commit(false, rectifier, rows, &c, to, at);
    sum_add(&to->sums[HWV_COUNT_Z], at, sum, vd_zero());
    sum_add(&to->sums[HWV_COUNT_SQUARE], at, square, vd_zero());
    sum_add(&to->sums[HWV_COUNT_MAGNITUDE], at, magnitude, vd_zero());
    return true;
}

/* Whole vectors apart: their loads need no count. */
#define CALL(FUNCTION, absolute, rectifier)                                                                            \
    (width == V_LANES ? FUNCTION(absolute, rectifier, rule, rows, V_LANES, stride, z, h, to, at)                       \
                      : FUNCTION(absolute, rectifier, rule, rows, width, stride, z, h, to, at))

static bool units(const hwv_count_rule *rule, bool each, size_t rows, size_t width, size_t stride, const float *z,
                  const float *h, const hwv_counts *to, size_t at)
{
    if (rule->absolute)
        return each ? CALL(units_each, true, false) : CALL(units_sample, true, false);
    if (rule->rectifier)
        return each ? CALL(units_each, false, true) : CALL(units_sample, false, true);
    return each ? CALL(units_each, false, false) : CALL(units_sample, false, false);
}

/* The running sums of squares tell too how large a number can be, and whether one is NaN. */
HWV_WORD bool features_each(size_t rows, size_t width, size_t stride, const float *x, const hwv_count_sum *to,
                            size_t at, hwv_squares *squares)
{
    exact sum = exact_start();
    vf size = v_zero();
    for (size_t r = 0; r < rows; r++) {
        const vf a = v_load_part(x + r * stride, width), few = v_fma(a, a, v_load(squares->few[r]));
        v_store(squares->few[r], few);
        size = v_add(size, few);
        sum = exact_add(sum, vd_of(a));
    }
    if (vm_any(v_nle(size, v_set(SQUARES))))
        return false;
    exact_end(to, at, sum);
    return true;
}

/* What is not finite stays in the squares, for the caller to see. */
HWV_WORD bool features_sample(size_t rows, size_t width, size_t stride, const float *x, const hwv_count_sum *to,
                              size_t at, hwv_squares *squares)
{
    vd sum = vd_zero(), square = vd_zero();
    vf size = v_zero();
    for (size_t r = 0; r < rows;) {
        const size_t end = rows - r < HWV_COUNT_GROUP ? rows : r + HWV_COUNT_GROUP;
        vf few = v_zero(), few_square = v_zero();
        for (; r < end; r++) {
            const vf a = v_load_part(x + r * stride, width);
            few = v_add(few, a);
            few_square = v_fma(a, a, few_square);
        }
        size = v_add(size, few_square);
        sum = vd_add(sum, vd_of(few));
        square = vd_add(square, vd_of(few_square));
    }
    vd_store(squares->sample[0], vd_add(vd_load(squares->sample[0]), square));
    if (vm_any(v_nle(size, v_set(FINITE))))
        return false;
    sum_add(to, at, sum, vd_zero());
    return true;
}

static bool features(bool each, size_t rows, size_t width, size_t stride, const float *x, const hwv_count_sum *to,
                     size_t at, hwv_squares *squares)
{
    if (width == V_LANES)
        return each ? features_each(rows, V_LANES, stride, x, to, at, squares)
                    : features_sample(rows, V_LANES, stride, x, to, at, squares);
    return each ? features_each(rows, width, stride, x, to, at, squares)
                : features_sample(rows, width, stride, x, to, at, squares);
}

static void widen(size_t rows, hwv_squares *squares)
{
    for (size_t r = 0; r < rows; r++) {
        double *sample = squares->sample[r];
        vd_store(sample, vd_add(vd_load(sample), vd_of(v_load(squares->few[r]))));
        v_store(squares->few[r], v_zero());
    }
}

extern const hwv_count_kernels HWV_ISA(hwv_count_kernels);
const hwv_count_kernels HWV_ISA(hwv_count_kernels) = {V_LANES, units, features, widen};
