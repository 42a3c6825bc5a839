/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Line plots on a terminal: Braille lines with a mark per series, so that they can be told apart
 * without colour; on ASCII targets the line is made of the series' mark. Names stand at the ends of
 * the lines where there is room, else in a legend above. */
#include "report/figure.h"

#include <math.h>

#include "halfwave/memory.h"
#include "report/utf8.h"

typedef struct frame {
    const hwv_plot *plot;
    hwv_plot_space space;
    hwv_canvas canvas;
    hwv_ticks y_ticks;
    int top, left;     /* first cell of the data area */
    int columns, rows; /* its size */
    bool names_at_right;
} frame;

static int at_least(int a, int b)
{
    return a > b ? a : b;
}

/* Dots of the data area; y grows downwards. */
static void dot_of(const frame *f, const double point[2], double dot[2])
{
    dot[0] = point[0] * (f->columns * 2 - 1);
    dot[1] = (1 - point[1]) * (f->rows * 4 - 1);
}

static void cell_of(const frame *f, const double point[2], int cell[2])
{
    double dot[2];
    dot_of(f, point, dot);
    cell[0] = f->left + (int)(dot[0] + 0.5) / 2;
    cell[1] = f->top + (int)(dot[1] + 0.5) / 4;
}

static bool inside(const double point[2])
{
    return point[0] >= -1e-9 && point[0] <= 1 + 1e-9 && point[1] >= -1e-9 && point[1] <= 1 + 1e-9;
}

static uint32_t mark_of(const hwv_series *series, size_t color, bool utf8)
{
    if (series->line == HWV_LINE_DASHED)
        return utf8 ? 0x254C : '-';
    return hwv_mark_code(color, utf8);
}

/* `pattern` counts dots along the line so that dashes go on over the joints. */
static void draw_segment(frame *f, double a[2], double b[2], const hwv_series *series, size_t color, int *pattern)
{
    if (!hwv_segment_clip(a, b))
        return;
    bool utf8 = f->canvas.term->utf8, dashed = series->line == HWV_LINE_DASHED;
    double from[2], to[2];
    dot_of(f, a, from);
    dot_of(f, b, to);
    double unit[2] = {utf8 ? 1 : 2, utf8 ? 1 : 4};
    for (int k = 0; k < 2; k++) {
        from[k] /= unit[k];
        to[k] /= unit[k];
    }
    int steps = (int)ceil(fmax(fabs(to[0] - from[0]), fabs(to[1] - from[1])));
    int on = utf8 ? 3 : 1, period = utf8 ? 6 : 2;
    for (int i = 0; i <= steps; i++) {
        double t = steps == 0 ? 0 : (double)i / steps;
        int x = (int)floor(from[0] + t * (to[0] - from[0]) + (utf8 ? 0.5 : 0.0));
        int y = (int)floor(from[1] + t * (to[1] - from[1]) + (utf8 ? 0.5 : 0.0));
        if (i < steps)
            ++*pattern;
        if (dashed && *pattern % period >= on)
            continue;
        if (utf8)
            hwv_canvas_dot(&f->canvas, f->left * 2 + x, f->top * 4 + y, hwv_style_series(color));
        else
            hwv_canvas_put(&f->canvas, f->left + x, f->top + y, mark_of(series, color, false), hwv_style_series(color));
    }
}

static void draw_line(frame *f, const hwv_series *series, size_t color)
{
    double last[2] = {0}, point[2];
    bool connected = false;
    int pattern = 0;
    for (size_t i = 0; i < series->count; i++) {
        bool drawn = hwv_plot_point(f->plot, &f->space, series, series->y, i, point);
        if (drawn) {
            double a[2] = {connected ? last[0] : point[0], connected ? last[1] : point[1]};
            double b[2] = {point[0], point[1]};
            draw_segment(f, a, b, series, color, &pattern);
            last[0] = point[0];
            last[1] = point[1];
        }
        connected = drawn;
    }
}

/* The edges of the band, as faint single dots: enough to see how far seeds spread. */
static void draw_band(frame *f, const hwv_series *series, const double *edge)
{
    if (edge == NULL || !f->canvas.term->color || !f->canvas.term->utf8)
        return;
    double point[2], last[2] = {0}, dot[2];
    bool connected = false;
    for (size_t i = 0; i < series->count; i++) {
        bool drawn = hwv_plot_point(f->plot, &f->space, series, edge, i, point);
        double a[2] = {last[0], last[1]}, b[2] = {point[0], point[1]};
        if (drawn && connected && hwv_segment_clip(a, b)) {
            int steps = at_least(1, (int)(fabs(b[0] - a[0]) * f->columns));
            for (int k = 0; k < steps; k++) {
                double t = (double)k / steps;
                dot_of(f, (const double[]){a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])}, dot);
                hwv_canvas_dot(&f->canvas, f->left * 2 + (int)(dot[0] + 0.5), f->top * 4 + (int)(dot[1] + 0.5),
                               HWV_STYLE_FAINT);
            }
        }
        last[0] = point[0];
        last[1] = point[1];
        connected = drawn;
    }
}

static void draw_mark(frame *f, const hwv_series *series, size_t color, size_t i)
{
    double point[2];
    int cell[2];
    if (!hwv_plot_point(f->plot, &f->space, series, series->y, i, point) || !inside(point))
        return;
    cell_of(f, point, cell);
    hwv_canvas_put(&f->canvas, cell[0], cell[1], hwv_mark_code(color, f->canvas.term->utf8), hwv_style_series(color));
}

/* Every point when there are few, else some, at other places for each series. */
static void draw_marks(frame *f, const hwv_series *series, size_t index, size_t color)
{
    if (series->line == HWV_LINE_DASHED)
        return;
    bool points = series->line == HWV_LINE_POINTS;
    if (!f->canvas.term->utf8 && !points)
        return;
    if (points || series->count <= (size_t)f->columns / 5) {
        for (size_t i = 0; i < series->count; i++)
            draw_mark(f, series, color, i);
        return;
    }
    int wanted = at_least(2, f->columns / 14);
    double phase = ((double)index + 0.5) / (double)f->plot->series_count;
    int next = 0;
    for (size_t i = 0; i < series->count; i++) {
        double place = hwv_range_place(&f->space.x, hwv_series_x(series, i));
        if (place < (next + phase) / wanted || place > 1)
            continue;
        draw_mark(f, series, color, i);
        next = (int)(place * wanted - phase) + 1;
    }
}

static void draw_missing(frame *f, const hwv_series *series)
{
    int bottom = f->top + f->rows;
    for (size_t i = 0; i < series->count; i++) {
        double place = hwv_range_place(&f->space.x, hwv_series_x(series, i)), y = series->y[i];
        if (!(place >= 0 && place <= 1) || hwv_axis_shows(&f->plot->y, y))
            continue;
        int x = f->left + (int)(place * (f->columns * 2 - 1) + 0.5) / 2;
        if (isnan(y))
            hwv_canvas_glyph(&f->canvas, x, bottom, 0x00D7, 'x', HWV_STYLE_BAD);
        else if (y > 0)
            hwv_canvas_glyph(&f->canvas, x, f->top, 0x2191, '^', HWV_STYLE_BAD);
        else
            hwv_canvas_glyph(&f->canvas, x, bottom, 0x2193, 'v', HWV_STYLE_BAD);
    }
}

static void draw_references(frame *f)
{
    for (size_t i = 0; i < f->plot->reference_count; i++) {
        const hwv_reference *r = &f->plot->references[i];
        double place = hwv_range_place(r->on_x ? &f->space.x : &f->space.y, r->value);
        double point[2] = {r->on_x ? place : 0, r->on_x ? 0 : place};
        int cell[2];
        if (!inside(point))
            continue;
        cell_of(f, point, cell);
        if (!r->on_x) {
            for (int x = 0; x < f->columns; x += f->canvas.term->utf8 ? 1 : 2)
                hwv_canvas_glyph(&f->canvas, f->left + x, cell[1], 0x2504, '-', HWV_STYLE_FAINT);
            continue;
        }
        for (int y = 0; y < f->rows; y++)
            hwv_canvas_glyph(&f->canvas, cell[0], f->top + y, 0x250A, ':', HWV_STYLE_FAINT);
    }
}

/* After the data, so that they can be read. */
static void label_references(frame *f)
{
    for (size_t i = 0; i < f->plot->reference_count; i++) {
        const hwv_reference *r = &f->plot->references[i];
        double point[2] = {hwv_range_place(&f->space.x, r->value), 0};
        int cell[2], width = r->label == NULL ? 0 : (int)hwv_utf8_width(r->label);
        if (!r->on_x || !inside(point) || width == 0)
            continue;
        cell_of(f, point, cell);
        if (cell[0] + 1 + width <= f->left + f->columns)
            hwv_canvas_text(&f->canvas, cell[0] + 1, f->top, HWV_STYLE_FAINT, r->label, width);
        else
            hwv_canvas_text_right(&f->canvas, cell[0], f->top, HWV_STYLE_FAINT, r->label, cell[0] - f->left);
    }
}

static void draw_axes(frame *f)
{
    hwv_canvas *c = &f->canvas;
    int bottom = f->top + f->rows;
    for (int y = 0; y < f->rows; y++)
        hwv_canvas_glyph(c, f->left - 1, f->top + y, 0x2502, '|', HWV_STYLE_FAINT);
    hwv_canvas_glyph(c, f->left - 1, bottom, 0x2514, '+', HWV_STYLE_FAINT);
    int free_row = bottom;
    for (size_t i = f->y_ticks.count; i-- > 0;) {
        double point[2] = {0, hwv_range_place(&f->space.y, f->y_ticks.at[i])};
        int cell[2];
        cell_of(f, point, cell);
        hwv_canvas_glyph(c, f->left - 1, cell[1], 0x2524, '+', HWV_STYLE_FAINT);
        if (cell[1] != free_row)
            hwv_canvas_text_right(c, f->left - 1, cell[1], HWV_STYLE_PLAIN, f->y_ticks.label[i], f->left - 1);
        free_row = cell[1];
        /* A grid without colour would hide the data. */
        for (int x = 0; x < f->columns && c->term->color && c->term->utf8; x += 4)
            hwv_canvas_put(c, f->left + x, cell[1], 0x00B7, HWV_STYLE_FAINT);
    }
    hwv_axis_x_text(c, &f->space.x_axis, &f->space.x, f->left, f->columns, bottom);
}

static double line_end(const frame *f, const hwv_series *series)
{
    double point[2];
    for (size_t i = series->count; i-- > 0;)
        if (hwv_plot_point(f->plot, &f->space, series, series->y, i, point))
            return 1 - fmin(fmax(point[1], 0), 1);
    return 1;
}

static size_t list_entries(const frame *f, hwv_legend_entry *entries, bool utf8)
{
    size_t count = 0;
    for (size_t i = 0; i < f->plot->series_count; i++) {
        const hwv_series *s = &f->plot->series[i];
        size_t color = hwv_series_color(s, i);
        if (s->name != NULL)
            entries[count++] =
                (hwv_legend_entry){s->name, mark_of(s, color, utf8), hwv_style_series(color), line_end(f, s)};
    }
    for (size_t i = 0; i < f->plot->reference_count; i++) {
        const hwv_reference *r = &f->plot->references[i];
        if (!r->on_x && r->label != NULL)
            entries[count++] = (hwv_legend_entry){r->label, utf8 ? 0x2504 : '-', HWV_STYLE_FAINT,
                                                  1 - fmin(fmax(hwv_range_place(&f->space.y, r->value), 0), 1)};
    }
    return count;
}

static bool draw_names(frame *f, const hwv_legend_entry *entries, size_t count)
{
    double *wishes = hwv_calloc(count, sizeof *wishes);
    size_t *order = hwv_calloc(count, sizeof *order);
    bool ok = wishes != NULL && order != NULL;
    if (ok) {
        for (size_t i = 0; i < count; i++)
            wishes[i] = floor(entries[i].wish * (f->rows * 4 - 1) + 0.5) / 4 - 0.375;
        hwv_labels_spread(wishes, order, count, 1, 0, f->rows - 1);
        int x = f->left + f->columns + 1, free_row = 0;
        for (size_t i = 0; i < count; i++) {
            int row = at_least(free_row, (int)floor(wishes[order[i]] + 0.5));
            hwv_legend_put(&f->canvas, x, f->top + row, &entries[order[i]], f->canvas.width - x);
            free_row = row + 1;
        }
    }
    hwv_free(wishes);
    hwv_free(order);
    return ok;
}

static void render(frame *f, const hwv_legend_entry *entries, size_t count, const hwv_term *term, hwv_text *text)
{
    const hwv_plot *plot = f->plot;
    int widest = 0, width = term->width;
    for (size_t i = 0; i < count; i++)
        widest = at_least(widest, (int)hwv_utf8_width(entries[i].name));
    int rows = plot->rows > 0 ? plot->rows - 3 : term->height - 10 < 20 ? term->height - 10 : 20;
    f->rows = at_least(5, rows);
    f->names_at_right = width >= 60 && widest <= 20 && count > 0 && count <= (size_t)f->rows;

    int legend_start = plot->y.title == NULL ? 0 : (int)hwv_utf8_width(plot->y.title) + 3;
    bool flow = count > 0 && !f->names_at_right;
    int head = flow ? hwv_legend_flow(NULL, width, legend_start, entries, count) : plot->y.title != NULL;
    hwv_axis_ticks(&plot->y, &f->space.y, (size_t)at_least(2, f->rows / 3 + 1), term->utf8, &f->y_ticks);
    f->top = head;
    f->left = hwv_ticks_widest(&f->y_ticks) + 2;
    f->columns = at_least(4, width - f->left - (f->names_at_right ? widest + 3 : 1));

    if (!hwv_canvas_open(&f->canvas, term, width, head + f->rows + 2 + (plot->x.title != NULL))) {
        text->failed = true;
        return;
    }
    if (plot->y.title != NULL)
        hwv_canvas_text(&f->canvas, 0, 0, HWV_STYLE_FAINT, plot->y.title, width);
    if (flow)
        hwv_legend_flow(&f->canvas, width, legend_start, entries, count);
    draw_axes(f);
    draw_references(f);
    for (size_t i = plot->series_count; i-- > 0;) {
        draw_band(f, &plot->series[i], plot->series[i].low);
        draw_band(f, &plot->series[i], plot->series[i].high);
    }
    for (size_t i = plot->series_count; i-- > 0;)
        if (plot->series[i].line != HWV_LINE_POINTS)
            draw_line(f, &plot->series[i], hwv_series_color(&plot->series[i], i));
    for (size_t i = plot->series_count; i-- > 0;) {
        draw_marks(f, &plot->series[i], i, hwv_series_color(&plot->series[i], i));
        draw_missing(f, &plot->series[i]);
    }
    label_references(f);
    if (f->space.empty)
        hwv_canvas_empty(&f->canvas, f->left, f->top, f->columns, f->rows);
    if (f->names_at_right && !draw_names(f, entries, count))
        text->failed = true;
    hwv_canvas_close(&f->canvas, text);
}

void hwv_plot_text(const hwv_plot *plot, const hwv_term *term, hwv_text *text)
{
    frame f = {.plot = plot, .space = hwv_plot_measure(plot)};
    hwv_legend_entry *entries = hwv_calloc(plot->series_count + plot->reference_count, sizeof *entries);
    if (entries == NULL) {
        text->failed = true;
        return;
    }
    size_t count = list_entries(&f, entries, term->utf8);
    hwv_caption_above(&plot->caption, term, text);
    render(&f, entries, count, term, text);
    hwv_caption_below(&plot->caption, &f.space.left_out, term, text);
    hwv_free(entries);
}
