/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Histograms on a terminal: columns to an eighth of a line. Bins narrower than a column are merged. */
#include "report/histogram.h"

#include <math.h>

#include "report/utf8.h"

void hwv_histogram_edges(double *edges, size_t bins, double low, double high, bool log)
{
    for (size_t i = 0; i <= bins; i++) {
        double t = bins > 0 ? (double)i / (double)bins : 0;
        edges[i] = log ? pow(10, log10(low) + t * (log10(high) - log10(low))) : low + t * (high - low);
    }
    /* The ends are what was asked for, whatever pow makes of them. */
    edges[0] = low;
    edges[bins] = high;
}

size_t hwv_histogram_count(double *counts, const double *edges, size_t bins, const double *values, size_t count)
{
    size_t outside = 0;
    for (size_t i = 0; i < bins; i++)
        counts[i] = 0;
    for (size_t k = 0; k < count; k++) {
        double v = values[k];
        if (bins == 0 || !(v >= edges[0] && v <= edges[bins])) {
            outside++;
            continue;
        }
        size_t from = 0, to = bins;
        while (to - from > 1) {
            size_t middle = from + (to - from) / 2;
            if (v >= edges[middle])
                from = middle;
            else
                to = middle;
        }
        counts[from] += 1;
    }
    return outside;
}

hwv_histogram_space hwv_histogram_measure(const hwv_histogram *histogram)
{
    hwv_histogram_space space = {0};
    hwv_extent x = HWV_EXTENT_NONE, y = HWV_EXTENT_NONE;
    for (size_t i = 0; i < histogram->bins; i++) {
        hwv_extent_add(&x, &histogram->x, histogram->edges[i]);
        hwv_extent_add(&x, &histogram->x, histogram->edges[i + 1]);
        /* An empty bin is not something left out, also on a log axis. */
        if (!isfinite(histogram->counts[i]))
            hwv_left_out_add(&space.left_out, &histogram->y, histogram->counts[i]);
        hwv_extent_add(&y, &histogram->y, histogram->counts[i]);
    }
    if (histogram->has_apart)
        hwv_extent_add(&y, &histogram->y, histogram->apart);
    space.x = hwv_axis_range(&histogram->x, x, 0, false);
    if (!histogram->y.log) {
        double high = y.low <= y.high && y.high > 0 ? y.high : 1;
        space.y = hwv_axis_range(&histogram->y, (hwv_extent){0, high}, 0, true);
    } else {
        /* Counts begin at 1: half a bar's worth below it keeps single units visible. */
        if (y.low <= y.high)
            y.low = fmin(y.low, 1) / 2;
        space.y = hwv_axis_range(&histogram->y, y, 0, false);
    }
    return space;
}

/* Columns between the bin apart and the others: a tick label reaches into it. */
#define GAP 5

typedef struct frame {
    const hwv_histogram *histogram;
    hwv_histogram_space space;
    hwv_canvas canvas;
    int top, rows, left, apart, columns; /* columns of the bin apart (gap included), of the bins */
} frame;

static void draw_column(frame *f, int x, double count, hwv_style style)
{
    if (!hwv_axis_shows(&f->histogram->y, count))
        return;
    double place = fmin(fmax(hwv_range_place(&f->space.y, count), 0), 1);
    int eighths = (int)(place * f->rows * 8 + 0.5);
    /* A bin that is not empty is never drawn as nothing. */
    if (eighths == 0 && count > 0)
        eighths = 1;
    bool utf8 = f->canvas.term->utf8;
    for (int y = 0; eighths > 0; y++, eighths -= 8) {
        uint32_t code = utf8 ? (uint32_t)(0x2580 + (eighths > 8 ? 8 : eighths)) : eighths >= 4 || y == 0 ? '#' : ' ';
        if (code != ' ')
            hwv_canvas_put(&f->canvas, x, f->top + f->rows - 1 - y, code, style);
    }
}

/* Count of all bins whose middle is in column c; a bin wider than a column gives its count to all of its
 * columns. */
static double column_count(const frame *f, int c)
{
    const hwv_histogram *h = f->histogram;
    double from = (double)c / f->columns, to = (double)(c + 1) / f->columns, sum = 0;
    bool any = false;
    double centre = (from + to) / 2;
    for (size_t i = 0; i < h->bins; i++) {
        double low = hwv_range_place(&f->space.x, h->edges[i]), high = hwv_range_place(&f->space.x, h->edges[i + 1]);
        double middle = (low + high) / 2;
        if (high - low >= 1.0 / f->columns - 1e-9) {
            if (centre >= low && centre < high)
                return h->counts[i];
        } else if (middle >= from && middle < to) {
            sum += h->counts[i];
            any = true;
        }
    }
    return any ? sum : 0;
}

static void draw_y_axis(frame *f, const hwv_ticks *ticks)
{
    for (int y = 0; y < f->rows; y++)
        hwv_canvas_glyph(&f->canvas, f->left - 1, f->top + y, 0x2502, '|', HWV_STYLE_FAINT);
    hwv_canvas_glyph(&f->canvas, f->left - 1, f->top + f->rows, 0x2514, '+', HWV_STYLE_FAINT);
    int free_row = f->rows;
    for (size_t i = 0; i < ticks->count; i++) {
        /* The top of a column of that height is at this line's lower edge. */
        int row = (int)floor((1 - hwv_range_place(&f->space.y, ticks->at[i])) * f->rows + 0.5);
        if (row >= f->rows ? i > 0 : row >= free_row)
            continue;
        row = row >= f->rows ? f->rows : row;
        free_row = row;
        hwv_canvas_glyph(&f->canvas, f->left - 1, f->top + row, row == f->rows ? 0x2534 : 0x2524, '+', HWV_STYLE_FAINT);
        hwv_canvas_text_right(&f->canvas, f->left - 1, f->top + row, HWV_STYLE_PLAIN, ticks->label[i], f->left - 1);
    }
}

static void draw_apart(frame *f)
{
    const hwv_histogram *h = f->histogram;
    int width = f->apart - GAP, bottom = f->top + f->rows;
    int bar = width > 4 ? 4 : width, x = f->left + (width - bar) / 2;
    for (int c = 0; c < bar; c++)
        draw_column(f, x + c, h->apart, HWV_STYLE_BAD);
    for (int c = 0; c < width; c++)
        hwv_canvas_glyph(&f->canvas, f->left + c, bottom, 0x2500, '-', HWV_STYLE_FAINT);
    hwv_canvas_text(&f->canvas, f->left, bottom + 1, HWV_STYLE_BAD, h->apart_label != NULL ? h->apart_label : "apart",
                    width);
}

static void render(frame *f, const hwv_term *term, hwv_text *text)
{
    const hwv_histogram *h = f->histogram;
    int width = term->width > 120 ? 120 : term->width;
    int rows = h->rows > 0 ? h->rows - 3 : term->height - 12 < 12 ? term->height - 12 : 12;
    f->rows = rows < 4 ? 4 : rows;
    f->top = h->y.title != NULL;
    hwv_ticks ticks;
    hwv_axis_ticks(&h->y, &f->space.y, (size_t)(f->rows / 3 + 1), term->utf8, &ticks);
    f->left = hwv_ticks_widest(&ticks) + 2;
    int label = h->apart_label != NULL ? (int)hwv_utf8_width(h->apart_label) : 5;
    f->apart = h->has_apart ? (label > 12 ? 12 : label) + GAP : 0;
    int room = width - f->left - f->apart - 1;
    f->columns = room < 4 ? 4 : room;
    /* The same number of columns for every bin, where bins are evenly placed. */
    if (h->bins > 0 && (size_t)f->columns > h->bins)
        f->columns -= f->columns % (int)h->bins;
    if (!hwv_canvas_open(&f->canvas, term, term->width, f->top + f->rows + 2 + (h->x.title != NULL))) {
        text->failed = true;
        return;
    }
    if (h->y.title != NULL)
        hwv_canvas_text(&f->canvas, 0, 0, HWV_STYLE_FAINT, h->y.title, width);
    draw_y_axis(f, &ticks);
    if (h->has_apart)
        draw_apart(f);
    int from = f->left + f->apart;
    for (int c = 0; c < f->columns; c++)
        draw_column(f, from + c, column_count(f, c), HWV_STYLE_SERIES);
    if (h->bins == 0)
        hwv_canvas_empty(&f->canvas, from, f->top, f->columns, f->rows);
    hwv_axis_x_text(&f->canvas, &h->x, &f->space.x, from, f->columns, f->top + f->rows);
    hwv_canvas_close(&f->canvas, text);
}

void hwv_histogram_text(const hwv_histogram *histogram, const hwv_term *term, hwv_text *text)
{
    frame f = {.histogram = histogram, .space = hwv_histogram_measure(histogram)};
    hwv_caption_above(&histogram->caption, term, text);
    render(&f, term, text);
    hwv_caption_below(&histogram->caption, &f.space.left_out, term, text);
}
