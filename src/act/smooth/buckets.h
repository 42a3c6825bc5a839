/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Functions by table: a >= 0 falls into one of V_TABLE buckets, each with a polynomial of its own, whose
 * coefficients are looked up in registers. The tables are made by tools/coefficients. */
#ifndef HWV_ACT_SMOOTH_BUCKETS_H
#define HWV_ACT_SMOOTH_BUCKETS_H

#include "act/predicates.h"

#if V_TABLE
HWV_WORD vw bucket_polynomial(vw t, wi i, const float (*rows)[V_TABLE], int degree)
{
    vw y = w_table(rows[degree], i);
    HWV_UNROLL
    for (int k = degree - 1; k >= 0; k--)
        y = w_fma(t, y, w_table(rows[k], i));
    return y;
}

/* Buckets that grow with a: the index is the exponent and the top of the mantissa of a + offset, the offset from
 * the bucket's base the variable. Bits above the index do no harm to a table lookup. The caller sees to
 * a <= name_last, beyond which the last polynomial would leave its constant; a NaN passes. */
#define HWV_GROWING_INDEX(name, a) wi_shr(w_as_i(w_add(a, w_set(name##_offset))), name##_shift)
#define HWV_GROWING(name, a)       bucket_growing(a, HWV_GROWING_INDEX(name, a), name, name##_degree)
HWV_WORD vw bucket_growing(vw a, wi i, const float (*rows)[V_TABLE], int degree)
{
    return bucket_polynomial(w_sub(a, w_table(rows[0], i)), i, rows + 1, degree);
}

/* The same without bases: the polynomials are in a - center. */
#define HWV_PLAIN(name, a)                                                                                             \
    bucket_polynomial(name##_center > 0 ? w_sub(a, w_set(name##_center)) : (a), HWV_GROWING_INDEX(name, a), name,      \
                      name##_degree)

/* Buckets of the same width: a * scale is k, rounded, and a rest of at most 1/2. */
#define HWV_UNIFORM(name, a) bucket_uniform(a, w_set(name##_scale), name, name##_degree)
HWV_WORD vw bucket_uniform(vw a, vw scale, const float (*rows)[V_TABLE], int degree)
{
    const vw magic = w_set(12582912.0f); /* 1.5 * 2^23 */
    vw sum = w_fma(a, scale, magic);
    return bucket_polynomial(w_fma(a, scale, w_sub(magic, sum)), w_as_i(sum), rows, degree);
}
#endif

#endif
