/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * CRC-32, eight bytes at a time (Kounavis & Berry, "slicing by 8", ISCC 2005). */
#include "io/crc32.h"

#include "io/bytes.h"

/* table[k][b]: what byte b does to the sum k bytes later. */
static void make_tables(uint32_t table[8][256])
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t sum = b;
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ UINT32_C(0xEDB88320) : sum >> 1;
        table[0][b] = sum;
    }
    for (size_t k = 1; k < 8; k++)
        for (size_t b = 0; b < 256; b++)
            table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 0xff];
}

uint32_t hwv_crc32_add(uint32_t sum, const void *bytes, size_t size)
{
    const unsigned char *p = bytes;
    uint32_t table[8][256];
    make_tables(table);
    sum = ~sum;
    for (; size >= 8; size -= 8, p += 8) {
        uint32_t low = hwv_load_le32(p) ^ sum, high = hwv_load_le32(p + 4);
        sum = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^ table[4][low >> 24] ^
              table[3][high & 0xff] ^ table[2][high >> 8 & 0xff] ^ table[1][high >> 16 & 0xff] ^ table[0][high >> 24];
    }
    for (; size > 0; size--, p++)
        sum = sum >> 8 ^ table[0][(sum ^ *p) & 0xff];
    return ~sum;
}

uint32_t hwv_crc32(const void *bytes, size_t size)
{
    return hwv_crc32_add(0, bytes, size);
}
