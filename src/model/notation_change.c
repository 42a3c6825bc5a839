/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The notation of a changed model. What does not change stays as it was written, blanks too. */
#include "model/model_change.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- what a change says of a node ------------------------------------------------------------------ */

const hwv_act_change *hwv_change_act_of(const hwv_change *change, hwv_id node)
{
    for (size_t i = 0; i < change->act_count; i++)
        if (change->acts[i].node == node)
            return &change->acts[i];
    return NULL;
}

const hwv_bias_change *hwv_change_bias_of(const hwv_change *change, hwv_id node)
{
    for (size_t i = 0; i < change->bias_count; i++)
        if (change->biases[i].node == node)
            return &change->biases[i];
    return NULL;
}

const hwv_norm_change *hwv_change_norm_of(const hwv_change *change, hwv_id node)
{
    for (size_t i = 0; i < change->norm_count; i++)
        if (change->norms[i].node == node)
            return &change->norms[i];
    return NULL;
}

static bool is_cut(const hwv_change *change, hwv_id value, size_t axis, size_t i)
{
    const uint8_t *cut = change->values[value].cut[axis];
    return cut != NULL && cut[i];
}

/* ---- writing ---------------------------------------------------------------------------------------- */

typedef struct rewrite {
    const char *from; /* the old text */
    size_t done;      /* characters of it that are written or replaced */
    hwv_text *to;
    const hwv_graph *graph;
    const hwv_change *change;
    hwv_error *error;
} rewrite;

/* Words further on than those before. */
static void replace(rewrite *w, hwv_words words, const char *text)
{
    hwv_text_add(w->to, w->from + w->done, words.at - w->done);
    hwv_text_puts(w->to, text);
    w->done = words.at + words.length;
}

static void replace_number(rewrite *w, hwv_words words, size_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", number);
    replace(w, words, text);
}

/* A word, with the blanks in front of it. */
static void drop(rewrite *w, hwv_words words)
{
    while (words.at > w->done && hwv_blank(w->from[words.at - 1])) {
        words.at--;
        words.length++;
    }
    replace(w, words, "");
}

/* The fewest digits that read back as the same float. */
static void float_print(char text[32], float value)
{
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, 32, "%.*g", digits, (double)value);
        if ((float)strtod(text, NULL) == value)
            return;
    }
}

/* "act leaky_relu(slope=0.01)"; slopes that are learned are parameters, not words. */
static void act_print(char *text, size_t size, const hwv_act *act)
{
    const hwv_op_info *info = hwv_op_row(act->op);
    bool learned = info->claims & HWV_SLOPE_ARRAY;
    int used = snprintf(text, size, "act %s", info->name);
    for (size_t i = 0; !learned && i < HWV_ACT_PARAMS && info->param[i].name; i++) {
        char number[32];
        float_print(number, act->param[i]);
        used += snprintf(text + used, size - (size_t)used, "%s%s=%s", i ? ", " : "(", info->param[i].name, number);
    }
    if (!learned && info->param[0].name)
        snprintf(text + used, size - (size_t)used, ")");
}

/* ---- layers ---------------------------------------------------------------------------------------- */

static hwv_status activation_write(rewrite *w, const hwv_layer_place *place, hwv_id id)
{
    const hwv_act_change *act = hwv_change_act_of(w->change, id);
    char text[200];
    if (hwv_change_norm_of(w->change, id))
        replace(w, (hwv_words){place->words.at, 0}, "bn; ");
    if (act == NULL)
        return HWV_OK;
    HWV_TRY(hwv_act_check(&act->act, w->error));
    if (act->act.tier != HWV_ACCURATE)
        return hwv_place_fail(place, w->error, "layer notation has no words for another tier than accurate");
    act_print(text, sizeof text, &act->act);
    replace(w, place->words, text);
    return HWV_OK;
}

/* Channels and filters that a group keeps, and whether the channels are those that the weight keeps. */
static bool group_keeps(const rewrite *w, const hwv_node *node, size_t group, size_t *channels, size_t *filters)
{
    const hwv_shape *weight = &hwv_graph_value(w->graph, node->input[1])->shape;
    size_t depth = weight->dim[1], each = weight->dim[0] / node->attributes.groups;
    bool same = true;
    *channels = *filters = 0;
    for (size_t i = 0; i < depth; i++) {
        bool kept = !is_cut(w->change, node->input[0], 3, group * depth + i);
        *channels += kept;
        same = same && kept == !is_cut(w->change, node->input[1], 1, i);
    }
    for (size_t i = 0; i < each; i++)
        *filters += !is_cut(w->change, node->input[1], 0, group * each + i);
    return same;
}

/* Groups that are left; all of them must have the same size. */
static hwv_status groups_left(const rewrite *w, const hwv_layer_place *place, const hwv_node *node, size_t *groups)
{
    size_t first_filters = 0, channels, filters;
    *groups = 0;
    for (size_t g = 0; g < node->attributes.groups; g++) {
        bool same = group_keeps(w, node, g, &channels, &filters);
        if (channels == 0 && filters == 0)
            continue;
        first_filters = *groups == 0 ? filters : first_filters;
        if (!same || filters != first_filters)
            return hwv_place_fail(place, w->error,
                                  "the cut leaves groups of different sizes, or channels that the weights do not have; "
                                  "whole groups, or the same of each, are accepted");
        ++*groups;
    }
    return HWV_OK;
}

static hwv_status product_write(rewrite *w, const hwv_layer_place *place, hwv_id id)
{
    const hwv_node *node = hwv_graph_node_at(w->graph, id);
    size_t was = hwv_graph_value(w->graph, node->input[1])->shape.dim[0], groups = 1;
    size_t is = hwv_change_shape(w->change, node->input[1]).dim[0];
    bool bias = hwv_change_bias_of(w->change, id) != NULL && place->nobias.length > 0;
    if (is == 0)
        return hwv_place_fail(place, w->error, "the cut leaves no output; 1 or more are accepted");
    if (node->kind == HWV_NODE_CONV2D)
        HWV_TRY(groups_left(w, place, node, &groups));
    if (is != was)
        replace_number(w, place->size, is);
    bool grouped = place->groups.length > 0 && groups != node->attributes.groups;
    if (bias && place->nobias.at < place->groups.at)
        drop(w, place->nobias);
    if (grouped)
        replace_number(w, place->groups, groups);
    if (bias && place->nobias.at >= place->groups.at)
        drop(w, place->nobias);
    return HWV_OK;
}

/* Layers with words of their own come in the order of the text; a block, which has none, behind those within it. */
static hwv_status layer_write(rewrite *w, const hwv_layer_place *place)
{
    for (hwv_id n = place->first_node; n < place->end_node; n++) {
        hwv_node_kind kind = hwv_graph_node_at(w->graph, n)->kind;
        if (kind == HWV_NODE_ACTIVATION)
            HWV_TRY(activation_write(w, place, n));
        if (place->size.length > 0 && (kind == HWV_NODE_DENSE || kind == HWV_NODE_CONV2D))
            HWV_TRY(product_write(w, place, n));
    }
    return HWV_OK;
}

hwv_status hwv_notation_change(hwv_text *notation, const hwv_model *model, const hwv_layer_places *places,
                               const hwv_change *change, hwv_error *error)
{
    rewrite w = {.from = model->notation, .to = notation, .graph = model->graph, .change = change, .error = error};
    for (size_t i = 0; i < places->count; i++)
        HWV_TRY(layer_write(&w, &places->place[i]));
    hwv_text_puts(notation, w.from + w.done);
    return notation->failed ? hwv_fail(error, HWV_ERR_MEMORY, "no memory for a notation") : HWV_OK;
}
