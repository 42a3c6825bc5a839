/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Defaults. */
#include "halfwave/train.h"

hwv_train_options hwv_train_defaults(void)
{
    return (hwv_train_options){
        .optimizer = {.optimizer = HWV_OPTIMIZER_SGD,
                      .lr = 0.05,
                      .momentum = 0.9,
                      .beta1 = 0.9,
                      .beta2 = 0.999,
                      .eps = 1e-8,
                      .schedule = HWV_SCHEDULE_CONSTANT,
                      .step_every = 1000,
                      .gamma = 0.1},
        .init = HWV_INIT_AUTO,
        .batch = 32,
        .epochs = 20,
        .seed = 1,
        .passes = HWV_PASS_ALL,
        .convolution = HWV_CONVOLUTION_AUTO,
    };
}
