/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A model with a change of its network. The new notation gives the new graph; old and new layers are walked side by
 * side, since only norms come in between, and so are the nodes of a layer, of which only biases come and go. What does
 * not have the shape that the change says is refused: a shortcut that appears or vanishes, a width nobody can write. */
#include "model/model_change.h"
#include "model/notation.h"

#include <stdio.h>
#include <string.h>

void hwv_changed_model_free(hwv_changed_model *changed)
{
    hwv_model_free(&changed->model);
    hwv_free(changed->origin);
    *changed = (hwv_changed_model){0};
}

/* ---- cutting ---------------------------------------------------------------------------------------- */

static float *keep(const hwv_value_change *value, const hwv_shape *shape, size_t axis, float *to, const float *from)
{
    size_t length = axis < shape->rank ? shape->dim[axis] : 1, step = 1;
    const uint8_t *cut = axis < shape->rank ? value->cut[axis] : NULL;
    if (axis + 1 >= shape->rank && cut == NULL) {
        memcpy(to, from, length * sizeof *to);
        return to + length;
    }
    for (size_t a = axis + 1; a < shape->rank; a++)
        step *= shape->dim[a];
    for (size_t i = 0; i < length; i++, from += step) {
        if (cut && cut[i])
            continue;
        if (axis + 1 < shape->rank)
            to = keep(value, shape, axis + 1, to, from);
        else
            *to++ = *from;
    }
    return to;
}

void hwv_change_keep(const hwv_change *change, hwv_id value, float *to, const float *from)
{
    (void)keep(&change->values[value], &hwv_graph_value(change->network->graph, value)->shape, 0, to, from);
}

/* ---- walking side by side --------------------------------------------------------------------------- */

typedef struct walk {
    const hwv_change *change;
    const hwv_model *old;
    hwv_changed_model *changed;
    hwv_layer_places before, after;
    hwv_id *node_now; /* of each old node: the new one; HWV_NO_ID: none */
    hwv_error *error;
} walk;

static const hwv_node *old_node(const walk *w, hwv_id node)
{
    return hwv_graph_node_at(w->old->graph, node);
}

static const hwv_node *new_node(const walk *w, hwv_id node)
{
    return hwv_graph_node_at(w->changed->model.graph, node);
}

static bool same_shape(const hwv_shape *a, const hwv_shape *b)
{
    bool same = a->rank == b->rank;
    for (size_t d = 0; same && d < a->rank; d++)
        same = a->dim[d] == b->dim[d];
    return same;
}

/* "32 x 3 x 3", without the samples */
static const char *shape_print(char text[96], const hwv_shape *shape)
{
    size_t used = 0, first = shape->rank > 0 && shape->dim[0] == HWV_BATCH;
    text[0] = '\0';
    for (size_t d = first; d < shape->rank && used < 96; d++)
        used += (size_t)snprintf(text + used, 96 - used, "%s%zu", d > first ? " x " : "", shape->dim[d]);
    return text;
}

static hwv_status pair_values(walk *w, const hwv_layer_place *place, hwv_id old, hwv_id now)
{
    const hwv_value *value = hwv_graph_value(w->changed->model.graph, now);
    hwv_shape wanted = hwv_change_shape(w->change, old);
    char is[96], should[96];
    if (!same_shape(&wanted, &value->shape))
        return hwv_place_fail(
            place, w->error, "the change makes '%s' %s, but in layer notation it becomes %s: it cannot be said",
            hwv_graph_value(w->old->graph, old)->name, shape_print(should, &wanted), shape_print(is, &value->shape));
    w->changed->origin[now] = old;
    return HWV_OK;
}

static bool same_act(const hwv_act *a, const hwv_act *b)
{
    bool same = a->op == b->op;
    for (size_t i = 0; same && i < HWV_ACT_PARAMS && !(hwv_op_row(a->op)->claims & HWV_SLOPE_ARRAY); i++)
        same = a->param[i] == b->param[i];
    return same;
}

static hwv_status pair_nodes(walk *w, const hwv_layer_place *place, hwv_id old, hwv_id now)
{
    const hwv_node *was = old_node(w, old), *is = new_node(w, now);
    const hwv_act_change *act = hwv_change_act_of(w->change, old);
    if (was->kind != is->kind ||
        (is->kind == HWV_NODE_ACTIVATION && !same_act(&is->attributes.act, act ? &act->act : &was->attributes.act)))
        return hwv_place_fail(place, w->error, "'%s' would become '%s': layer notation cannot say the change",
                              was->name, is->name);
    w->node_now[old] = now;
    for (size_t i = 1; i < was->input_count && i < is->input_count && act == NULL; i++)
        if (hwv_weights_offset(w->old->weights, was->input[i]) != SIZE_MAX)
            HWV_TRY(pair_values(w, place, was->input[i], is->input[i]));
    return pair_values(w, place, was->output[0], is->output[0]);
}

static bool is_bias(const hwv_node *node)
{
    return node->kind == HWV_NODE_BIAS;
}

/* Nodes of a layer but for biases. */
static size_t firm_nodes(const hwv_graph *graph, const hwv_layer_place *place)
{
    size_t count = 0;
    for (hwv_id n = place->first_node; n < place->end_node; n++)
        count += !is_bias(hwv_graph_node_at(graph, n));
    return count;
}

/* Biases without a partner are left to biases_fill. */
static hwv_status pair_layers(walk *w, const hwv_layer_place *old, const hwv_layer_place *now)
{
    hwv_id i = old->first_node, k = now->first_node;
    size_t left = firm_nodes(w->old->graph, old), right = firm_nodes(w->changed->model.graph, now);
    if (left != right)
        return hwv_place_fail(old, w->error, "with these widths the shortcut of res would %s its convolution",
                              left > right ? "lose" : "get");
    while (i < old->end_node || k < now->end_node) {
        bool bias_left = i < old->end_node && is_bias(old_node(w, i));
        bool bias_right = k < now->end_node && is_bias(new_node(w, k));
        if (bias_left == bias_right) {
            HWV_TRY(pair_nodes(w, old, i++, k++));
        } else {
            i += bias_left;
            k += bias_right;
        }
    }
    return HWV_OK;
}

static float *new_data(const walk *w, const hwv_node *node, size_t input)
{
    return hwv_weights_data(w->changed->model.weights, node->input[input]);
}

/* Units of a vector that are not cut. */
static void keep_units(float *to, const float *from, const uint8_t *cut, size_t units)
{
    for (size_t i = 0; i < units; i++)
        if (cut == NULL || !cut[i])
            *to++ = from[i];
}

/* The node that `now` is must be the batch norm of a norm change. */
static hwv_status norm_fill(walk *w, const hwv_layer_place *place, const hwv_norm_change *norm,
                            const hwv_layer_place *now)
{
    const hwv_node *act = old_node(w, norm->node), *is = now ? new_node(w, now->first_node) : NULL;
    const hwv_shape *z = &hwv_graph_value(w->old->graph, act->input[0])->shape;
    const uint8_t *cut = w->change->values[act->input[0]].cut[z->rank - 1];
    if (norm->units != z->dim[z->rank - 1])
        return hwv_fail(w->error, HWV_ERR_ARGUMENT, "a norm of %zu units in front of '%s', which has %zu", norm->units,
                        act->name, z->dim[z->rank - 1]);
    if (is == NULL || is->kind != HWV_NODE_BATCH_NORM || is->attributes.epsilon != norm->epsilon)
        return hwv_place_fail(place, w->error, "a norm of epsilon %g; layer notation has batch norms of %g",
                              (double)norm->epsilon, is ? (double)is->attributes.epsilon : 0.0);
    size_t units = hwv_graph_value(w->changed->model.graph, is->input[1])->shape.dim[0];
    for (size_t i = 0; i < units; i++)
        new_data(w, is, 1)[i] = 1;
    keep_units(new_data(w, is, 3), norm->mean, cut, norm->units);
    keep_units(new_data(w, is, 4), norm->variance, cut, norm->units);
    return HWV_OK;
}

static const hwv_norm_change *norm_in_front(const walk *w, const hwv_layer_place *place)
{
    const hwv_norm_change *norm = NULL;
    for (hwv_id n = place->first_node; norm == NULL && n < place->end_node; n++)
        norm = hwv_change_norm_of(w->change, n);
    return norm;
}

static hwv_status walk_layers(walk *w)
{
    size_t next = 0;
    for (size_t i = 0; i < w->before.count; i++, next++) {
        const hwv_layer_place *place = &w->before.place[i];
        const hwv_norm_change *norm = norm_in_front(w, place);
        if (norm) {
            HWV_TRY(norm_fill(w, place, norm, next < w->after.count ? &w->after.place[next] : NULL));
            next++;
        }
        if (next >= w->after.count)
            return hwv_place_fail(place, w->error, "the changed notation ends before this layer");
        HWV_TRY(pair_layers(w, place, &w->after.place[next]));
    }
    return pair_values(w, &w->before.place[0], w->old->input, w->changed->model.input);
}

/* ---- numbers --------------------------------------------------------------------------------------- */

/* An old parameter as the change wants it, before the cut. */
static const float *wanted_data(const walk *w, hwv_id value)
{
    const float *data = w->change->values[value].data;
    return data ? data : hwv_weights_data(w->old->weights, value);
}

static void values_fill(walk *w)
{
    const hwv_model *now = &w->changed->model;
    for (size_t v = 0; v < hwv_graph_value_count(now->graph); v++) {
        hwv_id old = w->changed->origin[v];
        float *to = hwv_weights_data(now->weights, (hwv_id)v);
        if (to && old != HWV_NO_ID)
            hwv_change_keep(w->change, old, to, wanted_data(w, old));
    }
}

/* Slopes of what became a prelu. */
static void slopes_fill(walk *w)
{
    for (size_t i = 0; i < w->change->act_count; i++) {
        const hwv_act_change *act = &w->change->acts[i];
        const hwv_node *now = new_node(w, w->node_now[act->node]);
        if (now->input_count < 2)
            continue;
        size_t units = hwv_graph_value(w->changed->model.graph, now->input[1])->shape.dim[0];
        for (size_t u = 0; u < units; u++)
            new_data(w, now, 1)[u] = act->act.param[0];
    }
}

/* What reads a product: its bias, or the batch norm that stands for it; the builder adds them next to it. */
static const hwv_node *node_behind(const hwv_graph *graph, hwv_id id, hwv_node_kind kind)
{
    const hwv_node *node = hwv_graph_node_at(graph, id), *next = hwv_graph_node_at(graph, id + 1);
    return next && next->kind == kind && next->input[0] == node->output[0] ? next : NULL;
}

static const hwv_layer_place *place_of(const walk *w, hwv_id node)
{
    size_t i = 0;
    while (i + 1 < w->before.count && w->before.place[i].end_node <= node)
        i++;
    return &w->before.place[i];
}

/* A bias that has no partner: one that is new, or is no longer there since a batch norm follows, whose mean then has it. */
static hwv_status bias_fill(walk *w, hwv_id old)
{
    const hwv_graph *now = w->changed->model.graph;
    const hwv_node *product = old_node(w, old), *was = node_behind(w->old->graph, old, HWV_NODE_BIAS);
    const hwv_node *is = node_behind(now, w->node_now[old], HWV_NODE_BIAS);
    const hwv_node *norm = node_behind(now, w->node_now[old], HWV_NODE_BATCH_NORM);
    const hwv_bias_change *added = hwv_change_bias_of(w->change, old);
    size_t units = hwv_graph_value(w->old->graph, product->input[1])->shape.dim[0], kept = 0;
    const uint8_t *cut = w->change->values[product->input[1]].cut[0];
    if (added && (was || added->units != units))
        return hwv_fail(w->error, HWV_ERR_ARGUMENT, "'%s' of %zu units gets a bias of %zu%s", product->name, units,
                        added->units, was ? ", but has one" : "");
    if (was ? is != NULL : added == NULL)
        return HWV_OK;
    const float *bias = added ? added->bias : wanted_data(w, was->input[1]);
    if (is) {
        keep_units(new_data(w, is, 1), bias, cut, units);
        return HWV_OK;
    }
    if (norm == NULL)
        return hwv_place_fail(place_of(w, old), w->error, "there is no place for the bias of '%s'", product->name);
    for (size_t i = 0; i < units; i++)
        if (cut == NULL || !cut[i])
            new_data(w, norm, 3)[kept++] -= bias[i];
    return HWV_OK;
}

static hwv_status biases_fill(walk *w)
{
    for (hwv_id n = 0; n < hwv_graph_node_count(w->old->graph); n++) {
        hwv_node_kind kind = old_node(w, n)->kind;
        if (kind == HWV_NODE_DENSE || kind == HWV_NODE_CONV2D)
            HWV_TRY(bias_fill(w, n));
    }
    return HWV_OK;
}

/* ---- the whole -------------------------------------------------------------------------------------- */

/* The change's network is that of the model, and what it names exists. */
static hwv_status change_check(const walk *w)
{
    const hwv_graph *graph = w->old->graph, *other = w->change->network->graph;
    size_t nodes = hwv_graph_node_count(graph);
    bool same = nodes == hwv_graph_node_count(other) && w->change->value_count == hwv_graph_value_count(graph) &&
                hwv_graph_value_count(other) == w->change->value_count;
    for (size_t v = 0; same && v < w->change->value_count; v++) {
        const hwv_value *a = hwv_graph_value(graph, (hwv_id)v), *b = hwv_graph_value(other, (hwv_id)v);
        same = strcmp(a->name, b->name) == 0 && same_shape(&a->shape, &b->shape);
    }
    if (!same)
        return hwv_fail(w->error, HWV_ERR_MISMATCH, "the change is of another network than this model's");
    for (size_t i = 0; same && i < w->change->act_count; i++)
        same = w->change->acts[i].node < nodes && old_node(w, w->change->acts[i].node)->kind == HWV_NODE_ACTIVATION;
    for (size_t i = 0; same && i < w->change->norm_count; i++)
        same = w->change->norms[i].node < nodes && old_node(w, w->change->norms[i].node)->kind == HWV_NODE_ACTIVATION &&
               hwv_change_norm_of(w->change, w->change->norms[i].node) == &w->change->norms[i];
    for (size_t i = 0; same && i < w->change->bias_count; i++) {
        hwv_id node = w->change->biases[i].node;
        same = node < nodes && hwv_change_bias_of(w->change, node) == &w->change->biases[i] &&
               (old_node(w, node)->kind == HWV_NODE_DENSE || old_node(w, node)->kind == HWV_NODE_CONV2D);
    }
    return same ? HWV_OK
                : hwv_fail(w->error, HWV_ERR_ARGUMENT,
                           "the change gives a node what is not for its kind, or twice: activations and norms are of "
                           "activations, biases of products");
}

/* The new notation, built. */
static hwv_status rebuild(walk *w)
{
    hwv_text notation = {0};
    hwv_status status = hwv_notation_change(&notation, w->old, &w->before, w->change, w->error);
    if (status == HWV_OK) {
        status = hwv_model_build_placed(&w->changed->model, &w->after, notation.data, &w->old->options, w->error);
        if (status != HWV_OK && status != HWV_ERR_MEMORY) {
            hwv_fail_prefix(w->error, status, "the changed model '%.60s' cannot be built: ", notation.data);
            status = hwv_fail(w->error, HWV_ERR_UNSUPPORTED, "%s", w->error ? w->error->text : "");
        }
    }
    hwv_text_free(&notation);
    return status;
}

static hwv_status change_model(walk *w)
{
    hwv_model again;
    size_t nodes = hwv_graph_node_count(w->old->graph);
    HWV_TRY(change_check(w));
    HWV_TRY(hwv_model_build_placed(&again, &w->before, w->old->notation, &w->old->options, w->error));
    hwv_model_free(&again);
    HWV_TRY(rebuild(w));
    size_t values = hwv_graph_value_count(w->changed->model.graph);
    w->changed->origin = hwv_calloc(values, sizeof *w->changed->origin);
    w->node_now = hwv_calloc(nodes, sizeof *w->node_now);
    if (w->changed->origin == NULL || w->node_now == NULL)
        return hwv_fail(w->error, HWV_ERR_MEMORY, "no memory to change a model");
    for (size_t v = 0; v < values; v++)
        w->changed->origin[v] = HWV_NO_ID;
    for (size_t n = 0; n < nodes; n++)
        w->node_now[n] = HWV_NO_ID;
    HWV_TRY(walk_layers(w));
    values_fill(w);
    slopes_fill(w);
    return biases_fill(w);
}

hwv_status hwv_model_change(hwv_changed_model *changed, const hwv_model *model, const hwv_change *change,
                            hwv_error *error)
{
    *changed = (hwv_changed_model){.origin = NULL};
    walk w = {.change = change, .old = model, .changed = changed, .error = error};
    hwv_status status = change_model(&w);
    hwv_layer_places_free(&w.before);
    hwv_layer_places_free(&w.after);
    hwv_free(w.node_now);
    if (status != HWV_OK)
        hwv_changed_model_free(changed);
    return status;
}
