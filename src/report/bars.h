/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What both renderings of bars share. */
#ifndef HWV_REPORT_BARS_H
#define HWV_REPORT_BARS_H

#include "report/figure.h"

typedef struct hwv_bar_space {
    hwv_range range;
    double zero; /* place where bars begin */
    hwv_left_out left_out;
} hwv_bar_space;

hwv_bar_space hwv_bars_measure(const hwv_bars *bars);
/* Palette number. */
size_t hwv_bars_color(const hwv_bars *bars, size_t group, size_t series);
/* What stands behind a bar. */
hwv_number hwv_bars_value(const hwv_bars *bars, double value);
/* The axis title, which says so when lengths are logarithms. */
const char *hwv_bars_axis_title(const hwv_bars *bars, char *buffer, size_t size);

#endif
