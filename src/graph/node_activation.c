/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * activation: y = f(x), f a row of ops.def. prelu has its slopes as a second input, one for all or one a
 * column. Backward works from the mask (pass MASK) or x for piecewise rows, from y where the row allows
 * it, else from x; which of them never depends on anything that could change the result. */
#include "graph/elementwise.h"
#include "graph/kind.h"
#include "linalg/vector.h"

enum { X, SLOPE };
enum { METHOD, SLOPE_STEP }; /* geometry */
enum { FROM_X, FROM_Y, FROM_MASK, PRELU };

hwv_status hwv_node_activation_infer(hwv_shaping *shaping)
{
    const hwv_node *node = shaping->node;
    const hwv_act *act = &node->attributes.act;
    const hwv_shape *x = &shaping->input[X]->shape;
    hwv_status status = hwv_act_check(act, shaping->error);
    if (status != HWV_OK)
        return hwv_fail_prefix(shaping->error, status, "%s: ", node->name);
    if (shaping->input[X]->element != HWV_ELEMENT_F32)
        return hwv_shaping_fail(shaping, "x of floats");
    bool slopes = hwv_op_row(act->op)->claims & HWV_SLOPE_ARRAY;
    if (slopes != (node->input_count == 2))
        return hwv_shaping_fail(shaping, slopes ? "x and slope [1] or [units]" : "x alone for this operator");
    if (slopes) {
        const hwv_shape *slope = &shaping->input[SLOPE]->shape;
        if (shaping->input[SLOPE]->element != HWV_ELEMENT_F32 || slope->rank != 1 || hwv_shape_batched(slope) ||
            (slope->dim[0] != 1 && slope->dim[0] != x->dim[x->rank - 1]))
            return hwv_shaping_fail(shaping, "x [..., units] and slope [1] or [units]");
    }
    shaping->output[0] = *x;
    return HWV_OK;
}

/* Sums of slopes of the blocks of rows, and dx where nobody wants it: it is computed all the same. */
static size_t prelu_workspace(const hwv_demand *demand)
{
    size_t slopes = demand->geometry[SLOPE_STEP] ? demand->cols : 1, floats, dx = 0, bytes;
    if (!demand->training || !demand->wanted)
        return 0;
    if (!hwv_size_mul(hwv_block_count(demand->rows, hwv_sum_block(demand->cols)), slopes, &floats) ||
        (!(demand->wanted & HWV_BIT(X)) && !hwv_size_mul(demand->rows, demand->cols, &dx)) ||
        !hwv_size_add(floats, dx, &floats) || !hwv_size_mul(floats, sizeof(float), &bytes))
        return SIZE_MAX;
    return bytes;
}

hwv_status hwv_node_activation_plan(hwv_demand *demand)
{
    unsigned claims = hwv_act_claims(&demand->node->attributes.act);
    size_t method = FROM_X;
    if (demand->node->input_count == 2) {
        const hwv_value *slope = hwv_graph_value(demand->graph, demand->node->input[SLOPE]);
        method = PRELU;
        demand->geometry[SLOPE_STEP] = slope->shape.dim[0] > 1;
        demand->backward_inputs = HWV_BIT(X) | HWV_BIT(SLOPE);
        demand->accumulates = HWV_BIT(SLOPE);
        demand->backward_workspace = prelu_workspace(demand);
        if (demand->backward_workspace == SIZE_MAX)
            return hwv_fail(demand->error, HWV_ERR_MEMORY, "%s: too many rows for memory", demand->node->name);
    } else if (demand->use_mask) {
        method = FROM_MASK;
    } else if ((claims & HWV_PIECEWISE) == 0 && claims & HWV_GRADIENT_FROM_Y) {
        method = FROM_Y;
        demand->backward_outputs = HWV_BIT(0);
    } else {
        demand->backward_inputs = HWV_BIT(X);
    }
    demand->geometry[METHOD] = method;
    demand->overwrites = HWV_BIT(X);
    demand->gradient_overwrites = HWV_BIT(X);
    return HWV_OK;
}

/* A block of rows of one record; the arrays are dense. */
typedef struct block {
    const hwv_record *record;
    const hwv_act *act;
    size_t cols;
} block;

static hwv_slope_axis slope_axis(const hwv_record *record)
{
    return record->geometry[SLOPE_STEP] ? HWV_SLOPE_COLUMNS : HWV_SLOPE_SHARED;
}

static size_t slope_count(const hwv_record *record)
{
    return record->geometry[SLOPE_STEP] ? record->cols : 1;
}

static void forward_block(const void *context, size_t first, size_t rows)
{
    const block *b = context;
    const hwv_record *record = b->record;
    size_t cols = b->cols, at = first * cols;
    const float *x = (const float *)record->input[X] + at;
    float *y = (float *)record->output[0] + at;
    if (record->geometry[METHOD] == PRELU)
        hwv_prelu_forward(HWV_F32, rows, cols, y, cols, x, cols, record->input[SLOPE], slope_axis(record),
                          slope_count(record), record->mask ? record->mask + first * record->mask_stride : NULL,
                          record->mask_stride);
    else
        hwv_record_activate(record, b->act, first, rows, cols, y, x);
}

static void backward_block(const void *context, size_t first, size_t rows)
{
    const block *b = context;
    const hwv_record *record = b->record;
    size_t cols = b->cols, at = first * cols, n = rows * cols;
    const float *dy = record->output_gradient[0] + at;
    float *dx = record->input_gradient[X] + at;
    if (record->geometry[METHOD] == FROM_MASK)
        hwv_act_backward_mask(b->act, HWV_F32, rows, cols, dx, cols, dy, cols,
                              record->mask + first * record->mask_stride, record->mask_stride);
    else if (record->geometry[METHOD] == FROM_Y)
        hwv_act_backward_y(b->act, HWV_F32, 1, n, dx, n, dy, n, (const float *)record->output[0] + at, n);
    else
        hwv_act_backward(b->act, HWV_F32, 1, n, dx, n, dy, n, (const float *)record->input[X] + at, n);
}

void hwv_node_activation_forward(const hwv_record *record, const hwv_run *run)
{
    block b = {.record = record, .act = &record->node->attributes.act, .cols = record->cols};
    hwv_rows_run(run->executor, hwv_record_rows(record, run), b.cols, forward_block, &b);
}

/* prelu's backward: each block of rows sums its slopes' gradients. */
typedef struct prelu_job {
    const hwv_record *record;
    float *dx;
    size_t rows, slopes; /* of a block */
    float *sums;         /* of the blocks; NULL where the slope's gradient is not wanted */
} prelu_job;

static void prelu_block(const void *context, size_t first, size_t rows)
{
    const prelu_job *j = context;
    const hwv_record *record = j->record;
    size_t cols = record->cols, at = first * cols;
    float *sums = j->sums ? j->sums + first / j->rows * j->slopes : NULL;
    if (sums)
        memset(sums, 0, j->slopes * sizeof *sums);
    hwv_prelu_backward(HWV_F32, rows, cols, j->dx + at, cols, record->output_gradient[0] + at, cols,
                       (const float *)record->input[X] + at, cols, record->input[SLOPE], slope_axis(record), j->slopes,
                       sums);
}

static void prelu_backward(const hwv_record *record, const hwv_run *run)
{
    size_t rows = hwv_record_rows(record, run), cols = record->cols, each = hwv_sum_block(cols);
    size_t blocks = hwv_block_count(rows, each), slopes = slope_count(record);
    float *dslope = record->input_gradient[SLOPE], *sums = run->workspace;
    float *dx = record->input_gradient[X] ? record->input_gradient[X] : sums + blocks * slopes;
    prelu_job j = {.record = record, .dx = dx, .rows = each, .slopes = slopes, .sums = dslope ? sums : NULL};
    hwv_blocks_run(run->executor, rows, each, prelu_block, &j);
    if (dslope)
        hwv_column_sum(blocks, slopes, sums, slopes, hwv_record_add(record, run, SLOPE), dslope);
}

void hwv_node_activation_backward(const hwv_record *record, const hwv_run *run)
{
    block b = {.record = record, .act = &record->node->attributes.act, .cols = record->cols};
    if (record->geometry[METHOD] == PRELU)
        prelu_backward(record, run);
    else
        hwv_rows_run(run->executor, hwv_record_rows(record, run), b.cols, backward_block, &b);
}

void hwv_node_activation_reference(const hwv_reference *reference)
{
    const hwv_act *act = &reference->node->attributes.act;
    const double *slope = reference->input[SLOPE];
    for (size_t i = 0; i < reference->elements[X]; i++) {
        double x = reference->input[X][i];
        if (slope)
            reference->output[0][i] = x > 0 ? x : slope[i % reference->elements[SLOPE]] * x;
        else
            reference->output[0][i] = hwv_act_reference(act, x);
    }
}

/* The operators have a case each of their own; here one of each way to go backward. */
hwv_status hwv_node_activation_example(hwv_example *example)
{
    static const hwv_op ops[] = {HWV_OP_RELU, HWV_OP_TANH, HWV_OP_PRELU, HWV_OP_PRELU};
    hwv_node_attributes attributes = {.act = hwv_act_make(ops[example->variant])};
    hwv_id x, slope = HWV_NO_ID;
    example->variants = sizeof ops / sizeof ops[0];
    example->sums = 6;
    HWV_TRY(hwv_example_parameter(example, "x", 6, 5, 0, &x));
    if (example->variant >= 2) { /* one slope for all, one a unit */
        example->sums = 30;
        HWV_TRY(hwv_example_parameter(example, "slope", example->variant == 2 ? 1 : 5, 0, 0, &slope));
    }
    return hwv_example_node(example, HWV_NODE_ACTIVATION, "act", &attributes, x, slope);
}
