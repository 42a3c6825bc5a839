/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Attention of a sequence to itself (Vaswani et al. 2017): for every sample and head, with d = width / heads,
 *     y = softmax(q k' / sqrt(d)) v
 * where a query sees all keys, or, causal, those up to its own place. qkv [samples, length, 3 width] has rows
 * [q | k | v], each of them the heads one behind the other, as y [samples, length, width].
 *
 * Scores exist for a block of keys and a panel of queries at a time: a running maximum and sum of each query put the
 * blocks together, and the backward run computes the shares anew from the logarithm of that sum (Dao et al. 2022). What
 * a causal query does not see is skipped; a NaN there does not reach it. One in what it sees makes it NaN, as do scores
 * of +inf, or of -inf alone; finite scores of any size do not. As the logarithm is rounded to a float, shares of the
 * backward run have a relative error of 2^-24 of the largest score. Results depend on the operands alone, not on how
 * the work was cut or on threads. Nothing is allocated. */
#ifndef HWV_LINALG_ATTENTION_H
#define HWV_LINALG_ATTENTION_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/pool.h"

typedef struct hwv_attention {
    size_t samples, length; /* 1 or more */
    size_t width, heads;    /* heads: 1 or more, divides width */
    bool causal;
} hwv_attention;

/* Bytes of workspace of either run on an executor of at most `workers` workers (0 counts as 1), fixed by width / heads;
 * SIZE_MAX when they do not fit in a size_t. Of any content and alignment. */
size_t hwv_attention_workspace(const hwv_attention *attention, size_t workers);

/* Overwrites y, which overlaps nothing. lse: log of the sum of exp(score) of every query, [samples, heads, length], for
 * the backward run, or NULL. */
void hwv_attention_forward(const hwv_attention *attention, const hwv_executor *executor, const float *qkv, float *y,
                           float *lse, void *workspace);

/* Overwrites dqkv, which overlaps nothing. y, lse: of the forward run. */
void hwv_attention_backward(const hwv_attention *attention, const hwv_executor *executor, const float *qkv,
                            const float *y, const float *lse, const float *dy, float *dqkv, void *workspace);

/* Operations of the products over scores that are seen, two a multiply-add. */
double hwv_attention_forward_flops(const hwv_attention *attention);
double hwv_attention_backward_flops(const hwv_attention *attention);

/* ---- for the kernels ------------------------------------------------------------------------------ */

/* Keys of a block; a multiple of the queries of a panel, HWV_PANEL. */
#define HWV_ATTENTION_KEYS ((size_t)64)
/* Queries at most whose panels, four, go through the blocks of keys together. */
#define HWV_ATTENTION_QUERIES ((size_t)128)

/* One head of a sample: rows of `size` elements, those of q, k, v and their gradients `stride` apart, those of y and dy
 * `y_stride`. */
typedef struct hwv_attention_head {
    size_t length, size, stride, y_stride;
    float scale;
    bool causal;
    const float *q, *k, *v, *dy;
    float *y, *lse;      /* lse: [length]; forward: may be NULL */
    float *dq, *dk, *dv; /* dq, or dk and dv, may be NULL */
} hwv_attention_head;

#endif
