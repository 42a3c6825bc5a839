/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Integers in files, at any alignment and on any machine. */
#ifndef HWV_IO_BYTES_H
#define HWV_IO_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t hwv_load_be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint16_t hwv_load_le16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t hwv_load_le32(const unsigned char *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t hwv_load_le64(const unsigned char *p)
{
    return (uint64_t)hwv_load_le32(p + 4) << 32 | hwv_load_le32(p);
}

static inline void hwv_store_le64(unsigned char *p, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        p[i] = (unsigned char)(value >> (8 * i));
}

static inline float hwv_load_le_f32(const unsigned char *p)
{
    uint32_t bits = hwv_load_le32(p);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline double hwv_load_le_f64(const unsigned char *p)
{
    uint64_t bits = hwv_load_le64(p);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* IEEE 754 half precision, exactly. */
static inline float hwv_half_to_float(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 0x3ff, bits;
    float value;
    if (exponent == 0) {
        value = (float)fraction * 0x1p-24f; /* subnormal or zero */
        return sign ? -value : value;
    }
    bits = sign | (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Are numbers in memory laid out as in little-endian files? */
static inline bool hwv_host_is_little(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 1;
}

#endif
