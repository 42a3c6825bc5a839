/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Layers on images [height, width, channels]: convolution, pooling, batch norm (on any data), dropout. */
#include "model/builder.h"

#include <stdio.h>
#include <string.h>

/* PyTorch's defaults. */
#define BN_EPSILON  1e-5f
#define BN_MOMENTUM 0.1f

static hwv_status images_wanted(hwv_builder *builder, size_t at, const char *layer)
{
    const hwv_shape *shape = hwv_builder_shape(builder);
    if (shape->rank == 4)
        return HWV_OK;
    return hwv_builder_fail(builder, HWV_ERR_SHAPE, at,
                            "%s works on images (height x width x channels); %zu value%s here", layer,
                            shape->dim[shape->rank - 1], shape->dim[shape->rank - 1] == 1 ? " arrives" : "s arrive");
}

/* A window of nothing yet: kernel k, stride `stride`, no pads. */
static hwv_window window_make(size_t kernel, size_t stride)
{
    return (hwv_window){.kernel = {kernel, kernel}, .stride = {stride, stride}};
}

/* Same: outputs are ceil(size / stride) long for odd kernels; of an even one the larger pad comes last. */
static void window_same(hwv_window *window)
{
    for (size_t d = 0; d < 2; d++) {
        window->pad_before[d] = (window->kernel[d] - 1) / 2;
        window->pad_after[d] = window->kernel[d] / 2;
    }
}

/* A window that does not fit is reported here, with position, not as a graph's shape. */
static hwv_status window_check(hwv_builder *builder, const hwv_window *window, size_t at)
{
    const hwv_shape *x = hwv_builder_shape(builder);
    for (size_t d = 0; d < 2; d++)
        if (x->dim[1 + d] + window->pad_before[d] + window->pad_after[d] < window->kernel[d])
            return hwv_builder_fail(builder, HWV_ERR_SHAPE, at,
                                    "a window of %zu x %zu is larger than the images that arrive here, %zu x %zu",
                                    window->kernel[0], window->kernel[1], x->dim[1], x->dim[2]);
    return HWV_OK;
}

hwv_status hwv_builder_conv(hwv_builder *builder, const hwv_window *window, size_t filters, size_t groups, bool bias)
{
    size_t channels = hwv_builder_shape(builder)->dim[3];
    hwv_node_attributes attributes = {.window = *window, .groups = groups};
    hwv_shape weight = {.rank = 4, .dim = {filters, channels / groups, window->kernel[0], window->kernel[1]}};
    hwv_shape one = {.rank = 1, .dim = {filters}};
    char name[64], product[80];
    hwv_id weight_id, bias_id;
    hwv_builder_name(builder, HWV_NODE_CONV2D, "conv", name);
    HWV_TRY(hwv_builder_parameter(builder, name, "weight", &weight, true, &weight_id));
    if (!bias)
        return hwv_builder_node(builder, HWV_NODE_CONV2D, name, &attributes, weight_id);
    snprintf(product, sizeof product, "%s.product", name);
    HWV_TRY(hwv_builder_parameter(builder, name, "bias", &one, true, &bias_id));
    HWV_TRY(hwv_builder_node(builder, HWV_NODE_CONV2D, product, &attributes, weight_id));
    return hwv_builder_node(builder, HWV_NODE_BIAS, name, NULL, bias_id);
}

/* Whether the next layer is this one. */
static bool followed_by(const hwv_builder *builder, const char *layer)
{
    const char *word;
    size_t length = hwv_builder_next_layer(builder, &word);
    return length == strlen(layer) && memcmp(word, layer, length) == 0;
}

hwv_status hwv_layer_conv(hwv_builder *builder)
{
    size_t at = builder->at, kernel, filters, stride = 1, groups = 1;
    bool valid = false, bias = true;
    HWV_TRY(hwv_builder_number(builder, "conv K C: the side of the kernel", &kernel));
    HWV_TRY(hwv_builder_size(builder, "conv K C: the number of filters", &filters));
    HWV_TRY(images_wanted(builder, at, "conv"));
    for (;;) {
        size_t word = builder->at;
        hwv_words words = hwv_builder_words(builder);
        if (hwv_builder_accept(builder, "valid"))
            valid = true;
        else if (hwv_builder_accept(builder, "nobias")) {
            builder->place->nobias = words;
            bias = false;
        } else if (hwv_builder_accept(builder, "stride"))
            HWV_TRY(hwv_builder_number(builder, "stride S", &stride));
        else if (hwv_builder_accept(builder, "groups")) {
            size_t channels = hwv_builder_shape(builder)->dim[3];
            builder->place->groups = hwv_builder_words(builder);
            HWV_TRY(hwv_builder_number(builder, "groups G", &groups));
            if (channels % groups != 0 || filters % groups != 0)
                return hwv_builder_fail(builder, HWV_ERR_SHAPE, word,
                                        "%zu groups do not divide the %zu channels that arrive here and the %zu "
                                        "filters; a common divisor is accepted",
                                        groups, channels, filters);
        } else
            break;
    }
    hwv_window window = window_make(kernel, stride);
    if (!valid)
        window_same(&window);
    HWV_TRY(window_check(builder, &window, at));
    /* The shift of a batch norm takes the place of a bias in front of it. */
    if (followed_by(builder, "bn")) {
        builder->place->nobias = (hwv_words){0};
        bias = false;
    }
    return hwv_builder_conv(builder, &window, filters, groups, bias);
}

static hwv_status parse_pool(hwv_builder *builder, hwv_node_kind kind, const char *word)
{
    size_t at = builder->at, kernel, stride, pad = 0;
    char what[48], name[64];
    snprintf(what, sizeof what, "%s K: the side of the window", word);
    HWV_TRY(hwv_builder_number(builder, what, &kernel));
    HWV_TRY(images_wanted(builder, at, word));
    stride = kernel;
    for (;;) {
        size_t option = builder->at;
        if (hwv_builder_accept(builder, "stride"))
            HWV_TRY(hwv_builder_number(builder, "stride S", &stride));
        else if (hwv_builder_accept(builder, "pad")) {
            HWV_TRY(hwv_builder_number(builder, "pad P", &pad));
            if (pad > kernel / 2)
                return hwv_builder_fail(builder, HWV_ERR_ARGUMENT, option,
                                        "a pad of %zu; at most half of the window, %zu, is accepted", pad, kernel / 2);
        } else
            break;
    }
    hwv_node_attributes attributes = {.window = window_make(kernel, stride), .count_pad = true};
    for (size_t d = 0; d < 2; d++)
        attributes.window.pad_before[d] = attributes.window.pad_after[d] = pad;
    HWV_TRY(window_check(builder, &attributes.window, at));
    hwv_builder_name(builder, kind, word, name);
    return hwv_builder_node(builder, kind, name, &attributes, HWV_NO_ID);
}

hwv_status hwv_layer_pool(hwv_builder *builder)
{
    return parse_pool(builder, HWV_NODE_MAX_POOL2D, "pool");
}

hwv_status hwv_layer_avgpool(hwv_builder *builder)
{
    return parse_pool(builder, HWV_NODE_AVG_POOL2D, "avgpool");
}

hwv_status hwv_layer_gap(hwv_builder *builder)
{
    char name[64];
    if (builder->sequence)
        return hwv_builder_sequence_mean(builder);
    HWV_TRY(images_wanted(builder, builder->at, "gap"));
    hwv_builder_name(builder, HWV_NODE_GLOBAL_AVG_POOL2D, "gap", name);
    return hwv_builder_node(builder, HWV_NODE_GLOBAL_AVG_POOL2D, name, NULL, HWV_NO_ID);
}

hwv_status hwv_builder_bn(hwv_builder *builder)
{
    const hwv_shape *shape = hwv_builder_shape(builder);
    hwv_shape one = {.rank = 1, .dim = {shape->dim[shape->rank - 1]}};
    hwv_node_attributes attributes = {.epsilon = BN_EPSILON, .momentum = BN_MOMENTUM};
    hwv_id inputs[5] = {builder->value};
    char name[64];
    hwv_builder_name(builder, HWV_NODE_BATCH_NORM, "bn", name);
    HWV_TRY(hwv_builder_parameter(builder, name, "weight", &one, true, &inputs[1]));
    HWV_TRY(hwv_builder_parameter(builder, name, "bias", &one, true, &inputs[2]));
    HWV_TRY(hwv_builder_state(builder, name, "running_mean", &one, &inputs[3]));
    HWV_TRY(hwv_builder_state(builder, name, "running_var", &one, &inputs[4]));
    return hwv_builder_node_of(builder, HWV_NODE_BATCH_NORM, name, &attributes, inputs, 5);
}

hwv_status hwv_layer_drop(hwv_builder *builder)
{
    hwv_node_attributes attributes = {0};
    char name[64];
    HWV_TRY(hwv_builder_share(builder, "drop R: the share to drop", &attributes.rate));
    hwv_builder_name(builder, HWV_NODE_DROPOUT, "drop", name);
    attributes.stream = (uint32_t)builder->layer;
    return hwv_builder_node(builder, HWV_NODE_DROPOUT, name, &attributes, HWV_NO_ID);
}
