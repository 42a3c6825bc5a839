/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Allocation that may fail. The only callers of the C library's allocator in the library. */
#include "halfwave/memory.h"

#include <stdlib.h>
#include <string.h>

void *hwv_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (!hwv_size_mul(count, size, &bytes))
        return NULL;
    return calloc(1, bytes ? bytes : 1);
}

void *hwv_realloc(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (!hwv_size_mul(count, size, &bytes))
        return NULL;
    return realloc(block, bytes ? bytes : 1);
}

void hwv_free(void *block)
{
    free(block);
}

char *hwv_strdup(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    if (copy != NULL)
        memcpy(copy, text, bytes);
    return copy;
}
