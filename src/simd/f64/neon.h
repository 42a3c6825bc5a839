/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Vector words for AArch64 (Advanced SIMD) on doubles: 2 lanes. */
#ifndef HWV_SIMD_F64_NEON_H
#define HWV_SIMD_F64_NEON_H

#include <arm_neon.h>

#define V_LANES 2
#define V_FMA   1
#define V_TABLE 0
#define V_SCALE 0

typedef float64x2_t vf;
typedef int64x2_t vi;
typedef uint64x2_t vm; /* all ones or all zeros */
HWV_WORD vf v_zero(void)
{
    return vdupq_n_f64(0.0f);
}
HWV_WORD vf v_set(double s)
{
    return vdupq_n_f64(s);
}
HWV_WORD vf v_load(const double *p)
{
    return vld1q_f64(p);
}
HWV_WORD void v_store(double *p, vf a)
{
    vst1q_f64(p, a);
}
/* There is no intrinsic for a store around the cache that every compiler has. */
HWV_WORD void v_stream(double *p, vf a)
{
    vst1q_f64(p, a);
}
HWV_WORD void v_stream_fence(void)
{
}
HWV_WORD void v_prefetch(const void *p)
{
    __builtin_prefetch(p);
}
HWV_WORD vi vi_load(const int64_t *p)
{
    return vld1q_s64(p);
}
HWV_WORD void vi_store(int64_t *p, vi a)
{
    vst1q_s64(p, a);
}
HWV_WORD vf v_load_n(const double *p, size_t n)
{
    return n == 0 ? v_zero() : vld1q_lane_f64(p, v_zero(), 0);
}
HWV_WORD void v_store_n(double *p, vf a, size_t n)
{
    if (n == 1)
        vst1q_lane_f64(p, a, 0);
}

HWV_WORD vi v_as_i(vf a)
{
    return vreinterpretq_s64_f64(a);
}
HWV_WORD vf v_as_f(vi a)
{
    return vreinterpretq_f64_s64(a);
}
HWV_WORD vi vi_set(int64_t s)
{
    return vdupq_n_s64(s);
}
HWV_WORD vi vi_add(vi a, vi b)
{
    return vaddq_s64(a, b);
}
HWV_WORD vi vi_sub(vi a, vi b)
{
    return vsubq_s64(a, b);
}
HWV_WORD vi vi_and(vi a, vi b)
{
    return vandq_s64(a, b);
}
HWV_WORD vi vi_or(vi a, vi b)
{
    return vorrq_s64(a, b);
}
HWV_WORD vi vi_xor(vi a, vi b)
{
    return veorq_s64(a, b);
}
#define vi_shl(a, n) vshlq_n_s64(a, n)
#define vi_shr(a, n) vreinterpretq_s64_u64(vshrq_n_u64(vreinterpretq_u64_s64(a), n))
#define vi_sra(a, n) vshrq_n_s64(a, n)

HWV_WORD vf v_add(vf a, vf b)
{
    return vaddq_f64(a, b);
}
HWV_WORD vf v_sub(vf a, vf b)
{
    return vsubq_f64(a, b);
}
HWV_WORD vf v_mul(vf a, vf b)
{
    return vmulq_f64(a, b);
}
HWV_WORD vf v_div(vf a, vf b)
{
    return vdivq_f64(a, b);
}
HWV_WORD vf v_fma(vf a, vf b, vf c)
{
    return vfmaq_f64(c, a, b);
}
HWV_WORD vf v_fnma(vf a, vf b, vf c)
{
    return vfmsq_f64(c, a, b);
}
HWV_WORD vf v_min(vf c, vf x)
{
    return vminq_f64(c, x);
}
HWV_WORD vf v_max(vf c, vf x)
{
    return vmaxq_f64(c, x);
}
HWV_WORD vf v_abs(vf a)
{
    return vabsq_f64(a);
}
HWV_WORD vf v_neg(vf a)
{
    return vnegq_f64(a);
}
HWV_WORD vf v_xor_sign(vf a, vf s)
{
    return v_as_f(vi_xor(v_as_i(a), vi_and(v_as_i(s), vi_set(INT64_MIN))));
}
HWV_WORD vi v_to_i(vf a)
{
    return vcvtnq_s64_f64(a);
}
HWV_WORD vf v_from_i(vi a)
{
    return vcvtq_f64_s64(a);
}

HWV_WORD vm vm_not(vm a)
{
    return vreinterpretq_u64_u32(vmvnq_u32(vreinterpretq_u32_u64(a)));
}
HWV_WORD vm v_gt(vf a, vf b)
{
    return vcgtq_f64(a, b);
}
HWV_WORD vm v_ge(vf a, vf b)
{
    return vcgeq_f64(a, b);
}
HWV_WORD vm v_lt(vf a, vf b)
{
    return vcltq_f64(a, b);
}
HWV_WORD vm v_le(vf a, vf b)
{
    return vcleq_f64(a, b);
}
HWV_WORD vm v_nlt(vf a, vf b)
{
    return vm_not(vcltq_f64(a, b));
}
HWV_WORD vm v_nle(vf a, vf b)
{
    return vm_not(vcleq_f64(a, b));
}
HWV_WORD vm v_eq(vf a, vf b)
{
    return vceqq_f64(a, b);
}
HWV_WORD vm v_ne(vf a, vf b)
{
    return vm_not(vceqq_f64(a, b));
}
HWV_WORD vm v_unordered(vf a, vf b)
{
    return vm_not(vandq_u64(vceqq_f64(a, a), vceqq_f64(b, b)));
}
HWV_WORD vm vm_and(vm a, vm b)
{
    return vandq_u64(a, b);
}
HWV_WORD vm vm_or(vm a, vm b)
{
    return vorrq_u64(a, b);
}
HWV_WORD vm vm_andnot(vm a, vm b)
{
    return vbicq_u64(a, b);
}
HWV_WORD int vm_any(vm m)
{
    return (vgetq_lane_u64(m, 0) | vgetq_lane_u64(m, 1)) != 0;
}
HWV_WORD vm vm_lanes(void)
{
    return (vm){1, 2};
}
HWV_WORD uint32_t vm_bits(vm m)
{
    return (uint32_t)vaddvq_u64(vandq_u64(m, vm_lanes()));
}
HWV_WORD vm vm_from_bits(uint32_t bits)
{
    return vtstq_u64(vdupq_n_u64(bits), vm_lanes());
}
HWV_WORD vm vm_first(size_t n)
{
    return vcltq_u64((vm){0, 1}, vdupq_n_u64((uint64_t)n));
}
HWV_WORD vf v_select(vm m, vf a, vf b)
{
    return vbslq_f64(m, a, b);
}
HWV_WORD vf v_keep(vm m, vf a)
{
    return vreinterpretq_f64_u64(vandq_u64(m, vreinterpretq_u64_f64(a)));
}

HWV_WORD vf v_pow2(vi k)
{
    return v_as_f(vi_shl(vi_add(k, vi_set(1023)), 52));
}
HWV_WORD vf v_scale(vf a, vi k)
{
    vi half = vi_sra(k, 1);
    return v_mul(v_mul(a, v_pow2(half)), v_pow2(vi_sub(k, half)));
}

#endif
