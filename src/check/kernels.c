/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The kernels of all sets of this build. */
#include "check/kernels.h"
#include "base/built.h"

#define DECLARE(name) extern const hwv_check_kernels hwv_check_kernels_##name;
HWV_BUILT_LIST(DECLARE)

#define ENTRY(name) [HWV_ISA_##name] = &hwv_check_kernels_##name,

static const hwv_check_kernels *const kernels[HWV_ISA_COUNT] = {HWV_BUILT_LIST(ENTRY)};

const hwv_check_kernels *hwv_check_kernels_current(void)
{
    return kernels[hwv_isa_current()];
}
