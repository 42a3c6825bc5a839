/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Values of a network, seen over all samples. */
#ifndef HWV_CHECK_WATCH_H
#define HWV_CHECK_WATCH_H

#include "halfwave/fix.h"

/* Float values that nodes compute, at least one; one may be named several times. `see` is shown each of them once a run,
 * as a matrix of its last axis. */
typedef struct hwv_watch {
    const hwv_id *values;
    size_t count;
    void *self;
    void (*see)(void *self, hwv_id value, const float *x, size_t rows, size_t cols);
} hwv_watch;

/* Nothing is computed but what these values need. Errors of the source; HWV_ERR_MEMORY. */
hwv_status hwv_network_watch(const hwv_network *network, const hwv_watch *watch, const hwv_source *source,
                             const hwv_executor *executor, hwv_error *error);

/* The same of the change's network with the numbers that the change gives it (nothing else of the change). */
hwv_status hwv_network_watch_changed(const hwv_change *change, const hwv_watch *watch, const hwv_source *source,
                                     const hwv_executor *executor, hwv_error *error);

#endif
