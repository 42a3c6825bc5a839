/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * From a call of halfwave/act.h to a kernel of the set in use. */
#ifndef HWV_ACT_DISPATCH_H
#define HWV_ACT_DISPATCH_H

#include "act/kernels.h"

const hwv_kernels *hwv_kernels_current(void);
/* Whether arrays of rows * cols elements, `arrays` of them, do not fit the last-level cache. */
bool hwv_act_streams(size_t rows, size_t cols, size_t arrays, hwv_dtype dtype);
/* Rows that follow each other without gaps become one long row. */
void hwv_args_flatten(hwv_args *a);
/* The part of at most rows * cols elements from (row, col); with a mask `col` is a multiple of 64. */
hwv_args hwv_args_part(const hwv_args *a, hwv_dtype dtype, size_t row, size_t col, size_t rows, size_t cols);
/* The parameters of an activation's kernels, rounded to the type. */
void hwv_act_kernel_params(const hwv_act *act, hwv_dtype dtype, double to[HWV_ACT_PARAMS]);
/* The kernel of an activation's pass, NULL where the row does not have it; its parameters go to `a`. */
hwv_kernel *hwv_act_kernel(const hwv_act *act, hwv_dtype dtype, hwv_pass pass, hwv_args *a);
/* Runs a kernel of PReLU with a slope a column; cols > 0. */
void hwv_prelu_columns_run(hwv_kernel *kernel, hwv_dtype dtype, const hwv_args *a);
/* HWV_PASS_forward as the tier wants it. */
static inline hwv_pass hwv_act_forward_pass(const hwv_act *act)
{
    return act->tier == HWV_FAST ? HWV_PASS_forward_fast : HWV_PASS_forward;
}

#endif
