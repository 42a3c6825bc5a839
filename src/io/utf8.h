/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * UTF-8. */
#ifndef HWV_IO_UTF8_H
#define HWV_IO_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the UTF-8 sequence at the beginning of text[length], length >= 1; 0 when it is none
 * (overlong, a surrogate, beyond U+10FFFF, cut off). */
static inline size_t hwv_utf8_length(const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || n > length)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
        (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

/* The code point of a sequence of n = hwv_utf8_length bytes. */
static inline uint32_t hwv_utf8_decode(const char *text, size_t n)
{
    static const uint32_t first[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)text[0] & first[n];
    for (size_t i = 1; i < n; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    return code;
}

/* Code points from 0; surrogates are none of its characters. */
#define HWV_UTF8_CODES 0x110000

static inline bool hwv_utf8_is_character(uint32_t code)
{
    return code < HWV_UTF8_CODES && (code < 0xd800 || code > 0xdfff);
}

/* Writes the UTF-8 of a code point up to U+10FFFF; returns its bytes, 1 to 4. */
static inline size_t hwv_utf8_encode(uint32_t code, char bytes[4])
{
    static const uint32_t lead[4] = {0, 0xc0, 0xe0, 0xf0};
    size_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3, n = 0;
    bytes[n++] = (char)(lead[more] | code >> (6 * more));
    while (more-- > 0)
        bytes[n++] = (char)(0x80 | (code >> (6 * more) & 0x3f));
    return n;
}

#endif
