/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Sums over columns, a vector of units at a time. Lanes count in floats, exactly, up to 2^24 rows. */
#include "check/kernels.h"

#include <math.h>

#include "simd/simd.h"
#include "simd/sum.h"

/* Adding and taking away 1.5 * 2^-11 leaves a multiple of 2^-34, and of what is larger all but the last bit. */
HWV_WORD vf on_grid(vf x)
{
    const vf grid = v_set(0x1.8p-11f);
    return v_sub(v_add(x, grid), grid);
}

HWV_WORD void counts_store(uint32_t *to, vf counts, size_t lanes)
{
    float lane[V_LANES];
    v_store(lane, counts);
    for (size_t i = 0; i < lanes; i++)
        to[i] = (uint32_t)lane[i];
}

HWV_WORD void sums_store(double *to, vd sums, size_t lanes)
{
    double lane[V_LANES];
    vd_store(lane, sums);
    for (size_t i = 0; i < lanes; i++)
        to[i] = lane[i];
}

/* Units at .. at + lanes of all rows. */
HWV_WORD void strip(size_t rows, size_t units, size_t at, size_t lanes, const float *z, const float *y, float low,
                    float high, const hwv_moments *into)
{
    const bool whole = lanes == V_LANES;
    const vf one = v_set(1.0f), low_edge = v_set(low), high_edge = v_set(high);
    vd sum = vd_zero(), square = vd_zero(), magnitude = vd_zero();
    vf min = v_set(INFINITY), max = v_set(-INFINITY);
    vf zeros = v_zero(), nans = v_zero(), lows = v_zero(), highs = v_zero();
    for (size_t r = 0; r < rows; r++) {
        const float *zr = z + r * units + at, *yr = y + r * units + at;
        vf x = whole ? v_load(zr) : v_load_n(zr, lanes), h = whole ? v_load(yr) : v_load_n(yr, lanes);
        vm number = v_eq(x, x);
        nans = v_add(nans, v_keep(v_unordered(x, x), one));
        zeros = v_add(zeros, v_keep(v_eq(h, v_zero()), one));
        lows = v_add(lows, v_keep(v_le(x, low_edge), one));
        highs = v_add(highs, v_keep(v_ge(x, high_edge), one));
        min = v_select(v_lt(x, min), x, min);
        max = v_select(v_gt(x, max), x, max);
        x = v_keep(number, x);
        sum = vd_add(sum, on_grid(x));
        square = vd_add(square, on_grid(v_mul(x, x)));
        magnitude = vd_add(magnitude, on_grid(v_keep(number, v_abs(h))));
    }
    sums_store(into->z + at, sum, lanes);
    sums_store(into->square + at, square, lanes);
    sums_store(into->magnitude + at, magnitude, lanes);
    v_store_part(into->min + at, min, lanes);
    v_store_part(into->max + at, max, lanes);
    counts_store(into->zeros + at, zeros, lanes);
    counts_store(into->nans + at, nans, lanes);
    counts_store(into->low + at, lows, lanes);
    counts_store(into->high + at, highs, lanes);
}

static void moments(size_t rows, size_t units, const float *z, const float *y, float low, float high,
                    const hwv_moments *into)
{
    size_t at = 0;
    for (; units - at >= V_LANES; at += V_LANES)
        strip(rows, units, at, V_LANES, z, y, low, high, into);
    if (at < units)
        strip(rows, units, at, units - at, z, y, low, high, into);
}

HWV_WORD void input_strip(size_t rows, size_t features, size_t at, size_t lanes, const float *x, double *sum,
                          double *square)
{
    const bool whole = lanes == V_LANES;
    vd sums = vd_zero(), squares = vd_zero();
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * features + at;
        vf a = whole ? v_load(from) : v_load_n(from, lanes);
        a = v_keep(v_eq(a, a), a);
        sums = vd_add(sums, on_grid(a));
        squares = vd_add(squares, on_grid(v_mul(a, a)));
    }
    sums_store(sum + at, sums, lanes);
    sums_store(square + at, squares, lanes);
}

static void input(size_t rows, size_t features, const float *x, double *sum, double *square)
{
    size_t at = 0;
    for (; features - at >= V_LANES; at += V_LANES)
        input_strip(rows, features, at, V_LANES, x, sum, square);
    if (at < features)
        input_strip(rows, features, at, features - at, x, sum, square);
}

const hwv_check_kernels HWV_ISA(hwv_check_kernels) = {moments, input};
