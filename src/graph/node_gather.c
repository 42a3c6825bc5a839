/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * gather: y = the slices of x along attributes.axis that the indices name; x of floats or integers. The shape of the
 * indices takes the place of the axis. A negative index counts from the end; one outside names the nearest that there
 * is, so that nothing beyond x is read. Also what an embedding is: x its table. */
#include "graph/move.h"

#include <string.h>

#include "linalg/blocks.h"
#include "linalg/vector.h"

enum { X, INDICES };

#define ACCEPTS                                                                                                        \
    "x, indices of integers, an axis of x that is not the batch; the batch in front, y of 6 dimensions at most"

hwv_status hwv_node_gather_infer(hwv_shaping *shaping)
{
    const hwv_shape *x = &shaping->input[X]->shape, *indices = &shaping->input[INDICES]->shape;
    const size_t axis = shaping->node->attributes.axis;
    hwv_shape y = {0};
    if (shaping->input[INDICES]->element != HWV_ELEMENT_I32 || axis >= x->rank || x->dim[axis] == HWV_BATCH ||
        x->rank - 1 + indices->rank > HWV_MAX_RANK || (axis > 0 && hwv_shape_batched(indices)))
        return hwv_shaping_fail(shaping, ACCEPTS);
    for (size_t i = 0; i < axis; i++)
        y.dim[y.rank++] = x->dim[i];
    for (size_t i = 0; i < indices->rank; i++)
        y.dim[y.rank++] = indices->dim[i];
    for (size_t i = axis + 1; i < x->rank; i++)
        y.dim[y.rank++] = x->dim[i];
    shaping->output[0] = y;
    shaping->element[0] = shaping->input[X]->element;
    return HWV_OK;
}

hwv_status hwv_node_gather_plan(hwv_demand *demand)
{
    if (demand->wanted & HWV_BIT(X))
        demand->backward_inputs = HWV_BIT(INDICES);
    return HWV_OK;
}

/* x [outer, n, inner], y [outer, count, inner]. */
typedef struct job {
    const hwv_record *record;
    const int32_t *index;
    size_t outer, n, inner, count;
} job;

static job job_make(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape x = hwv_record_input_shape(record, run, X), indices = hwv_record_input_shape(record, run, INDICES);
    const size_t axis = record->node->attributes.axis;
    job j = {.record = record, .index = record->input[INDICES], .outer = 1, .n = x.dim[axis], .inner = 1, .count = 1};
    for (size_t d = 0; d < axis; d++)
        j.outer *= x.dim[d];
    for (size_t d = axis + 1; d < x.rank; d++)
        j.inner *= x.dim[d];
    for (size_t d = 0; d < indices.rank; d++)
        j.count *= indices.dim[d];
    return j;
}

static size_t slice_of(const job *j, size_t i)
{
    const int64_t n = (int64_t)j->n, given = j->index[i], at = given < 0 ? given + n : given;
    return at < 0 ? 0 : at < n ? (size_t)at : j->n - 1;
}

static void forward_rows(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    const uint32_t *x = j->record->input[X];
    uint32_t *y = j->record->output[0];
    for (size_t r = first; r < first + rows; r++)
        memcpy(y + r * j->inner, x + (r / j->count * j->n + slice_of(j, r % j->count)) * j->inner,
               j->inner * sizeof *y);
}

void hwv_node_gather_forward(const hwv_record *record, const hwv_run *run)
{
    const job j = job_make(record, run);
    hwv_rows_run(run->executor, j.outer * j.count, j.inner, forward_rows, &j);
}

static void clear_rows(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    memset(j->record->input_gradient[X] + first * j->inner, 0, rows * j->inner * sizeof(float));
}

/* Columns of a slice that are one task's. */
#define COLUMNS ((size_t)32)
/* Fewer sums than these are not worth waking a thread for. */
#define FEW ((size_t)65536)

/* Stripes of columns of dx, counted through all of `outer`; the rows of dy are added in their order. Each stripe looks at
 * the indices once, however many slices x has. */
static void backward_stripes(const void *context, size_t first, size_t stripes)
{
    const job *j = context;
    const size_t each = hwv_block_count(j->inner, COLUMNS);
    for (size_t s = first; s < first + stripes; s++) {
        const size_t o = s / each, at = s % each * COLUMNS, left = j->inner - at;
        float *dx = j->record->input_gradient[X] + o * j->n * j->inner + at;
        const float *dy = j->record->output_gradient[0] + o * j->count * j->inner + at;
        for (size_t i = 0; i < j->count; i++)
            hwv_add(left < COLUMNS ? left : COLUMNS, dx + slice_of(j, i) * j->inner, dy + i * j->inner);
    }
}

void hwv_node_gather_backward(const hwv_record *record, const hwv_run *run)
{
    const job j = job_make(record, run);
    const bool few = j.outer * j.count * j.inner < FEW;
    if (!record->input_gradient[X])
        return;
    hwv_rows_run(run->executor, j.outer * j.n, j.inner, clear_rows, &j);
    hwv_blocks_run(few ? NULL : run->executor, j.outer * hwv_block_count(j.inner, COLUMNS), 1, backward_stripes, &j);
}

void hwv_node_gather_reference(const hwv_reference *reference)
{
    const hwv_shape *x = reference->shape[X];
    const size_t axis = reference->node->attributes.axis;
    const double n = (double)x->dim[axis];
    size_t inner = 1, outer = 1;
    double *to = reference->output[0];
    for (size_t d = 0; d < axis; d++)
        outer *= x->dim[d];
    for (size_t d = axis + 1; d < x->rank; d++)
        inner *= x->dim[d];
    for (size_t o = 0; o < outer; o++)
        for (size_t i = 0; i < reference->elements[INDICES]; i++)
            for (size_t k = 0; k < inner; k++) {
                double at = reference->input[INDICES][i];
                at = at < 0 ? at + n : at;
                at = at < 0 ? 0 : at < n ? at : n - 1;
                *to++ = reference->input[X][(o * x->dim[axis] + (size_t)at) * inner + k];
            }
}

/* The middle axis, and a table by a matrix of indices. */
hwv_status hwv_node_gather_example(hwv_example *example)
{
    static const hwv_shape tables[] = {{3, {2, 4, 3}}, {2, {5, 3}}}, indices[] = {{1, {3}}, {2, {2, 4}}};
    const size_t v = example->variant;
    const hwv_node_attributes attributes = {.axis = v == 0};
    hwv_id x, index;
    example->variants = sizeof tables / sizeof tables[0];
    example->sums = 8;
    example->integers = 4;
    HWV_TRY(hwv_example_parameter_shaped(example, "x", &tables[v], &x));
    HWV_TRY(hwv_graph_input(example->graph, "index", HWV_ELEMENT_I32, &indices[v], &index, example->error));
    return hwv_example_node(example, HWV_NODE_GATHER, "picked", &attributes, x, index);
}
