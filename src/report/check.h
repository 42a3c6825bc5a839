/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * How a check is shown: verdict first, then the layers, the evidence, why, and what was not looked at. Zero entries
 * and dead units are never mixed. Layers are numbered from 1, units from 0, as in the JSON. */
#ifndef HWV_REPORT_CHECK_H
#define HWV_REPORT_CHECK_H

#include "halfwave/fix.h"
#include "report/page.h"

/* A treatment that was tried. Owns nothing. */
typedef struct hwv_check_treatment {
    const char *name;    /* "leaky 0.01" */
    const char *command; /* does it; a line for a shell */
    const char *reason;  /* why it is advised or not, or why it could not be done; a phrase */
    bool done, advised;
    hwv_output_change change; /* of what was done */
    uint64_t parameters_before, parameters_after;
} hwv_check_treatment;

/* What is shown. Owns nothing. */
typedef struct hwv_check_view {
    const hwv_diagnosis *diagnosis;
    const hwv_flow *flow; /* NULL: gradients were not measured, and it is said */
    const char *model;    /* NULL: the tally's name of it */
    const char *data;     /* name of the data; may be NULL */
    /* Parts that were left out, a phrase each, and why: "node 'Resize_12' (Resize): ...". */
    const char *const *not_checked;
    size_t not_checked_count;
    const hwv_check_treatment *treatments; /* advised ones first */
    size_t treatment_count;
} hwv_check_view;

/* The judgement in one sentence that begins with "SICK: ", "CANNOT TELL: ", "LOOK: " or "HEALTHY: ". */
void hwv_check_sentence(const hwv_check_view *view, hwv_text *text);

/* The whole report for a terminal. */
void hwv_check_print(const hwv_check_view *view, const hwv_term *term, hwv_text *text);
/* Everything about one unit. layer < layer_count and unit < units, both from 0. */
void hwv_check_unit_print(const hwv_check_view *view, size_t layer, size_t unit, const hwv_term *term, hwv_text *text);

/* The report as a page: heading for hwv_page_render in *head (strings live in *strings, which the caller frees), content
 * behind what is in *page. Stays below HWV_PAGE_LIMIT however large the model is: what does not fit is left out, and it is
 * said. */
void hwv_check_page(const hwv_check_view *view, hwv_page *page, hwv_page_head *head, hwv_text *strings);
/* The same as a file, whole or not at all. HWV_ERR_IO, HWV_ERR_MEMORY. */
hwv_status hwv_check_page_save(const hwv_check_view *view, const char *path, hwv_error *error);

#endif
