/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What element-wise nodes share: copies that a plan may have made needless, and rows cut into blocks. */
#ifndef HWV_GRAPH_ELEMENTWISE_H
#define HWV_GRAPH_ELEMENTWISE_H

#include <string.h>

#include "linalg/blocks.h"

/* to = from, unless the plan made them one array. */
static inline void hwv_copy_floats(float *to, const float *from, size_t n)
{
    if (to != from)
        memcpy(to, from, n * sizeof *to);
}

#endif
