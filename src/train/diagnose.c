/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Where the first number stopped being finite. Each way out of the finite numbers is caught in the step in which
 * it happens: a loss before the update, a gradient where its norm is known, a parameter right after the update. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "graph/structure.h"
#include "linalg/vector.h"
#include "train/trainer.h"

#define NONE SIZE_MAX

static size_t first_not_finite(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return i;
    return NONE;
}

static const char *number_name(double x)
{
    return isnan(x) ? "nan" : x > 0 ? "inf" : "-inf";
}

/* "fc1.weight" is the weight of layer fc1. */
static int layer_length(const char *name)
{
    return (int)strcspn(name, ".");
}

static const char *part_name(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot ? dot + 1 : name;
}

/* "[3,5]" for element i of a value. */
static void position_print(char *text, size_t size, const hwv_shape *shape, size_t i)
{
    size_t at[HWV_MAX_RANK], used = 0;
    for (size_t d = shape->rank; d-- > 0;) {
        at[d] = i % shape->dim[d];
        i /= shape->dim[d];
    }
    for (size_t d = 0; d < shape->rank && used < size; d++)
        used += (size_t)snprintf(text + used, size - used, "%s%zu", d > 0 ? "," : "[", at[d]);
    if (used < size)
        snprintf(text + used, size - used, "]");
}

/* The first parameter, or with `backwards` the last one, that is not finite in a block with the weights' layout. Not
 * state: running statistics only follow what a layer gave. */
static bool parameter_print(const hwv_trainer *t, const float *block, bool backwards, const char *what, const char *why,
                            hwv_error *error)
{
    const hwv_graph *graph = t->model->graph;
    size_t values = hwv_graph_value_count(graph);
    for (size_t k = 0; k < values; k++) {
        hwv_id id = (hwv_id)(backwards ? values - 1 - k : k);
        const hwv_value *value = hwv_graph_value(graph, id);
        size_t offset = hwv_weights_offset(t->model->weights, id), elements;
        if (offset == SIZE_MAX || value->role == HWV_ROLE_STATE || !hwv_shape_elements(&value->shape, 1, &elements))
            continue;
        size_t i = first_not_finite(block + offset, elements);
        if (i == NONE)
            continue;
        char position[64];
        position_print(position, sizeof position, &value->shape, i);
        hwv_fail(error, HWV_ERR_NUMERIC, "step %zu, layer %.*s: %s%s%s %s %s", t->step + 1, layer_length(value->name),
                 value->name, what, part_name(value->name), position, why, number_name((double)block[offset + i]));
        return true;
    }
    return false;
}

static bool is_winograd(const hwv_plan *plan, hwv_id node)
{
    for (size_t s = 0; s < hwv_plan_step_count(plan); s++) {
        const hwv_plan_step step = hwv_plan_step_at(plan, s);
        if (step.node == node && !step.backward)
            return step.algorithm && strcmp(step.algorithm, "winograd") == 0;
    }
    return false;
}

/* Element i of a node's output, and of which sample it is. */
static void output_print(const hwv_trainer *t, const hwv_plan *plan, hwv_id id, size_t i, double number,
                         hwv_error *error)
{
    const hwv_node *node = hwv_graph_node_at(t->model->graph, id);
    const hwv_shape *shape = &hwv_graph_value(t->model->graph, node->output[0])->shape;
    size_t each;
    char sample[60] = "";
    if (hwv_shape_batched(shape) && hwv_shape_elements(shape, 1, &each))
        snprintf(sample, sizeof sample, " for training sample %lu",
                 (unsigned long)t->order[t->batch_at * t->options.batch + i / each]);
    hwv_fail(error, HWV_ERR_NUMERIC, "step %zu, layer %.*s: the output of unit %zu is %s%s%s", t->step + 1,
             layer_length(node->name), node->name, shape->rank > 0 ? i % shape->dim[shape->rank - 1] : 0,
             number_name(number), sample,
             is_winograd(plan, id) ? ", by Winograd's filtering; direct convolution may do without it" : "");
}

/* The first node in order whose output is not finite, in a plan that keeps all outputs. */
static bool node_print(const hwv_trainer *t, hwv_plan *plan, hwv_error *error)
{
    const hwv_graph *graph = t->model->graph;
    for (size_t n = 0; n < hwv_graph_node_count(graph); n++) {
        const hwv_node *node = hwv_graph_node_at(graph, (hwv_id)n);
        const hwv_value *value = hwv_graph_value(graph, node->output[0]);
        const float *data = hwv_plan_data(plan, node->output[0]);
        size_t elements;
        if (!data || value->element != HWV_ELEMENT_F32 ||
            !hwv_shape_elements(&value->shape, t->options.batch, &elements))
            continue;
        size_t i = first_not_finite(data, elements);
        if (i == NONE)
            continue;
        if (node->output[0] == t->model->loss)
            hwv_fail(error, HWV_ERR_NUMERIC, "step %zu, layer %s: the loss is %s, the logits are finite", t->step + 1,
                     node->name, number_name((double)data[i]));
        else
            output_print(t, plan, (hwv_id)n, i, (double)data[i], error);
        return true;
    }
    return false;
}

/* The same step once more, on a plan that convolves alike and keeps everything. Without memory for it the message stays
 * short. Running statistics move in training: the weights are put back, from the gradients, which this step has no use for. */
static void look_again(hwv_trainer *t, hwv_error *error)
{
    const hwv_train_options *o = &t->options;
    const unsigned winograd = o->convolution == HWV_CONVOLUTION_DIRECT ? 0 : HWV_PASS_WINOGRAD;
    const hwv_plan_options options = {
        .batch = o->batch, .training = true, .passes = o->passes & winograd, .executor = o->executor};
    hwv_plan *plan = NULL;
    if (hwv_plan_create(&plan, t->model->graph, t->model->weights, t->model->loss, &options, NULL) != HWV_OK)
        return;
    memcpy(hwv_plan_data(plan, t->model->input), t->x, o->batch * t->data->features * sizeof(float));
    memcpy(hwv_plan_data(plan, t->model->labels), t->labels, t->batch_labels * sizeof *t->labels);
    hwv_plan_seed(plan, o->seed, t->draw);
    memcpy(t->gradients, t->weights, t->elements * sizeof *t->weights);
    hwv_plan_forward(plan);
    memcpy(t->weights, t->gradients, t->elements * sizeof *t->weights);
    (void)node_print(t, plan, error);
    hwv_plan_destroy(plan);
}

hwv_status hwv_diagnose_forward(hwv_trainer *t, double loss, hwv_error *error)
{
    const hwv_train_options *o = &t->options;
    const float *x = t->x;
    size_t features = t->data->features, bad = t->data->block > 0 ? NONE : first_not_finite(x, o->batch * features);
    hwv_fail(error, HWV_ERR_NUMERIC, "step %zu: the loss is %s", t->step + 1, number_name(loss));
    if (bad != NONE)
        return hwv_fail(error, HWV_ERR_NUMERIC, "step %zu, input: feature %zu of training sample %lu is %s",
                        t->step + 1, bad % features, (unsigned long)t->order[t->batch_at * o->batch + bad / features],
                        number_name((double)x[bad]));
    if (parameter_print(t, t->weights, false, "", "is", error))
        return HWV_ERR_NUMERIC;

    look_again(t, error);
    return HWV_ERR_NUMERIC;
}

hwv_status hwv_diagnose_gradient(hwv_trainer *t, hwv_error *error)
{
    hwv_fail(error, HWV_ERR_NUMERIC, "step %zu: the gradient is not finite", t->step + 1);
    (void)parameter_print(t, t->gradients, true, "the gradient of ", "is", error);
    return HWV_ERR_NUMERIC;
}

hwv_status hwv_diagnose_update(hwv_trainer *t, hwv_error *error)
{
    /* The gradient was at fault, or else rate or moment. */
    if (!isfinite(hwv_sum_of_squares(t->elements, t->gradients)))
        return hwv_diagnose_gradient(t, error);
    hwv_fail(error, HWV_ERR_NUMERIC, "step %zu: the update is not finite", t->step + 1);
    (void)parameter_print(t, t->weights, false, "", "became", error);
    return HWV_ERR_NUMERIC;
}
