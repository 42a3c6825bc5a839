/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Values of options: reading, checking against their range, printing. Nothing here depends on the
 * locale, because the tool never sets one. */
#include "cli.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t digits(const char *text, size_t length)
{
    size_t n = 0;
    while (n < length && text[n] >= '0' && text[n] <= '9')
        n++;
    return n;
}

/* strtod would take hexadecimal numbers, "inf", "nan" and leading spaces too. */
bool hwv_cli_number(const char *text, size_t length, double *value)
{
    char copy[64];
    if (length == 0 || length >= sizeof copy)
        return false;
    size_t at = text[0] == '+' || text[0] == '-';
    size_t whole = digits(text + at, length - at), part = 0;
    at += whole;
    if (at < length && text[at] == '.') {
        part = digits(text + at + 1, length - at - 1);
        at += 1 + part;
    }
    if (whole + part == 0)
        return false;
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        at += at < length && (text[at] == '+' || text[at] == '-');
        size_t exponent = digits(text + at, length - at);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    if (at != length)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    *value = strtod(copy, NULL);
    return isfinite(*value);
}

bool hwv_cli_whole(const char *text, size_t length, uint64_t *value)
{
    if (length == 0 || digits(text, length) != length)
        return false;
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}

bool hwv_cli_bytes(const char *text, size_t length, size_t *bytes)
{
    static const struct {
        const char *name;
        size_t factor;
    } units[] = {{"", 1}, {"B", 1}, {"KiB", (size_t)1 << 10}, {"MiB", (size_t)1 << 20}, {"GiB", (size_t)1 << 30}};
    size_t number_length = digits(text, length);
    uint64_t number;
    if (!hwv_cli_whole(text, number_length, &number))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strlen(units[i].name) == length - number_length &&
            memcmp(units[i].name, text + number_length, length - number_length) == 0) {
            if (number > SIZE_MAX / units[i].factor)
                return false;
            *bytes = (size_t)number * units[i].factor;
            return true;
        }
    return false;
}

/* The word that a number stands for, or NULL. */
static const char *word_of(const hwv_cli_option *option, double value)
{
    return isnan(value) ? option->word : NULL;
}

static void number_print(double value, hwv_text *text)
{
    hwv_text_printf(text, "%.10g", value);
}

static void range_print(const hwv_cli_option *option, hwv_text *text)
{
    bool share = option->kind == HWV_CLI_SHARE, whole = option->kind == HWV_CLI_SIZE;
    if (option->kind == HWV_CLI_SEED) {
        hwv_text_puts(text, "a whole number from 0 to 18446744073709551615");
        return;
    }
    hwv_text_puts(text, whole ? "a whole number" : share ? "a share such as 0.05 or 5%," : "a number");
    bool no_end = option->high >= (whole ? 1e15 : DBL_MAX);
    if (no_end) {
        hwv_text_puts(text, option->open_low ? " above " : ", ");
        number_print(option->low, text);
        hwv_text_puts(text, option->open_low ? "" : " or more");
        return;
    }
    hwv_text_puts(text, option->open_low ? " above " : " from ");
    number_print(option->low, text);
    hwv_text_puts(text, option->open_low ? " and up to " : " to ");
    number_print(option->high, text);
    if (option->open_high)
        hwv_text_puts(text, " (not included)");
}

void hwv_cli_value_range(const hwv_cli_option *option, hwv_text *text)
{
    range_print(option, text);
    if (option->word != NULL)
        hwv_text_printf(text, ", or the word %s", option->word);
}

void hwv_cli_option_help(const hwv_cli_option *option, hwv_text *text)
{
    hwv_text_puts(text, option->help);
    for (size_t i = 0; option->kind == HWV_CLI_CHOICE && option->names(i) != NULL; i++)
        hwv_text_printf(text, "%s%s", i > 0 ? ", " : ": ", option->names(i));
}

static hwv_status refuse(const hwv_cli_option *option, const char *text, const char *why, hwv_error *error)
{
    hwv_text range = {0};
    hwv_cli_value_range(option, &range);
    hwv_fail(error, HWV_ERR_ARGUMENT, "--%s: '%.60s' is %s; it takes %s", option->name, text, why,
             range.failed ? "another" : range.data);
    hwv_text_free(&range);
    return HWV_ERR_ARGUMENT;
}

static bool inside(const hwv_cli_option *option, double value)
{
    return (option->open_low ? value > option->low : value >= option->low) &&
           (option->open_high ? value < option->high : value <= option->high);
}

static hwv_status parse_number(const hwv_cli_option *option, const char *text, double *value, hwv_error *error)
{
    size_t length = strlen(text);
    bool percent = option->kind == HWV_CLI_SHARE && length > 0 && text[length - 1] == '%';
    double number;
    if (option->word != NULL && strcmp(text, option->word) == 0) {
        *value = (double)NAN;
        return HWV_OK;
    }
    if (!hwv_cli_number(text, length - percent, &number))
        return refuse(option, text, "not a number", error);
    if (percent)
        number /= 100;
    if (!inside(option, number))
        return refuse(option, text, "out of range", error);
    *value = number;
    return HWV_OK;
}

static hwv_status parse_whole(const hwv_cli_option *option, const char *text, uint64_t *value, hwv_error *error)
{
    size_t length = strlen(text);
    double number;
    if (!hwv_cli_whole(text, length, value))
        return refuse(option, text, hwv_cli_number(text, length, &number) ? "out of range" : "not a number", error);
    if (option->kind == HWV_CLI_SIZE && (!inside(option, (double)*value) || *value > SIZE_MAX))
        return refuse(option, text, "out of range", error);
    return HWV_OK;
}

static hwv_status parse_choice(const hwv_cli_option *option, const char *text, int *value, hwv_error *error)
{
    for (int i = 0; option->names((size_t)i) != NULL; i++)
        if (strcmp(option->names((size_t)i), text) == 0) {
            *value = i;
            return HWV_OK;
        }
    char what[40] = "--";
    strncat(what, option->name, sizeof what - 3);
    return hwv_cli_unknown(error, what, text, option->names);
}

hwv_status hwv_cli_value_parse(const hwv_cli_option *option, hwv_cli_options *options, const char *text,
                               hwv_error *error)
{
    char *field = (char *)options + option->field;
    switch (option->kind) {
    case HWV_CLI_FLAG:
        *(bool *)(void *)field = true;
        return HWV_OK;
    case HWV_CLI_SIZE:
    case HWV_CLI_SEED: {
        uint64_t value = 0;
        HWV_TRY(parse_whole(option, text, &value, error));
        if (option->kind == HWV_CLI_SIZE)
            *(size_t *)(void *)field = (size_t)value;
        else
            *(uint64_t *)(void *)field = value;
        return HWV_OK;
    }
    case HWV_CLI_NUMBER:
    case HWV_CLI_SHARE:
        return parse_number(option, text, (double *)(void *)field, error);
    case HWV_CLI_TEXT:
    case HWV_CLI_FILE:
        if (text[0] == '\0')
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--%s: the value is empty; write --%s %s", option->name,
                            option->name, option->value);
        *(const char **)(void *)field = text;
        return HWV_OK;
    case HWV_CLI_TEXTS: {
        hwv_cli_texts *texts = (hwv_cli_texts *)(void *)field;
        if (text[0] == '\0' || texts->count == HWV_CLI_REPEATS)
            return hwv_fail(error, HWV_ERR_ARGUMENT,
                            text[0] ? "--%s is given more than %d times; write --%s %s"
                                    : "--%s: one of the at most %d values is empty; write --%s %s",
                            option->name, HWV_CLI_REPEATS, option->name, option->value);
        texts->text[texts->count++] = text;
        return HWV_OK;
    }
    case HWV_CLI_CHOICE: {
        int value = 0;
        HWV_TRY(parse_choice(option, text, &value, error));
        memcpy(field, &value, sizeof value);
        return HWV_OK;
    }
    }
    return hwv_fail(error, HWV_ERR_INTERNAL, "--%s has no kind", option->name);
}

static const char *choice_of(const hwv_cli_option *option, const char *field)
{
    int value;
    memcpy(&value, field, sizeof value);
    const char *name = option->names((size_t)value);
    return name != NULL ? name : "";
}

static void texts_print(const hwv_cli_texts *texts, hwv_text *text)
{
    for (size_t i = 0; i < texts->count; i++)
        hwv_text_printf(text, "%s%s", i > 0 ? "," : "", texts->text[i]);
}

void hwv_cli_value_print(const hwv_cli_option *option, const hwv_cli_options *options, hwv_text *text)
{
    const char *field = (const char *)options + option->field;
    const char *string;
    double number;
    switch (option->kind) {
    case HWV_CLI_FLAG:
        hwv_text_puts(text, *(const bool *)(const void *)field ? "yes" : "no");
        break;
    case HWV_CLI_SIZE:
        hwv_text_printf(text, "%zu", *(const size_t *)(const void *)field);
        break;
    case HWV_CLI_SEED:
        hwv_text_printf(text, "%llu", (unsigned long long)*(const uint64_t *)(const void *)field);
        break;
    case HWV_CLI_NUMBER:
    case HWV_CLI_SHARE:
        number = *(const double *)(const void *)field;
        if (word_of(option, number) != NULL)
            hwv_text_puts(text, word_of(option, number));
        else
            number_print(number, text);
        break;
    case HWV_CLI_TEXT:
    case HWV_CLI_FILE:
        string = *(const char *const *)(const void *)field;
        hwv_text_puts(text, string != NULL ? string : "");
        break;
    case HWV_CLI_TEXTS:
        texts_print((const hwv_cli_texts *)(const void *)field, text);
        break;
    case HWV_CLI_CHOICE:
        hwv_text_puts(text, choice_of(option, field));
        break;
    }
}

void hwv_cli_value_json(const hwv_cli_option *option, const hwv_cli_options *options, hwv_json_writer *json)
{
    const char *field = (const char *)options + option->field;
    uint64_t seed;
    double number;
    switch (option->kind) {
    case HWV_CLI_FLAG:
        hwv_json_bool(json, *(const bool *)(const void *)field);
        break;
    case HWV_CLI_SIZE:
        hwv_json_integer(json, (int64_t) * (const size_t *)(const void *)field);
        break;
    case HWV_CLI_SEED:
        seed = *(const uint64_t *)(const void *)field;
        if (seed <= INT64_MAX)
            hwv_json_integer(json, (int64_t)seed);
        else
            hwv_json_number(json, (double)seed);
        break;
    case HWV_CLI_NUMBER:
    case HWV_CLI_SHARE:
        number = *(const double *)(const void *)field;
        if (word_of(option, number) != NULL)
            hwv_json_string(json, word_of(option, number));
        else
            hwv_json_number(json, number);
        break;
    case HWV_CLI_TEXT:
    case HWV_CLI_FILE:
        hwv_json_string(json, *(const char *const *)(const void *)field);
        break;
    case HWV_CLI_TEXTS: {
        hwv_text text = {0};
        texts_print((const hwv_cli_texts *)(const void *)field, &text);
        json->text->failed = json->text->failed || text.failed;
        hwv_json_string(json, text.data);
        hwv_text_free(&text);
        break;
    }
    case HWV_CLI_CHOICE:
        hwv_json_string(json, choice_of(option, field));
        break;
    }
}

size_t hwv_cli_list_next(const char **at, const char **entry)
{
    const char *begin = *at, *end;
    int depth = 0;
    while (*begin == ' ')
        begin++;
    for (end = begin; *end != '\0' && (depth > 0 || *end != ','); end++)
        depth += (*end == '(') - (*end == ')');
    *at = *end == ',' ? end + 1 : NULL;
    while (end > begin && end[-1] == ' ')
        end--;
    *entry = begin;
    return (size_t)(end - begin);
}

void hwv_cli_value_copy(const hwv_cli_option *option, hwv_cli_options *to, const hwv_cli_options *from)
{
    static const size_t sizes[] = {[HWV_CLI_FLAG] = sizeof(bool),           [HWV_CLI_SIZE] = sizeof(size_t),
                                   [HWV_CLI_SEED] = sizeof(uint64_t),       [HWV_CLI_NUMBER] = sizeof(double),
                                   [HWV_CLI_SHARE] = sizeof(double),        [HWV_CLI_TEXT] = sizeof(const char *),
                                   [HWV_CLI_TEXTS] = sizeof(hwv_cli_texts), [HWV_CLI_FILE] = sizeof(const char *),
                                   [HWV_CLI_CHOICE] = sizeof(int)};
    memcpy((char *)to + option->field, (const char *)from + option->field, sizes[option->kind]);
}
