/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The word for square roots, correctly rounded on every set: v_sqrt(a). */
#ifndef HWV_SIMD_ROOT_H
#define HWV_SIMD_ROOT_H

#include "simd/simd.h"

#if defined(HWV_SIMD_avx512)
HWV_WORD vf v_sqrt(vf a)
{
    return _mm512_sqrt_ps(a);
}
#elif defined(HWV_SIMD_avx2)
HWV_WORD vf v_sqrt(vf a)
{
    return _mm256_sqrt_ps(a);
}
#elif defined(HWV_SIMD_sse2)
HWV_WORD vf v_sqrt(vf a)
{
    return _mm_sqrt_ps(a);
}
#elif defined(HWV_SIMD_neon)
HWV_WORD vf v_sqrt(vf a)
{
    return vsqrtq_f32(a);
}
#else
#include <math.h>
HWV_WORD vf v_sqrt(vf a)
{
    return sqrtf(a);
}
#endif

#endif
