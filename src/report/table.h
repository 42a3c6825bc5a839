/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Tables: cells are added row by row, columns get the width they need and give way to a narrow
 * target; the widest columns of text are cut first, numbers last.
 *
 *     static const hwv_column columns[] = {{"layer", HWV_LEFT}, {"dead", HWV_RIGHT}};
 *     hwv_table table = {.columns = columns, .column_count = 2};
 *     hwv_table_cell(&table, HWV_STYLE_PLAIN, "fc%d", 1);
 *     hwv_table_cell(&table, HWV_STYLE_BAD, "%d", 21);
 *     hwv_table_text(&table, &term, &text);
 *     hwv_table_free(&table); */
#ifndef HWV_REPORT_TABLE_H
#define HWV_REPORT_TABLE_H

#include "report/plot.h"

typedef enum hwv_align { HWV_LEFT = 0, HWV_RIGHT } hwv_align;

typedef struct hwv_column {
    const char *title;
    hwv_align align;
} hwv_column;

typedef struct hwv_table_entry hwv_table_entry;

/* Owns what was added; the rest is the caller's. Zero-initialise. A shortage of memory is remembered
 * and passed on to the text. */
typedef struct hwv_table {
    hwv_caption caption;
    const hwv_column *columns;
    size_t column_count;
    /* Private: */
    hwv_text strings;
    hwv_table_entry *entries;
    size_t count, capacity;
    bool failed;
} hwv_table;

/* The next cell, left to right, then the next row. A UTF-8 string on one line. */
void hwv_table_cell(hwv_table *table, hwv_style style, const char *format, ...) HWV_PRINTF(3, 4);
/* A rule before the next row (for a row of totals). Only at the start of a row. */
void hwv_table_rule(hwv_table *table);
/* What was added; r < rows, c < column_count. A last row that is not full has empty cells at its end. */
size_t hwv_table_rows(const hwv_table *table);
const char *hwv_table_string(const hwv_table *table, size_t r, size_t c);
hwv_style hwv_table_style(const hwv_table *table, size_t r, size_t c);
bool hwv_table_ruled(const hwv_table *table, size_t r);
void hwv_table_text(const hwv_table *table, const hwv_term *term, hwv_text *text);
/* Releases the cells; columns and caption stay. */
void hwv_table_free(hwv_table *table);

#endif
