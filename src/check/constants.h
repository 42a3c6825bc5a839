/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What values are on the data: along their last axis the smallest and the largest number of each index, over all samples
 * and positions. */
#ifndef HWV_CHECK_CONSTANTS_H
#define HWV_CHECK_CONSTANTS_H

#include "halfwave/fix.h"

typedef struct hwv_range {
    float min, max; /* of no number: +inf, -inf; NaN where one was NaN */
} hwv_range;

typedef struct hwv_constants {
    hwv_range **ranges; /* by value of the graph; NULL: not asked for */
    size_t value_count;
} hwv_constants;

/* Of `values`, floats that nodes compute, at least one; one may be named twice. Errors of the source; HWV_ERR_MEMORY. Free with hwv_constants_free in any case; it accepts zeros. */
hwv_status hwv_constants_measure(hwv_constants *constants, const hwv_network *network, const hwv_id *values,
                                 size_t count, const hwv_source *source, const hwv_executor *executor,
                                 hwv_error *error);
void hwv_constants_free(hwv_constants *constants);

/* Whether a range is one number, a finite one. */
bool hwv_range_is_constant(const hwv_range *range);

#endif
