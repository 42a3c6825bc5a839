/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Dropout in vector words: hwv_philox for V_LANES counters at once. */
#include "linalg/dispatch.h"
#include "simd/integers.h"
#include "simd/simd.h"

/* Counters of a word: each gives four draws. */
#define COUNTERS ((size_t)16)

/* The ten rounds of halfwave/random.h, a counter a lane. */
HWV_WORD void philox(uint64_t seed, vi c[4])
{
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        vi high0, high1, low0 = vi_product(c[0], vi_set((int32_t)UINT32_C(0xD2511F53)), &high0);
        vi low1 = vi_product(c[2], vi_set((int32_t)UINT32_C(0xCD9E8D57)), &high1);
        c[0] = vi_xor(vi_xor(high1, c[1]), vi_set((int32_t)k0));
        c[2] = vi_xor(vi_xor(high0, c[3]), vi_set((int32_t)k1));
        c[1] = low1;
        c[3] = low0;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
}

/* Bit i of 16 becomes bit 4 * i. */
HWV_WORD uint64_t spread(uint64_t bits)
{
    bits = (bits | bits << 24) & UINT64_C(0x000000ff000000ff);
    bits = (bits | bits << 12) & UINT64_C(0x000f000f000f000f);
    bits = (bits | bits << 6) & UINT64_C(0x0303030303030303);
    return (bits | bits << 3) & UINT64_C(0x1111111111111111);
}

static void draw(size_t first, size_t words, uint32_t threshold, const hwv_dropout *d, uint64_t *kept)
{
    static const int32_t lanes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const vi sign = vi_set(INT32_MIN), least = vi_xor(vi_set((int32_t)threshold), sign);
    for (size_t w = 0; w < words; w++) {
        uint64_t bits[4] = {0};
        for (size_t at = 0; at < COUNTERS; at += V_LANES) {
            const uint64_t counter = (uint64_t)(first + w) * COUNTERS + at;
            vi c[4] = {vi_add(vi_set((int32_t)(uint32_t)counter), vi_load(lanes)),
                       vi_set((int32_t)(uint32_t)(counter >> 32)), vi_set((int32_t)d->step),
                       vi_set((int32_t)d->stream)};
            philox(d->seed, c);
            HWV_UNROLL
            for (size_t i = 0; i < 4; i++) /* unsigned, by way of signed */
                bits[i] |= (uint64_t)vm_bits(vi_lt(vi_xor(c[i], sign), least)) << at;
        }
        kept[w] = ~(spread(bits[0]) | spread(bits[1]) << 1 | spread(bits[2]) << 2 | spread(bits[3]) << 3);
    }
}

static void apply(size_t n, float scale, const float *x, const uint64_t *kept, float *y)
{
    const vf by = v_set(scale);
    for (size_t i = 0; i < n; i += V_LANES) {
        const size_t part = n - i < V_LANES ? n - i : V_LANES;
        const vm stays = vm_from_bits((uint32_t)(kept[i / 64] >> i % 64));
        v_store_part(y + i, v_keep(stays, v_mul(v_load_part(x + i, part), by)), part);
    }
}

extern const hwv_dropout_kernels HWV_ISA(hwv_dropout_kernels);
const hwv_dropout_kernels HWV_ISA(hwv_dropout_kernels) = {draw, apply};
