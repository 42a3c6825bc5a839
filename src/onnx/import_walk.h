/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The file as a graph: which node gives and needs which value, in which order. */
#ifndef HWV_ONNX_IMPORT_WALK_H
#define HWV_ONNX_IMPORT_WALK_H

#include "onnx/import_state.h"

/* Left-out inputs and outputs. */
#define HWV_IMPORT_NONE UINT32_MAX

typedef struct hwv_import_walk {
    const hwv_onnx *file;
    hwv_import_names names;   /* of values */
    hwv_import_value *values; /* by number; in the import's memory, like all below */
    uint32_t *producer;       /* of a value: node, or HWV_IMPORT_NONE */
    uint32_t *uses;           /* of a value: how many inputs and outputs of the graph are it */
    size_t value_count;
    size_t *first_in, *first_out; /* of a node: where its inputs and outputs start in the next; one more at the end */
    uint32_t *in, *out;           /* numbers of values */
    uint32_t *order;              /* nodes that outputs need, producers first */
    size_t order_count;
    bool *live;        /* of a node: an output needs it */
    uint32_t *outputs; /* numbers of the graph's outputs */
} hwv_import_walk;

/* HWV_ERR_FORMAT: values that nothing gives or that two nodes give, cycles; the node is named. */
hwv_status hwv_import_walk_make(hwv_import_walk *walk, hwv_import *import);
void hwv_import_walk_free(hwv_import_walk *walk);

/* Input i (output o) of a node as a value number, HWV_IMPORT_NONE where it has none. */
uint32_t hwv_import_walk_in(const hwv_import_walk *walk, size_t node, size_t i);
uint32_t hwv_import_walk_out(const hwv_import_walk *walk, size_t node, size_t o);

#endif
