/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Building a model from layer notation: a cursor over the text, and the graph so far. */
#ifndef HWV_MODEL_BUILDER_H
#define HWV_MODEL_BUILDER_H

#include "halfwave/model.h"

typedef struct hwv_builder {
    hwv_model *model;
    const hwv_model_options *options;
    const char *text; /* the whole notation */
    size_t at;        /* the next character */
    size_t layer;     /* number of the layer being read, from 1 */
    hwv_id value;     /* output of the layers so far */
    hwv_error *error;
} hwv_builder;

/* A word of the notation. `parse` reads what follows the word, up to the layer's end, and adds nodes. */
typedef struct hwv_layer {
    const char *word, *usage;
    hwv_status (*parse)(hwv_builder *builder);
} hwv_layer;

/* The table of layers (layers.c): a new one is a row and a function. */
size_t hwv_layer_count(void);
const hwv_layer *hwv_layer_get(size_t i);

/* "model: layer 2, column 9: ..." for the character at `at`. */
hwv_status hwv_builder_fail(const hwv_builder *builder, hwv_status status, size_t at, const char *format, ...)
    HWV_PRINTF(4, 5);

/* A blank between words, whatever the program's locale is. */
static inline bool hwv_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* ---- words of a layer ----------------------------------------------------------------------------- */

/* Start and length of the next word of this layer: letters, digits, _, -, . ; length 0 at the layer's end or
 * before another character. Does not move. */
size_t hwv_builder_peek(hwv_builder *builder, const char **word);
/* Moves past the next word. */
void hwv_builder_skip(hwv_builder *builder);
/* Whether the next word is this one; moves past it if so. */
bool hwv_builder_accept(hwv_builder *builder, const char *word);
/* A size, 1 or more, or the word `classes`. */
hwv_status hwv_builder_size(hwv_builder *builder, const char *what, size_t *size);
/* The rest of the layer without blanks around it; moves to the layer's end. */
size_t hwv_builder_rest(hwv_builder *builder, const char **rest);

/* ---- nodes ----------------------------------------------------------------------------------------- */

/* A name for layer number `layer` of its word: "fc2" is the second fc. Counted by the nodes there are. */
void hwv_builder_name(const hwv_builder *builder, hwv_node_kind kind, const char *word, char name[64]);
/* Adds a node on the current value (and `parameter`, unless HWV_NO_ID); its output becomes the current value. */
hwv_status hwv_builder_node(hwv_builder *builder, hwv_node_kind kind, const char *name,
                            const hwv_node_attributes *attributes, hwv_id parameter);
/* A parameter "layer.what" with one or two dimensions (second 0: one). */
hwv_status hwv_builder_parameter(hwv_builder *builder, const char *layer, const char *what, size_t dim0, size_t dim1,
                                 bool decay, hwv_id *id);
/* Shape of the current value. */
const hwv_shape *hwv_builder_shape(const hwv_builder *builder);

#endif
