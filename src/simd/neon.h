/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Vector words for AArch64 (Advanced SIMD): 4 lanes. */
#ifndef HWV_SIMD_NEON_H
#define HWV_SIMD_NEON_H

#include <arm_neon.h>

#define V_LANES 4
#define V_FMA   1
#define V_TABLE 8
#define V_SCALE 0

typedef float32x4_t vf;
typedef int32x4_t vi;
typedef uint32x4_t vm; /* all ones or all zeros */
HWV_WORD vf v_zero(void)
{
    return vdupq_n_f32(0.0f);
}
HWV_WORD vf v_set(float s)
{
    return vdupq_n_f32(s);
}
HWV_WORD vf v_load(const float *p)
{
    return vld1q_f32(p);
}
HWV_WORD void v_store(float *p, vf a)
{
    vst1q_f32(p, a);
}
/* There is no intrinsic for a store around the cache that every compiler has. */
HWV_WORD void v_stream(float *p, vf a)
{
    vst1q_f32(p, a);
}
HWV_WORD void v_stream_fence(void)
{
}
HWV_WORD void v_prefetch(const void *p)
{
    __builtin_prefetch(p);
}
HWV_WORD vi vi_load(const int32_t *p)
{
    return vld1q_s32(p);
}
HWV_WORD void vi_store(int32_t *p, vi a)
{
    vst1q_s32(p, a);
}
HWV_WORD vf v_load_n(const float *p, size_t n)
{
    vf a = v_zero();
    if (n >= 1)
        a = vld1q_lane_f32(p, a, 0);
    if (n >= 2)
        a = vld1q_lane_f32(p + 1, a, 1);
    if (n >= 3)
        a = vld1q_lane_f32(p + 2, a, 2);
    return a;
}
HWV_WORD void v_store_n(float *p, vf a, size_t n)
{
    if (n >= 1)
        vst1q_lane_f32(p, a, 0);
    if (n >= 2)
        vst1q_lane_f32(p + 1, a, 1);
    if (n >= 3)
        vst1q_lane_f32(p + 2, a, 2);
}

HWV_WORD vi v_as_i(vf a)
{
    return vreinterpretq_s32_f32(a);
}
HWV_WORD vf v_as_f(vi a)
{
    return vreinterpretq_f32_s32(a);
}
HWV_WORD vi vi_set(int32_t s)
{
    return vdupq_n_s32(s);
}
HWV_WORD vi vi_add(vi a, vi b)
{
    return vaddq_s32(a, b);
}
HWV_WORD vi vi_sub(vi a, vi b)
{
    return vsubq_s32(a, b);
}
HWV_WORD vi vi_and(vi a, vi b)
{
    return vandq_s32(a, b);
}
HWV_WORD vi vi_or(vi a, vi b)
{
    return vorrq_s32(a, b);
}
HWV_WORD vi vi_xor(vi a, vi b)
{
    return veorq_s32(a, b);
}
#define vi_shl(a, n) vshlq_n_s32(a, n)
#define vi_shr(a, n) vreinterpretq_s32_u32(vshrq_n_u32(vreinterpretq_u32_s32(a), n))
#define vi_sra(a, n) vshrq_n_s32(a, n)

HWV_WORD vf v_add(vf a, vf b)
{
    return vaddq_f32(a, b);
}
HWV_WORD vf v_sub(vf a, vf b)
{
    return vsubq_f32(a, b);
}
HWV_WORD vf v_mul(vf a, vf b)
{
    return vmulq_f32(a, b);
}
HWV_WORD vf v_div(vf a, vf b)
{
    return vdivq_f32(a, b);
}
HWV_WORD vf v_fma(vf a, vf b, vf c)
{
    return vfmaq_f32(c, a, b);
}
HWV_WORD vf v_fnma(vf a, vf b, vf c)
{
    return vfmsq_f32(c, a, b);
}
HWV_WORD vf v_min(vf c, vf x)
{
    return vminq_f32(c, x);
}
HWV_WORD vf v_max(vf c, vf x)
{
    return vmaxq_f32(c, x);
}
HWV_WORD vf v_abs(vf a)
{
    return vabsq_f32(a);
}
HWV_WORD vf v_neg(vf a)
{
    return vnegq_f32(a);
}
HWV_WORD vf v_xor_sign(vf a, vf s)
{
    return v_as_f(vi_xor(v_as_i(a), vi_and(v_as_i(s), vi_set(INT32_MIN))));
}
HWV_WORD vi v_to_i(vf a)
{
    return vcvtnq_s32_f32(a);
}
HWV_WORD vf v_from_i(vi a)
{
    return vcvtq_f32_s32(a);
}

HWV_WORD vm v_gt(vf a, vf b)
{
    return vcgtq_f32(a, b);
}
HWV_WORD vm v_ge(vf a, vf b)
{
    return vcgeq_f32(a, b);
}
HWV_WORD vm v_lt(vf a, vf b)
{
    return vcltq_f32(a, b);
}
HWV_WORD vm v_le(vf a, vf b)
{
    return vcleq_f32(a, b);
}
HWV_WORD vm v_nlt(vf a, vf b)
{
    return vmvnq_u32(vcltq_f32(a, b));
}
HWV_WORD vm v_nle(vf a, vf b)
{
    return vmvnq_u32(vcleq_f32(a, b));
}
HWV_WORD vm v_eq(vf a, vf b)
{
    return vceqq_f32(a, b);
}
HWV_WORD vm v_ne(vf a, vf b)
{
    return vmvnq_u32(vceqq_f32(a, b));
}
HWV_WORD vm v_unordered(vf a, vf b)
{
    return vmvnq_u32(vandq_u32(vceqq_f32(a, a), vceqq_f32(b, b)));
}
HWV_WORD vm vm_and(vm a, vm b)
{
    return vandq_u32(a, b);
}
HWV_WORD vm vm_or(vm a, vm b)
{
    return vorrq_u32(a, b);
}
HWV_WORD vm vm_not(vm a)
{
    return vmvnq_u32(a);
}
HWV_WORD vm vm_andnot(vm a, vm b)
{
    return vbicq_u32(a, b);
}
HWV_WORD int vm_any(vm m)
{
    return vmaxvq_u32(m) != 0;
}
HWV_WORD vm vm_lanes(void)
{
    return (vm){1, 2, 4, 8};
}
HWV_WORD uint32_t vm_bits(vm m)
{
    return vaddvq_u32(vandq_u32(m, vm_lanes()));
}
HWV_WORD vm vm_from_bits(uint32_t bits)
{
    return vtstq_u32(vdupq_n_u32(bits), vm_lanes());
}
HWV_WORD vm vm_first(size_t n)
{
    return vcltq_u32((vm){0, 1, 2, 3}, vdupq_n_u32((uint32_t)n));
}
HWV_WORD vf v_select(vm m, vf a, vf b)
{
    return vbslq_f32(m, a, b);
}
HWV_WORD vf v_keep(vm m, vf a)
{
    return vreinterpretq_f32_u32(vandq_u32(m, vreinterpretq_u32_f32(a)));
}

HWV_WORD vf v_pow2(vi k)
{
    return v_as_f(vi_shl(vi_add(k, vi_set(127)), 23));
}
HWV_WORD vf v_scale(vf a, vi k)
{
    vi half = vi_sra(k, 1);
    return v_mul(v_mul(a, v_pow2(half)), v_pow2(vi_sub(k, half)));
}
HWV_WORD vf v_table(const float *t, vi i)
{
    const uint8_t *bytes = (const uint8_t *)(const void *)t;
    uint8x16x2_t table = {{vld1q_u8(bytes), vld1q_u8(bytes + 16)}};
    /* Four byte indices per lane: 4 * (i mod 8) + 0, 1, 2, 3. */
    uint32x4_t low = vandq_u32(vreinterpretq_u32_s32(i), vdupq_n_u32(7));
    uint32x4_t at = vaddq_u32(vmulq_n_u32(low, 0x04040404u), vdupq_n_u32(0x03020100u));
    return vreinterpretq_f32_u8(vqtbl2q_u8(table, vreinterpretq_u8_u32(at)));
}

#endif
