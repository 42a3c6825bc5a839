/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Instruction sets. Kernels are compiled once per set; the widest one this CPU and operating system
 * can run is used, until another runnable one is forced. */
#ifndef HALFWAVE_ISA_H
#define HALFWAVE_ISA_H

#include <stddef.h>

#include "halfwave/status.h"

HWV_BEGIN

/* ==== halfwave-dispatch: the instruction set of the kernels ==== */

/* The sets, narrowest first; the position is the set's number. Which of them exist in a build depends on the
 * architecture. */
#define HWV_ISA_LIST(X) X(scalar) X(sse2) X(avx2) X(avx512) X(neon)

typedef enum hwv_isa {
#define HWV_ISA_ENUM(name) HWV_ISA_##name,
    HWV_ISA_LIST(HWV_ISA_ENUM)
#undef HWV_ISA_ENUM
        HWV_ISA_COUNT
} hwv_isa;

/* Reads HALFWAVE_ISA, the only place where the library looks at the environment: unset or empty picks the widest runnable
 * set, otherwise as hwv_isa_force. Optional: without it the widest set is used. HWV_ERR_NAME. */
HWV_API hwv_status hwv_initialise(hwv_error *error);

/* Runnable sets, widest first: i < hwv_isa_count(). scalar is always the last. */
HWV_API size_t hwv_isa_count(void);
HWV_API hwv_isa hwv_isa_get(size_t i);
HWV_API const char *hwv_isa_name(hwv_isa isa);
/* The set in use. */
HWV_API hwv_isa hwv_isa_current(void);
/* HWV_ERR_NAME: unknown, or not runnable here; the message lists the runnable ones. The set in use is
 * then unchanged. Not to be called while another thread is inside a kernel. */
HWV_API hwv_status hwv_isa_force(const char *name, hwv_error *error);

/* Size of the last-level cache in bytes (a conservative constant where it cannot be read). Only the
 * choice of store instructions depends on it, never a result. */
HWV_API size_t hwv_cache_bytes(void);

HWV_END

#endif
