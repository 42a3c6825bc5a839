/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The functions of the node kinds that have a table of them: what attributes.function may be. */
#ifndef HWV_GRAPH_FUNCTIONS_H
#define HWV_GRAPH_FUNCTIONS_H

#include "halfwave/graph.h"

#define HWV_UNARY(NUMBER, NAME, ...)     HWV_UNARY_##NAME = (NUMBER),
#define HWV_BINARY(NUMBER, NAME, ...)    HWV_BINARY_##NAME = (NUMBER),
#define HWV_COMPARE(NUMBER, NAME, ...)   HWV_COMPARE_##NAME = (NUMBER),
#define HWV_REDUCTION(NUMBER, NAME, ...) HWV_REDUCTION_##NAME = (NUMBER),
typedef enum hwv_unary {
#include "graph/unaries.def"
    HWV_UNARY_END_
} hwv_unary;
typedef enum hwv_binary {
#include "graph/binaries.def"
    HWV_BINARY_END_
} hwv_binary;
typedef enum hwv_compare {
#include "graph/compares.def"
    HWV_COMPARE_END_
} hwv_compare;
typedef enum hwv_reduction {
#include "graph/reductions.def"
    HWV_REDUCTION_END_
} hwv_reduction;
#undef HWV_UNARY
#undef HWV_BINARY
#undef HWV_COMPARE
#undef HWV_REDUCTION

/* Of kind cast. */
typedef enum hwv_cast {
    HWV_CAST_VALUE,   /* the number: towards zero, saturated; NaN gives 0 */
    HWV_CAST_TRUTH,   /* 1 for everything but 0 */
    HWV_CAST_FLOAT16, /* floats to floats: the nearest that 16 bits hold, ties to even */
    HWV_CAST_BFLOAT16,
    HWV_CAST_END_
} hwv_cast;

/* What a function takes: the column `types` of its table. */
typedef enum hwv_function_types {
    HWV_TYPES_FLOAT,   /* f32 */
    HWV_TYPES_INTEGER, /* i32 */
    HWV_TYPES_BOTH,    /* f32 or i32, and gives the same */
    HWV_TYPES_TEST,    /* f32, and gives i32 */
    HWV_TYPES_TRUTH,   /* i32 of 0 or not */
    HWV_TYPES_INDEX    /* f32 or i32, and gives i32 */
} hwv_function_types;

typedef struct hwv_function {
    int number;
    const char *name, *onnx;
    int onnx_opset;
    hwv_function_types types;
} hwv_function;

/* Row i of a kind's table, NULL after the last and for kinds without one. */
const hwv_function *hwv_function_get(hwv_node_kind kind, size_t i);
/* The row of a number; NULL when there is none. */
const hwv_function *hwv_function_row(hwv_node_kind kind, int number);
/* "fn (unary): there is no function 99; accepts 1 (neg), 2 (abs), ..." unless the node has one. */
hwv_status hwv_function_check(const hwv_node *node, const hwv_function **row, hwv_error *error);

#endif
