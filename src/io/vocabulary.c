/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Vocabularies. */
#include "halfwave/vocabulary.h"

#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"
#include "io/codes.h"
#include "io/utf8.h"

enum { BYTES = 256 };

void hwv_code_print(char out[HWV_CODE_TEXT], uint32_t code, bool byte)
{
    if (byte) {
        (void)snprintf(out, HWV_CODE_TEXT, "byte 0x%02x", (unsigned)code);
        return;
    }
    char character[5] = "";
    bool seen = code >= 0x20 && (code < 0x7f || code >= 0xa0);
    if (seen)
        character[hwv_utf8_encode(code, character)] = '\0';
    (void)snprintf(out, HWV_CODE_TEXT, seen ? "'%s' (U+%04X)" : "%sU+%04X", character, (unsigned)code);
}

/* Room for codes. */
static hwv_status make(hwv_vocabulary *v, size_t count, hwv_error *error)
{
    *v = (hwv_vocabulary){.codes = hwv_calloc(count, sizeof *v->codes)};
    if (!v->codes)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a vocabulary of %zu", count);
    v->size = count;
    return HWV_OK;
}

hwv_status hwv_vocabulary_of_codes(hwv_vocabulary *v, const uint32_t *codes, size_t count, hwv_error *error)
{
    *v = (hwv_vocabulary){0};
    if (count == 0 || count > HWV_VOCABULARY_MAX)
        return hwv_fail(error, HWV_ERR_FORMAT, "a vocabulary of %zu characters; 1 to %d are accepted", count,
                        HWV_VOCABULARY_MAX);
    for (size_t i = 0; i < count; i++)
        if (!hwv_utf8_is_character(codes[i]) || (i > 0 && codes[i] <= codes[i - 1]))
            return hwv_fail(error, HWV_ERR_FORMAT,
                            "token %zu of a vocabulary is U+%04X: characters in ascending order are expected", i,
                            (unsigned)codes[i]);
    HWV_TRY(make(v, count, error));
    memcpy(v->codes, codes, count * sizeof *codes);
    return HWV_OK;
}

hwv_status hwv_vocabulary_of_bytes(hwv_vocabulary *v, hwv_error *error)
{
    HWV_TRY(make(v, BYTES, error));
    v->bytes = true;
    for (uint32_t i = 0; i < BYTES; i++)
        v->codes[i] = i;
    return HWV_OK;
}

void hwv_vocabulary_free(hwv_vocabulary *v)
{
    hwv_free(v->codes);
    *v = (hwv_vocabulary){0};
}

int32_t hwv_vocabulary_find(const hwv_vocabulary *v, uint32_t code)
{
    size_t first = 0, end = v->size;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (v->codes[middle] < code)
            first = middle + 1;
        else
            end = middle;
    }
    return first < v->size && v->codes[first] == code ? (int32_t)first : -1;
}

hwv_status hwv_vocabulary_encode(const hwv_vocabulary *v, const char *text, size_t length, int32_t *tokens,
                                 size_t *count, hwv_error *error)
{
    *count = 0;
    for (size_t at = 0, n; at < length; at += n) {
        n = v->bytes ? 1 : hwv_utf8_length(text + at, length - at);
        if (n == 0)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "offset %zu: no UTF-8", at);
        uint32_t code = v->bytes ? (unsigned char)text[at] : hwv_utf8_decode(text + at, n);
        int32_t token = hwv_vocabulary_find(v, code);
        if (token < 0) {
            char name[HWV_CODE_TEXT];
            hwv_code_print(name, code, v->bytes);
            return hwv_fail(error, HWV_ERR_ARGUMENT,
                            "character %zu (offset %zu), %s, is not among the %zu of the vocabulary", *count + 1, at,
                            name, v->size);
        }
        tokens[(*count)++] = token;
    }
    return HWV_OK;
}

void hwv_vocabulary_decode(const hwv_vocabulary *v, const int32_t *tokens, size_t count, hwv_text *text)
{
    for (size_t i = 0; i < count; i++) {
        if (tokens[i] < 0 || (size_t)tokens[i] >= v->size)
            continue;
        uint32_t code = v->codes[tokens[i]];
        char bytes[4] = {(char)code};
        hwv_text_add(text, bytes, v->bytes ? 1 : hwv_utf8_encode(code, bytes));
    }
}

hwv_status hwv_vocabulary_compare(const hwv_vocabulary *a, const char *was, const hwv_vocabulary *b, const char *is,
                                  hwv_error *error)
{
    size_t both = a->size < b->size ? a->size : b->size, i = 0;
    if (a->bytes != b->bytes)
        return hwv_fail(error, HWV_ERR_MISMATCH, "the vocabulary of %s is of %s, that of %s of %s", was,
                        a->bytes ? "bytes" : "characters", is, b->bytes ? "bytes" : "characters");
    while (i < both && a->codes[i] == b->codes[i])
        i++;
    if (i == both && a->size == b->size)
        return HWV_OK;
    char names[2][HWV_CODE_TEXT] = {"none", "none"};
    if (i < a->size)
        hwv_code_print(names[0], a->codes[i], a->bytes);
    if (i < b->size)
        hwv_code_print(names[1], b->codes[i], b->bytes);
    return hwv_fail(error, HWV_ERR_MISMATCH,
                    "the vocabulary of %s has %zu characters, that of %s %zu; they differ first in token %zu: %s, "
                    "and %s",
                    was, a->size, is, b->size, i, names[0], names[1]);
}
