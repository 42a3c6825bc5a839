/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The evidence is the diagnosis; that a dead channel is constant is measured where it is read, whatever lies between. */
#include "check/removable.h"

#include <stdio.h>
#include <string.h>

#include "check/flat.h"
#include "halfwave/memory.h"

static hwv_status no_memory(const hwv_treating *t)
{
    return hwv_fail(t->error, HWV_ERR_MEMORY, "no memory for the channels of %s",
                    t->network->name ? t->network->name : "a network");
}

/* ---- layers ---------------------------------------------------------------------------------------- */

static hwv_id layer_value(const hwv_network *network, size_t layer)
{
    return hwv_graph_node_at(network->graph, network->layers[layer].node)->output[0];
}

static size_t last_axis(const hwv_network *network, hwv_id value)
{
    return hwv_graph_value(network->graph, value)->shape.rank - 1;
}

size_t hwv_removable_units(const hwv_removable *r, size_t layer)
{
    const hwv_shape *shape =
        &hwv_graph_value(r->treating->network->graph, layer_value(r->treating->network, layer))->shape;
    return shape->dim[shape->rank - 1];
}

size_t hwv_removable_channel(const hwv_removable *r, size_t layer, size_t unit)
{
    const hwv_id value = layer_value(r->treating->network, layer);
    const hwv_place *place = hwv_tracks_place(&r->tracks, value, last_axis(r->treating->network, value));
    return hwv_place_channel(&r->tracks.tracks[r->layer_track[layer]], place, unit);
}

bool hwv_removable_goes(const hwv_removable *r, size_t layer, size_t unit)
{
    const uint8_t *channels = r->channels[r->layer_track[layer]];
    return channels && channels[hwv_removable_channel(r, layer, unit)];
}

static bool is_near(const hwv_treating *t, const hwv_unit_diagnosis *unit)
{
    return t->options->keep_margin > 0 && unit->margin > -t->options->keep_margin;
}

bool hwv_removable_asked(const hwv_treating *t, size_t layer, size_t unit)
{
    return hwv_treating_layer(t, layer) && hwv_treating_dead(t, layer, unit) &&
           !is_near(t, &t->diagnosis->layers[layer].unit[unit]);
}

static hwv_status layers_ask(const hwv_removable *r)
{
    const hwv_treating *t = r->treating;
    for (size_t l = 0; l < t->network->layer_count; l++) {
        if (!hwv_treating_layer(t, l))
            continue;
        HWV_TRY(hwv_treating_ask(t, l, false));
        for (size_t u = 0; u < hwv_removable_units(r, l); u++)
            t->layers[l].near += hwv_treating_dead(t, l, u) && is_near(t, &t->diagnosis->layers[l].unit[u]);
    }
    return HWV_OK;
}

/* ---- reasons --------------------------------------------------------------------------------------- */

void hwv_removable_leave(hwv_removable *r, size_t layer, size_t units, const char *reason)
{
    hwv_reasons *reasons = &r->reasons[layer];
    for (size_t i = 0; i < reasons->count; i++)
        if (strcmp(reasons->text[i], reason) == 0) {
            reasons->units[i] += units;
            return;
        }
    if (reasons->count == HWV_REASONS) {
        reasons->others += units;
        return;
    }
    snprintf(reasons->text[reasons->count], sizeof reasons->text[0], "%s", reason);
    reasons->units[reasons->count++] = units;
}

/* Units of a channel in a layer that are asked for; *all: every one of them. */
static size_t channel_asked(const hwv_removable *r, size_t layer, size_t channel, bool *all)
{
    size_t asked = 0, units = 0;
    for (size_t u = 0; u < hwv_removable_units(r, layer); u++)
        if (hwv_removable_channel(r, layer, u) == channel) {
            units++;
            asked += hwv_removable_asked(r->treating, layer, u);
        }
    *all = asked == units && units > 0;
    return asked;
}

void hwv_removable_refuse(hwv_removable *r, size_t track, size_t channel, const char *reason)
{
    r->channels[track][channel] = 0;
    for (size_t l = 0; l < r->treating->network->layer_count; l++) {
        bool all;
        size_t asked = r->layer_track[l] == track ? channel_asked(r, l, channel, &all) : 0;
        if (asked > 0)
            hwv_removable_leave(r, l, asked, reason);
    }
}

static void reason_compose(const hwv_reasons *reasons, size_t asked, char *to, size_t size)
{
    size_t at = 0;
    if (reasons->count == 1 && reasons->units[0] == asked) {
        snprintf(to, size, "%s", reasons->text[0]);
        return;
    }
    for (size_t i = 0; i < reasons->count && at < size; i++)
        at += (size_t)snprintf(to + at, size - at, "%s%zu unit%s: %s", i ? "; " : "", reasons->units[i],
                               reasons->units[i] == 1 ? "" : "s", reasons->text[i]);
    if (reasons->others && at < size)
        snprintf(to + at, size - at, "; %zu for other reasons", reasons->others);
}

hwv_status hwv_removable_report(const hwv_removable *r, const void *self, hwv_unit_test *treated)
{
    for (size_t l = 0; l < r->treating->network->layer_count; l++) {
        hwv_layer_treatment *layer = &r->treating->layers[l];
        const size_t units = hwv_removable_units(r, l);
        size_t *room = hwv_realloc(layer->units, units, sizeof *room);
        if (room == NULL)
            return no_memory(r->treating);
        layer->units = room;
        for (size_t u = 0; u < units; u++)
            if (treated(self, l, u))
                layer->units[layer->count++] = u;
        reason_compose(&r->reasons[l], layer->asked, layer->reason, sizeof layer->reason);
    }
    return HWV_OK;
}

/* ---- channels -------------------------------------------------------------------------------------- */

static hwv_status removable_make(hwv_removable *r)
{
    const hwv_treating *t = r->treating;
    HWV_TRY(hwv_tracks_make(&r->tracks, t->network, t->error));
    r->channels = hwv_calloc(r->tracks.count + 1, sizeof *r->channels);
    r->layer_track = hwv_calloc(t->network->layer_count + 1, sizeof *r->layer_track);
    r->reasons = hwv_calloc(t->network->layer_count + 1, sizeof *r->reasons);
    if (!r->channels || !r->layer_track || !r->reasons)
        return no_memory(t);
    for (size_t l = 0; l < t->network->layer_count; l++) {
        const hwv_id value = layer_value(t->network, l);
        r->layer_track[l] = hwv_tracks_find(&r->tracks, value, last_axis(t->network, value));
    }
    return HWV_OK;
}

void hwv_removable_free(hwv_removable *r)
{
    for (size_t t = 0; r->channels && t < r->tracks.count; t++)
        hwv_free(r->channels[t]);
    hwv_free(r->channels);
    hwv_free(r->layer_track);
    hwv_free(r->reasons);
    hwv_constants_free(&r->constants);
    hwv_tracks_free(&r->tracks);
    *r = (hwv_removable){0};
}

/* Marks the channels all of whose units in a layer are asked for. */
static hwv_status layer_candidates(hwv_removable *r, size_t l, const hwv_track *track, uint8_t *channels)
{
    enum { ASKED = 1, OTHER = 2 };
    const size_t units = hwv_removable_units(r, l);
    uint8_t *has = hwv_calloc(track->channels, 1);
    if (has == NULL)
        return no_memory(r->treating);
    for (size_t u = 0; u < units; u++)
        has[hwv_removable_channel(r, l, u)] |= hwv_removable_asked(r->treating, l, u) ? ASKED : OTHER;
    for (size_t c = 0; c < track->channels; c++)
        channels[c] |= has[c] == ASKED;
    hwv_free(has);
    return HWV_OK;
}

static size_t layer_asked(const hwv_removable *r, size_t l)
{
    size_t asked = 0;
    for (size_t u = 0; u < hwv_removable_units(r, l); u++)
        asked += hwv_removable_asked(r->treating, l, u);
    return asked;
}

static hwv_status candidates_find(hwv_removable *r)
{
    for (size_t l = 0; l < r->treating->network->layer_count; l++) {
        const size_t t = r->layer_track[l], asked = layer_asked(r, l);
        const hwv_track *track = &r->tracks.tracks[t];
        if (asked == 0)
            continue;
        if (track->closed[0]) {
            hwv_removable_leave(r, l, asked, track->closed);
            continue;
        }
        if (r->channels[t] == NULL)
            r->channels[t] = hwv_calloc(track->channels, 1);
        if (r->channels[t] == NULL)
            return no_memory(r->treating);
        HWV_TRY(layer_candidates(r, l, track, r->channels[t]));
    }
    for (size_t l = 0; l < r->treating->network->layer_count; l++)
        for (size_t u = 0; r->channels[r->layer_track[l]] && u < hwv_removable_units(r, l); u++)
            if (hwv_removable_asked(r->treating, l, u) && !hwv_removable_goes(r, l, u))
                hwv_removable_leave(r, l, 1, "others of their channel are not dead");
    return HWV_OK;
}

static hwv_id reader_value(const hwv_graph *graph, const hwv_reader *reader)
{
    return hwv_graph_node_at(graph, reader->node)->input[0];
}

static hwv_status readers_measure(hwv_removable *r)
{
    const hwv_treating *t = r->treating;
    const hwv_graph *graph = t->network->graph;
    size_t count = 0;
    hwv_id *values = hwv_calloc(hwv_graph_node_count(graph) + 1, sizeof *values);
    if (values == NULL)
        return no_memory(t);
    for (size_t i = 0; i < r->tracks.count; i++)
        for (size_t k = 0; r->channels[i] && k < r->tracks.tracks[i].reader_count; k++) {
            const hwv_id value = reader_value(graph, &r->tracks.tracks[i].readers[k]);
            if (hwv_graph_value(graph, value)->producer != HWV_NO_ID)
                values[count++] = value;
        }
    hwv_status status = HWV_OK;
    if (count > 0)
        status = hwv_constants_measure(&r->constants, t->network, values, count, t->source, t->executor, t->error);
    hwv_free(values);
    return status;
}

/* ---- readers --------------------------------------------------------------------------------------- */

/* Why a channel that is dead moves where it is read: its operator is not flat, or something else is added to it. */
static void why_it_moves(const hwv_removable *r, size_t track, const hwv_node *reader, char reason[160])
{
    const hwv_network *network = r->treating->network;
    for (size_t l = 0; l < network->layer_count; l++) {
        const hwv_act *act = &hwv_graph_node_at(network->graph, network->layers[l].node)->attributes.act;
        if (r->layer_track[l] == track && r->treating->layers[l].asked > 0 && hwv_silence_of(act) != HWV_SILENCE_FLAT) {
            snprintf(reason, 160, "%s is not flat there: they still move where '%s' reads them",
                     hwv_op_row(act->op)->name, reader->name);
            return;
        }
    }
    snprintf(reason, 160, "a residual sum, or a gate: others of their channel move, and '%s' reads them", reader->name);
}

/* Whether one reader can do without a channel. */
static bool reader_agrees(const hwv_removable *r, size_t track, const hwv_reader *reader, size_t channel,
                          hwv_reader_takes *takes, char reason[160])
{
    const hwv_network *network = r->treating->network;
    const hwv_node *node = hwv_graph_node_at(network->graph, reader->node);
    const hwv_place *place = hwv_tracks_place(&r->tracks, node->input[0], reader->axis);
    const size_t length = hwv_graph_value(network->graph, node->input[0])->shape.dim[reader->axis];
    for (size_t i = 0; i < length; i++) {
        const hwv_range *ranges = r->constants.ranges ? r->constants.ranges[node->input[0]] : NULL;
        if (hwv_place_channel(&r->tracks.tracks[track], place, i) != channel)
            continue;
        if (ranges == NULL || !hwv_range_is_constant(&ranges[i])) {
            why_it_moves(r, track, node, reason);
            return false;
        }
        if (!takes(network, reader, ranges[i].min, reason))
            return false;
    }
    return true;
}

hwv_status hwv_removable_find(hwv_removable *r, const hwv_treating *treating, hwv_reader_takes *takes)
{
    *r = (hwv_removable){.treating = treating};
    HWV_TRY(removable_make(r));
    HWV_TRY(layers_ask(r));
    HWV_TRY(candidates_find(r));
    HWV_TRY(readers_measure(r));
    for (size_t t = 0; t < r->tracks.count; t++)
        for (size_t c = 0; r->channels[t] && c < r->tracks.tracks[t].channels; c++) {
            const hwv_track *track = &r->tracks.tracks[t];
            char reason[160];
            for (size_t k = 0; r->channels[t][c] && k < track->reader_count; k++)
                if (!reader_agrees(r, t, &track->readers[k], c, takes, reason))
                    hwv_removable_refuse(r, t, c, reason);
        }
    return HWV_OK;
}
