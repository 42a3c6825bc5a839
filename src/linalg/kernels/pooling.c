/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pooling in vector words: a vector is V_LANES channels of one pixel. Every body is inlined into a whole vector and a
 * tail of n channels, and into windows of 2 x 2 that do not overlap and any others. */
#include <math.h>
#include <string.h>

#include "linalg/dispatch.h"
#include "linalg/pooling.h"
#include "simd/integers.h"
#include "simd/simd.h"

typedef enum pool_method { MAXIMUM, MAXIMUM_TAPS, MEAN } pool_method;

/* Taps of a window, or windows over a pixel: [from, to). */
typedef struct span {
    size_t from, to;
} span;

/* Taps of window o that lie inside, along dimension d. */
HWV_WORD span taps_inside(const hwv_pooling *p, size_t d, size_t o)
{
    const size_t size = d == 0 ? p->height : p->width, pad = p->pad_before[d], start = o * p->stride[d];
    const size_t most = size + pad - start;
    return (span){pad > start ? pad - start : 0, most < p->kernel[d] ? most : p->kernel[d]};
}

static bool two_by_two(const hwv_pooling *p)
{
    return p->kernel[0] == 2 && p->kernel[1] == 2 && hwv_pooling_apart(p);
}

/* ---- forward ------------------------------------------------------------------------------------- */

/* A window in progress: the sum, or the maximum and its tap. */
typedef struct window {
    vf value;
    vi tap;
} window;

HWV_WORD window window_add(const pool_method method, window w, vf x, size_t tap)
{
    if (method == MEAN)
        return (window){v_add(w.value, x), w.tap};
    const vm wins = vm_or(v_gt(x, w.value), v_unordered(x, x));
    w.value = v_select(wins, x, w.value);
    if (method == MAXIMUM_TAPS)
        w.tap = v_as_i(v_select(wins, v_as_f(vi_set((int32_t)tap)), v_as_f(w.tap)));
    return w;
}

/* What a pixel of y is made of. x: the first tap inside; down: elements from row to row. */
typedef struct pixel {
    span ky, kx;
    size_t width; /* of the kernel */
    size_t channels, down;
    float divisor;
    const float *x;
    float *y;
    uint8_t *taps;
} pixel;

HWV_WORD void vector_forward(const pool_method method, const bool two, const size_t n, const pixel *p, size_t c)
{
    window w = {method == MEAN ? v_zero() : v_set(-INFINITY), vi_set((int32_t)(p->ky.from * p->width + p->kx.from))};
    const float *x = p->x + c;
    if (two) {
        w = (window){v_load_part(x, n), vi_set(0)};
        HWV_UNROLL
        for (size_t tap = 1; tap < 4; tap++)
            w = window_add(method, w, v_load_part(x + tap / 2 * p->down + tap % 2 * p->channels, n), tap);
    } else {
        for (size_t ky = p->ky.from; ky < p->ky.to; ky++, x += p->down)
            for (size_t kx = p->kx.from; kx < p->kx.to; kx++)
                w = window_add(method, w, v_load_part(x + (kx - p->kx.from) * p->channels, n), ky * p->width + kx);
    }
    v_store_part(p->y + c, method == MEAN ? v_div(w.value, v_set(p->divisor)) : w.value, n);
    if (method == MAXIMUM_TAPS && n == V_LANES)
        vi_store_u8(p->taps + c, w.tap);
    else if (method == MAXIMUM_TAPS)
        vi_store_u8_n(p->taps + c, w.tap, n);
}

HWV_WORD void pixel_forward(const pool_method method, const bool two, const pixel *p)
{
    size_t c = 0;
    for (; c + V_LANES <= p->channels; c += V_LANES)
        vector_forward(method, two, V_LANES, p, c);
    if (c < p->channels)
        vector_forward(method, two, p->channels - c, p, c);
}

/* Rows of y, counted through all images. */
HWV_WORD void rows_forward(const pool_method method, const bool two, const hwv_pooling *p, size_t first, size_t rows,
                           const float *x, float *y, uint8_t *taps)
{
    const size_t height = hwv_pooling_height(p), width = hwv_pooling_width(p), channels = p->channels;
    pixel at = {{0, 2}, {0, 2}, p->kernel[1], channels, p->width * channels, 0, NULL, NULL, NULL};
    for (size_t row = first; row < first + rows; row++) {
        const size_t oy = row % height;
        if (!two)
            at.ky = taps_inside(p, 0, oy);
        const float *top = x + (row / height * p->height + oy * p->stride[0] + at.ky.from - p->pad_before[0]) * at.down;
        for (size_t ox = 0; ox < width; ox++) {
            if (!two)
                at.kx = taps_inside(p, 1, ox);
            const size_t inside = (at.ky.to - at.ky.from) * (at.kx.to - at.kx.from);
            at.divisor = (float)(p->count_pad ? p->kernel[0] * p->kernel[1] : inside);
            at.x = top + (ox * p->stride[1] + at.kx.from - p->pad_before[1]) * channels;
            at.y = y + (row * width + ox) * channels;
            at.taps = taps ? taps + (row * width + ox) * channels : NULL;
            pixel_forward(method, two, &at);
        }
    }
}

static void max_forward(const hwv_pooling *p, size_t first, size_t rows, const float *x, float *y, uint8_t *taps)
{
    const bool two = two_by_two(p);
    if (taps && two)
        rows_forward(MAXIMUM_TAPS, true, p, first, rows, x, y, taps);
    else if (taps)
        rows_forward(MAXIMUM_TAPS, false, p, first, rows, x, y, taps);
    else if (two)
        rows_forward(MAXIMUM, true, p, first, rows, x, y, NULL);
    else
        rows_forward(MAXIMUM, false, p, first, rows, x, y, NULL);
}

static void average_forward(const hwv_pooling *p, size_t first, size_t rows, const float *x, float *y)
{
    if (two_by_two(p))
        rows_forward(MEAN, true, p, first, rows, x, y, NULL);
    else
        rows_forward(MEAN, false, p, first, rows, x, y, NULL);
}

/* ---- backward ------------------------------------------------------------------------------------ */

/* n channels of one y: its gradient, and the winner's tap. */
typedef struct source {
    vf dy;
    vi winner;
} source;

HWV_WORD source source_load(const bool maximum, const size_t n, const float *dy, const uint8_t *taps)
{
    source s = {v_load_part(dy, n), vi_set(0)};
    if (maximum)
        s.winner = n == V_LANES ? vi_load_u8(taps) : vi_load_u8_n(taps, n);
    return s;
}

/* What it gives to its tap number `tap`: everything to the winner, or an equal share to each. */
HWV_WORD vf source_give(const bool maximum, source s, size_t tap, float share)
{
    return maximum ? v_keep(vi_eq(s.winner, vi_set((int32_t)tap)), s.dy) : v_mul(s.dy, v_set(share));
}

/* Windows that lie apart, without a gap between them: each is spread over its taps. */
HWV_WORD void vector_spread(const bool maximum, const bool two, const size_t n, const hwv_pooling *p, float share,
                            const float *dy, const uint8_t *taps, float *dx)
{
    const source s = source_load(maximum, n, dy, taps);
    const size_t width = p->kernel[1], down = p->width * p->channels;
    if (two) {
        HWV_UNROLL
        for (size_t tap = 0; tap < 4; tap++)
            v_store_part(dx + tap / 2 * down + tap % 2 * p->channels, source_give(maximum, s, tap, share), n);
    } else {
        for (size_t ky = 0; ky < p->kernel[0]; ky++)
            for (size_t kx = 0; kx < width; kx++)
                v_store_part(dx + ky * down + kx * p->channels, source_give(maximum, s, ky * width + kx, share), n);
    }
}

/* Rows of y; the pixels of x that no window reaches, to the right and below, become zero. */
HWV_WORD void rows_spread(const bool maximum, const bool two, const hwv_pooling *p, size_t first, size_t rows,
                          const float *dy, const uint8_t *taps, float *dx)
{
    const size_t height = hwv_pooling_height(p), width = hwv_pooling_width(p), channels = p->channels;
    const size_t down = p->width * channels, reached = width * p->kernel[1] * channels;
    const float share = 1.0f / (float)(p->kernel[0] * p->kernel[1]);
    for (size_t row = first; row < first + rows; row++) {
        float *top = dx + (row / height * p->height + row % height * p->kernel[0]) * down;
        for (size_t ox = 0; ox < width; ox++) {
            const size_t from = (row * width + ox) * channels;
            float *to = top + ox * p->kernel[1] * channels;
            size_t c = 0;
            for (; c + V_LANES <= channels; c += V_LANES)
                vector_spread(maximum, two, V_LANES, p, share, dy + from + c, maximum ? taps + from + c : NULL, to + c);
            if (c < channels)
                vector_spread(maximum, two, channels - c, p, share, dy + from + c, maximum ? taps + from + c : NULL,
                              to + c);
        }
        for (size_t ky = 0; ky < p->kernel[0]; ky++)
            memset(top + ky * down + reached, 0, (down - reached) * sizeof *dx);
        if (row % height == height - 1)
            memset(top + p->kernel[0] * down, 0, (p->height - height * p->kernel[0]) * down * sizeof *dx);
    }
}

/* Windows that reach row i, of `count`. */
HWV_WORD span windows_over(const hwv_pooling *p, size_t i, size_t count)
{
    const size_t at = i + p->pad_before[0], last = at / p->stride[0] + 1;
    const size_t from = at < p->kernel[0] ? 0 : (at - p->kernel[0]) / p->stride[0] + 1;
    return (span){from, last < count ? last : count};
}

/* Adds what a window gives to n channels of its taps, of which the first lies at dx. */
HWV_WORD void vector_add(const bool maximum, const size_t n, const hwv_pooling *p, span ky, span kx, float share,
                         const float *dy, const uint8_t *taps, float *dx)
{
    const source s = source_load(maximum, n, dy, taps);
    for (size_t y = ky.from; y < ky.to; y++, dx += p->width * p->channels)
        for (size_t x = kx.from; x < kx.to; x++) {
            float *to = dx + (x - kx.from) * p->channels;
            v_store_part(to, v_add(v_load_part(to, n), source_give(maximum, s, y * p->kernel[1] + x, share)), n);
        }
}

/* A row of windows, of which the taps ky are added; dx: the row of x of the first. */
HWV_WORD void row_add(const bool maximum, const hwv_pooling *p, span ky, size_t down, const float *dy,
                      const uint8_t *taps, float *dx)
{
    const size_t width = hwv_pooling_width(p), channels = p->channels;
    for (size_t ox = 0; ox < width; ox++) {
        const span kx = taps_inside(p, 1, ox);
        const float share = 1.0f / (float)(p->count_pad ? p->kernel[0] * p->kernel[1] : down * (kx.to - kx.from));
        const size_t from = ox * channels, to = (ox * p->stride[1] + kx.from - p->pad_before[1]) * channels;
        size_t c = 0;
        for (; c + V_LANES <= channels; c += V_LANES)
            vector_add(maximum, V_LANES, p, ky, kx, share, dy + from + c, maximum ? taps + from + c : NULL,
                       dx + to + c);
        if (c < channels)
            vector_add(maximum, channels - c, p, ky, kx, share, dy + from + c, maximum ? taps + from + c : NULL,
                       dx + to + c);
    }
}

/* Rows of dx: zeros, to which the windows over them add in their order. */
HWV_WORD void rows_add(const bool maximum, const hwv_pooling *p, size_t first, size_t rows, const float *dy,
                       const uint8_t *taps, float *dx)
{
    const size_t height = hwv_pooling_height(p), in = p->width * p->channels, out = hwv_pooling_width(p) * p->channels;
    memset(dx + first * in, 0, rows * in * sizeof *dx);
    while (rows > 0) { /* of one image */
        const size_t image = first / p->height, top = first % p->height;
        const size_t bottom = p->height - top < rows ? p->height : top + rows, done = bottom - top;
        const size_t stop = windows_over(p, bottom - 1, height).to;
        for (size_t oy = windows_over(p, top, height).from; oy < stop; oy++) {
            const span all = taps_inside(p, 0, oy);
            const size_t start = oy * p->stride[0]; /* tap ky is row start + ky - pad */
            span ky = all;
            if (start + ky.from < top + p->pad_before[0])
                ky.from = top + p->pad_before[0] - start;
            if (start + ky.to > bottom + p->pad_before[0])
                ky.to = bottom + p->pad_before[0] - start;
            const size_t from = (image * height + oy) * out, row = image * p->height + start + ky.from;
            row_add(maximum, p, ky, all.to - all.from, dy + from, maximum ? taps + from : NULL,
                    dx + (row - p->pad_before[0]) * in);
        }
        first += done;
        rows -= done;
    }
}

static void max_backward(const hwv_pooling *p, size_t first, size_t rows, const float *dy, const uint8_t *taps,
                         float *dx)
{
    if (two_by_two(p))
        rows_spread(true, true, p, first, rows, dy, taps, dx);
    else if (hwv_pooling_apart(p))
        rows_spread(true, false, p, first, rows, dy, taps, dx);
    else
        rows_add(true, p, first, rows, dy, taps, dx);
}

static void average_backward(const hwv_pooling *p, size_t first, size_t rows, const float *dy, float *dx)
{
    if (two_by_two(p))
        rows_spread(false, true, p, first, rows, dy, NULL, dx);
    else if (hwv_pooling_apart(p))
        rows_spread(false, false, p, first, rows, dy, NULL, dx);
    else
        rows_add(false, p, first, rows, dy, NULL, dx);
}

extern const hwv_pooling_kernels HWV_ISA(hwv_pooling_kernels);
const hwv_pooling_kernels HWV_ISA(hwv_pooling_kernels) = {max_forward, average_forward, max_backward, average_backward};
