/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A growing text, and the search for the nearest name that error messages offer. */
#ifndef HALFWAVE_TEXT_H
#define HALFWAVE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/export.h"

HWV_BEGIN

/* Owns `data` (NUL-terminated once anything was added, NULL before). Zero-initialise. A shortage of
 * memory is remembered in `failed`, later additions do nothing: check once, at the end. */
typedef struct hwv_text {
    char *data;
    size_t length;
    size_t capacity;
    bool failed;
} hwv_text;

HWV_API void hwv_text_add(hwv_text *text, const char *bytes, size_t length);
HWV_API void hwv_text_puts(hwv_text *text, const char *string);
HWV_API void hwv_text_printf(hwv_text *text, const char *format, ...) HWV_PRINTF(2, 3);
/* Releases `data`; the struct is zero again. */
HWV_API void hwv_text_free(hwv_text *text);

/* Index of the entry of names[count] nearest to `name` by edit distance (transpositions count one),
 * or count when none is near enough to be worth suggesting. */
HWV_API size_t hwv_name_nearest(const char *name, const char *const *names, size_t count);

HWV_END

#endif
