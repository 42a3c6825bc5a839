/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The structure of an ONNX file as it was read: texts end with a NUL, tensors are little-endian elements of their type,
 * zero-copy where the file has them so. Positions are byte offsets in the file, for messages and for edits that leave the
 * rest as it is. */
#ifndef HWV_ONNX_MODEL_H
#define HWV_ONNX_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/onnx.h"

/* TensorProto.DataType. */
typedef enum hwv_onnx_type {
    HWV_ONNX_UNDEFINED = 0,
    HWV_ONNX_FLOAT = 1,
    HWV_ONNX_UINT8 = 2,
    HWV_ONNX_INT8 = 3,
    HWV_ONNX_UINT16 = 4,
    HWV_ONNX_INT16 = 5,
    HWV_ONNX_INT32 = 6,
    HWV_ONNX_INT64 = 7,
    HWV_ONNX_STRING = 8,
    HWV_ONNX_BOOL = 9,
    HWV_ONNX_FLOAT16 = 10,
    HWV_ONNX_DOUBLE = 11,
    HWV_ONNX_UINT32 = 12,
    HWV_ONNX_UINT64 = 13,
    HWV_ONNX_COMPLEX64 = 14,
    HWV_ONNX_COMPLEX128 = 15,
    HWV_ONNX_BFLOAT16 = 16
} hwv_onnx_type;

/* "float32"; "type 23" has no name and gives "unknown". */
const char *hwv_onnx_type_name(int32_t type);
/* Bytes of an element; 0: none that are supported (strings, unknown types). */
size_t hwv_onnx_type_bytes(int32_t type);

typedef struct hwv_onnx_tensor {
    const char *name;
    int32_t type; /* may be one that hwv_onnx_type does not have */
    size_t rank;
    size_t dim[HWV_ONNX_DIMS];
    size_t elements;           /* 1 for rank 0; 0 where a dimension is 0 */
    const unsigned char *data; /* elements * bytes of the type; not aligned; NULL: a type without bytes, or sparse */
    size_t offset, length;     /* of the message */
} hwv_onnx_tensor;

typedef enum hwv_onnx_attribute_type {
    HWV_ONNX_ATTRIBUTE_NONE,
    HWV_ONNX_ATTRIBUTE_FLOAT = 1,
    HWV_ONNX_ATTRIBUTE_INT = 2,
    HWV_ONNX_ATTRIBUTE_STRING = 3,
    HWV_ONNX_ATTRIBUTE_TENSOR = 4,
    HWV_ONNX_ATTRIBUTE_GRAPH = 5,
    HWV_ONNX_ATTRIBUTE_FLOATS = 6,
    HWV_ONNX_ATTRIBUTE_INTS = 7,
    HWV_ONNX_ATTRIBUTE_STRINGS = 8,
    HWV_ONNX_ATTRIBUTE_OTHER = 9 /* tensors, graphs, sparse tensors, types */
} hwv_onnx_attribute_type;

/* Graphs in attributes (If, Loop) are skipped: nothing runs them. */
typedef struct hwv_onnx_attribute {
    const char *name;
    hwv_onnx_attribute_type type; /* deduced where old files leave it out */
    float f;
    int64_t i;
    const char *s; /* NUL at s[count] */
    const hwv_onnx_tensor *tensor;
    const float *floats;
    const int64_t *ints;
    const char *const *strings;
    size_t count; /* of s, floats, ints, strings */
} hwv_onnx_attribute;

typedef struct hwv_onnx_node {
    const char *name, *op, *domain;             /* "" where the file has none; domain "" for "ai.onnx" too */
    const char *const *inputs, *const *outputs; /* "" for one that is left out */
    size_t input_count, output_count;
    const hwv_onnx_attribute *attributes;
    size_t attribute_count;
    size_t offset, length;
} hwv_onnx_node;

typedef struct hwv_onnx_value {
    const char *name;
    int32_t type;       /* of a tensor's elements; 0: no tensor (sequence, map, optional) or not said */
    hwv_onnx_port port; /* the same for people */
    size_t offset, length;
} hwv_onnx_value;

/* What metadata_props may say of the text that a model reads (metadata.c). */
typedef enum hwv_onnx_note { HWV_ONNX_TOKENS, HWV_ONNX_VOCABULARY, HWV_ONNX_BLOCK, HWV_ONNX_NOTES } hwv_onnx_note;

/* Bytes of the file; data NULL: it has none. */
typedef struct hwv_onnx_bytes {
    const unsigned char *data;
    size_t length;
} hwv_onnx_bytes;

struct hwv_onnx {
    const char *path; /* or the name given */
    int64_t ir_version;
    int64_t opset; /* of ai.onnx; 1 where the file does not say */
    const char *producer, *producer_version, *graph_name;
    const hwv_onnx_node *nodes;
    const hwv_onnx_tensor *initialisers;
    const hwv_onnx_value *inputs, *outputs, *values; /* inputs: also those that are initialisers; values: value_info */
    size_t node_count, initialiser_count, input_count, output_count, value_count;
    bool sparse_initialisers, functions; /* the file has some: refused by the import */
    hwv_onnx_bytes notes[HWV_ONNX_NOTES];
    const unsigned char *bytes; /* of the file */
    size_t size;
    size_t graph_offset, graph_length; /* of the GraphProto */
    uint64_t external_bytes;
    struct hwv_onnx_storage *storage; /* private to the reader: what is owned */
};

/* Type of the elements of input i as hwv_onnx_input counts them; 0 as in hwv_onnx_value. */
int32_t hwv_onnx_input_type(const hwv_onnx *file, size_t i);
/* NULL when the node has no such attribute. */
const hwv_onnx_attribute *hwv_onnx_attribute_find(const hwv_onnx_node *node, const char *name);
/* Element i of a tensor as a double or an integer (types with bytes, float16 and bfloat16 too). */
double hwv_onnx_tensor_number(const hwv_onnx_tensor *tensor, size_t i);
int64_t hwv_onnx_tensor_integer(const hwv_onnx_tensor *tensor, size_t i);

#endif
