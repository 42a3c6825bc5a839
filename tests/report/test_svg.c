/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Every sample picture as SVG: well-formed XML, finite numbers, nothing loaded from elsewhere, text as
 * text, inside its own page; saved whole or not at all. */
#include "figures.h"
#include "io/file.h"
#include "report/svg.h"
#include "report/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == ':';
}

/* The entities that are used; NULL for anything else. */
static const char *skip_entity(const char *at)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strncmp(at, known[i], strlen(known[i])) == 0)
            return at + strlen(known[i]);
    return NULL;
}

/* A well-formedness checker for the XML that we write: elements, attributes in double quotes, text.
 * NULL when all is well, else what is wrong. */
static const char *malformed(const char *at)
{
    const char *open[32];
    size_t lengths[32], depth = 0;
    for (const char *c = at; *c != '\0';) {
        uint32_t code = hwv_utf8_next(&c);
        if ((code == 0xFFFD && memcmp(c - 3, "\xEF\xBF\xBD", 3) != 0) || (code < 0x20 && code != '\n'))
            return "a byte that XML forbids";
    }
    while (*at != '\0') {
        if (*at == '&') {
            at = skip_entity(at);
            if (at == NULL)
                return "an unknown entity";
            continue;
        }
        if (*at != '<') {
            if (*at == '>')
                return "a bare '>'";
            if (depth == 0 && *at != '\n')
                return "text outside of the root";
            at++;
            continue;
        }
        bool closing = at[1] == '/';
        at += closing ? 2 : 1;
        const char *name = at;
        while (is_name(*at))
            at++;
        size_t length = (size_t)(at - name);
        if (length == 0)
            return "an element without name";
        if (closing) {
            if (depth == 0 || lengths[depth - 1] != length || strncmp(open[depth - 1], name, length) != 0 || *at != '>')
                return "an end tag that closes nothing";
            depth--;
            at++;
            continue;
        }
        while (*at == ' ') {
            at++;
            const char *attribute = at;
            while (is_name(*at))
                at++;
            if (at == attribute || at[0] != '=' || at[1] != '"')
                return "an attribute without value";
            for (at += 2; *at != '"'; at++)
                if (*at == '\0' || *at == '<' || (*at == '&' && skip_entity(at) == NULL))
                    return "a damaged attribute";
            at++;
        }
        bool empty = *at == '/';
        at += empty;
        if (*at++ != '>')
            return "a tag that does not end";
        if (!empty) {
            if (depth == 32)
                return "too deep";
            open[depth] = name;
            lengths[depth++] = length;
        }
    }
    return depth == 0 ? NULL : "an element that is not closed";
}

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
        figures[i].draw((target){NULL, &text});
        assert_false(text.failed);
        const char *wrong = malformed(text.data);
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
    figure_loss((target){NULL, &text});
    static const char *const words[] = {">leaky_relu<",           ">target<", ">rate / 10<",
                                        ">cross-entropy [nats]<", ">step<",   ">Band: range of the seeds, relu only.<"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_non_null(strstr(text.data, words[i]));
    hwv_text_free(&text);
    figure_odd((target){NULL, &text});
    assert_non_null(strstr(text.data, "&lt;b&gt;&quot;quoted&quot;&lt;/b&gt;"));
    assert_non_null(strstr(text.data, "Not drawn: 2 NaN, 2 infinite"));
    hwv_text_free(&text);
    double values[] = {1, NAN, 3, 2};
    hwv_spark_svg(values, 4, "a < b", &text);
    assert_null(malformed(text.data));
    hwv_text_free(&text);
    hwv_spark_svg(NULL, 0, NULL, &text);
    assert_null(malformed(text.data));
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
    char path[] = "/tmp/halfwave-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    hwv_text text = {0};
    hwv_error error;
    figure_flat((target){NULL, &text});
    assert_int_equal(hwv_svg_save(path, &text, &error), HWV_OK);
    hwv_file file = {0};
    assert_int_equal(hwv_file_read(&file, path, 0, NULL, &error), HWV_OK);
    assert_int_equal(file.size, text.length);
    assert_memory_equal(file.data, text.data, text.length);
    hwv_file_free(&file);
    assert_int_equal(hwv_svg_save("/nonexistent/x.svg", &text, &error), HWV_ERR_IO);
    text.failed = true;
    assert_int_equal(hwv_svg_save(path, &text, &error), HWV_ERR_MEMORY);
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
