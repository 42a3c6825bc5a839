/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Bars as SVG. */
#include "report/bars.h"
#include "report/svg.h"

#include <math.h>

#define BAR    15.0
#define GAP    3.0  /* between the bars of a group */
#define GROUP  11.0 /* between groups */
#define LEGEND 26.0
#define NAMES  240.0 /* widest */

static hwv_svg_class color_of(const hwv_bars *bars, size_t group, size_t series)
{
    return (hwv_svg_class)(HWV_SVG_COLOR + (int)hwv_bars_color(bars, group, series));
}

static bool has_legend(const hwv_bars *bars)
{
    bool any = bars->series != NULL || (bars->marks != NULL && bars->mark_label != NULL);
    for (size_t i = 0; i < bars->reference_count; i++)
        any = any || bars->references[i].label != NULL;
    return any;
}

static double legend_entry(hwv_text *text, double x, double y, double swatch, hwv_svg_class c, const char *name)
{
    hwv_svg_label(text, x + swatch + 6, y + 4, c, HWV_SVG_START, name);
    return x + swatch + 6 + hwv_svg_width(name, HWV_SVG_FONT) + 18;
}

static void draw_legend(const hwv_bars *bars, double y, hwv_text *text)
{
    double x = HWV_SVG_MARGIN;
    for (size_t s = 0; bars->series != NULL && s < bars->series_count; s++) {
        hwv_svg_rect(text, x, y - 6, 18, 12, color_of(bars, 0, s), 1);
        x = legend_entry(text, x, y, 18, HWV_SVG_LABEL, bars->series[s]);
    }
    if (bars->marks != NULL && bars->mark_label != NULL) {
        hwv_svg_rect(text, x, y - 8, 2.5, 16, HWV_SVG_STRONG, 1);
        x = legend_entry(text, x, y, 3, HWV_SVG_LABEL, bars->mark_label);
    }
    for (size_t i = 0; i < bars->reference_count; i++)
        if (bars->references[i].label != NULL) {
            hwv_svg_line(text, x, y - 8, x, y + 8, HWV_SVG_AXIS, "3 3");
            x = legend_entry(text, x, y, 2, HWV_SVG_FAINT, bars->references[i].label);
        }
}

static void draw_bar(const hwv_bars *bars, const hwv_bar_space *space, size_t group, size_t series, double left,
                     double width, double y, hwv_text *text)
{
    size_t i = group * bars->series_count + series;
    double value = bars->values[i], mark = bars->marks != NULL ? bars->marks[i] : NAN, end = left;
    if (hwv_axis_shows(&bars->axis, value)) {
        double place = fmin(fmax(hwv_range_place(&space->range, value), 0), 1);
        double from = fmin(place, space->zero), to = fmax(place, space->zero);
        hwv_svg_rect(text, left + from * width, y, fmax((to - from) * width, value != 0 ? 1 : 0), BAR,
                     color_of(bars, group, series), 1);
        end = left + to * width;
    }
    if (hwv_axis_shows(&bars->axis, mark)) {
        double x = left + hwv_range_place(&space->range, mark) * width;
        if (x >= left && x <= left + width) {
            /* A page-coloured rim keeps the mark visible on its bar. */
            hwv_text_puts(text, "<rect class=\"hwp\" x=\"");
            hwv_svg_number(text, x - 2.5);
            hwv_text_puts(text, "\" y=\"");
            hwv_svg_number(text, y - 1.5);
            hwv_text_printf(text, "\" width=\"5\" height=\"%g\"/>\n", BAR + 3);
            hwv_svg_rect(text, x - 1.25, y - 1.5, 2.5, BAR + 3, HWV_SVG_STRONG, 1);
            end = fmax(end, x + 2);
        }
    }
    hwv_svg_label(text, end + 6, y + BAR - 3.5, isfinite(value) ? HWV_SVG_LABEL : HWV_SVG_FAINT, HWV_SVG_START,
                  hwv_bars_value(bars, value).text);
}

void hwv_bars_svg(const hwv_bars *bars, hwv_text *text)
{
    hwv_bar_space space = hwv_bars_measure(bars);
    double names = 0, numbers = 0, head = has_legend(bars) ? LEGEND : 6;
    for (size_t g = 0; g < bars->group_count; g++)
        names = fmax(names, hwv_svg_width(bars->groups[g], HWV_SVG_FONT));
    for (size_t i = 0; i < bars->group_count * bars->series_count; i++)
        numbers = fmax(numbers, hwv_svg_width(hwv_bars_value(bars, bars->values[i]).text, HWV_SVG_FONT));
    double left = HWV_SVG_MARGIN + fmin(names, NAMES) + 10;
    double width = HWV_SVG_WIDTH - HWV_SVG_MARGIN - left - numbers - 10;
    double group = (double)bars->series_count * (BAR + GAP) - GAP;
    double height = (double)bars->group_count * (group + GROUP) + GROUP + (bars->group_count == 0 ? 12 : 0);
    char title[160], name[200];
    hwv_axis axis = bars->axis;
    axis.title = hwv_bars_axis_title(bars, title, sizeof title);
    double body = head + height + hwv_svg_axis_height(&axis);

    double top = hwv_svg_open(text, &bars->caption, &space.left_out, body);
    draw_legend(bars, top + 8, text);
    double y = top + head;
    hwv_svg_axis_x(text, &axis, &space.range, left, width, y + height, height);
    for (size_t i = 0; i < bars->reference_count; i++) {
        double place = hwv_range_place(&space.range, bars->references[i].value);
        if (place >= 0 && place <= 1)
            hwv_svg_line(text, left + place * width, y, left + place * width, y + height, HWV_SVG_AXIS, "3 3");
    }
    for (size_t g = 0; g < bars->group_count; g++) {
        double at = y + GROUP + (double)g * (group + GROUP);
        hwv_svg_label(text, left - 10, at + group / 2 + 4, HWV_SVG_LABEL, HWV_SVG_END,
                      hwv_svg_fit(bars->groups[g], NAMES, name, sizeof name));
        for (size_t s = 0; s < bars->series_count; s++)
            draw_bar(bars, &space, g, s, left, width, at + (double)s * (BAR + GAP), text);
    }
    if (bars->group_count == 0)
        hwv_svg_label(text, left + 6, y + 12, HWV_SVG_FAINT, HWV_SVG_START, "no values");
    double zero = left + space.zero * width;
    hwv_svg_line(text, zero, y, zero, y + height, HWV_SVG_AXIS, NULL);
    hwv_svg_close(text, &bars->caption, &space.left_out, top + body);
}
