/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The target, running text, UTF-8, progress. */
#include "report/progress.h"
#include "report/term.h"
#include "report/utf8.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_color(void **state)
{
    (void)state;
    static const struct {
        hwv_term_wish wish;
        bool tty, color;
    } cases[] = {
        {{.term = "xterm"}, true, true},
        {{.term = "xterm"}, false, false},
        {{.term = "dumb"}, true, false},
        {{.term = NULL}, true, false},
        {{.term = "xterm", .no_color = "1"}, true, false},
        {{.term = "xterm", .no_color = ""}, true, true},
        {{.term = "xterm", .color = "never"}, true, false},
        {{.term = "dumb", .no_color = "1", .color = "always"}, false, true},
        {{.term = "xterm", .color = "auto"}, true, true},
        {{.term = "xterm", .color = ""}, true, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hwv_term term;
        assert_int_equal(hwv_term_decide(&term, &cases[i].wish, cases[i].tty, 0, 0, NULL), HWV_OK);
        assert_int_equal(term.color, cases[i].color);
        assert_int_equal(term.tty, cases[i].tty);
    }
    hwv_term term;
    hwv_error error;
    assert_int_equal(hwv_term_decide(&term, &(hwv_term_wish){.color = "blue"}, true, 0, 0, &error), HWV_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "blue"));
    assert_non_null(strstr(error.text, "auto, always or never"));
}

static void test_utf8_locale(void **state)
{
    (void)state;
    static const struct {
        hwv_term_wish wish;
        bool utf8;
    } cases[] = {
        {{.lang = "en_GB.UTF-8"}, true},
        {{.lang = "C.utf8"}, true},
        {{.lang = "C"}, false},
        {{.lang = NULL}, false},
        {{.lc_all = "C", .lang = "en_GB.UTF-8"}, false},
        {{.lc_all = "", .lc_ctype = "de_DE.utf8", .lang = "C"}, true},
        {{.lc_ctype = "de_DE.ISO-8859-1", .lang = "C.UTF-8"}, false},
        {{.lang = "xx.UT"}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hwv_term term;
        assert_int_equal(hwv_term_decide(&term, &cases[i].wish, false, 0, 0, NULL), HWV_OK);
        assert_int_equal(term.utf8, cases[i].utf8);
    }
}

static void test_size(void **state)
{
    (void)state;
    static const struct {
        const char *columns;
        int known, width;
    } cases[] = {
        {NULL, 0, 80},   {NULL, 132, 132}, {"100", 132, 100}, {"0", 132, 132},   {"-5", 0, 80},
        {"abc", 90, 90}, {"12x", 90, 90},  {"7", 0, 20},      {"99999", 0, 500}, {"99999999999999999999", 0, 80}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hwv_term term;
        hwv_term_wish wish = {.columns = cases[i].columns, .lines = cases[i].columns};
        assert_int_equal(hwv_term_decide(&term, &wish, true, cases[i].known, 0, NULL), HWV_OK);
        assert_int_equal(term.width, cases[i].width);
        assert_true(term.height >= 5 && term.height <= 500);
    }
    FILE *file = tmpfile();
    hwv_term term;
    assert_non_null(file);
    assert_int_equal(hwv_term_open(&term, file, &(hwv_term_wish){.term = "xterm"}, NULL), HWV_OK);
    assert_true(!term.tty && !term.color && term.width == 80 && term.height == 24);
    fclose(file);
}

static const hwv_term narrow = {.width = 20, .height = 24, .utf8 = true};
static const hwv_term ascii = {.width = 20, .height = 24};
static const hwv_term colored = {.width = 20, .height = 24, .utf8 = true, .color = true};

static void wraps_to(const hwv_term *term, size_t indent, const char *string, const char *expected)
{
    hwv_text text = {0};
    hwv_term_wrap(&text, term, HWV_STYLE_PLAIN, indent, string);
    assert_string_equal(text.data != NULL ? text.data : "", expected);
    hwv_text_free(&text);
}

static void test_wrap(void **state)
{
    (void)state;
    wraps_to(&narrow, 0, NULL, "");
    wraps_to(&narrow, 0, "", "");
    wraps_to(&narrow, 0, "short", "short\n");
    wraps_to(&narrow, 0, "exactly twenty cells", "exactly twenty cells\n");
    wraps_to(&narrow, 0, "one two three four five six", "one two three four\nfive six\n");
    wraps_to(&narrow, 4, "one two three four five", "    one two three\n    four five\n");
    wraps_to(&narrow, 0, "a\nb\n\nc", "a\nb\n\nc\n");
    wraps_to(&narrow, 0, "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrst\nuvwxyz\n");
    wraps_to(&narrow, 0, "日本日本日本日本日本日本", "日本日本日本日本日本\n日本\n");
    wraps_to(&narrow, 0, "tab\there \x1b[31m", "tab\uFFFDhere \uFFFD[31m\n");
    wraps_to(&ascii, 0, "3 µs × 2 – naïve", "3 us x 2 - na?ve\n");
    wraps_to(&narrow, 0, "trailing   ", "trailing\n");
}

static void test_cut(void **state)
{
    (void)state;
    hwv_text text = {0};
    assert_int_equal(hwv_term_cut(&text, &narrow, HWV_STYLE_PLAIN, "leaky_relu", 6), 6);
    hwv_text_puts(&text, "|");
    assert_int_equal(hwv_term_cut(&text, &narrow, HWV_STYLE_PLAIN, "日本語", 4), 3);
    hwv_text_puts(&text, "|");
    assert_int_equal(hwv_term_cut(&text, &narrow, HWV_STYLE_PLAIN, "relu", 0), 0);
    hwv_text_puts(&text, "|");
    hwv_term_puts(&text, &colored, HWV_STYLE_STRONG, "x");
    assert_string_equal(text.data, "leaky…|日…||\033[1mx\033[0m");
    hwv_text_free(&text);
    hwv_term_heading(&text, &narrow, "Cost");
    assert_string_equal(text.data, "Cost ───────────────\n");
    hwv_text_free(&text);
}

static void test_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        uint32_t first;
        size_t width;
    } cases[] = {{"a", 'a', 1},
                 {"\xc3\xa9", 0xE9, 1},
                 {"\xe2\x82\xac", 0x20AC, 1},
                 {"\xf0\x9f\x98\x80", 0x1F600, 2},
                 {"\xff", 0xFFFD, 1},
                 {"\xc3", 0xFFFD, 1},
                 {"\xe2\x82", 0xFFFD, 2},
                 {"\xed\xa0\x80", 0xFFFD, 3},
                 {"e\xcc\x81", 'e', 1},
                 {"\xe6\x97\xa5", 0x65E5, 2},
                 {"", 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *at = cases[i].bytes;
        assert_int_equal(hwv_utf8_next(&at), cases[i].first);
        assert_int_equal(hwv_utf8_width(cases[i].bytes), cases[i].width);
    }
    hwv_text text = {0};
    static const uint32_t codes[] = {0x41, 0xE9, 0x20AC, 0x1F600};
    for (size_t i = 0; i < 4; i++)
        hwv_utf8_add(&text, codes[i]);
    const char *at = text.data;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(hwv_utf8_next(&at), codes[i]);
    hwv_text_free(&text);
}

static void test_palette(void **state)
{
    (void)state;
    for (size_t i = 0; i < HWV_PALETTE; i++) {
        assert_true(hwv_style_series(i) == hwv_style_series(i + HWV_PALETTE));
        for (size_t k = 0; k < i; k++)
            for (int dark = 0; dark < 2; dark++)
                assert_string_not_equal(hwv_style_hex(hwv_style_series(i), dark),
                                        hwv_style_hex(hwv_style_series(k), dark));
    }
}

static size_t read_back(FILE *file, char *buffer, size_t size)
{
    rewind(file);
    size_t n = fread(buffer, 1, size - 1, file);
    buffer[n] = '\0';
    return n;
}

static void test_progress_file(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    char seen[400];
    hwv_progress progress;
    assert_non_null(file);
    hwv_progress_begin(&progress, file, &narrow, "train");
    hwv_progress_step(&progress, 0.5, "loss 1");
    hwv_progress_line(&progress, "epoch 1/2  loss 1.0");
    hwv_progress_step(&progress, 1, NULL);
    hwv_progress_end(&progress);
    read_back(file, seen, sizeof seen);
    assert_string_equal(seen, "epoch 1/2  loss 1.0\n");
    fclose(file);
    hwv_progress_begin(&progress, NULL, &narrow, NULL);
    hwv_progress_step(&progress, 0.5, NULL);
    hwv_progress_line(&progress, "nothing");
    hwv_progress_end(&progress);
}

static void test_progress_terminal(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    char seen[1000];
    hwv_progress progress;
    hwv_term term = {.width = 60, .height = 24, .utf8 = true, .tty = true};
    assert_non_null(file);
    hwv_progress_begin(&progress, file, &term, "train");
    hwv_progress_step(&progress, 0.5, "loss 1");
    size_t first = read_back(file, seen, sizeof seen);
    assert_string_equal(seen, "train ━━━━━━━───────  50 %  loss 1");
    /* Too soon: not drawn. */
    hwv_progress_step(&progress, 0.6, "loss 1");
    fflush(file);
    assert_int_equal(ftell(file), (long)first);
    hwv_progress_line(&progress, "epoch 1");
    read_back(file, seen, sizeof seen);
    char expected[200];
    snprintf(expected, sizeof expected, "\r%*s\repoch 1\n", 59, "");
    assert_string_equal(seen + first, expected);
    fclose(file);
}

static void test_progress_width(void **state)
{
    (void)state;
    static const double shares[] = {0, 0.333, 0.5, 0.999, 1, 7, -1, NAN};
    for (int width = 20; width < 140; width += 7)
        for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
            for (int utf8 = 0; utf8 < 2; utf8++) {
                hwv_term term = {.width = width, .height = 24, .utf8 = utf8 != 0, .tty = true};
                hwv_text text = {0};
                hwv_progress_render(&term, "a label of some length", shares[i], 75, "loss 0.123  error 4.5 %", &text);
                assert_false(text.failed);
                assert_true(hwv_utf8_width(text.data) < (size_t)width);
                hwv_text_free(&text);
            }
    hwv_text text = {0};
    hwv_progress_render(&(hwv_term){.width = 80, .height = 24}, NULL, 0.25, 125, "loss 1.2", &text);
    assert_string_equal(text.data, "#####..............  25 %  loss 1.2  2 min 5 s left");
    hwv_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_color),
                                       cmocka_unit_test(test_utf8_locale),
                                       cmocka_unit_test(test_size),
                                       cmocka_unit_test(test_wrap),
                                       cmocka_unit_test(test_cut),
                                       cmocka_unit_test(test_utf8),
                                       cmocka_unit_test(test_palette),
                                       cmocka_unit_test(test_progress_file),
                                       cmocka_unit_test(test_progress_terminal),
                                       cmocka_unit_test(test_progress_width)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
