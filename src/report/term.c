/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The output target, styles and running text. */
#include "report/term.h"

#include <stdlib.h>
#include <string.h>

#include "report/utf8.h"

#if defined(__unix__) || defined(__APPLE__)
#include <sys/ioctl.h>
#include <unistd.h>
#endif

static bool is_set(const char *value)
{
    return value != NULL && value[0] != '\0';
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* A size from the environment, 0 where it is no positive number. */
static int size_from(const char *value)
{
    if (!is_set(value))
        return 0;
    char *end;
    long n = strtol(value, &end, 10);
    return *end != '\0' || n < 1 || n > 100000 ? 0 : (int)n;
}

/* "en_GB.UTF-8", "C.utf8": the part that names the encoding, in any case. */
static bool names_utf8(const char *locale)
{
    for (const char *at = locale; *at != '\0'; at++) {
        if ((at[0] | 32) != 'u' || (at[1] | 32) != 't' || (at[2] | 32) != 'f')
            continue;
        const char *digit = at[3] == '-' ? at + 4 : at + 3;
        if (*digit == '8')
            return true;
    }
    return false;
}

hwv_status hwv_term_decide(hwv_term *term, const hwv_term_wish *wish, bool tty, int width, int height, hwv_error *error)
{
    const char *color = is_set(wish->color) ? wish->color : "auto";
    bool dumb = !is_set(wish->term) || strcmp(wish->term, "dumb") == 0;
    term->tty = tty;
    if (strcmp(color, "always") == 0)
        term->color = true;
    else if (strcmp(color, "never") == 0)
        term->color = false;
    else if (strcmp(color, "auto") == 0)
        term->color = tty && !dumb && !is_set(wish->no_color);
    else
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--color %s: expected auto, always or never", color);

    const char *locale = is_set(wish->lc_all) ? wish->lc_all : is_set(wish->lc_ctype) ? wish->lc_ctype : wish->lang;
    term->utf8 = is_set(locale) && names_utf8(locale);

    int columns = size_from(wish->columns), lines = size_from(wish->lines);
    term->width = clamp(columns > 0 ? columns : width > 0 ? width : 80, 20, 500);
    term->height = clamp(lines > 0 ? lines : height > 0 ? height : 24, 5, 500);
    return HWV_OK;
}

hwv_status hwv_term_open(hwv_term *term, FILE *stream, const hwv_term_wish *wish, hwv_error *error)
{
    bool tty = false;
    int width = 0, height = 0;
#if defined(__unix__) || defined(__APPLE__)
    int fd = fileno(stream);
    tty = fd >= 0 && isatty(fd);
#ifdef TIOCGWINSZ
    struct winsize size;
    if (tty && ioctl(fd, TIOCGWINSZ, &size) == 0) {
        width = size.ws_col;
        height = size.ws_row;
    }
#endif
#else
    (void)stream;
#endif
    return hwv_term_decide(term, wish, tty, width, height, error);
}

/* Okabe and Ito's colours, shifted so that each keeps a contrast of 3 or more against its page; the
 * terminal's are of medium lightness because its background is not known. */
typedef struct color {
    unsigned char code; /* of the 256-colour table */
    const char *light, *dark;
} color;

static const color palette[HWV_PALETTE] = {
    {32, "#0072b2", "#56b4e9"},  {166, "#d55e00", "#f5854a"}, {36, "#00875f", "#2cc295"},  {169, "#b0508c", "#e59acb"},
    {178, "#b07d00", "#f0c13c"}, {73, "#3a93a8", "#86dbe6"},  {245, "#666b73", "#b4b9c1"}, {137, "#8a6439", "#cfa777"},
};

hwv_style hwv_style_series(size_t i)
{
    return (hwv_style)(HWV_STYLE_SERIES + (int)(i % HWV_PALETTE));
}

void hwv_style_open(hwv_text *text, const hwv_term *term, hwv_style style)
{
    if (!term->color)
        return;
    switch (style) {
    case HWV_STYLE_PLAIN:
        return;
    case HWV_STYLE_STRONG:
        hwv_text_puts(text, "\033[1m");
        return;
    case HWV_STYLE_FAINT:
        hwv_text_puts(text, "\033[38;5;244m");
        return;
    case HWV_STYLE_GOOD:
        hwv_text_puts(text, "\033[38;5;35m");
        return;
    case HWV_STYLE_WARN:
        hwv_text_puts(text, "\033[38;5;172m");
        return;
    case HWV_STYLE_BAD:
        hwv_text_puts(text, "\033[1;38;5;160m");
        return;
    default:
        hwv_text_printf(text, "\033[38;5;%dm", palette[(style - HWV_STYLE_SERIES) % HWV_PALETTE].code);
        return;
    }
}

void hwv_style_close(hwv_text *text, const hwv_term *term, hwv_style style)
{
    if (term->color && style != HWV_STYLE_PLAIN)
        hwv_text_puts(text, "\033[0m");
}

const char *hwv_style_hex(hwv_style style, bool dark)
{
    switch (style) {
    case HWV_STYLE_PLAIN:
    case HWV_STYLE_STRONG:
        return dark ? "#e6e8eb" : "#1b1f24";
    case HWV_STYLE_FAINT:
        return dark ? "#9aa1ab" : "#626a75";
    case HWV_STYLE_GOOD:
        return dark ? "#2cc295" : "#00875f";
    case HWV_STYLE_WARN:
        return dark ? "#f0c13c" : "#b07d00";
    case HWV_STYLE_BAD:
        return dark ? "#ff7b6b" : "#c4321f";
    default:
        break;
    }
    const color *c = &palette[(style - HWV_STYLE_SERIES) % HWV_PALETTE];
    return dark ? c->dark : c->light;
}

static void add_shown(hwv_text *text, const hwv_term *term, uint32_t code)
{
    if (hwv_utf8_columns(code) == 0 && !term->utf8)
        return;
    hwv_utf8_add(text, hwv_utf8_shown(code, term->utf8));
    if (hwv_utf8_columns(code) == 2 && !term->utf8)
        hwv_text_puts(text, "?");
}

size_t hwv_term_cut(hwv_text *text, const hwv_term *term, hwv_style style, const char *string, size_t columns)
{
    bool cut = hwv_utf8_width(string) > columns;
    size_t room = cut && columns > 0 ? columns - 1 : columns, used = 0;
    hwv_style_open(text, term, style);
    for (;;) {
        uint32_t code = hwv_utf8_next(&string);
        size_t width = hwv_utf8_columns(code);
        if (code == 0 || used + width > room)
            break;
        add_shown(text, term, code);
        used += width;
    }
    if (cut && columns > 0) {
        add_shown(text, term, 0x2026);
        used++;
    }
    hwv_style_close(text, term, style);
    return used;
}

void hwv_term_puts(hwv_text *text, const hwv_term *term, hwv_style style, const char *string)
{
    hwv_term_cut(text, term, style, string, hwv_utf8_width(string));
}

void hwv_term_pad(hwv_text *text, size_t count)
{
    static const char spaces[] = "                                ";
    while (count > 0) {
        size_t n = count < sizeof spaces - 1 ? count : sizeof spaces - 1;
        hwv_text_add(text, spaces, n);
        count -= n;
    }
}

/* Where the line that starts at `at` ends: the last space that fits, or, in a word too long for a
 * line, the last character that does. */
static const char *line_end(const char *at, size_t columns)
{
    const char *best = NULL;
    size_t used = 0;
    for (;;) {
        if (*at == '\0' || *at == '\n')
            return at;
        if (*at == ' ')
            best = at;
        const char *next = at;
        used += hwv_utf8_columns(hwv_utf8_next(&next));
        if (used > columns)
            return best != NULL ? best : at;
        at = next;
    }
}

void hwv_term_wrap(hwv_text *text, const hwv_term *term, hwv_style style, size_t indent, const char *string)
{
    if (!is_set(string))
        return;
    size_t width = (size_t)term->width;
    size_t columns = indent + 8 < width ? width - indent : 8;
    while (*string != '\0') {
        const char *end = line_end(string, columns);
        const char *last = end;
        while (last > string && last[-1] == ' ')
            last--;
        if (last > string) {
            hwv_term_pad(text, indent);
            hwv_style_open(text, term, style);
            for (const char *at = string; at < last;)
                add_shown(text, term, hwv_utf8_next(&at));
            hwv_style_close(text, term, style);
        }
        hwv_text_puts(text, "\n");
        if (*end == '\n')
            end++;
        else
            while (*end == ' ')
                end++;
        /* A word wider than the line moves on by at least one character. */
        if (end == string)
            hwv_utf8_next(&end);
        string = end;
    }
}

void hwv_term_labelled(hwv_text *text, const hwv_term *term, const char *label, size_t indent, hwv_style style,
                       const hwv_text *body)
{
    hwv_text wrapped = {0};
    if (body->data != NULL)
        hwv_term_wrap(&wrapped, term, style, indent, body->data);
    text->failed = text->failed || body->failed || wrapped.failed;
    if (wrapped.length >= indent) {
        hwv_term_puts(text, term, HWV_STYLE_STRONG, label);
        hwv_term_pad(text, indent - strlen(label));
        hwv_text_puts(text, wrapped.data + indent);
    }
    hwv_text_free(&wrapped);
}

void hwv_term_heading(hwv_text *text, const hwv_term *term, const char *string)
{
    size_t width = (size_t)term->width;
    size_t used = hwv_term_cut(text, term, HWV_STYLE_STRONG, string, width);
    if (used + 2 < width) {
        hwv_text_puts(text, " ");
        hwv_style_open(text, term, HWV_STYLE_FAINT);
        for (size_t i = used + 1; i < width; i++)
            hwv_text_puts(text, term->utf8 ? "\u2500" : "-");
        hwv_style_close(text, term, HWV_STYLE_FAINT);
    }
    hwv_text_puts(text, "\n");
}
