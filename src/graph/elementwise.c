/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a node computes behind its own rows. */
#include "graph/elementwise.h"
#include "graph/kind.h"

#include <stdint.h>

void hwv_record_finish(const hwv_record *record, size_t first, size_t rows)
{
    if (record->act == NULL)
        return;
    const hwv_act *act = &record->act->attributes.act;
    size_t cols = record->act_cols;
    float *y = (float *)record->output[0] + first * cols;
    uint64_t *mask = record->mask ? record->mask + first * record->mask_stride : NULL;
    if (record->bias)
        hwv_act_bias_forward(act, HWV_F32, rows, cols, y, cols, y, cols, record->bias, mask, record->mask_stride);
    else if (mask)
        hwv_act_forward_mask(act, HWV_F32, rows, cols, y, cols, y, cols, mask, record->mask_stride);
    else
        hwv_act_forward(act, HWV_F32, 1, rows * cols, y, rows * cols, y, rows * cols);
}
