/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What this CPU and operating system can run. */
#ifndef HWV_BASE_CPU_H
#define HWV_BASE_CPU_H

#include "halfwave/isa.h"

/* Bit 1 << isa is set for every set that exists in this build and can run here; scalar always can.
 * Asks the CPU, which is slow under a hypervisor: call once. */
unsigned hwv_cpu_sets(void);

/* Bytes of the last-level cache as the CPU reports it, 0 when it does not. */
size_t hwv_cpu_cache(void);

#endif
