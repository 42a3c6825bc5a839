/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A model with a change of its network. */
#ifndef HWV_MODEL_MODEL_CHANGE_H
#define HWV_MODEL_MODEL_CHANGE_H

#include "halfwave/change.h"
#include "halfwave/text.h"
#include "model/builder.h"

/* Owns both. Zero-initialise; free with hwv_changed_model_free. */
typedef struct hwv_changed_model {
    hwv_model model;
    hwv_id *origin; /* of each value of its graph: which of the old graph it was; HWV_NO_ID: none */
} hwv_changed_model;

/* Rewrites the notation, builds it, and fills parameters and state: those that were there cut, new ones as the change
 * says. Norms that come in front of an activation take a bias in front of them into their mean, as layer notation wants
 * it. The change is of hwv_network_of_model of such a model. HWV_ERR_UNSUPPORTED, with layer and column: layer notation
 * cannot say it; HWV_ERR_MISMATCH: a change of another network; HWV_ERR_ARGUMENT: one that contradicts itself;
 * HWV_ERR_MEMORY. */
hwv_status hwv_model_change(hwv_changed_model *changed, const hwv_model *model, const hwv_change *change,
                            hwv_error *error);
void hwv_changed_model_free(hwv_changed_model *changed);

/* Copies the elements of a value that are not cut. */
void hwv_change_keep(const hwv_change *change, hwv_id value, float *to, const float *from);

/* ---- parts ----------------------------------------------------------------------------------------- */

/* The notation of the changed model: the same text but for the words that change (notation_change.c). places: of the
 * model's own. HWV_ERR_UNSUPPORTED, HWV_ERR_MEMORY. */
hwv_status hwv_notation_change(hwv_text *notation, const hwv_model *model, const hwv_layer_places *places,
                               const hwv_change *change, hwv_error *error);
/* What a change has for a node; NULL: nothing. */
const hwv_act_change *hwv_change_act_of(const hwv_change *change, hwv_id node);
const hwv_bias_change *hwv_change_bias_of(const hwv_change *change, hwv_id node);
const hwv_norm_change *hwv_change_norm_of(const hwv_change *change, hwv_id node);

#endif
