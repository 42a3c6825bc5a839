/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * All public headers of libhalfwave. Those of libhalfwave-nn (graph.h, model.h, data.h, json.h,
 * train.h) are included by name. */
#ifndef HALFWAVE_HALFWAVE_H
#define HALFWAVE_HALFWAVE_H

#include "halfwave/act.h"
#include "halfwave/checked.h"
#include "halfwave/clock.h"
#include "halfwave/export.h"
#include "halfwave/gated.h"
#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "halfwave/pool.h"
#include "halfwave/random.h"
#include "halfwave/rrelu.h"
#include "halfwave/status.h"
#include "halfwave/text.h"

#endif
