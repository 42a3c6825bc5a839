/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Turning square blocks of V_TURN x V_TURN floats from memory to memory, for packing.
 *   v_turn(to, to_stride, from, stride, rows, width): to[j * to_stride + i] = from[i * stride + j] for j < width,
 *   i < V_TURN. Of `from` only 1 <= rows <= V_TURN rows of 1 <= width <= V_TURN elements are read; the last
 *   row stands for the missing ones. */
#ifndef HWV_SIMD_TRANSPOSE_H
#define HWV_SIMD_TRANSPOSE_H

#include "simd/simd.h"

HWV_WORD const float *v_turn_row(const float *from, size_t stride, size_t rows, size_t i)
{
    return from + (i < rows ? i : rows - 1) * stride;
}

#if defined(HWV_SIMD_avx2) || defined(HWV_SIMD_avx512)

/* 8 x 8 on AVX-512 too: with 512-bit vectors loads, shuffles and stores take twice the time each (Zen 4). */
#define V_TURN ((size_t)8)

/* Two 4x4 blocks, one in each 128-bit lane. */
HWV_WORD void v_turn_lanes(__m256 out[4], __m256 a, __m256 b, __m256 c, __m256 d)
{
    __m256d ab0 = _mm256_castps_pd(_mm256_unpacklo_ps(a, b)), ab1 = _mm256_castps_pd(_mm256_unpackhi_ps(a, b));
    __m256d cd0 = _mm256_castps_pd(_mm256_unpacklo_ps(c, d)), cd1 = _mm256_castps_pd(_mm256_unpackhi_ps(c, d));
    out[0] = _mm256_castpd_ps(_mm256_unpacklo_pd(ab0, cd0));
    out[1] = _mm256_castpd_ps(_mm256_unpackhi_pd(ab0, cd0));
    out[2] = _mm256_castpd_ps(_mm256_unpacklo_pd(ab1, cd1));
    out[3] = _mm256_castpd_ps(_mm256_unpackhi_pd(ab1, cd1));
}
HWV_WORD void v_turn(float *to, size_t to_stride, const float *from, size_t stride, size_t rows, size_t width)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i wanted = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)width), lane);
    __m256 r[8];
    if (width == V_TURN) {
        /* Rows i and i+4 side by side: the half-vector loads save a quarter of the shuffles. */
        HWV_UNROLL
        for (size_t g = 0; g < 8; g += 4) {
            __m256 t[4];
            HWV_UNROLL
            for (size_t i = 0; i < 4; i++) {
                t[i] = _mm256_castps128_ps256(_mm_loadu_ps(v_turn_row(from, stride, rows, i) + g));
                t[i] = _mm256_insertf128_ps(t[i], _mm_loadu_ps(v_turn_row(from, stride, rows, 4 + i) + g), 1);
            }
            v_turn_lanes(r + g, t[0], t[1], t[2], t[3]);
        }
    } else {
        __m256 t[8], u[8];
        HWV_UNROLL
        for (size_t i = 0; i < 8; i++)
            t[i] = _mm256_maskload_ps(v_turn_row(from, stride, rows, i), wanted);
        v_turn_lanes(u, t[0], t[1], t[2], t[3]);
        v_turn_lanes(u + 4, t[4], t[5], t[6], t[7]);
        HWV_UNROLL
        for (size_t i = 0; i < 4; i++) {
            r[i] = _mm256_permute2f128_ps(u[i], u[4 + i], 0x20);
            r[4 + i] = _mm256_permute2f128_ps(u[i], u[4 + i], 0x31);
        }
    }
    HWV_UNROLL
    for (size_t j = 0; j < 8; j++)
        if (j < width)
            _mm256_storeu_ps(to + j * to_stride, r[j]);
}

#else

#define V_TURN ((size_t)V_LANES)

#if defined(HWV_SIMD_sse2)
HWV_WORD void v_turn_square(vf r[4])
{
    vf ab0 = _mm_unpacklo_ps(r[0], r[1]), ab1 = _mm_unpackhi_ps(r[0], r[1]);
    vf cd0 = _mm_unpacklo_ps(r[2], r[3]), cd1 = _mm_unpackhi_ps(r[2], r[3]);
    r[0] = _mm_movelh_ps(ab0, cd0);
    r[1] = _mm_movehl_ps(cd0, ab0);
    r[2] = _mm_movelh_ps(ab1, cd1);
    r[3] = _mm_movehl_ps(cd1, ab1);
}
#elif defined(HWV_SIMD_neon)
HWV_WORD void v_turn_square(vf r[4])
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
HWV_WORD void v_turn_square(vf *r)
{
    (void)r;
}
#endif

HWV_WORD void v_turn(float *to, size_t to_stride, const float *from, size_t stride, size_t rows, size_t width)
{
    vf r[V_LANES];
    HWV_UNROLL
    for (size_t i = 0; i < V_LANES; i++) {
        const float *row = v_turn_row(from, stride, rows, i);
        r[i] = width == V_LANES ? v_load(row) : v_load_n(row, width);
    }
    v_turn_square(r);
    HWV_UNROLL
    for (size_t j = 0; j < V_LANES; j++)
        if (j < width)
            v_store(to + j * to_stride, r[j]);
}

#endif

#endif
