/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The page. The body is HTML with four marks in it, control characters, which no escaped string contains:
 * what stands between them is left out where the page would be too large. */
#include "report/page.h"

#include <stdio.h>
#include <string.h>

#include "report/file.h"
#include "report/listing.h"
#include "report/page_style.h"
#include "report/svg.h"
#include "report/utf8.h"

#define ROW          '\x01' /* before each row of a table */
#define ROWS_END     '\x02' /* behind the last row */
#define NARROW_BEGIN '\x03' /* around a drawing for phones */
#define NARROW_END   '\x04'

static void put(hwv_page *page, const char *html)
{
    hwv_text_puts(&page->body, html);
}

static void escape(hwv_page *page, const char *string)
{
    hwv_svg_escape(&page->body, string != NULL ? string : "");
}

/* <tag attributes>string</tag>, nothing for an empty string. */
static void element(hwv_page *page, const char *tag, const char *attributes, const char *string)
{
    if (string == NULL || string[0] == '\0')
        return;
    hwv_text_printf(&page->body, "<%s%s>", tag, attributes);
    escape(page, string);
    hwv_text_printf(&page->body, "</%s>", tag);
}

static void mark(hwv_page *page, char c)
{
    hwv_text_add(&page->body, &c, 1);
}

void hwv_page_free(hwv_page *page)
{
    hwv_text_free(&page->body);
}

void hwv_page_add(hwv_page *page, const hwv_page *part)
{
    if (part->body.data != NULL)
        hwv_text_add(&page->body, part->body.data, part->body.length);
    page->body.failed = page->body.failed || part->body.failed;
}

/* ---- text ---- */

void hwv_page_section(hwv_page *page, const char *anchor, const char *heading)
{
    put(page, "<h2 id=\"");
    escape(page, anchor);
    put(page, "\">");
    escape(page, heading);
    put(page, "</h2>\n");
}

void hwv_page_paragraph(hwv_page *page, hwv_style style, const char *string)
{
    element(page, "p",
            style == HWV_STYLE_STRONG  ? " class=\"strong\""
            : style == HWV_STYLE_FAINT ? " class=\"faint\""
                                       : "",
            string);
    put(page, "\n");
}

static const char *class_of(hwv_style style)
{
    return style == HWV_STYLE_GOOD   ? "good"
           : style == HWV_STYLE_WARN ? "warn"
           : style == HWV_STYLE_BAD  ? "bad"
                                     : "plain";
}

static void put_mark(hwv_page *page, const hwv_page_mark *m)
{
    hwv_text_printf(&page->body, "<span class=\"mark %s\">", class_of(m->style));
    escape(page, m->word);
    put(page, "</span>");
}

void hwv_page_verdict(hwv_page *page, const hwv_page_mark *m, const char *sentence, const char *detail)
{
    hwv_text_printf(&page->body, "<div class=\"verdict %s\">", class_of(m->style));
    put_mark(page, m);
    element(page, "p", "", sentence);
    element(page, "p", " class=\"faint\"", detail);
    put(page, "</div>\n");
}

void hwv_page_summary(hwv_page *page, const hwv_page_entry *entries, size_t count)
{
    put(page, "<table class=\"summary\"><thead><tr><th scope=\"col\">Claim</th><th scope=\"col\">Verdict</th>"
              "<th scope=\"col\">Found</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < count; i++) {
        put(page, "<tr><th scope=\"row\"><a href=\"#");
        escape(page, entries[i].anchor);
        put(page, "\">");
        escape(page, entries[i].title);
        put(page, "</a></th><td>");
        put_mark(page, &entries[i].mark);
        put(page, "</td><td>");
        escape(page, entries[i].sentence);
        put(page, "</td></tr>\n");
    }
    put(page, "</tbody></table>\n");
}

static void put_facts(hwv_page *page, const char *class_name, const hwv_page_fact *facts, size_t count)
{
    hwv_text_printf(&page->body, "<dl class=\"%s\">\n", class_name);
    for (size_t i = 0; i < count; i++) {
        put(page, "<div>");
        element(page, "dt", "", facts[i].name);
        put(page, "<dd>");
        escape(page, facts[i].value);
        element(page, "small", "", facts[i].detail);
        put(page, "</dd></div>\n");
    }
    put(page, "</dl>\n");
}

void hwv_page_facts(hwv_page *page, const hwv_page_fact *facts, size_t count)
{
    put_facts(page, "facts", facts, count);
}

void hwv_page_key_figures(hwv_page *page, const hwv_page_fact *facts, size_t count)
{
    put_facts(page, "keys", facts, count);
}

void hwv_page_code(hwv_page *page, const char *line)
{
    put(page, "<pre><code>");
    escape(page, line);
    put(page, "</code></pre>\n");
}

/* ---- tables ---- */

static const char *look_of(hwv_style style)
{
    if (style == HWV_STYLE_GOOD || style == HWV_STYLE_WARN || style == HWV_STYLE_BAD)
        return class_of(style);
    return style == HWV_STYLE_STRONG ? "strong" : style == HWV_STYLE_FAINT ? "faint" : "";
}

static void put_cell(hwv_page *page, const hwv_table *table, size_t r, size_t c)
{
    const char *look = look_of(hwv_table_style(table, r, c));
    bool right = table->columns[c].align == HWV_RIGHT;
    put(page, "<td");
    if (right || look[0] != '\0')
        hwv_text_printf(&page->body, " class=\"%s%s%s\"", right ? "n" : "", right && look[0] != '\0' ? " " : "", look);
    put(page, ">");
    escape(page, hwv_table_string(table, r, c));
    put(page, "</td>");
}

static void put_caption(hwv_page *page, const hwv_caption *caption)
{
    if (caption->title == NULL && caption->subtitle == NULL)
        return;
    put(page, "<figcaption>");
    element(page, "strong", "", caption->title);
    element(page, "span", "", caption->subtitle);
    put(page, "</figcaption>\n");
}

/* Captions stand outside of the box that scrolls. */
static void put_table(hwv_page *page, const hwv_table *table)
{
    if (table->failed) {
        page->body.failed = true;
        return;
    }
    put(page, "<div class=\"table\" tabindex=\"0\"><table><thead><tr>");
    for (size_t c = 0; c < table->column_count; c++) {
        put(page, table->columns[c].align == HWV_RIGHT ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
        escape(page, table->columns[c].title);
        put(page, "</th>");
    }
    put(page, "</tr></thead><tbody>\n");
    for (size_t r = 0; r < hwv_table_rows(table); r++) {
        mark(page, ROW);
        put(page, hwv_table_ruled(table, r) ? "<tr class=\"rule\">" : "<tr>");
        for (size_t c = 0; c < table->column_count; c++)
            put_cell(page, table, r, c);
        put(page, "</tr>\n");
    }
    mark(page, ROWS_END);
    put(page, "</tbody></table></div>\n");
    element(page, "p", " class=\"note\"", table->caption.note);
}

void hwv_page_table(hwv_page *page, const hwv_table *table, const char *fold)
{
    if (fold != NULL) {
        put(page, "<details>");
        element(page, "summary", "", fold);
    }
    put(page, "<figure>");
    put_caption(page, &table->caption);
    put_table(page, table);
    put(page, fold != NULL ? "</figure></details>\n" : "</figure>\n");
}

/* ---- tables that can be sorted ---- */

/* Radio buttons, of which the style sheet lets the chosen one set the order of the rows. */
static void put_choice(hwv_page *page, const char *anchor, const hwv_page_order *orders, size_t count)
{
    put(page, "<span class=\"by\">Sorted by</span>");
    for (size_t k = 0; k < count; k++) {
        hwv_text_printf(&page->body, "<input type=\"radio\" class=\"o%zu\" name=\"", k);
        escape(page, anchor);
        put(page, "\" id=\"");
        escape(page, anchor);
        hwv_text_printf(&page->body, "-%zu\"%s/><label for=\"", k, k == 0 ? " checked=\"checked\"" : "");
        escape(page, anchor);
        hwv_text_printf(&page->body, "-%zu\">", k);
        escape(page, orders[k].name);
        put(page, "</label>");
    }
}

/* Rows are grids with columns of fixed widths, because what is put into an order is no table to a browser. */
static void put_widths(hwv_page *page, const hwv_table *table)
{
    for (size_t c = 0; c < table->column_count; c++) {
        size_t widest = hwv_utf8_width(table->columns[c].title);
        for (size_t r = 0; r < hwv_table_rows(table); r++) {
            size_t width = hwv_utf8_width(hwv_table_string(table, r, c));
            widest = width > widest ? width : widest;
        }
        hwv_text_printf(&page->body, "%s%zuch", c > 0 ? " " : "", widest);
    }
}

void hwv_page_sorted(hwv_page *page, const char *anchor, const hwv_table *table, const hwv_page_order *orders,
                     size_t count)
{
    if (table->failed) {
        page->body.failed = true;
        return;
    }
    put(page, "<figure class=\"sort\">");
    put_caption(page, &table->caption);
    put_choice(page, anchor, orders, count);
    put(page, "<div class=\"table\" tabindex=\"0\"><table style=\"--w:");
    put_widths(page, table);
    put(page, "\"><thead><tr>");
    for (size_t c = 0; c < table->column_count; c++)
        element(page, "th", table->columns[c].align == HWV_LEFT ? " scope=\"col\" class=\"l\"" : " scope=\"col\"",
                table->columns[c].title);
    put(page, "</tr></thead><tbody>\n");
    for (size_t r = 0; r < hwv_table_rows(table); r++) {
        mark(page, ROW);
        put(page, "<tr style=\"");
        for (size_t k = 1; k < count; k++)
            hwv_text_printf(&page->body, "%s--o%zu:%zu", k > 1 ? ";" : "", k, orders[k].rank[r]);
        put(page, "\">");
        for (size_t c = 0; c < table->column_count; c++) {
            const char *look = look_of(hwv_table_style(table, r, c));
            bool left = table->columns[c].align == HWV_LEFT;
            put(page, "<td");
            if (left || look[0] != '\0')
                hwv_text_printf(&page->body, " class=\"%s%s%s\"", left ? "l" : "", left && look[0] != '\0' ? " " : "",
                                look);
            put(page, ">");
            escape(page, hwv_table_string(table, r, c));
            put(page, "</td>");
        }
        put(page, "</tr>\n");
    }
    mark(page, ROWS_END);
    put(page, "</tbody></table></div>\n");
    element(page, "p", " class=\"note\"", table->caption.note);
    put(page, "</figure>\n");
}

/* ---- figures ---- */

typedef void draw_function(const void *picture, const hwv_svg_frame *frame, hwv_text *text);

/* The drawing for desktops, the one for phones, and the numbers. The listing is freed. */
static void put_figure(hwv_page *page, const hwv_caption *caption, const void *picture, draw_function *draw,
                       hwv_listing *listing)
{
    put(page, "<figure>\n");
    put_caption(page, caption);
    draw(picture, &hwv_svg_wide, &page->body);
    mark(page, NARROW_BEGIN);
    draw(picture, &hwv_svg_narrow, &page->body);
    mark(page, NARROW_END);
    element(page, "p", " class=\"note\"", caption->note);
    put(page, "<details><summary>The figures as a table</summary>");
    put_table(page, &listing->table);
    put(page, "</details></figure>\n");
    hwv_listing_free(listing);
}

static void draw_plot(const void *picture, const hwv_svg_frame *frame, hwv_text *text)
{
    hwv_plot_draw(picture, frame, text);
}

static void draw_bars(const void *picture, const hwv_svg_frame *frame, hwv_text *text)
{
    hwv_bars_draw(picture, frame, text);
}

static void draw_histogram(const void *picture, const hwv_svg_frame *frame, hwv_text *text)
{
    hwv_histogram_draw(picture, frame, text);
}

static void draw_raster(const void *picture, const hwv_svg_frame *frame, hwv_text *text)
{
    hwv_raster_draw(picture, frame, text);
}

static void draw_strip(const void *picture, const hwv_svg_frame *frame, hwv_text *text)
{
    hwv_strip_draw(picture, frame, text);
}

void hwv_page_plot(hwv_page *page, const hwv_plot *plot)
{
    hwv_listing listing = {.columns = NULL};
    hwv_listing_plot(&listing, plot);
    put_figure(page, &plot->caption, plot, draw_plot, &listing);
}

void hwv_page_bars(hwv_page *page, const hwv_bars *bars)
{
    hwv_listing listing = {.columns = NULL};
    hwv_listing_bars(&listing, bars);
    put_figure(page, &bars->caption, bars, draw_bars, &listing);
}

void hwv_page_histogram(hwv_page *page, const hwv_histogram *histogram)
{
    hwv_listing listing = {.columns = NULL};
    hwv_listing_histogram(&listing, histogram);
    put_figure(page, &histogram->caption, histogram, draw_histogram, &listing);
}

void hwv_page_raster(hwv_page *page, const hwv_raster *raster)
{
    hwv_listing listing = {.columns = NULL};
    hwv_listing_raster(&listing, raster);
    put_figure(page, &raster->caption, raster, draw_raster, &listing);
}

void hwv_page_strip(hwv_page *page, const hwv_strip *strip)
{
    hwv_listing listing = {.columns = NULL};
    hwv_listing_strip(&listing, strip);
    put_figure(page, &strip->caption, strip, draw_strip, &listing);
}

/* ---- the document ---- */

/* What is left out of a page. */
typedef struct economy {
    size_t rows; /* most of a table */
    bool narrow; /* with the drawings for phones */
} economy;

/* The body without the marks and without what `e` leaves out. */
static void put_body(const hwv_page *page, const economy *e, hwv_text *text)
{
    size_t row = 0;
    bool shown = true;
    for (const char *at = page->body.data != NULL ? page->body.data : ""; *at != '\0';) {
        static const char marks[] = {ROW, ROWS_END, NARROW_BEGIN, NARROW_END, '\0'};
        size_t length = strcspn(at, marks);
        if (shown)
            hwv_text_add(text, at, length);
        at += length;
        switch (*at) {
        case ROW:
            shown = row++ < e->rows;
            break;
        case ROWS_END:
            shown = true;
            if (row > e->rows)
                hwv_text_printf(text, "<tr><td colspan=\"100\" class=\"faint\">%zu more row%s</td></tr>\n",
                                row - e->rows, row - e->rows == 1 ? "" : "s");
            row = 0;
            break;
        case NARROW_BEGIN:
            shown = e->narrow;
            break;
        case NARROW_END:
            shown = true;
            break;
        default:
            continue;
        }
        at++;
    }
    text->failed = text->failed || page->body.failed;
}

static void put_head(const hwv_page_head *head, const economy *e, hwv_text *text)
{
    hwv_page top = {.body = *text};
    /* The policy holds what the page promises, whatever a browser or a mail program would add. */
    put(&top, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
              "base-uri 'none'; form-action 'none'\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"halfwave\">\n");
    element(&top, "title", "", head->title);
    put(&top, "\n<style>\n");
    hwv_page_style(&top.body, e->narrow);
    put(&top, "</style>\n</head>\n<body>\n<main>\n<header>\n<p class=\"brand\">" HWV_PAGE_EMBLEM "<b>halfwave</b>");
    element(&top, "span", "", head->kind);
    put(&top, "</p>\n");
    element(&top, "h1", "", head->title);
    element(&top, "p", " class=\"lead\"", head->lead);
    put(&top, "</header>\n");
    *text = top.body;
}

static void put_document(const hwv_page *page, const hwv_page_head *head, const economy *e, hwv_text *text)
{
    hwv_text_free(text);
    put_head(head, e, text);
    put_body(page, e, text);
    hwv_text_puts(text, "</main>\n</body>\n</html>\n");
}

hwv_status hwv_page_render(const hwv_page *page, const hwv_page_head *head, hwv_text *text, hwv_error *error)
{
    static const economy economies[] = {{SIZE_MAX, true}, {24, true}, {8, true}, {24, false}, {8, false}, {0, false}};
    for (size_t i = 0; i < sizeof economies / sizeof economies[0]; i++) {
        put_document(page, head, &economies[i], text);
        if (text->failed)
            return hwv_fail(error, HWV_ERR_MEMORY, "out of memory while the page was written");
        if (text->length < HWV_PAGE_LIMIT)
            return HWV_OK;
    }
    return hwv_fail(error, HWV_ERR_UNSUPPORTED, "the page would take %zu KB, and a page takes less than %d KB",
                    text->length / 1000, HWV_PAGE_LIMIT / 1000);
}

hwv_status hwv_page_save(const hwv_page *page, const hwv_page_head *head, const char *path, hwv_error *error)
{
    hwv_text text = {0};
    hwv_error why;
    hwv_status status = hwv_page_render(page, head, &text, &why);
    if (status == HWV_OK)
        status = hwv_report_save(path, &text, error);
    else
        hwv_fail(error, status, "%s: %s", path, why.text);
    hwv_text_free(&text);
    return status;
}
