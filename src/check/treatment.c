/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What treatments have in common: which units they are for, and why they leave some. */
#include "check/treatment.h"

#include <stdarg.h>
#include <stdio.h>

bool hwv_treating_layer(const hwv_treating *t, size_t l)
{
    const hwv_node *node = hwv_graph_node_at(t->network->graph, t->network->layers[l].node);
    const bool asked = t->options->layers == NULL || t->options->layers[l];
    if (asked && node->kind == HWV_NODE_GATE)
        hwv_treating_refuse(t, l,
                            "it is a gated pair, %s: a unit is two rows of the weights, and no treatment knows both",
                            t->network->layers[l].op);
    return asked && node->kind != HWV_NODE_GATE;
}

hwv_status hwv_treating_ask(const hwv_treating *t, size_t l, bool all)
{
    const hwv_layer_diagnosis *seen = &t->diagnosis->layers[l];
    hwv_layer_treatment *layer = &t->layers[l];
    layer->asked = all ? seen->tally->units : seen->dead;
    layer->unsure = all ? 0 : seen->silent - seen->dead;
    if (layer->asked == 0)
        return HWV_OK;
    layer->units = hwv_calloc(layer->asked, sizeof *layer->units);
    return layer->units ? HWV_OK
                        : hwv_fail(t->error, HWV_ERR_MEMORY, "no memory to treat %zu units of %s", layer->asked,
                                   t->network->layers[l].name);
}

void hwv_treating_take(const hwv_treating *t, size_t l, size_t unit)
{
    hwv_layer_treatment *layer = &t->layers[l];
    layer->units[layer->count++] = unit;
}

bool hwv_treating_dead(const hwv_treating *t, size_t l, size_t unit)
{
    return (t->diagnosis->layers[l].unit[unit].is & HWV_UNIT_DEAD) != 0;
}

void hwv_treating_refuse(const hwv_treating *t, size_t l, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(t->layers[l].reason, sizeof t->layers[l].reason, format, arguments);
    va_end(arguments);
}
