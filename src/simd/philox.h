/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * hwv_philox of halfwave/random.h in words, a counter a lane: four draws for each of V_LANES counters. */
#ifndef HWV_SIMD_PHILOX_H
#define HWV_SIMD_PHILOX_H

#include "simd/integers.h"

/* out[k], lane i: draw k of counter first + i; first is a multiple of V_LANES. */
HWV_WORD void vi_philox(uint64_t seed, uint32_t stream, uint32_t step, uint64_t first, vi out[4])
{
    static const int32_t lanes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    vi c0 = vi_add(vi_set((int32_t)(uint32_t)first), vi_load(lanes)), c1 = vi_set((int32_t)(uint32_t)(first >> 32));
    vi c2 = vi_set((int32_t)step), c3 = vi_set((int32_t)stream);
    for (int round = 0; round < 10; round++) {
        vi high0, high1, low0 = vi_product(c0, vi_set((int32_t)UINT32_C(0xD2511F53)), &high0);
        vi low1 = vi_product(c2, vi_set((int32_t)UINT32_C(0xCD9E8D57)), &high1);
        c0 = vi_xor(vi_xor(high1, c1), vi_set((int32_t)k0));
        c2 = vi_xor(vi_xor(high0, c3), vi_set((int32_t)k1));
        c1 = low1;
        c3 = low0;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

#endif
