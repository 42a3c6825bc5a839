/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Reads everything that a file's structure points to, so that a sanitizer sees what does not belong to it. */
#ifndef TESTS_SUPPORT_ONNX_WALK_H
#define TESTS_SUPPORT_ONNX_WALK_H

#include <string.h>

#include "onnx/model.h"

static inline size_t walk_tensor(const hwv_onnx_tensor *tensor)
{
    size_t sum = strlen(tensor->name) + tensor->rank, elements = 1;
    for (size_t d = 0; d < tensor->rank; d++)
        elements *= tensor->dim[d];
    if (tensor->data == NULL || elements != tensor->elements)
        return sum;
    for (size_t i = 0; i < tensor->elements; i++)
        sum += (size_t)hwv_onnx_tensor_integer(tensor, i) + (hwv_onnx_tensor_number(tensor, i) > 0);
    return sum;
}

static inline size_t walk_attribute(const hwv_onnx_attribute *attribute)
{
    size_t sum = strlen(attribute->name);
    for (size_t i = 0; attribute->floats && i < attribute->count; i++)
        sum += attribute->floats[i] > 0;
    for (size_t i = 0; attribute->ints && i < attribute->count; i++)
        sum += (size_t)attribute->ints[i];
    for (size_t i = 0; attribute->strings && i < attribute->count; i++)
        sum += strlen(attribute->strings[i]);
    if (attribute->s)
        sum += attribute->s[attribute->count] == 0;
    return attribute->tensor ? sum + walk_tensor(attribute->tensor) : sum;
}

static inline size_t walk_node(const hwv_onnx_node *node)
{
    size_t sum = strlen(node->name) + strlen(node->op) + strlen(node->domain);
    for (size_t i = 0; i < node->input_count; i++)
        sum += strlen(node->inputs[i]);
    for (size_t i = 0; i < node->output_count; i++)
        sum += strlen(node->outputs[i]);
    for (size_t i = 0; i < node->attribute_count; i++)
        sum += walk_attribute(&node->attributes[i]);
    return sum;
}

static inline size_t walk_port(const hwv_onnx_port *port)
{
    size_t sum = strlen(port->name) + strlen(port->type);
    for (size_t d = 0; d < port->rank; d++)
        sum += (size_t)port->dim[d] + (port->symbol[d] ? strlen(port->symbol[d]) : 0);
    return sum;
}

static inline size_t walk_file(const hwv_onnx *file)
{
    const hwv_onnx_summary summary = hwv_onnx_summarise(file);
    size_t sum = strlen(summary.producer) + strlen(file->graph_name) + (size_t)summary.parameters;
    for (size_t i = 0; i < file->node_count; i++)
        sum += walk_node(&file->nodes[i]);
    for (size_t i = 0; i < file->initialiser_count; i++)
        sum += walk_tensor(&file->initialisers[i]);
    for (size_t i = 0; i < file->value_count; i++)
        sum += walk_port(&file->values[i].port);
    for (size_t i = 0; i < hwv_onnx_input_count(file); i++) {
        const hwv_onnx_port port = hwv_onnx_input(file, i);
        sum += walk_port(&port);
    }
    for (size_t i = 0; i < hwv_onnx_output_count(file); i++) {
        const hwv_onnx_port port = hwv_onnx_output(file, i);
        sum += walk_port(&port);
    }
    for (size_t i = 0; i < hwv_onnx_use_count(file); i++)
        sum += hwv_onnx_use_at(file, i).count;
    return sum;
}

#endif
