/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Tables. Strings lie one after another in one text, entries hold where they begin. */
#include "report/table.h"

#include <stdarg.h>
#include <stdio.h>

#include "halfwave/memory.h"
#include "report/figure.h"
#include "report/utf8.h"

struct hwv_table_entry {
    size_t at; /* in strings */
    hwv_style style;
    bool rule; /* before this row */
};

#define NARROWEST 4

static bool grow(hwv_table *table)
{
    if (table->count < table->capacity)
        return true;
    size_t capacity = table->capacity == 0 ? 64 : table->capacity * 2;
    hwv_table_entry *entries = hwv_realloc(table->entries, capacity, sizeof *entries);
    if (entries == NULL)
        return false;
    for (size_t i = table->capacity; i < capacity; i++)
        entries[i] = (hwv_table_entry){0};
    table->entries = entries;
    table->capacity = capacity;
    return true;
}

void hwv_table_cell(hwv_table *table, hwv_style style, const char *format, ...)
{
    if (table->failed || !grow(table)) {
        table->failed = true;
        return;
    }
    char cell[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(cell, sizeof cell, format, arguments);
    va_end(arguments);
    if (length < 0)
        cell[0] = '\0';
    hwv_table_entry *entry = &table->entries[table->count++];
    entry->at = table->strings.length;
    entry->style = style;
    hwv_text_puts(&table->strings, cell);
    hwv_text_add(&table->strings, "", 1);
    table->failed = table->strings.failed;
}

void hwv_table_rule(hwv_table *table)
{
    if (table->failed || !grow(table)) {
        table->failed = true;
        return;
    }
    table->entries[table->count].rule = true;
}

void hwv_table_free(hwv_table *table)
{
    hwv_text_free(&table->strings);
    hwv_free(table->entries);
    table->entries = NULL;
    table->count = table->capacity = 0;
    table->failed = false;
}

size_t hwv_table_rows(const hwv_table *table)
{
    size_t n = table->column_count;
    return n == 0 ? 0 : table->count / n + (table->count % n != 0);
}

const char *hwv_table_string(const hwv_table *table, size_t r, size_t c)
{
    size_t i = r * table->column_count + c;
    return i < table->count ? table->strings.data + table->entries[i].at : "";
}

hwv_style hwv_table_style(const hwv_table *table, size_t r, size_t c)
{
    size_t i = r * table->column_count + c;
    return i < table->count ? table->entries[i].style : HWV_STYLE_PLAIN;
}

bool hwv_table_ruled(const hwv_table *table, size_t r)
{
    return table->entries[r * table->column_count].rule;
}

static const char *string_at(const hwv_table *table, size_t i)
{
    return table->strings.data + table->entries[i].at;
}

static const char *title_at(const hwv_table *table, size_t c)
{
    return table->columns[c].title != NULL ? table->columns[c].title : "";
}

/* Widths in columns of the target; the sum with gaps fits it where that is possible at all. */
static void measure(const hwv_table *table, size_t *widths, size_t gap, size_t room)
{
    size_t n = table->column_count, total = gap * (n - 1);
    for (size_t c = 0; c < n; c++)
        widths[c] = hwv_utf8_width(title_at(table, c));
    for (size_t i = 0; i < table->count; i++) {
        size_t width = hwv_utf8_width(string_at(table, i));
        if (width > widths[i % n])
            widths[i % n] = width;
    }
    for (size_t c = 0; c < n; c++)
        total += widths[c];
    while (total > room) {
        /* A cut number is a wrong number: text gives way first. */
        size_t widest = n;
        for (int numbers = 0; numbers < 2 && widest == n; numbers++)
            for (size_t c = 0; c < n; c++)
                if ((table->columns[c].align == HWV_RIGHT) == (numbers == 1) && widths[c] > NARROWEST &&
                    (widest == n || widths[c] > widths[widest]))
                    widest = c;
        if (widest == n)
            return;
        widths[widest]--;
        total--;
    }
}

typedef struct layout {
    const hwv_term *term;
    const size_t *widths;
    size_t gap, room;
} layout;

/* One line of cells; `titles` in place of row r. Cells that no longer fit are left out. */
static void add_row(const hwv_table *table, const layout *l, size_t r, bool titles, hwv_text *text)
{
    size_t n = table->column_count, owed = 0, used = 0;
    for (size_t c = 0; c < n; c++) {
        size_t i = r * n + c;
        if (!titles && i >= table->count)
            break;
        const char *string = titles ? title_at(table, c) : string_at(table, i);
        hwv_style style = titles ? HWV_STYLE_STRONG : table->entries[i].style;
        size_t width = hwv_utf8_width(string), column = l->widths[c];
        if (used + owed + column > l->room)
            break;
        width = width > column ? column : width;
        size_t before = table->columns[c].align == HWV_RIGHT ? column - width : 0;
        /* Spaces are owed until something follows: no trailing ones. */
        if (width > 0) {
            hwv_term_pad(text, owed + before);
            hwv_term_cut(text, l->term, style, string, column);
            used += owed + before + width;
            owed = column - before - width + l->gap;
        } else {
            owed += column + l->gap;
        }
    }
    hwv_text_puts(text, "\n");
}

static void add_rule(const hwv_table *table, const layout *l, hwv_text *text)
{
    size_t total = 0;
    for (size_t c = 0; c < table->column_count; c++)
        total += l->widths[c] + (c > 0 ? l->gap : 0);
    hwv_style_open(text, l->term, HWV_STYLE_FAINT);
    for (size_t i = 0; i < total && i < l->room; i++)
        hwv_text_puts(text, l->term->utf8 ? "\u2500" : "-");
    hwv_style_close(text, l->term, HWV_STYLE_FAINT);
    hwv_text_puts(text, "\n");
}

void hwv_table_text(const hwv_table *table, const hwv_term *term, hwv_text *text)
{
    size_t n = table->column_count;
    size_t *widths = hwv_calloc(n, sizeof *widths);
    if (table->failed || widths == NULL) {
        hwv_free(widths);
        text->failed = true;
        return;
    }
    hwv_caption_above(&table->caption, term, text);
    if (n > 0) {
        size_t room = (size_t)term->width, widest = 0;
        layout l = {.term = term, .widths = widths, .gap = 2, .room = room};
        measure(table, widths, l.gap, SIZE_MAX);
        for (size_t c = 0; c < n; c++)
            widest += widths[c];
        if (widest + 2 * (n - 1) > room)
            l.gap = 1;
        measure(table, widths, l.gap, room);
        add_row(table, &l, 0, true, text);
        add_rule(table, &l, text);
        for (size_t r = 0; r * n < table->count; r++) {
            if (table->entries[r * n].rule)
                add_rule(table, &l, text);
            add_row(table, &l, r, false, text);
        }
    }
    hwv_caption_below(&table->caption, NULL, term, text);
    hwv_free(widths);
}
