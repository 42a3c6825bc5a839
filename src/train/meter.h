/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What is measured while training: running error, mean losses, time of a step. All memory is taken at the
 * start. */
#ifndef HWV_TRAIN_METER_H
#define HWV_TRAIN_METER_H

#include <stddef.h>
#include <stdint.h>

#include "halfwave/status.h"

/* Samples of the running error, and the most steps of the running loss. */
#define HWV_METER_SAMPLES ((size_t)2000)
#define HWV_METER_STEPS   ((size_t)100)
/* Times kept. When they are full every second one goes, and from then on every second step is kept, and so
 * on: an even sample of the run. */
#define HWV_METER_TIMES ((size_t)8192)

typedef struct hwv_meter {
    uint8_t wrong[HWV_METER_SAMPLES]; /* a ring */
    size_t wrong_at, wrong_count, wrong_sum;
    double loss[HWV_METER_STEPS]; /* a ring of loss_window */
    size_t loss_at, loss_count, loss_window;
    double epoch_loss; /* sums since the epoch began */
    size_t epoch_wrong, epoch_steps;
    double *times; /* owned; seconds */
    size_t time_count, time_stride, time_phase;
} hwv_meter;

/* window: steps of the running loss, cut to 1 .. HWV_METER_STEPS. HWV_ERR_MEMORY. */
hwv_status hwv_meter_init(hwv_meter *meter, size_t window, hwv_error *error);
/* Accepts a zero struct. */
void hwv_meter_free(hwv_meter *meter);

/* One step: its loss, and for each sample whether it was wrong. */
void hwv_meter_add(hwv_meter *meter, double loss, const uint8_t *wrong, size_t samples, size_t wrong_sum);
void hwv_meter_time(hwv_meter *meter, double seconds);
void hwv_meter_begin_epoch(hwv_meter *meter);

/* Share wrong of the last HWV_METER_SAMPLES samples, or of those there were; NAN for none. */
double hwv_meter_error(const hwv_meter *meter);
/* Mean of the last losses; NAN for none. */
double hwv_meter_loss(const hwv_meter *meter);
/* Median seconds of a step; NAN for none. Reorders the times: for the end of a run. */
double hwv_meter_median(hwv_meter *meter);

/* The rings from the oldest entry to the newest: room for HWV_METER_SAMPLES and HWV_METER_STEPS. */
void hwv_meter_unroll(const hwv_meter *meter, uint8_t *wrong, double *loss);
/* The reverse, for a meter fresh from hwv_meter_init; counts at most those of the rings. */
void hwv_meter_refill(hwv_meter *meter, const uint8_t *wrong, size_t wrong_count, const double *loss,
                      size_t loss_count);

#endif
