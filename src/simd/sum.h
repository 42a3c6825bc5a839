/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Words that go across lanes, and sums in double.
 *   v_sum(a): the lanes added in pairs that lie V_LANES/2, ..., 2, 1 apart  v_largest(a): a NaN may be lost
 *   vd holds one double per float lane: vd_zero() vd_set(s) vd_of(x)  vd_add vd_sub vd_mul
 *   vd_fma(a, b, c) = a * b + c  vd_fnma(a, b, c) = c - a * b: fused or not  vd_add_square(s, x) = s + x * x:
 *   the product of two floats is exact, so fused or not the bits are the same on all sets  vd_load(p) vd_store(p, s):
 *   V_LANES doubles */
#ifndef HWV_SIMD_SUM_H
#define HWV_SIMD_SUM_H

#include "simd/simd.h"

/* Folds the upper half onto the lower until one lane is left. */
#if defined(HWV_SIMD_avx512) || defined(HWV_SIMD_avx2) || defined(HWV_SIMD_sse2)

HWV_WORD float v_sum4(__m128 a)
{
    a = _mm_add_ps(a, _mm_movehl_ps(a, a));
    return _mm_cvtss_f32(_mm_add_ss(a, _mm_shuffle_ps(a, a, 1)));
}
HWV_WORD float v_largest4(__m128 a)
{
    a = _mm_max_ps(a, _mm_movehl_ps(a, a));
    return _mm_cvtss_f32(_mm_max_ss(a, _mm_shuffle_ps(a, a, 1)));
}
#endif
#if defined(HWV_SIMD_avx512) || defined(HWV_SIMD_avx2)
HWV_WORD float v_sum8(__m256 a)
{
    return v_sum4(_mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1)));
}
HWV_WORD float v_largest8(__m256 a)
{
    return v_largest4(_mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1)));
}
#endif

#if defined(HWV_SIMD_avx512)

HWV_WORD float v_sum(vf a)
{
    return v_sum8(_mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1)));
}
HWV_WORD float v_largest(vf a)
{
    return v_largest8(_mm256_max_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1)));
}

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
HWV_WORD vd vd_set(double s)
{
    return (vd){_mm512_set1_pd(s), _mm512_set1_pd(s)};
}
HWV_WORD vd vd_load(const double *p)
{
    return (vd){_mm512_loadu_pd(p), _mm512_loadu_pd(p + V_LANES / 2)};
}
HWV_WORD vd vd_of(vf x)
{
    return (vd){_mm512_cvtps_pd(_mm512_castps512_ps256(x)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1))};
}
HWV_WORD vd vd_load_floats(const float *p)
{
    return (vd){_mm512_cvtps_pd(_mm256_loadu_ps(p)), _mm512_cvtps_pd(_mm256_loadu_ps(p + 8))};
}
HWV_WORD vd vd_add(vd a, vd b)
{
    return (vd){_mm512_add_pd(a.low, b.low), _mm512_add_pd(a.high, b.high)};
}
HWV_WORD vd vd_sub(vd a, vd b)
{
    return (vd){_mm512_sub_pd(a.low, b.low), _mm512_sub_pd(a.high, b.high)};
}
HWV_WORD vd vd_mul(vd a, vd b)
{
    return (vd){_mm512_mul_pd(a.low, b.low), _mm512_mul_pd(a.high, b.high)};
}
HWV_WORD vd vd_fma(vd a, vd b, vd c)
{
    return (vd){_mm512_fmadd_pd(a.low, b.low, c.low), _mm512_fmadd_pd(a.high, b.high, c.high)};
}
HWV_WORD vd vd_fnma(vd a, vd b, vd c)
{
    return (vd){_mm512_fnmadd_pd(a.low, b.low, c.low), _mm512_fnmadd_pd(a.high, b.high, c.high)};
}

#elif defined(HWV_SIMD_avx2)

HWV_WORD float v_sum(vf a)
{
    return v_sum8(a);
}
HWV_WORD float v_largest(vf a)
{
    return v_largest8(a);
}

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
HWV_WORD vd vd_set(double s)
{
    return (vd){_mm256_set1_pd(s), _mm256_set1_pd(s)};
}
HWV_WORD vd vd_load(const double *p)
{
    return (vd){_mm256_loadu_pd(p), _mm256_loadu_pd(p + V_LANES / 2)};
}
HWV_WORD vd vd_of(vf x)
{
    return (vd){_mm256_cvtps_pd(_mm256_castps256_ps128(x)), _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1))};
}
HWV_WORD vd vd_load_floats(const float *p)
{
    return vd_of(v_load(p));
}
HWV_WORD vd vd_add(vd a, vd b)
{
    return (vd){_mm256_add_pd(a.low, b.low), _mm256_add_pd(a.high, b.high)};
}
HWV_WORD vd vd_sub(vd a, vd b)
{
    return (vd){_mm256_sub_pd(a.low, b.low), _mm256_sub_pd(a.high, b.high)};
}
HWV_WORD vd vd_mul(vd a, vd b)
{
    return (vd){_mm256_mul_pd(a.low, b.low), _mm256_mul_pd(a.high, b.high)};
}
HWV_WORD vd vd_fma(vd a, vd b, vd c)
{
    return (vd){_mm256_fmadd_pd(a.low, b.low, c.low), _mm256_fmadd_pd(a.high, b.high, c.high)};
}
HWV_WORD vd vd_fnma(vd a, vd b, vd c)
{
    return (vd){_mm256_fnmadd_pd(a.low, b.low, c.low), _mm256_fnmadd_pd(a.high, b.high, c.high)};
}

#elif defined(HWV_SIMD_sse2)

HWV_WORD float v_sum(vf a)
{
    return v_sum4(a);
}
HWV_WORD float v_largest(vf a)
{
    return v_largest4(a);
}

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
HWV_WORD vd vd_set(double s)
{
    return (vd){_mm_set1_pd(s), _mm_set1_pd(s)};
}
HWV_WORD vd vd_load(const double *p)
{
    return (vd){_mm_loadu_pd(p), _mm_loadu_pd(p + V_LANES / 2)};
}
HWV_WORD vd vd_of(vf x)
{
    return (vd){_mm_cvtps_pd(x), _mm_cvtps_pd(_mm_movehl_ps(x, x))};
}
HWV_WORD vd vd_load_floats(const float *p)
{
    return vd_of(v_load(p));
}
HWV_WORD vd vd_add(vd a, vd b)
{
    return (vd){_mm_add_pd(a.low, b.low), _mm_add_pd(a.high, b.high)};
}
HWV_WORD vd vd_sub(vd a, vd b)
{
    return (vd){_mm_sub_pd(a.low, b.low), _mm_sub_pd(a.high, b.high)};
}
HWV_WORD vd vd_mul(vd a, vd b)
{
    return (vd){_mm_mul_pd(a.low, b.low), _mm_mul_pd(a.high, b.high)};
}
HWV_WORD vd vd_fma(vd a, vd b, vd c)
{
    return vd_add(vd_mul(a, b), c);
}
HWV_WORD vd vd_fnma(vd a, vd b, vd c)
{
    return vd_sub(c, vd_mul(a, b));
}

#elif defined(HWV_SIMD_neon)

HWV_WORD float v_sum(vf a)
{
    float32x2_t half = vadd_f32(vget_low_f32(a), vget_high_f32(a));
    return vget_lane_f32(vpadd_f32(half, half), 0);
}
HWV_WORD float v_largest(vf a)
{
    return vmaxnmvq_f32(a);
}

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
HWV_WORD vd vd_set(double s)
{
    return (vd){vdupq_n_f64(s), vdupq_n_f64(s)};
}
HWV_WORD vd vd_load(const double *p)
{
    return (vd){vld1q_f64(p), vld1q_f64(p + V_LANES / 2)};
}
HWV_WORD vd vd_of(vf x)
{
    return (vd){vcvt_f64_f32(vget_low_f32(x)), vcvt_high_f64_f32(x)};
}
HWV_WORD vd vd_load_floats(const float *p)
{
    return vd_of(v_load(p));
}
HWV_WORD vd vd_add(vd a, vd b)
{
    return (vd){vaddq_f64(a.low, b.low), vaddq_f64(a.high, b.high)};
}
HWV_WORD vd vd_sub(vd a, vd b)
{
    return (vd){vsubq_f64(a.low, b.low), vsubq_f64(a.high, b.high)};
}
HWV_WORD vd vd_mul(vd a, vd b)
{
    return (vd){vmulq_f64(a.low, b.low), vmulq_f64(a.high, b.high)};
}
HWV_WORD vd vd_fma(vd a, vd b, vd c)
{
    return (vd){vfmaq_f64(c.low, a.low, b.low), vfmaq_f64(c.high, a.high, b.high)};
}
HWV_WORD vd vd_fnma(vd a, vd b, vd c)
{
    return (vd){vfmsq_f64(c.low, a.low, b.low), vfmsq_f64(c.high, a.high, b.high)};
}

#else

HWV_WORD float v_sum(vf a)
{
    return a;
}
HWV_WORD float v_largest(vf a)
{
    return a;
}

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
HWV_WORD vd vd_set(double s)
{
    return s;
}
HWV_WORD vd vd_load(const double *p)
{
    return *p;
}
HWV_WORD vd vd_of(vf x)
{
    return (double)x;
}
HWV_WORD vd vd_load_floats(const float *p)
{
    return vd_of(v_load(p));
}
HWV_WORD vd vd_add(vd a, vd b)
{
    return a + b;
}
HWV_WORD vd vd_sub(vd a, vd b)
{
    return a - b;
}
HWV_WORD vd vd_mul(vd a, vd b)
{
    return a * b;
}
HWV_WORD vd vd_fma(vd a, vd b, vd c)
{
    return vd_add(vd_mul(a, b), c);
}
HWV_WORD vd vd_fnma(vd a, vd b, vd c)
{
    return vd_sub(c, vd_mul(a, b));
}

#endif

#endif
