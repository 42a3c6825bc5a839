/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A growing text. */
#include "halfwave/text.h"
#include "halfwave/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Room for `length` more bytes and the terminator. */
static bool text_reserve(hwv_text *text, size_t length)
{
    size_t needed;
    if (text->failed)
        return false;
    if (!hwv_size_add(text->length, length, &needed) || !hwv_size_add(needed, 1, &needed)) {
        text->failed = true;
        return false;
    }
    if (needed <= text->capacity)
        return true;
    size_t capacity = text->capacity > SIZE_MAX / 2 ? needed : text->capacity * 2;
    if (capacity < needed)
        capacity = needed;
    if (capacity < 64)
        capacity = 64;
    char *data = hwv_realloc(text->data, capacity, 1);
    if (data == NULL) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void hwv_text_add(hwv_text *text, const char *bytes, size_t length)
{
    if (!text_reserve(text, length))
        return;
    if (length != 0)
        memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void hwv_text_puts(hwv_text *text, const char *string)
{
    hwv_text_add(text, string, strlen(string));
}

void hwv_text_printf(hwv_text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        text->failed = true;
    else if (text_reserve(text, (size_t)length)) {
        (void)vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void hwv_text_free(hwv_text *text)
{
    hwv_free(text->data);
    memset(text, 0, sizeof *text);
}
