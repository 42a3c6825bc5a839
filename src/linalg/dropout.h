/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Dropout (Srivastava et al., JMLR 2014) of n numbers, those that stay scaled up:
 *     y[e] = kept[e] ? x[e] / (1 - rate) : 0
 * Element e is dropped where draw e % 4 of hwv_philox(seed, stream, step, e / 4) is below rate * 2^32: the same ones on
 * every CPU and for any number of threads. A NaN or an infinity that is dropped is 0. Nothing is allocated. */
#ifndef HWV_LINALG_DROPOUT_H
#define HWV_LINALG_DROPOUT_H

#include <stddef.h>
#include <stdint.h>

#include "halfwave/pool.h"

typedef struct hwv_dropout {
    float rate; /* 0 <= rate < 1 */
    uint64_t seed;
    uint32_t stream, step;
} hwv_dropout;

/* Draws at or above it are kept. */
static inline uint32_t hwv_dropout_threshold(float rate)
{
    return (uint32_t)((double)rate * 4294967296.0);
}

/* Words of 64 bits that hold a bit for each of n elements: bit e % 64, least significant first, of word e / 64. */
static inline size_t hwv_dropout_words(size_t n)
{
    return n / 64 + (n % 64 != 0);
}

/* kept: hwv_dropout_words(n), overwritten (unused bits with anything). y may be x; other overlap is an error. */
void hwv_dropout_forward(const hwv_dropout *dropout, const hwv_executor *executor, size_t n, const float *x, float *y,
                         uint64_t *kept);
/* dx[e] = kept[e] ? dy[e] / (1 - rate) : 0; dx may be dy. */
void hwv_dropout_backward(const hwv_dropout *dropout, const hwv_executor *executor, size_t n, const float *dy,
                          const uint64_t *kept, float *dx);

#endif
