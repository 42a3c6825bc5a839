/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The predicates in double, for tests; values and gradients are public, see halfwave/act.h. */
#ifndef HWV_ACT_REFERENCE_H
#define HWV_ACT_REFERENCE_H

#include "halfwave/act.h"

bool hwv_act_reference_pass(const hwv_act *act, double x);
bool hwv_act_reference_fires(const hwv_act *act, double x);

#endif
