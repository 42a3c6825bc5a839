/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Layers of transformers, on sequences [batch, length, width]: of tokens behind `embed`, of pieces of an image behind
 * `patch`. */
#include "graph/functions.h"
#include "halfwave/text.h"
#include "model/builder.h"

#include <stdio.h>
#include <string.h>

#define LN_EPSILON 1e-5f

static const char *const norm_names[] = {
#define HWV_NORM_ROW(NAME, name, sentence) #name,
    HWV_NORM_LIST(HWV_NORM_ROW)
#undef HWV_NORM_ROW
};

const char *hwv_norm_name(hwv_norm norm)
{
    return (unsigned)norm < HWV_NORM_COUNT ? norm_names[norm] : "unknown";
}

hwv_status hwv_norm_find(hwv_norm *norm, const char *name, hwv_error *error)
{
    size_t position;
    HWV_TRY(hwv_name_find(&position, "norm", name, norm_names, HWV_NORM_COUNT, error));
    *norm = (hwv_norm)position;
    return HWV_OK;
}

static hwv_status sequence_wanted(const hwv_builder *builder, size_t at, const char *layer)
{
    if (builder->sequence)
        return HWV_OK;
    return hwv_builder_fail(builder, HWV_ERR_SHAPE, at, "%s works on sequences: behind embed or patch", layer);
}

/* embed N: tokens to rows of a table. */
hwv_status hwv_layer_embed(hwv_builder *builder)
{
    const size_t at = builder->at;
    size_t width;
    char name[64];
    hwv_id table;
    HWV_TRY(hwv_builder_number(builder, "embed N: the width of a token", &width));
    if (builder->value != builder->model->input)
        return hwv_builder_fail(builder, HWV_ERR_SHAPE, at,
                                "embed reads the tokens of the data: it is the first layer");
    hwv_shape rows = {.rank = 2, .dim = {builder->options->classes, width}};
    hwv_builder_name(builder, HWV_NODE_GATHER, "embed", name);
    HWV_TRY(hwv_builder_parameter(builder, name, "weight", &rows, true, &table));
    builder->table = table;
    builder->sequence = true;
    return hwv_builder_node_of(builder, HWV_NODE_GATHER, name, NULL, (hwv_id[]){table, builder->value}, 2);
}

/* unembed: the products with the rows of embed's table. */
hwv_status hwv_layer_unembed(hwv_builder *builder)
{
    const size_t at = builder->at;
    const hwv_shape *shape = hwv_builder_shape(builder);
    if (builder->table == HWV_NO_ID)
        return hwv_builder_fail(builder, HWV_ERR_SHAPE, at, "unembed takes the table of embed, and there is none");
    const size_t width = hwv_graph_value(builder->model->graph, builder->table)->shape.dim[1];
    if (!builder->sequence || shape->dim[2] != width)
        return hwv_builder_fail(builder, HWV_ERR_SHAPE, at, "unembed takes a sequence as wide as embed made it: %zu",
                                width);
    return hwv_builder_node(builder, HWV_NODE_DENSE, "unembed", NULL, builder->table);
}

/* pos: a learned vector for each position is added. */
hwv_status hwv_layer_pos(hwv_builder *builder)
{
    const hwv_node_attributes attributes = {.function = HWV_BINARY_ADD};
    char name[64];
    hwv_id weight;
    HWV_TRY(sequence_wanted(builder, builder->at, "pos"));
    const hwv_shape *x = hwv_builder_shape(builder);
    const hwv_shape matrix = {.rank = 2, .dim = {x->dim[1], x->dim[2]}};
    hwv_builder_name(builder, HWV_NODE_BINARY, "pos", name);
    HWV_TRY(hwv_builder_parameter(builder, name, "weight", &matrix, true, &weight));
    return hwv_builder_node(builder, HWV_NODE_BINARY, name, &attributes, weight);
}

/* Over the width, or over all features of a sample that is no sequence. */
static hwv_status norm_add(hwv_builder *builder, hwv_node_kind kind, const char *word)
{
    const hwv_shape *x = hwv_builder_shape(builder);
    const hwv_node_attributes attributes = {.epsilon = LN_EPSILON, .axis = x->rank - 1};
    const hwv_shape one = {.rank = 1, .dim = {x->dim[x->rank - 1]}};
    const bool bias = kind == HWV_NODE_LAYER_NORM;
    hwv_id inputs[3] = {builder->value};
    char name[64];
    hwv_builder_name(builder, kind, word, name);
    HWV_TRY(hwv_builder_parameter(builder, name, "weight", &one, true, &inputs[1]));
    if (bias)
        HWV_TRY(hwv_builder_parameter(builder, name, "bias", &one, true, &inputs[2]));
    return hwv_builder_node_of(builder, kind, name, &attributes, inputs, bias ? 3 : 2);
}

hwv_status hwv_layer_ln(hwv_builder *builder)
{
    return norm_add(builder, HWV_NODE_LAYER_NORM, "ln");
}

hwv_status hwv_layer_rms(hwv_builder *builder)
{
    return norm_add(builder, HWV_NODE_RMS_NORM, "rms");
}

/* norm: what hwv_model_options says. */
hwv_status hwv_layer_bare_norm(hwv_builder *builder)
{
    builder->model->normed = true;
    switch (builder->options->norm) {
    case HWV_NORM_LAYER:
        return hwv_layer_ln(builder);
    case HWV_NORM_RMS:
        return hwv_layer_rms(builder);
    default:
        return HWV_OK;
    }
}

/* attn H [causal]: one product to queries, keys and values, attention, one product back. */
hwv_status hwv_layer_attn(hwv_builder *builder)
{
    const size_t at = builder->at;
    hwv_node_attributes attributes = {0};
    char name[64], part[80];
    HWV_TRY(hwv_builder_number(builder, "attn H: the number of heads", &attributes.heads));
    attributes.causal = hwv_builder_accept(builder, "causal");
    HWV_TRY(sequence_wanted(builder, at, "attn"));
    const size_t width = hwv_builder_shape(builder)->dim[2];
    if (width % attributes.heads != 0)
        return hwv_builder_fail(builder, HWV_ERR_SHAPE, at, "%zu heads do not divide a width of %zu", attributes.heads,
                                width);
    hwv_builder_name(builder, HWV_NODE_ATTENTION, "attn", name);
    snprintf(part, sizeof part, "%s.qkv", name);
    HWV_TRY(hwv_builder_fc(builder, part, 3 * width));
    HWV_TRY(hwv_builder_node(builder, HWV_NODE_ATTENTION, name, &attributes, HWV_NO_ID));
    snprintf(part, sizeof part, "%s.out", name);
    return hwv_builder_fc(builder, part, width);
}

/* patch K C: squares of K x K pixels become vectors of C numbers, line by line. */
hwv_status hwv_layer_patch(hwv_builder *builder)
{
    const size_t at = builder->at;
    hwv_window window = {.pad_before = {0, 0}};
    size_t width;
    char name[64];
    HWV_TRY(hwv_builder_number(builder, "patch K C: the size of a square", &window.kernel[0]));
    HWV_TRY(hwv_builder_number(builder, "patch K C: the width of a vector", &width));
    const hwv_shape *x = hwv_builder_shape(builder);
    if (x->rank != 4 || x->dim[1] % window.kernel[0] != 0 || x->dim[2] % window.kernel[0] != 0)
        return hwv_builder_fail(builder, HWV_ERR_SHAPE, at,
                                "patch works on images whose height and width are multiples of K");
    window.kernel[1] = window.stride[0] = window.stride[1] = window.kernel[0];
    HWV_TRY(hwv_builder_conv(builder, &window, width, 1, true));
    const hwv_shape *y = hwv_builder_shape(builder);
    const hwv_node_attributes attributes = {.shape = {.rank = 3, .dim = {HWV_BATCH, y->dim[1] * y->dim[2], y->dim[3]}}};
    hwv_builder_name(builder, HWV_NODE_RESHAPE, "patch", name);
    builder->sequence = true;
    return hwv_builder_node(builder, HWV_NODE_RESHAPE, name, &attributes, HWV_NO_ID);
}

/* gap of a sequence: the mean over its positions. */
hwv_status hwv_builder_sequence_mean(hwv_builder *builder)
{
    const hwv_node_attributes attributes = {.function = HWV_REDUCTION_MEAN, .axes = 1u << 1};
    char name[64];
    hwv_builder_name(builder, HWV_NODE_REDUCE, "gap", name);
    builder->sequence = false;
    return hwv_builder_node(builder, HWV_NODE_REDUCE, name, &attributes, HWV_NO_ID);
}
