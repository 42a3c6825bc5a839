/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What batch norm is put together from: how rows are cut into blocks, the sums of a block, and what follows from the sums
 * of all. Others compute the sums block by block, in any order, and get the same bits. */
#ifndef HWV_LINALG_BATCH_NORM_PARTS_H
#define HWV_LINALG_BATCH_NORM_PARTS_H

#include "linalg/batch_norm.h"
#include "linalg/dispatch.h"

/* Floats a channel: of the sums of a block (a centre and two sums; in a backward run two sums), and of a map (center,
 * scale, offset, slope). */
#define HWV_BATCH_NORM_SUMS ((size_t)3)
#define HWV_BATCH_NORM_MAPS ((size_t)4)

typedef struct hwv_batch_norm_cut {
    size_t group; /* rows whose sum in float is added to that of their block */
    size_t block; /* rows */
    size_t image; /* rows that are cut into blocks by themselves, the last of which may be shorter */
    size_t count; /* blocks of an image */
} hwv_batch_norm_cut;

hwv_batch_norm_cut hwv_batch_norm_cut_of(const hwv_batch_norm *norm);

static inline size_t hwv_batch_norm_blocks(const hwv_batch_norm *norm, const hwv_batch_norm_cut *cut)
{
    return norm->rows / cut->image * cut->count;
}

/* Rows [first, first + count) of a block. */
typedef struct hwv_batch_norm_range {
    size_t first, count;
} hwv_batch_norm_range;

hwv_batch_norm_range hwv_batch_norm_block(const hwv_batch_norm_cut *cut, size_t block);

/* Floats of the sums of all blocks; SIZE_MAX when they do not fit. */
size_t hwv_batch_norm_sums_floats(const hwv_batch_norm *norm);

/* Sums of block number `block`, of which x is the first row. */
void hwv_batch_norm_measure_block(const hwv_batch_norm *norm, const hwv_linalg_kernels *kernels, size_t block,
                                  const float *x, float *sums);

/* What hwv_batch_norm_measure does when all blocks are measured. */
void hwv_batch_norm_measured(const hwv_batch_norm *norm, const float *sums, float momentum, float *running_mean,
                             float *running_variance, hwv_batch_norm_moments *moments);

/* A map in room for HWV_BATCH_NORM_MAPS floats a channel: y of x. */
typedef struct hwv_batch_norm_floats {
    float *center, *scale, *offset, *slope;
} hwv_batch_norm_floats;

hwv_batch_norm_floats hwv_batch_norm_map_in(size_t channels, float *floats);
void hwv_batch_norm_map_forward(const hwv_batch_norm *norm, const hwv_batch_norm_moments *moments,
                                hwv_batch_norm_floats to);
/* The map of dx of x and dy, and the gradients of weight and bias. sums: around the centres of the map of x, or NULL
 * where none are needed. */
void hwv_batch_norm_map_backward(const hwv_batch_norm *norm, const float *sums, const hwv_batch_norm_moments *moments,
                                 bool constant, const hwv_batch_norm_gradients *gradients, hwv_batch_norm_floats to);

#endif
