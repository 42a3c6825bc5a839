/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The tables of layers. */
#ifndef HWV_REPORT_CHECK_LAYERS_H
#define HWV_REPORT_CHECK_LAYERS_H

#include "report/check_words.h"

typedef enum hwv_check_column {
    HWV_CHECK_NUMBER,
    HWV_CHECK_NAME,
    HWV_CHECK_OP,
    HWV_CHECK_SHAPE,
    HWV_CHECK_UNITS,
    HWV_CHECK_SILENT_UNITS,
    HWV_CHECK_DEAD_UNITS,
    HWV_CHECK_INERT_UNITS,
    HWV_CHECK_RARE_UNITS,
    HWV_CHECK_ALWAYS,
    HWV_CHECK_RATE,
    HWV_CHECK_ZERO_SHARE,
    HWV_CHECK_DORMANT,
    HWV_CHECK_CONSTANT,
    HWV_CHECK_SATURATED,
    HWV_CHECK_GAMMA, /* |mean| / |std| of the input */
    HWV_CHECK_VERDICT,
    HWV_CHECK_EVIDENCE, /* "rate < 0.11 % each" */
    HWV_CHECK_JOINT,    /* all silent units together */
    HWV_CHECK_CURVE,    /* silent at n/4, n/2, n */
    HWV_CHECK_GRADIENT,
    HWV_CHECK_THEORY,
    HWV_CHECK_SIGNAL,
    HWV_CHECK_ZERO_GRADIENT,
    HWV_CHECK_COLUMNS
} hwv_check_column;

/* Owns columns and cells. Zero-initialise. */
typedef struct hwv_check_table {
    hwv_table table;
    hwv_column columns[HWV_CHECK_COLUMNS];
} hwv_check_table;

typedef struct hwv_check_wish {
    hwv_check_column columns[HWV_CHECK_COLUMNS];
    size_t count;
    bool silent_only;  /* layers with silent units only */
    const bool *shown; /* NULL, or which layers to take */
    size_t name;       /* most columns of a name */
} hwv_check_wish;

/* Columns that say nothing about this model (inert units where there are none) are left out. */
void hwv_check_table_open(hwv_check_table *table, const hwv_check_view *view, const hwv_check_wish *wish);
void hwv_check_table_close(hwv_check_table *table);
/* Columns that it takes on a terminal with gaps of that width; 0 for a table that failed. */
size_t hwv_check_table_width(const hwv_check_table *table, size_t gap);

#endif
