/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011). A draw is a
 * function of (seed, stream, step, index): no state, the same on every CPU and for any number of
 * threads. `stream` separates purposes (HWV_STREAM_*), `step` the training step or epoch, `index`
 * the element. */
#ifndef HALFWAVE_RANDOM_H
#define HALFWAVE_RANDOM_H

#include <stdint.h>

#include "halfwave/export.h"

HWV_BEGIN

/* ==== halfwave-random: counter-based random numbers ==== */

/* What draws are for; a new purpose gets a new number, none is reused. */
enum {
    HWV_STREAM_TEST = 0,
    HWV_STREAM_WEIGHTS = 1, /* + 256 * index of the parameter: see model/initialise.c */
    HWV_STREAM_SHUFFLE = 2,
    HWV_STREAM_GRADCHECK = 3,
    HWV_STREAM_DROPOUT = 4, /* + 256 * the node's own number */
    HWV_STREAM_AUGMENT = 5,
    HWV_STREAM_RRELU = 6,   /* + 256 * the node's own number */
    HWV_STREAM_RECYCLE = 7, /* + 256 * the value of the weight */
    HWV_STREAM_GENERATE = 8
};

/* 128 bits, four words, of the draw: the ten rounds; known answers in tests/base. */
static inline void hwv_philox(uint64_t seed, uint32_t stream, uint32_t step, uint64_t index, uint32_t out[4])
{
    uint32_t c0 = (uint32_t)index, c1 = (uint32_t)(index >> 32), c2 = step, c3 = stream;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)UINT32_C(0xD2511F53) * c0, p1 = (uint64_t)UINT32_C(0xCD9E8D57) * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* Uniform integer in [0, bound), bound >= 1, from 64 bits of the draw (bias below 2^-32). */
static inline uint32_t hwv_random_below(uint64_t seed, uint32_t stream, uint32_t step, uint64_t index, uint32_t bound)
{
    uint32_t r[4];
    hwv_philox(seed, stream, step, index, r);
    uint64_t low = (uint64_t)r[0] * bound, high = (uint64_t)r[1] * bound;
    return (uint32_t)((high + (low >> 32)) >> 32);
}

/* Uniform in [0, 1) with 53 bits. */
static inline double hwv_random_uniform(uint64_t seed, uint32_t stream, uint32_t step, uint64_t index)
{
    uint32_t r[4];
    hwv_philox(seed, stream, step, index, r);
    uint64_t bits = ((uint64_t)r[0] << 32 | r[1]) >> 11;
    return (double)bits * (1.0 / 9007199254740992.0);
}

/* Standard normal (Box-Muller in double, one value a draw). */
HWV_API double hwv_random_normal(uint64_t seed, uint32_t stream, uint32_t step, uint64_t index);

HWV_END

#endif
