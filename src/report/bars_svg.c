/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Bars as SVG. Names of groups stand left of their bars or, where that leaves too little room, above them. */
#include "report/bars.h"
#include "report/svg.h"

#include <math.h>

#define BAR    15.0
#define GAP    3.0  /* between the bars of a group */
#define GROUP  11.0 /* between groups */
#define LEGEND 26.0
#define NAMES  240.0 /* widest */
#define NAME   18.0  /* height of a name above its bars */

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

/* Where the next entry of the legend goes. With text == NULL nothing is drawn, only the place moves on. */
typedef struct legend {
    hwv_text *text;
    const hwv_svg_frame *frame;
    double x, y;
} legend;

/* Moves on by one entry; returns where it begins. */
static double legend_next(legend *l, double swatch, const char *name)
{
    double width = swatch + 6 + hwv_svg_width(name, HWV_SVG_FONT);
    if (l->x > l->frame->margin && l->x + width > l->frame->width - l->frame->margin) {
        l->x = l->frame->margin;
        l->y += 20;
    }
    double x = l->x;
    l->x += width + 18;
    return x;
}

static void legend_name(const legend *l, double x, hwv_svg_class c, const char *name)
{
    hwv_svg_label(l->text, x, l->y + 4, c, HWV_SVG_START, name);
}

/* From y on; returns the middle of its last line. */
static double draw_legend(const hwv_bars *bars, const hwv_svg_frame *frame, double y, hwv_text *text)
{
    legend l = {.text = text, .frame = frame, .x = frame->margin, .y = y};
    for (size_t s = 0; bars->series != NULL && s < bars->series_count; s++) {
        double x = legend_next(&l, 18, bars->series[s]);
        if (text == NULL)
            continue;
        hwv_svg_rect(text, x, l.y - 6, 18, 12, color_of(bars, 0, s), 1);
        legend_name(&l, x + 24, HWV_SVG_LABEL, bars->series[s]);
    }
    if (bars->marks != NULL && bars->mark_label != NULL) {
        double x = legend_next(&l, 3, bars->mark_label);
        if (text != NULL) {
            hwv_svg_rect(text, x, l.y - 8, 2.5, 16, HWV_SVG_STRONG, 1);
            legend_name(&l, x + 9, HWV_SVG_LABEL, bars->mark_label);
        }
    }
    for (size_t i = 0; i < bars->reference_count; i++) {
        if (bars->references[i].label == NULL)
            continue;
        double x = legend_next(&l, 2, bars->references[i].label);
        if (text == NULL)
            continue;
        hwv_svg_line(text, x, l.y - 8, x, l.y + 8, HWV_SVG_AXIS, "3 3");
        legend_name(&l, x + 8, HWV_SVG_FAINT, bars->references[i].label);
    }
    return l.y;
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

/* Names of groups above bars, not left of them: the room that a group takes then. */
typedef struct layout {
    double left, width; /* of the bars */
    double name;        /* above each group's bars */
    double group;       /* bars and name */
} layout;

static layout lay_out(const hwv_bars *bars, const hwv_svg_frame *frame)
{
    double names = 0, numbers = 0;
    for (size_t g = 0; g < bars->group_count; g++)
        names = fmax(names, hwv_svg_width(bars->groups[g], HWV_SVG_FONT));
    for (size_t i = 0; i < bars->group_count * bars->series_count; i++)
        numbers = fmax(numbers, hwv_svg_width(hwv_bars_value(bars, bars->values[i]).text, HWV_SVG_FONT));
    layout l = {.left = frame->margin + (frame->narrow ? 14 : fmin(names, NAMES) + 10)};
    l.width = frame->width - frame->margin - l.left - numbers - 10;
    l.name = frame->narrow ? NAME : 0;
    l.group = l.name + (double)bars->series_count * (BAR + GAP) - GAP;
    return l;
}

static void draw_group(const hwv_bars *bars, const hwv_bar_space *space, const layout *l, size_t g, double y,
                       hwv_text *text)
{
    char name[200];
    bool above = l->name > 0;
    hwv_svg_fit(bars->groups[g], above ? l->width : NAMES, name, sizeof name);
    if (above)
        hwv_svg_label(text, l->left + 4, y + NAME - 6, HWV_SVG_LABEL, HWV_SVG_START, name);
    else
        hwv_svg_label(text, l->left - 10, y + l->group / 2 + 4, HWV_SVG_LABEL, HWV_SVG_END, name);
    for (size_t s = 0; s < bars->series_count; s++)
        draw_bar(bars, space, g, s, l->left, l->width, y + l->name + (double)s * (BAR + GAP), text);
}

void hwv_bars_draw(const hwv_bars *bars, const hwv_svg_frame *frame, hwv_text *text)
{
    hwv_bar_space space = hwv_bars_measure(bars);
    layout l = lay_out(bars, frame);
    double head = has_legend(bars) ? LEGEND + draw_legend(bars, frame, 0, NULL) : 6;
    double height = (double)bars->group_count * (l.group + GROUP) + GROUP + (bars->group_count == 0 ? 12 : 0);
    char title[160];
    hwv_axis axis = bars->axis;
    axis.title = hwv_bars_axis_title(bars, title, sizeof title);
    double body = head + height + hwv_svg_axis_height(&axis);

    double top = hwv_svg_open(text, frame, &bars->caption, &space.left_out, body);
    draw_legend(bars, frame, top + 8, text);
    double y = top + head;
    hwv_svg_axis_x(text, &axis, &space.range, l.left, l.width, y + height, height);
    for (size_t i = 0; i < bars->reference_count; i++) {
        double place = hwv_range_place(&space.range, bars->references[i].value);
        if (place >= 0 && place <= 1)
            hwv_svg_line(text, l.left + place * l.width, y, l.left + place * l.width, y + height, HWV_SVG_AXIS, "3 3");
    }
    for (size_t g = 0; g < bars->group_count; g++)
        draw_group(bars, &space, &l, g, y + GROUP + (double)g * (l.group + GROUP), text);
    if (bars->group_count == 0)
        hwv_svg_label(text, l.left + 6, y + 12, HWV_SVG_FAINT, HWV_SVG_START, "no values");
    double zero = l.left + space.zero * l.width;
    hwv_svg_line(text, zero, y, zero, y + height, HWV_SVG_AXIS, NULL);
    hwv_svg_close(text, frame, &bars->caption, &space.left_out, top + body);
}

void hwv_bars_svg(const hwv_bars *bars, hwv_text *text)
{
    hwv_bars_draw(bars, &hwv_svg_alone, text);
}
