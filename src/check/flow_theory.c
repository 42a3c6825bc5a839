/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Mean-field theory of gradients (He et al. 2015; Schoenholz et al. 2017): weights are independent of what flows through
 * them, so mean squares multiply: a product by the sum of its squared weights over the size of its input, an activation by
 * the mean of f'^2 for normal z of the mean square that was measured, a batch norm by its squared scale. Gradients that
 * meet add. A maximum sends all to its winner, whose f' is that of the largest of the window. */
#include "check/flow_theory.h"

#include <math.h>

#include "graph/structure.h"
#include "halfwave/memory.h"

/* ---- activations ----------------------------------------------------------------------------------- */

double hwv_flow_slope(const hwv_act *act, double square, size_t of)
{
    /* The midpoint rule converges geometrically for smooth functions, and a kink at 0 lies between two points. */
    const int points = 4000;
    const double width = 20.0 / points, density = 0.39894228040143268, scale = sqrt(square);
    double sum = 0;
    for (int i = 0; i < points; i++) {
        const double g = -10 + (i + 0.5) * width, slope = hwv_act_reference_gradient(act, scale * g);
        const double others = of > 1 ? pow(0.5 * erfc(-g * 0.70710678118654752), (double)(of - 1)) : 1;
        sum += density * exp(-0.5 * g * g) * (double)of * others * slope * slope;
    }
    return sum * width;
}

typedef struct theory {
    const hwv_labelled *copy;
    double *gradient; /* mean square by value, what has arrived so far */
    bool *reached;
    size_t *winner_of; /* by value: elements of the window that this is the largest of; 0: no maximum reads it */
} theory;

static double mean_square(const theory *t, hwv_id value)
{
    size_t elements = 0;
    double sum = 0;
    (void)hwv_shape_elements(&hwv_graph_value(t->copy->graph, value)->shape, 1, &elements);
    const float *x = hwv_weights_data(t->copy->weights, value);
    for (size_t i = 0; i < elements; i++)
        sum += (double)x[i] * (double)x[i];
    return sum / (double)elements;
}

static double activation_factor(const theory *t, const hwv_node *node, double square)
{
    hwv_act act = node->attributes.act;
    const size_t of = t->winner_of[node->output[0]];
    if (act.op == HWV_OP_PRELU) {
        const hwv_role role = hwv_graph_value(t->copy->graph, node->input[1])->role;
        act = hwv_act_make(HWV_OP_LEAKY_RELU);
        act.param[0] = hwv_role_kept(role) ? (float)sqrt(mean_square(t, node->input[1])) : NAN;
    }
    return hwv_flow_slope(&act, square, of > 1 ? of : 1);
}

/* ---- products, norms, pools ------------------------------------------------------------------------ */

static double elements_of(const theory *t, hwv_id value)
{
    size_t elements = 0;
    (void)hwv_shape_elements(&hwv_graph_value(t->copy->graph, value)->shape, 1, &elements);
    return (double)elements;
}

/* Pairs of an output and a place of the kernel that lie within the image, along one axis. */
static double pairs(const hwv_window *window, size_t axis, size_t size, size_t outputs)
{
    size_t count = 0;
    for (size_t o = 0; o < outputs; o++)
        for (size_t k = 0; k < window->kernel[axis]; k++) {
            const size_t at = o * window->stride[axis] + k;
            count += at >= window->pad_before[axis] && at - window->pad_before[axis] < size;
        }
    return (double)count;
}

static double product_factor(const theory *t, const hwv_node *node)
{
    const hwv_graph *graph = t->copy->graph;
    const hwv_shape *y = &hwv_graph_value(graph, node->output[0])->shape;
    const hwv_shape *x = &hwv_graph_value(graph, node->input[0])->shape;
    const hwv_value *weight = hwv_graph_value(graph, node->input[1]);
    if (!hwv_role_kept(weight->role) || (node->kind == HWV_NODE_MATMUL && weight->shape.rank != 2))
        return (double)NAN;
    double outputs = elements_of(t, node->output[0]) / (double)y->dim[y->rank - 1];
    if (node->kind == HWV_NODE_CONV2D) {
        const hwv_window *window = &node->attributes.window;
        outputs = 1;
        for (size_t axis = 0; axis < 2; axis++)
            outputs *= pairs(window, axis, x->dim[1 + axis], y->dim[1 + axis]) / (double)window->kernel[axis];
    }
    return mean_square(t, node->input[1]) * elements_of(t, node->input[1]) * outputs / elements_of(t, node->input[0]);
}

static double norm_factor(const theory *t, const hwv_node *node)
{
    const float *weight = hwv_weights_data(t->copy->weights, node->input[1]);
    const float *variance = hwv_weights_data(t->copy->weights, node->input[4]);
    const size_t units = hwv_graph_value(t->copy->graph, node->input[1])->shape.dim[0];
    double sum = 0;
    if (weight == NULL || variance == NULL)
        return (double)NAN;
    for (size_t u = 0; u < units; u++)
        sum += (double)weight[u] * (double)weight[u] / ((double)variance[u] + (double)node->attributes.epsilon);
    return sum / (double)units;
}

static double pool_factor(theory *t, const hwv_node *node)
{
    const double each = elements_of(t, node->output[0]) / elements_of(t, node->input[0]);
    const size_t window = node->attributes.window.kernel[0] * node->attributes.window.kernel[1];
    if (node->kind == HWV_NODE_MAX_POOL2D) {
        t->winner_of[node->input[0]] = window;
        return each;
    }
    return node->kind == HWV_NODE_AVG_POOL2D ? each / (double)window : each * each;
}

static double factor(theory *t, const hwv_node *node, double square)
{
    switch ((int)node->kind) {
    case HWV_NODE_BIAS:
    case HWV_NODE_ADD:
    case HWV_NODE_FLATTEN:
    case HWV_NODE_RESHAPE:
    case HWV_NODE_TRANSPOSE:
    case HWV_NODE_DROPOUT:
        return 1;
    case HWV_NODE_ACTIVATION:
        return activation_factor(t, node, square);
    case HWV_NODE_DENSE:
    case HWV_NODE_CONV2D:
    case HWV_NODE_MATMUL:
        return product_factor(t, node);
    case HWV_NODE_BATCH_NORM:
        return norm_factor(t, node);
    case HWV_NODE_MAX_POOL2D:
    case HWV_NODE_AVG_POOL2D:
    case HWV_NODE_GLOBAL_AVG_POOL2D:
        return pool_factor(t, node);
    default:
        return (double)NAN;
    }
}

static void sweep(theory *t, double at_logits, const double *signal)
{
    const hwv_graph *graph = t->copy->graph;
    t->gradient[t->copy->logits] = at_logits;
    t->reached[t->copy->logits] = true;
    for (size_t n = hwv_graph_node_count(graph); n-- > 0;) {
        const hwv_node *node = hwv_graph_node_at(graph, (hwv_id)n);
        if (!t->reached[node->output[0]])
            continue;
        const double arrives = t->gradient[node->output[0]] * factor(t, node, signal[node->input[0]]);
        /* the weights of a product or norm are not on the way */
        const size_t inputs = node->kind == HWV_NODE_ADD || isnan(arrives) ? node->input_count : 1;
        for (size_t i = 0; i < inputs; i++) {
            t->gradient[node->input[i]] += arrives;
            t->reached[node->input[i]] = true;
        }
    }
}

hwv_status hwv_flow_theory(const hwv_labelled *copy, double at_logits, const double *signal, double *gradient,
                           hwv_error *error)
{
    const size_t values = hwv_graph_value_count(copy->graph);
    theory t = {copy, gradient, hwv_calloc(values, sizeof *t.reached), hwv_calloc(values, sizeof *t.winner_of)};
    hwv_status status = HWV_OK;
    for (size_t v = 0; v < values; v++)
        gradient[v] = 0;
    if (t.reached && t.winner_of)
        sweep(&t, at_logits, signal);
    else
        status = hwv_fail(error, HWV_ERR_MEMORY, "no memory for the theory of gradients");
    for (size_t v = 0; status == HWV_OK && v < values; v++)
        gradient[v] = t.reached[v] ? gradient[v] : (double)NAN;
    hwv_free(t.reached);
    hwv_free(t.winner_of);
    return status;
}
