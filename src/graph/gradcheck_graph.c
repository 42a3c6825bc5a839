/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * One graph: analytic gradients in float, numeric ones in double. The function differentiated is
 * sum over i of c[i] * output[i] with drawn c, so that every output counts. */
#include "graph/gradcheck.h"
#include "graph/plan.h"
#include "graph/truth.h"
#include "halfwave/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Central differences: the error is step^2/6 * f''' + 2^-53 |f| / step, both around 1e-10 here, far below float's
 * rounding of the analytic gradient. */
#define STEP 0x1p-17
/* Nothing within this distance of a kink: more than a step moves any value of these small graphs. */
#define MARGIN   1e-3
#define ATTEMPTS 200

/* Everything one check works with. */
typedef struct work {
    const hwv_graph_check *check;
    hwv_truth truth, numeric; /* numeric: gradients in the place of values */
    hwv_weights *weights;
    float *dy; /* the c of the output */
    hwv_error *error;
} work;

/* ---- points --------------------------------------------------------------------------------------- */

static double uniform(const work *w, uint32_t attempt, size_t value, size_t element)
{
    return 2 * hwv_random_uniform(w->check->seed, HWV_STREAM_GRADCHECK, attempt, (uint64_t)value << 32 | element) - 1;
}

/* Whether x is too near to a kink of this activation for central differences. */
static bool near_kink(const hwv_act *act, double x)
{
    hwv_kink kinks[HWV_KINKS];
    size_t count = hwv_kinks_find(act, kinks);
    for (size_t k = 0; k < count; k++)
        if (fabs(x - kinks[k].x) < MARGIN)
            return true;
    return false;
}

/* The same for all that the graph's nodes read: the truth has been run. */
static bool graph_near_kink(const work *w)
{
    const hwv_graph *graph = w->check->graph;
    for (size_t n = 0; n < graph->node_count; n++) {
        const hwv_node *node = &graph->nodes[n];
        for (size_t e = 0; node->kind == HWV_NODE_ACTIVATION && e < w->truth.elements[node->input[0]]; e++)
            if (near_kink(&node->attributes.act, w->truth.value[node->input[0]][e]))
                return true;
    }
    return w->truth.bend < MARGIN;
}

/* A wide element: each is drawn until it is away from the kinks of the activation that reads it, which is the
 * graph's first node. */
static double wide_draw(const work *w, size_t value, size_t element)
{
    double x = 0;
    for (uint32_t attempt = 0; attempt < ATTEMPTS; attempt++) {
        double u = uniform(w, attempt, value, element);
        x = (double)(float)(8 * u * u * u);
        if (!near_kink(&w->check->graph->nodes[0].attributes.act, x))
            break;
    }
    return x;
}

static void values_draw(work *w, uint32_t attempt)
{
    const hwv_graph *graph = w->check->graph;
    for (size_t v = 0; v < graph->value_count; v++) {
        bool wide = w->check->wide && strcmp(graph->values[v].name, "x") == 0;
        float *weights = hwv_weights_data(w->weights, (hwv_id)v);
        for (size_t e = 0; graph->values[v].producer == HWV_NO_ID && e < w->truth.elements[v]; e++) {
            double u = wide ? wide_draw(w, v, e) : (double)(float)uniform(w, attempt, v, e);
            if (graph->values[v].element == HWV_ELEMENT_I32)
                u = floor((u + 1) / 2 * w->check->integers);
            w->truth.value[v][e] = u;
            if (weights)
                weights[e] = (float)u;
        }
    }
}

static hwv_status points_find(work *w)
{
    for (uint32_t attempt = 0; attempt < ATTEMPTS; attempt++) {
        values_draw(w, attempt);
        hwv_truth_run(&w->truth);
        if (!graph_near_kink(w))
            return HWV_OK;
    }
    return hwv_fail(w->error, HWV_ERR_INTERNAL, "gradient check: no point away from kinks in %d draws", ATTEMPTS);
}

/* ---- gradients ------------------------------------------------------------------------------------ */

static double loss_run(work *w)
{
    double loss = 0;
    hwv_truth_run(&w->truth);
    for (size_t e = 0; e < w->truth.elements[w->check->output]; e++)
        loss += (double)w->dy[e] * w->truth.value[w->check->output][e];
    return loss;
}

static void numeric_fill(work *w)
{
    const hwv_graph *graph = w->check->graph;
    for (size_t v = 0; v < graph->value_count; v++)
        for (size_t e = 0; graph->values[v].role == HWV_ROLE_PARAMETER && e < w->truth.elements[v]; e++) {
            double *x = &w->truth.value[v][e], before = *x;
            *x = before + STEP;
            double above = loss_run(w);
            *x = before - STEP;
            w->numeric.value[v][e] = (above - loss_run(w)) / (2 * STEP);
            *x = before;
        }
    hwv_truth_run(&w->truth);
}

/* "fc1.weight[3,2]: 0.25, expected 0.5" */
static void where_print(const work *w, size_t v, size_t e, float got, char *text, size_t size)
{
    const hwv_shape *shape = &w->truth.shape[v];
    size_t used = (size_t)snprintf(text, size, "%.40s[", w->check->graph->values[v].name), stride = 1;
    for (size_t i = 1; i < shape->rank; i++)
        stride *= shape->dim[i];
    for (size_t i = 0; i < shape->rank && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s%zu", i ? "," : "", e / stride % shape->dim[i]);
        stride /= i + 1 < shape->rank ? shape->dim[i + 1] : 1;
    }
    if (used < size)
        snprintf(text + used, size - used, "]: %.9g, expected %.9g", (double)got, w->numeric.value[v][e]);
}

/* Rounding: each term of a chain of sums, and each of a handful of products around it, adds at most 2^-24 of a
 * magnitude that stays below twice max(1, the largest gradient) in these graphs; values and derivatives that are
 * within some ULP, or 4 * 2^-23 of dy, add as many 2^-23. */
static double limit_of(const hwv_graph_check *check)
{
    double ulp = 0;
    for (size_t n = 0; n < check->graph->node_count; n++) {
        const hwv_node *node = &check->graph->nodes[n];
        hwv_act act;
        const hwv_op_info *row = hwv_node_activates(node, &act) ? hwv_op_row(act.op) : NULL;
        if (row && row->gradient_ulp > 0)
            ulp = fmax(ulp, row->ulp + fmax(4, row->gradient_ulp));
    }
    return ((double)check->sums + 4 + ulp) * 0x1p-23;
}

/* analytic NULL: the output does not depend on this value, the gradient is 0. */
static void gradient_compare(const work *w, size_t v, const float *analytic, hwv_gradcheck_result *result)
{
    double largest = 1, worst = -1;
    size_t at = 0;
    char where[sizeof result->where];
    for (size_t e = 0; e < w->truth.elements[v]; e++)
        largest = fmax(largest, fabs(w->numeric.value[v][e]));
    for (size_t e = 0; e < w->truth.elements[v]; e++) {
        double difference = fabs((analytic ? (double)analytic[e] : 0) - w->numeric.value[v][e]);
        if (!(difference <= worst)) { /* also for NaN */
            worst = difference;
            at = e;
        }
    }
    where_print(w, v, at, analytic ? analytic[at] : 0, where, sizeof where);
    hwv_gradcheck_merge(result, worst / largest, limit_of(w->check), where);
    result->coordinates += w->truth.elements[v];
}

/* Runs a plan at the point and compares all its parameter gradients. */
static hwv_status analytic_compare(work *w, unsigned passes, hwv_gradcheck_result *result)
{
    const hwv_graph_check *check = w->check;
    hwv_plan_options options = {.batch = check->batch, .training = true, .passes = passes};
    hwv_plan *plan;
    HWV_TRY(hwv_plan_create(&plan, check->graph, w->weights, check->output, &options, w->error));
    if (check->plant.kind != 0)
        hwv_plan_plant(plan, (hwv_node_kind)check->plant.kind, check->plant.op);
    for (size_t v = 0; v < check->graph->value_count; v++) {
        bool given = check->graph->values[v].role == HWV_ROLE_INPUT;
        void *data = hwv_plan_data(plan, (hwv_id)v);
        for (size_t e = 0; given && data && e < w->truth.elements[v]; e++)
            if (check->graph->values[v].element == HWV_ELEMENT_I32)
                ((int32_t *)data)[e] = (int32_t)w->truth.value[v][e];
            else
                ((float *)data)[e] = (float)w->truth.value[v][e];
    }
    memcpy(hwv_plan_gradient(plan, check->output), w->dy, w->truth.elements[check->output] * sizeof(float));
    hwv_plan_forward(plan);
    hwv_plan_backward(plan, false);
    for (size_t v = 0; v < check->graph->value_count; v++)
        if (check->graph->values[v].role == HWV_ROLE_PARAMETER)
            gradient_compare(w, v, hwv_plan_gradient(plan, (hwv_id)v), result);
    hwv_plan_destroy(plan);
    return HWV_OK;
}

static hwv_status work_fill(work *w)
{
    const hwv_graph_check *check = w->check;
    HWV_TRY(hwv_truth_create(&w->truth, check->graph, check->batch, w->error));
    HWV_TRY(hwv_truth_create(&w->numeric, check->graph, check->batch, w->error));
    HWV_TRY(hwv_weights_create(&w->weights, check->graph, w->error));
    size_t outputs = w->truth.elements[check->output];
    w->dy = hwv_calloc(outputs, sizeof *w->dy);
    if (w->dy == NULL)
        return hwv_fail(w->error, HWV_ERR_MEMORY, "no memory for a gradient check");
    for (size_t e = 0; e < outputs; e++)
        w->dy[e] = (float)uniform(w, ATTEMPTS, check->output, e);
    return HWV_OK;
}

hwv_status hwv_graph_check_run(const hwv_graph_check *check, hwv_gradcheck_result *result, hwv_error *error)
{
    work w = {.check = check, .error = error};
    hwv_status status = work_fill(&w);
    if (status == HWV_OK)
        status = points_find(&w);
    if (status == HWV_OK) {
        numeric_fill(&w);
        status = analytic_compare(&w, 0, result);
    }
    if (status == HWV_OK)
        status = analytic_compare(&w, HWV_PASS_ALL, result);
    hwv_truth_free(&w.truth);
    hwv_truth_free(&w.numeric);
    hwv_weights_destroy(w.weights);
    hwv_free(w.dy);
    return status;
}
