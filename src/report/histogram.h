/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What both renderings of a histogram share. */
#ifndef HWV_REPORT_HISTOGRAM_H
#define HWV_REPORT_HISTOGRAM_H

#include "report/figure.h"

typedef struct hwv_histogram_space {
    hwv_range x, y;
    hwv_left_out left_out;
} hwv_histogram_space;

hwv_histogram_space hwv_histogram_measure(const hwv_histogram *histogram);

#endif
