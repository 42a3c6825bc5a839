/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Status names and messages. */
#include "halfwave/status.h"

#include <stdio.h>
#include <string.h>

#define LIST_NAME(name, code, sentence)     [code] = #name,
#define LIST_SENTENCE(name, code, sentence) [code] = sentence,

static const char *const status_names[] = {HWV_STATUS_LIST(LIST_NAME)};
static const char *const status_sentences[] = {HWV_STATUS_LIST(LIST_SENTENCE)};

#define STATUS_COUNT (sizeof status_names / sizeof status_names[0])

const char *hwv_status_name(hwv_status status)
{
    size_t i = (size_t)status;
    return i < STATUS_COUNT ? status_names[i] : "unknown status";
}

const char *hwv_status_sentence(hwv_status status)
{
    size_t i = (size_t)status;
    return i < STATUS_COUNT ? status_sentences[i] : "unknown status";
}

hwv_status hwv_fail(hwv_error *error, hwv_status status, const char *format, ...)
{
    if (error == NULL)
        return status;
    /* Through a second buffer: an argument may be error->text itself. */
    char text[sizeof error->text];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) < 0)
        text[0] = '\0';
    va_end(arguments);
    memcpy(error->text, text, sizeof text);
    error->status = status;
    return status;
}

hwv_status hwv_fail_prefix(hwv_error *error, hwv_status status, const char *format, ...)
{
    if (error == NULL)
        return status;
    char text[sizeof error->text];
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t length = written < 0 ? 0 : (size_t)written;
    if (length < sizeof text - 1)
        snprintf(text + length, sizeof text - length, "%s", error->text);
    memcpy(error->text, text, sizeof text);
    if (error->status == HWV_OK)
        error->status = status;
    return error->status;
}
