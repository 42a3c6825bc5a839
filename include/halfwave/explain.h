/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a training step does: its memory, and of each step of the plan what it computes, how, what it should take on this
 * machine and what it takes. */
#ifndef HALFWAVE_EXPLAIN_H
#define HALFWAVE_EXPLAIN_H

#include "halfwave/graph.h"
#include "halfwave/train.h"

HWV_BEGIN

typedef struct hwv_explained_step {
    hwv_plan_step plan;
    const char *name, *kind; /* of the node: "conv1", "conv2d"; the graph's */
    hwv_shape input, output; /* of its input 0 and output 0, with the batch filled in */
    double predicted;        /* seconds: flops at the peak rate or bytes at that of copies, whichever takes longer */
    double measured;         /* seconds, median over the runs */
} hwv_explained_step;

typedef struct hwv_explanation {
    size_t batch, threads, runs;   /* training steps that were measured */
    double flops_rate, bytes_rate; /* a second, measured here: multiply-adds in registers, copies */
    hwv_plan_memory memory;        /* of the plan */
    size_t optimizer, evaluation;  /* bytes of the optimiser's state; of the plan that evaluates */
    hwv_explained_step *steps;     /* forward_count of them, then the backward ones */
    size_t step_count, forward_count;
    double step; /* seconds of a whole training step, median: gathering and update included */
} hwv_explanation;

/* Takes up to a second of training steps, at least four, with the trainer's options and data, which moves its weights, and
 * measures them. The explanation names nodes of the trainer's model, which must outlive it. Errors of
 * hwv_trainer_step; HWV_ERR_MEMORY. Free with hwv_explanation_free. */
HWV_API hwv_status hwv_trainer_explain(hwv_trainer *trainer, hwv_explanation *explanation, hwv_error *error);
HWV_API void hwv_explanation_free(hwv_explanation *explanation);

HWV_END

#endif
