/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The JSON reader. The same walk runs twice: first it checks and counts, then, in one block of just
 * the size needed, it builds. No recursion: open containers stand on a stack of HWV_JSON_DEPTH. */
#include "halfwave/json.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/memory.h"
#include "io/number.h"
#include "io/utf8.h"

typedef struct reader {
    const char *text;
    size_t length, at;
    hwv_error *error;
    hwv_json_value *values; /* NULL while counting */
    size_t value_count;
    char *strings; /* NULL while counting */
    size_t string_bytes;
    size_t widest; /* members of the largest object */
} reader;

typedef struct level {
    bool object;
    size_t count;
    hwv_json_value *value, *last;
} level;

static hwv_status fail_at(const reader *r, size_t offset, const char *what)
{
    return hwv_fail(r->error, HWV_ERR_FORMAT, "JSON, offset %zu: %s", offset, what);
}

/* "found '}', expected ..." at the current place. */
static hwv_status fail_found(const reader *r, const char *expected)
{
    if (r->at >= r->length)
        return hwv_fail(r->error, HWV_ERR_FORMAT, "JSON, offset %zu: the text ends here, expected %s", r->at, expected);
    unsigned char c = (unsigned char)r->text[r->at];
    if (c >= 0x20 && c < 0x7f)
        return hwv_fail(r->error, HWV_ERR_FORMAT, "JSON, offset %zu: found '%c', expected %s", r->at, c, expected);
    return hwv_fail(r->error, HWV_ERR_FORMAT, "JSON, offset %zu: found byte 0x%02x, expected %s", r->at, c, expected);
}

/* The byte at the current place, 0 at the end (a NUL in the text is no JSON either). */
static char peek(const reader *r)
{
    return r->at < r->length ? r->text[r->at] : '\0';
}

static void skip_space(reader *r)
{
    while (r->at < r->length &&
           (r->text[r->at] == ' ' || r->text[r->at] == '\t' || r->text[r->at] == '\n' || r->text[r->at] == '\r'))
        r->at++;
}

static void put(reader *r, unsigned c)
{
    if (r->strings)
        r->strings[r->string_bytes] = (char)(unsigned char)c;
    r->string_bytes++;
}

static void put_code_point(reader *r, uint32_t c)
{
    char bytes[4];
    size_t n = hwv_utf8_encode(c, bytes);
    for (size_t i = 0; i < n; i++)
        put(r, (unsigned char)bytes[i]);
}

/* Four hexadecimal digits after \u. */
static hwv_status read_hex(reader *r, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        char c = peek(r);
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F')
            digit = (uint32_t)(c - 'A') + 10;
        else
            return fail_found(r, "four hexadecimal digits after \\u");
        *code = *code << 4 | digit;
    }
    return HWV_OK;
}

/* What follows a backslash. */
static hwv_status read_escape(reader *r)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    size_t start = r->at - 1;
    char c = peek(r);
    const char *simple = c ? strchr(from, c) : NULL;
    if (simple) {
        r->at++;
        put(r, (unsigned char)to[simple - from]);
        return HWV_OK;
    }
    if (c != 'u')
        return fail_found(r, "one of \" \\ / b f n r t u after a backslash");
    r->at++;
    uint32_t code, low;
    HWV_TRY(read_hex(r, &code));
    if (code >= 0xdc00 && code <= 0xdfff)
        return fail_at(r, start, "second half of a surrogate pair without the first");
    if (code >= 0xd800 && code <= 0xdbff) {
        if (r->length - r->at < 2 || r->text[r->at] != '\\' || r->text[r->at + 1] != 'u')
            return fail_at(r, start, "first half of a surrogate pair without the second");
        r->at += 2;
        HWV_TRY(read_hex(r, &low));
        if (low < 0xdc00 || low > 0xdfff)
            return fail_at(r, start, "first half of a surrogate pair without the second");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (code == 0)
        return hwv_fail(r->error, HWV_ERR_UNSUPPORTED, "JSON, offset %zu: \\u0000 in a string is not supported", start);
    put_code_point(r, code);
    return HWV_OK;
}

/* A string at the current place; *string points into the block, or is NULL while counting. */
static hwv_status read_string(reader *r, const char **string, size_t *length)
{
    size_t begin = r->string_bytes;
    *string = r->strings ? r->strings + begin : NULL;
    r->at++;
    while (peek(r) != '"') {
        if (r->at >= r->length)
            return fail_found(r, "the '\"' that ends the string");
        unsigned char c = (unsigned char)r->text[r->at];
        if (c < 0x20)
            return fail_found(r, "no control character in a string (write it as \\u00XX)");
        if (c == '\\') {
            r->at++;
            HWV_TRY(read_escape(r));
            continue;
        }
        size_t n = hwv_utf8_length(r->text + r->at, r->length - r->at);
        if (n == 0)
            return fail_found(r, "UTF-8");
        for (size_t i = 0; i < n; i++)
            put(r, (unsigned char)r->text[r->at++]);
    }
    r->at++;
    *length = r->string_bytes - begin;
    put(r, '\0');
    return HWV_OK;
}

static size_t skip_digits(reader *r)
{
    size_t begin = r->at;
    while (peek(r) >= '0' && peek(r) <= '9')
        r->at++;
    return r->at - begin;
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
static hwv_status read_number(reader *r, hwv_json_value *value)
{
    size_t begin = r->at;
    bool negative = peek(r) == '-';
    r->at += negative;
    size_t first = r->at, digits = skip_digits(r);
    if (digits == 0)
        return fail_found(r, "a digit");
    if (r->text[first] == '0' && digits > 1)
        return fail_at(r, first, "a number with a leading zero");
    bool integral = true;
    if (peek(r) == '.') {
        integral = false;
        r->at++;
        if (skip_digits(r) == 0)
            return fail_found(r, "a digit after the decimal point");
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        integral = false;
        r->at++;
        if (peek(r) == '+' || peek(r) == '-')
            r->at++;
        if (skip_digits(r) == 0)
            return fail_found(r, "a digit in the exponent");
    }
    value->type = HWV_JSON_NUMBER;
    if (hwv_number_parse(r->text + begin, r->at - begin, &value->number) != r->at - begin)
        return hwv_fail(r->error, HWV_ERR_INTERNAL, "JSON, offset %zu: number not read to its end", begin);
    if (!isfinite(value->number))
        return fail_at(r, begin, "the number does not fit a double");
    if (!integral || digits > 19)
        return HWV_OK;
    uint64_t magnitude = 0;
    for (size_t i = 0; i < digits; i++)
        magnitude = magnitude * 10 + (uint64_t)(r->text[first + i] - '0');
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return HWV_OK;
    value->integral = true;
    value->integer = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return HWV_OK;
}

static bool read_word(reader *r, const char *word)
{
    size_t n = strlen(word);
    if (r->length - r->at < n || memcmp(r->text + r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

/* A value that is no container. */
static hwv_status read_scalar(reader *r, hwv_json_value *value)
{
    char c = peek(r);
    if (c == '"') {
        value->type = HWV_JSON_STRING;
        return read_string(r, &value->string, &value->count);
    }
    if (c == '-' || (c >= '0' && c <= '9'))
        return read_number(r, value);
    if (read_word(r, "null"))
        return HWV_OK;
    value->type = HWV_JSON_BOOL;
    if (read_word(r, "false"))
        return HWV_OK;
    value->boolean = true;
    if (read_word(r, "true"))
        return HWV_OK;
    return fail_found(r, "a value");
}

/* `name :` before a member's value. */
static hwv_status read_key(reader *r, const char **key)
{
    size_t length;
    if (peek(r) != '"')
        return fail_found(r, "a member's name in quotes");
    HWV_TRY(read_string(r, key, &length));
    skip_space(r);
    if (peek(r) != ':')
        return fail_found(r, "':' after a member's name");
    r->at++;
    skip_space(r);
    return HWV_OK;
}

/* Hangs a finished or opened value under its parent. */
static void link_value(level *parent, hwv_json_value *value)
{
    parent->count++;
    if (!parent->value)
        return;
    if (parent->last)
        parent->last->next = value;
    else
        parent->value->first = value;
    parent->last = value;
    parent->value->count = parent->count;
}

static hwv_status read_document(reader *r)
{
    level open[HWV_JSON_DEPTH];
    size_t depth = 0;
    for (;;) {
        hwv_json_value counted = {0};
        hwv_json_value *value = r->values ? r->values + r->value_count : &counted;
        skip_space(r);
        if (depth > 0 && open[depth - 1].object)
            HWV_TRY(read_key(r, &value->key));
        r->value_count++;
        value->offset = r->at;
        if (depth > 0)
            link_value(&open[depth - 1], value);
        char c = peek(r);
        if (c == '{' || c == '[') {
            if (depth == HWV_JSON_DEPTH)
                return hwv_fail(r->error, HWV_ERR_FORMAT, "JSON, offset %zu: more than %d levels deep", r->at,
                                HWV_JSON_DEPTH);
            value->type = c == '{' ? HWV_JSON_OBJECT : HWV_JSON_ARRAY;
            open[depth++] = (level){.object = c == '{', .value = r->values ? value : NULL};
            r->at++;
            skip_space(r);
            if (peek(r) != (c == '{' ? '}' : ']'))
                continue;
        } else {
            HWV_TRY(read_scalar(r, value));
        }
        for (;;) { /* after a value: close what ends here, or go on to the next element */
            skip_space(r);
            if (depth == 0)
                return r->at == r->length ? HWV_OK : fail_found(r, "nothing more");
            bool object = open[depth - 1].object;
            if (peek(r) == ',' && open[depth - 1].count > 0)
                break;
            if (peek(r) != (object ? '}' : ']'))
                return fail_found(r, object ? "',' or '}'" : "',' or ']'");
            r->at++;
            depth--;
            if (object && open[depth].count > r->widest)
                r->widest = open[depth].count;
        }
        r->at++;
    }
}

static int compare_members(const void *a, const void *b)
{
    const hwv_json_value *const *x = a, *const *y = b;
    int order = strcmp((*x)->key, (*y)->key);
    if (order == 0) /* the later one is the one to complain about */
        order = ((*x)->offset > (*y)->offset) - ((*x)->offset < (*y)->offset);
    return order;
}

/* Names that occur twice in one object: sorted, so that a large object costs n log n. */
static hwv_status refuse_duplicates(const reader *r, hwv_error *error)
{
    if (r->widest < 2)
        return HWV_OK;
    const hwv_json_value **members = hwv_calloc(r->widest, sizeof(*members));
    if (!members)
        return hwv_fail(error, HWV_ERR_MEMORY, "JSON: no memory to compare %zu names", r->widest);
    hwv_status status = HWV_OK;
    for (size_t i = 0; i < r->value_count && status == HWV_OK; i++) {
        if (r->values[i].type != HWV_JSON_OBJECT)
            continue;
        size_t n = 0;
        for (const hwv_json_value *m = r->values[i].first; m; m = m->next)
            members[n++] = m;
        qsort(members, n, sizeof(*members), compare_members);
        for (size_t j = 1; j < n && status == HWV_OK; j++)
            if (strcmp(members[j - 1]->key, members[j]->key) == 0)
                status = hwv_fail(error, HWV_ERR_FORMAT,
                                  "JSON, offset %zu: the name \"%.60s\" was already used in this object",
                                  members[j]->offset, members[j]->key);
    }
    hwv_free(members);
    return status;
}

hwv_status hwv_json_parse(hwv_json_value **root, const char *bytes, size_t length, hwv_error *error)
{
    *root = NULL;
    reader count = {.text = bytes, .length = length, .error = error};
    HWV_TRY(read_document(&count));
    size_t size;
    if (!hwv_size_mul(count.value_count, sizeof(hwv_json_value), &size) ||
        !hwv_size_add(size, count.string_bytes, &size))
        return hwv_fail(error, HWV_ERR_MEMORY, "JSON: %zu values are too many", count.value_count);
    hwv_json_value *values = hwv_calloc(1, size);
    if (!values)
        return hwv_fail(error, HWV_ERR_MEMORY, "JSON: no memory for %zu values (%zu bytes)", count.value_count, size);
    reader build = {.text = bytes, .length = length, .error = error, .values = values};
    build.strings = (char *)(values + count.value_count);
    hwv_status status = read_document(&build);
    assert(status != HWV_OK || (build.value_count == count.value_count && build.string_bytes == count.string_bytes));
    if (status == HWV_OK)
        status = refuse_duplicates(&build, error);
    if (status != HWV_OK) {
        hwv_free(values);
        return status;
    }
    *root = values;
    return HWV_OK;
}

void hwv_json_free(hwv_json_value *root)
{
    hwv_free(root);
}

const hwv_json_value *hwv_json_get(const hwv_json_value *object, const char *key)
{
    if (!object || object->type != HWV_JSON_OBJECT)
        return NULL;
    for (const hwv_json_value *member = object->first; member; member = member->next)
        if (strcmp(member->key, key) == 0)
            return member;
    return NULL;
}

const char *hwv_json_type_name(hwv_json_type type)
{
    static const char *const names[] = {"null", "boolean", "number", "string", "array", "object"};
    return (size_t)type < sizeof names / sizeof *names ? names[type] : "unknown";
}
