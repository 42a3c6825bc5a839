/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Where what an import made comes from in the file. Values of the file are numbered as import_walk.h does: initialisers,
 * inputs that are none, outputs of nodes. Tensors of the file are numbered too: initialisers, then node by node what a
 * Constant node holds. */
#ifndef HWV_ONNX_TRACE_H
#define HWV_ONNX_TRACE_H

#include "onnx/import_state.h"

/* How the elements of a parameter, state or constant of the graph lie in the constant of the file that it was made of. */
typedef enum hwv_trace_order {
    HWV_TRACE_SAME,
    HWV_TRACE_TRANSPOSED, /* a matrix */
    HWV_TRACE_SPREAD      /* filters [out, in, height, width] with zeros between the taps */
} hwv_trace_order;

typedef struct hwv_trace_kept {
    bool read; /* it was made of a constant of the file; else the import made it up */
    hwv_import_origin from;
    hwv_trace_order order;
    hwv_shape shape;               /* of the graph's value */
    size_t kernel[2], dilation[2]; /* of spread filters */
} hwv_trace_kept;

/* A value of the file as the import knew it. */
typedef struct hwv_trace_value {
    bool known, constant, channels_last;
    int32_t type;
    hwv_shape shape; /* in ONNX's order */
    hwv_id plain, last;
    hwv_import_origin from; /* of constants */
    size_t count;           /* of ints: few integers, which may be a shape */
    int64_t ints[HWV_MAX_RANK];
} hwv_trace_value;

typedef enum hwv_trace_state {
    HWV_TRACE_LEFT,     /* nobody needs it, or it is not supported */
    HWV_TRACE_IMPORTED, /* alone */
    HWV_TRACE_PATTERN,  /* it stands for several */
    HWV_TRACE_ABSORBED, /* another stands for it */
    HWV_TRACE_MOVED,    /* of constants, whose elements it moved at most: its outputs come from their tensor */
    HWV_TRACE_COMPUTED  /* of constants, something new */
} hwv_trace_state;

typedef struct hwv_trace_node {
    hwv_trace_state state;
    uint32_t root; /* of what is absorbed: the node that stands for it; else itself */
    uint32_t x;    /* of what stands for several: the value that goes in */
} hwv_trace_node;

struct hwv_onnx_trace {
    hwv_onnx_import_options options; /* with shapes of its own, and no trace */
    size_t file_size;
    hwv_trace_value *values; /* of the file */
    hwv_trace_node *nodes;   /* of the file */
    size_t value_count, node_count;
    hwv_trace_kept *kept; /* of values of the graph */
    uint32_t *made_by;    /* of nodes of the graph: the file's, HWV_IMPORT_NO_NAME where none has it */
    size_t kept_count, made_count, kept_room, made_room;
    size_t graph_values, graph_nodes;
    hwv_import_blocks memory; /* of origins */
};

/* NULL: no memory. */
hwv_onnx_trace *hwv_trace_make(const hwv_onnx *file, const hwv_onnx_import_options *options);

/* A parameter, state or constant of the graph is made of a constant of the file; window: of spread filters. All do nothing
 * where the import keeps no trace. */
struct hwv_import_window;
hwv_status hwv_trace_keep(hwv_import *import, hwv_id id, const hwv_import_value *value, hwv_trace_order order);
hwv_status hwv_trace_spread(hwv_import *import, hwv_id id, const hwv_import_value *value, const size_t kernel[2],
                            const size_t dilation[2]);
/* A node of the graph was made of the import's node. */
hwv_status hwv_trace_made(hwv_import *import, hwv_id node);
/* After the import's node was folded: outputs whose elements are those of one tensor know it. */
hwv_status hwv_trace_folded(hwv_import *import, bool *moved);

/* The element of its tensor that element i of a kept value is; SIZE_MAX: none. */
size_t hwv_trace_element(const hwv_trace_kept *kept, size_t i);

#endif
