/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Bars on a terminal: a line each, to an eighth of a column, the value behind it. */
#include "report/bars.h"

#include <math.h>
#include <stdio.h>

#include "halfwave/memory.h"
#include "report/utf8.h"

static int at_least(int a, int b)
{
    return a > b ? a : b;
}

hwv_bar_space hwv_bars_measure(const hwv_bars *bars)
{
    hwv_bar_space space = {0};
    hwv_extent extent = HWV_EXTENT_NONE;
    size_t count = bars->group_count * bars->series_count;
    for (size_t i = 0; i < count; i++) {
        /* NaN is a bar that does not exist: the picture says so where it would be. */
        if (!isnan(bars->values[i]))
            hwv_left_out_add(&space.left_out, &bars->axis, bars->values[i]);
        hwv_extent_add(&extent, &bars->axis, bars->values[i]);
        if (bars->marks != NULL)
            hwv_extent_add(&extent, &bars->axis, bars->marks[i]);
    }
    for (size_t i = 0; i < bars->reference_count; i++)
        hwv_extent_add(&extent, &bars->axis, bars->references[i].value);
    bool any = extent.low <= extent.high;
    if (!bars->axis.log) {
        /* The length of a bar is its value only from 0 on. */
        hwv_extent_add(&extent, &bars->axis, 0);
        if (!any)
            extent.high = 1;
        space.range = hwv_axis_range(&bars->axis, extent, 0, true);
        if (extent.low == 0 && extent.high == 0)
            space.range = (hwv_range){.low = 0, .high = 1};
        space.zero = hwv_range_place(&space.range, 0);
    } else {
        if (any)
            extent.low = fmax(pow(10, floor(log10(extent.low * 0.8))), 1e-307);
        space.range = hwv_axis_range(&bars->axis, extent, 0, false);
    }
    space.zero = fmin(fmax(space.zero, 0), 1);
    return space;
}

size_t hwv_bars_color(const hwv_bars *bars, size_t group, size_t series)
{
    if (bars->series_count > 1)
        return series % HWV_PALETTE;
    return bars->colors != NULL && bars->colors[group] > 0 ? (bars->colors[group] - 1) % HWV_PALETTE : 0;
}

hwv_number hwv_bars_value(const hwv_bars *bars, double value)
{
    hwv_number n = hwv_number_of(value, bars->axis.unit);
    if (isnan(value))
        snprintf(n.text, sizeof n.text, "n/a");
    return n;
}

const char *hwv_bars_axis_title(const hwv_bars *bars, char *buffer, size_t size)
{
    if (!bars->axis.log)
        return bars->axis.title;
    snprintf(buffer, size, "%s%s", bars->axis.title != NULL ? bars->axis.title : "",
             bars->axis.title != NULL ? ", log scale" : "log scale");
    return buffer;
}

typedef struct frame {
    const hwv_bars *bars;
    hwv_bar_space space;
    hwv_canvas canvas;
    int left, columns;
} frame;

/* Without colour series are told apart by their fill. */
static uint32_t fill_of(const hwv_term *term, size_t series)
{
    static const uint32_t fills[] = {0x2588, 0x2592, 0x2591, 0x2593};
    static const char ascii[] = {'#', '=', ':', '+'};
    if (!term->utf8)
        return (uint32_t)(unsigned char)ascii[series % 4];
    return term->color ? fills[0] : fills[series % 4];
}

/* Returns the column behind the bar. */
static int draw_bar(frame *f, int row, size_t group, size_t series, double value)
{
    const hwv_term *term = f->canvas.term;
    hwv_style style = hwv_style_series(hwv_bars_color(f->bars, group, series));
    uint32_t fill = fill_of(term, series);
    double place = fmin(fmax(hwv_range_place(&f->space.range, value), 0), 1) * f->columns;
    double zero = f->space.zero * f->columns;
    if (value < 0 && !f->bars->axis.log) {
        for (int x = (int)(place + 0.5); x < (int)(zero + 0.5); x++)
            hwv_canvas_put(&f->canvas, f->left + x, row, fill, style);
        return f->left + (int)(zero + 0.5);
    }
    int from = (int)zero;
    int eighths = (int)((place - from) * 8 + 0.5);
    bool fine = fill == 0x2588;
    int full = fine ? eighths / 8 : (eighths + 4) / 8;
    for (int x = 0; x < full; x++)
        hwv_canvas_put(&f->canvas, f->left + from + x, row, fill, style);
    int rest = fine ? eighths % 8 : 0;
    /* A value that is not 0 is never drawn as nothing. */
    if (full == 0 && rest == 0 && place > 0)
        hwv_canvas_glyph(&f->canvas, f->left + from + full++, row, 0x258F, '|', style);
    else if (rest > 0)
        hwv_canvas_put(&f->canvas, f->left + from + full++, row, (uint32_t)(0x2590 - rest), style);
    return f->left + from + full;
}

static void draw_row(frame *f, int row, size_t group, size_t series)
{
    size_t i = group * f->bars->series_count + series;
    double value = f->bars->values[i], mark = f->bars->marks != NULL ? f->bars->marks[i] : NAN;
    int end = f->left;
    if (hwv_axis_shows(&f->bars->axis, value))
        end = draw_bar(f, row, group, series, value);
    if (hwv_axis_shows(&f->bars->axis, mark)) {
        double place = hwv_range_place(&f->space.range, mark);
        if (place >= 0 && place <= 1) {
            int x = f->left + (int)(place * (f->columns - 1) + 0.5);
            hwv_canvas_glyph(&f->canvas, x, row, 0x2503, '|', HWV_STYLE_PLAIN);
            end = at_least(end, x + 1);
        }
    }
    bool odd = !isfinite(value);
    hwv_canvas_text(&f->canvas, end + 1, row, odd ? HWV_STYLE_FAINT : HWV_STYLE_PLAIN,
                    hwv_bars_value(f->bars, value).text, f->canvas.width);
}

static size_t list_entries(const hwv_bars *b, const hwv_term *term, hwv_legend_entry *entries)
{
    size_t count = 0;
    for (size_t s = 0; b->series != NULL && s < b->series_count; s++)
        entries[count++] = (hwv_legend_entry){
            .name = b->series[s], .mark = fill_of(term, s), .style = hwv_style_series(hwv_bars_color(b, 0, s))};
    if (b->marks != NULL && b->mark_label != NULL)
        entries[count++] = (hwv_legend_entry){.name = b->mark_label, .mark = term->utf8 ? 0x2503 : '|'};
    for (size_t i = 0; i < b->reference_count; i++)
        if (b->references[i].label != NULL)
            entries[count++] = (hwv_legend_entry){
                .name = b->references[i].label, .mark = term->utf8 ? 0x250A : ':', .style = HWV_STYLE_FAINT};
    return count;
}

static void draw_references(frame *f, int top, int bottom)
{
    for (size_t i = 0; i < f->bars->reference_count; i++) {
        double place = hwv_range_place(&f->space.range, f->bars->references[i].value);
        if (!(place >= 0 && place <= 1))
            continue;
        int x = f->left + (int)(place * (f->columns - 1) + 0.5);
        for (int y = top; y < bottom; y++)
            if (hwv_canvas_at(&f->canvas, x, y) != NULL && hwv_canvas_at(&f->canvas, x, y)->code == 0)
                hwv_canvas_glyph(&f->canvas, x, y, 0x250A, ':', HWV_STYLE_FAINT);
    }
}

static void render(frame *f, const hwv_legend_entry *entries, size_t count, const hwv_term *term, hwv_text *text)
{
    const hwv_bars *b = f->bars;
    int names = 1, numbers = 1, width = term->width;
    for (size_t g = 0; g < b->group_count; g++)
        names = at_least(names, (int)hwv_utf8_width(b->groups[g]));
    for (size_t i = 0; i < b->group_count * b->series_count; i++)
        numbers = at_least(numbers, (int)hwv_utf8_width(hwv_bars_value(b, b->values[i]).text));
    names = names > width / 3 ? width / 3 : names;
    f->left = names + 2;
    f->columns = at_least(4, (width > 120 ? 120 : width) - f->left - numbers - 2);

    /* Groups stand apart where the screen has the lines for it. */
    int gap = b->series_count > 1 && (int)(b->group_count * (b->series_count + 1)) + 8 <= term->height;
    int top = count > 0 ? hwv_legend_flow(NULL, width, 0, entries, count) : 0;
    int rows = (int)b->group_count * ((int)b->series_count + gap) - gap;
    if (!hwv_canvas_open(&f->canvas, term, width, top + rows + 2 + (b->axis.title != NULL || b->axis.log))) {
        text->failed = true;
        return;
    }
    hwv_legend_flow(&f->canvas, width, 0, entries, count);
    int row = top;
    for (size_t g = 0; g < b->group_count; g++) {
        hwv_canvas_text_right(&f->canvas, names, row, HWV_STYLE_PLAIN, b->groups[g], names);
        for (size_t s = 0; s < b->series_count; s++)
            draw_row(f, row++, g, s);
        row += gap;
    }
    for (int y = top; y < top + rows; y++)
        hwv_canvas_glyph(&f->canvas, f->left - 1, y, 0x2502, '|', HWV_STYLE_FAINT);
    draw_references(f, top, top + rows);
    char title[160];
    hwv_axis axis = b->axis;
    axis.title = hwv_bars_axis_title(b, title, sizeof title);
    hwv_canvas_glyph(&f->canvas, f->left - 1, top + rows, 0x2514, '+', HWV_STYLE_FAINT);
    hwv_axis_x_text(&f->canvas, &axis, &f->space.range, f->left, f->columns, top + rows);
    hwv_canvas_close(&f->canvas, text);
}

void hwv_bars_text(const hwv_bars *bars, const hwv_term *term, hwv_text *text)
{
    frame f = {.bars = bars, .space = hwv_bars_measure(bars)};
    hwv_legend_entry *entries = hwv_calloc(bars->series_count + 1 + bars->reference_count, sizeof *entries);
    if (entries == NULL) {
        text->failed = true;
        return;
    }
    size_t count = list_entries(bars, term, entries);
    hwv_caption_above(&bars->caption, term, text);
    if (bars->group_count > 0)
        render(&f, entries, count, term, text);
    else
        hwv_term_wrap(text, term, HWV_STYLE_FAINT, 0, "no values");
    hwv_caption_below(&bars->caption, &f.space.left_out, term, text);
    hwv_free(entries);
}
