/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Passes in evaluation mode. Counts are exact integers and losses are summed in the order of the samples, so
 * the number of threads does not matter. */
#include "train/evaluator.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "graph/structure.h"
#include "train/kernels.h"

/* Samples of a run at most. */
#define BATCH ((size_t)256)
/* What hides nothing from an observer of activations. */
#define PASSES (HWV_PASS_REUSE | HWV_PASS_DENSE_BIAS | HWV_PASS_SWEEP | HWV_PASS_VIEW)

hwv_status hwv_model_accepts(const hwv_model *model, const hwv_data *data, hwv_error *error)
{
    const bool tokens = hwv_graph_value(model->graph, model->input)->element == HWV_ELEMENT_I32;
    size_t features = 1;
    if (tokens != (data->block > 0))
        return hwv_fail(error, HWV_ERR_SHAPE, "%s has samples of %s, the model takes %s", data->name,
                        tokens ? "numbers" : "tokens", tokens ? "tokens" : "numbers");
    for (size_t i = 0; i < model->options.rank; i++)
        features *= model->options.dims[i];
    if (features != data->features)
        return hwv_fail(error, HWV_ERR_SHAPE, "%s has samples of %zu elements, the model takes %zu", data->name,
                        data->features, features);
    size_t labels;
    if (!hwv_shape_elements(&hwv_graph_value(model->graph, model->labels)->shape, 1, &labels) ||
        labels != hwv_data_labels(data))
        return hwv_fail(error, HWV_ERR_SHAPE, "%s has %zu labels a sample, the model takes %zu", data->name,
                        hwv_data_labels(data), labels);
    if (model->options.classes != data->classes)
        return hwv_data_check_labels(data, model->options.classes, error);
    return HWV_OK;
}

/* ---- counting ------------------------------------------------------------------------------------ */

static void count_units(void *self, const hwv_observation *seen)
{
    hwv_evaluator *e = self;
    if (!e->counting)
        return;
    for (size_t l = 0; l < e->layer_count; l++) {
        hwv_unit_counter *layer = &e->layers[l];
        if (layer->node != seen->node)
            continue;
        hwv_act act;
        (void)hwv_node_activates(hwv_graph_node_at(e->model->graph, layer->node), &act);
        size_t stride = hwv_mask_words(seen->cols);
        hwv_act_fires(&act, HWV_F32, seen->rows, seen->cols, seen->z, seen->z_stride, e->mask, stride, NULL);
        layer->looks += seen->rows;
        hwv_mask_count(seen->rows, seen->cols, e->mask, stride, layer->fired);
        layer->zeros += hwv_train_kernels_current()->zeros(seen->rows * seen->cols, seen->y);
    }
}

static hwv_status layers_init(hwv_evaluator *e, hwv_error *error)
{
    const hwv_graph *graph = e->model->graph;
    size_t nodes = hwv_graph_node_count(graph), widest = 0;
    for (size_t pass = 0; pass < 2; pass++) {
        size_t layer = 0, unit = 0;
        for (size_t i = 0; i < nodes; i++) {
            const hwv_node *node = hwv_graph_node_at(graph, (hwv_id)i);
            hwv_act act;
            if (!hwv_node_activates(node, &act))
                continue;
            const hwv_shape *shape = &hwv_graph_value(graph, node->output[0])->shape;
            size_t units = shape->dim[shape->rank - 1];
            if (pass == 1)
                e->layers[layer] =
                    (hwv_unit_counter){.node = (hwv_id)i,
                                       .units = units,
                                       .can_die = hwv_act_claims(&act) & (HWV_FLAT_SILENT | HWV_SLOPE_ARRAY),
                                       .slopes = node->input_count > 1 ? node->input[1] : HWV_NO_ID,
                                       .fired = e->fired + unit};
            size_t all;
            if (!hwv_shape_elements(shape, e->batch, &all))
                return hwv_fail(error, HWV_ERR_MEMORY, "%s is too large to be counted", node->name);
            size_t words = all / units * hwv_mask_words(units);
            widest = words > widest ? words : widest;
            layer++;
            unit += units;
        }
        if (pass == 1)
            break;
        e->layer_count = layer;
        e->unit_count = unit;
        e->layers = hwv_calloc(layer, sizeof *e->layers);
        e->fired = hwv_calloc(unit, sizeof *e->fired);
        e->mask = hwv_calloc(widest, sizeof *e->mask);
        if (!e->layers || !e->fired || !e->mask)
            return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the counts of %zu units", unit);
    }
    return HWV_OK;
}

/* ---- life ---------------------------------------------------------------------------------------- */

hwv_status hwv_forward_plan(hwv_plan **plan, hwv_model *model, hwv_id output, size_t batch,
                            const hwv_executor *executor, hwv_error *error)
{
    hwv_plan_options options = {.batch = batch, .passes = PASSES, .executor = executor};
    return hwv_plan_create(plan, model->graph, model->weights, output, &options, error);
}

hwv_status hwv_batch_choose(size_t *batch, hwv_model *model, hwv_id output, size_t most, hwv_error *error)
{
    const hwv_plan_options options = {.passes = PASSES};
    HWV_TRY(hwv_plan_batch(batch, model->graph, model->weights, output, &options, error));
    *batch = *batch < BATCH ? *batch : BATCH;
    *batch = most < 1 ? 1 : most < *batch ? most : *batch;
    return HWV_OK;
}

static hwv_status init(hwv_evaluator *e, hwv_model *model, size_t most, const hwv_executor *executor, hwv_error *error)
{
    HWV_TRY(hwv_batch_choose(&e->batch, model, model->loss, most, error));
    HWV_TRY(hwv_forward_plan(&e->plan, model, model->loss, e->batch, executor, error));
    e->x = hwv_plan_data(e->plan, model->input);
    e->labels = hwv_plan_data(e->plan, model->labels);
    e->loss = hwv_plan_data(e->plan, model->loss);
    e->logits = hwv_plan_data(e->plan, model->logits);
    if (!e->x || !e->labels || !e->loss || !e->logits)
        return hwv_fail(error, HWV_ERR_INTERNAL, "a plan lacks its input, labels, logits or loss");
    e->wrong = hwv_calloc(e->batch * hwv_data_labels(e->data), sizeof *e->wrong);
    if (!e->wrong)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to evaluate");
    HWV_TRY(layers_init(e, error));
    hwv_observer observer = {.self = e, .forward = count_units};
    return hwv_plan_observe(e->plan, &observer, error);
}

hwv_status hwv_evaluator_init(hwv_evaluator *e, hwv_model *model, const hwv_data *data, size_t most,
                              const hwv_executor *executor, hwv_error *error)
{
    *e = (hwv_evaluator){.model = model, .data = data};
    hwv_status status = init(e, model, most, executor, error);
    if (status != HWV_OK)
        hwv_evaluator_free(e);
    return status;
}

void hwv_evaluator_free(hwv_evaluator *e)
{
    hwv_plan_destroy(e->plan);
    hwv_free(e->wrong);
    hwv_free(e->layers);
    hwv_free(e->fired);
    hwv_free(e->mask);
    memset(e, 0, sizeof *e);
}

/* ---- a pass -------------------------------------------------------------------------------------- */

/* Position of the first largest. */
static size_t largest(const float *x, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (x[i] > x[best])
            best = i;
    return best;
}

static void gather(const hwv_evaluator *e, const hwv_data_part *part, size_t first, size_t rows)
{
    if (part->tokens)
        hwv_data_gather_tokens(e->data, part, NULL, first, rows, e->x, e->labels);
    else
        hwv_data_gather(e->data, part, NULL, first, rows, e->x, e->labels);
}

hwv_pass_result hwv_evaluator_run(hwv_evaluator *e, const hwv_data_part *whole, bool count, size_t *confusion)
{
    hwv_pass_result result = {.loss = 0};
    const hwv_data_part apart = hwv_data_apart(e->data, whole), *part = &apart;
    size_t classes = e->model->options.classes, each = hwv_data_labels(e->data);
    e->counting = count;
    if (count) {
        memset(e->fired, 0, e->unit_count * sizeof *e->fired);
        for (size_t l = 0; l < e->layer_count; l++)
            e->layers[l].zeros = e->layers[l].looks = 0;
    }
    for (size_t first = 0; first < part->count; first += e->batch) {
        size_t rows = part->count - first < e->batch ? part->count - first : e->batch;
        hwv_plan_rows(e->plan, rows);
        gather(e, part, first, rows);
        hwv_plan_forward(e->plan);
        result.wrong += hwv_train_kernels_current()->wrong(rows * each, classes, e->logits, e->labels, e->wrong);
        result.loss += (double)*e->loss * (double)rows;
        for (size_t r = 0; confusion && r < rows * each; r++)
            confusion[(size_t)e->labels[r] * classes + largest(e->logits + r * classes, classes)]++;
    }
    e->counting = false;
    result.loss = part->count > 0 ? result.loss / (double)part->count : (double)NAN;
    result.error = part->count > 0 ? (double)result.wrong / ((double)part->count * (double)each) : (double)NAN;
    return result;
}

static bool is_dead(const hwv_evaluator *e, const hwv_unit_counter *layer, size_t unit)
{
    if (layer->fired[unit] > 0 || !layer->can_die)
        return false;
    if (layer->slopes == HWV_NO_ID)
        return true;
    bool one = hwv_graph_value(e->model->graph, layer->slopes)->shape.dim[0] == 1;
    return hwv_weights_data(e->model->weights, layer->slopes)[one ? 0 : unit] == 0;
}

size_t hwv_evaluator_dead(const hwv_evaluator *e)
{
    size_t dead = 0;
    for (size_t l = 0; l < e->layer_count; l++)
        for (size_t u = 0; u < e->layers[l].units; u++)
            dead += is_dead(e, &e->layers[l], u);
    return dead;
}

/* ---- results ------------------------------------------------------------------------------------- */

/* "relu", "leaky_relu(slope=0.2)", "reglu"; learned slopes are not parameters. */
static void act_print(char *text, size_t size, const hwv_node *node)
{
    const hwv_act *act = &node->attributes.act;
    const bool gate = node->kind == HWV_NODE_GATE;
    const hwv_op_info *info = gate ? NULL : hwv_op_row(act->op);
    size_t used =
        (size_t)snprintf(text, size, "%s", gate ? hwv_gate_get((size_t)node->attributes.gate)->name : info->name);
    if (gate || info->claims & HWV_SLOPE_ARRAY)
        return;
    for (size_t i = 0; i < HWV_ACT_PARAMS && info->param[i].name && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s=%g", i ? ", " : "(", info->param[i].name,
                                 (double)act->param[i]);
    if (info->param[0].name && used < size)
        snprintf(text + used, size - used, ")");
}

static void stats_fill(hwv_layer_stats *stats, const hwv_evaluator *e, const hwv_unit_counter *layer)
{
    const hwv_node *node = hwv_graph_node_at(e->model->graph, layer->node);
    const double looks = (double)layer->looks;
    memcpy(stats->name, node->name, sizeof stats->name);
    act_print(stats->act, sizeof stats->act, node);
    stats->units = layer->units;
    stats->looks = layer->looks;
    memcpy(stats->fired, layer->fired, layer->units * sizeof *stats->fired);
    for (size_t u = 0; u < layer->units && layer->looks > 0; u++) {
        uint64_t fired = layer->fired[u];
        stats->dead += is_dead(e, layer, u);
        stats->rare += fired > 0 && (double)fired < 0.01 * looks;
        stats->always_on += fired == layer->looks;
    }
    stats->zeros = layer->looks > 0 ? (double)layer->zeros / (looks * (double)layer->units) : 0;
}

hwv_status hwv_evaluator_layers(const hwv_evaluator *e, hwv_layer_stats **layers, size_t *layer_count, hwv_error *error)
{
    *layer_count = 0;
    *layers = hwv_calloc(e->layer_count, sizeof **layers);
    if (!*layers)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the statistics of %zu layers", e->layer_count);
    for (size_t l = 0; l < e->layer_count; l++) {
        hwv_layer_stats *stats = &(*layers)[l];
        stats->fired = hwv_calloc(e->layers[l].units, sizeof *stats->fired);
        *layer_count = l + 1;
        if (!stats->fired) {
            hwv_layer_stats_free(*layers, *layer_count);
            *layers = NULL;
            *layer_count = 0;
            return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the statistics of %zu layers", e->layer_count);
        }
        stats_fill(stats, e, &e->layers[l]);
    }
    return HWV_OK;
}

void hwv_layer_stats_free(hwv_layer_stats *layers, size_t layer_count)
{
    for (size_t l = 0; layers && l < layer_count; l++)
        hwv_free(layers[l].fired);
    hwv_free(layers);
}
