/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Attributes of the node of an import function, and its messages. */
#include "onnx/import_state.h"

#include <stdio.h>

const char *hwv_import_node_name(const hwv_onnx_node *node)
{
    if (node->name[0])
        return node->name;
    for (size_t i = 0; i < node->output_count; i++)
        if (node->outputs[i][0])
            return node->outputs[i];
    return "";
}

hwv_status hwv_import_fail(const hwv_import *import, hwv_status status, const char *format, ...)
{
    char text[360];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (import->node == NULL)
        return hwv_fail(import->error, status, "%s", text);
    return hwv_fail(import->error, status, "node '%.80s' (%.40s): %s", hwv_import_node_name(import->node),
                    import->node->op, text);
}

hwv_status hwv_import_memory(const hwv_import *import)
{
    if (import->state->memory->over)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                               "constants of more bytes than a file of this size justifies");
    return hwv_fail(import->error, HWV_ERR_MEMORY, "no memory for the graph of a model");
}

bool hwv_import_has_attribute(const hwv_import *import, const char *name)
{
    return hwv_onnx_attribute_find(import->node, name) != NULL;
}

/* *attribute NULL: absent. */
static hwv_status attribute_get(const hwv_import *import, const char *name, hwv_onnx_attribute_type type,
                                const char *what, const hwv_onnx_attribute **attribute)
{
    *attribute = hwv_onnx_attribute_find(import->node, name);
    if (*attribute == NULL || (*attribute)->type == type)
        return HWV_OK;
    return hwv_import_fail(import, HWV_ERR_FORMAT, "its attribute '%s' is not %s", name, what);
}

hwv_status hwv_import_int(const hwv_import *import, const char *name, int64_t absent, int64_t *x)
{
    const hwv_onnx_attribute *attribute;
    HWV_TRY(attribute_get(import, name, HWV_ONNX_ATTRIBUTE_INT, "an integer", &attribute));
    *x = attribute ? attribute->i : absent;
    return HWV_OK;
}

hwv_status hwv_import_float(const hwv_import *import, const char *name, float absent, float *x)
{
    const hwv_onnx_attribute *attribute;
    HWV_TRY(attribute_get(import, name, HWV_ONNX_ATTRIBUTE_FLOAT, "a float", &attribute));
    *x = attribute ? attribute->f : absent;
    return HWV_OK;
}

hwv_status hwv_import_string(const hwv_import *import, const char *name, const char *absent, const char **x)
{
    const hwv_onnx_attribute *attribute;
    HWV_TRY(attribute_get(import, name, HWV_ONNX_ATTRIBUTE_STRING, "a string", &attribute));
    *x = attribute ? attribute->s : absent;
    return HWV_OK;
}

hwv_status hwv_import_int_list(const hwv_import *import, const char *name, const int64_t **ints, size_t *count)
{
    const hwv_onnx_attribute *attribute;
    *ints = NULL;
    *count = 0;
    HWV_TRY(attribute_get(import, name, HWV_ONNX_ATTRIBUTE_INTS, "a list of integers", &attribute));
    if (attribute) {
        *ints = attribute->ints;
        *count = attribute->count;
    }
    return HWV_OK;
}

hwv_status hwv_import_list(hwv_import *import, const char *name, size_t i, int64_t since, const int64_t **ints,
                           size_t *count)
{
    if (import->opset < since)
        return hwv_import_int_list(import, name, ints, count);
    *ints = NULL;
    *count = 0;
    return hwv_import_has(import, i) ? hwv_import_ints(import, i, ints, count) : HWV_OK;
}

hwv_status hwv_import_axis(const hwv_import *import, int64_t axis, size_t rank, size_t *at)
{
    int64_t r = (int64_t)rank;
    if (axis < -r || axis >= r)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "axis %lld of a value with %zu dimensions", (long long)axis,
                               rank);
    *at = (size_t)(axis < 0 ? axis + r : axis);
    return HWV_OK;
}

hwv_status hwv_import_size(const hwv_import *import, const char *what, int64_t x, size_t *size)
{
    if (x < 1 || (uint64_t)x > SIZE_MAX / 2)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%s is %lld; 1 or more is accepted", what, (long long)x);
    *size = (size_t)x;
    return HWV_OK;
}
