/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Texts: what is read is written again by its vocabulary. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "io/tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    for (int of_bytes = 0; of_bytes < 2; of_bytes++) {
        hwv_tokens tokens;
        hwv_error error;
        hwv_text text = {0};
        if ((of_bytes ? hwv_tokens_of_bytes : hwv_tokens_of_characters)(&tokens, bytes, size, &error) != HWV_OK)
            continue;
        for (size_t i = 0; i < tokens.count; i++) {
            const int32_t token = tokens.tokens[i];
            hwv_vocabulary_decode(&tokens.vocabulary, &token, 1, &text);
        }
        /* A byte order mark is left out. */
        size_t left_out = size - text.length;
        if (text.failed || (left_out != 0 && left_out != 3) || memcmp(text.data, bytes + left_out, text.length) != 0)
            abort();
        hwv_text_free(&text);
        hwv_tokens_free(&tokens);
    }
    return 0;
}
