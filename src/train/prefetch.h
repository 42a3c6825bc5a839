/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The next batch is gathered by a thread of its own while a step runs, where that pays. Batches are functions of data,
 * options, epoch and position, so it changes no number. */
#ifndef HWV_TRAIN_PREFETCH_H
#define HWV_TRAIN_PREFETCH_H

#include <stdbool.h>

#include "halfwave/train.h"

/* Elements of a batch from which on handing it over is cheaper than gathering it. */
#define HWV_PREFETCH_FROM ((size_t)1 << 15)

/* The batch at `position` of an epoch, for which the trainer's order must be made; x as the plan's input, floats or tokens.
 * One call at a time. */
void hwv_batch_gather(const hwv_trainer *trainer, size_t epoch, size_t position, void *x, int32_t *labels);

typedef struct hwv_prefetch hwv_prefetch;

/* Whether a thread of its own pays: several workers were asked for and leave a CPU free (where they are all busy,
 * waking one more thread costs more than it saves), and a batch has enough elements. */
bool hwv_prefetch_pays(size_t workers, size_t cpus, size_t elements);
/* For a trainer that is complete but for this. HWV_ERR_MEMORY: also without a thread. All other calls accept NULL and
 * do nothing. */
hwv_status hwv_prefetch_start(hwv_prefetch **prefetch, const hwv_trainer *trainer, hwv_error *error);
/* Lets a batch that is being gathered finish. */
void hwv_prefetch_stop(hwv_prefetch *prefetch);

/* Begins to gather a batch; none may be under way. The trainer's order stays until it was taken or forgotten. */
void hwv_prefetch_ask(hwv_prefetch *prefetch, size_t epoch, size_t position);
/* No batch is under way or ready after that. */
void hwv_prefetch_forget(hwv_prefetch *prefetch);
/* Copies the batch if it is the one at this place, after waiting for one that is under way; false if not, or if the
 * thread had not begun. It is gone then. */
bool hwv_prefetch_take(hwv_prefetch *prefetch, size_t epoch, size_t position, void *x, int32_t *labels);

#endif
