/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * bias: y[r,i] = x[r,i] + bias[i]. The pass BIAS_ACT computes it inside the activation that follows. */
#include "graph/elementwise.h"
#include "graph/kind.h"
#include "linalg/vector.h"

enum { X, BIAS };

hwv_status hwv_node_bias_infer(hwv_shaping *shaping)
{
    const hwv_shape *x = &shaping->input[X]->shape, *bias = &shaping->input[BIAS]->shape;
    if (x->rank < 2 || bias->rank != 1 || shaping->input[X]->element != HWV_ELEMENT_F32 ||
        shaping->input[BIAS]->element != HWV_ELEMENT_F32 || hwv_shape_batched(bias) ||
        x->dim[x->rank - 1] != bias->dim[0])
        return hwv_shaping_fail(shaping, "x [..., n] and bias [n]");
    shaping->output[0] = *x;
    return HWV_OK;
}

hwv_status hwv_node_bias_plan(hwv_demand *demand)
{
    demand->overwrites = HWV_BIT(X);
    demand->gradient_same = HWV_BIT(X);
    demand->accumulates = HWV_BIT(BIAS);
    if (demand->wanted & HWV_BIT(BIAS))
        demand->backward_workspace = hwv_column_sum_workspace(demand->rows, demand->cols);
    if (demand->backward_workspace == SIZE_MAX)
        return hwv_fail(demand->error, HWV_ERR_MEMORY, "%s: too many rows for memory", demand->node->name);
    return HWV_OK;
}

void hwv_node_bias_forward(const hwv_record *record, const hwv_run *run)
{
    const hwv_act identity = {.op = HWV_OP_IDENTITY};
    size_t cols = record->cols;
    hwv_act_bias_forward(&identity, HWV_F32, hwv_record_rows(record, run), cols, record->output[0], cols,
                         record->input[X], cols, record->input[BIAS], NULL, 0);
}

void hwv_node_bias_backward(const hwv_record *record, const hwv_run *run)
{
    size_t rows = hwv_record_rows(record, run);
    if (record->input_gradient[BIAS])
        hwv_column_sum_on(run->executor, rows, record->cols, record->output_gradient[0], record->cols,
                          hwv_record_add(record, run, BIAS), record->input_gradient[BIAS], run->workspace);
    if (record->input_gradient[X])
        hwv_copy_floats(record->input_gradient[X], record->output_gradient[0], rows * record->cols);
}

void hwv_node_bias_reference(const hwv_reference *reference)
{
    size_t n = reference->elements[BIAS];
    for (size_t i = 0; i < reference->elements[X]; i++)
        reference->output[0][i] = reference->input[X][i] + reference->input[BIAS][i % n];
}

hwv_status hwv_node_bias_example(hwv_example *example)
{
    hwv_id x, bias;
    example->variants = 1;
    example->sums = 6;
    HWV_TRY(hwv_example_parameter(example, "x", 6, 5, 0, &x));
    HWV_TRY(hwv_example_parameter(example, "bias", 5, 0, 0, &bias));
    return hwv_example_node(example, HWV_NODE_BIAS, "sum", NULL, x, bias);
}
