/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Activations: values, gradients, masks and counts.
 *
 * Kernels are plain functions on arrays: no state, no allocation, no lock, no failure; checked.h has the same calls for
 * arguments that nobody vouches for. Lengths and strides are in elements, those of masks in words. Arrays need no
 * alignment beyond their type's. Outputs are overwritten unless a call says that it adds. An output may be the very
 * same array as an input where the call says so; any other overlap is an error. Never a byte is read or written beyond
 * the rows, nor in the gaps between them. rows = 0 or cols = 0 does nothing.
 *
 * One numeric rule on every instruction set: NaN passes forward; relu(-0.0) is -0.0; subnormals are kept; values at
 * +-inf are the limits (silu, mish, hardswish and gelu of -inf are 0), and no finite x gives NaN. Exact operators are
 * bit-equal to the rounded double reference, the others stay within the bound of their row in ops.def, for every float.
 * At a kink the *pass* predicate chooses the gradient: relu passes dy where !(x <= 0), so also where x is NaN;
 * leaky_relu and prelu give slope*dy where !(x > 0). docs/numbers.md has all of it.
 *
 * Same input, same instruction set: same bits, for any length, offset, stride and number of threads. */
#ifndef HALFWAVE_ACT_H
#define HALFWAVE_ACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/isa.h"
#include "halfwave/pool.h"
#include "halfwave/status.h"

HWV_BEGIN

/* ==== halfwave-activations: values and gradients of activations ==== */

/* Element types. Codes are never renumbered. */
typedef enum hwv_dtype { HWV_F32 = 0, HWV_F64 = 1 } hwv_dtype;
#define HWV_DTYPES 2
/* Bytes of an element. */
static inline size_t hwv_dtype_bytes(hwv_dtype dtype)
{
    return dtype == HWV_F64 ? sizeof(double) : sizeof(float);
}

/* How close values are (forward; gradients have one bound). Exact rows do not differ. Codes are never renumbered.
 *     accurate  the row's `ulp`, for every float, tails and subnormals included
 *     fast      |error| <= `fast` * max(1, |f(x)|), for every float; limits are right and no finite x gives NaN.
 *               float only: with doubles both are the same */
typedef enum hwv_tier { HWV_ACCURATE = 0, HWV_FAST = 1 } hwv_tier;

/* ==== halfwave-operators: the table of activations ==== */

/* The operators, from ops.def: HWV_OP_IDENTITY, HWV_OP_RELU, ... with fixed numbers. */
typedef enum hwv_op {
#define HWV_OP(NUMBER, NAME, name, ...) HWV_OP_##NAME = (NUMBER),
#include "halfwave/ops.def"
#undef HWV_OP
    HWV_OP_END_
} hwv_op;

#define HWV_ACT_PARAMS 2

/* An activation: operator and parameters, in the order of the row; unused ones are 0. hwv_act_make gives the row's
 * initial ones and the accurate tier. A small value: copy it freely. The calls of kernels take what hwv_act_check
 * accepts. */
typedef struct hwv_act {
    hwv_op op;
    float param[HWV_ACT_PARAMS]; /* floats, whatever the type of the data */
    hwv_tier tier;
} hwv_act;

/* Claims of a row (each is proved by a test). */
enum {
    HWV_MONOTONE = 1 << 0,        /* never decreasing */
    HWV_ODD = 1 << 1,             /* f(-x) = -f(x) */
    HWV_BOUNDED = 1 << 2,         /* |f| <= 1 */
    HWV_ZERO_AT_0 = 1 << 3,       /* f(0) = 0 */
    HWV_PIECEWISE = 1 << 4,       /* piecewise linear: a mask says it all */
    HWV_FLAT_LEFT = 1 << 5,       /* gradient exactly 0 (or vanishing) towards -inf: units can die */
    HWV_FLAT_RIGHT = 1 << 6,      /* the same towards +inf */
    HWV_GRADIENT_FROM_Y = 1 << 7, /* backward_y exists: f' can be had from y = f(x) */
    HWV_SLOPE_ARRAY = 1 << 8,     /* takes slopes as an array (prelu) */
    HWV_FLAT_SILENT = 1 << 9 /* gradient 0 wherever a unit does not fire (but perhaps at the kink): silent is dead */
};

/* A parameter of a row and its range, ends included. */
typedef struct hwv_op_param {
    const char *name; /* NULL: not used */
    float initial, minimum, maximum;
} hwv_op_param;

/* A row of ops.def. Static storage. */
typedef struct hwv_op_info {
    hwv_op op;
    const char *name; /* "leaky_relu" */
    hwv_op_param param[HWV_ACT_PARAMS];
    bool ordered;             /* the first parameter must not exceed the second */
    unsigned claims;          /* that hold for all parameters in range; hwv_act_claims adds the others */
    double ulp;               /* largest error forward over all floats; 0 = exact. With doubles 4, or exact */
    double fast;              /* bound of the fast tier; 0 = the same values as the accurate one */
    double gradient_ulp;      /* the same for the derivative, or 4 * 2^-23 * |dy| if larger; 0 = exact */
    const char *torch, *onnx; /* names elsewhere; onnx is "" where there is none */
    int onnx_opset;           /* first opset that has it */
    const char *formula, *source;
    const char *alias;        /* a second name, or "" */
    const char *pass, *fires; /* the two predicates in words; pass is "-" for rows without a mask */
} hwv_op_info;

/* Rows in order of their number; i < hwv_op_count(). */
HWV_API size_t hwv_op_count(void);
HWV_API const hwv_op_info *hwv_op_get(size_t i);
/* The row of an operator, NULL for a number that is not in the table. */
HWV_API const hwv_op_info *hwv_op_row(hwv_op op);
/* By name ("relu", "leaky_relu", also "leaky" for leaky_relu). HWV_ERR_NAME names the nearest one and the list. */
HWV_API hwv_status hwv_op_find(hwv_op *op, const char *name, hwv_error *error);

/* The activation with the row's initial parameters. */
HWV_API hwv_act hwv_act_make(hwv_op op);
/* From text: "relu", "leaky_relu(slope=0.2)", "leaky_relu(0.2)". HWV_ERR_NAME: unknown operator, with the nearest one
 * and the list. HWV_ERR_ARGUMENT: unknown parameter, no number, or refused by hwv_act_check. On failure *act is
 * unchanged. */
HWV_API hwv_status hwv_act_parse(hwv_act *act, const char *text, hwv_error *error);
/* HWV_ERR_ARGUMENT: unknown operator or tier, a parameter that is not finite or outside its range, or two in the wrong
 * order (clip takes any, hardtanh and rrelu want the first no larger than the second). */
HWV_API hwv_status hwv_act_check(const hwv_act *act, hwv_error *error);
/* Claims that hold for these parameters (leaky_relu with slope 0 is flat on the left). */
HWV_API unsigned hwv_act_claims(const hwv_act *act);

/* The truth that tests and gradient checks compare with: f(x) and f'(x) in double, from the definition,
 * sharing no code with the kernels; at a kink and at NaN the gradient that the kernels choose. */
HWV_API double hwv_act_reference(const hwv_act *act, double x);
HWV_API double hwv_act_reference_gradient(const hwv_act *act, double x);

/* ==== halfwave-activations ==== */

/* --- Shapes ---
 * Every array of these calls is a matrix of `rows` rows of `cols` elements of `dtype`; row r starts at element
 * r * stride. One-dimensional data is a single row, of which the stride does not matter. */

/* y[r,i] = f(x[r,i]), in the tier of `act`. y may be x. */
HWV_API void hwv_act_forward(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride,
                             const void *x, size_t x_stride);

/* dx[r,i] = dy[r,i] * f'(x[r,i]); dx may be dy or x. Where f' is 0 the gradient is 0 whatever dy is, for it is chosen,
 * not multiplied (exact rows). Error: the row's `gradient_ulp`, or 4 * 2^-23 * |dy| (2^-52 for doubles) where that is
 * larger. There is one tier. */
HWV_API void hwv_act_backward(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *dx, size_t dx_stride,
                              const void *dy, size_t dy_stride, const void *x, size_t x_stride);

/* The same from y = f(x), accurate, so that x need not be kept: for activations of which hwv_act_claims has
 * HWV_GRADIENT_FROM_Y. dx may be dy or y. */
HWV_API void hwv_act_backward_y(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *dx,
                                size_t dx_stride, const void *dy, size_t dy_stride, const void *y, size_t y_stride);

/* y[r,i] = f(x[r,i] + bias[i]), the bias one element a column; the same bits as adding first and applying f after.
 * `mask` may be NULL, else it gets the mask of the sums as in hwv_act_forward_mask. y may be x. */
HWV_API void hwv_act_bias_forward(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y,
                                  size_t y_stride, const void *x, size_t x_stride, const void *bias, uint64_t *mask,
                                  size_t mask_stride);

/* hwv_act_forward and hwv_act_backward cut into tiles of rows and columns, by the shape alone, and run on an executor
 * (NULL: the caller): the same bits. */
HWV_API void hwv_act_forward_on(const hwv_executor *executor, const hwv_act *act, hwv_dtype dtype, size_t rows,
                                size_t cols, void *y, size_t y_stride, const void *x, size_t x_stride);
HWV_API void hwv_act_backward_on(const hwv_executor *executor, const hwv_act *act, hwv_dtype dtype, size_t rows,
                                 size_t cols, void *dx, size_t dx_stride, const void *dy, size_t dy_stride,
                                 const void *x, size_t x_stride);

/* ==== halfwave-masks: one bit an element, and what is made of it ====
 * Element i of a row is bit i % 64 (least significant first) of the 64-bit word i / 64; rows start on a word; unused
 * bits are 0. The bit is the row's *pass* predicate: "the gradient takes the main branch". It is all that backward
 * needs, what unit counts are made of, and what lets the next product skip work. Masks are for piecewise linear
 * activations (HWV_PIECEWISE); row r of a mask is at mask + r * mask_stride words, mask_stride at least
 * hwv_mask_words(cols). */

/* Words of one row: ceil(cols / 64). */
static inline size_t hwv_mask_words(size_t cols)
{
    return cols / 64 + (cols % 64 != 0);
}

/* y[r,i] = f(x[r,i]), and the mask of x. y may be x. */
HWV_API void hwv_act_forward_mask(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y,
                                  size_t y_stride, const void *x, size_t x_stride, uint64_t *mask, size_t mask_stride);

/* dx[r,i] from dy[r,i] and the mask of x: the same bits as hwv_act_backward gives from x. dx may be dy. */
HWV_API void hwv_act_backward_mask(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *dx,
                                   size_t dx_stride, const void *dy, size_t dy_stride, const uint64_t *mask,
                                   size_t mask_stride);

/* counts[i] += number of rows whose bit i is 1, i < cols: a positional population count. */
HWV_API void hwv_mask_count(size_t rows, size_t cols, const uint64_t *mask, size_t mask_stride, uint64_t *counts);
/* Number of ones in all rows. */
HWV_API uint64_t hwv_mask_total(size_t rows, size_t cols, const uint64_t *mask, size_t mask_stride);
/* The row's *fires* predicate of x in place of *pass* (x > 0 for most; 0 where x is NaN), in the same format and for any
 * operator: what unit statistics count. `nans` may be NULL, else the number of NaNs is added to it. */
HWV_API void hwv_act_fires(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, const void *x,
                           size_t x_stride, uint64_t *mask, size_t mask_stride, uint64_t *nans);

/* ==== halfwave-prelu: slopes that are learned ====
 * A PReLU with one slope for all that is not learned is the activation HWV_OP_PRELU and needs none of these. */

/* Which of a PReLU's slopes an element has. `slopes` is their number. */
typedef enum hwv_slope_axis {
    HWV_SLOPE_SHARED = 0,  /* slope[0]; slopes = 1 */
    HWV_SLOPE_COLUMNS = 1, /* slope[i] for column i; slopes = cols: dense layers, and channels last */
    HWV_SLOPE_ROWS = 2     /* slope[r % slopes] for row r: channels first, as N*C rows of H*W with slopes = C */
} hwv_slope_axis;

/* y = x > 0 ? x : slope*x, the slopes of the data's type; exact, NaN stays NaN. y may be x. `mask` may be NULL, else it
 * gets the bits x > 0. He, Zhang, Ren & Sun, ICCV 2015. */
HWV_API void hwv_prelu_forward(hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride, const void *x,
                               size_t x_stride, const void *slope, hwv_slope_axis axis, size_t slopes, uint64_t *mask,
                               size_t mask_stride);

/* dx = x > 0 ? dy : slope*dy, exact; and dslope[c] += sum of (x > 0 ? 0 : x*dy) over the elements that have slope c, in
 * an order that depends on the shape, on gaps between rows and on the instruction set only; the error of a sum is at
 * most 8 * 2^-23 * sum |x*dy| (2^-52 for doubles). dx is overwritten, dslope added to. dx may be dy or x; dslope may be NULL. */
HWV_API void hwv_prelu_backward(hwv_dtype dtype, size_t rows, size_t cols, void *dx, size_t dx_stride, const void *dy,
                                size_t dy_stride, const void *x, size_t x_stride, const void *slope,
                                hwv_slope_axis axis, size_t slopes, void *dslope);

/* ==== halfwave-dispatch ==== */

/* The copy ceiling: one pass over the same byte streams as an operation, by the method that is fastest
 * here: `method` 0 memcpy, 1 a vector loop, 2 a non-temporal vector loop. With x2 != NULL two arrays
 * are read and x ^ x2 is written (the streams of backward). For benches. */
HWV_API void hwv_copy_f32(int method, float *y, const float *x, const float *x2, size_t n);
#define HWV_COPY_METHODS 3

/* ==== halfwave-activations ==== */

/* --- By name ---
 * For every row, i < n: y[i] = f(x[i]) and dx[i] = dy[i] * f'(x[i]), y may be x, dx may be dy or x:
 *     hwv_relu_f32(y, x, n)                     hwv_relu_backward_f32(dx, dy, x, n)
 *     hwv_leaky_relu_f32(y, x, n, slope)        hwv_leaky_relu_backward_f32(dx, dy, x, n, slope)
 *     hwv_relu_f64(y, x, n), ...                the same in double
 *     hwv_gelu_fast_f32(y, x, n), ...           the fast tier
 * The float functions of rows marked `symbol` in ops.def are exported, all others are wrappers. */

#define HWV_SIGNATURE_P0
#define HWV_SIGNATURE_P1(a, initial, minimum, maximum)         , float a
#define HWV_SIGNATURE_P2(a, ai, amin, amax, b, bi, bmin, bmax) , float a, float b
#define HWV_VALUES_P0                                          0, 0
#define HWV_VALUES_P1(a, initial, minimum, maximum)            a, 0
#define HWV_VALUES_P2(a, ai, amin, amax, b, bi, bmin, bmax)    a, b
#define HWV_WRAP_FORWARD(NAME, function, real, DTYPE, TIER, PARAMS)                                                    \
    static inline void function(real *y, const real *x, size_t n HWV_SIGNATURE_##PARAMS)                               \
    {                                                                                                                  \
        const hwv_act act = {HWV_OP_##NAME, {HWV_VALUES_##PARAMS}, TIER};                                              \
        hwv_act_forward(&act, DTYPE, 1, n, y, n, x, n);                                                                \
    }
#define HWV_WRAP_BACKWARD(NAME, function, real, DTYPE, PARAMS)                                                         \
    static inline void function(real *dx, const real *dy, const real *x, size_t n HWV_SIGNATURE_##PARAMS)              \
    {                                                                                                                  \
        const hwv_act act = {HWV_OP_##NAME, {HWV_VALUES_##PARAMS}, HWV_ACCURATE};                                      \
        hwv_act_backward(&act, DTYPE, 1, n, dx, n, dy, n, x, n);                                                       \
    }
#define HWV_WRAP_symbol(NAME, name, PARAMS)                                                                            \
    HWV_API void hwv_##name##_f32(float *y, const float *x, size_t n HWV_SIGNATURE_##PARAMS);                          \
    HWV_API void hwv_##name##_backward_f32(float *dx, const float *dy, const float *x, size_t n HWV_SIGNATURE_##PARAMS);
#define HWV_WRAP_inline(NAME, name, PARAMS)                                                                            \
    HWV_WRAP_FORWARD(NAME, hwv_##name##_f32, float, HWV_F32, HWV_ACCURATE, PARAMS)                                     \
    HWV_WRAP_BACKWARD(NAME, hwv_##name##_backward_f32, float, HWV_F32, PARAMS)
#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, ...)                                                                  \
    HWV_WRAP_##LINK(NAME, name, PARAMS)                                                                                \
        HWV_WRAP_FORWARD(NAME, hwv_##name##_fast_f32, float, HWV_F32, HWV_FAST, PARAMS)                                \
            HWV_WRAP_FORWARD(NAME, hwv_##name##_f64, double, HWV_F64, HWV_ACCURATE, PARAMS)                            \
                HWV_WRAP_BACKWARD(NAME, hwv_##name##_backward_f64, double, HWV_F64, PARAMS)
#include "halfwave/ops.def"
#undef HWV_OP
#undef HWV_WRAP_symbol
#undef HWV_WRAP_inline
#undef HWV_WRAP_FORWARD
#undef HWV_WRAP_BACKWARD
#undef HWV_SIGNATURE_P0
#undef HWV_SIGNATURE_P1
#undef HWV_SIGNATURE_P2
#undef HWV_VALUES_P0
#undef HWV_VALUES_P1
#undef HWV_VALUES_P2

HWV_END

#endif
