/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A counter that watches several plans at once. Samples come in pieces of a few runs, cut without regard to threads; piece
 * by piece the parts of the counts take turns, so that HWV_COUNT_PARTS pieces in a row can be counted at the same time, and
 * what is counted depends on no number of threads. */
#ifndef HWV_CHECK_COUNTER_H
#define HWV_CHECK_COUNTER_H

#include "check/layer_count.h"

/* Counts one run at a time, in one thread. */
typedef struct hwv_counter_lane {
    hwv_counter *counter;
    size_t part, rows, before;        /* of its run; before: samples in front of it that are in no tally yet */
    hwv_id fed;                       /* the node whose input comes in pieces, HWV_NO_ID: none */
    double (*squares)[HWV_COUNT_PAD]; /* of each sample, squares_room of them */
    size_t squares_room;
    hwv_count_activation activation;
    hwv_arena memory;
} hwv_counter_lane;

/* For runs of up to `rows` samples. HWV_ERR_MEMORY. */
hwv_status hwv_counter_lane_init(hwv_counter_lane *lane, hwv_counter *counter, size_t rows, hwv_error *error);
void hwv_counter_lane_free(hwv_counter_lane *lane);

/* Not where samples are grouped: those go on from piece to piece. */
bool hwv_counter_has_lanes(const hwv_counter *counter);
/* For a plan of its own; the lane must stay where it is. */
hwv_observer hwv_counter_lane_observer(hwv_counter_lane *lane);
/* The lane's next piece, of `rows` samples, while no lane counts. */
void hwv_counter_piece(hwv_counter_lane *lane, size_t rows);
/* The next run of the piece has `rows` of them. */
void hwv_counter_run(hwv_counter_lane *lane, size_t rows);
/* Whether the next piece must wait until all of those before are counted. */
bool hwv_counter_round_ends(const hwv_counter *counter);

#endif
