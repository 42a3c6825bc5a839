/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A growing text, and the search for the nearest name that error messages offer. */
#ifndef HALFWAVE_TEXT_H
#define HALFWAVE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/status.h"

HWV_BEGIN

/* ==== halfwave-text: growing texts, and the nearest name ==== */

/* Owns `data` (NUL-terminated once anything was added, NULL before). Zero-initialise. A shortage of
 * memory is remembered in `failed`, later additions do nothing: check once, at the end. */
typedef struct hwv_text {
    char *data;
    size_t length;
    size_t capacity;
    bool failed;
} hwv_text;

/* Adds length bytes, a string, or formatted text. */
HWV_API void hwv_text_add(hwv_text *text, const char *bytes, size_t length);
HWV_API void hwv_text_puts(hwv_text *text, const char *string);
HWV_API void hwv_text_printf(hwv_text *text, const char *format, ...) HWV_PRINTF(2, 3);
/* Releases `data`; the struct is zero again. */
HWV_API void hwv_text_free(hwv_text *text);

/* Index of the entry of names[count] nearest to `name` by edit distance (transpositions count one),
 * or count when none is near enough to be worth suggesting. */
HWV_API size_t hwv_name_nearest(const char *name, const char *const *names, size_t count);

/* " (did you mean 'x'?)" with the nearest of names[count], or "". By value, for use in a message. */
typedef struct hwv_hint {
    char text[80];
} hwv_hint;
HWV_API hwv_hint hwv_name_hint(const char *name, const char *const *names, size_t count);

/* Where `name` stands in names[count]. HWV_ERR_NAME: "unknown WHAT 'NAME' (did you mean 'x'?); known: a, b, c". */
HWV_API hwv_status hwv_name_find(size_t *position, const char *what, const char *name, const char *const *names,
                                 size_t count, hwv_error *error);

HWV_END

#endif
