/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The trainer's parts:
 *     trainer.c     creation: everything is planned and allocated here
 *     step.c        one step: order, gather, forward, backward, clip, update
 *     prefetch.c    gathering batches, ahead where that pays
 *     run.c         the loop: epochs, hooks, log, stopping, the result
 *     diagnose.c    where the first number stopped being finite
 *     checkpoint_*  writing, reading, resuming */
#ifndef HWV_TRAIN_TRAINER_H
#define HWV_TRAIN_TRAINER_H

#include "halfwave/train.h"
#include "train/evaluator.h"
#include "train/log.h"
#include "train/meter.h"
#include "train/optimizer.h"
#include "train/prefetch.h"

/* A run of the weights' block that is updated by one rule; state lies between runs. */
typedef struct hwv_span {
    size_t first, count; /* elements */
    size_t piece;        /* number of its first piece of work; pieces of all spans are counted on */
    bool decay;
} hwv_span;

struct hwv_trainer {
    hwv_model *model;
    const hwv_data *data;
    hwv_train_options options;
    hwv_train_hooks hooks;

    hwv_plan *plan;
    void *x; /* floats, of a text tokens as int32_t */
    int32_t *labels;
    const float *logits, *loss_value;

    /* Blocks of `elements` with the layout of the weights. */
    size_t elements;
    float *weights, *gradients;
    float *moment[HWV_MOMENTS]; /* NULL beyond what the optimiser keeps */
    hwv_arena moments;
    hwv_span *spans;
    size_t span_count;
    size_t piece_count; /* of all spans */
    double *sums;       /* of the pieces of the gradient, or of the spans */

    float *scratch;  /* one sample, where images are changed at random; else NULL */
    uint32_t *order; /* of all training samples in epoch `ordered` */
    size_t ordered;  /* SIZE_MAX: none yet */
    hwv_prefetch *prefetch;
    size_t batch_labels; /* one a sample, of a text one a token */
    size_t batches;      /* of a step */
    size_t batch_at;     /* the batch that lies in the plan: of the epoch */
    uint32_t draw;       /* what it draws from */
    size_t outcomes;     /* labels of a step */
    uint8_t *wrong;      /* of each of them */
    size_t wrong_count;

    size_t steps_per_epoch;
    size_t limit;                              /* the run ends after this step */
    size_t total;                              /* steps the schedule is made for: all epochs */
    size_t step, epoch, position;              /* finished; position: steps of this epoch */
    size_t round_steps, round, round_position; /* the same of rounds */
    hwv_data_part estimate;                    /* of the test part, evaluated after a round */
    double loss, rate, norm;                   /* of the last step; norm NAN where it was not asked for */
    float clip;                                /* what its gradients were multiplied by */

    hwv_evaluator evaluator;
    hwv_meter meter;
    hwv_log log;
    hwv_epoch_stats *history;
    size_t history_count, history_capacity;
    bool resumed;
    double started; /* clock when the run began */
};

/* One step. want_norm: the gradient norm is to be known. HWV_ERR_NUMERIC with layer and step. */
hwv_status hwv_trainer_advance(hwv_trainer *trainer, bool want_norm, hwv_error *error);
/* Puts the samples into the order of an epoch, a function of (seed, epoch). */
void hwv_trainer_shuffle(hwv_trainer *trainer, size_t epoch);

/* Room for `count` epochs in the history. HWV_ERR_MEMORY. */
hwv_status hwv_trainer_reserve(hwv_trainer *trainer, size_t count, hwv_error *error);

/* ---- diagnose.c: all return HWV_ERR_NUMERIC with layer and step ------------------------------------ */

/* The loss of the batch that lies in the plan's input is not finite. The gradients are lost, the weights are as they were. */
hwv_status hwv_diagnose_forward(hwv_trainer *trainer, double loss, hwv_error *error);
/* The norm of the gradient is not finite. */
hwv_status hwv_diagnose_gradient(hwv_trainer *trainer, hwv_error *error);
/* A parameter is not finite after the update. */
hwv_status hwv_diagnose_update(hwv_trainer *trainer, hwv_error *error);

/* ---- digest.c -------------------------------------------------------------------------------------- */

/* SHA-256 over all parameters and state in checkpoint order, little-endian f32, without padding. */
void hwv_weights_sha256(const hwv_model *model, char hex[65]);
/* SHA-256 over the shape of a data set, all labels and some samples, that tells data sets apart. */
void hwv_data_sha256(const hwv_data *data, char hex[65]);

/* ---- checkpoints ----------------------------------------------------------------------------------- */

/* HWV_ERR_MISMATCH when something is at `path` that is no checkpoint of ours, HWV_ERR_IO when the folder is
 * not there: found before the training instead of after it. */
hwv_status hwv_checkpoint_check_path(const char *path, hwv_error *error);

#endif
