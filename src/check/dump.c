/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pre-activations that were dumped elsewhere. */
#include <string.h>

#include "check/layer_count.h"
#include "check/tally.h"
#include "halfwave/memory.h"

static hwv_layer_tally *layer_find(hwv_tally *tally, const char *name)
{
    for (size_t l = 0; l < tally->layer_count; l++)
        if (strcmp(tally->layers[l].name, name) == 0)
            return &tally->layers[l];
    return NULL;
}

static hwv_status layer_new(hwv_tally *tally, const char *name, const hwv_act *act, size_t units,
                            hwv_layer_tally **layer, hwv_error *error)
{
    hwv_layer_tally *layers = hwv_realloc(tally->layers, tally->layer_count + 1, sizeof *layers);
    if (layers == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to count %s", name);
    tally->layers = layers;
    *layer = &layers[tally->layer_count];
    HWV_TRY(hwv_layer_tally_init(*layer, name, hwv_act_onnx(act), act, units, 0, error));
    tally->layer_count++;
    return HWV_OK;
}

static hwv_status dump_check(const hwv_layer_tally *layer, const char *name, const hwv_act *act, size_t units,
                             hwv_error *error)
{
    if (layer && (layer->act.op != act->op || memcmp(layer->act.param, act->param, sizeof act->param) != 0))
        return hwv_fail(error, HWV_ERR_MISMATCH, "%s: units of %s, or of other parameters, they were of %s before",
                        name, hwv_act_onnx(act), hwv_act_onnx(&layer->act));
    if (layer && layer->units != units)
        return hwv_fail(error, HWV_ERR_SHAPE, "%s: %zu units, it had %zu before", name, units, layer->units);
    if (units == 0)
        return hwv_fail(error, HWV_ERR_SHAPE, "%s: no units; at least one is accepted", name);
    return HWV_OK;
}

hwv_status hwv_tally_count(hwv_tally *tally, const char *name, const hwv_act *act, size_t rows, size_t positions,
                           size_t units, const float *z, const hwv_executor *executor, hwv_error *error)
{
    hwv_layer_tally *layer = layer_find(tally, name);
    hwv_layer_count count;
    size_t elements;
    HWV_TRY(dump_check(layer, name, act, units, error));
    if (!hwv_size_mul(rows, positions, &elements) || !hwv_size_mul(elements, units, &elements))
        return hwv_fail(error, HWV_ERR_SHAPE, "%s: more elements than memory can hold", name);
    float *h = hwv_calloc(elements ? elements : 1, sizeof *h);
    if (h == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for its activations", name);
    if (tally->group == 0)
        tally->group = 1;
    hwv_status status = layer ? HWV_OK : layer_new(tally, name, act, units, &layer, error);
    if (status == HWV_OK)
        status = hwv_layer_count_init(&count, layer, hwv_flat_find(act), tally->group, error);
    if (status == HWV_OK) {
        hwv_act_forward_on(executor, act, HWV_F32, rows * positions, units, h, units, z, units);
        hwv_layer_count_add(&count, executor, rows, positions, z, h);
        hwv_layer_count_close(&count);
        hwv_layer_count_free(&count);
    }
    if (status == HWV_OK && layer == &tally->layers[0]) {
        tally->rows += rows;
        tally->samples = layer->samples;
    }
    hwv_free(h);
    return status;
}
