/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * conv2d: y = x * weight (cross-correlation), x [batch, height, width, channels], weight [filters, channels / groups,
 * kernel height, kernel width]. The bias is a node of its own; passes let it and the activation behind it be computed
 * here, block by block. */
#include "graph/bridge.h"
#include "graph/kind.h"
#include "graph/structure.h"
#include "linalg/batch_norm.h"
#include "linalg/conv.h"
#include "linalg/winograd.h"

#include <string.h>

enum { X, WEIGHT };
enum { NORM_WEIGHT = 1, NORM_BIAS, NORM_MEAN, NORM_VARIANCE }; /* of a batch norm that is computed here */
/* geometry: of x, and channels of y; whether by Winograd's filtering. The channels of x are the record's cols. */
enum { HEIGHT, WIDTH, FILTERS, WINOGRAD };

static hwv_conv conv_make(const hwv_node *node, size_t height, size_t width, size_t channels, size_t filters)
{
    const hwv_window *window = &node->attributes.window;
    hwv_conv conv = {
        .height = height, .width = width, .channels = channels, .filters = filters, .groups = node->attributes.groups};
    memcpy(conv.kernel, window->kernel, sizeof conv.kernel);
    memcpy(conv.stride, window->stride, sizeof conv.stride);
    memcpy(conv.pad_before, window->pad_before, sizeof conv.pad_before);
    memcpy(conv.pad_after, window->pad_after, sizeof conv.pad_after);
    return conv;
}

static hwv_conv conv_of(const hwv_node *node, const hwv_shape *x, const hwv_shape *weight)
{
    return conv_make(node, x->dim[1], x->dim[2], x->dim[3], weight->dim[0]);
}

hwv_status hwv_node_conv2d_infer(hwv_shaping *shaping)
{
    const hwv_node_attributes *attributes = &shaping->node->attributes;
    const hwv_window *window = &attributes->window;
    const hwv_shape *x = &shaping->input[X]->shape, *weight = &shaping->input[WEIGHT]->shape;
    size_t groups = attributes->groups;
    if (x->rank != 4 || weight->rank != 4 || shaping->input[X]->element != HWV_ELEMENT_F32 ||
        shaping->input[WEIGHT]->element != HWV_ELEMENT_F32 || hwv_shape_batched(weight) || groups == 0 ||
        x->dim[3] % groups != 0 || weight->dim[0] % groups != 0 || weight->dim[1] != x->dim[3] / groups ||
        weight->dim[2] != window->kernel[0] || weight->dim[3] != window->kernel[1])
        return hwv_shaping_fail(shaping, "x [batch, height, width, channels] and weight [filters, channels / groups, "
                                         "kernel height, kernel width], groups dividing both");
    if (!hwv_window_slides(window, &x->dim[1], &shaping->output[0].dim[1]))
        return hwv_shaping_fail(shaping, HWV_WINDOW_ACCEPTS);
    shaping->output[0].rank = 4;
    shaping->output[0].dim[0] = x->dim[0];
    shaping->output[0].dim[3] = weight->dim[0];
    return HWV_OK;
}

static hwv_conv record_conv(const hwv_record *record)
{
    const size_t *geometry = record->geometry;
    return conv_make(record->node, geometry[HEIGHT], geometry[WIDTH], record->cols, geometry[FILTERS]);
}

/* Of the map of a batch norm: no more than a part of the weights, so it fits. */
static size_t map_bytes(const hwv_conv *conv)
{
    return hwv_size_align(conv->filters * HWV_BATCH_NORM_MAP * sizeof(float));
}

static hwv_column_map norm_map(const hwv_record *record, float *floats)
{
    const float *const *input = record->norm_input;
    const hwv_batch_norm norm = {.channels = record->geometry[FILTERS],
                                 .epsilon = record->norm->attributes.epsilon,
                                 .weight = input[NORM_WEIGHT],
                                 .bias = input[NORM_BIAS]};
    return hwv_batch_norm_running_map(&norm, input[NORM_MEAN], input[NORM_VARIANCE], floats);
}

static void prepare(const hwv_record *record, const hwv_run *run)
{
    const hwv_conv conv = record_conv(record);
    float *floats = record->prepared;
    if (record->norm)
        (void)norm_map(record, floats);
    hwv_conv_pack_weight(&conv, run->executor, record->input[WEIGHT], floats + map_bytes(&conv) / sizeof(float));
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* A run without training may compute the batch norm behind the convolution: room for its map, in front of everything
 * else. What is prepared: the map, and packed weights. */
static void plan_norm(hwv_demand *demand, const hwv_conv *conv)
{
    const hwv_role role = hwv_graph_value(demand->graph, demand->node->input[WEIGHT])->role;
    size_t packed = hwv_conv_packed_bytes(conv);
    if (!hwv_size_add(demand->forward_workspace, map_bytes(conv), &demand->forward_workspace) ||
        !hwv_size_add(packed, map_bytes(conv), &packed))
        demand->forward_workspace = SIZE_MAX;
    else if (demand->fixed && hwv_role_kept(role)) {
        demand->prepared = packed;
        demand->prepare = prepare;
    }
}

static hwv_conv demand_conv(const hwv_demand *demand)
{
    const hwv_node *node = demand->node;
    return conv_of(node, &hwv_graph_value(demand->graph, node->input[X])->shape,
                   &hwv_graph_value(demand->graph, node->input[WEIGHT])->shape);
}

static void plan_direct(hwv_demand *demand, const hwv_conv *conv, size_t images)
{
    size_t data = 0, weight = 0;
    demand->forward_workspace = hwv_conv_forward_workspace(conv, images, demand->workers);
    if (!demand->training)
        plan_norm(demand, conv);
    if (demand->wanted & HWV_BIT(X))
        data = hwv_conv_backward_data_workspace(conv, images, demand->workers);
    if (demand->wanted & HWV_BIT(WEIGHT))
        weight = hwv_conv_backward_weight_workspace(conv, images, demand->workers);
    demand->backward_workspace = larger(data, weight);
}

static void plan_winograd(hwv_demand *demand, const hwv_conv *conv, size_t images)
{
    demand->forward_workspace = hwv_winograd_forward_workspace(conv, images, demand->workers);
    if (demand->wanted)
        demand->backward_workspace = hwv_winograd_backward_workspace(conv, images, demand->workers);
}

static void effort_tell(hwv_demand *demand, const hwv_conv *conv, size_t images)
{
    const bool winograd = demand->geometry[WINOGRAD];
    const double flops = (double)images * (winograd ? hwv_winograd_flops(conv) : hwv_conv_flops(conv));
    const bool depthwise = conv->groups > 1 && conv->groups == conv->channels && conv->groups == conv->filters;
    const size_t gradients = (demand->wanted & HWV_BIT(X) ? 1 : 0) + (demand->wanted & HWV_BIT(WEIGHT) ? 1 : 0);
    const char *algorithm = winograd ? "winograd" : depthwise ? "depthwise" : "direct";
    demand->forward_effort = (hwv_effort){.algorithm = algorithm, .flops = flops};
    demand->backward_effort = (hwv_effort){.algorithm = algorithm, .flops = flops * (double)gradients};
}

hwv_status hwv_node_conv2d_plan(hwv_demand *demand)
{
    const hwv_conv conv = demand_conv(demand);
    const size_t images = demand->rows / (conv.height * conv.width);
    const bool winograd = demand->winograd && hwv_winograd_suits(&conv);
    demand->geometry[HEIGHT] = conv.height;
    demand->geometry[WIDTH] = conv.width;
    demand->geometry[FILTERS] = conv.filters;
    demand->geometry[WINOGRAD] = winograd;
    demand->makes_images = winograd;
    demand->finishes = true;
    if (demand->wanted & HWV_BIT(X))
        demand->backward_inputs |= HWV_BIT(WEIGHT);
    if (demand->wanted & HWV_BIT(WEIGHT)) {
        demand->backward_inputs |= HWV_BIT(X);
        demand->accumulates |= HWV_BIT(WEIGHT);
    }
    if (winograd)
        plan_winograd(demand, &conv, images);
    else
        plan_direct(demand, &conv, images);
    effort_tell(demand, &conv, images);
    if (larger(demand->backward_workspace, demand->forward_workspace) > SIZE_MAX / 2)
        return hwv_fail(demand->error, HWV_ERR_MEMORY, "%s: the convolution does not fit in memory",
                        demand->node->name);
    return HWV_OK;
}

static size_t record_images(const hwv_record *record, const hwv_run *run)
{
    return hwv_record_rows(record, run) / (record->geometry[HEIGHT] * record->geometry[WIDTH]);
}

static void finish(void *context, size_t first, size_t count)
{
    hwv_record_finish(context, first, count);
}

/* Images of input 0 and of the gradient of output 0 are read, or made by a batch norm's numbers. */
static hwv_image_reads z_reads(const hwv_bridging *b)
{
    return (hwv_image_reads){b->z, hwv_bridge_in(&b->bridge)};
}
static hwv_image_source x_source(const hwv_record *record, const hwv_bridging *before)
{
    if (!record->before)
        return (hwv_image_source){.at = record->input[X]};
    return (hwv_image_source){.make = hwv_bridging_make, .context = before, .reads = {z_reads(before)}};
}
static hwv_image_source dy_source(const hwv_record *record, const hwv_bridging *behind)
{
    if (!record->behind)
        return (hwv_image_source){.at = record->output_gradient[0]};
    return (hwv_image_source){.make = hwv_bridging_return,
                              .context = behind,
                              .reads = {z_reads(behind), {behind->d, hwv_bridge_out(&behind->bridge)}}};
}

static void winograd_forward(const hwv_record *record, const hwv_run *run, const hwv_conv *conv, hwv_conv_after after)
{
    hwv_bridging before, behind;
    if (record->before)
        before = hwv_bridging_of(record->before, run, record->input[X], NULL);
    if (record->behind) {
        behind = hwv_bridging_of(record->behind, run, record->output[0], NULL);
        after.finish = hwv_bridging_measure;
        after.context = &behind;
    }
    const hwv_image_source x = x_source(record, &before);
    hwv_winograd_forward(conv, run->executor, record_images(record, run), &x, record->input[WEIGHT], &after,
                         record->output[0], run->workspace);
}

static void winograd_backward(const hwv_record *record, const hwv_run *run, const hwv_conv *conv)
{
    hwv_bridging before, behind;
    hwv_winograd_gradients gradients = {.dweight = record->input_gradient[WEIGHT],
                                        .accumulate = hwv_record_add(record, run, WEIGHT),
                                        .dx = record->input_gradient[X]};
    if (record->behind)
        behind = hwv_bridging_of(record->behind, run, record->output[0], record->output_gradient[0]);
    if (record->before) {
        before = hwv_bridging_of(record->before, run, record->input[X], gradients.dx);
        gradients.finish = hwv_bridging_sum;
        gradients.context = &before;
        gradients.reads = z_reads(&before);
    }
    const hwv_image_source x = x_source(record, &before), dy = dy_source(record, &behind);
    hwv_winograd_backward(conv, run->executor, record_images(record, run), &x, &dy, record->input[WEIGHT], &gradients,
                          run->workspace);
}

void hwv_node_conv2d_forward(const hwv_record *record, const hwv_run *run)
{
    hwv_conv conv = record_conv(record);
    hwv_record seen = *record; /* the callback's context is not const */
    hwv_conv_after after = {.bias = hwv_record_adds_bias(record) ? record->bias : NULL,
                            .finish = record->act ? finish : NULL,
                            .context = &seen};
    if (record->geometry[WINOGRAD]) {
        winograd_forward(record, run, &conv, after);
        return;
    }
    float *floats = run->workspace;
    const float *packed = NULL;
    if (record->prepared) {
        floats = record->prepared;
        packed = floats + map_bytes(&conv) / sizeof(float);
        if (record->norm)
            after.map = (hwv_column_map){floats, floats + conv.filters, floats + 2 * conv.filters};
    } else if (record->norm) {
        after.map = norm_map(record, floats);
    }
    hwv_conv_forward_then(&conv, run->executor, record_images(record, run), record->input[X], record->input[WEIGHT],
                          packed, &after, record->output[0],
                          (float *)run->workspace + (run->training ? 0 : map_bytes(&conv) / sizeof(float)));
}

/* What lies between the taps of a dilated filter is no weight. */
static void clear_between(const hwv_conv *conv, const size_t dilation[2], float *gradient)
{
    size_t planes = conv->filters * (conv->channels / conv->groups), height = conv->kernel[0], width = conv->kernel[1];
    if (dilation[0] <= 1 && dilation[1] <= 1)
        return;
    for (size_t p = 0; p < planes * height; p++)
        for (size_t k = 0; k < width; k++)
            if ((dilation[0] > 1 && p % height % dilation[0] != 0) || (dilation[1] > 1 && k % dilation[1] != 0))
                gradient[p * width + k] = 0;
}

void hwv_node_conv2d_backward(const hwv_record *record, const hwv_run *run)
{
    hwv_conv conv = record_conv(record);
    size_t images = record_images(record, run);
    const float *dy = record->output_gradient[0];
    float *dweight = record->input_gradient[WEIGHT];
    if (record->geometry[WINOGRAD]) {
        winograd_backward(record, run, &conv);
    } else if (dweight) {
        hwv_conv_backward_weight(&conv, run->executor, images, record->input[X], dy, dweight,
                                 hwv_record_add(record, run, WEIGHT), run->workspace);
    }
    if (dweight)
        clear_between(&conv, record->node->attributes.dilation, dweight);
    if (record->input_gradient[X] && !record->geometry[WINOGRAD])
        hwv_conv_backward_data(&conv, run->executor, images, dy, record->input[WEIGHT], record->input_gradient[X],
                               run->workspace);
}

void hwv_node_conv2d_reference(const hwv_reference *reference)
{
    hwv_conv conv = conv_of(reference->node, reference->shape[X], reference->shape[WEIGHT]);
    hwv_conv_forward_reference(&conv, reference->shape[X]->dim[0], reference->input[X], reference->input[WEIGHT], NULL,
                               reference->output[0]);
}

/* Same padding; a stride with pads that differ; groups, and a kernel that is not square; what Winograd's filtering suits. */
hwv_status hwv_node_conv2d_example(hwv_example *example)
{
    static const struct {
        size_t images, height, width, channels, filters, groups;
        hwv_window window;
    } shapes[] = {
        {2, 5, 4, 2, 3, 1, {{3, 3}, {1, 1}, {1, 1}, {1, 1}}},
        {2, 5, 6, 3, 2, 1, {{3, 3}, {2, 2}, {1, 0}, {0, 1}}},
        {2, 4, 5, 4, 6, 2, {{2, 3}, {1, 2}, {0, 0}, {0, 0}}},
        {1, 6, 5, 16, 16, 1, {{3, 3}, {1, 1}, {1, 0}, {0, 0}}},
    };
    size_t v = example->variant, depth = shapes[v].channels / shapes[v].groups;
    const size_t *kernel = shapes[v].window.kernel;
    hwv_node_attributes attributes = {.window = shapes[v].window, .groups = shapes[v].groups};
    hwv_shape x = {.rank = 4, .dim = {shapes[v].images, shapes[v].height, shapes[v].width, shapes[v].channels}};
    hwv_shape weight = {.rank = 4, .dim = {shapes[v].filters, depth, kernel[0], kernel[1]}};
    hwv_id x_id, weight_id;
    size_t y[2];
    example->variants = sizeof shapes / sizeof shapes[0];
    if (!hwv_window_slides(&shapes[v].window, &x.dim[1], y))
        return hwv_fail(example->error, HWV_ERR_INTERNAL, "conv2d: an example that its window does not fit");
    example->sums = depth * kernel[0] * kernel[1] + shapes[v].images * y[0] * y[1];
    HWV_TRY(hwv_example_parameter_shaped(example, "x", &x, &x_id));
    HWV_TRY(hwv_example_parameter_shaped(example, "weight", &weight, &weight_id));
    return hwv_example_node(example, HWV_NODE_CONV2D, "conv", &attributes, x_id, weight_id);
}
