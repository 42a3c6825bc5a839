/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pooling: windows, and whole images. */
#include "graph/functions.h"
#include "onnx/import_state.h"
#include "onnx/import_window.h"

#include <math.h>

/* Pads that our pools do not take. */
static bool pads_large(const hwv_window *window)
{
    for (size_t d = 0; d < 2; d++)
        if (window->pad_before[d] >= window->kernel[d] || window->pad_after[d] >= window->kernel[d])
            return true;
    return false;
}

static hwv_status dilated(const hwv_import *import, const hwv_import_window *w)
{
    for (size_t d = 0; d < 2; d++)
        if (w->dilation[d] != 1 && w->kernel[d] > 1)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "dilated windows");
    return HWV_OK;
}

hwv_status hwv_import_max_pool(hwv_import *import)
{
    hwv_import_window w;
    hwv_node_attributes attributes = {0};
    hwv_id x, y;
    HWV_TRY(hwv_import_window_read(import, NULL, 0, &w));
    HWV_TRY(dilated(import, &w));
    HWV_TRY(hwv_import_images(import, &x));
    if (pads_large(&w.window))
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "pads as large as the kernel");
    attributes.window = w.window;
    HWV_TRY(hwv_import_node(import, HWV_NODE_MAX_POOL2D, "", &attributes, &x, 1, &y));
    return hwv_import_images_result(import, y);
}

/* With pads that count, ONNX divides by what lies on image and given pads, not by what ceil_mode added behind. */
static bool pads_uneven(const hwv_import *import, const hwv_import_window *w)
{
    const int64_t *pads;
    size_t count;
    if (hwv_import_int_list(import, "pads", &pads, &count) != HWV_OK)
        return true;
    size_t dimensions = import->in[0]->shape.rank - 2;
    for (size_t d = 0; d < dimensions; d++)
        if (w->window.pad_after[d] != (count ? (size_t)pads[dimensions + d] : 0))
            return true;
    return false;
}

hwv_status hwv_import_average_pool(hwv_import *import)
{
    hwv_import_window w;
    hwv_node_attributes attributes = {0};
    int64_t counts, ceil_mode;
    hwv_id x, y;
    HWV_TRY(hwv_import_window_read(import, NULL, 0, &w));
    HWV_TRY(dilated(import, &w));
    HWV_TRY(hwv_import_int(import, "count_include_pad", 0, &counts));
    HWV_TRY(hwv_import_int(import, "ceil_mode", 0, &ceil_mode));
    HWV_TRY(hwv_import_images(import, &x));
    if (counts != 0 && ceil_mode != 0 && pads_uneven(import, &w))
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "ceil_mode with pads that count");
    if (pads_large(&w.window)) {
        if (counts == 0)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "pads as large as the kernel");
        HWV_TRY(hwv_import_window_pad(import, &w, 0, &x));
    }
    attributes.window = w.window;
    attributes.count_pad = counts != 0;
    HWV_TRY(hwv_import_node(import, HWV_NODE_AVG_POOL2D, "", &attributes, &x, 1, &y));
    return hwv_import_images_result(import, y);
}

/* ---- whole images --------------------------------------------------------------------------------- */

static hwv_status global(hwv_import *import, int function)
{
    hwv_node_attributes attributes = {.function = function, .keep_axes = true};
    bool channels_last;
    hwv_id x, y;
    HWV_TRY(hwv_import_need_float(import, 0));
    const hwv_import_value *value = import->in[0];
    hwv_shape shape = value->shape;
    if (shape.rank < 3)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "an image of %zu dimensions", shape.rank);
    HWV_TRY(hwv_import_any(import, 0, &x, &channels_last));
    for (size_t i = 0; i + 2 < shape.rank; i++) {
        attributes.axes |= 1u << (channels_last ? 1 + i : 2 + i);
        shape.dim[2 + i] = 1;
    }
    if (function == HWV_REDUCTION_MEAN && channels_last && shape.rank == 4) {
        HWV_TRY(hwv_import_node(import, HWV_NODE_GLOBAL_AVG_POOL2D, "pooled", NULL, &x, 1, &y));
        HWV_TRY(hwv_import_reshape(import, y, &(hwv_shape){.rank = 4, .dim = {shape.dim[0], 1, 1, shape.dim[1]}}, &y));
    } else {
        HWV_TRY(hwv_import_node(import, HWV_NODE_REDUCE, "", &attributes, &x, 1, &y));
    }
    return hwv_import_result(import, 0, y, value->type, &shape, channels_last);
}

hwv_status hwv_import_global_average_pool(hwv_import *import)
{
    return global(import, HWV_REDUCTION_MEAN);
}

hwv_status hwv_import_global_max_pool(hwv_import *import)
{
    return global(import, HWV_REDUCTION_MAX);
}
