/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What element-wise nodes share: copies that a plan may have made needless, and rows cut into blocks. */
#ifndef HWV_GRAPH_ELEMENTWISE_H
#define HWV_GRAPH_ELEMENTWISE_H

#include <string.h>

#include "halfwave/pool.h"

/* to = from, unless the plan made them one array. */
static inline void hwv_copy_floats(float *to, const float *from, size_t n)
{
    if (to != from)
        memcpy(to, from, n * sizeof *to);
}

typedef void hwv_rows_function(const void *context, size_t first, size_t rows);

/* function(context, first, rows) over blocks of all rows, in parallel where that pays; the blocks depend on
 * rows and cols alone. */
void hwv_rows_run(const hwv_executor *executor, size_t rows, size_t cols, hwv_rows_function *function,
                  const void *context);

#endif
