/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Training: optimisers, schedules, the loop with its hooks, unit statistics, checkpoints. */
#ifndef HALFWAVE_TRAIN_H
#define HALFWAVE_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/change.h"
#include "halfwave/data.h"
#include "halfwave/model.h"
#include "halfwave/text.h"

HWV_BEGIN

/* ---- optimisers: PyTorch's conventions ----------------------------------------------------------- */

/* X(NAME, name, moments, sentence) */
#define HWV_OPTIMIZER_LIST(X)                                                                                          \
    X(SGD, sgd, 1, "g += wd*p; v = momentum*v + g (step 1: v = g); p -= lr*v, or lr*(g + momentum*v) with nesterov")   \
    X(ADAM, adam, 2, "Kingma & Ba 2015; eps after the bias-corrected root; weight decay is L2")                        \
    X(ADAMW, adamw, 2, "the same with p *= 1 - lr*wd in front of each step in place of L2 (Loshchilov & Hutter 2019)")

typedef enum hwv_optimizer {
#define HWV_OPTIMIZER_ENUM(NAME, name, moments, sentence) HWV_OPTIMIZER_##NAME,
    HWV_OPTIMIZER_LIST(HWV_OPTIMIZER_ENUM)
#undef HWV_OPTIMIZER_ENUM
        HWV_OPTIMIZER_COUNT
} hwv_optimizer;

/* X(NAME, name, sentence); t = finished optimiser steps, T = all steps, W = warm-up steps */
#define HWV_SCHEDULE_LIST(X)                                                                                           \
    X(CONSTANT, constant, "lr")                                                                                        \
    X(STEP, step, "lr * gamma^floor(t / step_every)")                                                                  \
    X(MULTI_STEP, multi_step, "lr * gamma^(number of milestones <= t)")                                                \
    X(COSINE, cosine, "lr_min + (lr - lr_min)/2 * (1 + cos(pi (t - W) / (T - W)))")

typedef enum hwv_schedule {
#define HWV_SCHEDULE_ENUM(NAME, name, sentence) HWV_SCHEDULE_##NAME,
    HWV_SCHEDULE_LIST(HWV_SCHEDULE_ENUM)
#undef HWV_SCHEDULE_ENUM
        HWV_SCHEDULE_COUNT
} hwv_schedule;

#define HWV_MILESTONES 8

typedef struct hwv_optimizer_options {
    hwv_optimizer optimizer;
    double lr, momentum, weight_decay; /* weight decay: only parameters whose value has `decay`, */
    bool decay_all;                    /* and with adamw only matrices and larger arrays, unless this is set */
    bool nesterov;
    double beta1, beta2, eps; /* adam, adamw */
    double clip;              /* largest global gradient norm, 0 = off; scaled by min(1, clip/(norm + 1e-6)) */
    hwv_schedule schedule;
    size_t warmup;                     /* steps of linear warm-up, lr (t+1)/W, before any schedule */
    bool warmup_from_zero;             /* lr t/W instead: the first step has rate 0 */
    size_t step_every;                 /* step schedule, in steps */
    size_t milestones[HWV_MILESTONES]; /* multi_step schedule, in steps, ascending; 0 after the last */
    double gamma, lr_min;              /* lr_min NAN: a tenth of lr */
} hwv_optimizer_options;

HWV_API hwv_status hwv_optimizer_find(hwv_optimizer *optimizer, const char *name, hwv_error *error);
HWV_API hwv_status hwv_schedule_find(hwv_schedule *schedule, const char *name, hwv_error *error);
HWV_API const char *hwv_optimizer_name(hwv_optimizer optimizer);
HWV_API const char *hwv_schedule_name(hwv_schedule schedule);
/* Rate of the step after t finished ones, of `total`. */
HWV_API double hwv_schedule_rate(const hwv_optimizer_options *options, size_t t, size_t total);
/* One update of n elements; moments: the optimizer's arrays of n, zero at first (sgd without momentum uses none:
 * NULL is accepted); step counts from 1. decay: apply weight decay. Arrays must not overlap. The same bits on
 * every instruction set. */
HWV_API void hwv_optimizer_update(const hwv_optimizer_options *options, double rate, size_t step, bool decay,
                                  float *parameters, const float *gradients, float *moment1, float *moment2, size_t n);

/* ---- the run ------------------------------------------------------------------------------------- */

/* What is done about units that die in training (hwv_curing in fix.h does it). X(NAME, name, sentence) */
#define HWV_CURE_LIST(X)                                                                                               \
    X(NONE, none, "nothing")                                                                                           \
    X(RECYCLE, recycle, "new incoming weights, outgoing weights 0, moments 0 (after Sokar et al., ICML 2023)")         \
    X(PRELU, prelu, "relu is a prelu whose slope is held at 0 until the unit dies, 0.25 then, and learned")            \
    X(RATE, rate, "the learning rate is halved")

typedef enum hwv_cure {
#define HWV_CURE_ENUM(NAME, name, sentence) HWV_CURE_##NAME,
    HWV_CURE_LIST(HWV_CURE_ENUM)
#undef HWV_CURE_ENUM
        HWV_CURE_COUNT
} hwv_cure;
HWV_API hwv_status hwv_cure_find(hwv_cure *cure, const char *name, hwv_error *error);
HWV_API const char *hwv_cure_name(hwv_cure cure);

/* How a training step convolves; evaluation, check and export convolve directly always. X(NAME, name, sentence) */
#define HWV_CONVOLUTION_LIST(X)                                                                                        \
    X(AUTO, auto, "3x3 and 5x5 of stride 1 and 16 channels or more by Winograd's filtering, which is faster")          \
    X(DIRECT, direct, "all directly, which rounds less and keeps exact zeros")

typedef enum hwv_convolution {
#define HWV_CONVOLUTION_ENUM(NAME, name, sentence) HWV_CONVOLUTION_##NAME,
    HWV_CONVOLUTION_LIST(HWV_CONVOLUTION_ENUM)
#undef HWV_CONVOLUTION_ENUM
        HWV_CONVOLUTION_COUNT
} hwv_convolution;
HWV_API hwv_status hwv_convolution_find(hwv_convolution *convolution, const char *name, hwv_error *error);
HWV_API const char *hwv_convolution_name(hwv_convolution convolution);

typedef struct hwv_train_options {
    hwv_optimizer_options optimizer;
    hwv_init init;
    size_t batch, epochs;     /* epochs 0: as many as max_steps takes */
    size_t accumulate;        /* batches of a step, 0 as 1: it takes the mean of their gradients, as of one batch of
                                    accumulate * batch samples, in the memory of a batch. Batch norms see one batch */
    size_t eval_every;        /* steps of a round, after which the test part is evaluated, the epoch hook called and a
                                    row of the history made; of a text the test part is estimated then (the whole of it
                                    at the end). 0: a round is an epoch */
    size_t max_steps;         /* cuts the run; 0 = no limit. Schedules are made for all epochs (of max_steps only
                                    when epochs is 0), so that a run that was cut can go on as if it had not been */
    double until_train_error; /* stop when the running error over the last 2,000 samples, or tokens, is at
                                    most this share (not before 2,000 were seen); 0 = off */
    uint64_t seed;            /* weights, order of samples, and all other draws */
    hwv_augment augment;      /* of the training images; all zero: none */
    const hwv_executor *executor;
    hwv_cure cure;               /* kept with the checkpoint; the trainer itself does nothing of it */
    unsigned passes;             /* HWV_PASS_* */
    hwv_convolution convolution; /* DIRECT: without HWV_PASS_WINOGRAD */
    const char *checkpoint;      /* written at the end, on interruption, and every checkpoint_every rounds, never after
                                    a number stopped being finite; NULL = none */
    size_t checkpoint_every;     /* 0: only at the end */
    const char *log;             /* JSON lines, "event": "step" or "epoch"; a resumed run appends; NULL = none */
    const volatile int *interrupt; /* nonzero asks to stop after the step; may be NULL */
} hwv_train_options;

/* Sensible defaults by what is trained. */
typedef enum hwv_recipe {
    HWV_RECIPE_PLAIN,     /* sgd, lr 0.05, momentum 0.9, constant, no clipping, batch 32, 20 epochs, seed 1, all passes,
                             convolution auto */
    HWV_RECIPE_ATTENTION, /* the same but adamw, lr 0.001, betas 0.9 and 0.99, weight decay 0.1, clip 1, 100 steps of
                             warm-up, then a cosine down to a tenth of the rate */
    HWV_RECIPE_TEXT,      /* as with attention, but 2,000 steps of batches of 12, evaluated every 250 */
    HWV_RECIPE_COUNT
} hwv_recipe;

HWV_API hwv_train_options hwv_recipe_options(hwv_recipe recipe);
/* That of a model: text where it reads tokens, attention where a node of it attends, else plain. */
HWV_API hwv_recipe hwv_recipe_of(const hwv_model *model);
/* hwv_recipe_options(HWV_RECIPE_PLAIN) */
HWV_API hwv_train_options hwv_train_defaults(void);

/* Units of one activation layer, counted in evaluation mode over the training set, of a text over HWV_TRAIN_COUNTED
 * tokens of it. A sample is one look at a unit of
 * a dense layer, and one at each position at a channel of an image: shares are of looks. */
typedef struct hwv_layer_stats {
    char name[64]; /* "act1" */
    char act[64];  /* "relu" */
    size_t units;
    uint64_t looks;   /* at each unit: samples x positions */
    size_t dead;      /* fired in no look, and the operator is exactly flat there: 0 for smooth
                                    operators, which slope near zero, and for leaky ones */
    size_t rare;      /* fired in more than none and less than 1 % of the looks */
    size_t always_on; /* fired in all */
    double zeros;     /* share of entries that are exactly 0: not death */
    uint64_t *fired;  /* looks each unit fired in; owned by the result */
} hwv_layer_stats;

/* Of a text, an evaluation in the course of training takes one block for so many that were trained on. */
#define HWV_TRAIN_ESTIMATE 16
/* And units are counted over at most so many of its tokens, evenly spread, after the last step. */
#define HWV_TRAIN_COUNTED 100000

typedef struct hwv_epoch_stats {
    size_t epoch, steps;            /* rounds and steps finished so far: rounds are epochs, or eval_every steps */
    double train_loss, train_error; /* means of the round's running values */
    double test_loss, test_error;   /* NAN when not evaluated; of a text of at most eval_every * batch /
                                       HWV_TRAIN_ESTIMATE blocks, evenly spread */
    double lr, grad_norm;           /* of the last step */
    size_t dead, units;             /* all layers, counted over what was evaluated: an estimate */
    double seconds;                 /* since the start of the run, evaluation included */
} hwv_epoch_stats;

typedef struct hwv_train_result {
    double test_error;       /* share */
    double test_loss;        /* mean; of a text of a token: perplexity is exp(loss), bits a character loss / ln 2 */
    double train_loss;       /* mean over the last round, or the last 100 steps if that is shorter */
    double train_error;      /* running error at the end; NAN without a step */
    double ms_per_step;      /* median over the steps of this call (of a long run an even sample); gathering and
                                    shuffling included, evaluation, hooks and log not; NAN without a step */
    size_t steps, epochs;    /* epochs are whole passes, not rounds */
    double epochs_to_target; /* NAN when until_train_error is off or not reached */
    size_t steps_to_target;
    char weights_sha256[65]; /* weights and state, little-endian, checkpoint order */
    size_t parameters;
    hwv_layer_stats *layers;
    size_t layer_count;
    hwv_epoch_stats *history; /* finished rounds, those before a resume too */
    size_t history_count;
    bool interrupted;
    char diverged[200]; /* "" or where the first NaN appeared: layer, step */
} hwv_train_result;

HWV_API void hwv_train_result_free(hwv_train_result *result);

/* A step hook runs between steps and may change weights and moments (that is how a cure acts). */
typedef struct hwv_step {
    size_t step, epoch; /* finished steps */
    double loss, error, lr, grad_norm;
    hwv_model *model;
    /* Laid out as hwv_weights_block; NULL: the optimiser keeps none. Gradients as they were in front of clipping. */
    float *gradients, *moment1, *moment2;
    hwv_plan *plan; /* of training, after backward */
} hwv_step;

typedef struct hwv_train_hooks {
    void *self;
    void (*step)(void *self, const hwv_step *step);          /* may be NULL */
    void (*epoch)(void *self, const hwv_epoch_stats *epoch); /* after a round; may be NULL */
    /* After the last step of a run that did not diverge, before its log is closed; epochs: whole rounds that it has. May
     * be NULL. */
    void (*end)(void *self, size_t epochs);
    const hwv_observer *observer; /* on the training plan; may be NULL */
    /* What the hooks keep between steps: saved in checkpoints, given back by hwv_trainer_resume (HWV_ERR_MISMATCH: the
     * checkpoint has another number of bytes). state_size 0: nothing. */
    void *state;
    size_t state_size;
    const double *rate_scale; /* multiplies the rate of every step; may be NULL */
} hwv_train_hooks;

typedef struct hwv_trainer hwv_trainer;

/* Plans everything (training steps allocate nothing). Where the executor has two workers or more and leaves
 * a CPU free, batches of 32,768 elements or more are gathered ahead by a thread, which changes no number. model must have been built for data's shape; its
 * weights are initialised here by options->init and seed, but for a model of a network (network.h), which is trained on
 * from those it has. model, data, executor, the options' strings and what
 * the hooks point to must outlive it. HWV_ERR_ARGUMENT: an option; HWV_ERR_SHAPE, HWV_ERR_FORMAT: data that
 * does not fit the model; HWV_ERR_IO: no folder for the checkpoint; HWV_ERR_MISMATCH: at its path is a file
 * that is no checkpoint; HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_trainer_create(hwv_trainer **trainer, hwv_model *model, const hwv_data *data,
                                      const hwv_train_options *options, const hwv_train_hooks *hooks, hwv_error *error);
HWV_API void hwv_trainer_destroy(hwv_trainer *trainer);

/* Continues from a checkpoint of the same model, data and options: the run is then bit-identical to an
 * uninterrupted one on the same instruction set. epochs, max_steps and until_train_error may differ.
 * HWV_ERR_MISMATCH says what differs (or that it is another version); HWV_ERR_IO, HWV_ERR_FORMAT,
 * HWV_ERR_MEMORY. On failure nothing is changed. */
HWV_API hwv_status hwv_trainer_resume(hwv_trainer *trainer, const char *checkpoint, hwv_error *error);

/* Runs to the end (epochs, max_steps, until_train_error, interrupt). A loss, gradient or parameter that is not
 * finite stops it in that step: HWV_ERR_NUMERIC with step and layer (result is filled, `diverged` too). An
 * interrupt writes the checkpoint and gives HWV_ERR_INTERRUPTED, with a result. With other errors (HWV_ERR_IO,
 * HWV_ERR_MEMORY) the result is zero. Free the result with hwv_train_result_free. */
HWV_API hwv_status hwv_trainer_run(hwv_trainer *trainer, hwv_train_result *result, hwv_error *error);

/* One step without the loop around it: no hooks, no log, no end of an epoch (for benches and tests). */
HWV_API hwv_status hwv_trainer_step(hwv_trainer *trainer, double *loss, hwv_error *error);
/* Adds a line (a JSON object without its end of line, at most 1,000 bytes, with an "event" of its own) to the log of the
 * run at hand; nothing without one. For hooks. HWV_ERR_IO; HWV_ERR_ARGUMENT: too long. */
HWV_API hwv_status hwv_trainer_log(hwv_trainer *trainer, const char *line, size_t length, hwv_error *error);
/* Writes a checkpoint now (safetensors; atomically). */
HWV_API hwv_status hwv_trainer_save(hwv_trainer *trainer, const char *path, hwv_error *error);

/* ---- picking a learning rate ----------------------------------------------------------------------- */

/* Activations are compared fairly only when each has a rate that suits it. The search trains the same network at
 * several rates and takes the one that brings the loss down most.
 *
 *   rates      of the coarse grid ..., 0.001, 0.003, 0.01, 0.03, ... three around a centre, which is the nearest to
 *              0.3 (1 - momentum) for sgd and to 0.001 for adam; while the best is the largest or the smallest tried,
 *              the next in that direction, and while none has learned anything (all losses above 0.98 ln(classes);
 *              guessing has ln(classes)), the next in both; at most HWV_RATE_FURTHER in a direction, and none above
 *              a rate that diverged or has a loss above 1.1 ln(classes). Then the two between the best and its
 *              neighbours: 0.02 and 0.05 beside 0.03, 0.05 and 0.2 beside 0.1
 *   runs       HWV_RATE_SEEDS of each rate, with the seeds options->seed + HWV_RATE_SEED_OFFSET + 0, 1, ...: never
 *              those of the real runs, if these take fewer than that. All other options hold, also the schedule,
 *              which is made for the real run's length; no target, no evaluation, no files
 *   length     a quarter of the real run's steps, 100 to 300, never more than the real run has. Where that was too
 *              short to learn anything at any rate, the same with twice and then four times the steps
 *   compared   the median over the seeds of the mean loss in the last quarter of the steps. Losses that differ from
 *              the lowest by less than a tenth, of it or of its distance to guessing, differ by luck: taken is the
 *              middle of the rates from the smallest to the largest of those (of two the smaller). Where none
 *              learned anything all differences are luck: the centre is taken, unless its loss is above
 *              1.1 ln(classes)
 *   divergence a rate is out as soon as one of its runs has a number that is not finite, or one of the next larger
 *              rate: so near to the edge some other seed would fall over it
 *
 * The same data, options and instruction set give the same rate, for any number of threads. */
#define HWV_RATE_SEEDS       3
#define HWV_RATE_SEED_OFFSET 1000
#define HWV_RATE_FURTHER     5
#define HWV_RATE_TRIALS      (3 + 2 * HWV_RATE_FURTHER + 2)

typedef struct hwv_rate_trial {
    double rate;
    double loss; /* INFINITY: a run diverged */
} hwv_rate_trial;

typedef struct hwv_rate_search {
    double rate;                            /* picked */
    bool learned;                           /* false: no rate is better than guessing in so few steps */
    size_t steps;                           /* of one run, of the last length */
    hwv_rate_trial trials[HWV_RATE_TRIALS]; /* of that length, ascending rates */
    size_t trial_count;
} hwv_rate_search;

/* Called after every step of a trial: which rate, and how far this rate is (0..1). */
typedef void hwv_rate_watch(void *self, double rate, double done);

/* Picks a rate for training a model on data with `options`; options->optimizer.lr is not looked at. The model's weights are
 * anything afterwards, as a trainer initialises them, but for a model of a network, which has those that it had. watch may be
 * NULL. HWV_ERR_NUMERIC: every rate diverged (search->rate is the smallest tried); HWV_ERR_INTERRUPTED; else the errors of
 * hwv_trainer_create. */
HWV_API hwv_status hwv_rate_pick(hwv_rate_search *search, hwv_model *model, const hwv_data *data,
                                 const hwv_train_options *options, hwv_rate_watch *watch, void *self, hwv_error *error);

/* ---- using a trained model ------------------------------------------------------------------------ */

/* Builds a model from a checkpoint's notation, or from the ONNX file in it, and loads its weights. HWV_ERR_IO, _FORMAT, _MISMATCH. */
HWV_API hwv_status hwv_checkpoint_load(hwv_model *model, const char *path, hwv_error *error);
/* The options a checkpoint was made with, over those in *options; executor, passes, file names and interrupt stay.
 * The same errors; *options is unchanged then. */
HWV_API hwv_status hwv_checkpoint_options(hwv_train_options *options, const char *path, hwv_error *error);

/* Block and vocabulary of the text that a checkpoint was trained on; 0 and a zero vocabulary: it was none. Free with
 * hwv_vocabulary_free. HWV_ERR_IO, _FORMAT, _MEMORY, _MISMATCH; *vocabulary is zero then. */
HWV_API hwv_status hwv_checkpoint_vocabulary(hwv_vocabulary *vocabulary, size_t *block, const char *path,
                                             hwv_error *error);
/* Normalises data as that which a checkpoint was trained on was, or leaves it alone: data->mean tells. A text gets the
 * block and the vocabulary of the checkpoint's. Whatever a model is given later must be. HWV_ERR_IO, _FORMAT, _MEMORY;
 * HWV_ERR_FORMAT: a text that is too short, too; HWV_ERR_MISMATCH: other channels, a character that is not in the vocabulary. */
HWV_API hwv_status hwv_checkpoint_normalize(hwv_data *data, const char *path, hwv_error *error);

/* The same of a checkpoint that lies in memory; `name` stands in messages. */
HWV_API hwv_status hwv_checkpoint_parse(hwv_model *model, const char *name, const void *bytes, size_t size,
                                        hwv_error *error);
/* That checkpoint with a change of its model's network (hwv_network_of_model of what hwv_checkpoint_parse gives): the
 * bytes of another checkpoint, appended to *changed, ready to be written. Widths, activations and norms change in the
 * notation; weights, state and what the optimiser keeps are cut along; step, history, options and data stay, so that
 * training can be resumed. A new norm takes the bias of a convolution in front of it into its mean. What the optimiser
 * keeps of fresh elements and of new parameters is zero, but its count of steps stays: Adam does not correct for such
 * late zeros, and with the usual betas the first step of such an element is up to 3.2 rates long and those up to the
 * twelfth up to 6.6, which fades within some 1 / (1 - beta2) steps. HWV_ERR_UNSUPPORTED: a change that layer notation
 * cannot say, and where; HWV_ERR_ARGUMENT: one that contradicts itself; HWV_ERR_MISMATCH: one of another network;
 * HWV_ERR_FORMAT, HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_checkpoint_change(hwv_text *changed, const char *name, const void *bytes, size_t size,
                                         const hwv_change *change, hwv_error *error);

typedef struct hwv_evaluation {
    double error, loss; /* share wrong, mean loss; of a text those of a token: perplexity is exp(loss), bits a character
                           loss / ln 2 */
    size_t samples;     /* of a text blocks that do not overlap (hwv_data_apart) */
    size_t *confusion;  /* model's classes x classes, row = truth; given by the caller, may be NULL */
} hwv_evaluation;

/* Evaluates a part of a data set. HWV_ERR_SHAPE, HWV_ERR_FORMAT: the data does not fit; HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_evaluate(hwv_model *model, const hwv_data *data, const hwv_data_part *part,
                                const hwv_executor *executor, hwv_evaluation *evaluation, hwv_error *error);
/* Unit statistics of every activation layer over a part, in evaluation mode. *layers is allocated;
 * free with hwv_layer_stats_free. The same errors. */
HWV_API hwv_status hwv_count_units(hwv_model *model, const hwv_data *data, const hwv_data_part *part,
                                   const hwv_executor *executor, hwv_layer_stats **layers, size_t *layer_count,
                                   hwv_error *error);
HWV_API void hwv_layer_stats_free(hwv_layer_stats *layers, size_t layer_count);

/* Class probabilities of samples: write samples into hwv_predictor_input, run. Running allocates nothing. */
typedef struct hwv_predictor hwv_predictor;

/* Plans runs of up to `batch` samples (0: chosen by the model's size, at most 256). model and executor must outlive
 * it; weights may change between runs. HWV_ERR_UNSUPPORTED: a model with several rows of outputs a sample;
 * HWV_ERR_MEMORY. Free with hwv_predictor_destroy. */
HWV_API hwv_status hwv_predictor_create(hwv_predictor **predictor, hwv_model *model, size_t batch,
                                        const hwv_executor *executor, hwv_error *error);
HWV_API void hwv_predictor_destroy(hwv_predictor *predictor);
HWV_API size_t hwv_predictor_batch(const hwv_predictor *predictor);
/* Where the samples go: [batch][elements of a sample], as hwv_data_gather gives them. */
HWV_API float *hwv_predictor_input(hwv_predictor *predictor);
/* The softmax of the model's outputs for the first `rows` samples (1 .. batch): [rows][classes], until the next run.
 * A sample's numbers do not depend on the others; they are NaN where an output is NaN or +inf. */
HWV_API const float *hwv_predictor_run(hwv_predictor *predictor, size_t rows);

HWV_END

#endif
