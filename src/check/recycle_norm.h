/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Statistics of batch norms in front of recycled units. */
#ifndef HWV_CHECK_RECYCLE_NORM_H
#define HWV_CHECK_RECYCLE_NORM_H

#include "check/front.h"
#include "check/removable.h"

/* Running mean and variance of units that are recycled become those of the data under the changed weights. Errors of
 * hwv_network_watch. */
hwv_status hwv_recycle_norms(const hwv_treating *treating, const hwv_removable *removable, const hwv_front *fronts,
                             const void *self, hwv_unit_test *is_recycled);

#endif
