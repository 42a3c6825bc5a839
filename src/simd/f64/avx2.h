/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Vector words for AVX2 with FMA on doubles: 4 lanes. */
#ifndef HWV_SIMD_F64_AVX2_H
#define HWV_SIMD_F64_AVX2_H

#include <immintrin.h>

#define V_LANES 4
#define V_FMA   1
#define V_TABLE 0
#define V_SCALE 0

typedef __m256d vf;
typedef __m256i vi;
typedef __m256d vm; /* all ones or all zeros */
HWV_WORD vf v_zero(void)
{
    return _mm256_setzero_pd();
}
HWV_WORD vf v_set(double s)
{
    return _mm256_set1_pd(s);
}
HWV_WORD vf v_load(const double *p)
{
    return _mm256_loadu_pd(p);
}
HWV_WORD void v_store(double *p, vf a)
{
    _mm256_storeu_pd(p, a);
}
HWV_WORD void v_stream(double *p, vf a)
{
    _mm256_stream_pd(p, a);
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
    return _mm256_loadu_si256((const void *)p);
}
HWV_WORD void vi_store(int64_t *p, vi a)
{
    _mm256_storeu_si256((void *)p, a);
}

HWV_WORD vi v_as_i(vf a)
{
    return _mm256_castpd_si256(a);
}
HWV_WORD vf v_as_f(vi a)
{
    return _mm256_castsi256_pd(a);
}
HWV_WORD vi vi_set(int64_t s)
{
    return _mm256_set1_epi64x(s);
}
HWV_WORD vi vi_add(vi a, vi b)
{
    return _mm256_add_epi64(a, b);
}
HWV_WORD vi vi_sub(vi a, vi b)
{
    return _mm256_sub_epi64(a, b);
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
#define vi_shl(a, n) _mm256_slli_epi64(a, n)
#define vi_shr(a, n) _mm256_srli_epi64(a, n)
/* A logical shift, and the sign at its new place extended by xor and subtraction. */
#define vi_sra(a, n) vi_sub(vi_xor(vi_shr(a, n), vi_shr(vi_set(INT64_MIN), n)), vi_shr(vi_set(INT64_MIN), n))

HWV_WORD vf v_add(vf a, vf b)
{
    return _mm256_add_pd(a, b);
}
HWV_WORD vf v_sub(vf a, vf b)
{
    return _mm256_sub_pd(a, b);
}
HWV_WORD vf v_mul(vf a, vf b)
{
    return _mm256_mul_pd(a, b);
}
HWV_WORD vf v_div(vf a, vf b)
{
    return _mm256_div_pd(a, b);
}
HWV_WORD vf v_min(vf c, vf x)
{
    return _mm256_min_pd(c, x);
}
HWV_WORD vf v_max(vf c, vf x)
{
    return _mm256_max_pd(c, x);
}
HWV_WORD vf v_abs(vf a)
{
    return _mm256_and_pd(a, v_as_f(vi_set(INT64_MAX)));
}
HWV_WORD vf v_neg(vf a)
{
    return _mm256_xor_pd(a, v_as_f(vi_set(INT64_MIN)));
}
HWV_WORD vf v_xor_sign(vf a, vf s)
{
    return _mm256_xor_pd(a, _mm256_and_pd(s, v_as_f(vi_set(INT64_MIN))));
}

HWV_WORD vm vm_first(size_t n)
{
    return v_as_f(_mm256_cmpgt_epi64(vi_set((int64_t)n), _mm256_setr_epi64x(0, 1, 2, 3)));
}
HWV_WORD vf v_load_n(const double *p, size_t n)
{
    return _mm256_maskload_pd(p, v_as_i(vm_first(n)));
}
/* Not a masked store: some CPUs take dozens of cycles for one. */
HWV_WORD void v_store_n(double *p, vf a, size_t n)
{
    __m128d part = _mm256_castpd256_pd128(a);
    if (n & 2) {
        _mm_storeu_pd(p, part);
        part = _mm256_extractf128_pd(a, 1);
        p += 2;
    }
    if (n & 1)
        _mm_store_sd(p, part);
}

HWV_WORD vf v_fma(vf a, vf b, vf c)
{
    return _mm256_fmadd_pd(a, b, c);
}
HWV_WORD vf v_fnma(vf a, vf b, vf c)
{
    return _mm256_fnmadd_pd(a, b, c);
}
HWV_WORD vm v_gt(vf a, vf b)
{
    return _mm256_cmp_pd(a, b, _CMP_GT_OQ);
}
HWV_WORD vm v_ge(vf a, vf b)
{
    return _mm256_cmp_pd(a, b, _CMP_GE_OQ);
}
HWV_WORD vm v_lt(vf a, vf b)
{
    return _mm256_cmp_pd(a, b, _CMP_LT_OQ);
}
HWV_WORD vm v_le(vf a, vf b)
{
    return _mm256_cmp_pd(a, b, _CMP_LE_OQ);
}
HWV_WORD vm v_nlt(vf a, vf b)
{
    return _mm256_cmp_pd(a, b, _CMP_NLT_UQ);
}
HWV_WORD vm v_nle(vf a, vf b)
{
    return _mm256_cmp_pd(a, b, _CMP_NLE_UQ);
}
HWV_WORD vm v_eq(vf a, vf b)
{
    return _mm256_cmp_pd(a, b, _CMP_EQ_OQ);
}
HWV_WORD vm v_ne(vf a, vf b)
{
    return _mm256_cmp_pd(a, b, _CMP_NEQ_UQ);
}
HWV_WORD vm v_unordered(vf a, vf b)
{
    return _mm256_cmp_pd(a, b, _CMP_UNORD_Q);
}
HWV_WORD vm vm_and(vm a, vm b)
{
    return _mm256_and_pd(a, b);
}
HWV_WORD vm vm_or(vm a, vm b)
{
    return _mm256_or_pd(a, b);
}
HWV_WORD vm vm_not(vm a)
{
    return _mm256_xor_pd(a, v_as_f(vi_set(-1)));
}
HWV_WORD vm vm_andnot(vm a, vm b)
{
    return _mm256_andnot_pd(b, a);
}
HWV_WORD int vm_any(vm m)
{
    return _mm256_movemask_pd(m) != 0;
}
HWV_WORD uint32_t vm_bits(vm m)
{
    return (uint32_t)_mm256_movemask_pd(m);
}
HWV_WORD vm vm_from_bits(uint32_t bits)
{
    vi lane = _mm256_setr_epi64x(1, 2, 4, 8);
    return v_as_f(_mm256_cmpeq_epi64(vi_and(vi_set((int64_t)bits), lane), lane));
}
HWV_WORD vf v_select(vm m, vf a, vf b)
{
    return _mm256_blendv_pd(b, a, m);
}
HWV_WORD vf v_keep(vm m, vf a)
{
    return _mm256_and_pd(m, a);
}

/* There is no conversion between doubles and 64-bit integers: 1.5 * 2^52 + a holds a in its low bits, |a| < 2^51. */
HWV_WORD vi v_to_i(vf a)
{
    vf magic = v_set(0x1.8p52);
    return vi_sub(v_as_i(v_add(a, magic)), v_as_i(magic));
}
HWV_WORD vf v_from_i(vi a)
{
    vf magic = v_set(0x1.8p52);
    return v_sub(v_as_f(vi_add(a, v_as_i(magic))), magic);
}
HWV_WORD vf v_pow2(vi k)
{
    return v_as_f(vi_shl(vi_add(k, vi_set(1023)), 52));
}
/* Half of k by a shift of k + 4096, which is not negative. */
HWV_WORD vf v_scale(vf a, vi k)
{
    vi half = vi_sub(vi_shr(vi_add(k, vi_set(4096)), 1), vi_set(2048));
    return v_mul(v_mul(a, v_pow2(half)), v_pow2(vi_sub(k, half)));
}

#endif
