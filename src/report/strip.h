/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What both renderings of a strip share. */
#ifndef HWV_REPORT_STRIP_H
#define HWV_REPORT_STRIP_H

#include "report/figure.h"

/* Cuts a row of length `room` into whole steps: ends[part_count], rising. A part that is there at all has at least
 * `least`, as far as room goes; the largest part gives it up. An empty row has no parts. */
void hwv_strip_cut(const hwv_strip *strip, size_t row, double room, double least, double *ends);

#endif
