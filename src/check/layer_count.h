/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counting one layer: blocks of z [rows][units] with their h, added to a tally. Shared by the counter that watches a plan
 * and by dumps of pre-activations. */
#ifndef HWV_CHECK_LAYER_COUNT_H
#define HWV_CHECK_LAYER_COUNT_H

#include "check/counts.h"
#include "check/flat.h"
#include "halfwave/check.h"

/* Parts into which the samples of a run are cut, each with counts of its own: work for as many threads. */
#define HWV_COUNT_PARTS ((size_t)8)

/* Looks of one call for a part. */
#define HWV_COUNT_MOST ((size_t)1 << 29)

/* Rows that are counted together where samples have one look and come a few at a time. */
#define HWV_COUNT_WAITING ((size_t)8)

/* Rows of a part that are still to be counted. */
typedef struct hwv_count_waiting {
    float *z, *h, *x; /* HWV_COUNT_WAITING rows each */
    size_t rows, inputs;
} hwv_count_waiting;

/* What a part has had since the last close. */
typedef struct hwv_count_seen {
    uint64_t samples, looks, input_looks;
    size_t pictures;
} hwv_count_seen;

/* What is counted of some samples by itself. */
typedef struct hwv_count_part {
    hwv_counts counts;
    hwv_feature_sums inputs;
    hwv_count_waiting waiting;
    hwv_count_seen seen; /* of hwv_layer_count_part alone */
} hwv_count_part;

/* Rows of a run that are counted as they are activated, one layer at a time. */
typedef struct hwv_count_activation {
    hwv_id node;             /* HWV_NO_ID: none */
    hwv_count_state *states; /* of the sample that is open, for the widest layer */
    size_t next, done;       /* the row that must come next; samples that are counted */
} hwv_count_activation;

/* One layer being counted. Owns everything but the tally. Zero-initialise; free with hwv_layer_count_free. */
typedef struct hwv_layer_count {
    hwv_layer_tally *tally;
    hwv_count_rule rule;
    size_t group, pending;                 /* samples of the group that is not full */
    hwv_count_part parts[HWV_COUNT_PARTS]; /* the first alone where samples are grouped */
    size_t activates;                      /* rows of a sample, where hwv_layer_count_activate may be asked; else 0 */
    float *gates;                          /* of gated pairs: room for z of some samples, for each part; else NULL */
    size_t gate_room;                      /* floats of a part */
    float *waiting_room;                   /* theirs, NULL: no row waits */
} hwv_layer_count;

/* flat: of the tally's activation. */
hwv_status hwv_layer_count_init(hwv_layer_count *count, hwv_layer_tally *tally, hwv_flat flat, size_t group,
                                hwv_error *error);
void hwv_layer_count_free(hwv_layer_count *count);
/* The layer is a gated pair: rows of z lie twice its units apart, and h is no function of z, so that it must be given.
 * positions: rows of a sample, always. HWV_ERR_MEMORY. */
hwv_status hwv_layer_count_gate(hwv_layer_count *count, size_t positions, hwv_error *error);

/* Samples have one look: hwv_layer_count_part may let them wait, where a run has few of them and their rows are short.
 * HWV_ERR_MEMORY. */
hwv_status hwv_layer_count_wait(hwv_layer_count *count, hwv_error *error);

/* `samples` samples of `positions` rows each. */
void hwv_layer_count_add(hwv_layer_count *count, const hwv_executor *executor, size_t samples, size_t positions,
                         const float *z, const float *h);
/* The input of the product in front, the features of the tally in each row. */
void hwv_layer_count_input(hwv_layer_count *count, const hwv_executor *executor, size_t samples, size_t positions,
                           const float *x);
/* The same of samples that belong to one part, where they are not grouped: different parts may be counted at the same time.
 * before: samples since the last settling, of all parts, in front of these. done: of these, what hwv_layer_count_activate
 * counted. At most HWV_COUNT_MOST looks. */
void hwv_layer_count_part(hwv_layer_count *count, size_t part, size_t before, size_t samples, size_t done,
                          size_t positions, const float *z, const float *h);
/* Computes y of rows first .. first + rows - 1 of a run and counts them; next and done are 0 before the first rows of a node.
 * False: it did not. */
bool hwv_layer_count_activate(hwv_layer_count *count, size_t part, size_t before, size_t first, size_t rows,
                              const float *z, float *y, hwv_count_activation *run);
void hwv_layer_count_input_part(hwv_layer_count *count, size_t part, size_t samples, size_t positions, const float *x);
/* That input in pieces, of all_rows samples of one look, where hwv_layer_count_pieces: squares as hwv_feature_sums_piece
 * has them. Then hwv_layer_count_input_whole in place of hwv_layer_count_input_part. */
bool hwv_layer_count_pieces(const hwv_layer_count *count, size_t samples);
void hwv_layer_count_input_piece(hwv_layer_count *count, size_t part, const hwv_observed_piece *seen,
                                 double (*squares)[HWV_COUNT_PAD]);
void hwv_layer_count_input_whole(hwv_layer_count *count, size_t part, size_t samples, const float *x,
                                 double (*squares)[HWV_COUNT_PAD]);
/* Whether a part has no room for HWV_COUNT_MOST looks more. */
bool hwv_layer_count_full(const hwv_layer_count *count);
/* What was counted goes into the tally. */
void hwv_layer_count_settle(hwv_layer_count *count);
/* The end of a shard: a group that is not full counts as one. Only now is everything in the tally. */
void hwv_layer_count_close(hwv_layer_count *count);

#endif
