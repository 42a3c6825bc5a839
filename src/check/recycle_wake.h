/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * New units that the data do not wake. */
#ifndef HWV_CHECK_RECYCLE_WAKE_H
#define HWV_CHECK_RECYCLE_WAKE_H

#include "check/front.h"
#include "check/removable.h"

/* Recycled units without a batch norm in front that fire for no sample under the changed weights get these weights with the
 * other sign (their bias is 0, so they fire then), after Rister & Rubin (2020). Errors of hwv_network_watch. */
hwv_status hwv_recycle_wake(const hwv_treating *treating, const hwv_removable *removable, const hwv_front *fronts,
                            const void *self, hwv_unit_test *is_recycled);

#endif
