/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Progress: one line that is drawn over itself on a terminal; elsewhere only the lines that are worth
 * keeping, one per epoch. */
#ifndef HWV_REPORT_PROGRESS_H
#define HWV_REPORT_PROGRESS_H

#include <stdio.h>

#include "report/term.h"

/* Owns nothing. `stream` NULL: silent. */
typedef struct hwv_progress {
    FILE *stream;
    hwv_term term;
    const char *label;
    double begun, drawn; /* seconds of the clock */
    bool shown;          /* the line is on the terminal now */
} hwv_progress;

/* `label` must live as long as the progress; NULL: none. */
void hwv_progress_begin(hwv_progress *progress, FILE *stream, const hwv_term *term, const char *label);
/* share 0..1 of the work is done; `detail` (may be NULL) is shown behind the bar. Cheap: draws at most
 * ten times a second, and only on a terminal. */
void hwv_progress_step(hwv_progress *progress, double share, const char *detail);
/* A line to keep: the end of an epoch. On a terminal the bar makes room for it. */
void hwv_progress_line(hwv_progress *progress, const char *line);
/* Removes the bar. */
void hwv_progress_end(hwv_progress *progress);

/* What a step draws, without line end, at most term->width - 1 columns. seconds_left < 0 or NaN: not known. */
void hwv_progress_render(const hwv_term *term, const char *label, double share, double seconds_left, const char *detail,
                         hwv_text *text);

#endif
