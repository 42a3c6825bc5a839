/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * NodeProto and TensorProto, written. */
#include "onnx/export.h"

#include "halfwave/memory.h"
#include "io/bytes.h"
#include "onnx/model.h"

enum { GRAPH_NODE = 1, GRAPH_INITIALISER = 5 };
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4 };
enum { TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_NAME = 8, TENSOR_RAW = 9 };

size_t hwv_export_begin(hwv_export *out, const char *op, const char *name)
{
    size_t begin = hwv_proto_begin(&out->text, GRAPH_NODE);
    hwv_proto_write_text(&out->text, NODE_NAME, name);
    hwv_proto_write_text(&out->text, NODE_OP, op);
    return begin;
}

void hwv_export_input(hwv_export *out, const char *value)
{
    hwv_proto_write_text(&out->text, NODE_INPUT, value);
}

void hwv_export_output(hwv_export *out, const char *value)
{
    hwv_proto_write_text(&out->text, NODE_OUTPUT, value);
}

void hwv_export_int(hwv_export *out, const char *name, int64_t value)
{
    hwv_attribute_write_int(&out->text, name, value);
}

void hwv_export_float(hwv_export *out, const char *name, float value)
{
    hwv_attribute_write_float(&out->text, name, value);
}

void hwv_export_ints(hwv_export *out, const char *name, const int64_t *values, size_t count)
{
    hwv_attribute_write_ints(&out->text, name, values, count);
}

void hwv_export_end(hwv_export *out, size_t begin)
{
    hwv_proto_end(&out->text, begin);
}

void hwv_export_simple(hwv_export *out, const char *op, const char *name, const char *a, const char *b, const char *y)
{
    size_t begin = hwv_export_begin(out, op, name);
    hwv_export_input(out, a);
    if (b)
        hwv_export_input(out, b);
    hwv_export_output(out, y);
    hwv_export_end(out, begin);
}

static void write_floats(hwv_export *out, const float *data, size_t count)
{
    if (hwv_host_is_little()) {
        hwv_proto_write_bytes(&out->text, TENSOR_RAW, data, count * sizeof *data);
        return;
    }
    size_t begin = hwv_proto_begin(&out->text, TENSOR_RAW);
    for (size_t i = 0; i < count; i++) {
        const unsigned char *from = (const unsigned char *)&data[i];
        char bytes[4] = {(char)from[3], (char)from[2], (char)from[1], (char)from[0]};
        hwv_text_add(&out->text, bytes, sizeof bytes);
    }
    hwv_proto_end(&out->text, begin);
}

void hwv_export_floats(hwv_export *out, const char *name, const float *data, const size_t *dims, size_t rank)
{
    size_t begin = hwv_proto_begin(&out->text, GRAPH_INITIALISER), count = 1;
    for (size_t i = 0; i < rank; i++) {
        count *= dims[i]; /* fits: it is in memory */
        hwv_proto_write_int(&out->text, TENSOR_DIMS, (int64_t)dims[i]);
    }
    hwv_proto_write_int(&out->text, TENSOR_TYPE, HWV_ONNX_FLOAT);
    hwv_proto_write_text(&out->text, TENSOR_NAME, name);
    write_floats(out, data, count);
    hwv_proto_end(&out->text, begin);
}

void hwv_export_number(hwv_export *out, const char *name, float value)
{
    hwv_export_floats(out, name, &value, NULL, 0);
}
