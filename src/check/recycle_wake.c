/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Where the input of a layer is not centred, the pull of its mean outweighs the spread of a unit, new or old, and half of
 * the new ones are silent at once. Outgoing weights are 0 by now: no layer changes what another one reads, and one look at
 * the data is enough for all. */
#include "check/recycle_wake.h"

#include <math.h>

#include "check/watch.h"
#include "halfwave/memory.h"

typedef struct hwv_waking {
    const hwv_treating *treating;
    float **largest; /* by value: of what the activations of these layers read, by unit */
    size_t value_count;
} hwv_waking;

static hwv_status no_memory(const hwv_waking *w)
{
    return hwv_fail(w->treating->error, HWV_ERR_MEMORY, "no memory to see whether new units fire");
}

static hwv_id input_of(const hwv_waking *w, size_t l)
{
    const hwv_network *network = w->treating->network;
    return hwv_graph_node_at(network->graph, network->layers[l].node)->input[0];
}

static void see(void *self, hwv_id value, const float *x, size_t rows, size_t cols)
{
    const hwv_waking *w = self;
    float *largest = w->largest[value];
    for (size_t r = 0; r < rows; r++, x += cols)
        for (size_t c = 0; c < cols; c++)
            largest[c] = x[c] > largest[c] ? x[c] : largest[c];
}

static hwv_status room(hwv_waking *w, hwv_id value, size_t units)
{
    if (w->largest[value] != NULL)
        return HWV_OK;
    w->largest[value] = hwv_calloc(units, sizeof **w->largest);
    if (w->largest[value] == NULL)
        return no_memory(w);
    for (size_t u = 0; u < units; u++)
        w->largest[value][u] = -INFINITY;
    return HWV_OK;
}

static hwv_status look(hwv_waking *w, const hwv_id *values, size_t count)
{
    const hwv_treating *t = w->treating;
    const hwv_watch watch = {values, count, w, see};
    return count > 0 ? hwv_network_watch_changed(t->change, &watch, t->source, t->executor, t->error) : HWV_OK;
}

static hwv_status turn(const hwv_waking *w, const hwv_front *front, size_t unit)
{
    const hwv_graph *graph = w->treating->network->graph;
    const hwv_id weight = hwv_graph_node_at(graph, front->product)->input[1];
    const size_t row = hwv_front_row(&hwv_graph_value(graph, weight)->shape);
    float *data = hwv_change_data(w->treating->change, weight);
    if (data == NULL)
        return no_memory(w);
    for (size_t e = unit * row; e < (unit + 1) * row; e++)
        data[e] = 0 - data[e];
    return HWV_OK;
}

hwv_status hwv_recycle_wake(const hwv_treating *treating, const hwv_removable *removable, const hwv_front *fronts,
                            const void *self, hwv_unit_test *is_recycled)
{
    const size_t layers = treating->network->layer_count;
    hwv_waking w = {.treating = treating, .value_count = hwv_graph_value_count(treating->network->graph)};
    hwv_id *values = hwv_calloc(layers + 1, sizeof *values);
    w.largest = hwv_calloc(w.value_count + 1, sizeof *w.largest);
    hwv_status status = values && w.largest ? HWV_OK : no_memory(&w);
    size_t count = 0;
    for (size_t l = 0; status == HWV_OK && l < layers; l++) {
        bool any = false;
        for (size_t u = 0; fronts[l].norm == HWV_NO_ID && u < hwv_removable_units(removable, l); u++)
            any = any || is_recycled(self, l, u);
        if (!any)
            continue;
        values[count++] = input_of(&w, l);
        status = room(&w, input_of(&w, l), hwv_removable_units(removable, l));
    }
    if (status == HWV_OK)
        status = look(&w, values, count);
    for (size_t l = 0; status == HWV_OK && l < layers; l++)
        for (size_t u = 0; status == HWV_OK && fronts[l].norm == HWV_NO_ID && u < hwv_removable_units(removable, l);
             u++)
            if (is_recycled(self, l, u) && !(w.largest[input_of(&w, l)][u] > 0))
                status = turn(&w, &fronts[l], u);
    for (size_t v = 0; w.largest && v < w.value_count; v++)
        hwv_free(w.largest[v]);
    hwv_free(w.largest);
    hwv_free(values);
    return status;
}
