/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Matrix products in vector words: tiles, packing and the loop over a block. */
#include "linalg/gemm.h"
#include "linalg/microkernel.h"
#include "simd/simd.h"
#include "simd/transpose.h"

/* Tallest tile: rows * 2 accumulators, 2 vectors of B and a broadcast must fit the registers. */
#if defined(HWV_SIMD_avx512) || defined(HWV_SIMD_neon)
#define ROWS 8
#elif defined(HWV_SIMD_avx2)
#define ROWS 6
#else
#define ROWS 4
#endif

#define VECTORS HWV_TILE_VECTORS
/* From this depth on the lines of C are asked for before the sums, which hide the wait. */
#define FETCHED_DEPTH ((size_t)32)

/* The template of all tiles. rows, vectors and a_transposed are constants in every instance: the loops
 * over them unroll completely and the accumulators live in registers. */
HWV_WORD void tile_body(const size_t rows, const size_t vectors, const bool a_transposed, const hwv_tile *t,
                        const float *a, const float *b, float *c, size_t columns, const float *bias)
{
    vf sum[ROWS][VECTORS];
    const size_t last = columns - (vectors - 1) * V_LANES;
    const size_t a_stride = t->a_stride, b_stride = t->b_stride, c_stride = t->c_stride, depth = t->depth;

    HWV_UNROLL
    for (size_t i = 0; i < rows; i++) {
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++)
            sum[i][v] = v_zero();
    }
    if (t->accumulate) {
        HWV_UNROLL
        for (size_t i = 0; i < rows; i++) {
            if (vectors == 2)
                sum[i][0] = v_load(c + i * c_stride);
            sum[i][vectors - 1] = v_load_part(c + i * c_stride + (vectors - 1) * V_LANES, last);
        }
    }
    if (!t->accumulate && depth >= FETCHED_DEPTH) {
        HWV_UNROLL
        for (size_t i = 0; i < rows; i++) {
            HWV_UNROLL
            for (size_t v = 0; v < vectors; v++)
                v_prefetch(c + i * c_stride + v * V_LANES);
        }
    }
    for (size_t s = 0; s < t->batch; s++) {
        const float *as = a + s * t->a_batch, *bs = b + s * t->b_batch;
        for (size_t k = 0; k < depth; k++) {
            vf bv[VECTORS];
            HWV_UNROLL
            for (size_t v = 0; v < vectors; v++)
                bv[v] = v_load(bs + v * V_LANES);
            HWV_UNROLL
            for (size_t i = 0; i < rows; i++) {
                vf av = v_set(a_transposed ? as[i] : as[i * a_stride]);
                HWV_UNROLL
                for (size_t v = 0; v < vectors; v++)
                    sum[i][v] = v_fma(av, bv[v], sum[i][v]);
            }
            as += a_transposed ? a_stride : 1;
            bs += b_stride;
        }
    }
    if (bias) {
        vf first = vectors == 2 ? v_load(bias) : v_zero();
        vf second = v_load_part(bias + (vectors - 1) * V_LANES, last);
        HWV_UNROLL
        for (size_t i = 0; i < rows; i++) {
            if (vectors == 2)
                sum[i][0] = v_add(sum[i][0], first);
            sum[i][vectors - 1] = v_add(sum[i][vectors - 1], second);
        }
    }
    if (last == V_LANES) {
        HWV_UNROLL
        for (size_t i = 0; i < rows; i++) {
            HWV_UNROLL
            for (size_t v = 0; v < vectors; v++)
                v_store(c + i * c_stride + v * V_LANES, sum[i][v]);
        }
    } else {
        HWV_UNROLL
        for (size_t i = 0; i < rows; i++) {
            if (vectors == 2)
                v_store(c + i * c_stride, sum[i][0]);
            v_store_n(c + i * c_stride + (vectors - 1) * V_LANES, sum[i][vectors - 1], last);
        }
    }
}

#define TILE(ROWS_, VECTORS_, FORM, TRANSPOSED)                                                                        \
    static void tile_##FORM##_##ROWS_##x##VECTORS_(const hwv_tile *t, const float *a, const float *b, float *c,        \
                                                   size_t columns, const float *bias)                                  \
    {                                                                                                                  \
        tile_body(ROWS_, VECTORS_, TRANSPOSED, t, a, b, c, columns, bias);                                             \
    }
#define TILES(ROWS_) TILE(ROWS_, 1, n, false) TILE(ROWS_, 2, n, false) TILE(ROWS_, 1, t, true) TILE(ROWS_, 2, t, true)

TILES(1)
TILES(2)
TILES(3)
TILES(4)
#if ROWS >= 6
TILES(5)
TILES(6)
#endif
#if ROWS >= 8
TILES(7)
TILES(8)
#endif

#if ROWS >= 8
#define TILE_ROW(FORM, VECTORS_)                                                                                       \
    {                                                                                                                  \
        tile_##FORM##_1x##VECTORS_, tile_##FORM##_2x##VECTORS_, tile_##FORM##_3x##VECTORS_,                            \
            tile_##FORM##_4x##VECTORS_, tile_##FORM##_5x##VECTORS_, tile_##FORM##_6x##VECTORS_,                        \
            tile_##FORM##_7x##VECTORS_, tile_##FORM##_8x##VECTORS_                                                     \
    }
#elif ROWS >= 6
#define TILE_ROW(FORM, VECTORS_)                                                                                       \
    {                                                                                                                  \
        tile_##FORM##_1x##VECTORS_, tile_##FORM##_2x##VECTORS_, tile_##FORM##_3x##VECTORS_,                            \
            tile_##FORM##_4x##VECTORS_, tile_##FORM##_5x##VECTORS_, tile_##FORM##_6x##VECTORS_, NULL, NULL             \
    }
#else
#define TILE_ROW(FORM, VECTORS_)                                                                                       \
    {                                                                                                                  \
        tile_##FORM##_1x##VECTORS_, tile_##FORM##_2x##VECTORS_, tile_##FORM##_3x##VECTORS_,                            \
            tile_##FORM##_4x##VECTORS_, NULL, NULL, NULL, NULL                                                         \
    }
#endif

/* Columns of B stored as rows. */
static void pack_transposed(float *panel, size_t depth, size_t columns, const float *b, size_t b_stride)
{
    const size_t filled = (columns + V_LANES - 1) / V_LANES * V_LANES, whole = depth - depth % V_TURN;
    size_t j = 0;
    for (; j + V_TURN <= columns; j += V_TURN) {
        const float *from = b + j * b_stride;
        for (size_t k = 0; k < whole; k += V_TURN)
            v_turn(panel + k * HWV_PANEL + j, HWV_PANEL, from + k, b_stride, V_TURN, V_TURN);
        if (whole < depth)
            v_turn(panel + whole * HWV_PANEL + j, HWV_PANEL, from + whole, b_stride, V_TURN, depth - whole);
    }
    for (; j < filled; j += V_TURN) {
        const size_t rows = j < columns ? columns - j : 1;
        const float *from = b + (j < columns ? j : columns - 1) * b_stride;
        for (size_t k = 0; k < depth; k += V_TURN)
            v_turn(panel + k * HWV_PANEL + j, HWV_PANEL, from + k, b_stride, rows,
                   depth - k < V_TURN ? depth - k : V_TURN);
    }
}

static void pack_plain(float *panel, size_t depth, size_t columns, const float *b, size_t b_stride)
{
    const size_t whole = columns - columns % V_LANES, rest = columns % V_LANES;
    if (columns == HWV_PANEL) {
        for (size_t k = 0; k < depth; k++) {
            HWV_UNROLL
            for (size_t j = 0; j < HWV_PANEL; j += V_LANES)
                v_store(panel + k * HWV_PANEL + j, v_load(b + k * b_stride + j));
        }
        return;
    }
    for (size_t k = 0; k < depth; k++) {
        for (size_t j = 0; j < whole; j += V_LANES)
            v_store(panel + k * HWV_PANEL + j, v_load(b + k * b_stride + j));
        if (rest > 0)
            v_store(panel + k * HWV_PANEL + whole, v_load_n(b + k * b_stride + whole, rest));
    }
}

static void pack(float *panel, size_t depth, size_t columns, const float *b, size_t b_stride, bool b_transposed)
{
    if (b_transposed)
        pack_transposed(panel, depth, columns, b, b_stride);
    else
        pack_plain(panel, depth, columns, b, b_stride);
}

/* A strip of `rows` rows: [row][k], or [k][row] where A is transposed. */
static void copy_strip(float *to, size_t to_stride, const float *a, size_t a_stride, size_t rows, size_t depth,
                       bool a_transposed)
{
    const size_t lines = a_transposed ? depth : rows, width = a_transposed ? rows : depth;
    const size_t whole = width - width % V_LANES, rest = width % V_LANES;
    for (size_t i = 0; i < lines; i++) {
        for (size_t j = 0; j < whole; j += V_LANES)
            v_store(to + i * to_stride + j, v_load(a + i * a_stride + j));
        if (rest > 0)
            v_store_n(to + i * to_stride + whole, v_load_n(a + i * a_stride + whole, rest), rest);
    }
}

extern const hwv_gemm_kernels HWV_ISA(hwv_gemm_kernels);

/* Rows are cut into strips of nearly equal height, none taller than ROWS. */
static void block(const hwv_gemm_block *g, size_t first, size_t last, size_t from, size_t to, float *scratch)
{
    const size_t wide = VECTORS * V_LANES, strips = (last - first + ROWS - 1) / ROWS;
    const size_t height = (last - first) / strips, taller = (last - first) - height * strips;
    size_t row = first, told = first;
    for (size_t strip = 0; strip < strips; strip++) {
        const size_t rows = height + (strip < taller);
        const float *a = g->a + (g->a_transposed ? row : row * g->a_stride);
        float *c = g->c + row * g->direct_tile.c_stride;
        row += rows;
        if (g->a_copied) {
            copy_strip(scratch, g->direct_tile.a_stride, a, g->a_stride, rows, g->direct_tile.depth, g->a_transposed);
            a = scratch;
        }
        hwv_tile_function *tile = HWV_ISA(hwv_gemm_kernels).tiles[g->a_transposed][1][rows - 1];
        for (size_t j = from; j < to; j += wide) {
            size_t columns = to - j < wide ? to - j : wide;
            const float *bias = g->bias ? g->bias + j : NULL;
            if (columns <= V_LANES)
                tile = HWV_ISA(hwv_gemm_kernels).tiles[g->a_transposed][0][rows - 1];
            if (j < g->direct) {
                tile(&g->direct_tile, a, g->b + j, c + j, columns, bias);
            } else {
                size_t at = j - g->direct;
                const float *panel = g->panels + at / HWV_PANEL * g->panel_step + at % HWV_PANEL;
                tile(&g->packed_tile, a, panel, c + j, columns, bias);
            }
        }
        if (g->told && (row + ROWS - told > HWV_GEMM_SEEN_ROWS || row == last)) {
            const size_t end = row == last ? row : row / HWV_GEMM_SEEN_EACH * HWV_GEMM_SEEN_EACH;
            g->told->seen(g->told->context, told, end - told, g->k, g->direct_tile.depth, g->a + told * g->a_stride,
                          g->a_stride);
            told = end;
        }
    }
}

const hwv_gemm_kernels HWV_ISA(hwv_gemm_kernels) = {
    V_LANES, ROWS, {{TILE_ROW(n, 1), TILE_ROW(n, 2)}, {TILE_ROW(t, 1), TILE_ROW(t, 2)}}, pack, block,
};
