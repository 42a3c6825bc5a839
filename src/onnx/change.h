/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A change of a file in the making: what becomes of its tensors and nodes, in the file's own terms. What nothing is noted
 * for is copied byte for byte when it is written. */
#ifndef HWV_ONNX_CHANGE_H
#define HWV_ONNX_CHANGE_H

#include "onnx/import_walk.h"
#include "onnx/proto.h"
#include "onnx/trace.h"
#include "onnx/write.h"

/* Fields of the messages that are written anew. */
enum { HWV_MODEL_IR = 1, HWV_MODEL_GRAPH = 7 };
enum {
    HWV_GRAPH_NODE = 1,
    HWV_GRAPH_INITIALISER = 5,
    HWV_GRAPH_INPUT = 11,
    HWV_GRAPH_OUTPUT = 12,
    HWV_GRAPH_VALUE = 13
};
enum {
    HWV_NODE_INPUT_FIELD = 1,
    HWV_NODE_OUTPUT_FIELD = 2,
    HWV_NODE_NAME_FIELD = 3,
    HWV_NODE_OP_FIELD = 4,
    HWV_NODE_ATTRIBUTE_FIELD = 5
};
enum { HWV_ATTRIBUTE_TENSOR = 5 };
enum { HWV_TENSOR_DIMS = 1, HWV_TENSOR_TYPE = 2, HWV_TENSOR_NAME = 8, HWV_TENSOR_RAW = 9 };

/* A tensor that is written anew: its type, name and notes stay. */
typedef struct hwv_edit_tensor {
    size_t rank, dim[HWV_ONNX_DIMS];
    const unsigned char *data; /* little-endian elements of its type */
    size_t bytes;
} hwv_edit_tensor;

/* A node that is written anew. */
typedef struct hwv_edit_node {
    const char *op;                 /* another operator, without the attributes it had; NULL: its own */
    const char **inputs, **outputs; /* NULL: as they are */
    size_t input_count, output_count;
    const char *without[2]; /* attributes that are left out */
    hwv_text attributes;    /* others behind those that stay, as fields of the node */
    hwv_text before, after; /* nodes around it, as fields of the graph */
    bool replaced;          /* by what is before */
} hwv_edit_node;

typedef struct hwv_edit {
    const hwv_onnx *file;
    const hwv_onnx_trace *trace;
    const hwv_change *change;
    hwv_error *error;
    hwv_import_blocks memory; /* of everything that lives as long as this, and of the walk */
    hwv_import_state state;
    hwv_import import;
    hwv_import_walk walk;
    hwv_import_names names;    /* of values and nodes, with those that are new */
    hwv_edit_tensor **tensors; /* by number (trace.h); NULL: as it is */
    uint8_t **cut;             /* of a tensor: elements that are cut out; NULL: none */
    hwv_edit_node **nodes;     /* NULL: as it is */
    hwv_edit_node **made;      /* those that are there, to be freed */
    size_t made_count;
    hwv_text initialisers, inputs; /* new ones, as fields of the graph */
    const hwv_shape **shapes; /* of the file's values: to be declared; NULL: as it says. Dimensions of HWV_BATCH stay */
    bool cuts;                /* some shape becomes another */
} hwv_edit;

/* change.c */
hwv_status hwv_edit_memory(const hwv_edit *edit);
void *hwv_edit_take(hwv_edit *edit, size_t count, size_t size); /* zero; NULL: no memory */
/* A node's changes, made at the first call; NULL: no memory. */
hwv_edit_node *hwv_edit_node_at(hwv_edit *edit, size_t node);
/* A name that nothing in the file has: "BASE_WORD". NULL: no memory. */
const char *hwv_edit_name(hwv_edit *edit, const char *base, const char *word);
/* Tensor by number; NULL: it is none. */
const hwv_onnx_tensor *hwv_edit_tensor_at(const hwv_edit *edit, size_t number);
/* A new initialiser of floats, of `type` (a floating one). */
hwv_status hwv_edit_floats(hwv_edit *edit, const char *name, int32_t type, const size_t *dim, size_t rank,
                           const float *data);
hwv_status hwv_edit_ints(hwv_edit *edit, const char *name, const int64_t *data, size_t count);
/* "node 'NAME' (OP)" of the file, for messages. */
typedef struct hwv_edit_words {
    char text[160];
} hwv_edit_words;
hwv_edit_words hwv_edit_node_words(const hwv_edit *edit, size_t node);
/* Marks of the axis of a graph's value; NULL: none. */
const uint8_t *hwv_edit_cut(const hwv_edit *edit, hwv_id value, size_t axis);
size_t hwv_edit_marked(const uint8_t *marks, size_t count);
/* The shape of a value of the file after the cut, in ONNX's order; false: it is not known. */
bool hwv_edit_shape(const hwv_edit *edit, uint32_t value, hwv_shape *shape);

/* change_tensor.c: parameters, state and constants of the change become tensors of the file. */
hwv_status hwv_edit_tensors(hwv_edit *edit);
/* The shape of a constant of the file after the cut of its tensor. HWV_ERR_UNSUPPORTED: it lies along no axis. */
hwv_status hwv_edit_constant_shape(hwv_edit *edit, uint32_t value, hwv_shape *shape);
/* change_node.c: activations, biases, norms; change_shape.c: groups of convolutions, shapes in constants. */
hwv_status hwv_edit_nodes(hwv_edit *edit);
hwv_status hwv_edit_groups(hwv_edit *edit);
hwv_status hwv_edit_reshapes(hwv_edit *edit);
/* The shapes that the changed file declares, from importing it once more; refuses where they are not those of the change. */
hwv_status hwv_edit_declare(hwv_edit *edit);
/* change_activation.c: node becomes another activation. */
hwv_status hwv_edit_activation(hwv_edit *edit, size_t node, const hwv_act *act, size_t units);
/* change_write.c: appends the file. embed: weights in other files too. */
hwv_status hwv_edit_write(hwv_edit *edit, bool embed, hwv_text *bytes);
/* An element of a floating type; returns its bytes. */
size_t hwv_edit_number(unsigned char *to, int32_t type, float number);

#endif
