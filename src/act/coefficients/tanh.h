/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Made by tools/coefficients/make.py from tanh.py beside it; do not edit. */
/* clang-format off */
#ifndef HWV_ACT_COEFFICIENTS_TANH_H
#define HWV_ACT_COEFFICIENTS_TANH_H

#include "simd/simd.h"

#if V_TABLE >= 32
/* tanh a: 32 buckets of a + 0.625 by exponent and 3 mantissa bits, a <= 9.25, degree 5,
 * largest relative error 2.48e-08. Row 0 holds the bases. */
enum { hwv_tanh_shift = 20, hwv_tanh_degree = 5 };
static const float hwv_tanh_offset = 0x1.400000p-1f;
static const float hwv_tanh_last = 0x1.280000p+3f;
static const float hwv_tanh[7][32] = {
    {
        0x1.800116p+0f, 0x1.bfff90p+0f, 0x1.0000eap+1f, 0x1.1ffedcp+1f,
        0x1.3fff08p+1f, 0x1.6000bep+1f, 0x1.7fff1ap+1f, 0x1.a0006ep+1f,
        0x1.d00118p+1f, 0x1.080016p+2f, 0x1.27ff24p+2f, 0x1.48012cp+2f,
        0x1.68012cp+2f, 0x1.87fed4p+2f, 0x1.a8012cp+2f, 0x1.c7fed4p+2f,
        0x1.f7fed4p+2f, 0x1.280000p+3f, 0x0.0p+0f, 0x1.800020p-4f,
        0x1.3fffa0p-3f, 0x1.bffed4p-3f, 0x1.1fffe4p-2f, 0x1.600068p-2f,
        0x1.c000cep-2f, 0x1.2000dcp-1f, 0x1.600038p-1f, 0x1.9fff5ep-1f,
        0x1.dfffb0p-1f, 0x1.0fff3cp+0f, 0x1.3000eep+0f, 0x1.4fffb4p+0f,
    },
    {
        0x1.cf6ffcp-1f, 0x1.e1fbe0p-1f, 0x1.ed9548p-1f, 0x1.f4bfa4p-1f,
        0x1.f92568p-1f, 0x1.fbd516p-1f, 0x1.fd77c8p-1f, 0x1.fe767cp-1f,
        0x1.ff45fap-1f, 0x1.ffbb88p-1f, 0x1.ffe6cep-1f, 0x1.fff6bcp-1f,
        0x1.fffc98p-1f, 0x1.fffebep-1f, 0x1.ffff8ap-1f, 0x1.ffffd4p-1f,
        0x1.fffff6p-1f, 0x1.000000p+0f, 0x0.0p+0f, 0x1.7ee122p-4f,
        0x1.3d6b6ap-3f, 0x1.b8fbe6p-3f, 0x1.18a380p-2f, 0x1.52c322p-2f,
        0x1.a5734ap-2f, 0x1.050912p-1f, 0x1.315804p-1f, 0x1.5788a6p-1f,
        0x1.77d814p-1f, 0x1.92bf1ep-1f, 0x1.a8dc60p-1f, 0x1.bad4e4p-1f,
    },
    {
        0x1.72137ap-3f, 0x1.d22e22p-4f, 0x1.215ec6p-4f, 0x1.6416c0p-5f,
        0x1.b3b664p-6f, 0x1.09a498p-6f, 0x1.434ed6p-7f, 0x1.88ecc6p-8f,
        0x1.73c872p-9f, 0x1.11cdbap-10f, 0x1.931622p-12f, 0x1.28896ep-13f,
        0x1.b460f4p-15f, 0x1.412aaap-16f, 0x1.d8785ap-18f, 0x1.5bb96ep-19f,
        0x1.3659f6p-21f, 0x1.152cb2p-20f, 0x1.000000p+0f, 0x1.fb86b6p-1f,
        0x1.f3b366p-1f, 0x1.e842eap-1f, 0x1.d98b3ep-1f, 0x1.c7f704p-1f,
        0x1.a94574p-1f, 0x1.7aea40p-1f, 0x1.49e694p-1f, 0x1.198046p-1f,
        0x1.d83540p-2f, 0x1.866338p-2f, 0x1.3ee544p-2f, 0x1.01fc2cp-2f,
    },
    {
        -0x1.4ef9f2p-3f, -0x1.b6d9e4p-4f, -0x1.16f5f8p-4f, -0x1.5c4384p-5f,
        -0x1.ade104p-6f, -0x1.077aa0p-6f, -0x1.41b610p-7f, -0x1.87bde0p-8f,
        -0x1.733a4ap-9f, -0x1.11a420p-10f, -0x1.92facap-12f, -0x1.2b5666p-13f,
        -0x1.cb7886p-15f, -0x1.0f0df0p-16f, -0x1.f4c7c4p-18f, -0x1.691f04p-21f,
        -0x1.4958a0p-22f, 0x1.263f26p-17f, 0x1.50166ep-27f, -0x1.7b88c8p-4f,
        -0x1.35cb84p-3f, -0x1.a489c6p-3f, -0x1.038f3ap-2f, -0x1.2dafd8p-2f,
        -0x1.5e0f56p-2f, -0x1.825e3ap-2f, -0x1.897d2ap-2f, -0x1.79c12cp-2f,
        -0x1.5aa25cp-2f, -0x1.3315b2p-2f, -0x1.089f22p-2f, -0x1.be4418p-3f,
    },
    {
        0x1.67b248p-4f, 0x1.01badcp-4f, 0x1.58f19ep-5f, 0x1.bbd35ap-6f,
        0x1.16e2fep-6f, 0x1.5992a0p-7f, 0x1.a8b1b2p-8f, 0x1.0397d0p-8f,
        0x1.ed90f2p-10f, 0x1.6c7896p-11f, 0x1.0c8c82p-12f, 0x1.8b3ebap-14f,
        0x1.22bcf4p-15f, 0x1.ab9242p-17f, 0x1.3ac952p-18f, 0x1.cc6724p-20f,
        0x1.9d1638p-22f, 0x1.d01abcp-16f, -0x1.5555b4p-2f, -0x1.49681cp-2f,
        -0x1.351410p-2f, -0x1.185990p-2f, -0x1.e92120p-3f, -0x1.982d9ep-3f,
        -0x1.16e884p-3f, -0x1.bced6ep-5f, 0x1.d783d6p-7f, 0x1.070f98p-4f,
        0x1.84251ep-4f, 0x1.bda7fap-4f, 0x1.c52836p-4f, 0x1.abf4b0p-4f,
    },
    {
        -0x1.9681d6p-6f, -0x1.80a3f4p-6f, -0x1.254f4cp-6f, -0x1.9428b4p-7f,
        -0x1.0830aep-7f, -0x1.4f26fcp-8f, -0x1.a07b9ap-9f, -0x1.01613ap-9f,
        -0x1.f05bf2p-11f, -0x1.6fe06ep-12f, -0x1.0f7360p-13f, -0x1.c1fb64p-16f,
        0x1.a0ebecp-16f, -0x1.b70f48p-15f, 0x1.145c7cp-18f, -0x1.fd3998p-16f,
        -0x1.4d5a40p-20f, 0x1.2abf2ap-15f, 0x1.f62370p-15f, 0x1.f4fa0cp-5f,
        0x1.8ef4ecp-4f, 0x1.04f23ap-3f, 0x1.31db94p-3f, 0x1.500ec6p-3f,
        0x1.5ba2b8p-3f, 0x1.39fb8ep-3f, 0x1.e96eb0p-4f, 0x1.476644p-4f,
        0x1.63869ap-5f, 0x1.db6878p-7f, -0x1.6e2dd2p-8f, -0x1.20756cp-6f,
    },
    {
        -0x1.7150f2p-9f, 0x1.de7a96p-9f, 0x1.37728ap-8f, 0x1.05c3eep-8f,
        0x1.7716a8p-9f, 0x1.f501fap-10f, 0x1.409590p-10f, 0x1.915c62p-11f,
        0x1.8841c2p-12f, 0x1.25037cp-13f, 0x1.b17e8cp-15f, 0x1.42317cp-16f,
        0x1.f00108p-18f, 0x1.9213a0p-19f, 0x1.0e5b0cp-20f, 0x1.4caf78p-21f,
        0x1.615dd0p-24f, 0x1.0eafb2p-16f, 0x1.0f5598p-3f, 0x1.22df24p-4f,
        0x1.2968d6p-4f, 0x1.6eac08p-3f, 0x1.f6f574p-5f, -0x1.0e66b6p-5f,
        -0x1.ccdb60p-9f, -0x1.71bdfep-5f, -0x1.fb2550p-5f, -0x1.d5b652p-5f,
        -0x1.9af8b8p-5f, -0x1.29c500p-5f, -0x1.a66ce6p-6f, -0x1.aba324p-7f,
    },
};
#elif V_TABLE >= 8
/* tanh a: 8 buckets of a + 1 by exponent and 1 mantissa bits, a <= 9.25, degree 7,
 * largest relative error 3.94e-08. Row 0 holds the bases. */
enum { hwv_tanh_shift = 22, hwv_tanh_degree = 7 };
static const float hwv_tanh_offset = 0x1.000000p+0f;
static const float hwv_tanh_last = 0x1.280000p+3f;
static const float hwv_tanh[9][8] = {
    {
        0x1.800116p+0f, 0x1.3fff08p+1f, 0x1.00005ap+2f, 0x1.80012cp+2f,
        0x1.280000p+3f, 0x1.280000p+3f, 0x0.0p+0f, 0x1.8000d6p-1f,
    },
    {
        0x1.cf6ffcp-1f, 0x1.f92568p-1f, 0x1.ffa818p-1f, 0x1.fffe64p-1f,
        0x1.000000p+0f, 0x1.000000p+0f, 0x0.0p+0f, 0x1.4532bep-1f,
    },
    {
        0x1.721378p-3f, 0x1.b3b66ap-6f, 0x1.5f7f4cp-10f, 0x1.9c4466p-16f,
        0x1.adf970p-21f, 0x0.0p+0f, 0x1.000000p+0f, 0x1.317310p-1f,
    },
    {
        -0x1.4ef84ep-3f, -0x1.ade0b2p-6f, -0x1.5f789cp-10f, -0x1.9ecc08p-16f,
        0x1.5daf94p-18f, 0x0.0p+0f, -0x1.e8595ap-19f, -0x1.8403b6p-2f,
    },
    {
        0x1.67b1dep-4f, 0x1.16e1f4p-6f, 0x1.d3fb58p-11f, 0x1.12e2fap-16f,
        0x1.ccea08p-17f, 0x0.0p+0f, -0x1.55311ap-2f, 0x1.56854cp-5f,
    },
    {
        -0x1.99ffa0p-6f, -0x1.07d2acp-7f, -0x1.cda9d8p-12f, -0x1.03ed7cp-17f,
        0x1.1f99e0p-16f, 0x0.0p+0f, -0x1.c75b02p-10f, 0x1.98bc6cp-4f,
    },
    {
        -0x1.5fd256p-9f, 0x1.771162p-9f, 0x1.6fe30ep-13f, 0x1.b4e482p-19f,
        0x1.730562p-17f, 0x0.0p+0f, 0x1.254bfcp-3f, -0x1.06497cp-4f,
    },
    {
        0x1.ed17d6p-8f, -0x1.6e75fcp-11f, -0x1.158a5ap-14f, -0x1.8d3f28p-20f,
        0x1.daf18ep-19f, 0x0.0p+0f, -0x1.be0e7ep-6f, -0x1.1b3c24p-9f,
    },
    {
        -0x1.f5ec46p-9f, 0x1.f2ebccp-15f, 0x1.31fd6ep-16f, 0x1.74c9b2p-22f,
        0x1.e078b0p-22f, 0x0.0p+0f, -0x1.6cce6ap-6f, 0x1.608854p-6f,
    },
};
#else
/* tanh a = a + a^3 (c0 + c1 a^2 + ... c4 a^8), a <= 0.605, relative error 3.07e-09. */
static const float hwv_tanh_odd[5] = {
    -0x1.55553cp-2f, 0x1.110944p-3f, -0x1.b888d2p-5f, 0x1.5440aap-6f,
    -0x1.7ff878p-8f,
};
#endif

#endif
