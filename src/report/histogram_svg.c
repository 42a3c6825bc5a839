/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Histograms as SVG. */
#include "report/histogram.h"
#include "report/svg.h"

#include <math.h>

#define HEIGHT 220.0

static void draw_bar(hwv_text *text, const hwv_histogram *h, const hwv_histogram_space *space, double count,
                     double left, double right, double bottom, hwv_svg_class c)
{
    if (!hwv_axis_shows(&h->y, count) || count <= 0)
        return;
    double place = fmin(fmax(hwv_range_place(&space->y, count), 0), 1);
    hwv_svg_rect(text, left, bottom - fmax(place * HEIGHT, 1), right - left, fmax(place * HEIGHT, 1), c, 1);
}

void hwv_histogram_draw(const hwv_histogram *histogram, const hwv_svg_frame *frame, hwv_text *text)
{
    const hwv_histogram *h = histogram;
    hwv_histogram_space space = hwv_histogram_measure(h);
    hwv_ticks ticks;
    hwv_axis_ticks(&h->y, &space.y, 6, true, &ticks);
    const char *label = h->apart_label != NULL ? h->apart_label : "apart";
    double head = h->y.title != NULL ? 22 : 6, body = head + HEIGHT + hwv_svg_axis_height(&h->x);
    double top = hwv_svg_open(text, frame, &h->caption, &space.left_out, body);
    double left = frame->margin + hwv_svg_widest(&ticks) + 8, all = frame->width - frame->margin - 20 - left;
    double apart = h->has_apart ? fmax(hwv_svg_width(label, HWV_SVG_FONT), 34) + 16 : 0;
    double from = left + (apart > 0 ? apart + 26 : 0), width = left + all - from, bottom = top + head + HEIGHT;

    if (h->y.title != NULL)
        hwv_svg_label(text, frame->margin, top + 9, HWV_SVG_FAINT, HWV_SVG_START, h->y.title);
    hwv_svg_axis_y(text, &ticks, &space.y, left, all, top + head, HEIGHT);
    for (size_t i = 0; i < h->bins; i++) {
        double a = fmin(fmax(hwv_range_place(&space.x, h->edges[i]), 0), 1);
        double b = fmin(fmax(hwv_range_place(&space.x, h->edges[i + 1]), 0), 1);
        double gap = (b - a) * width > 4 ? 1 : 0;
        draw_bar(text, h, &space, h->counts[i], from + a * width, from + b * width - gap, bottom, HWV_SVG_COLOR);
    }
    if (h->bins == 0)
        hwv_svg_label(text, from + width / 2, bottom - HEIGHT / 2, HWV_SVG_FAINT, HWV_SVG_MIDDLE, "no values");
    hwv_svg_axis_x(text, &h->x, &space.x, from, width, bottom, 0);
    if (apart > 0) {
        double middle = left + apart / 2;
        draw_bar(text, h, &space, h->apart, middle - 14, middle + 14, bottom, HWV_SVG_BAD);
        hwv_svg_line(text, left, bottom, left + apart, bottom, HWV_SVG_AXIS, NULL);
        hwv_svg_label(text, middle, bottom + 18, HWV_SVG_BAD, HWV_SVG_MIDDLE, label);
    }
    hwv_svg_close(text, frame, &h->caption, &space.left_out, top + body);
}

void hwv_histogram_svg(const hwv_histogram *histogram, hwv_text *text)
{
    hwv_histogram_draw(histogram, &hwv_svg_alone, text);
}
