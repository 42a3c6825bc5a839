/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The kernels of all sets of this build. */
#include "train/kernels.h"

#define DECLARE(name) extern const hwv_train_kernels hwv_train_kernels_##name;
HWV_ISA_LIST(DECLARE)

#define ENTRY(name) [HWV_ISA_##name] = &hwv_train_kernels_##name

static const hwv_train_kernels *const kernels[HWV_ISA_COUNT] = {
    ENTRY(scalar),
#if defined(HWV_HAVE_sse2)
    ENTRY(sse2),
#endif
#if defined(HWV_HAVE_avx2)
    ENTRY(avx2),
#endif
#if defined(HWV_HAVE_avx512)
    ENTRY(avx512),
#endif
#if defined(HWV_HAVE_neon)
    ENTRY(neon),
#endif
};

const hwv_train_kernels *hwv_train_kernels_current(void)
{
    return kernels[hwv_isa_current()];
}
