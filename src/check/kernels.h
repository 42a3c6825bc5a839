/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The kernels of one instruction set: one sweep over a block of rows while it is in the cache. */
#ifndef HWV_CHECK_KERNELS_H
#define HWV_CHECK_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/isa.h"

/* Sums over the rows of a block, an element a unit; all overwritten. */
typedef struct hwv_moments {
    double *z, *square, *magnitude;
    float *min, *max;                    /* NaNs apart */
    uint32_t *zeros, *nans, *low, *high; /* rows where y is 0, z is NaN, z <= low, z >= high */
} hwv_moments;

/* Terms of sums are floats, rounded to multiples of 2^-34: sums of a block below 2^19 are exact then, whatever their
 * order. NaNs are left out. At most 2^24 rows. */
typedef struct hwv_check_kernels {
    /* z and y [rows][units], dense. */
    void (*moments)(size_t rows, size_t units, const float *z, const float *y, float low, float high,
                    const hwv_moments *into);
    /* sum and square of x [rows][features]. */
    void (*input)(size_t rows, size_t features, const float *x, double *sum, double *square);
} hwv_check_kernels;

const hwv_check_kernels *hwv_check_kernels_current(void);

#endif
