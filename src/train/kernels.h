/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The kernels of one instruction set. No multiplication is fused with an addition here, so that the results
 * have the same bits on every set. */
#ifndef HWV_TRAIN_KERNELS_H
#define HWV_TRAIN_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/isa.h"

typedef enum hwv_sgd_rule { HWV_SGD_PLAIN, HWV_SGD_MOMENTUM, HWV_SGD_NESTEROV } hwv_sgd_rule;

/* One update of one optimiser, everything that does not depend on the element. */
typedef struct hwv_update {
    hwv_sgd_rule rule;
    bool first;  /* step 1: the momentum buffer becomes g */
    float scale; /* g is multiplied by it in front of everything else; 1: not */
    float momentum;
    float rate;   /* adam: the rate over the first bias correction */
    float decay;  /* 0: none */
    float shrink; /* adam: p is multiplied by it in front of the step */
    float beta1, beta2, one_minus_beta1, one_minus_beta2, eps;
    float root_correction; /* adam: the square root of the second bias correction */
} hwv_update;

typedef struct hwv_train_kernels {
    /* Both: p, g and the moments have n elements and do not overlap. False when a new p is not finite. */
    bool (*sgd)(const hwv_update *update, float *p, const float *g, float *moment1, size_t n);
    bool (*adam)(const hwv_update *update, float *p, const float *g, float *moment1, float *moment2, size_t n);
    /* wrong[r] = 1 unless the first largest of x[r][0 .. classes-1] is at labels[r] (so also where a NaN is in
     * the row). Returns their sum. */
    size_t (*wrong)(size_t rows, size_t classes, const float *x, const int32_t *labels, uint8_t *wrong);
    /* How many x[i] are 0 (of either sign). */
    uint64_t (*zeros)(size_t n, const float *x);
} hwv_train_kernels;

/* Of the set in use. */
const hwv_train_kernels *hwv_train_kernels_current(void);

#endif
