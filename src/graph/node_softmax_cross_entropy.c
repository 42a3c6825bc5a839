/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * softmax_cross_entropy: the mean over rows of -(1-s) log p[label] - s/C sum over c of log p[c], with
 * p = softmax(logits) and s the label smoothing. The probabilities are kept for backward. Logits of three dimensions
 * have a row for each token of a sample. */
#include "graph/kind.h"
#include "linalg/softmax.h"

#include <math.h>

enum { LOGITS, LABELS };

/* Logits are rows of classes: one for each label. */
static bool fits(const hwv_shape *logits, const hwv_shape *labels)
{
    if ((logits->rank != 2 && logits->rank != 3) || labels->rank != logits->rank - 1)
        return false;
    for (size_t d = 0; d < labels->rank; d++)
        if (labels->dim[d] != logits->dim[d])
            return false;
    return true;
}

hwv_status hwv_node_softmax_cross_entropy_infer(hwv_shaping *shaping)
{
    const hwv_shape *logits = &shaping->input[LOGITS]->shape, *labels = &shaping->input[LABELS]->shape;
    float smoothing = shaping->node->attributes.smoothing;
    if (!fits(logits, labels) || shaping->input[LOGITS]->element != HWV_ELEMENT_F32 ||
        shaping->input[LABELS]->element != HWV_ELEMENT_I32)
        return hwv_shaping_fail(shaping, "logits [batch, classes] and labels [batch] of integers, or logits [batch, T, "
                                         "classes] and labels [batch, T]");
    if (!(smoothing >= 0 && smoothing < 1))
        return hwv_fail(shaping->error, HWV_ERR_ARGUMENT,
                        "%s: label smoothing %g; 0 or more and less than 1 is accepted", shaping->node->name,
                        (double)smoothing);
    shaping->output[0] = (hwv_shape){.rank = 1, .dim = {1}};
    return HWV_OK;
}

hwv_status hwv_node_softmax_cross_entropy_plan(hwv_demand *demand)
{
    if (demand->training && (!hwv_size_mul(demand->rows, demand->cols, &demand->saved) ||
                             !hwv_size_mul(demand->saved, sizeof(float), &demand->saved)))
        return hwv_fail(demand->error, HWV_ERR_MEMORY, "%s: too many classes", demand->node->name);
    demand->backward_inputs = HWV_BIT(LABELS);
    return HWV_OK;
}

void hwv_node_softmax_cross_entropy_forward(const hwv_record *record, const hwv_run *run)
{
    float *loss = record->output[0];
    *loss = (float)hwv_cross_entropy_forward(hwv_record_rows(record, run), record->cols, record->input[LOGITS],
                                             record->cols, record->input[LABELS], record->node->attributes.smoothing,
                                             record->saved);
}

void hwv_node_softmax_cross_entropy_backward(const hwv_record *record, const hwv_run *run)
{
    hwv_cross_entropy_backward(hwv_record_rows(record, run), record->cols, record->saved, record->input[LABELS],
                               record->node->attributes.smoothing, record->output_gradient[0][0],
                               record->input_gradient[LOGITS], record->cols);
}

void hwv_node_softmax_cross_entropy_reference(const hwv_reference *reference)
{
    size_t rows = reference->elements[LABELS], classes = reference->elements[LOGITS] / rows;
    double smoothing = (double)reference->node->attributes.smoothing, loss = 0;
    for (size_t r = 0; r < rows; r++) {
        const double *x = reference->input[LOGITS] + r * classes;
        double largest = x[0], sum = 0, all = 0;
        for (size_t c = 1; c < classes; c++)
            largest = fmax(largest, x[c]);
        for (size_t c = 0; c < classes; c++)
            sum += exp(x[c] - largest);
        for (size_t c = 0; c < classes; c++)
            all += x[c] - largest - log(sum);
        double labelled = x[(size_t)reference->input[LABELS][r]] - largest - log(sum);
        loss -= (1 - smoothing) * labelled + smoothing / (double)classes * all;
    }
    reference->output[0][0] = loss / (double)rows;
}

/* Variants: without and with smoothing, then so of samples of three tokens. */
hwv_status hwv_node_softmax_cross_entropy_example(hwv_example *example)
{
    hwv_node_attributes attributes = {.smoothing = example->variant % 2 ? 0.125f : 0};
    bool tokens = example->variant >= 2;
    hwv_shape shape = {.rank = tokens ? 2 : 1, .dim = {4, 3}};
    hwv_id logits, labels;
    example->variants = 4;
    example->integers = 5;
    example->sums = 5 + (tokens ? 12 : 4);
    HWV_TRY(hwv_example_parameter(example, "logits", 4, tokens ? 3 : 5, tokens ? 5 : 0, &logits));
    HWV_TRY(hwv_graph_input(example->graph, "labels", HWV_ELEMENT_I32, &shape, &labels, example->error));
    return hwv_example_node(example, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "loss", &attributes, logits, labels);
}
