/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The experiments: one function a row of claims.def. */
#ifndef HWV_STUDY_CLAIMS_H
#define HWV_STUDY_CLAIMS_H

#include "study/study.h"

/* One colour of the palette an operator, the same in all pictures (hwv_series.color). */
enum { HWV_COLOR_RELU = 1, HWV_COLOR_LEAKY_RELU, HWV_COLOR_PRELU, HWV_COLOR_TANH, HWV_COLOR_SIGMOID, HWV_COLOR_OTHER };

#define HWV_CLAIM(name, quick, title, claim, experiment)                                                               \
    hwv_status hwv_claim_##name(const hwv_study *study, hwv_finding *finding, hwv_error *error);
#include "study/claims.def"
#undef HWV_CLAIM

#endif
