/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pages: well-formed, nothing loaded from elsewhere, strings escaped, a label and a table for every figure, never
 * above the limit; nothing leaks and nothing is silently missing when memory runs out. */
#include "allocations.h"
#include "figures.h"
#include "report/listing.h"
#include "saved.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "document.h"

static const hwv_page_head plain_head = {.kind = "test", .title = "A page", .lead = "What it is."};

/* The document; the caller frees it. */
static hwv_text render(const hwv_page *page, const hwv_page_head *head)
{
    hwv_text text = {0};
    hwv_error error = {0};
    if (hwv_page_render(page, head, &text, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return text;
}

/* A figure alone on a page. */
static hwv_text page_of(const figure *f)
{
    hwv_page page = {0};
    f->draw(to_page(&page));
    assert_false(page.body.failed);
    hwv_text text = render(&page, &plain_head);
    hwv_page_free(&page);
    return text;
}

static void test_figures(void **state)
{
    (void)state;
    for (size_t i = 0; i < FIGURES; i++) {
        hwv_text text = page_of(&figures[i]);
        check_document(&text, figures[i].name);
        size_t pictures = figures[i].no_svg ? 0 : 1;
        assert_int_equal(count_of(text.data, "<figure>"), 1);
        assert_int_equal(count_of(text.data, "<table>"), 1);
        assert_int_equal(count_of(text.data, "<details>"), pictures);
        /* Once for desktops, once for phones. */
        assert_int_equal(count_of(text.data, "<svg class=\"wide\""), pictures);
        assert_int_equal(count_of(text.data, "<svg class=\"narrow\""), pictures);
        assert_int_equal(count_of(text.data, "role=\"img\" aria-label=\""), 2 * pictures);
        assert_int_equal(count_of(text.data, "aria-label=\"\""), 0);
        if (pictures > 0)
            assert_true(count_of(strstr(text.data, "<svg class=\"narrow\""), "<text ") > 0);
        hwv_text_free(&text);
    }
}

static void expect_words(const char *name, const char *const *words, size_t count)
{
    for (size_t i = 0; i < FIGURES; i++) {
        if (strcmp(figures[i].name, name) != 0)
            continue;
        hwv_text text = page_of(&figures[i]);
        for (size_t k = 0; k < count; k++)
            if (strstr(text.data, words[k]) == NULL)
                fail_msg("%s lacks %s\n%s", name, words[k], text.data);
        hwv_text_free(&text);
        return;
    }
    fail_msg("no figure %s", name);
}

#define EXPECT(name, ...)                                                                                              \
    expect_words(name, (const char *const[]){__VA_ARGS__},                                                             \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* The tables behind the pictures say what the pictures show. */
static void test_tables(void **state)
{
    (void)state;
    EXPECT("flat", "<th scope=\"col\" class=\"n\">epoch</th><th scope=\"col\" class=\"n\">test error</th>",
           "<tr><td class=\"n\">3</td><td class=\"n\">25 %</td></tr>");
    EXPECT("loss", ">step</th><th scope=\"col\" class=\"n\">relu</th>", "48 of 240 points, evenly spaced.",
           "A line: target at 0.1.", "A line: rate / 10 at 120.", " to ", "<td class=\"n\">239</td>");
    EXPECT("functions", ">leaky_relu(0.1)</th>",
           "<td class=\"n\">-3</td><td class=\"n\">0</td><td class=\"n\">-0.3</td>");
    EXPECT("gradient", ">relu</th>", ">relu, dashed</th>", ">mean field</th>");
    EXPECT("bars", ">forward: copy ceiling</th>", "In ns per element.",
           "<tr><td>libm tanh</td><td class=\"n\">11.8</td><td class=\"n\">n/a</td>");
    EXPECT("bars-one", ">test error</th>", "<td>tanh</td><td class=\"n\">8.3 %</td>", "A line: target 5 % at 5 %.");
    EXPECT("histogram", "<td class=\"n\">never</td><td class=\"n\"></td><td class=\"n\">61</td>", ">units</th>");
    EXPECT("raster-small", "<td>over 90 %</td><td class=\"n\">1</td>", "<td>none</td><td class=\"n\">1</td>",
           "5 rows, 7 columns; ");
    EXPECT("raster", "<td>none</td><td class=\"n\">6</td>", "share of inputs fired for");
    EXPECT("table", "<td class=\"n bad\">21</td>", "<tr class=\"rule\"><td class=\"strong\">model</td>",
           "Zeros are not death");
    EXPECT("strip", "<td>2  a rather long name that must be cut</td><td class=\"n\">4</td><td class=\"n\">0</td>",
           ">always on</th>");
    EXPECT("odd", "Odd", "&lt;b&gt;&quot;quoted&quot;&lt;/b&gt;", "<td class=\"n\">inf</td>", "Not drawn: 2 NaN");
    EXPECT("empty", "no values");
}

/* A series that lacks some of the others' x has empty cells there, one with an unsorted x its own values. */
static void test_listing(void **state)
{
    (void)state;
    static const double x[] = {3, 1, 2}, y[] = {30, 10, 20}, z[] = {100};
    const hwv_series series[] = {{.name = "y", .x = x, .y = y, .count = 3},
                                 {.name = "z", .y = z, .count = 1, .first_x = 2}};
    hwv_listing listing = {.columns = NULL};
    hwv_listing_plot(&listing, &(hwv_plot){.series = series, .series_count = 2});
    static const char *const expected[3][3] = {{"1", "10", ""}, {"2", "20", "100"}, {"3", "30", ""}};
    assert_int_equal(hwv_table_rows(&listing.table), 3);
    for (size_t r = 0; r < 3; r++)
        for (size_t c = 0; c < 3; c++)
            assert_string_equal(hwv_table_string(&listing.table, r, c), expected[r][c]);
    hwv_listing_free(&listing);
}

static const char hostile[] = "<script>alert(\"1\")</script> & \x01\x02\x03\x04 \xff <!-- ]]> '";

static void add_text(hwv_page *page)
{
    const hwv_page_fact fact = {.name = hostile, .value = hostile, .detail = hostile};
    const hwv_page_mark mark = {.style = HWV_STYLE_GOOD, .word = hostile};
    const hwv_page_entry entry = {.anchor = "part-1", .title = hostile, .mark = mark, .sentence = hostile};
    static const hwv_column columns[] = {{hostile, HWV_LEFT}, {"n", HWV_RIGHT}};
    hwv_table table = {.caption = {hostile, hostile, hostile}, .columns = columns, .column_count = 2};
    for (size_t i = 0; i < 5; i++)
        hwv_table_cell(&table, (hwv_style)(HWV_STYLE_PLAIN + (int)i), "%s", hostile);
    hwv_page_facts(page, &fact, 1);
    hwv_page_key_figures(page, &fact, 1);
    hwv_page_summary(page, &entry, 1);
    hwv_page_section(page, "part-1", hostile);
    hwv_page_paragraph(page, HWV_STYLE_STRONG, hostile);
    hwv_page_paragraph(page, HWV_STYLE_FAINT, hostile);
    hwv_page_paragraph(page, HWV_STYLE_PLAIN, NULL);
    hwv_page_table(page, &table, NULL);
    hwv_page_table(page, &table, hostile);
    static const size_t ranks[] = {2, 0, 1};
    const hwv_page_order orders[] = {{hostile, ranks}, {"two", ranks}};
    hwv_page_sorted(page, "part-2", &table, orders, 2);
    hwv_page_verdict(page, &mark, hostile, hostile);
    hwv_page_code(page, hostile);
    hwv_table_free(&table);
}

static void test_text(void **state)
{
    (void)state;
    hwv_page page = {0};
    add_text(&page);
    hwv_page_head head = {.kind = hostile, .title = hostile, .lead = hostile};
    hwv_text text = render(&page, &head);
    check_document(&text, "hostile");
    assert_null(strstr(text.data, "alert(\"1"));
    assert_non_null(strstr(text.data, "&lt;script&gt;alert(&quot;1&quot;)"));
    /* The references lead somewhere. */
    assert_int_equal(count_of(text.data, "href=\"#part-1\""), 1);
    assert_int_equal(count_of(text.data, "id=\"part-1\""), 1);
    hwv_text_free(&text);
    hwv_page_free(&page);

    text = render(&page, &(hwv_page_head){.title = "Nothing"});
    check_document(&text, "nothing");
    hwv_text_free(&text);
}

/* Every order has its button and every row its rank; without a style sheet it is the table in its first order. */
static void test_sorted(void **state)
{
    (void)state;
    static const hwv_column columns[] = {{"unit", HWV_LEFT}, {"rate", HWV_RIGHT}};
    static const size_t first[] = {0, 1, 2}, second[] = {2, 0, 1};
    const hwv_page_order orders[] = {{"place", first}, {"rate", second}};
    hwv_table table = {.columns = columns, .column_count = 2};
    for (int i = 0; i < 3; i++) {
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "unit %d", i);
        hwv_table_cell(&table, i == 0 ? HWV_STYLE_BAD : HWV_STYLE_PLAIN, "%d", i * 7 % 3);
    }
    hwv_page page = {0};
    hwv_page_sorted(&page, "units", &table, orders, 2);
    hwv_table_free(&table);
    hwv_text text = render(&page, &plain_head);
    check_document(&text, "sorted");
    static const char *const words[] = {
        "<input type=\"radio\" class=\"o0\" name=\"units\" id=\"units-0\" checked=\"checked\"/>"
        "<label for=\"units-0\">place</label>",
        "<input type=\"radio\" class=\"o1\" name=\"units\" id=\"units-1\"/><label for=\"units-1\">rate</label>",
        "--w:6ch 4ch",
        "<tr style=\"--o1:2\"><td class=\"l\">unit 0</td><td class=\"bad\">0</td></tr>\n"
        "<tr style=\"--o1:0\"><td class=\"l\">unit 1</td><td>1</td></tr>",
        ".o1:checked~.table tr{order:var(--o1)}"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(text.data, words[i]) == NULL)
            fail_msg("lacks %s\n%s", words[i], text.data);
    hwv_text_free(&text);
    hwv_page_free(&page);
}

static void add_rows(hwv_page *page, size_t rows)
{
    static const hwv_column columns[] = {{"unit", HWV_LEFT}, {"rate", HWV_RIGHT}};
    hwv_table table = {.columns = columns, .column_count = 2};
    for (size_t i = 0; i < rows; i++) {
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "unit %zu", i);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_number_percent(0.5, 1).text);
    }
    hwv_page_table(page, &table, NULL);
    hwv_table_free(&table);
}

static void test_limit(void **state)
{
    (void)state;
    hwv_page page = {0};
    add_rows(&page, 20);
    add_rows(&page, 10000);
    hwv_text text = render(&page, &plain_head);
    check_document(&text, "many rows");
    assert_int_equal(count_of(text.data, "more row"), 1);
    assert_non_null(strstr(text.data, ">9976 more rows<"));
    assert_non_null(strstr(text.data, ">unit 19<"));
    hwv_text_free(&text);

    /* More drawings than fit twice: those for phones go, with the rule that shows them. */
    size_t wide = 0;
    while (text.data == NULL || strstr(text.data, "class=\"narrow\"") != NULL) {
        hwv_text_free(&text);
        figure_loss(to_page(&page));
        wide++;
        text = render(&page, &plain_head);
        check_document(&text, "many figures");
    }
    assert_int_equal(count_of(text.data, "class=\"wide\""), wide);
    assert_null(strstr(text.data, ".narrow{"));
    hwv_text_free(&text);

    /* And more than fit at all. */
    hwv_error error = {0};
    hwv_status status = HWV_OK;
    while (status == HWV_OK) {
        figure_loss(to_page(&page));
        status = hwv_page_render(&page, &plain_head, &text, &error);
        hwv_text_free(&text);
    }
    assert_int_equal(status, HWV_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.text, "less than 200 KB"));
    hwv_page_free(&page);
}

/* However long the series, a drawing in a page stays small, with its extremes. */
static void test_long_series(void **state)
{
    (void)state;
    enum { count = 50000, most = 16 };
    static double y[most][count], low[most][count], high[most][count];
    hwv_series series[most];
    memset(series, 0, sizeof series);
    for (size_t s = 0; s < most; s++) {
        unsigned random = (unsigned)s;
        for (size_t i = 0; i < count; i++) {
            y[s][i] = (double)(next_random(&random) % 1000);
            low[s][i] = y[s][i] - 10;
            high[s][i] = y[s][i] + 10;
        }
        series[s] = (hwv_series){.name = "s", .y = y[s], .low = low[s], .high = high[s], .count = count};
    }
    y[3][4321] = 2000;
    hwv_page page = {0};
    hwv_plot plot = {.y = {.minimum = 0, .maximum = 2000}, .series = series, .series_count = most};
    hwv_page_plot(&page, &plot);
    hwv_page_plot(&page, &plot);
    hwv_text text = render(&page, &plain_head);
    check_document(&text, "long series");
    assert_int_equal(count_of(text.data, "class=\"narrow\""), 2);
    hwv_text_free(&text);
    hwv_page_free(&page);
}

static void test_save(void **state)
{
    (void)state;
    const char *path = saved_path();
    assert_non_null(path);
    hwv_page page = {0};
    hwv_error error = {0};
    add_text(&page);
    assert_int_equal(hwv_page_save(&page, &plain_head, path, &error), HWV_OK);
    hwv_text text = render(&page, &plain_head);
    assert_true(saved_is(path, &text));
    hwv_text_free(&text);
    assert_int_equal(hwv_page_save(&page, &plain_head, "/nonexistent/x.html", &error), HWV_ERR_IO);
    page.body.failed = true;
    assert_int_equal(hwv_page_save(&page, &plain_head, path, &error), HWV_ERR_MEMORY);
    assert_non_null(strstr(error.text, path));
    hwv_page_free(&page);
    unlink(path);
}

/* A page is whole or refused. */
static void test_memory(void **state)
{
    (void)state;
    size_t whole = 0, refused = 0, live = allocations_live();
    for (size_t n = 0;; n++) {
        hwv_page page = {0};
        hwv_text text = {0};
        hwv_error error = {0};
        allocations_fail_at(n);
        add_text(&page);
        figure_loss(to_page(&page));
        figure_bars(to_page(&page));
        figure_histogram(to_page(&page));
        figure_raster_small(to_page(&page));
        hwv_status status = hwv_page_render(&page, &plain_head, &text, &error);
        allocations_fail_at(0);
        if (n == 0)
            whole = text.length;
        assert_true(status == HWV_OK || status == HWV_ERR_MEMORY);
        if (status == HWV_OK)
            assert_int_equal(text.length, whole);
        refused += status != HWV_OK;
        hwv_text_free(&text);
        hwv_page_free(&page);
        assert_int_equal(allocations_live(), live);
        if (n > 0 && status == HWV_OK)
            break;
    }
    assert_true(refused > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures), cmocka_unit_test(test_tables), cmocka_unit_test(test_listing),
        cmocka_unit_test(test_text),    cmocka_unit_test(test_limit),  cmocka_unit_test(test_long_series),
        cmocka_unit_test(test_save),    cmocka_unit_test(test_memory), cmocka_unit_test(test_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
