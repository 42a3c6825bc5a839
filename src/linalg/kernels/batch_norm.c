/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Batch norm in vector words: strips of channels down groups of rows, so that a strip's numbers stay in registers and
 * a group in the first cache. */
#include "linalg/dispatch.h"
#include "simd/simd.h"

/* Rows of a group that is mapped. */
#define GROUP ((size_t)32)
/* Vectors of a strip: more would not leave registers for what belongs to each. */
#define STRIP ((size_t)2)

/* A pass over the rows of a block, channels from c on: what a strip reads and writes. */
typedef struct strip {
    size_t channels, rows, row, c;
} strip;

/* BODY(vectors, width, at) for all groups of rows and all channels: `vectors` vectors of `width` channels each. */
#define EACH_STRIP(all_rows, all_channels, group, BODY)                                                                \
    for (strip at = {.channels = (all_channels)}; at.row < (all_rows); at.row += (group)) {                            \
        at.rows = (all_rows)-at.row < (group) ? (all_rows)-at.row : (group);                                           \
        for (at.c = 0; at.c + STRIP * V_LANES <= at.channels; at.c += STRIP * V_LANES)                                 \
            BODY(STRIP, V_LANES);                                                                                      \
        for (; at.c + V_LANES <= at.channels; at.c += V_LANES)                                                         \
            BODY(1, V_LANES);                                                                                          \
        if (at.c < at.channels)                                                                                        \
            BODY(1, at.channels - at.c);                                                                               \
    }

/* first += sum of a, second += sum of a * (x - center), with a = dy, or x - center where there is no dy. */
HWV_WORD void sum_strip(const bool of_dy, const size_t vectors, const size_t width, strip at, const float *x,
                        const float *dy, const float *center, float *first, float *second)
{
    vf middle[STRIP], sum[STRIP], product[STRIP];
    HWV_UNROLL
    for (size_t v = 0; v < vectors; v++) {
        middle[v] = v_load_part(center + at.c + v * V_LANES, width);
        sum[v] = product[v] = v_zero();
    }
    for (size_t i = at.row; i < at.row + at.rows; i++) {
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++) {
            const size_t from = i * at.channels + at.c + v * V_LANES;
            const vf d = v_sub(v_load_part(x + from, width), middle[v]), a = of_dy ? v_load_part(dy + from, width) : d;
            sum[v] = v_add(sum[v], a);
            product[v] = v_fma(a, d, product[v]);
        }
    }
    HWV_UNROLL
    for (size_t v = 0; v < vectors; v++) {
        float *to = first + at.c + v * V_LANES, *other = second + at.c + v * V_LANES;
        v_store_part(to, v_add(v_load_part(to, width), sum[v]), width);
        v_store_part(other, v_add(v_load_part(other, width), product[v]), width);
    }
}

static void moments(size_t rows, size_t channels, size_t group, const float *x, const float *center, float *sum,
                    float *square)
{
#define SUM(vectors, width) sum_strip(false, vectors, width, at, x, NULL, center, sum, square)
    EACH_STRIP(rows, channels, group, SUM)
#undef SUM
}

static void sums(size_t rows, size_t channels, size_t group, const float *x, const float *dy, const float *center,
                 float *sum, float *product){
#define SUM(vectors, width) sum_strip(true, vectors, width, at, x, dy, center, sum, product)
    EACH_STRIP(rows, channels, group, SUM)
#undef SUM
}

/* to = (x - center) * scale + offset, or + slope * dy where there is a dy. */
HWV_WORD void map_strip(const bool of_dy, const size_t vectors, const size_t width, strip at, const float *x,
                        const float *dy, const hwv_batch_norm_map *map, float *to)
{
    vf center[STRIP], scale[STRIP], offset[STRIP], slope[STRIP];
    HWV_UNROLL
    for (size_t v = 0; v < vectors; v++) {
        const size_t c = at.c + v * V_LANES;
        center[v] = v_load_part(map->center + c, width);
        scale[v] = v_load_part(map->scale + c, width);
        offset[v] = v_load_part(map->offset + c, width);
        slope[v] = of_dy ? v_load_part(map->slope + c, width) : v_zero();
    }
    for (size_t i = at.row; i < at.row + at.rows; i++) {
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++) {
            const size_t from = i * at.channels + at.c + v * V_LANES;
            vf y = v_fma(v_sub(v_load_part(x + from, width), center[v]), scale[v], offset[v]);
            if (of_dy)
                y = v_fma(v_load_part(dy + from, width), slope[v], y);
            v_store_part(to + from, y, width);
        }
    }
}

static void map(size_t rows, const hwv_batch_norm_map *m, const float *x, const float *dy, float *to)
{
#define MAP(vectors, width)    map_strip(false, vectors, width, at, x, NULL, m, to)
#define MAP_DY(vectors, width) map_strip(true, vectors, width, at, x, dy, m, to)
    if (dy) {
        EACH_STRIP(rows, m->channels, GROUP, MAP_DY)
    } else {
        EACH_STRIP(rows, m->channels, GROUP, MAP)
    }
#undef MAP
#undef MAP_DY
}

extern const hwv_batch_norm_kernels HWV_ISA(hwv_batch_norm_kernels);
const hwv_batch_norm_kernels HWV_ISA(hwv_batch_norm_kernels) = {moments, sums, map};
