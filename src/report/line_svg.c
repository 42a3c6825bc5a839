/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Line plots as SVG: the same content as on a terminal, names at the ends of the lines or, where that leaves
 * too little room, above the picture. */
#include "report/svg.h"

#include <math.h>

#include "halfwave/memory.h"

#define NAMES    210.0 /* widest */
#define NAME_GAP 16.0  /* between baselines of neighbouring names */
#define NAME_ROW 19.0  /* of names above the picture */

/* The data area. */
typedef struct box {
    double left, top, width, height;
    double slots; /* of all points in one slot of x only four are drawn */
} box;

static double place_x(const box *b, double place)
{
    return b->left + place * b->width;
}

static double place_y(const box *b, double place)
{
    return b->top + (1 - place) * b->height;
}

static void add_point(hwv_text *text, char command, double x, double y)
{
    hwv_text_add(text, &command, 1);
    hwv_svg_number(text, x);
    hwv_text_puts(text, " ");
    hwv_svg_number(text, y);
}

static double slot_of(const hwv_plot_space *space, const hwv_series *series, const box *b, size_t i)
{
    return floor(hwv_range_place(&space->x, hwv_series_x(series, i)) * b->slots);
}

/* Indices worth drawing: of all points in one slot only the first, lowest, highest and last can be seen.
 * Returns their number. */
static size_t thin_out(const hwv_plot *plot, const hwv_plot_space *space, const hwv_series *series, const double *y,
                       const box *b, size_t *kept)
{
    size_t count = 0, lowest = 0, highest = 0, i = 0;
    while (i < series->count) {
        double slot = slot_of(space, series, b, i);
        size_t first = i, last = i;
        lowest = highest = i;
        for (; i < series->count; i++) {
            if (slot_of(space, series, b, i) != slot || !hwv_axis_shows(&plot->y, y[i]))
                break;
            lowest = y[i] < y[lowest] ? i : lowest;
            highest = y[i] > y[highest] ? i : highest;
            last = i;
        }
        const size_t wanted[] = {lowest < highest ? lowest : highest, lowest < highest ? highest : lowest, last};
        kept[count++] = first;
        for (size_t k = 0; k < 3; k++)
            if (wanted[k] > kept[count - 1])
                kept[count++] = wanted[k];
        if (i == first)
            i++;
    }
    return count;
}

static void draw_line(hwv_text *text, const hwv_plot *plot, const hwv_plot_space *space, const box *b,
                      const hwv_series *series, size_t color)
{
    size_t *kept = hwv_calloc(series->count, sizeof *kept);
    if (kept == NULL) {
        text->failed = true;
        return;
    }
    size_t count = thin_out(plot, space, series, series->y, b, kept);
    double last[2] = {0}, end[2] = {-1, -1}, point[2];
    bool connected = false, open = false;
    for (size_t k = 0; k < count; k++) {
        bool drawn = hwv_plot_point(plot, space, series, series->y, kept[k], point);
        if (drawn && connected) {
            double a[2] = {last[0], last[1]}, c[2] = {point[0], point[1]};
            if (hwv_segment_clip(a, c)) {
                if (!open)
                    hwv_text_printf(text, "<path class=\"%s\"%s d=\"",
                                    hwv_svg_class_name((hwv_svg_class)(HWV_SVG_COLOR + (int)color)),
                                    series->line == HWV_LINE_DASHED ? " stroke-dasharray=\"6 5\"" : "");
                if (!open || a[0] != end[0] || a[1] != end[1])
                    add_point(text, 'M', place_x(b, a[0]), place_y(b, a[1]));
                add_point(text, 'L', place_x(b, c[0]), place_y(b, c[1]));
                end[0] = c[0];
                end[1] = c[1];
                open = true;
            }
        }
        last[0] = point[0];
        last[1] = point[1];
        connected = drawn;
    }
    if (open)
        hwv_text_puts(text, "\"/>\n");
    hwv_free(kept);
}

static void add_corner(hwv_text *text, const box *b, double x, double y)
{
    hwv_svg_number(text, place_x(b, fmin(fmax(x, 0), 1)));
    hwv_text_puts(text, ",");
    hwv_svg_number(text, place_y(b, fmin(fmax(y, 0), 1)));
}

/* One edge of the band over the points [from, to), there or back: of each slot the outermost point. */
static void draw_edge(hwv_text *text, const hwv_plot *plot, const hwv_plot_space *space, const box *b,
                      const hwv_series *series, size_t from, size_t to, bool back)
{
    const double *y = back ? series->low : series->high;
    double best[2] = {0}, point[2], slot = NAN;
    for (size_t k = 0; k < to - from; k++) {
        size_t i = back ? to - 1 - k : from + k;
        hwv_plot_point(plot, space, series, y, i, point);
        bool fresh = slot_of(space, series, b, i) != slot;
        if (fresh && k > 0) {
            add_corner(text, b, best[0], best[1]);
            hwv_text_puts(text, " ");
        }
        if (fresh || (back ? point[1] < best[1] : point[1] > best[1])) {
            best[0] = point[0];
            best[1] = point[1];
        }
        slot = slot_of(space, series, b, i);
    }
    add_corner(text, b, best[0], best[1]);
}

/* The band as closed shapes, one per run of points that have both edges. */
static void draw_band(hwv_text *text, const hwv_plot *plot, const hwv_plot_space *space, const box *b,
                      const hwv_series *series, size_t color)
{
    double point[2];
    for (size_t i = 0; i < series->count;) {
        size_t end = i;
        while (end < series->count && hwv_plot_point(plot, space, series, series->low, end, point) &&
               hwv_plot_point(plot, space, series, series->high, end, point))
            end++;
        if (end - i >= 2) {
            hwv_text_printf(text, "<polygon class=\"%s hwd\" opacity=\"0.16\" points=\"",
                            hwv_svg_class_name((hwv_svg_class)(HWV_SVG_COLOR + (int)color)));
            draw_edge(text, plot, space, b, series, i, end, false);
            hwv_text_puts(text, " ");
            draw_edge(text, plot, space, b, series, i, end, true);
            hwv_text_puts(text, "\"/>\n");
        }
        i = end > i ? end : i + 1;
    }
}

static void draw_marks(hwv_text *text, const hwv_plot *plot, const hwv_plot_space *space, const box *b, size_t index)
{
    const hwv_series *series = &plot->series[index];
    size_t color = hwv_series_color(series, index);
    if (series->line == HWV_LINE_DASHED)
        return;
    bool all = series->line == HWV_LINE_POINTS || (double)series->count * 13 <= b->width;
    double phase = ((double)index + 0.5) / (double)plot->series_count, point[2];
    int next = 0;
    bool open = false;
    for (size_t i = 0; i < series->count; i++) {
        if (!hwv_plot_point(plot, space, series, series->y, i, point) || point[0] < 0 || point[0] > 1 || point[1] < 0 ||
            point[1] > 1)
            continue;
        if (!all && point[0] < (next + phase) / 6)
            continue;
        if (!open)
            hwv_svg_marks_open(text, color);
        open = true;
        hwv_svg_marks_add(text, place_x(b, point[0]), place_y(b, point[1]), color);
        next = (int)(point[0] * 6 - phase) + 1;
    }
    if (open)
        hwv_svg_marks_close(text);
}

static void draw_missing(hwv_text *text, const hwv_plot *plot, const hwv_plot_space *space, const box *b,
                         const hwv_series *series)
{
    for (size_t i = 0; i < series->count; i++) {
        double place = hwv_range_place(&space->x, hwv_series_x(series, i)), y = series->y[i];
        if (!(place >= 0 && place <= 1) || hwv_axis_shows(&plot->y, y))
            continue;
        bool above = !isnan(y) && y > 0;
        hwv_svg_label(text, place_x(b, place), above ? b->top + 4 : b->top + b->height + 4, HWV_SVG_BAD, HWV_SVG_MIDDLE,
                      isnan(y) ? "\u00d7"
                      : above  ? "\u2191"
                               : "\u2193");
    }
}

static void draw_references(hwv_text *text, const hwv_plot *plot, const hwv_plot_space *space, const box *b)
{
    for (size_t i = 0; i < plot->reference_count; i++) {
        const hwv_reference *r = &plot->references[i];
        double place = hwv_range_place(r->on_x ? &space->x : &space->y, r->value);
        if (!(place >= 0 && place <= 1))
            continue;
        if (!r->on_x) {
            double y = place_y(b, place);
            hwv_svg_line(text, b->left, y, b->left + b->width, y, HWV_SVG_AXIS, "3 4");
            continue;
        }
        double x = place_x(b, place);
        hwv_svg_line(text, x, b->top, x, b->top + b->height, HWV_SVG_AXIS, "3 4");
        bool right = r->label == NULL || x + 6 + hwv_svg_width(r->label, HWV_SVG_FONT) < b->left + b->width;
        if (r->label != NULL)
            hwv_svg_label(text, x + (right ? 6 : -6), b->top + 11, HWV_SVG_FAINT, right ? HWV_SVG_START : HWV_SVG_END,
                          r->label);
    }
}

/* Where the line of a name ends, 0..1 upwards; the bottom for an empty series. */
static double end_of(const hwv_plot *plot, const hwv_plot_space *space, size_t index)
{
    if (index >= plot->series_count)
        return fmin(fmax(hwv_range_place(&space->y, plot->references[index - plot->series_count].value), 0), 1);
    const hwv_series *series = &plot->series[index];
    double point[2];
    for (size_t i = series->count; i-- > 0;)
        if (hwv_plot_point(plot, space, series, series->y, i, point))
            return fmin(fmax(point[1], 0), 1);
    return 0;
}

/* Name of entry i, series first, then references; NULL where it has none. */
static const char *name_of(const hwv_plot *plot, size_t i)
{
    if (i < plot->series_count)
        return plot->series[i].name;
    const hwv_reference *r = &plot->references[i - plot->series_count];
    return r->on_x ? NULL : r->label;
}

static void draw_name(hwv_text *text, const hwv_plot *plot, size_t i, double x, double y)
{
    char name[200];
    hwv_svg_fit(name_of(plot, i), NAMES, name, sizeof name);
    if (i >= plot->series_count) {
        hwv_svg_line(text, x, y, x + 14, y, HWV_SVG_AXIS, "3 4");
        hwv_svg_label(text, x + 20, y + 4, HWV_SVG_FAINT, HWV_SVG_START, name);
        return;
    }
    size_t color = hwv_series_color(&plot->series[i], i);
    hwv_svg_class c = (hwv_svg_class)(HWV_SVG_COLOR + (int)color);
    if (plot->series[i].line == HWV_LINE_DASHED)
        hwv_svg_line(text, x, y, x + 14, y, c, "4 3");
    else {
        hwv_svg_marks_open(text, color);
        hwv_svg_marks_add(text, x + 7, y, color);
        hwv_svg_marks_close(text);
    }
    hwv_svg_label(text, x + 20, y + 4, c, HWV_SVG_START, name);
}

static double name_width(const hwv_plot *plot, size_t i)
{
    return 20 + fmin(hwv_svg_width(name_of(plot, i), HWV_SVG_FONT), NAMES);
}

/* Names above the picture, one after the other; with text == NULL only counts. Returns the height they take. */
static double draw_names_above(hwv_text *text, const hwv_plot *plot, const hwv_svg_frame *frame, double top)
{
    double x = frame->margin, y = top + 8;
    bool any = false;
    for (size_t i = 0; i < plot->series_count + plot->reference_count; i++) {
        if (name_of(plot, i) == NULL)
            continue;
        if (any && x + name_width(plot, i) > frame->width - frame->margin) {
            x = frame->margin;
            y += NAME_ROW;
        }
        if (text != NULL)
            draw_name(text, plot, i, x, y);
        x += name_width(plot, i) + 14;
        any = true;
    }
    return any ? y - top + 18 : 0;
}

static void draw_names(hwv_text *text, const hwv_plot *plot, const hwv_plot_space *space, const box *b)
{
    size_t all = plot->series_count + plot->reference_count, count = 0;
    double *wishes = hwv_calloc(all, sizeof *wishes);
    size_t *order = hwv_calloc(all, sizeof *order), *which = hwv_calloc(all, sizeof *which);
    if (wishes != NULL && order != NULL && which != NULL) {
        for (size_t i = 0; i < all; i++)
            if (name_of(plot, i) != NULL) {
                wishes[count] = place_y(b, end_of(plot, space, i));
                which[count++] = i;
            }
        /* More names than fit below each other stand closer rather than outside. */
        double gap = count > 1 ? fmin(NAME_GAP, b->height / (double)(count - 1)) : NAME_GAP;
        hwv_labels_spread(wishes, order, count, gap, b->top, b->top + b->height);
        for (size_t i = 0; i < count; i++)
            draw_name(text, plot, which[order[i]], b->left + b->width + 8, wishes[order[i]]);
    } else {
        text->failed = true;
    }
    hwv_free(wishes);
    hwv_free(order);
    hwv_free(which);
}

/* Draws everything in an order that hides nothing: lines from the last to the first, marks over lines. */
static void draw_data(hwv_text *text, const hwv_plot *plot, const hwv_plot_space *space, const box *b)
{
    draw_references(text, plot, space, b);
    for (size_t i = plot->series_count; i-- > 0;)
        if (plot->series[i].low != NULL && plot->series[i].high != NULL)
            draw_band(text, plot, space, b, &plot->series[i], hwv_series_color(&plot->series[i], i));
    for (size_t i = plot->series_count; i-- > 0;)
        if (plot->series[i].line != HWV_LINE_POINTS)
            draw_line(text, plot, space, b, &plot->series[i], hwv_series_color(&plot->series[i], i));
    for (size_t i = plot->series_count; i-- > 0;) {
        draw_marks(text, plot, space, b, i);
        draw_missing(text, plot, space, b, &plot->series[i]);
    }
    if (space->empty)
        hwv_svg_label(text, b->left + b->width / 2, b->top + b->height / 2, HWV_SVG_FAINT, HWV_SVG_MIDDLE, "no values");
}

/* Slots of x: half a unit each, or so many that all lines and edges together have about frame->points. */
static double slots_of(const hwv_plot *plot, const hwv_svg_frame *frame, double width)
{
    size_t lines = 0;
    for (size_t i = 0; i < plot->series_count; i++)
        lines += plot->series[i].low != NULL && plot->series[i].high != NULL ? 3 : 2;
    double most = frame->points > 0 && lines > 0 ? (double)frame->points / (2 * (double)lines) : HUGE_VAL;
    return fmax(fmin(width * 2, most), 16);
}

void hwv_plot_draw(const hwv_plot *plot, const hwv_svg_frame *frame, hwv_text *text)
{
    hwv_plot_space space = hwv_plot_measure(plot);
    hwv_ticks ticks;
    hwv_axis_ticks(&plot->y, &space.y, frame->narrow ? 6 : 7, true, &ticks);
    double names = 0, title = plot->y.title != NULL ? 22 : 6, height = frame->narrow ? 220 : 270;
    for (size_t i = 0; i < plot->series_count + plot->reference_count; i++)
        if (name_of(plot, i) != NULL && !frame->narrow)
            names = fmax(names, 10 + name_width(plot, i));
    double head = frame->narrow ? draw_names_above(NULL, plot, frame, 0) : 0;
    double body = head + title + height + hwv_svg_axis_height(&plot->x);
    double top = hwv_svg_open(text, frame, &plot->caption, &space.left_out, body);
    box b = {.left = frame->margin + hwv_svg_widest(&ticks) + 8, .top = top + head + title, .height = height};
    b.width = fmax(frame->width - frame->margin - fmax(names, 18) - b.left, 100);
    b.slots = slots_of(plot, frame, b.width);

    if (frame->narrow)
        draw_names_above(text, plot, frame, top);
    if (plot->y.title != NULL)
        hwv_svg_label(text, frame->margin, top + head + 9, HWV_SVG_FAINT, HWV_SVG_START, plot->y.title);
    hwv_svg_axis_y(text, &ticks, &space.y, b.left, b.width, b.top, b.height);
    hwv_svg_axis_x(text, &space.x_axis, &space.x, b.left, b.width, b.top + b.height, 0);
    draw_data(text, plot, &space, &b);
    if (!frame->narrow)
        draw_names(text, plot, &space, &b);
    hwv_svg_close(text, frame, &plot->caption, &space.left_out, top + body);
}

void hwv_plot_svg(const hwv_plot *plot, hwv_text *text)
{
    hwv_plot_draw(plot, &hwv_svg_alone, text);
}
