/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Every node ties and closes axes by the rule of its kind; what is tied in the end is a track. */
#include "check/channels.h"

#include <stdio.h>

#include "check/channels_ties.h"
#include "halfwave/memory.h"

hwv_tie_rule *hwv_tie_rule_of(hwv_node_kind kind)
{
    static hwv_tie_rule *const rules[HWV_NODE_END_] = {
        [HWV_NODE_DENSE] = hwv_tie_dense,
        [HWV_NODE_BIAS] = hwv_tie_bias,
        [HWV_NODE_ADD] = hwv_tie_broadcast,
        [HWV_NODE_FLATTEN] = hwv_tie_reshape,
        [HWV_NODE_SOFTMAX_CROSS_ENTROPY] = hwv_tie_loss,
        [HWV_NODE_ACTIVATION] = hwv_tie_activation,
        [HWV_NODE_CONV2D] = hwv_tie_conv2d,
        [HWV_NODE_MAX_POOL2D] = hwv_tie_pool,
        [HWV_NODE_AVG_POOL2D] = hwv_tie_pool,
        [HWV_NODE_GLOBAL_AVG_POOL2D] = hwv_tie_global_pool,
        [HWV_NODE_BATCH_NORM] = hwv_tie_batch_norm,
        [HWV_NODE_DROPOUT] = hwv_tie_same,
        [HWV_NODE_UNARY] = hwv_tie_same,
        [HWV_NODE_BINARY] = hwv_tie_broadcast,
        [HWV_NODE_COMPARE] = hwv_tie_broadcast,
        [HWV_NODE_WHERE] = hwv_tie_broadcast,
        [HWV_NODE_CAST] = hwv_tie_same,
        [HWV_NODE_REDUCE] = hwv_tie_reduce,
        [HWV_NODE_SOFTMAX] = hwv_tie_softmax,
        [HWV_NODE_TRANSPOSE] = hwv_tie_transpose,
        [HWV_NODE_RESHAPE] = hwv_tie_reshape,
        [HWV_NODE_CONCAT] = hwv_tie_concat,
        [HWV_NODE_SLICE] = hwv_tie_slice,
        [HWV_NODE_PAD] = hwv_tie_pad,
        [HWV_NODE_EXPAND] = hwv_tie_broadcast,
        [HWV_NODE_TILE] = hwv_tie_tile,
        [HWV_NODE_GATHER] = hwv_tie_gather,
        [HWV_NODE_MATMUL] = hwv_tie_matmul,
        [HWV_NODE_LAYER_NORM] = hwv_tie_layer_norm,
    };
    return (unsigned)kind < HWV_NODE_END_ ? rules[kind] : NULL;
}

/* ---- ties ------------------------------------------------------------------------------------------ */

static void without_rule(hwv_ties *ties, const hwv_node *node)
{
    char reason[160];
    snprintf(reason, sizeof reason, "'%s' (%s) is not known to treat channels apart", node->name,
             hwv_node_kind_name(node->kind));
    for (size_t i = 0; i < node->input_count; i++)
        hwv_close_all(ties, node->input[i], reason);
    for (size_t o = 0; o < node->output_count; o++)
        hwv_close_all(ties, node->output[o], reason);
}

static void ports_close(hwv_ties *ties, const hwv_port *ports, size_t count, const char *what)
{
    char reason[160];
    for (size_t p = 0; p < count; p++) {
        if (ports[p].value == HWV_NO_ID)
            continue;
        snprintf(reason, sizeof reason, "it is an %s of the model: '%.120s'", what, ports[p].name);
        hwv_close_all(ties, ports[p].value, reason);
    }
}

/* Which values the parts that were left out would read is not kept. */
static bool is_partial(const hwv_network *network)
{
    bool partial = network->unsupported_count > 0;
    for (size_t o = 0; o < network->output_count; o++)
        partial = partial || network->outputs[o].value == HWV_NO_ID;
    return partial;
}

static void values_close(hwv_ties *ties, const hwv_network *network)
{
    const bool partial = is_partial(network);
    const size_t values = hwv_graph_value_count(ties->graph);
    for (hwv_id v = 0; v < values; v++) {
        const hwv_shape *shape = hwv_ties_shape(ties, v);
        if (shape->rank > 0 && shape->dim[0] == HWV_BATCH)
            hwv_close(ties, v, 0, "it counts samples");
    }
    ports_close(ties, network->inputs, network->input_count, "input");
    ports_close(ties, network->outputs, network->output_count, "output");
    for (hwv_id v = 0; v < values; v++)
        if (hwv_graph_value(ties->graph, v)->role == HWV_ROLE_INPUT)
            hwv_close_all(ties, v, "it is an input of the model");
        else if (partial)
            hwv_close_all(ties, v, "a part of the model that is not supported may read it");
}

static void nodes_tie(hwv_ties *ties)
{
    for (size_t n = 0; n < hwv_graph_node_count(ties->graph); n++) {
        const hwv_node *node = hwv_graph_node_at(ties->graph, (hwv_id)n);
        hwv_tie_rule *rule = hwv_tie_rule_of(node->kind);
        if (rule == NULL)
            without_rule(ties, node);
        else if (!ties->merging || rule == hwv_tie_reshape)
            rule(ties, node);
    }
}

/* ---- tracks ---------------------------------------------------------------------------------------- */

/* A track for each set; number[set]: which. */
static bool tracks_lay(hwv_tracks *tracks, const hwv_ties *ties, size_t *number)
{
    for (size_t s = 0; s < ties->count; s++) {
        const hwv_tie_set *set = &ties->sets[s];
        if (set->count == 0)
            continue;
        hwv_track *track = &tracks->tracks[tracks->count];
        number[s] = tracks->count++;
        track->channels = set->channels;
        track->places = hwv_calloc(set->count, sizeof *track->places);
        if (track->places == NULL)
            return false;
        if (set->closed)
            snprintf(track->closed, sizeof track->closed, "%s", set->closed);
    }
    return true;
}

static void places_fill(hwv_tracks *tracks, const hwv_ties *ties, const size_t *number)
{
    for (size_t v = 0, at = 0; v < tracks->value_count; v++) {
        for (size_t a = 0; a < hwv_ties_shape(ties, (hwv_id)v)->rank; a++, at++) {
            const hwv_strand *strand = &ties->strands[at];
            hwv_track *track = &tracks->tracks[number[strand->set]];
            hwv_place *place = &track->places[track->place_count++];
            *place = (hwv_place){(hwv_id)v, a, strand->outer, strand->inner};
            tracks->track[at] = number[strand->set];
            tracks->spot[at] = place;
        }
        tracks->first[v + 1] = at;
    }
}

static hwv_track *last_axis_track(hwv_tracks *tracks, const hwv_graph *graph, hwv_id value)
{
    size_t at = hwv_tracks_find(tracks, value, hwv_graph_value(graph, value)->shape.rank - 1);
    return at == HWV_NO_TRACK ? NULL : &tracks->tracks[at];
}

static bool reader_add(hwv_track *track, hwv_reader reader)
{
    hwv_reader *larger = hwv_realloc(track->readers, track->reader_count + 1, sizeof *larger);
    if (larger == NULL)
        return false;
    track->readers = larger;
    larger[track->reader_count++] = reader;
    return true;
}

static bool pads(const hwv_window *window)
{
    return window->pad_before[0] || window->pad_before[1] || window->pad_after[0] || window->pad_after[1];
}

static bool readers_add(hwv_tracks *tracks, const hwv_graph *graph)
{
    for (size_t n = 0; n < hwv_graph_node_count(graph); n++) {
        const hwv_node *node = hwv_graph_node_at(graph, (hwv_id)n);
        const bool conv = node->kind == HWV_NODE_CONV2D;
        if (!conv && node->kind != HWV_NODE_DENSE)
            continue;
        hwv_track *track = last_axis_track(tracks, graph, node->input[0]);
        hwv_reader reader = {.node = (hwv_id)n,
                             .axis = hwv_graph_value(graph, node->input[0])->shape.rank - 1,
                             .pads = conv && pads(&node->attributes.window)};
        if (track == NULL || (conv && node->attributes.groups > 1))
            continue;
        if (!reader_add(track, reader))
            return false;
    }
    return true;
}

static bool layers_add(hwv_tracks *tracks, const hwv_network *network)
{
    for (size_t l = 0; l < network->layer_count; l++) {
        const hwv_node *node = hwv_graph_node_at(network->graph, network->layers[l].node);
        hwv_track *track = last_axis_track(tracks, network->graph, node->output[0]);
        hwv_id *larger = track ? hwv_realloc(track->layers, track->layer_count + 1, sizeof *larger) : NULL;
        if (track == NULL)
            continue;
        if (larger == NULL)
            return false;
        track->layers = larger;
        larger[track->layer_count++] = network->layers[l].node;
    }
    return true;
}

static bool tracks_fill(hwv_tracks *tracks, const hwv_ties *ties, const hwv_network *network)
{
    size_t *number = hwv_calloc(ties->count + 1, sizeof *number);
    tracks->value_count = hwv_graph_value_count(network->graph);
    tracks->tracks = hwv_calloc(ties->count + 1, sizeof *tracks->tracks);
    tracks->first = hwv_calloc(tracks->value_count + 1, sizeof *tracks->first);
    tracks->track = hwv_calloc(ties->count + 1, sizeof *tracks->track);
    tracks->spot = hwv_calloc(ties->count + 1, sizeof *tracks->spot);
    bool laid =
        number && tracks->tracks && tracks->first && tracks->track && tracks->spot && tracks_lay(tracks, ties, number);
    if (laid)
        places_fill(tracks, ties, number);
    hwv_free(number);
    return laid && readers_add(tracks, network->graph) && layers_add(tracks, network);
}

hwv_status hwv_tracks_make(hwv_tracks *tracks, const hwv_network *network, hwv_error *error)
{
    hwv_ties ties;
    *tracks = (hwv_tracks){0};
    hwv_status status = hwv_ties_make(&ties, network->graph, error);
    if (status == HWV_OK) {
        values_close(&ties, network);
        nodes_tie(&ties);
        ties.merging = true;
        nodes_tie(&ties);
        if (ties.failed || !tracks_fill(tracks, &ties, network))
            status = hwv_fail(error, HWV_ERR_MEMORY, "no memory for the channels of %s",
                              network->name ? network->name : "a network");
    }
    hwv_ties_free(&ties);
    if (status != HWV_OK)
        hwv_tracks_free(tracks);
    return status;
}

void hwv_tracks_free(hwv_tracks *tracks)
{
    for (size_t t = 0; t < tracks->count; t++) {
        hwv_free(tracks->tracks[t].places);
        hwv_free(tracks->tracks[t].readers);
        hwv_free(tracks->tracks[t].layers);
    }
    hwv_free(tracks->tracks);
    hwv_free(tracks->first);
    hwv_free(tracks->track);
    hwv_free(tracks->spot);
    *tracks = (hwv_tracks){0};
}

size_t hwv_tracks_find(const hwv_tracks *tracks, hwv_id value, size_t axis)
{
    if (value >= tracks->value_count || axis >= tracks->first[value + 1] - tracks->first[value])
        return HWV_NO_TRACK;
    return tracks->track[tracks->first[value] + axis];
}

const hwv_place *hwv_tracks_place(const hwv_tracks *tracks, hwv_id value, size_t axis)
{
    return hwv_tracks_find(tracks, value, axis) == HWV_NO_TRACK ? NULL : tracks->spot[tracks->first[value] + axis];
}
