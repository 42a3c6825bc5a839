/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The table of this instruction set's kernels, from the rows. A pass that a row does not have stays NULL; a
 * kernel that is missing is an unresolved name. */
#include "act/kernels.h"
#include "simd/simd.h"

#define HWV_FAMILY_rectified(X, name) X(name, forward_mask) X(name, bias_mask) X(name, backward_mask)
#define HWV_FAMILY_smooth(X, name)
#define HWV_Y_ALWAYS(X, name) X(name, backward_y)
#define HWV_Y_IF(when)        HWV_Y_ALWAYS
#define HWV_Y_NEVER(X, name)
#define HWV_ROW(X, name, FAMILY)                                                                                       \
    X(name, forward) X(name, bias) X(name, backward) X(name, fires) HWV_FAMILY_##FAMILY(X, name)

#define HWV_DECLARE(name, pass) hwv_kernel HWV_ISA(hwv_##name##_##pass);
#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, FAMILY, FROM_Y, ...)                                                  \
    HWV_ROW(HWV_DECLARE, name, FAMILY)                                                                                 \
    HWV_Y_##FROM_Y(HWV_DECLARE, name)
#include "halfwave/ops.def"
#undef HWV_OP

#define HWV_DECLARE_SINGLE(name) hwv_kernel HWV_ISA(hwv_##name);
HWV_SINGLE_LIST(HWV_DECLARE_SINGLE)
void HWV_ISA(hwv_count)(size_t rows, size_t cols, const uint64_t *mask, size_t stride, uint64_t *counts);

#define HWV_ENTRY(name, pass)  [HWV_PASS_##pass] = HWV_ISA(hwv_##name##_##pass),
#define HWV_ENTRY_SINGLE(name) .name = HWV_ISA(hwv_##name),
const hwv_kernels HWV_ISA(hwv_kernels) = {
    .pass =
        {
#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, FAMILY, FROM_Y, ...)                                                  \
    [NUMBER] = {HWV_ROW(HWV_ENTRY, name, FAMILY) HWV_Y_##FROM_Y(HWV_ENTRY, name)},
#include "halfwave/ops.def"
        },
    HWV_SINGLE_LIST(HWV_ENTRY_SINGLE).mask_count = HWV_ISA(hwv_count),
};
