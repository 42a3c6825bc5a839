/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Which passes a row of ops.def has, by family and type: X(row, pass) for each. The lists from which kernels are
 * defined and the table of an instruction set is filled. */
#ifndef HWV_ACT_PASSES_H
#define HWV_ACT_PASSES_H

#define HWV_PASSES_f32_rectified(X, row) HWV_PASSES_f32_bent(X, row) X(row, bias) X(row, bias_mask)
#define HWV_PASSES_f32_bent(X, row)      X(row, forward) X(row, forward_mask) X(row, backward) X(row, backward_mask)
#define HWV_PASSES_f32_smooth(X, row)    X(row, forward) X(row, backward)
#define HWV_PASSES_f64_rectified(X, row) HWV_PASSES_f64_bent(X, row)
#define HWV_PASSES_f64_bent(X, row)      X(row, forward) X(row, forward_mask) X(row, backward) X(row, backward_mask)
#define HWV_PASSES_f64_smooth(X, row)    X(row, forward) X(row, backward)

/* FROM_Y */
#define HWV_FROM_Y_ALWAYS(X, row) X(row, backward_y)
#define HWV_FROM_Y_IF(when)       HWV_FROM_Y_ALWAYS
#define HWV_FROM_Y_NEVER(X, row)

/* The row whose kernels a row has: HWV_ROW_##KERNEL (name). */
#define HWV_ROW_OWN(name)     name
#define HWV_ROW_WITH(a, b)    HWV_ROW_OWN
#define HWV_ROW_OF(row, a, b) row HWV_ROW_NOTHING
#define HWV_ROW_NOTHING(name)

#endif
