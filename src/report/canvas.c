/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The grid of cells and its way into text. */
#include "report/canvas.h"

#include "halfwave/memory.h"
#include "report/utf8.h"

bool hwv_canvas_open(hwv_canvas *canvas, const hwv_term *term, int width, int height)
{
    canvas->term = term;
    canvas->width = width < 1 ? 1 : width;
    canvas->height = height < 1 ? 1 : height;
    size_t count;
    canvas->cells = NULL;
    if (hwv_size_mul((size_t)canvas->width, (size_t)canvas->height, &count))
        canvas->cells = hwv_calloc(count, sizeof *canvas->cells);
    return canvas->cells != NULL;
}

hwv_canvas_cell *hwv_canvas_at(const hwv_canvas *canvas, int x, int y)
{
    if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height)
        return NULL;
    return &canvas->cells[(size_t)y * (size_t)canvas->width + (size_t)x];
}

void hwv_canvas_put(hwv_canvas *canvas, int x, int y, uint32_t code, hwv_style style)
{
    hwv_canvas_cell *cell = hwv_canvas_at(canvas, x, y);
    if (cell == NULL)
        return;
    cell->code = code;
    cell->style = (uint8_t)style;
}

void hwv_canvas_glyph(hwv_canvas *canvas, int x, int y, uint32_t code, char ascii, hwv_style style)
{
    hwv_canvas_put(canvas, x, y, canvas->term->utf8 ? code : (uint32_t)(unsigned char)ascii, style);
}

int hwv_canvas_text(hwv_canvas *canvas, int x, int y, hwv_style style, const char *string, int columns)
{
    bool utf8 = canvas->term->utf8;
    if (columns > canvas->width - x)
        columns = canvas->width - x;
    if (columns <= 0)
        return 0;
    bool cut = hwv_utf8_width(string) > (size_t)columns;
    int used = 0, room = cut ? columns - 1 : columns;
    for (;;) {
        uint32_t code = hwv_utf8_next(&string);
        int width = (int)hwv_utf8_columns(code);
        if (code == 0 || used + width > room)
            break;
        /* A cell holds one character: combining ones are left out. */
        if (width == 0)
            continue;
        hwv_canvas_put(canvas, x + used, y, hwv_utf8_shown(code, utf8), style);
        hwv_canvas_cell *second = width == 2 ? hwv_canvas_at(canvas, x + used + 1, y) : NULL;
        if (second != NULL) {
            second->code = utf8 ? 0 : '?';
            second->covered = utf8;
        }
        used += width;
    }
    if (cut)
        hwv_canvas_put(canvas, x + used++, y, hwv_utf8_shown(0x2026, utf8), style);
    return used;
}

void hwv_canvas_text_right(hwv_canvas *canvas, int x, int y, hwv_style style, const char *string, int columns)
{
    int width = (int)hwv_utf8_width(string);
    hwv_canvas_text(canvas, x - (width < columns ? width : columns), y, style, string, columns);
}

void hwv_canvas_dot(hwv_canvas *canvas, int x, int y, hwv_style style)
{
    static const uint8_t bit[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (x < 0 || y < 0)
        return;
    hwv_canvas_cell *cell = hwv_canvas_at(canvas, x / 2, y / 4);
    if (cell == NULL)
        return;
    /* What is faint (grid, reference lines, bands) gives way to data, not the other way round. */
    if (cell->code != 0 && cell->style == HWV_STYLE_FAINT)
        cell->code = 0;
    if (cell->dots == 0 || style != HWV_STYLE_FAINT)
        cell->style = (uint8_t)style;
    cell->dots |= bit[y % 4][x % 2];
}

uint32_t hwv_mark_code(size_t i, bool utf8)
{
    static const uint32_t codes[HWV_PALETTE] = {0x25CF, 0x25B2, 0x25A0, 0x25C6, 0x25CB, 0x25B3, 0x25A1, 0x25C7};
    static const char ascii[HWV_PALETTE] = {'o', '+', '#', '*', 'x', '@', '%', '&'};
    return utf8 ? codes[i % HWV_PALETTE] : (uint32_t)(unsigned char)ascii[i % HWV_PALETTE];
}

static bool empty(const hwv_canvas_cell *cell)
{
    return cell->code == 0 && cell->dots == 0 && cell->back == 0 && !cell->covered;
}

static bool same_look(const hwv_canvas_cell *a, const hwv_canvas_cell *b)
{
    return a->style == b->style && a->fore == b->fore && a->back == b->back;
}

static void open_look(hwv_text *text, const hwv_term *term, const hwv_canvas_cell *cell)
{
    if (!term->color)
        return;
    if (cell->fore == 0 && cell->back == 0)
        hwv_style_open(text, term, (hwv_style)cell->style);
    if (cell->fore != 0)
        hwv_text_printf(text, "\033[38;5;%dm", cell->fore);
    if (cell->back != 0)
        hwv_text_printf(text, "\033[48;5;%dm", cell->back);
}

static bool plain(const hwv_canvas_cell *cell)
{
    return cell->style == HWV_STYLE_PLAIN && cell->fore == 0 && cell->back == 0;
}

static void emit_row(const hwv_canvas *canvas, const hwv_canvas_cell *row, hwv_text *text)
{
    const hwv_term *term = canvas->term;
    static const hwv_canvas_cell blank;
    hwv_canvas_cell look = blank;
    int last = canvas->width;
    while (last > 0 && empty(&row[last - 1]))
        last--;
    for (int x = 0; x < last; x++) {
        const hwv_canvas_cell *cell = &row[x];
        if (cell->covered)
            continue;
        /* Between two pieces of one colour a space keeps the colour: fewer escapes. */
        const hwv_canvas_cell *next = empty(cell) && look.back == 0 ? &look : cell;
        if (!same_look(next, &look)) {
            if (term->color && !plain(&look))
                hwv_text_puts(text, "\033[0m");
            open_look(text, term, next);
            look = *next;
        }
        if (cell->code != 0)
            hwv_utf8_add(text, cell->code);
        else
            hwv_utf8_add(text, cell->dots != 0 ? 0x2800u + cell->dots : ' ');
    }
    if (term->color && !plain(&look))
        hwv_text_puts(text, "\033[0m");
    hwv_text_puts(text, "\n");
}

void hwv_canvas_close(hwv_canvas *canvas, hwv_text *text)
{
    for (int y = 0; y < canvas->height; y++)
        emit_row(canvas, &canvas->cells[(size_t)y * (size_t)canvas->width], text);
    hwv_free(canvas->cells);
    canvas->cells = NULL;
}
