/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Numbers behind pictures. */
#include "report/listing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/memory.h"
#include "report/bars.h"
#include "report/figure.h"

/* Room for so many columns; false on a shortage of memory. */
static bool open_columns(hwv_listing *listing, size_t count)
{
    listing->columns = hwv_calloc(count, sizeof *listing->columns);
    listing->titles = hwv_calloc(count, sizeof *listing->titles);
    listing->table.columns = listing->columns;
    listing->table.failed = listing->columns == NULL || listing->titles == NULL;
    return !listing->table.failed;
}

static void add_column(hwv_listing *listing, hwv_align align, const char *prefix, const char *title)
{
    size_t i = listing->table.column_count++;
    snprintf(listing->titles[i], sizeof listing->titles[i], "%s%s%s", prefix, prefix[0] != '\0' ? ": " : "",
             title != NULL ? title : "");
    listing->columns[i] = (hwv_column){.title = listing->titles[i], .align = align};
}

static void close_listing(hwv_listing *listing)
{
    listing->table.failed = listing->table.failed || listing->note.failed;
    if (listing->note.data != NULL)
        listing->table.caption.note = listing->note.data;
}

void hwv_listing_free(hwv_listing *listing)
{
    hwv_table_free(&listing->table);
    hwv_free(listing->columns);
    hwv_free(listing->titles);
    hwv_text_free(&listing->note);
    memset(listing, 0, sizeof *listing);
}

static const char *word(const char *string, const char *otherwise)
{
    return string != NULL && string[0] != '\0' ? string : otherwise;
}

static void number_cell(hwv_table *table, double value, hwv_unit unit)
{
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", hwv_number_of(value, unit).text);
}

static void say_references(hwv_listing *listing, const hwv_reference *references, size_t count, const hwv_axis *x,
                           const hwv_axis *y)
{
    for (size_t i = 0; i < count; i++)
        hwv_text_printf(&listing->note, "%sA line: %s at %s.", listing->note.length > 0 ? " " : "",
                        word(references[i].label, "no name"),
                        hwv_number_of(references[i].value, references[i].on_x ? x->unit : y->unit).text);
}

/* ---- line plots ---- */

/* A series without a name belongs to the named one of its colour: theory beside a measurement. */
static void series_column(hwv_listing *listing, const hwv_plot *plot, size_t index)
{
    const hwv_series *series = &plot->series[index];
    const char *name = series->name, *suffix = "";
    for (size_t i = 0; name == NULL && i < plot->series_count; i++)
        if (plot->series[i].name != NULL && hwv_series_color(&plot->series[i], i) == hwv_series_color(series, index)) {
            name = plot->series[i].name;
            suffix = series->line == HWV_LINE_DASHED ? ", dashed" : ", continued";
        }
    char title[96];
    snprintf(title, sizeof title, "%.70s%s", word(name, word(plot->y.title, "y")), suffix);
    add_column(listing, HWV_RIGHT, "", title);
}

static int rising(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* All x of all series, rising, each once. NULL on a shortage of memory. */
static double *all_x(const hwv_plot *plot, size_t *count)
{
    size_t total = 0, kept = 0;
    for (size_t s = 0; s < plot->series_count; s++)
        total += plot->series[s].count;
    double *x = hwv_calloc(total > 0 ? total : 1, sizeof *x);
    if (x == NULL)
        return NULL;
    total = 0;
    for (size_t s = 0; s < plot->series_count; s++)
        for (size_t i = 0; i < plot->series[s].count; i++)
            if (!isnan(hwv_series_x(&plot->series[s], i)))
                x[total++] = hwv_series_x(&plot->series[s], i);
    qsort(x, total, sizeof *x, rising);
    for (size_t i = 0; i < total; i++)
        if (kept == 0 || x[i] != x[kept - 1])
            x[kept++] = x[i];
    *count = kept;
    return x;
}

/* The position of x in a series, from `start` on and then from the front; its count when it is not there. */
static size_t find_x(const hwv_series *series, size_t start, double x)
{
    for (size_t k = 0; k < series->count; k++) {
        size_t i = start + k < series->count ? start + k : start + k - series->count;
        if (hwv_series_x(series, i) == x)
            return i;
    }
    return series->count;
}

static void series_cell(hwv_table *table, const hwv_series *series, size_t i, hwv_unit unit)
{
    if (i >= series->count) {
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", "");
        return;
    }
    if (series->low == NULL || series->high == NULL) {
        number_cell(table, series->y[i], unit);
        return;
    }
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s (%s to %s)", hwv_number_of(series->y[i], unit).text,
                   hwv_number_of(series->low[i], unit).text, hwv_number_of(series->high[i], unit).text);
}

void hwv_listing_plot(hwv_listing *listing, const hwv_plot *plot)
{
    size_t count = 0;
    double *x = all_x(plot, &count);
    size_t *next = hwv_calloc(plot->series_count > 0 ? plot->series_count : 1, sizeof *next);
    if (open_columns(listing, plot->series_count + 1) && x != NULL && next != NULL) {
        add_column(listing, HWV_RIGHT, "", word(plot->x.title, "x"));
        for (size_t s = 0; s < plot->series_count; s++)
            series_column(listing, plot, s);
        size_t rows = count < HWV_LISTING_ROWS ? count : HWV_LISTING_ROWS;
        for (size_t r = 0; r < rows; r++) {
            double at = x[rows > 1 ? r * (count - 1) / (rows - 1) : 0];
            number_cell(&listing->table, at, plot->x.unit);
            for (size_t s = 0; s < plot->series_count; s++) {
                size_t found = find_x(&plot->series[s], next[s], at);
                series_cell(&listing->table, &plot->series[s], found, plot->y.unit);
                next[s] = found < plot->series[s].count ? found : next[s];
            }
        }
        if (rows < count)
            hwv_text_printf(&listing->note, "%zu of %zu points, evenly spaced.", rows, count);
        say_references(listing, plot->references, plot->reference_count, &plot->x, &plot->y);
    } else {
        listing->table.failed = true;
    }
    hwv_free(x);
    hwv_free(next);
    close_listing(listing);
}

/* ---- bars ---- */

void hwv_listing_bars(hwv_listing *listing, const hwv_bars *bars)
{
    if (!open_columns(listing, 1 + 2 * bars->series_count))
        return;
    bool marks = bars->marks != NULL;
    add_column(listing, HWV_LEFT, "", "");
    for (size_t s = 0; s < bars->series_count; s++) {
        add_column(listing, HWV_RIGHT, "", bars->series != NULL ? bars->series[s] : word(bars->axis.title, "value"));
        if (marks)
            add_column(listing, HWV_RIGHT, bars->series != NULL && bars->series_count > 1 ? bars->series[s] : "",
                       word(bars->mark_label, "beside it"));
    }
    for (size_t g = 0; g < bars->group_count; g++) {
        hwv_table_cell(&listing->table, HWV_STYLE_PLAIN, "%s", bars->groups[g]);
        for (size_t s = 0; s < bars->series_count; s++) {
            size_t i = g * bars->series_count + s;
            hwv_table_cell(&listing->table, HWV_STYLE_PLAIN, "%s", hwv_bars_value(bars, bars->values[i]).text);
            if (marks)
                hwv_table_cell(&listing->table, HWV_STYLE_PLAIN, "%s", hwv_bars_value(bars, bars->marks[i]).text);
        }
    }
    if (bars->series != NULL && bars->axis.title != NULL)
        hwv_text_printf(&listing->note, "In %s.", bars->axis.title);
    say_references(listing, bars->references, bars->reference_count, &bars->axis, &bars->axis);
    close_listing(listing);
}

/* ---- histograms ---- */

void hwv_listing_histogram(hwv_listing *listing, const hwv_histogram *histogram)
{
    if (!open_columns(listing, 3))
        return;
    add_column(listing, HWV_RIGHT, word(histogram->x.title, ""), "from");
    add_column(listing, HWV_RIGHT, "", "to");
    add_column(listing, HWV_RIGHT, "", word(histogram->y.title, "count"));
    if (histogram->has_apart) {
        hwv_table_cell(&listing->table, HWV_STYLE_PLAIN, "%s", word(histogram->apart_label, "apart"));
        hwv_table_cell(&listing->table, HWV_STYLE_PLAIN, "%s", "");
        number_cell(&listing->table, histogram->apart, histogram->y.unit);
    }
    for (size_t i = 0; i < histogram->bins; i++) {
        number_cell(&listing->table, histogram->edges[i], histogram->x.unit);
        number_cell(&listing->table, histogram->edges[i + 1], histogram->x.unit);
        number_cell(&listing->table, histogram->counts[i], histogram->y.unit);
    }
    close_listing(listing);
}

/* ---- rasters ---- */

void hwv_listing_raster(hwv_listing *listing, const hwv_raster *raster)
{
    static const struct {
        const char *name;
        double most; /* share of the columns, in 1/255 */
    } classes[] = {{"none", 0}, {"up to 10 %", 0.1}, {"10 to 50 %", 0.5}, {"50 to 90 %", 0.9}, {"over 90 %", HUGE_VAL}};
    enum { CLASSES = sizeof classes / sizeof classes[0] };
    size_t counts[CLASSES] = {0}, dead = 0;
    double all = 0;
    for (size_t r = 0; r < raster->rows; r++) {
        double sum = 0;
        for (size_t c = 0; c < raster->columns; c++)
            sum += raster->cells[r * raster->columns + c];
        double share = raster->columns > 0 ? sum / 255 / (double)raster->columns : 0;
        size_t k = 0;
        while (share > classes[k].most)
            k++;
        counts[k]++;
        dead += raster->dead != NULL && raster->dead[r] != 0;
        all += share;
    }
    if (!open_columns(listing, 2))
        return;
    char title[96];
    snprintf(title, sizeof title, "share of %.60s fired for", word(raster->column_title, "columns"));
    add_column(listing, HWV_LEFT, "", title);
    add_column(listing, HWV_RIGHT, "", word(raster->row_title, "rows"));
    for (size_t k = 0; k < CLASSES; k++) {
        hwv_table_cell(&listing->table, HWV_STYLE_PLAIN, "%s", classes[k].name);
        hwv_table_cell(&listing->table, HWV_STYLE_PLAIN, "%zu", counts[k]);
    }
    hwv_text_printf(&listing->note, "%zu %s, %zu %s; %s of all cells fired.", raster->rows,
                    word(raster->row_title, "rows"), raster->columns, word(raster->column_title, "columns"),
                    hwv_number_of(raster->rows > 0 ? all / (double)raster->rows : 0, HWV_UNIT_SHARE).text);
    if (raster->dead != NULL)
        hwv_text_printf(&listing->note, " %zu marked as never firing for any input, not only these.", dead);
    close_listing(listing);
}

/* ---- strips ---- */

void hwv_listing_strip(hwv_listing *listing, const hwv_strip *strip)
{
    if (!open_columns(listing, 1 + strip->part_count))
        return;
    add_column(listing, HWV_LEFT, "", "");
    for (size_t p = 0; p < strip->part_count; p++)
        add_column(listing, HWV_RIGHT, "", strip->parts[p]);
    for (size_t r = 0; r < strip->row_count; r++) {
        hwv_table_cell(&listing->table, HWV_STYLE_PLAIN, "%s", strip->rows[r]);
        for (size_t p = 0; p < strip->part_count; p++)
            number_cell(&listing->table, strip->values[r * strip->part_count + p], HWV_UNIT_PLAIN);
    }
    close_listing(listing);
}
