/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Products, norms, pools, activations: what they tie and close. */
#include "check/channels_ties.h"

static size_t last_axis(const hwv_ties *ties, hwv_id value)
{
    return hwv_ties_shape(ties, value)->rank - 1;
}

/* y [..., out] = x [..., in] W^T: the axes in front are the same. */
void hwv_tie_dense(hwv_ties *ties, const hwv_node *node)
{
    const hwv_id x = node->input[0], weight = node->input[1], y = node->output[0];
    const size_t last = last_axis(ties, x);
    for (size_t d = 0; d < last; d++)
        hwv_tie(ties, x, d, y, d);
    hwv_tie(ties, weight, 1, x, last);
    hwv_tie(ties, weight, 0, y, last);
}

bool hwv_conv_is_depthwise(const hwv_graph *graph, const hwv_node *node)
{
    const hwv_shape *x = &hwv_graph_value(graph, node->input[0])->shape;
    return node->attributes.groups > 1 && node->attributes.groups == x->dim[3];
}

void hwv_tie_conv2d(hwv_ties *ties, const hwv_node *node)
{
    const hwv_id x = node->input[0], weight = node->input[1], y = node->output[0];
    const size_t filters = hwv_ties_shape(ties, weight)->dim[0], groups = node->attributes.groups;
    hwv_tie(ties, x, 0, y, 0);
    for (size_t d = 1; d <= 2; d++) {
        hwv_close(ties, x, d, "convolution '%s' slides along it", node->name);
        hwv_close(ties, y, d, "convolution '%s' slides along it", node->name);
        hwv_close(ties, weight, d + 1, "it is the size of the filters of '%s'", node->name);
    }
    hwv_tie(ties, weight, 0, y, 3);
    if (groups == 1) {
        hwv_tie(ties, weight, 1, x, 3);
    } else if (hwv_conv_is_depthwise(ties->graph, node)) {
        hwv_close(ties, weight, 1, "'%s' reads each channel by itself", node->name);
        hwv_tie_block(ties, x, 3, y, 3, 1, filters / groups);
    } else {
        hwv_close(ties, weight, 1, "'%s' is a grouped convolution", node->name);
        hwv_close(ties, x, 3, "'%s' is a grouped convolution, which needs as many in each group", node->name);
        hwv_close(ties, y, 3, "'%s' is a grouped convolution, which needs as many in each group", node->name);
    }
}

static void close_values(hwv_ties *ties, const hwv_node *node, const char *what)
{
    for (size_t i = 0; i < node->input_count; i++)
        for (size_t d = 0; d < hwv_ties_shape(ties, node->input[i])->rank; d++)
            hwv_close(ties, node->input[i], d, "%s '%s' reads it", what, node->name);
    for (size_t o = 0; o < node->output_count; o++)
        for (size_t d = 0; d < hwv_ties_shape(ties, node->output[o])->rank; d++)
            hwv_close(ties, node->output[o], d, "%s '%s' computes it", what, node->name);
}

void hwv_tie_matmul(hwv_ties *ties, const hwv_node *node)
{
    close_values(ties, node, "the product of computed matrices");
}

void hwv_tie_loss(hwv_ties *ties, const hwv_node *node)
{
    close_values(ties, node, "loss");
}

void hwv_tie_bias(hwv_ties *ties, const hwv_node *node)
{
    hwv_tie_all(ties, node->input[0], node->output[0]);
    hwv_tie(ties, node->input[1], 0, node->output[0], last_axis(ties, node->output[0]));
}

void hwv_tie_batch_norm(hwv_ties *ties, const hwv_node *node)
{
    hwv_tie_all(ties, node->input[0], node->output[0]);
    for (size_t i = 1; i < node->input_count; i++)
        hwv_tie(ties, node->input[i], 0, node->output[0], last_axis(ties, node->output[0]));
}

/* A slope for each unit, or one for all. */
void hwv_tie_activation(hwv_ties *ties, const hwv_node *node)
{
    const hwv_id y = node->output[0];
    hwv_tie_all(ties, node->input[0], y);
    if (node->input_count > 1 && hwv_ties_shape(ties, node->input[1])->dim[0] > 1)
        hwv_tie(ties, node->input[1], 0, y, last_axis(ties, y));
}

void hwv_tie_pool(hwv_ties *ties, const hwv_node *node)
{
    const hwv_id x = node->input[0], y = node->output[0];
    hwv_tie(ties, x, 0, y, 0);
    hwv_tie(ties, x, 3, y, 3);
    for (size_t d = 1; d <= 2; d++) {
        hwv_close(ties, x, d, "pool '%s' slides along it", node->name);
        hwv_close(ties, y, d, "pool '%s' slides along it", node->name);
    }
}

void hwv_tie_global_pool(hwv_ties *ties, const hwv_node *node)
{
    const hwv_id x = node->input[0], y = node->output[0];
    hwv_tie(ties, x, 0, y, 0);
    hwv_tie(ties, x, 3, y, 1);
    for (size_t d = 1; d <= 2; d++)
        hwv_close(ties, x, d, "pool '%s' takes the mean over it", node->name);
}

/* Axes from attributes.axis on are normalised together, the ones in front stay. */
static void normalised(hwv_ties *ties, const hwv_node *node, const char *what)
{
    const hwv_id x = node->input[0], y = node->output[0];
    hwv_tie_all(ties, x, y);
    for (size_t d = node->attributes.axis; d < hwv_ties_shape(ties, x)->rank; d++)
        hwv_close(ties, x, d, "a %s over its channels needs them all: '%s'", what, node->name);
}

void hwv_tie_layer_norm(hwv_ties *ties, const hwv_node *node)
{
    normalised(ties, node, "layer norm");
    for (size_t i = 1; i < node->input_count; i++)
        hwv_close_all(ties, node->input[i], "a layer norm over its channels needs them all");
}

void hwv_tie_softmax(hwv_ties *ties, const hwv_node *node)
{
    normalised(ties, node, "softmax");
}
