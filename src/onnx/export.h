/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the parts of the export share: the graph's message being written, nodes and constants in it. */
#ifndef HWV_ONNX_EXPORT_H
#define HWV_ONNX_EXPORT_H

#include "halfwave/model.h"
#include "halfwave/vocabulary.h"
#include "onnx/write.h"

/* Room for a name of the graph with a few words behind it. */
enum { HWV_EXPORT_NAME = 112 };

typedef struct hwv_export {
    const hwv_model *model;
    hwv_text text;          /* the file */
    size_t *uses;           /* of each value: how many nodes read it, and the output */
    hwv_id *same;           /* of each value: what it is but for nodes that do nothing in use */
    bool *kept;             /* of each value: it is in the file as an initialiser under its own name */
    const hwv_node *masked; /* a causal attention whose mask is in the file */
    hwv_error *error;
} hwv_export;

const hwv_value *hwv_export_value(const hwv_export *out, hwv_id value);
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

/* An initialiser of floats, of integers. */
void hwv_export_floats(hwv_export *out, const char *name, const float *data, const size_t *dims, size_t rank);
void hwv_export_integers(hwv_export *out, const char *name, const int64_t *data, size_t count);
/* A parameter or state as it is, under its own name, which is returned; once, however many nodes read it. */
const char *hwv_export_kept(hwv_export *out, hwv_id value);
/* The same with other dimensions, and of a matrix turned around. HWV_ERR_MEMORY. */
const char *hwv_export_kept_as(hwv_export *out, hwv_id value, const size_t *dims, size_t rank);
hwv_status hwv_export_kept_turned(hwv_export *out, hwv_id value);

/* ---- nodes that are several in the file ---------------------------------------------------------- */

/* A name within a node of the graph: "act1.tanh". */
typedef struct hwv_export_part {
    char name[HWV_EXPORT_NAME];
} hwv_export_part;

hwv_export_part hwv_export_part_of(const hwv_node *node, const char *word);
/* An inner node that gives a value of its own name; b may be NULL. */
hwv_export_part hwv_export_inner(hwv_export *out, const hwv_node *node, const char *op, const char *word, const char *a,
                                 const char *b);
/* An initialiser of a single number, without dimensions. */
hwv_export_part hwv_export_number(hwv_export *out, const hwv_node *node, const char *word, float value);
/* x with its axes in another order, as y. */
void hwv_export_transpose(hwv_export *out, const char *name, const char *x, const char *y, const int64_t *order,
                          size_t rank);
/* The same as an inner node. */
hwv_export_part hwv_export_turned(hwv_export *out, const hwv_node *node, const char *word, const char *x,
                                  const int64_t *order, size_t rank);
/* Images with their channels last, and first. */
extern const int64_t hwv_export_last[4], hwv_export_first[4];

/* What the tokens are, as fields of the model (metadata.c). */
void hwv_export_vocabulary(hwv_export *out, const hwv_vocabulary *vocabulary);

/* ---- kinds of nodes ------------------------------------------------------------------------------- */

/* An activation node from x to y. HWV_ERR_UNSUPPORTED. */
hwv_status hwv_export_activation(hwv_export *out, const hwv_node *node, const char *x, const char *y);

/* Nodes of transformers (export_sequence.c). HWV_ERR_UNSUPPORTED. */
void hwv_export_gather(hwv_export *out, const hwv_node *node);
hwv_status hwv_export_dense_rows(hwv_export *out, const hwv_node *node);
hwv_status hwv_export_binary(hwv_export *out, const hwv_node *node);
hwv_status hwv_export_gate(hwv_export *out, const hwv_node *node);
void hwv_export_row_norm(hwv_export *out, const hwv_node *node);
hwv_status hwv_export_attention(hwv_export *out, const hwv_node *node);
void hwv_export_reshape(hwv_export *out, const hwv_node *node);
hwv_status hwv_export_reduce(hwv_export *out, const hwv_node *node);

#endif
