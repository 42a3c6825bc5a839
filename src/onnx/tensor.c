/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Elements of tensors, at any alignment and on any machine. */
#include "io/bytes.h"
#include "onnx/model.h"

static const struct {
    const char *name;
    size_t bytes;
} types[] = {
    [HWV_ONNX_UNDEFINED] = {"unknown", 0},   [HWV_ONNX_FLOAT] = {"float32", 4},
    [HWV_ONNX_UINT8] = {"uint8", 1},         [HWV_ONNX_INT8] = {"int8", 1},
    [HWV_ONNX_UINT16] = {"uint16", 2},       [HWV_ONNX_INT16] = {"int16", 2},
    [HWV_ONNX_INT32] = {"int32", 4},         [HWV_ONNX_INT64] = {"int64", 8},
    [HWV_ONNX_STRING] = {"string", 0},       [HWV_ONNX_BOOL] = {"bool", 1},
    [HWV_ONNX_FLOAT16] = {"float16", 2},     [HWV_ONNX_DOUBLE] = {"float64", 8},
    [HWV_ONNX_UINT32] = {"uint32", 4},       [HWV_ONNX_UINT64] = {"uint64", 8},
    [HWV_ONNX_COMPLEX64] = {"complex64", 0}, [HWV_ONNX_COMPLEX128] = {"complex128", 0},
    [HWV_ONNX_BFLOAT16] = {"bfloat16", 2},
};

static bool is_known(int32_t type)
{
    return type >= 0 && (size_t)type < sizeof types / sizeof types[0];
}

const char *hwv_onnx_type_name(int32_t type)
{
    return is_known(type) ? types[type].name : "unknown";
}

size_t hwv_onnx_type_bytes(int32_t type)
{
    return is_known(type) ? types[type].bytes : 0;
}

static float bfloat_to_float(uint16_t half)
{
    uint32_t bits = (uint32_t)half << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

double hwv_onnx_tensor_number(const hwv_onnx_tensor *tensor, size_t i)
{
    const unsigned char *p = tensor->data + i * hwv_onnx_type_bytes(tensor->type);
    switch (tensor->type) {
    case HWV_ONNX_FLOAT:
        return (double)hwv_load_le_f32(p);
    case HWV_ONNX_DOUBLE:
        return hwv_load_le_f64(p);
    case HWV_ONNX_FLOAT16:
        return (double)hwv_half_to_float(hwv_load_le16(p));
    case HWV_ONNX_BFLOAT16:
        return (double)bfloat_to_float(hwv_load_le16(p));
    case HWV_ONNX_UINT64:
        return (double)hwv_load_le64(p);
    default:
        return (double)hwv_onnx_tensor_integer(tensor, i);
    }
}

/* Of a float: towards zero, at the ends of the range beyond it, 0 for NaN. */
static int64_t whole(double x)
{
    if (x >= 0x1p63)
        return INT64_MAX;
    if (x <= -0x1p63)
        return INT64_MIN;
    return x == x ? (int64_t)x : 0;
}

int64_t hwv_onnx_tensor_integer(const hwv_onnx_tensor *tensor, size_t i)
{
    const unsigned char *p = tensor->data + i * hwv_onnx_type_bytes(tensor->type);
    switch (tensor->type) {
    case HWV_ONNX_INT64:
    case HWV_ONNX_UINT64:
        return (int64_t)hwv_load_le64(p);
    case HWV_ONNX_INT32:
        return (int32_t)hwv_load_le32(p);
    case HWV_ONNX_UINT32:
        return hwv_load_le32(p);
    case HWV_ONNX_INT16:
        return (int16_t)hwv_load_le16(p);
    case HWV_ONNX_UINT16:
        return hwv_load_le16(p);
    case HWV_ONNX_INT8:
        return (int8_t)p[0];
    case HWV_ONNX_UINT8:
        return p[0];
    case HWV_ONNX_BOOL:
        return p[0] != 0;
    case HWV_ONNX_FLOAT:
    case HWV_ONNX_DOUBLE:
    case HWV_ONNX_FLOAT16:
    case HWV_ONNX_BFLOAT16:
        return whole(hwv_onnx_tensor_number(tensor, i));
    default:
        return 0;
    }
}
