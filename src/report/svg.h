/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * SVG: what stands around a picture, and the few shapes that pictures are made of. Lengths are in user
 * units (CSS pixels at natural size), y downwards. No ids, so that many fit in one HTML page; colours
 * are classes that change with prefers-color-scheme. */
#ifndef HWV_REPORT_SVG_H
#define HWV_REPORT_SVG_H

#include "report/figure.h"

#define HWV_SVG_FONT 12.0 /* of labels */

/* Where a picture is to stand. */
typedef struct hwv_svg_frame {
    double width, margin; /* margin: left, right, above and below, inside of the width */
    bool narrow;          /* names stand above what they name, not beside it */
    bool inlined;         /* in an HTML page that brings the style sheet, title, subtitle and note */
    size_t points;        /* of all lines together, about; 0: as many as can be seen */
} hwv_svg_frame;

/* A file of its own; in a page; in a page on a phone. */
extern const hwv_svg_frame hwv_svg_alone, hwv_svg_wide, hwv_svg_narrow;

void hwv_plot_draw(const hwv_plot *plot, const hwv_svg_frame *frame, hwv_text *text);
void hwv_bars_draw(const hwv_bars *bars, const hwv_svg_frame *frame, hwv_text *text);
void hwv_histogram_draw(const hwv_histogram *histogram, const hwv_svg_frame *frame, hwv_text *text);
void hwv_raster_draw(const hwv_raster *raster, const hwv_svg_frame *frame, hwv_text *text);
void hwv_strip_draw(const hwv_strip *strip, const hwv_svg_frame *frame, hwv_text *text);

/* What a shape looks like: classes of the style sheet. */
typedef enum hwv_svg_class {
    HWV_SVG_LABEL = 0, /* text of axes */
    HWV_SVG_FAINT,     /* axis titles, notes */
    HWV_SVG_STRONG,
    HWV_SVG_GRID, /* hairlines */
    HWV_SVG_AXIS,
    HWV_SVG_PAGE, /* filled with the page's colour */
    HWV_SVG_BAD,
    HWV_SVG_COLOR /* + palette number */
} hwv_svg_class;

typedef enum hwv_svg_anchor { HWV_SVG_START, HWV_SVG_MIDDLE, HWV_SVG_END } hwv_svg_anchor;

/* The rules behind the classes: light, then dark. */
void hwv_svg_style(hwv_text *text);
/* The beginning with title and subtitle where they belong to it, and room for a body of that height; returns
 * the body's top. */
double hwv_svg_open(hwv_text *text, const hwv_svg_frame *frame, const hwv_caption *caption,
                    const hwv_left_out *left_out, double body);
/* The notes below the body, and the end. The same arguments. */
void hwv_svg_close(hwv_text *text, const hwv_svg_frame *frame, const hwv_caption *caption, const hwv_left_out *left_out,
                   double bottom);

/* A number with at most two decimals. */
void hwv_svg_number(hwv_text *text, double value);
/* A string with what XML reserves or forbids replaced. */
void hwv_svg_escape(hwv_text *text, const char *string);
/* Width of a string at a font size: an estimate on the generous side, since fonts differ. */
double hwv_svg_width(const char *string, double size);
/* A string cut with an ellipsis to an estimated width, in `buffer`. Returns buffer. */
const char *hwv_svg_fit(const char *string, double width, char *buffer, size_t size);
const char *hwv_svg_class_name(hwv_svg_class c);

void hwv_svg_label(hwv_text *text, double x, double y, hwv_svg_class c, hwv_svg_anchor anchor, const char *string);
void hwv_svg_line(hwv_text *text, double x1, double y1, double x2, double y2, hwv_svg_class c, const char *dashes);
void hwv_svg_rect(hwv_text *text, double x, double y, double width, double height, hwv_svg_class c, double opacity);
/* Marks of series i, filled or hollow shapes, as one path: add nothing else before it is closed. */
void hwv_svg_marks_open(hwv_text *text, size_t i);
void hwv_svg_marks_add(hwv_text *text, double x, double y, size_t i);
void hwv_svg_marks_close(hwv_text *text);

/* A horizontal axis below y with ticks and labels, its title, and hairlines up to y - height (none for 0). */
void hwv_svg_axis_x(hwv_text *text, const hwv_axis *axis, const hwv_range *range, double left, double width, double y,
                    double height);
/* Height that hwv_svg_axis_x takes. */
double hwv_svg_axis_height(const hwv_axis *axis);
/* Vertical: hairlines from left to left + width, labels to the left of it. */
void hwv_svg_axis_y(hwv_text *text, const hwv_ticks *ticks, const hwv_range *range, double left, double width,
                    double top, double height);
double hwv_svg_widest(const hwv_ticks *ticks);

#endif
