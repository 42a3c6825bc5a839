/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The fix: treatments of a model whose units never fire, each with what it promises, and what it did to the outputs on
 * the data at hand.
 *
 *     equal   all outputs == what they were, on these data
 *     exact   no output moved by more than 1e-5 max(1, max |y|) (sums are reordered), on these data
 *     none    outputs move; how far is measured
 *
 * Outputs are compared before a last softmax or sigmoid, which hide changes. */
#ifndef HALFWAVE_FIX_H
#define HALFWAVE_FIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/check.h"
#include "halfwave/onnx.h"
#include "halfwave/train.h"

HWV_BEGIN

/* X(NAME, name, PROMISE, sentence) */
#define HWV_TREATMENT_LIST(X)                                                                                          \
    X(PRUNE, prune, EXACT,                                                                                             \
      "cuts dead units out, with the weights that read them; what they add is folded into the next bias")              \
    X(RECYCLE, recycle, EQUAL,                                                                                         \
      "gives dead units new incoming weights (He et al. 2015), and outgoing ones of 0 until they have learned "        \
      "something (after Sokar et al., ICML 2023)")                                                                     \
    X(PRELU, prelu, EQUAL, "makes relu a prelu of slope 0: the same numbers, but it learns where it is off")           \
    X(LEAKY, leaky, NONE, "makes relu a leaky_relu")                                                                   \
    X(BIAS_SHIFT, bias_shift, NONE, "moves the bias of dead units until they fire in a share of the looks")            \
    X(INSERT_NORM, insert_norm, NONE, "puts a batch norm of the data's statistics in front of the activation")

typedef enum hwv_promise { HWV_PROMISE_NONE, HWV_PROMISE_EXACT, HWV_PROMISE_EQUAL } hwv_promise;

typedef enum hwv_treatment {
#define HWV_TREATMENT_ENUM(NAME, name, PROMISE, sentence) HWV_TREATMENT_##NAME,
    HWV_TREATMENT_LIST(HWV_TREATMENT_ENUM)
#undef HWV_TREATMENT_ENUM
        HWV_TREATMENT_COUNT
} hwv_treatment;

/* "prune", "bias_shift" */
HWV_API const char *hwv_treatment_name(hwv_treatment treatment);
HWV_API hwv_promise hwv_treatment_promise(hwv_treatment treatment);
HWV_API const char *hwv_treatment_sentence(hwv_treatment treatment);

/* ---- what is treated ------------------------------------------------------------------------------- */

/* A model in memory, as its file's bytes and as a network. */
typedef struct hwv_patient hwv_patient;

/* options: for the import of this file and of all that become of it (copied; trace is not looked at). Errors of
 * hwv_onnx_open and hwv_onnx_import. Free with hwv_patient_close. */
HWV_API hwv_status hwv_patient_open_onnx(hwv_patient **patient, const char *path,
                                         const hwv_onnx_import_options *options, hwv_error *error);
/* Errors of hwv_checkpoint_load. */
HWV_API hwv_status hwv_patient_open_checkpoint(hwv_patient **patient, const char *path, hwv_error *error);
/* Accepts NULL. */
HWV_API void hwv_patient_close(hwv_patient *patient);
HWV_API const hwv_network *hwv_patient_network(const hwv_patient *patient);

/* A new patient: this one with a change of its network. HWV_ERR_UNSUPPORTED: not in this file, and why; the rest as in
 * hwv_onnx_change, hwv_onnx_import, hwv_checkpoint_change. */
HWV_API hwv_status hwv_patient_change(hwv_patient **changed, const hwv_patient *patient, const hwv_change *change,
                                      hwv_error *error);
/* Writes its file, whole or not at all; over the one it came from too. A patient that was never changed writes the same
 * bytes (weights in files beside an ONNX file move into it where the folder is another). HWV_ERR_IO, HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_patient_write(const hwv_patient *patient, const char *path, hwv_error *error);

/* What a model costs. */
typedef struct hwv_cost {
    uint64_t parameters; /* elements of floating tensors in the file; of a checkpoint, weights and state */
    uint64_t bytes;      /* of the file (of an ONNX file with its external data) */
    uint64_t flops;      /* of products (2 a multiply-add) and their biases, one sample */
} hwv_cost;
HWV_API hwv_cost hwv_patient_cost(const hwv_patient *patient);

/* ---- comparing ------------------------------------------------------------------------------------- */

/* Samples from their beginning, as often as it is opened. */
typedef struct hwv_source {
    void *self;
    hwv_status (*open)(void *self, hwv_feed *feed, hwv_error *error);
} hwv_source;

/* The value of an output before a last softmax, log-softmax, sigmoid or tanh (and what only changes its shape behind
 * it); HWV_NO_ID: it cannot be computed, or is no floats. */
HWV_API hwv_id hwv_network_before_squashing(const hwv_network *network, size_t output);

typedef struct hwv_output_change {
    double largest; /* |b - a| over all samples and outputs; INFINITY where one of them is NaN and the other is not */
    double scale;   /* max(1, max |a|), over finite ones */
    bool equal;     /* all ==, or both NaN */
    double decided; /* share of samples, or of tokens, whose largest element is the same in both; NAN for outputs of one
                       element */
    bool tokens;    /* samples are tokens [tokens], and each output has a row for each: `decided` counts these */
    uint64_t samples;
} hwv_output_change;
/* Whether a promise was kept. */
HWV_API bool hwv_output_change_keeps(const hwv_output_change *change, hwv_promise promise);

/* Runs two networks of the same inputs and outputs side by side, piece by piece. HWV_ERR_MISMATCH: they are not;
 * HWV_ERR_UNSUPPORTED: no output can be computed; errors of the source; HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_network_compare(hwv_output_change *change, const hwv_network *a, const hwv_network *b,
                                       const hwv_source *source, const hwv_executor *executor, hwv_error *error);

/* ---- treating -------------------------------------------------------------------------------------- */

typedef struct hwv_treatment_options {
    const bool *layers; /* of the network's layers, which are to be treated; NULL: all */
    double keep_margin; /* prune, recycle: units whose margin (largest z in units of std) is above minus this are kept;
                           0: none are */
    double slope;       /* leaky: 0.01 */
    double share;       /* bias_shift: 0.1 */
    uint64_t seed;      /* recycle */
} hwv_treatment_options;
HWV_API hwv_treatment_options hwv_treatment_defaults(void);

/* What became of a layer. */
typedef struct hwv_layer_treatment {
    size_t layer;  /* of the network */
    size_t asked;  /* units that the treatment is for: dead ones; for prelu and leaky all of a relu */
    size_t *units; /* those that were treated, ascending; prune: living ones too that are cut along with dead ones */
    size_t count;
    size_t unsure;    /* silent, but short of evidence: left */
    size_t near;      /* spared by keep_margin */
    char reason[200]; /* why units that were asked for were left, "" */
} hwv_layer_treatment;

/* Owns its layers. Zero-initialise; free with hwv_treated_free. */
typedef struct hwv_treated {
    hwv_treatment treatment;
    hwv_layer_treatment *layers; /* with units that it is for, or might be; where options->layers is given, those */
    size_t layer_count;
    size_t units; /* treated, in all layers */
    hwv_output_change change;
    hwv_cost before, after;
    char reason[200]; /* why nothing was done; "" where something was */
} hwv_treated;
HWV_API void hwv_treated_free(hwv_treated *treated);

/* Treats a patient: *cured is what it becomes, measured, or NULL where nothing was done (treated says why). Layers whose
 * part cannot be written, or that would break the promise, are left out, with the reason. diagnosis: of the patient's
 * network over the same data. options NULL: the defaults. HWV_ERR_ARGUMENT: an option out of range; errors of the source;
 * HWV_ERR_MEMORY. On failure *cured is NULL and *treated zero. */
HWV_API hwv_status hwv_patient_treat(hwv_patient **cured, hwv_treated *treated, const hwv_patient *patient,
                                     const hwv_diagnosis *diagnosis, hwv_treatment treatment,
                                     const hwv_treatment_options *options, const hwv_source *source,
                                     const hwv_executor *executor, hwv_error *error);

/* ---- while training -------------------------------------------------------------------------------- */

/* Acts on the units that a training run kills (hwv_train_options.cure): after each round the units are counted over the
 * first HWV_CURING_SAMPLES samples of the training part, of a text over HWV_CURING_BLOCKS spread over it, and what is dead (at the usual bound: 299 samples at least) is
 *
 *     recycle   given new incoming weights, outgoing ones of 0, and no moments
 *     prelu     let go: its slope, held at 0 until then, starts at HWV_CURING_SLOPE and is learned
 *     rate      the reason to halve the rate of all further steps, if it was not dead a round before
 *
 * Everything is a function of the seed, the epoch and the weights: a run that is cut and resumed gives the same bits. */
#define HWV_CURING_SAMPLES 4096
#define HWV_CURING_BLOCKS  512
#define HWV_CURING_SLOPE   0.25f

typedef struct hwv_curing hwv_curing;

/* The activation that a model must be built with: relu becomes prelu(slope=0) for HWV_CURE_PRELU. HWV_ERR_ARGUMENT: that
 * cure of another activation. */
HWV_API hwv_status hwv_cure_act(hwv_model_act *act, hwv_cure cure, hwv_error *error);
/* For a run of `model` on `data`; all three must outlive it. HWV_ERR_ARGUMENT: recycle, and a layer that is a gated pair;
 * HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_curing_create(hwv_curing **curing, hwv_model *model, const hwv_data *data,
                                     const hwv_train_options *options, hwv_error *error);
/* Accepts NULL. */
HWV_API void hwv_curing_destroy(hwv_curing *curing);
/* What the trainer must be created with: state and rate_scale are set; step and epoch are left to the caller, who calls
 * the two below. */
HWV_API void hwv_curing_attach(hwv_curing *curing, hwv_train_hooks *hooks);
/* After hwv_trainer_create, and hwv_trainer_resume where it is. */
HWV_API hwv_status hwv_curing_begin(hwv_curing *curing, bool resumed, hwv_error *error);
/* In the step hook. */
HWV_API void hwv_curing_step(hwv_curing *curing, const hwv_step *step);
/* In the epoch hook: counts and acts. HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_curing_epoch(hwv_curing *curing, size_t epoch, hwv_error *error);

typedef struct hwv_cured {
    size_t epoch, layer; /* of the activation nodes, in their order */
    const char *name;    /* of the layer */
    size_t units;        /* that were treated; for HWV_CURE_RATE, that died */
} hwv_cured;
/* All so far, in their order. */
HWV_API size_t hwv_curing_events(const hwv_curing *curing, const hwv_cured **events);
/* What the rate is multiplied by now. */
HWV_API double hwv_curing_rate_scale(const hwv_curing *curing);

HWV_END

#endif
