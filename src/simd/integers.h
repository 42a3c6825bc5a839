/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Words on integers that few kernels need.
 *   vi_load_u8(p) vi_store_u8(p, a): V_LANES bytes, each a lane of 0 .. 255; with _n: n < V_LANES of them, the rest
 *   reads as 0 or is left alone, and not touched  vi_eq(a, b) vi_lt(a, b), signed,
 *   vi_disjoint(a, b), no bit of both: a mask
 *   vi_min(a, b) vi_max(a, b), signed
 *   vi_product(a, b, &high): the low and the high 32 bits of an unsigned product  vi_count(a, m): a + 1 where m
 *   vi_store_packed(p, a, m): the lanes of m one behind the other, and how many; all V_LANES elements may be written */
#ifndef HWV_SIMD_INTEGERS_H
#define HWV_SIMD_INTEGERS_H

#include <string.h>

#include "simd/simd.h"

#if defined(HWV_SIMD_avx512)

HWV_WORD vi vi_load_u8(const uint8_t *p)
{
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)p));
}
HWV_WORD void vi_store_u8(uint8_t *p, vi a)
{
    _mm_storeu_si128((void *)p, _mm512_cvtepi32_epi8(a));
}
HWV_WORD vm vi_eq(vi a, vi b)
{
    return _mm512_cmpeq_epi32_mask(a, b);
}
HWV_WORD vm vi_lt(vi a, vi b)
{
    return _mm512_cmplt_epi32_mask(a, b);
}
HWV_WORD vm vi_disjoint(vi a, vi b)
{
    return _mm512_testn_epi32_mask(a, b);
}
HWV_WORD vi vi_min(vi a, vi b)
{
    return _mm512_min_epi32(a, b);
}
HWV_WORD vi vi_max(vi a, vi b)
{
    return _mm512_max_epi32(a, b);
}
HWV_WORD vi vi_product(vi a, vi b, vi *high)
{
    __m512i even = _mm512_mul_epu32(a, b), odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), _mm512_srli_epi64(b, 32));
    *high = _mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 32), odd);
    return _mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32));
}

#elif defined(HWV_SIMD_avx2)

HWV_WORD vi vi_load_u8(const uint8_t *p)
{
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)p));
}
HWV_WORD void vi_store_u8(uint8_t *p, vi a)
{
    __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    _mm_storel_epi64((void *)p, _mm_packus_epi16(words, words));
}
HWV_WORD vm vi_eq(vi a, vi b)
{
    return v_as_f(_mm256_cmpeq_epi32(a, b));
}
HWV_WORD vm vi_lt(vi a, vi b)
{
    return v_as_f(_mm256_cmpgt_epi32(b, a));
}
HWV_WORD vm vi_disjoint(vi a, vi b)
{
    return vi_eq(vi_and(a, b), vi_set(0));
}
HWV_WORD vi vi_min(vi a, vi b)
{
    return _mm256_min_epi32(a, b);
}
HWV_WORD vi vi_max(vi a, vi b)
{
    return _mm256_max_epi32(a, b);
}
HWV_WORD vi vi_product(vi a, vi b, vi *high)
{
    __m256i even = _mm256_mul_epu32(a, b), odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32));
    *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
    return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
}

#elif defined(HWV_SIMD_sse2)

HWV_WORD vi vi_load_u8(const uint8_t *p)
{
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm_unpacklo_epi16(_mm_unpacklo_epi8(_mm_cvtsi32_si128(four), _mm_setzero_si128()), _mm_setzero_si128());
}
HWV_WORD void vi_store_u8(uint8_t *p, vi a)
{
    __m128i words = _mm_packs_epi32(a, a);
    int32_t four = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    memcpy(p, &four, sizeof four);
}
HWV_WORD vm vi_eq(vi a, vi b)
{
    return v_as_f(_mm_cmpeq_epi32(a, b));
}
HWV_WORD vm vi_lt(vi a, vi b)
{
    return v_as_f(_mm_cmplt_epi32(a, b));
}
HWV_WORD vm vi_disjoint(vi a, vi b)
{
    return vi_eq(vi_and(a, b), vi_set(0));
}
HWV_WORD vi vi_min(vi a, vi b)
{
    const __m128i less = _mm_cmplt_epi32(a, b);
    return _mm_or_si128(_mm_and_si128(less, a), _mm_andnot_si128(less, b));
}
HWV_WORD vi vi_max(vi a, vi b)
{
    const __m128i less = _mm_cmplt_epi32(a, b);
    return _mm_or_si128(_mm_and_si128(less, b), _mm_andnot_si128(less, a));
}
HWV_WORD vi vi_product(vi a, vi b, vi *high)
{
    const __m128i low = _mm_set1_epi64x(UINT32_MAX);
    __m128i even = _mm_mul_epu32(a, b), odd = _mm_mul_epu32(_mm_srli_epi64(a, 32), _mm_srli_epi64(b, 32));
    *high = _mm_or_si128(_mm_srli_epi64(even, 32), _mm_andnot_si128(low, odd));
    return _mm_or_si128(_mm_and_si128(low, even), _mm_slli_epi64(odd, 32));
}

#elif defined(HWV_SIMD_neon)

HWV_WORD vi vi_load_u8(const uint8_t *p)
{
    uint32_t four;
    memcpy(&four, p, sizeof four);
    uint16x8_t words = vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(four)));
    return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(words)));
}
HWV_WORD void vi_store_u8(uint8_t *p, vi a)
{
    uint16x4_t words = vmovn_u32(vreinterpretq_u32_s32(a));
    uint32_t four = vget_lane_u32(vreinterpret_u32_u8(vmovn_u16(vcombine_u16(words, words))), 0);
    memcpy(p, &four, sizeof four);
}
HWV_WORD vm vi_eq(vi a, vi b)
{
    return vceqq_s32(a, b);
}
HWV_WORD vm vi_lt(vi a, vi b)
{
    return vcltq_s32(a, b);
}
HWV_WORD vm vi_disjoint(vi a, vi b)
{
    return vi_eq(vi_and(a, b), vi_set(0));
}
HWV_WORD vi vi_min(vi a, vi b)
{
    return vminq_s32(a, b);
}
HWV_WORD vi vi_max(vi a, vi b)
{
    return vmaxq_s32(a, b);
}
HWV_WORD vi vi_product(vi a, vi b, vi *high)
{
    uint32x4_t x = vreinterpretq_u32_s32(a), y = vreinterpretq_u32_s32(b);
    uint32x4_t first = vreinterpretq_u32_u64(vmull_u32(vget_low_u32(x), vget_low_u32(y)));
    uint32x4_t second = vreinterpretq_u32_u64(vmull_u32(vget_high_u32(x), vget_high_u32(y)));
    *high = vreinterpretq_s32_u32(vuzp2q_u32(first, second));
    return vreinterpretq_s32_u32(vuzp1q_u32(first, second));
}

#else

HWV_WORD vi vi_load_u8(const uint8_t *p)
{
    return *p;
}
HWV_WORD void vi_store_u8(uint8_t *p, vi a)
{
    *p = (uint8_t)a;
}
HWV_WORD vm vi_eq(vi a, vi b)
{
    return a == b;
}
HWV_WORD vm vi_lt(vi a, vi b)
{
    return a < b;
}
HWV_WORD vm vi_disjoint(vi a, vi b)
{
    return vi_eq(vi_and(a, b), vi_set(0));
}
HWV_WORD vi vi_min(vi a, vi b)
{
    return a < b ? a : b;
}
HWV_WORD vi vi_max(vi a, vi b)
{
    return a < b ? b : a;
}
HWV_WORD vi vi_product(vi a, vi b, vi *high)
{
    uint64_t product = (uint64_t)(uint32_t)a * (uint32_t)b;
    *high = (vi)(product >> 32);
    return (vi)(uint32_t)product;
}

#endif

#if defined(HWV_SIMD_avx512)

HWV_WORD vi vi_count(vi a, vm m)
{
    return _mm512_mask_sub_epi32(a, m, a, vi_set(-1));
}
HWV_WORD size_t vi_store_packed(int32_t *p, vi a, vm m)
{
    vi_store(p, _mm512_maskz_compress_epi32(m, a)); /* compressing stores are slow */
    return (size_t)__builtin_popcount(vm_bits(m));
}
HWV_WORD vi vi_load_u8_n(const uint8_t *p, size_t n)
{
    return _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(vm_first(n), p));
}
HWV_WORD void vi_store_u8_n(uint8_t *p, vi a, size_t n)
{
    _mm_mask_storeu_epi8(p, vm_first(n), _mm512_cvtepi32_epi8(a));
}

#else

HWV_WORD vi vi_count(vi a, vm m)
{
#if defined(HWV_SIMD_scalar)
    return a + (vi)m;
#elif defined(HWV_SIMD_neon)
    return vi_sub(a, vreinterpretq_s32_u32(m));
#else
    return vi_sub(a, v_as_i(m));
#endif
}
/* Without a branch, as nothing foretells it. */
HWV_WORD size_t vi_store_packed(int32_t *p, vi a, vm m)
{
    const uint32_t bits = vm_bits(m);
    int32_t all[V_LANES];
    size_t count = 0;
    vi_store(all, a);
    HWV_UNROLL
    for (size_t i = 0; i < V_LANES; i++) {
        p[count] = all[i];
        count += bits >> i & 1;
    }
    return count;
}
HWV_WORD vi vi_load_u8_n(const uint8_t *p, size_t n)
{
    uint8_t all[V_LANES] = {0};
    for (size_t i = 0; i < n; i++)
        all[i] = p[i];
    return vi_load_u8(all);
}
HWV_WORD void vi_store_u8_n(uint8_t *p, vi a, size_t n)
{
    uint8_t all[V_LANES];
    vi_store_u8(all, a);
    for (size_t i = 0; i < n; i++)
        p[i] = all[i];
}

#endif

#endif
