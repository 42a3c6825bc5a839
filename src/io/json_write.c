/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The JSON writer. */
#include "halfwave/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/number.h"
#include "io/utf8.h"

hwv_json_writer hwv_json_writer_make(hwv_text *text, int indent)
{
    return (hwv_json_writer){.text = text, .indent = indent < 0 ? 0 : indent};
}

static bool misuse(hwv_json_writer *w, const char *what)
{
    if (!w->misuse)
        w->misuse = what;
    return false;
}

static void break_line(hwv_json_writer *w, size_t depth)
{
    hwv_text_puts(w->text, "\n");
    for (size_t i = 0; i < depth * (size_t)w->indent; i++)
        hwv_text_puts(w->text, " ");
}

/* Comma and white space before an element or a member of the innermost level. */
static void separate(hwv_json_writer *w, bool own_line)
{
    size_t top = w->depth - 1;
    if (w->filled[top])
        hwv_text_puts(w->text, ",");
    if (own_line && w->indent > 0)
        break_line(w, w->depth);
    else if (w->filled[top])
        hwv_text_puts(w->text, " ");
    w->filled[top] = true;
    w->broken[top] = own_line;
}

/* What precedes any value; false when none may stand here. */
static bool begin_value(hwv_json_writer *w, bool container)
{
    if (w->misuse || w->done)
        return misuse(w, "a value after the end of the document");
    if (w->depth == 0)
        return true;
    if (!w->in_object[w->depth - 1])
        separate(w, container);
    else if (!w->keyed)
        return misuse(w, "a value in an object without a key");
    w->keyed = false;
    return true;
}

static void scalar(hwv_json_writer *w, const char *text)
{
    if (!begin_value(w, false))
        return;
    hwv_text_puts(w->text, text);
    w->done = w->depth == 0;
}

static void begin_container(hwv_json_writer *w, bool object)
{
    if (!begin_value(w, true))
        return;
    if (w->depth == HWV_JSON_DEPTH) {
        misuse(w, "more levels than HWV_JSON_DEPTH");
        return;
    }
    hwv_text_puts(w->text, object ? "{" : "[");
    w->in_object[w->depth] = object;
    w->filled[w->depth] = false;
    w->broken[w->depth] = false;
    w->depth++;
}

void hwv_json_begin_object(hwv_json_writer *writer)
{
    begin_container(writer, true);
}

void hwv_json_begin_array(hwv_json_writer *writer)
{
    begin_container(writer, false);
}

void hwv_json_end(hwv_json_writer *w)
{
    if (w->misuse)
        return;
    if (w->depth == 0 || w->keyed) {
        misuse(w, w->keyed ? "an end after a key" : "an end with nothing open");
        return;
    }
    size_t top = --w->depth;
    if (w->broken[top] && w->indent > 0)
        break_line(w, top);
    hwv_text_puts(w->text, w->in_object[top] ? "}" : "]");
    w->done = w->depth == 0;
}

/* The string in quotes. Runs that need no escape are added as they are. */
static void add_quoted(hwv_text *text, const char *string, size_t length)
{
    hwv_text_puts(text, "\"");
    size_t begin = 0, i = 0;
    while (i < length) {
        unsigned char c = (unsigned char)string[i];
        size_t n = hwv_utf8_length(string + i, length - i);
        if (n > 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
            i += n;
            continue;
        }
        hwv_text_add(text, string + begin, i - begin);
        if (n == 0 || c == 0)
            hwv_text_puts(text, "\xef\xbf\xbd");
        else if (c == '"' || c == '\\')
            hwv_text_printf(text, "\\%c", c);
        else if (c == '\n')
            hwv_text_puts(text, "\\n");
        else if (c == '\t')
            hwv_text_puts(text, "\\t");
        else
            hwv_text_printf(text, "\\u%04x", c);
        begin = ++i;
    }
    hwv_text_add(text, string + begin, length - begin);
    hwv_text_puts(text, "\"");
}

void hwv_json_key(hwv_json_writer *w, const char *key)
{
    if (w->misuse)
        return;
    if (w->depth == 0 || !w->in_object[w->depth - 1] || w->keyed) {
        misuse(w, w->keyed ? "a key after a key" : "a key outside an object");
        return;
    }
    separate(w, true);
    add_quoted(w->text, key, strlen(key));
    hwv_text_puts(w->text, ": ");
    w->keyed = true;
}

void hwv_json_string(hwv_json_writer *w, const char *string)
{
    if (string)
        hwv_json_bytes(w, string, strlen(string));
    else
        hwv_json_null(w);
}

void hwv_json_bytes(hwv_json_writer *w, const char *bytes, size_t length)
{
    if (!begin_value(w, false))
        return;
    add_quoted(w->text, bytes, length);
    w->done = w->depth == 0;
}

void hwv_json_number(hwv_json_writer *writer, double value)
{
    char digits[HWV_NUMBER_BYTES] = "null";
    if (isfinite(value))
        hwv_number_format(digits, value);
    scalar(writer, digits);
}

void hwv_json_float(hwv_json_writer *writer, float value)
{
    char digits[HWV_NUMBER_BYTES] = "null";
    if (isfinite(value))
        hwv_number_format_float(digits, value);
    scalar(writer, digits);
}

void hwv_json_integer(hwv_json_writer *writer, int64_t value)
{
    char digits[32];
    (void)snprintf(digits, sizeof digits, "%" PRId64, value);
    scalar(writer, digits);
}

void hwv_json_bool(hwv_json_writer *writer, bool value)
{
    scalar(writer, value ? "true" : "false");
}

void hwv_json_null(hwv_json_writer *writer)
{
    scalar(writer, "null");
}

hwv_status hwv_json_finish(hwv_json_writer *w, hwv_error *error)
{
    if (!w->misuse && !w->done)
        misuse(w, w->depth > 0 ? "an object or array was not ended" : "no value");
    if (w->misuse)
        return hwv_fail(error, HWV_ERR_INTERNAL, "JSON writer: %s", w->misuse);
    hwv_text_puts(w->text, "\n");
    return w->text->failed ? hwv_fail(error, HWV_ERR_MEMORY, "no memory for a JSON text of %zu bytes", w->text->length)
                           : HWV_OK;
}
