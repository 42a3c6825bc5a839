/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * From a call of halfwave/act.h to a kernel of the set in use. */
#ifndef HWV_ACT_DISPATCH_H
#define HWV_ACT_DISPATCH_H

#include "act/kernels.h"

const hwv_kernels *hwv_kernels_current(void);
/* Whether arrays of rows * cols elements, `arrays` of them, do not fit the last-level cache. */
bool hwv_act_streams(size_t rows, size_t cols, size_t arrays);
/* Rows that follow each other without gaps become one long row. */
void hwv_args_flatten(hwv_args *a);

#endif
