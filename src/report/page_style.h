/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * How pages look: the only style sheet. */
#ifndef HWV_REPORT_PAGE_STYLE_H
#define HWV_REPORT_PAGE_STYLE_H

#include <stdbool.h>

#include "halfwave/text.h"

/* A wave of which the positive half passes. */
#define HWV_PAGE_EMBLEM                                                                                                \
    "<svg viewBox=\"0 0 46 22\" width=\"46\" height=\"22\" aria-hidden=\"true\"><path d=\"M2 20C6 2 12 2 16 20H30C34 " \
    "2 40 2 44 "                                                                                                       \
    "20\"/></svg>"

/* The rules, those of the drawings included. `narrow`: there are drawings for phones. */
void hwv_page_style(hwv_text *text, bool narrow);

#endif
