/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Vector words for AVX2 with FMA: 8 lanes. */
#ifndef HWV_SIMD_AVX2_H
#define HWV_SIMD_AVX2_H

#include <immintrin.h>

#define V_LANES 8
#define V_FMA   1
#define V_TABLE 8
#define V_SCALE 0

typedef __m256 vf;
typedef __m256i vi;
typedef __m256 vm; /* all ones or all zeros */
HWV_WORD vf v_zero(void)
{
    return _mm256_setzero_ps();
}
HWV_WORD vf v_set(float s)
{
    return _mm256_set1_ps(s);
}
HWV_WORD vf v_load(const float *p)
{
    return _mm256_loadu_ps(p);
}
HWV_WORD void v_store(float *p, vf a)
{
    _mm256_storeu_ps(p, a);
}
HWV_WORD void v_stream(float *p, vf a)
{
    _mm256_stream_ps(p, a);
}
HWV_WORD void v_stream_fence(void)
{
    _mm_sfence();
}
HWV_WORD void v_prefetch(const void *p)
{
    _mm_prefetch((const char *)p, _MM_HINT_T0);
}
HWV_WORD vi vi_load(const int32_t *p)
{
    return _mm256_loadu_si256((const void *)p);
}
HWV_WORD void vi_store(int32_t *p, vi a)
{
    _mm256_storeu_si256((void *)p, a);
}

HWV_WORD vi v_as_i(vf a)
{
    return _mm256_castps_si256(a);
}
HWV_WORD vf v_as_f(vi a)
{
    return _mm256_castsi256_ps(a);
}
HWV_WORD vi vi_set(int32_t s)
{
    return _mm256_set1_epi32(s);
}
HWV_WORD vi vi_add(vi a, vi b)
{
    return _mm256_add_epi32(a, b);
}
HWV_WORD vi vi_sub(vi a, vi b)
{
    return _mm256_sub_epi32(a, b);
}
HWV_WORD vi vi_and(vi a, vi b)
{
    return _mm256_and_si256(a, b);
}
HWV_WORD vi vi_or(vi a, vi b)
{
    return _mm256_or_si256(a, b);
}
HWV_WORD vi vi_xor(vi a, vi b)
{
    return _mm256_xor_si256(a, b);
}
#define vi_shl(a, n) _mm256_slli_epi32(a, n)
#define vi_shr(a, n) _mm256_srli_epi32(a, n)
#define vi_sra(a, n) _mm256_srai_epi32(a, n)

HWV_WORD vf v_add(vf a, vf b)
{
    return _mm256_add_ps(a, b);
}
HWV_WORD vf v_sub(vf a, vf b)
{
    return _mm256_sub_ps(a, b);
}
HWV_WORD vf v_mul(vf a, vf b)
{
    return _mm256_mul_ps(a, b);
}
HWV_WORD vf v_div(vf a, vf b)
{
    return _mm256_div_ps(a, b);
}
HWV_WORD vf v_min(vf c, vf x)
{
    return _mm256_min_ps(c, x);
}
HWV_WORD vf v_max(vf c, vf x)
{
    return _mm256_max_ps(c, x);
}
HWV_WORD vf v_abs(vf a)
{
    return _mm256_and_ps(a, v_as_f(vi_set(INT32_MAX)));
}
HWV_WORD vf v_neg(vf a)
{
    return _mm256_xor_ps(a, v_as_f(vi_set(INT32_MIN)));
}
HWV_WORD vf v_xor_sign(vf a, vf s)
{
    return _mm256_xor_ps(a, _mm256_and_ps(s, v_as_f(vi_set(INT32_MIN))));
}
HWV_WORD vi v_to_i(vf a)
{
    return _mm256_cvtps_epi32(a);
}
HWV_WORD vf v_from_i(vi a)
{
    return _mm256_cvtepi32_ps(a);
}

HWV_WORD vm vm_first(size_t n)
{
    return v_as_f(_mm256_cmpgt_epi32(vi_set((int32_t)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)));
}
HWV_WORD vf v_load_n(const float *p, size_t n)
{
    return _mm256_maskload_ps(p, v_as_i(vm_first(n)));
}
/* Not a masked store: some CPUs take dozens of cycles for one. */
HWV_WORD void v_store_n(float *p, vf a, size_t n)
{
    __m128 part = _mm256_castps256_ps128(a);
    if (n & 4) {
        _mm_storeu_ps(p, part);
        part = _mm256_extractf128_ps(a, 1);
        p += 4;
    }
    if (n & 2) {
        _mm_storel_epi64((__m128i *)(void *)p, _mm_castps_si128(part));
        part = _mm_movehl_ps(part, part);
        p += 2;
    }
    if (n & 1)
        _mm_store_ss(p, part);
}

HWV_WORD vf v_fma(vf a, vf b, vf c)
{
    return _mm256_fmadd_ps(a, b, c);
}
HWV_WORD vf v_fnma(vf a, vf b, vf c)
{
    return _mm256_fnmadd_ps(a, b, c);
}
HWV_WORD vm v_gt(vf a, vf b)
{
    return _mm256_cmp_ps(a, b, _CMP_GT_OQ);
}
HWV_WORD vm v_ge(vf a, vf b)
{
    return _mm256_cmp_ps(a, b, _CMP_GE_OQ);
}
HWV_WORD vm v_lt(vf a, vf b)
{
    return _mm256_cmp_ps(a, b, _CMP_LT_OQ);
}
HWV_WORD vm v_le(vf a, vf b)
{
    return _mm256_cmp_ps(a, b, _CMP_LE_OQ);
}
HWV_WORD vm v_nlt(vf a, vf b)
{
    return _mm256_cmp_ps(a, b, _CMP_NLT_UQ);
}
HWV_WORD vm v_nle(vf a, vf b)
{
    return _mm256_cmp_ps(a, b, _CMP_NLE_UQ);
}
HWV_WORD vm v_eq(vf a, vf b)
{
    return _mm256_cmp_ps(a, b, _CMP_EQ_OQ);
}
HWV_WORD vm v_ne(vf a, vf b)
{
    return _mm256_cmp_ps(a, b, _CMP_NEQ_UQ);
}
HWV_WORD vm v_unordered(vf a, vf b)
{
    return _mm256_cmp_ps(a, b, _CMP_UNORD_Q);
}
HWV_WORD vm vm_and(vm a, vm b)
{
    return _mm256_and_ps(a, b);
}
HWV_WORD vm vm_or(vm a, vm b)
{
    return _mm256_or_ps(a, b);
}
HWV_WORD vm vm_not(vm a)
{
    return _mm256_xor_ps(a, v_as_f(vi_set(-1)));
}
HWV_WORD vm vm_andnot(vm a, vm b)
{
    return _mm256_andnot_ps(b, a);
}
HWV_WORD int vm_any(vm m)
{
    return _mm256_movemask_ps(m) != 0;
}
HWV_WORD uint32_t vm_bits(vm m)
{
    return (uint32_t)_mm256_movemask_ps(m);
}
HWV_WORD vm vm_from_bits(uint32_t bits)
{
    vi lane = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    return v_as_f(_mm256_cmpeq_epi32(vi_and(vi_set((int32_t)bits), lane), lane));
}
HWV_WORD vf v_select(vm m, vf a, vf b)
{
    return _mm256_blendv_ps(b, a, m);
}
HWV_WORD vf v_keep(vm m, vf a)
{
    return _mm256_and_ps(m, a);
}

HWV_WORD vf v_pow2(vi k)
{
    return v_as_f(vi_shl(vi_add(k, vi_set(127)), 23));
}
HWV_WORD vf v_scale(vf a, vi k)
{
    vi half = vi_sra(k, 1);
    return v_mul(v_mul(a, v_pow2(half)), v_pow2(vi_sub(k, half)));
}
HWV_WORD vf v_table(const float *t, vi i)
{
    return _mm256_permutevar8x32_ps(v_load(t), i);
}

#endif
