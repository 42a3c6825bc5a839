/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The batch-reduce micro-kernel, the only inner loop of products: dense layers, convolution and
 * attention differ in the addresses they feed it. A tile of C is
 *     C[i,j] = (accumulate ? C[i,j] : 0) + sum over s < batch, k < depth of A_s[i,k] B_s[k,j]   (+ bias[j])
 * with i < rows of the chosen function and j < columns of the call. Lanes are columns and never enter a
 * sum: every element is one chain of fused multiply-adds in the order of s and k, whatever the tile,
 * the vector length or the blocking around it. On sets with FMA the results are therefore bit-equal. */
#ifndef HWV_LINALG_MICROKERNEL_H
#define HWV_LINALG_MICROKERNEL_H

#include <stdbool.h>
#include <stddef.h>

/* Rows of the tallest tile, and vectors of the widest, over all sets. */
#define HWV_TILE_ROWS    8
#define HWV_TILE_VECTORS 2
/* Columns of a packed panel, the same on all sets: row k of a panel starts at k * HWV_PANEL. */
#define HWV_PANEL ((size_t)32)

/* What does not change from tile to tile. Strides are in elements. */
typedef struct hwv_tile {
    size_t batch;            /* products to add up, at least 1 */
    size_t a_batch, b_batch; /* from A_s to A_s+1, from B_s to B_s+1 */
    size_t depth;            /* k of each product */
    size_t a_stride;         /* A row-major: from row to row; A transposed: from k to k */
    size_t b_stride;         /* from k to k; the columns of B and C are neighbours */
    size_t c_stride;         /* from row to row */
    bool accumulate;
} hwv_tile;

/* One tile. columns is between lanes * (vectors - 1) + 1 and lanes * vectors of the function. Reads of B
 * are whole vectors (so B must be readable, padded if need be, up to lanes * vectors columns); C and
 * bias are touched in `columns` columns only. bias may be NULL. */
typedef void hwv_tile_function(const hwv_tile *tile, const float *a, const float *b, float *c, size_t columns,
                               const float *bias);

/* A block of C: all rows, some columns, one range of k. Columns up to `direct` are read from B in place,
 * the others from panels: column j at panels + (j - direct) / HWV_PANEL * panel_step. */
typedef struct hwv_gemm_block {
    hwv_tile direct_tile, packed_tile; /* batch 1; a_stride is that of what the tiles see, so of the copy */
    size_t a_stride;                   /* of A itself */
    bool a_transposed, a_copied;       /* a_copied: each strip of rows is copied before use */
    size_t rows, columns, direct;
    const float *a, *b, *panels;
    size_t panel_step;
    float *c;
    const float *bias;
    const struct hwv_gemm *told; /* NULL, or what to tell of A (hwv_gemm_seen) */
    size_t k;                    /* where the block's columns of A begin */
} hwv_gemm_block;

/* What one instruction set offers. */
typedef struct hwv_gemm_kernels {
    size_t lanes;
    size_t rows; /* of the tallest tile that keeps everything in registers */
    /* tiles[a_transposed][vectors - 1][rows - 1] */
    hwv_tile_function *tiles[2][HWV_TILE_VECTORS][HWV_TILE_ROWS];
    /* panel[k,j] = B[k,j] for j < columns <= HWV_PANEL, filled up to whole vectors. */
    void (*pack)(float *panel, size_t depth, size_t columns, const float *b, size_t b_stride, bool b_transposed);
    /* Rows first .. last-1 of a block, columns from .. to-1; `from` is a multiple of HWV_PANEL. scratch:
     * HWV_TILE_ROWS * (depth + HWV_STRIP_PAD) floats where a_copied. */
    void (*block)(const hwv_gemm_block *block, size_t first, size_t last, size_t from, size_t to, float *scratch);
} hwv_gemm_kernels;

/* Keeps the rows of a copied strip from falling on the same cache sets. */
#define HWV_STRIP_PAD ((size_t)16)

#endif
