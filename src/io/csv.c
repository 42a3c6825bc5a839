/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * CSV. */
#include "io/csv.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "halfwave/memory.h"
#include "io/number.h"

typedef struct reader {
    const char *at, *end; /* what is still to be read */
    size_t line, column;  /* of the field at hand, from 1 */
    char separator;
    bool labelled; /* the last field of a row is its label */
    hwv_error *error;
} reader;

typedef struct field {
    const char *text; /* without quotes and blanks around it */
    size_t length;
} field;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static hwv_status fail_field(const reader *r, const field *f, const char *what)
{
    if (f->length == 0)
        return hwv_fail(r->error, HWV_ERR_FORMAT, "line %zu, column %zu: an empty field, %s expected", r->line,
                        r->column, what);
    return hwv_fail(r->error, HWV_ERR_FORMAT, "line %zu, column %zu: found \"%.*s\", %s expected", r->line, r->column,
                    f->length < 40 ? (int)f->length : 40, f->text, what);
}

/* The end of the line at r->at: its LF, or the end of the text. */
static const char *line_end(const reader *r)
{
    const char *lf = memchr(r->at, '\n', (size_t)(r->end - r->at));
    return lf ? lf : r->end;
}

static void trim(field *f, char separator)
{
    while (f->length > 0 && is_blank(f->text[0]) && f->text[0] != separator) {
        f->text++;
        f->length--;
    }
    while (f->length > 0 && is_blank(f->text[f->length - 1]))
        f->length--;
}

/* The next field of the line that ends at `end`; r->at moves behind it and its separator, *last says that none
 * follows. */
static hwv_status next_field(reader *r, const char *end, field *f, bool *last)
{
    const char *p = r->at;
    while (p < end && is_blank(*p) && *p != r->separator)
        p++;
    if (p < end && *p == '"') {
        const char *begin = ++p;
        while (p < end && (*p != '"' || (p + 1 < end && p[1] == '"')))
            p += *p == '"' ? 2 : 1;
        *f = (field){begin, (size_t)(p - begin)};
        if (p == end)
            return hwv_fail(r->error, HWV_ERR_FORMAT, "line %zu, column %zu: a quote that is not closed on its line",
                            r->line, r->column);
        for (p++; p < end && is_blank(*p) && *p != r->separator; p++)
            continue;
        if (p < end && *p != r->separator)
            return hwv_fail(r->error, HWV_ERR_FORMAT, "line %zu, column %zu: text after a closing quote", r->line,
                            r->column);
    } else {
        const char *found = memchr(p, r->separator, (size_t)(end - p));
        *f = (field){p, (size_t)((found ? found : end) - p)};
        p += f->length;
    }
    trim(f, r->separator);
    *last = p == end;
    r->at = *last ? p : p + 1;
    return HWV_OK;
}

/* A whole field as a number; "nan", "inf", "infinity" in any case too. */
static bool read_number(const field *f, double *value)
{
    if (f->length == 0)
        return false;
    if (hwv_number_parse(f->text, f->length, value) == f->length)
        return true;
    static const char *const words[] = {"nan", "inf", "infinity"};
    size_t sign = f->text[0] == '-' || f->text[0] == '+';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]), same = 0;
        while (same < n && same + sign < f->length && (f->text[same + sign] | 0x20) == words[i][same])
            same++;
        if (same == n && n + sign == f->length) {
            *value = i == 0 ? (double)NAN : f->text[0] == '-' ? -(double)INFINITY : (double)INFINITY;
            return true;
        }
    }
    return false;
}

/* The line at r->at without its CR; r->line is its number. False at the end of the text. */
static bool begin_line(reader *r, const char **end, const char **next)
{
    while (r->at < r->end) {
        const char *lf = line_end(r), *p = r->at;
        *next = lf < r->end ? lf + 1 : lf;
        *end = lf > r->at && lf[-1] == '\r' ? lf - 1 : lf;
        r->line++;
        r->column = 1;
        while (p < *end && is_blank(*p))
            p++;
        if (p < *end)
            return true;
        r->at = *next;
    }
    return false;
}

/* Number of fields of the line, and how many of them are numbers. */
static hwv_status count_fields(reader *r, const char *end, size_t *fields, size_t *numbers)
{
    bool last = false;
    *fields = *numbers = 0;
    while (!last) {
        field f;
        double value;
        HWV_TRY(next_field(r, end, &f, &last));
        ++*fields;
        r->column++;
        *numbers += read_number(&f, &value);
    }
    return HWV_OK;
}

static hwv_status read_value(const reader *r, const field *f, float *value)
{
    double number;
    if (!read_number(f, &number))
        return fail_field(r, f, "a number");
    *value = (float)number;
    return isfinite(*value) ? HWV_OK : fail_field(r, f, "a finite number");
}

static hwv_status read_label(const reader *r, const field *f, int32_t *label)
{
    double number;
    if (!read_number(f, &number) || !(number >= 0) || number >= HWV_CLASSES_MAX || number != floor(number))
        return fail_field(r, f, "a label (a whole number from 0 to 65535)");
    *label = (int32_t)number;
    return HWV_OK;
}

/* The fields of one row. */
static hwv_status read_row(reader *r, const char *end, hwv_csv *csv)
{
    float *values = csv->values + csv->rows * csv->features;
    const size_t fields = csv->features + r->labelled;
    bool last = false;
    for (size_t i = 0; i < fields; i++, r->column++) {
        field f;
        if (last)
            return hwv_fail(r->error, HWV_ERR_FORMAT, "line %zu: %zu fields, %zu expected as in the first line",
                            r->line, i, fields);
        HWV_TRY(next_field(r, end, &f, &last));
        if (i + 1 == fields && !last)
            return hwv_fail(r->error, HWV_ERR_FORMAT, "line %zu: more than the %zu fields of the first line", r->line,
                            fields);
        if (i < csv->features)
            HWV_TRY(read_value(r, &f, &values[i]));
        else
            HWV_TRY(read_label(r, &f, &csv->labels[csv->rows]));
    }
    csv->lines[csv->rows++] = (uint32_t)r->line;
    return HWV_OK;
}

/* Room for the rows of the rest of the text. A row has a byte and a separator for each field, so the text bounds
 * the values, whatever its first line claims. */
static hwv_status make_room(const reader *r, hwv_csv *csv)
{
    size_t size = (size_t)(r->end - r->at), rows = 1, values;
    for (const char *p = r->at; p < r->end && (p = memchr(p, '\n', (size_t)(r->end - p))) != NULL; p++)
        rows++;
    size_t most = size / (2 * (csv->features + r->labelled)) + 1;
    rows = rows < most ? rows : most;
    if (r->labelled)
        csv->labels = hwv_calloc(rows, sizeof *csv->labels);
    csv->lines = hwv_calloc(rows, sizeof *csv->lines);
    if (hwv_size_mul(rows, csv->features, &values))
        csv->values = hwv_calloc(values, sizeof *csv->values);
    if ((r->labelled && !csv->labels) || !csv->lines || !csv->values)
        return hwv_fail(r->error, HWV_ERR_MEMORY, "no memory for %zu rows of %zu values", rows, csv->features);
    return HWV_OK;
}

static char find_separator(const char *line, const char *end)
{
    static const char candidates[] = ",\t;";
    for (const char *c = candidates; *c; c++)
        if (memchr(line, *c, (size_t)(end - line)))
            return *c;
    return ',';
}

static hwv_status read_all(reader *r, hwv_csv *csv)
{
    const char *end, *next;
    size_t fields, numbers;
    if (r->end - r->at >= 3 && memcmp(r->at, "\xef\xbb\xbf", 3) == 0)
        r->at += 3;
    if (!begin_line(r, &end, &next))
        return hwv_fail(r->error, HWV_ERR_FORMAT, "line 1: the file has no rows");
    r->separator = find_separator(r->at, end);
    const char *first = r->at;
    HWV_TRY(count_fields(r, end, &fields, &numbers));
    if (fields < 2 && r->labelled)
        return hwv_fail(r->error, HWV_ERR_FORMAT, "line %zu: one field, at least one value and a label are expected",
                        r->line);
    csv->features = fields - r->labelled;
    r->at = first;
    r->column = 1;
    bool more = true;
    if (numbers == 0) {
        r->at = next;
        more = begin_line(r, &end, &next);
    }
    HWV_TRY(make_room(r, csv));
    for (; more; more = begin_line(r, &end, &next)) {
        HWV_TRY(read_row(r, end, csv));
        r->at = next;
    }
    return csv->rows > 0 ? HWV_OK
                         : hwv_fail(r->error, HWV_ERR_FORMAT, "line %zu: the file has a header but no rows", r->line);
}

static hwv_status parse(hwv_csv *csv, const char *text, size_t size, bool labelled, hwv_error *error)
{
    *csv = (hwv_csv){0};
    reader r = {.at = text, .end = text + size, .separator = ',', .labelled = labelled, .error = error};
    hwv_status status = read_all(&r, csv);
    if (status != HWV_OK)
        hwv_csv_free(csv);
    return status;
}

hwv_status hwv_csv_parse(hwv_csv *csv, const char *text, size_t size, hwv_error *error)
{
    return parse(csv, text, size, true, error);
}

hwv_status hwv_csv_parse_values(hwv_csv *csv, const char *text, size_t size, hwv_error *error)
{
    return parse(csv, text, size, false, error);
}

void hwv_csv_free(hwv_csv *csv)
{
    hwv_free(csv->values);
    hwv_free(csv->labels);
    hwv_free(csv->lines);
    *csv = (hwv_csv){0};
}
