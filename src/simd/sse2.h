/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Vector words for SSE2: 4 lanes, the baseline of x86-64. */
#ifndef HWV_SIMD_SSE2_H
#define HWV_SIMD_SSE2_H

#include <emmintrin.h>

#define V_LANES 4
#define V_FMA   0
#define V_TABLE 0
#define V_SCALE 0

typedef __m128 vf;
typedef __m128i vi;
typedef __m128 vm; /* all ones or all zeros */
HWV_WORD vf v_zero(void)
{
    return _mm_setzero_ps();
}
HWV_WORD vf v_set(float s)
{
    return _mm_set1_ps(s);
}
HWV_WORD vf v_load(const float *p)
{
    return _mm_loadu_ps(p);
}
HWV_WORD void v_store(float *p, vf a)
{
    _mm_storeu_ps(p, a);
}
HWV_WORD void v_stream(float *p, vf a)
{
    _mm_stream_ps(p, a);
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
    return _mm_loadu_si128((const void *)p);
}
HWV_WORD void vi_store(int32_t *p, vi a)
{
    _mm_storeu_si128((void *)p, a);
}

HWV_WORD vi v_as_i(vf a)
{
    return _mm_castps_si128(a);
}
HWV_WORD vf v_as_f(vi a)
{
    return _mm_castsi128_ps(a);
}
HWV_WORD vi vi_set(int32_t s)
{
    return _mm_set1_epi32(s);
}
HWV_WORD vi vi_add(vi a, vi b)
{
    return _mm_add_epi32(a, b);
}
HWV_WORD vi vi_sub(vi a, vi b)
{
    return _mm_sub_epi32(a, b);
}
HWV_WORD vi vi_and(vi a, vi b)
{
    return _mm_and_si128(a, b);
}
HWV_WORD vi vi_or(vi a, vi b)
{
    return _mm_or_si128(a, b);
}
HWV_WORD vi vi_xor(vi a, vi b)
{
    return _mm_xor_si128(a, b);
}
#define vi_shl(a, n) _mm_slli_epi32(a, n)
#define vi_shr(a, n) _mm_srli_epi32(a, n)
#define vi_sra(a, n) _mm_srai_epi32(a, n)

HWV_WORD vf v_add(vf a, vf b)
{
    return _mm_add_ps(a, b);
}
HWV_WORD vf v_sub(vf a, vf b)
{
    return _mm_sub_ps(a, b);
}
HWV_WORD vf v_mul(vf a, vf b)
{
    return _mm_mul_ps(a, b);
}
HWV_WORD vf v_div(vf a, vf b)
{
    return _mm_div_ps(a, b);
}
HWV_WORD vf v_min(vf c, vf x)
{
    return _mm_min_ps(c, x);
}
HWV_WORD vf v_max(vf c, vf x)
{
    return _mm_max_ps(c, x);
}
HWV_WORD vf v_abs(vf a)
{
    return _mm_and_ps(a, v_as_f(vi_set(INT32_MAX)));
}
HWV_WORD vf v_neg(vf a)
{
    return _mm_xor_ps(a, v_as_f(vi_set(INT32_MIN)));
}
HWV_WORD vf v_xor_sign(vf a, vf s)
{
    return _mm_xor_ps(a, _mm_and_ps(s, v_as_f(vi_set(INT32_MIN))));
}
HWV_WORD vi v_to_i(vf a)
{
    return _mm_cvtps_epi32(a);
}
HWV_WORD vf v_from_i(vi a)
{
    return _mm_cvtepi32_ps(a);
}

HWV_WORD vf v_load_n(const float *p, size_t n)
{
    if (n < 2)
        return n == 0 ? _mm_setzero_ps() : _mm_load_ss(p);
    vf low = _mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)(const void *)p));
    return n == 2 ? low : _mm_movelh_ps(low, _mm_load_ss(p + 2));
}
HWV_WORD void v_store_n(float *p, vf a, size_t n)
{
    if (n >= 2) {
        _mm_storel_epi64((__m128i *)(void *)p, _mm_castps_si128(a));
        a = _mm_movehl_ps(a, a);
        p += 2;
    }
    if (n & 1)
        _mm_store_ss(p, a);
}

HWV_WORD vf v_fma(vf a, vf b, vf c)
{
    return _mm_add_ps(_mm_mul_ps(a, b), c);
}
HWV_WORD vf v_fnma(vf a, vf b, vf c)
{
    return _mm_sub_ps(c, _mm_mul_ps(a, b));
}
HWV_WORD vm v_gt(vf a, vf b)
{
    return _mm_cmplt_ps(b, a);
}
HWV_WORD vm v_ge(vf a, vf b)
{
    return _mm_cmple_ps(b, a);
}
HWV_WORD vm v_lt(vf a, vf b)
{
    return _mm_cmplt_ps(a, b);
}
HWV_WORD vm v_le(vf a, vf b)
{
    return _mm_cmple_ps(a, b);
}
HWV_WORD vm v_nlt(vf a, vf b)
{
    return _mm_cmpnlt_ps(a, b);
}
HWV_WORD vm v_nle(vf a, vf b)
{
    return _mm_cmpnle_ps(a, b);
}
HWV_WORD vm v_eq(vf a, vf b)
{
    return _mm_cmpeq_ps(a, b);
}
HWV_WORD vm v_ne(vf a, vf b)
{
    return _mm_cmpneq_ps(a, b);
}
HWV_WORD vm v_unordered(vf a, vf b)
{
    return _mm_cmpunord_ps(a, b);
}
HWV_WORD vm vm_and(vm a, vm b)
{
    return _mm_and_ps(a, b);
}
HWV_WORD vm vm_or(vm a, vm b)
{
    return _mm_or_ps(a, b);
}
HWV_WORD vm vm_not(vm a)
{
    return _mm_xor_ps(a, v_as_f(vi_set(-1)));
}
HWV_WORD vm vm_andnot(vm a, vm b)
{
    return _mm_andnot_ps(b, a);
}
HWV_WORD int vm_any(vm m)
{
    return _mm_movemask_ps(m) != 0;
}
HWV_WORD uint32_t vm_bits(vm m)
{
    return (uint32_t)_mm_movemask_ps(m);
}
HWV_WORD vm vm_from_bits(uint32_t bits)
{
    vi lane = _mm_setr_epi32(1, 2, 4, 8);
    return v_as_f(_mm_cmpeq_epi32(vi_and(vi_set((int32_t)bits), lane), lane));
}
HWV_WORD vm vm_first(size_t n)
{
    return v_as_f(_mm_cmplt_epi32(_mm_setr_epi32(0, 1, 2, 3), vi_set((int32_t)n)));
}
HWV_WORD vf v_select(vm m, vf a, vf b)
{
    return _mm_or_ps(_mm_and_ps(m, a), _mm_andnot_ps(m, b));
}
HWV_WORD vf v_keep(vm m, vf a)
{
    return _mm_and_ps(m, a);
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

#endif
