/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Where an operator is flat. */
#ifndef HWV_CHECK_FLAT_H
#define HWV_CHECK_FLAT_H

#include <stdbool.h>

#include "halfwave/act.h"

/* |f'| is below 1 % of its largest (of 1.25 where it has none) for all x <= low, and for all x >= high. -inf, +inf: there
 * is no such side. */
typedef struct hwv_flat {
    float low, high;
} hwv_flat;

hwv_flat hwv_flat_find(const hwv_act *act);

/* What silence means for a unit of this operator. Squashing functions (sigmoid, tanh, softsign) have no silence: their
 * units saturate instead. */
typedef enum hwv_silence {
    HWV_SILENCE_FLAT,   /* silent is flat: the unit cannot learn */
    HWV_SILENCE_SLOPED, /* silent is inert */
    HWV_SILENCE_JUDGED, /* flat when all its looks were on a flat side */
    HWV_SILENCE_NONE
} hwv_silence;
hwv_silence hwv_silence_of(const hwv_act *act);

#endif
