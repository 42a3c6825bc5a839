/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Wide words: every word of simd.h applied to V_WIDE vectors before the next word. A long chain of dependent
 * operations leaves a CPU waiting; compilers do not interleave unrolled copies of it, this does. The file that
 * includes this defines V_WIDE (1, 2 or 4) first. Types vw wi wm; names are those of simd.h with w_ for v_,
 * wi_ for vi_, wm_ for vm_; W_LANES elements each. */
#ifndef HWV_SIMD_WIDE_H
#define HWV_SIMD_WIDE_H

#include "simd/simd.h"

#define W_LANES ((size_t)V_LANES * V_WIDE)

typedef struct vw {
    vf v[V_WIDE];
} vw;
typedef struct wi {
    vi v[V_WIDE];
} wi;
typedef struct wm {
    vm v[V_WIDE];
} wm;

/* The members are written out: a loop would have to be unrolled before they can live in registers. */
#if V_WIDE == 1
#define W_EACH(M, word) M(0, word)
#elif V_WIDE == 2
#define W_EACH(M, word) M(0, word), M(1, word)
#elif V_WIDE == 4
#define W_EACH(M, word) M(0, word), M(1, word), M(2, word), M(3, word)
#else
#error "V_WIDE is 1, 2 or 4"
#endif

#define W_OF_A(i, word)   word(a.v[i])
#define W_OF_AB(i, word)  word(a.v[i], b.v[i])
#define W_OF_ABC(i, word) word(a.v[i], b.v[i], c.v[i])
#define W_OF_S(i, word)   word(s)
#define W_OF_P(i, word)   word(p + (i)*V_LANES)
#define W_OF_TI(i, word)  word(t, a.v[i])

#define W_WORD1(result, name, word, type)                                                                              \
    HWV_WORD result name(type a)                                                                                       \
    {                                                                                                                  \
        return (result){{W_EACH(W_OF_A, word)}};                                                                       \
    }
#define W_WORD2(result, name, word, type)                                                                              \
    HWV_WORD result name(type a, type b)                                                                               \
    {                                                                                                                  \
        return (result){{W_EACH(W_OF_AB, word)}};                                                                      \
    }
#define W_WORD3(result, name, word, first, second, third)                                                              \
    HWV_WORD result name(first a, second b, third c)                                                                   \
    {                                                                                                                  \
        return (result){{W_EACH(W_OF_ABC, word)}};                                                                     \
    }

W_WORD2(vw, w_add, v_add, vw)
W_WORD2(vw, w_sub, v_sub, vw)
W_WORD2(vw, w_mul, v_mul, vw)
W_WORD2(vw, w_div, v_div, vw)
W_WORD2(vw, w_min, v_min, vw)
W_WORD2(vw, w_max, v_max, vw)
W_WORD2(vw, w_xor_sign, v_xor_sign, vw)
W_WORD1(vw, w_abs, v_abs, vw)
W_WORD1(vw, w_neg, v_neg, vw)
W_WORD3(vw, w_fma, v_fma, vw, vw, vw)
W_WORD3(vw, w_fnma, v_fnma, vw, vw, vw)
W_WORD2(wm, w_gt, v_gt, vw)
W_WORD2(wm, w_ge, v_ge, vw)
W_WORD2(wm, w_lt, v_lt, vw)
W_WORD2(wm, w_le, v_le, vw)
W_WORD2(wm, w_eq, v_eq, vw)
W_WORD2(wm, w_ne, v_ne, vw)
W_WORD2(wm, w_nlt, v_nlt, vw)
W_WORD2(wm, w_nle, v_nle, vw)
W_WORD2(wm, w_unordered, v_unordered, vw)
W_WORD2(wm, wm_and, vm_and, wm)
W_WORD2(wm, wm_or, vm_or, wm)
W_WORD2(wm, wm_andnot, vm_andnot, wm)
W_WORD1(wm, wm_not, vm_not, wm)
W_WORD3(vw, w_select, v_select, wm, vw, vw)
W_WORD2(wi, wi_add, vi_add, wi)
W_WORD2(wi, wi_sub, vi_sub, wi)
W_WORD2(wi, wi_and, vi_and, wi)
W_WORD2(wi, wi_or, vi_or, wi)
W_WORD2(wi, wi_xor, vi_xor, wi)
W_WORD1(wi, w_as_i, v_as_i, vw)
W_WORD1(vw, w_as_f, v_as_f, wi)
W_WORD1(wi, w_to_i, v_to_i, vw)
W_WORD1(vw, w_from_i, v_from_i, wi)
W_WORD1(vw, w_pow2, v_pow2, wi)

HWV_WORD vw w_set(v_real s)
{
    return (vw){{W_EACH(W_OF_S, v_set)}};
}
HWV_WORD vw w_zero(void)
{
    return w_set(0);
}
HWV_WORD wi wi_set(v_int s)
{
    return (wi){{W_EACH(W_OF_S, vi_set)}};
}
HWV_WORD vw w_load(const v_real *p)
{
    return (vw){{W_EACH(W_OF_P, v_load)}};
}

#define W_OF_KEEP(i, word)  word(m.v[i], a.v[i])
#define W_OF_SCALE(i, word) word(a.v[i], k.v[i])
HWV_WORD vw w_keep(wm m, vw a)
{
    return (vw){{W_EACH(W_OF_KEEP, v_keep)}};
}
HWV_WORD vw w_scale(vw a, wi k)
{
    return (vw){{W_EACH(W_OF_SCALE, v_scale)}};
}
#if V_TABLE
HWV_WORD vw w_table(const v_real *t, wi a)
{
    return (vw){{W_EACH(W_OF_TI, v_table)}};
}
#endif
#if V_TABLE >= 32
HWV_WORD vw w_table16(const v_real *t, wi a)
{
    return (vw){{W_EACH(W_OF_TI, v_table16)}};
}
#endif
#if V_SCALE
HWV_WORD vw w_scale_floor(vw a, vw b)
{
    return (vw){{W_EACH(W_OF_AB, v_scale_floor)}};
}
#define W_OF_WHERE(i, word) word(m.v[i], a.v[i], k.v[i])
HWV_WORD vw w_scale_floor_where(wm m, vw a, vw k)
{
    return (vw){{W_EACH(W_OF_WHERE, v_scale_floor_where)}};
}
#endif

/* Shifts by a constant n, as macros because the instructions hold it. */
#if V_WIDE == 1
#define wi_shl(a, n) ((wi){{vi_shl((a).v[0], n)}})
#define wi_shr(a, n) ((wi){{vi_shr((a).v[0], n)}})
#elif V_WIDE == 2
#define wi_shl(a, n) ((wi){{vi_shl((a).v[0], n), vi_shl((a).v[1], n)}})
#define wi_shr(a, n) ((wi){{vi_shr((a).v[0], n), vi_shr((a).v[1], n)}})
#else
#define wi_shl(a, n) ((wi){{vi_shl((a).v[0], n), vi_shl((a).v[1], n), vi_shl((a).v[2], n), vi_shl((a).v[3], n)}})
#define wi_shr(a, n) ((wi){{vi_shr((a).v[0], n), vi_shr((a).v[1], n), vi_shr((a).v[2], n), vi_shr((a).v[3], n)}})
#endif

HWV_WORD void w_store(v_real *p, vw a)
{
    HWV_UNROLL
    for (int i = 0; i < V_WIDE; i++)
        v_store(p + i * V_LANES, a.v[i]);
}
/* p aligned to the vector. */
HWV_WORD void w_stream(v_real *p, vw a)
{
    HWV_UNROLL
    for (int i = 0; i < V_WIDE; i++)
        v_stream(p + i * V_LANES, a.v[i]);
}
/* n < W_LANES elements; the rest reads as 0. */
HWV_WORD vw w_load_n(const v_real *p, size_t n)
{
    vw a;
    HWV_UNROLL
    for (size_t i = 0; i < V_WIDE; i++) {
        if (n >= (i + 1) * V_LANES)
            a.v[i] = v_load(p + i * V_LANES);
        else
            a.v[i] = n > i * V_LANES ? v_load_n(p + i * V_LANES, n - i * V_LANES) : v_zero();
    }
    return a;
}
/* n < W_LANES elements; the rest is left alone. */
HWV_WORD void w_store_n(v_real *p, vw a, size_t n)
{
    HWV_UNROLL
    for (size_t i = 0; i < V_WIDE; i++) {
        if (n >= (i + 1) * V_LANES)
            v_store(p + i * V_LANES, a.v[i]);
        else if (n > i * V_LANES)
            v_store_n(p + i * V_LANES, a.v[i], n - i * V_LANES);
    }
}
/* The same for n <= W_LANES. */
HWV_WORD vw w_load_part(const v_real *p, size_t n)
{
    return n == W_LANES ? w_load(p) : w_load_n(p, n);
}
HWV_WORD void w_store_part(v_real *p, vw a, size_t n)
{
    if (n == W_LANES)
        w_store(p, a);
    else
        w_store_n(p, a, n);
}
/* Lane i of the wide mask is bit i. */
HWV_WORD uint64_t wm_bits(wm m)
{
    uint64_t bits = 0;
    HWV_UNROLL
    for (int i = 0; i < V_WIDE; i++)
        bits |= (uint64_t)vm_bits(m.v[i]) << (i * V_LANES);
    return bits;
}
HWV_WORD wm wm_from_bits(uint64_t bits)
{
    wm m;
    HWV_UNROLL
    for (int i = 0; i < V_WIDE; i++)
        m.v[i] = vm_from_bits((uint32_t)(bits >> (i * V_LANES)));
    return m;
}
HWV_WORD int wm_any(wm m)
{
    vm any = m.v[0];
    HWV_UNROLL
    for (int i = 1; i < V_WIDE; i++)
        any = vm_or(any, m.v[i]);
    return vm_any(any);
}

/* a * b. A CPU of 2024 takes its time over a product that is subnormal, for all the elements around it, but not
 * over fma; and -0 + -0 is -0. */
HWV_WORD vw w_product(vw a, vw b)
{
#if V_FMA
    return w_fma(a, b, w_set((v_real)-0.0));
#else
    return w_mul(a, b);
#endif
}

#endif
