/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Building a model from layer notation: a cursor over the text, and the graph so far. */
#ifndef HWV_MODEL_BUILDER_H
#define HWV_MODEL_BUILDER_H

#include "halfwave/model.h"

/* Characters of the text. */
typedef struct hwv_words {
    size_t at, length; /* length 0: not there */
} hwv_words;

/* Where a layer stands in the text, which of its words say something that may change, and what it made. */
typedef struct hwv_layer_place {
    size_t layer;                /* its number, from 1 */
    hwv_words words;             /* all of it */
    hwv_words size;              /* fc, conv: the number of outputs */
    hwv_words groups;            /* conv: the number behind `groups` */
    hwv_words nobias;            /* conv: that word, unless a batch norm behind it implies it */
    hwv_id first_node, end_node; /* from, and up to but not including; not those of layers within it */
} hwv_layer_place;

/* All layers of a text as they end: the layers of a block before the block. Owns the array. Zero-initialise. */
typedef struct hwv_layer_places {
    hwv_layer_place *place;
    size_t count, capacity;
} hwv_layer_places;

typedef struct hwv_builder {
    hwv_model *model;
    const hwv_model_options *options;
    const char *text;         /* the whole notation */
    size_t at;                /* the next character */
    size_t layer;             /* number of the layer being read, from 1 */
    size_t depth;             /* of braces around it */
    hwv_id value;             /* output of the layers so far */
    bool sequence;            /* it is [batch, length, width]: layers work on each position */
    hwv_id table;             /* of embed, or HWV_NO_ID */
    hwv_id widened;           /* value of an fc that was made wider for the gated pair behind it, or HWV_NO_ID */
    hwv_layer_place *place;   /* of the layer being read */
    hwv_layer_places *places; /* NULL: nobody asks */
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

/* Activations and gated pairs (act.c). */
hwv_status hwv_layer_act(hwv_builder *builder);
/* Whether the next layer is a bare act that is a gated pair; outputs of an fc of `size` in front of it: so many that both
 * products around it have about as many parameters as without the gate (Shazeer 2020). */
bool hwv_builder_gate_follows(const hwv_builder *builder);
size_t hwv_builder_gate_outputs(size_t size);

/* The layers on images (images.c) and the residual block (residual.c). */
hwv_status hwv_layer_conv(hwv_builder *builder);
hwv_status hwv_layer_pool(hwv_builder *builder);
hwv_status hwv_layer_avgpool(hwv_builder *builder);
hwv_status hwv_layer_gap(hwv_builder *builder);
hwv_status hwv_layer_drop(hwv_builder *builder);
hwv_status hwv_layer_res(hwv_builder *builder);

/* The layers on sequences (sequences.c). */
hwv_status hwv_layer_embed(hwv_builder *builder);
hwv_status hwv_layer_unembed(hwv_builder *builder);
hwv_status hwv_layer_pos(hwv_builder *builder);
hwv_status hwv_layer_ln(hwv_builder *builder);
hwv_status hwv_layer_rms(hwv_builder *builder);
hwv_status hwv_layer_bare_norm(hwv_builder *builder);
hwv_status hwv_layer_attn(hwv_builder *builder);
hwv_status hwv_layer_patch(hwv_builder *builder);
hwv_status hwv_builder_sequence_mean(hwv_builder *builder);

/* A product with `out` outputs "name.product" and its bias "name", on the last dimension of the current value. */
hwv_status hwv_builder_fc(hwv_builder *builder, const char *name, size_t out);
/* A convolution of `filters` with its weight; batch norm on the current value: also for shortcuts. */
hwv_status hwv_builder_conv(hwv_builder *builder, const hwv_window *window, size_t filters, size_t groups, bool bias);
hwv_status hwv_builder_bn(hwv_builder *builder);

/* "model: layer 2, column 9: ..." for the character at `at`. */
hwv_status hwv_builder_fail(const hwv_builder *builder, hwv_status status, size_t at, const char *format, ...)
    HWV_PRINTF(4, 5);

/* The same for a layer that was read: HWV_ERR_UNSUPPORTED. */
hwv_status hwv_place_fail(const hwv_layer_place *place, hwv_error *error, const char *format, ...) HWV_PRINTF(3, 4);

/* A blank between words, whatever the program's locale is. */
static inline bool hwv_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* ---- words of a layer ----------------------------------------------------------------------------- */

/* Start and length of the next word of this layer: letters, digits, _, -, . ; length 0 at the layer's end or
 * before another character. Does not move. */
size_t hwv_builder_peek(hwv_builder *builder, const char **word);
/* Where the next word stands. */
hwv_words hwv_builder_words(hwv_builder *builder);
/* Moves past the next word. */
void hwv_builder_skip(hwv_builder *builder);
/* Whether the next word is this one; moves past it if so. */
bool hwv_builder_accept(hwv_builder *builder, const char *word);
/* A whole number, 1 or more. */
hwv_status hwv_builder_number(hwv_builder *builder, const char *what, size_t *number);
/* The same, or the word `classes`: outputs of a layer. */
hwv_status hwv_builder_size(hwv_builder *builder, const char *what, size_t *size);
/* A share, 0 <= share < 1. */
hwv_status hwv_builder_share(hwv_builder *builder, const char *what, float *share);
/* One character, such as a brace; moves past it if it is the next. */
bool hwv_builder_character(hwv_builder *builder, char character);
/* The word of the next layer, without moving; length 0 when there is none. */
size_t hwv_builder_next_layer(const hwv_builder *builder, const char **word);
/* The rest of the layer without blanks around it; moves to the layer's end. */
size_t hwv_builder_rest(hwv_builder *builder, const char **rest);

/* ---- nodes ----------------------------------------------------------------------------------------- */

/* A name for the next layer of a word: "fc2" is the second fc. Counted by the nodes of the kind that have such names. */
void hwv_builder_name(const hwv_builder *builder, hwv_node_kind kind, const char *word, char name[64]);
/* Adds a node on the current value (and `parameter`, unless HWV_NO_ID); its output becomes the current value. */
hwv_status hwv_builder_node(hwv_builder *builder, hwv_node_kind kind, const char *name,
                            const hwv_node_attributes *attributes, hwv_id parameter);
/* The same with any inputs, the current value not implied. */
hwv_status hwv_builder_node_of(hwv_builder *builder, hwv_node_kind kind, const char *name,
                               const hwv_node_attributes *attributes, const hwv_id *inputs, size_t count);
/* A parameter "layer.what". */
hwv_status hwv_builder_parameter(hwv_builder *builder, const char *layer, const char *what, const hwv_shape *shape,
                                 bool decay, hwv_id *id);
/* State "layer.what". */
hwv_status hwv_builder_state(hwv_builder *builder, const char *layer, const char *what, const hwv_shape *shape,
                             hwv_id *id);
/* Shape of the current value. */
const hwv_shape *hwv_builder_shape(const hwv_builder *builder);

#endif
