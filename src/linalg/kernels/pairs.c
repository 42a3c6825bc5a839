/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Arithmetic of pairs in vector words. */
#include "linalg/dispatch.h"
#include "simd/simd.h"

HWV_WORD vf word_min(vf a, vf b)
{
    return v_select(vm_or(v_lt(a, b), v_ne(a, a)), a, b);
}

HWV_WORD vf word_max(vf a, vf b)
{
    return v_select(vm_or(v_gt(a, b), v_ne(a, a)), a, b);
}

typedef vf word(vf a, vf b);

/* The rest of a vector reads as 0 and is not stored. */
HWV_WORD vf load(const float *x, size_t step, size_t i, size_t part)
{
    return step ? v_load_part(x + i, part) : v_set(*x);
}

HWV_WORD void pairs(word *f, size_t n, float *y, const float *a, const size_t a_step, const float *b,
                    const size_t b_step)
{
    size_t i = 0;
    for (; n - i >= V_LANES; i += V_LANES)
        v_store(y + i, f(load(a, a_step, i, V_LANES), load(b, b_step, i, V_LANES)));
    if (i < n)
        v_store_part(y + i, f(load(a, a_step, i, n - i), load(b, b_step, i, n - i)), n - i);
}

#define KERNEL(name, word)                                                                                             \
    static void name(size_t n, float *y, const float *a, size_t a_step, const float *b, size_t b_step)                 \
    {                                                                                                                  \
        if (a_step && b_step)                                                                                          \
            pairs(word, n, y, a, 1, b, 1);                                                                             \
        else if (a_step)                                                                                               \
            pairs(word, n, y, a, 1, b, 0);                                                                             \
        else                                                                                                           \
            pairs(word, n, y, a, 0, b, b_step);                                                                        \
    }

KERNEL(pair_add, v_add)
KERNEL(pair_sub, v_sub)
KERNEL(pair_mul, v_mul)
KERNEL(pair_div, v_div)
KERNEL(pair_min, word_min)
KERNEL(pair_max, word_max)

extern const hwv_pair_kernels HWV_ISA(hwv_pair_kernels);
const hwv_pair_kernels HWV_ISA(hwv_pair_kernels) = {pair_add, pair_sub, pair_mul, pair_div, pair_min, pair_max};
