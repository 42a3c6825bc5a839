/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Passes over channels that meet no other channel. Lanes are channels: where all taps lie inside, tiles are pixels of a
 * line, which share their weights; other pixels stand alone, and their tiles are channels. */
#include "halfwave/isa.h"
#include "linalg/conv_pass.h"
#include "linalg/dispatch.h"

void hwv_depthwise_pack(const hwv_conv_pass *p, const hwv_conv_packing *k, float *to)
{
    const size_t area = k->kernel[0] * k->kernel[1];
    for (size_t y = 0; y < p->taps[0]; y++)
        for (size_t x = 0; x < p->taps[1]; x++)
            for (size_t c = 0; c < p->groups; c++)
                *to++ = k->weight[c * area + hwv_conv_packed_tap(k, y, x)];
}

/* What does not change along a line. */
typedef struct line {
    const hwv_conv_pass *pass;
    const hwv_depthwise_kernels *kernels;
    hwv_depthwise_tap *taps;
    const float *in;
    float *out;
    size_t number;
    hwv_conv_range rows; /* of taps */
} line;

/* The taps of pixel `column`, of the columns given. */
static hwv_depthwise_tile tile_of(const line *l, size_t column, hwv_conv_range columns)
{
    const hwv_conv_pass *p = l->pass;
    hwv_depthwise_tile tile = {.taps = l->taps};
    for (size_t y = l->rows.first; y < l->rows.end; y++) {
        const size_t in_line = (size_t)((ptrdiff_t)(l->number * p->step[0] + y) + p->offset[0]);
        for (size_t x = columns.first; x < columns.end; x++) {
            const size_t at = (size_t)((ptrdiff_t)(column * p->step[1] + x) + p->offset[1]);
            l->taps[tile.count].a = (in_line * p->in_size[1] + at) * p->in_pixel;
            l->taps[tile.count++].b = (y * p->taps[1] + x) * p->groups;
        }
    }
    return tile;
}

/* Pixels first .. end-1, where all taps lie inside. */
static void run_pixels(const line *l, size_t first, size_t end)
{
    const hwv_conv_pass *p = l->pass;
    const size_t lanes = l->kernels->lanes, tiles = hwv_conv_parts(end - first, HWV_DEPTHWISE_ROWS);
    hwv_depthwise_tile tile = tile_of(l, first, (hwv_conv_range){0, p->taps[1]});
    tile.a_stride = p->step[1] * p->in_pixel;
    tile.c_stride = p->out_pixel;
    for (size_t t = 0; t < tiles; t++) {
        const size_t at = hwv_conv_part_start(end - first, tiles, t);
        const size_t rows = hwv_conv_part_start(end - first, tiles, t + 1) - at;
        for (size_t c = 0; c < p->groups; c += lanes) {
            tile.map = hwv_column_map_at(&p->map, c);
            l->kernels->pixels(&tile, rows, l->in + at * tile.a_stride + c, p->panels + c,
                               l->out + (first + at) * p->out_pixel + c, hwv_conv_least(lanes, p->groups - c),
                               p->bias ? p->bias + c : NULL);
        }
    }
}

static void run_pixel(const line *l, size_t column)
{
    const hwv_conv_pass *p = l->pass;
    const size_t lanes = l->kernels->lanes;
    hwv_depthwise_tile tile =
        tile_of(l, column, hwv_conv_taps(p->in_size[1], p->taps[1], p->step[1], p->offset[1], column));
    tile.a_stride = tile.c_stride = lanes;
    for (size_t c = 0, rows; c < p->groups; c += rows * lanes) {
        rows = hwv_conv_least((p->groups - c) / lanes, HWV_DEPTHWISE_ROWS);
        rows = rows > 0 ? rows : 1;
        tile.map = hwv_column_map_at(&p->map, c);
        l->kernels->channels(&tile, rows, l->in + c, p->panels + c, l->out + column * p->out_pixel + c,
                             hwv_conv_least(lanes, p->groups - c), p->bias ? p->bias + c : NULL);
    }
}

void hwv_depthwise_run_block(const hwv_conv_pass *p, const hwv_conv_block *block, hwv_depthwise_tap *taps)
{
    const size_t width = p->out_size[1];
    const hwv_conv_range inside = hwv_conv_inside(p->in_size[1], width, p->step[1], p->offset[1], p->taps[1]);
    line l = {.pass = p, .kernels = hwv_linalg_kernels_of(hwv_isa_current())->depthwise, .taps = taps};
    for (size_t image = block->first; image < block->end; image++) {
        l.in = p->in + image * p->in_image;
        for (l.number = block->top; l.number < block->bottom; l.number++) {
            l.out = p->out + image * p->out_image + l.number * p->out_line;
            l.rows = hwv_conv_taps(p->in_size[0], p->taps[0], p->step[0], p->offset[0], l.number);
            for (size_t column = 0; column < inside.first; column++)
                run_pixel(&l, column);
            if (inside.first < inside.end)
                run_pixels(&l, inside.first, inside.end);
            for (size_t column = inside.end; column < width; column++)
                run_pixel(&l, column);
        }
    }
}
