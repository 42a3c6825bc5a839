/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * One training run of an experiment. */
#ifndef HWV_STUDY_RUN_H
#define HWV_STUDY_RUN_H

#include "halfwave/train.h"
#include "study/study.h"

/* Builds `notation` with activation `op` on the study's data, trains it with `options`. A run that
 * diverges is a result here, not a failure: look at result->diverged. `model` (may be NULL) receives
 * the trained model, to be freed by the caller; hooks may be NULL. Free result with
 * hwv_train_result_free. */
hwv_status hwv_study_train(const hwv_study *study, const char *notation, hwv_op op, const hwv_train_options *options,
                           const hwv_train_hooks *hooks, hwv_model *model, hwv_train_result *result, hwv_error *error);

/* Picks a learning rate for such runs (hwv_rate_pick). HWV_ERR_NUMERIC: they diverge at every rate tried. */
hwv_status hwv_study_rate(const hwv_study *study, const char *notation, hwv_op op, const hwv_train_options *options,
                          double *rate, hwv_error *error);

/* The built model alone, weights not initialised. */
hwv_status hwv_study_model(const hwv_study *study, const char *notation, hwv_op op, hwv_model *model, hwv_error *error);

#endif
