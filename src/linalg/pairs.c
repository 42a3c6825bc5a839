/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Kernels of pairs of the set in use. */
#include "linalg/pairs.h"

#include "linalg/dispatch.h"

hwv_pair_kernel *hwv_pair_kernel_of(hwv_pair pair)
{
    const hwv_pair_kernels *kernels = hwv_linalg_kernels_of(hwv_isa_current())->pairs;
    switch (pair) {
    case HWV_PAIR_ADD:
        return kernels->add;
    case HWV_PAIR_SUB:
        return kernels->sub;
    case HWV_PAIR_MUL:
        return kernels->mul;
    case HWV_PAIR_DIV:
        return kernels->div;
    case HWV_PAIR_MIN:
        return kernels->min;
    default:
        return kernels->max;
    }
}
