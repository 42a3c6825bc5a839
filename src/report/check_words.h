/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the text and the page of a check share: words, numbers, states of units. */
#ifndef HWV_REPORT_CHECK_WORDS_H
#define HWV_REPORT_CHECK_WORDS_H

#include "report/check.h"

/* A unit is in exactly one of these states; drawn in this order. */
typedef enum hwv_check_state {
    HWV_CHECK_DEAD,
    HWV_CHECK_SILENT, /* not for long enough to be dead */
    HWV_CHECK_INERT,
    HWV_CHECK_RARE,
    HWV_CHECK_FIRING,
    HWV_CHECK_ALWAYS_ON,
    HWV_CHECK_STATES
} hwv_check_state;

hwv_check_state hwv_check_state_of(const hwv_unit_diagnosis *unit);
/* "dead", "silent", "inert", "rare", "firing", "always on" */
const char *hwv_check_state_name(hwv_check_state state);
hwv_style hwv_check_state_style(hwv_check_state state);
/* Units of a layer per state. */
void hwv_check_counts(const hwv_layer_diagnosis *layer, size_t counts[HWV_CHECK_STATES]);

/* "SICK", "CANNOT TELL", "LOOK", "HEALTHY"; "sick", "cannot tell" and so on in tables. */
const char *hwv_check_verdict_head(hwv_verdict verdict);
const char *hwv_check_verdict_word(hwv_verdict verdict);
hwv_style hwv_check_verdict_style(hwv_verdict verdict);

/* 2877 as "2 877". */
hwv_number hwv_check_count(uint64_t value);
/* An upper bound with two digits, rounded up so that it still is one: "0.11 %". */
hwv_number hwv_check_bound(double share);
/* An expected number of units: whole ones without decimals. */
hwv_number hwv_check_expected(double units);

/* The name of a layer cut in its middle to `columns`, in `buffer` (returned): the ends of long names differ. */
const char *hwv_check_shorten(const char *name, size_t columns, char *buffer, size_t size);
/* "1536->128", "" where the features are not known. */
hwv_number hwv_check_shape(const hwv_layer_diagnosis *layer);
/* "2 877 inputs", "48 groups of 60 inputs" */
void hwv_check_samples(const hwv_check_view *view, hwv_text *text);
/* Indices of the units in `state` as "0-3, 7, 12-19", at most about `room` characters, then "and 30 more". */
void hwv_check_indices(const hwv_layer_diagnosis *layer, hwv_check_state state, size_t room, hwv_text *text);

const char *hwv_check_model(const hwv_check_view *view);
/* What stands behind the verdict: how many layers, what else was silent. */
void hwv_check_detail(const hwv_check_view *view, hwv_text *text);
/* "dead units: bias -0.003, pull of the input mean -58.9, spread 10.3; living: ...": medians, as far as they are known. */
void hwv_check_medians(const hwv_layer_diagnosis *layer, hwv_text *text);
/* What was looked at, and what was not; sentences without their beginning. */
void hwv_check_checked(const hwv_check_view *view, hwv_text *text);
void hwv_check_not_checked(const hwv_check_view *view, hwv_text *text);
/* What treatments were tried on, and where outputs were compared. */
void hwv_check_tried(const hwv_check_view *view, hwv_text *text);
/* Names of treatment i and of all later ones that cannot be done for the same reason: "prune, recycle"; false, and
 * nothing is added, where an earlier one says it. */
bool hwv_check_names(const hwv_check_view *view, size_t i, hwv_text *text);
/* "outputs move by at most 2.4e-7 on 1 024 inputs; 213 377 parameters become 85 123": what a treatment did. */
void hwv_check_effect(const hwv_check_treatment *treatment, hwv_text *text);
/* The flow of layer `layer`, by name; NULL where there is none. */
const hwv_layer_flow *hwv_check_flow(const hwv_check_view *view, size_t layer);

/* Said once, wherever zeros stand beside dead units. */
#define HWV_CHECK_ZEROS                                                                                                \
    "zeros: share of entries that are 0. That is no death: half of them is usual behind a relu; a dead unit is 0 for " \
    "every sample."

#endif
