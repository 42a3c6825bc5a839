/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What forward and backward data have in common: images of `depth` channels become images of `columns` channels, cut into
 * tiles of 4 x 4 or 2 x 2 pixels, the last of which may lie partly outside. All tiles of some images, a unit, are worked
 * off in blocks: the inputs are transformed, multiplied frequency by frequency, and transformed back. */
#ifndef HWV_LINALG_WINOGRAD_PASS_H
#define HWV_LINALG_WINOGRAD_PASS_H

#include "linalg/conv_pass.h"
#include "linalg/dispatch.h"
#include "linalg/winograd.h"

/* Channels are rounded up to this where whole vectors are read: a multiple of the lanes of all sets. */
#define HWV_WINOGRAD_LANES ((size_t)16)

typedef struct hwv_winograd_pass {
    size_t form, taps, tile; /* of winograd_kernels.h; taps and pixels of a dimension */
    size_t in_size[2], out_size[2];
    size_t pad[2]; /* zeros in front of the input */
    size_t depth, columns;
    size_t tiles[2], image_tiles;
    size_t unit; /* images */
    const hwv_linalg_kernels *kernels;
    const float *zeros;  /* as many as there are channels */
    const float *panels; /* [frequency][panel][depth][HWV_PANEL] */
    const float *bias;   /* or NULL */
} hwv_winograd_pass;

static inline size_t hwv_winograd_width(size_t channels)
{
    return hwv_conv_parts(channels, HWV_WINOGRAD_LANES) * HWV_WINOGRAD_LANES;
}

/* Panels of that many channels. */
static inline size_t hwv_winograd_panels(size_t channels)
{
    return hwv_conv_parts(channels, HWV_PANEL);
}

/* Floats from frequency to frequency of `rows` rows: without a cache line between them all frequencies of a tile would
 * fall on the same cache sets. */
static inline size_t hwv_winograd_step(size_t rows, size_t channels)
{
    return hwv_winograd_panels(channels) * rows * HWV_PANEL + HWV_CACHE_LINE;
}

/* From x to y; from dy to dx. */
hwv_winograd_pass hwv_winograd_forward_pass(const hwv_conv *conv);
hwv_winograd_pass hwv_winograd_data_pass(const hwv_conv *conv);

/* Floats of an image, input and output. */
static inline size_t hwv_winograd_in_floats(const hwv_winograd_pass *p)
{
    return p->in_size[0] * p->in_size[1] * p->depth;
}
static inline size_t hwv_winograd_out_floats(const hwv_winograd_pass *p)
{
    return p->out_size[0] * p->out_size[1] * p->columns;
}

/* Floats of all frequencies of `rows` rows, a multiple of a cache line; SIZE_MAX when they do not fit. */
size_t hwv_winograd_floats(size_t rows, size_t channels);
/* Of a worker's block. */
size_t hwv_winograd_block_floats(const hwv_winograd_pass *pass);

/* Transforms `weight` of the convolution to `panels`; rotated and transposed for dx. */
void hwv_winograd_pack(const hwv_winograd_pass *pass, const hwv_executor *executor, const float *weight,
                       bool transposed, float *panels);

/* Tiles first .. first+count-1 of the images at `in`, to rows of v, which has `rows` in all. */
void hwv_winograd_transform(const hwv_winograd_pass *pass, const float *in, size_t first, size_t count, float *v,
                            size_t rows);
/* Likewise of the images at `out`, which are a gradient: to rows of d. */
void hwv_winograd_transform_gradient(const hwv_winograd_pass *pass, const float *out, size_t first, size_t count,
                                     float *d, size_t rows);

/* What images first .. first+count-1 need. */
hwv_winograd_next hwv_winograd_reads(hwv_image_reads reads, size_t first, size_t count);

/* All tiles of some images. behind: what is read next, or NULL. meanwhile: what else is brought to the cache until
 * they are done. block: of one worker. */
#define HWV_WINOGRAD_MEANWHILE (HWV_WINOGRAD_NEXT - 2)
void hwv_winograd_run_unit(const hwv_winograd_pass *pass, const float *in, size_t images, const float *behind,
                           const hwv_winograd_next meanwhile[HWV_WINOGRAD_MEANWHILE], float *out, float *block);

/* Images first .. first+count-1 of a source, one behind the other: in place, or made to `scratch`. */
const float *hwv_winograd_images(const hwv_image_source *source, size_t first, size_t count, size_t image_floats,
                                 float *scratch);

/* The first aligned float of a workspace, where `zeros` zeros are written. */
float *hwv_winograd_start(void *workspace, size_t zeros);

/* *total += count * size, false when that does not fit. */
bool hwv_winograd_room(size_t *total, size_t count, size_t size);

#endif
