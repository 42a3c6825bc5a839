/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * SHA-256 (FIPS 180-4). */
#ifndef HWV_IO_SHA256_H
#define HWV_IO_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* A sum being taken: hwv_sha256_begin, any number of hwv_sha256_add, hwv_sha256_end. */
typedef struct hwv_sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes added so far */
    unsigned char block[64];
} hwv_sha256;

void hwv_sha256_begin(hwv_sha256 *sum);
void hwv_sha256_add(hwv_sha256 *sum, const void *bytes, size_t size);
/* 64 hexadecimal digits in lower case and a NUL. The sum must begin anew before it is used again. */
void hwv_sha256_end(hwv_sha256 *sum, char hex[65]);

#endif
