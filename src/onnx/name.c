/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Names and sizes of element types. */
#include "onnx/model.h"

static const struct {
    const char *name;
    size_t bytes;
} types[] = {
    [HWV_ONNX_UNDEFINED] = {"undefined", 0}, [HWV_ONNX_FLOAT] = {"float32", 4},
    [HWV_ONNX_UINT8] = {"uint8", 1},         [HWV_ONNX_INT8] = {"int8", 1},
    [HWV_ONNX_UINT16] = {"uint16", 2},       [HWV_ONNX_INT16] = {"int16", 2},
    [HWV_ONNX_INT32] = {"int32", 4},         [HWV_ONNX_INT64] = {"int64", 8},
    [HWV_ONNX_STRING] = {"string", 0},       [HWV_ONNX_BOOL] = {"bool", 1},
    [HWV_ONNX_FLOAT16] = {"float16", 2},     [HWV_ONNX_DOUBLE] = {"float64", 8},
    [HWV_ONNX_UINT32] = {"uint32", 4},       [HWV_ONNX_UINT64] = {"uint64", 8},
    [HWV_ONNX_COMPLEX64] = {"complex64", 0}, [HWV_ONNX_COMPLEX128] = {"complex128", 0},
    [HWV_ONNX_BFLOAT16] = {"bfloat16", 2},
};

static int known(int32_t type)
{
    return type >= 0 && (size_t)type < sizeof types / sizeof types[0];
}

const char *hwv_onnx_type_name(int32_t type)
{
    return known(type) ? types[type].name : "unknown";
}

size_t hwv_onnx_type_bytes(int32_t type)
{
    return known(type) ? types[type].bytes : 0;
}
