/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What mean-field theory expects of gradients. */
#ifndef HWV_CHECK_FLOW_THEORY_H
#define HWV_CHECK_FLOW_THEORY_H

#include "check/labelled.h"

/* From the mean square of the gradient at the logits to that of every value in front of them. Arrays by value: signal, the
 * mean square of each activation's input; gradient, what is expected, NAN where a node has no theory and where no gradient
 * arrives. HWV_ERR_MEMORY. */
hwv_status hwv_flow_theory(const hwv_labelled *copy, double at_logits, const double *signal, double *gradient,
                           hwv_error *error);

/* Mean of f'(z)^2, z the largest of `of` numbers drawn from a normal distribution of mean square `square`. */
double hwv_flow_slope(const hwv_act *act, double square, size_t of);

#endif
