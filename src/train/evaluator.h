/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Passes over a part of a data set in evaluation mode: error, loss, and units that fire. The plan is the
 * unfolded graph, so that pre-activations are the model's own. Nothing is allocated in a pass. */
#ifndef HWV_TRAIN_EVALUATOR_H
#define HWV_TRAIN_EVALUATOR_H

#include <stdbool.h>

#include "halfwave/train.h"

/* The units of one activation node, or gate. */
typedef struct hwv_unit_counter {
    hwv_id node;
    size_t units;
    bool can_die;    /* the operator is flat where a unit is silent */
    hwv_id slopes;   /* prelu: a silent unit can only be dead where its slope is 0; else HWV_NO_ID */
    uint64_t *fired; /* into hwv_evaluator.fired */
    uint64_t zeros, looks;
} hwv_unit_counter;

/* Owns what it points to except model and data. Zero-initialise. */
typedef struct hwv_evaluator {
    const hwv_model *model;
    const hwv_data *data;
    hwv_plan *plan;
    size_t batch;
    void *x; /* floats, of a text tokens as int32_t */
    int32_t *labels;
    const float *logits, *loss;
    uint8_t *wrong; /* of each label */
    hwv_unit_counter *layers;
    size_t layer_count, unit_count;
    uint64_t *fired; /* of all layers, one after the other */
    uint64_t *mask;
    bool counting; /* the observer does something */
} hwv_evaluator;

typedef struct hwv_pass_result {
    double loss, error; /* NAN without samples */
    size_t wrong;
} hwv_pass_result;

/* HWV_ERR_SHAPE when the data does not fit the model, HWV_ERR_FORMAT for a label that is no class of it,
 * HWV_ERR_MEMORY. */
hwv_status hwv_model_accepts(const hwv_model *model, const hwv_data *data, hwv_error *error);
/* A batch for runs of `output` without gradients over at most `most` samples: that of hwv_plan_batch, 256 at most. A function
 * of the model alone. HWV_ERR_MEMORY. */
hwv_status hwv_batch_choose(size_t *batch, hwv_model *model, hwv_id output, size_t most, hwv_error *error);
/* A plan without gradients that shares buffers by lifetime: what an observer is shown of an activation lives until it
 * has seen it. */
hwv_status hwv_forward_plan(hwv_plan **plan, hwv_model *model, hwv_id output, size_t batch,
                            const hwv_executor *executor, hwv_error *error);
/* most: the largest part. On failure the evaluator is zero. */
hwv_status hwv_evaluator_init(hwv_evaluator *evaluator, hwv_model *model, const hwv_data *data, size_t most,
                              const hwv_executor *executor, hwv_error *error);
void hwv_evaluator_free(hwv_evaluator *evaluator);

/* One pass, over samples that do not overlap; of a text error and loss are those of a token. count: units too, from 0.
 * confusion: classes x classes (row = truth), added to; may be NULL. */
hwv_pass_result hwv_evaluator_run(hwv_evaluator *evaluator, const hwv_data_part *part, bool count, size_t *confusion);
/* Dead units of all layers after a counting pass. */
size_t hwv_evaluator_dead(const hwv_evaluator *evaluator);
/* The counts of the last pass as public statistics; allocated. */
hwv_status hwv_evaluator_layers(const hwv_evaluator *evaluator, hwv_layer_stats **layers, size_t *layer_count,
                                hwv_error *error);

#endif
