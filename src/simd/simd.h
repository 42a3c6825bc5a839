/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Vector words: the vocabulary in which kernels are written once and compiled once per instruction
 * set (-DHWV_SIMD=<set> -DHWV_SIMD_<set>=1). Only the headers of this folder hold intrinsics, and every
 * word is inlined by force, so that the linker can never pick wide code for a narrow CPU.
 *
 * Types, by value: vf floats, vi 32-bit integers, vm a mask with one truth value per lane; V_LANES of each. In a file
 * that defines HWV_DOUBLE first: doubles and 64-bit integers, by the same names. v_real and v_int are what a lane holds.
 *   V_FMA    1 where v_fma and v_fnma round once; elsewhere they are a product and a sum
 *   V_TABLE  entries of a table that v_table looks up in one or two instructions; 0: there is no v_table
 *   V_SCALE  1 where v_scale is one instruction
 *
 * Memory; no alignment is asked for except by v_stream:
 *   v_load(p) v_store(p, a)  v_load_n(p, n) v_store_n(p, a, n): n < V_LANES elements, the rest reads as 0 or is
 *   left alone, and not touched; v_load_part v_store_part: the same for n <= V_LANES; v_stream(p, a): around the
 *   cache, p aligned to the vector, then v_stream_fence() once at the end; v_prefetch(p); vi_load vi_store
 * Arithmetic:
 *   v_zero() v_set(s) v_add v_sub v_mul v_div  v_fma(a,b,c) = a*b + c  v_fnma(a,b,c) = c - a*b
 *   v_abs v_neg  v_xor_sign(a, s): a with its sign flipped where the sign bit of s is set
 *   v_min(c, x) v_max(c, x): constant first, a NaN in x passes
 * Choice; compares are false on NaN except v_ne, v_nlt, v_nle (not less, not less or equal) and v_unordered:
 *   v_gt v_ge v_lt v_le v_eq v_ne v_nlt v_nle v_unordered  v_select(m, a, b) = m ? a : b  v_keep(m, a) = m ? a : +0
 *   vm_and vm_or vm_not vm_andnot(a, b) = a & ~b  vm_any  vm_bits(m): lane i is bit i  vm_from_bits(bits)
 *   vm_first(n): the first n <= V_LANES lanes
 * Bits and integers:
 *   v_as_i v_as_f  vi_set vi_add vi_sub vi_and vi_or vi_xor  vi_shl(a, n) vi_shr(a, n) vi_sra(a, n), n constant
 *   v_to_i: to nearest even  v_from_i  (doubles: below 2^51)
 *   v_pow2(k) = 2^k for -126 <= k <= 127  v_scale(a, k) = a * 2^k for -252 <= k <= 254, subnormal results included
 *   (doubles: -1022 <= k <= 1023, -2044 <= k <= 2046)
 *   v_table(t, i): t[i mod V_TABLE]; with a V_TABLE of 32 also v_table16, with V_SCALE v_scale_floor (see avx512.h) */
#ifndef HWV_SIMD_SIMD_H
#define HWV_SIMD_SIMD_H

#include <stddef.h>
#include <stdint.h>

#if !defined(HWV_SIMD)
#error "HWV_SIMD names the instruction set: scalar, sse2, avx2, avx512 or neon"
#endif

#define HWV_PASTE_(a, b) a##_##b
#define HWV_PASTE(a, b)  HWV_PASTE_(a, b)
/* HWV_ISA(hwv_kernels) is hwv_kernels_avx2 in the avx2 build. */
#define HWV_ISA(name) HWV_PASTE(name, HWV_SIMD)

/* The sanitizer of undefined behaviour would put a dozen branches into each word (clang checks every access to a
 * by-value struct), which takes minutes to compile and finds nothing: words do no pointer or index arithmetic
 * that their callers do not already do under its eyes. */
#if defined(__clang__)
#define HWV_WORD static inline __attribute__((always_inline, no_sanitize("undefined")))
#else
#define HWV_WORD static inline __attribute__((always_inline))
#endif

/* Before a loop over a local array of vectors: unless it is unrolled whole, the array lives in memory. */
#if defined(__clang__)
#define HWV_UNROLL _Pragma("clang loop unroll(full)")
#else
#define HWV_UNROLL _Pragma("GCC unroll 16")
#endif

#if defined(HWV_DOUBLE)
typedef double v_real;
typedef int64_t v_int;
#if defined(HWV_SIMD_scalar)
#include "simd/scalar.h"
#elif defined(HWV_SIMD_sse2)
#include "simd/f64/sse2.h"
#elif defined(HWV_SIMD_avx2)
#include "simd/f64/avx2.h"
#elif defined(HWV_SIMD_avx512)
#include "simd/f64/avx512.h"
#elif defined(HWV_SIMD_neon)
#include "simd/f64/neon.h"
#else
#error "no vector words for this HWV_SIMD"
#endif
#else
typedef float v_real;
typedef int32_t v_int;
#if defined(HWV_SIMD_scalar)
#include "simd/scalar.h"
#elif defined(HWV_SIMD_sse2)
#include "simd/sse2.h"
#elif defined(HWV_SIMD_avx2)
#include "simd/avx2.h"
#elif defined(HWV_SIMD_avx512)
#include "simd/avx512.h"
#elif defined(HWV_SIMD_neon)
#include "simd/neon.h"
#else
#error "no vector words for this HWV_SIMD"
#endif
#endif

HWV_WORD vf v_load_part(const v_real *p, size_t n)
{
    return n == V_LANES ? v_load(p) : v_load_n(p, n);
}
HWV_WORD void v_store_part(v_real *p, vf a, size_t n)
{
    if (n == V_LANES)
        v_store(p, a);
    else
        v_store_n(p, a, n);
}

#endif
