/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Building a graph: values, nodes, names. */
#include "graph/kind.h"
#include "graph/structure.h"

#include <stdio.h>
#include <string.h>

void *hwv_grow(void *array, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity)
        return array;
    size_t wanted = 8;
    if (*capacity && !hwv_size_mul(*capacity, 2, &wanted))
        return NULL;
    void *grown = hwv_realloc(array, wanted, size);
    if (grown != NULL)
        *capacity = wanted;
    return grown;
}

hwv_status hwv_graph_create(hwv_graph **graph, hwv_error *error)
{
    *graph = hwv_calloc(1, sizeof **graph);
    return *graph ? HWV_OK : hwv_fail(error, HWV_ERR_MEMORY, "no memory for a graph");
}

void hwv_graph_destroy(hwv_graph *graph)
{
    if (graph == NULL)
        return;
    hwv_free(graph->values);
    hwv_free(graph->nodes);
    hwv_free(graph->slots);
    hwv_free(graph);
}

/* A copy of `name` in `field`; HWV_ERR_ARGUMENT when it is empty or too long. */
static hwv_status name_copy(char *field, size_t size, const char *name, const char *what, hwv_error *error)
{
    size_t length = name ? strlen(name) : 0;
    if (length == 0 || length >= size)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "name of a %s '%.70s': 1 to %zu characters are accepted", what,
                        name ? name : "", size - 1);
    memcpy(field, name, length + 1);
    return HWV_OK;
}

/* FNV-1a. */
static size_t hash(const char *name)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * UINT64_C(1099511628211);
    return (size_t)(h ^ h >> 32);
}

static void slot_take(hwv_id *slots, size_t slot_count, const char *name, hwv_id id)
{
    size_t slot = hash(name) & (slot_count - 1);
    while (slots[slot] != HWV_NO_ID)
        slot = (slot + 1) & (slot_count - 1);
    slots[slot] = id;
}

/* Room for one more name; false (and the hash as it was) when memory is short. */
static bool slots_grow(hwv_graph *graph)
{
    size_t wanted = graph->slot_count ? graph->slot_count * 2 : 64;
    if (2 * (graph->value_count + 1) < graph->slot_count)
        return true;
    hwv_id *slots = hwv_calloc(wanted, sizeof *slots);
    if (slots == NULL)
        return false;
    memset(slots, 0xff, wanted * sizeof *slots); /* HWV_NO_ID */
    for (size_t i = 0; i < graph->value_count; i++)
        slot_take(slots, wanted, graph->values[i].name, (hwv_id)i);
    hwv_free(graph->slots);
    graph->slots = slots;
    graph->slot_count = wanted;
    return true;
}

static hwv_status value_add(hwv_graph *graph, const hwv_value *like, const char *name, hwv_id *id, hwv_error *error)
{
    hwv_value value = *like;
    size_t elements, bytes;
    HWV_TRY(name_copy(value.name, sizeof value.name, name, "value", error));
    if (hwv_graph_find(graph, name) != HWV_NO_ID)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "there are two values named '%s': names must be unique", name);
    if (value.shape.rank < 1 || value.shape.rank > HWV_MAX_RANK)
        return hwv_fail(error, HWV_ERR_SHAPE, "%s: %zu dimensions, 1 to %d are accepted", name, value.shape.rank,
                        HWV_MAX_RANK);
    for (size_t i = 0; i < value.shape.rank; i++)
        if (value.shape.dim[i] == 0 || (i > 0 && value.shape.dim[i] == HWV_BATCH))
            return hwv_fail(error, HWV_ERR_SHAPE, "%s: dimension %zu is %s; sizes from 1 are accepted", name, i,
                            value.shape.dim[i] ? "the batch, which only dimension 0 may be" : "0");
    if (!hwv_shape_elements(&value.shape, 1, &elements) || !hwv_size_mul(elements, 16, &bytes))
        return hwv_fail(error, HWV_ERR_SHAPE, "%s: more elements than memory can hold", name);
    hwv_value *values = graph->value_count < HWV_NO_ID
                            ? hwv_grow(graph->values, &graph->value_capacity, graph->value_count, sizeof *values)
                            : NULL;
    if (values != NULL)
        graph->values = values;
    if (values == NULL || !slots_grow(graph))
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for value %s", name);
    for (size_t i = value.shape.rank; i < HWV_MAX_RANK; i++)
        value.shape.dim[i] = 0;
    *id = (hwv_id)graph->value_count;
    slot_take(graph->slots, graph->slot_count, name, *id);
    graph->values[graph->value_count++] = value;
    return HWV_OK;
}

hwv_status hwv_graph_input(hwv_graph *graph, const char *name, hwv_element element, const hwv_shape *shape, hwv_id *id,
                           hwv_error *error)
{
    hwv_value value = {.role = HWV_ROLE_INPUT, .element = element, .shape = *shape, .producer = HWV_NO_ID};
    return value_add(graph, &value, name, id, error);
}

static hwv_status kept_add(hwv_graph *graph, const char *name, hwv_element element, const hwv_shape *shape,
                           hwv_role role, bool decay, hwv_id *id, hwv_error *error)
{
    hwv_value value = {.role = role, .element = element, .shape = *shape, .producer = HWV_NO_ID, .decay = decay};
    if (hwv_shape_batched(shape))
        return hwv_fail(error, HWV_ERR_SHAPE, "%s: what is kept with the weights cannot depend on the batch", name);
    return value_add(graph, &value, name, id, error);
}

hwv_status hwv_graph_parameter(hwv_graph *graph, const char *name, const hwv_shape *shape, bool decay, hwv_id *id,
                               hwv_error *error)
{
    return kept_add(graph, name, HWV_ELEMENT_F32, shape, HWV_ROLE_PARAMETER, decay, id, error);
}

hwv_status hwv_graph_state(hwv_graph *graph, const char *name, const hwv_shape *shape, hwv_id *id, hwv_error *error)
{
    return kept_add(graph, name, HWV_ELEMENT_F32, shape, HWV_ROLE_STATE, false, id, error);
}

hwv_status hwv_graph_constant(hwv_graph *graph, const char *name, hwv_element element, const hwv_shape *shape,
                              hwv_id *id, hwv_error *error)
{
    return kept_add(graph, name, element, shape, HWV_ROLE_CONSTANT, false, id, error);
}

/* Fills node and shaping from the caller's arguments. */
static hwv_status node_gather(const hwv_graph *graph, const hwv_kind *kind, const char *name,
                              const hwv_node_attributes *attributes, const hwv_id *inputs, size_t input_count,
                              hwv_node *node, hwv_shaping *shaping, hwv_error *error)
{
    HWV_TRY(name_copy(node->name, sizeof node->name, name, "node", error));
    if (input_count < kind->least_inputs || input_count > kind->most_inputs)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "%s (%s): %zu inputs, %zu to %zu are accepted", name, kind->name,
                        input_count, kind->least_inputs, kind->most_inputs);
    node->kind = kind->kind;
    if (attributes)
        node->attributes = *attributes;
    node->input_count = input_count;
    node->output_count = kind->outputs;
    for (size_t i = 0; i < input_count; i++) {
        if (inputs[i] >= graph->value_count)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "%s (%s): input %zu is not a value of this graph", name,
                            kind->name, i);
        node->input[i] = inputs[i];
        shaping->input[i] = &graph->values[inputs[i]];
    }
    shaping->node = node;
    shaping->error = error;
    return HWV_OK;
}

hwv_status hwv_graph_node(hwv_graph *graph, hwv_node_kind number, const char *name,
                          const hwv_node_attributes *attributes, const hwv_id *inputs, size_t input_count,
                          hwv_id *outputs, hwv_error *error)
{
    const hwv_kind *kind = hwv_kind_row(number);
    hwv_node node = {0};
    hwv_shaping shaping = {0};
    if (kind == NULL)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "%s: there is no node kind number %d", name, (int)number);
    HWV_TRY(node_gather(graph, kind, name, attributes, inputs, input_count, &node, &shaping, error));
    HWV_TRY(kind->infer(&shaping));
    hwv_node *nodes = graph->node_count < HWV_NO_ID
                          ? hwv_grow(graph->nodes, &graph->node_capacity, graph->node_count, sizeof *nodes)
                          : NULL;
    if (nodes == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for node %s", name);
    graph->nodes = nodes;

    size_t before = graph->value_count;
    for (size_t i = 0; i < kind->outputs; i++) {
        hwv_value value = {.role = HWV_ROLE_ACTIVATION,
                           .element = shaping.element[i],
                           .shape = shaping.output[i],
                           .producer = (hwv_id)graph->node_count};
        char text[sizeof value.name + 24];
        if (i == 0)
            snprintf(text, sizeof text, "%s", node.name);
        else
            snprintf(text, sizeof text, "%s.%zu", node.name, i);
        hwv_status status = value_add(graph, &value, text, &node.output[i], error);
        if (status != HWV_OK) {
            graph->value_count = before;
            return status;
        }
        outputs[i] = node.output[i];
    }
    graph->nodes[graph->node_count++] = node;
    return HWV_OK;
}

size_t hwv_graph_value_count(const hwv_graph *graph)
{
    return graph->value_count;
}

const hwv_value *hwv_graph_value(const hwv_graph *graph, hwv_id value)
{
    return value < graph->value_count ? &graph->values[value] : NULL;
}

size_t hwv_graph_node_count(const hwv_graph *graph)
{
    return graph->node_count;
}

const hwv_node *hwv_graph_node_at(const hwv_graph *graph, hwv_id node)
{
    return node < graph->node_count ? &graph->nodes[node] : NULL;
}

hwv_id hwv_graph_find(const hwv_graph *graph, const char *value_name)
{
    if (graph->slot_count == 0)
        return HWV_NO_ID;
    for (size_t slot = hash(value_name) & (graph->slot_count - 1);; slot = (slot + 1) & (graph->slot_count - 1)) {
        hwv_id id = graph->slots[slot];
        if (id == HWV_NO_ID)
            return HWV_NO_ID;
        if (id < graph->value_count && strcmp(graph->values[id].name, value_name) == 0)
            return id;
    }
}
