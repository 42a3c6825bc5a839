/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What dispatch and the kernels of one instruction set agree on. Every kernel takes one hwv_args and uses the
 * fields that its pass names; hwv_kernels_<set> lists them. */
#ifndef HWV_ACT_KERNELS_H
#define HWV_ACT_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/rrelu.h"

/* Arrays hold elements of the kernel's type; strides are in elements. */
typedef struct hwv_args {
    size_t rows, cols;
    void *y; /* what is written: y, or dx of a backward pass */
    size_t y_stride;
    const void *x; /* x, or y of backward_y */
    size_t x_stride;
    const void *dy;
    size_t dy_stride;
    const void *bias; /* one per column; slopes in the passes of prelu */
    size_t slopes;    /* prelu with a slope a row: row r has slope r % slopes */
    uint64_t *mask;   /* written forward, read backward */
    size_t mask_stride;
    uint64_t *nans;
    void *dslope;
    double param[HWV_ACT_PARAMS]; /* of the kernel: see KERNEL in ops.def */
    bool stream;                  /* store y around the cache */
} hwv_args;

typedef void hwv_kernel(const hwv_args *a);
/* The slopes of `words` times 64 elements from word `word`: see halfwave/rrelu.h. */
typedef void hwv_slopes(const hwv_draws *draws, uint64_t word, size_t words, float lower, float upper, float *to);

/* The passes of every row; those a row does not have are NULL. forward_fast is forward where the row has no faster
 * form; where there is no bias pass, dispatch adds the bias and runs the other in place. */
#define HWV_KERNEL_PASS_LIST(X)                                                                                        \
    X(forward)                                                                                                         \
    X(forward_fast)                                                                                                    \
    X(forward_mask)                                                                                                    \
    X(bias)                                                                                                            \
    X(bias_mask)                                                                                                       \
    X(backward)                                                                                                        \
    X(backward_y)                                                                                                      \
    X(backward_mask)

typedef enum hwv_pass {
#define HWV_KERNEL_PASS(pass) HWV_PASS_##pass,
    HWV_KERNEL_PASS_LIST(HWV_KERNEL_PASS)
#undef HWV_KERNEL_PASS
        HWV_PASSES
} hwv_pass;

/* The predicates of predicates.def, and the words of those that rows have as FIRES. */
#define HWV_FIRES_LIST(X) X(positive) X(above) X(large)
typedef enum hwv_predicate_id {
#define HWV_PREDICATE(name, ...) HWV_PREDICATE_##name,
#include "act/predicates.def"
#undef HWV_PREDICATE
    HWV_PREDICATES
} hwv_predicate_id;

/* Kernels that do not belong to a row. */
#define HWV_SINGLE_LIST(X)                                                                                             \
    X(prelu_columns)          /* y, mask (may be NULL); bias = slopes, one a column */                                 \
    X(prelu_rows)             /* the same with slope r % slopes for row r */                                           \
    X(prelu_backward_columns) /* y = dx, dslope (may be NULL) */                                                       \
    X(prelu_backward_rows)                                                                                             \
    X(gated_product) /* y = dy * x */                                                                                  \
    X(bias_add)      /* y = x + bias */

typedef struct hwv_kernels {
    hwv_kernel *pass[HWV_DTYPES][HWV_OP_END_][HWV_PASSES];
    hwv_kernel *fires[HWV_DTYPES][HWV_PREDICATES]; /* mask, nans (may be NULL) */
#define HWV_SINGLE_FIELD(name) hwv_kernel *name[HWV_DTYPES];
    HWV_SINGLE_LIST(HWV_SINGLE_FIELD)
#undef HWV_SINGLE_FIELD
    hwv_slopes *rrelu_slopes;
    hwv_kernel *copy; /* floats: y = x, or x ^ dy where dy is given */
    /* counts[i] += ones of column i; words and stride of a row, in 64-bit words. */
    void (*mask_count)(size_t rows, size_t cols, const uint64_t *mask, size_t stride, uint64_t *counts);
} hwv_kernels;

#define HWV_KERNELS_EXTERN(set) extern const hwv_kernels hwv_kernels_##set;
HWV_ISA_LIST(HWV_KERNELS_EXTERN)
#undef HWV_KERNELS_EXTERN

#endif
