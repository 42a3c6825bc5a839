/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * dropout: in training each number is dropped with the probability `rate`, and those that stay are scaled up; else the
 * numbers as they are. Draws are a function of the run's seed and step, the node's stream and the element. One bit an
 * element is kept for backward. */
#include "graph/elementwise.h"
#include "graph/kind.h"
#include "halfwave/random.h"
#include "linalg/dropout.h"

/* Streams are multiples of 256 beside HWV_STREAM_DROPOUT. */
#define STREAMS (UINT32_C(1) << 24)

hwv_status hwv_node_dropout_infer(hwv_shaping *shaping)
{
    const hwv_node_attributes *attributes = &shaping->node->attributes;
    if (shaping->input[0]->element != HWV_ELEMENT_F32)
        return hwv_shaping_fail(shaping, "x of floats");
    if (!(attributes->rate >= 0 && attributes->rate < 1))
        return hwv_fail(shaping->error, HWV_ERR_ARGUMENT,
                        "%s: a share of %g to drop; 0 or more and less than 1 is "
                        "accepted",
                        shaping->node->name, (double)attributes->rate);
    if (attributes->stream >= STREAMS)
        return hwv_fail(shaping->error, HWV_ERR_ARGUMENT, "%s: stream %lu; 0 to %lu is accepted", shaping->node->name,
                        (unsigned long)attributes->stream, (unsigned long)STREAMS - 1);
    shaping->output[0] = shaping->input[0]->shape;
    return HWV_OK;
}

static bool drops(const hwv_node *node, bool training)
{
    return training && node->attributes.rate > 0;
}

hwv_status hwv_node_dropout_plan(hwv_demand *demand)
{
    if (!drops(demand->node, demand->training)) {
        demand->same = HWV_BIT(0);
        demand->gradient_same = HWV_BIT(0);
        return HWV_OK;
    }
    demand->overwrites = HWV_BIT(0);
    demand->gradient_overwrites = HWV_BIT(0);
    if (!hwv_size_mul(demand->rows, demand->cols, &demand->saved))
        return hwv_fail(demand->error, HWV_ERR_MEMORY, "%s: too large for memory", demand->node->name);
    demand->saved = hwv_dropout_words(demand->saved) * sizeof(uint64_t);
    return HWV_OK;
}

static hwv_dropout dropout_of(const hwv_node *node, uint64_t seed, uint32_t step)
{
    const hwv_node_attributes *attributes = &node->attributes;
    return (hwv_dropout){attributes->rate, seed, HWV_STREAM_DROPOUT + 256 * attributes->stream, step};
}

void hwv_node_dropout_forward(const hwv_record *record, const hwv_run *run)
{
    hwv_dropout dropout = dropout_of(record->node, run->seed, run->step);
    size_t n = hwv_record_rows(record, run) * record->cols;
    if (drops(record->node, run->training))
        hwv_dropout_forward(&dropout, run->executor, n, record->input[0], record->output[0], record->saved);
    else
        hwv_copy_floats(record->output[0], record->input[0], n);
}

void hwv_node_dropout_backward(const hwv_record *record, const hwv_run *run)
{
    hwv_dropout dropout = dropout_of(record->node, run->seed, run->step);
    size_t n = hwv_record_rows(record, run) * record->cols;
    if (drops(record->node, run->training))
        hwv_dropout_backward(&dropout, run->executor, n, record->output_gradient[0], record->saved,
                             record->input_gradient[0]);
    else
        hwv_copy_floats(record->input_gradient[0], record->output_gradient[0], n);
}

/* As in training, of a run with seed and step 0. */
void hwv_node_dropout_reference(const hwv_reference *reference)
{
    double rate = (double)reference->node->attributes.rate;
    for (size_t e = 0; e < reference->elements[0]; e++) {
        uint32_t draws[4];
        hwv_philox(0, HWV_STREAM_DROPOUT + 256 * reference->node->attributes.stream, 0, e / 4, draws);
        bool dropped = (double)draws[e % 4] < rate * 4294967296.0;
        reference->output[0][e] = dropped ? 0 : reference->input[0][e] / (1 - rate);
    }
}

hwv_status hwv_node_dropout_example(hwv_example *example)
{
    hwv_node_attributes attributes = {.rate = example->variant ? 0.375f : 0, .stream = 3};
    hwv_id x;
    example->variants = 2;
    HWV_TRY(hwv_example_parameter(example, "x", 9, 11, 0, &x));
    return hwv_example_node(example, HWV_NODE_DROPOUT, "drop", &attributes, x, HWV_NO_ID);
}
