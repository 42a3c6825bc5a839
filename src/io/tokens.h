/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Texts as tokens. */
#ifndef HWV_IO_TOKENS_H
#define HWV_IO_TOKENS_H

#include <stddef.h>
#include <stdint.h>

#include "halfwave/vocabulary.h"

/* The tokens of a text. Owns them; zero-initialise. */
typedef struct hwv_tokens {
    uint16_t *tokens;
    size_t count;
    hwv_vocabulary vocabulary;
} hwv_tokens;

/* Of UTF-8 data[size], a byte order mark at its beginning left out: the vocabulary is made of the characters that occur.
 * HWV_ERR_FORMAT with the offset: empty, no UTF-8, more than HWV_VOCABULARY_MAX different characters;
 * HWV_ERR_MEMORY. On failure *tokens is zero. */
hwv_status hwv_tokens_of_characters(hwv_tokens *tokens, const unsigned char *data, size_t size, hwv_error *error);
/* Of bytes. The same errors but for UTF-8. */
hwv_status hwv_tokens_of_bytes(hwv_tokens *tokens, const unsigned char *data, size_t size, hwv_error *error);
/* Accepts a zero struct. */
void hwv_tokens_free(hwv_tokens *tokens);

#endif
