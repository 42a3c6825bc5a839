/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Norms of rows, which layer_norm and rms_norm are: the numbers of a sample from attributes.axis on are a row. Input 0
 * is x; a weight, and behind it a bias, may be missing. */
#ifndef HWV_GRAPH_ROW_NORM_H
#define HWV_GRAPH_ROW_NORM_H

#include "graph/kind.h"

/* x as a matrix [rows, size] that is normalised row by row; false: no such axis. */
bool hwv_row_norm_split(const hwv_shape *x, size_t axis, size_t *size);

/* accepts: of the message. */
hwv_status hwv_row_norm_infer(hwv_shaping *shaping, const char *accepts);
hwv_status hwv_row_norm_plan(hwv_demand *demand);
void hwv_row_norm_forward(const hwv_record *record, const hwv_run *run);
void hwv_row_norm_backward(const hwv_record *record, const hwv_run *run);

#endif
