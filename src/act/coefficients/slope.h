/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Made by tools/coefficients/make.py from slope.py beside it; do not edit. */
/* clang-format off */
#ifndef HWV_ACT_COEFFICIENTS_SLOPE_H
#define HWV_ACT_COEFFICIENTS_SLOPE_H

#include "simd/simd.h"

#if V_TABLE >= 32
/* sigmoid': 32 buckets of a + 1.25 by exponent and 3 mantissa bits, constant from 16.75, degree 3,
 * largest absolute error 2.29e-07. */
enum { hwv_slope_sigmoid_shift = 20, hwv_slope_sigmoid_degree = 3 };
static const float hwv_slope_sigmoid_offset = 0x1.400000p+0f;
static const float hwv_slope_sigmoid_last = 0x1.0c0000p+4f;
static const float hwv_slope_sigmoid_center = 0x1.400000p+1f;
static const float hwv_slope_sigmoid[4][32] = {
    {
        0x1.79c884p-4f, 0x1.5f1ea2p-4f, 0x1.3dc548p-4f, 0x1.296a7ap-4f,
        0x1.215118p-4f, 0x1.1f57aep-4f, 0x1.1f2524p-4f, 0x1.1f251cp-4f,
        0x1.1f3862p-4f, 0x1.1ea86ep-4f, 0x1.18dd6ap-4f, 0x1.09ad04p-4f,
        0x1.e21268p-5f, 0x1.a407e4p-5f, 0x1.611848p-5f, 0x1.1fe186p-5f,
        0x1.992400p-6f, 0x1.dd083ep-7f, 0x1.05ca9ep-7f, 0x1.1257aep-8f,
        0x1.1525dap-9f, 0x1.0fc32ep-10f, 0x1.03f9b6p-11f, 0x1.e7240ap-13f,
        0x1.3f2de6p-14f, 0x0.0p+0f, -0x1.9f1ce0p-4f, -0x1.16f4e4p-5f,
        0x1.20ab8ap-6f, 0x1.b98bc0p-5f, 0x1.39b7f6p-4f, 0x1.6a3452p-4f,
    },
    {
        -0x1.579be8p-11f, -0x1.c7d6ecp-7f, -0x1.126320p-5f, -0x1.8beeecp-5f,
        -0x1.cbdd4cp-5f, -0x1.e2d1fcp-5f, -0x1.e71922p-5f, -0x1.e73252p-5f,
        -0x1.e8bf92p-5f, -0x1.e50c3ep-5f, -0x1.c9cbc2p-5f, -0x1.95dac6p-5f,
        -0x1.54066ap-5f, -0x1.101ff2p-5f, -0x1.a43b28p-6f, -0x1.3b83a8p-6f,
        -0x1.8fa664p-7f, -0x1.948038p-8f, -0x1.874220p-9f, -0x1.6e032cp-10f,
        -0x1.4da85ep-11f, -0x1.29ed96p-12f, -0x1.0588d8p-13f, -0x1.c4abeep-15f,
        -0x1.0a40aap-16f, 0x0.0p+0f, -0x1.0f39f8p-2f, -0x1.707530p-3f,
        -0x1.c6f8ecp-4f, -0x1.eaef20p-5f, -0x1.a96272p-6f, -0x1.d0b8dap-8f,
    },
    {
        0x1.3e60c4p-4f, 0x1.197e70p-4f, 0x1.b2274ap-5f, 0x1.38e0a8p-5f,
        0x1.c8cbbep-6f, 0x1.6efc4ap-6f, 0x1.4f2198p-6f, 0x1.4e3c1cp-6f,
        0x1.597bd2p-6f, 0x1.51a914p-6f, 0x1.26aba8p-6f, 0x1.d686f4p-7f,
        0x1.610914p-7f, 0x1.fba136p-8f, 0x1.624aa8p-8f, 0x1.e4384ep-9f,
        0x1.0dc742p-9f, 0x1.d5391cp-11f, 0x1.8d62fap-12f, 0x1.4a69cep-13f,
        0x1.0efa3cp-14f, 0x1.b7b1c8p-16f, 0x1.619d40p-17f, 0x1.1a5188p-18f,
        0x1.29894ap-20f, 0x0.0p+0f, -0x1.6248d4p-5f, -0x1.eadc80p-8f,
        0x1.7a226ep-6f, 0x1.8200e6p-5f, 0x1.066cb8p-4f, 0x1.2f831ep-4f,
    },
    {
        0x1.5b112ep-6f, 0x1.39a214p-6f, 0x1.e9178ep-7f, 0x1.4755c0p-7f,
        0x1.63a1f2p-8f, 0x1.dc2f1ap-10f, -0x1.688738p-11f, -0x1.20b672p-9f,
        -0x1.94f5ccp-9f, -0x1.803218p-9f, -0x1.25359ap-9f, -0x1.949e7cp-10f,
        -0x1.0888cep-10f, -0x1.4f7cb6p-11f, -0x1.a1f128p-12f, -0x1.019630p-12f,
        -0x1.f3c058p-14f, -0x1.7281d6p-15f, -0x1.115e0ap-16f, -0x1.92adc0p-18f,
        -0x1.2862f4p-19f, -0x1.b432e4p-21f, -0x1.40f41ap-22f, -0x1.d84c36p-24f,
        -0x1.bd247cp-26f, 0x0.0p+0f, 0x1.53fe74p-9f, 0x1.f2cd96p-8f,
        0x1.8db508p-7f, 0x1.0491c8p-6f, 0x1.32c468p-6f, 0x1.4fe41cp-6f,
    },
};
/* tanh': 32 buckets of a + 0.6875 by exponent and 3 mantissa bits, constant from 9.3125, degree 4,
 * largest absolute error 1.04e-07. */
enum { hwv_slope_tanh_shift = 20, hwv_slope_tanh_degree = 4 };
static const float hwv_slope_tanh_offset = 0x1.600000p-1f;
static const float hwv_slope_tanh_last = 0x1.2a0000p+3f;
static const float hwv_slope_tanh_center = 0x1.800000p-1f;
static const float hwv_slope_tanh[5][32] = {
    {
        0x1.371f40p-1f, 0x1.3fe444p-1f, 0x1.45ae9cp-1f, 0x1.413edcp-1f,
        0x1.300ce8p-1f, 0x1.142548p-1f, 0x1.e36892p-2f, 0x1.99efaap-2f,
        0x1.334004p-2f, 0x1.81c712p-3f, 0x1.c6c5fcp-4f, 0x1.fe7ad2p-5f,
        0x1.1369e6p-5f, 0x1.1fa07cp-6f, 0x1.24364cp-7f, 0x1.21f208p-8f,
        0x1.96dfd8p-10f, 0x1.67db40p-12f, 0x0.0p+0f, 0x1.4b1968p-1f,
        0x1.464aeap-1f, 0x1.3ffd84p-1f, 0x1.3a50e4p-1f, 0x1.362ba0p-1f,
        0x1.32c94cp-1f, 0x1.319160p-1f, 0x1.31740ap-1f, 0x1.3173b2p-1f,
        0x1.3173e4p-1f, 0x1.318020p-1f, 0x1.31ddaap-1f, 0x1.3311f8p-1f,
    },
    {
        -0x1.aff300p-1f, -0x1.dbac9ap-1f, -0x1.f23818p-1f, -0x1.e53770p-1f,
        -0x1.b96bdcp-1f, -0x1.7bdba6p-1f, -0x1.38fa5ap-1f, -0x1.f2a0e2p-2f,
        -0x1.54e914p-2f, -0x1.7c78d0p-3f, -0x1.925296p-4f, -0x1.98b716p-5f,
        -0x1.925a6cp-6f, -0x1.821268p-7f, -0x1.6a9b60p-8f, -0x1.4e6db2p-9f,
        -0x1.a8a7f2p-11f, -0x1.4cbcbap-13f, 0x0.0p+0f, -0x1.89d9d4p-2f,
        -0x1.c21ef2p-2f, -0x1.097932p-1f, -0x1.31d39ep-1f, -0x1.52f144p-1f,
        -0x1.72a122p-1f, -0x1.81b856p-1f, -0x1.83f494p-1f, -0x1.8403d4p-1f,
        -0x1.840c90p-1f, -0x1.84fea2p-1f, -0x1.899056p-1f, -0x1.947cc0p-1f,
    },
    {
        0x1.91def8p-2f, 0x1.1b1786p-1f, 0x1.3c13a8p-1f, 0x1.2dc958p-1f,
        0x1.03e772p-1f, 0x1.a1d7aap-2f, 0x1.405d52p-2f, 0x1.db2270p-3f,
        0x1.2545f6p-3f, 0x1.205c5ep-4f, 0x1.0fecfcp-5f, 0x1.f2062ap-7f,
        0x1.be02eep-8f, 0x1.8861fep-9f, 0x1.5429a2p-10f, 0x1.234092p-11f,
        0x1.4e0fcep-13f, 0x1.cf3bdap-16f, 0x0.0p+0f, 0x1.3af348p+0f,
        0x1.1c0f4ap+0f, 0x1.d6e408p-1f, 0x1.6b34e4p-1f, 0x1.07ecccp-1f,
        0x1.30c520p-2f, 0x1.472fdep-3f, 0x1.04d70cp-3f, 0x1.00de48p-3f,
        0x1.032aaep-3f, 0x1.1fb292p-3f, 0x1.761032p-3f, 0x1.05a6a6p-2f,
    },
    {
        -0x1.bf9be0p-7f, -0x1.2fb85ep-3f, -0x1.85ae3ep-3f, -0x1.69c2b2p-3f,
        -0x1.2276a4p-3f, -0x1.aea91ap-4f, -0x1.30469ep-4f, -0x1.a10092p-5f,
        -0x1.ccd456p-6f, -0x1.8c6894p-7f, -0x1.4bd476p-8f, -0x1.110954p-9f,
        -0x1.bbde32p-11f, -0x1.656ad6p-12f, -0x1.1d9f3cp-13f, -0x1.c59a3ep-15f,
        -0x1.d538f4p-17f, -0x1.1f9634p-19f, 0x0.0p+0f, 0x1.fb65fep+0f,
        0x1.dd3d36p+0f, 0x1.a93aecp+0f, 0x1.6954e8p+0f, 0x1.27225ap+0f,
        0x1.9f5838p-1f, 0x1.0b79e6p-1f, 0x1.a7a3f0p-2f, 0x1.989108p-2f,
        0x1.8fcf6cp-2f, 0x1.5f0e04p-2f, 0x1.03a16ep-2f, 0x1.23c13ap-3f,
    },
    {
        -0x1.dcc23ap-6f, 0x1.b91ed0p-7f, 0x1.84e00ep-6f, 0x1.5bf70ap-6f,
        0x1.00d1d8p-6f, 0x1.5b641ep-7f, 0x1.c0ccc0p-8f, 0x1.1a852cp-8f,
        0x1.1597b8p-9f, 0x1.9f89ecp-11f, 0x1.33a83ap-12f, 0x1.c5c3cap-14f,
        0x1.4e24c8p-15f, 0x1.ebd9f8p-17f, 0x1.69ece0p-18f, 0x1.0a4d0ep-19f,
        0x1.f030bep-22f, 0x1.0c9c04p-24f, 0x0.0p+0f, 0x1.523044p-1f,
        0x1.3c189cp-1f, 0x1.12582cp-1f, 0x1.b2ddccp-2f, 0x1.2e583ap-2f,
        0x1.8079a2p-4f, -0x1.141980p-3f, -0x1.18ea50p-2f, -0x1.46666ap-2f,
        -0x1.2ccf9ep-2f, -0x1.d9f54cp-3f, -0x1.479792p-3f, -0x1.89f680p-4f,
    },
};
/* silu' - 1/2: 32 buckets of a + 1.5 by exponent and 3 mantissa bits, constant from 20.5, degree 4,
 * largest absolute error 4.64e-08. */
enum { hwv_slope_silu_shift = 20, hwv_slope_silu_degree = 4 };
static const float hwv_slope_silu_offset = 0x1.800000p+0f;
static const float hwv_slope_silu_last = 0x1.480000p+4f;
static const float hwv_slope_silu_center = 0x1.400000p+1f;
static const float hwv_slope_silu[5][32] = {
    {
        0x1.53548ap-1f, 0x1.512bbap-1f, 0x1.422020p-1f, 0x1.37f8e2p-1f,
        0x1.33fce2p-1f, 0x1.330568p-1f, 0x1.32e5e2p-1f, 0x1.32e4b4p-1f,
        0x1.32e4b4p-1f, 0x1.32f8f6p-1f, 0x1.33d750p-1f, 0x1.3680a4p-1f,
        0x1.3ae4c8p-1f, 0x1.3fcc3ep-1f, 0x1.43b56ep-1f, 0x1.458ca2p-1f,
        0x1.43af82p-1f, 0x1.3a2cdap-1f, 0x1.2cbbcep-1f, 0x1.1f7dd2p-1f,
        0x1.14a85cp-1f, 0x1.0ccb62p-1f, 0x1.078e90p-1f, 0x1.044a04p-1f,
        0x1.01c836p-1f, 0x1.007b8cp-1f, 0x1.001ec6p-1f, 0x1.000000p-1f,
        0x1.7df268p-4f, 0x1.524ec4p-2f, 0x1.fcba7ap-2f, 0x1.32e726p-1f,
    },
    {
        0x1.7f28a2p-3f, 0x1.681db4p-3f, 0x1.8dda92p-4f, 0x1.166a9cp-5f,
        0x1.ad1bdcp-9f, -0x1.abb66cp-8f, -0x1.114ec8p-7f, -0x1.1543f0p-7f,
        -0x1.155c9ep-7f, -0x1.38bd2ap-7f, -0x1.08d8f2p-6f, -0x1.eb83b6p-6f,
        -0x1.82f412p-5f, -0x1.00bd34p-4f, -0x1.2ae594p-4f, -0x1.3c0b6ap-4f,
        -0x1.2e0be6p-4f, -0x1.e2e39ep-5f, -0x1.530ee8p-5f, -0x1.b2c55ep-6f,
        -0x1.047c76p-6f, -0x1.2815a6p-7f, -0x1.429348p-8f, -0x1.536456p-9f,
        -0x1.fc2c1ap-11f, -0x1.e4ea42p-13f, -0x1.af5872p-15f, 0x0.0p+0f,
        -0x1.a7a282p-1f, -0x1.b6a468p-2f, -0x1.1029c2p-3f, 0x1.ea553ap-5f,
    },
    {
        0x1.954926p-3f, 0x1.7eaff8p-3f, 0x1.b9213cp-4f, 0x1.074feap-5f,
        -0x1.b8ba7cp-7f, -0x1.0b3c5cp-5f, -0x1.35ae4ep-5f, -0x1.3ab418p-5f,
        -0x1.3a8158p-5f, -0x1.22abccp-5f, -0x1.a49fa4p-6f, -0x1.8228f8p-7f,
        0x1.46fe46p-10f, 0x1.5b896ap-7f, 0x1.03184ap-6f, 0x1.21128cp-6f,
        0x1.0d5ec6p-6f, 0x1.89a416p-7f, 0x1.f24b0ep-8f, 0x1.2073e2p-8f,
        0x1.39d7fap-9f, 0x1.46017cp-10f, 0x1.469bc6p-11f, 0x1.3dcfa8p-12f,
        0x1.ab8adap-14f, 0x1.66b210p-16f, 0x1.1c834cp-18f, 0x0.0p+0f,
        -0x1.edf8c6p-2f, -0x1.d82176p-3f, -0x1.14cac8p-5f, 0x1.a1cedcp-4f,
    },
    {
        0x1.44f2b6p-3f, 0x1.3b3eeep-3f, 0x1.e55958p-4f, 0x1.407054p-4f,
        0x1.89af40p-5f, 0x1.006924p-5f, 0x1.93eb96p-6f, 0x1.7d0b24p-6f,
        0x1.77c1c4p-6f, 0x1.3c6d94p-6f, 0x1.a2783ap-7f, 0x1.ac7adep-8f,
        0x1.19145ep-9f, -0x1.8f81f6p-12f, -0x1.975104p-10f, -0x1.f48e1ep-10f,
        -0x1.c3487ep-10f, -0x1.2891c0p-10f, -0x1.4eb47ep-11f, -0x1.5b62fap-12f,
        -0x1.558ce6p-13f, -0x1.4324d2p-14f, -0x1.28fc96p-15f, -0x1.0aca78p-16f,
        -0x1.41b2a0p-18f, -0x1.d9d3e6p-21f, -0x1.4ec732p-23f, 0x0.0p+0f,
        -0x1.6fb4f8p-5f, 0x1.a64998p-6f, 0x1.581984p-4f, 0x1.03249cp-3f,
    },
    {
        0x1.b7707cp-6f, 0x1.ab171cp-6f, 0x1.498080p-6f, 0x1.8ad57cp-7f,
        0x1.294cacp-8f, -0x1.029278p-10f, -0x1.14a7c2p-8f, -0x1.635e34p-8f,
        -0x1.5de8d4p-8f, -0x1.d3d454p-9f, -0x1.f5194ep-10f, -0x1.c11ca0p-11f,
        -0x1.39e7e6p-12f, -0x1.6b1ad4p-15f, 0x1.d4ccf8p-15f, 0x1.573af0p-14f,
        0x1.290c84p-14f, 0x1.5a2788p-15f, 0x1.592748p-16f, 0x1.3f49c4p-17f,
        0x1.1a951cp-18f, 0x1.e5b2aap-20f, 0x1.98af4ap-21f, 0x1.526ea0p-22f,
        0x1.6d045cp-24f, 0x1.d74dd8p-27f, 0x1.285af6p-29f, 0x0.0p+0f,
        0x1.fd7e88p-9f, 0x1.730172p-7f, 0x1.236c1ep-6f, 0x1.7542fap-6f,
    },
};
/* gelu' - 1/2: 32 buckets of a + 2.125 by exponent and 4 mantissa bits, constant from 5.875, degree 4,
 * largest absolute error 7.29e-08. */
enum { hwv_slope_gelu_shift = 19, hwv_slope_gelu_degree = 4 };
static const float hwv_slope_gelu_offset = 0x1.100000p+1f;
static const float hwv_slope_gelu_last = 0x1.780000p+2f;
static const float hwv_slope_gelu_center = 0x1.800000p+0f;
static const float hwv_slope_gelu[5][32] = {
    {
        0x1.000000p-1f, 0x1.8bf894p-2f, 0x1.06e98cp-1f, 0x1.2c8fdap-1f,
        0x1.3e86a8p-1f, 0x1.449ccep-1f, 0x1.45027cp-1f, 0x1.439ed0p-1f,
        0x1.424f0ap-1f, 0x1.4195b0p-1f, 0x1.41528ep-1f, 0x1.4144a0p-1f,
        0x1.4143a4p-1f, 0x1.4143a4p-1f, 0x1.414328p-1f, 0x1.413f6ap-1f,
        0x1.413d08p-1f, 0x1.42132ap-1f, 0x1.468e38p-1f, 0x1.512084p-1f,
        0x1.5ffc3ep-1f, 0x1.6c9130p-1f, 0x1.6fb24ap-1f, 0x1.6663bap-1f,
        0x1.53453cp-1f, 0x1.3c406cp-1f, 0x1.26fb76p-1f, 0x1.16ac40p-1f,
        0x1.0be9eap-1f, 0x1.05ae44p-1f, 0x1.0277a4p-1f, 0x1.00fab8p-1f,
    },
    {
        0x0.0p+0f, -0x1.8500a6p-1f, -0x1.91080cp-2f, -0x1.41d03ap-3f,
        -0x1.0f36b8p-5f, 0x1.c777d4p-7f, 0x1.185734p-6f, 0x1.46cff2p-9f,
        -0x1.c7c212p-7f, -0x1.9c2160p-6f, -0x1.f440ccp-6f, -0x1.0786c0p-5f,
        -0x1.09446ap-5f, -0x1.093a9cp-5f, -0x1.085f5ap-5f, -0x1.04aa64p-5f,
        -0x1.028b68p-5f, -0x1.53d4cep-5f, -0x1.4b7492p-4f, -0x1.3bb974p-3f,
        -0x1.e95042p-3f, -0x1.333d90p-2f, -0x1.4132b8p-2f, -0x1.1e8464p-2f,
        -0x1.bc671ap-3f, -0x1.2feab8p-3f, -0x1.727bdcp-4f, -0x1.95d3bep-5f,
        -0x1.9205fep-6f, -0x1.6a0196p-7f, -0x1.298712p-8f, -0x1.bfe6b6p-10f,
    },
    {
        0x0.0p+0f, -0x1.e8e346p-1f, -0x1.1b9ac4p-1f, -0x1.17e8f0p-2f,
        -0x1.bdcaf0p-4f, -0x1.402f58p-5f, -0x1.17c26cp-5f, -0x1.04fc02p-4f,
        -0x1.a69f9ep-4f, -0x1.18373ep-3f, -0x1.43d554p-3f, -0x1.5763c0p-3f,
        -0x1.5c3d10p-3f, -0x1.5c66bcp-3f, -0x1.5eae26p-3f, -0x1.644286p-3f,
        -0x1.66e000p-3f, -0x1.385abap-3f, -0x1.5ea260p-4f, 0x1.8b721ep-7f,
        0x1.ae5628p-4f, 0x1.4c0a54p-3f, 0x1.635decp-3f, 0x1.32e05ap-3f,
        0x1.c36514p-4f, 0x1.228eacp-4f, 0x1.4cb52ap-5f, 0x1.567e14p-6f,
        0x1.3f5b3ep-7f, 0x1.0f405ep-8f, 0x1.a58b58p-10f, 0x1.2cae54p-11f,
    },
    {
        0x0.0p+0f, -0x1.405fd8p-3f, 0x1.350e66p-5f, 0x1.7ef7c8p-3f,
        0x1.22db3ap-2f, 0x1.51fe32p-2f, 0x1.556704p-2f, 0x1.3a2626p-2f,
        0x1.0ed94ep-2f, 0x1.c1c828p-3f, 0x1.749598p-3f, 0x1.41377ap-3f,
        0x1.2784aap-3f, 0x1.2bbac8p-3f, 0x1.365b02p-3f, 0x1.457be6p-3f,
        0x1.4af586p-3f, 0x1.1b5c74p-3f, 0x1.6736aep-4f, 0x1.e5f5a0p-6f,
        -0x1.02400cp-6f, -0x1.4358c4p-5f, -0x1.65f91ep-5f, -0x1.29ac28p-5f,
        -0x1.9d15a8p-6f, -0x1.f2a922p-7f, -0x1.0b7a86p-7f, -0x1.024a02p-8f,
        -0x1.c4d03cp-10f, -0x1.6a7338p-11f, -0x1.0a16d4p-12f, -0x1.6788c6p-14f,
    },
    {
        0x0.0p+0f, 0x1.309f84p-6f, 0x1.b945e6p-5f, 0x1.56ae92p-4f,
        0x1.aea9ccp-4f, 0x1.dd5b90p-4f, 0x1.e0c120p-4f, 0x1.bbe8a6p-4f,
        0x1.762b84p-4f, 0x1.19e96cp-4f, 0x1.65b248p-5f, 0x1.3164b2p-6f,
        -0x1.101c30p-7f, -0x1.b1bf22p-6f, -0x1.1fcfb0p-5f, -0x1.5e243cp-5f,
        -0x1.6ed836p-5f, -0x1.255886p-5f, -0x1.5e0d9cp-6f, -0x1.1340e0p-7f,
        -0x1.156100p-14f, 0x1.dc02e4p-9f, 0x1.14875cp-8f, 0x1.b882a2p-9f,
        0x1.1ef8b6p-9f, 0x1.43bda0p-10f, 0x1.44a13ap-11f, 0x1.259638p-12f,
        0x1.e34c2ep-14f, 0x1.6c4446p-15f, 0x1.f903aep-17f, 0x1.43018ap-18f,
    },
};
/* gelu_tanh' - 1/2: 32 buckets of a + 2 by exponent and 4 mantissa bits, constant from 5.75, degree 4,
 * largest absolute error 2.61e-08. */
enum { hwv_slope_gelu_tanh_shift = 19, hwv_slope_gelu_tanh_degree = 4 };
static const float hwv_slope_gelu_tanh_offset = 0x1.000000p+1f;
static const float hwv_slope_gelu_tanh_last = 0x1.700000p+2f;
static const float hwv_slope_gelu_tanh_center = 0x1.800000p+0f;
static const float hwv_slope_gelu_tanh[5][32] = {
    {
        0x1.89751ap-2f, 0x1.070ca0p-1f, 0x1.2d53f2p-1f, 0x1.3f6016p-1f,
        0x1.454520p-1f, 0x1.456c32p-1f, 0x1.43db5ap-1f, 0x1.4275b2p-1f,
        0x1.41b5d0p-1f, 0x1.4171fep-1f, 0x1.416442p-1f, 0x1.416350p-1f,
        0x1.416350p-1f, 0x1.4162dep-1f, 0x1.415f92p-1f, 0x1.415acep-1f,
        0x1.418446p-1f, 0x1.4374a6p-1f, 0x1.4a271ep-1f, 0x1.572f22p-1f,
        0x1.679d1ap-1f, 0x1.73de86p-1f, 0x1.73e9c6p-1f, 0x1.64e11ep-1f,
        0x1.4b4d0ap-1f, 0x1.2fdbfap-1f, 0x1.19c9d8p-1f, 0x1.0bbe6ap-1f,
        0x1.0481bep-1f, 0x1.01743ep-1f, 0x1.006488p-1f, 0x1.000000p-1f,
    },
    {
        -0x1.86c9a6p-1f, -0x1.8c844cp-2f, -0x1.30ca54p-3f, -0x1.8d2a04p-6f,
        0x1.5c2ee8p-6f, 0x1.6cef98p-6f, 0x1.7da376p-8f, -0x1.7d5a0ap-7f,
        -0x1.7d521cp-6f, -0x1.d64988p-6f, -0x1.f0af54p-6f, -0x1.f3e666p-6f,
        -0x1.f41b64p-6f, -0x1.f2692ap-6f, -0x1.ebe036p-6f, -0x1.e5430ap-6f,
        -0x1.052f0ep-5f, -0x1.a639f2p-5f, -0x1.a7a6e6p-4f, -0x1.7a875ep-3f,
        -0x1.15498cp-2f, -0x1.4df954p-2f, -0x1.4ec50cp-2f, -0x1.19a91ap-2f,
        -0x1.8fadacp-3f, -0x1.df5fc4p-4f, -0x1.e63df2p-5f, -0x1.a0d262p-6f,
        -0x1.2d7ba6p-7f, -0x1.6f58b6p-9f, -0x1.7772d2p-11f, 0x0.0p+0f,
    },
    {
        -0x1.e91b0cp-1f, -0x1.176c86p-1f, -0x1.0ac8c2p-2f, -0x1.86656ep-4f,
        -0x1.c86cbcp-6f, -0x1.b53c14p-6f, -0x1.ead44ap-5f, -0x1.a165a8p-4f,
        -0x1.17f4bep-3f, -0x1.43f610p-3f, -0x1.57340cp-3f, -0x1.5b3468p-3f,
        -0x1.5b56ecp-3f, -0x1.5e144ap-3f, -0x1.62ffdep-3f, -0x1.6674e8p-3f,
        -0x1.5a0004p-3f, -0x1.0b3ec2p-3f, -0x1.b2a514p-5f, 0x1.6eb67cp-5f,
        0x1.0cc708p-3f, 0x1.6f31e4p-3f, 0x1.7152b2p-3f, 0x1.2aed42p-3f,
        0x1.9173f6p-4f, 0x1.c4f63ap-5f, 0x1.af9504p-6f, 0x1.5bc1c6p-7f,
        0x1.d9a766p-9f, 0x1.104904p-10f, 0x1.072f58p-12f, 0x0.0p+0f,
    },
    {
        -0x1.3df93ep-3f, 0x1.60b4e6p-5f, 0x1.8eee62p-3f, 0x1.2b3f50p-2f,
        0x1.58cbf8p-2f, 0x1.5941ecp-2f, 0x1.3aab6ap-2f, 0x1.0c9fc4p-2f,
        0x1.ba3e52p-3f, 0x1.6c6a04p-3f, 0x1.39ee30p-3f, 0x1.2976c6p-3f,
        0x1.1ccf50p-3f, 0x1.2ed5c6p-3f, 0x1.3c2de8p-3f, 0x1.42a170p-3f,
        0x1.33bfa4p-3f, 0x1.dddad0p-4f, 0x1.0ad394p-4f, 0x1.a2f954p-7f,
        -0x1.a8dd4ap-6f, -0x1.6c74eap-5f, -0x1.708c18p-5f, -0x1.1d8e86p-5f,
        -0x1.697b1ap-6f, -0x1.7ea154p-7f, -0x1.55d648p-8f, -0x1.02997cp-9f,
        -0x1.4b5e06p-11f, -0x1.674a9ap-13f, -0x1.484f2ep-15f, 0x0.0p+0f,
    },
    {
        0x1.378b48p-6f, 0x1.c2e9bep-5f, 0x1.5d82bap-4f, 0x1.b5d6c0p-4f,
        0x1.e2ed0cp-4f, 0x1.e2ef5cp-4f, 0x1.b9a2c2p-4f, 0x1.6f841ap-4f,
        0x1.103550p-4f, 0x1.50bfbcp-5f, 0x1.0f0afep-6f, 0x1.a34ebep-8f,
        -0x1.4306f8p-7f, -0x1.152efep-5f, -0x1.4c2b48p-5f, -0x1.5e4b30p-5f,
        -0x1.439662p-5f, -0x1.d1c9aep-6f, -0x1.fcff92p-7f, -0x1.47e238p-8f,
        0x1.8afbecp-10f, 0x1.13074cp-8f, 0x1.186154p-8f, 0x1.9deae2p-9f,
        0x1.ec0778p-10f, 0x1.e75feap-11f, 0x1.97986cp-12f, 0x1.212d5ap-13f,
        0x1.5c5bc2p-15f, 0x1.6408b2p-17f, 0x1.337386p-19f, 0x0.0p+0f,
    },
};
/* softplus' - 1/2: 32 buckets of a + 5.75 by exponent and 4 mantissa bits, constant from 16.25, degree 4,
 * largest absolute error 8.76e-08. */
enum { hwv_slope_softplus_shift = 19, hwv_slope_softplus_degree = 4 };
static const float hwv_slope_softplus_offset = 0x1.700000p+2f;
static const float hwv_slope_softplus_last = 0x1.040000p+4f;
static const float hwv_slope_softplus_center = 0x1.400000p+1f;
static const float hwv_slope_softplus[5][32] = {
    {
        0x1.b2523cp-2f, 0x1.b251d2p-2f, 0x1.b25a1cp-2f, 0x1.b2d27cp-2f,
        0x1.b480cep-2f, 0x1.b7fa96p-2f, 0x1.bd4ee8p-2f, 0x1.c417b8p-2f,
        0x1.cbb6b0p-2f, 0x1.d38bbep-2f, 0x1.db14bep-2f, 0x1.e1f8bap-2f,
        0x1.e8063ap-2f, 0x1.ed2b90p-2f, 0x1.f16d96p-2f, 0x1.f4df1ap-2f,
        0x1.f8aa94p-2f, 0x1.fbfdb0p-2f, 0x1.fde200p-2f, 0x1.fee9fep-2f,
        0x1.ff74eap-2f, 0x1.ffbbe4p-2f, 0x1.000000p-1f, 0x1.61b072p-2f,
        0x1.9d5530p-2f, 0x1.b51650p-2f, 0x1.b92550p-2f, 0x1.b6ae98p-2f,
        0x1.b41134p-2f, 0x1.b2c788p-2f, 0x1.b263dcp-2f, 0x1.b2532cp-2f,
    },
    {
        0x1.1f2572p-4f, 0x1.1f3a00p-4f, 0x1.1ea618p-4f, 0x1.18cf54p-4f,
        0x1.0991c6p-4f, 0x1.e1ca3cp-5f, 0x1.a3b922p-5f, 0x1.60cbfep-5f,
        0x1.1f9d50p-5f, 0x1.c8fed6p-6f, 0x1.633808p-6f, 0x1.0f0446p-6f,
        0x1.96faaep-7f, 0x1.2d5afap-7f, 0x1.b8e0a6p-8f, 0x1.3f09bap-8f,
        0x1.85c5bcp-9f, 0x1.83a1bcp-10f, 0x1.77356cp-11f, 0x1.630d60p-12f,
        0x1.499258p-13f, 0x1.2cf036p-14f, 0x0.0p+0f, -0x1.0c6c2cp-4f,
        0x1.33afa4p-5f, 0x1.561716p-4f, 0x1.7a0d42p-4f, 0x1.5f5580p-4f,
        0x1.3de30cp-4f, 0x1.2978b0p-4f, 0x1.21568ap-4f, 0x1.1f5922p-4f,
    },
    {
        -0x1.e72b2ap-6f, -0x1.e8d158p-6f, -0x1.e50772p-6f, -0x1.c9a54cp-6f,
        -0x1.959d12p-6f, -0x1.53c1d8p-6f, -0x1.0fdfaap-6f, -0x1.a3ce0ep-7f,
        -0x1.3b2ce4p-7f, -0x1.cee716p-8f, -0x1.4df394p-8f, -0x1.dae284p-9f,
        -0x1.4d92e0p-9f, -0x1.cfd382p-10f, -0x1.3f9f8ap-10f, -0x1.b51d54p-11f,
        -0x1.ed4570p-12f, -0x1.bcca0ap-13f, -0x1.89a1f0p-14f, -0x1.56fca8p-15f,
        -0x1.26f386p-16f, -0x1.f5ad04p-18f, 0x0.0p+0f, -0x1.c3604ap-4f,
        -0x1.55dcf4p-5f, -0x1.ef957ep-8f, -0x1.196f12p-12f, -0x1.c4af54p-8f,
        -0x1.11f022p-6f, -0x1.8bb018p-6f, -0x1.cbbdccp-6f, -0x1.e2c398p-6f,
    },
    {
        0x1.ba1e0cp-8f, 0x1.ccf460p-8f, 0x1.c24336p-8f, 0x1.88c0fcp-8f,
        0x1.397824p-8f, 0x1.d64b66p-9f, 0x1.52132cp-9f, 0x1.d7de92p-10f,
        0x1.427160p-10f, 0x1.b1efa0p-11f, 0x1.209fe4p-11f, 0x1.7c8228p-12f,
        0x1.f20e3ap-13f, 0x1.440ca6p-13f, 0x1.a399f0p-14f, 0x1.0e86b4p-14f,
        0x1.192aacp-15f, 0x1.ca8faap-17f, 0x1.72544ep-18f, 0x1.28b290p-19f,
        0x1.d8388ep-21f, 0x1.75b25cp-22f, 0x0.0p+0f, -0x1.0f5bc0p-7f,
        0x1.874b4cp-7f, 0x1.7cc514p-6f, 0x1.a8e4d0p-6f, 0x1.77a2b8p-6f,
        0x1.219974p-6f, 0x1.a155c2p-7f, 0x1.309d8ep-7f, 0x1.e972eep-8f,
    },
    {
        -0x1.8d84fap-12f, -0x1.95e774p-11f, -0x1.807c6cp-11f, -0x1.253114p-11f,
        -0x1.946690p-12f, -0x1.085226p-12f, -0x1.4f29c0p-13f, -0x1.a17f5ap-14f,
        -0x1.014c4ap-14f, -0x1.3b239ap-15f, -0x1.808452p-16f, -0x1.d4173ap-17f,
        -0x1.1c84b0p-17f, -0x1.59962ap-18f, -0x1.a38beap-19f, -0x1.fd2d6ap-20f,
        -0x1.e63db0p-21f, -0x1.65d68ep-22f, -0x1.074dbep-23f, -0x1.8377acp-25f,
        -0x1.1d1372p-26f, -0x1.a38a2ep-28f, 0x0.0p+0f, 0x1.505922p-10f,
        0x1.cdf004p-9f, 0x1.42dc5ep-8f, 0x1.5b4d20p-8f, 0x1.39ce64p-8f,
        0x1.e9336ap-9f, 0x1.4748e2p-9f, 0x1.6356a2p-10f, 0x1.dad504p-12f,
    },
};
#elif V_TABLE >= 8
/* sigmoid': 8 buckets of a + 2 by exponent and 1 mantissa bits, constant from 22, degree 6,
 * largest absolute error 1.92e-07. */
enum { hwv_slope_sigmoid_shift = 22, hwv_slope_sigmoid_degree = 6 };
static const float hwv_slope_sigmoid_offset = 0x1.000000p+1f;
static const float hwv_slope_sigmoid_last = 0x1.600000p+4f;
static const float hwv_slope_sigmoid_center = 0x1.400000p+1f;
static const float hwv_slope_sigmoid[7][8] = {
    {
        0x1.122e3ap-5f, 0x1.1f87eep-4f, 0x1.1f2538p-4f, 0x1.22d71cp-4f,
        0x1.e2f774p-5f, 0x1.f43642p-7f, 0x1.9dfc6cp-11f, 0x0.0p+0f,
    },
    {
        -0x1.7515bcp-3f, -0x1.e0f48cp-5f, -0x1.e72b5ep-5f, -0x1.007934p-4f,
        -0x1.7a3c58p-5f, -0x1.0fcbf6p-7f, -0x1.2cf6c8p-12f, 0x0.0p+0f,
    },
    {
        -0x1.31c9e6p-3f, 0x1.762630p-6f, 0x1.4ca9aep-6f, 0x1.9b4cc0p-6f,
        0x1.037466p-6f, 0x1.f392aep-10f, 0x1.6d156cp-15f, 0x0.0p+0f,
    },
    {
        -0x1.fccdeap-4f, 0x1.82b368p-9f, -0x1.98c33ep-10f, -0x1.78f722p-8f,
        -0x1.8af0a2p-9f, -0x1.ef9356p-13f, -0x1.d88e16p-19f, 0x0.0p+0f,
    },
    {
        -0x1.92ad72p-5f, 0x1.9c0498p-9f, -0x1.8666cep-10f, 0x1.953762p-11f,
        0x1.5c8344p-12f, 0x1.172dccp-16f, 0x1.57f49cp-23f, 0x0.0p+0f,
    },
    {
        -0x1.031f16p-7f, 0x1.ba0b38p-9f, 0x1.5cee98p-11f, -0x1.d03010p-15f,
        -0x1.4f7ce4p-16f, -0x1.52138ep-21f, -0x1.0ad148p-28f, 0x0.0p+0f,
    },
    {
        -0x1.a82ed0p-12f, 0x1.30ba3ap-11f, -0x1.b0545ap-14f, 0x1.980ba8p-20f,
        0x1.118870p-21f, 0x1.573988p-27f, 0x1.588604p-35f, 0x0.0p+0f,
    },
};
/* gelu' - 1/2: 8 buckets of the same width, constant from 5.7, degree 6,
 * largest absolute error 3.00e-07. */
enum { hwv_slope_gelu_degree = 6 };
static const float hwv_slope_gelu_scale = 0x1.23ee08p+0f;
static const float hwv_slope_gelu_last = 0x1.88dc90p+2f;
static const float hwv_slope_gelu[7][8] = {
    {
        -0x1.884da4p-29f, 0x1.188714p-1f, 0x1.389cf8p-1f, 0x1.0eb338p-1f,
        0x1.0168eep-1f, 0x1.000e94p-1f, 0x1.000042p-1f, 0x1.000000p-1f,
    },
    {
        0x1.663cfap-1f, 0x1.2c3aa0p-2f, -0x1.4b3468p-4f, -0x1.bb0bf4p-5f,
        -0x1.f704acp-8f, -0x1.a6abfcp-12f, -0x1.25a54cp-17f, 0x0.0p+0f,
    },
    {
        -0x1.2cb8bcp-16f, -0x1.2efb0ap-2f, -0x1.b57936p-5f, 0x1.2f5b38p-5f,
        0x1.37c060p-7f, 0x1.664fcep-11f, 0x1.3ec8b2p-16f, 0x0.0p+0f,
    },
    {
        -0x1.6edb80p-3f, 0x1.89c2f8p-6f, 0x1.3e73dap-4f, -0x1.3d8d06p-8f,
        -0x1.b1e148p-8f, -0x1.77b74ap-11f, -0x1.a48c84p-16f, 0x0.0p+0f,
    },
    {
        -0x1.55464ep-10f, 0x1.e6cef6p-5f, -0x1.81feeep-6f, -0x1.11157ep-7f,
        0x1.47a9d2p-9f, 0x1.1279a8p-11f, 0x1.540906p-16f, 0x0.0p+0f,
    },
    {
        0x1.1ea260p-5f, -0x1.b2d62cp-7f, -0x1.9d5be2p-8f, 0x1.588c42p-8f,
        -0x1.d0c07ap-14f, -0x1.081846p-12f, -0x1.3b4968p-16f, 0x0.0p+0f,
    },
    {
        -0x1.8d08eap-8f, -0x1.a3da2ep-8f, 0x1.435580p-8f, -0x1.bbc9cap-11f,
        -0x1.62c4d0p-12f, 0x1.330c30p-15f, 0x1.4ef7d4p-16f, 0x0.0p+0f,
    },
};
/* gelu_tanh' - 1/2: 8 buckets of the same width, constant from 5.3, degree 6,
 * largest absolute error 2.03e-07. */
enum { hwv_slope_gelu_tanh_degree = 6 };
static const float hwv_slope_gelu_tanh_scale = 0x1.39f656p+0f;
static const float hwv_slope_gelu_tanh_last = 0x1.6d4ad6p+2f;
static const float hwv_slope_gelu_tanh[7][8] = {
    {
        -0x1.015efcp-29f, 0x1.0d1452p-1f, 0x1.3e045cp-1f, 0x1.159b08p-1f,
        0x1.02bf6ap-1f, 0x1.001f26p-1f, 0x1.000066p-1f, 0x1.000000p-1f,
    },
    {
        0x1.4d193ep-1f, 0x1.3e95bep-2f, -0x1.c52c74p-5f, -0x1.101da4p-4f,
        -0x1.c2e672p-7f, -0x1.cd3f88p-11f, -0x1.021716p-16f, 0x0.0p+0f,
    },
    {
        -0x1.9c39c2p-17f, -0x1.080a4ap-2f, -0x1.3cf25ep-4f, 0x1.052664p-5f,
        0x1.e60bacp-7f, 0x1.841fa4p-10f, 0x1.37f48ap-15f, 0x0.0p+0f,
    },
    {
        -0x1.287062p-3f, 0x1.aa405ap-8f, 0x1.201700p-4f, 0x1.4ed900p-8f,
        -0x1.06fbb2p-7f, -0x1.827b84p-10f, -0x1.c5bbb8p-15f, 0x0.0p+0f,
    },
    {
        -0x1.c280b6p-11f, 0x1.854e32p-5f, -0x1.a59cf4p-7f, -0x1.663ff8p-7f,
        0x1.8d19e0p-10f, 0x1.ec2dc8p-11f, 0x1.a0fc6cp-15f, 0x0.0p+0f,
    },
    {
        0x1.93a092p-6f, -0x1.018454p-7f, -0x1.b7027ep-8f, 0x1.dfd582p-9f,
        0x1.8a94eap-11f, -0x1.6adb88p-12f, -0x1.6bdcaep-15f, 0x0.0p+0f,
    },
    {
        -0x1.fcf03ap-9f, -0x1.3c5c58p-8f, 0x1.9bc12ep-9f, 0x1.020c4ap-14f,
        -0x1.08b262p-11f, 0x1.726608p-16f, 0x1.36078cp-15f, 0x0.0p+0f,
    },
};
#endif

#endif
