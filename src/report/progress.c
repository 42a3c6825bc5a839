/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Progress on a terminal. The line is cleared with spaces: also terminals without escapes can show it. */
#include "report/progress.h"

#include <math.h>

#include "halfwave/clock.h"
#include "report/number.h"
#include "report/utf8.h"

#define PERIOD   0.1
#define PATIENCE 0.5 /* before the rest of the time is guessed */

void hwv_progress_begin(hwv_progress *progress, FILE *stream, const hwv_term *term, const char *label)
{
    *progress = (hwv_progress){.stream = stream, .term = *term, .label = label, .begun = hwv_clock_seconds()};
    progress->drawn = progress->begun - PERIOD;
}

static size_t add_bar(hwv_text *text, const hwv_term *term, size_t columns, double share)
{
    size_t halves = (size_t)(share * (double)columns * 2 + 0.5), full = halves / 2;
    hwv_style_open(text, term, HWV_STYLE_SERIES);
    for (size_t i = 0; i < full; i++)
        hwv_text_puts(text, term->utf8 ? "\u2501" : "#");
    bool half = term->utf8 && halves % 2 == 1;
    if (half)
        hwv_text_puts(text, "\u2578");
    hwv_style_close(text, term, HWV_STYLE_SERIES);
    hwv_style_open(text, term, HWV_STYLE_FAINT);
    for (size_t i = full + half; i < columns; i++)
        hwv_text_puts(text, term->utf8 ? "\u2500" : ".");
    hwv_style_close(text, term, HWV_STYLE_FAINT);
    return columns;
}

void hwv_progress_render(const hwv_term *term, const char *label, double share, double seconds_left, const char *detail,
                         hwv_text *text)
{
    size_t room = (size_t)term->width - 1, used = 0;
    share = share >= 0 ? fmin(share, 1) : 0;
    if (label != NULL && room > 30) {
        used += hwv_term_cut(text, term, HWV_STYLE_PLAIN, label, room / 3);
        hwv_text_puts(text, " ");
        used++;
    }
    size_t bar = room / 4 > 24 ? 24 : room / 4;
    used += add_bar(text, term, bar, share);
    hwv_text_printf(text, " %3.0f %%", floor(share * 100));
    used += 6;
    hwv_text rest = {0};
    if (detail != NULL)
        hwv_text_printf(&rest, "  %s", detail);
    if (seconds_left >= 0)
        hwv_text_printf(&rest, "  %s left", hwv_number_of(ceil(seconds_left), HWV_UNIT_SECONDS).text);
    if (rest.data != NULL && used < room)
        hwv_term_cut(text, term, HWV_STYLE_PLAIN, rest.data, room - used);
    text->failed = text->failed || rest.failed;
    hwv_text_free(&rest);
}

static void clear(hwv_progress *progress)
{
    if (progress->shown)
        fprintf(progress->stream, "\r%*s\r", progress->term.width - 1, "");
    progress->shown = false;
}

void hwv_progress_step(hwv_progress *progress, double share, const char *detail)
{
    if (progress->stream == NULL || !progress->term.tty)
        return;
    double now = hwv_clock_seconds();
    if (now - progress->drawn < PERIOD)
        return;
    double spent = now - progress->begun;
    double left = spent > PATIENCE && share > 0.01 ? spent / share - spent : -1;
    hwv_text line = {0};
    hwv_progress_render(&progress->term, progress->label, share, left, detail, &line);
    clear(progress);
    /* Out of memory: no bar is better than no training. */
    if (!line.failed && line.data != NULL) {
        fputs(line.data, progress->stream);
        fflush(progress->stream);
        progress->shown = true;
    }
    hwv_text_free(&line);
    progress->drawn = now;
}

void hwv_progress_line(hwv_progress *progress, const char *line)
{
    if (progress->stream == NULL)
        return;
    clear(progress);
    fprintf(progress->stream, "%s\n", line);
    fflush(progress->stream);
}

void hwv_progress_end(hwv_progress *progress)
{
    if (progress->stream == NULL)
        return;
    clear(progress);
    fflush(progress->stream);
}
