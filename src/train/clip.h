/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The global gradient norm, and what clips it. Large blocks are cut into pieces of a fixed size for the
 * executor: the same bits for any number of threads. */
#ifndef HWV_TRAIN_CLIP_H
#define HWV_TRAIN_CLIP_H

#include <stddef.h>

#include "halfwave/pool.h"

/* Elements of a piece of work on a block of parameters. */
#define HWV_PIECE ((size_t)1 << 15)

static inline size_t hwv_piece_count(size_t n)
{
    return n / HWV_PIECE + (n % HWV_PIECE != 0);
}

static inline size_t hwv_piece_size(size_t n, size_t piece)
{
    size_t left = n - piece * HWV_PIECE;
    return left < HWV_PIECE ? left : HWV_PIECE;
}

/* sqrt of the sum of squares, in double. sums: room for hwv_piece_count(n) numbers; NULL is accepted for
 * up to one piece. */
double hwv_gradient_norm(const hwv_executor *executor, double *sums, const float *gradients, size_t n);
/* What gradients are multiplied by so that their norm is at most `most`: min(1, most / (norm + 1e-6)), as PyTorch. */
float hwv_gradient_factor(double norm, double most);
/* gradients *= factor */
void hwv_gradient_scale(const hwv_executor *executor, float *gradients, size_t n, double factor);

#endif
