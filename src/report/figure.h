/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the pictures share: the text around them, values that cannot be drawn, lines in the unit
 * square, labels that must not collide. */
#ifndef HWV_REPORT_FIGURE_H
#define HWV_REPORT_FIGURE_H

#include "report/axis.h"
#include "report/canvas.h"
#include "report/plot.h"

/* Values left out of a picture, by reason. */
typedef struct hwv_left_out {
    size_t nans, infinities, not_positive;
} hwv_left_out;

void hwv_left_out_add(hwv_left_out *left_out, const hwv_axis *axis, double value);
/* One sentence, "" when nothing was left out. */
void hwv_left_out_say(const hwv_left_out *left_out, char *note, size_t size);

/* Title and subtitle; note and what was left out (NULL: nothing can be). */
void hwv_caption_above(const hwv_caption *caption, const hwv_term *term, hwv_text *text);
void hwv_caption_below(const hwv_caption *caption, const hwv_left_out *left_out, const hwv_term *term, hwv_text *text);

/* One entry beside or above a picture: a series, a reference. */
typedef struct hwv_legend_entry {
    const char *name;
    uint32_t mark;
    hwv_style style;
    double wish; /* line plots: 0 top .. 1 bottom, where the line ends */
} hwv_legend_entry;

void hwv_legend_put(hwv_canvas *canvas, int x, int y, const hwv_legend_entry *entry, int columns);
/* Entries flow over the first lines of the canvas, from column `start` of line 0; returns the number of
 * lines. With canvas NULL only counts. */
int hwv_legend_flow(hwv_canvas *canvas, int width, int start, const hwv_legend_entry *entries, size_t count);
/* Says that there is nothing to draw, in the middle of a data area. */
void hwv_canvas_empty(hwv_canvas *canvas, int left, int top, int columns, int rows);
/* Columns of the widest label, at least 1. */
int hwv_ticks_widest(const hwv_ticks *ticks);
/* A horizontal axis: the line with its ticks in `row`, labels below it, the title below those (3 rows,
 * 2 without title). As many ticks as have room for their labels. */
void hwv_axis_x_text(hwv_canvas *canvas, const hwv_axis *axis, const hwv_range *range, int left, int columns, int row);

double hwv_series_x(const hwv_series *series, size_t i);
/* Palette number of series `index`: its own or its position. */
size_t hwv_series_color(const hwv_series *series, size_t index);

/* Both ranges of a plot, and what it leaves out. */
typedef struct hwv_plot_space {
    hwv_axis x_axis; /* plot->x; whole where x counts */
    hwv_range x, y;
    bool empty; /* nothing to draw */
    hwv_left_out left_out;
} hwv_plot_space;

hwv_plot_space hwv_plot_measure(const hwv_plot *plot);
/* The point in the unit square (y upwards), false when it cannot be drawn. */
bool hwv_plot_point(const hwv_plot *plot, const hwv_plot_space *space, const hwv_series *series, const double *y,
                    size_t i, double point[2]);

/* Cuts a segment to the unit square; false when none of it is inside. */
bool hwv_segment_clip(double a[2], double b[2]);

/* Moves wishes[count] (kept in their order when rising) apart until neighbours are at least `gap` from
 * each other and all lie in [low, high], as near to where they were as possible. `order` gets the
 * indices by rising wish. Expects (count - 1) * gap <= high - low. */
void hwv_labels_spread(double *wishes, size_t *order, size_t count, double gap, double low, double high);

#endif
