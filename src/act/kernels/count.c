/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Positional population count: how often is each bit of a row set. Bit-sliced: eight planes hold the eight bits
 * of one counter per column, and a row is added to all counters of a strip at once with a few logical
 * operations. Sixteen rows go through a tree of full adders first (Harley and Seal's), so that only one carry
 * in sixteen rows ripples upwards. */
#include "act/kernels.h"
#include "simd/simd.h"

enum { PLANES = 8, BLOCK = 255 /* rows that a counter of eight bits can hold */ };

/* counts[i] += counter i of one word's planes, i < bits; `planes` of them may be set. */
static void count_flush(const uint64_t *plane, size_t step, int planes, size_t bits, uint64_t *counts)
{
    for (size_t first = 0; first < bits; first += 8) {
        uint64_t sum = 0; /* eight counters of a byte */
        for (int k = 0; k < planes; k++) {
            uint64_t byte = plane[(size_t)k * step] >> first & 0xff;
            uint64_t spread = byte * UINT64_C(0x0101010101010101) & UINT64_C(0x8040201008040201);
            sum += ((spread + UINT64_C(0x7f7f7f7f7f7f7f7f)) >> 7 & UINT64_C(0x0101010101010101)) << k;
        }
        for (size_t i = first; i < first + 8 && i < bits; i++, sum >>= 8)
            counts[i] += sum & 0xff;
    }
}

#define FULL_ADD(carry, sum, a, b)                                                                                     \
    do {                                                                                                               \
        LANES half_ = XOR(sum, a);                                                                                     \
        carry = OR(AND(sum, a), AND(half_, b));                                                                        \
        sum = XOR(half_, b);                                                                                           \
    } while (0)
#define FULL_ADD_4(carry, p0, p1, q, row)                                                                              \
    do {                                                                                                               \
        LANES a_, b_;                                                                                                  \
        FULL_ADD(a_, p0, LOAD(q), LOAD(q + row));                                                                      \
        FULL_ADD(b_, p0, LOAD(q + 2 * row), LOAD(q + 3 * row));                                                        \
        FULL_ADD(carry, p1, a_, b_);                                                                                   \
        q += 4 * row;                                                                                                  \
    } while (0)

/* Adds rows (at most BLOCK) of a strip of LANES, `row` words apart, and stores the planes. */
#define COUNT_STRIP(name)                                                                                              \
    static void name(size_t rows, const uint64_t *q, size_t row, uint64_t *planes)                                     \
    {                                                                                                                  \
        LANES p[PLANES];                                                                                               \
        HWV_UNROLL                                                                                                     \
        for (int k = 0; k < PLANES; k++)                                                                               \
            p[k] = ZERO;                                                                                               \
        for (; rows >= 16; rows -= 16) {                                                                               \
            LANES a, b, c, d, carry;                                                                                   \
            FULL_ADD_4(a, p[0], p[1], q, row);                                                                         \
            FULL_ADD_4(b, p[0], p[1], q, row);                                                                         \
            FULL_ADD(c, p[2], a, b);                                                                                   \
            FULL_ADD_4(a, p[0], p[1], q, row);                                                                         \
            FULL_ADD_4(b, p[0], p[1], q, row);                                                                         \
            FULL_ADD(d, p[2], a, b);                                                                                   \
            FULL_ADD(carry, p[3], c, d);                                                                               \
            HWV_UNROLL                                                                                                 \
            for (int k = 4; k < PLANES; k++) {                                                                         \
                LANES up = AND(p[k], carry);                                                                           \
                p[k] = XOR(p[k], carry);                                                                               \
                carry = up;                                                                                            \
            }                                                                                                          \
        }                                                                                                              \
        for (; rows; rows--, q += row) {                                                                               \
            LANES carry = LOAD(q);                                                                                     \
            HWV_UNROLL                                                                                                 \
            for (int k = 0; k < PLANES; k++) {                                                                         \
                LANES up = AND(p[k], carry);                                                                           \
                p[k] = XOR(p[k], carry);                                                                               \
                carry = up;                                                                                            \
            }                                                                                                          \
        }                                                                                                              \
        HWV_UNROLL                                                                                                     \
        for (size_t k = 0; k < PLANES; k++)                                                                            \
            STORE(planes + k * (sizeof(LANES) / sizeof(uint64_t)), p[k]);                                              \
    }

#define LANES       uint64_t
#define ZERO        0
#define LOAD(q)     (*(q))
#define STORE(q, a) (*(q) = (a))
#define AND(a, b)   ((a) & (b))
#define OR(a, b)    ((a) | (b))
#define XOR(a, b)   ((a) ^ (b))
COUNT_STRIP(count_strip_word)
#undef LANES
#undef ZERO
#undef LOAD
#undef STORE
#undef AND
#undef OR
#undef XOR

#if V_LANES > 1
#define WIDE_WORDS  ((size_t)V_LANES / 2)
#define LANES       vi
#define ZERO        vi_set(0)
#define LOAD(q)     vi_load((const void *)(q))
#define STORE(q, a) vi_store((void *)(q), a)
#define AND(a, b)   vi_and(a, b)
#define OR(a, b)    vi_or(a, b)
#define XOR(a, b)   vi_xor(a, b)
COUNT_STRIP(count_strip_wide)
#else
#define WIDE_WORDS       ((size_t)1)
#define count_strip_wide count_strip_word
#endif

/* The strip of `wide` words from word `first` of each row. */
static void count_strip(size_t rows, size_t cols, const uint64_t *mask, size_t stride, uint64_t *counts, size_t wide,
                        size_t first)
{
    uint64_t planes[PLANES * WIDE_WORDS];
    mask += first;
    while (rows > 0) {
        size_t block = rows < BLOCK ? rows : BLOCK;
        int used = 1;
        while (used < PLANES && block >> used)
            used++;
        if (wide == 1)
            count_strip_word(block, mask, stride, planes);
        else
            count_strip_wide(block, mask, stride, planes);
        for (size_t w = 0; w < wide; w++) {
            size_t column = 64 * (first + w), bits = cols - column < 64 ? cols - column : 64;
            count_flush(planes + w, wide, used, bits, counts + column);
        }
        mask += block * stride;
        rows -= block;
    }
}

void HWV_ISA(hwv_count)(size_t rows, size_t cols, const uint64_t *mask, size_t stride, uint64_t *counts);
void HWV_ISA(hwv_count)(size_t rows, size_t cols, const uint64_t *mask, size_t stride, uint64_t *counts)
{
    size_t words = hwv_mask_words(cols), first = 0;
    for (; first + WIDE_WORDS <= words; first += WIDE_WORDS)
        count_strip(rows, cols, mask, stride, counts, WIDE_WORDS, first);
    for (; first < words; first++)
        count_strip(rows, cols, mask, stride, counts, 1, first);
}
