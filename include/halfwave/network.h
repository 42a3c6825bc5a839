/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A network: a graph with its weights, the names and shapes of what goes in and comes out, and its activation layers.
 * A model that was trained here and one that was read from an ONNX file become the same thing. */
#ifndef HALFWAVE_NETWORK_H
#define HALFWAVE_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/graph.h"
#include "halfwave/model.h"

HWV_BEGIN

/* Something that goes in or comes out, in the order of elements that the file declares (images channels first), whatever
 * the graph does inside. */
typedef struct hwv_port {
    char *name;      /* of any length */
    hwv_id value;    /* HWV_NO_ID: depends on a node that is not supported */
    hwv_shape shape; /* dim[0] HWV_BATCH where the network takes any number of samples at once */
} hwv_port;

/* An activation node or a gate, in the order of the graph. The last dimension of its output in the graph counts units. */
typedef struct hwv_network_layer {
    hwv_id node;
    char *name;     /* the file's name of the node, else of its output; of any length */
    const char *op; /* ONNX's operator, "Relu", "HardSwish"; of a gate "reglu"; static storage */
} hwv_network_layer;

/* Owns everything. Zero-initialise; free with hwv_network_free. */
typedef struct hwv_network {
    char *name; /* "alexa_v0.1.onnx", "lenet" */
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_port *inputs, *outputs;
    size_t input_count, output_count;
    hwv_network_layer *layers;
    size_t layer_count;
    char **unsupported; /* "node 'Resize_12' (Resize): ..." of the parts that were left out */
    size_t unsupported_count;
    bool batched; /* inputs take any number of samples; else one run is one sample of the fixed first dimension */
} hwv_network;

/* A network of a model, which gives up its graph and weights and is zero afterwards: input "x", output "logits".
 * HWV_ERR_MEMORY: nothing is changed. */
HWV_API hwv_status hwv_network_of_model(hwv_network *network, hwv_model *model, const char *name, hwv_error *error);
/* A model of a network, to be trained on from the weights that it has: what its logits are computed from, with labels and a
 * loss behind them. The network gives up all it has and is zero afterwards. Its first output is [batch, classes], logits or
 * behind a softmax, which is left out; or one number a sample, the logit of class 1 against class 0, or that behind a
 * sigmoid: then the model's logits are [0, z]. In training batch norms normalise by the batch and move their running
 * statistics, and dropout drops.
 * options: the shape of samples as data has it, images channels last, where the network's one input takes them channels
 * first, or in another shape with the axes in the same order; classes of the data, at most as many as the model has;
 * smoothing. Their act is kept, and says nothing.
 * HWV_ERR_UNSUPPORTED: several inputs, one sample a run, parts that were left out, outputs that are no logits, nothing to
 * train, or a node that no gradient passes, by name; HWV_ERR_SHAPE: samples or classes that do not fit; HWV_ERR_MEMORY. On
 * failure the network is as it was and the model is zero. */
HWV_API hwv_status hwv_model_of_network(hwv_model *model, hwv_network *network, const hwv_model_options *options,
                                        hwv_error *error);
/* Accepts a zero struct. */
HWV_API void hwv_network_free(hwv_network *network);

HWV_END

#endif
