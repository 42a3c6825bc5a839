/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * batch_norm: every channel of x [..., channels] minus its mean, over its deviation, times weight, plus bias. In
 * training mean and variance are the batch's and the running statistics, which are state, move towards them; else, and
 * where the node is frozen, the running ones are taken. An activation behind it is computed block by block (FINISH). */
#include "graph/bridge.h"
#include "graph/elementwise.h"
#include "graph/kind.h"

#include <math.h>

enum { X, WEIGHT, BIAS, MEAN, VARIANCE };

hwv_status hwv_node_batch_norm_infer(hwv_shaping *shaping)
{
    const hwv_node_attributes *attributes = &shaping->node->attributes;
    const hwv_shape *x = &shaping->input[X]->shape;
    bool fits = x->rank >= 2 && shaping->input[X]->element == HWV_ELEMENT_F32;
    for (size_t i = WEIGHT; fits && i <= VARIANCE; i++) {
        const hwv_value *value = shaping->input[i];
        fits = value->element == HWV_ELEMENT_F32 && value->shape.rank == 1 && !hwv_shape_batched(&value->shape) &&
               value->shape.dim[0] == x->dim[x->rank - 1];
    }
    if (!fits)
        return hwv_shaping_fail(shaping, "x [..., channels] and weight, bias, running mean and variance [channels]");
    if (shaping->input[MEAN]->role != HWV_ROLE_STATE || shaping->input[VARIANCE]->role != HWV_ROLE_STATE ||
        shaping->node->input[MEAN] == shaping->node->input[VARIANCE])
        return hwv_shaping_fail(shaping, "two states as running mean and variance");
    if (!(attributes->epsilon > 0 && attributes->epsilon < INFINITY))
        return hwv_fail(shaping->error, HWV_ERR_ARGUMENT, "%s: epsilon %g; more than 0 is accepted",
                        shaping->node->name, (double)attributes->epsilon);
    if (!(attributes->momentum >= 0 && attributes->momentum <= 1))
        return hwv_fail(shaping->error, HWV_ERR_ARGUMENT, "%s: momentum %g; 0 to 1 is accepted", shaping->node->name,
                        (double)attributes->momentum);
    shaping->output[0] = *x;
    return HWV_OK;
}

enum { LINE, LINES }; /* geometry: of x where it is images */

hwv_batch_norm hwv_batch_norm_of(const hwv_node *node, size_t rows, size_t cols, const size_t geometry[4])
{
    return (hwv_batch_norm){.rows = rows,
                            .channels = cols,
                            .epsilon = node->attributes.epsilon,
                            .line = geometry[LINE],
                            .lines = geometry[LINES]};
}

/* Moments are kept for backward; without a backward run they lie at the end of the workspace. */
hwv_status hwv_node_batch_norm_plan(hwv_demand *demand)
{
    const hwv_shape *x = &hwv_graph_value(demand->graph, demand->node->input[X])->shape;
    if (x->rank == 4) {
        demand->geometry[LINES] = x->dim[1];
        demand->geometry[LINE] = x->dim[2];
    }
    const hwv_batch_norm norm = hwv_batch_norm_of(demand->node, demand->rows, demand->cols, demand->geometry);
    size_t moments, bytes = hwv_batch_norm_workspace(&norm);
    bool backward = demand->training && demand->wanted;
    if (bytes == SIZE_MAX || !hwv_size_mul(demand->cols, sizeof(hwv_batch_norm_moments), &moments) ||
        !hwv_size_add(bytes = hwv_size_align(bytes), moments, &demand->forward_workspace))
        return hwv_fail(demand->error, HWV_ERR_MEMORY, "%s: too many rows for memory", demand->node->name);
    if (backward) {
        demand->saved = moments;
        demand->backward_workspace = bytes;
        demand->backward_inputs = HWV_BIT(X) | HWV_BIT(WEIGHT);
        demand->accumulates = HWV_BIT(WEIGHT) | HWV_BIT(BIAS);
    }
    demand->overwrites = HWV_BIT(X);
    demand->gradient_overwrites = HWV_BIT(X);
    demand->finishes = true;
    return HWV_OK;
}

hwv_batch_norm hwv_record_norm(const hwv_record *record, const hwv_run *run)
{
    hwv_batch_norm norm = hwv_batch_norm_of(record->node, hwv_record_rows(record, run), record->cols, record->geometry);
    norm.weight = record->input[WEIGHT];
    norm.bias = record->input[BIAS];
    return norm;
}

static void finish(const void *context, size_t first, size_t rows)
{
    hwv_record_finish(context, first, rows);
}

void hwv_node_batch_norm_forward(const hwv_record *record, const hwv_run *run)
{
    const hwv_node_attributes *attributes = &record->node->attributes;
    if (record->bridge_act) {
        hwv_bridging_forward(record, run);
        return;
    }
    hwv_batch_norm norm = hwv_record_norm(record, run);
    hwv_batch_norm_moments *moments = record->saved;
    if (moments == NULL) {
        unsigned char *workspace = run->workspace;
        moments = (void *)(workspace + hwv_size_align(hwv_batch_norm_workspace(&norm)));
    }
    if (run->training && !attributes->frozen)
        hwv_batch_norm_measure(&norm, run->executor, record->input[X], attributes->momentum, record->input[MEAN],
                               record->input[VARIANCE], moments, run->workspace);
    else
        hwv_batch_norm_recall(&norm, record->input[MEAN], record->input[VARIANCE], moments);
    hwv_batch_norm_forward(&norm, run->executor, record->input[X], moments, record->output[0],
                           record->act ? finish : NULL, record, run->workspace);
}

void hwv_node_batch_norm_backward(const hwv_record *record, const hwv_run *run)
{
    if (record->bridge_act) {
        hwv_bridging_backward(record, run);
        return;
    }
    hwv_batch_norm norm = hwv_record_norm(record, run);
    hwv_batch_norm_gradients gradients = {.x = record->input_gradient[X],
                                          .weight = record->input_gradient[WEIGHT],
                                          .bias = record->input_gradient[BIAS],
                                          .add_weight = hwv_record_add(record, run, WEIGHT),
                                          .add_bias = hwv_record_add(record, run, BIAS)};
    hwv_batch_norm_backward(&norm, run->executor, record->input[X], record->output_gradient[0], record->saved,
                            record->node->attributes.frozen, &gradients, run->workspace);
}

/* As in training. */
void hwv_node_batch_norm_reference(const hwv_reference *reference)
{
    const hwv_node_attributes *attributes = &reference->node->attributes;
    size_t channels = reference->elements[WEIGHT], n = reference->elements[X];
    for (size_t c = 0; c < channels; c++) {
        double mean = 0, variance = 0, rows = (double)(n / channels);
        for (size_t i = c; i < n; i += channels)
            mean += reference->input[X][i] / rows;
        for (size_t i = c; i < n; i += channels)
            variance += (reference->input[X][i] - mean) * (reference->input[X][i] - mean) / rows;
        if (attributes->frozen) {
            mean = reference->input[MEAN][c];
            variance = reference->input[VARIANCE][c];
        }
        for (size_t i = c; i < n; i += channels)
            reference->output[0][i] = (reference->input[X][i] - mean) / sqrt(variance + (double)attributes->epsilon) *
                                          reference->input[WEIGHT][c] +
                                      reference->input[BIAS][c];
    }
}

/* Rows, images, frozen (running variances are drawn like all numbers, so that epsilon makes them positive), and with an
 * activation behind. */
hwv_status hwv_node_batch_norm_example(hwv_example *example)
{
    static const hwv_shape shapes[] = {{2, {12, 3}}, {4, {2, 3, 2, 5}}, {2, {6, 4}}, {2, {9, 4}}};
    static const char *const names[] = {"x", "weight", "bias", "mean", "variance"};
    size_t v = example->variant;
    bool frozen = v == 2;
    hwv_node_attributes attributes = {.epsilon = frozen ? 1.5f : 0.01f, .momentum = 0.1f, .frozen = frozen};
    hwv_node_attributes relu = {.act = hwv_act_make(HWV_OP_RELU)};
    hwv_shape channels = {.rank = 1, .dim = {shapes[v].dim[shapes[v].rank - 1]}};
    hwv_id inputs[VARIANCE + 1];
    example->variants = sizeof shapes / sizeof shapes[0];
    example->sums = 4 * 12; /* mean, deviation, and two sums backward */
    for (size_t i = X; i <= BIAS; i++)
        HWV_TRY(hwv_example_parameter_shaped(example, names[i], i == X ? &shapes[v] : &channels, &inputs[i]));
    for (size_t i = MEAN; i <= VARIANCE; i++)
        HWV_TRY(hwv_graph_state(example->graph, names[i], &channels, &inputs[i], example->error));
    HWV_TRY(hwv_example_node_of(example, HWV_NODE_BATCH_NORM, "bn", &attributes, inputs, VARIANCE + 1));
    if (v == 3)
        HWV_TRY(hwv_example_node(example, HWV_NODE_ACTIVATION, "act", &relu, example->output, HWV_NO_ID));
    return HWV_OK;
}
