/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * How gradients flow: a training plan with a loss, run over labelled samples; no weight changes. */
#include <math.h>
#include <string.h>

#include "check/front.h"
#include "check/labelled.h"
#include "graph/structure.h"
#include "halfwave/check.h"
#include "halfwave/memory.h"

#define BATCH 32

/* Sums of one layer. */
typedef struct flow_sums {
    double gradient, signal;
    uint64_t zeros, gradients, signals;
} flow_sums;

typedef struct measuring {
    const hwv_network *network;
    hwv_labelled labelled;
    hwv_plan *plan;
    size_t rows;
    flow_sums *sums;
    void **into, **spare;
} measuring;

static flow_sums *sums_of(measuring *m, hwv_id node)
{
    for (size_t l = 0; l < m->network->layer_count; l++)
        if (m->network->layers[l].node == node)
            return &m->sums[l];
    return NULL;
}

static void see_signal(void *self, const hwv_observation *seen)
{
    flow_sums *sums = sums_of(self, seen->node);
    for (size_t i = 0; sums && seen->y && i < seen->rows * seen->cols; i++)
        sums->signal += (double)seen->y[i] * (double)seen->y[i];
    if (sums && seen->y)
        sums->signals += seen->rows * seen->cols;
}

static void see_gradient(void *self, const hwv_observation *seen)
{
    measuring *m = self;
    flow_sums *sums = sums_of(self, seen->node);
    double scale = (double)m->rows; /* the loss of the plan is a mean */
    for (size_t i = 0; sums && seen->dz && i < seen->rows * seen->cols; i++) {
        double d = (double)seen->dz[i] * scale;
        sums->gradient += d * d;
        sums->zeros += seen->dz[i] == 0;
    }
    if (sums && seen->dz)
        sums->gradients += seen->rows * seen->cols;
}

/* ---- theory ---------------------------------------------------------------------------------------- */

/* Mean of f'(z)^2 for a standard normal z. */
static double slope_square(const hwv_act *act)
{
    double sum = 0, weight = 0;
    for (int i = -800; i <= 800; i++) {
        double z = (i + 0.5) / 100, w = exp(-z * z / 2), d = hwv_act_reference_gradient(act, z);
        sum += w * d * d;
        weight += w;
    }
    return sum / weight;
}

/* The activation whose h a product reads, stepping over what changes neither numbers nor their number. */
static hwv_id reads(const hwv_graph *graph, hwv_id product)
{
    hwv_id value = hwv_graph_node_at(graph, product)->input[0];
    for (;;) {
        hwv_id producer = hwv_graph_value(graph, value)->producer;
        if (producer == HWV_NO_ID)
            return HWV_NO_ID;
        const hwv_node *node = hwv_graph_node_at(graph, producer);
        if (node->kind == HWV_NODE_ACTIVATION)
            return producer;
        if (node->kind != HWV_NODE_FLATTEN && node->kind != HWV_NODE_RESHAPE && node->kind != HWV_NODE_DROPOUT)
            return HWV_NO_ID;
        value = node->input[0];
    }
}

/* What the square of a gradient is multiplied by on its way back through a product and its batch norm: |W|^2 / inputs, with
 * the share of positions of a convolution. */
static double product_gain(const hwv_network *network, const hwv_front *front)
{
    const hwv_graph *graph = network->graph;
    const hwv_node *node = hwv_graph_node_at(graph, front->product);
    const hwv_shape *weight = &hwv_graph_value(graph, node->input[1])->shape;
    const hwv_shape *x = &hwv_graph_value(graph, node->input[0])->shape;
    const hwv_shape *y = &hwv_graph_value(graph, node->output[0])->shape;
    double square = 0, positions = 1;
    for (size_t u = 0; u < weight->dim[0]; u++) {
        double norm = hwv_front_unit_of(network, front, u).norm;
        square += norm * norm;
    }
    for (size_t i = 1; i + 1 < x->rank; i++)
        positions *= (double)y->dim[i] / (double)x->dim[i];
    return square / (double)x->dim[x->rank - 1] * positions;
}

static void theory_fill(hwv_flow *flow, const hwv_network *network)
{
    const hwv_graph *graph = network->graph;
    for (size_t l = flow->layer_count; l-- > 0;) {
        hwv_layer_flow *layer = &flow->layers[l];
        layer->theory = l + 1 == flow->layer_count ? layer->gradient : (double)NAN;
        if (l + 1 == flow->layer_count)
            continue;
        hwv_front next = hwv_front_find(graph, network->layers[l + 1].node);
        if (next.product == HWV_NO_ID || reads(graph, next.product) != network->layers[l].node)
            continue;
        const hwv_act *act = &hwv_graph_node_at(graph, network->layers[l].node)->attributes.act;
        layer->theory = flow->layers[l + 1].theory * sqrt(product_gain(network, &next) * slope_square(act));
    }
}

/* ---- the run --------------------------------------------------------------------------------------- */

static hwv_status inputs_place(measuring *m, size_t batch, hwv_error *error)
{
    for (size_t i = 0; i < m->network->input_count; i++) {
        const hwv_port *port = &m->network->inputs[i];
        size_t elements;
        m->into[i] = port->value == HWV_NO_ID ? NULL : hwv_plan_data(m->plan, port->value);
        if (m->into[i])
            continue;
        if (!hwv_shape_elements(&port->shape, batch, &elements))
            return hwv_fail(error, HWV_ERR_MEMORY, "%s: too large for memory", port->name);
        m->into[i] = m->spare[i] = hwv_calloc(elements ? elements : 1, sizeof(float));
        if (!m->spare[i])
            return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for its samples", port->name);
    }
    return HWV_OK;
}

static hwv_status prepare(measuring *m, size_t *batch, const hwv_executor *executor, hwv_error *error)
{
    size_t inputs = m->network->input_count, layers = m->network->layer_count;
    m->sums = hwv_calloc(layers ? layers : 1, sizeof *m->sums);
    m->into = hwv_calloc(inputs + 1, sizeof *m->into);
    m->spare = hwv_calloc(inputs + 1, sizeof *m->spare);
    if (!m->sums || !m->into || !m->spare)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to measure gradients");
    HWV_TRY(hwv_labelled_make(&m->labelled, m->network, error));
    *batch = m->network->batched ? BATCH : 1;
    hwv_plan_options options = {.batch = *batch, .training = true, .executor = executor};
    HWV_TRY(hwv_plan_create(&m->plan, m->labelled.graph, m->labelled.weights, m->labelled.loss, &options, error));
    hwv_observer observer = {.self = m, .forward = see_signal, .backward = see_gradient};
    HWV_TRY(hwv_plan_observe(m->plan, &observer, error));
    return inputs_place(m, *batch, error);
}

static hwv_status labels_check(const int32_t *labels, size_t samples, size_t classes, hwv_error *error)
{
    for (size_t i = 0; i < samples; i++)
        if (labels[i] < 0 || (size_t)labels[i] >= classes)
            return hwv_fail(error, HWV_ERR_FORMAT, "label %ld of sample %zu: 0 to %zu are expected", (long)labels[i], i,
                            classes - 1);
    return HWV_OK;
}

static hwv_status batches_run(measuring *m, const hwv_feed *feed, size_t batch, const int32_t *labels, size_t samples,
                              hwv_flow *flow, hwv_error *error)
{
    int32_t *place = hwv_plan_data(m->plan, m->labelled.labels);
    const float *loss = hwv_plan_data(m->plan, m->labelled.loss);
    if (place == NULL || loss == NULL)
        return hwv_fail(error, HWV_ERR_INTERNAL, "a plan lacks its labels or its loss");
    while (flow->samples < samples) {
        size_t wanted = samples - flow->samples < batch ? samples - flow->samples : batch, rows;
        HWV_TRY(feed->next(feed->self, wanted, m->into, &rows, error));
        if (rows == 0 && (feed->more == NULL || !feed->more(feed->self)))
            break;
        if (rows == 0)
            continue;
        memcpy(place, labels + flow->samples, rows * sizeof *place);
        m->rows = rows;
        hwv_plan_rows(m->plan, rows);
        hwv_plan_forward(m->plan);
        flow->loss += (double)*loss * (double)rows;
        hwv_plan_backward(m->plan, false);
        flow->samples += rows;
    }
    flow->loss = flow->samples ? flow->loss / (double)flow->samples : (double)NAN;
    return HWV_OK;
}

static hwv_status results_fill(hwv_flow *flow, const measuring *m, hwv_error *error)
{
    size_t count = m->network->layer_count;
    flow->layers = hwv_calloc(count ? count : 1, sizeof *flow->layers);
    if (flow->layers == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to measure gradients");
    flow->layer_count = count;
    for (size_t l = 0; l < count; l++) {
        const flow_sums *sums = &m->sums[l];
        flow->layers[l].name = m->network->layers[l].name;
        flow->layers[l].gradient = sqrt(sums->gradient / (double)sums->gradients);
        flow->layers[l].signal = sqrt(sums->signal / (double)sums->signals);
        flow->layers[l].zero = (double)sums->zeros / (double)sums->gradients;
    }
    theory_fill(flow, m->network);
    return HWV_OK;
}

hwv_status hwv_flow_measure(hwv_flow *flow, const hwv_network *network, const hwv_feed *feed, const int32_t *labels,
                            size_t samples, const hwv_executor *executor, hwv_error *error)
{
    measuring m = {.network = network};
    size_t batch = 1;
    *flow = (hwv_flow){0};
    hwv_status status = prepare(&m, &batch, executor, error);
    if (status == HWV_OK)
        status = labels_check(labels, samples, m.labelled.classes, error);
    if (status == HWV_OK)
        status = batches_run(&m, feed, batch, labels, samples, flow, error);
    if (status == HWV_OK)
        status = results_fill(flow, &m, error);
    if (status != HWV_OK)
        hwv_flow_free(flow);
    hwv_plan_destroy(m.plan);
    hwv_labelled_free(&m.labelled);
    for (size_t i = 0; m.spare && i < network->input_count; i++)
        hwv_free(m.spare[i]);
    hwv_free(m.spare);
    hwv_free(m.into);
    hwv_free(m.sums);
    return status;
}

void hwv_flow_free(hwv_flow *flow)
{
    hwv_free(flow->layers);
    *flow = (hwv_flow){0};
}
