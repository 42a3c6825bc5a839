/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Lines of output pixels, cut into tiles. */
#include "linalg/conv_pass.h"

#include <stdint.h>

#include "halfwave/isa.h"
#include "linalg/dispatch.h"

/* Smallest o with o * step >= at. */
static size_t outputs_below(ptrdiff_t at, size_t step)
{
    return at <= 0 ? 0 : hwv_conv_parts((size_t)at, step);
}

hwv_conv_range hwv_conv_outputs(size_t in, size_t out, size_t step, ptrdiff_t offset, size_t tap)
{
    const ptrdiff_t start = -offset - (ptrdiff_t)tap;
    return (hwv_conv_range){outputs_below(start, step),
                            hwv_conv_least(outputs_below(start + (ptrdiff_t)in, step), out)};
}

hwv_conv_range hwv_conv_taps(size_t in, size_t taps, size_t step, ptrdiff_t offset, size_t output)
{
    const ptrdiff_t first = (ptrdiff_t)(output * step) + offset, end = (ptrdiff_t)in - first;
    return (hwv_conv_range){first < 0 ? (size_t)-first : 0, end < 0 ? 0 : hwv_conv_least(taps, (size_t)end)};
}

/* The segments of a tile; SIZE_MAX when one would be cut at both ends. */
static size_t segments_of(const hwv_conv_pass *p, size_t column, size_t rows, hwv_conv_segment *segments)
{
    const bool contiguous = p->in_pixel == p->depth;
    size_t count = 0;
    for (size_t tap = 0; tap < p->taps[1]; tap++) {
        hwv_conv_range range = hwv_conv_outputs(p->in_size[1], p->out_size[1], p->step[1], p->offset[1], tap);
        size_t first = range.first > column ? range.first : column, end = hwv_conv_least(range.end, column + rows);
        if (first >= end)
            continue;
        size_t before = first - column, after = column + rows - end;
        if (before > 0 && after > 0)
            return SIZE_MAX;
        hwv_conv_segment *s = &segments[count];
        s->a = ((size_t)((ptrdiff_t)(first * p->step[1] + tap) + p->offset[1])) * p->in_pixel;
        s->b = tap * p->depth * HWV_PANEL;
        s->depth = p->depth;
        s->cut = before > 0 ? before : after > 0 ? HWV_TILE_ROWS + after : 0;
        if (contiguous && count > 0 && s->cut == 0 && s[-1].cut == 0)
            s[-1].depth += p->depth;
        else
            count++;
    }
    return count;
}

/* One tile column of `rows` pixels, over the lines of a block. */
typedef struct block {
    const hwv_conv_pass *pass;
    const hwv_linalg_kernels *kernels;
    const float *in;
    float *out;
    size_t first, end; /* lines */
    hwv_conv_segment *segments;
} block;

static void tile_column(const block *k, size_t group, size_t column, size_t rows, size_t count)
{
    const hwv_conv_pass *p = k->pass;
    const size_t wide = HWV_TILE_VECTORS * k->kernels->gemm->lanes, panel_floats = hwv_conv_panel_floats(p);
    const size_t panels = hwv_conv_parts(p->columns, HWV_PANEL), tap_line = p->taps[1] * p->depth * HWV_PANEL;
    hwv_conv_tile tile;
    tile.a_batch = p->in_size[1] * p->in_pixel;
    tile.b_batch = tap_line;
    tile.a_stride = p->step[1] * p->in_pixel;
    tile.c_stride = p->out_pixel;
    tile.segments = k->segments;
    tile.count = count;
    for (size_t j = 0; j < p->columns; j += wide) {
        const size_t columns = hwv_conv_least(wide, p->columns - j), at = group * p->columns + j;
        const float *panel = p->panels + (group * panels + j / HWV_PANEL) * panel_floats + j % HWV_PANEL;
        const float *bias = p->bias ? p->bias + at : NULL;
        hwv_conv_tile_function *run = k->kernels->conv->tiles[columns > k->kernels->gemm->lanes ? 1 : 0][rows - 1];
        for (size_t line = k->first; line < k->end; line++) {
            hwv_conv_range taps = hwv_conv_taps(p->in_size[0], p->taps[0], p->step[0], p->offset[0], line);
            size_t from = 0;
            tile.batch = 0;
            if (taps.first < taps.end) {
                tile.batch = taps.end - taps.first;
                from = (size_t)((ptrdiff_t)(line * p->step[0] + taps.first) + p->offset[0]) * tile.a_batch;
            }
            run(&tile, k->in + from + group * p->depth, panel + taps.first * tap_line,
                k->out + line * p->out_line + column * p->out_pixel + at, columns, bias);
        }
    }
}

/* Pixels column .. column+rows-1; halved where a tap is cut at both ends. */
static void cut_column(const block *k, size_t group, size_t column, size_t rows)
{
    size_t count = segments_of(k->pass, column, rows, k->segments);
    if (count == SIZE_MAX) {
        cut_column(k, group, column, rows / 2);
        cut_column(k, group, column + rows / 2, rows - rows / 2);
        return;
    }
    tile_column(k, group, column, rows, count);
}

void hwv_conv_lines(const hwv_conv_pass *p, size_t image, size_t first, size_t end, hwv_conv_segment *segments)
{
    const hwv_linalg_kernels *kernels = hwv_linalg_kernels_of(hwv_isa_current());
    const block k = {
        p,   kernels, p->in + image * p->in_size[0] * p->in_size[1] * p->in_pixel, p->out + image * p->out_image, first,
        end, segments};
    const size_t width = p->out_size[1], tiles = hwv_conv_parts(width, kernels->gemm->rows);
    for (size_t group = 0; group < p->groups; group++) {
        for (size_t t = 0; t < tiles; t++) {
            size_t column = hwv_conv_part_start(width, tiles, t);
            cut_column(&k, group, column, hwv_conv_part_start(width, tiles, t + 1) - column);
        }
    }
}
