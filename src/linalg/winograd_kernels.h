/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The transforms of Winograd convolution. With m outputs and r taps a dimension (m + r - 1 = 6), six points, and
 * everything in both dimensions:
 *     y = A' ((G w G') * (B' x B)) A      dw = G' ((A dy A') * (B' x B)) G
 * The 36 products are those of the points' pairs, which are called frequencies. What is transformed lies, for each
 * frequency, in panels of HWV_PANEL channels, in them row by row: rows are tiles, or channels of the other side. `step` is
 * from frequency to frequency, `panel` from panel to panel. Lanes are channels; they are read and written in whole
 * vectors, of zeros behind the last channel. */
#ifndef HWV_LINALG_WINOGRAD_KERNELS_H
#define HWV_LINALG_WINOGRAD_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#define HWV_WINOGRAD_POINTS      ((size_t)6)
#define HWV_WINOGRAD_FREQUENCIES ((size_t)36)
/* Taps of a dimension and what is computed at once: [0] is F(4x4, 3x3), [1] F(2x2, 5x5). */
#define HWV_WINOGRAD_FORMS 2
#define HWV_WINOGRAD_TAPS  ((size_t)5) /* the larger one */
#define HWV_WINOGRAD_TILE  ((size_t)4)

/* Where the pixels of a tile go: floats between pixels and between lines. Only `rows` by `columns` of them exist. */
typedef struct hwv_winograd_place {
    float *at;
    size_t pixel, line;
    size_t rows, columns;
} hwv_winograd_place;

/* Sums of one panel of filters: frequency f of channel c begins at f * step + c * HWV_PANEL. */
typedef struct hwv_winograd_sums {
    const float *at;
    size_t step;
    size_t shards, shard_floats;
} hwv_winograd_sums;

/* Cache lines from `at`; at most so many such places at once. */
#define HWV_WINOGRAD_NEXT 5
typedef struct hwv_winograd_next {
    const float *at;
    size_t lines;
} hwv_winograd_next;

/* C[i,j] = (accumulate ? C[i,j] : 0) + sum over k < depth of A[i,k] B[k,j], for each frequency. transposed: A[i,k] lies in
 * row k, else in row i. Only a transposed product accumulates. */
typedef struct hwv_winograd_product {
    bool transposed, accumulate;
    size_t rows, depth, columns; /* columns: a multiple of the lanes of all sets */
    const float *a, *b;
    float *c;
    size_t a_panel, b_panel, c_panel;
    size_t a_step, b_step, c_step;
    size_t first, end; /* frequencies */
    /* What is brought to the cache meanwhile: of what is read next, and of what is written next. */
    hwv_winograd_next next[HWV_WINOGRAD_NEXT];
} hwv_winograd_product;

typedef void hwv_winograd_multiply(const hwv_winograd_product *product);

typedef struct hwv_winograd_kernels {
    hwv_winograd_multiply *multiply;
    /* v = B' x B of the 36 pixels at[0], at[1], ... */
    void (*input)(const float *const *at, size_t channels, float *v, size_t step, size_t panel);
    /* d = A dy A' of the 16 or 4 pixels */
    void (*gradient[HWV_WINOGRAD_FORMS])(const float *const *at, size_t channels, float *d, size_t step, size_t panel);
    /* A' m A (+ bias, unless it is NULL) */
    void (*output[HWV_WINOGRAD_FORMS])(const float *m, size_t step, size_t panel, size_t channels, const float *bias,
                                       const hwv_winograd_place *place);
    /* u = G w G', the first `width` filters of a panel, whole vectors; a tap has a row of HWV_PANEL, rotated: the last
     * one first */
    void (*weight[HWV_WINOGRAD_FORMS])(const float *taps, bool rotated, size_t width, float *u, size_t step);
    /* taps = G' s G of the shards' sums, added in their order */
    void (*weight_gradient[HWV_WINOGRAD_FORMS])(const hwv_winograd_sums *sums, size_t width, float *taps);
} hwv_winograd_kernels;

#endif
