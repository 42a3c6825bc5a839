/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The units x inputs picture as SVG: neighbouring blocks of one level become one box of a path whose unit is
 * the block, so that the file stays small. */
#include "report/raster.h"
#include "report/svg.h"

#include <math.h>
#include <string.h>

#define LEVELS             8
#define MOST_ACROSS        360
#define MOST_ACROSS_NARROW 120
#define MOST_DOWN          128

/* 0 silent; 1..LEVELS. */
static int level_of(uint8_t value)
{
    return value == 0 ? 0 : 1 + value * (LEVELS - 1) / 255;
}

/* All runs of one level as one path of strokes as thick as a block. */
static void draw_level(hwv_text *text, const hwv_raster_grid *grid, int level)
{
    bool open = false;
    for (size_t r = 0; r < grid->rows; r++)
        for (size_t c = 0; c < grid->columns;) {
            size_t end = c;
            while (end < grid->columns && level_of(grid->level[r * grid->columns + end]) == level)
                end++;
            if (end == c) {
                c++;
                continue;
            }
            if (!open)
                hwv_text_printf(text, "<path class=\"hw0 hwc\" stroke-opacity=\"%.2f\" d=\"",
                                0.16 + 0.84 * level / LEVELS);
            open = true;
            hwv_text_printf(text, "M%zu %zuh%zu", c, r, end - c);
            c = end;
        }
    if (open)
        hwv_text_puts(text, "\"/>\n");
}

/* The boxes; the group's unit is a block. */
static void draw_levels(hwv_text *text, const hwv_raster_grid *grid, double left, double top, double w, double h)
{
    hwv_text_puts(text, "<g transform=\"translate(");
    hwv_svg_number(text, left);
    hwv_text_puts(text, " ");
    hwv_svg_number(text, top + h / 2);
    hwv_text_printf(text, ") scale(%.6g %.6g)\">\n", w, h);
    for (int level = 1; level <= LEVELS; level++)
        draw_level(text, grid, level);
    hwv_text_puts(text, "</g>\n");
}

static void draw_dead(hwv_text *text, const hwv_raster_grid *grid, double left, double width, double top, double h)
{
    for (size_t r = 0; r < grid->rows; r++) {
        if (grid->dead[r] == 0)
            continue;
        double y = top + (double)r * h;
        if (grid->dead[r] == 2)
            hwv_svg_rect(text, left, y, width, h, HWV_SVG_BAD, 0.28);
        hwv_svg_rect(text, left + width + 4, y, 6, h, HWV_SVG_BAD, grid->dead[r] == 2 ? 1 : 0.35);
    }
}

static void draw_legend(hwv_text *text, double x, double y, bool dead)
{
    hwv_svg_label(text, x, y + 4, HWV_SVG_FAINT, HWV_SVG_START, "silent");
    x += 42;
    for (int i = 0; i <= LEVELS; i++, x += 8) {
        if (i == 0) {
            hwv_svg_line(text, x, y + 5, x + 8, y + 5, HWV_SVG_GRID, NULL);
            continue;
        }
        hwv_text_printf(text, "<g fill-opacity=\"%.2f\">", 0.16 + 0.84 * i / LEVELS);
        hwv_svg_rect(text, x, y - 5, 8, 10, HWV_SVG_COLOR, 1);
        hwv_text_puts(text, "</g>");
    }
    hwv_svg_label(text, x + 6, y + 4, HWV_SVG_FAINT, HWV_SVG_START, "firing");
    x += 72;
    if (dead) {
        hwv_svg_rect(text, x, y - 5, 14, 10, HWV_SVG_BAD, 1);
        hwv_svg_label(text, x + 20, y + 4, HWV_SVG_FAINT, HWV_SVG_START, "never fired");
    }
}

void hwv_raster_draw(const hwv_raster *raster, const hwv_svg_frame *frame, hwv_text *text)
{
    static const hwv_left_out nothing;
    hwv_raster_grid grid = {0};
    size_t most = raster->most_rows > 0 && raster->most_rows < MOST_DOWN ? raster->most_rows : MOST_DOWN;
    if (raster->rows > 0 && raster->columns > 0 &&
        !hwv_raster_grid_open(&grid, raster, most, frame->narrow ? MOST_ACROSS_NARROW : MOST_ACROSS)) {
        text->failed = true;
        return;
    }
    double left = frame->margin, width = frame->width - 2 * left - 12, head = 44;
    double w = grid.columns > 0 ? width / (double)grid.columns : width;
    double h = grid.rows > 0 ? fmax(fmin(fmin(w * 2, 16), 320 / (double)grid.rows), 2) : 0;
    char line[240], note[160] = "no values";
    hwv_raster_head(raster, line, sizeof line);
    if (grid.rows > 0)
        hwv_raster_say(raster, &grid, note, sizeof note);
    /* Its second half goes below where both are too wide. */
    char *second = hwv_svg_width(note, HWV_SVG_FONT) > width ? strstr(note, "; ") : NULL;
    if (second != NULL)
        *second = '\0';
    double height = h * (double)grid.rows, body = head + height + (second != NULL ? 41 : 24);

    double top = hwv_svg_open(text, frame, &raster->caption, &nothing, body);
    draw_legend(text, left, top + 7, grid.dead_rows > 0);
    hwv_svg_label(text, left, top + 36, HWV_SVG_FAINT, HWV_SVG_START, line);
    double y = top + head;
    hwv_text_puts(text, "<g shape-rendering=\"crispEdges\">\n");
    draw_levels(text, &grid, left, y, w, h);
    draw_dead(text, &grid, left, width, y, h);
    hwv_text_puts(text, "</g>\n");
    hwv_svg_line(text, left, y, left + width, y, HWV_SVG_GRID, NULL);
    hwv_svg_line(text, left, y + height, left + width, y + height, HWV_SVG_GRID, NULL);
    hwv_svg_label(text, left, y + height + 20, HWV_SVG_LABEL, HWV_SVG_START, note);
    if (second != NULL)
        hwv_svg_label(text, left, y + height + 37, HWV_SVG_LABEL, HWV_SVG_START, second + 2);
    hwv_svg_close(text, frame, &raster->caption, &nothing, top + body);
    hwv_raster_grid_close(&grid);
}

void hwv_raster_svg(const hwv_raster *raster, hwv_text *text)
{
    hwv_raster_draw(raster, &hwv_svg_alone, text);
}
