/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The tables of functions, from their .def files. */
#include "graph/functions.h"
#include "graph/kind.h"

#define HWV_UNARY(NUMBER, NAME, name, ONNX, OPSET, TYPES, ...)                                                         \
    {HWV_UNARY_##NAME, #name, ONNX, OPSET, HWV_TYPES_##TYPES},
#define HWV_BINARY(NUMBER, NAME, name, ONNX, OPSET, ...) {HWV_BINARY_##NAME, #name, ONNX, OPSET, HWV_TYPES_BOTH},
#define HWV_COMPARE(NUMBER, NAME, name, ONNX, OPSET, TYPES, ...)                                                       \
    {HWV_COMPARE_##NAME, #name, ONNX, OPSET, HWV_TYPES_##TYPES},
#define HWV_REDUCTION(NUMBER, NAME, name, ONNX, OPSET, TYPES)                                                          \
    {HWV_REDUCTION_##NAME, #name, ONNX, OPSET, HWV_TYPES_##TYPES},

static const hwv_function unaries[] = {
#include "graph/unaries.def"
};
static const hwv_function binaries[] = {
#include "graph/binaries.def"
};
static const hwv_function compares[] = {
#include "graph/compares.def"
};
static const hwv_function reductions[] = {
#include "graph/reductions.def"
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

const hwv_function *hwv_function_get(hwv_node_kind kind, size_t i)
{
    switch (kind) {
    case HWV_NODE_UNARY:
        return i < COUNT(unaries) ? &unaries[i] : NULL;
    case HWV_NODE_BINARY:
        return i < COUNT(binaries) ? &binaries[i] : NULL;
    case HWV_NODE_COMPARE:
        return i < COUNT(compares) ? &compares[i] : NULL;
    case HWV_NODE_REDUCE:
        return i < COUNT(reductions) ? &reductions[i] : NULL;
    default:
        return NULL;
    }
}

const hwv_function *hwv_function_row(hwv_node_kind kind, int number)
{
    const hwv_function *row;
    for (size_t i = 0; (row = hwv_function_get(kind, i)) != NULL; i++)
        if (row->number == number)
            return row;
    return NULL;
}

hwv_status hwv_function_check(const hwv_node *node, const hwv_function **row, hwv_error *error)
{
    const hwv_function *each;
    hwv_text list = {0};
    *row = hwv_function_row(node->kind, node->attributes.function);
    if (*row != NULL)
        return HWV_OK;
    for (size_t i = 0; (each = hwv_function_get(node->kind, i)) != NULL; i++)
        hwv_text_printf(&list, "%s%d (%s)", i ? ", " : "", each->number, each->name);
    hwv_status status = hwv_fail(error, HWV_ERR_ARGUMENT, "%s (%s): there is no function %d; accepts %s", node->name,
                                 hwv_node_kind_name(node->kind), node->attributes.function,
                                 list.failed || !list.data ? "others" : list.data);
    hwv_text_free(&list);
    return status;
}
