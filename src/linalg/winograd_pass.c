/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Images through Winograd's transforms. An element of the output is one chain of multiply-adds over the channels for
 * each frequency, so nothing here depends on how tiles are cut into blocks. */
#include "linalg/winograd_pass.h"

#include <stdint.h>
#include <string.h>

#include "halfwave/isa.h"
#include "halfwave/memory.h"

/* Tiles of a block: as few as keep the micro-kernel busy, so that all frequencies of a block stay in a second-level
 * cache. */
#define BLOCK ((size_t)16)
/* Channels whose weights are transformed at a time. */
#define PACKED ((size_t)4)
/* Weights that are transformed by the caller alone. */
#define FEW_WEIGHTS ((size_t)4 << 10)

#define FREQUENCIES HWV_WINOGRAD_FREQUENCIES

static hwv_winograd_pass pass_of(const hwv_conv *c)
{
    const size_t form = c->kernel[0] == 5;
    return (hwv_winograd_pass){.form = form,
                               .taps = c->kernel[0],
                               .tile = HWV_WINOGRAD_POINTS + 1 - c->kernel[0],
                               .kernels = hwv_linalg_kernels_of(hwv_isa_current())};
}

static void cut(hwv_winograd_pass *p)
{
    for (size_t d = 0; d < 2; d++)
        p->tiles[d] = hwv_conv_parts(p->out_size[d], p->tile);
    p->image_tiles = p->tiles[0] * p->tiles[1];
    p->unit = hwv_conv_parts(BLOCK, p->image_tiles);
}

hwv_winograd_pass hwv_winograd_forward_pass(const hwv_conv *c)
{
    hwv_winograd_pass p = pass_of(c);
    p.depth = c->channels;
    p.columns = c->filters;
    p.in_size[0] = c->height;
    p.in_size[1] = c->width;
    p.out_size[0] = hwv_conv_height(c);
    p.out_size[1] = hwv_conv_width(c);
    for (size_t d = 0; d < 2; d++)
        p.pad[d] = c->pad_before[d];
    cut(&p);
    return p;
}

hwv_winograd_pass hwv_winograd_data_pass(const hwv_conv *c)
{
    hwv_winograd_pass p = pass_of(c);
    p.depth = c->filters;
    p.columns = c->channels;
    p.in_size[0] = hwv_conv_height(c);
    p.in_size[1] = hwv_conv_width(c);
    p.out_size[0] = c->height;
    p.out_size[1] = c->width;
    for (size_t d = 0; d < 2; d++)
        p.pad[d] = c->kernel[d] - 1 - c->pad_before[d];
    cut(&p);
    return p;
}

bool hwv_winograd_room(size_t *total, size_t count, size_t size)
{
    size_t more;
    return hwv_size_mul(count, size, &more) && hwv_size_add(*total, more, total);
}

float *hwv_winograd_start(void *workspace, size_t zeros)
{
    float *at = (float *)(((uintptr_t)workspace + HWV_ALIGNMENT - 1) & ~(uintptr_t)(HWV_ALIGNMENT - 1));
    memset(at, 0, zeros * sizeof *at);
    return at;
}

size_t hwv_winograd_floats(size_t rows, size_t channels)
{
    const size_t sizes[] = {FREQUENCIES, hwv_winograd_panels(channels), rows, HWV_PANEL};
    size_t floats = hwv_size_product(sizes, sizeof sizes / sizeof *sizes);
    return hwv_winograd_room(&floats, FREQUENCIES, HWV_CACHE_LINE) ? floats : SIZE_MAX;
}

size_t hwv_winograd_block_floats(const hwv_winograd_pass *p)
{
    size_t floats = hwv_winograd_floats(BLOCK, p->depth);
    return hwv_winograd_room(&floats, 1, hwv_winograd_floats(BLOCK, p->columns)) ? floats : SIZE_MAX;
}

typedef struct packing {
    const hwv_winograd_pass *pass;
    const float *weight;
    bool transposed;
    float *panels;
    size_t runs; /* of channels, in a panel */
} packing;

/* Taps of some input channels and of the outputs of a panel: [channel][tap][HWV_PANEL]. */
static void take_taps(const packing *k, size_t channel, size_t channels, size_t from, size_t columns, float *to)
{
    const hwv_winograd_pass *p = k->pass;
    const size_t taps = p->taps * p->taps;
    if (!k->transposed) {
        p->kernels->transpose->transpose(columns, channels * taps, k->weight + (from * p->depth + channel) * taps,
                                         p->depth * taps, to, HWV_PANEL);
        return;
    }
    for (size_t c = 0; c < channels; c++)
        p->kernels->transpose->transpose(columns, taps, k->weight + ((channel + c) * p->columns + from) * taps, taps,
                                         to + c * taps * HWV_PANEL, HWV_PANEL);
}

static void pack_task(void *context, size_t task, size_t worker)
{
    const packing *k = context;
    const hwv_winograd_pass *p = k->pass;
    const size_t panel = task / k->runs, from = panel * HWV_PANEL, channel = task % k->runs * PACKED;
    const size_t columns = hwv_conv_least(HWV_PANEL, p->columns - from);
    const size_t channels = hwv_conv_least(PACKED, p->depth - channel), tap_floats = p->taps * p->taps * HWV_PANEL;
    float taps[PACKED * HWV_WINOGRAD_TAPS * HWV_WINOGRAD_TAPS * HWV_PANEL];
    (void)worker;
    if (columns < HWV_PANEL)
        memset(taps, 0, channels * tap_floats * sizeof *taps);
    take_taps(k, channel, channels, from, columns, taps);
    for (size_t c = 0; c < channels; c++)
        p->kernels->winograd->weight[p->form](taps + c * tap_floats, k->transposed, hwv_winograd_width(columns),
                                              k->panels + (panel * p->depth + channel + c) * HWV_PANEL,
                                              hwv_winograd_step(p->depth, p->columns));
}

void hwv_winograd_pack(const hwv_winograd_pass *p, const hwv_executor *executor, const float *weight, bool transposed,
                       float *panels)
{
    packing k = {p, weight, transposed, panels, hwv_conv_parts(p->depth, PACKED)};
    const bool few = p->depth * p->columns <= FEW_WEIGHTS;
    hwv_executor_run(few ? NULL : executor, hwv_winograd_panels(p->columns) * k.runs, pack_task, &k);
}

/* Pixels of a square whose top left one is (top, left), which may lie outside: zeros there. */
static void list_pixels(const float *image, const size_t size[2], size_t channels, const float *zeros, ptrdiff_t top,
                        ptrdiff_t left, size_t square, const float **at)
{
    const ptrdiff_t height = (ptrdiff_t)size[0], width = (ptrdiff_t)size[1], pixel = (ptrdiff_t)channels;
    const ptrdiff_t count = (ptrdiff_t)square;
    if (top >= 0 && left >= 0 && top + count <= height && left + count <= width) {
        const float *first = image + (top * width + left) * pixel;
        for (ptrdiff_t y = 0; y < count; y++)
            for (ptrdiff_t x = 0; x < count; x++)
                *at++ = first + (y * width + x) * pixel;
        return;
    }
    for (ptrdiff_t y = top; y < top + count; y++)
        for (ptrdiff_t x = left; x < left + count; x++)
            *at++ = y >= 0 && y < height && x >= 0 && x < width ? image + (y * width + x) * pixel : zeros;
}

void hwv_winograd_transform(const hwv_winograd_pass *p, const float *in, size_t first, size_t count, float *v,
                            size_t rows)
{
    const size_t step = hwv_winograd_step(rows, p->depth);
    const float *at[FREQUENCIES];
    for (size_t t = 0; t < count; t++) {
        const size_t image = (first + t) / p->image_tiles, tile = (first + t) % p->image_tiles;
        const size_t top = tile / p->tiles[1] * p->tile, left = tile % p->tiles[1] * p->tile;
        list_pixels(in + image * hwv_winograd_in_floats(p), p->in_size, p->depth, p->zeros,
                    (ptrdiff_t)top - (ptrdiff_t)p->pad[0], (ptrdiff_t)left - (ptrdiff_t)p->pad[1], HWV_WINOGRAD_POINTS,
                    at);
        p->kernels->winograd->input(at, p->depth, v + t * HWV_PANEL, step, rows * HWV_PANEL);
    }
}

void hwv_winograd_transform_gradient(const hwv_winograd_pass *p, const float *out, size_t first, size_t count, float *d,
                                     size_t rows)
{
    const size_t step = hwv_winograd_step(rows, p->columns);
    const float *at[HWV_WINOGRAD_TILE * HWV_WINOGRAD_TILE];
    for (size_t t = 0; t < count; t++) {
        const size_t image = (first + t) / p->image_tiles, tile = (first + t) % p->image_tiles;
        list_pixels(out + image * hwv_winograd_out_floats(p), p->out_size, p->columns, p->zeros,
                    (ptrdiff_t)(tile / p->tiles[1] * p->tile), (ptrdiff_t)(tile % p->tiles[1] * p->tile), p->tile, at);
        p->kernels->winograd->gradient[p->form](at, p->columns, d + t * HWV_PANEL, step, rows * HWV_PANEL);
    }
}

/* m = v * panels for every frequency: rows are tiles. */
static hwv_winograd_product product_of(const hwv_winograd_pass *p, const float *v, float *m)
{
    return (hwv_winograd_product){.depth = p->depth,
                                  .columns = hwv_winograd_width(p->columns),
                                  .a = v,
                                  .b = p->panels,
                                  .c = m,
                                  .a_panel = BLOCK * HWV_PANEL,
                                  .b_panel = p->depth * HWV_PANEL,
                                  .c_panel = BLOCK * HWV_PANEL,
                                  .a_step = hwv_winograd_step(BLOCK, p->depth),
                                  .b_step = hwv_winograd_step(p->depth, p->columns),
                                  .c_step = hwv_winograd_step(BLOCK, p->columns),
                                  .end = FREQUENCIES};
}

/* Cache lines of part `part` of `parts` of an array, about, whatever lies behind it. */
static hwv_winograd_next part_of(const float *at, size_t floats, size_t parts, size_t part)
{
    const size_t first = hwv_conv_part_start(floats, parts, part), end = hwv_conv_part_start(floats, parts, part + 1);
    if (floats == 0) /* then perhaps at NULL */
        return (hwv_winograd_next){NULL, 0};
    return (hwv_winograd_next){at + first, (end - first) / HWV_CACHE_LINE};
}

static void write_tiles(const hwv_winograd_pass *p, size_t first, size_t count, const float *m, float *out)
{
    const size_t line = p->out_size[1] * p->columns;
    for (size_t t = 0; t < count; t++) {
        const size_t image = (first + t) / p->image_tiles, tile = (first + t) % p->image_tiles;
        const size_t top = tile / p->tiles[1] * p->tile, left = tile % p->tiles[1] * p->tile;
        const hwv_winograd_place place = {.at =
                                              out + image * hwv_winograd_out_floats(p) + top * line + left * p->columns,
                                          .pixel = p->columns,
                                          .line = line,
                                          .rows = hwv_conv_least(p->tile, p->out_size[0] - top),
                                          .columns = hwv_conv_least(p->tile, p->out_size[1] - left)};
        p->kernels->winograd->output[p->form](m + t * HWV_PANEL, hwv_winograd_step(BLOCK, p->columns),
                                              BLOCK * HWV_PANEL, p->columns, p->bias, &place);
    }
}

hwv_winograd_next hwv_winograd_reads(hwv_image_reads reads, size_t first, size_t count)
{
    if (reads.at == NULL)
        return (hwv_winograd_next){NULL, 0};
    return (hwv_winograd_next){reads.at + first * reads.floats, count * reads.floats / HWV_CACHE_LINE};
}

void hwv_winograd_run_unit(const hwv_winograd_pass *p, const float *in, size_t images, const float *behind,
                           const hwv_winograd_next meanwhile[HWV_WINOGRAD_MEANWHILE], float *out, float *block)
{
    const size_t tiles = images * p->image_tiles, blocks = hwv_conv_parts(tiles, BLOCK);
    const size_t in_floats = images * hwv_winograd_in_floats(p);
    float *m = block + hwv_winograd_floats(BLOCK, p->depth);
    hwv_winograd_product product = product_of(p, block, m);
    for (size_t b = 0; b < blocks; b++) {
        const size_t first = hwv_conv_part_start(tiles, blocks, b);
        const size_t count = hwv_conv_part_start(tiles, blocks, b + 1) - first;
        hwv_winograd_transform(p, in, first, count, block, BLOCK);
        product.rows = count;
        if (b + 1 < blocks)
            product.next[0] = part_of(in, in_floats, blocks, b + 1);
        else
            product.next[0] = behind ? part_of(behind, in_floats, blocks, 0) : (hwv_winograd_next){NULL, 0};
        product.next[1] = part_of(out, images * hwv_winograd_out_floats(p), blocks, b);
        for (size_t i = 0; i < HWV_WINOGRAD_MEANWHILE; i++)
            product.next[2 + i] = part_of(meanwhile[i].at, meanwhile[i].lines * HWV_CACHE_LINE, blocks, b);
        p->kernels->winograd->multiply(&product);
        write_tiles(p, first, count, m, out);
    }
}

const float *hwv_winograd_images(const hwv_image_source *source, size_t first, size_t count, size_t image_floats,
                                 float *scratch)
{
    if (!source->make)
        return source->at + first * image_floats;
    for (size_t i = 0; i < count; i++)
        source->make(source->context, first + i, scratch + i * image_floats);
    return scratch;
}
