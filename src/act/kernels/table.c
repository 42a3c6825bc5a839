/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The table of this instruction set's kernels, from the rows. A pass that a row does not have stays NULL; a
 * kernel that is missing is an unresolved name. */
#include "act/kernels.h"
#include "act/passes.h"
#include "simd/simd.h"

#define HWV_SYMBOL(row, pass, type)  HWV_SYMBOL_(row, pass, type)
#define HWV_SYMBOL_(row, pass, type) HWV_ISA(hwv_##row##_##pass##_##type)

/* The fast tier: a form of its own needs tables. */
#define HWV_FAST_SAME(row) forward
#if V_TABLE
#define HWV_FAST_BOUND(e) HWV_FAST_OWN
#define HWV_FAST_OWN(row) fast
#else
#define HWV_FAST_BOUND(e) HWV_FAST_SAME
#endif
#define HWV_FAST(row, pass) HWV_SYMBOL(row, pass, f32)

#define HWV_DECLARE_f32(row, pass) hwv_kernel HWV_SYMBOL(row, pass, f32);
#define HWV_DECLARE_f64(row, pass) hwv_kernel HWV_SYMBOL(row, pass, f64);
#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, PASS, FIRES, CLAIMS, WHEN, ACCURACY, \
               FAST, ...)                                                                                              \
    HWV_PASSES_f32_##FAMILY(HWV_DECLARE_f32, HWV_ROW_##KERNEL(name))                                                   \
        HWV_FROM_Y_##FROM_Y(HWV_DECLARE_f32, HWV_ROW_##KERNEL(name))                                                   \
            hwv_kernel HWV_FAST(HWV_ROW_##KERNEL(name), HWV_FAST_##FAST(name));
#include "halfwave/ops.def"
#undef HWV_OP
#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, ...)                                 \
    HWV_PASSES_f64_##FAMILY(HWV_DECLARE_f64, HWV_ROW_##KERNEL(name))                                                   \
        HWV_FROM_Y_##FROM_Y(HWV_DECLARE_f64, HWV_ROW_##KERNEL(name))
#include "halfwave/ops.def"
#undef HWV_OP

#define HWV_DECLARE_BOTH(name, ...) hwv_kernel HWV_ISA(hwv_##name##_f32), HWV_ISA(hwv_##name##_f64);
#define HWV_DECLARE_FIRES(words)    HWV_DECLARE_BOTH(fires_##words)
HWV_SINGLE_LIST(HWV_DECLARE_BOTH)
HWV_FIRES_LIST(HWV_DECLARE_FIRES)
hwv_kernel HWV_ISA(hwv_copy);
hwv_slopes HWV_ISA(hwv_rrelu_slopes);
void HWV_ISA(hwv_count)(size_t rows, size_t cols, const uint64_t *mask, size_t stride, uint64_t *counts);

#define HWV_ENTRY_f32(row, pass) [HWV_PASS_##pass] = HWV_SYMBOL(row, pass, f32),
#define HWV_ENTRY_f64(row, pass) [HWV_PASS_##pass] = HWV_SYMBOL(row, pass, f64),
#define HWV_SINGLE_ENTRY(name)   .name = {HWV_ISA(hwv_##name##_f32), HWV_ISA(hwv_##name##_f64)},

const hwv_kernels HWV_ISA(hwv_kernels) = {
    .pass[HWV_F32] =
        {
#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, PASS, FIRES, CLAIMS, WHEN, ACCURACY, \
               FAST, ...)                                                                                              \
    [NUMBER] = {HWV_PASSES_f32_##FAMILY(HWV_ENTRY_f32, HWV_ROW_##KERNEL(name))                                         \
                    HWV_FROM_Y_##FROM_Y(HWV_ENTRY_f32, HWV_ROW_##KERNEL(name))[HWV_PASS_forward_fast] =                \
                        HWV_FAST(HWV_ROW_##KERNEL(name), HWV_FAST_##FAST(name))},
#include "halfwave/ops.def"
#undef HWV_OP
        },
    .fires[HWV_F32] =
        {
#define NOT                              NULL
#define FIRES(words)                     HWV_ISA(hwv_fires_##words##_f32)
#define HWV_PREDICATE(name, KERNEL, ...) [HWV_PREDICATE_##name] = KERNEL,
#include "act/predicates.def"
#undef HWV_PREDICATE
#undef FIRES
#undef NOT
        },
    .pass[HWV_F64] =
        {
#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, ...)                                 \
    [NUMBER] = {HWV_PASSES_f64_##FAMILY(HWV_ENTRY_f64, HWV_ROW_##KERNEL(name))                                         \
                    HWV_FROM_Y_##FROM_Y(HWV_ENTRY_f64, HWV_ROW_##KERNEL(name))[HWV_PASS_forward_fast] =                \
                        HWV_SYMBOL(HWV_ROW_##KERNEL(name), forward, f64)},
#include "halfwave/ops.def"
#undef HWV_OP
        },
    .fires[HWV_F64] =
        {
#define NOT                              NULL
#define FIRES(words)                     HWV_ISA(hwv_fires_##words##_f64)
#define HWV_PREDICATE(name, KERNEL, ...) [HWV_PREDICATE_##name] = KERNEL,
#include "act/predicates.def"
#undef HWV_PREDICATE
#undef FIRES
#undef NOT
        },
    HWV_SINGLE_LIST(HWV_SINGLE_ENTRY).copy = HWV_ISA(hwv_copy),
    .rrelu_slopes = HWV_ISA(hwv_rrelu_slopes),
    .mask_count = HWV_ISA(hwv_count),
};
