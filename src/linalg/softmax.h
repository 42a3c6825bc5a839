/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Softmax of rows and the cross-entropy of class labels. */
#ifndef HWV_LINALG_SOFTMAX_H
#define HWV_LINALG_SOFTMAX_H

#include <stddef.h>
#include <stdint.h>

/* p[r,c] = exp(x[r,c]) / sum over c of exp(x[r,c]), shifted by the row's maximum: no overflow. p (rows at
 * p_stride) may be x. A row with a NaN or +inf, or with -inf only, is NaN. Each row on its own: bits do
 * not depend on the others. */
void hwv_softmax(size_t rows, size_t classes, float *p, size_t p_stride, const float *x, size_t x_stride);

/* y = x - log of the sum of exp(x), shifted by the row's maximum; y may be x. NaN where hwv_softmax is. */
void hwv_log_softmax(size_t rows, size_t classes, float *y, size_t y_stride, const float *x, size_t x_stride);

/* Mean over rows of -(1-s) log p[label] - s/classes sum over c of log p[c], s = smoothing in [0, 1), as PyTorch.
 * Sums over rows in double in row order. labels[r] in [0, classes). probabilities: rows x classes, dense,
 * or NULL. NaN if any row's softmax is. rows == 0 gives 0. */
double hwv_cross_entropy_forward(size_t rows, size_t classes, const float *logits, size_t stride, const int32_t *labels,
                                 float smoothing, float *probabilities);

/* dlogits[r,c] = (p[r,c] - target[r,c]) * scale / rows, target = (1-s) [c == label] + s/classes; scale is the
 * gradient arriving at the loss (1 at the end of a net). dlogits may be the probabilities themselves when
 * stride == classes. */
void hwv_cross_entropy_backward(size_t rows, size_t classes, const float *probabilities, const int32_t *labels,
                                float smoothing, float scale, float *dlogits, size_t stride);

#endif
