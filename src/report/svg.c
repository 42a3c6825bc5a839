/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * SVG primitives. Text stays text; the page brings its own background, so that it is readable wherever
 * it is embedded, also where the host page's colours do not follow prefers-color-scheme. */
#include "report/svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/utf8.h"

#define TITLE_SIZE 17.0
#define TEXT_SIZE  13.0
#define LEADING    1.4

void hwv_svg_number(hwv_text *text, double value)
{
    char number[48];
    if (!isfinite(value))
        value = 0;
    value = fmin(fmax(value, -1e6), 1e6);
    snprintf(number, sizeof number, "%.2f", value);
    char *end = number + strlen(number);
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        *--end = '\0';
    hwv_text_puts(text, strcmp(number, "-0") == 0 ? "0" : number);
}

void hwv_svg_escape(hwv_text *text, const char *string)
{
    uint32_t code;
    while ((code = hwv_utf8_next(&string)) != 0) {
        if (code == '&')
            hwv_text_puts(text, "&amp;");
        else if (code == '<')
            hwv_text_puts(text, "&lt;");
        else if (code == '>')
            hwv_text_puts(text, "&gt;");
        else if (code == '"')
            hwv_text_puts(text, "&quot;");
        else if (code == 0xFFFE || code == 0xFFFF)
            hwv_utf8_add(text, 0xFFFD);
        else
            hwv_utf8_add(text, hwv_utf8_shown(code, true));
    }
}

double hwv_svg_width(const char *string, double size)
{
    double em = 0;
    uint32_t code;
    while ((code = hwv_utf8_next(&string)) != 0) {
        if (code < 0x80 && strchr("iljtfrI.,:;|'!()[] ", (int)code) != NULL)
            em += 0.36;
        else if (code < 0x80 && strchr("mwMW@%", (int)code) != NULL)
            em += 0.92;
        else if (code >= 'A' && code <= 'Z')
            em += 0.70;
        else
            em += 0.60 * (double)hwv_utf8_columns(code);
    }
    return em * size;
}

const char *hwv_svg_fit(const char *string, double width, char *buffer, size_t size)
{
    size_t used = strlen(string);
    if (used < size && hwv_svg_width(string, HWV_SVG_FONT) <= width) {
        memcpy(buffer, string, used + 1);
        return buffer;
    }
    static const char ellipsis[] = "\u2026";
    const char *at = string;
    double room = width - hwv_svg_width(ellipsis, HWV_SVG_FONT);
    for (used = 0; *at != '\0';) {
        const char *next = at;
        hwv_utf8_next(&next);
        size_t length = (size_t)(next - at);
        if (used + length + sizeof ellipsis > size)
            break;
        memcpy(buffer + used, at, length);
        buffer[used + length] = '\0';
        if (hwv_svg_width(buffer, HWV_SVG_FONT) > room)
            break;
        used += length;
        at = next;
    }
    memcpy(buffer + used, ellipsis, sizeof ellipsis);
    return buffer;
}

const char *hwv_svg_class_name(hwv_svg_class c)
{
    static const char *const names[] = {"hwl", "hwf", "hwb", "hwg", "hwa", "hwp", "hwx"};
    static const char *const colors[HWV_PALETTE] = {"hw0", "hw1", "hw2", "hw3", "hw4", "hw5", "hw6", "hw7"};
    return c < HWV_SVG_COLOR ? names[c] : colors[(c - HWV_SVG_COLOR) % HWV_PALETTE];
}

static void add_colors(hwv_text *text, bool dark)
{
    hwv_text_printf(
        text, ".hw .hwp{fill:%s}.hwl{color:%s}.hwb{color:%s}.hwf{color:%s}.hwg{color:%s}.hwa{color:%s}.hwx{color:%s}",
        dark ? "#15181c" : "#ffffff", hwv_style_hex(HWV_STYLE_PLAIN, dark), hwv_style_hex(HWV_STYLE_STRONG, dark),
        hwv_style_hex(HWV_STYLE_FAINT, dark), dark ? "#2b3037" : "#e6e9ed", dark ? "#7b838e" : "#868e99",
        hwv_style_hex(HWV_STYLE_BAD, dark));
    for (size_t i = 0; i < HWV_PALETTE; i++)
        hwv_text_printf(text, ".hw%zu{color:%s}", i, hwv_style_hex(hwv_style_series(i), dark));
}

/* One line of `string` that fits `width`: its end. */
static const char *line_end(const char *string, double width, double size)
{
    const char *best = NULL, *at = string;
    char piece[8];
    double used = 0;
    while (*at != '\0' && *at != '\n') {
        if (*at == ' ')
            best = at;
        const char *next = at;
        hwv_utf8_next(&next);
        size_t n = (size_t)(next - at);
        memcpy(piece, at, n);
        piece[n] = '\0';
        used += hwv_svg_width(piece, size);
        if (used > width && at > string)
            return best != NULL && best > string ? best : at;
        at = next;
    }
    return at;
}

/* Wrapped lines from baseline y on; with text == NULL only counts. Returns the number of lines. */
static int add_lines(hwv_text *text, const hwv_svg_frame *frame, double y, double size, const char *style,
                     const char *string)
{
    int count = 0;
    while (string != NULL && *string != '\0') {
        const char *end = line_end(string, frame->width - 2 * frame->margin, size);
        if (text != NULL && end > string) {
            hwv_text line = {0};
            hwv_text_add(&line, string, (size_t)(end - string));
            text->failed = text->failed || line.failed;
            hwv_text_printf(text, "<text x=\"%g\" y=\"%g\" class=\"%s\">", frame->margin, y + count * size * LEADING,
                            style);
            hwv_svg_escape(text, line.data != NULL ? line.data : "");
            hwv_text_puts(text, "</text>\n");
            hwv_text_free(&line);
        }
        count++;
        while (*end == ' ')
            end++;
        if (*end == '\n')
            end++;
        string = end;
    }
    return count;
}

const hwv_svg_frame hwv_svg_alone = {.width = 760, .margin = 20};
const hwv_svg_frame hwv_svg_wide = {.width = 760, .margin = 2, .inlined = true, .points = 2000};
const hwv_svg_frame hwv_svg_narrow = {.width = 350, .margin = 2, .narrow = true, .inlined = true, .points = 1000};

void hwv_svg_style(hwv_text *text)
{
    hwv_text_puts(text, ".hw text{font:12px system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,"
                        "\"DejaVu Sans\",sans-serif;fill:currentColor;stroke:none}"
                        ".hw .hwt{font-size:17px;font-weight:600}.hw .hws{font-size:13px}"
                        ".hw line,.hw path{stroke:currentColor;fill:none}"
                        ".hw path{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}"
                        ".hw .hwd{fill:currentColor;stroke:none}.hw .hwr{stroke-width:8}"
                        ".hw .hwo{stroke:currentColor;stroke-width:1.6}"
                        ".hw .hwc{stroke-width:1;stroke-linecap:butt}");
    add_colors(text, false);
    hwv_text_puts(text, "\n@media (prefers-color-scheme:dark){");
    add_colors(text, true);
    hwv_text_puts(text, "}");
}

/* Title, subtitle and note stand around an inlined picture, not in it. */
static hwv_caption caption_inside(const hwv_svg_frame *frame, const hwv_caption *caption)
{
    return frame->inlined ? (hwv_caption){.title = NULL} : *caption;
}

static void open_element(hwv_text *text, const hwv_svg_frame *frame, const hwv_caption *caption, double height)
{
    hwv_text_puts(text, "<svg");
    if (frame->inlined)
        hwv_text_printf(text, " class=\"%s\"", frame->narrow ? "narrow" : "wide");
    else
        hwv_text_puts(text, " xmlns=\"http://www.w3.org/2000/svg\" style=\"max-width:100%;height:auto\"");
    hwv_text_printf(text, " viewBox=\"0 0 %g %g\" width=\"%g\" height=\"%g\"", frame->width, height, frame->width,
                    height);
    hwv_text_puts(text, " role=\"img\"");
    if (frame->inlined) {
        hwv_text_puts(text, " aria-label=\"");
        hwv_svg_escape(text, caption->title != NULL ? caption->title : "Figure");
        hwv_text_puts(text, caption->subtitle != NULL ? ": " : "");
        hwv_svg_escape(text, caption->subtitle != NULL ? caption->subtitle : "");
        hwv_text_puts(text, "\"");
    }
    hwv_text_puts(text, ">\n<title>");
    hwv_svg_escape(text, caption->title != NULL ? caption->title : "");
    hwv_text_puts(text, "</title>\n");
}

double hwv_svg_open(hwv_text *text, const hwv_svg_frame *frame, const hwv_caption *caption,
                    const hwv_left_out *left_out, double body)
{
    char note[160];
    hwv_left_out_say(left_out, note, sizeof note);
    hwv_caption inside = caption_inside(frame, caption);
    double y = frame->margin;
    int titles = add_lines(NULL, frame, 0, TITLE_SIZE, "", inside.title);
    int subtitles = add_lines(NULL, frame, 0, TEXT_SIZE, "", inside.subtitle);
    int notes =
        add_lines(NULL, frame, 0, HWV_SVG_FONT, "", note) + add_lines(NULL, frame, 0, HWV_SVG_FONT, "", inside.note);
    double top = y + titles * TITLE_SIZE * LEADING + subtitles * TEXT_SIZE * LEADING;
    top += titles + subtitles > 0 ? 8 : 0;
    double height = ceil(top + body + (notes > 0 ? 8 : 0) + notes * HWV_SVG_FONT * LEADING + frame->margin);

    open_element(text, frame, caption, height);
    if (!frame->inlined) {
        hwv_text_puts(text, "<style>");
        hwv_svg_style(text);
        hwv_text_puts(text, "</style>\n");
    }
    hwv_text_puts(text, "<g class=\"hw\">\n");
    if (!frame->inlined)
        hwv_text_printf(text, "<rect class=\"hwp\" width=\"%g\" height=\"%g\" rx=\"8\"/>\n", frame->width, height);
    add_lines(text, frame, y + TITLE_SIZE * 0.8, TITLE_SIZE, "hwb hwt", inside.title);
    add_lines(text, frame, y + titles * TITLE_SIZE * LEADING + TEXT_SIZE * 0.8, TEXT_SIZE, "hwf hws", inside.subtitle);
    return top;
}

void hwv_svg_close(hwv_text *text, const hwv_svg_frame *frame, const hwv_caption *caption, const hwv_left_out *left_out,
                   double bottom)
{
    char note[160];
    hwv_left_out_say(left_out, note, sizeof note);
    double y = bottom + 8 + HWV_SVG_FONT;
    y += add_lines(text, frame, y, HWV_SVG_FONT, "hwx", note) * HWV_SVG_FONT * LEADING;
    add_lines(text, frame, y, HWV_SVG_FONT, "hwf", caption_inside(frame, caption).note);
    hwv_text_puts(text, "</g>\n</svg>\n");
}

void hwv_svg_label(hwv_text *text, double x, double y, hwv_svg_class c, hwv_svg_anchor anchor, const char *string)
{
    static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    hwv_text_puts(text, "<text x=\"");
    hwv_svg_number(text, x);
    hwv_text_puts(text, "\" y=\"");
    hwv_svg_number(text, y);
    hwv_text_printf(text, "\" class=\"%s\"%s>", hwv_svg_class_name(c), anchors[anchor]);
    hwv_svg_escape(text, string);
    hwv_text_puts(text, "</text>\n");
}

static void add_attributes(hwv_text *text, const char *const *names, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hwv_text_printf(text, " %s=\"", names[i]);
        hwv_svg_number(text, values[i]);
        hwv_text_puts(text, "\"");
    }
}

void hwv_svg_line(hwv_text *text, double x1, double y1, double x2, double y2, hwv_svg_class c, const char *dashes)
{
    static const char *const names[] = {"x1", "y1", "x2", "y2"};
    hwv_text_printf(text, "<line class=\"%s\"", hwv_svg_class_name(c));
    add_attributes(text, names, (const double[]){x1, y1, x2, y2}, 4);
    if (dashes != NULL)
        hwv_text_printf(text, " stroke-dasharray=\"%s\"", dashes);
    hwv_text_puts(text, "/>\n");
}

void hwv_svg_rect(hwv_text *text, double x, double y, double width, double height, hwv_svg_class c, double opacity)
{
    static const char *const names[] = {"x", "y", "width", "height"};
    hwv_text_printf(text, "<rect class=\"%s hwd\"", hwv_svg_class_name(c));
    add_attributes(text, names, (const double[]){x, y, fmax(width, 0), fmax(height, 0)}, 4);
    if (opacity < 1) {
        hwv_text_puts(text, " opacity=\"");
        hwv_svg_number(text, opacity);
        hwv_text_puts(text, "\"");
    }
    hwv_text_puts(text, "/>\n");
}

void hwv_svg_marks_open(hwv_text *text, size_t i)
{
    i %= HWV_PALETTE;
    /* A hollow mark is filled with the page's colour; a dot is the round cap of a line of no length. */
    hwv_text_printf(text, "<path class=\"%s %s\" d=\"", hwv_svg_class_name((hwv_svg_class)(HWV_SVG_COLOR + (int)i)),
                    i == 0  ? "hwr"
                    : i < 4 ? "hwd"
                            : "hwp hwo");
}

static void add_pair(hwv_text *text, const char *command, double x, double y)
{
    hwv_text_puts(text, command);
    hwv_svg_number(text, x);
    hwv_text_puts(text, " ");
    hwv_svg_number(text, y);
}

void hwv_svg_marks_add(hwv_text *text, double x, double y, size_t i)
{
    i %= HWV_PALETTE;
    /* Corners: circles have none; triangle, square, diamond. */
    static const double corners[4][4][2] = {{{0}},
                                            {{0, -4.6}, {4.4, 3.2}, {-4.4, 3.2}},
                                            {{-3.5, -3.5}, {3.5, -3.5}, {3.5, 3.5}, {-3.5, 3.5}},
                                            {{0, -4.8}, {4.8, 0}, {0, 4.8}, {-4.8, 0}}};
    if (i == 0) {
        add_pair(text, "M", x, y);
        hwv_text_puts(text, "h0");
        return;
    }
    if (i % 4 == 0) {
        add_pair(text, "M", x - 4, y);
        hwv_text_puts(text, "a4 4 0 1 0 8 0 4 4 0 1 0-8 0z");
        return;
    }
    const double(*c)[2] = corners[i % 4];
    add_pair(text, "M", x + c[0][0], y + c[0][1]);
    for (size_t k = 1; k < (i % 4 == 1 ? 3u : 4u); k++)
        add_pair(text, "l", c[k][0] - c[k - 1][0], c[k][1] - c[k - 1][1]);
    hwv_text_puts(text, "z");
}

void hwv_svg_marks_close(hwv_text *text)
{
    hwv_text_puts(text, "\"/>\n");
}

double hwv_svg_widest(const hwv_ticks *ticks)
{
    double widest = 0;
    for (size_t i = 0; i < ticks->count; i++)
        widest = fmax(widest, hwv_svg_width(ticks->label[i], HWV_SVG_FONT));
    return widest;
}

double hwv_svg_axis_height(const hwv_axis *axis)
{
    return axis->title != NULL ? 42 : 24;
}

void hwv_svg_axis_x(hwv_text *text, const hwv_axis *axis, const hwv_range *range, double left, double width, double y,
                    double height)
{
    hwv_ticks ticks;
    for (size_t most = 12; most >= 2; most--) {
        hwv_axis_ticks(axis, range, most, true, &ticks);
        double gap = HUGE_VAL;
        for (size_t i = 1; i < ticks.count; i++)
            gap = fmin(gap, (hwv_range_place(range, ticks.at[i]) - hwv_range_place(range, ticks.at[i - 1])) * width);
        if (gap >= hwv_svg_widest(&ticks) + 18)
            break;
    }
    for (size_t i = 0; i < ticks.count; i++) {
        double x = left + hwv_range_place(range, ticks.at[i]) * width;
        if (height > 0)
            hwv_svg_line(text, x, y, x, y - height, HWV_SVG_GRID, NULL);
        hwv_svg_line(text, x, y, x, y + 4, HWV_SVG_AXIS, NULL);
        hwv_svg_label(text, x, y + 18, HWV_SVG_LABEL, HWV_SVG_MIDDLE, ticks.label[i]);
    }
    hwv_svg_line(text, left, y, left + width, y, HWV_SVG_AXIS, NULL);
    if (axis->title != NULL)
        hwv_svg_label(text, left + width / 2, y + 37, HWV_SVG_FAINT, HWV_SVG_MIDDLE, axis->title);
}

void hwv_svg_axis_y(hwv_text *text, const hwv_ticks *ticks, const hwv_range *range, double left, double width,
                    double top, double height)
{
    for (size_t i = 0; i < ticks->count; i++) {
        double y = top + (1 - hwv_range_place(range, ticks->at[i])) * height;
        hwv_svg_line(text, left, y, left + width, y, HWV_SVG_GRID, NULL);
        hwv_svg_label(text, left - 8, y + 4, HWV_SVG_LABEL, HWV_SVG_END, ticks->label[i]);
    }
}
