/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Weight gradients in vector words: tiles of channels by filters, summed over pixels. */
#include <stdalign.h>

#include "linalg/conv_kernels.h"
#include "simd/simd.h"
#include "simd/transpose.h"

/* Tallest tiles of one and of two vectors. Where there are registers for it one row more than in matrix products: three
 * taps of three channels. */
#if defined(HWV_SIMD_avx512) || defined(HWV_SIMD_neon)
#define ROWS_1 16
#define ROWS_2 9
#elif defined(HWV_SIMD_avx2)
#define ROWS_1 12
#define ROWS_2 6
#else
#define ROWS_1 8
#define ROWS_2 4
#endif

#include "linalg/tile_heights.h"

#define VECTORS HWV_TILE_VECTORS

HWV_WORD void sum_body(const size_t rows, const size_t vectors, const hwv_conv_sum *s, const float *a, const float *b,
                       float *c)
{
    vf sum[ROWS_1][VECTORS];
    const size_t depth = s->depth, a_stride = s->a_stride, b_stride = s->b_stride, c_stride = s->c_stride;

    HWV_UNROLL
    for (size_t i = 0; i < rows; i++) {
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++)
            sum[i][v] = v_zero();
    }
    if (s->accumulate) {
        HWV_UNROLL
        for (size_t i = 0; i < rows; i++) {
            HWV_UNROLL
            for (size_t v = 0; v < vectors; v++)
                sum[i][v] = v_load(c + i * c_stride + v * V_LANES);
        }
    }
    const float *next = s->next;
    for (size_t n = 0; n < s->images; n++) {
        for (size_t l = 0; l < s->lines; l++) {
            const float *as = a + n * s->a_image + l * s->a_line, *bs = b + n * s->b_image + l * s->b_line;
            for (size_t p = 0; p < s->next_lines; p++)
                v_prefetch(next + p * HWV_CACHE_LINE);
            next += s->next_lines * HWV_CACHE_LINE;
            for (size_t k = 0; k < depth; k++) {
                vf bv[VECTORS];
                HWV_UNROLL
                for (size_t v = 0; v < vectors; v++)
                    bv[v] = v_load(bs + v * V_LANES);
                HWV_UNROLL
                for (size_t i = 0; i < rows; i++) {
                    vf av = v_set(as[i]);
                    HWV_UNROLL
                    for (size_t v = 0; v < vectors; v++)
                        sum[i][v] = v_fma(av, bv[v], sum[i][v]);
                }
                as += a_stride;
                bs += b_stride;
            }
        }
    }
    HWV_UNROLL
    for (size_t i = 0; i < rows; i++) {
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++)
            v_store(c + i * c_stride + v * V_LANES, sum[i][v]);
    }
}

#define SUM(ROWS_, VECTORS_)                                                                                           \
    static void sum_##ROWS_##x##VECTORS_(const hwv_conv_sum *s, const float *a, const float *b, float *c)              \
    {                                                                                                                  \
        sum_body(ROWS_, VECTORS_, s, a, b, c);                                                                         \
    }

EACH_1(SUM)
EACH_2(SUM)

#define ENTRY(ROWS_, VECTORS_) [ROWS_ - 1] = sum_##ROWS_##x##VECTORS_,

/* Gradients turned at a time. */
#define CHUNK ((size_t)16)

/* The sum over shards of one channel and tap, for all filters of the panel. */
HWV_WORD void add_shards(float *to, const float *from, size_t width, size_t shards, size_t shard_floats)
{
    for (size_t f = 0; f < width; f += V_LANES) {
        vf sum = shards > 0 ? v_load(from + f) : v_zero();
        for (size_t s = 1; s < shards; s++)
            sum = v_add(sum, v_load(from + s * shard_floats + f));
        v_store(to + f, sum);
    }
}

HWV_WORD void add_chunk(float *to, const float *from, size_t n, bool accumulate)
{
    size_t i = 0;
    for (; i + V_LANES <= n; i += V_LANES) {
        const vf v = v_load(from + i);
        v_store(to + i, accumulate ? v_add(v_load(to + i), v) : v);
    }
    for (; i < n; i++)
        to[i] = accumulate ? to[i] + from[i] : from[i];
}

static void combine(const hwv_conv_sums *g, size_t first, size_t end, float *out)
{
    /* On cache lines of their own: left to chance, it took twice the time. */
    alignas(64) float rows[CHUNK][HWV_PANEL];
    alignas(64) float turned[HWV_PANEL][CHUNK];
    const size_t stop = end * g->taps;
    size_t channel = first, tap = 0, n;
    for (size_t at = first * g->taps; at < stop; at += n) {
        n = stop - at < CHUNK ? stop - at : CHUNK;
        for (size_t i = 0; i < n; i++) {
            add_shards(rows[i], g->sums + (tap * g->depth + channel) * g->stride, g->width, g->shards, g->shard_floats);
            if (++tap == g->taps) {
                tap = 0;
                channel++;
            }
        }
        for (size_t f = 0; f < g->width; f += V_TURN)
            for (size_t i = 0; i < n; i += V_TURN)
                v_turn(&turned[f][i], CHUNK, &rows[i][f], HWV_PANEL, n - i < V_TURN ? n - i : V_TURN, V_TURN);
        for (size_t f = 0; f < g->filters; f++)
            add_chunk(out + f * g->depth * g->taps + at, turned[f], n, g->accumulate);
    }
}

extern const hwv_conv_weight_kernels HWV_ISA(hwv_conv_weight_kernels);
const hwv_conv_weight_kernels HWV_ISA(hwv_conv_weight_kernels) = {
    {ROWS_1, ROWS_2}, {{EACH_1(ENTRY)}, {EACH_2(ENTRY)}}, combine};
