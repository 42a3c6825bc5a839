/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A grid of character cells to draw on: text, glyphs, and Braille dots (2 x 4 in a cell). Whatever
 * lies outside is dropped, which is how no picture gets wider than its target. */
#ifndef HWV_REPORT_CANVAS_H
#define HWV_REPORT_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "halfwave/text.h"
#include "report/term.h"

typedef struct hwv_canvas_cell {
    uint32_t code; /* 0: nothing (a space, or the second half of a wide character) */
    uint8_t dots;  /* Braille pattern, shown while code is 0 */
    uint8_t style;
    uint8_t fore, back; /* colours of the 256-colour table in place of the style; 0: none */
    bool covered;       /* second half of a wide character */
} hwv_canvas_cell;

/* Owns `cells`. */
typedef struct hwv_canvas {
    const hwv_term *term;
    int width, height;
    hwv_canvas_cell *cells;
} hwv_canvas;

/* False on a shortage of memory. */
bool hwv_canvas_open(hwv_canvas *canvas, const hwv_term *term, int width, int height);
/* Appends the grid, a line each, without trailing spaces, and releases it. */
void hwv_canvas_close(hwv_canvas *canvas, hwv_text *text);

/* NULL outside. */
hwv_canvas_cell *hwv_canvas_at(const hwv_canvas *canvas, int x, int y);
void hwv_canvas_put(hwv_canvas *canvas, int x, int y, uint32_t code, hwv_style style);
/* Where the target is not UTF-8, `ascii` in place of `code`. */
void hwv_canvas_glyph(hwv_canvas *canvas, int x, int y, uint32_t code, char ascii, hwv_style style);
/* A string cut to `columns` with an ellipsis; returns the columns used. */
int hwv_canvas_text(hwv_canvas *canvas, int x, int y, hwv_style style, const char *string, int columns);
/* The same, ending before column x. */
void hwv_canvas_text_right(hwv_canvas *canvas, int x, int y, hwv_style style, const char *string, int columns);
/* A Braille dot; x in half columns, y in quarter rows. */
void hwv_canvas_dot(hwv_canvas *canvas, int x, int y, hwv_style style);

/* The mark of series i: U+25CF and so on, or an ASCII one. */
uint32_t hwv_mark_code(size_t i, bool utf8);

#endif
