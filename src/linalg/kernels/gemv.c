/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Products of one vector with a matrix in vector words. Narrow panels are summed in registers while rows go by: the matrix
 * is read from its beginning to its end. Of wide ones several rows at a time go over the sums, which stay in the first-level
 * cache: rows that a list leaves out cost no more than the end of a stream of 4 KiB. */
#include "linalg/dispatch.h"
#include "simd/integers.h"
#include "simd/simd.h"

/* Vectors that are summed at a time; narrower sets go over a group of rows several times, while it is in the cache. */
#define CHAINS ((size_t)8)
#define GROUP  ((size_t)64)
/* Rows of a list that are asked for ahead. */
#define AHEAD ((size_t)8)
#define LINE  ((size_t)16) /* floats of a line of the cache */
/* Rows of a wide panel that are read at a time, and lines of each of the next ones that are asked for meanwhile. */
#define ROWS  ((size_t)8)
#define LINES ((size_t)2)
#define ASKED ((size_t)256) /* at this column */

extern const hwv_gemv_kernels HWV_ISA(hwv_gemv_kernels);

/* A panel, and the numbers of those of its rows that count: NULL for all. */
typedef struct panel {
    const float *w, *x;
    size_t stride;
    const int32_t *rows;
    size_t count;
} panel;

/* ---- narrow panels -------------------------------------------------------------------------------------- */

/* Columns of `vectors` vectors, each `width` wide: a whole vector, or the last columns. w: the first of them. */
HWV_WORD void tile_body(const size_t vectors, size_t width, const bool listed, const panel *p, size_t column,
                        size_t from, size_t end, float *y)
{
    const float *w = p->w + column, *x = p->x;
    const int32_t *rows = p->rows;
    const size_t stride = p->stride, last = p->count - 1;
    vf sum[CHAINS];
    HWV_UNROLL
    for (size_t v = 0; v < vectors; v++)
        sum[v] = from == 0 ? v_zero() : v_load_part(y + v * V_LANES, width);
    for (size_t i = from; i < end; i++) {
        const size_t row = listed ? (size_t)rows[i] : i;
        if (listed) {
            const float *next = w + (size_t)rows[i + AHEAD < last ? i + AHEAD : last] * stride;
            HWV_UNROLL
            for (size_t j = 0; j < vectors * V_LANES; j += LINE)
                v_prefetch(next + j);
        }
        const vf factor = v_set(x[row]);
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++)
            sum[v] = v_fma(factor, v_load_part(w + row * stride + v * V_LANES, width), sum[v]);
    }
    HWV_UNROLL
    for (size_t v = 0; v < vectors; v++)
        v_store_part(y + v * V_LANES, sum[v], width);
}

HWV_WORD void rows_body(const bool listed, const panel *p, size_t from, size_t end, size_t cols, float *y)
{
    size_t c = 0;
    for (; cols - c >= CHAINS * V_LANES; c += CHAINS * V_LANES)
        tile_body(CHAINS, V_LANES, listed, p, c, from, end, y + c);
    for (; cols - c >= 2 * V_LANES; c += 2 * V_LANES)
        tile_body(2, V_LANES, listed, p, c, from, end, y + c);
    for (; cols - c >= V_LANES; c += V_LANES)
        tile_body(1, V_LANES, listed, p, c, from, end, y + c);
    if (c < cols)
        tile_body(1, cols - c, listed, p, c, from, end, y + c);
}

static void narrow_add(const panel *p, size_t cols, float *y)
{
    for (size_t from = 0; from < p->count; from += GROUP) {
        const size_t end = p->count - from < GROUP ? p->count : from + GROUP;
        if (p->rows)
            rows_body(true, p, from, end, cols, y);
        else
            rows_body(false, p, from, end, cols, y);
    }
}

/* ---- wide panels ------------------------------------------------------------------------------------------ */

/* The rows of one go. */
typedef struct group {
    const float *row[ROWS];
    float x[ROWS];
    size_t count;
} group;

static group group_of(const panel *p, size_t first)
{
    const size_t left = p->count - first;
    group g = {.count = left < ROWS ? left : ROWS};
    for (size_t r = 0; r < g.count; r++) {
        const size_t row = p->rows ? (size_t)p->rows[first + r] : first + r;
        g.row[r] = p->w + row * p->stride;
        g.x[r] = p->x[row];
    }
    return g;
}

/* The beginnings of rows: what follows comes by itself. */
static void ask(const group *g)
{
    for (size_t r = 0; r < g->count; r++)
        for (size_t line = 0; line < LINES; line++)
            v_prefetch(g->row[r] + line * LINE);
}

HWV_WORD vf add_rows(const size_t count, const float *const *row, const vf *x, size_t j, vf sum)
{
    HWV_UNROLL
    for (size_t r = 0; r < count; r++)
        sum = v_fma(x[r], v_load(row[r] + j), sum);
    return sum;
}

/* The last columns, fewer than a vector has. */
static void tail_add(const group *g, bool begin, size_t j, size_t width, float *y)
{
    vf sum = begin ? v_zero() : v_load_n(y + j, width);
    for (size_t r = 0; r < g->count; r++)
        sum = v_fma(v_set(g->x[r]), v_load_n(g->row[r] + j, width), sum);
    v_store_n(y + j, sum, width);
}

HWV_WORD void group_body(const size_t count, const group *g, const group *next, bool begin, size_t cols, float *y)
{
    const float *row[ROWS];
    vf x[ROWS];
    size_t j = 0;
    HWV_UNROLL
    for (size_t r = 0; r < count; r++) { /* what y cannot overlap stays in registers */
        row[r] = g->row[r];
        x[r] = v_set(g->x[r]);
    }
    for (; cols - j >= V_LANES; j += V_LANES) {
        if (j == ASKED)
            ask(next);
        v_store(y + j, add_rows(count, row, x, j, begin ? v_zero() : v_load(y + j)));
    }
    if (j < cols)
        tail_add(g, begin, j, cols - j, y);
}

/* A constant for the compiler of what is known at run time. */
#define GROUP_OF(COUNT)                                                                                                \
    case COUNT:                                                                                                        \
        group_body(COUNT, g, next, begin, cols, y);                                                                    \
        break;

static void group_add(const group *g, const group *next, bool begin, size_t cols, float *y)
{
    switch (g->count) {
        GROUP_OF(1)
        GROUP_OF(2)
        GROUP_OF(3)
        GROUP_OF(4)
        GROUP_OF(5)
        GROUP_OF(6)
        GROUP_OF(7)
    default:
        if (begin)
            group_body(ROWS, g, next, true, cols, y);
        else
            group_body(ROWS, g, next, false, cols, y);
    }
}

static void wide_add(const panel *p, size_t cols, float *y)
{
    group now = group_of(p, 0);
    for (size_t i = 0; i < p->count; i += ROWS) {
        const group next = group_of(p, p->count - i > ROWS ? i + ROWS : p->count);
        group_add(&now, &next, i == 0, cols, y);
        now = next;
    }
}

/* ---- both ---------------------------------------------------------------------------------------------------- */

/* y = (y + 0) + bias */
static void finish(size_t cols, const float *bias, float *y)
{
    for (size_t j = 0; j < cols; j += V_LANES) {
        const size_t width = cols - j < V_LANES ? cols - j : V_LANES;
        vf sum = v_add(v_load_part(y + j, width), v_zero());
        if (bias)
            sum = v_add(sum, v_load_part(bias + j, width));
        v_store_part(y + j, sum, width);
    }
}

static void panel_run(const panel *p, bool narrow, size_t cols, const float *bias, float *y)
{
    for (size_t j = 0; p->count == 0 && j < cols; j++)
        y[j] = 0;
    if (p->count > 0 && narrow)
        narrow_add(p, cols, y);
    else if (p->count > 0)
        wide_add(p, cols, y);
    finish(cols, bias, y);
}

static void run(const hwv_gemv *gemv, const float *x, const int32_t *rows, size_t count, size_t first, size_t cols,
                const float *bias, float *y)
{
    const size_t width = gemv->width;
    for (size_t c = 0; c < cols; c += width) {
        const panel p = {gemv->w + (first + c) / width * gemv->panel, x, gemv->stride, rows, count};
        panel_run(&p, width <= HWV_GEMV_NARROW, cols - c < width ? cols - c : width, bias ? bias + c : NULL, y + c);
    }
}

static size_t nonzero(size_t n, const float *x, int32_t *rows)
{
    int32_t lane[V_LANES];
    size_t count = 0;
    for (size_t i = 0; i < V_LANES; i++)
        lane[i] = (int32_t)i;
    vi number = vi_load(lane);
    for (size_t i = 0; i < n; i += V_LANES) {
        const vf a = v_load_part(x + i, n - i < V_LANES ? n - i : V_LANES);
        count += vi_store_packed(rows + count, number, v_ne(a, v_zero()));
        number = vi_add(number, vi_set(V_LANES));
    }
    return count;
}

/* 0 times a number that is not finite is none. */
static bool finite(size_t n, const float *x)
{
    vf zero = v_zero();
    for (size_t i = 0; i < n; i += V_LANES)
        zero = v_fma(v_load_part(x + i, n - i < V_LANES ? n - i : V_LANES), v_zero(), zero);
    return !vm_any(v_unordered(zero, zero));
}

const hwv_gemv_kernels HWV_ISA(hwv_gemv_kernels) = {run, nonzero, finite};
