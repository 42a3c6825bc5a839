/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * gate: y [..., n] = value * f(gate), where x [..., 2 n] has rows [value | gate] as torch.glu splits them and f is that of
 * attributes.gate, a row of gates.def. */
#include <math.h>

#include "graph/gradcheck.h"
#include "graph/kind.h"
#include "linalg/blocks.h"

enum { X };

hwv_status hwv_node_gate_infer(hwv_shaping *shaping)
{
    const hwv_gate_info *row = hwv_gate_get((size_t)shaping->node->attributes.gate);
    const hwv_shape *x = &shaping->input[X]->shape;
    const size_t last = x->rank > 0 ? x->dim[x->rank - 1] : HWV_BATCH;
    if (row == NULL)
        return hwv_fail(shaping->error, HWV_ERR_ARGUMENT, "%s: unknown gated pair %d", shaping->node->name,
                        (int)shaping->node->attributes.gate);
    if (shaping->input[X]->element != HWV_ELEMENT_F32 || last == HWV_BATCH || last % 2 != 0)
        return hwv_shaping_fail(shaping, "x [..., 2 n] of floats");
    shaping->output[0] = *x;
    shaping->output[0].dim[x->rank - 1] = last / 2;
    return HWV_OK;
}

hwv_status hwv_node_gate_plan(hwv_demand *demand)
{
    demand->backward_inputs = HWV_BIT(X);
    return HWV_OK;
}

static void forward_block(const void *context, size_t first, size_t rows)
{
    const hwv_record *record = context;
    const size_t both = record->cols, cols = both / 2;
    const float *x = (const float *)record->input[X] + first * both;
    hwv_gated_forward(record->node->attributes.gate, HWV_ACCURATE, HWV_F32, rows, cols,
                      (float *)record->output[0] + first * cols, cols, x, both, x + cols, both);
}

static void backward_block(const void *context, size_t first, size_t rows)
{
    const hwv_record *record = context;
    const size_t both = record->cols, cols = both / 2;
    const float *x = (const float *)record->input[X] + first * both;
    float *dx = record->input_gradient[X] + first * both;
    hwv_gated_backward(record->node->attributes.gate, HWV_F32, rows, cols, dx, both, dx + cols, both,
                       record->output_gradient[0] + first * cols, cols, x, both, x + cols, both);
}

void hwv_node_gate_forward(const hwv_record *record, const hwv_run *run)
{
    hwv_rows_run(run->executor, hwv_record_rows(record, run), record->cols, forward_block, record);
}

void hwv_node_gate_backward(const hwv_record *record, const hwv_run *run)
{
    hwv_rows_run(run->executor, hwv_record_rows(record, run), record->cols, backward_block, record);
}

void hwv_node_gate_reference(const hwv_reference *reference)
{
    const hwv_shape *x = reference->shape[X];
    const size_t both = x->dim[x->rank - 1], cols = both / 2;
    const hwv_act act = hwv_act_make(hwv_gate_get((size_t)reference->node->attributes.gate)->op);
    hwv_kink kinks[HWV_KINKS];
    const size_t kink_count = hwv_kinks_find(&act, kinks);
    for (size_t i = 0; cols > 0 && i < reference->elements[X] / 2; i++) {
        const double *value = reference->input[X] + i / cols * both + i % cols, *gate = value + cols;
        reference->output[0][i] = *value * hwv_act_reference(&act, *gate);
        for (size_t k = 0; k < kink_count; k++)
            *reference->bend = fmin(*reference->bend, fabs(*gate - kinks[k].x));
    }
}

/* All rows of gates.def. */
hwv_status hwv_node_gate_example(hwv_example *example)
{
    const hwv_node_attributes attributes = {.gate = (hwv_gate)example->variant};
    hwv_id x;
    example->variants = HWV_GATE_END_;
    example->sums = 6;
    HWV_TRY(hwv_example_parameter(example, "x", 6, 10, 0, &x));
    return hwv_example_node(example, HWV_NODE_GATE, "gate", &attributes, x, HWV_NO_ID);
}
