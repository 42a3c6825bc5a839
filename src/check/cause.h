/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Why units of a layer are silent. */
#ifndef HWV_CHECK_CAUSE_H
#define HWV_CHECK_CAUSE_H

#include "check/front.h"
#include "halfwave/check.h"

/* Fills gamma, the medians, cause and why of a layer whose units are judged, and bias, pull, norm and margin of its
 * units. network may be NULL, front is then not looked at. HWV_ERR_MEMORY. */
hwv_status hwv_cause_find(hwv_layer_diagnosis *layer, const hwv_network *network, const hwv_front *front,
                          hwv_error *error);

#endif
