/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Timing. On shared machines only ratios taken in one run mean anything: hwv_rounds times candidates
 * in turn, A B C A B C ..., and reports medians and the ratio to the first candidate. */
#ifndef HALFWAVE_CLOCK_H
#define HALFWAVE_CLOCK_H

#include <stddef.h>

#include "halfwave/status.h"

HWV_BEGIN

/* ==== halfwave-timing: timing in interleaved rounds ==== */

/* Seconds of a monotonic clock. */
HWV_API double hwv_clock_seconds(void);

/* One candidate: `run` does the work `repeats` times. */
typedef struct hwv_candidate {
    const char *name;
    void (*run)(void *context, size_t repeats);
    void *context;
    /* Results: */
    size_t repeats;               /* chosen so that a round lasts about round_seconds */
    double seconds;               /* median over rounds, of one repeat */
    double ratio;                 /* median over rounds of (first candidate's seconds / own seconds) */
    double ratio_low, ratio_high; /* its 90 % interval (order statistics) */
} hwv_candidate;

/* Times candidates[count] in `rounds` interleaved rounds (at least 9 for a claim) of about
 * round_seconds each candidate. HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_rounds(hwv_candidate *candidates, size_t count, size_t rounds, double round_seconds,
                              hwv_error *error);

/* Median of values[count], which is reordered; 0 for count 0. */
HWV_API double hwv_median(double *values, size_t count);
/* The same, and its 90 % interval by order statistics: the extremes where there are too few values for it. count is
 * at least 1. */
HWV_API double hwv_median_interval(double *values, size_t count, double *low, double *high);

HWV_END

#endif
