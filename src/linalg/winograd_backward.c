/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Both gradients. dx is a pass of its own from dy, with the weights rotated. For dweight the transformed tiles of x and
 * of dy are multiplied, frequency by frequency; the sum goes over tiles and is transformed to taps in the end. The batch
 * is cut into shards by shape, each with sums of its own, which are added in the order of the shards. */
#include <string.h>

#include "halfwave/memory.h"
#include "linalg/winograd_pass.h"

/* Tiles whose products are added to the sums at once: the more, the less it costs to read and write the sums. */
#define TILES ((size_t)64)
/* Shards: tasks for the workers there may be, but not more sums than a last-level cache holds, and some tiles in each. */
#define SHARDS_MOST  ((size_t)16)
#define SHARDS_BYTES ((size_t)10 << 20)
/* Tasks where no sums are kept. */
#define TASKS ((size_t)32)
/* Channels of a panel that one task turns to taps. */
#define COMBINED ((size_t)8)

#define FREQUENCIES HWV_WINOGRAD_FREQUENCIES

/* What depends on the shape alone; in floats where they are floats. */
typedef struct layout {
    hwv_winograd_pass forward, data;
    size_t unit; /* images */
    size_t shards, shard_floats;
    size_t zeros, panel_floats;
    size_t worker_floats; /* what follows, of each worker: a block, transformed tiles, images that are made */
    size_t block_floats, v_floats, d_floats, x_floats, y_floats;
} layout;

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* False when it does not fit in a size_t. */
static bool plan(const hwv_conv *c, size_t images, layout *l)
{
    l->forward = hwv_winograd_forward_pass(c);
    l->data = hwv_winograd_data_pass(c);
    l->unit = hwv_conv_least(most(l->forward.unit, l->data.unit), images);
    l->zeros = hwv_winograd_width(most(c->channels, c->filters));
    l->shard_floats = hwv_winograd_floats(c->channels, c->filters);
    l->panel_floats = hwv_winograd_floats(c->filters, c->channels);
    l->block_floats = hwv_winograd_block_floats(&l->data);
    l->v_floats = hwv_winograd_floats(TILES, c->channels);
    l->d_floats = hwv_winograd_floats(TILES, c->filters);
    const size_t x_sizes[] = {l->unit, c->height, c->width, c->channels};
    const size_t y_sizes[] = {l->unit, hwv_conv_height(c), hwv_conv_width(c), c->filters};
    size_t x = hwv_size_product(x_sizes, sizeof x_sizes / sizeof *x_sizes);
    size_t y = hwv_size_product(y_sizes, sizeof y_sizes / sizeof *y_sizes);
    if (l->shard_floats > SIZE_MAX / sizeof(float) || !hwv_winograd_room(&x, 1, HWV_CACHE_LINE) ||
        !hwv_winograd_room(&y, 1, HWV_CACHE_LINE))
        return false;
    l->x_floats = x / HWV_CACHE_LINE * HWV_CACHE_LINE;
    l->y_floats = y / HWV_CACHE_LINE * HWV_CACHE_LINE;
    const size_t parts[] = {l->block_floats, l->v_floats, l->d_floats, l->x_floats, l->y_floats};
    l->worker_floats = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!hwv_size_add(l->worker_floats, parts[i], &l->worker_floats))
            return false;
    size_t all;
    if (!hwv_size_mul(images, l->forward.image_tiles, &all))
        return false;
    const size_t fit = most(SHARDS_BYTES / (l->shard_floats * sizeof(float)), 1);
    const size_t full = hwv_conv_least(hwv_conv_parts(all, TILES), images);
    l->shards = hwv_conv_least(hwv_conv_least(fit, SHARDS_MOST), full);
    return true;
}

size_t hwv_winograd_backward_workspace(const hwv_conv *c, size_t images, size_t workers)
{
    layout l;
    size_t floats = 0, bytes;
    if (!plan(c, images, &l) || !hwv_winograd_room(&floats, workers > 0 ? workers : 1, l.worker_floats) ||
        !hwv_winograd_room(&floats, l.shards, l.shard_floats) || !hwv_winograd_room(&floats, 1, l.zeros) ||
        !hwv_winograd_room(&floats, 1, l.panel_floats) || !hwv_size_mul(floats, sizeof(float), &bytes) ||
        !hwv_size_add(bytes, HWV_ALIGNMENT, &bytes))
        return SIZE_MAX;
    return bytes;
}

typedef struct job {
    layout layout;
    size_t images;
    size_t tasks, parts; /* runs of images; parts: of a shard, with some of the frequencies and units each */
    const hwv_image_source *x, *dy;
    const hwv_winograd_gradients *gradients;
    float *sums;    /* of all shards */
    float *workers; /* what each has for itself */
} job;

/* A worker's share while it is at a shard. */
typedef struct share {
    float *block, *v, *d, *x, *dy;
    float *sums;
    size_t from, to; /* frequencies */
    size_t filled;   /* tiles of v and d */
    bool accumulate; /* there are sums already */
    hwv_winograd_next next[2];
} share;

/* sums += v' d, of the tiles that are there. */
static void add_products(const layout *l, share *s)
{
    const hwv_winograd_pass *p = &l->forward;
    const hwv_winograd_product product = {.transposed = true,
                                          .accumulate = s->accumulate,
                                          .rows = p->depth,
                                          .depth = s->filled,
                                          .columns = hwv_winograd_width(p->columns),
                                          .a = s->v,
                                          .b = s->d,
                                          .c = s->sums,
                                          .a_panel = TILES * HWV_PANEL,
                                          .b_panel = TILES * HWV_PANEL,
                                          .c_panel = p->depth * HWV_PANEL,
                                          .a_step = hwv_winograd_step(TILES, p->depth),
                                          .b_step = hwv_winograd_step(TILES, p->columns),
                                          .c_step = hwv_winograd_step(p->depth, p->columns),
                                          .first = s->from,
                                          .end = s->to,
                                          .next = {s->next[0], s->next[1]}};
    p->kernels->winograd->multiply(&product);
    s->accumulate = true;
    s->filled = 0;
}

/* Cache lines of the tiles behind tile `tile` that the next sums take. */
static hwv_winograd_next tiles_behind(const layout *l, const float *images, size_t image_floats, size_t tile,
                                      size_t left)
{
    const size_t each = image_floats / l->forward.image_tiles;
    return (hwv_winograd_next){images + tile * each, hwv_conv_least(TILES, left) * each / HWV_CACHE_LINE};
}

/* left: images from the first of these to the last of all. */
static void add_unit(const job *j, share *s, const float *x, const float *dy, size_t images, size_t left)
{
    const layout *l = &j->layout;
    const hwv_winograd_pass *p = &l->forward;
    const size_t tiles = images * p->image_tiles;
    for (size_t first = 0, count; first < tiles; first += count) {
        count = hwv_conv_least(tiles - first, TILES - s->filled);
        hwv_winograd_transform(p, x, first, count, s->v + s->filled * HWV_PANEL, TILES);
        hwv_winograd_transform_gradient(p, dy, first, count, s->d + s->filled * HWV_PANEL, TILES);
        s->filled += count;
        if (s->filled < TILES)
            continue;
        const size_t end = first + count, behind = left * p->image_tiles - end;
        if (!j->x->make)
            s->next[0] = tiles_behind(l, x, hwv_winograd_in_floats(p), end, behind);
        if (!j->dy->make && !j->gradients->dx)
            s->next[1] = tiles_behind(l, dy, hwv_winograd_out_floats(p), end, behind);
        add_products(l, s);
    }
}

/* next: images of the unit behind. */
static void data_unit(const job *j, share *s, size_t first, size_t count, size_t next, const float *dy)
{
    const hwv_winograd_pass *p = &j->layout.data;
    const hwv_winograd_gradients *g = j->gradients;
    const size_t pixels = p->out_size[0] * p->out_size[1];
    const bool more = !j->dy->make && next > 0;
    const hwv_winograd_next meanwhile[HWV_WINOGRAD_MEANWHILE] = {
        hwv_winograd_reads(g->reads, first, count), hwv_winograd_reads(j->dy->reads[0], first + count, next),
        hwv_winograd_reads(j->dy->reads[1], first + count, next)};
    hwv_winograd_run_unit(p, dy, count, more ? dy + count * hwv_winograd_in_floats(p) : NULL, meanwhile,
                          g->dx + first * hwv_winograd_out_floats(p), s->block);
    for (size_t i = first; i < first + count && g->finish; i++)
        g->finish(g->context, i * pixels, pixels);
}

static void shard_task(void *context, size_t task, size_t worker)
{
    const job *j = context;
    const layout *l = &j->layout;
    const size_t shard = task / j->parts, part = task % j->parts;
    const size_t begin = hwv_conv_part_start(j->images, j->tasks, shard);
    const size_t end = hwv_conv_part_start(j->images, j->tasks, shard + 1);
    float *own = j->workers + worker * l->worker_floats;
    share s = {.block = own,
               .v = own + l->block_floats,
               .d = own + l->block_floats + l->v_floats,
               .x = own + l->block_floats + l->v_floats + l->d_floats,
               .dy = own + l->worker_floats - l->y_floats,
               .sums = j->sums + shard * l->shard_floats,
               .from = hwv_conv_part_start(FREQUENCIES, j->parts, part),
               .to = hwv_conv_part_start(FREQUENCIES, j->parts, part + 1)};
    for (size_t first = begin, unit = 0, count; first < end; first += count, unit++) {
        count = hwv_conv_least(l->unit, end - first);
        const bool data = j->gradients->dx && unit % j->parts == part;
        if (!data && !j->gradients->dweight)
            continue;
        const float *dy = hwv_winograd_images(j->dy, first, count, hwv_winograd_out_floats(&l->forward), s.dy);
        if (data)
            data_unit(j, &s, first, count, hwv_conv_least(l->unit, end - first - count), dy);
        if (j->gradients->dweight)
            add_unit(j, &s, hwv_winograd_images(j->x, first, count, hwv_winograd_in_floats(&l->forward), s.x), dy,
                     count, j->images - first);
    }
    s.next[0].lines = s.next[1].lines = 0;
    if (s.filled > 0)
        add_products(l, &s);
}

/* Some channels of a panel: sums to taps, to dweight [filter][channel][tap]. */
static void combine_task(void *context, size_t task, size_t worker)
{
    const job *j = context;
    const layout *l = &j->layout;
    const hwv_winograd_pass *p = &l->forward;
    const size_t runs = hwv_conv_parts(p->depth, COMBINED), panel = task / runs, first = task % runs * COMBINED;
    const size_t channels = hwv_conv_least(COMBINED, p->depth - first), taps = p->taps * p->taps;
    const size_t filters = hwv_conv_least(HWV_PANEL, p->columns - panel * HWV_PANEL), stride = p->depth * taps;
    float rows[COMBINED * HWV_WINOGRAD_TAPS * HWV_WINOGRAD_TAPS * HWV_PANEL];
    float *to = j->gradients->dweight + panel * HWV_PANEL * stride + first * taps;
    (void)worker;
    for (size_t c = 0; c < channels; c++) {
        const hwv_winograd_sums sums = {.at = j->sums + (panel * p->depth + first + c) * HWV_PANEL,
                                        .step = hwv_winograd_step(p->depth, p->columns),
                                        .shards = l->shards,
                                        .shard_floats = l->shard_floats};
        p->kernels->winograd->weight_gradient[p->form](&sums, hwv_winograd_width(filters), rows + c * taps * HWV_PANEL);
    }
    if (!j->gradients->accumulate) {
        p->kernels->transpose->transpose(channels * taps, filters, rows, HWV_PANEL, to, stride);
        return;
    }
    for (size_t f = 0; f < filters; f++)
        for (size_t i = 0; i < channels * taps; i++)
            to[f * stride + i] += rows[i * HWV_PANEL + f];
}

static void no_images(const hwv_conv *c, const hwv_winograd_gradients *g)
{
    if (g->dweight && !g->accumulate)
        memset(g->dweight, 0, c->filters * c->channels * c->kernel[0] * c->kernel[1] * sizeof *g->dweight);
}

void hwv_winograd_backward(const hwv_conv *c, const hwv_executor *executor, size_t images, const hwv_image_source *x,
                           const hwv_image_source *dy, const float *weight, const hwv_winograd_gradients *gradients,
                           void *workspace)
{
    const size_t workers = hwv_executor_workers(executor);
    job j = {.images = images, .x = x, .dy = dy, .gradients = gradients, .parts = 1};
    layout *l = &j.layout;
    if (images == 0 || !plan(c, images, l)) {
        no_images(c, gradients);
        return;
    }
    float *at = hwv_winograd_start(workspace, l->zeros), *panels = at + l->zeros;
    l->forward.zeros = l->data.zeros = at;
    l->data.panels = panels;
    j.sums = panels + l->panel_floats;
    j.workers = j.sums + l->shards * l->shard_floats;
    j.tasks = hwv_conv_least(hwv_conv_parts(images, l->unit), TASKS);
    if (gradients->dweight) {
        j.tasks = l->shards;
        j.parts = hwv_conv_least(hwv_conv_parts(workers, l->shards), FREQUENCIES);
    }
    if (gradients->dx)
        hwv_winograd_pack(&l->data, executor, weight, true, panels);
    hwv_executor_run(executor, j.tasks * j.parts, shard_task, &j);
    if (gradients->dweight)
        hwv_executor_run(executor, hwv_winograd_panels(c->filters) * hwv_conv_parts(c->channels, COMBINED),
                         combine_task, &j);
}
