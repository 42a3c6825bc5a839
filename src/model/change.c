/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Changes of a network: arrays that are made when they are first asked for. */
#include "halfwave/change.h"

#include <string.h>

static hwv_status no_memory(hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the changes of a network");
}

hwv_status hwv_change_create(hwv_change *change, const hwv_network *network, hwv_error *error)
{
    size_t count = hwv_graph_value_count(network->graph);
    *change = (hwv_change){.network = network, .values = hwv_calloc(count + 1, sizeof *change->values)};
    if (change->values == NULL)
        return no_memory(error);
    change->value_count = count;
    return HWV_OK;
}

void hwv_change_free(hwv_change *change)
{
    for (size_t v = 0; v < change->value_count; v++) {
        hwv_free(change->values[v].data);
        hwv_free(change->values[v].fresh);
        for (size_t a = 0; a < HWV_MAX_RANK; a++)
            hwv_free(change->values[v].cut[a]);
    }
    for (size_t i = 0; i < change->bias_count; i++)
        hwv_free(change->biases[i].bias);
    for (size_t i = 0; i < change->norm_count; i++) {
        hwv_free(change->norms[i].mean);
        hwv_free(change->norms[i].variance);
    }
    hwv_free(change->values);
    hwv_free(change->acts);
    hwv_free(change->biases);
    hwv_free(change->norms);
    *change = (hwv_change){0};
}

static bool any(const uint8_t *marks, size_t count)
{
    return marks != NULL && memchr(marks, 1, count) != NULL;
}

bool hwv_change_is_empty(const hwv_change *change)
{
    if (change->act_count > 0 || change->bias_count > 0 || change->norm_count > 0)
        return false;
    for (size_t v = 0; v < change->value_count; v++) {
        const hwv_shape *shape = &hwv_graph_value(change->network->graph, (hwv_id)v)->shape;
        if (change->values[v].data != NULL)
            return false;
        for (size_t a = 0; a < shape->rank; a++)
            if (any(change->values[v].cut[a], shape->dim[a]))
                return false;
    }
    return true;
}

/* Elements of a value that is kept with the weights; 0: it is not. */
static size_t kept_elements(const hwv_change *change, hwv_id value)
{
    const hwv_value *v = hwv_graph_value(change->network->graph, value);
    return v == NULL || v->element != HWV_ELEMENT_F32 ? 0 : hwv_weights_elements(change->network->weights, value);
}

float *hwv_change_data(hwv_change *change, hwv_id value)
{
    size_t elements = kept_elements(change, value);
    if (elements == 0)
        return NULL;
    float **data = &change->values[value].data;
    if (*data == NULL) {
        *data = hwv_calloc(elements, sizeof **data);
        if (*data != NULL)
            memcpy(*data, hwv_weights_data(change->network->weights, value), elements * sizeof **data);
    }
    return *data;
}

void hwv_change_write(const hwv_change *change, hwv_weights *weights)
{
    for (size_t v = 0; v < change->value_count; v++)
        if (change->values[v].data != NULL)
            memcpy(hwv_weights_data(weights, (hwv_id)v), change->values[v].data,
                   kept_elements(change, (hwv_id)v) * sizeof(float));
}

uint8_t *hwv_change_fresh(hwv_change *change, hwv_id value)
{
    size_t elements = kept_elements(change, value);
    if (elements > 0 && change->values[value].fresh == NULL)
        change->values[value].fresh = hwv_calloc(elements, 1);
    return elements > 0 ? change->values[value].fresh : NULL;
}

uint8_t *hwv_change_cut(hwv_change *change, hwv_id value, size_t axis)
{
    const hwv_value *v = hwv_graph_value(change->network->graph, value);
    if (v == NULL || axis >= v->shape.rank || v->shape.dim[axis] == HWV_BATCH)
        return NULL;
    uint8_t **cut = &change->values[value].cut[axis];
    if (*cut == NULL)
        *cut = hwv_calloc(v->shape.dim[axis], 1);
    return *cut;
}

hwv_shape hwv_change_shape(const hwv_change *change, hwv_id value)
{
    hwv_shape shape = hwv_graph_value(change->network->graph, value)->shape;
    for (size_t a = 0; a < shape.rank; a++) {
        const uint8_t *cut = change->values[value].cut[a];
        for (size_t i = 0, length = shape.dim[a]; cut != NULL && i < length; i++)
            shape.dim[a] -= cut[i];
    }
    return shape;
}

/* ---- nodes ---- */

/* One more element of an array, zero; NULL: no memory. */
static void *grow(void **array, size_t *count, size_t bytes)
{
    void *larger = hwv_realloc(*array, *count + 1, bytes);
    if (larger == NULL)
        return NULL;
    *array = larger;
    void *made = (char *)larger + *count * bytes;
    memset(made, 0, bytes);
    ++*count;
    return made;
}

hwv_status hwv_change_act(hwv_change *change, hwv_id node, const hwv_act *act, hwv_error *error)
{
    hwv_act_change *entry = NULL;
    for (size_t i = 0; i < change->act_count; i++)
        if (change->acts[i].node == node)
            entry = &change->acts[i];
    if (entry == NULL)
        entry = grow((void **)(void *)&change->acts, &change->act_count, sizeof *entry);
    if (entry == NULL)
        return no_memory(error);
    *entry = (hwv_act_change){.node = node, .act = *act};
    return HWV_OK;
}

float *hwv_change_bias(hwv_change *change, hwv_id node, size_t units)
{
    float *bias = hwv_calloc(units, sizeof *bias);
    hwv_bias_change *entry = bias ? grow((void **)(void *)&change->biases, &change->bias_count, sizeof *entry) : NULL;
    if (entry == NULL) {
        hwv_free(bias);
        return NULL;
    }
    *entry = (hwv_bias_change){.node = node, .units = units, .bias = bias};
    return bias;
}

hwv_norm_change *hwv_change_norm(hwv_change *change, hwv_id node, size_t units, float epsilon)
{
    float *mean = hwv_calloc(units, sizeof *mean), *variance = hwv_calloc(units, sizeof *variance);
    hwv_norm_change *entry =
        mean && variance ? grow((void **)(void *)&change->norms, &change->norm_count, sizeof *entry) : NULL;
    if (entry == NULL) {
        hwv_free(mean);
        hwv_free(variance);
        return NULL;
    }
    *entry = (hwv_norm_change){.node = node, .units = units, .mean = mean, .variance = variance, .epsilon = epsilon};
    return entry;
}
