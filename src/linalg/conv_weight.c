/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Weight gradients. For each tap they are a product X' dY over the pixels that the tap reaches: rows are channels of
 * x, lanes filters, and the sum goes over pixels, so nothing is transposed. The batch is cut into shards by shape,
 * each with sums of its own, [group][tap][channel][filter], which are added in the order of the shards. */
#include <stdint.h>
#include <string.h>

#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "linalg/conv_pass.h"
#include "linalg/dispatch.h"

/* Shards: enough for the workers there may be, few enough for their sums to stay in a cache. */
#define SHARDS_MOST  ((size_t)16)
#define SHARDS_LEAST ((size_t)4)
#define SHARDS_BYTES ((size_t)4 << 20)
/* Filters of a sum are padded to whole vectors of any set. */
#define PADDED ((size_t)16)

typedef struct sums {
    size_t depth, filters, taps; /* of a group */
    size_t stride;               /* floats from channel to channel */
    size_t floats;               /* of a shard */
    size_t shards;
} sums;

/* False when it does not fit in a size_t. */
static bool sums_of(const hwv_conv *c, size_t images, sums *s)
{
    s->depth = c->channels / c->groups;
    s->filters = c->filters / c->groups;
    s->stride = hwv_conv_parts(s->filters, PADDED) * PADDED;
    size_t bytes;
    if (!hwv_size_mul(c->kernel[0], c->kernel[1], &s->taps) || !hwv_size_mul(s->taps, s->depth, &bytes) ||
        !hwv_size_mul(bytes, s->stride, &bytes) || !hwv_size_mul(bytes, c->groups, &s->floats) ||
        !hwv_size_mul(s->floats, sizeof(float), &bytes) || bytes == 0)
        return false;
    s->shards = hwv_conv_least(SHARDS_BYTES / bytes, SHARDS_MOST);
    s->shards = hwv_conv_least(s->shards > SHARDS_LEAST ? s->shards : SHARDS_LEAST, images);
    return true;
}

static size_t image_floats(const hwv_conv *c)
{
    return hwv_conv_height(c) * hwv_conv_width(c) * c->filters;
}

/* Images of dy at the end, read in whole vectors, from which a read may go beyond the array: they are copied. */
static size_t copied_images(const hwv_conv *c, size_t images)
{
    return hwv_conv_least(images, 1 + hwv_conv_parts(HWV_PANEL, image_floats(c)));
}

size_t hwv_conv_backward_weight_workspace(const hwv_conv *c, size_t images, size_t workers)
{
    sums s;
    size_t bytes, last;
    (void)workers;
    if (!sums_of(c, images, &s) || !hwv_size_mul(s.floats * sizeof(float), s.shards, &bytes) ||
        !hwv_size_mul(copied_images(c, images), image_floats(c), &last) || !hwv_size_add(last, HWV_PANEL, &last) ||
        !hwv_size_mul(last, sizeof(float), &last) || !hwv_size_add(bytes, last, &bytes) ||
        !hwv_size_add(bytes, HWV_ALIGNMENT, &bytes))
        return SIZE_MAX;
    return bytes;
}

typedef struct job {
    const hwv_conv *conv;
    const hwv_linalg_kernels *kernels;
    sums sums;
    size_t images;
    const float *x, *dy;
    float *space;  /* shards' sums */
    size_t copied; /* images of dy that are read from the copy, the last ones */
    float *copy;
    float *dweight;
    bool accumulate;
} job;

/* One tap of one image: rows are the channels of a group, columns up to two vectors of its filters. */
static void tap_product(const job *j, const float *x, const float *dy, size_t y, size_t z, float *to, size_t columns,
                        bool accumulate)
{
    const hwv_conv *c = j->conv;
    const size_t out_width = hwv_conv_width(c), lanes = j->kernels->gemm->lanes;
    const hwv_conv_range v =
        hwv_conv_outputs(c->height, hwv_conv_height(c), c->stride[0], -(ptrdiff_t)c->pad_before[0], y);
    const hwv_conv_range h = hwv_conv_outputs(c->width, out_width, c->stride[1], -(ptrdiff_t)c->pad_before[1], z);
    const bool some = v.first < v.end && h.first < h.end;
    const hwv_tile tile = {.batch = some ? v.end - v.first : 0,
                           .a_batch = c->stride[0] * c->width * c->channels,
                           .b_batch = out_width * c->filters,
                           .depth = some ? h.end - h.first : 0,
                           .a_stride = c->stride[1] * c->channels,
                           .b_stride = c->filters,
                           .c_stride = j->sums.stride,
                           .accumulate = accumulate};
    if (some) {
        x += ((v.first * c->stride[0] + y - c->pad_before[0]) * c->width + h.first * c->stride[1] + z -
              c->pad_before[1]) *
             c->channels;
        dy += (v.first * out_width + h.first) * c->filters;
    }
    const size_t strips = hwv_conv_parts(j->sums.depth, j->kernels->gemm->rows);
    for (size_t s = 0; s < strips; s++) {
        size_t row = hwv_conv_part_start(j->sums.depth, strips, s);
        size_t rows = hwv_conv_part_start(j->sums.depth, strips, s + 1) - row;
        j->kernels->gemm->tiles[1][columns > lanes][rows - 1](&tile, x + row, dy, to + row * j->sums.stride, columns,
                                                              NULL);
    }
}

static void image_products(const job *j, size_t image, float *to, bool accumulate)
{
    const hwv_conv *c = j->conv;
    const size_t wide = HWV_TILE_VECTORS * j->kernels->gemm->lanes, tap_floats = j->sums.depth * j->sums.stride;
    const float *x = j->x + image * c->height * c->width * c->channels;
    const size_t direct = j->images - j->copied;
    const float *dy = image < direct ? j->dy + image * image_floats(c) : j->copy + (image - direct) * image_floats(c);
    for (size_t group = 0; group < c->groups; group++) {
        for (size_t f = 0; f < j->sums.filters; f += wide) {
            size_t columns = hwv_conv_least(wide, j->sums.filters - f);
            for (size_t tap = 0; tap < j->sums.taps; tap++)
                tap_product(j, x + group * j->sums.depth, dy + group * j->sums.filters + f, tap / c->kernel[1],
                            tap % c->kernel[1], to + (group * j->sums.taps + tap) * tap_floats + f, columns,
                            accumulate);
        }
    }
}

static void shard_task(void *context, size_t task, size_t worker)
{
    const job *j = context;
    const size_t first = hwv_conv_part_start(j->images, j->sums.shards, task);
    const size_t end = hwv_conv_part_start(j->images, j->sums.shards, task + 1);
    (void)worker;
    for (size_t image = first; image < end; image++)
        image_products(j, image, j->space + task * j->sums.floats, image > first);
}

/* The gradient of one filter. */
static void combine_task(void *context, size_t task, size_t worker)
{
    const job *j = context;
    const sums *s = &j->sums;
    const float *from = j->space + task / s->filters * s->taps * s->depth * s->stride + task % s->filters;
    float *to = j->dweight + task * s->depth * s->taps;
    (void)worker;
    for (size_t d = 0; d < s->depth; d++) {
        for (size_t tap = 0; tap < s->taps; tap++) {
            float sum = 0.0f;
            for (size_t shard = 0; shard < s->shards; shard++) {
                float part = from[shard * s->floats + (tap * s->depth + d) * s->stride];
                sum = shard == 0 ? part : sum + part;
            }
            to[d * s->taps + tap] = j->accumulate ? to[d * s->taps + tap] + sum : sum;
        }
    }
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
             .accumulate = accumulate};
    if (!sums_of(c, images, &j.sums))
        return;
    j.space = (float *)(((uintptr_t)workspace + HWV_ALIGNMENT - 1) & ~(uintptr_t)(HWV_ALIGNMENT - 1));
    j.copy = j.space + j.sums.shards * j.sums.floats;
    j.copied = copied_images(c, images);
    const size_t floats = j.copied * image_floats(c);
    if (floats > 0)
        memcpy(j.copy, dy + images * image_floats(c) - floats, floats * sizeof(float));
    memset(j.copy + floats, 0, HWV_PANEL * sizeof(float));
    hwv_executor_run(executor, j.sums.shards, shard_task, &j);
    hwv_executor_run(executor, c->filters, combine_task, &j);
}
