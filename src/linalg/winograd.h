/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Two-dimensional convolution by Winograd's minimal filtering (Winograd 1980; Lavin & Gray, CVPR 2016), channels last:
 * the same sums as linalg/conv.h with fewer multiplications, F(4x4, 3x3) and F(2x2, 5x5), both with six points: 0,
 * +-1/sqrt(2), +-sqrt(2), infinity. All three passes of training.
 *
 * Results differ from those of linalg/conv.h by rounding (relative RMS difference at most 5e-6), and with 3x3 an exact
 * zero may become a tiny number of either sign: a unit whose window is all zeros fires then, or does not. What asks which
 * units fire must convolve directly. A NaN or infinity in one pixel reaches all pixels of the tiles that it is in, and
 * inputs beyond about 1e37 overflow.
 *
 * Results depend on the shape and the number of images alone, as in linalg/conv.h: not on the number of threads, and on
 * sets with FMA not on the set. Nothing is allocated. */
#ifndef HWV_LINALG_WINOGRAD_H
#define HWV_LINALG_WINOGRAD_H

#include "linalg/conv.h"

/* Kernel 3x3 or 5x5, stride 1, one group, 16 or more channels and filters, and a map on which it pays. */
bool hwv_winograd_suits(const hwv_conv *conv);

/* Operations of the products of one pass over one image, two a multiply-add; what the transforms take is not among them. */
double hwv_winograd_flops(const hwv_conv *conv);

/* Memory that is brought to the cache while products run, before it is read: an array of `floats` floats an image, or
 * nothing where at is NULL. No more than a hint. */
typedef struct hwv_image_reads {
    const float *at;
    size_t floats;
} hwv_image_reads;

/* The images that a pass reads: dense from `at` on; or, where make is not NULL, made one by one in a worker's scratch by
 * that worker, as often as they are needed: always with the same bits. */
typedef struct hwv_image_source {
    const float *at;
    void (*make)(const void *context, size_t image, float *to);
    const void *context;
    hwv_image_reads reads[2]; /* by make */
} hwv_image_source;

/* Bytes of workspace on an executor of at most `workers` workers (0 counts as 1) for up to `images` images, with room for
 * images that are made; SIZE_MAX when they do not fit in a size_t. */
size_t hwv_winograd_forward_workspace(const hwv_conv *conv, size_t images, size_t workers);
size_t hwv_winograd_backward_workspace(const hwv_conv *conv, size_t images, size_t workers);

/* Overwrites y. after: bias and finish as in hwv_conv_forward_then, map not allowed; finish is called once for every
 * image, with all its pixels, while the image is in the cache. workspace: of any alignment and content. */
void hwv_winograd_forward(const hwv_conv *conv, const hwv_executor *executor, size_t images, const hwv_image_source *x,
                          const float *weight, const hwv_conv_after *after, float *y, void *workspace);

/* Both gradients, image by image, so that what is made of an image serves both. */
typedef struct hwv_winograd_gradients {
    float *dweight; /* NULL: not wanted, then x is not read */
    bool accumulate;
    float *dx; /* NULL: not wanted; overwritten */
    /* Called once for every image of dx, with all its pixels, as soon as it is complete, by the worker that computed it;
     * or NULL. */
    hwv_conv_finish *finish;
    void *context;
    hwv_image_reads reads; /* by finish, beside dx */
} hwv_winograd_gradients;

void hwv_winograd_backward(const hwv_conv *conv, const hwv_executor *executor, size_t images, const hwv_image_source *x,
                           const hwv_image_source *dy, const float *weight, const hwv_winograd_gradients *gradients,
                           void *workspace);

#endif
