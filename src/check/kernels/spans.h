/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Sums over the looks of a sample, for the kernels that count: of those that are picked, in float over HWV_COUNT_GROUP
 * rows and in double over those. */
#ifndef HWV_CHECK_KERNELS_SPANS_H
#define HWV_CHECK_KERNELS_SPANS_H

#include "check/counts.h"
#include "simd/halves.h"
#include "simd/sum.h"

/* What a rule asks for, a constant in every instance. */
enum {
    ABSOLUTE = 1,  /* |z| fires */
    RECTIFIER = 2, /* h is z where it fires, and 0 on the lower flat side, which is the rest */
    BY_Z = 4,      /* h is 0 on the lower flat side, where z is 0 or next to it, and nowhere else */
    HIGH = 8,      /* the upper flat side is not at infinity, where no number is that is counted here */
    INPUTS = 16,   /* there is no h: sums of inputs */
};

/* |h|, NaN where z is */
HWV_WORD vf size_of(const unsigned asked, vf z, vf h)
{
    return asked & RECTIFIER ? v_max(v_zero(), z) : v_abs(h);
}

/* Columns that two blocks of rows take as the halves of vectors, so that fewer lanes are empty. */
#define PAIRED(width) (V_HALVES && (width) <= V_LANES / 2)

/* A vector of a row; paired: beside that of another one. */
HWV_WORD vf row_load(const bool paired, const float *x, const float *other, size_t width)
{
#if V_HALVES
    if (paired)
        return v_load_halves(x, other, width);
#else
    (void)paired, (void)other;
#endif
    return v_load_part(x, width);
}

/* Columns keep the order of their additions, paired or not. */
HWV_WORD vd widen_add(const bool paired, vd sum, vf few)
{
#if V_HALVES
    if (paired)
        return vd_add_halves(sum, few);
#else
    (void)paired;
#endif
    return vd_add(sum, vd_of(few));
}

/* In float, over HWV_COUNT_GROUP rows at most. */
typedef struct moments {
    vf sum, square, magnitude;
} moments;

/* Over those. */
typedef struct sums {
    vd sum, square, magnitude;
    vf size; /* of what was summed in float */
} sums;

HWV_WORD sums sums_start(void)
{
    return (sums){vd_zero(), vd_zero(), vd_zero(), v_zero()};
}

/* Of one row; paired: and of one `other` further on. */
HWV_WORD void moments_add(const unsigned asked, const bool two, const bool paired, size_t width, size_t other,
                          const float *z, const float *h, moments *to)
{
    HWV_UNROLL
    for (size_t v = 0; v < 1 + (size_t)two; v++, z += V_LANES, h += V_LANES) {
        const vf a = row_load(paired, z, z + other, width);
        to[v].sum = v_add(to[v].sum, a);
        to[v].square = v_fma(a, a, to[v].square);
        if (asked & INPUTS)
            continue;
        const vf b = asked & RECTIFIER ? a : row_load(paired, h, h + other, width);
        to[v].magnitude = v_add(to[v].magnitude, size_of(asked, a, b));
    }
}

HWV_WORD void moments_end(const unsigned asked, const bool paired, moments m, sums *to)
{
    to->sum = widen_add(paired, to->sum, m.sum);
    to->square = widen_add(paired, to->square, m.square);
    if (!(asked & INPUTS))
        to->magnitude = widen_add(paired, to->magnitude, m.magnitude);
    to->size = v_add(to->size, asked & INPUTS ? m.square : v_add(m.square, m.magnitude));
}

/* Rows of which a sum in float has HWV_COUNT_GROUP. */
HWV_WORD size_t span_of(size_t rows)
{
    return hwv_count_every(rows) * HWV_COUNT_GROUP;
}

/* The sums of a span from row `first` on, a multiple of it; paired: and of the next one. two: and of the vector beside it,
 * into *beside, so that a line of the cache that they share comes once. */
HWV_WORD void span_add(const unsigned asked, const bool two, const bool paired, size_t span, size_t first, size_t rows,
                       size_t width, size_t stride, const float *z, const float *h, sums *to, sums *beside)
{
    const moments none = {v_zero(), v_zero(), v_zero()};
    const size_t end = paired || rows - first >= span ? first + span : rows;
    moments m[2] = {none, none};
    /* In the next span one digit of what hwv_count_pick is told differs, and that by 1. */
    if (span == HWV_COUNT_GROUP) {
        for (size_t r = first; r < end; r++)
            moments_add(asked, two, paired, width, span * stride, z + r * stride, h + r * stride, m);
    } else if (span == 4 * HWV_COUNT_GROUP) {
        for (size_t r = first; r < end; r += HWV_COUNT_GROUP) {
            const size_t pick = hwv_count_pick(r / HWV_COUNT_GROUP, 4);
            HWV_UNROLL
            for (size_t i = 0; i < HWV_COUNT_GROUP / 4; i++) {
                const size_t which = pick ^ i, at = r + 4 * i + which; /* hwv_count_pick of the fours */
                if (at < end)
                    moments_add(asked, two, paired, width, (span + (which ^ 1) - which) * stride, z + at * stride,
                                h + at * stride, m);
            }
        }
    } else {
        for (size_t r = first; r < end; r += 16) {
            const size_t which = hwv_count_pick(r / 16, 16), at = r + which;
            if (at < end)
                moments_add(asked, two, paired, width, (span + (which ^ 1) - which) * stride, z + at * stride,
                            h + at * stride, m);
        }
    }
    moments_end(asked, paired, m[0], to);
    if (two)
        moments_end(asked, paired, m[1], beside);
}

#endif
