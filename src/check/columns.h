/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The columns of a layer in a statistics file: one array of JSON each, an element a unit. Both directions go through this
 * table. */
#ifndef HWV_CHECK_COLUMNS_H
#define HWV_CHECK_COLUMNS_H

#include "halfwave/check.h"

#define HWV_STATISTICS_SCHEMA 4
/* Had no "summed": sums were over all looks, as they are where that is left out now. In 3 sums of |h| still were. */
#define HWV_STATISTICS_OLDEST 2
#define HWV_STATISTICS_KIND   "halfwave statistics"

typedef enum hwv_column_type { HWV_COLUMN_COUNT, HWV_COLUMN_EXTREME, HWV_COLUMN_SUM } hwv_column_type;

typedef struct hwv_column {
    const char *name;
    hwv_column_type type;
    size_t offset; /* in hwv_unit_tally, or hwv_sum2 of the columns of the input */
    bool required;
    bool of_samples; /* counts: at most the samples, else at most the looks */
    bool largest;    /* extremes: of no number -inf, else +inf */
} hwv_column;

extern const hwv_column hwv_unit_columns[];
extern const size_t hwv_unit_column_count;

/* Members of "input": an array of sums, the sum of all squares, and their low parts. */
typedef struct hwv_input_column {
    const char *name;
    bool square, low;
} hwv_input_column;
extern const hwv_input_column hwv_input_columns[4];

#endif
