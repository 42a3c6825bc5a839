/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The state of an import: the file's values by name, the graph so far, and what must live until it is done. */
#ifndef HWV_ONNX_IMPORT_STATE_H
#define HWV_ONNX_IMPORT_STATE_H

#include "onnx/import.h"

/* Blocks that are freed together. */
typedef struct hwv_import_blocks {
    void **blocks;
    size_t count, capacity;
    size_t bytes, most; /* taken, and at most */
    bool over;          /* more than that was asked for */
} hwv_import_blocks;

void *hwv_import_blocks_take(hwv_import_blocks *blocks, size_t count, size_t size);
void hwv_import_blocks_free(hwv_import_blocks *blocks);

/* A hash of texts, which are not copied, with a number each. */
typedef struct hwv_import_names {
    const char **text; /* NULL: free */
    uint32_t *number;
    size_t slots, count; /* slots: a power of 2 */
} hwv_import_names;

#define HWV_IMPORT_NO_NAME UINT32_MAX
/* HWV_IMPORT_NO_NAME when it is not there. */
uint32_t hwv_import_names_find(const hwv_import_names *names, const char *text);
/* False when memory is short; the text must not be there yet. */
bool hwv_import_names_add(hwv_import_names *names, const char *text, uint32_t number);
void hwv_import_names_free(hwv_import_names *names);

/* What will be written into the weights once the graph is complete. */
typedef struct hwv_import_fill {
    hwv_id id;
    const void *data; /* 4-byte elements */
    size_t elements;
} hwv_import_fill;

typedef struct hwv_import_layer {
    hwv_id node;
    const char *name, *op;
} hwv_import_layer;

struct hwv_import_state {
    const hwv_onnx *file;
    const hwv_onnx_import_options *options;
    bool batched;
    size_t fixed; /* the file fixes the batch at this: such a first dimension is the batch; 0: it does not */
    bool single;  /* the file fixes the batch at 1: a 1 in its shapes may be the batch */
    hwv_import_blocks *memory; /* shared with the small graphs of folding */
    hwv_error *error;
    /* the graph */
    hwv_graph *graph;
    hwv_import_names used; /* names in the graph */
    size_t serial;
    hwv_import_fill *fills;
    size_t fill_count, fill_capacity;
    hwv_import_layer *layers;
    size_t layer_count, layer_capacity;
    struct hwv_onnx_trace *trace; /* NULL: none is kept */
};
typedef struct hwv_import_state hwv_import_state;

/* False when memory is short. The data are copied by hwv_import_weights. */
bool hwv_import_fill_add(hwv_import_state *state, hwv_id id, const void *data, size_t elements);
bool hwv_import_layer_add(hwv_import_state *state, hwv_id node, const char *name, const char *op);
/* Frees the graph and its lists, not the shared memory. */
void hwv_import_state_free(hwv_import_state *state);
/* Weights of the graph, filled. */
hwv_status hwv_import_weights(hwv_import_state *state, hwv_weights **weights);
/* A name of 1 to 63 characters that no value of the graph has: `name`, shortened in front, numbered where needed. */
hwv_status hwv_import_name(hwv_import_state *state, const char *name, const char *part, char unique[64]);

/* A value in ONNX's order or channels last, made where it is not there. */
hwv_status hwv_import_value_plain(hwv_import *import, hwv_import_value *value, hwv_id *id);
hwv_status hwv_import_value_last(hwv_import *import, hwv_import_value *value, hwv_id *id);
/* Axis 1 of a graph value of any rank to the end, or back: for ranks that have no layout of their own. */
hwv_status hwv_import_channels_move(hwv_import *import, bool back, hwv_id *x);
/* floats or ints of a constant, from its tensor at the first call. */
hwv_status hwv_import_value_load(hwv_import *import, hwv_import_value *value);
/* Fresh: not known, in no graph. */
hwv_import_value hwv_import_value_make(const char *name);
/* A constant of a tensor; HWV_ERR_UNSUPPORTED: its type, or more than HWV_MAX_RANK dimensions. */
hwv_status hwv_import_value_tensor(hwv_import *import, hwv_import_value *value, const hwv_onnx_tensor *tensor);
/* The name of a node in messages and layers: its own, else that of its first output. */
const char *hwv_import_node_name(const hwv_onnx_node *node);

/* A node whose inputs are all constant, on integers directly; *done false: not an operator or types for that. */
hwv_status hwv_import_fold_integers(hwv_import *import, bool *done);
/* The same by running a small graph. */
hwv_status hwv_import_fold(hwv_import *import);

/* Why an operator that has no row is not supported. */
const char *hwv_import_refusal(const char *op, const char *domain);

#endif
