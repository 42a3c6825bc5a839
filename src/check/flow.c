/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gradients per layer, with labels: a plan with every array kept runs forward and backward, and what an observer sees is
 * summed in double. */
#include <math.h>
#include <string.h>

#include "check/labelled.h"
#include "check/flow_theory.h"
#include "check/places.h"
#include "halfwave/check.h"
#include "halfwave/memory.h"

typedef struct sums {
    double z, h, gradient; /* of squares */
    uint64_t zeros;        /* of the gradient */
    double seen, returned; /* entries forward and backward */
} sums;

typedef struct flowing {
    const hwv_network *network;
    hwv_labelled copy;
    hwv_plan *plan;
    hwv_places places;
    size_t batch;
    sums *of;       /* by node */
    double *signal; /* by value: mean square of an activation's input */
    double *theory; /* by value */
    double logits;  /* sum of squares of the gradient there */
    double loss;    /* sum over samples */
    size_t samples; /* so far */
} flowing;

static void flowing_free(flowing *f)
{
    hwv_plan_destroy(f->plan);
    hwv_places_free(&f->places);
    hwv_labelled_free(&f->copy);
    hwv_free(f->of);
    hwv_free(f->signal);
    hwv_free(f->theory);
}

/* ---- summing --------------------------------------------------------------------------------------- */

static double squares(const float *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

static void gradient_add(sums *of, const float *gradient, size_t count)
{
    of->gradient += squares(gradient, count);
    of->returned += (double)count;
    for (size_t i = 0; i < count; i++)
        of->zeros += gradient[i] == 0;
}

static void see_forward(void *self, const hwv_observation *seen)
{
    sums *of = &((flowing *)self)->of[seen->node];
    for (size_t r = 0; r < seen->rows; r++)
        of->z += squares(seen->z + r * seen->z_stride, seen->cols);
    of->h += squares(seen->y, seen->rows * seen->cols);
    of->seen += (double)(seen->rows * seen->cols);
}

static void see_backward(void *self, const hwv_observation *seen)
{
    for (size_t r = 0; seen->dz && r < seen->rows; r++)
        gradient_add(&((flowing *)self)->of[seen->node], seen->dz + r * seen->z_stride, seen->cols);
}

/* The activation that was stepped over is not in the plan: its z are the logits. */
static void see_beyond(flowing *f, size_t count)
{
    const float *z = hwv_plan_data(f->plan, f->copy.logits), *gradient = hwv_plan_gradient(f->plan, f->copy.logits);
    f->logits += squares(gradient, count);
    if (f->copy.beyond == HWV_NO_ID)
        return;
    sums *of = &f->of[f->copy.beyond];
    const hwv_act *act = &hwv_graph_node_at(f->copy.graph, f->copy.beyond)->attributes.act;
    gradient_add(of, gradient, count);
    of->seen += (double)count;
    for (size_t i = 0; i < count; i++) {
        const double h = hwv_act_reference(act, (double)z[i]);
        of->h += h * h;
    }
}

/* ---- running --------------------------------------------------------------------------------------- */

static hwv_status prepare(flowing *f, const hwv_executor *executor, hwv_error *error)
{
    HWV_TRY(hwv_labelled_make(&f->copy, f->network, error));
    const hwv_graph *graph = f->copy.graph;
    f->of = hwv_calloc(hwv_graph_node_count(graph), sizeof *f->of);
    f->signal = hwv_calloc(hwv_graph_value_count(graph), sizeof *f->signal);
    f->theory = hwv_calloc(hwv_graph_value_count(graph), sizeof *f->theory);
    if (!f->of || !f->signal || !f->theory)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to measure gradients");
    hwv_plan_options options = {.batch = 1, .training = true, .executor = executor};
    f->batch = 1;
    if (f->network->batched)
        HWV_TRY(hwv_plan_batch(&f->batch, graph, f->copy.weights, f->copy.loss, &options, error));
    options.batch = f->batch;
    HWV_TRY(hwv_plan_create(&f->plan, graph, f->copy.weights, f->copy.loss, &options, error));
    if (hwv_plan_gradient(f->plan, f->copy.logits) == NULL)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s: gradients: no weights lead to its logits",
                        f->network->name ? f->network->name : "the network");
    const hwv_observer observer = {.self = f, .forward = see_forward, .backward = see_backward};
    HWV_TRY(hwv_plan_observe(f->plan, &observer, error));
    return hwv_places_make(&f->places, f->network, f->plan, f->batch, error);
}

static hwv_status labels_place(flowing *f, const int32_t *labels, size_t samples, hwv_error *error)
{
    const size_t rows = samples * f->copy.rows;
    for (size_t r = 0; r < rows; r++)
        if (labels[r] < 0 || (size_t)labels[r] >= f->copy.classes)
            return hwv_fail(error, HWV_ERR_FORMAT, "label %ld of sample %zu: 0 to %zu are expected", (long)labels[r],
                            f->samples + r / f->copy.rows, f->copy.classes - 1);
    memcpy(hwv_plan_data(f->plan, f->copy.labels), labels, rows * sizeof *labels);
    return HWV_OK;
}

static hwv_status samples_run(flowing *f, const int32_t *labels, size_t samples, hwv_error *error)
{
    const size_t rows = samples * f->copy.rows;
    HWV_TRY(labels_place(f, labels + f->samples * f->copy.rows, samples, error));
    hwv_plan_rows(f->plan, samples);
    hwv_plan_forward(f->plan);
    f->loss += (double)*(const float *)hwv_plan_data(f->plan, f->copy.loss) * (double)samples;
    /* the loss is the mean over the rows of this run */
    *hwv_plan_gradient(f->plan, f->copy.loss) = (float)rows;
    hwv_plan_backward(f->plan, false);
    see_beyond(f, rows * f->copy.outputs);
    f->samples += samples;
    return HWV_OK;
}

static hwv_status all_run(flowing *f, const hwv_feed *feed, const int32_t *labels, size_t samples, hwv_error *error)
{
    while (f->samples < samples) {
        size_t rows, left = samples - f->samples;
        HWV_TRY(feed->next(feed->self, left < f->batch ? left : f->batch, f->places.into, &rows, error));
        if (rows > 0)
            HWV_TRY(samples_run(f, labels, rows, error));
        else if (feed->more == NULL || !feed->more(feed->self))
            break;
    }
    return f->samples > 0 ? HWV_OK : hwv_fail(error, HWV_ERR_ARGUMENT, "no samples to measure gradients on");
}

/* ---- what came out --------------------------------------------------------------------------------- */

static hwv_layer_flow layer_flow(const flowing *f, const hwv_network_layer *layer)
{
    const sums *of = &f->of[layer->node];
    const hwv_id z = hwv_graph_node_at(f->copy.graph, layer->node)->input[0];
    return (hwv_layer_flow){.name = layer->name,
                            .gradient = sqrt(of->gradient / of->returned),
                            .signal = sqrt(of->h / of->seen),
                            .zero = (double)of->zeros / of->returned,
                            .theory = of->returned > 0 ? sqrt(f->theory[z]) : (double)NAN};
}

static hwv_status conclude(flowing *f, hwv_flow *flow, hwv_error *error)
{
    const hwv_network *network = f->network;
    for (hwv_id n = 0; n < hwv_graph_node_count(f->copy.graph); n++)
        if (f->of[n].seen > 0)
            f->signal[hwv_graph_node_at(f->copy.graph, n)->input[0]] = f->of[n].z / f->of[n].seen;
    HWV_TRY(hwv_flow_theory(&f->copy, f->logits / ((double)f->samples * (double)f->copy.rows * (double)f->copy.outputs),
                            f->signal, f->theory, error));
    flow->layers = hwv_calloc(network->layer_count + 1, sizeof *flow->layers);
    if (flow->layers == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the gradients of %zu layers", network->layer_count);
    flow->layer_count = network->layer_count;
    flow->samples = f->samples;
    flow->loss = f->loss / (double)f->samples;
    for (size_t l = 0; l < network->layer_count; l++)
        flow->layers[l] = layer_flow(f, &network->layers[l]);
    return HWV_OK;
}

hwv_status hwv_flow_measure(hwv_flow *flow, const hwv_network *network, const hwv_feed *feed, const int32_t *labels,
                            size_t samples, const hwv_executor *executor, hwv_error *error)
{
    flowing f = {.network = network};
    *flow = (hwv_flow){0};
    hwv_status status = prepare(&f, executor, error);
    if (status == HWV_OK)
        status = all_run(&f, feed, labels, samples, error);
    if (status == HWV_OK)
        status = conclude(&f, flow, error);
    flowing_free(&f);
    return status;
}

void hwv_flow_free(hwv_flow *flow)
{
    hwv_free(flow->layers);
    *flow = (hwv_flow){0};
}
