/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What can be compared of two networks. */
#ifndef HWV_CHECK_COMPARE_H
#define HWV_CHECK_COMPARE_H

#include "halfwave/fix.h"

/* What exact allows, as a share of the scale. */
#define HWV_EXACT 1e-5

/* Whether hwv_network_compare can compare them. HWV_ERR_MISMATCH: other inputs or outputs, and which;
 * HWV_ERR_UNSUPPORTED: no output can be computed. */
hwv_status hwv_networks_comparable(const hwv_network *a, const hwv_network *b, hwv_error *error);

#endif
