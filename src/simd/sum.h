/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Words for sums in double: vd holds one double per float lane.
 *   vd_zero()  vd_add_square(s, x) = s + x * x: the product of two floats is exact, so fused or not the
 *   bits are the same on all sets  vd_store(p, s): V_LANES doubles */
#ifndef HWV_SIMD_SUM_H
#define HWV_SIMD_SUM_H

#include "simd/simd.h"

#if defined(HWV_SIMD_avx512)

typedef struct vd {
    __m512d low, high;
} vd;
HWV_WORD vd vd_zero(void)
{
    return (vd){_mm512_setzero_pd(), _mm512_setzero_pd()};
}
HWV_WORD vd vd_add_square(vd s, vf x)
{
    __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(x)), high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1));
    return (vd){_mm512_fmadd_pd(low, low, s.low), _mm512_fmadd_pd(high, high, s.high)};
}
HWV_WORD void vd_store(double *p, vd s)
{
    _mm512_storeu_pd(p, s.low);
    _mm512_storeu_pd(p + 8, s.high);
}

#elif defined(HWV_SIMD_avx2)

typedef struct vd {
    __m256d low, high;
} vd;
HWV_WORD vd vd_zero(void)
{
    return (vd){_mm256_setzero_pd(), _mm256_setzero_pd()};
}
HWV_WORD vd vd_add_square(vd s, vf x)
{
    __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(x)), high = _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1));
    return (vd){_mm256_fmadd_pd(low, low, s.low), _mm256_fmadd_pd(high, high, s.high)};
}
HWV_WORD void vd_store(double *p, vd s)
{
    _mm256_storeu_pd(p, s.low);
    _mm256_storeu_pd(p + 4, s.high);
}

#elif defined(HWV_SIMD_sse2)

typedef struct vd {
    __m128d low, high;
} vd;
HWV_WORD vd vd_zero(void)
{
    return (vd){_mm_setzero_pd(), _mm_setzero_pd()};
}
HWV_WORD vd vd_add_square(vd s, vf x)
{
    __m128d low = _mm_cvtps_pd(x), high = _mm_cvtps_pd(_mm_movehl_ps(x, x));
    return (vd){_mm_add_pd(_mm_mul_pd(low, low), s.low), _mm_add_pd(_mm_mul_pd(high, high), s.high)};
}
HWV_WORD void vd_store(double *p, vd s)
{
    _mm_storeu_pd(p, s.low);
    _mm_storeu_pd(p + 2, s.high);
}

#elif defined(HWV_SIMD_neon)

typedef struct vd {
    float64x2_t low, high;
} vd;
HWV_WORD vd vd_zero(void)
{
    return (vd){vdupq_n_f64(0.0), vdupq_n_f64(0.0)};
}
HWV_WORD vd vd_add_square(vd s, vf x)
{
    float64x2_t low = vcvt_f64_f32(vget_low_f32(x)), high = vcvt_high_f64_f32(x);
    return (vd){vfmaq_f64(s.low, low, low), vfmaq_f64(s.high, high, high)};
}
HWV_WORD void vd_store(double *p, vd s)
{
    vst1q_f64(p, s.low);
    vst1q_f64(p + 2, s.high);
}

#else

typedef double vd;
HWV_WORD vd vd_zero(void)
{
    return 0.0;
}
HWV_WORD vd vd_add_square(vd s, vf x)
{
    return s + (double)x * (double)x;
}
HWV_WORD void vd_store(double *p, vd s)
{
    *p = s;
}

#endif

#endif
