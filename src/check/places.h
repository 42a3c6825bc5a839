/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Where the samples of a network's inputs go. */
#ifndef HWV_CHECK_PLACES_H
#define HWV_CHECK_PLACES_H

#include "halfwave/network.h"

typedef struct hwv_places {
    void **into;  /* by input: the plan's memory, or spare memory where the plan does not read it */
    void **spare; /* what of it is owned */
    size_t count;
} hwv_places;

/* For `batch` samples; plan NULL: all of them in memory that is owned. HWV_ERR_MEMORY. Free with hwv_places_free in any
 * case; it accepts zeros. */
hwv_status hwv_places_make(hwv_places *places, const hwv_network *network, hwv_plan *plan, size_t batch,
                           hwv_error *error);
void hwv_places_free(hwv_places *places);

#endif
