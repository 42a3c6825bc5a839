/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * CPU features. A wide set needs its feature bits and an operating system that saves its registers. */
#include "base/cpu.h"

#if defined(HWV_HAVE_sse2)
#include <cpuid.h>

/* Extended control register 0: which register files the system saves. */
static unsigned saved_state(void)
{
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static int has(unsigned word, unsigned bits)
{
    return (word & bits) == bits;
}

static unsigned x86_sets(void)
{
    enum { SAVES_YMM = 0x6, SAVES_ZMM = 0xe6 };
    unsigned sets = 0, a, b, c, d, leaf7_b = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d))
        return 0;
    unsigned leaf1_c = c;
    if (has(d, bit_SSE2))
        sets |= 1u << HWV_ISA_sse2;
    if (!has(leaf1_c, bit_OSXSAVE | bit_AVX | bit_FMA | bit_F16C))
        return sets;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
        leaf7_b = b;
    unsigned saved = saved_state();
    if (has(saved, SAVES_YMM) && has(leaf7_b, bit_AVX2)) {
        sets |= 1u << HWV_ISA_avx2;
        if (has(saved, SAVES_ZMM) && has(leaf7_b, bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL))
            sets |= 1u << HWV_ISA_avx512;
    }
    return sets;
}

/* Leaf 4 (Intel) and leaf 0x8000001d (AMD) list the caches in one format. */
static size_t x86_cache(unsigned leaf)
{
    size_t largest = 0;
    unsigned a, b, c, d;
    for (unsigned i = 0; i < 8 && __get_cpuid_count(leaf, i, &a, &b, &c, &d) && (a & 31) != 0; i++) {
        size_t ways = (b >> 22) + 1, partitions = ((b >> 12) & 0x3ff) + 1, line = (b & 0xfff) + 1;
        size_t bytes = ways * partitions * line * ((size_t)c + 1);
        largest = bytes > largest ? bytes : largest;
    }
    return largest;
}
#endif

size_t hwv_cpu_cache(void)
{
#if defined(HWV_HAVE_sse2)
    size_t intel = x86_cache(4), amd = x86_cache(0x8000001d);
    return intel > amd ? intel : amd;
#else
    return 0;
#endif
}

unsigned hwv_cpu_sets(void)
{
    unsigned sets = 1u << HWV_ISA_scalar;
#if defined(HWV_HAVE_sse2)
    sets |= x86_sets();
#endif
#if defined(HWV_HAVE_neon)
    sets |= 1u << HWV_ISA_neon; /* part of AArch64 */
#endif
    return sets;
}
