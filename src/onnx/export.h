/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the parts of the export share: the graph's message being written, nodes and constants in it. */
#ifndef HWV_ONNX_EXPORT_H
#define HWV_ONNX_EXPORT_H

#include "halfwave/model.h"
#include "onnx/write.h"

/* Room for a name of the graph with a few words behind it. */
enum { HWV_EXPORT_NAME = 112 };

typedef struct hwv_export {
    const hwv_model *model;
    hwv_text text; /* the file */
    size_t *uses;  /* of each value: how many nodes read it, and the output */
    hwv_id *same;  /* of each value: what it is but for nodes that do nothing in use */
    hwv_error *error;
} hwv_export;

/* The file's name of a value: "x" and "logits" at the ends. */
const char *hwv_export_name(const hwv_export *out, hwv_id value);

/* A node: begin, inputs, outputs, attributes, end. */
size_t hwv_export_begin(hwv_export *out, const char *op, const char *name);
void hwv_export_input(hwv_export *out, const char *value);
void hwv_export_output(hwv_export *out, const char *value);
void hwv_export_int(hwv_export *out, const char *name, int64_t value);
void hwv_export_float(hwv_export *out, const char *name, float value);
void hwv_export_ints(hwv_export *out, const char *name, const int64_t *values, size_t count);
void hwv_export_end(hwv_export *out, size_t begin);
/* A node without attributes; b may be NULL. */
void hwv_export_simple(hwv_export *out, const char *op, const char *name, const char *a, const char *b, const char *y);

/* An initialiser of floats. */
void hwv_export_floats(hwv_export *out, const char *name, const float *data, const size_t *dims, size_t rank);
/* One of a single number, without dimensions. */
void hwv_export_number(hwv_export *out, const char *name, float value);

/* An activation node from x to y. HWV_ERR_UNSUPPORTED. */
hwv_status hwv_export_activation(hwv_export *out, const hwv_node *node, const char *x, const char *y);

#endif
