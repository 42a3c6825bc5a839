/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The last node that squashes an output: what stands in front of it says more. */
#ifndef HWV_MODEL_SQUASHING_H
#define HWV_MODEL_SQUASHING_H

#include "halfwave/network.h"

/* The softmax, log-softmax, sigmoid or tanh that a value is, perhaps in another shape; HWV_NO_ID: it is none. */
hwv_id hwv_squashing_find(const hwv_graph *graph, hwv_id value);

#endif
