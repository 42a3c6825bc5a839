/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * ONNX: the reader, what it read as a network, and changes of that. */
#include "fuzz.h"

#include "onnx/tuned.h"
#include "onnx_walk.h"

/* As the options say; refusals are as good as networks. */
static void import(const hwv_onnx *file, hwv_onnx_import_options options)
{
    hwv_network network;
    hwv_error error;
    if (hwv_onnx_import(&network, file, &options, &error) != HWV_OK)
        return;
    fuzz_sink += network.layer_count + hwv_graph_node_count(network.graph);
    hwv_network_free(&network);
}

/* Marks and numbers here and there, which hardly ever make sense together. */
static void change_fill(hwv_change *change, const hwv_network *network, uint32_t seed)
{
    for (hwv_id v = 0; v < change->value_count; v++) {
        seed = seed * 1664525u + 1013904223u;
        const hwv_shape shape = hwv_graph_value(network->graph, v)->shape;
        const size_t axis = shape.rank ? seed >> 28 & 3 : 0;
        uint8_t *cut = seed >> 24 & 1 && axis < shape.rank ? hwv_change_cut(change, v, axis) : NULL;
        if (cut)
            cut[(seed >> 8) % shape.dim[axis]] = 1;
        float *data = (seed >> 20 & 7) == 0 ? hwv_change_data(change, v) : NULL;
        if (data)
            data[0] += 1;
    }
}

/* One tensor or one node alone has more of a chance. */
static void change_one(hwv_change *change, const hwv_network *network, uint32_t seed)
{
    hwv_error error;
    const size_t nodes = hwv_graph_node_count(network->graph);
    const hwv_id n = nodes ? (hwv_id)(seed % nodes) : HWV_NO_ID;
    const hwv_node *node = nodes ? hwv_graph_node_at(network->graph, n) : NULL;
    const hwv_op ops[] = {HWV_OP_PRELU, HWV_OP_LEAKY_RELU, HWV_OP_GELU, HWV_OP_RELU6, HWV_OP_SOFTPLUS};
    hwv_act act = hwv_act_make(ops[seed / 7 % 5]);
    if (node == NULL)
        return;
    const hwv_shape shape = hwv_graph_value(network->graph, node->output[0])->shape;
    const size_t units = shape.rank ? shape.dim[shape.rank - 1] : 1;
    if (node->kind == HWV_NODE_ACTIVATION && seed & 64)
        (void)hwv_change_act(change, n, &act, &error);
    else if (units < 4096 && node->kind == HWV_NODE_ACTIVATION)
        (void)hwv_change_norm(change, n, units, 1e-5f);
    else if (units < 4096)
        (void)hwv_change_bias(change, n, units);
}

static void change(const hwv_onnx *file, hwv_onnx_import_options options, uint32_t seed)
{
    hwv_network network;
    hwv_onnx_trace *trace;
    hwv_error error;
    options.trace = &trace;
    if (hwv_onnx_import(&network, file, &options, &error) != HWV_OK)
        return;
    for (int one = 0; one < 2; one++) {
        hwv_change wanted;
        hwv_text bytes = {0};
        if (hwv_change_create(&wanted, &network, &error) != HWV_OK)
            break;
        (one ? change_one : change_fill)(&wanted, &network, seed);
        (void)hwv_onnx_change(&bytes, file, trace, &wanted, seed & 1, &error);
        fuzz_sink += bytes.length;
        hwv_text_free(&bytes);
        hwv_change_free(&wanted);
    }
    hwv_onnx_trace_free(trace);
    hwv_network_free(&network);
}

/* As a model to be trained on, for samples of the shape that the file says, images channels last; and written again. */
static void train(const hwv_onnx *file)
{
    hwv_model_options options = {.rank = 1, .dims = {4, 1, 1}, .classes = 1};
    hwv_model model;
    hwv_text bytes = {0};
    hwv_error error;
    if (hwv_onnx_input_count(file) > 0) {
        const hwv_onnx_port port = hwv_onnx_input(file, 0);
        const size_t last = port.rank == 4 ? 1 : 0;
        options.rank = port.rank == 4 ? 3 : port.rank > 1 && port.rank < 4 ? port.rank - 1 : 1;
        for (size_t i = 0; i < options.rank && i + 1 < port.rank; i++) {
            const int64_t dim = port.dim[1 + (i + last) % options.rank];
            options.dims[i] = dim > 0 && dim < 4096 ? (size_t)dim : 3;
        }
    }
    if (hwv_onnx_model(&model, file, &options, &error) != HWV_OK)
        return;
    size_t elements;
    float *block = hwv_weights_block(model.weights, &elements);
    for (size_t i = 0; i < elements; i += 7)
        block[i] = 0.5f;
    (void)hwv_onnx_tuned(&bytes, &model, &error);
    fuzz_sink += bytes.length;
    hwv_text_free(&bytes);
    hwv_model_free(&model);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    hwv_onnx *file;
    hwv_error error;
    if (hwv_onnx_parse(&file, "fuzz", bytes, size, &error) != HWV_OK)
        return 0;
    fuzz_sink += walk_file(file);
    import(file, (hwv_onnx_import_options){.batched = true, .partial = true});
    import(file, (hwv_onnx_import_options){.plain = true});
    const uint32_t seed = (uint32_t)size * 2654435761u + (size ? bytes[size / 2] : 0);
    change(file, (hwv_onnx_import_options){.batched = true, .partial = true}, seed);
    train(file);
    hwv_onnx_close(file);
    return 0;
}
