/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Windows: auto_pad, dilations, ceil_mode, one dimension as two. */
#include "onnx/import_window.h"

#include "onnx/import_state.h"

#include <string.h>

/* `count` sizes of an attribute, `absent` each where it is not there. */
static hwv_status sizes(hwv_import *import, const char *name, size_t count, size_t absent, size_t into[2])
{
    const int64_t *ints;
    size_t given;
    HWV_TRY(hwv_import_int_list(import, name, &ints, &given));
    for (size_t d = 0; d < 2; d++)
        into[d] = d < count ? absent : 1;
    if (given == 0)
        return HWV_OK;
    if (given != count)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%s has %zu numbers for %zu dimensions", name, given, count);
    for (size_t d = 0; d < count; d++)
        HWV_TRY(hwv_import_size(import, name, ints[d], &into[d]));
    return HWV_OK;
}

static hwv_status pads_given(hwv_import *import, size_t count, hwv_window *window)
{
    const int64_t *pads;
    size_t given;
    HWV_TRY(hwv_import_int_list(import, "pads", &pads, &given));
    if (given == 0)
        return HWV_OK;
    if (given != 2 * count)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "pads has %zu numbers for %zu dimensions", given, count);
    for (size_t d = 0; d < 2 * count; d++) {
        if (pads[d] < 0 || pads[d] > INT32_MAX)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "a pad of %lld; 0 or more is supported",
                                   (long long)pads[d]);
        size_t *pad = d < count ? window->pad_before : window->pad_after;
        pad[d % count] = (size_t)pads[d];
    }
    return HWV_OK;
}

/* SAME: as many outputs as ceil(size / stride). */
static void pads_same(hwv_import_window *w, bool upper)
{
    for (size_t d = 0; d < 2; d++) {
        size_t stride = w->window.stride[d], outputs = (w->size[d] - 1) / stride + 1;
        size_t reach = (outputs - 1) * stride + w->window.kernel[d];
        size_t total = reach > w->size[d] ? reach - w->size[d] : 0;
        w->window.pad_before[d] = upper ? total / 2 : total - total / 2;
        w->window.pad_after[d] = total - w->window.pad_before[d];
    }
}

static hwv_status pads_make(hwv_import *import, size_t count, hwv_import_window *w)
{
    const char *automatic;
    HWV_TRY(hwv_import_string(import, "auto_pad", "NOTSET", &automatic));
    if (strcmp(automatic, "SAME_UPPER") == 0 || strcmp(automatic, "SAME_LOWER") == 0)
        pads_same(w, automatic[5] == 'U');
    else if (strcmp(automatic, "NOTSET") == 0 || automatic[0] == '\0')
        return pads_given(import, count, &w->window);
    else if (strcmp(automatic, "VALID") != 0)
        return hwv_import_fail(import, HWV_ERR_FORMAT,
                               "auto_pad is '%.40s'; NOTSET, SAME_UPPER, SAME_LOWER and VALID are "
                               "accepted",
                               automatic);
    return HWV_OK;
}

/* The number of outputs; with ceil_mode the pads behind grow so that the last window fits, as long as it begins inside
 * the image or the pad before it. */
static hwv_status outputs_make(hwv_import *import, bool ceil_mode, hwv_import_window *w)
{
    for (size_t d = 0; d < 2; d++) {
        hwv_window *window = &w->window;
        size_t padded = w->size[d] + window->pad_before[d] + window->pad_after[d];
        if (padded < window->kernel[d])
            return hwv_import_fail(import, HWV_ERR_FORMAT, "a kernel of %zu on a padded size of %zu", window->kernel[d],
                                   padded);
        size_t span = padded - window->kernel[d], stride = window->stride[d];
        w->output[d] = span / stride + 1;
        if (!ceil_mode || span % stride == 0 || w->output[d] * stride >= w->size[d] + window->pad_before[d])
            continue;
        window->pad_after[d] += w->output[d] * stride + window->kernel[d] - padded;
        w->output[d]++;
    }
    return HWV_OK;
}

hwv_status hwv_import_window_read(hwv_import *import, const int64_t *kernel, size_t kernel_count,
                                  hwv_import_window *window)
{
    hwv_import_window w = {.window = {.kernel = {1, 1}}};
    const int64_t *given;
    size_t given_count;
    int64_t ceil_mode;
    HWV_TRY(hwv_import_need_float(import, 0));
    const hwv_shape *x = &import->in[0]->shape;
    if (x->rank != 3 && x->rank != 4)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                               "images of %zu dimensions; [batch, channels, length] and "
                               "[batch, channels, height, width] are supported",
                               x->rank);
    size_t count = x->rank - 2;
    w.flat = count == 1;
    HWV_TRY(hwv_import_int_list(import, "kernel_shape", &given, &given_count));
    if (given_count == 0) {
        given = kernel;
        given_count = kernel_count;
    }
    if (given_count != count)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "kernel_shape has %zu numbers for %zu dimensions", given_count,
                               count);
    if (kernel_count == count && memcmp(given, kernel, count * sizeof *kernel) != 0)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "kernel_shape is not that of its weight");
    HWV_TRY(sizes(import, "strides", count, 1, w.window.stride));
    HWV_TRY(sizes(import, "dilations", count, 1, w.dilation));
    for (size_t d = 0; d < 2; d++) {
        w.kernel[d] = 1;
        w.size[d] = d < count ? x->dim[2 + d] : 1;
        if (d < count)
            HWV_TRY(hwv_import_size(import, "kernel_shape", given[d], &w.kernel[d]));
        if (!hwv_size_mul(w.kernel[d] - 1, w.dilation[d], &w.window.kernel[d]) || w.window.kernel[d] >= INT32_MAX ||
            w.window.stride[d] > INT32_MAX || w.size[d] > INT32_MAX)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "a window larger than is supported");
        w.window.kernel[d]++;
    }
    HWV_TRY(pads_make(import, count, &w));
    HWV_TRY(hwv_import_int(import, "ceil_mode", 0, &ceil_mode));
    HWV_TRY(outputs_make(import, ceil_mode != 0, &w));
    *window = w;
    return HWV_OK;
}

hwv_status hwv_import_images(hwv_import *import, hwv_id *x)
{
    HWV_TRY(hwv_import_last(import, 0, x));
    hwv_shape shape = hwv_import_shape(import, *x);
    if (shape.rank == 4)
        return HWV_OK;
    return hwv_import_reshape(import, *x, &(hwv_shape){.rank = 4, .dim = {shape.dim[0], shape.dim[1], 1, shape.dim[2]}},
                              x);
}

hwv_status hwv_import_images_result(hwv_import *import, hwv_id y)
{
    if (import->in[0]->shape.rank == 3) {
        hwv_shape made = hwv_import_shape(import, y);
        HWV_TRY(
            hwv_import_reshape(import, y, &(hwv_shape){.rank = 3, .dim = {made.dim[0], made.dim[1], made.dim[3]}}, &y));
    }
    return hwv_import_result(import, 0, y, import->in[0]->type, NULL, true);
}

hwv_status hwv_import_window_pad(hwv_import *import, hwv_import_window *window, float fill, hwv_id *x)
{
    hwv_window *w = &window->window;
    hwv_node_attributes attributes = {.pad_mode = HWV_PAD_CONSTANT, .fill = fill};
    for (size_t d = 0; d < 2; d++) {
        attributes.before[1 + d] = w->pad_before[d];
        attributes.after[1 + d] = w->pad_after[d];
        w->pad_before[d] = w->pad_after[d] = 0;
    }
    return hwv_import_node(import, HWV_NODE_PAD, "padded", &attributes, &(hwv_id){*x}, 1, x);
}
