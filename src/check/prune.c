/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Prune: dead channels are cut out of every value of their track. What they are on the data, a constant, times the
 * weights that read it goes into the bias behind. */
#include <math.h>
#include <stdio.h>

#include "check/fold.h"
#include "check/removable.h"
#include "halfwave/memory.h"

static bool takes(const hwv_network *network, const hwv_reader *reader, float c, char reason[160])
{
    const hwv_node *node = hwv_graph_node_at(network->graph, reader->node);
    if (c == 0)
        return true;
    if (reader->pads)
        snprintf(reason, 160, "zero padding of a non-zero constant: '%s' reads both", node->name);
    else if (hwv_weights_data(network->weights, node->input[1]) == NULL)
        snprintf(reason, 160, "they are constants but not 0, and the weights of '%s' are computed", node->name);
    else if (hwv_fold_find(network, reader->node).kind == HWV_FOLD_NONE)
        snprintf(reason, 160, "they are constants but not 0, and the bias behind '%s' is shared", node->name);
    else
        return true;
    return false;
}

/* Of a track that would lose all channels one stays. */
static void keep_one(hwv_removable *r, size_t t)
{
    for (size_t c = 0; c < r->tracks.tracks[t].channels; c++)
        if (!r->channels[t][c])
            return;
    hwv_removable_refuse(r, t, 0, "one stays: a layer needs a unit");
}

/* ---- folding --------------------------------------------------------------------------------------- */

/* delta[unit] += what input feature f, which is c, adds to the outputs of a product. */
static void feature_add(double *delta, const float *weight, const hwv_shape *shape, size_t f, float c)
{
    size_t taps = 1;
    for (size_t d = 2; d < shape->rank; d++)
        taps *= shape->dim[d];
    for (size_t u = 0; u < shape->dim[0]; u++) {
        double sum = 0;
        for (size_t k = 0; k < taps; k++)
            sum += (double)weight[(u * shape->dim[1] + f) * taps + k];
        delta[u] += (double)c * sum;
    }
}

static hwv_status reader_fold(const hwv_removable *r, size_t t, const hwv_reader *reader)
{
    const hwv_treating *treating = r->treating;
    const hwv_graph *graph = treating->network->graph;
    const hwv_node *node = hwv_graph_node_at(graph, reader->node);
    const hwv_shape *shape = &hwv_graph_value(graph, node->input[1])->shape;
    const hwv_place *place = hwv_tracks_place(&r->tracks, node->input[0], reader->axis);
    const hwv_range *ranges = r->constants.ranges[node->input[0]];
    double *delta = hwv_calloc(shape->dim[0], sizeof *delta);
    bool any = false;
    if (delta == NULL)
        return hwv_fail(treating->error, HWV_ERR_MEMORY, "no memory for a bias of %zu units", shape->dim[0]);
    for (size_t f = 0; f < shape->dim[1]; f++) {
        if (!r->channels[t][hwv_place_channel(&r->tracks.tracks[t], place, f)] || ranges[f].min == 0)
            continue;
        feature_add(delta, hwv_weights_data(treating->network->weights, node->input[1]), shape, f, ranges[f].min);
        any = true;
    }
    hwv_status status = HWV_OK;
    if (any)
        status = hwv_fold_add(treating->change, reader->node, delta, shape->dim[0], treating->error);
    hwv_free(delta);
    return status;
}

/* ---- cutting --------------------------------------------------------------------------------------- */

static hwv_status place_cut(const hwv_removable *r, size_t t, const hwv_place *place)
{
    const hwv_treating *treating = r->treating;
    const hwv_value *value = hwv_graph_value(treating->network->graph, place->value);
    uint8_t *cut = hwv_change_cut(treating->change, place->value, place->axis);
    if (cut == NULL)
        return hwv_fail(treating->error, HWV_ERR_MEMORY, "no memory to cut %s", value->name);
    for (size_t i = 0; i < value->shape.dim[place->axis]; i++)
        cut[i] |= r->channels[t][hwv_place_channel(&r->tracks.tracks[t], place, i)];
    return HWV_OK;
}

static bool any_channel(const hwv_removable *r, size_t t)
{
    for (size_t c = 0; r->channels[t] && c < r->tracks.tracks[t].channels; c++)
        if (r->channels[t][c])
            return true;
    return false;
}

static hwv_status tracks_cut(hwv_removable *r)
{
    for (size_t t = 0; t < r->tracks.count; t++) {
        const hwv_track *track = &r->tracks.tracks[t];
        if (r->channels[t])
            keep_one(r, t);
        if (!any_channel(r, t))
            continue;
        for (size_t k = 0; k < track->reader_count; k++)
            HWV_TRY(reader_fold(r, t, &track->readers[k]));
        for (size_t p = 0; p < track->place_count; p++)
            HWV_TRY(place_cut(r, t, &track->places[p]));
    }
    return HWV_OK;
}

/* Every unit that is cut, living ones too whose channel nobody reads. */
static bool is_cut(const void *self, size_t layer, size_t unit)
{
    return hwv_removable_goes(self, layer, unit);
}

hwv_status hwv_treat_prune(hwv_treating *treating)
{
    hwv_removable removable;
    hwv_status status = hwv_removable_find(&removable, treating, takes);
    if (status == HWV_OK)
        status = tracks_cut(&removable);
    if (status == HWV_OK)
        status = hwv_removable_report(&removable, &removable, is_cut);
    hwv_removable_free(&removable);
    return status;
}
