/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Where text goes: how wide it is, whether it shows colour and Unicode. Every figure is appended to
 * an hwv_text for such a target; nobody here reads the environment. */
#ifndef HWV_REPORT_TERM_H
#define HWV_REPORT_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "halfwave/status.h"
#include "halfwave/text.h"

typedef struct hwv_term {
    int width;  /* columns, 20..500 */
    int height; /* rows, 5..500 */
    bool color; /* 256-colour escapes */
    bool utf8;
    bool tty;
} hwv_term;

/* What the user and the environment ask for; NULL where unset. */
typedef struct hwv_term_wish {
    const char *color;                    /* --color: auto, always, never */
    const char *no_color, *term;          /* NO_COLOR, TERM */
    const char *columns, *lines;          /* COLUMNS, LINES */
    const char *lc_all, *lc_ctype, *lang; /* LC_ALL, LC_CTYPE, LANG */
} hwv_term_wish;

/* The target for a stream. Colour with `auto`: a terminal, NO_COLOR unset or empty, TERM set and not
 * "dumb"; `always` and `never` win over all of these. UTF-8: the first of LC_ALL, LC_CTYPE, LANG that
 * is not empty names it. Size: COLUMNS and LINES, else the terminal's own, else 80x24.
 * HWV_ERR_ARGUMENT: `color` is none of the three. */
hwv_status hwv_term_open(hwv_term *term, FILE *stream, const hwv_term_wish *wish, hwv_error *error);
/* The same decision for a known terminal state; width and height 0 where unknown. */
hwv_status hwv_term_decide(hwv_term *term, const hwv_term_wish *wish, bool tty, int width, int height,
                           hwv_error *error);

/* How a piece of text looks. Meaning, not colour: without colour nothing may be lost. Series colours
 * are HWV_STYLE_SERIES + i, and repeat after HWV_PALETTE. */
typedef enum hwv_style {
    HWV_STYLE_PLAIN = 0,
    HWV_STYLE_STRONG,
    HWV_STYLE_FAINT,
    HWV_STYLE_GOOD,
    HWV_STYLE_WARN,
    HWV_STYLE_BAD,
    HWV_STYLE_SERIES
} hwv_style;

#define HWV_PALETTE 8

hwv_style hwv_style_series(size_t i);
/* Escape sequences, nothing on a target without colour. Close after each open. */
void hwv_style_open(hwv_text *text, const hwv_term *term, hwv_style style);
void hwv_style_close(hwv_text *text, const hwv_term *term, hwv_style style);
/* Colour of a style in SVG, "#rrggbb", on a light or a dark page. Static storage. */
const char *hwv_style_hex(hwv_style style, bool dark);

/* A string in a style. What the target cannot show is replaced: control characters and damaged UTF-8
 * always, non-ASCII characters where the target is not UTF-8. */
void hwv_term_puts(hwv_text *text, const hwv_term *term, hwv_style style, const char *string);
/* The same cut to `columns` (with an ellipsis), without padding. Returns the columns used. */
size_t hwv_term_cut(hwv_text *text, const hwv_term *term, hwv_style style, const char *string, size_t columns);
/* `count` spaces. */
void hwv_term_pad(hwv_text *text, size_t count);
/* A paragraph wrapped at words to the target's width, each line behind `indent` spaces; '\n' starts a
 * new line. Ends with a newline. An empty or NULL string adds nothing. */
void hwv_term_wrap(hwv_text *text, const hwv_term *term, hwv_style style, size_t indent, const char *string);
/* A paragraph behind a label that stands in its first line, shorter than `indent`. No body: nothing, not even the
 * label. A shortage of memory in `body` is passed on. */
void hwv_term_labelled(hwv_text *text, const hwv_term *term, const char *label, size_t indent, hwv_style style,
                       const hwv_text *body);
/* A section heading: the string in strong and a rule to the target's width. */
void hwv_term_heading(hwv_text *text, const hwv_term *term, const char *string);

#endif
