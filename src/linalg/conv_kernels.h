/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The inner loops of convolutions. A tile is `rows` output pixels of one line, neighbours, by one or two vectors of
 * output channels:
 *     C[i,j] = sum over s < batch, segments, k < depth of A[i,k] B[k,j]   (+ bias[j])
 * s are the taps above each other, a segment is one tap of a row of the kernel, or several whose input is contiguous.
 * At the left and right edge of the image a tap lies outside for the first or the last pixels of the tile: its
 * segment leaves them out. Lanes are channels and never enter a sum; a pixel's order of taps does not depend on the
 * tile it is in. */
#ifndef HWV_LINALG_CONV_KERNELS_H
#define HWV_LINALG_CONV_KERNELS_H

#include <stddef.h>

#include "linalg/column_map.h"
#include "linalg/microkernel.h"

#define HWV_CACHE_LINE ((size_t)16) /* in floats */

/* The most pixels that a segment of a tile can be without. Two at least are left: clang 14 keeps the sums in memory where a
 * loop over one is unrolled. */
static inline size_t hwv_conv_cut_most(size_t rows)
{
    const size_t most = rows <= HWV_TILE_ROWS ? 4 : 2;
    return rows < 2 ? 0 : rows - 2 < most ? rows - 2 : most;
}
#define HWV_CONV_CUT_LAST 8

typedef struct hwv_conv_segment {
    size_t a;     /* where the first pixel that takes part finds its input, from the tile's a */
    size_t b;     /* where its weights begin, from the tile's b */
    size_t depth; /* k of the sum */
    size_t cut;   /* 0: all pixels; n: without the first n; HWV_CONV_CUT_LAST + n: without the last n */
} hwv_conv_segment;

/* Strides are in elements; rows of B are HWV_PANEL apart. */
typedef struct hwv_conv_tile {
    size_t batch, a_batch, b_batch;
    size_t a_stride, c_stride; /* from pixel to pixel */
    const hwv_conv_segment *segments;
    size_t count; /* of segments */
    /* C of a later tile, which is brought to the cache: for sums so short that stores would wait for it. Or NULL. */
    const float *fetch_c;
    /* What comes later and is brought to the cache while the tile is computed: cache lines from `next`. */
    const float *next;
    size_t next_lines;
    hwv_column_map map; /* of this tile's columns, behind the bias */
} hwv_conv_tile;

/* columns, bias: as hwv_tile_function. */
typedef void hwv_conv_tile_function(const hwv_conv_tile *tile, const float *a, const float *b, float *c, size_t columns,
                                    const float *bias);

/* Rows of the tallest tile over all sets. */
#define HWV_CONV_ROWS 16

/* Rows of the next tile where `left` are left: all tiles nearly equal. Above HWV_TILE_ROWS there are even heights only,
 * each is much code. */
static inline size_t hwv_conv_tile_rows(size_t left, size_t tallest)
{
    const size_t tiles = (left + tallest - 1) / tallest, rows = (left + tiles - 1) / tiles;
    if (rows <= HWV_TILE_ROWS || rows % 2 == 0)
        return rows;
    return rows < left ? rows + 1 : (rows + 1) / 2;
}

typedef struct hwv_conv_kernels {
    size_t rows[HWV_TILE_VECTORS];                                  /* of the tallest tile of one and of two vectors */
    hwv_conv_tile_function *tiles[HWV_TILE_VECTORS][HWV_CONV_ROWS]; /* [vectors - 1][rows - 1] */
} hwv_conv_kernels;

/* Weight gradients: rows are neighbours in A, lanes neighbours in B, and the sum goes over pixels.
 *     C[i,j] = (accumulate ? C[i,j] : 0) + sum over images, lines, k < depth of A[k,i] B[k,j]
 * Strides are in elements. B and C are read and written in whole vectors. */
typedef struct hwv_conv_sum {
    size_t images, a_image, b_image;
    size_t lines, a_line, b_line;
    size_t depth, a_stride, b_stride;
    size_t c_stride;
    bool accumulate;
    /* What comes later and is brought to the cache meanwhile: with each line of each image some cache lines. */
    const float *next;
    size_t next_lines;
} hwv_conv_sum;

typedef void hwv_conv_sum_function(const hwv_conv_sum *sum, const float *a, const float *b, float *c);

/* What becomes the gradient of a panel of filters: sums [tap][channel][stride], one behind the other in each shard. */
typedef struct hwv_conv_sums {
    const float *sums;
    size_t shards, shard_floats;
    size_t taps, depth;
    size_t width, stride; /* width: at most HWV_PANEL, whole vectors of any set; stride: from channel to channel */
    size_t filters;       /* at most width */
    bool accumulate;
} hwv_conv_sums;

typedef struct hwv_conv_weight_kernels {
    size_t rows[HWV_TILE_VECTORS];                                /* of the tallest tile of one and of two vectors */
    hwv_conv_sum_function *sums[HWV_TILE_VECTORS][HWV_CONV_ROWS]; /* [vectors - 1][rows - 1] */
    /* out[filter][channel][tap] = (accumulate ? out : 0) + the shards' sums in their order, channels first .. end-1 */
    void (*combine)(const hwv_conv_sums *sums, size_t first, size_t end, float *out);
} hwv_conv_weight_kernels;

/* Convolution of each channel by itself: a tile is up to HWV_DEPTHWISE_ROWS vectors of channels. */
#define HWV_DEPTHWISE_ROWS 8

typedef struct hwv_depthwise_tap {
    size_t a, b; /* where input and weights of the first vector lie, from the tile's a and b */
} hwv_depthwise_tap;

typedef struct hwv_depthwise_tile {
    const hwv_depthwise_tap *taps;
    size_t count;
    size_t a_stride, c_stride; /* from vector to vector */
    hwv_column_map map;        /* from the first vector's channels on, behind the bias */
} hwv_depthwise_tile;

typedef void hwv_depthwise_function(const hwv_depthwise_tile *tile, size_t rows, const float *a, const float *b,
                                    float *c, size_t lanes, const float *bias);

/* lanes: channels of each vector, fewer than the set's only in one vector at the end. bias may be NULL. */
typedef struct hwv_depthwise_kernels {
    size_t lanes;
    hwv_depthwise_function *pixels;   /* vectors are the same channels of some pixels of a line */
    hwv_depthwise_function *channels; /* vectors are neighbours in one pixel; a_stride, c_stride: lanes */
    /* C[c] = (accumulate ? C[c] : 0) + sum over images, lines, k < depth of A[k,c] B[k,c], neighbouring vectors */
    void (*sum)(const hwv_conv_sum *sum, size_t rows, const float *a, const float *b, float *c, size_t lanes);
} hwv_depthwise_kernels;

#endif
