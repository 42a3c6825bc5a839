/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * SoftmaxCrossEntropyLoss and NegativeLogLikelihoodLoss, composed: the logarithms of the probabilities, times a 1 where the
 * label is, summed over the classes. */
#include "graph/functions.h"
#include "onnx/import_state.h"

#include <string.h>

static hwv_status binary(hwv_import *import, int function, const char *part, hwv_id a, hwv_id b, hwv_id *y)
{
    return hwv_import_node(import, HWV_NODE_BINARY, part, &(hwv_node_attributes){.function = function},
                           (hwv_id[]){a, b}, 2, y);
}

static hwv_status floats_of(hwv_import *import, const char *part, hwv_id x, hwv_id *y)
{
    return hwv_import_node(import, HWV_NODE_CAST, part,
                           &(hwv_node_attributes){.to = HWV_ELEMENT_F32, .function = HWV_CAST_VALUE}, &x, 1, y);
}

/* Input 0 with the classes last, as logarithms of probabilities. */
static hwv_status logarithms(hwv_import *import, bool softmax, hwv_id *y)
{
    size_t rank = import->in[0]->shape.rank;
    hwv_node_attributes attributes = {.axis = rank - 1, .logarithm = true};
    HWV_TRY(hwv_import_plain(import, 0, y));
    if (rank > 2)
        HWV_TRY(hwv_import_channels_move(import, false, y));
    return softmax ? hwv_import_node(import, HWV_NODE_SOFTMAX, "logarithms", &attributes, (hwv_id[]){*y}, 1, y)
                   : HWV_OK;
}

/* Labels [..., 1] as floats. */
static hwv_status labels_read(hwv_import *import, hwv_id *labels)
{
    hwv_shape shape = import->in[1]->shape;
    HWV_TRY(hwv_import_plain(import, 1, labels));
    shape.dim[shape.rank++] = 1;
    HWV_TRY(hwv_import_reshape(import, *labels, &shape, labels));
    return floats_of(import, "labels", *labels, labels);
}

/* 1, or the weight of the class, where a class is the label and not the one to ignore; else 0. */
static hwv_status mask_make(hwv_import *import, hwv_id labels, hwv_id *mask)
{
    size_t classes = import->in[0]->shape.dim[1];
    int64_t ignored;
    float *numbers = hwv_import_take(import, classes, sizeof *numbers);
    hwv_id other;
    if (numbers == NULL)
        return hwv_import_memory(import);
    for (size_t i = 0; i < classes; i++)
        numbers[i] = (float)i;
    HWV_TRY(hwv_import_graph_floats(import, &(hwv_shape){.rank = 1, .dim = {classes}}, numbers, &other));
    HWV_TRY(hwv_import_node(import, HWV_NODE_COMPARE, "class", &(hwv_node_attributes){.function = HWV_COMPARE_EQUAL},
                            (hwv_id[]){labels, other}, 2, mask));
    HWV_TRY(floats_of(import, "mask", *mask, mask));
    if (hwv_import_has_attribute(import, "ignore_index")) {
        HWV_TRY(hwv_import_int(import, "ignore_index", 0, &ignored));
        HWV_TRY(hwv_import_graph_float(import, (float)ignored, &other));
        HWV_TRY(hwv_import_node(import, HWV_NODE_COMPARE, "ignored",
                                &(hwv_node_attributes){.function = HWV_COMPARE_EQUAL}, (hwv_id[]){labels, other}, 2,
                                &other));
        HWV_TRY(hwv_import_node(import, HWV_NODE_UNARY, "kept", &(hwv_node_attributes){.function = HWV_UNARY_NOT},
                                (hwv_id[]){other}, 1, &other));
        HWV_TRY(floats_of(import, "keeps", other, &other));
        HWV_TRY(binary(import, HWV_BINARY_MUL, "seen", *mask, other, mask));
    }
    if (!hwv_import_has(import, 2))
        return HWV_OK;
    HWV_TRY(hwv_import_plain(import, 2, &other));
    return binary(import, HWV_BINARY_MUL, "weighted", *mask, other, mask);
}

static hwv_status sum(hwv_import *import, const char *part, hwv_id x, unsigned axes, hwv_id *y)
{
    return hwv_import_node(import, HWV_NODE_REDUCE, part,
                           &(hwv_node_attributes){.function = HWV_REDUCTION_SUM, .axes = axes}, &x, 1, y);
}

static hwv_status loss_give(hwv_import *import, hwv_id logarithm, hwv_id mask)
{
    const char *reduction;
    size_t rank = import->in[0]->shape.rank;
    unsigned all = (1u << rank) - 1;
    hwv_id y, weights;
    HWV_TRY(hwv_import_string(import, "reduction", "mean", &reduction));
    bool none = strcmp(reduction, "none") == 0, mean = strcmp(reduction, "mean") == 0;
    if (!none && !mean && strcmp(reduction, "sum") != 0)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "reduction is '%.40s'; none, sum and mean are accepted",
                               reduction);
    HWV_TRY(binary(import, HWV_BINARY_MUL, "picked", logarithm, mask, &y));
    HWV_TRY(sum(import, "sum", y, none ? 1u << (rank - 1) : all, &y));
    if (mean) {
        HWV_TRY(sum(import, "count", mask, all, &weights));
        HWV_TRY(binary(import, HWV_BINARY_DIV, "mean", y, weights, &y));
    }
    HWV_TRY(hwv_import_node(import, HWV_NODE_UNARY, "", &(hwv_node_attributes){.function = HWV_UNARY_NEG},
                            (hwv_id[]){y}, 1, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, none ? &import->in[1]->shape : &(hwv_shape){0}, false);
}

/* Both operators: the first takes logits, the second logarithms of probabilities. */
hwv_status hwv_import_loss(hwv_import *import)
{
    hwv_id logarithm, labels, mask;
    HWV_TRY(hwv_import_need_float(import, 0));
    HWV_TRY(hwv_import_need(import, 1));
    size_t rank = import->in[0]->shape.rank;
    if (rank < 2 || import->in[1]->shape.rank + 1 != rank || import->in[0]->shape.dim[1] == HWV_BATCH)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "scores of %zu dimensions with labels of %zu", rank,
                               import->in[1]->shape.rank);
    HWV_TRY(logarithms(import, strcmp(import->row->op, "SoftmaxCrossEntropyLoss") == 0, &logarithm));
    HWV_TRY(labels_read(import, &labels));
    HWV_TRY(mask_make(import, labels, &mask));
    HWV_TRY(loss_give(import, logarithm, mask));
    if (import->out_count < 2 || import->out[1] == NULL)
        return HWV_OK;
    if (rank > 2)
        HWV_TRY(hwv_import_channels_move(import, true, &logarithm));
    return hwv_import_result(import, 1, logarithm, import->in[0]->type, &import->in[0]->shape, false);
}
