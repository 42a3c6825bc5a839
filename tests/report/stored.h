/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What every text for a terminal must keep, and stored texts (HWV_REWRITE=1 writes them anew: look at the difference
 * before keeping it). Included by the tests of this folder behind cmocka.h. */
#ifndef TESTS_REPORT_STORED_H
#define TESTS_REPORT_STORED_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "report/term.h"
#include "report/utf8.h"

#define EXPECTED HWV_SOURCE "/tests/report/expected/"

/* Stored files show escapes as \e, so that they can be read and diffed. */
static void show_escapes(const hwv_text *text, hwv_text *shown)
{
    for (size_t i = 0; i < text->length; i++)
        if (text->data[i] == '\033')
            hwv_text_puts(shown, "\\e");
        else
            hwv_text_add(shown, &text->data[i], 1);
}

/* Is the stored text of that name this one? */
static bool is_stored(const char *name, const hwv_text *drawn)
{
    char path[400];
    hwv_text text = {0};
    hwv_error error = {0};
    assert_false(drawn->failed);
    show_escapes(drawn, &text);
    snprintf(path, sizeof path, EXPECTED "%s.txt", name);
    if (getenv("HWV_REWRITE") != NULL)
        assert_int_equal(hwv_file_write(path, text.data, text.length, &error), HWV_OK);
    hwv_file file = {0};
    if (hwv_file_read(&file, path, 0, NULL, &error) != HWV_OK)
        fail_msg("%s", error.text);
    bool same = file.size == text.length && memcmp(file.data, text.data, text.length) == 0;
    if (!same)
        print_error("%s differs; drawn now:\n%s", path, drawn->data);
    hwv_file_free(&file);
    hwv_text_free(&text);
    return same;
}

static bool keeps_target(const char *text, const hwv_term *term, const char **why)
{
    size_t column = 0;
    bool styled = false;
    while (*text != '\0') {
        if (*text == '\033') {
            size_t length = strspn(text + 1, "[0123456789;") + 2;
            *why = "escape on a target without colour";
            if (!term->color)
                return false;
            *why = "an escape that is no style";
            if (text[1] != '[' || text[length - 1] != 'm')
                return false;
            styled = strncmp(text, "\033[0m", 4) != 0;
            text += length;
            continue;
        }
        *why = "not ASCII";
        if (!term->utf8 && (unsigned char)*text >= 0x80)
            return false;
        *why = "a control character";
        if ((unsigned char)*text < 0x20 && *text != '\n')
            return false;
        if (*text == '\n') {
            *why = "trailing space";
            if (column > 0 && text[-1] == ' ')
                return false;
            *why = "a style that goes on over the end of a line";
            if (styled)
                return false;
            column = 0;
            text++;
            continue;
        }
        column += hwv_utf8_columns(hwv_utf8_next(&text));
        *why = "too wide";
        if (column > (size_t)term->width)
            return false;
    }
    *why = "no line end";
    return column == 0;
}

#endif
