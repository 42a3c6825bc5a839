/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A report as one HTML file that can be mailed: it loads nothing, runs no script, follows light and dark, fits
 * desktop and phone, and has a table behind each figure. Content is added from top to bottom; strings are
 * UTF-8, may come from anywhere, and are escaped.
 *
 *     hwv_page page = {0};
 *     hwv_page_section(&page, "loss", "Training loss");
 *     hwv_page_plot(&page, &plot);
 *     status = hwv_page_save(&page, &(hwv_page_head){.title = "A run"}, "run.html", &error);
 *     hwv_page_free(&page); */
#ifndef HWV_REPORT_PAGE_H
#define HWV_REPORT_PAGE_H

#include "report/plot.h"
#include "report/table.h"

/* No page is larger, in bytes: mail programs and phones take it as it is. */
#define HWV_PAGE_LIMIT 200000

/* Content, or a part of one. Owns its text. Zero-initialise. A shortage of memory is remembered in
 * body.failed. */
typedef struct hwv_page {
    hwv_text body; /* HTML, with marks for what may be left out (page.c) */
} hwv_page;

/* What stands above the content. Strings may be NULL but for the title. */
typedef struct hwv_page_head {
    const char *kind;  /* "demo": small, beside the name of the tool */
    const char *title; /* of the window too */
    const char *lead;  /* one or two sentences */
} hwv_page_head;

/* A word that judges, in a colour and with a disc that is full, half full or empty. */
typedef struct hwv_page_mark {
    hwv_style style; /* GOOD, WARN, BAD, else neutral */
    const char *word;
} hwv_page_mark;

typedef struct hwv_page_fact {
    const char *name, *value;
    const char *detail; /* below the value of a key figure; may be NULL */
} hwv_page_fact;

/* A row of a summary. */
typedef struct hwv_page_entry {
    const char *anchor, *title; /* of the section that it leads to */
    hwv_page_mark mark;
    const char *sentence;
} hwv_page_entry;

void hwv_page_free(hwv_page *page);
/* Appends all of `part`, which stays as it is. */
void hwv_page_add(hwv_page *page, const hwv_page *part);

/* A heading. `anchor`: letters, digits, '-' and '_', once in a page. */
void hwv_page_section(hwv_page *page, const char *anchor, const char *heading);
/* STRONG: a statement; FAINT: how something was done. An empty or NULL string adds nothing. */
void hwv_page_paragraph(hwv_page *page, hwv_style style, const char *string);
/* A boxed judgement; `detail` (may be NULL) below it in small. */
void hwv_page_verdict(hwv_page *page, const hwv_page_mark *mark, const char *sentence, const char *detail);
void hwv_page_summary(hwv_page *page, const hwv_page_entry *entries, size_t count);
/* Names and values below each other. */
void hwv_page_facts(hwv_page *page, const hwv_page_fact *facts, size_t count);
/* A few figures in large type. */
void hwv_page_key_figures(hwv_page *page, const hwv_page_fact *facts, size_t count);
/* A command to be copied. */
void hwv_page_code(hwv_page *page, const char *line);

/* With caption. `fold` not NULL: behind a line of that text, to be opened. */
void hwv_page_table(hwv_page *page, const hwv_table *table, const char *fold);
void hwv_page_plot(hwv_page *page, const hwv_plot *plot);
void hwv_page_bars(hwv_page *page, const hwv_bars *bars);
void hwv_page_histogram(hwv_page *page, const hwv_histogram *histogram);
void hwv_page_raster(hwv_page *page, const hwv_raster *raster);
void hwv_page_strip(hwv_page *page, const hwv_strip *strip);

/* An order of the rows of a table: `rank[r]` is where row r stands in it. */
typedef struct hwv_page_order {
    const char *name; /* "rate" */
    const size_t *rank;
} hwv_page_order;
#define HWV_PAGE_ORDERS 6
/* A table that readers sort, by a choice of orders above it and without a script; at most HWV_PAGE_ORDERS. As added, rows
 * stand in the first order. `anchor` as in hwv_page_section. */
void hwv_page_sorted(hwv_page *page, const char *anchor, const hwv_table *table, const hwv_page_order *orders,
                     size_t count);

/* The whole document into an empty text. To stay within HWV_PAGE_LIMIT, tables are cut first (and say how many
 * rows are missing), then the drawings for phones go, where the large ones serve. HWV_ERR_MEMORY;
 * HWV_ERR_UNSUPPORTED when that is not enough: it says the size. */
hwv_status hwv_page_render(const hwv_page *page, const hwv_page_head *head, hwv_text *text, hwv_error *error);
/* The same into a file, whole or not at all. HWV_ERR_IO too. */
hwv_status hwv_page_save(const hwv_page *page, const hwv_page_head *head, const char *path, hwv_error *error);

#endif
