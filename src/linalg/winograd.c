/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Which convolutions, and the forward pass. */
#include "linalg/winograd.h"

#include "halfwave/memory.h"
#include "linalg/winograd_pass.h"

/* Channels and filters from which the products outweigh the transforms. */
#define CHANNELS_LEAST ((size_t)16)

bool hwv_winograd_suits(const hwv_conv *c)
{
    if (c->kernel[0] != c->kernel[1] || (c->kernel[0] != 3 && c->kernel[0] != 5) || c->groups != 1 ||
        c->channels < CHANNELS_LEAST || c->filters < CHANNELS_LEAST)
        return false;
    for (size_t d = 0; d < 2; d++)
        if (c->stride[d] != 1 || c->pad_before[d] >= c->kernel[d] || c->pad_after[d] >= c->kernel[d])
            return false;
    /* At least half as many again where direct convolution is; in double, for sizes of any magnitude. */
    const hwv_winograd_pass p = hwv_winograd_forward_pass(c);
    const double direct = (double)hwv_conv_products_along(c, 0) * (double)hwv_conv_products_along(c, 1);
    return direct >= 1.5 * (double)HWV_WINOGRAD_FREQUENCIES * (double)p.tiles[0] * (double)p.tiles[1];
}

double hwv_winograd_flops(const hwv_conv *c)
{
    const hwv_winograd_pass p = hwv_winograd_forward_pass(c);
    return 2.0 * (double)HWV_WINOGRAD_FREQUENCIES * (double)p.tiles[0] * (double)p.tiles[1] * (double)c->channels *
           (double)c->filters;
}

size_t hwv_winograd_forward_workspace(const hwv_conv *c, size_t images, size_t workers)
{
    const hwv_winograd_pass p = hwv_winograd_forward_pass(c);
    const size_t made[] = {hwv_conv_least(p.unit, images), c->height, c->width, c->channels};
    size_t each = hwv_size_product(made, sizeof made / sizeof *made), floats = hwv_winograd_floats(p.depth, p.columns),
           bytes;
    if (!hwv_winograd_room(&each, 1, HWV_WINOGRAD_LANES) ||
        !hwv_winograd_room(&each, 1, hwv_winograd_block_floats(&p)) ||
        !hwv_winograd_room(&floats, workers > 0 ? workers : 1, each) ||
        !hwv_winograd_room(&floats, 1, hwv_winograd_width(p.depth)) || !hwv_size_mul(floats, sizeof(float), &bytes) ||
        !hwv_size_add(bytes, HWV_ALIGNMENT, &bytes))
        return SIZE_MAX;
    return bytes;
}

typedef struct job {
    hwv_winograd_pass pass;
    size_t images;
    const hwv_image_source *source;
    float *out;
    float *blocks, *made; /* of all workers */
    size_t block_floats, made_floats;
    hwv_conv_finish *finish;
    void *context;
} job;

/* A worker mostly runs the next unit next. */
static void unit_task(void *context, size_t task, size_t worker)
{
    const job *j = context;
    const hwv_winograd_pass *p = &j->pass;
    const size_t first = task * p->unit, count = hwv_conv_least(p->unit, j->images - first), next = first + count;
    const size_t pixels = p->out_size[0] * p->out_size[1], left = hwv_conv_least(p->unit, j->images - next);
    const float *in =
        hwv_winograd_images(j->source, first, count, hwv_winograd_in_floats(p), j->made + worker * j->made_floats);
    const float *behind = j->source->make || left == 0 ? NULL : in + count * hwv_winograd_in_floats(p);
    const hwv_winograd_next meanwhile[HWV_WINOGRAD_MEANWHILE] = {hwv_winograd_reads(j->source->reads[0], next, left),
                                                                 hwv_winograd_reads(j->source->reads[1], next, left)};
    hwv_winograd_run_unit(p, in, count, behind, meanwhile, j->out + first * hwv_winograd_out_floats(p),
                          j->blocks + worker * j->block_floats);
    for (size_t i = first; i < next && j->finish; i++)
        j->finish(j->context, i * pixels, pixels);
}

void hwv_winograd_forward(const hwv_conv *c, const hwv_executor *executor, size_t images, const hwv_image_source *x,
                          const float *weight, const hwv_conv_after *after, float *y, void *workspace)
{
    job j = {.pass = hwv_winograd_forward_pass(c),
             .images = images,
             .source = x,
             .out = y,
             .finish = after->finish,
             .context = after->context};
    if (images == 0)
        return;
    const size_t zeros = hwv_winograd_width(j.pass.depth), workers = hwv_executor_workers(executor);
    float *at = hwv_winograd_start(workspace, zeros);
    j.pass.zeros = at;
    j.pass.panels = at + zeros;
    j.pass.bias = after->bias;
    hwv_winograd_pack(&j.pass, executor, weight, false, at + zeros);
    j.block_floats = hwv_winograd_block_floats(&j.pass);
    j.made_floats = hwv_winograd_width(hwv_conv_least(j.pass.unit, images) * hwv_winograd_in_floats(&j.pass));
    j.blocks = at + zeros + hwv_winograd_floats(j.pass.depth, j.pass.columns);
    j.made = j.blocks + workers * j.block_floats;
    hwv_executor_run(executor, hwv_conv_parts(images, j.pass.unit), unit_task, &j);
}
