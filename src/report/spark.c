/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Sparklines: a curve as a word in a line of text. */
#include "report/svg.h"

#include <math.h>

#include "report/utf8.h"

/* Mean of the drawable values of slot i of `slots`, NaN where one of them is not. */
static double slot_mean(const double *values, size_t count, size_t i, size_t slots)
{
    size_t from = i * (count / slots) + (i < count % slots ? i : count % slots);
    size_t to = from + count / slots + (i < count % slots);
    double sum = 0;
    for (size_t k = from; k < to; k++) {
        if (!isfinite(values[k]))
            return NAN;
        sum += values[k] / (double)(to - from);
    }
    return sum;
}

static hwv_extent extent_of(const double *values, size_t count, size_t slots)
{
    static const hwv_axis axis;
    hwv_extent extent = HWV_EXTENT_NONE;
    for (size_t i = 0; i < slots; i++)
        hwv_extent_add(&extent, &axis, slot_mean(values, count, i, slots));
    return extent;
}

/* 0..1; the middle for a constant curve. */
static double height_of(const hwv_extent *extent, double value)
{
    double place = (value / 2 - extent->low / 2) / (extent->high / 2 - extent->low / 2);
    return isfinite(place) ? place : 0.5;
}

void hwv_spark_text(const double *values, size_t count, size_t columns, bool utf8, hwv_text *text)
{
    static const char ascii[] = "_.-=+*#@";
    size_t slots = count < columns ? count : columns;
    hwv_extent extent = extent_of(values, count, slots);
    for (size_t i = 0; i < slots; i++) {
        double mean = slot_mean(values, count, i, slots);
        size_t step = isnan(mean) ? 0 : (size_t)(height_of(&extent, mean) * 7 + 0.5);
        if (isnan(mean))
            hwv_utf8_add(text, utf8 ? 0x00D7 : 'x');
        else
            hwv_utf8_add(text, utf8 ? (uint32_t)(0x2581 + step) : (uint32_t)(unsigned char)ascii[step]);
    }
}

void hwv_spark_svg(const double *values, size_t count, const char *title, hwv_text *text)
{
    const double width = 120, height = 24;
    size_t slots = count < 120 ? count : 120;
    hwv_extent extent = extent_of(values, count, slots);
    hwv_text_printf(text,
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" width=\"%g\" height=\"%g\" "
                    "role=\"img\"><title>",
                    width, height, width, height);
    hwv_svg_escape(text, title != NULL ? title : "");
    hwv_text_printf(text,
                    "</title><style>.hwk{color:%s}@media (prefers-color-scheme:dark){.hwk{color:%s}}</style>"
                    "<path class=\"hwk\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\" "
                    "stroke-linejoin=\"round\" stroke-linecap=\"round\" d=\"",
                    hwv_style_hex(HWV_STYLE_SERIES, false), hwv_style_hex(HWV_STYLE_SERIES, true));
    bool connected = false;
    for (size_t i = 0; i < slots; i++) {
        double mean = slot_mean(values, count, i, slots);
        if (isnan(mean)) {
            connected = false;
            continue;
        }
        hwv_text_puts(text, connected ? "L" : "M");
        hwv_svg_number(text, 2 + (slots > 1 ? (width - 4) * (double)i / (double)(slots - 1) : 0));
        hwv_text_puts(text, " ");
        hwv_svg_number(text, 2 + (height - 4) * (1 - height_of(&extent, mean)));
        /* A point alone is a line of length 0, which its round cap makes visible. */
        if (!connected)
            hwv_text_puts(text, "h0");
        connected = true;
    }
    hwv_text_puts(text, "\"/></svg>\n");
}
