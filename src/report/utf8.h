/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * UTF-8: decoding that survives anything, display columns, and what stands in on ASCII targets. */
#ifndef HWV_REPORT_UTF8_H
#define HWV_REPORT_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "halfwave/text.h"

/* The next character of a NUL-terminated string, and *at moved behind it; 0 at the end (not moved).
 * A damaged sequence gives U+FFFD and moves by one byte. */
uint32_t hwv_utf8_next(const char **at);
void hwv_utf8_add(hwv_text *text, uint32_t code);
/* Columns of a character on a terminal: 0 combining, 2 wide (East Asian, emoji), else 1. Control
 * characters count 1: they are shown as a replacement. */
size_t hwv_utf8_columns(uint32_t code);
/* Columns of a string. */
size_t hwv_utf8_width(const char *string);
/* The character that a target shows for `code`: replaces control characters, and on an ASCII target
 * everything beyond ASCII (by one look-alike, '?' where there is none). */
uint32_t hwv_utf8_shown(uint32_t code, bool utf8);

#endif
