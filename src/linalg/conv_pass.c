/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Lines of output pixels, cut into tiles. */
#include "linalg/conv_pass.h"

#include <stdint.h>

#include "halfwave/isa.h"
#include "linalg/dispatch.h"

/* A sum of so many products is over before its result's place has come from memory. */
#define SHORT ((size_t)80)

/* Rows of a tile so many floats apart share a set of a first-level cache, which holds eight of them but not sixteen. */
#define SAME_SET ((size_t)512)

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

size_t hwv_conv_products_along(const hwv_conv *c, size_t dimension)
{
    const size_t in = dimension == 0 ? c->height : c->width;
    const size_t out = dimension == 0 ? hwv_conv_height(c) : hwv_conv_width(c);
    size_t count = 0;
    for (size_t t = 0; t < c->kernel[dimension]; t++) {
        const hwv_conv_range range =
            hwv_conv_outputs(in, out, c->stride[dimension], -(ptrdiff_t)c->pad_before[dimension], t);
        count += range.end > range.first ? range.end - range.first : 0;
    }
    return count;
}

double hwv_conv_flops(const hwv_conv *c)
{
    return 2.0 * (double)hwv_conv_products_along(c, 0) * (double)hwv_conv_products_along(c, 1) *
           (double)(c->channels / c->groups) * (double)c->filters;
}

/* The segments of a tile; SIZE_MAX when one would be cut at both ends, or by too much. */
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
        if ((before > 0 && after > 0) || before > hwv_conv_cut_most(rows) || after > hwv_conv_cut_most(rows))
            return SIZE_MAX;
        hwv_conv_segment *s = &segments[count];
        s->a = ((size_t)((ptrdiff_t)(first * p->step[1] + tap) + p->offset[1])) * p->in_pixel;
        s->b = tap * p->depth * HWV_PANEL;
        s->depth = p->depth;
        s->cut = before > 0 ? before : after > 0 ? HWV_CONV_CUT_LAST + after : 0;
        if (contiguous && count > 0 && s->cut == 0 && s[-1].cut == 0)
            s[-1].depth += p->depth;
        else
            count++;
    }
    return count;
}

/* What is being computed: two vectors of outputs at most. */
typedef struct run {
    const hwv_conv_pass *pass;
    const hwv_conv_block *block;
    hwv_conv_segment *segments;
    const hwv_linalg_kernels *kernels;
    hwv_conv_tile tile;
    const float *in, *panel; /* of the group; of the vectors */
    float *out;
    const float *bias;
    size_t columns, vectors;
    bool is_short;
    size_t next_left, next_share; /* cache lines: of the next block's input, of each tile's share */
} run;

/* The input of the next block, in equal shares for all tiles of this one. What lies in memory behind the input of this
 * one stands for it: a block of the next lines or images. */
static void plan_next(run *r)
{
    const hwv_conv_pass *p = r->pass;
    const hwv_conv_block *b = r->block;
    const size_t line = p->in_size[1] * p->in_pixel, tallest = r->kernels->conv->rows[1];
    const size_t slices = p->groups * hwv_conv_parts(p->columns, HWV_TILE_VECTORS * r->kernels->gemm->lanes);
    const size_t images = b->end - b->first, lines = b->bottom - b->top;
    const size_t tiles =
        b->across ? p->out_size[1] * hwv_conv_parts(images, tallest) : hwv_conv_parts(p->out_size[1], tallest) * images;
    size_t start = b->end * p->in_image;
    if (b->bottom < p->out_size[0])
        start = (b->end - 1) * p->in_image + hwv_conv_least(b->bottom * p->step[0], p->in_size[0]) * line;
    r->tile.next = p->in + start;
    r->next_left = hwv_conv_least(images * lines * p->step[0] * line, p->images * p->in_image - start) / HWV_CACHE_LINE;
    r->next_share = hwv_conv_parts(r->next_left, tiles * lines * slices);
}

/* Tiles below each other, one on each line of the block. */
static void run_tiles(run *r, size_t rows, const float *in, float *out)
{
    const hwv_conv_pass *p = r->pass;
    hwv_conv_tile_function *function = r->kernels->conv->tiles[r->vectors - 1][rows - 1];
    for (size_t line = r->block->top; line < r->block->bottom; line++) {
        const hwv_conv_range taps = hwv_conv_taps(p->in_size[0], p->taps[0], p->step[0], p->offset[0], line);
        size_t from = 0;
        r->tile.batch = 0;
        if (taps.first < taps.end) {
            r->tile.batch = taps.end - taps.first;
            from = (size_t)((ptrdiff_t)(line * p->step[0] + taps.first) + p->offset[0]) * r->tile.a_batch;
        }
        if (r->is_short)
            r->tile.fetch_c = out + (line + (line + 1 < r->block->bottom)) * p->out_line;
        r->tile.next_lines = hwv_conv_least(r->next_share, r->next_left);
        r->next_left -= r->tile.next_lines;
        function(&r->tile, in + from, r->panel + taps.first * r->tile.b_batch, out + line * p->out_line, r->columns,
                 r->bias);
        if (r->tile.next_lines > 0)
            r->tile.next += r->tile.next_lines * HWV_CACHE_LINE;
    }
}

/* Pixels column .. column+rows-1 of one image; halved where there are no such segments. */
static void run_columns(run *r, size_t image, size_t column, size_t rows)
{
    const hwv_conv_pass *p = r->pass;
    r->tile.count = segments_of(p, column, rows, r->segments);
    if (r->tile.count == SIZE_MAX) {
        run_columns(r, image, column, rows / 2);
        run_columns(r, image, column + rows / 2, rows - rows / 2);
        return;
    }
    run_tiles(r, rows, r->in + image * p->in_image, r->out + image * p->out_image + column * p->out_pixel);
}

/* Tiles of neighbours in a line. */
static void run_lines(run *r)
{
    const size_t width = r->pass->out_size[1], tallest = r->kernels->conv->rows[r->vectors - 1];
    r->tile.a_stride = r->pass->step[1] * r->pass->in_pixel;
    r->tile.c_stride = r->pass->out_pixel;
    for (size_t image = r->block->first; image < r->block->end; image++) {
        for (size_t column = 0, rows; column < width; column += rows) {
            rows = hwv_conv_tile_rows(width - column, tallest);
            run_columns(r, image, column, rows);
        }
    }
}

/* Tiles of the same pixel in several images. */
static void run_across(run *r)
{
    const hwv_conv_pass *p = r->pass;
    const size_t end = r->block->end;
    size_t tallest = r->kernels->conv->rows[r->vectors - 1];
    if (p->in_image % SAME_SET == 0)
        tallest = hwv_conv_least(tallest, HWV_TILE_ROWS);
    r->tile.a_stride = p->in_image;
    r->tile.c_stride = p->out_image;
    for (size_t column = 0; column < p->out_size[1]; column++) {
        r->tile.count = segments_of(p, column, 1, r->segments);
        for (size_t image = r->block->first, rows; image < end; image += rows) {
            rows = hwv_conv_tile_rows(end - image, tallest);
            run_tiles(r, rows, r->in + image * p->in_image, r->out + image * p->out_image + column * p->out_pixel);
        }
    }
}

void hwv_conv_run_block(const hwv_conv_pass *p, const hwv_conv_block *block, hwv_conv_segment *segments)
{
    const hwv_linalg_kernels *kernels = hwv_linalg_kernels_of(hwv_isa_current());
    const size_t wide = HWV_TILE_VECTORS * kernels->gemm->lanes, panels = hwv_conv_parts(p->columns, HWV_PANEL);
    run r = {.pass = p, .block = block, .segments = segments, .kernels = kernels};
    r.tile.segments = segments;
    r.tile.a_batch = p->in_size[1] * p->in_pixel;
    r.tile.b_batch = p->taps[1] * p->depth * HWV_PANEL;
    r.is_short = p->taps[0] * p->taps[1] * p->depth <= SHORT;
    if (block->next)
        plan_next(&r);
    for (size_t group = 0; group < p->groups; group++) {
        r.in = p->in + group * p->depth;
        for (size_t j = 0; j < p->columns; j += wide) {
            const size_t at = group * p->columns + j, panel = group * panels + j / HWV_PANEL;
            r.panel = p->panels + panel * hwv_conv_panel_floats(p) + j % HWV_PANEL;
            r.out = p->out + at;
            r.bias = p->bias ? p->bias + at : NULL;
            r.tile.map = hwv_column_map_at(&p->map, at);
            r.columns = hwv_conv_least(wide, p->columns - j);
            r.vectors = r.columns > kernels->gemm->lanes ? 2 : 1;
            if (block->across)
                run_across(&r);
            else
                run_lines(&r);
        }
    }
}
