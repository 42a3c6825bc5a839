/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The tensors of a checkpoint in the making. */
#include <stdio.h>
#include <string.h>

#include "train/checkpoint.h"

bool hwv_tensor_list_make(hwv_tensor_list *list, size_t capacity)
{
    *list = (hwv_tensor_list){.entries = hwv_calloc(capacity, sizeof *list->entries),
                              .names = hwv_calloc(capacity, sizeof *list->names)};
    return list->entries && list->names;
}

void hwv_tensor_list_free(hwv_tensor_list *list)
{
    hwv_free(list->entries);
    hwv_free(list->names);
    *list = (hwv_tensor_list){0};
}

hwv_tensor_entry *hwv_tensor_list_add(hwv_tensor_list *list, const char *name, hwv_tensor_type type, const void *data)
{
    hwv_tensor_entry *entry = &list->entries[list->count];
    snprintf(list->names[list->count], HWV_TENSOR_NAME, "%s", name);
    *entry = (hwv_tensor_entry){.name = list->names[list->count], .type = type, .data = data};
    list->count++;
    return entry;
}

void hwv_moment_name(char *text, size_t size, size_t moment, const char *parameter)
{
    snprintf(text, size, HWV_MOMENTS_PREFIX "moment%zu.%s", moment + 1, parameter);
}

bool hwv_tensor_kept(char name[HWV_TENSOR_NAME], const hwv_model *model, const hwv_value *value, size_t moment,
                     bool moments)
{
    if (value->role != HWV_ROLE_PARAMETER && (moments || value->role != HWV_ROLE_STATE))
        return false;
    if (moments)
        hwv_moment_name(name, HWV_TENSOR_NAME, moment, value->name);
    else
        snprintf(name, HWV_TENSOR_NAME, "%s%s", model->of_network ? HWV_WEIGHTS_PREFIX : "", value->name);
    return true;
}

void hwv_tensor_list_add_block(hwv_tensor_list *list, const hwv_model *model, const float *block, size_t moment,
                               bool moments)
{
    const hwv_graph *graph = model->graph;
    for (size_t v = 0; v < hwv_graph_value_count(graph); v++) {
        const hwv_value *value = hwv_graph_value(graph, (hwv_id)v);
        char name[HWV_TENSOR_NAME];
        if (!hwv_tensor_kept(name, model, value, moment, moments))
            continue;
        hwv_tensor_entry *entry =
            hwv_tensor_list_add(list, name, HWV_TENSOR_F32, block + hwv_weights_offset(model->weights, (hwv_id)v));
        entry->rank = value->shape.rank;
        memcpy(entry->shape, value->shape.dim, entry->rank * sizeof *entry->shape);
    }
}
