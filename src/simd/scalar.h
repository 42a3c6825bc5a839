/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Vector words of one lane, float or double: plain C, on every machine. It defines the truth. */
#ifndef HWV_SIMD_SCALAR_H
#define HWV_SIMD_SCALAR_H

#include <math.h>
#include <string.h>

#define V_LANES 1
#define V_FMA   0
#define V_TABLE 0
#define V_SCALE 0

/* What differs by the element type: the integers of its size and its layout. */
#if defined(HWV_DOUBLE)
typedef uint64_t v_unsigned;
#define V_INT_MAX       INT64_MAX
#define V_INT_MIN       INT64_MIN
#define V_MANTISSA_BITS 52
#define V_EXPONENT_BIAS 1023
#define V_ROUND(a)      llrint(a)
#else
typedef uint32_t v_unsigned;
#define V_INT_MAX       INT32_MAX
#define V_INT_MIN       INT32_MIN
#define V_MANTISSA_BITS 23
#define V_EXPONENT_BIAS 127
#define V_ROUND(a)      lrintf(a)
#endif

typedef v_real vf;
typedef v_int vi;
typedef uint32_t vm; /* 0 or 1 */
HWV_WORD vf v_zero(void)
{
    return 0;
}
HWV_WORD vf v_set(v_real s)
{
    return s;
}
HWV_WORD vf v_load(const v_real *p)
{
    return *p;
}
HWV_WORD void v_store(v_real *p, vf a)
{
    *p = a;
}
HWV_WORD vf v_load_n(const v_real *p, size_t n)
{
    (void)p, (void)n;
    return 0;
}
HWV_WORD void v_store_n(v_real *p, vf a, size_t n)
{
    (void)p, (void)a, (void)n;
}
HWV_WORD void v_stream(v_real *p, vf a)
{
    *p = a;
}
HWV_WORD void v_stream_fence(void)
{
}
HWV_WORD void v_prefetch(const void *p)
{
    __builtin_prefetch(p);
}
HWV_WORD vi vi_load(const v_int *p)
{
    return *p;
}
HWV_WORD void vi_store(v_int *p, vi a)
{
    *p = a;
}

HWV_WORD vi v_as_i(vf a)
{
    vi i;
    memcpy(&i, &a, sizeof i);
    return i;
}
HWV_WORD vf v_as_f(vi i)
{
    vf a;
    memcpy(&a, &i, sizeof a);
    return a;
}
HWV_WORD vi vi_set(v_int s)
{
    return s;
}
HWV_WORD vi vi_add(vi a, vi b)
{
    return (vi)((v_unsigned)a + (v_unsigned)b);
}
HWV_WORD vi vi_sub(vi a, vi b)
{
    return (vi)((v_unsigned)a - (v_unsigned)b);
}
HWV_WORD vi vi_and(vi a, vi b)
{
    return a & b;
}
HWV_WORD vi vi_or(vi a, vi b)
{
    return a | b;
}
HWV_WORD vi vi_xor(vi a, vi b)
{
    return a ^ b;
}
#define vi_shl(a, n) ((vi)((v_unsigned)(a) << (n)))
#define vi_shr(a, n) ((vi)((v_unsigned)(a) >> (n)))
#define vi_sra(a, n) ((vi)(a) >> (n))

HWV_WORD vf v_add(vf a, vf b)
{
    return a + b;
}
HWV_WORD vf v_sub(vf a, vf b)
{
    return a - b;
}
HWV_WORD vf v_mul(vf a, vf b)
{
    return a * b;
}
HWV_WORD vf v_div(vf a, vf b)
{
    return a / b;
}
HWV_WORD vf v_fma(vf a, vf b, vf c)
{
    return a * b + c;
}
HWV_WORD vf v_fnma(vf a, vf b, vf c)
{
    return c - a * b;
}
HWV_WORD vf v_abs(vf a)
{
    return v_as_f(v_as_i(a) & V_INT_MAX);
}
HWV_WORD vf v_neg(vf a)
{
    return -a;
}
HWV_WORD vf v_xor_sign(vf a, vf s)
{
    return v_as_f(v_as_i(a) ^ (v_as_i(s) & V_INT_MIN));
}
HWV_WORD vf v_min(vf c, vf x)
{
    return c < x ? c : x;
}
HWV_WORD vf v_max(vf c, vf x)
{
    return c > x ? c : x;
}

HWV_WORD vm v_gt(vf a, vf b)
{
    return a > b;
}
HWV_WORD vm v_ge(vf a, vf b)
{
    return a >= b;
}
HWV_WORD vm v_lt(vf a, vf b)
{
    return a < b;
}
HWV_WORD vm v_le(vf a, vf b)
{
    return a <= b;
}
HWV_WORD vm v_nlt(vf a, vf b)
{
    return !(a < b);
}
HWV_WORD vm v_nle(vf a, vf b)
{
    return !(a <= b);
}
HWV_WORD vm v_eq(vf a, vf b)
{
    return a == b;
}
HWV_WORD vm v_ne(vf a, vf b)
{
    return a != b;
}
HWV_WORD vm v_unordered(vf a, vf b)
{
    return a != a || b != b;
}
HWV_WORD vm vm_and(vm a, vm b)
{
    return a & b;
}
HWV_WORD vm vm_or(vm a, vm b)
{
    return a | b;
}
HWV_WORD vm vm_not(vm a)
{
    return a ^ 1u;
}
HWV_WORD vm vm_andnot(vm a, vm b)
{
    return a & ~b;
}
HWV_WORD int vm_any(vm m)
{
    return m != 0;
}
HWV_WORD uint32_t vm_bits(vm m)
{
    return m;
}
HWV_WORD vm vm_from_bits(uint32_t bits)
{
    return bits & 1u;
}
HWV_WORD vm vm_first(size_t n)
{
    return n != 0;
}
HWV_WORD vf v_select(vm m, vf a, vf b)
{
    return m ? a : b;
}
HWV_WORD vf v_keep(vm m, vf a)
{
    return m ? a : 0;
}

HWV_WORD vi v_to_i(vf a)
{
    return (vi)V_ROUND(a);
}
HWV_WORD vf v_from_i(vi a)
{
    return (vf)a;
}
HWV_WORD vf v_pow2(vi k)
{
    return v_as_f(vi_shl(vi_add(k, V_EXPONENT_BIAS), V_MANTISSA_BITS));
}
HWV_WORD vf v_scale(vf a, vi k)
{
    vi half = vi_sra(k, 1);
    return a * v_pow2(half) * v_pow2(vi_sub(k, half));
}

#endif
