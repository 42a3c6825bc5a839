/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * From what a sample has in memory to what a model is given. */
#ifndef HWV_IO_GATHER_H
#define HWV_IO_GATHER_H

#include "halfwave/data.h"

/* The block of a normalised data set: mean and deviation of each channel, then for each element of a sample, as it
 * is in memory, what is taken from it and the factor after that. */
typedef struct hwv_normal {
    double *mean, *deviation; /* [channels] */
    float *shift, *factor;    /* [features] */
} hwv_normal;

/* One sample of bytes or floats. x may not overlap it. */
void hwv_convert_bytes(const hwv_data *data, const uint8_t *bytes, float *x);
void hwv_convert_floats(const hwv_data *data, const float *floats, float *x);

#endif
