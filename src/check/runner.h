/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A network that is run over samples, piece by piece. */
#ifndef HWV_CHECK_RUNNER_H
#define HWV_CHECK_RUNNER_H

#include "check/places.h"
#include "halfwave/check.h"

/* What is to be computed: `output`, and what else is kept. */
typedef struct hwv_targets {
    hwv_id output;
    const hwv_id *keep;
    size_t keep_count;
} hwv_targets;

/* Owns its plan. Zero-initialise; free with hwv_runner_free. */
typedef struct hwv_runner {
    const hwv_network *network;
    hwv_plan *plan;
    size_t batch; /* samples a run, at most */
    hwv_places places;
    const void **from; /* where samples of an input are lent */
    size_t runs;       /* of a piece; more than one: */
    hwv_places piece;  /* its samples come here, where they are not lent */
} hwv_runner;

/* The samples that a run of this network should have: 1 where it takes no more. HWV_ERR_MEMORY. */
hwv_status hwv_runner_batch(size_t *batch, const hwv_network *network, const hwv_targets *targets,
                            const hwv_executor *executor, hwv_error *error);
/* Passes change no bit of what activations read, and leave it to be seen. HWV_ERR_MEMORY. */
hwv_status hwv_runner_make(hwv_runner *runner, const hwv_network *network, const hwv_targets *targets, size_t batch,
                           const hwv_executor *executor, hwv_error *error);
/* One more for the same: it shares the weights of `first`, which must outlive it. */
hwv_status hwv_runner_make_like(hwv_runner *runner, const hwv_runner *first, const hwv_targets *targets,
                                hwv_error *error);
void hwv_runner_free(hwv_runner *runner);

/* From now on a piece is the samples of `runs` runs, 1 at first. HWV_ERR_MEMORY. */
hwv_status hwv_runner_runs(hwv_runner *runner, size_t runs, hwv_error *error);
/* The next piece, of 0 samples at the end of a shard. */
hwv_status hwv_runner_piece(hwv_runner *runner, const hwv_feed *feed, size_t *rows, hwv_error *error);
/* The next run reads samples `first` .. first + rows - 1 of it. Several runners may do so at the same time. */
void hwv_runner_take(hwv_runner *runner, size_t first, size_t rows);

/* The next samples, 0 at the end of a shard, where the plan reads them; *lent (may be NULL): by input, where that is. */
hwv_status hwv_runner_next(hwv_runner *runner, const hwv_feed *feed, size_t *rows, const void *const **lent,
                           hwv_error *error);
/* The next run reads samples from there; NULL: from the plan's own memory. */
hwv_status hwv_runner_lend(hwv_runner *runner, const void *const *from, hwv_error *error);

#endif
