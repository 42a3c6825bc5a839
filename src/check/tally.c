/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Tallies: freed, joined. */
#include "check/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check/sum2.h"
#include "halfwave/memory.h"

void hwv_layer_tally_free(hwv_layer_tally *layer)
{
    hwv_free(layer->name);
    hwv_free(layer->unit);
    hwv_free(layer->input);
    hwv_free(layer->picture);
    *layer = (hwv_layer_tally){0};
}

void hwv_tally_free(hwv_tally *tally)
{
    for (size_t l = 0; l < tally->layer_count; l++)
        hwv_layer_tally_free(&tally->layers[l]);
    hwv_free(tally->layers);
    hwv_free(tally->model);
    *tally = (hwv_tally){0};
}

hwv_status hwv_layer_tally_init(hwv_layer_tally *layer, const char *name, const char *op, const hwv_act *act,
                                size_t units, size_t features, hwv_error *error)
{
    *layer = (hwv_layer_tally){.act = *act, .units = units, .features = features};
    memcpy(layer->op, op, strlen(op) < sizeof layer->op ? strlen(op) : sizeof layer->op - 1);
    layer->name = hwv_strdup(name);
    layer->unit = hwv_calloc(units, sizeof *layer->unit);
    bool complete = layer->name && layer->unit;
    if (features > 0) {
        layer->input = hwv_calloc(features, sizeof *layer->input);
        complete = complete && layer->input;
    }
    if (!complete) {
        hwv_layer_tally_free(layer);
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to count %zu units of %s", units, name);
    }
    for (size_t u = 0; u < units; u++) {
        layer->unit[u].min = INFINITY;
        layer->unit[u].max = -INFINITY;
    }
    return HWV_OK;
}

const char *hwv_act_onnx(const hwv_act *act)
{
    const hwv_op_info *info = hwv_op_row(act->op);
    return info->onnx[0] ? info->onnx : info->torch[0] ? info->torch : info->name;
}

/* ---- merging --------------------------------------------------------------------------------------- */

static hwv_status layer_fits(const hwv_layer_tally *a, const hwv_layer_tally *b, size_t at, hwv_error *error)
{
    if (strcmp(a->name, b->name) != 0 || strcmp(a->op, b->op) != 0)
        return hwv_fail(error, HWV_ERR_MISMATCH, "layer %zu is %s (%s) in one and %s (%s) in the other", at + 1,
                        a->name, a->op, b->name, b->op);
    if (a->act.op != b->act.op || memcmp(a->act.param, b->act.param, sizeof a->act.param) != 0)
        return hwv_fail(error, HWV_ERR_MISMATCH, "layer %s has other parameters of its activation", a->name);
    if (a->units != b->units || a->features != b->features)
        return hwv_fail(error, HWV_ERR_MISMATCH,
                        "layer %s has %zu units of %zu features in one, %zu of %zu in the other", a->name, a->units,
                        a->features, b->units, b->features);
    return HWV_OK;
}

static hwv_status fits(const hwv_tally *a, const hwv_tally *b, hwv_error *error)
{
    if (a->group != b->group)
        return hwv_fail(error, HWV_ERR_MISMATCH, "groups of %zu samples in one, of %zu in the other", a->group,
                        b->group);
    if (a->layer_count != b->layer_count)
        return hwv_fail(error, HWV_ERR_MISMATCH, "%zu layers in one, %zu in the other", a->layer_count, b->layer_count);
    for (size_t l = 0; l < a->layer_count; l++)
        HWV_TRY(layer_fits(&a->layers[l], &b->layers[l], l, error));
    return HWV_OK;
}

static void unit_join(hwv_unit_tally *a, const hwv_unit_tally *b)
{
    a->fired += b->fired;
    a->fired_samples += b->fired_samples;
    a->zeros += b->zeros;
    a->nans += b->nans;
    a->low += b->low;
    a->high += b->high;
    a->min = b->min < a->min ? b->min : a->min;
    a->max = b->max > a->max ? b->max : a->max;
    a->summed += b->summed;
    a->z = hwv_sum2_join(a->z, b->z);
    a->square = hwv_sum2_join(a->square, b->square);
    a->magnitude = hwv_sum2_join(a->magnitude, b->magnitude);
}

/* The pictures of both below each other, as much as fits. `grown` has room for it, or is NULL. */
static void picture_join(hwv_layer_tally *a, const hwv_layer_tally *b, uint8_t *grown)
{
    size_t room = HWV_PICTURE_SAMPLES - a->picture_samples;
    size_t more = b->picture_samples < room ? b->picture_samples : room;
    if (grown == NULL)
        return;
    if (a->picture)
        memcpy(grown, a->picture, a->picture_samples * a->units);
    memcpy(grown + a->picture_samples * a->units, b->picture, more * a->units);
    hwv_free(a->picture);
    a->picture = grown;
    a->picture_samples += more;
}

static void layer_join(hwv_layer_tally *a, const hwv_layer_tally *b, uint8_t *grown)
{
    a->looks += b->looks;
    a->samples += b->samples;
    a->input_looks += b->input_looks;
    for (size_t u = 0; u < a->units; u++)
        unit_join(&a->unit[u], &b->unit[u]);
    for (size_t f = 0; f < a->features; f++)
        a->input[f] = hwv_sum2_join(a->input[f], b->input[f]);
    a->input_square = hwv_sum2_join(a->input_square, b->input_square);
    picture_join(a, b, grown);
}

static bool picture_grows(const hwv_layer_tally *a, const hwv_layer_tally *b)
{
    return b->picture && b->picture_samples && a->picture_samples < HWV_PICTURE_SAMPLES;
}

hwv_status hwv_tally_merge(hwv_tally *into, const hwv_tally *from, hwv_error *error)
{
    HWV_TRY(fits(into, from, error));
    uint8_t **grown = hwv_calloc(into->layer_count ? into->layer_count : 1, sizeof *grown);
    bool complete = grown != NULL;
    for (size_t l = 0; complete && l < into->layer_count; l++)
        if (picture_grows(&into->layers[l], &from->layers[l])) {
            grown[l] = hwv_calloc(HWV_PICTURE_SAMPLES, into->layers[l].units);
            complete = grown[l] != NULL;
        }
    if (!complete) {
        for (size_t l = 0; grown && l < into->layer_count; l++)
            hwv_free(grown[l]);
        hwv_free(grown);
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to merge statistics");
    }
    for (size_t l = 0; l < into->layer_count; l++)
        layer_join(&into->layers[l], &from->layers[l], grown[l]);
    into->rows += from->rows;
    into->samples += from->samples;
    hwv_free(grown);
    return HWV_OK;
}
