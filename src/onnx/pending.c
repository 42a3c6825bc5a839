/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Stands in for the reader until it is there: nothing is found. Any other definition takes its place. */
#include "onnx/model.h"

#define PENDING __attribute__((weak))

PENDING size_t hwv_onnx_input_count(const hwv_onnx *file)
{
    (void)file;
    return 0;
}

PENDING hwv_onnx_port hwv_onnx_input(const hwv_onnx *file, size_t i)
{
    (void)file;
    (void)i;
    return (hwv_onnx_port){0};
}

PENDING const hwv_onnx_attribute *hwv_onnx_attribute_find(const hwv_onnx_node *node, const char *name)
{
    (void)node;
    (void)name;
    return NULL;
}

PENDING double hwv_onnx_tensor_number(const hwv_onnx_tensor *tensor, size_t i)
{
    (void)tensor;
    (void)i;
    return 0;
}

PENDING int64_t hwv_onnx_tensor_integer(const hwv_onnx_tensor *tensor, size_t i)
{
    (void)tensor;
    (void)i;
    return 0;
}
