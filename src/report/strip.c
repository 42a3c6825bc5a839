/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Strips on a terminal: a line per row, a fill per part. */
#include "report/strip.h"

#include <math.h>

#include "halfwave/memory.h"
#include "report/utf8.h"

static double value_of(const hwv_strip *strip, size_t row, size_t part)
{
    double value = strip->values[row * strip->part_count + part];
    return isfinite(value) && value > 0 ? value : 0;
}

void hwv_strip_cut(const hwv_strip *strip, size_t row, double room, double least, double *ends)
{
    double sum = 0, owed = 0;
    size_t largest = 0;
    for (size_t p = 0; p < strip->part_count; p++) {
        sum += value_of(strip, row, p);
        largest = value_of(strip, row, p) > value_of(strip, row, largest) ? p : largest;
    }
    for (size_t p = 0; p < strip->part_count; p++) {
        double value = value_of(strip, row, p), length = sum > 0 ? value / sum * room : 0;
        ends[p] = value > 0 && length < least ? least : length;
        owed += ends[p] - length;
    }
    double at = 0;
    for (size_t p = 0; p < strip->part_count; p++) {
        double length = ends[p] - (p == largest ? owed : 0);
        at += fmax(length, 0);
        ends[p] = fmin(at, room);
    }
}

static uint32_t fill_of(size_t part, bool utf8)
{
    static const uint32_t fills[] = {0x2588, 0x2593, 0x2592, 0x2591, 0x2550, 0x2500, 0x00B7};
    static const char ascii[] = {'#', '?', '~', ':', '=', '-', '.'};
    return utf8 ? fills[part % 7] : (uint32_t)(unsigned char)ascii[part % 7];
}

typedef struct frame {
    const hwv_strip *strip;
    hwv_canvas canvas;
    int left, columns;
    double *ends;
} frame;

static void draw_row(frame *f, int y, size_t row)
{
    const hwv_strip *s = f->strip;
    hwv_canvas_text_right(&f->canvas, f->left - 2, y, HWV_STYLE_PLAIN, s->rows[row], f->left - 2);
    hwv_strip_cut(s, row, f->columns, 1, f->ends);
    double from = 0;
    for (size_t p = 0; p < s->part_count; p++) {
        for (int x = (int)(from + 0.5); x < (int)(f->ends[p] + 0.5); x++)
            hwv_canvas_put(&f->canvas, f->left + x, y, fill_of(p, f->canvas.term->utf8), s->styles[p]);
        from = f->ends[p];
    }
    if (s->notes != NULL)
        hwv_canvas_text(&f->canvas, f->left + f->columns + 1, y, HWV_STYLE_PLAIN, s->notes[row], f->canvas.width);
}

static void render(frame *f, const hwv_legend_entry *entries, const hwv_term *term, hwv_text *text)
{
    const hwv_strip *s = f->strip;
    int names = 1, notes = 0, width = term->width;
    for (size_t r = 0; r < s->row_count; r++) {
        int name = (int)hwv_utf8_width(s->rows[r]), note = s->notes != NULL ? (int)hwv_utf8_width(s->notes[r]) : 0;
        names = name > names ? name : names;
        notes = note > notes ? note : notes;
    }
    names = names > width / 3 ? width / 3 : names;
    notes = notes > width / 3 ? width / 3 : notes;
    f->left = names + 2;
    f->columns = (width > 120 ? 120 : width) - f->left - notes - 1;
    f->columns = f->columns < 4 ? 4 : f->columns;
    int top = hwv_legend_flow(NULL, width, 0, entries, s->part_count), rows = s->row_count > 0 ? (int)s->row_count : 1;
    if (!hwv_canvas_open(&f->canvas, term, width, top + rows + (s->axis_title != NULL))) {
        text->failed = true;
        return;
    }
    hwv_legend_flow(&f->canvas, width, 0, entries, s->part_count);
    for (size_t r = 0; r < s->row_count; r++)
        draw_row(f, top + (int)r, r);
    if (s->row_count == 0)
        hwv_canvas_empty(&f->canvas, 0, top, width, 1);
    if (s->axis_title != NULL)
        hwv_canvas_text(&f->canvas, f->left, top + rows, HWV_STYLE_FAINT, s->axis_title, width);
    hwv_canvas_close(&f->canvas, text);
}

void hwv_strip_text(const hwv_strip *strip, const hwv_term *term, hwv_text *text)
{
    frame f = {.strip = strip, .ends = hwv_calloc(strip->part_count, sizeof(double))};
    hwv_legend_entry *entries = hwv_calloc(strip->part_count, sizeof *entries);
    if (f.ends != NULL && entries != NULL) {
        for (size_t p = 0; p < strip->part_count; p++)
            entries[p] =
                (hwv_legend_entry){.name = strip->parts[p], .mark = fill_of(p, term->utf8), .style = strip->styles[p]};
        hwv_caption_above(&strip->caption, term, text);
        render(&f, entries, term, text);
        hwv_caption_below(&strip->caption, NULL, term, text);
    } else {
        text->failed = true;
    }
    hwv_free(entries);
    hwv_free(f.ends);
}
