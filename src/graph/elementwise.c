/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Activations of a record's rows: its own, or the one behind it. */
#include "graph/elementwise.h"

#include <stdint.h>

/* y = act(x) of some rows, by the observer that would rather do it, if there is one. */
static void activate(const hwv_record *record, const hwv_act *act, size_t first, size_t rows, size_t cols, float *y,
                     const float *x)
{
    const hwv_observer *activator = y == x ? NULL : record->activator;
    const hwv_node *node = hwv_record_activation(record);
    if (activator && activator->activate(activator->self, (hwv_id)(node - record->graph->nodes), first, rows, x, y))
        return;
    hwv_act_forward(act, HWV_F32, 1, rows * cols, y, rows * cols, x, rows * cols);
}

void hwv_record_activate(const hwv_record *record, const hwv_act *act, size_t first, size_t rows, size_t cols, float *y,
                         const float *x)
{
    uint64_t *mask = record->mask ? record->mask + first * record->mask_stride : NULL;
    if (record->bias)
        hwv_act_bias_forward(act, HWV_F32, rows, cols, y, cols, x, cols, record->bias, mask, record->mask_stride);
    else if (mask)
        hwv_act_forward_mask(act, HWV_F32, rows, cols, y, cols, x, cols, mask, record->mask_stride);
    else
        activate(record, act, first, rows, cols, y, x);
}

void hwv_record_finish(const hwv_record *record, size_t first, size_t rows)
{
    if (record->act == NULL)
        return;
    const hwv_act *act = &record->act->attributes.act;
    const size_t cols = record->act_cols, at = first * cols;
    float *z = (float *)record->output[0] + at, *y = record->act_output ? (float *)record->act_output + at : z;
    if (hwv_record_adds_bias(record))
        activate(record, act, first, rows, cols, y, z);
    else
        hwv_record_activate(record, act, first, rows, cols, y, z);
}
