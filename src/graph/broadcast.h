/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Arrays broadcast against each other, as in NumPy and ONNX: shapes are aligned at their last dimension, and what is
 * missing or 1 in one is repeated. The loops over them, and sums back onto what was repeated. How they are cut depends
 * on the shapes alone, and so does the order of every sum. */
#ifndef HWV_GRAPH_BROADCAST_H
#define HWV_GRAPH_BROADCAST_H

#include <stdbool.h>

#include "graph/kind.h"

#define HWV_OPERANDS 4

/* The shape of all together; false when they do not fit. The batch may be dimension 0 of the result only, and what
 * meets it there is 1 or missing. */
bool hwv_broadcast(const hwv_shape *const *shapes, size_t count, hwv_shape *result);
#define HWV_BROADCAST_ACCEPTS "values whose dimensions, from the last on, are equal or 1 or missing"

/* Loops over a space of the shape of the result: dimensions that lie behind each other in every operand are one. */
typedef struct hwv_loops {
    size_t rank, operands;
    size_t dim[HWV_MAX_RANK];
    size_t step[HWV_OPERANDS][HWV_MAX_RANK]; /* of each operand, in elements; 0 where it is repeated */
} hwv_loops;

/* No dimension of the shapes may be the batch any more. */
hwv_loops hwv_loops_make(const hwv_shape *space, const hwv_shape *const *shapes, size_t count);

/* The innermost step of an operand: 0 or 1. */
static inline size_t hwv_loops_inner(const hwv_loops *loops, size_t operand)
{
    return loops->step[operand][loops->rank - 1];
}

/* n elements along the innermost dimension; operand o starts at element at[o]. */
typedef void hwv_loop_function(const void *context, size_t n, const size_t at[HWV_OPERANDS]);

void hwv_loops_run(const hwv_loops *loops, const hwv_executor *executor, hwv_loop_function *function,
                   const void *context);

/* Everything that meets one element of operand `target` folded together, in the order of the space. */
#define HWV_FOLD_CELLS 128
typedef struct hwv_fold {
    const hwv_loops *loops;
    size_t target;
    double start; /* of every cell */
    /* along: all n go into cell 0; else element i goes into cell i, n <= HWV_FOLD_CELLS */
    void (*step)(const void *context, size_t n, const size_t at[HWV_OPERANDS], bool along, double *cells);
    /* n complete cells: elements first, ... of the target */
    void (*finish)(const void *context, size_t first, size_t n, const double *cells);
    const void *context;
} hwv_fold;

void hwv_fold_run(const hwv_fold *fold, const hwv_executor *executor);

/* out[element of the target] = the sum of the terms that meet it, in double. `terms` computes n floats, one for
 * each element of the innermost dimension. Where the target is repeated nowhere they are the result. */
typedef void hwv_terms_function(const void *context, size_t n, const size_t at[HWV_OPERANDS], float *terms);
void hwv_terms_sum(const hwv_loops *loops, size_t target, const hwv_executor *executor, hwv_terms_function *terms,
                   const void *context, float *out);

/* cell + x[0] + ... + x[n-1] in double, by eight partial sums. */
double hwv_fold_sum(double cell, size_t n, const float *x);

/* ---- references: plain divisions -------------------------------------------------------------------- */

/* The shape of the inputs of a reference broadcast together, and its elements. */
hwv_shape hwv_reference_space(const hwv_reference *reference, size_t *elements);
/* The element of input `i` that meets element `at` of the space. */
double hwv_reference_at(const hwv_reference *reference, const hwv_shape *space, size_t at, size_t i);

#endif
