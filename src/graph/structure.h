/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The graph's own storage, and arithmetic on shapes. */
#ifndef HWV_GRAPH_STRUCTURE_H
#define HWV_GRAPH_STRUCTURE_H

#include "halfwave/graph.h"
#include "halfwave/text.h"

/* Owns the arrays; ids are indices. Nodes only use values that exist, so their order is topological. */
struct hwv_graph {
    hwv_value *values;
    size_t value_count, value_capacity;
    hwv_node *nodes;
    size_t node_count, node_capacity;
    hwv_id *slots;     /* a hash of the values' names: ids, HWV_NO_ID where free; ids that do not exist are skipped */
    size_t slot_count; /* a power of 2, more than twice the values */
};

/* Owns the block. offset[value] in elements, SIZE_MAX for values that are not kept here. */
struct hwv_weights {
    const hwv_graph *graph;
    hwv_arena arena;
    float *block;
    size_t elements;
    size_t *offset;
    size_t value_count;
};

/* Kept with the weights? */
static inline bool hwv_role_kept(hwv_role role)
{
    return role == HWV_ROLE_PARAMETER || role == HWV_ROLE_STATE || role == HWV_ROLE_CONSTANT;
}

/* Elements with dim[0] == HWV_BATCH replaced by batch; false on overflow. */
bool hwv_shape_elements(const hwv_shape *shape, size_t batch, size_t *elements);
bool hwv_shape_batched(const hwv_shape *shape);
bool hwv_shape_equal(const hwv_shape *a, const hwv_shape *b);
/* As a matrix [..., last dimension]: rows = *fixed + *batched * batch. A vector is one row, a vector of the
 * batch is one column. The product must fit: the shape is in a graph. */
void hwv_shape_matrix(const hwv_shape *shape, size_t *fixed_rows, size_t *batch_rows, size_t *cols);
/* "[batch, 64]" */
void hwv_shape_print(hwv_text *text, const hwv_shape *shape);

/* The array with room for one more element of `size` bytes; NULL (and the array as it was) when memory is
 * short. */
void *hwv_grow(void *array, size_t *capacity, size_t count, size_t size);

#endif
