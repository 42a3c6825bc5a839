/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Dropout in vector words: hwv_philox for V_LANES counters at once. */
#include "linalg/dispatch.h"
#include "simd/philox.h"

/* Counters of a word: each gives four draws. */
#define COUNTERS ((size_t)16)

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
    const vi sign = vi_set(INT32_MIN), least = vi_xor(vi_set((int32_t)threshold), sign);
    for (size_t w = 0; w < words; w++) {
        uint64_t bits[4] = {0};
        for (size_t at = 0; at < COUNTERS; at += V_LANES) {
            vi c[4];
            vi_philox(d->seed, d->stream, d->step, (uint64_t)(first + w) * COUNTERS + at, c);
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
