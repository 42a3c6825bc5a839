/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Convolution in vector words: tiles of output pixels. */
#include "linalg/conv_kernels.h"
#include "simd/simd.h"

/* Tallest tiles of one and of two vectors; of two as in gemm.c. */
#if defined(HWV_SIMD_avx512) || defined(HWV_SIMD_neon)
#define ROWS_1 16
#define ROWS_2 8
#elif defined(HWV_SIMD_avx2)
#define ROWS_1 12
#define ROWS_2 6
#else
#define ROWS_1 8
#define ROWS_2 4
#endif

#include "linalg/tile_heights.h"

#define VECTORS HWV_TILE_VECTORS

/* One segment: pixels first .. last-1 of the tile, all constants but the segment's depth. Rows are addressed in fours, so
 * that a tall tile does not need a register for each. */
HWV_WORD void segment(const size_t first, const size_t last, const size_t vectors, vf sum[][VECTORS], size_t depth,
                      const float *a, size_t a_stride, const float *b)
{
    const float *rows[4] = {a, a + 4 * a_stride, a + 8 * a_stride, a + 12 * a_stride};
    for (size_t k = 0; k < depth; k++) {
        vf bv[VECTORS];
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++)
            bv[v] = v_load(b + v * V_LANES);
        HWV_UNROLL
        for (size_t i = first; i < last; i++) {
            vf av = v_set(rows[(i - first) / 4][(i - first) % 4 * a_stride]);
            HWV_UNROLL
            for (size_t v = 0; v < vectors; v++)
                sum[i][v] = v_fma(av, bv[v], sum[i][v]);
        }
        HWV_UNROLL
        for (size_t i = 0; i < 4; i++)
            rows[i]++;
        b += HWV_PANEL;
    }
}

#define WITHOUT(n)                                                                                                     \
    case n:                                                                                                            \
        if (n <= hwv_conv_cut_most(rows))                                                                              \
            segment(n, rows, vectors, sum, s->depth, as, t->a_stride, bs);                                             \
        break;                                                                                                         \
    case HWV_CONV_CUT_LAST + n:                                                                                        \
        if (n <= hwv_conv_cut_most(rows))                                                                              \
            segment(0, rows - n, vectors, sum, s->depth, as, t->a_stride, bs);                                         \
        break;

/* The template of all tiles; rows and vectors are constants in every instance. */
HWV_WORD void tile_body(const size_t rows, const size_t vectors, const hwv_conv_tile *t, const float *a, const float *b,
                        float *c, size_t columns, const float *bias)
{
    vf sum[ROWS_1][VECTORS];
    const size_t last = columns - (vectors - 1) * V_LANES;

    HWV_UNROLL
    for (size_t i = 0; i < rows; i++) {
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++)
            sum[i][v] = v_zero();
    }
    if (t->fetch_c) {
        HWV_UNROLL
        for (size_t i = 0; i < rows; i++) {
            HWV_UNROLL
            for (size_t v = 0; v < vectors * V_LANES; v += HWV_CACHE_LINE)
                v_prefetch(t->fetch_c + i * t->c_stride + v);
        }
    }
    for (size_t l = 0; l < t->next_lines; l++)
        v_prefetch(t->next + l * HWV_CACHE_LINE);
    for (size_t n = 0; n < t->batch; n++) {
        for (const hwv_conv_segment *s = t->segments, *end = s + t->count; s < end; s++) {
            const float *as = a + s->a, *bs = b + s->b;
            switch (s->cut) {
            case 0:
                segment(0, rows, vectors, sum, s->depth, as, t->a_stride, bs);
                break;
                WITHOUT(1)
                WITHOUT(2)
                WITHOUT(3)
                WITHOUT(4)
            default:
                break;
            }
        }
        a += t->a_batch;
        b += t->b_batch;
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
    if (t->map.center) {
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++) {
            const size_t at = v * V_LANES, width = v + 1 < vectors ? V_LANES : last;
            const vf center = v_load_part(t->map.center + at, width), scale = v_load_part(t->map.scale + at, width);
            const vf offset = v_load_part(t->map.offset + at, width);
            HWV_UNROLL
            for (size_t i = 0; i < rows; i++)
                sum[i][v] = v_fma(v_sub(sum[i][v], center), scale, offset);
        }
    }
    HWV_UNROLL
    for (size_t i = 0; i < rows; i++) {
        float *to = c + i * t->c_stride;
        if (vectors == 2)
            v_store(to, sum[i][0]);
        if (last == V_LANES)
            v_store(to + (vectors - 1) * V_LANES, sum[i][vectors - 1]);
        else
            v_store_n(to + (vectors - 1) * V_LANES, sum[i][vectors - 1], last);
    }
}

#define TILE(ROWS_, VECTORS_)                                                                                          \
    static void tile_##ROWS_##x##VECTORS_(const hwv_conv_tile *t, const float *a, const float *b, float *c,            \
                                          size_t columns, const float *bias)                                           \
    {                                                                                                                  \
        tile_body(ROWS_, VECTORS_, t, a, b, c, columns, bias);                                                         \
    }

EACH_1(TILE)
EACH_2(TILE)

#define ENTRY(ROWS_, VECTORS_) [ROWS_ - 1] = tile_##ROWS_##x##VECTORS_,

extern const hwv_conv_kernels HWV_ISA(hwv_conv_kernels);
const hwv_conv_kernels HWV_ISA(hwv_conv_kernels) = {{ROWS_1, ROWS_2}, {{EACH_1(ENTRY)}, {EACH_2(ENTRY)}}};
