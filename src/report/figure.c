/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the pictures share. */
#include "report/figure.h"

#include <math.h>
#include <stdio.h>

#include "report/utf8.h"

void hwv_left_out_add(hwv_left_out *left_out, const hwv_axis *axis, double value)
{
    if (isnan(value))
        left_out->nans++;
    else if (isinf(value))
        left_out->infinities++;
    else if (!hwv_axis_shows(axis, value))
        left_out->not_positive++;
}

void hwv_left_out_say(const hwv_left_out *left_out, char *note, size_t size)
{
    const struct {
        size_t count;
        const char *what;
    } parts[] = {{left_out->nans, "NaN"},
                 {left_out->infinities, "infinite"},
                 {left_out->not_positive, "zero or below (log axis)"}};
    size_t used = 0;
    note[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && used < size; i++)
        if (parts[i].count > 0)
            used += (size_t)snprintf(note + used, size - used, "%s%zu %s", used == 0 ? "Not drawn: " : ", ",
                                     parts[i].count, parts[i].what);
}

void hwv_caption_above(const hwv_caption *caption, const hwv_term *term, hwv_text *text)
{
    hwv_term_wrap(text, term, HWV_STYLE_STRONG, 0, caption->title);
    hwv_term_wrap(text, term, HWV_STYLE_FAINT, 0, caption->subtitle);
}

void hwv_caption_below(const hwv_caption *caption, const hwv_left_out *left_out, const hwv_term *term, hwv_text *text)
{
    char note[160] = "";
    if (left_out != NULL)
        hwv_left_out_say(left_out, note, sizeof note);
    hwv_term_wrap(text, term, HWV_STYLE_WARN, 0, note);
    hwv_term_wrap(text, term, HWV_STYLE_FAINT, 0, caption->note);
}

void hwv_legend_put(hwv_canvas *canvas, int x, int y, const hwv_legend_entry *entry, int columns)
{
    hwv_canvas_put(canvas, x, y, entry->mark, entry->style);
    hwv_canvas_text(canvas, x + 2, y, entry->style, entry->name, columns - 2);
}

int hwv_legend_flow(hwv_canvas *canvas, int width, int start, const hwv_legend_entry *entries, size_t count)
{
    int x = start, y = 0;
    for (size_t i = 0; i < count; i++) {
        int need = 2 + (int)hwv_utf8_width(entries[i].name);
        if (x + need > width && x > 0) {
            x = 0;
            y++;
        }
        if (canvas != NULL)
            hwv_legend_put(canvas, x, y, &entries[i], need);
        x += need + 3;
    }
    return y + 1;
}

int hwv_ticks_widest(const hwv_ticks *ticks)
{
    size_t widest = 1;
    for (size_t i = 0; i < ticks->count; i++) {
        size_t width = hwv_utf8_width(ticks->label[i]);
        widest = width > widest ? width : widest;
    }
    return (int)widest;
}

static void choose_ticks(const hwv_axis *axis, const hwv_range *range, int columns, bool utf8, hwv_ticks *ticks)
{
    for (size_t most = columns < 12 ? 2 : (size_t)columns / 6; most >= 2; most--) {
        hwv_axis_ticks(axis, range, most, utf8, ticks);
        double gap = HUGE_VAL;
        for (size_t i = 1; i < ticks->count; i++)
            gap = fmin(gap, hwv_range_place(range, ticks->at[i]) - hwv_range_place(range, ticks->at[i - 1]));
        if (gap * columns >= hwv_ticks_widest(ticks) + 2)
            return;
    }
}

void hwv_canvas_empty(hwv_canvas *canvas, int left, int top, int columns, int rows)
{
    static const char words[] = "no values";
    int width = columns < (int)sizeof words - 1 ? columns : (int)sizeof words - 1;
    hwv_canvas_text(canvas, left + (columns - width) / 2, top + rows / 2, HWV_STYLE_FAINT, words, width);
}

void hwv_axis_x_text(hwv_canvas *canvas, const hwv_axis *axis, const hwv_range *range, int left, int columns, int row)
{
    hwv_ticks ticks;
    choose_ticks(axis, range, columns, canvas->term->utf8, &ticks);
    for (int x = 0; x < columns; x++)
        hwv_canvas_glyph(canvas, left + x, row, 0x2500, '-', HWV_STYLE_FAINT);
    int free_column = 0;
    for (size_t i = 0; i < ticks.count; i++) {
        int at = left + (int)(hwv_range_place(range, ticks.at[i]) * (columns * 2 - 1) + 0.5) / 2;
        int width = (int)hwv_utf8_width(ticks.label[i]), x = at - (width - 1) / 2;
        hwv_canvas_glyph(canvas, at, row, 0x252C, '+', HWV_STYLE_FAINT);
        x = x + width > canvas->width ? canvas->width - width : x < 0 ? 0 : x;
        if (x < free_column)
            continue;
        hwv_canvas_text(canvas, x, row + 1, HWV_STYLE_PLAIN, ticks.label[i], width);
        free_column = x + width + 2;
    }
    if (axis->title != NULL) {
        int x = left + (columns - (int)hwv_utf8_width(axis->title)) / 2;
        hwv_canvas_text(canvas, x < 0 ? 0 : x, row + 2, HWV_STYLE_FAINT, axis->title, canvas->width);
    }
}

double hwv_series_x(const hwv_series *series, size_t i)
{
    return series->x != NULL ? series->x[i] : series->first_x + (double)i;
}

size_t hwv_series_color(const hwv_series *series, size_t index)
{
    return (series->color > 0 ? series->color - 1 : index) % HWV_PALETTE;
}

hwv_plot_space hwv_plot_measure(const hwv_plot *plot)
{
    hwv_plot_space space = {.x_axis = plot->x};
    bool counted = plot->series_count > 0;
    hwv_extent x = HWV_EXTENT_NONE, y = HWV_EXTENT_NONE;
    for (size_t s = 0; s < plot->series_count; s++) {
        const hwv_series *series = &plot->series[s];
        counted = counted && series->x == NULL && series->first_x == floor(series->first_x);
        for (size_t i = 0; i < series->count; i++) {
            double at = hwv_series_x(series, i);
            bool shown = hwv_axis_shows(&plot->x, at);
            hwv_left_out_add(&space.left_out, &plot->x, at);
            if (shown)
                hwv_left_out_add(&space.left_out, &plot->y, series->y[i]);
            /* A NaN stretches the x axis: its mark stands there. */
            hwv_extent_add(&x, &plot->x, at);
            if (!shown)
                continue;
            hwv_extent_add(&y, &plot->y, series->y[i]);
            if (series->low != NULL && series->high != NULL) {
                hwv_extent_add(&y, &plot->y, series->low[i]);
                hwv_extent_add(&y, &plot->y, series->high[i]);
            }
        }
    }
    space.empty = y.low > y.high;
    space.x_axis.whole = plot->x.whole || counted;
    for (size_t i = 0; i < plot->reference_count; i++)
        if (plot->references[i].on_x)
            hwv_extent_add(&x, &plot->x, plot->references[i].value);
        else
            hwv_extent_add(&y, &plot->y, plot->references[i].value);
    space.x = hwv_axis_range(&space.x_axis, x, 0, false);
    space.y = hwv_axis_range(&plot->y, y, 0.04, true);
    return space;
}

bool hwv_plot_point(const hwv_plot *plot, const hwv_plot_space *space, const hwv_series *series, const double *y,
                    size_t i, double point[2])
{
    double at = hwv_series_x(series, i);
    if (!hwv_axis_shows(&plot->x, at) || !hwv_axis_shows(&plot->y, y[i]))
        return false;
    point[0] = hwv_range_place(&space->x, at);
    point[1] = hwv_range_place(&space->y, y[i]);
    return isfinite(point[0]) && isfinite(point[1]);
}

/* Liang and Barsky, 1984. */
bool hwv_segment_clip(double a[2], double b[2])
{
    double from = 0, to = 1, d[2] = {b[0] - a[0], b[1] - a[1]};
    const double slack = 1e-9;
    for (int k = 0; k < 4; k++) {
        int axis = k / 2;
        double p = k % 2 == 0 ? -d[axis] : d[axis];
        double q = k % 2 == 0 ? a[axis] + slack : 1 + slack - a[axis];
        if (p == 0) {
            if (q < 0)
                return false;
            continue;
        }
        double t = q / p;
        if (p < 0)
            from = fmax(from, t);
        else
            to = fmin(to, t);
    }
    if (from > to)
        return false;
    double start[2] = {a[0], a[1]};
    for (int axis = 0; axis < 2; axis++) {
        a[axis] = fmin(fmax(start[axis] + from * d[axis], 0), 1);
        b[axis] = fmin(fmax(start[axis] + to * d[axis], 0), 1);
    }
    return true;
}

void hwv_labels_spread(double *wishes, size_t *order, size_t count, double gap, double low, double high)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        for (; at > 0 && wishes[order[at - 1]] > wishes[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    /* Push down from the top, then up from the bottom; what overlaps is then centred on its wishes by
     * a few rounds of relaxation. */
    for (int round = 0; round < 50; round++) {
        for (size_t i = 1; i < count; i++) {
            double *a = &wishes[order[i - 1]], *b = &wishes[order[i]], miss = gap - (*b - *a);
            if (miss > 1e-9) {
                *a -= miss / 2;
                *b += miss / 2;
            }
        }
        for (size_t i = 0; i < count; i++)
            wishes[order[i]] = fmin(fmax(wishes[order[i]], low), high);
    }
    double floor_at = low;
    for (size_t i = 0; i < count; i++) {
        wishes[order[i]] = fmax(wishes[order[i]], floor_at);
        floor_at = wishes[order[i]] + gap;
    }
    double ceiling = high;
    for (size_t i = count; i-- > 0;) {
        wishes[order[i]] = fmin(wishes[order[i]], ceiling);
        ceiling = wishes[order[i]] - gap;
    }
}
