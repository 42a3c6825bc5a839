/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * UTF-8 as a terminal sees it. */
#include "report/utf8.h"

#include "io/utf8.h"

#define REPLACEMENT 0xFFFDu

uint32_t hwv_utf8_next(const char **at)
{
    const unsigned char *s = (const unsigned char *)*at;
    size_t room = 0;
    while (room < 4 && s[room] != 0)
        room++;
    if (room == 0)
        return 0;
    size_t length = hwv_utf8_length(*at, room);
    *at += length == 0 ? 1 : length;
    if (length == 0)
        return REPLACEMENT;
    uint32_t code = length == 1 ? s[0] : s[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++)
        code = code << 6 | (s[i] & 0x3Fu);
    return code;
}

void hwv_utf8_add(hwv_text *text, uint32_t code)
{
    char bytes[4];
    hwv_text_add(text, bytes, hwv_utf8_encode(code, bytes));
}

typedef struct span {
    uint32_t first, last;
} span;

static bool inside(const span *spans, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++)
        if (code >= spans[i].first && code <= spans[i].last)
            return true;
    return false;
}

size_t hwv_utf8_columns(uint32_t code)
{
    /* Blocks, not single characters: enough for names that people give to files and layers. */
    static const span none[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F},
                                {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
                                {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2064}, {0x20D0, 0x20FF},
                                {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}};
    static const span wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xAC00, 0xD7A3},
                                {0xF900, 0xFAFF},   {0xFE30, 0xFE4F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                                {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
    if (code < 0x0300)
        return 1;
    if (inside(none, sizeof none / sizeof none[0], code))
        return 0;
    return inside(wide, sizeof wide / sizeof wide[0], code) ? 2 : 1;
}

size_t hwv_utf8_width(const char *string)
{
    size_t width = 0;
    uint32_t code;
    while ((code = hwv_utf8_next(&string)) != 0)
        width += hwv_utf8_columns(code);
    return width;
}

/* One character for one character, so that a table keeps its columns. */
static uint32_t look_alike(uint32_t code)
{
    static const struct {
        uint32_t from;
        char to;
    } pairs[] = {{0x00B5, 'u'}, {0x03BC, 'u'},  {0x00D7, 'x'},  {0x00B7, '.'}, {0x2013, '-'}, {0x2014, '-'},
                 {0x2212, '-'}, {0x2018, '\''}, {0x2019, '\''}, {0x201C, '"'}, {0x201D, '"'}, {0x2026, '.'},
                 {0x2192, '>'}, {0x2190, '<'},  {0x2191, '^'},  {0x2193, 'v'}, {0x2248, '~'}, {0x2264, '<'},
                 {0x2265, '>'}, {0x00B1, '~'},  {0x00B2, '2'},  {0x00B3, '3'}, {0x00A0, ' '}, {0x2009, ' '},
                 {0x202F, ' '}, {0x25CF, 'o'},  {0x2022, '*'},  {0x2713, '+'}, {0x2717, 'x'}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (pairs[i].from == code)
            return (unsigned char)pairs[i].to;
    return '?';
}

uint32_t hwv_utf8_shown(uint32_t code, bool utf8)
{
    if (code < 0x20 || (code >= 0x7F && code < 0xA0))
        return utf8 ? REPLACEMENT : '?';
    return code < 0x80 || utf8 ? code : look_alike(code);
}
