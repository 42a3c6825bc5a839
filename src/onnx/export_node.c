/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * NodeProto and TensorProto, written. */
#include "onnx/export.h"

#include <stdio.h>

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

/* Two's complement, the least byte first. */
void hwv_export_integers(hwv_export *out, const char *name, const int64_t *data, size_t count)
{
    size_t begin = hwv_proto_begin(&out->text, GRAPH_INITIALISER);
    hwv_proto_write_int(&out->text, TENSOR_DIMS, (int64_t)count);
    hwv_proto_write_int(&out->text, TENSOR_TYPE, HWV_ONNX_INT64);
    hwv_proto_write_text(&out->text, TENSOR_NAME, name);
    size_t raw = hwv_proto_begin(&out->text, TENSOR_RAW);
    for (size_t i = 0; i < count; i++) {
        char bytes[8];
        for (size_t b = 0; b < sizeof bytes; b++)
            bytes[b] = (char)(unsigned char)((uint64_t)data[i] >> (8 * b));
        hwv_text_add(&out->text, bytes, sizeof bytes);
    }
    hwv_proto_end(&out->text, raw);
    hwv_proto_end(&out->text, begin);
}

const char *hwv_export_kept_as(hwv_export *out, hwv_id value, const size_t *dims, size_t rank)
{
    const char *name = hwv_export_value(out, value)->name;
    if (!out->kept[value])
        hwv_export_floats(out, name, hwv_weights_data(out->model->weights, value), dims, rank);
    out->kept[value] = true;
    return name;
}

const char *hwv_export_kept(hwv_export *out, hwv_id value)
{
    const hwv_shape *shape = &hwv_export_value(out, value)->shape;
    return hwv_export_kept_as(out, value, shape->dim, shape->rank);
}

hwv_status hwv_export_kept_turned(hwv_export *out, hwv_id value)
{
    const hwv_value *matrix = hwv_export_value(out, value);
    const size_t rows = matrix->shape.dim[0], cols = matrix->shape.dim[1], dims[2] = {cols, rows};
    const float *data = hwv_weights_data(out->model->weights, value);
    float *turned = hwv_calloc(rows * cols, sizeof *turned); /* fits: so does the matrix */
    if (!turned)
        return hwv_fail(out->error, HWV_ERR_MEMORY, "no memory for %s of %zu x %zu", matrix->name, rows, cols);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < cols; c++)
            turned[c * rows + r] = data[r * cols + c];
    hwv_export_floats(out, matrix->name, turned, dims, 2);
    hwv_free(turned);
    out->kept[value] = true;
    return HWV_OK;
}

/* ---- nodes that are several in the file ---------------------------------------------------------- */

hwv_export_part hwv_export_part_of(const hwv_node *node, const char *word)
{
    hwv_export_part part;
    (void)snprintf(part.name, sizeof part.name, "%s.%s", node->name, word);
    return part;
}

hwv_export_part hwv_export_inner(hwv_export *out, const hwv_node *node, const char *op, const char *word, const char *a,
                                 const char *b)
{
    hwv_export_part part = hwv_export_part_of(node, word);
    hwv_export_simple(out, op, part.name, a, b, part.name);
    return part;
}

hwv_export_part hwv_export_number(hwv_export *out, const hwv_node *node, const char *word, float value)
{
    hwv_export_part part = hwv_export_part_of(node, word);
    hwv_export_floats(out, part.name, &value, NULL, 0);
    return part;
}

const int64_t hwv_export_last[4] = {0, 2, 3, 1}, hwv_export_first[4] = {0, 3, 1, 2};

void hwv_export_transpose(hwv_export *out, const char *name, const char *x, const char *y, const int64_t *order,
                          size_t rank)
{
    size_t begin = hwv_export_begin(out, "Transpose", name);
    hwv_export_input(out, x);
    hwv_export_output(out, y);
    hwv_export_ints(out, "perm", order, rank);
    hwv_export_end(out, begin);
}

hwv_export_part hwv_export_turned(hwv_export *out, const hwv_node *node, const char *word, const char *x,
                                  const int64_t *order, size_t rank)
{
    hwv_export_part part = hwv_export_part_of(node, word);
    hwv_export_transpose(out, part.name, x, part.name, order, rank);
    return part;
}
