/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Forward and backward data: passes, how they are cut into tasks, and their workspace. Since an element of the result
 * is one chain of multiply-adds whatever the cut, all rules here concern speed only. */
#include "linalg/conv.h"

#include <stdint.h>

#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "linalg/conv_pass.h"
#include "linalg/dispatch.h"

/* Bytes of y that one task writes, about: they stay in a second-level cache for what finishes them. */
#define BLOCK_BYTES ((size_t)256 << 10)
/* Bytes of x and y of as many images as a tile across them has rows. */
#define ACROSS_BYTES ((size_t)512 << 10)
/* Bytes of a pointwise convolution's x that a first-level cache holds, for all panels to read. */
#define NEAR_BYTES ((size_t)32 << 10)
/* Tasks for workers, if there are as many blocks. */
#define TASKS ((size_t)32)
/* Blocks for each of several workers, where there are few images: one of them may come late. */
#define FEW_BLOCKS ((size_t)2)
/* Multiply-adds that are worth a block: some microseconds. */
#define BLOCK_PRODUCTS ((size_t)256 << 10)
/* Weights that are packed by the caller alone. */
#define FEW_WEIGHTS ((size_t)16 << 10)
/* Pixels of a block of a pointwise convolution: a multiple of this, which the tiles of all sets divide. */
#define ROWS_MULTIPLE ((size_t)48)

static float *aligned(void *workspace)
{
    return (float *)(((uintptr_t)workspace + HWV_ALIGNMENT - 1) & ~(uintptr_t)(HWV_ALIGNMENT - 1));
}

/* Bytes of packed weights. */
static size_t packed_bytes(const hwv_conv *c, size_t outputs, size_t depth)
{
    const bool depthwise = hwv_conv_is_depthwise(c);
    const size_t panels[] = {c->groups,    depthwise ? 1 : hwv_conv_parts(outputs, HWV_PANEL) * HWV_PANEL,
                             c->kernel[0], c->kernel[1],
                             depth,        sizeof(float)};
    return hwv_size_product(panels, sizeof panels / sizeof *panels);
}

size_t hwv_conv_packed_bytes(const hwv_conv *c)
{
    return packed_bytes(c, c->filters / c->groups, c->channels / c->groups);
}

/* Weights, and what each worker needs to list the taps of a tile. */
static size_t workspace_of(const hwv_conv *c, size_t outputs, size_t depth, size_t workers)
{
    const bool depthwise = hwv_conv_is_depthwise(c);
    const size_t taps[] = {workers > 0 ? workers : 1, c->kernel[1], depthwise ? c->kernel[0] : 1,
                           depthwise ? sizeof(hwv_depthwise_tap) : sizeof(hwv_conv_segment)};
    size_t bytes;
    if (!hwv_size_add(packed_bytes(c, outputs, depth), hwv_size_product(taps, sizeof taps / sizeof *taps), &bytes) ||
        !hwv_size_add(bytes, 2 * HWV_ALIGNMENT, &bytes))
        return SIZE_MAX;
    return bytes;
}

size_t hwv_conv_forward_workspace(const hwv_conv *c, size_t images, size_t workers)
{
    (void)images;
    return workspace_of(c, c->filters / c->groups, c->channels / c->groups, workers);
}

size_t hwv_conv_backward_data_workspace(const hwv_conv *c, size_t images, size_t workers)
{
    (void)images;
    return workspace_of(c, c->channels / c->groups, c->filters / c->groups, workers);
}

typedef struct job {
    hwv_conv_pass pass;
    hwv_conv_packing packing;
    bool depthwise;
    float *panels;
    void *taps;                      /* lists of all workers */
    size_t image_blocks;             /* into which the images are cut */
    size_t block_lines, line_blocks; /* more than one of lines only where a block has one image */
    size_t tasks;                    /* runs of blocks */
    size_t workers;
    bool across;
    bool pointwise; /* images are pixels */
    hwv_conv_finish *finish;
    void *context;
} job;

static size_t panels_of(const job *j)
{
    return j->depthwise ? 1 : j->pass.groups * hwv_conv_parts(j->pass.columns, HWV_PANEL);
}

static size_t panel_floats(const job *j)
{
    return j->depthwise ? j->pass.taps[0] * j->pass.taps[1] * j->pass.groups : hwv_conv_panel_floats(&j->pass);
}

static void pack_task(void *context, size_t task, size_t worker)
{
    const job *j = context;
    const size_t panels = hwv_conv_parts(j->pass.columns, HWV_PANEL);
    (void)worker;
    if (j->depthwise)
        hwv_depthwise_pack(&j->pass, &j->packing, j->panels);
    else
        hwv_conv_pack(&j->pass, &j->packing, task / panels, task % panels, j->panels + task * panel_floats(j));
}

static void run_block(const job *j, size_t number, bool next, size_t worker)
{
    const size_t part = number / j->line_blocks, top = number % j->line_blocks * j->block_lines;
    const size_t first = hwv_conv_part_start(j->pass.images, j->image_blocks, part);
    const hwv_conv_block block = {.first = first,
                                  .end = hwv_conv_part_start(j->pass.images, j->image_blocks, part + 1),
                                  .top = top,
                                  .bottom = hwv_conv_least(top + j->block_lines, j->pass.out_size[0]),
                                  .across = j->across,
                                  .next = next};
    if (j->depthwise)
        hwv_depthwise_run_block(&j->pass, &block,
                                (hwv_depthwise_tap *)j->taps + worker * j->pass.taps[0] * j->pass.taps[1]);
    else
        hwv_conv_run_block(&j->pass, &block, (hwv_conv_segment *)j->taps + worker * j->pass.taps[1]);
    if (!j->finish)
        return;
    /* The size of blocks may depend on the set, but not what their end is told. */
    const size_t height = j->pass.out_size[0], width = j->pass.out_size[1];
    const size_t each = j->pointwise ? block.end - first : 1;
    for (size_t image = first; image < block.end; image += each)
        j->finish(j->context, (image * height + top) * width, each * (block.bottom - top) * width);
}

/* Blocks that follow each other, so that each can bring the next one's input to the cache. */
static void block_task(void *context, size_t task, size_t worker)
{
    const job *j = context;
    const size_t blocks = j->image_blocks * j->line_blocks;
    const size_t end = hwv_conv_part_start(blocks, j->tasks, task + 1);
    for (size_t b = hwv_conv_part_start(blocks, j->tasks, task); b < end; b++)
        run_block(j, b, b + 1 < end || j->workers == 1, worker);
}

/* A kernel of one tap with stride 1 sees no lines: each pixel is an image of its own. */
static bool fold(job *j)
{
    hwv_conv_pass *p = &j->pass;
    for (size_t d = 0; d < 2; d++)
        if (p->taps[d] != 1 || p->step[d] != 1 || p->offset[d] != 0 || p->in_size[d] != p->out_size[d])
            return false;
    if (p->out_line != p->out_size[1] * p->out_pixel || p->out_image != p->out_size[0] * p->out_line)
        return false;
    j->pass.images *= p->in_size[0] * p->in_size[1];
    p->in_size[0] = p->in_size[1] = p->out_size[0] = p->out_size[1] = 1;
    p->in_image = p->in_pixel;
    p->out_image = p->out_pixel;
    return true;
}

/* Tiles are pixels of a line, if it gives tall enough ones, or if several images do not fit in a cache. */
static bool goes_across(const job *j, size_t rows)
{
    const size_t width = j->pass.out_size[1], tiles = hwv_conv_parts(width, rows);
    const size_t bytes = (j->pass.in_image + j->pass.out_image) * sizeof(float);
    return 3 * (width / tiles) <= 2 * rows && j->pass.images >= 4 * rows && bytes <= ACROSS_BYTES / rows;
}

/* Lines of a block of an image, where there are too few images for all workers. */
static size_t shared_lines(const job *j)
{
    const hwv_conv_pass *p = &j->pass;
    const size_t depth = j->depthwise ? 1 : p->depth;
    const size_t line = p->out_size[1] * p->groups * p->columns * p->taps[0] * p->taps[1] * depth;
    const size_t blocks = hwv_conv_parts(FEW_BLOCKS * j->workers, p->images);
    const size_t even = hwv_conv_parts(p->out_size[0], blocks), worth = BLOCK_PRODUCTS / (line + 1) + 1;
    return even > worth ? even : worth;
}

static void cut(job *j)
{
    const hwv_conv_pass *p = &j->pass;
    const hwv_linalg_kernels *kernels = hwv_linalg_kernels_of(hwv_isa_current());
    const size_t rows = hwv_conv_least(kernels->conv->rows[p->columns > kernels->gemm->lanes], HWV_TILE_ROWS);
    const size_t line_bytes = p->out_size[1] * p->groups * p->columns * sizeof(float);
    j->pointwise = !j->depthwise && fold(j);
    j->across = j->pointwise || (!j->depthwise && goes_across(j, rows));
    j->block_lines = p->out_size[0];
    size_t block_images = j->across ? rows : 1;
    if (j->pointwise) {
        const size_t fit = NEAR_BYTES / (p->in_pixel * sizeof(float)) / ROWS_MULTIPLE;
        const size_t even = hwv_conv_parts(j->pass.images, TASKS * ROWS_MULTIPLE);
        block_images = (fit < 1 ? 1 : hwv_conv_least(fit, even)) * ROWS_MULTIPLE;
    } else if (!j->across) {
        j->block_lines = line_bytes < BLOCK_BYTES ? hwv_conv_least(BLOCK_BYTES / line_bytes, j->block_lines) : 1;
        if (j->workers > 1 && p->images < FEW_BLOCKS * j->workers)
            j->block_lines = hwv_conv_least(shared_lines(j), j->block_lines);
    }
    j->image_blocks = hwv_conv_parts(j->pass.images, block_images);
    j->line_blocks = hwv_conv_parts(p->out_size[0], j->block_lines);
    j->tasks = hwv_conv_least(j->image_blocks * j->line_blocks, TASKS);
}

/* Packs j->packing's weights to j->panels. Few of them are not worth waking a thread for. */
static void pack_weights(job *j, const hwv_executor *executor)
{
    const bool few = panels_of(j) * panel_floats(j) <= FEW_WEIGHTS;
    hwv_executor_run(few ? NULL : executor, panels_of(j), pack_task, j);
}

/* packed: weights, or NULL. */
static void run_pass(job *j, const hwv_executor *executor, size_t images, const float *packed, void *workspace)
{
    if (images == 0)
        return;
    j->panels = aligned(workspace);
    j->pass.panels = packed ? packed : j->panels;
    j->taps = packed ? j->panels : aligned(j->panels + panels_of(j) * panel_floats(j));
    j->pass.images = images;
    j->workers = hwv_executor_workers(executor);
    cut(j);
    if (!packed)
        pack_weights(j, executor);
    hwv_executor_run(executor, j->tasks, block_task, j);
}

static job forward_job(const hwv_conv *c, const float *x, const float *weight, float *y)
{
    const size_t height = hwv_conv_height(c), width = hwv_conv_width(c);
    return (job){
        .pass = {.in = x,
                 .out = y,
                 .in_size = {c->height, c->width},
                 .out_size = {height, width},
                 .in_pixel = c->channels,
                 .out_pixel = c->filters,
                 .out_line = width * c->filters,
                 .in_image = c->height * c->width * c->channels,
                 .out_image = height * width * c->filters,
                 .taps = {c->kernel[0], c->kernel[1]},
                 .step = {c->stride[0], c->stride[1]},
                 .offset = {-(ptrdiff_t)c->pad_before[0], -(ptrdiff_t)c->pad_before[1]},
                 .groups = c->groups,
                 .depth = c->channels / c->groups,
                 .columns = c->filters / c->groups},
        .packing = {.weight = weight, .kernel = {c->kernel[0], c->kernel[1]}, .between = {1, 1}},
        .depthwise = hwv_conv_is_depthwise(c),
    };
}

void hwv_conv_pack_weight(const hwv_conv *c, const hwv_executor *executor, const float *weight, float *packed)
{
    job j = forward_job(c, NULL, weight, NULL);
    j.panels = packed;
    pack_weights(&j, executor);
}

void hwv_conv_forward_then(const hwv_conv *c, const hwv_executor *executor, size_t images, const float *x,
                           const float *weight, const float *packed, const hwv_conv_after *after, float *y,
                           void *workspace)
{
    job j = forward_job(c, x, weight, y);
    j.pass.bias = after->bias;
    j.pass.map = after->map;
    j.finish = after->finish;
    j.context = after->context;
    run_pass(&j, executor, images, packed, workspace);
}

void hwv_conv_forward(const hwv_conv *c, const hwv_executor *executor, size_t images, const float *x,
                      const float *weight, const float *bias, float *y, hwv_conv_finish *finish, void *context,
                      void *workspace)
{
    const hwv_conv_after after = {.bias = bias, .finish = finish, .context = context};
    hwv_conv_forward_then(c, executor, images, x, weight, NULL, &after, y, workspace);
}

/* Backward data with stride s is s * s convolutions of dy with stride 1, each for every s-th pixel of dx: pixel
 * s * o + phase meets the taps start, start + s, ... of the kernel, the last of which is the first of the pass. */
static void set_phase(job *j, const hwv_conv *c, size_t dimension, size_t phase)
{
    const size_t stride = c->stride[dimension], kernel = c->kernel[dimension], at = phase + c->pad_before[dimension];
    const size_t start = at % stride, size = dimension == 0 ? c->height : c->width;
    hwv_conv_pass *p = &j->pass;
    p->out_size[dimension] = phase < size ? hwv_conv_parts(size - phase, stride) : 0;
    p->taps[dimension] = start < kernel ? hwv_conv_parts(kernel - start, stride) : 0;
    p->step[dimension] = 1;
    p->offset[dimension] = (ptrdiff_t)(at / stride) + 1 - (ptrdiff_t)p->taps[dimension];
    j->packing.first[dimension] = start + (p->taps[dimension] > 0 ? p->taps[dimension] - 1 : 0) * stride;
    j->packing.between[dimension] = -(ptrdiff_t)stride;
}

void hwv_conv_backward_data(const hwv_conv *c, const hwv_executor *executor, size_t images, const float *dy,
                            const float *weight, float *dx, void *workspace)
{
    const size_t height = hwv_conv_height(c), width = hwv_conv_width(c);
    for (size_t phase = 0; phase < c->stride[0] * c->stride[1]; phase++) {
        const size_t y = phase / c->stride[1], x = phase % c->stride[1];
        job j = {
            .pass = {.in = dy,
                     .in_size = {height, width},
                     .in_pixel = c->filters,
                     .out_pixel = c->stride[1] * c->channels,
                     .out_line = c->stride[0] * c->width * c->channels,
                     .in_image = height * width * c->filters,
                     .out_image = c->height * c->width * c->channels,
                     .groups = c->groups,
                     .depth = c->filters / c->groups,
                     .columns = c->channels / c->groups},
            .packing = {.weight = weight, .kernel = {c->kernel[0], c->kernel[1]}, .transposed = true},
            .depthwise = hwv_conv_is_depthwise(c),
        };
        set_phase(&j, c, 0, y);
        set_phase(&j, c, 1, x);
        if (j.pass.out_size[0] == 0 || j.pass.out_size[1] == 0)
            continue;
        j.pass.out = dx + (y * c->width + x) * c->channels;
        run_pass(&j, executor, images, NULL, workspace);
    }
}
