/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Recycle: dead units get incoming weights as a new layer has them (He et al. 2015), and what reads them weights of 0, so
 * that nothing changes until they have learned. A batch norm in front takes its statistics from the data; without one, units
 * that the data do not wake are turned around. */
#include <math.h>
#include <stdio.h>

#include "check/fold.h"
#include "check/front.h"
#include "check/recycle_norm.h"
#include "check/recycle_wake.h"
#include "check/removable.h"
#include "halfwave/memory.h"
#include "halfwave/random.h"

typedef struct hwv_recycling {
    hwv_removable removable;
    hwv_front *fronts; /* by layer; without a product: its units stay as they are */
} hwv_recycling;

/* ---- what stands in the way ------------------------------------------------------------------------ */

static bool is_kept(const hwv_network *network, hwv_id value)
{
    return hwv_weights_data(network->weights, value) != NULL;
}

/* Whether all nodes that read a weight are products with it as their weight. */
static bool only_products(const hwv_network *network, hwv_id weight)
{
    for (size_t n = 0; n < hwv_graph_node_count(network->graph); n++) {
        const hwv_node *node = hwv_graph_node_at(network->graph, (hwv_id)n);
        const bool product = node->kind == HWV_NODE_DENSE || node->kind == HWV_NODE_CONV2D;
        for (size_t i = 0; i < node->input_count; i++)
            if (node->input[i] == weight && !(product && i == 1))
                return false;
    }
    return true;
}

static bool takes(const hwv_network *network, const hwv_reader *reader, float c, char reason[160])
{
    const hwv_node *node = hwv_graph_node_at(network->graph, reader->node);
    if (c != 0)
        snprintf(reason, 160, "they are constants but not 0 where '%s' reads them", node->name);
    else if (!is_kept(network, node->input[1]))
        snprintf(reason, 160, "the weights of '%s', which reads them, are computed", node->name);
    else if (!only_products(network, node->input[1]))
        snprintf(reason, 160, "the weights of '%s', which reads them, are read elsewhere too", node->name);
    else
        return true;
    return false;
}

static bool is_own(const hwv_network *network, hwv_id value)
{
    return value == HWV_NO_ID || (is_kept(network, value) && hwv_value_readers(network, value, NULL) == 1);
}

/* Why incoming weights of a layer cannot be new; NULL: they can. */
static const char *obstacle(const hwv_network *network, const hwv_front *front)
{
    if (front->product == HWV_NO_ID)
        return "no dense layer or convolution stands in front of it";
    bool own = is_own(network, hwv_graph_node_at(network->graph, front->product)->input[1]) &&
               is_own(network, front->bias) && is_own(network, front->shift);
    if (front->norm != HWV_NO_ID)
        for (size_t i = 1; i < 5; i++)
            own = own && is_own(network, hwv_graph_node_at(network->graph, front->norm)->input[i]);
    return own ? NULL : "shared weights: what is in front of it is read elsewhere too";
}

static hwv_status fronts_find(hwv_recycling *r)
{
    const hwv_treating *t = r->removable.treating;
    r->fronts = hwv_calloc(t->network->layer_count + 1, sizeof *r->fronts);
    if (r->fronts == NULL)
        return hwv_fail(t->error, HWV_ERR_MEMORY, "no memory for %zu layers", t->network->layer_count);
    for (size_t l = 0; l < t->network->layer_count; l++) {
        r->fronts[l] = hwv_front_find(t->network->graph, t->network->layers[l].node);
        const char *why = obstacle(t->network, &r->fronts[l]);
        if (why == NULL)
            continue;
        r->fronts[l].product = HWV_NO_ID;
        for (size_t u = 0; u < hwv_removable_units(&r->removable, l); u++)
            if (hwv_removable_goes(&r->removable, l, u) && hwv_removable_asked(t, l, u))
                hwv_removable_leave(&r->removable, l, 1, why);
    }
    return HWV_OK;
}

static bool is_recycled(const void *self, size_t layer, size_t unit)
{
    const hwv_recycling *r = self;
    return r->fronts[layer].product != HWV_NO_ID && hwv_removable_goes(&r->removable, layer, unit) &&
           hwv_removable_asked(r->removable.treating, layer, unit);
}

/* ---- new numbers ----------------------------------------------------------------------------------- */

/* Numbers and marks of a value that is changed. */
typedef struct hwv_edit_target {
    float *data;
    uint8_t *fresh; /* parameters: what an optimiser keeps starts anew */
} hwv_edit_target;

static hwv_status target_of(const hwv_treating *t, hwv_id value, hwv_edit_target *target)
{
    target->data = hwv_change_data(t->change, value);
    target->fresh = hwv_change_fresh(t->change, value);
    if (target->data && target->fresh)
        return HWV_OK;
    return hwv_fail(t->error, HWV_ERR_MEMORY, "no memory for new numbers of %s",
                    hwv_graph_value(t->network->graph, value)->name);
}

static void put(const hwv_edit_target *target, size_t at, float x)
{
    target->data[at] = x;
    target->fresh[at] = 1;
}

/* Incoming weights of a unit: the operator is flat where the unit was, so that only one side lets squares through. */
static void row_draw(const hwv_treating *t, hwv_id weight, const hwv_edit_target *target, size_t unit)
{
    const size_t row = hwv_front_row(&hwv_graph_value(t->network->graph, weight)->shape);
    const double deviation = sqrt(2 / (double)row);
    for (size_t e = unit * row; e < (unit + 1) * row; e++)
        put(target, e,
            (float)(deviation *
                    hwv_random_normal(t->options->seed, HWV_STREAM_RECYCLE + 256 * (uint32_t)weight, 0, e)));
}

static hwv_status units_put(const hwv_recycling *r, size_t l, hwv_id value, float x)
{
    const hwv_treating *t = r->removable.treating;
    hwv_edit_target target;
    if (value == HWV_NO_ID)
        return HWV_OK;
    HWV_TRY(target_of(t, value, &target));
    for (size_t u = 0; u < hwv_removable_units(&r->removable, l); u++)
        if (is_recycled(r, l, u))
            put(&target, u, x);
    return HWV_OK;
}

static bool any_recycled(const hwv_recycling *r, size_t l)
{
    for (size_t u = 0; u < hwv_removable_units(&r->removable, l); u++)
        if (is_recycled(r, l, u))
            return true;
    return false;
}

static hwv_status layer_renew(const hwv_recycling *r, size_t l)
{
    const hwv_treating *t = r->removable.treating;
    const hwv_front *front = &r->fronts[l];
    const hwv_id weight = hwv_graph_node_at(t->network->graph, front->product)->input[1];
    hwv_edit_target target;
    HWV_TRY(target_of(t, weight, &target));
    for (size_t u = 0; u < hwv_removable_units(&r->removable, l); u++)
        if (is_recycled(r, l, u))
            row_draw(t, weight, &target, u);
    HWV_TRY(units_put(r, l, front->bias, 0));
    HWV_TRY(units_put(r, l, front->shift, 0));
    if (front->norm == HWV_NO_ID)
        return HWV_OK;
    const hwv_node *norm = hwv_graph_node_at(t->network->graph, front->norm);
    HWV_TRY(units_put(r, l, norm->input[1], 1));
    return units_put(r, l, norm->input[2], 0);
}

/* What reads the channels of recycled units does so with weights of 0. */
static hwv_status reader_silence(const hwv_recycling *r, size_t track, const hwv_reader *reader,
                                 const uint8_t *recycled)
{
    const hwv_treating *t = r->removable.treating;
    const hwv_node *node = hwv_graph_node_at(t->network->graph, reader->node);
    const hwv_shape *shape = &hwv_graph_value(t->network->graph, node->input[1])->shape;
    const hwv_place *place = hwv_tracks_place(&r->removable.tracks, node->input[0], reader->axis);
    const size_t row = hwv_front_row(shape), taps = row / shape->dim[1];
    hwv_edit_target target;
    HWV_TRY(target_of(t, node->input[1], &target));
    for (size_t f = 0; f < shape->dim[1]; f++)
        for (size_t u = 0;
             recycled[hwv_place_channel(&r->removable.tracks.tracks[track], place, f)] && u < shape->dim[0]; u++)
            for (size_t k = 0; k < taps; k++)
                put(&target, u * row + f * taps + k, 0);
    return HWV_OK;
}

static hwv_status track_silence(const hwv_recycling *r, size_t track)
{
    const hwv_treating *t = r->removable.treating;
    const hwv_track *of = &r->removable.tracks.tracks[track];
    uint8_t *recycled = hwv_calloc(of->channels, 1);
    hwv_status status = HWV_OK;
    bool any = false;
    if (recycled == NULL)
        return hwv_fail(t->error, HWV_ERR_MEMORY, "no memory for %zu channels", of->channels);
    for (size_t l = 0; l < t->network->layer_count; l++)
        for (size_t u = 0; r->removable.layer_track[l] == track && u < hwv_removable_units(&r->removable, l); u++)
            if (is_recycled(r, l, u)) {
                recycled[hwv_removable_channel(&r->removable, l, u)] = 1;
                any = true;
            }
    for (size_t k = 0; status == HWV_OK && any && k < of->reader_count; k++)
        status = reader_silence(r, track, &of->readers[k], recycled);
    hwv_free(recycled);
    return status;
}

/* Outgoing weights after incoming ones: where both meet it is 0. */
static hwv_status renew(const hwv_recycling *r)
{
    const hwv_treating *t = r->removable.treating;
    for (size_t l = 0; l < t->network->layer_count; l++)
        if (any_recycled(r, l))
            HWV_TRY(layer_renew(r, l));
    for (size_t track = 0; track < r->removable.tracks.count; track++)
        if (r->removable.channels[track])
            HWV_TRY(track_silence(r, track));
    HWV_TRY(hwv_recycle_norms(t, &r->removable, r->fronts, r, is_recycled));
    return hwv_recycle_wake(t, &r->removable, r->fronts, r, is_recycled);
}

hwv_status hwv_treat_recycle(hwv_treating *treating)
{
    hwv_recycling r = {0};
    hwv_status status = hwv_removable_find(&r.removable, treating, takes);
    if (status == HWV_OK)
        status = fronts_find(&r);
    if (status == HWV_OK)
        status = renew(&r);
    if (status == HWV_OK)
        status = hwv_removable_report(&r.removable, &r, is_recycled);
    hwv_free(r.fronts);
    hwv_removable_free(&r.removable);
    return status;
}
