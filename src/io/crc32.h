/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * CRC-32 as in ZIP and gzip (reflected polynomial 0xEDB88320). */
#ifndef HWV_IO_CRC32_H
#define HWV_IO_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t hwv_crc32(const void *bytes, size_t size);
/* The sum of what gave `sum` (0: nothing) with `bytes` behind it. */
uint32_t hwv_crc32_add(uint32_t sum, const void *bytes, size_t size);

#endif
