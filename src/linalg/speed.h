/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What this machine can do at most, by which the time of a product or of a sweep is judged. */
#ifndef HWV_LINALG_SPEED_H
#define HWV_LINALG_SPEED_H

#include <stddef.h>

#include "halfwave/isa.h"
#include "halfwave/pool.h"

/* Runs `steps` steps of independent multiply-adds in registers; returns the operations done. */
typedef double hwv_peak_function(size_t steps);
hwv_peak_function *hwv_peak_of(hwv_isa isa);

typedef struct hwv_speed {
    double flops; /* a second, multiply-adds in registers, two operations each, on all workers of the executor */
    double bytes; /* a second, read and written, of copies that no second-level cache holds */
} hwv_speed;

/* Takes a few milliseconds; the best of several rounds, on the instruction set in use. HWV_ERR_MEMORY. */
hwv_status hwv_speed_measure(const hwv_executor *executor, hwv_speed *speed, hwv_error *error);

#endif
