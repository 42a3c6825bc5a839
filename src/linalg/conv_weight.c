/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Weight gradients. For each tap they are a product X' dY over the pixels that the tap reaches: rows are channels of
 * x, lanes filters, and the sum goes over pixels, so nothing is transposed. The batch is cut into shards by shape,
 * each with sums of its own, [group][panel][tap][channel][filter of the panel], which are added in the order of the
 * shards. A shard is worked off in units of some images, or of some lines of a large one. */
#include <stdint.h>

#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "linalg/conv_pass.h"
#include "linalg/dispatch.h"

/* Shards: tasks for the workers there may be, but not more sums than a cache holds, and some images in each. */
#define SHARDS_MOST   ((size_t)16)
#define SHARDS_BYTES  ((size_t)2 << 20)
#define SHARDS_IMAGES ((size_t)4)
/* Pixels of y that a unit has at least, if it can: the longer the sums, the less it costs to begin and end them. */
#define UNIT_PIXELS ((size_t)512)
/* Bytes of x and dy of a unit, about: they are read once for each tap. */
#define UNIT_BYTES ((size_t)256 << 10)
/* Below so many channels the taps of a line of the kernel are summed together. */
#define FEW ((size_t)8)
/* Channels of a panel whose shards one task adds. */
#define COMBINED ((size_t)32)
/* The same of channels by themselves, where a multiply-add takes two loads: they come from the first-level cache. */
#define DEPTHWISE_BYTES ((size_t)32 << 10)
/* Channels of a panel of them: as many sums at a time as keep a CPU busy. */
#define DEPTHWISE_PANEL (HWV_DEPTHWISE_ROWS * (size_t)16)
/* Filters of a panel are whole vectors of any set. */
#define LANES ((size_t)16)

typedef struct plan {
    size_t height, width;                /* of y */
    bool depthwise;                      /* groups of one channel and one filter are taken together as lanes */
    size_t groups, depth, filters, taps; /* depth, filters: of a group */
    size_t panel;                        /* most filters of a panel */
    size_t panels, panel_width;          /* of a group; floats from channel to channel */
    size_t panel_floats, shard_floats;   /* of a shard's sums */
    size_t shards, parts;                /* parts: into which the panels of a shard are cut */
    size_t unit_images, unit_lines;      /* one of them is 1, or the lines are all */
    bool packs;                          /* dy is copied, panel by panel */
    size_t scratch_floats;               /* of a worker */
} plan;

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* False when it does not fit in a size_t. */
static bool plan_of(const hwv_conv *c, size_t images, plan *p)
{
    p->height = hwv_conv_height(c);
    p->width = hwv_conv_width(c);
    p->depthwise = hwv_conv_is_depthwise(c);
    p->groups = p->depthwise ? 1 : c->groups;
    p->depth = p->depthwise ? 1 : c->channels / c->groups;
    p->filters = c->filters / p->groups;
    p->panel = p->depthwise ? DEPTHWISE_PANEL : HWV_PANEL;
    p->panels = hwv_conv_parts(p->filters, p->panel);
    p->panel_width = p->panels > 1 ? p->panel : hwv_conv_parts(p->filters, LANES) * LANES;
    size_t bytes;
    if (!hwv_size_mul(c->kernel[0], c->kernel[1], &p->taps) || !hwv_size_mul(p->taps, p->depth, &bytes) ||
        !hwv_size_mul(bytes, p->panel_width, &p->panel_floats) ||
        !hwv_size_mul(p->panel_floats, p->panels * p->groups, &p->shard_floats) ||
        !hwv_size_mul(p->shard_floats, sizeof(float), &bytes))
        return false;
    p->shards = hwv_conv_least(most(SHARDS_BYTES / bytes, 1), SHARDS_MOST);
    p->shards = hwv_conv_least(p->shards, hwv_conv_parts(images, SHARDS_IMAGES));
    p->parts = p->shards == 0 ? 1 : hwv_conv_least(hwv_conv_parts(SHARDS_MOST, p->shards), p->panels * p->groups);

    const size_t pixels = p->height * p->width;
    const size_t image_bytes = (c->height * c->width * c->channels + pixels * c->filters) * sizeof(float);
    const size_t unit_bytes = p->depthwise ? DEPTHWISE_BYTES : UNIT_BYTES;
    p->unit_images = most(1, hwv_conv_least(unit_bytes / image_bytes, hwv_conv_parts(UNIT_PIXELS, pixels)));
    p->unit_lines = p->height;
    if (image_bytes > 2 * unit_bytes)
        p->unit_lines = hwv_conv_parts(p->height, hwv_conv_parts(image_bytes, unit_bytes));
    p->packs = !p->depthwise && (p->filters % LANES != 0 || (p->taps > 2 && c->filters != p->panel_width));
    p->scratch_floats = p->packs ? p->unit_images * p->unit_lines * p->width * HWV_PANEL : 0;
    return true;
}

size_t hwv_conv_backward_weight_workspace(const hwv_conv *c, size_t images, size_t workers)
{
    plan p;
    size_t sums, scratch;
    if (!plan_of(c, images, &p) || !hwv_size_mul(p.shard_floats * sizeof(float), p.shards, &sums) ||
        !hwv_size_mul(p.scratch_floats * sizeof(float), most(workers, 1), &scratch) ||
        !hwv_size_add(sums, scratch, &sums) || !hwv_size_add(sums, HWV_ALIGNMENT, &sums))
        return SIZE_MAX;
    return sums;
}

typedef struct job {
    const hwv_conv *conv;
    const hwv_linalg_kernels *kernels;
    plan plan;
    size_t images;
    const float *x, *dy;
    float *sums, *scratch;
    float *dweight;
    bool accumulate;
    bool alone; /* there is one worker */
} job;

/* Images first .. end-1, lines top .. bottom-1 of y; more than one image only with all their lines. */
typedef struct unit {
    size_t first, end, top, bottom;
    bool accumulate; /* not the first of its shard */
    /* Input of the unit that follows, x and dy, and the cache lines of each that a call brings to the cache. */
    struct {
        const float *at;
        size_t lines;
    } next[2];
    size_t share;
} unit;

/* Part of a product: taps `tap`, tap + 1, ... of line y of the kernel, at columns left .. right-1 of y; down: of one
 * column, summed from line to line. */
typedef struct window {
    size_t y, tap, taps;
    size_t left, right;
    bool down, accumulate;
} window;

/* dy of a unit's panel, in place or copied. */
typedef struct panel {
    const float *dy; /* of the unit's first pixel */
    size_t stride;
    float *sums;
    size_t channel; /* of x, the group's first */
    size_t columns;
} panel;

/* The share of one call, in equal parts for the lines that it sums. */
static void share_next(unit *u, hwv_conv_sum *sum)
{
    const size_t which = u->next[0].lines == 0, lines = sum->images * sum->lines;
    sum->next_lines = lines > 0 ? hwv_conv_parts(hwv_conv_least(u->share, u->next[which].lines), lines) : 0;
    if (sum->next_lines * lines > u->next[which].lines) {
        u->next[which].lines = 0; /* a rest smaller than a share */
        sum->next_lines = 0;
    }
    sum->next = u->next[which].at;
    if (sum->next_lines > 0)
        u->next[which].at += sum->next_lines * lines * HWV_CACHE_LINE;
    u->next[which].lines -= sum->next_lines * lines;
}

/* Rows of the next strip, of one or two vectors. The tallest of two is for what it takes at once. */
static size_t strip_rows(const hwv_linalg_kernels *kernels, size_t two, size_t left)
{
    if (two && left <= kernels->conv_weight->rows[1])
        return left;
    return hwv_conv_tile_rows(left, two ? kernels->gemm->rows : kernels->conv_weight->rows[0]);
}

/* Strips of rows by one or two vectors of filters. u: whose next unit is brought to the cache, or NULL. */
static void sum_tiles(const hwv_linalg_kernels *kernels, hwv_conv_sum *sum, unit *u, size_t rows, const float *x,
                      const float *dy, float *to, size_t columns)
{
    const hwv_conv_weight_kernels *k = kernels->conv_weight;
    const size_t lanes = kernels->gemm->lanes, wide = HWV_TILE_VECTORS * lanes;
    for (size_t f = 0; f < columns; f += wide) {
        const size_t two = columns - f > lanes;
        for (size_t row = 0, height; row < rows; row += height) {
            height = strip_rows(kernels, two, rows - row);
            if (u)
                share_next(u, sum);
            k->sums[two][height - 1](sum, x + row, dy + f, to + row * sum->c_stride + f);
        }
    }
}

static void sum_channels(const hwv_depthwise_kernels *k, const hwv_conv_sum *sum, const float *x, const float *dy,
                         float *to, size_t channels)
{
    for (size_t c = 0, rows; c < channels; c += rows * k->lanes) {
        rows = most(1, hwv_conv_least((channels - c) / k->lanes, HWV_DEPTHWISE_ROWS));
        k->sum(sum, rows, x + c, dy + c, to + c, hwv_conv_least(k->lanes, channels - c));
    }
}

static void add_window(const job *j, unit *u, const panel *n, const window *w)
{
    const hwv_conv *c = j->conv;
    const plan *p = &j->plan;
    const size_t rows = w->taps * p->depth, line = c->width * c->channels;
    hwv_conv_range lines = hwv_conv_outputs(c->height, p->height, c->stride[0], -(ptrdiff_t)c->pad_before[0], w->y);
    lines.first = most(lines.first, u->top);
    lines.end = hwv_conv_least(lines.end, u->bottom);
    const bool some = lines.first < lines.end && w->left < w->right;
    if (!some && w->accumulate)
        return;
    const size_t count = some ? lines.end - lines.first : 0;
    hwv_conv_sum sum = {.images = some ? u->end - u->first : 0,
                        .a_image = c->height * line,
                        .b_image = p->height * p->width * n->stride,
                        .lines = count,
                        .a_line = c->stride[0] * line,
                        .b_line = p->width * n->stride,
                        .depth = w->right - w->left,
                        .a_stride = c->stride[1] * c->channels,
                        .b_stride = n->stride,
                        .c_stride = p->panel_width,
                        .accumulate = w->accumulate};
    if (w->down) {
        sum.lines = 1;
        sum.depth = count;
        sum.a_stride = sum.a_line;
        sum.b_stride = sum.b_line;
    }
    const float *x = j->x + u->first * sum.a_image + n->channel, *dy = n->dy;
    if (some) {
        x += (lines.first * c->stride[0] + w->y - c->pad_before[0]) * line +
             (w->left * c->stride[1] + w->tap - c->pad_before[1]) * c->channels;
        dy += ((lines.first - u->top) * p->width + w->left) * n->stride;
    }
    float *to = n->sums + (w->y * c->kernel[1] + w->tap) * p->depth * p->panel_width;
    if (p->depthwise)
        sum_channels(j->kernels->depthwise, &sum, x, dy, to, n->columns);
    else
        sum_tiles(j->kernels, &sum, w->down ? NULL : u, rows, x, dy, to, n->columns);
}

static hwv_conv_range columns_of(const job *j, size_t tap)
{
    const hwv_conv *c = j->conv;
    return hwv_conv_outputs(c->width, j->plan.width, c->stride[1], -(ptrdiff_t)c->pad_before[1], tap);
}

/* Each tap by itself. */
static void add_taps(const job *j, unit *u, const panel *n, size_t y)
{
    for (size_t tap = 0; tap < j->conv->kernel[1]; tap++) {
        const hwv_conv_range r = columns_of(j, tap);
        add_window(j, u, n, &(window){y, tap, 1, r.first, r.end, false, u->accumulate});
    }
}

/* A line of taps at once, where all lie inside; the other columns of y one by one, with the taps that do. */
static void add_lines(const job *j, unit *u, const panel *n, size_t y)
{
    const size_t taps = j->conv->kernel[1], width = j->plan.width;
    const hwv_conv_range all =
        hwv_conv_inside(j->conv->width, width, j->conv->stride[1], -(ptrdiff_t)j->conv->pad_before[1], taps);
    add_window(j, u, n, &(window){y, 0, taps, all.first, all.end, false, u->accumulate});
    for (size_t column = 0; column < width; column++) {
        if (column == all.first)
            column = all.end;
        if (column == width)
            break;
        const hwv_conv_range inside =
            hwv_conv_taps(j->conv->width, taps, j->conv->stride[1], -(ptrdiff_t)j->conv->pad_before[1], column);
        if (inside.first < inside.end)
            add_window(j, u, n, &(window){y, inside.first, inside.end - inside.first, column, column + 1, true, true});
    }
}

static bool by_lines(const plan *p)
{
    return p->depth < FEW && p->groups == 1 && !p->depthwise;
}

/* What lies behind a unit's input in memory is that of the next one. */
static void plan_next(const job *j, unit *u, size_t panels)
{
    const hwv_conv *c = j->conv;
    const plan *p = &j->plan;
    const size_t images = u->end - u->first, lines = u->bottom - u->top;
    const size_t x_line = c->width * c->channels, y_line = p->width * c->filters;
    const size_t line = hwv_conv_least(u->bottom * c->stride[0], c->height);
    const size_t x = (u->bottom < p->height ? (u->end - 1) * c->height + line : u->end * c->height) * x_line;
    const size_t y = ((u->end - 1) * p->height + u->bottom) * y_line;
    u->next[0].at = j->x + x;
    u->next[0].lines =
        hwv_conv_least(images * lines * c->stride[0] * x_line, j->images * c->height * x_line - x) / HWV_CACHE_LINE;
    u->next[1].at = j->dy + y;
    u->next[1].lines = hwv_conv_least(images * lines * y_line, j->images * p->height * y_line - y) / HWV_CACHE_LINE;

    const size_t rows = by_lines(p) ? c->kernel[1] * p->depth : p->depth;
    const size_t strips = rows <= j->kernels->conv_weight->rows[1] ? 1 : hwv_conv_parts(rows, j->kernels->gemm->rows);
    const size_t columns =
        hwv_conv_parts(hwv_conv_least(p->filters, p->panel), HWV_TILE_VECTORS * j->kernels->gemm->lanes);
    const size_t calls = panels * (by_lines(p) ? c->kernel[0] : p->taps) * strips * columns;
    u->share = hwv_conv_parts(u->next[0].lines + u->next[1].lines, calls);
}

/* Panels from .. to-1 of all groups. */
static void add_unit(const job *j, unit *u, size_t from, size_t to, float *sums, float *scratch)
{
    const hwv_conv *c = j->conv;
    const plan *p = &j->plan;
    const size_t pixels = (u->end - u->first) * (u->bottom - u->top) * p->width;
    const bool lines = by_lines(p);
    for (size_t i = from; i < to; i++) {
        const size_t group = i / p->panels, f = i % p->panels * p->panel;
        panel n = {.dy = j->dy + (u->first * p->height + u->top) * p->width * c->filters + group * p->filters + f,
                   .stride = c->filters,
                   .sums = sums + i * p->panel_floats,
                   .channel = p->depthwise ? f : group * p->depth,
                   .columns = hwv_conv_least(p->panel, p->filters - f)};
        if (p->packs) {
            j->kernels->gemm->pack(scratch, pixels, n.columns, n.dy, c->filters, false);
            n.dy = scratch;
            n.stride = HWV_PANEL;
        }
        for (size_t y = 0; y < c->kernel[0]; y++) {
            if (lines)
                add_lines(j, u, &n, y);
            else
                add_taps(j, u, &n, y);
        }
    }
}

static void shard_task(void *context, size_t task, size_t worker)
{
    const job *j = context;
    const plan *p = &j->plan;
    const size_t shard = task / p->parts, part = task % p->parts, panels = p->panels * p->groups;
    const size_t first = hwv_conv_part_start(j->images, p->shards, shard);
    const size_t end = hwv_conv_part_start(j->images, p->shards, shard + 1);
    const size_t from = hwv_conv_part_start(panels, p->parts, part);
    const size_t to = hwv_conv_part_start(panels, p->parts, part + 1);
    for (size_t image = first; image < end; image += p->unit_images) {
        for (size_t line = 0; line < p->height; line += p->unit_lines) {
            unit u = {.first = image,
                      .end = hwv_conv_least(image + p->unit_images, end),
                      .top = line,
                      .bottom = hwv_conv_least(line + p->unit_lines, p->height),
                      .accumulate = image > first || line > 0};
            if (u.end < end || u.bottom < p->height || j->alone)
                plan_next(j, &u, to - from);
            add_unit(j, &u, from, to, j->sums + shard * p->shard_floats, j->scratch + worker * p->scratch_floats);
        }
    }
}

/* Some channels of HWV_PANEL filters. */
static void combine_task(void *context, size_t task, size_t worker)
{
    const job *j = context;
    const plan *p = &j->plan;
    const size_t parts = hwv_conv_parts(p->depth, COMBINED), columns = hwv_conv_parts(p->filters, HWV_PANEL);
    const size_t first = task % parts * COMBINED, group = task / parts / columns;
    const size_t f = task / parts % columns * HWV_PANEL;
    const hwv_conv_sums sums = {.sums = j->sums + (group * p->panels + f / p->panel) * p->panel_floats + f % p->panel,
                                .shards = p->shards,
                                .shard_floats = p->shard_floats,
                                .taps = p->taps,
                                .depth = p->depth,
                                .width = hwv_conv_least(HWV_PANEL, p->panel_width - f % p->panel),
                                .stride = p->panel_width,
                                .filters = hwv_conv_least(HWV_PANEL, p->filters - f),
                                .accumulate = j->accumulate};
    (void)worker;
    j->kernels->conv_weight->combine(&sums, first, hwv_conv_least(first + COMBINED, p->depth),
                                     j->dweight + (group * p->filters + f) * p->depth * p->taps);
}

void hwv_conv_backward_weight(const hwv_conv *c, const hwv_executor *executor, size_t images, const float *x,
                              const float *dy, float *dweight, bool accumulate, void *workspace)
{
    job j = {.conv = c,
             .kernels = hwv_linalg_kernels_of(hwv_isa_current()),
             .images = images,
             .x = x,
             .dy = dy,
             .dweight = dweight,
             .accumulate = accumulate,
             .alone = hwv_executor_workers(executor) == 1};
    if (!plan_of(c, images, &j.plan))
        return;
    j.sums = (float *)(((uintptr_t)workspace + HWV_ALIGNMENT - 1) & ~(uintptr_t)(HWV_ALIGNMENT - 1));
    j.scratch = j.sums + j.plan.shards * j.plan.shard_floats;
    hwv_executor_run(executor, j.plan.shards * j.plan.parts, shard_task, &j);
    hwv_executor_run(executor,
                     j.plan.groups * hwv_conv_parts(j.plan.filters, HWV_PANEL) * hwv_conv_parts(j.plan.depth, COMBINED),
                     combine_task, &j);
}
