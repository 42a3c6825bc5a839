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
#endif

#endif
