/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gated pairs: y = value * f(gate), forward and backward in one pass each over the arrays.
 *
 * Value and gate are two arrays of rows, each with a stride of its own. Where they are the two halves of one array
 * [value | gate] of 2 * cols columns, as torch.glu splits it, value is x, gate is x + cols, and both strides are
 * 2 * cols; where the gate comes first, the other way round. The rules of halfwave/act.h hold: NaN passes, any
 * alignment, nothing is read or written beyond the rows.
 *
 * f(gate) is rounded before the product: y is within 2 * u + 0.5 ULP where f is within u (`ulp` of its row) and not
 * subnormal. reglu is exact. */
#ifndef HALFWAVE_GATED_H
#define HALFWAVE_GATED_H

#include "halfwave/act.h"

HWV_BEGIN

/* ==== halfwave-gated: gated pairs, value * f(gate) ==== */

/* The pairs, from gates.def: HWV_GATE_GLU, HWV_GATE_REGLU, ... with fixed numbers. */
typedef enum hwv_gate {
#define HWV_GATE(NUMBER, NAME, ...) HWV_GATE_##NAME = (NUMBER),
#include "halfwave/gates.def"
#undef HWV_GATE
    HWV_GATE_END_
} hwv_gate;

/* A row of gates.def. Static storage. */
typedef struct hwv_gate_info {
    hwv_gate gate;
    const char *name; /* "swiglu" */
    hwv_op op;        /* f */
    const char *torch, *formula, *source;
} hwv_gate_info;

/* Rows in order of their number; NULL beyond the last. */
HWV_API const hwv_gate_info *hwv_gate_get(size_t i);
/* By name; HWV_ERR_NAME names the nearest one and the list. */
HWV_API hwv_status hwv_gate_find(hwv_gate *gate, const char *name, hwv_error *error);

/* y[r,i] = value[r,i] * f(gate[r,i]): f as hwv_act_forward computes it in this tier, then one product. y may be value
 * or gate; any other overlap is an error. */
HWV_API void hwv_gated_forward(hwv_gate kind, hwv_tier tier, hwv_dtype dtype, size_t rows, size_t cols, void *y,
                               size_t y_stride, const void *value, size_t value_stride, const void *gate,
                               size_t gate_stride);

/* dvalue[r,i] = dy[r,i] * f(gate[r,i]), f accurate, and dgate[r,i] = (dy[r,i] * value[r,i]) * f'(gate[r,i]): the product
 * in parentheses first, then as hwv_act_backward. Both are overwritten; each may be dy, value or gate, but not the
 * same. */
HWV_API void hwv_gated_backward(hwv_gate kind, hwv_dtype dtype, size_t rows, size_t cols, void *dvalue,
                                size_t dvalue_stride, void *dgate, size_t dgate_stride, const void *dy,
                                size_t dy_stride, const void *value, size_t value_stride, const void *gate,
                                size_t gate_stride);

HWV_END

#endif
