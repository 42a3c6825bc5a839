/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Softmax and cross-entropy: the rows are the kernels' work, the sum over rows is done here. */
#include "linalg/softmax.h"

#include <assert.h>
#include <math.h>

#include "linalg/dispatch.h"

/* Rows taken together: their logarithms are taken as one logarithm of a product. */
#define GROUP ((size_t)8)

static size_t group_at(size_t rows, size_t r)
{
    return rows - r < GROUP ? rows - r : GROUP;
}

void hwv_softmax(size_t rows, size_t classes, float *p, size_t p_stride, const float *x, size_t x_stride)
{
    const hwv_row_kernels *kernels = hwv_linalg_kernels_of(hwv_isa_current())->rows;
    float maximum[GROUP], sum[GROUP];
    for (size_t r = 0; r < rows; r += GROUP)
        kernels->softmax(group_at(rows, r), classes, p + r * p_stride, p_stride, x + r * x_stride, x_stride, maximum,
                         sum);
}

void hwv_log_softmax(size_t rows, size_t classes, float *y, size_t y_stride, const float *x, size_t x_stride)
{
    const hwv_row_kernels *kernels = hwv_linalg_kernels_of(hwv_isa_current())->rows;
    float maximum[GROUP], sum[GROUP];
    for (size_t r = 0; r < rows; r += GROUP) {
        kernels->softmax(group_at(rows, r), classes, NULL, 0, x + r * x_stride, x_stride, maximum, sum);
        for (size_t i = 0; i < group_at(rows, r); i++) {
            const double below = log((double)sum[i]);
            for (size_t c = 0; c < classes; c++)
                y[(r + i) * y_stride + c] = (float)(((double)x[(r + i) * x_stride + c] - (double)maximum[i]) - below);
        }
    }
}

/* Mean over classes of maximum - x. */
static double mean_below(size_t classes, const float *x, float maximum)
{
    double sum = 0.0;
    for (size_t c = 0; c < classes; c++)
        sum += (double)maximum - (double)x[c];
    return sum / (double)classes;
}

double hwv_cross_entropy_forward(size_t rows, size_t classes, const float *logits, size_t stride, const int32_t *labels,
                                 float smoothing, float *probabilities)
{
    const hwv_row_kernels *kernels = hwv_linalg_kernels_of(hwv_isa_current())->rows;
    const double smooth = (double)smoothing;
    double total = 0.0;
    for (size_t r = 0; r < rows; r += GROUP) {
        /* -log p[c] = log(sum) + maximum - x[c]. Each sum lies in [1, classes], so a product of a few cannot
         * overflow a double, and its logarithm is the sum of theirs. */
        float maximum[GROUP], sum[GROUP];
        const size_t group = group_at(rows, r);
        double product = 1.0;
        kernels->softmax(group, classes, probabilities ? probabilities + r * classes : NULL, classes,
                         logits + r * stride, stride, maximum, sum);
        for (size_t i = 0; i < group; i++) {
            const float *x = logits + (r + i) * stride;
            const int32_t label = labels[r + i];
            assert(label >= 0 && (size_t)label < classes);
            double below = (double)maximum[i] - (double)x[label];
            if (smooth > 0.0)
                below = (1.0 - smooth) * below + smooth * mean_below(classes, x, maximum[i]);
            total += below;
            product *= (double)sum[i];
        }
        total += log(product);
    }
    return rows > 0 ? total / (double)rows : 0.0;
}

void hwv_cross_entropy_backward(size_t rows, size_t classes, const float *probabilities, const int32_t *labels,
                                float smoothing, float scale, float *dlogits, size_t stride)
{
    const hwv_row_kernels *kernels = hwv_linalg_kernels_of(hwv_isa_current())->rows;
    const float share = smoothing / (float)classes, factor = scale / (float)rows;
    for (size_t r = 0; r < rows; r++) {
        const float *p = probabilities + r * classes;
        float *d = dlogits + r * stride, of_label = p[labels[r]];
        kernels->shift_scale(classes, d, p, share, factor);
        d[labels[r]] = (of_label - share - (1.0f - smoothing)) * factor;
    }
}
