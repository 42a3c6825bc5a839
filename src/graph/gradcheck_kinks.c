/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Where an operator bends, and its gradients there. */
#include "graph/gradcheck.h"
#include "graph/plan.h"

#include <math.h>
#include <stdio.h>

static double curvature(const hwv_act *act, double x, double h)
{
    return (hwv_act_reference(act, x + h) - 2 * hwv_act_reference(act, x) + hwv_act_reference(act, x - h)) / (h * h);
}

/* df/d|h| at x from that side, by the parabola through three points beside x: f(x) itself may lie elsewhere. */
static double slope_beside(const hwv_act *act, double x, double h)
{
    double near = hwv_act_reference(act, x + h), middle = hwv_act_reference(act, x + 2 * h);
    return (4 * middle - 2.5 * near - 1.5 * hwv_act_reference(act, x + 3 * h)) / fabs(h);
}

size_t hwv_kinks_find(const hwv_act *act, hwv_kink kinks[HWV_KINKS])
{
    const double p0 = (double)act->param[0], p1 = (double)act->param[1];
    const double places[] = {0, 1, -1, 3, -3, 6, -6, p0, -p0, p1, -p1};
    const double h = 0x1p-12;
    size_t count = 0;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        double x = places[i];
        bool known = false;
        for (size_t k = 0; k < count; k++)
            known |= kinks[k].x == x;
        double left = -slope_beside(act, x, -h), right = slope_beside(act, x, h);
        double across = (hwv_act_reference(act, x + h) - hwv_act_reference(act, x - h)) / (2 * h);
        /* A smooth curve's slope changes by a few h over a few h, and so does its curvature. */
        bool corner = fabs(right - left) > 16 * h || fabs(across - (left + right) / 2) > 16 * h;
        bool bend = fabs(curvature(act, x + h, h) - curvature(act, x - h, h)) > 256 * h;
        if (!known && (corner || bend))
            kinks[count++] = (hwv_kink){.x = x, .left = left, .right = right, .corner = corner};
    }
    return count;
}

/* Half an ULP each for the gradient and its reference, and the rounding of a parameter. */
#define TIGHT 0x1p-22
/* A one-sided difference takes steps of 2^-12. */
#define ONE_SIDED 0x1p-10

/* The gradient at x in float is that of the reference, and the reference's is the slope on x's side; exactly at the
 * kink on either side. side: -1, 0, 1. */
static void kink_compare(const hwv_act *act, const hwv_kink *kink, int side, float x, float got,
                         hwv_gradcheck_result *result)
{
    double wanted = hwv_act_reference_gradient(act, (double)x), scale = fmax(1, fabs(wanted));
    double left = fabs(wanted - kink->left), right = fabs(wanted - kink->right);
    char where[sizeof result->where];
    snprintf(where, sizeof where, "x = %a: %.9g, expected %.9g", (double)x, (double)got, wanted);
    hwv_gradcheck_merge(result, fabs((double)got - wanted) / scale, TIGHT, where);
    snprintf(where, sizeof where, "x = %a: reference %.9g, slopes %.9g and %.9g", (double)x, wanted, kink->left,
             kink->right);
    hwv_gradcheck_merge(result, (side < 0 ? left : side > 0 ? right : fmin(left, right)) / scale, ONE_SIDED, where);
    result->coordinates++;
}

/* Sets every x (and every slope) and runs; the gradients of the outputs are 1. Returns the last x's gradient. */
static float gradient_at(const hwv_graph_check *check, hwv_weights *weights, hwv_plan *plan, float x)
{
    const hwv_graph *graph = check->graph;
    const hwv_node *node = &graph->nodes[0];
    size_t elements = 0, slopes = 0;
    hwv_shape_elements(&graph->values[node->input[0]].shape, 1, &elements);
    for (size_t e = 0; e < elements; e++) {
        hwv_weights_data(weights, node->input[0])[e] = x;
        hwv_plan_gradient(plan, check->output)[e] = 1;
    }
    if (node->input_count > 1)
        hwv_shape_elements(&graph->values[node->input[1]].shape, 1, &slopes);
    for (size_t e = 0; e < slopes; e++)
        hwv_weights_data(weights, node->input[1])[e] = node->attributes.act.param[0];
    hwv_plan_forward(plan);
    hwv_plan_backward(plan, false);
    return hwv_plan_gradient(plan, node->input[0])[elements - 1];
}

hwv_status hwv_kinks_check(const hwv_graph_check *check, hwv_gradcheck_result *result, hwv_error *error)
{
    const hwv_act *act = &check->graph->nodes[0].attributes.act;
    hwv_plan_options options = {.batch = 1, .training = true, .passes = HWV_PASS_ALL};
    hwv_kink kinks[HWV_KINKS];
    size_t count = hwv_kinks_find(act, kinks);
    hwv_weights *weights = NULL;
    hwv_plan *plan = NULL;
    hwv_status status = hwv_weights_create(&weights, check->graph, error);
    if (status == HWV_OK)
        status = hwv_plan_create(&plan, check->graph, weights, check->output, &options, error);
    if (status == HWV_OK && check->plant.kind != 0)
        hwv_plan_plant(plan, (hwv_node_kind)check->plant.kind, check->plant.op);
    for (size_t k = 0; status == HWV_OK && k < count; k++)
        for (int side = -1; kinks[k].corner && side <= 1; side++) {
            float x = (float)kinks[k].x;
            if (side != 0)
                x = nextafterf(x, side < 0 ? -INFINITY : INFINITY);
            kink_compare(act, &kinks[k], side, x, gradient_at(check, weights, plan, x), result);
        }
    hwv_plan_destroy(plan);
    hwv_weights_destroy(weights);
    return status;
}
