/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Vector words for AVX-512 (F, BW, DQ, VL) on doubles: 8 lanes, masks in their own registers. */
#ifndef HWV_SIMD_F64_AVX512_H
#define HWV_SIMD_F64_AVX512_H

#include <immintrin.h>

#define V_LANES 8
#define V_FMA   1
#define V_TABLE 0
#define V_SCALE 1

typedef __m512d vf;
typedef __m512i vi;
typedef __mmask8 vm;
HWV_WORD vf v_zero(void)
{
    return _mm512_setzero_pd();
}
HWV_WORD vf v_set(double s)
{
    return _mm512_set1_pd(s);
}
HWV_WORD vf v_load(const double *p)
{
    return _mm512_loadu_pd(p);
}
HWV_WORD void v_store(double *p, vf a)
{
    _mm512_storeu_pd(p, a);
}
HWV_WORD void v_stream(double *p, vf a)
{
    _mm512_stream_pd(p, a);
}
HWV_WORD void v_stream_fence(void)
{
    _mm_sfence();
}
HWV_WORD void v_prefetch(const void *p)
{
    _mm_prefetch((const char *)p, _MM_HINT_T0);
}
HWV_WORD vi vi_load(const int64_t *p)
{
    return _mm512_loadu_si512((const void *)p);
}
HWV_WORD void vi_store(int64_t *p, vi a)
{
    _mm512_storeu_si512((void *)p, a);
}

HWV_WORD vi v_as_i(vf a)
{
    return _mm512_castpd_si512(a);
}
HWV_WORD vf v_as_f(vi a)
{
    return _mm512_castsi512_pd(a);
}
HWV_WORD vi vi_set(int64_t s)
{
    return _mm512_set1_epi64(s);
}
HWV_WORD vi vi_add(vi a, vi b)
{
    return _mm512_add_epi64(a, b);
}
HWV_WORD vi vi_sub(vi a, vi b)
{
    return _mm512_sub_epi64(a, b);
}
HWV_WORD vi vi_and(vi a, vi b)
{
    return _mm512_and_si512(a, b);
}
HWV_WORD vi vi_or(vi a, vi b)
{
    return _mm512_or_si512(a, b);
}
HWV_WORD vi vi_xor(vi a, vi b)
{
    return _mm512_xor_si512(a, b);
}
#define vi_shl(a, n) _mm512_slli_epi64(a, n)
#define vi_shr(a, n) _mm512_srli_epi64(a, n)
#define vi_sra(a, n) _mm512_srai_epi64(a, n)

HWV_WORD vf v_add(vf a, vf b)
{
    return _mm512_add_pd(a, b);
}
HWV_WORD vf v_sub(vf a, vf b)
{
    return _mm512_sub_pd(a, b);
}
HWV_WORD vf v_mul(vf a, vf b)
{
    return _mm512_mul_pd(a, b);
}
HWV_WORD vf v_div(vf a, vf b)
{
    return _mm512_div_pd(a, b);
}
HWV_WORD vf v_min(vf c, vf x)
{
    return _mm512_min_pd(c, x);
}
HWV_WORD vf v_max(vf c, vf x)
{
    return _mm512_max_pd(c, x);
}
HWV_WORD vf v_abs(vf a)
{
    return _mm512_and_pd(a, v_as_f(vi_set(INT64_MAX)));
}
HWV_WORD vf v_neg(vf a)
{
    return _mm512_xor_pd(a, v_as_f(vi_set(INT64_MIN)));
}
HWV_WORD vf v_xor_sign(vf a, vf s)
{
    return _mm512_xor_pd(a, _mm512_and_pd(s, v_as_f(vi_set(INT64_MIN))));
}
HWV_WORD vi v_to_i(vf a)
{
    return _mm512_cvtpd_epi64(a);
}
HWV_WORD vf v_from_i(vi a)
{
    return _mm512_cvtepi64_pd(a);
}

HWV_WORD vm vm_first(size_t n)
{
    return (vm)((1u << n) - 1u);
}
HWV_WORD vf v_load_n(const double *p, size_t n)
{
    return _mm512_maskz_loadu_pd(vm_first(n), p);
}
HWV_WORD void v_store_n(double *p, vf a, size_t n)
{
    _mm512_mask_storeu_pd(p, vm_first(n), a);
}

HWV_WORD vf v_fma(vf a, vf b, vf c)
{
    return _mm512_fmadd_pd(a, b, c);
}
HWV_WORD vf v_fnma(vf a, vf b, vf c)
{
    return _mm512_fnmadd_pd(a, b, c);
}
HWV_WORD vm v_gt(vf a, vf b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_GT_OQ);
}
HWV_WORD vm v_ge(vf a, vf b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_GE_OQ);
}
HWV_WORD vm v_lt(vf a, vf b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ);
}
HWV_WORD vm v_le(vf a, vf b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ);
}
HWV_WORD vm v_nlt(vf a, vf b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_NLT_UQ);
}
HWV_WORD vm v_nle(vf a, vf b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_NLE_UQ);
}
HWV_WORD vm v_eq(vf a, vf b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ);
}
HWV_WORD vm v_ne(vf a, vf b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_NEQ_UQ);
}
HWV_WORD vm v_unordered(vf a, vf b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_UNORD_Q);
}
HWV_WORD vm vm_and(vm a, vm b)
{
    return (vm)(a & b);
}
HWV_WORD vm vm_or(vm a, vm b)
{
    return (vm)(a | b);
}
HWV_WORD vm vm_not(vm a)
{
    return (vm)~a;
}
HWV_WORD vm vm_andnot(vm a, vm b)
{
    return (vm)(a & ~b);
}
HWV_WORD int vm_any(vm m)
{
    return m != 0;
}
HWV_WORD uint32_t vm_bits(vm m)
{
    return m;
}
HWV_WORD vm vm_from_bits(uint32_t bits)
{
    return (vm)bits;
}
HWV_WORD vf v_select(vm m, vf a, vf b)
{
    return _mm512_mask_blend_pd(m, b, a);
}
HWV_WORD vf v_keep(vm m, vf a)
{
    return _mm512_maskz_mov_pd(m, a);
}

HWV_WORD vf v_pow2(vi k)
{
    return v_as_f(vi_shl(vi_add(k, vi_set(1023)), 52));
}
HWV_WORD vf v_scale(vf a, vi k)
{
    return _mm512_scalef_pd(a, v_from_i(k));
}
/* a * 2^floor(k), the second only where m: an exponent that is a double already needs no conversion. */
HWV_WORD vf v_scale_floor(vf a, vf k)
{
    return _mm512_scalef_pd(a, k);
}
HWV_WORD vf v_scale_floor_where(vm m, vf a, vf k)
{
    return _mm512_mask_scalef_pd(a, m, a, k);
}

#endif
