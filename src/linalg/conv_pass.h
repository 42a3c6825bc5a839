/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What forward and backward data have in common: a grid of output pixels, each the sum over taps of input pixels times
 * weights. Output pixel o of a dimension takes from tap t input pixel o * step + t + offset, where there is one. */
#ifndef HWV_LINALG_CONV_PASS_H
#define HWV_LINALG_CONV_PASS_H

#include "linalg/conv.h"
#include "linalg/conv_kernels.h"

typedef struct hwv_conv_pass {
    size_t images;
    const float *in;
    float *out;                 /* pixel (0, 0) of the grid */
    size_t in_size[2];          /* height, width */
    size_t out_size[2];         /* of the grid, which may be part of an image */
    size_t in_pixel;            /* floats from pixel to pixel: channels of the input */
    size_t out_pixel;           /* from grid pixel to grid pixel */
    size_t out_line;            /* from grid line to grid line */
    size_t in_image, out_image; /* from image to image */
    size_t taps[2], step[2];
    ptrdiff_t offset[2];
    size_t groups, depth, columns; /* depth, columns: channels of a group, of the input and of the output */
    const float *panels;           /* [group][panel][tap row][tap column][depth][HWV_PANEL] */
    const float *bias;             /* or NULL */
    hwv_column_map map;            /* of all outputs */
} hwv_conv_pass;

static inline size_t hwv_conv_least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t hwv_conv_parts(size_t count, size_t each)
{
    return count / each + (count % each != 0);
}

/* Where part `part` of `parts` of nearly equal size begins. */
static inline size_t hwv_conv_part_start(size_t count, size_t parts, size_t part)
{
    return part * (count / parts) + hwv_conv_least(part, count % parts);
}

typedef struct hwv_conv_range {
    size_t first, end;
} hwv_conv_range;

/* Outputs of one dimension for which tap `tap` lies inside; empty is first >= end. */
hwv_conv_range hwv_conv_outputs(size_t in, size_t out, size_t step, ptrdiff_t offset, size_t tap);
/* Products of taps inside the image along one dimension (0: height), of all outputs of a line along it. */
size_t hwv_conv_products_along(const hwv_conv *conv, size_t dimension);
/* Taps of one dimension that lie inside for an output. */
hwv_conv_range hwv_conv_taps(size_t in, size_t taps, size_t step, ptrdiff_t offset, size_t output);

/* Outputs for which all taps lie inside; first <= end <= out. */
static inline hwv_conv_range hwv_conv_inside(size_t in, size_t out, size_t step, ptrdiff_t offset, size_t taps)
{
    if (taps == 0)
        return (hwv_conv_range){0, 0};
    const size_t first = hwv_conv_least(hwv_conv_outputs(in, out, step, offset, 0).first, out);
    const size_t end = hwv_conv_outputs(in, out, step, offset, taps - 1).end;
    return (hwv_conv_range){first, end > first ? end : first};
}

/* Floats of a panel. */
size_t hwv_conv_panel_floats(const hwv_conv_pass *pass);
/* Panels of one pass: tap (y, x) of the pass is tap first + y * between of the kernel's height, likewise its width;
 * between may be negative. transposed: outputs are the channels, and the sum goes over filters. */
typedef struct hwv_conv_packing {
    const float *weight;
    size_t kernel[2];
    size_t first[2];
    ptrdiff_t between[2];
    bool transposed;
} hwv_conv_packing;
/* Where tap (y, x) of the pass lies in an area of the kernel. */
static inline size_t hwv_conv_packed_tap(const hwv_conv_packing *k, size_t y, size_t x)
{
    return (size_t)((ptrdiff_t)k->first[0] + (ptrdiff_t)y * k->between[0]) * k->kernel[1] +
           (size_t)((ptrdiff_t)k->first[1] + (ptrdiff_t)x * k->between[1]);
}

/* Packs panel `panel` of group `group`. */
void hwv_conv_pack(const hwv_conv_pass *pass, const hwv_conv_packing *packing, size_t group, size_t panel, float *to);

/* Images first .. end-1, lines top .. bottom-1 of each. Tiles are pixels of a line, or, across, of images. */
typedef struct hwv_conv_block {
    size_t first, end, top, bottom;
    bool across;
    bool next; /* the block that follows in memory will be computed next: its input is brought to the cache */
} hwv_conv_block;

/* segments: room for taps[1] segments. */
void hwv_conv_run_block(const hwv_conv_pass *pass, const hwv_conv_block *block, hwv_conv_segment *segments);

/* One channel and one filter in each group: weights are [tap row][tap column][channel] in place of panels. */
void hwv_depthwise_pack(const hwv_conv_pass *pass, const hwv_conv_packing *packing, float *to);
/* taps: room for taps[0] * taps[1]; the block does not go across. */
void hwv_depthwise_run_block(const hwv_conv_pass *pass, const hwv_conv_block *block, hwv_depthwise_tap *taps);

static inline bool hwv_conv_is_depthwise(const hwv_conv *conv)
{
    return conv->groups == conv->channels && conv->groups == conv->filters && conv->groups > 1;
}

#endif
