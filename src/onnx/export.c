/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A model as an ONNX file. Our images have their channels last, ONNX's have them first. Nothing is transposed at run
 * time: convolutions, pools and norms say the same either way, and where images are flattened for dense layers the
 * columns of their weights are put in the order that channels first give, as PyTorch's own files have them. Only where
 * something else reads flattened images is the transpose written out. */
#include <string.h>

#include "onnx/export.h"

#include "halfwave/memory.h"
#include "halfwave/onnx.h"
#include "io/file.h"
#include "onnx/model.h"
#include "onnx/tuned.h"

enum { MODEL_IR = 1, MODEL_PRODUCER = 2, MODEL_GRAPH = 7, MODEL_OPSET = 8 };
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2 };
enum { GRAPH_NAME = 2, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { VALUE_NAME = 1, VALUE_TYPE = 2, TYPE_TENSOR = 1, TENSOR_ELEMENT = 1, TENSOR_SHAPE = 2 };
enum { SHAPE_DIM = 1, DIM_VALUE = 1, DIM_SYMBOL = 2 };
/* Version 8 of the format goes with opset 17. */
enum { IR_VERSION = 8, OPSET = 17 };
/* Protobuf's readers take no more. */
#define SIZE_MOST ((size_t)INT32_MAX)

/* ---- values -------------------------------------------------------------------------------------- */

const hwv_value *hwv_export_value(const hwv_export *out, hwv_id value)
{
    return hwv_graph_value(out->model->graph, value);
}

const char *hwv_export_name(const hwv_export *out, hwv_id value)
{
    value = out->same[value];
    if (value == out->model->input)
        return "x";
    return value == out->same[out->model->logits] ? "logits" : hwv_export_value(out, value)->name;
}

/* Nodes in the order of the graph: what they do nothing to, and who reads what. */
static hwv_status look(hwv_export *out)
{
    const hwv_graph *graph = out->model->graph;
    size_t count = hwv_graph_value_count(graph);
    out->uses = hwv_calloc(count, sizeof *out->uses);
    out->same = hwv_calloc(count, sizeof *out->same);
    out->kept = hwv_calloc(count, sizeof *out->kept);
    if (!out->uses || !out->same || !out->kept)
        return hwv_fail(out->error, HWV_ERR_MEMORY, "no memory to write a model of %zu values", count);
    for (size_t v = 0; v < count; v++)
        out->same[v] = (hwv_id)v;
    for (size_t n = 0; n < hwv_graph_node_count(graph); n++) {
        const hwv_node *node = hwv_graph_node_at(graph, (hwv_id)n);
        if (node->kind == HWV_NODE_DROPOUT)
            out->same[node->output[0]] = out->same[node->input[0]];
        else if (node->kind != HWV_NODE_SOFTMAX_CROSS_ENTROPY)
            for (size_t i = 0; i < node->input_count; i++)
                out->uses[out->same[node->input[i]]]++;
    }
    out->uses[out->same[out->model->logits]]++;
    return HWV_OK;
}

static void write_value(hwv_export *out, uint32_t number, const char *name, hwv_id value)
{
    const hwv_shape *shape = &hwv_export_value(out, value)->shape;
    static const size_t first[4] = {0, 3, 1, 2};
    size_t begin[5];
    begin[0] = hwv_proto_begin(&out->text, number);
    hwv_proto_write_text(&out->text, VALUE_NAME, name);
    begin[1] = hwv_proto_begin(&out->text, VALUE_TYPE);
    begin[2] = hwv_proto_begin(&out->text, TYPE_TENSOR);
    hwv_proto_write_int(&out->text, TENSOR_ELEMENT,
                        hwv_export_value(out, value)->element == HWV_ELEMENT_I32 ? HWV_ONNX_INT64 : HWV_ONNX_FLOAT);
    begin[3] = hwv_proto_begin(&out->text, TENSOR_SHAPE);
    for (size_t d = 0; d < shape->rank; d++) {
        begin[4] = hwv_proto_begin(&out->text, SHAPE_DIM);
        if (d == 0)
            hwv_proto_write_text(&out->text, DIM_SYMBOL, "batch");
        else
            hwv_proto_write_int(&out->text, DIM_VALUE, (int64_t)shape->dim[shape->rank == 4 ? first[d] : d]);
        hwv_proto_end(&out->text, begin[4]);
    }
    for (size_t i = 4; i-- > 0;)
        hwv_proto_end(&out->text, begin[i]);
}

/* ---- flattened images ---------------------------------------------------------------------------- */

/* Whether `value` is nothing but flattened images: then *images is their shape. */
static bool is_flat(const hwv_export *out, hwv_id value, const hwv_shape **images)
{
    hwv_id producer = hwv_export_value(out, out->same[value])->producer;
    const hwv_node *node = producer == HWV_NO_ID ? NULL : hwv_graph_node_at(out->model->graph, producer);
    if (!node || node->kind != HWV_NODE_FLATTEN)
        return false;
    *images = &hwv_export_value(out, node->input[0])->shape;
    return (*images)->rank == 4;
}

/* Whether the two orders differ. */
static bool is_mixed(const hwv_shape *images)
{
    return images->dim[3] > 1 && images->dim[1] * images->dim[2] > 1;
}

/* Whether dense layers alone read it, so that they can take it in any order. */
static bool dense_only(const hwv_export *out, hwv_id flat)
{
    const hwv_graph *graph = out->model->graph;
    size_t dense = 0;
    for (size_t n = 0; n < hwv_graph_node_count(graph); n++) {
        const hwv_node *node = hwv_graph_node_at(graph, (hwv_id)n);
        dense += node->kind == HWV_NODE_DENSE && out->same[node->input[0]] == flat;
    }
    return dense == out->uses[flat];
}

static void write_flatten(hwv_export *out, const hwv_node *node)
{
    const hwv_shape *images = &hwv_export_value(out, node->input[0])->shape;
    const char *x = hwv_export_name(out, node->input[0]);
    hwv_export_part turned;
    if (images->rank == 4 && is_mixed(images) && !dense_only(out, node->output[0])) {
        turned = hwv_export_turned(out, node, "last", x, hwv_export_last, 4);
        x = turned.name;
    }
    size_t begin = hwv_export_begin(out, "Flatten", node->name);
    hwv_export_input(out, x);
    hwv_export_output(out, hwv_export_name(out, node->output[0]));
    hwv_export_int(out, "axis", 1);
    hwv_export_end(out, begin);
}

/* ---- products ------------------------------------------------------------------------------------ */

/* Rows of weights for pixels of channels become rows for channels of pixels. */
static hwv_status write_dense_weight(hwv_export *out, const hwv_node *node)
{
    const hwv_value *weight = hwv_export_value(out, node->input[1]);
    const float *data = hwv_weights_data(out->model->weights, node->input[1]);
    size_t rows = weight->shape.dim[0], cols = weight->shape.dim[1];
    const hwv_shape *images;
    if (!is_flat(out, node->input[0], &images) || !is_mixed(images) || !dense_only(out, out->same[node->input[0]])) {
        (void)hwv_export_kept(out, node->input[1]);
        return HWV_OK;
    }
    size_t channels = images->dim[3], pixels = cols / channels;
    float *turned = hwv_calloc(rows * cols, sizeof *turned); /* fits: so does the weight */
    if (!turned)
        return hwv_fail(out->error, HWV_ERR_MEMORY, "no memory for %s of %zu x %zu", weight->name, rows, cols);
    for (size_t r = 0; r < rows; r++)
        for (size_t p = 0; p < pixels; p++)
            for (size_t c = 0; c < channels; c++)
                turned[r * cols + c * pixels + p] = data[r * cols + p * channels + c];
    hwv_export_floats(out, weight->name, turned, weight->shape.dim, 2);
    hwv_free(turned);
    return HWV_OK;
}

/* Gemm and Conv do, MatMul does not. */
static bool takes_bias(const hwv_export *out, const hwv_node *node)
{
    return node->kind == HWV_NODE_CONV2D ||
           (node->kind == HWV_NODE_DENSE && hwv_export_value(out, node->input[0])->shape.rank == 2);
}

/* The bias node that alone reads such a product; NULL: none. */
static const hwv_node *bias_after(const hwv_export *out, const hwv_node *product)
{
    const hwv_graph *graph = out->model->graph;
    if (out->uses[product->output[0]] != 1 || !takes_bias(out, product))
        return NULL;
    for (size_t n = 0; n < hwv_graph_node_count(graph); n++) {
        const hwv_node *node = hwv_graph_node_at(graph, (hwv_id)n);
        if (node->kind == HWV_NODE_BIAS && node->input[0] == product->output[0])
            return node;
    }
    return NULL;
}

static bool is_merged(const hwv_export *out, const hwv_node *bias)
{
    hwv_id producer = hwv_export_value(out, bias->input[0])->producer;
    const hwv_node *node = producer == HWV_NO_ID ? NULL : hwv_graph_node_at(out->model->graph, producer);
    return node && bias_after(out, node) == bias;
}

static void write_window(hwv_export *out, const hwv_window *window)
{
    int64_t kernel[2], stride[2], pads[4];
    for (size_t d = 0; d < 2; d++) {
        kernel[d] = (int64_t)window->kernel[d];
        stride[d] = (int64_t)window->stride[d];
        pads[d] = (int64_t)window->pad_before[d];
        pads[2 + d] = (int64_t)window->pad_after[d];
    }
    hwv_export_ints(out, "kernel_shape", kernel, 2);
    hwv_export_ints(out, "strides", stride, 2);
    hwv_export_ints(out, "pads", pads, 4);
}

/* Gemm or Conv, with the bias that follows. */
static hwv_status write_product(hwv_export *out, const hwv_node *node)
{
    const hwv_node *bias = bias_after(out, node), *last = bias ? bias : node;
    bool dense = node->kind == HWV_NODE_DENSE;
    if (dense)
        HWV_TRY(write_dense_weight(out, node));
    else
        (void)hwv_export_kept(out, node->input[1]);
    if (bias)
        (void)hwv_export_kept(out, bias->input[1]);
    size_t begin = hwv_export_begin(out, dense ? "Gemm" : "Conv", last->name);
    hwv_export_input(out, hwv_export_name(out, node->input[0]));
    hwv_export_input(out, hwv_export_value(out, node->input[1])->name);
    if (bias)
        hwv_export_input(out, hwv_export_value(out, bias->input[1])->name);
    hwv_export_output(out, hwv_export_name(out, last->output[0]));
    if (dense) {
        hwv_export_int(out, "transB", 1);
    } else {
        write_window(out, &node->attributes.window);
        hwv_export_int(out, "group", (int64_t)node->attributes.groups);
    }
    hwv_export_end(out, begin);
    return HWV_OK;
}

/* One that no product takes: of images [channels, 1, 1]. */
static void write_bias(hwv_export *out, const hwv_node *node)
{
    const hwv_value *bias = hwv_export_value(out, node->input[1]);
    size_t dims[3] = {bias->shape.dim[0], 1, 1};
    if (is_merged(out, node))
        return;
    (void)hwv_export_kept_as(out, node->input[1], dims, hwv_export_value(out, node->input[0])->shape.rank == 4 ? 3 : 1);
    hwv_export_simple(out, "Add", node->name, hwv_export_name(out, node->input[0]), bias->name,
                      hwv_export_name(out, node->output[0]));
}

/* ---- norms and pools ----------------------------------------------------------------------------- */

/* ONNX counts channels in axis 1; ours are last, which of sequences has to be said. */
static void write_batch_norm(hwv_export *out, const hwv_node *node)
{
    static const int64_t swap[3] = {0, 2, 1};
    const bool sequence = hwv_export_value(out, node->input[0])->shape.rank == 3;
    const char *x = hwv_export_name(out, node->input[0]), *y = hwv_export_name(out, node->output[0]);
    hwv_export_part first, inner = hwv_export_part_of(node, "inner"), last = hwv_export_part_of(node, "last");
    if (sequence) {
        first = hwv_export_turned(out, node, "first", x, swap, 3);
        x = first.name;
    }
    for (size_t i = 1; i < 5; i++)
        (void)hwv_export_kept(out, node->input[i]);
    size_t begin = hwv_export_begin(out, "BatchNormalization", node->name);
    hwv_export_input(out, x);
    for (size_t i = 1; i < 5; i++)
        hwv_export_input(out, hwv_export_name(out, node->input[i]));
    hwv_export_output(out, sequence ? inner.name : y);
    hwv_export_float(out, "epsilon", node->attributes.epsilon);
    hwv_export_end(out, begin);
    if (sequence)
        hwv_export_transpose(out, last.name, inner.name, y, swap, 3);
}

static void write_pool(hwv_export *out, const hwv_node *node)
{
    bool mean = node->kind == HWV_NODE_AVG_POOL2D;
    size_t begin = hwv_export_begin(out, mean ? "AveragePool" : "MaxPool", node->name);
    hwv_export_input(out, hwv_export_name(out, node->input[0]));
    hwv_export_output(out, hwv_export_name(out, node->output[0]));
    write_window(out, &node->attributes.window);
    if (mean)
        hwv_export_int(out, "count_include_pad", node->attributes.count_pad);
    hwv_export_end(out, begin);
}

/* ONNX keeps the two dimensions as ones. */
static void write_global_pool(hwv_export *out, const hwv_node *node)
{
    hwv_export_part mean =
        hwv_export_inner(out, node, "GlobalAveragePool", "mean", hwv_export_name(out, node->input[0]), NULL);
    size_t begin = hwv_export_begin(out, "Flatten", node->name);
    hwv_export_input(out, mean.name);
    hwv_export_output(out, hwv_export_name(out, node->output[0]));
    hwv_export_int(out, "axis", 1);
    hwv_export_end(out, begin);
}

/* ---- the file ------------------------------------------------------------------------------------ */

static hwv_status write_node(hwv_export *out, const hwv_node *node)
{
    switch (node->kind) {
    case HWV_NODE_DENSE:
    case HWV_NODE_CONV2D:
        return takes_bias(out, node) ? write_product(out, node) : hwv_export_dense_rows(out, node);
    case HWV_NODE_BIAS:
        return write_bias(out, node), HWV_OK;
    case HWV_NODE_ADD:
        return hwv_export_simple(out, "Add", node->name, hwv_export_name(out, node->input[0]),
                                 hwv_export_name(out, node->input[1]), hwv_export_name(out, node->output[0])),
               HWV_OK;
    case HWV_NODE_FLATTEN:
        return write_flatten(out, node), HWV_OK;
    case HWV_NODE_ACTIVATION:
        return hwv_export_activation(out, node, hwv_export_name(out, node->input[0]),
                                     hwv_export_name(out, node->output[0]));
    case HWV_NODE_MAX_POOL2D:
    case HWV_NODE_AVG_POOL2D:
        return write_pool(out, node), HWV_OK;
    case HWV_NODE_GLOBAL_AVG_POOL2D:
        return write_global_pool(out, node), HWV_OK;
    case HWV_NODE_BATCH_NORM:
        return write_batch_norm(out, node), HWV_OK;
    case HWV_NODE_GATHER:
        return hwv_export_gather(out, node), HWV_OK;
    case HWV_NODE_BINARY:
        return hwv_export_binary(out, node);
    case HWV_NODE_GATE:
        return hwv_export_gate(out, node);
    case HWV_NODE_LAYER_NORM:
    case HWV_NODE_RMS_NORM:
        return hwv_export_row_norm(out, node), HWV_OK;
    case HWV_NODE_ATTENTION:
        return hwv_export_attention(out, node);
    case HWV_NODE_RESHAPE:
        return hwv_export_reshape(out, node), HWV_OK;
    case HWV_NODE_REDUCE:
        return hwv_export_reduce(out, node);
    case HWV_NODE_DROPOUT:
    case HWV_NODE_SOFTMAX_CROSS_ENTROPY:
        return HWV_OK; /* nothing in use */
    default:
        return hwv_fail(out->error, HWV_ERR_UNSUPPORTED, "%s: nodes of kind %s are not written", node->name,
                        hwv_node_kind_name(node->kind));
    }
}

static hwv_status write_graph(hwv_export *out)
{
    const hwv_model *model = out->model;
    size_t begin = hwv_proto_begin(&out->text, MODEL_GRAPH);
    hwv_proto_write_text(&out->text, GRAPH_NAME, "halfwave");
    for (size_t n = 0; n < hwv_graph_node_count(model->graph); n++)
        HWV_TRY(write_node(out, hwv_graph_node_at(model->graph, (hwv_id)n)));
    if (out->same[model->logits] == model->input)
        hwv_export_simple(out, "Identity", "logits", "x", NULL, "logits");
    write_value(out, GRAPH_INPUT, "x", model->input);
    write_value(out, GRAPH_OUTPUT, "logits", model->logits);
    hwv_proto_end(&out->text, begin);
    return HWV_OK;
}

static hwv_status write_model(hwv_export *out, const hwv_vocabulary *vocabulary)
{
    HWV_TRY(look(out));
    hwv_proto_write_int(&out->text, MODEL_IR, IR_VERSION);
    hwv_proto_write_text(&out->text, MODEL_PRODUCER, "halfwave");
    HWV_TRY(write_graph(out));
    size_t begin = hwv_proto_begin(&out->text, MODEL_OPSET);
    hwv_proto_write_text(&out->text, OPSET_DOMAIN, "");
    hwv_proto_write_int(&out->text, OPSET_VERSION, OPSET);
    hwv_proto_end(&out->text, begin);
    if (vocabulary && vocabulary->size > 0)
        hwv_export_vocabulary(out, vocabulary);
    if (out->text.failed)
        return hwv_fail(out->error, HWV_ERR_MEMORY, "no memory to write the model");
    if (out->text.length > SIZE_MOST)
        return hwv_fail(out->error, HWV_ERR_UNSUPPORTED, "%zu bytes, an ONNX file has at most %zu", out->text.length,
                        SIZE_MOST);
    return HWV_OK;
}

hwv_status hwv_onnx_export(const hwv_model *model, const hwv_vocabulary *vocabulary, const char *path, hwv_error *error)
{
    hwv_export out = {.model = model, .error = error};
    hwv_status status = model->of_network ? hwv_onnx_tuned(&out.text, model, error) : write_model(&out, vocabulary);
    if (status == HWV_OK)
        status = hwv_file_write(path, out.text.data, out.text.length, error);
    else
        status = hwv_fail_prefix(error, status, "%s: ", path);
    hwv_text_free(&out.text);
    hwv_free(out.uses);
    hwv_free(out.same);
    hwv_free(out.kept);
    return status;
}
