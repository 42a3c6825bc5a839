/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Reading layer notation. */
#ifndef HWV_MODEL_NOTATION_H
#define HWV_MODEL_NOTATION_H

#include "model/builder.h"

/* Most words of the layers and names of the zoo together: messages list them. */
#define HWV_WORDS_MAX 64

/* Reads the layers up to the end, or inside of braces up to the closing one. HWV_ERR_ARGUMENT, HWV_ERR_NAME with position; whatever adding a node gives. */
hwv_status hwv_notation_read(hwv_builder *builder);
void hwv_layer_places_free(hwv_layer_places *places);
/* hwv_model_build that tells where the layers stand in the model's notation. On failure the places are to be freed too. */
hwv_status hwv_model_build_placed(hwv_model *model, hwv_layer_places *places, const char *notation,
                                  const hwv_model_options *options, hwv_error *error);
/* Whether a text is one word that is no layer: a zoo name, right or wrong. */
bool hwv_notation_is_name(const char *text);

#endif
