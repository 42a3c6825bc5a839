/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Texts as tokens. One table, from code points to tokens, serves both passes: the first marks what occurs. */
#include "io/tokens.h"

#include <string.h>

#include "halfwave/memory.h"
#include "io/utf8.h"

void hwv_tokens_free(hwv_tokens *t)
{
    hwv_free(t->tokens);
    hwv_vocabulary_free(&t->vocabulary);
    *t = (hwv_tokens){0};
}

static hwv_status make_room(hwv_tokens *t, size_t count, hwv_error *error)
{
    if (count == 0)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset 0: a text without characters");
    t->tokens = hwv_calloc(count, sizeof *t->tokens);
    t->count = count;
    return t->tokens ? HWV_OK : hwv_fail(error, HWV_ERR_MEMORY, "no memory for %zu tokens", count);
}

/* Marks the characters of the text; how many it has, and how many different ones. */
static hwv_status mark(uint16_t *table, const char *text, size_t size, size_t begin, size_t *count, size_t *different,
                       hwv_error *error)
{
    *count = *different = 0;
    for (size_t at = begin, n; at < size; at += n, ++*count) {
        n = hwv_utf8_length(text + at, size - at);
        if (n == 0)
            return hwv_fail(error, HWV_ERR_FORMAT,
                            "offset %zu: no UTF-8 (byte 0x%02x); text-bytes:FILE takes bytes of any kind", at,
                            (unsigned char)text[at]);
        uint16_t *entry = &table[hwv_utf8_decode(text + at, n)];
        if (*entry == 0 && ++*different > HWV_VOCABULARY_MAX)
            return hwv_fail(error, HWV_ERR_FORMAT,
                            "offset %zu: more than %d different characters; text-bytes:FILE takes any number", at,
                            HWV_VOCABULARY_MAX);
        *entry = 1;
    }
    return HWV_OK;
}

/* From marks to tokens. */
static hwv_status number(uint16_t *table, size_t different, hwv_vocabulary *vocabulary, hwv_error *error)
{
    vocabulary->codes = hwv_calloc(different, sizeof *vocabulary->codes);
    if (!vocabulary->codes)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a vocabulary of %zu", different);
    for (uint32_t code = 0; code < HWV_UTF8_CODES; code++)
        if (table[code]) {
            table[code] = (uint16_t)vocabulary->size;
            vocabulary->codes[vocabulary->size++] = code;
        }
    return HWV_OK;
}

static hwv_status fill(hwv_tokens *t, uint16_t *table, const char *text, size_t size, hwv_error *error)
{
    const size_t begin = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    size_t count, different;
    HWV_TRY(mark(table, text, size, begin, &count, &different, error));
    HWV_TRY(make_room(t, count, error));
    HWV_TRY(number(table, different, &t->vocabulary, error));
    uint16_t *token = t->tokens;
    for (size_t at = begin, n; at < size; at += n) {
        n = hwv_utf8_length(text + at, size - at);
        *token++ = table[hwv_utf8_decode(text + at, n)];
    }
    return HWV_OK;
}

hwv_status hwv_tokens_of_characters(hwv_tokens *t, const unsigned char *data, size_t size, hwv_error *error)
{
    *t = (hwv_tokens){0};
    uint16_t *table = hwv_calloc(HWV_UTF8_CODES, sizeof *table);
    if (!table)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to read a text");
    hwv_status status = fill(t, table, (const char *)data, size, error);
    hwv_free(table);
    if (status != HWV_OK)
        hwv_tokens_free(t);
    return status;
}

hwv_status hwv_tokens_of_bytes(hwv_tokens *t, const unsigned char *data, size_t size, hwv_error *error)
{
    *t = (hwv_tokens){0};
    hwv_status status = make_room(t, size, error);
    if (status == HWV_OK)
        status = hwv_vocabulary_of_bytes(&t->vocabulary, error);
    if (status != HWV_OK) {
        hwv_tokens_free(t);
        return status;
    }
    for (size_t i = 0; i < size; i++)
        t->tokens[i] = data[i];
    return HWV_OK;
}
