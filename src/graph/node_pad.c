/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * pad: attributes.before and .after elements in front of and behind each axis but the batch: a constant, the mirrored
 * inside (without its edge), or the edge; floats or integers (the constant rounded to one). */
#include "graph/move.h"

#include <math.h>
#include <string.h>

#include "linalg/blocks.h"

#define ACCEPTS "pads, of the batch none, to reflect less than the size"

hwv_status hwv_node_pad_infer(hwv_shaping *shaping)
{
    const hwv_node_attributes *attributes = &shaping->node->attributes;
    const hwv_shape *x = &shaping->input[0]->shape;
    hwv_shape y = *x;
    for (size_t i = 0; i < x->rank; i++) {
        const size_t before = attributes->before[i], after = attributes->after[i];
        const bool batch = x->dim[i] == HWV_BATCH, reflects = attributes->pad_mode == HWV_PAD_REFLECT;
        if ((batch && (before || after)) || (reflects && !batch && (before >= x->dim[i] || after >= x->dim[i])))
            return hwv_shaping_fail(shaping, ACCEPTS);
        if (!batch && (!hwv_size_add(before, x->dim[i], &y.dim[i]) || !hwv_size_add(y.dim[i], after, &y.dim[i]) ||
                       y.dim[i] > PTRDIFF_MAX))
            return hwv_shaping_fail(shaping, "pads that fit in memory");
    }
    shaping->output[0] = y;
    shaping->element[0] = shaping->input[0]->element;
    return HWV_OK;
}

hwv_status hwv_node_pad_plan(hwv_demand *demand)
{
    const hwv_node_attributes *attributes = &demand->node->attributes;
    const size_t rank = hwv_graph_value(demand->graph, demand->node->input[0])->shape.rank;
    bool none = true;
    for (size_t i = 0; i < rank; i++)
        none = none && attributes->before[i] == 0 && attributes->after[i] == 0;
    if (none)
        demand->same = demand->gradient_same = HWV_BIT(0);
    return HWV_OK;
}

typedef struct job {
    const hwv_node_attributes *attributes;
    hwv_shape x, y;
    ptrdiff_t x_step[HWV_MAX_RANK], y_step[HWV_MAX_RANK];
    uint32_t fill;
    const uint32_t *from; /* forward */
    uint32_t *to;
    const float *dy; /* backward */
    float *dx;
    size_t unit, unit_rows; /* of x elements, of y rows */
} job;

static job job_make(const hwv_record *record, const hwv_run *run)
{
    job j = {.attributes = &record->node->attributes,
             .x = hwv_record_input_shape(record, run, 0),
             .y = hwv_record_output_shape(record, run, 0)};
    hwv_shape_steps(&j.x, j.x_step);
    hwv_shape_steps(&j.y, j.y_step);
    return j;
}

/* Where in an axis of x element i of that of y comes from; -1: from nowhere. */
static ptrdiff_t source(const hwv_node_attributes *attributes, size_t axis, size_t n, size_t i)
{
    const ptrdiff_t at = (ptrdiff_t)i - (ptrdiff_t)attributes->before[axis], last = (ptrdiff_t)n - 1;
    if (at >= 0 && at <= last)
        return at;
    switch (attributes->pad_mode) {
    case HWV_PAD_REFLECT:
        return at < 0 ? -at : 2 * last - at;
    case HWV_PAD_EDGE:
        return at < 0 ? 0 : last;
    default:
        return -1;
    }
}

/* Where row `number` of y (of its last axis) comes from. */
static ptrdiff_t row_source(const job *j, size_t number)
{
    ptrdiff_t at = 0;
    for (size_t d = j->y.rank - 1; d-- > 0; number /= j->y.dim[d]) {
        const ptrdiff_t i = source(j->attributes, d, j->x.dim[d], number % j->y.dim[d]);
        if (i < 0)
            return -1;
        at += i * j->x_step[d];
    }
    return at;
}

static void forward_rows(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    const size_t last = j->y.rank - 1, n = j->x.dim[last], before = j->attributes->before[last];
    for (size_t r = first; r < first + rows; r++) {
        const ptrdiff_t at = row_source(j, r);
        uint32_t *to = j->to + r * j->y.dim[last];
        const uint32_t *from = j->from + (at < 0 ? 0 : at);
        if (at >= 0)
            memcpy(to + before, from, n * sizeof *to);
        for (size_t i = 0; i < j->y.dim[last]; i++) {
            if (at >= 0 && i == before) {
                i += n - 1;
                continue;
            }
            const ptrdiff_t k = at < 0 ? -1 : source(j->attributes, last, n, i);
            to[i] = k < 0 ? j->fill : from[k];
        }
    }
}

void hwv_node_pad_forward(const hwv_record *record, const hwv_run *run)
{
    job j = job_make(record, run);
    const size_t last = j.y.rank - 1;
    size_t rows = 1;
    if (record->output[0] == record->input[0])
        return;
    for (size_t d = 0; d < last; d++)
        rows *= j.y.dim[d];
    if (hwv_graph_value(record->graph, record->node->input[0])->element == HWV_ELEMENT_I32) {
        const int32_t fill = (int32_t)lrintf(j.attributes->fill);
        memcpy(&j.fill, &fill, sizeof fill);
    } else {
        memcpy(&j.fill, &j.attributes->fill, sizeof j.fill);
    }
    j.from = record->input[0];
    j.to = record->output[0];
    hwv_rows_run(run->executor, rows, j.y.dim[last], forward_rows, &j);
}

/* Units that no pad joins: every element of dy, in order, goes to where its element came from. */
static void backward_units(const void *context, size_t first, size_t units)
{
    const job *j = context;
    const size_t last = j->y.rank - 1, n = j->x.dim[last], cols = j->y.dim[last];
    memset(j->dx + first * j->unit, 0, units * j->unit * sizeof *j->dx);
    for (size_t r = first * j->unit_rows; r < (first + units) * j->unit_rows; r++) {
        const ptrdiff_t at = row_source(j, r);
        for (size_t i = 0; at >= 0 && i < cols; i++) {
            const ptrdiff_t k = source(j->attributes, last, n, i);
            if (k >= 0)
                j->dx[at + k] += j->dy[r * cols + i];
        }
    }
}

void hwv_node_pad_backward(const hwv_record *record, const hwv_run *run)
{
    job j = job_make(record, run);
    const bool apart = j.x.rank > 1 && j.x.dim[0] == j.y.dim[0];
    const size_t units = apart ? j.x.dim[0] : 1, elements = j.x.dim[0] * (size_t)j.x_step[0];
    j.dy = record->output_gradient[0];
    j.dx = record->input_gradient[0];
    j.unit = elements / units;
    j.unit_rows = j.y.dim[0] * (size_t)j.y_step[0] / j.y.dim[j.y.rank - 1] / units;
    if (j.dx != j.dy)
        hwv_rows_run(run->executor, units, j.unit, backward_units, &j);
}

void hwv_node_pad_reference(const hwv_reference *reference)
{
    const hwv_node_attributes *attributes = &reference->node->attributes;
    const hwv_shape *x = reference->shape[0];
    const hwv_shape *y = reference->output_shape[0];
    size_t elements = 1;
    for (size_t d = 0; d < y->rank; d++)
        elements *= y->dim[d];
    for (size_t i = 0; i < elements; i++) {
        size_t index[HWV_MAX_RANK], at = 0;
        bool inside = true;
        hwv_shape_index(y, i, index);
        for (size_t d = 0; d < x->rank; d++) {
            double k = (double)index[d] - (double)attributes->before[d], most = (double)x->dim[d] - 1;
            inside = inside && k >= 0 && k <= most;
            if (attributes->pad_mode == HWV_PAD_REFLECT)
                k = most - fabs(most - fabs(k));
            k = fmin(fmax(k, 0), most);
            at = at * x->dim[d] + (size_t)k;
        }
        reference->output[0][i] =
            inside || attributes->pad_mode != HWV_PAD_CONSTANT ? reference->input[0][at] : (double)attributes->fill;
    }
}

hwv_status hwv_node_pad_example(hwv_example *example)
{
    static const hwv_node_attributes cases[] = {
        {.pad_mode = HWV_PAD_CONSTANT, .before = {1, 0, 2}, .after = {0, 1, 1}, .fill = 0.5f},
        {.pad_mode = HWV_PAD_REFLECT, .before = {0, 2, 3}, .after = {0, 1, 2}},
        {.pad_mode = HWV_PAD_EDGE, .before = {1, 0, 2}, .after = {2, 0, 4}},
    };
    hwv_id x;
    example->variants = sizeof cases / sizeof cases[0];
    example->sums = 40;
    HWV_TRY(hwv_example_parameter(example, "x", 2, 3, 4, &x));
    return hwv_example_node(example, HWV_NODE_PAD, "padded", &cases[example->variant], x, HWV_NO_ID);
}
