/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The experiments: one function a row of claims.def. */
#ifndef HWV_STUDY_CLAIMS_H
#define HWV_STUDY_CLAIMS_H

#include "study/study.h"

#define HWV_CLAIM(name, title, claim, experiment)                                                                      \
    hwv_status hwv_claim_##name(const hwv_study *study, hwv_finding *finding, hwv_error *error);
#include "study/claims.def"
#undef HWV_CLAIM

#endif
