/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * transpose: axis i of y is axis attributes.order[i] of x; floats or integers. The batch stays the first. */
#include "graph/elementwise.h"
#include "graph/structure.h"

hwv_status hwv_node_transpose_infer(hwv_shaping *shaping)
{
    const hwv_shape *x = &shaping->input[0]->shape;
    const size_t *order = shaping->node->attributes.order;
    hwv_shape *y = &shaping->output[0];
    unsigned seen = 0;
    for (size_t i = 0; i < x->rank; i++) {
        if (order[i] >= x->rank || (seen >> order[i] & 1))
            return hwv_shaping_fail(shaping, "every axis once");
        seen |= 1u << order[i];
        y->dim[i] = x->dim[order[i]];
    }
    y->rank = x->rank;
    if (hwv_shape_batched(x) && order[0] != 0)
        return hwv_shaping_fail(shaping, "an order that leaves the batch the first axis");
    shaping->element[0] = shaping->input[0]->element;
    return HWV_OK;
}

hwv_status hwv_node_transpose_plan(hwv_demand *demand)
{
    (void)demand;
    return HWV_OK;
}

/* to[i...] = from[i... permuted]; strides of `from` for the axes of `to`. */
typedef struct job {
    const uint32_t *from;
    uint32_t *to;
    size_t rank;
    size_t dim[HWV_MAX_RANK], step[HWV_MAX_RANK];
} job;

static job job_make(const void *from, void *to, const hwv_shape *to_shape, const size_t *order)
{
    job j = {.from = from, .to = to, .rank = to_shape->rank};
    size_t stride[HWV_MAX_RANK], next = 1;
    for (size_t i = j.rank; i-- > 0;)
        for (size_t k = 0; k < j.rank; k++)
            if (order[k] == i) {
                stride[i] = next;
                next *= to_shape->dim[k];
                j.step[k] = stride[i];
                j.dim[k] = to_shape->dim[k];
            }
    return j;
}

/* Rows of the last axis of `to`. */
static void move_rows(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    const size_t last = j->rank - 1, n = j->dim[last], step = j->step[last];
    size_t index[HWV_MAX_RANK] = {0}, at = 0, rest = first;
    for (size_t i = last; i-- > 0;) {
        index[i] = rest % j->dim[i];
        rest /= j->dim[i];
        at += index[i] * j->step[i];
    }
    uint32_t *to = j->to + first * n;
    for (size_t r = 0; r < rows; r++, to += n) {
        const uint32_t *from = j->from + at;
        if (step == 1)
            memcpy(to, from, n * sizeof *to);
        else
            for (size_t i = 0; i < n; i++)
                to[i] = from[i * step];
        for (size_t i = last; i-- > 0;) {
            at += j->step[i];
            if (++index[i] < j->dim[i])
                break;
            at -= j->dim[i] * j->step[i];
            index[i] = 0;
        }
    }
}

static void move(const hwv_run *run, const void *from, void *to, const hwv_shape *to_shape, const size_t *order)
{
    job j = job_make(from, to, to_shape, order);
    size_t rows = 1;
    for (size_t i = 0; i + 1 < j.rank; i++)
        rows *= j.dim[i];
    hwv_rows_run(run->executor, rows, j.dim[j.rank - 1], move_rows, &j);
}

void hwv_node_transpose_forward(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape y = hwv_record_output_shape(record, run, 0);
    move(run, record->input[0], record->output[0], &y, record->node->attributes.order);
}

void hwv_node_transpose_backward(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape x = hwv_record_input_shape(record, run, 0);
    const size_t *order = record->node->attributes.order;
    size_t back[HWV_MAX_RANK] = {0};
    for (size_t i = 0; i < x.rank; i++)
        back[order[i]] = i;
    move(run, record->output_gradient[0], record->input_gradient[0], &x, back);
}

void hwv_node_transpose_reference(const hwv_reference *reference)
{
    const hwv_shape *x = reference->shape[0];
    const size_t *order = reference->node->attributes.order;
    for (size_t i = 0; i < reference->elements[0]; i++) {
        size_t index[HWV_MAX_RANK], rest = i, at = 0;
        for (size_t d = x->rank; d-- > 0;) {
            index[d] = rest % x->dim[d];
            rest /= x->dim[d];
        }
        for (size_t d = 0; d < x->rank; d++)
            at = at * x->dim[order[d]] + index[order[d]];
        reference->output[0][at] = reference->input[0][i];
    }
}

hwv_status hwv_node_transpose_example(hwv_example *example)
{
    static const size_t orders[][3] = {{1, 0, 2}, {0, 2, 1}, {2, 0, 1}};
    hwv_node_attributes attributes = {0};
    hwv_id x;
    example->variants = sizeof orders / sizeof orders[0];
    example->sums = 1;
    memcpy(attributes.order, orders[example->variant], sizeof orders[0]);
    HWV_TRY(hwv_example_parameter(example, "x", 2, 3, 4, &x));
    return hwv_example_node(example, HWV_NODE_TRANSPOSE, "moved", &attributes, x, HWV_NO_ID);
}
