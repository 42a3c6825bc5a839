/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a file says of itself: ports, sizes, operators. */
#include <string.h>

#include "onnx/import.h"
#include "onnx/read.h"

const hwv_onnx_attribute *hwv_onnx_attribute_find(const hwv_onnx_node *node, const char *name)
{
    for (size_t i = 0; i < node->attribute_count; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return &node->attributes[i];
    return NULL;
}

/* ---- ports --------------------------------------------------------------------------------------- */

size_t hwv_onnx_input_count(const hwv_onnx *file)
{
    return file->storage->port_count;
}

size_t hwv_onnx_output_count(const hwv_onnx *file)
{
    return file->output_count;
}

hwv_onnx_port hwv_onnx_input(const hwv_onnx *file, size_t i)
{
    return file->storage->ports[i]->port;
}

int32_t hwv_onnx_input_type(const hwv_onnx *file, size_t i)
{
    return file->storage->ports[i]->type;
}

hwv_onnx_port hwv_onnx_output(const hwv_onnx *file, size_t i)
{
    return file->outputs[i].port;
}

/* ---- sizes --------------------------------------------------------------------------------------- */

static bool is_floating(int32_t type)
{
    return type == HWV_ONNX_FLOAT || type == HWV_ONNX_DOUBLE || type == HWV_ONNX_FLOAT16 || type == HWV_ONNX_BFLOAT16;
}

static void add_constant(hwv_onnx_summary *summary, const hwv_onnx_node *node)
{
    for (size_t i = 0; i < node->attribute_count; i++) {
        const hwv_onnx_attribute *a = &node->attributes[i];
        bool single = a->type == HWV_ONNX_ATTRIBUTE_FLOAT, list = a->type == HWV_ONNX_ATTRIBUTE_FLOATS;
        if (strncmp(a->name, "value", 5) != 0)
            continue;
        summary->initialisers++;
        if (a->type == HWV_ONNX_ATTRIBUTE_TENSOR && is_floating(a->tensor->type))
            summary->parameters += a->tensor->elements;
        else if (single || list)
            summary->parameters += single ? 1 : a->count;
    }
}

hwv_onnx_summary hwv_onnx_summarise(const hwv_onnx *file)
{
    hwv_onnx_summary summary = {.producer = file->storage->producer,
                                .ir_version = file->ir_version,
                                .opset = file->opset,
                                .nodes = file->node_count,
                                .initialisers = file->initialiser_count,
                                .bytes = file->size + file->external_bytes};
    for (size_t i = 0; i < file->initialiser_count; i++)
        if (is_floating(file->initialisers[i].type))
            summary.parameters += file->initialisers[i].elements;
    for (size_t i = 0; i < file->node_count; i++)
        if (strcmp(file->nodes[i].op, "Constant") == 0 && file->nodes[i].domain[0] == 0)
            add_constant(&summary, &file->nodes[i]);
    return summary;
}

/* ---- operators ----------------------------------------------------------------------------------- */

size_t hwv_onnx_use_count(const hwv_onnx *file)
{
    return file->storage->operator_count;
}

hwv_onnx_use hwv_onnx_use_at(const hwv_onnx *file, size_t i)
{
    const hwv_onnx_operator *found = &file->storage->operators[i];
    const hwv_onnx_node *node = found->first;
    const hwv_import_row *row = node->domain[0] ? NULL : hwv_import_row_find(node->op);
    return (hwv_onnx_use){.op = node->op,
                          .domain = node->domain,
                          .reason = hwv_import_reason(file, node, row),
                          .count = found->count,
                          .activation = row && row->kind == HWV_NODE_ACTIVATION};
}
