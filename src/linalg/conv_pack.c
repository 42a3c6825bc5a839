/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Weights [filters][channels of a group][height][width] into panels. */
#include "linalg/conv_pass.h"

size_t hwv_conv_panel_floats(const hwv_conv_pass *p)
{
    return p->taps[0] * p->taps[1] * p->depth * HWV_PANEL;
}

/* One row of a panel. */
static void pack_row(float *to, const float *from, size_t step, size_t columns)
{
    if (columns == HWV_PANEL) {
        for (size_t j = 0; j < HWV_PANEL; j++)
            to[j] = from[j * step];
        return;
    }
    for (size_t j = 0; j < HWV_PANEL; j++)
        to[j] = j < columns ? from[j * step] : 0.0f;
}

/* Taps are the inner loop: they are neighbours in the weights, which are read once this way. */
void hwv_conv_pack(const hwv_conv_pass *p, const hwv_conv_packing *k, size_t group, size_t panel, float *to)
{
    const size_t area = k->kernel[0] * k->kernel[1], from = panel * HWV_PANEL;
    const size_t columns = hwv_conv_least(HWV_PANEL, p->columns - from);
    /* Elements from column to column, and from one k to the next. */
    const size_t column_step = k->transposed ? area : p->depth * area;
    const size_t depth_step = k->transposed ? p->columns * area : area;
    const float *weight = k->weight + group * p->columns * p->depth * area + from * column_step;
    for (size_t d = 0; d < p->depth; d++)
        for (size_t y = 0; y < p->taps[0]; y++)
            for (size_t x = 0; x < p->taps[1]; x++)
                pack_row(to + ((y * p->taps[1] + x) * p->depth + d) * HWV_PANEL,
                         weight + d * depth_step + hwv_conv_packed_tap(k, y, x), column_step, columns);
}
