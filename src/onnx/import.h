/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What an import function is and what it may call.
 *
 * Each row of operators.def names a function that turns one ONNX node into nodes of our graph:
 *
 *     hwv_status hwv_import_softmax(hwv_import *import)
 *     {
 *         hwv_node_attributes attributes = {.logarithm = strcmp(import->row->op, "LogSoftmax") == 0};
 *         hwv_id x, y;
 *         int64_t axis;
 *         HWV_TRY(hwv_import_plain(import, 0, &x));
 *         HWV_TRY(hwv_import_int(import, "axis", import->opset < 13 ? 1 : -1, &axis));
 *         HWV_TRY(hwv_import_axis(import, axis, import->in[0]->shape.rank, &attributes.axis));
 *         HWV_TRY(hwv_import_node(import, HWV_NODE_SOFTMAX, "", &attributes, &x, 1, &y));
 *         return hwv_import_result(import, 0, y, import->in[0]->type, NULL, false);
 *     }
 *
 * It reads inputs by the functions below (they refuse missing inputs, inputs that are not constant and so on with a
 * message that names the node), adds graph nodes, and gives each output that it supports; an output that it leaves is
 * refused by the caller if somebody needs it. It neither knows nor cares whether its inputs are constants: a node
 * whose inputs are all constant is evaluated by the caller, by running the same function on a small graph (or directly
 * on integers, import_fold.c). The batch never appears anywhere but as dim[0] (HWV_BATCH); what would move or mix it
 * must fail, then the caller imports again with one sample a run. Shapes in graph nodes are checked by the nodes.
 *
 * Layout. A value's `shape` is in ONNX's order. Its graph value has the same order (plain), or axis 1 moved to the end
 * (channels last: what our convolutions, pools and batch norms read and give), for values of rank 3 and 4. A value
 * may exist in both; asking for the other adds a transpose once. Rank 0 is [1] in the graph.
 *
 * Types. float64, float16, bfloat16 are f32 in the graph, integers and booleans i32; `type` keeps what ONNX calls it. */
#ifndef HWV_ONNX_IMPORT_H
#define HWV_ONNX_IMPORT_H

#include "halfwave/network.h"
#include "onnx/model.h"

/* A row's function has no single node kind (it folds, renames, or makes several). */
enum { HWV_NODE_NONE = 0 };
/* Opsets of ai.onnx that the table knows. */
#define HWV_ONNX_LATEST 26
/* The batch in constant shapes ("[batch, -1]"): a number that no exporter writes, as they do INT64_MIN + 1 for an end. */
#define HWV_IMPORT_BATCH (INT64_MIN + INT64_C(0x5be0cd19))

typedef struct hwv_import hwv_import;
typedef hwv_status hwv_import_function(hwv_import *import);

/* ---- operators.def -------------------------------------------------------------------------------- */

typedef struct hwv_import_row {
    const char *op;  /* static storage: also the layer's `op` */
    int first, last; /* opsets; last 0: up to HWV_ONNX_LATEST */
    hwv_import_function *function;
    int kind;           /* hwv_node_kind or HWV_NODE_NONE */
    const char *limits; /* for docs/onnx.md: "constant scales"; "" */
} hwv_import_row;

/* NULL: not in the table. */
const hwv_import_row *hwv_import_row_find(const char *op);
/* Why a node of the file is not supported, static storage; NULL: it is, as far as operator and opset tell. */
const char *hwv_import_reason(const hwv_onnx *file, const hwv_onnx_node *node, const hwv_import_row *row);
/* Whether a node of the file is one that the table supports (row: that of its operator, NULL where it has another domain
 * or there is none); else HWV_ERR_UNSUPPORTED and why. */
hwv_status hwv_import_row_check(const hwv_onnx *file, const hwv_onnx_node *node, const hwv_import_row *row,
                                char reason[200]);

#define HWV_ONNX(OP, FIRST, LAST, function, KIND, LIMITS) hwv_status hwv_import_##function(hwv_import *import);
#include "onnx/operators.def"
#undef HWV_ONNX

/* ---- values --------------------------------------------------------------------------------------- */

/* Which tensor of the file a constant holds, whose elements at most moved. */
typedef struct hwv_import_origin {
    uint32_t tensor;       /* an initialiser, or their number + that of a Constant node; HWV_IMPORT_NO_TENSOR */
    const uint32_t *index; /* element i is element index[i] of the tensor; NULL: i */
} hwv_import_origin;

#define HWV_IMPORT_NO_TENSOR UINT32_MAX

typedef struct hwv_import_value {
    const char *name; /* the file's */
    int32_t type;     /* hwv_onnx_type */
    hwv_shape shape;  /* ONNX's order; rank 0 too; dim[0] may be HWV_BATCH; constants may have dimensions of 0 */
    bool known;       /* false: not computed yet, or left out */
    bool constant;
    /* the graph's values, HWV_NO_ID where not made: in ONNX's order, channels last. Read through the functions below */
    hwv_id plain, last;
    bool channels_last; /* which of them a node gave */
    /* of constants: one of them, by hwv_import_floating(type); made at the first need. Read through the functions below */
    const float *floats;
    const int64_t *ints; /* booleans too; may be HWV_IMPORT_BATCH where `batch` */
    size_t elements;
    bool batch;
    const hwv_onnx_tensor *tensor;
    hwv_import_origin from;
    hwv_id parameter[2]; /* made of it: as it is, transposed */
} hwv_import_value;

/* float32, float64, float16, bfloat16. */
bool hwv_import_floating(int32_t type);

struct hwv_import {
    const hwv_onnx_node *node;
    const hwv_import_row *row;
    int64_t opset;
    hwv_import_value **in; /* NULL: left out */
    size_t in_count;
    hwv_import_value **out; /* NULL: left out */
    size_t out_count;
    hwv_graph *graph;
    hwv_error *error;
    struct hwv_import_state *state; /* the caller's */
};

/* "node 'conv1' (Conv): ..." ; HWV_ERR_UNSUPPORTED: valid, but not for us; HWV_ERR_FORMAT: not valid ONNX. */
hwv_status hwv_import_fail(const hwv_import *import, hwv_status status, const char *format, ...) HWV_PRINTF(3, 4);
/* Memory that lives as long as the import; NULL when it is short (fail with hwv_import_memory). */
void *hwv_import_take(hwv_import *import, size_t count, size_t size);
hwv_status hwv_import_memory(const hwv_import *import);

/* ---- inputs --------------------------------------------------------------------------------------- */

/* Whether input i is given. */
bool hwv_import_has(const hwv_import *import, size_t i);
/* Refuses a missing input; then import->in[i] may be read. All below call it. */
hwv_status hwv_import_need(const hwv_import *import, size_t i);
/* Refuses an input that is not of a floating type. */
hwv_status hwv_import_need_float(const hwv_import *import, size_t i);

/* Input i as a graph value in ONNX's order. */
hwv_status hwv_import_plain(hwv_import *import, size_t i, hwv_id *id);
/* Input i with axis 1 last (rank 3 and 4). */
hwv_status hwv_import_last(hwv_import *import, size_t i, hwv_id *id);
/* Input i as it is. */
hwv_status hwv_import_any(hwv_import *import, size_t i, hwv_id *id, bool *channels_last);
/* Input i so that the last dimension counts units: rank 4 channels last (but not what comes from a dense layer, whose
 * units stand last), else as it is. */
hwv_status hwv_import_units(hwv_import *import, size_t i, hwv_id *id, bool *channels_last);
/* Inputs first .. first + count - 1 of an elementwise operator in one layout: ids[k] broadcast by NumPy's rules (trailing
 * dimensions are matched) to the result, whose shape in ONNX's order is *shape (hand it to hwv_import_result). Channels
 * last where an input of the result's rank is and the others can be. */
hwv_status hwv_import_broadcast(hwv_import *import, size_t first, size_t count, hwv_id *ids, bool *channels_last,
                                hwv_shape *shape);

/* Constant inputs: integers without the batch; shapes, in which HWV_IMPORT_BATCH may stand; floats (of floating types). */
hwv_status hwv_import_ints(hwv_import *import, size_t i, const int64_t **ints, size_t *count);
hwv_status hwv_import_dims(hwv_import *import, size_t i, const int64_t **dims, size_t *count);
hwv_status hwv_import_floats(hwv_import *import, size_t i, const float **floats, size_t *count);
/* One constant number of any type; `absent` where the input is left out. */
hwv_status hwv_import_scalar(hwv_import *import, size_t i, double absent, double *x);

/* ---- attributes ----------------------------------------------------------------------------------- */

bool hwv_import_has_attribute(const hwv_import *import, const char *name);
/* `absent` where the node does not have it; a wrong type is refused. */
hwv_status hwv_import_int(const hwv_import *import, const char *name, int64_t absent, int64_t *x);
hwv_status hwv_import_float(const hwv_import *import, const char *name, float absent, float *x);
hwv_status hwv_import_string(const hwv_import *import, const char *name, const char *absent, const char **x);
/* NULL and 0 where absent. */
hwv_status hwv_import_int_list(const hwv_import *import, const char *name, const int64_t **ints, size_t *count);
/* The list from input i (opsets from `since` on), else from the attribute: NULL and 0 where absent. */
hwv_status hwv_import_list(hwv_import *import, const char *name, size_t i, int64_t since, const int64_t **ints,
                           size_t *count);
/* -rank .. rank - 1, made positive; else refused. */
hwv_status hwv_import_axis(const hwv_import *import, int64_t axis, size_t rank, size_t *at);
/* Where an axis of ONNX's order lies when axis 1 is last. */
static inline size_t hwv_import_axis_last(size_t axis, size_t rank)
{
    return axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1;
}
/* A size of 1 or more that fits. */
hwv_status hwv_import_size(const hwv_import *import, const char *what, int64_t x, size_t *size);

/* ---- nodes and outputs ---------------------------------------------------------------------------- */

/* The shape of a graph value (copy: pointers move). */
hwv_shape hwv_import_shape(const hwv_import *import, hwv_id id);
/* Adds a graph node. part "" for the one that carries the name of the ONNX node (an activation must, it is the layer),
 * "product", "mean" for others: "fc1.product". An activation node becomes a layer of the network. */
hwv_status hwv_import_node(hwv_import *import, hwv_node_kind kind, const char *part,
                           const hwv_node_attributes *attributes, const hwv_id *inputs, size_t count, hwv_id *output);
/* A reshape node, or the value itself where the shape is the same. Rank 0 is [1]. */
hwv_status hwv_import_reshape(hwv_import *import, hwv_id x, const hwv_shape *shape, hwv_id *y);
/* A transpose node by order[rank]. */
hwv_status hwv_import_transpose(hwv_import *import, hwv_id x, const size_t *order, hwv_id *y);
/* A constant of the graph: rank 0 is [1]. The data are copied. */
hwv_status hwv_import_graph_floats(hwv_import *import, const hwv_shape *shape, const float *data, hwv_id *id);
/* The same of integers, which live as long as the import. */
hwv_status hwv_import_graph_ints(hwv_import *import, const hwv_shape *shape, const int32_t *data, hwv_id *id);
/* One float, shape [1]. */
hwv_status hwv_import_graph_float(hwv_import *import, float x, hwv_id *id);
/* A parameter with data that live as long as the import. */
hwv_status hwv_import_parameter(hwv_import *import, const char *name, const hwv_shape *shape, const float *data,
                                bool decay, hwv_id *id);
/* The same as state: not trained. */
hwv_status hwv_import_state_value(hwv_import *import, const char *name, const hwv_shape *shape, const float *data,
                                  hwv_id *id);
/* A constant floating input i as a parameter of this shape (as many elements) that carries its name; made once.
 * transposed: of a matrix, `shape` the transposed one. decay: weight decay applies: to products and tables, but not to
 * biases and norms, which it would only pull away from what they are for. */
hwv_status hwv_import_weight(hwv_import *import, size_t i, const hwv_shape *shape, bool transposed, bool decay,
                             hwv_id *id);
/* y = x W^T with constant input i as [in, out] (transposed: [out, in]); x [..., in] in the graph. */
hwv_status hwv_import_dense(hwv_import *import, const char *part, hwv_id x, size_t i, bool transposed, hwv_id *y);
/* Addition of input b to input a where b is constant, floating and one number for each unit of a: a bias node with a
 * parameter, and the result is given (*done). Else nothing happens. */
hwv_status hwv_import_bias(hwv_import *import, size_t a, size_t b, bool *done);

/* Gives output o: a graph value and its ONNX type. shape NULL: that of the graph value (in ONNX's order; never rank
 * 0). An output that is not wanted is ignored. */
hwv_status hwv_import_result(hwv_import *import, size_t o, hwv_id id, int32_t type, const hwv_shape *shape,
                             bool channels_last);
/* Gives output o as a constant; the data are copied. Floats for floating types, else integers. */
hwv_status hwv_import_result_ints(hwv_import *import, size_t o, int32_t type, const hwv_shape *shape,
                                  const int64_t *ints);
hwv_status hwv_import_result_floats(hwv_import *import, size_t o, int32_t type, const hwv_shape *shape,
                                    const float *floats);
/* Output o is input i, whatever it is. */
hwv_status hwv_import_alias(hwv_import *import, size_t o, size_t i);

#endif
