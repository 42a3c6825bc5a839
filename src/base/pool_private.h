/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * For tests of the pool. */
#ifndef HWV_BASE_POOL_PRIVATE_H
#define HWV_BASE_POOL_PRIVATE_H

#include "halfwave/pool.h"

/* Wakes helpers beyond the number of CPUs too, which is never faster but mixes threads more. */
void hwv_pool_use_all_helpers(hwv_pool *pool);

#endif
