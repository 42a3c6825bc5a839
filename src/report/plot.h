/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pictures. Each is a small struct that owns nothing (zero-initialise, fill what is needed) and has two
 * renderings with the same content: hwv_<picture>_text for a terminal and hwv_<picture>_svg, a
 * self-contained SVG readable on light and dark pages. Both append to an hwv_text, whose `failed`
 * tells a shortage of memory. Strings are UTF-8 and may come from anywhere: they are escaped.
 *
 * No line of text is wider than the target. Values that cannot be drawn (NaN, infinities, values at
 * or below zero on a log axis) leave a gap and a mark at the edge, and a note counts them. */
#ifndef HWV_REPORT_PLOT_H
#define HWV_REPORT_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/status.h"
#include "halfwave/text.h"
#include "report/number.h"
#include "report/term.h"

/* What stands around every picture. All may be NULL. */
typedef struct hwv_caption {
    const char *title;    /* says what is to be seen */
    const char *subtitle; /* what was measured, how */
    const char *note;     /* below the picture: wrapped, '\n' starts a new line */
} hwv_caption;

typedef struct hwv_axis {
    const char *title;       /* with its unit: "loss", "time [ns per element]" */
    hwv_unit unit;           /* of the tick labels */
    bool log;                /* base 10; for HWV_UNIT_BYTES base 2 */
    bool whole;              /* ticks at whole numbers only: epochs, layers */
    double minimum, maximum; /* both 0: from the data */
} hwv_axis;

/* A line or mark that data is compared with: "target 5 %", "copy ceiling". */
typedef struct hwv_reference {
    double value;
    const char *label;
    bool on_x; /* a vertical line at x = value (line plots) */
} hwv_reference;

typedef enum hwv_line {
    HWV_LINE_SOLID = 0,
    HWV_LINE_DASHED, /* theory beside a measurement, in its colour: say in the subtitle what dashes are */
    HWV_LINE_POINTS  /* marks without a line */
} hwv_line;

typedef struct hwv_series {
    const char *name; /* NULL: a continuation, not in the legend */
    const double *x;  /* NULL: first_x, first_x + 1, ... */
    const double *y;
    size_t count;
    double first_x;
    const double *low, *high; /* NULL, or a band around y: the range over seeds */
    hwv_line line;
    size_t color; /* 0: by position; else 1 + number of the palette's colour (and of its mark) */
} hwv_series;

/* Line plot: several series over one x axis. Functions y = f(x) are sampled by the caller; put both
 * ends of each straight piece among the samples and kinks are exact. */
typedef struct hwv_plot {
    hwv_caption caption;
    hwv_axis x, y;
    const hwv_series *series;
    size_t series_count;
    const hwv_reference *references;
    size_t reference_count;
    int rows; /* text lines of axes and data together, 0: by the target */
} hwv_plot;

void hwv_plot_text(const hwv_plot *plot, const hwv_term *term, hwv_text *text);
void hwv_plot_svg(const hwv_plot *plot, hwv_text *text);

/* Grouped horizontal bars: a group per operator, in it a bar per series (forward, backward). */
typedef struct hwv_bars {
    hwv_caption caption;
    hwv_axis axis;
    const char *const *groups;
    size_t group_count;
    const char *const *series; /* may be NULL when series_count is 1 */
    size_t series_count;
    const double *values;            /* [group_count][series_count]; NaN: no bar, "n/a" */
    const double *marks;             /* NULL, or the same shape: what each bar is compared with (NaN: none) */
    const char *mark_label;          /* "copy ceiling" */
    const hwv_reference *references; /* for all bars; on_x is not looked at */
    size_t reference_count;
    const size_t *colors; /* NULL, or with one series: per group as in hwv_series.color */
} hwv_bars;

void hwv_bars_text(const hwv_bars *bars, const hwv_term *term, hwv_text *text);
void hwv_bars_svg(const hwv_bars *bars, hwv_text *text);

/* Histogram with given bin edges; one bin may stand apart: units that never fired have no place on a
 * log axis of rates and are another thing than rare ones. */
typedef struct hwv_histogram {
    hwv_caption caption;
    hwv_axis x, y;        /* x.log: how edges are placed; y.log: bar heights */
    const double *edges;  /* [bins + 1], rising */
    const double *counts; /* [bins] */
    size_t bins;
    bool has_apart;
    double apart;            /* count of the bin apart */
    const char *apart_label; /* "never" */
    int rows;
} hwv_histogram;

void hwv_histogram_text(const hwv_histogram *histogram, const hwv_term *term, hwv_text *text);
void hwv_histogram_svg(const hwv_histogram *histogram, hwv_text *text);
/* edges[bins + 1] from low to high, evenly spaced, or by equal factors when `log` (0 < low). */
void hwv_histogram_edges(double *edges, size_t bins, double low, double high, bool log);
/* counts[bins] of values[count]; the last bin includes its upper edge. Returns how many were outside
 * or NaN. counts are overwritten. */
size_t hwv_histogram_count(double *counts, const double *edges, size_t bins, const double *values, size_t count);

/* Units x inputs: what fired. Bigger pictures than the target are averaged down. */
typedef struct hwv_raster {
    hwv_caption caption;
    const char *row_title, *column_title; /* "units", "inputs" */
    const uint8_t *cells;                 /* [rows][columns]: 0 not fired .. 255 fired */
    size_t rows, columns;
    const uint8_t *dead; /* NULL, or [rows]: not 0 marks the row as dead. NULL: rows that never fired */
    bool by_rate;        /* rows drawn in order of falling rate, dead ones last */
    int text_rows;       /* most lines of cells, 0: by the target */
    size_t most_rows;    /* of blocks in a drawing, 0: as many as can be seen */
} hwv_raster;

void hwv_raster_text(const hwv_raster *raster, const hwv_term *term, hwv_text *text);
void hwv_raster_svg(const hwv_raster *raster, hwv_text *text);
/* cells[units][inputs] from a mask of `inputs` rows (see halfwave/act.h) with `units` bits each. */
void hwv_raster_from_mask(uint8_t *cells, size_t units, size_t inputs, const uint64_t *mask, size_t mask_stride);

/* Stacked horizontal bars: what each row is made of, to scale. All rows are as long as each other: shares of a row. */
typedef struct hwv_strip {
    hwv_caption caption;
    const char *axis_title; /* of the shares: "share of the units"; may be NULL */
    const char *const *rows;
    size_t row_count;
    const char *const *parts; /* from left to right */
    size_t part_count;
    const hwv_style *styles;  /* [part_count]: HWV_STYLE_BAD or of a series */
    const double *values;     /* [row_count][part_count]; what is not above 0 or not finite takes no room */
    const char *const *notes; /* NULL, or [row_count]: behind the bars */
} hwv_strip;

void hwv_strip_text(const hwv_strip *strip, const hwv_term *term, hwv_text *text);
void hwv_strip_svg(const hwv_strip *strip, hwv_text *text);

/* A curve in `columns` characters, for table cells: low to high, averaged down to fit; NaN is a mark. */
void hwv_spark_text(const double *values, size_t count, size_t columns, bool utf8, hwv_text *text);
void hwv_spark_svg(const double *values, size_t count, const char *title, hwv_text *text);

#endif
