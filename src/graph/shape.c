/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Arithmetic on shapes, and the message of a shape that does not fit. */
#include "graph/kind.h"
#include "graph/structure.h"

#include <string.h>

bool hwv_shape_batched(const hwv_shape *shape)
{
    return shape->rank > 0 && shape->dim[0] == HWV_BATCH;
}

bool hwv_shape_elements(const hwv_shape *shape, size_t batch, size_t *elements)
{
    size_t product = 1;
    for (size_t i = 0; i < shape->rank; i++)
        if (!hwv_size_mul(product, shape->dim[i] == HWV_BATCH ? batch : shape->dim[i], &product))
            return false;
    *elements = product;
    return true;
}

bool hwv_shape_equal(const hwv_shape *a, const hwv_shape *b)
{
    return a->rank == b->rank && memcmp(a->dim, b->dim, a->rank * sizeof a->dim[0]) == 0;
}

void hwv_shape_matrix(const hwv_shape *shape, size_t *fixed_rows, size_t *batch_rows, size_t *cols)
{
    bool batched = hwv_shape_batched(shape);
    size_t rows = 1;
    for (size_t i = batched; i + 1 < shape->rank; i++)
        rows *= shape->dim[i];
    *cols = shape->rank > batched ? shape->dim[shape->rank - 1] : 1;
    *fixed_rows = batched ? 0 : rows;
    *batch_rows = batched ? rows : 0;
}

void hwv_shape_print(hwv_text *text, const hwv_shape *shape)
{
    hwv_text_puts(text, "[");
    for (size_t i = 0; i < shape->rank; i++) {
        hwv_text_puts(text, i ? ", " : "");
        if (shape->dim[i] == HWV_BATCH)
            hwv_text_puts(text, "batch");
        else
            hwv_text_printf(text, "%zu", shape->dim[i]);
    }
    hwv_text_puts(text, "]");
}

bool hwv_window_slides(const hwv_window *window, const size_t size[2], size_t output[2])
{
    for (size_t d = 0; d < 2; d++) {
        size_t kernel = window->kernel[d], stride = window->stride[d], padded;
        if (kernel == 0 || stride == 0 || window->pad_before[d] >= kernel || window->pad_after[d] >= kernel ||
            !hwv_size_add(size[d], window->pad_before[d] + window->pad_after[d], &padded) || padded < kernel)
            return false;
        output[d] = (padded - kernel) / stride + 1;
    }
    return true;
}

hwv_status hwv_shaping_fail(const hwv_shaping *shaping, const char *accepts)
{
    const hwv_node *node = shaping->node;
    hwv_text got = {0};
    for (size_t i = 0; i < node->input_count; i++) {
        hwv_text_printf(&got, "%s%s ", i ? ", " : "", shaping->input[i]->name);
        hwv_shape_print(&got, &shaping->input[i]->shape);
        if (shaping->input[i]->element == HWV_ELEMENT_I32)
            hwv_text_puts(&got, " of integers");
    }
    hwv_status status =
        hwv_fail(shaping->error, HWV_ERR_SHAPE, "%s (%s): got %s; accepts %s", node->name,
                 hwv_node_kind_name(node->kind), got.failed || !got.data ? "other shapes" : got.data, accepts);
    hwv_text_free(&got);
    return status;
}
