/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Strips as SVG: all pieces of a part are one path, so that many rows stay small. Names of rows stand left of their bars
 * or, where that leaves too little room, above them. */
#include "report/strip.h"
#include "report/svg.h"

#include <math.h>

#include "halfwave/memory.h"

#define NAMES  200.0 /* widest */
#define NOTES  130.0
#define NAME   17.0 /* height of a name above its bar */
#define LEGEND 20.0 /* of a line of it */

typedef struct layout {
    double left, width; /* of the bars */
    double bar, pitch;  /* height of one, and from one to the next */
    double name;        /* above each */
} layout;

static layout lay_out(const hwv_strip *s, const hwv_svg_frame *frame)
{
    double names = 0, notes = 0;
    for (size_t r = 0; r < s->row_count; r++) {
        names = fmax(names, hwv_svg_width(s->rows[r], HWV_SVG_FONT));
        if (s->notes != NULL)
            notes = fmax(notes, hwv_svg_width(s->notes[r], HWV_SVG_FONT));
    }
    bool many = s->row_count > 24;
    layout l = {.bar = many ? 10 : 18, .name = frame->narrow ? NAME : 0};
    l.pitch = l.bar + l.name + (many ? 4 : 9);
    /* The labels of the axis reach over its ends. */
    l.left = frame->margin + fmax(frame->narrow ? 0 : fmin(names, NAMES) + 12, 12);
    double right = frame->narrow || notes == 0 ? 20 : fmax(fmin(notes, NOTES) + 12, 20);
    l.width = frame->width - frame->margin - l.left - right;
    return l;
}

static hwv_svg_class class_of(hwv_style style)
{
    return style >= HWV_STYLE_SERIES ? (hwv_svg_class)(HWV_SVG_COLOR + (int)(style - HWV_STYLE_SERIES)) : HWV_SVG_BAD;
}

/* From y on; returns the height it takes. With text == NULL nothing is drawn. */
static double draw_legend(const hwv_strip *s, const hwv_svg_frame *frame, double y, hwv_text *text)
{
    double x = frame->margin, first = y;
    for (size_t p = 0; p < s->part_count; p++) {
        double width = 20 + hwv_svg_width(s->parts[p], HWV_SVG_FONT);
        if (x > frame->margin && x + width > frame->width - frame->margin) {
            x = frame->margin;
            y += LEGEND;
        }
        if (text != NULL) {
            hwv_svg_rect(text, x, y + 2, 14, 12, class_of(s->styles[p]), 1);
            hwv_svg_label(text, x + 20, y + 12, HWV_SVG_LABEL, HWV_SVG_START, s->parts[p]);
        }
        x += width + 16;
    }
    return y - first + LEGEND + 8;
}

static void add_box(hwv_text *text, double x, double y, double width, double height)
{
    hwv_text_puts(text, "M");
    hwv_svg_number(text, x);
    hwv_text_puts(text, " ");
    hwv_svg_number(text, y);
    hwv_text_puts(text, "h");
    hwv_svg_number(text, width);
    hwv_text_puts(text, "v");
    hwv_svg_number(text, height);
    hwv_text_puts(text, "h-");
    hwv_svg_number(text, width);
    hwv_text_puts(text, "z");
}

/* All pieces of one part. */
static void draw_part(const hwv_strip *s, const layout *l, size_t part, double top, double *ends, hwv_text *text)
{
    bool open = false;
    for (size_t r = 0; r < s->row_count; r++) {
        hwv_strip_cut(s, r, l->width, 2, ends);
        double from = part > 0 ? ends[part - 1] : 0, width = ends[part] - from;
        if (!(width > 0))
            continue;
        if (!open)
            hwv_text_printf(text, "<path class=\"%s hwd\" d=\"", hwv_svg_class_name(class_of(s->styles[part])));
        open = true;
        /* A hairline between neighbours. */
        add_box(text, l->left + from, top + (double)r * l->pitch + l->name, width > 2 ? width - 0.75 : width, l->bar);
    }
    if (open)
        hwv_text_puts(text, "\"/>\n");
}

static void draw_words(const hwv_strip *s, const layout *l, size_t row, double y, hwv_text *text)
{
    char name[200], note[200];
    bool above = l->name > 0;
    double beside = y + l->name + l->bar / 2 + 4, right = l->left + l->width;
    hwv_svg_fit(s->rows[row], above ? l->width * 0.6 : NAMES, name, sizeof name);
    if (above)
        hwv_svg_label(text, l->left, y + NAME - 5, HWV_SVG_LABEL, HWV_SVG_START, name);
    else
        hwv_svg_label(text, l->left - 12, beside, HWV_SVG_LABEL, HWV_SVG_END, name);
    if (s->notes == NULL || s->notes[row][0] == '\0')
        return;
    hwv_svg_fit(s->notes[row], NOTES, note, sizeof note);
    if (above)
        hwv_svg_label(text, right, y + NAME - 5, HWV_SVG_FAINT, HWV_SVG_END, note);
    else
        hwv_svg_label(text, right + 10, beside, HWV_SVG_LABEL, HWV_SVG_START, note);
}

void hwv_strip_draw(const hwv_strip *strip, const hwv_svg_frame *frame, hwv_text *text)
{
    static const hwv_left_out nothing;
    double *ends = hwv_calloc(strip->part_count, sizeof *ends);
    if (ends == NULL) {
        text->failed = true;
        return;
    }
    hwv_axis axis = {.title = strip->axis_title, .unit = HWV_UNIT_SHARE};
    hwv_range range = {.low = 0, .high = 1};
    layout l = lay_out(strip, frame);
    double head = draw_legend(strip, frame, 0, NULL), height = fmax((double)strip->row_count * l.pitch, 16);
    double body = head + height + hwv_svg_axis_height(&axis);
    double top = hwv_svg_open(text, frame, &strip->caption, &nothing, body);
    draw_legend(strip, frame, top, text);
    hwv_svg_axis_x(text, &axis, &range, l.left, l.width, top + head + height, height);
    for (size_t p = 0; p < strip->part_count; p++)
        draw_part(strip, &l, p, top + head, ends, text);
    for (size_t r = 0; r < strip->row_count; r++)
        draw_words(strip, &l, r, top + head + (double)r * l.pitch, text);
    if (strip->row_count == 0)
        hwv_svg_label(text, l.left + 6, top + head + 12, HWV_SVG_FAINT, HWV_SVG_START, "no values");
    hwv_svg_close(text, frame, &strip->caption, &nothing, top + body);
    hwv_free(ends);
}

void hwv_strip_svg(const hwv_strip *strip, hwv_text *text)
{
    hwv_strip_draw(strip, &hwv_svg_alone, text);
}
