/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Every sample picture as SVG: well-formed XML, finite numbers, nothing loaded from elsewhere, text as
 * text, inside its own page; saved whole or not at all. */
#include "figures.h"
#include "report/file.h"
#include "report/svg.h"
#include "saved.h"
#include "wellformed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* All coordinates of text and shapes lie on the page. */
static bool on_page(const char *svg)
{
    static const struct {
        const char *name;
        bool vertical;
    } names[] = {{" x=\"", false}, {" x1=\"", false}, {" x2=\"", false}, {" cx=\"", false},
                 {" y=\"", true},  {" y1=\"", true},  {" y2=\"", true},  {" cy=\"", true}};
    double width, height;
    if (sscanf(strstr(svg, "viewBox="), "viewBox=\"0 0 %lf %lf\"", &width, &height) != 2)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (const char *at = svg; (at = strstr(at, names[i].name)) != NULL; at++) {
            double value = strtod(at + strlen(names[i].name), NULL);
            if (value < 0 || value > (names[i].vertical ? height : width))
                return false;
        }
    return true;
}

static void test_figures(void **state)
{
    (void)state;
    for (size_t i = 0; i < FIGURES; i++) {
        if (figures[i].no_svg)
            continue;
        hwv_text text = {0};
        figures[i].draw(to_svg(&text));
        assert_false(text.failed);
        const char *wrong = malformed(text.data, NULL);
        if (wrong != NULL)
            fail_msg("%s: %s\n%s", figures[i].name, wrong, text.data);
        if (!on_page(text.data))
            fail_msg("%s leaves its page\n%s", figures[i].name, text.data);
        assert_non_null(strstr(text.data, "prefers-color-scheme:dark"));
        assert_non_null(strstr(text.data, "viewBox=\"0 0 "));
        assert_non_null(strstr(text.data, "<title>"));
        static const char *const forbidden[] = {"nan\"", "\"nan",   "inf\"",   "\"inf", " id=\"", "href",
                                                "url(",  "<script", "@import", " -0 ",  "\"-0\""};
        for (size_t k = 0; k < sizeof forbidden / sizeof forbidden[0]; k++)
            if (strstr(text.data, forbidden[k]) != NULL)
                fail_msg("%s contains %s\n%s", figures[i].name, forbidden[k], text.data);
        hwv_text_free(&text);
    }
}

static void test_content(void **state)
{
    (void)state;
    hwv_text text = {0};
    figure_loss(to_svg(&text));
    static const char *const words[] = {">leaky_relu<",           ">target<", ">rate / 10<",
                                        ">cross-entropy [nats]<", ">step<",   ">Band: range of the seeds, relu only.<"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_non_null(strstr(text.data, words[i]));
    hwv_text_free(&text);
    figure_odd(to_svg(&text));
    assert_non_null(strstr(text.data, "&lt;b&gt;&quot;quoted&quot;&lt;/b&gt;"));
    assert_non_null(strstr(text.data, "Not drawn: 2 NaN, 2 infinite"));
    hwv_text_free(&text);
    double values[] = {1, NAN, 3, 2};
    hwv_spark_svg(values, 4, "a < b", &text);
    assert_null(malformed(text.data, NULL));
    hwv_text_free(&text);
    hwv_spark_svg(NULL, 0, NULL, &text);
    assert_null(malformed(text.data, NULL));
    hwv_text_free(&text);
}

static void test_fit(void **state)
{
    (void)state;
    char buffer[40];
    assert_string_equal(hwv_svg_fit("relu", 100, buffer, sizeof buffer), "relu");
    assert_string_equal(hwv_svg_fit("leaky_relu", 40, buffer, sizeof buffer), "leak…");
    assert_true(strlen(hwv_svg_fit("日本語日本語日本語日本語日本語日本語日本語日本語", 1e9, buffer, sizeof buffer)) <
                40);
    assert_string_equal(hwv_svg_fit("x", 0, buffer, sizeof buffer), "…");
}

/* Thinning out a long series keeps its lowest and highest value. */
static void test_long_series(void **state)
{
    (void)state;
    enum { count = 100000 };
    static double y[count];
    for (size_t i = 0; i < count; i++)
        y[i] = 0.5;
    y[54321] = 1;
    y[54322] = 0;
    const hwv_series series = {.y = y, .count = count};
    hwv_text text = {0};
    hwv_plot plot = {.y = {.minimum = 0, .maximum = 1}, .series = &series, .series_count = 1};
    hwv_plot_svg(&plot, &text);
    assert_true(text.length < 60000);
    const char *path = strstr(text.data, "<path");
    assert_non_null(path);
    double top = 1e9, bottom = -1e9;
    for (const char *at = path; *at != '>'; at++)
        if (*at == 'M' || *at == 'L') {
            double y_at = strtod(strchr(at, ' '), NULL);
            top = fmin(top, y_at);
            bottom = fmax(bottom, y_at);
        }
    assert_true(fabs(bottom - top - 270) < 0.1);
    hwv_text_free(&text);
}

static void test_save(void **state)
{
    (void)state;
    const char *path = saved_path();
    assert_non_null(path);
    hwv_text text = {0};
    hwv_error error;
    figure_flat(to_svg(&text));
    assert_int_equal(hwv_report_save(path, &text, &error), HWV_OK);
    assert_true(saved_is(path, &text));
    char hex[65], again[65];
    assert_int_equal(hwv_report_hash(hex, path, &error), HWV_OK);
    hwv_text abc = {0};
    hwv_text_puts(&abc, "abc");
    assert_int_equal(hwv_report_save(path, &abc, &error), HWV_OK);
    assert_int_equal(hwv_report_hash(again, path, &error), HWV_OK);
    /* FIPS 180-2, B.1 */
    assert_string_equal(again, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_not_equal(hex, again);
    assert_int_equal(hwv_report_hash(hex, "/nonexistent/x.svg", &error), HWV_ERR_IO);
    hwv_text_free(&abc);
    assert_int_equal(hwv_report_save("/nonexistent/x.svg", &text, &error), HWV_ERR_IO);
    text.failed = true;
    assert_int_equal(hwv_report_save(path, &text, &error), HWV_ERR_MEMORY);
    hwv_text_free(&text);
    unlink(path);
}

static void test_histogram_counts(void **state)
{
    (void)state;
    double edges[5], counts[4];
    hwv_histogram_edges(edges, 4, 0, 1, false);
    static const double values[] = {0, 0.25, 0.249, 1, 0.75, -0.1, 1.1, NAN, INFINITY};
    assert_int_equal(hwv_histogram_count(counts, edges, 4, values, 9), 4);
    assert_true(counts[0] == 2 && counts[1] == 1 && counts[2] == 0 && counts[3] == 2);
    hwv_histogram_edges(edges, 4, 1e-4, 1, true);
    assert_true(edges[0] == 1e-4 && edges[4] == 1 && fabs(edges[2] - 1e-2) < 1e-15);
}

static void test_mask(void **state)
{
    (void)state;
    /* 70 units, 3 inputs: unit u fires on input i when (u + i) % 3 == 0. */
    uint64_t mask[6] = {0};
    uint8_t cells[70 * 3];
    for (size_t u = 0; u < 70; u++)
        for (size_t i = 0; i < 3; i++)
            if ((u + i) % 3 == 0)
                mask[i * 2 + u / 64] |= (uint64_t)1 << (u % 64);
    hwv_raster_from_mask(cells, 70, 3, mask, 2);
    for (size_t u = 0; u < 70; u++)
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(cells[u * 3 + i], (u + i) % 3 == 0 ? 255 : 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_figures), cmocka_unit_test(test_content),
                                       cmocka_unit_test(test_fit),     cmocka_unit_test(test_long_series),
                                       cmocka_unit_test(test_save),    cmocka_unit_test(test_histogram_counts),
                                       cmocka_unit_test(test_mask)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
