/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Parameters and state in one block, every array on a cache line of its own. */
#include "graph/structure.h"

#include <string.h>

/* Offsets of all arrays; HWV_ERR_MEMORY when the sum does not fit. */
static hwv_status offsets_fill(hwv_weights *weights, const hwv_graph *graph, hwv_error *error)
{
    size_t bytes = 0;
    for (size_t i = 0; i < graph->value_count; i++) {
        const hwv_value *value = &graph->values[i];
        size_t elements, array;
        weights->offset[i] = SIZE_MAX;
        if (!hwv_role_kept(value->role))
            continue;
        if (!hwv_shape_elements(&value->shape, 1, &elements) || !hwv_size_mul(elements, sizeof(float), &array))
            return hwv_fail(error, HWV_ERR_MEMORY, "the weights do not fit in memory (%s)", value->name);
        weights->offset[i] = bytes / sizeof(float);
        array = hwv_size_align(array);
        if (!hwv_size_add(bytes, array, &bytes) || bytes > SIZE_MAX / 4)
            return hwv_fail(error, HWV_ERR_MEMORY, "the weights do not fit in memory (%s)", value->name);
    }
    weights->elements = bytes / sizeof(float);
    return HWV_OK;
}

hwv_status hwv_weights_create(hwv_weights **out, const hwv_graph *graph, hwv_error *error)
{
    *out = NULL;
    hwv_weights *weights = hwv_calloc(1, sizeof *weights);
    if (weights == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for weights");
    weights->graph = graph;
    weights->value_count = graph->value_count;
    weights->offset = hwv_calloc(graph->value_count, sizeof *weights->offset);
    hwv_status status = weights->offset ? offsets_fill(weights, graph, error)
                                        : hwv_fail(error, HWV_ERR_MEMORY, "no memory for weights");
    if (status == HWV_OK)
        status = hwv_arena_init(&weights->arena, weights->elements * sizeof(float), error);
    if (status != HWV_OK) {
        hwv_weights_destroy(weights);
        return status;
    }
    weights->block = hwv_arena_take(&weights->arena, weights->elements * sizeof(float));
    *out = weights;
    return HWV_OK;
}

void hwv_weights_destroy(hwv_weights *weights)
{
    if (weights == NULL)
        return;
    hwv_arena_free(&weights->arena);
    hwv_free(weights->offset);
    hwv_free(weights);
}

size_t hwv_weights_offset(const hwv_weights *weights, hwv_id value)
{
    return value < weights->value_count ? weights->offset[value] : SIZE_MAX;
}

size_t hwv_weights_elements(const hwv_weights *weights, hwv_id value)
{
    size_t elements = 0; /* what fitted when the block was made fits now */
    if (hwv_weights_offset(weights, value) != SIZE_MAX)
        (void)hwv_shape_elements(&weights->graph->values[value].shape, 1, &elements);
    return elements;
}

float *hwv_weights_data(hwv_weights *weights, hwv_id value)
{
    size_t offset = hwv_weights_offset(weights, value);
    return offset == SIZE_MAX ? NULL : weights->block + offset;
}

float *hwv_weights_block(hwv_weights *weights, size_t *elements)
{
    *elements = weights->elements;
    return weights->block;
}
