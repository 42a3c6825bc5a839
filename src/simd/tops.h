/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Words on the upper 16 bits of floats, those of two vectors in one, where a set has them (V_TOPS): half the operations
 * where sign, exponent and 7 bits of a float decide.
 *   vt_of(a, b)  vt_set_of(s): of one float in all lanes  vt_zero()
 *   vt_count_gt(c, a, b), signed: c + 1 where a > b  vt_count_ge(c, a, b), of the bits: c + 1 where a >= b
 *   vt_odd(most, a): `most` or more, and vt_any_odd(most) whether one of all those a was of a number that is 0, subnormal,
 *   infinite or NaN
 *   vt_low(c) vt_high(c): counts of the first vector and of the second, as a vector of integers each
 *   vt_load(p) vt_store(p, a): as many bytes as a vector has, anywhere
 * On all sets, v_held(a): a, which stays in a register; compilers else read memory again for each use, and rows that begin
 * amid a line make that twice the work. */
#ifndef HWV_SIMD_TOPS_H
#define HWV_SIMD_TOPS_H

#include "simd/integers.h"

#if defined(HWV_SIMD_avx512)

#define V_TOPS 1

typedef __m512i vt;

HWV_WORD vf v_held(vf a)
{
    __asm__("" : "+v"(a));
    return a;
}
HWV_WORD vt vt_load(const void *p)
{
    return _mm512_loadu_si512(p);
}
HWV_WORD void vt_store(void *p, vt a)
{
    _mm512_storeu_si512(p, a);
}
HWV_WORD vt vt_zero(void)
{
    return _mm512_setzero_si512();
}
HWV_WORD vt vt_set_of(float s)
{
    return _mm512_set1_epi16((short)(_mm_cvtsi128_si32(_mm_castps_si128(_mm_set_ss(s))) >> 16));
}
HWV_WORD vt vt_of(vf a, vf b)
{
    const __m512i first = _mm512_set_epi16(63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37, 35, 33, 31, 29, 27,
                                           25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
    return _mm512_permutex2var_epi16(v_as_i(a), first, v_as_i(b));
}
HWV_WORD vt vt_count_gt(vt c, vt a, vt b)
{
    return _mm512_mask_sub_epi16(c, _mm512_cmpgt_epi16_mask(a, b), c, _mm512_set1_epi16(-1));
}
HWV_WORD vt vt_count_ge(vt c, vt a, vt b)
{
    return _mm512_mask_sub_epi16(c, _mm512_cmpge_epu16_mask(a, b), c, _mm512_set1_epi16(-1));
}
/* Without the sign, less one exponent: those of 0 and of all ones are the two largest. */
HWV_WORD vt vt_odd(vt most, vt a)
{
    return _mm512_max_epu16(most, _mm512_sub_epi16(_mm512_add_epi16(a, a), _mm512_set1_epi16(0x0100)));
}
HWV_WORD bool vt_any_odd(vt most)
{
    return _mm512_cmpge_epu16_mask(most, _mm512_set1_epi16((short)0xfe00)) != 0;
}
HWV_WORD vi vt_low(vt c)
{
    return _mm512_cvtepu16_epi32(_mm512_castsi512_si256(c));
}
HWV_WORD vi vt_high(vt c)
{
    return _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(c, 1));
}

#else

#define V_TOPS 0

HWV_WORD vf v_held(vf a)
{
    return a;
}

#endif

#endif
