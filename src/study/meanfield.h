/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Mean-field theory of a random deep network (Poole et al. 2016; Schoenholz et al., ICLR 2017): with
 * weights of variance w/fan_in and no bias a layer maps the mean square q of pre-activations to
 *     q' = w E[f(sqrt(q) g)^2],  g standard normal,
 * and the mean square of gradients is multiplied on the way back by
 *     chi(q) = w E[f'(sqrt(q) g)^2]   (equal widths). */
#ifndef HWV_STUDY_MEANFIELD_H
#define HWV_STUDY_MEANFIELD_H

#include "halfwave/act.h"

double hwv_meanfield_length(const hwv_act *act, double w, double q);
double hwv_meanfield_chi(const hwv_act *act, double w, double q);

#endif
