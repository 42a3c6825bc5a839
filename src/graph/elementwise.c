/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Activations of a record's rows: its own, or the one behind it. */
#include "graph/elementwise.h"

#include <stdint.h>

void hwv_record_activate(const hwv_record *record, const hwv_act *act, size_t first, size_t rows, size_t cols, float *y,
                         const float *x)
{
    uint64_t *mask = record->mask ? record->mask + first * record->mask_stride : NULL;
    if (record->bias)
        hwv_act_bias_forward(act, HWV_F32, rows, cols, y, cols, x, cols, record->bias, mask, record->mask_stride);
    else if (mask)
        hwv_act_forward_mask(act, HWV_F32, rows, cols, y, cols, x, cols, mask, record->mask_stride);
    else
        hwv_act_forward(act, HWV_F32, 1, rows * cols, y, rows * cols, x, rows * cols);
}

void hwv_record_finish(const hwv_record *record, size_t first, size_t rows)
{
    if (record->act == NULL)
        return;
    const hwv_act *act = &record->act->attributes.act;
    const size_t at = first * record->act_cols, n = rows * record->act_cols;
    float *z = (float *)record->output[0] + at, *y = record->act_output ? (float *)record->act_output + at : z;
    if (hwv_record_adds_bias(record))
        hwv_act_forward(act, HWV_F32, 1, n, y, n, z, n);
    else
        hwv_record_activate(record, act, first, rows, record->act_cols, y, z);
}
