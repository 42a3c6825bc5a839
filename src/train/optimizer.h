/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the trainer needs of an optimiser beyond the public call. */
#ifndef HWV_TRAIN_OPTIMIZER_H
#define HWV_TRAIN_OPTIMIZER_H

#include "halfwave/train.h"
#include "train/kernels.h"

/* Largest number of moment arrays. */
#define HWV_MOMENTS 2

/* Moment arrays that these options use: sgd without momentum keeps none. */
size_t hwv_optimizer_moments(const hwv_optimizer_options *options);
/* Numbers in range and finite, names known; else HWV_ERR_ARGUMENT says which and what is accepted. */
hwv_status hwv_optimizer_check(const hwv_optimizer_options *options, hwv_error *error);

/* lr_min as a number. */
double hwv_schedule_least(const hwv_optimizer_options *options);

/* Everything of one update that is the same for all elements. decay: apply weight decay. */
hwv_update hwv_update_make(const hwv_optimizer_options *options, double rate, size_t step, bool decay);
/* False when a new parameter is not finite. moments: as many as the options use, others NULL. */
bool hwv_update_run(hwv_optimizer optimizer, const hwv_update *update, float *p, const float *g, float *moment1,
                    float *moment2, size_t n);

#endif
