/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Convolution in vector words: tiles of output pixels. */
#include "linalg/conv_kernels.h"
#include "simd/simd.h"

/* Tallest tile, as in gemm.c. */
#if defined(HWV_SIMD_avx512) || defined(HWV_SIMD_neon)
#define ROWS 8
#elif defined(HWV_SIMD_avx2)
#define ROWS 6
#else
#define ROWS 4
#endif

#define VECTORS HWV_TILE_VECTORS

HWV_WORD vf load_columns(const float *p, size_t n)
{
    return n == V_LANES ? v_load(p) : v_load_n(p, n);
}

/* One segment: pixels first .. last-1 of the tile, all constants but the segment's depth. */
HWV_WORD void segment(const size_t first, const size_t last, const size_t vectors, vf sum[ROWS][VECTORS], size_t depth,
                      const float *a, size_t a_stride, const float *b)
{
    for (size_t k = 0; k < depth; k++) {
        vf bv[VECTORS];
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++)
            bv[v] = v_load(b + v * V_LANES);
        HWV_UNROLL
        for (size_t i = first; i < last; i++) {
            vf av = v_set(a[(i - first) * a_stride]);
            HWV_UNROLL
            for (size_t v = 0; v < vectors; v++)
                sum[i][v] = v_fma(av, bv[v], sum[i][v]);
        }
        a++;
        b += HWV_PANEL;
    }
}

#define WITHOUT(n)                                                                                                     \
    case n:                                                                                                            \
        if (n < rows)                                                                                                  \
            segment(n, rows, vectors, sum, s->depth, as, t->a_stride, bs);                                             \
        break;                                                                                                         \
    case HWV_TILE_ROWS + n:                                                                                            \
        if (n < rows)                                                                                                  \
            segment(0, rows - n, vectors, sum, s->depth, as, t->a_stride, bs);                                         \
        break;

/* The template of all tiles; rows and vectors are constants in every instance. */
HWV_WORD void tile_body(const size_t rows, const size_t vectors, const hwv_conv_tile *t, const float *a, const float *b,
                        float *c, size_t columns, const float *bias)
{
    vf sum[ROWS][VECTORS];
    const size_t last = columns - (vectors - 1) * V_LANES;

    HWV_UNROLL
    for (size_t i = 0; i < rows; i++) {
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++)
            sum[i][v] = v_zero();
    }
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
#if ROWS >= 6
                WITHOUT(4)
                WITHOUT(5)
#endif
#if ROWS >= 8
                WITHOUT(6)
                WITHOUT(7)
#endif
            default:
                break;
            }
        }
        a += t->a_batch;
        b += t->b_batch;
    }
    if (bias) {
        vf first = vectors == 2 ? v_load(bias) : v_zero();
        vf second = load_columns(bias + (vectors - 1) * V_LANES, last);
        HWV_UNROLL
        for (size_t i = 0; i < rows; i++) {
            if (vectors == 2)
                sum[i][0] = v_add(sum[i][0], first);
            sum[i][vectors - 1] = v_add(sum[i][vectors - 1], second);
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
#define TILES(ROWS_) TILE(ROWS_, 1) TILE(ROWS_, 2)

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
#define TILE_ROW(VECTORS_)                                                                                             \
    {                                                                                                                  \
        tile_1x##VECTORS_, tile_2x##VECTORS_, tile_3x##VECTORS_, tile_4x##VECTORS_, tile_5x##VECTORS_,                 \
            tile_6x##VECTORS_, tile_7x##VECTORS_, tile_8x##VECTORS_                                                    \
    }
#elif ROWS >= 6
#define TILE_ROW(VECTORS_)                                                                                             \
    {                                                                                                                  \
        tile_1x##VECTORS_, tile_2x##VECTORS_, tile_3x##VECTORS_, tile_4x##VECTORS_, tile_5x##VECTORS_,                 \
            tile_6x##VECTORS_, NULL, NULL                                                                              \
    }
#else
#define TILE_ROW(VECTORS_)                                                                                             \
    {                                                                                                                  \
        tile_1x##VECTORS_, tile_2x##VECTORS_, tile_3x##VECTORS_, tile_4x##VECTORS_, NULL, NULL, NULL, NULL             \
    }
#endif

extern const hwv_conv_kernels HWV_ISA(hwv_conv_kernels);
const hwv_conv_kernels HWV_ISA(hwv_conv_kernels) = {{TILE_ROW(1), TILE_ROW(2)}};
