/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The units x inputs picture on a terminal: two rows per line as half blocks. With colour a block
 * that averages many cells is a shade between dark and bright and dead rows are red; without colour
 * a picture that must be averaged uses shaded characters, and dead rows are marked at their end. */
#include "report/raster.h"

#include <stdio.h>
#include <stdlib.h>

#include "halfwave/memory.h"
#include "report/utf8.h"

static bool row_dead(const hwv_raster *raster, size_t r)
{
    if (raster->dead != NULL)
        return raster->dead[r] != 0;
    for (size_t c = 0; c < raster->columns; c++)
        if (raster->cells[r * raster->columns + c] != 0)
            return false;
    return true;
}

/* Cells per block: the same for all blocks but the last, or the texture would lie. */
static size_t block_size(size_t count, size_t most)
{
    return most == 0 ? count : count / most + (count % most != 0);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static uint8_t block_level(const hwv_raster *raster, const size_t *order, size_t r0, size_t r1, size_t c0, size_t c1)
{
    uint64_t sum = 0, count = (uint64_t)(r1 - r0) * (c1 - c0);
    for (size_t r = r0; r < r1; r++)
        for (size_t c = c0; c < c1; c++)
            sum += raster->cells[order[r] * raster->columns + c];
    if (sum == 0)
        return 0;
    uint64_t level = (sum + count / 2) / count;
    return (uint8_t)(level > 0 ? level : 1);
}

typedef struct ranked {
    uint64_t sum;
    size_t row;
    bool dead;
} ranked;

static int by_rate(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    if (a->dead != b->dead)
        return a->dead ? 1 : -1;
    if (a->sum != b->sum)
        return a->sum < b->sum ? 1 : -1;
    return a->row < b->row ? -1 : 1;
}

/* The rows in the order they are drawn; NULL on a shortage of memory. */
static size_t *order_rows(const hwv_raster *raster)
{
    size_t *order = hwv_calloc(raster->rows, sizeof *order);
    ranked *rows = hwv_calloc(raster->rows, sizeof *rows);
    if (order == NULL || rows == NULL) {
        hwv_free(order);
        hwv_free(rows);
        return NULL;
    }
    for (size_t r = 0; r < raster->rows; r++) {
        rows[r].row = r;
        rows[r].dead = row_dead(raster, r);
        for (size_t c = 0; c < raster->columns; c++)
            rows[r].sum += raster->cells[r * raster->columns + c];
    }
    if (raster->by_rate)
        qsort(rows, raster->rows, sizeof *rows, by_rate);
    for (size_t r = 0; r < raster->rows; r++)
        order[r] = rows[r].row;
    hwv_free(rows);
    return order;
}

bool hwv_raster_grid_open(hwv_raster_grid *grid, const hwv_raster *raster, size_t rows, size_t columns)
{
    size_t down = block_size(raster->rows, rows), across = block_size(raster->columns, columns);
    size_t *order = order_rows(raster);
    grid->down = down;
    grid->across = across;
    grid->rows = block_size(raster->rows, down);
    grid->columns = block_size(raster->columns, across);
    grid->level = hwv_calloc(grid->rows * grid->columns, 1);
    grid->dead = hwv_calloc(grid->rows, 1);
    grid->dead_rows = 0;
    if (grid->level == NULL || grid->dead == NULL || order == NULL) {
        hwv_free(order);
        hwv_raster_grid_close(grid);
        return false;
    }
    for (size_t r = 0; r < grid->rows; r++) {
        size_t r0 = r * down, r1 = least(r0 + down, raster->rows), dead = 0;
        for (size_t k = r0; k < r1; k++)
            dead += row_dead(raster, order[k]);
        grid->dead_rows += dead;
        grid->dead[r] = dead == 0 ? 0 : dead < r1 - r0 ? 1 : 2;
        for (size_t c = 0; c < grid->columns; c++)
            grid->level[r * grid->columns + c] =
                block_level(raster, order, r0, r1, c * across, least((c + 1) * across, raster->columns));
    }
    hwv_free(order);
    return true;
}

void hwv_raster_grid_close(hwv_raster_grid *grid)
{
    hwv_free(grid->level);
    hwv_free(grid->dead);
    grid->level = grid->dead = NULL;
}

void hwv_raster_say(const hwv_raster *raster, const hwv_raster_grid *grid, char *note, size_t size)
{
    const char *what = raster->row_title != NULL ? raster->row_title : "rows";
    int used = snprintf(note, size, "%zu of %zu %s never fired", grid->dead_rows, raster->rows, what);
    if (grid->down * grid->across > 1 && used > 0 && (size_t)used < size)
        snprintf(note + used, size - (size_t)used, "; each block is the mean of %zu x %zu cells", grid->down,
                 grid->across);
}

void hwv_raster_head(const hwv_raster *raster, char *head, size_t size)
{
    snprintf(head, size, "%zu %s down%s, %zu %s across", raster->rows,
             raster->row_title != NULL ? raster->row_title : "rows", raster->by_rate ? " (busiest first)" : "",
             raster->columns, raster->column_title != NULL ? raster->column_title : "columns");
}

void hwv_raster_from_mask(uint8_t *cells, size_t units, size_t inputs, const uint64_t *mask, size_t mask_stride)
{
    for (size_t u = 0; u < units; u++)
        for (size_t i = 0; i < inputs; i++)
            cells[u * inputs + i] = (mask[i * mask_stride + u / 64] >> (u % 64) & 1) != 0 ? 255 : 0;
}

/* Dark to bright, of the 256-colour table; index 0 is "never". */
static uint8_t shade(uint8_t level, bool dead)
{
    static const uint8_t ramp[] = {235, 24, 25, 31, 38, 74, 117, 153, 195};
    if (dead)
        return 88;
    return level == 0 ? ramp[0] : ramp[1 + (size_t)level * 7 / 255];
}

typedef struct frame {
    const hwv_raster *raster;
    hwv_raster_grid grid;
    hwv_canvas canvas;
    int top;
} frame;

/* State of grid row r: beyond the last one nothing. */
static bool exists(const frame *f, size_t r)
{
    return r < f->grid.rows;
}

static void draw_color(frame *f, size_t line)
{
    for (size_t c = 0; c < f->grid.columns; c++) {
        hwv_canvas_cell *cell = hwv_canvas_at(&f->canvas, (int)c, f->top + (int)line);
        if (cell == NULL)
            continue;
        size_t a = 2 * line, b = a + 1;
        cell->code = 0x2580;
        cell->fore = shade(f->grid.level[a * f->grid.columns + c], f->grid.dead[a] == 2);
        if (exists(f, b))
            cell->back = shade(f->grid.level[b * f->grid.columns + c], f->grid.dead[b] == 2);
    }
}

/* Half blocks while every cell is its own block, else shades of both rows' mean. */
static void draw_plain(frame *f, size_t line, bool averaged)
{
    static const uint32_t shades[] = {' ', 0x2591, 0x2592, 0x2593, 0x2588};
    static const char ascii[] = {' ', '.', ':', 'o', '#'};
    bool utf8 = f->canvas.term->utf8;
    for (size_t c = 0; c < f->grid.columns; c++) {
        size_t a = 2 * line, b = a + 1;
        uint8_t up = f->grid.level[a * f->grid.columns + c];
        uint8_t down = exists(f, b) ? f->grid.level[b * f->grid.columns + c] : 0;
        uint32_t code;
        if (utf8 && !averaged) {
            code = up >= 128 ? (down >= 128 ? 0x2588 : 0x2580) : down >= 128 ? 0x2584 : ' ';
        } else {
            unsigned mean = exists(f, b) ? ((unsigned)up + down) / 2 : up;
            size_t step = up == 0 && down == 0 ? 0 : 1 + (size_t)mean * 3 / 255;
            code = utf8 ? shades[step] : (uint32_t)(unsigned char)ascii[step];
        }
        if (code != ' ')
            hwv_canvas_put(&f->canvas, (int)c, f->top + (int)line, code, HWV_STYLE_PLAIN);
    }
}

/* Behind the line: upper, lower or both rows dead. */
static void mark_dead(frame *f, size_t line)
{
    unsigned a = f->grid.dead[2 * line], b = exists(f, 2 * line + 1) ? f->grid.dead[2 * line + 1] : a;
    int x = (int)f->grid.columns + 1, y = f->top + (int)line;
    if (a == 2 && b == 2)
        hwv_canvas_glyph(&f->canvas, x, y, 0x2588, '#', HWV_STYLE_BAD);
    else if (a == 2)
        hwv_canvas_glyph(&f->canvas, x, y, 0x2580, '\'', HWV_STYLE_BAD);
    else if (b == 2)
        hwv_canvas_glyph(&f->canvas, x, y, 0x2584, '.', HWV_STYLE_BAD);
    else if (a + b > 0)
        hwv_canvas_glyph(&f->canvas, x, y, 0x2502, ':', HWV_STYLE_BAD);
}

static void draw_head(frame *f)
{
    char head[200];
    hwv_raster_head(f->raster, head, sizeof head);
    hwv_canvas_text(&f->canvas, 0, 0, HWV_STYLE_FAINT, head, f->canvas.width);
}

/* What the marks mean; only what occurs. */
static void draw_legend(frame *f, int y)
{
    const hwv_term *term = f->canvas.term;
    int x = 0, width = f->canvas.width;
    if (term->color && term->utf8) {
        static const uint8_t levels[] = {0, 64, 128, 255};
        for (size_t i = 0; i < sizeof levels; i++, x++) {
            hwv_canvas_cell *cell = hwv_canvas_at(&f->canvas, x, y);
            if (cell != NULL) {
                cell->code = 0x2588;
                cell->fore = shade(levels[i], false);
            }
        }
        x += 1 + hwv_canvas_text(&f->canvas, x + 1, y, HWV_STYLE_FAINT, "silent to firing", width) + 3;
    }
    if (f->grid.dead_rows == 0)
        return;
    hwv_canvas_glyph(&f->canvas, x, y, 0x2588, '#', HWV_STYLE_BAD);
    x += 2 + hwv_canvas_text(&f->canvas, x + 2, y, HWV_STYLE_FAINT, "never fired", width) + 3;
    bool some = false;
    for (size_t r = 0; r < f->grid.rows; r++)
        some = some || f->grid.dead[r] == 1;
    if (some) {
        hwv_canvas_glyph(&f->canvas, x, y, 0x2502, ':', HWV_STYLE_BAD);
        hwv_canvas_text(&f->canvas, x + 2, y, HWV_STYLE_FAINT, "some in these rows never fired", width);
    }
}

void hwv_raster_text(const hwv_raster *raster, const hwv_term *term, hwv_text *text)
{
    frame f = {.raster = raster, .top = 1};
    int lines = raster->text_rows > 0 ? raster->text_rows : term->height - 8 < 16 ? term->height - 8 : 16;
    lines = lines < 2 ? 2 : lines;
    hwv_caption_above(&raster->caption, term, text);
    if (raster->rows == 0 || raster->columns == 0) {
        hwv_term_wrap(text, term, HWV_STYLE_FAINT, 0, "no values");
        hwv_caption_below(&raster->caption, NULL, term, text);
        return;
    }
    if (!hwv_raster_grid_open(&f.grid, raster, (size_t)lines * 2, (size_t)(term->width - 2))) {
        text->failed = true;
        return;
    }
    lines = (int)((f.grid.rows + 1) / 2);
    if (!hwv_canvas_open(&f.canvas, term, term->width, lines + 2)) {
        text->failed = true;
        hwv_raster_grid_close(&f.grid);
        return;
    }
    draw_head(&f);
    bool averaged = f.grid.down * f.grid.across > 1;
    for (size_t line = 0; line < (size_t)lines; line++) {
        if (term->color && term->utf8)
            draw_color(&f, line);
        else
            draw_plain(&f, line, averaged);
        mark_dead(&f, line);
    }
    draw_legend(&f, lines + 1);
    hwv_canvas_close(&f.canvas, text);
    char note[160];
    hwv_raster_say(raster, &f.grid, note, sizeof note);
    hwv_term_wrap(text, term, HWV_STYLE_PLAIN, 0, note);
    hwv_caption_below(&raster->caption, NULL, term, text);
    hwv_raster_grid_close(&f.grid);
}
