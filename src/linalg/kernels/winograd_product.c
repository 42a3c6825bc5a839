/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The products between Winograd's transforms. All rows are HWV_PANEL floats apart, so that a tile needs no addresses but
 * one for each operand: with sums as short as 32 or 64 products, those of general tiles took a tenth of the time. */
#include "linalg/conv_kernels.h"
#include "linalg/winograd_kernels.h"
#include "simd/simd.h"

/* Tallest tiles, as in gemm.c. */
#define ROWS_1 8
#if defined(HWV_SIMD_avx512) || defined(HWV_SIMD_neon)
#define ROWS_2 8
#elif defined(HWV_SIMD_avx2)
#define ROWS_2 6
#else
#define ROWS_2 4
#endif

#include "linalg/tile_heights.h"

#define VECTORS HWV_TILE_VECTORS

/* One product for each element of the tile; i-th row: a[i * a_step]. */
HWV_WORD void add_row(const size_t rows, const size_t vectors, vf sum[][VECTORS], const float *a, const size_t a_step,
                      const float *b)
{
    vf bv[VECTORS];
    HWV_UNROLL
    for (size_t v = 0; v < vectors; v++)
        bv[v] = v_load(b + v * V_LANES);
    HWV_UNROLL
    for (size_t i = 0; i < rows; i++) {
        const vf av = v_set(a[i * a_step]);
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++)
            sum[i][v] = v_fma(av, bv[v], sum[i][v]);
    }
}

HWV_WORD void start_tile(const size_t rows, const size_t vectors, vf sum[][VECTORS], const float *c)
{
    HWV_UNROLL
    for (size_t i = 0; i < rows; i++) {
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++)
            sum[i][v] = c ? v_load(c + i * HWV_PANEL + v * V_LANES) : v_zero();
    }
}

HWV_WORD void end_tile(const size_t rows, const size_t vectors, vf sum[][VECTORS], float *c)
{
    HWV_UNROLL
    for (size_t i = 0; i < rows; i++) {
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++)
            v_store(c + i * HWV_PANEL + v * V_LANES, sum[i][v]);
    }
}

/* a: of the tile's first row in its first panel. */
HWV_WORD void tile_plain(const size_t rows, const size_t vectors, const hwv_winograd_product *p, const float *a,
                         const float *b, float *c)
{
    vf sum[HWV_TILE_ROWS][VECTORS];
    start_tile(rows, vectors, sum, NULL);
    for (size_t k = 0; k < p->depth; k += HWV_PANEL) {
        const size_t count = p->depth - k < HWV_PANEL ? p->depth - k : HWV_PANEL;
        for (const float *ak = a, *end = a + count; ak < end; ak++) {
            add_row(rows, vectors, sum, ak, HWV_PANEL, b);
            b += HWV_PANEL;
        }
        a += p->a_panel;
    }
    end_tile(rows, vectors, sum, c);
}

HWV_WORD void tile_transposed(const size_t rows, const size_t vectors, const hwv_winograd_product *p, const float *a,
                              const float *b, float *c)
{
    vf sum[HWV_TILE_ROWS][VECTORS];
    if (p->accumulate)
        start_tile(rows, vectors, sum, c);
    else
        start_tile(rows, vectors, sum, NULL);
    for (const float *end = b + p->depth * HWV_PANEL; b < end; b += HWV_PANEL) {
        add_row(rows, vectors, sum, a, 1, b);
        a += HWV_PANEL;
    }
    end_tile(rows, vectors, sum, c);
}

typedef void tile_function(const hwv_winograd_product *p, const float *a, const float *b, float *c);

#define TILE(ROWS_, VECTORS_)                                                                                          \
    static void plain_##ROWS_##x##VECTORS_(const hwv_winograd_product *p, const float *a, const float *b, float *c)    \
    {                                                                                                                  \
        tile_plain(ROWS_, VECTORS_, p, a, b, c);                                                                       \
    }                                                                                                                  \
    static void transposed_##ROWS_##x##VECTORS_(const hwv_winograd_product *p, const float *a, const float *b,         \
                                                float *c)                                                              \
    {                                                                                                                  \
        tile_transposed(ROWS_, VECTORS_, p, a, b, c);                                                                  \
    }

EACH_1(TILE)
EACH_2(TILE)

#define PLAIN(ROWS_, VECTORS_)      [ROWS_ - 1] = plain_##ROWS_##x##VECTORS_,
#define TRANSPOSED(ROWS_, VECTORS_) [ROWS_ - 1] = transposed_##ROWS_##x##VECTORS_,

/* [transposed][vectors - 1][rows - 1] */
static tile_function *const tiles[2][VECTORS][HWV_TILE_ROWS] = {{{EACH_1(PLAIN)}, {EACH_2(PLAIN)}},
                                                                {{EACH_1(TRANSPOSED)}, {EACH_2(TRANSPOSED)}}};

/* Cache lines that are fetched, `each` of them with every tile. */
typedef struct stream {
    const float *at, *end;
    size_t each;
} stream;

HWV_WORD stream stream_of(hwv_winograd_next next, size_t tiles_left)
{
    return (stream){next.at, next.at + next.lines * HWV_CACHE_LINE,
                    (next.lines + tiles_left - 1) / tiles_left * HWV_CACHE_LINE};
}

HWV_WORD void stream_go(stream *s)
{
    const float *to = (size_t)(s->end - s->at) < s->each ? s->end : s->at + s->each;
    for (; s->at < to; s->at += HWV_CACHE_LINE)
        v_prefetch(s->at);
}

/* What is fetched while a frequency is multiplied: streams for all, the operands of the next one. */
typedef struct streams {
    stream next[HWV_WINOGRAD_NEXT], a, b;
    size_t count; /* of next */
} streams;

/* Rows of one panel of A, if transposed, or all: `count` of them, in strips of nearly equal height. */
HWV_WORD void multiply_rows(const hwv_winograd_product *p, streams *s, size_t count, const size_t vectors,
                            const float *a, const float *b, float *c)
{
    const size_t tallest = vectors == 2 ? ROWS_2 : ROWS_1, strips = (count + tallest - 1) / tallest;
    const size_t height = count / strips, taller = count % strips;
    for (size_t n = 0, row = 0, rows; n < strips; n++, row += rows) {
        rows = height + (n < taller);
        stream_go(&s->a);
        stream_go(&s->b);
        for (size_t i = 0; i < s->count; i++)
            stream_go(&s->next[i]);
        tiles[p->transposed][vectors - 1][rows - 1](p, a + (p->transposed ? row : row * HWV_PANEL), b,
                                                    c + row * HWV_PANEL);
    }
}

static void multiply_panel(const hwv_winograd_product *p, streams *s, size_t columns, const float *a, const float *b,
                           float *c)
{
    const size_t wide = VECTORS * V_LANES;
    for (size_t j = 0; j < columns; j += wide) {
        const float *panel = a;
        const size_t group = p->transposed ? HWV_PANEL : p->rows;
        for (size_t row = 0; row < p->rows; row += group) {
            const size_t count = p->rows - row < group ? p->rows - row : group;
            if (columns - j > V_LANES)
                multiply_rows(p, s, count, 2, panel, b + j, c + row * HWV_PANEL + j);
            else
                multiply_rows(p, s, count, 1, panel, b + j, c + row * HWV_PANEL + j);
            panel += p->a_panel;
        }
    }
}

extern hwv_winograd_multiply HWV_ISA(hwv_winograd_multiply);

void HWV_ISA(hwv_winograd_multiply)(const hwv_winograd_product *p)
{
    /* As many tiles as there are at least. */
    const size_t across = (p->columns + VECTORS * V_LANES - 1) / (VECTORS * V_LANES);
    const size_t count = (p->rows + HWV_TILE_ROWS - 1) / HWV_TILE_ROWS * across;
    /* The rows of the last frequency's panels are next to nothing. */
    const size_t a_lines = p->a_step / HWV_CACHE_LINE, b_lines = p->transposed ? p->b_step / HWV_CACHE_LINE : 0;
    streams s;
    s.count = 0;
    for (size_t n = 0; n < HWV_WINOGRAD_NEXT; n++)
        if (p->next[n].lines > 0)
            s.next[s.count++] = stream_of(p->next[n], count * (p->end - p->first));
    for (size_t f = p->first; f < p->end; f++) {
        const float *a = p->a + f * p->a_step, *b = p->b + f * p->b_step;
        float *c = p->c + f * p->c_step;
        const bool more = f + 1 < p->end;
        s.a = stream_of((hwv_winograd_next){a + p->a_step, more ? a_lines : 0}, count);
        s.b = stream_of((hwv_winograd_next){b + p->b_step, more ? b_lines : 0}, count);
        for (size_t j = 0; j < p->columns; j += HWV_PANEL) {
            const size_t left = p->columns - j;
            multiply_panel(p, &s, left < HWV_PANEL ? left : HWV_PANEL, a, b, c);
            b += p->b_panel;
            c += p->c_panel;
        }
    }
}
