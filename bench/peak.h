/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The peak rate of multiply-adds of an instruction set. */
#ifndef HWV_BENCH_PEAK_H
#define HWV_BENCH_PEAK_H

#include <stddef.h>

#include "base/built.h"
#include "halfwave/isa.h"

/* Runs `steps` steps of independent chains in registers; returns the floating-point operations done. */
typedef double hwv_bench_peak_function(size_t steps);

#define HWV_BENCH_PEAK_DECLARE(name) extern double hwv_bench_peak_##name(size_t steps);
HWV_BUILT_LIST(HWV_BENCH_PEAK_DECLARE)

static inline hwv_bench_peak_function *hwv_bench_peak_of(hwv_isa isa)
{
#define HWV_BENCH_PEAK_ENTRY(name) [HWV_ISA_##name] = hwv_bench_peak_##name,
    static hwv_bench_peak_function *const functions[HWV_ISA_COUNT] = {HWV_BUILT_LIST(HWV_BENCH_PEAK_ENTRY)};
    return functions[isa];
}

#endif
