/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The kernels of one instruction set. */
#ifndef HWV_LINALG_DISPATCH_H
#define HWV_LINALG_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/isa.h"
#include "linalg/attention.h"
#include "linalg/conv_kernels.h"
#include "linalg/dropout.h"
#include "linalg/gemv.h"
#include "linalg/layer_norm.h"
#include "linalg/microkernel.h"
#include "linalg/pairs.h"
#include "linalg/pooling.h"
#include "linalg/winograd_kernels.h"

/* Contracts in vector.h and softmax.h. */
typedef struct hwv_row_kernels {
    void (*column_sum)(size_t rows, size_t cols, const float *x, size_t stride, bool accumulate, float *out);
    double (*sum_of_squares)(size_t n, const float *x);
    void (*add)(size_t n, float *y, const float *x);
    void (*axpy)(size_t n, float a, float *y, const float *x);
    void (*scale)(size_t n, float a, float *y);
    /* p = softmax of rows, with the maximum of each and the sum of exp(x - maximum). p may be NULL. */
    void (*softmax)(size_t rows, size_t classes, float *p, size_t p_stride, const float *x, size_t x_stride,
                    float *maximum, float *sum);
    /* y = (x - shift) * a; y may be x */
    void (*shift_scale)(size_t n, float *y, const float *x, float shift, float a);
} hwv_row_kernels;

/* Contracts in pairs.h. */
typedef struct hwv_pair_kernels {
    hwv_pair_kernel *add, *sub, *mul, *div, *min, *max;
} hwv_pair_kernels;

/* Contracts in pooling.h. `rows` of y, counted through all images, from `first` on; of dx for a backward run, but of dy
 * where the windows lie apart. */
typedef struct hwv_pooling_kernels {
    void (*max_forward)(const hwv_pooling *p, size_t first, size_t rows, const float *x, float *y, uint8_t *taps);
    void (*average_forward)(const hwv_pooling *p, size_t first, size_t rows, const float *x, float *y);
    void (*max_backward)(const hwv_pooling *p, size_t first, size_t rows, const float *dy, const uint8_t *taps,
                         float *dx);
    void (*average_backward)(const hwv_pooling *p, size_t first, size_t rows, const float *dy, float *dx);
} hwv_pooling_kernels;

/* Of each channel. */
typedef struct hwv_batch_norm_map {
    size_t channels;
    const float *center, *scale, *offset, *slope;
} hwv_batch_norm_map;

/* Contracts in batch_norm.h. Dense blocks of rows; sums are added to, those of `group` rows at a time. */
typedef struct hwv_batch_norm_kernels {
    /* sum += sum of x - center, square += sum of (x - center)^2 */
    void (*moments)(size_t rows, size_t channels, size_t group, const float *x, const float *center, float *sum,
                    float *square);
    /* sum += sum of dy, product += sum of dy * (x - center) */
    void (*sums)(size_t rows, size_t channels, size_t group, const float *x, const float *dy, const float *center,
                 float *sum, float *product);
    /* to = (x - center) * scale + offset (+ dy * slope, unless dy is NULL); to may be x or dy */
    void (*map)(size_t rows, const hwv_batch_norm_map *map, const float *x, const float *dy, float *to);
} hwv_batch_norm_kernels;

/* Lines of an image between two convolutions; where there is a pool an even number of them. */
typedef struct hwv_bridge_strip {
    size_t lines, line, channels;
    bool pool, leaky;
    float slope;                          /* of a leaky activation */
    hwv_batch_norm_map forward, backward; /* around the same centres */
} hwv_bridge_strip;

/* Contracts in bridge.h; sums are added to, those of a line at a time. */
typedef struct hwv_bridge_kernels {
    void (*forward)(const hwv_bridge_strip *strip, const float *z, float *a);
    void (*sums)(const hwv_bridge_strip *strip, const float *z, const float *d, float *sum, float *product);
    void (*backward)(const hwv_bridge_strip *strip, const float *z, const float *d, float *dz);
} hwv_bridge_kernels;

/* Contracts in dropout.h. */
typedef struct hwv_dropout_kernels {
    /* bits of `words` words from number `first` on; an element is kept where its draw is `threshold` or more */
    void (*draw)(size_t first, size_t words, uint32_t threshold, const hwv_dropout *dropout, uint64_t *kept);
    /* y = kept ? x * scale : 0; y may be x */
    void (*apply)(size_t n, float scale, const float *x, const uint64_t *kept, float *y);
} hwv_dropout_kernels;

/* Contracts in layer_norm.h. Rows of one block. */
typedef struct hwv_layer_norm_kernels {
    void (*forward)(const hwv_layer_norm *norm, size_t rows, const float *x, float *y, hwv_layer_norm_moments *moments);
    /* dx may be NULL or dy; weight and bias, both or none, are added to */
    void (*backward)(const hwv_layer_norm *norm, size_t rows, const float *x, const float *dy,
                     const hwv_layer_norm_moments *moments, float *dx, float *weight, float *bias);
} hwv_layer_norm_kernels;

/* Contracts in attention.h; scratch: hwv_attention_workspace's of one worker. */
typedef struct hwv_attention_kernels {
    /* rows of y, and of lse, from `first` on, a multiple of HWV_PANEL; HWV_ATTENTION_QUERIES at most */
    void (*forward)(const hwv_attention_head *head, size_t first, size_t rows, float *scratch);
    /* dq of queries that all keys are given for, dk and dv of keys that all queries are given for; the first of each a
     * multiple of HWV_PANEL and of HWV_ATTENTION_KEYS */
    void (*backward)(const hwv_attention_head *head, size_t query, size_t queries, size_t key, size_t keys,
                     float *scratch);
} hwv_attention_kernels;

/* Contracts in transpose.h. */
typedef struct hwv_transpose_kernels {
    void (*transpose)(size_t rows, size_t cols, const float *from, size_t from_stride, float *to, size_t to_stride);
} hwv_transpose_kernels;

typedef struct hwv_linalg_kernels {
    const hwv_gemm_kernels *gemm;
    const hwv_row_kernels *rows;
    const hwv_pair_kernels *pairs;
    const hwv_conv_kernels *conv;
    const hwv_conv_weight_kernels *conv_weight;
    const hwv_pooling_kernels *pooling;
    const hwv_depthwise_kernels *depthwise;
    const hwv_batch_norm_kernels *batch_norm;
    const hwv_bridge_kernels *bridge;
    const hwv_dropout_kernels *dropout;
    const hwv_transpose_kernels *transpose;
    const hwv_layer_norm_kernels *layer_norm;
    const hwv_attention_kernels *attention;
    const hwv_gemv_kernels *gemv;
    const hwv_winograd_kernels *winograd;
} hwv_linalg_kernels;

/* The kernels of a set, zero for one this build does not have. */
const hwv_linalg_kernels *hwv_linalg_kernels_of(hwv_isa isa);

#endif
