/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The peak rate of multiply-adds, what products and convolutions are measured by: independent chains in registers. */
#include "linalg/speed.h"
#include "simd/simd.h"

#if defined(HWV_SIMD_avx512) || defined(HWV_SIMD_neon)
#define CHAINS 16
#else
#define CHAINS 12
#endif

hwv_peak_function HWV_ISA(hwv_peak);

double HWV_ISA(hwv_peak)(size_t steps)
{
    vf sum[CHAINS];
    const vf a = v_set((float)(steps % 3) * 0.1f), b = v_set(1.0f);
    HWV_UNROLL
    for (size_t i = 0; i < CHAINS; i++)
        sum[i] = v_set((float)i);
    for (size_t s = 0; s < steps; s++) {
        HWV_UNROLL
        for (size_t i = 0; i < CHAINS; i++)
            sum[i] = v_fma(a, sum[i], b);
    }
    float out[V_LANES] = {0};
    HWV_UNROLL
    for (size_t i = 1; i < CHAINS; i++)
        sum[0] = v_add(sum[0], sum[i]);
    v_store(out, sum[0]);
    /* The sum is looked at, so that the chains cannot be left out. */
    return out[0] > 1e30f ? 0.0 : 2.0 * (double)V_LANES * CHAINS * (double)steps;
}
