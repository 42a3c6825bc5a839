/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * act: activations and gated pairs. A pair halves what it reads; a bare `act` that is one takes the fc in front of it, which
 * then has outputs for both halves. */
#include "halfwave/text.h"
#include "model/builder.h"

#include <stdio.h>
#include <string.h>

/* ---- names ------------------------------------------------------------------------------------------- */

/* The gated pair that a text begins with, up to its parameters; NULL: none. */
static const hwv_gate_info *gate_named(const char *text)
{
    const size_t length = strcspn(text, "(");
    const hwv_gate_info *row;
    for (size_t i = 0; (row = hwv_gate_get(i)) != NULL; i++)
        if (strlen(row->name) == length && memcmp(row->name, text, length) == 0)
            return row;
    return NULL;
}

/* An unknown name, with the nearest one of both tables and all of them. */
static hwv_status unknown(const char *text, hwv_error *error)
{
    const char *names[HWV_OP_END_ + HWV_GATE_END_];
    char wanted[61];
    size_t count = 0, position;
    for (size_t i = 0; i < hwv_op_count(); i++)
        names[count++] = hwv_op_get(i)->name;
    for (size_t i = 0; hwv_gate_get(i) != NULL; i++)
        names[count++] = hwv_gate_get(i)->name;
    snprintf(wanted, sizeof wanted, "%.*s", (int)strcspn(text, "("), text);
    return hwv_name_find(&position, "activation", wanted, names, count, error);
}

hwv_status hwv_model_act_parse(hwv_model_act *act, const char *text, hwv_error *error)
{
    const hwv_gate_info *gate = gate_named(text);
    hwv_model_act parsed = {.gated = gate != NULL};
    if (gate && text[strlen(gate->name)] != '\0')
        return hwv_fail(error, HWV_ERR_ARGUMENT, "%s takes no parameters, at '%.40s'", gate->name,
                        text + strlen(gate->name));
    if (gate)
        parsed.gate = gate->gate;
    const hwv_status status = gate ? HWV_OK : hwv_act_parse(&parsed.act, text, error);
    if (status == HWV_ERR_NAME)
        return unknown(text, error);
    if (status == HWV_OK)
        *act = parsed;
    return status;
}

hwv_status hwv_model_act_check(const hwv_model_act *act, hwv_error *error)
{
    if (!act->gated)
        return hwv_act_check(&act->act, error);
    return hwv_gate_get((size_t)act->gate)
               ? HWV_OK
               : hwv_fail(error, HWV_ERR_ARGUMENT, "no gated pair has number %d", (int)act->gate);
}

const char *hwv_model_act_name(const hwv_model_act *act)
{
    return act->gated ? hwv_gate_get((size_t)act->gate)->name : hwv_op_row(act->act.op)->name;
}

/* ---- layers ------------------------------------------------------------------------------------------ */

/* Copies without the blanks around ( ) = and comma, as hwv_act_parse wants it: "f( a = 1 )" is "f(a=1)". */
static void tight_copy(char *to, const char *from, size_t length)
{
    const char *joints = "()=,";
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        size_t next = i;
        while (hwv_blank(from[next]))
            next++;
        bool dropped = next > i && ((used > 0 && strchr(joints, to[used - 1])) || strchr(joints, from[next]));
        if (dropped)
            i = next;
        to[used++] = from[i];
    }
    to[used] = '\0';
}

bool hwv_builder_gate_follows(const hwv_builder *builder)
{
    const char *word;
    const size_t length = hwv_builder_next_layer(builder, &word);
    if (!builder->options->act.gated || length != 3 || memcmp(word, "act", 3) != 0)
        return false;
    hwv_builder behind = *builder;
    behind.at = (size_t)(word - builder->text) + length;
    return hwv_builder_rest(&behind, &word) == 0;
}

size_t hwv_builder_gate_outputs(size_t size)
{
    return 2 * (size / 3 * 2 + (2 * (size % 3) + 1) / 3);
}

static hwv_status gate_add(hwv_builder *builder, const char *name, hwv_gate gate, bool bare, size_t at)
{
    const hwv_node_attributes attributes = {.gate = gate};
    const hwv_shape *x = hwv_builder_shape(builder);
    const size_t halved = x->dim[x->rank - 1];
    const char *pair = hwv_gate_get((size_t)gate)->name;
    if (bare && builder->widened != builder->value)
        return hwv_builder_fail(
            builder, HWV_ERR_SHAPE, at,
            "a bare act is %s, which halves what it reads: it stands right behind an fc, made wider "
            "for it; write 'act %s' to halve what arrives here",
            pair, pair);
    if (halved % 2 != 0)
        return hwv_builder_fail(builder, HWV_ERR_SHAPE, at,
                                "%s halves what it reads, values first; %zu values, an odd number, arrive here", pair,
                                halved);
    return hwv_builder_node(builder, HWV_NODE_GATE, name, &attributes, HWV_NO_ID);
}

/* "act3": activations and gated pairs are counted together. */
static void act_name(const hwv_builder *builder, char name[64])
{
    const hwv_graph *graph = builder->model->graph;
    size_t number = 1;
    for (size_t n = 0; n < hwv_graph_node_count(graph); n++)
        number += hwv_node_activates(hwv_graph_node_at(graph, (hwv_id)n), NULL);
    snprintf(name, 64, "act%zu", number);
}

/* act, act NAME, act NAME(parameters): prelu gets a slope a unit. */
hwv_status hwv_layer_act(hwv_builder *builder)
{
    hwv_model_act act = builder->options->act;
    const char *rest;
    char name[64], text[128];
    hwv_id slope = HWV_NO_ID;
    const size_t length = hwv_builder_rest(builder, &rest), column = (size_t)(rest - builder->text);
    if (length >= sizeof text)
        return hwv_builder_fail(builder, HWV_ERR_ARGUMENT, column, "the name of an activation is shorter than this");
    if (length > 0) {
        hwv_error inner;
        tight_copy(text, rest, length);
        hwv_status status = hwv_model_act_parse(&act, text, &inner);
        if (status != HWV_OK)
            return hwv_builder_fail(builder, status, column, "%s", inner.text);
    }
    act_name(builder, name);
    if (act.gated)
        return gate_add(builder, name, act.gate, length == 0, builder->place->words.at);
    if (hwv_op_row(act.act.op)->claims & HWV_SLOPE_ARRAY) {
        const hwv_shape *shape = hwv_builder_shape(builder);
        hwv_shape one = {.rank = 1, .dim = {shape->dim[shape->rank - 1]}};
        HWV_TRY(hwv_builder_parameter(builder, name, "slope", &one, false, &slope));
    }
    return hwv_builder_node(builder, HWV_NODE_ACTIVATION, name, &(hwv_node_attributes){.act = act.act}, slope);
}
