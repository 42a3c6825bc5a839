/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What dispatch and the kernels of gated pairs agree on. */
#ifndef HWV_ACT_GATED_H
#define HWV_ACT_GATED_H

#include "halfwave/gated.h"

/* Arrays hold elements of the kernel's type; strides are in elements. */
typedef struct hwv_gated_args {
    size_t rows, cols;
    void *y, *dgate; /* y is dvalue of the backward pass */
    size_t y_stride, dgate_stride;
    const void *value, *gate, *dy;
    size_t value_stride, gate_stride, dy_stride;
} hwv_gated_args;

typedef void hwv_gated_kernel(const hwv_gated_args *a);

typedef struct hwv_gated_kernels {
    struct {
        hwv_gated_kernel *forward[HWV_FAST + 1]; /* by tier */
        hwv_gated_kernel *backward;
    } gate[HWV_GATE_END_];
} hwv_gated_kernels;

#define HWV_GATED_EXTERN(set) extern const hwv_gated_kernels hwv_gated_kernels_f32_##set, hwv_gated_kernels_f64_##set;
HWV_ISA_LIST(HWV_GATED_EXTERN)
#undef HWV_GATED_EXTERN

#endif
