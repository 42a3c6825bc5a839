/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What every reader has to stand: a valid file cut off anywhere, and with bits flipped. Include cmocka.h and
 * allocations.h first. */
#ifndef TESTS_IO_DAMAGE_H
#define TESTS_IO_DAMAGE_H

#include <stdlib.h>
#include <string.h>

#include "halfwave/random.h"
#include "halfwave/status.h"

/* Reads bytes[size], checks what was read, frees it. */
typedef hwv_status damage_read(const void *bytes, size_t size, hwv_error *error);

static inline unsigned char *damage_copy(const void *bytes, size_t size)
{
    /* A block of just that size: reading past it is seen by the sanitizer. */
    unsigned char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    return copy;
}

/* Reads one copy; a failure must be HWV_ERR_FORMAT or HWV_ERR_UNSUPPORTED with a place, and leak nothing. */
static inline hwv_status damage_try(damage_read *read, const unsigned char *copy, size_t size)
{
    hwv_error error = {0};
    size_t live = allocations_live();
    hwv_status status = read(copy, size, &error);
    assert_int_equal(allocations_live(), live);
    if (status != HWV_OK) {
        if ((status != HWV_ERR_FORMAT && status != HWV_ERR_UNSUPPORTED) ||
            (!strstr(error.text, "offset ") && !strstr(error.text, "line ")))
            fail_msg("%zu bytes: %s '%s'", size, hwv_status_name(status), error.text);
        assert_int_equal(error.status, status);
    }
    return status;
}

/* Every beginning of the file is refused. */
static inline void damage_cut(damage_read *read, const void *bytes, size_t size)
{
    for (size_t n = 0; n < size; n++) {
        unsigned char *copy = damage_copy(bytes, n);
        if (damage_try(read, copy, n) == HWV_OK)
            fail_msg("%zu of %zu bytes were accepted", n, size);
        free(copy);
    }
}

/* One or two bits flipped among the first `reach` bytes; returns how many of the rounds were refused. */
static inline size_t damage_flip(damage_read *read, const void *bytes, size_t size, size_t reach, size_t rounds)
{
    size_t refused = 0;
    unsigned char *copy = damage_copy(bytes, size);
    for (size_t i = 0; i < rounds; i++) {
        uint32_t draw[4];
        hwv_philox(7, HWV_STREAM_TEST, 0, i, draw);
        memcpy(copy, bytes, size);
        copy[draw[0] % reach] ^= (unsigned char)(1 << draw[1] % 8);
        if (i % 2)
            copy[draw[2] % reach] ^= (unsigned char)(1 << draw[3] % 8);
        refused += damage_try(read, copy, size) != HWV_OK;
    }
    free(copy);
    return refused;
}

#endif
