/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Windows that slide over images: kernel, strides, pads and dilations as ONNX says them. Values [batch, channels, length]
 * are images of width 1. */
#ifndef HWV_ONNX_IMPORT_WINDOW_H
#define HWV_ONNX_IMPORT_WINDOW_H

#include "onnx/import.h"

typedef struct hwv_import_window {
    hwv_window window; /* kernels dilated; pads as they are, maybe larger than what our nodes take */
    size_t kernel[2], dilation[2];
    size_t size[2], output[2]; /* of the image; by ONNX's rule */
    bool flat;                 /* [batch, channels, length] */
    bool counts_pad;           /* of an AveragePool: pads are given and count */
} hwv_import_window;

/* Of input 0, with kernel sizes as attribute `kernel_shape`, or given (kernel_count of them) where it is absent. */
hwv_status hwv_import_window_read(hwv_import *import, const int64_t *kernel, size_t kernel_count,
                                  hwv_import_window *window);
/* Input 0 as images [batch, height, width, channels], and an output of images back to input 0's rank, as result 0. */
hwv_status hwv_import_images(hwv_import *import, hwv_id *x);
hwv_status hwv_import_images_result(hwv_import *import, hwv_id y);
/* The same images with pads of their own added before, for pads that are as large as the kernel; window's become 0. */
hwv_status hwv_import_window_pad(hwv_import *import, hwv_import_window *window, float fill, hwv_id *x);

#endif
