/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * CSV as training data: numbers, the label in the last column. */
#ifndef HWV_IO_CSV_H
#define HWV_IO_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "halfwave/status.h"

/* Labels of any format are below this. */
#define HWV_CLASSES_MAX 65536

/* Owns its arrays. Zero-initialise; free with hwv_csv_free. */
typedef struct hwv_csv {
    size_t rows, features;
    float *values;   /* rows x features */
    int32_t *labels; /* 0 .. HWV_CLASSES_MAX - 1 */
    uint32_t *lines; /* of each row, from 1 */
} hwv_csv;

/* Fields are separated by commas, or else by what the first line has: tabs or semicolons. A first line without
 * any number is a header; "nan" and "inf" count as numbers. Empty lines are skipped, fields may stand in double
 * quotes and in blanks, lines may end in CR LF, a byte order mark is skipped. HWV_ERR_FORMAT with line and column
 * (both from 1): too many or few fields, no number, NaN or infinity or beyond float (in training data
 * they are errors), a label that is no whole number from 0 to HWV_CLASSES_MAX - 1, no rows. HWV_ERR_MEMORY. */
hwv_status hwv_csv_parse(hwv_csv *csv, const char *text, size_t size, hwv_error *error);
/* The same without a label column: all fields are values, labels stay NULL. */
hwv_status hwv_csv_parse_values(hwv_csv *csv, const char *text, size_t size, hwv_error *error);
/* Accepts a zero struct. */
void hwv_csv_free(hwv_csv *csv);

#endif
