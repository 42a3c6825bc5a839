/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Axes: ranges, nice ticks, their labels. Shared by both renderings of every picture. */
#ifndef HWV_REPORT_AXIS_H
#define HWV_REPORT_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "report/plot.h"

/* An interval of an axis, low < high; positive when log. */
typedef struct hwv_range {
    double low, high;
    bool log;
} hwv_range;

#define HWV_TICKS 24

typedef struct hwv_ticks {
    size_t count;
    double at[HWV_TICKS];
    char label[HWV_TICKS][48]; /* UTF-8 where asked for */
} hwv_ticks;

/* Smallest and largest of the values that the axis can show; low > high when there are none. */
typedef struct hwv_extent {
    double low, high;
} hwv_extent;

#define HWV_EXTENT_NONE ((hwv_extent){1, 0})

bool hwv_axis_shows(const hwv_axis *axis, double value);
void hwv_extent_add(hwv_extent *extent, const hwv_axis *axis, double value);

/* The range for data of that extent: never empty; `margin` is the share of the span left free on both
 * sides; a linear range whose data comes close to 0 starts there when `zero`. */
hwv_range hwv_axis_range(const hwv_axis *axis, hwv_extent extent, double margin, bool zero);
/* 0 at low, 1 at high; outside it beyond. */
double hwv_range_place(const hwv_range *range, double value);

/* At most `most` ticks (and HWV_TICKS) inside the range, at nice numbers. */
void hwv_axis_ticks(const hwv_axis *axis, const hwv_range *range, size_t most, bool utf8, hwv_ticks *ticks);

#endif
