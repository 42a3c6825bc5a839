/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Made by tools/coefficients/make.py from gelu.py beside it; do not edit. */
/* clang-format off */
#ifndef HWV_ACT_COEFFICIENTS_GELU_H
#define HWV_ACT_COEFFICIENTS_GELU_H

#include "simd/simd.h"

/* gelu_tanh is x times the logistic function of K t (t^2 + C). e^K in the units of exp.h, ln(2)/K in two parts;
 * C in two parts, of which the first has 16 bits. */
#define HWV_CUBIC_K 0x1.2444f2p-4f
#define HWV_CUBIC_LOG2E 0x1.a5a7d0p-4f
#define HWV_CUBIC_LN2_HIGH 0x1.36d800p+3f
#define HWV_CUBIC_LN2_LOW 0x1.d56d78p-13f
#define HWV_CUBIC_C_HIGH 0x1.65d200p+4f
#define HWV_CUBIC_C_LOW 0x1.7b767cp-14f
/* 1/sqrt(2 pi), and t R for large t. */
#define HWV_MILLS_FAR 0x1.988454p-2f
#if V_TABLE >= 32
/* R(a): 32 buckets of a + 1 by exponent and 3 mantissa bits, a <= 15, degree 4,
 * largest relative error 6.09e-08. Row 0 holds the bases. */
enum { hwv_mills_shift = 20, hwv_mills_degree = 4 };
static const float hwv_mills_offset = 0x1.000000p+0f;
static const float hwv_mills_last = 0x1.e00000p+3f;
static const float hwv_mills[6][32] = {
    {
        0x1.200090p+0f, 0x1.5fff9ap+0f, 0x1.a000f8p+0f, 0x1.dfff94p+0f,
        0x1.0fffcap+1f, 0x1.3000bap+1f, 0x1.4fff22p+1f, 0x1.70000ep+1f,
        0x1.a0003cp+1f, 0x1.e000cep+1f, 0x1.100018p+2f, 0x1.2fffc2p+2f,
        0x1.50009ep+2f, 0x1.6fff48p+2f, 0x1.900102p+2f, 0x1.b000f6p+2f,
        0x1.dfff02p+2f, 0x1.100094p+3f, 0x1.3000c8p+3f, 0x1.4fffb0p+3f,
        0x1.6fff3ap+3f, 0x1.90005cp+3f, 0x1.b000bep+3f, 0x1.e00000p+3f,
        0x1.ffff04p-5f, 0x1.8000f4p-3f, 0x1.400058p-2f, 0x1.bffeeep-2f,
        0x1.1fff06p-1f, 0x1.60001ep-1f, 0x1.a000e0p-1f, 0x1.dfff62p-1f,
    },
    {
        0x1.f66fc0p-3f, 0x1.bdba44p-3f, 0x1.8f67a4p-3f, 0x1.690b6ep-3f,
        0x1.48de6ap-3f, 0x1.2d92f8p-3f, 0x1.163190p-3f, 0x1.01f830p-3f,
        0x1.d0b2e2p-4f, 0x1.99c21ap-4f, 0x1.6e03ecp-4f, 0x1.4a7288p-4f,
        0x1.2d017ap-4f, 0x1.144628p-4f, 0x1.fe6d24p-5f, 0x1.da2baap-5f,
        0x1.ac636ep-5f, 0x1.7b5e6ap-5f, 0x1.5451bcp-5f, 0x1.3480a2p-5f,
        0x1.1a160ap-5f, 0x1.03cecap-5f, 0x1.e18d0ap-6f, 0x1.b1d706p-6f,
        0x1.e76f82p-2f, 0x1.bb93fep-2f, 0x1.95b876p-2f, 0x1.74d82ap-2f,
        0x1.5820e6p-2f, 0x1.3ee882p-2f, 0x1.28a58ap-2f, 0x1.14e72cp-2f,
    },
    {
        -0x1.f79374p-4f, -0x1.985254p-4f, -0x1.4ffd5ep-4f, -0x1.182794p-4f,
        -0x1.d8c22ep-5f, -0x1.932780p-5f, -0x1.5b21b4p-5f, -0x1.2d7bfap-5f,
        -0x1.ef2bd8p-6f, -0x1.85db1ep-6f, -0x1.3a003ep-6f, -0x1.01ca06p-6f,
        -0x1.ae3510p-7f, -0x1.6c07fap-7f, -0x1.37c1b2p-7f, -0x1.0dd2f8p-7f,
        -0x1.b9fba0p-8f, -0x1.5bc98ep-8f, -0x1.188e62p-8f, -0x1.cdef58p-9f,
        -0x1.82bf6cp-9f, -0x1.486d10p-9f, -0x1.1a5004p-9f, -0x1.cabe3ep-10f,
        -0x1.7a0d62p-2f, -0x1.45585ap-2f, -0x1.19ba88p-2f, -0x1.eacc42p-3f,
        -0x1.ade4f0p-3f, -0x1.7a88cap-3f, -0x1.4efaa0p-3f, -0x1.29d7dcp-3f,
    },
    {
        0x1.b65830p-5f, 0x1.4a03b6p-5f, 0x1.f9a41ep-6f, 0x1.899a02p-6f,
        0x1.36dda0p-6f, 0x1.f1974cp-7f, 0x1.932014p-7f, 0x1.4a385ap-7f,
        0x1.f2f4d6p-8f, 0x1.621e6cp-8f, 0x1.031b1ap-8f, 0x1.852c2cp-9f,
        0x1.2ae102p-9f, 0x1.d41c5cp-10f, 0x1.74d312p-10f, 0x1.2d696cp-10f,
        0x1.c0fbfap-11f, 0x1.3ae5dep-11f, 0x1.c9e7bcp-12f, 0x1.56ef16p-12f,
        0x1.073df2p-12f, 0x1.9ca72ap-13f, 0x1.49489cp-13f, 0x1.e29fa6p-14f,
        0x1.cfced8p-3f, 0x1.7e9344p-3f, 0x1.3dae0ep-3f, 0x1.097bb6p-3f,
        0x1.be71ccp-4f, 0x1.7992d0p-4f, 0x1.411ed6p-4f, 0x1.12945ap-4f,
    },
    {
        -0x1.577a1ap-6f, -0x1.e4da84p-7f, -0x1.5cd638p-7f, -0x1.ff01d2p-8f,
        -0x1.7c7ac4p-8f, -0x1.1f9e3cp-8f, -0x1.b8fa7ep-9f, -0x1.567bdcp-9f,
        -0x1.e0ac8cp-10f, -0x1.35a84ap-10f, -0x1.9df840p-11f, -0x1.1db0f4p-11f,
        -0x1.956290p-12f, -0x1.26b372p-12f, -0x1.b5b2b8p-13f, -0x1.4b3f9cp-13f,
        -0x1.c37b8ep-14f, -0x1.1ac9b6p-14f, -0x1.732bbap-15f, -0x1.fa50d2p-16f,
        -0x1.64a536p-16f, -0x1.022e14p-16f, -0x1.7eb13ep-17f, -0x1.0092eep-17f,
        -0x1.e53940p-4f, -0x1.824d66p-4f, -0x1.35b3fep-4f, -0x1.f3f48cp-5f,
        -0x1.96100ap-5f, -0x1.4be8d8p-5f, -0x1.10e004p-5f, -0x1.c358a8p-6f,
    },
    {
        0x1.ec1768p-8f, 0x1.47fd3ap-8f, 0x1.be514ep-9f, 0x1.35509cp-9f,
        0x1.b4b546p-10f, 0x1.395a5ap-10f, 0x1.c8cc80p-11f, 0x1.511ebap-11f,
        0x1.b957c0p-12f, 0x1.03e368p-12f, 0x1.3f31c6p-13f, 0x1.96d4d8p-14f,
        0x1.0baff6p-14f, 0x1.6a7faep-15f, 0x1.f770f4p-16f, 0x1.6588dcp-16f,
        0x1.bd54d0p-17f, 0x1.f41b60p-18f, 0x1.290ff0p-18f, 0x1.71b89cp-19f,
        0x1.dec816p-20f, 0x1.408d02p-20f, 0x1.b9d262p-21f, 0x1.086672p-21f,
        0x1.c06edcp-5f, 0x1.5a92f6p-5f, 0x1.0d7e6ap-5f, 0x1.a62b1ap-6f,
        0x1.4c8dccp-6f, 0x1.07fbacp-6f, 0x1.a4ffa0p-7f, 0x1.51a476p-7f,
    },
};
#elif V_TABLE >= 8
/* R(a): 8 buckets of a + 1 by exponent and 1 mantissa bits, a <= 15, degree 7,
 * largest relative error 3.63e-08. Row 0 holds the bases. */
enum { hwv_mills_shift = 22, hwv_mills_degree = 7 };
static const float hwv_mills_offset = 0x1.000000p+0f;
static const float hwv_mills_last = 0x1.e00000p+3f;
static const float hwv_mills[9][8] = {
    {
        0x1.7ffef0p+0f, 0x1.3fff30p+1f, 0x1.0000bap+2f, 0x1.8000c4p+2f,
        0x1.2000aep+3f, 0x1.e00000p+3f, 0x1.00009cp-2f, 0x1.800124p-1f,
    },
    {
        0x1.a5711ap-3f, 0x1.2172eap-3f, 0x1.82b3bep-4f, 0x1.095588p-4f,
        0x1.66cbe4p-5f, 0x1.b1d706p-6f, 0x1.a7f7dap-2f, 0x1.336fbep-2f,
    },
    {
        -0x1.71c17ep-4f, -0x1.75acd0p-5f, -0x1.5cf7c6p-6f, -0x1.506784p-7f,
        -0x1.377fb8p-8f, -0x1.cabe1ep-10f, -0x1.2e861cp-2f, -0x1.63dfaap-3f,
    },
    {
        0x1.2041a8p-5f, 0x1.bf3c0cp-7f, 0x1.2dd8a0p-8f, 0x1.a0ecc2p-10f,
        0x1.0b6d4ap-11f, 0x1.e2a9ccp-14f, 0x1.5c5626p-3f, 0x1.5bf6f6p-4f,
    },
    {
        -0x1.9982dcp-7f, -0x1.f62a00p-9f, -0x1.f6a00ep-11f, -0x1.f9c802p-13f,
        -0x1.c636c0p-15f, -0x1.014b96p-17f, -0x1.594f28p-4f, -0x1.2c8524p-5f,
    },
    {
        0x1.0d4288p-8f, 0x1.0ab826p-10f, 0x1.93a59ep-13f, 0x1.2c893ap-15f,
        0x1.7ce316p-18f, 0x1.ad66a6p-22f, 0x1.31285ap-5f, 0x1.d680b2p-7f,
    },
    {
        -0x1.4bd78ep-10f, -0x1.0e0bf6p-12f, -0x1.3aa728p-15f, -0x1.5ebf62p-18f,
        -0x1.3ce7bep-21f, -0x1.264824p-24f, -0x1.eb53f6p-7f, -0x1.52195cp-8f,
    },
    {
        0x1.9013b0p-12f, 0x1.0b90fcp-14f, 0x1.fbb58cp-18f, 0x1.a04d6ep-21f,
        0x1.1b4c46p-24f, -0x1.6fa46ap-28f, 0x1.724b1ep-8f, 0x1.d00278p-10f,
    },
    {
        -0x1.b896d6p-14f, -0x1.e89250p-17f, -0x1.71b27ep-20f, -0x1.cdee3cp-24f,
        -0x1.cc5724p-28f, -0x1.b29ea8p-31f, -0x1.0454b6p-9f, -0x1.952d2cp-11f,
    },
};
#else
/* t R = t/2 - t^2 M/D, t <= 1.01, error 2.59e-09 of t R. */
static const float hwv_mills_near_top[3] = {
    0x1.988456p-2f, 0x1.979ca6p-3f, 0x1.225778p-5f,
};
static const float hwv_mills_near_bottom[4] = {
    0x1.000000p+0f, 0x1.202420p+0f, 0x1.d7e32ep-2f, 0x1.200384p-4f,
};
/* t R = HWV_MILLS_FAR - M/D, 0.99 <= t <= 14.95, error 2.33e-09 of t R. */
static const float hwv_mills_far_top[4] = {
    0x1.98a2f8p-2f, 0x1.ebff56p-3f, 0x1.1e5090p-4f, 0x1.4dd2aep-7f,
};
static const float hwv_mills_far_bottom[6] = {
    0x1.000000p+0f, 0x1.db7568p+0f, 0x1.7f79acp+0f, 0x1.5cc552p-1f,
    0x1.669a1cp-3f, 0x1.a26cc4p-6f,
};
#endif

#endif
