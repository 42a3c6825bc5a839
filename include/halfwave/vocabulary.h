/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Vocabularies: what the tokens that a model of text reads and writes stand for. */
#ifndef HALFWAVE_VOCABULARY_H
#define HALFWAVE_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/status.h"
#include "halfwave/text.h"

HWV_BEGIN

/* Tokens are kept in 16 bits. */
#define HWV_VOCABULARY_MAX 65535

/* Token t, 0 .. size-1, stands for codes[t]: a code point of Unicode, or a byte. Owns its codes. Zero-initialise; free
 * with hwv_vocabulary_free. */
typedef struct hwv_vocabulary {
    size_t size;     /* 0: there is none */
    uint32_t *codes; /* ascending */
    bool bytes;      /* codes are the 256 bytes */
} hwv_vocabulary;

/* Of code points, copied: at least one, at most HWV_VOCABULARY_MAX, ascending, each a character of Unicode.
 * HWV_ERR_FORMAT: they are not; HWV_ERR_MEMORY. On failure *vocabulary is zero. */
HWV_API hwv_status hwv_vocabulary_of_codes(hwv_vocabulary *vocabulary, const uint32_t *codes, size_t count,
                                           hwv_error *error);
/* Of the 256 bytes. HWV_ERR_MEMORY; *vocabulary is zero then. */
HWV_API hwv_status hwv_vocabulary_of_bytes(hwv_vocabulary *vocabulary, hwv_error *error);
/* Accepts a zero struct. */
HWV_API void hwv_vocabulary_free(hwv_vocabulary *vocabulary);

/* The token of a code point or byte, -1 where it has none. */
HWV_API int32_t hwv_vocabulary_find(const hwv_vocabulary *vocabulary, uint32_t code);
/* The tokens of text[length], UTF-8 unless the vocabulary is of bytes, which takes anything. tokens: room for `length`
 * of them; *count are written. HWV_ERR_ARGUMENT: a character that is not in the vocabulary, or what is no UTF-8, with its
 * position. */
HWV_API hwv_status hwv_vocabulary_encode(const hwv_vocabulary *vocabulary, const char *text, size_t length,
                                         int32_t *tokens, size_t *count, hwv_error *error);
/* Appends what the tokens stand for to *text: UTF-8, or bytes. Tokens outside of the vocabulary are left out. */
HWV_API void hwv_vocabulary_decode(const hwv_vocabulary *vocabulary, const int32_t *tokens, size_t count,
                                   hwv_text *text);
/* Are both the same? HWV_ERR_MISMATCH: the first token that stands for something else; `was` and `is` say in the message
 * whose they are: "the checkpoint", "austen.txt". */
HWV_API hwv_status hwv_vocabulary_compare(const hwv_vocabulary *a, const char *was, const hwv_vocabulary *b,
                                          const char *is, hwv_error *error);

HWV_END

#endif
