/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Made by tools/coefficients/make.py from tanhshrink.py beside it; do not edit. */
/* clang-format off */
#ifndef HWV_ACT_COEFFICIENTS_TANHSHRINK_H
#define HWV_ACT_COEFFICIENTS_TANHSHRINK_H

#include "simd/simd.h"

#if V_TABLE >= 32
/* a - tanh a: 32 buckets of a + 0.625 by exponent and 3 mantissa bits, a <= 9.25, degree 6,
 * largest relative error 5.96e-08. Row 0 holds the bases. */
enum { hwv_shrink_shift = 20, hwv_shrink_degree = 6 };
static const float hwv_shrink_offset = 0x1.400000p-1f;
static const float hwv_shrink_last = 0x1.280000p+3f;
static const float hwv_shrink[8][32] = {
    {
        0x1.800116p+0f, 0x1.bfff90p+0f, 0x1.0000eap+1f, 0x1.1ffedcp+1f,
        0x1.3fff08p+1f, 0x1.5fffe6p+1f, 0x1.7fff1ap+1f, 0x1.a00114p+1f,
        0x1.d00068p+1f, 0x1.080016p+2f, 0x1.28012cp+2f, 0x1.48012cp+2f,
        0x1.67fed4p+2f, 0x1.88012cp+2f, 0x1.a8012cp+2f, 0x1.c7fed4p+2f,
        0x1.f7fed4p+2f, 0x1.280000p+3f, 0x0.0p+0f, 0x1.7fff1cp-4f,
        0x1.3fff9cp-3f, 0x1.bffed8p-3f, 0x1.200124p-2f, 0x1.600068p-2f,
        0x1.bfffbap-2f, 0x1.200084p-1f, 0x1.600052p-1f, 0x1.9fff54p-1f,
        0x1.e0000ap-1f, 0x1.0ffeecp+0f, 0x1.3000eep+0f, 0x1.5000b8p+0f,
    },
    {
        0x1.309230p-1f, 0x1.9e0340p-1f, 0x1.093730p+0f, 0x1.459de6p+0f,
        0x1.836b5cp+0f, 0x1.c21548p+0f, 0x1.00a128p+1f, 0x1.206374p+1f,
        0x1.502eeap+1f, 0x1.90114ap+1f, 0x1.d008a4p+1f, 0x1.080254p+2f,
        0x1.27ff42p+2f, 0x1.480154p+2f, 0x1.68013ap+2f, 0x1.87fedap+2f,
        0x1.b7fed6p+2f, 0x1.080000p+3f, 0x0.0p+0f, 0x1.1efbbap-12f,
        0x1.4a1af4p-10f, 0x1.c0bb8cp-9f, 0x1.d71f02p-8f, 0x1.a7a8c0p-7f,
        0x1.a8d554p-6f, 0x1.af7b32p-5f, 0x1.7541eap-4f, 0x1.21dacep-3f,
        0x1.a09f32p-3f, 0x1.1a7deep-2f, 0x1.6e4af8p-2f, 0x1.ca5812p-2f,
    },
    {
        0x1.a37b22p-1f, 0x1.c5ba3cp-1f, 0x1.dbd428p-1f, 0x1.e9be94p-1f,
        0x1.f2624cp-1f, 0x1.f7b2c0p-1f, 0x1.faf2c4p-1f, 0x1.fcee2ep-1f,
        0x1.fe8c34p-1f, 0x1.ff771ap-1f, 0x1.ffcda0p-1f, 0x1.ffed78p-1f,
        0x1.fff92ep-1f, 0x1.fffd7ep-1f, 0x1.ffff14p-1f, 0x1.ffffaap-1f,
        0x1.ffffecp-1f, 0x1.ffffd0p-1f, 0x0.0p+0f, 0x1.1e50d2p-7f,
        0x1.899328p-6f, 0x1.7bd176p-5f, 0x1.33a89ap-4f, 0x1.c047dap-4f,
        0x1.5ae8bap-3f, 0x1.0a2afap-2f, 0x1.6c3300p-2f, 0x1.ccff68p-2f,
        0x1.13e59ep-1f, 0x1.3cce04p-1f, 0x1.608d5ep-1f, 0x1.7f02ccp-1f,
    },
    {
        0x1.4ef99ap-3f, 0x1.b6d9b6p-4f, 0x1.16f5eap-4f, 0x1.5c43fap-5f,
        0x1.ade170p-6f, 0x1.077efep-6f, 0x1.41b722p-7f, 0x1.87c2a8p-8f,
        0x1.73445cp-9f, 0x1.11aa58p-10f, 0x1.962edep-12f, 0x1.71f7a4p-13f,
        -0x1.022ebap-18f, 0x1.d20ddcp-16f, 0x1.d6d5e0p-15f, -0x1.1ac762p-15f,
        -0x1.92ad98p-17f, -0x1.28285ep-16f, 0x0.0p+0f, 0x1.7b87b2p-4f,
        0x1.35cb66p-3f, 0x1.a489bcp-3f, 0x1.039044p-2f, 0x1.2dafd6p-2f,
        0x1.5e0ef0p-2f, 0x1.825e24p-2f, 0x1.897d24p-2f, 0x1.79c12cp-2f,
        0x1.5aa21ep-2f, 0x1.33160ep-2f, 0x1.089f1cp-2f, 0x1.be413cp-3f,
    },
    {
        -0x1.67b6bcp-4f, -0x1.01bcb2p-4f, -0x1.58fdfap-5f, -0x1.bbd2b0p-6f,
        -0x1.16c708p-6f, -0x1.59b9eep-7f, -0x1.a85c18p-8f, -0x1.035c46p-8f,
        -0x1.edcd1cp-10f, -0x1.6d53e6p-11f, -0x1.0b2baep-12f, -0x1.8ff8dap-14f,
        -0x1.24c35ep-15f, -0x1.b59f46p-17f, -0x1.6017f4p-18f, -0x1.0334f0p-18f,
        -0x1.2694c0p-23f, -0x1.5ef4eap-14f, 0x1.555554p-2f, 0x1.497b76p-2f,
        0x1.35203ap-2f, 0x1.183ae6p-2f, 0x1.e91834p-3f, 0x1.985c20p-3f,
        0x1.16df56p-3f, 0x1.bd0d00p-5f, -0x1.d795dap-7f, -0x1.073b10p-4f,
        -0x1.844764p-4f, -0x1.bda67cp-4f, -0x1.c529b8p-4f, -0x1.abdf30p-4f,
    },
    {
        0x1.98c760p-6f, 0x1.813fdep-6f, 0x1.2589cap-6f, 0x1.929e4ap-7f,
        0x1.07900ep-7f, 0x1.4d024cp-8f, 0x1.9ce1c6p-9f, 0x1.ef26b6p-10f,
        0x1.eb39b4p-11f, 0x1.6acaf4p-12f, 0x1.18b51ep-19f, -0x1.6b548cp-10f,
        0x1.2e07bap-9f, -0x1.6c6d26p-12f, -0x1.072b52p-9f, 0x1.85a454p-10f,
        0x1.0e1c82p-13f, -0x1.7a1994p-13f, 0x1.f00af2p-18f, -0x1.f35c62p-5f,
        -0x1.8e4d3ap-4f, -0x1.04e3f4p-3f, -0x1.333b50p-3f, -0x1.4ff2acp-3f,
        -0x1.5c3cb2p-3f, -0x1.3a48b0p-3f, -0x1.e9a598p-4f, -0x1.477f2cp-4f,
        -0x1.6329eap-5f, -0x1.d7f7aap-7f, 0x1.7469e8p-8f, 0x1.257bc4p-6f,
    },
    {
        0x1.8ee9bcp-9f, -0x1.d3239ep-9f, -0x1.23783cp-8f, -0x1.068248p-8f,
        -0x1.a3bdf0p-9f, -0x1.bd1932p-10f, -0x1.859c18p-10f, -0x1.f20586p-11f,
        -0x1.7d5f92p-12f, -0x1.f2d6eep-14f, -0x1.24385ap-14f, -0x1.150daep-18f,
        -0x1.1a2a5ep-19f, 0x1.47b8e0p-20f, 0x1.fe9470p-18f, 0x1.ec478ap-16f,
        -0x1.acf6d6p-21f, -0x1.797a64p-13f, -0x1.11f946p-3f, -0x1.fc017ep-4f,
        -0x1.b5a322p-4f, -0x1.572280p-4f, -0x1.9fa0d4p-5f, -0x1.3afd1ep-5f,
        0x1.d5b9c4p-8f, 0x1.5ee0f0p-5f, 0x1.ff00e6p-5f, 0x1.0d7068p-4f,
        0x1.d08bb6p-5f, 0x1.27d3b0p-5f, 0x1.ad3dfcp-6f, 0x1.27081ap-7f,
    },
    {
        -0x1.a68e9ap-8f, -0x1.cb4c5ap-10f, -0x1.7577cep-11f, 0x1.208228p-9f,
        0x1.b615c6p-11f, 0x1.4c98b8p-10f, 0x1.502c84p-10f, 0x1.70078ap-9f,
        0x1.e3482ap-14f, 0x1.d6a93ap-15f, 0x1.587b62p-10f, 0x1.e8a88ep-7f,
        -0x1.85bef2p-6f, 0x1.e2dc5cp-9f, 0x1.56b842p-6f, -0x1.fa5772p-7f,
        -0x1.5e8a9ep-12f, -0x1.1b8180p-14f, 0x1.1d01aap-7f, 0x1.adf3ccp-6f,
        0x1.3395d6p-4f, 0x1.41a3cap-4f, 0x1.1658c8p-3f, -0x1.4f17fap-6f,
        0x1.1ea82ep-4f, 0x1.1f8ebcp-5f, 0x1.1f3ab8p-6f, 0x1.4e32eep-7f,
        -0x1.b9fd5ep-11f, -0x1.04737ep-6f, -0x1.40d2d2p-6f, -0x1.527960p-5f,
    },
};
#elif V_TABLE >= 8
/* a - tanh a: 8 buckets of a + 1 by exponent and 1 mantissa bits, a <= 9.25, degree 11,
 * largest relative error 2.98e-08. Row 0 holds the bases. */
enum { hwv_shrink_shift = 22, hwv_shrink_degree = 11 };
static const float hwv_shrink_offset = 0x1.000000p+0f;
static const float hwv_shrink_last = 0x1.280000p+3f;
static const float hwv_shrink[13][8] = {
    {
        0x1.800116p+0f, 0x1.3fff08p+1f, 0x1.00005ap+2f, 0x1.7ffed4p+2f,
        0x1.280000p+3f, 0x1.280000p+3f, 0x0.0p+0f, 0x1.800102p-1f,
    },
    {
        0x1.309230p-1f, 0x1.836b5cp+0f, 0x1.8016aep+1f, 0x1.3fff08p+2f,
        0x1.080000p+3f, 0x1.080000p+3f, 0x0.0p+0f, 0x1.d6714ep-4f,
    },
    {
        0x1.a37b22p-1f, 0x1.f2624cp-1f, 0x1.ff5040p-1f, 0x1.fffcc8p-1f,
        0x1.ffffc0p-1f, 0x0.0p+0f, 0x0.0p+0f, 0x1.9d1a24p-2f,
    },
    {
        0x1.4ef994p-3f, 0x1.ade13ep-6f, 0x1.5f461ap-10f, 0x1.473960p-16f,
        -0x1.0c2b8ep-15f, 0x0.0p+0f, 0x0.0p+0f, 0x1.840394p-2f,
    },
    {
        -0x1.67b1ccp-4f, -0x1.16db36p-6f, -0x1.d3fee0p-11f, -0x1.2437ccp-16f,
        -0x1.c4a374p-13f, 0x0.0p+0f, 0x1.555556p-2f, -0x1.568dbep-5f,
    },
    {
        0x1.98fe32p-6f, 0x1.07b8fap-7f, 0x1.d256f8p-12f, 0x1.8e4056p-15f,
        -0x1.89497ap-11f, 0x0.0p+0f, -0x1.4106a0p-19f, -0x1.989888p-4f,
    },
    {
        0x1.6038c8p-9f, -0x1.7bd416p-9f, -0x1.6dbd1cp-13f, 0x1.33209ap-18f,
        -0x1.901c44p-10f, 0x0.0p+0f, -0x1.10dec4p-3f, 0x1.074fbap-4f,
    },
    {
        -0x1.cf21a6p-8f, 0x1.78ddf6p-11f, 0x1.edc882p-15f, -0x1.bfe1bap-14f,
        -0x1.fcc6eap-10f, 0x0.0p+0f, -0x1.85c49cp-10f, 0x1.678136p-10f,
    },
    {
        0x1.eb36bcp-9f, 0x1.208fc8p-12f, -0x1.6e0e6cp-16f, -0x1.74dc84p-16f,
        -0x1.a048bep-10f, 0x0.0p+0f, 0x1.0bacb6p-4f, -0x1.dedeeap-6f,
    },
    {
        -0x1.30d8a2p-10f, -0x1.0aee34p-15f, 0x1.ac371cp-19f, 0x1.fea198p-14f,
        -0x1.b6476ap-11f, 0x0.0p+0f, -0x1.844fd2p-5f, 0x1.ba1eb2p-10f,
    },
    {
        0x1.1b8e26p-11f, -0x1.5f7eb6p-10f, 0x1.2408e8p-18f, 0x1.a72d76p-16f,
        -0x1.1ee466p-12f, 0x0.0p+0f, 0x1.658cc6p-4f, 0x1.a52078p-4f,
    },
    {
        0x1.42c5b4p-11f, -0x1.f944d6p-16f, 0x1.e3cc10p-22f, -0x1.943840p-15f,
        -0x1.a8f736p-15f, 0x0.0p+0f, -0x1.09e9e2p-3f, 0x1.f3f328p-5f,
    },
    {
        -0x1.19b546p-10f, 0x1.fd4584p-10f, -0x1.d830a6p-20f, -0x1.561636p-17f,
        -0x1.1015aep-18f, 0x0.0p+0f, 0x1.1e68e8p-4f, -0x1.ef367cp-2f,
    },
};
#else
/* a - tanh a = a^3 (c0 + c1 a^2 + ... c9 a^18), a <= 1.26, relative error 3.01e-08. */
static const float hwv_shrink_odd[10] = {
    0x1.555556p-2f, -0x1.111188p-3f, 0x1.ba3776p-5f, -0x1.6793bcp-6f,
    0x1.29c1b0p-7f, -0x1.0249b8p-8f, 0x1.c812eep-10f, -0x1.5bb008p-11f,
    0x1.64b148p-13f, -0x1.54edf0p-16f,
};
#endif

#endif
