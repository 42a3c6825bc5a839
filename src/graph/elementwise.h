/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What element-wise nodes share: copies that a plan may have made needless, and rows cut into blocks. */
#ifndef HWV_GRAPH_ELEMENTWISE_H
#define HWV_GRAPH_ELEMENTWISE_H

#include <string.h>

#include "graph/kind.h"
#include "linalg/blocks.h"

/* to = from, unless the plan made them one array. */
static inline void hwv_copy_floats(float *to, const float *from, size_t n)
{
    if (to != from)
        memcpy(to, from, n * sizeof *to);
}

/* y = act(x + the record's bias), with the record's mask, for rows first .. first+rows-1 of `cols` elements; x and y are
 * those of row `first`, and may be the same. Without a bias and a mask the rows are one long row. */
void hwv_record_activate(const hwv_record *record, const hwv_act *act, size_t first, size_t rows, size_t cols, float *y,
                         const float *x);

#endif
