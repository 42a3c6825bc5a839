/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Two-dimensional convolution (cross-correlation, as in all of deep learning), direct, channels last.
 *     y[n,oy,ox,f] = bias[f] + sum over ky, kx, c of x[n, oy*sy + ky - py, ox*sx + kx - px, g*C/G + c] * w[f,c,ky,kx]
 * with g the group of filter f, and zeros outside of x. x is [images, height, width, channels], y
 * [images, hwv_conv_height, hwv_conv_width, filters], w [filters, channels / groups, kernel, kernel], all dense.
 *
 * Each element of a result is one chain of (fused) multiply-adds in an order that the shape of the convolution alone
 * decides: not the number of threads, not the tile, on sets with FMA not the set. A weight gradient is the sum of the
 * sums of a few shards of the batch, in their order; the shards depend on the shape and on the number of images.
 * Taps that lie outside of x are left out, not multiplied by zero. Nothing is allocated. */
#ifndef HWV_LINALG_CONV_H
#define HWV_LINALG_CONV_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/pool.h"
#include "linalg/column_map.h"

typedef struct hwv_conv {
    size_t height, width, channels; /* of x */
    size_t filters;                 /* channels of y */
    size_t kernel[2], stride[2];    /* height first, then width */
    size_t pad_before[2], pad_after[2];
    size_t groups; /* divides channels and filters */
} hwv_conv;

/* Of y; the padded x must be at least as large as the kernel. */
static inline size_t hwv_conv_height(const hwv_conv *conv)
{
    return (conv->height + conv->pad_before[0] + conv->pad_after[0] - conv->kernel[0]) / conv->stride[0] + 1;
}

static inline size_t hwv_conv_width(const hwv_conv *conv)
{
    return (conv->width + conv->pad_before[1] + conv->pad_after[1] - conv->kernel[1]) / conv->stride[1] + 1;
}

/* Operations of one image, two a multiply-add, taps outside of x left out. */
double hwv_conv_flops(const hwv_conv *conv);

/* Bytes of workspace on an executor of at most `workers` workers (0 counts as 1) for up to `images` images; SIZE_MAX
 * when they do not fit in a size_t. */
size_t hwv_conv_forward_workspace(const hwv_conv *conv, size_t images, size_t workers);
size_t hwv_conv_backward_data_workspace(const hwv_conv *conv, size_t images, size_t workers);
size_t hwv_conv_backward_weight_workspace(const hwv_conv *conv, size_t images, size_t workers);

/* Called once for every block of y, as soon as the block is complete and by the worker that computed it, so that what
 * follows (bias, activation, mask) finds it in the cache. pixels [first, first + count) of all images' pixels, all
 * filters of each. Blocks do not overlap and cover y. */
typedef void hwv_conv_finish(void *context, size_t first, size_t count);

/* Overwrites y. bias: `filters` floats or NULL. finish may be NULL. workspace: of any alignment and content. */
void hwv_conv_forward(const hwv_conv *conv, const hwv_executor *executor, size_t images, const float *x,
                      const float *weight, const float *bias, float *y, hwv_conv_finish *finish, void *context,
                      void *workspace);

/* Weights in the order that forward runs read, for many runs with the same weights. Bytes, the same on every instruction
 * set; SIZE_MAX when they do not fit in a size_t. packed: aligned as HWV_ALIGNMENT. */
size_t hwv_conv_packed_bytes(const hwv_conv *conv);
void hwv_conv_pack_weight(const hwv_conv *conv, const hwv_executor *executor, const float *weight, float *packed);

/* What becomes of the sums, in this order; nothing where NULL. */
typedef struct hwv_conv_after {
    const float *bias;
    hwv_column_map map; /* of the filters: the same bits as a pass over y */
    hwv_conv_finish *finish;
    void *context;
} hwv_conv_after;

/* As hwv_conv_forward, the same bits; packed: by hwv_conv_pack_weight, or NULL, then `weight` is packed here. */
void hwv_conv_forward_then(const hwv_conv *conv, const hwv_executor *executor, size_t images, const float *x,
                           const float *weight, const float *packed, const hwv_conv_after *after, float *y,
                           void *workspace);

/* dx[n,iy,ix,c] = sum over ky, kx, f of dy[...] * w[f,c,ky,kx]; overwrites dx. */
void hwv_conv_backward_data(const hwv_conv *conv, const hwv_executor *executor, size_t images, const float *dy,
                            const float *weight, float *dx, void *workspace);
/* dweight[f,c,ky,kx] = (accumulate ? dweight : 0) + sum over n, oy, ox of dy[n,oy,ox,f] * x[...]. */
void hwv_conv_backward_weight(const hwv_conv *conv, const hwv_executor *executor, size_t images, const float *x,
                              const float *dy, float *dweight, bool accumulate, void *workspace);

/* The same by plain loops in double, for tests and gradient checks; each overwrites its result. bias may be NULL. */
void hwv_conv_forward_reference(const hwv_conv *conv, size_t images, const double *x, const double *weight,
                                const double *bias, double *y);
void hwv_conv_backward_data_reference(const hwv_conv *conv, size_t images, const double *dy, const double *weight,
                                      double *dx);
void hwv_conv_backward_weight_reference(const hwv_conv *conv, size_t images, const double *x, const double *dy,
                                        double *dweight);

#endif
