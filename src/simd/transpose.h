/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Vector words that turn square blocks of V_LANES x V_LANES floats, for packing.
 *   v_transpose(r): r[i] lane j becomes r[j] lane i
 *   v_load_transposed(r, p, stride, rows): r[j] lane i = p[i * stride + j]; only 1 <= rows <= V_LANES rows
 *   are read, the last of them stands for the missing ones. On x86 half the shuffles of load and turn. */
#ifndef HWV_SIMD_TRANSPOSE_H
#define HWV_SIMD_TRANSPOSE_H

#include "simd/simd.h"

HWV_WORD const float *v_row(const float *p, size_t stride, size_t rows, size_t i)
{
    return p + (i < rows ? i : rows - 1) * stride;
}

#if defined(HWV_SIMD_avx512)

/* Four 4x4 blocks, one in each 128-bit lane. */
HWV_WORD void v_transpose_lanes(vf out[4], vf a, vf b, vf c, vf d)
{
    __m512d ab0 = _mm512_castps_pd(_mm512_unpacklo_ps(a, b)), ab1 = _mm512_castps_pd(_mm512_unpackhi_ps(a, b));
    __m512d cd0 = _mm512_castps_pd(_mm512_unpacklo_ps(c, d)), cd1 = _mm512_castps_pd(_mm512_unpackhi_ps(c, d));
    out[0] = _mm512_castpd_ps(_mm512_unpacklo_pd(ab0, cd0));
    out[1] = _mm512_castpd_ps(_mm512_unpackhi_pd(ab0, cd0));
    out[2] = _mm512_castpd_ps(_mm512_unpacklo_pd(ab1, cd1));
    out[3] = _mm512_castpd_ps(_mm512_unpackhi_pd(ab1, cd1));
}
HWV_WORD void v_transpose(vf r[16])
{
    vf t[16];
    HWV_UNROLL
    for (int i = 0; i < 4; i++)
        v_transpose_lanes(t + 4 * i, r[4 * i], r[4 * i + 1], r[4 * i + 2], r[4 * i + 3]);
    /* t[4i + c] lane l holds column 4l + c of rows 4i .. 4i+3. */
    HWV_UNROLL
    for (int c = 0; c < 4; c++) {
        vf even01 = _mm512_shuffle_f32x4(t[c], t[4 + c], 0x88), odd01 = _mm512_shuffle_f32x4(t[c], t[4 + c], 0xdd);
        vf even23 = _mm512_shuffle_f32x4(t[8 + c], t[12 + c], 0x88);
        vf odd23 = _mm512_shuffle_f32x4(t[8 + c], t[12 + c], 0xdd);
        r[c] = _mm512_shuffle_f32x4(even01, even23, 0x88);
        r[4 + c] = _mm512_shuffle_f32x4(odd01, odd23, 0x88);
        r[8 + c] = _mm512_shuffle_f32x4(even01, even23, 0xdd);
        r[12 + c] = _mm512_shuffle_f32x4(odd01, odd23, 0xdd);
    }
}
HWV_WORD void v_load_transposed(vf r[16], const float *p, size_t stride, size_t rows)
{
    HWV_UNROLL
    for (size_t g = 0; g < 16; g += 4) {
        vf t[4];
        HWV_UNROLL
        for (size_t i = 0; i < 4; i++) {
            t[i] = _mm512_castps128_ps512(_mm_loadu_ps(v_row(p, stride, rows, i) + g));
            t[i] = _mm512_insertf32x4(t[i], _mm_loadu_ps(v_row(p, stride, rows, 4 + i) + g), 1);
            t[i] = _mm512_insertf32x4(t[i], _mm_loadu_ps(v_row(p, stride, rows, 8 + i) + g), 2);
            t[i] = _mm512_insertf32x4(t[i], _mm_loadu_ps(v_row(p, stride, rows, 12 + i) + g), 3);
        }
        v_transpose_lanes(r + g, t[0], t[1], t[2], t[3]);
    }
}

#elif defined(HWV_SIMD_avx2)

/* Two 4x4 blocks, one in each 128-bit lane. */
HWV_WORD void v_transpose_lanes(vf out[4], vf a, vf b, vf c, vf d)
{
    __m256d ab0 = _mm256_castps_pd(_mm256_unpacklo_ps(a, b)), ab1 = _mm256_castps_pd(_mm256_unpackhi_ps(a, b));
    __m256d cd0 = _mm256_castps_pd(_mm256_unpacklo_ps(c, d)), cd1 = _mm256_castps_pd(_mm256_unpackhi_ps(c, d));
    out[0] = _mm256_castpd_ps(_mm256_unpacklo_pd(ab0, cd0));
    out[1] = _mm256_castpd_ps(_mm256_unpackhi_pd(ab0, cd0));
    out[2] = _mm256_castpd_ps(_mm256_unpacklo_pd(ab1, cd1));
    out[3] = _mm256_castpd_ps(_mm256_unpackhi_pd(ab1, cd1));
}
HWV_WORD void v_transpose(vf r[8])
{
    vf t[8];
    v_transpose_lanes(t, r[0], r[1], r[2], r[3]);
    v_transpose_lanes(t + 4, r[4], r[5], r[6], r[7]);
    HWV_UNROLL
    for (int c = 0; c < 4; c++) {
        r[c] = _mm256_permute2f128_ps(t[c], t[4 + c], 0x20);
        r[4 + c] = _mm256_permute2f128_ps(t[c], t[4 + c], 0x31);
    }
}
HWV_WORD void v_load_transposed(vf r[8], const float *p, size_t stride, size_t rows)
{
    HWV_UNROLL
    for (size_t g = 0; g < 8; g += 4) {
        vf t[4];
        HWV_UNROLL
        for (size_t i = 0; i < 4; i++) {
            t[i] = _mm256_castps128_ps256(_mm_loadu_ps(v_row(p, stride, rows, i) + g));
            t[i] = _mm256_insertf128_ps(t[i], _mm_loadu_ps(v_row(p, stride, rows, 4 + i) + g), 1);
        }
        v_transpose_lanes(r + g, t[0], t[1], t[2], t[3]);
    }
}

#elif defined(HWV_SIMD_sse2)

HWV_WORD void v_transpose(vf r[4])
{
    vf ab0 = _mm_unpacklo_ps(r[0], r[1]), ab1 = _mm_unpackhi_ps(r[0], r[1]);
    vf cd0 = _mm_unpacklo_ps(r[2], r[3]), cd1 = _mm_unpackhi_ps(r[2], r[3]);
    r[0] = _mm_movelh_ps(ab0, cd0);
    r[1] = _mm_movehl_ps(cd0, ab0);
    r[2] = _mm_movelh_ps(ab1, cd1);
    r[3] = _mm_movehl_ps(cd1, ab1);
}

#elif defined(HWV_SIMD_neon)

HWV_WORD void v_transpose(vf r[4])
{
    float64x2_t ab0 = vreinterpretq_f64_f32(vzip1q_f32(r[0], r[1])),
                ab1 = vreinterpretq_f64_f32(vzip2q_f32(r[0], r[1]));
    float64x2_t cd0 = vreinterpretq_f64_f32(vzip1q_f32(r[2], r[3])),
                cd1 = vreinterpretq_f64_f32(vzip2q_f32(r[2], r[3]));
    r[0] = vreinterpretq_f32_f64(vzip1q_f64(ab0, cd0));
    r[1] = vreinterpretq_f32_f64(vzip2q_f64(ab0, cd0));
    r[2] = vreinterpretq_f32_f64(vzip1q_f64(ab1, cd1));
    r[3] = vreinterpretq_f32_f64(vzip2q_f64(ab1, cd1));
}

#else

HWV_WORD void v_transpose(vf *r)
{
    (void)r;
}

#endif

#if !defined(HWV_SIMD_avx512) && !defined(HWV_SIMD_avx2)
HWV_WORD void v_load_transposed(vf r[V_LANES], const float *p, size_t stride, size_t rows)
{
    HWV_UNROLL
    for (size_t i = 0; i < V_LANES; i++)
        r[i] = v_load(v_row(p, stride, rows, i));
    v_transpose(r);
}
#endif

#endif
