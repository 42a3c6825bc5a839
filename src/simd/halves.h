/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Words on vectors whose two halves are apart, where a set has them (V_HALVES): the widest, which few columns leave half
 * empty.
 *   v_load_halves(p, q, n): the lower half begins with n <= V_LANES / 2 elements of p, the upper with those of q, and the
 *   rest reads as 0 and is not touched
 *   v_store_halves(p, q, a): the lower half to p, the upper to q
 *   In the lower half, the upper being left open: vi_join_add(a) v_join_min(a) v_join_max(a), of the two halves
 *   vd_add_halves(s, a): to each lane of the lower half of s that of a's, then that of a's upper half */
#ifndef HWV_SIMD_HALVES_H
#define HWV_SIMD_HALVES_H

#include "simd/sum.h"

#if defined(HWV_SIMD_avx512)

#define V_HALVES 1

HWV_WORD vf v_load_halves(const float *p, const float *q, size_t n)
{
    if (n == V_LANES / 2)
        return _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_loadu_ps(p)), _mm256_loadu_ps(q), 1);
    const __mmask8 some = (__mmask8)vm_first(n);
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_maskz_loadu_ps(some, p)), _mm256_maskz_loadu_ps(some, q),
                              1);
}
HWV_WORD void v_store_halves(float *p, float *q, vf a)
{
    _mm256_storeu_ps(p, _mm512_castps512_ps256(a));
    _mm256_storeu_ps(q, _mm512_extractf32x8_ps(a, 1));
}
HWV_WORD vi vi_join_add(vi a)
{
    return vi_add(a, _mm512_shuffle_i64x2(a, a, 0x4e));
}
HWV_WORD vf v_join_min(vf a)
{
    return v_min(a, _mm512_shuffle_f32x4(a, a, 0x4e));
}
HWV_WORD vf v_join_max(vf a)
{
    return v_max(a, _mm512_shuffle_f32x4(a, a, 0x4e));
}
HWV_WORD vd vd_add_halves(vd s, vf a)
{
    const vd wide = vd_of(a);
    return (vd){_mm512_add_pd(_mm512_add_pd(s.low, wide.low), wide.high), s.high};
}

#else

#define V_HALVES 0

#endif

#endif
