/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * HWV_BUILT_LIST(X): X(name) for each instruction set this build has, for tables of kernels:
 *
 *     #define ENTRY(name) [HWV_ISA_##name] = &hwv_kernels_##name,
 *     static const hwv_kernels *const tables[HWV_ISA_COUNT] = {HWV_BUILT_LIST(ENTRY)}; */
#ifndef HWV_BASE_BUILT_H
#define HWV_BASE_BUILT_H

#if defined(HWV_HAVE_sse2)
#define HWV_BUILT_sse2(X) X(sse2)
#else
#define HWV_BUILT_sse2(X)
#endif
#if defined(HWV_HAVE_avx2)
#define HWV_BUILT_avx2(X) X(avx2)
#else
#define HWV_BUILT_avx2(X)
#endif
#if defined(HWV_HAVE_avx512)
#define HWV_BUILT_avx512(X) X(avx512)
#else
#define HWV_BUILT_avx512(X)
#endif
#if defined(HWV_HAVE_neon)
#define HWV_BUILT_neon(X) X(neon)
#else
#define HWV_BUILT_neon(X)
#endif

#define HWV_BUILT_LIST(X) X(scalar) HWV_BUILT_sse2(X) HWV_BUILT_avx2(X) HWV_BUILT_avx512(X) HWV_BUILT_neon(X)

#endif
