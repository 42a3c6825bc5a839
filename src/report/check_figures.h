/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The pictures of a check, each appended to a page. */
#ifndef HWV_REPORT_CHECK_FIGURES_H
#define HWV_REPORT_CHECK_FIGURES_H

#include "report/check_words.h"

/* What the units of each layer do, for the layers that are shown[]. */
void hwv_check_draw_strip(const hwv_check_view *view, const bool *shown, hwv_page *page);
/* Expected silent units against samples. Only with silent units. */
void hwv_check_draw_rarefaction(const hwv_check_view *view, hwv_page *page);
/* How often the units of a layer fire, on a log axis. */
void hwv_check_draw_rates(const hwv_check_view *view, size_t layer, hwv_page *page);
/* Mean of z against its spread, a mark per unit. */
void hwv_check_draw_cause(const hwv_check_view *view, size_t layer, hwv_page *page);
/* RMS of the gradient by layer. Only with a flow. */
void hwv_check_draw_flow(const hwv_check_view *view, hwv_page *page);
/* Units x samples. Only for layers with a picture. */
void hwv_check_draw_samples(const hwv_check_view *view, size_t layer, hwv_page *page);

/* The table of units, to be sorted by readers: at most `rows` of them, those of note first. */
void hwv_check_put_units(const hwv_check_view *view, size_t rows, hwv_page *page);

#endif
