/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counting one layer: blocks of z [rows][units] with their h, added to a tally. Shared by the counter that watches a plan
 * and by dumps of pre-activations. */
#ifndef HWV_CHECK_LAYER_COUNT_H
#define HWV_CHECK_LAYER_COUNT_H

#include "check/flat.h"
#include "halfwave/check.h"

/* One layer being counted. Owns everything but the tally. Zero-initialise; free with hwv_layer_count_free. */
typedef struct hwv_layer_count {
    hwv_layer_tally *tally;
    hwv_flat flat;
    size_t group, pending;         /* samples of the group that is not full */
    uint64_t *group_mask;          /* which units fired in it */
    uint64_t *mask;                /* of all looks of a run */
    uint64_t *samples;             /* masks of its samples */
    size_t mask_room, sample_room; /* words */
    uint64_t *counts;              /* looks in which each unit fired */
    unsigned char *blocks;         /* moments of blocks */
    size_t block_room;
    bool failed; /* no memory: counts are not complete */
} hwv_layer_count;

hwv_status hwv_layer_count_init(hwv_layer_count *count, hwv_layer_tally *tally, size_t group, hwv_error *error);
void hwv_layer_count_free(hwv_layer_count *count);

/* `samples` samples of `positions` rows each. h may be NULL: it is then not looked at, and zeros and magnitudes are those
 * of z. */
void hwv_layer_count_add(hwv_layer_count *count, const hwv_executor *executor, size_t samples, size_t positions,
                         const float *z, const float *h);
/* The input of the product in front, rows x features of the tally. */
void hwv_layer_count_input(hwv_layer_count *count, const hwv_executor *executor, size_t rows, const float *x);
/* The end of a shard: a group that is not full counts as one. */
void hwv_layer_count_close(hwv_layer_count *count);

#endif
