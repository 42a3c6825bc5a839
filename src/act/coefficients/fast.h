/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Made by tools/coefficients/make.py from fast.py beside it; do not edit. */
/* clang-format off */
#ifndef HWV_ACT_COEFFICIENTS_FAST_H
#define HWV_ACT_COEFFICIENTS_FAST_H

#include "simd/simd.h"

#if V_TABLE >= 32
/* 1/(1 + e^-a) - 1/2: 32 buckets of a + 1.375 by exponent and 3 mantissa bits, constant from 18.625, degree 3,
 * largest absolute error 3.81e-07. */
enum { hwv_fast_sigmoid_shift = 20, hwv_fast_sigmoid_degree = 3 };
static const float hwv_fast_sigmoid_offset = 0x1.600000p+0f;
static const float hwv_fast_sigmoid_last = 0x1.2a0000p+4f;
static const float hwv_fast_sigmoid_center = 0x0.0p+0f;
static const float hwv_fast_sigmoid[4][32] = {
    {
        -0x1.7c7860p-10f, -0x1.47fbbep-8f, -0x1.8175dep-7f, -0x1.5dc2a8p-6f,
        -0x1.057a96p-5f, -0x1.4da4c0p-5f, -0x1.709ea2p-5f, -0x1.5d6eb6p-5f,
        -0x1.99cf9ap-6f, 0x1.7027fcp-6f, 0x1.684b74p-4f, 0x1.46b604p-3f,
        0x1.d345b2p-3f, 0x1.27b430p-2f, 0x1.5b8a94p-2f, 0x1.85251ap-2f,
        0x1.b1c394p-2f, 0x1.d77d8cp-2f, 0x1.ebc1fcp-2f, 0x1.f62b12p-2f,
        0x1.fb55cap-2f, 0x1.fdd472p-2f, 0x1.ff01e0p-2f, 0x1.ff8d72p-2f,
        0x1.ffdc3ep-2f, 0x1.fff936p-2f, 0x1.000000p-1f, 0x0.0p+0f,
        -0x1.cb4c10p-20f, -0x1.7e4076p-16f, -0x1.f311d8p-14f, -0x1.9edaaep-12f,
    },
    {
        0x1.07b09ap-2f, 0x1.141662p-2f, 0x1.2686b4p-2f, 0x1.3bfb72p-2f,
        0x1.500cc0p-2f, 0x1.5e94e2p-2f, 0x1.64d8e2p-2f, 0x1.61e4b4p-2f,
        0x1.4dcbe0p-2f, 0x1.1f3c8ap-2f, 0x1.cf5b08p-3f, 0x1.648636p-3f,
        0x1.091b1cp-3f, 0x1.807ac0p-4f, 0x1.119716p-4f, 0x1.7fbb3cp-5f,
        0x1.bf67bap-6f, 0x1.9f7c42p-7f, 0x1.781298p-8f, 0x1.4daf52p-9f,
        0x1.235348p-10f, 0x1.f5dc5ep-12f, 0x1.ab563ap-13f, 0x1.684826p-14f,
        0x1.9a1712p-16f, 0x1.166280p-18f, 0x0.0p+0f, 0x1.00000ep-2f,
        0x1.00098ap-2f, 0x1.00496cp-2f, 0x1.010ff6p-2f, 0x1.02bf76p-2f,
    },
    {
        -0x1.c624d8p-7f, -0x1.c51e18p-6f, -0x1.65d3a6p-5f, -0x1.e31556p-5f,
        -0x1.23316cp-4f, -0x1.426db0p-4f, -0x1.4e67d2p-4f, -0x1.498e64p-4f,
        -0x1.2bbb52p-4f, -0x1.e072d4p-5f, -0x1.659cccp-5f, -0x1.fb71d0p-6f,
        -0x1.5cd100p-6f, -0x1.d56d7ap-7f, -0x1.373c30p-7f, -0x1.985ceap-8f,
        -0x1.b1e93ap-9f, -0x1.67fb5cp-10f, -0x1.26513ep-11f, -0x1.dc1f5cp-13f,
        -0x1.7ddf44p-14f, -0x1.3027a4p-15f, -0x1.e1ad66p-17f, -0x1.7b7b44p-18f,
        -0x1.894400p-20f, -0x1.dce8aap-23f, 0x0.0p+0f, -0x1.236d4ep-17f,
        -0x1.1abd1cp-12f, -0x1.3f23aap-10f, -0x1.a5350ep-9f, -0x1.a91860p-8f,
    },
    {
        -0x1.6d8e8ep-7f, -0x1.827f56p-8f, -0x1.296b6ap-10f, 0x1.53708ap-9f,
        0x1.4dacb4p-8f, 0x1.a7416cp-8f, 0x1.c5cb0ap-8f, 0x1.bb2e4cp-8f,
        0x1.80220ep-8f, 0x1.1a9ec8p-8f, 0x1.800b4ep-9f, 0x1.f282fap-10f,
        0x1.3aec68p-10f, 0x1.87850cp-11f, 0x1.e20af8p-12f, 0x1.2703acp-12f,
        0x1.1ca172p-13f, 0x1.a4a558p-15f, 0x1.35fbecp-16f, 0x1.c869dep-18f,
        0x1.4fe1e6p-19f, 0x1.ee4ab2p-21f, 0x1.6bb09ap-22f, 0x1.0b95e0p-23f,
        0x1.f85ac0p-26f, 0x1.10fcfap-28f, 0x0.0p+0f, -0x1.53e49ap-6f,
        -0x1.494a76p-6f, -0x1.34f73ep-6f, -0x1.181aa2p-6f, -0x1.e8f1f4p-7f,
    },
};
/* tanh a: 32 buckets of a + 0.625 by exponent and 3 mantissa bits, constant from 8.375, degree 4,
 * largest absolute error 1.06e-07. */
enum { hwv_fast_tanh_shift = 20, hwv_fast_tanh_degree = 4 };
static const float hwv_fast_tanh_offset = 0x1.400000p-1f;
static const float hwv_fast_tanh_last = 0x1.0c0000p+3f;
static const float hwv_fast_tanh_center = 0x0.0p+0f;
static const float hwv_fast_tanh[5][32] = {
    {
        -0x1.3e8d80p-3f, -0x1.262034p-3f, -0x1.2daa30p-4f, 0x1.41f398p-5f,
        0x1.64d708p-3f, 0x1.4090aep-2f, 0x1.c622f6p-2f, 0x1.1e246ep-1f,
        0x1.646fcap-1f, 0x1.a6ed6ap-1f, 0x1.cf3758p-1f, 0x1.e637f4p-1f,
        0x1.f2c5b8p-1f, 0x1.f961a6p-1f, 0x1.fcc252p-1f, 0x1.fe7148p-1f,
        0x1.ff79a6p-1f, 0x1.000000p+0f, 0x0.0p+0f, 0x1.a82d60p-21f,
        0x1.536c0ap-17f, 0x1.904d62p-15f, 0x1.1b11c0p-13f, 0x1.17f926p-12f,
        0x1.7d4d00p-12f, -0x1.a299b0p-11f, -0x1.91c70ap-8f, -0x1.334f6cp-6f,
        -0x1.48d250p-5f, -0x1.19d5c4p-4f, -0x1.9bc19ep-4f, -0x1.096b00p-3f,
    },
    {
        0x1.9924f4p+0f, 0x1.92155ap+0f, 0x1.6c125cp+0f, 0x1.35aa8cp+0f,
        0x1.f6d7c0p-1f, 0x1.8a5a8ep-1f, 0x1.2d4034p-1f, 0x1.c2f630p-2f,
        0x1.1e3d1cp-2f, 0x1.27cc3ep-3f, 0x1.26c772p-4f, 0x1.1d8dc2p-5f,
        0x1.0e4ae6p-6f, 0x1.f5db58p-8f, 0x1.ca3c36p-9f, 0x1.9c704ep-10f,
        0x1.fbc83cp-12f, 0x0.0p+0f, 0x1.000000p+0f, 0x1.fffa1ep-1f,
        0x1.ffd43cp-1f, 0x1.ff6c38p-1f, 0x1.feb5aap-1f, 0x1.fdd75cp-1f,
        0x1.fd4bd8p-1f, 0x1.00f236p+0f, 0x1.09958ep+0f, 0x1.1abef6p+0f,
        0x1.33bd26p+0f, 0x1.511d52p+0f, 0x1.6e0b46p+0f, 0x1.85f020p+0f,
    },
    {
        -0x1.c92b98p-1f, -0x1.bcf6e4p-1f, -0x1.80694ep-1f, -0x1.3394b4p-1f,
        -0x1.d3c440p-2f, -0x1.57815cp-2f, -0x1.ec3f8ap-3f, -0x1.5a6c3ep-3f,
        -0x1.932d82p-4f, -0x1.763f88p-5f, -0x1.52378ap-6f, -0x1.2b912cp-7f,
        -0x1.051aeep-8f, -0x1.c12362p-10f, -0x1.7df214p-11f, -0x1.41a7fep-12f,
        -0x1.6944d8p-14f, 0x0.0p+0f, 0x1.504216p-17f, 0x1.079dd0p-10f,
        0x1.20acaep-8f, 0x1.5f4ad2p-7f, 0x1.38ad26p-6f, 0x1.bed1f8p-6f,
        0x1.036572p-5f, 0x1.6fcf42p-8f, -0x1.319cf8p-4f, -0x1.aa8d7ep-3f,
        -0x1.80a030p-2f, -0x1.189204p-1f, -0x1.65eba4p-1f, -0x1.9f7bc2p-1f,
    },
    {
        0x1.e42010p-3f, 0x1.d17102p-3f, 0x1.7b9f5cp-3f, 0x1.1b1c40p-3f,
        0x1.9058f8p-4f, 0x1.11c68cp-4f, 0x1.6e671cp-5f, 0x1.e34102p-6f,
        0x1.00ba4ep-6f, 0x1.aa8bd2p-8f, 0x1.5ca984p-9f, 0x1.19d34ap-10f,
        0x1.c3baaep-12f, 0x1.6789bep-13f, 0x1.1c8224p-14f, 0x1.c00cc0p-16f,
        0x1.ca8baep-18f, 0x0.0p+0f, -0x1.561c6ep-2f, -0x1.60b968p-2f,
        -0x1.73264ap-2f, -0x1.8a2872p-2f, -0x1.a116fep-2f, -0x1.b31d5ep-2f,
        -0x1.bb5c1cp-2f, -0x1.98e116p-2f, -0x1.41e69ap-2f, -0x1.90df46p-3f,
        -0x1.1713e6p-4f, 0x1.816aa8p-5f, 0x1.184e70p-3f, 0x1.93a2d6p-3f,
    },
    {
        -0x1.95d92ep-6f, -0x1.807e4cp-6f, -0x1.253148p-6f, -0x1.9466d0p-7f,
        -0x1.08521ap-7f, -0x1.4f299ap-8f, -0x1.a17f64p-9f, -0x1.014c40p-9f,
        -0x1.f16eb8p-11f, -0x1.70bf8ep-12f, -0x1.100f16p-13f, -0x1.90bed4p-15f,
        -0x1.26f64ap-16f, -0x1.b219b6p-18f, -0x1.3f688cp-19f, -0x1.d60808p-21f,
        -0x1.b5df22p-23f, 0x0.0p+0f, 0x1.24d966p-6f, 0x1.f3314ep-5f,
        0x1.8dcd2cp-4f, 0x1.04a64cp-3f, 0x1.32d9a2p-3f, 0x1.4ff924p-3f,
        0x1.5b4d46p-3f, 0x1.39ce34p-3f, 0x1.e9331cp-4f, 0x1.47482ap-4f,
        0x1.635192p-5f, 0x1.dac64ep-7f, -0x1.6bb228p-8f, -0x1.213398p-6f,
    },
};
/* a/(1 + e^a): 32 buckets of a + 1.375 by exponent and 3 mantissa bits, constant from 18.625, degree 4,
 * largest absolute error 1.52e-07. */
enum { hwv_fast_silu_shift = 20, hwv_fast_silu_degree = 4 };
static const float hwv_fast_silu_offset = 0x1.600000p+0f;
static const float hwv_fast_silu_last = 0x1.2a0000p+4f;
static const float hwv_fast_silu_center = 0x0.0p+0f;
static const float hwv_fast_silu[5][32] = {
    {
        -0x1.3ada46p-10f, -0x1.49dcfap-8f, -0x1.a8a102p-7f, -0x1.7feacep-6f,
        -0x1.fb4d1cp-6f, -0x1.c499dep-6f, -0x1.891236p-8f, 0x1.37df60p-5f,
        0x1.2455d6p-3f, 0x1.54514ep-2f, 0x1.0d5612p-1f, 0x1.5bc1b6p-1f,
        0x1.8aef44p-1f, 0x1.9ac1bap-1f, 0x1.90c34cp-1f, 0x1.748268p-1f,
        0x1.388658p-1f, 0x1.bffe70p-2f, 0x1.27c058p-2f, 0x1.6ec0fep-3f,
        0x1.b0a39ap-4f, 0x1.e9ddc6p-5f, 0x1.0bf88cp-5f, 0x1.1cbb0ap-6f,
        0x1.b3e4f8p-8f, 0x1.afaef8p-10f, 0x0.0p+0f, 0x0.0p+0f,
        -0x1.9d602ep-22f, -0x1.2154c0p-17f, -0x1.04e9d4p-14f, -0x1.106132p-12f,
    },
    {
        0x1.041336p-1f, 0x1.0cf690p-1f, 0x1.1b60bep-1f, 0x1.2b0e2ep-1f,
        0x1.34b13ap-1f, 0x1.3136cap-1f, 0x1.1c849ap-1f, 0x1.ed3c34p-2f,
        0x1.4d69d4p-2f, 0x1.518022p-4f, -0x1.0efe5ep-3f, -0x1.208314p-2f,
        -0x1.72c8c0p-2f, -0x1.8be390p-2f, -0x1.7de2d6p-2f, -0x1.591152p-2f,
        -0x1.11cb9ep-2f, -0x1.693132p-3f, -0x1.b6a97ap-4f, -0x1.f5e18cp-5f,
        -0x1.123b8ep-5f, -0x1.20e15cp-6f, -0x1.273f4ep-7f, -0x1.262f7ap-8f,
        -0x1.9bf28ap-10f, -0x1.6dae7ep-12f, 0x0.0p+0f, 0x1.000000p-1f,
        0x1.000160p-1f, 0x1.0011c8p-1f, 0x1.005b00p-1f, 0x1.0127a6p-1f,
    },
    {
        -0x1.152a76p-2f, -0x1.337ca8p-2f, -0x1.59fd84p-2f, -0x1.7c6c70p-2f,
        -0x1.8e81b6p-2f, -0x1.8934e2p-2f, -0x1.6c2d00p-2f, -0x1.3c66aap-2f,
        -0x1.c5e8e4p-3f, -0x1.ac0472p-4f, -0x1.f09628p-7f, 0x1.440946p-5f,
        0x1.0daed4p-4f, 0x1.2b90fap-4f, 0x1.1cd96ap-4f, 0x1.f1b46ep-5f,
        0x1.729b18p-5f, 0x1.be9922p-6f, 0x1.f05bd8p-7f, 0x1.050982p-7f,
        0x1.07963ap-8f, 0x1.01d4bap-9f, 0x1.eb9dccp-11f, 0x1.cad600p-12f,
        0x1.25613ap-13f, 0x1.d258eap-16f, 0x0.0p+0f, -0x1.000018p-2f,
        -0x1.001cd2p-2f, -0x1.00d9aep-2f, -0x1.03192ap-2f, -0x1.07d9f8p-2f,
    },
    {
        0x1.a3f3acp-6f, 0x1.8aa376p-5f, 0x1.20f900p-4f, 0x1.644f7cp-4f,
        0x1.828094p-4f, 0x1.7b55eap-4f, 0x1.571d34p-4f, 0x1.218da6p-4f,
        0x1.90f40ep-5f, 0x1.86855ep-6f, 0x1.de41dcp-8f, -0x1.a67010p-10f,
        -0x1.643a7cp-8f, -0x1.a37bf0p-8f, -0x1.87fb6cp-8f, -0x1.496506p-8f,
        -0x1.c93360p-9f, -0x1.f41f34p-10f, -0x1.fa870ap-11f, -0x1.e856a0p-12f,
        -0x1.c6a884p-13f, -0x1.9c4d2ap-14f, -0x1.6e376ap-15f, -0x1.3fda12p-16f,
        -0x1.75029ap-18f, -0x1.092e4cp-20f, 0x0.0p+0f, 0x1.9199a2p-17f,
        0x1.1a19c4p-11f, 0x1.3acacap-9f, 0x1.9a1022p-8f, 0x1.96a322p-7f,
    },
    {
        0x1.d9814ep-8f, 0x1.8fdce0p-11f, -0x1.161bdap-8f, -0x1.dbf746p-8f,
        -0x1.13d36cp-7f, -0x1.0c925ap-7f, -0x1.d54ec2p-8f, -0x1.7b2f64p-8f,
        -0x1.ebfe34p-9f, -0x1.c6346cp-10f, -0x1.31f490p-11f, -0x1.4832bcp-15f,
        0x1.63ba48p-13f, 0x1.c82d26p-13f, 0x1.a1a026p-13f, 0x1.4ffb98p-13f,
        0x1.b00558p-14f, 0x1.aabefep-15f, 0x1.887ec8p-16f, 0x1.5a0040p-17f,
        0x1.287e66p-18f, 0x1.f1dea6p-20f, 0x1.9b9488p-21f, 0x1.501e9cp-22f,
        0x1.650400p-24f, 0x1.c5b01cp-27f, 0x0.0p+0f, 0x1.539ceap-6f,
        0x1.4362dcp-6f, 0x1.25699ap-6f, 0x1.f72786p-7f, 0x1.929fb0p-7f,
    },
};
/* a Phi(-a): 32 buckets of a + 5.75 by exponent and 5 mantissa bits, constant from 5.5, degree 3,
 * largest absolute error 1.47e-07. */
enum { hwv_fast_gelu_shift = 18, hwv_fast_gelu_degree = 3 };
static const float hwv_fast_gelu_offset = 0x1.700000p+2f;
static const float hwv_fast_gelu_last = 0x1.600000p+2f;
static const float hwv_fast_gelu_center = 0x0.0p+0f;
static const float hwv_fast_gelu[4][32] = {
    {
        0x1.2a6efep-1f, 0x1.2f28fap-1f, 0x1.0f114ap-1f, 0x1.b0218ep-2f,
        0x1.35e53cp-2f, 0x1.92a6e2p-3f, 0x1.dc79bcp-4f, 0x1.01d63ep-4f,
        0x1.00146cp-5f, 0x1.d4190ep-7f, 0x1.8a9c88p-8f, 0x1.336dc2p-9f,
        0x1.bb6888p-11f, 0x0.0p+0f, 0x0.0p+0f, -0x1.224722p-14f,
        -0x1.11ac2cp-11f, -0x1.ca9448p-10f, -0x1.f5a976p-9f, -0x1.90f1cep-8f,
        -0x1.cbe9d6p-8f, -0x1.04379ep-8f, 0x1.963dcap-8f, 0x1.b582f0p-6f,
        0x1.ec0c78p-5f, 0x1.b80fe4p-4f, 0x1.584750p-3f, 0x1.ea2828p-3f,
        0x1.443abap-2f, 0x1.93b480p-2f, 0x1.dd2898p-2f, 0x1.0d529cp-1f,
    },
    {
        -0x1.061cccp-1f, -0x1.0c31aap-1f, -0x1.d2c768p-2f, -0x1.64d8cap-2f,
        -0x1.e7c7a2p-3f, -0x1.2d48cap-3f, -0x1.52d22ep-4f, -0x1.5cb29cp-5f,
        -0x1.49b2e6p-6f, -0x1.1f463ep-7f, -0x1.ce746ap-9f, -0x1.588808p-10f,
        -0x1.dbed9ap-12f, 0x0.0p+0f, 0x1.00031ap-1f, 0x1.00ce68p-1f,
        0x1.038c54p-1f, 0x1.089048p-1f, 0x1.0ef7d8p-1f, 0x1.14a660p-1f,
        0x1.16922ap-1f, 0x1.1150e8p-1f, 0x1.01cb50p-1f, 0x1.cbc6e6p-2f,
        0x1.79ee9ap-2f, 0x1.102f36p-2f, 0x1.27f07ep-3f, 0x1.a930cep-7f,
        -0x1.e9e87ep-4f, -0x1.f381c0p-3f, -0x1.681288p-2f, -0x1.bf0634p-2f,
    },
    {
        0x1.37d430p-3f, 0x1.423876p-3f, 0x1.0fe0d4p-3f, 0x1.8d3c16p-4f,
        0x1.020628p-4f, 0x1.2e6f4cp-5f, 0x1.42c14cp-6f, 0x1.3b8650p-7f,
        0x1.1bca72p-8f, 0x1.d731e4p-10f, 0x1.69f558p-11f, 0x1.01c872p-12f,
        0x1.54f5fap-14f, 0x0.0p+0f, -0x1.99b1cap-2f, -0x1.a60964p-2f,
        -0x1.bbe104p-2f, -0x1.d6b06cp-2f, -0x1.f07530p-2f, -0x1.016b4ap-1f,
        -0x1.04168ap-1f, -0x1.fc5ebcp-2f, -0x1.dd80c6p-2f, -0x1.ac0728p-2f,
        -0x1.6aa3acp-2f, -0x1.1dc59ap-2f, -0x1.95eb90p-3f, -0x1.e02b6ap-4f,
        -0x1.533824p-5f, 0x1.98d696p-6f, 0x1.432936p-4f, 0x1.e722a4p-4f,
    },
    {
        -0x1.f57ffap-7f, -0x1.068bccp-6f, -0x1.abf980p-7f, -0x1.29be96p-7f,
        -0x1.6eada0p-8f, -0x1.970e5ep-9f, -0x1.9bb166p-10f, -0x1.7df1a8p-11f,
        -0x1.468d94p-12f, -0x1.0228c0p-13f, -0x1.7a5e62p-15f, -0x1.01851ep-16f,
        -0x1.460e6ap-18f, 0x0.0p+0f, 0x1.048af8p-6f, 0x1.8d5b00p-5f,
        0x1.3be43cp-4f, 0x1.9be07ep-4f, 0x1.e12cacp-4f, 0x1.04702ap-3f,
        0x1.096142p-3f, 0x1.0088a4p-3f, 0x1.d81ee0p-4f, 0x1.9d9d1ap-4f,
        0x1.57ee1ap-4f, 0x1.0d67b2p-4f, 0x1.878b0cp-5f, 0x1.fec2bap-6f,
        0x1.11e8c0p-6f, 0x1.4179e2p-8f, -0x1.0ca8e8p-8f, -0x1.54821ap-7f,
    },
};
/* the same of gelu_tanh: 32 buckets of a + 5.5 by exponent and 5 mantissa bits, constant from 5.25, degree 3,
 * largest absolute error 1.48e-07. */
enum { hwv_fast_gelu_tanh_shift = 18, hwv_fast_gelu_tanh_degree = 3 };
static const float hwv_fast_gelu_tanh_offset = 0x1.600000p+2f;
static const float hwv_fast_gelu_tanh_last = 0x1.500000p+2f;
static const float hwv_fast_gelu_tanh_center = 0x0.0p+0f;
static const float hwv_fast_gelu_tanh[4][32] = {
    {
        0x1.33c72ap-1f, 0x1.16f80ep-1f, 0x1.bf5a1ep-2f, 0x1.3dcf86p-2f,
        0x1.8f8d64p-3f, 0x1.bb2730p-4f, 0x1.afec8cp-5f, 0x1.704e06p-6f,
        0x1.117606p-7f, 0x1.5fd948p-9f, 0x1.862c6ap-11f, 0x0.0p+0f,
        0x0.0p+0f, -0x1.236c54p-14f, -0x1.124272p-11f, -0x1.ca3568p-10f,
        -0x1.f2f9c2p-9f, -0x1.8be360p-8f, -0x1.bfaa66p-8f, -0x1.dc4b48p-9f,
        0x1.b44baap-8f, 0x1.bc77f2p-6f, 0x1.eca74ap-5f, 0x1.b51722p-4f,
        0x1.543342p-3f, 0x1.e2dc9ep-3f, 0x1.3f0632p-2f, 0x1.8d7e2ep-2f,
        0x1.d6ff56p-2f, 0x1.0af942p-1f, 0x1.22d1f6p-1f, 0x1.316060p-1f,
    },
    {
        -0x1.107becp-1f, -0x1.e293b4p-2f, -0x1.741df0p-2f, -0x1.f8e098p-3f,
        -0x1.2e2308p-3f, -0x1.3ebcb4p-4f, -0x1.278dfep-5f, -0x1.dff30cp-7f,
        -0x1.53bb4cp-8f, -0x1.a14d26p-10f, -0x1.ba6bc0p-12f, 0x0.0p+0f,
        0x1.00031ep-1f, 0x1.00cf3ep-1f, 0x1.038e8ep-1f, 0x1.089008p-1f,
        0x1.0ee8dep-1f, 0x1.147406p-1f, 0x1.162664p-1f, 0x1.10a1a6p-1f,
        0x1.00ebb6p-1f, 0x1.ca1dfcp-2f, 0x1.7920bcp-2f, 0x1.112918p-2f,
        0x1.2f1216p-3f, 0x1.3d2b12p-6f, -0x1.c51052p-4f, -0x1.ddd886p-3f,
        -0x1.5d4f08p-2f, -0x1.b6512ep-2f, -0x1.f60af8p-2f, -0x1.0d7846p-1f,
    },
    {
        0x1.46ee32p-3f, 0x1.19e0e4p-3f, 0x1.a09a6ap-4f, 0x1.0d2552p-4f,
        0x1.32162ap-5f, 0x1.32b772p-6f, 0x1.0e52d0p-7f, 0x1.a1b6e6p-9f,
        0x1.19c05ep-10f, 0x1.4a4828p-12f, 0x1.4eb168p-14f, 0x0.0p+0f,
        -0x1.99b348p-2f, -0x1.a617f2p-2f, -0x1.bbfb48p-2f, -0x1.d6be66p-2f,
        -0x1.f0493ap-2f, -0x1.011d0ep-1f, -0x1.037bccp-1f, -0x1.fa8e94p-2f,
        -0x1.db4efcp-2f, -0x1.a9e7e6p-2f, -0x1.693264p-2f, -0x1.1d9edap-2f,
        -0x1.99112cp-3f, -0x1.edc756p-4f, -0x1.7ab164p-5f, 0x1.3bffcap-6f,
        0x1.2c10c8p-4f, 0x1.d3e506p-4f, 0x1.22b848p-3f, 0x1.41e5e4p-3f,
    },
    {
        -0x1.099244p-6f, -0x1.bc5e3ep-7f, -0x1.39a3dap-7f, -0x1.80f9b0p-8f,
        -0x1.9f465ap-9f, -0x1.8ac88ap-10f, -0x1.4a6c8cp-11f, -0x1.e58e62p-13f,
        -0x1.37f29cp-14f, -0x1.5cdf7ap-16f, -0x1.51d5b6p-18f, 0x0.0p+0f,
        0x1.05d32ap-6f, 0x1.8f208cp-5f, 0x1.3d093ap-4f, 0x1.9cdce8p-4f,
        0x1.e190c6p-4f, 0x1.042ac2p-3f, 0x1.0893c4p-3f, 0x1.fe89c6p-4f,
        0x1.d513d6p-4f, 0x1.9aa684p-4f, 0x1.55afd2p-4f, 0x1.0c6926p-4f,
        0x1.889e76p-5f, 0x1.0375acp-5f, 0x1.1ebf52p-6f, 0x1.7ec2cap-8f,
        -0x1.9f41aep-9f, -0x1.3acf52p-7f, -0x1.c1b38cp-7f, -0x1.03fb6ep-6f,
    },
};
/* log(1 + e^-a): 32 buckets of a + 5.75 by exponent and 4 mantissa bits, constant from 16.25, degree 4,
 * largest absolute error 8.76e-08. */
enum { hwv_fast_softplus_shift = 19, hwv_fast_softplus_degree = 4 };
static const float hwv_fast_softplus_offset = 0x1.700000p+2f;
static const float hwv_fast_softplus_last = 0x1.040000p+4f;
static const float hwv_fast_softplus_center = 0x0.0p+0f;
static const float hwv_fast_softplus[5][32] = {
    {
        0x1.6abc32p-1f, 0x1.6110f0p-1f, 0x1.4ad9c2p-1f, 0x1.2a2942p-1f,
        0x1.034ea6p-1f, 0x1.b55fb0p-2f, 0x1.675d46p-2f, 0x1.20d104p-2f,
        0x1.c78fbcp-3f, 0x1.617be6p-3f, 0x1.0e6790p-3f, 0x1.988936p-4f,
        0x1.312c96p-4f, 0x1.c35a20p-5f, 0x1.4abd34p-5f, 0x1.e0b214p-6f,
        0x1.288464p-6f, 0x1.2c4ccep-7f, 0x1.292a08p-8f, 0x1.203696p-9f,
        0x1.12a96ep-10f, 0x1.01b892p-11f, 0x0.0p+0f, 0x1.62e430p-1f,
        0x1.62e4b2p-1f, 0x1.62eeaep-1f, 0x1.6326d8p-1f, 0x1.63cffcp-1f,
        0x1.6525e0p-1f, 0x1.67241ep-1f, 0x1.696298p-1f, 0x1.6b1f68p-1f,
    },
    {
        -0x1.15c358p-1f, -0x1.07e352p-1f, -0x1.d93fc4p-2f, -0x1.937f94p-2f,
        -0x1.4a422cp-2f, -0x1.05b6b4p-2f, -0x1.944d9ap-3f, -0x1.31ef80p-3f,
        -0x1.c7482cp-4f, -0x1.4e0bd4p-4f, -0x1.e45ef4p-5f, -0x1.5b9014p-5f,
        -0x1.ee49aep-6f, -0x1.5ca7eep-6f, -0x1.e851f0p-7f, -0x1.53bc98p-7f,
        -0x1.89fda6p-8f, -0x1.712638p-9f, -0x1.53c126p-10f, -0x1.33ebd2p-11f,
        -0x1.135906p-12f, -0x1.e6a806p-14f, 0x0.0p+0f, -0x1.00000ap-1f,
        -0x1.0006f0p-1f, -0x1.00531cp-1f, -0x1.017924p-1f, -0x1.04189cp-1f,
        -0x1.085c4ap-1f, -0x1.0dae70p-1f, -0x1.12d4a0p-1f, -0x1.1655aap-1f,
    },
    {
        0x1.61adbcp-3f, 0x1.43c4d0p-3f, 0x1.118552p-3f, 0x1.b350f0p-4f,
        0x1.4bb2c6p-4f, 0x1.e9cc30p-5f, 0x1.614d42p-5f, 0x1.f4c946p-6f,
        0x1.5e15f0p-6f, 0x1.e42022p-7f, 0x1.4bbb8ep-7f, 0x1.c32bf0p-8f,
        0x1.30cddep-8f, 0x1.997d0ep-9f, 0x1.11ab4cp-9f, 0x1.6c2276p-10f,
        0x1.8c4ddap-11f, 0x1.56fe96p-12f, 0x1.2542eap-13f, 0x1.f04212p-15f,
        0x1.a01514p-16f, 0x1.5a15bcp-17f, 0x0.0p+0f, 0x1.0003b8p-3f,
        0x1.0091eep-3f, 0x1.0402d6p-3f, 0x1.0d1448p-3f, 0x1.1cbf76p-3f,
        0x1.3136fep-3f, 0x1.468d7cp-3f, 0x1.584b50p-3f, 0x1.62e6e8p-3f,
    },
    {
        -0x1.b6e250p-6f, -0x1.7d7cb4p-6f, -0x1.2b113ep-6f, -0x1.b6e9a4p-7f,
        -0x1.3482f6p-7f, -0x1.a58140p-8f, -0x1.1a6ab0p-8f, -0x1.755d36p-9f,
        -0x1.e8ce4cp-10f, -0x1.3da564p-10f, -0x1.9a83a8p-11f, -0x1.0811e2p-11f,
        -0x1.5277b8p-12f, -0x1.b07468p-13f, -0x1.138378p-13f, -0x1.5e355ap-14f,
        -0x1.65340ap-15f, -0x1.1d35d8p-16f, -0x1.c49f5ep-18f, -0x1.653e2cp-19f,
        -0x1.18aa00p-20f, -0x1.b738f0p-22f, 0x0.0p+0f, -0x1.d48a0ep-15f,
        -0x1.670822p-11f, -0x1.780952p-9f, -0x1.bc0114p-8f, -0x1.84f074p-7f,
        -0x1.19f7bep-6f, -0x1.66238cp-6f, -0x1.9c883ep-6f, -0x1.b9191ep-6f,
    },
    {
        0x1.ba3cb2p-10f, 0x1.6780aap-10f, 0x1.01fcacp-10f, 0x1.59a272p-11f,
        0x1.bcee8ep-12f, 0x1.17af04p-12f, 0x1.5aac68p-13f, 0x1.aa0f7cp-14f,
        0x1.04781cp-14f, 0x1.3d7b6cp-15f, 0x1.823eacp-16f, 0x1.d55d2ap-17f,
        0x1.1cfcccp-17f, 0x1.59ee70p-18f, 0x1.a3cceap-19f, 0x1.fd5d86p-20f,
        0x1.e6540cp-21f, 0x1.65dc6ap-22f, 0x1.074f6cp-23f, 0x1.8378b6p-25f,
        0x1.1d165cp-26f, 0x1.a3830ap-28f, 0x0.0p+0f, -0x1.4b7658p-8f,
        -0x1.2745e6p-8f, -0x1.c14382p-9f, -0x1.16edecp-9f, -0x1.be968ap-11f,
        0x1.ceaea6p-13f, 0x1.060fe0p-10f, 0x1.83439ap-10f, 0x1.bd001ap-10f,
    },
};
#elif V_TABLE >= 8
/* 1/(1 + e^-a) - 1/2: 8 buckets of a + 2 by exponent and 1 mantissa bits, constant from 22, degree 6,
 * largest absolute error 2.44e-07. */
enum { hwv_fast_sigmoid_shift = 22, hwv_fast_sigmoid_degree = 6 };
static const float hwv_fast_sigmoid_offset = 0x1.000000p+1f;
static const float hwv_fast_sigmoid_last = 0x1.600000p+4f;
static const float hwv_fast_sigmoid_center = 0x1.400000p+1f;
static const float hwv_fast_sigmoid[7][8] = {
    {
        0x1.af78aap-2f, 0x1.b24782p-2f, 0x1.b25234p-2f, 0x1.b22fb6p-2f,
        0x1.c2c086p-2f, 0x1.f05caep-2f, 0x1.ff3102p-2f, 0x1.000000p-1f,
    },
    {
        0x1.d43312p-5f, 0x1.1dd868p-4f, 0x1.1f26dcp-4f, 0x1.21a020p-4f,
        0x1.813582p-5f, 0x1.0feb28p-7f, 0x1.2cf640p-12f, 0x0.0p+0f,
    },
    {
        -0x1.becd5ap-5f, -0x1.f7b8fep-6f, -0x1.e71c8cp-6f, -0x1.faac20p-6f,
        -0x1.09419cp-6f, -0x1.f3d118p-10f, -0x1.6d1476p-15f, 0x0.0p+0f,
    },
    {
        -0x1.30f7b6p-6f, 0x1.4c5982p-8f, 0x1.ba4852p-8f, 0x1.095472p-7f,
        0x1.95424cp-9f, 0x1.efd5eep-13f, 0x1.d88c60p-19f, 0x0.0p+0f,
    },
    {
        -0x1.f22878p-7f, -0x1.03bb20p-9f, -0x1.99c4ecp-12f, -0x1.5b4e7ep-10f,
        -0x1.66d6a8p-12f, -0x1.1755bep-16f, -0x1.57f2fcp-23f, 0x0.0p+0f,
    },
    {
        -0x1.48d1cep-8f, -0x1.1a2d10p-10f, -0x1.013076p-12f, 0x1.09827ap-13f,
        0x1.5a7e98p-16f, 0x1.52469ep-21f, 0x1.0acfb2p-28f, 0x0.0p+0f,
    },
    {
        -0x1.0b7e22p-11f, -0x1.3a9fc6p-16f, 0x1.ef824ep-15f, -0x1.6c9648p-18f,
        -0x1.1b493ap-21f, -0x1.576fd8p-27f, -0x1.588382p-35f, 0x0.0p+0f,
    },
};
/* a Phi(-a): 8 buckets of the same width, constant from 5.4, degree 6,
 * largest absolute error 1.80e-07. */
enum { hwv_fast_gelu_degree = 6 };
static const float hwv_fast_gelu_scale = 0x1.3425eep+0f;
static const float hwv_fast_gelu_last = 0x1.742f42p+2f;
static const float hwv_fast_gelu[7][8] = {
    {
        0x0.0p+0f, 0x1.5979d0p-3f, 0x1.48bb50p-4f, 0x1.031fd4p-6f,
        0x1.83c87ep-10f, 0x1.1cccc2p-14f, 0x1.9f5b0ep-20f, 0x0.0p+0f,
    },
    {
        0x1.a95a90p-2f, -0x1.aece80p-6f, -0x1.92e50ep-4f, -0x1.03e346p-5f,
        -0x1.087c44p-8f, -0x1.e8d098p-13f, -0x1.ad119ep-18f, 0x0.0p+0f,
    },
    {
        -0x1.19f25cp-2f, -0x1.0586ecp-3f, 0x1.af84fcp-6f, 0x1.a97b2ap-6f,
        0x1.465bd8p-8f, 0x1.8a8778p-12f, 0x1.a8d1d0p-17f, 0x0.0p+0f,
    },
    {
        -0x1.e815c0p-16f, 0x1.2fee18p-4f, 0x1.43dbe8p-6f, -0x1.347568p-7f,
        -0x1.d433ccp-9f, -0x1.89eeccp-12f, -0x1.09a0fap-16f, 0x0.0p+0f,
    },
    {
        0x1.04c78ep-5f, -0x1.02aef8p-9f, -0x1.f6acb6p-7f, -0x1.52183ep-12f,
        0x1.944eccp-10f, 0x1.0d3690p-12f, 0x1.dc6708p-17f, 0x0.0p+0f,
    },
    {
        -0x1.c286e4p-12f, -0x1.0af76cp-7f, 0x1.3c4fbap-9f, 0x1.c7a0e2p-10f,
        -0x1.3a1a70p-12f, -0x1.08f84ep-13f, -0x1.5db4cap-17f, 0x0.0p+0f,
    },
    {
        -0x1.6f2016p-9f, 0x1.375e74p-10f, 0x1.070192p-10f, -0x1.447fe8p-11f,
        -0x1.b394c8p-15f, 0x1.4f6bb4p-15f, 0x1.5fdbc6p-18f, 0x0.0p+0f,
    },
};
/* the same of gelu_tanh: 8 buckets of the same width, constant from 5.1, degree 6,
 * largest absolute error 1.15e-07. */
enum { hwv_fast_gelu_tanh_degree = 6 };
static const float hwv_fast_gelu_tanh_scale = 0x1.464646p+0f;
static const float hwv_fast_gelu_tanh_last = 0x1.5f81f8p+2f;
static const float hwv_fast_gelu_tanh[7][8] = {
    {
        0x0.0p+0f, 0x1.5bcbeep-3f, 0x1.77835ep-4f, 0x1.602f1cp-6f,
        0x1.2e98b6p-9f, 0x1.a70c56p-14f, 0x1.93817cp-20f, 0x0.0p+0f,
    },
    {
        0x1.91b91ap-2f, -0x1.597830p-7f, -0x1.912e46p-4f, -0x1.422416p-5f,
        -0x1.919600p-8f, -0x1.80a62ap-12f, -0x1.e563c0p-18f, 0x0.0p+0f,
    },
    {
        -0x1.f6fb18p-3f, -0x1.ff2f46p-4f, 0x1.06586cp-6f, 0x1.c5eae8p-6f,
        0x1.d13e7cp-8f, 0x1.41525ep-11f, 0x1.138e9ap-16f, 0x0.0p+0f,
    },
    {
        -0x1.1b3a7ep-16f, 0x1.000090p-4f, 0x1.741518p-6f, -0x1.d02e2ep-8f,
        -0x1.281484p-8f, -0x1.425916p-11f, -0x1.83f2c8p-16f, 0x0.0p+0f,
    },
    {
        0x1.a084ccp-6f, 0x1.173faap-13f, -0x1.a6b6e2p-7f, -0x1.e2f4c8p-10f,
        0x1.906e78p-10f, 0x1.a6f178p-12f, 0x1.8043cap-16f, 0x0.0p+0f,
    },
    {
        -0x1.1c7ee4p-12f, -0x1.a2fd0ap-8f, 0x1.4326f6p-10f, 0x1.c931c0p-10f,
        -0x1.5dd386p-14f, -0x1.69ebdcp-13f, -0x1.2da34cp-16f, 0x0.0p+0f,
    },
    {
        -0x1.0f8028p-9f, 0x1.819304p-11f, 0x1.cb66e0p-11f, -0x1.905c5cp-12f,
        -0x1.1a05e2p-13f, 0x1.4fbd1cp-15f, 0x1.34c462p-17f, 0x0.0p+0f,
    },
};
/* log(1 + e^-a): 8 buckets of a + 2 by exponent and 1 mantissa bits, constant from 22, degree 7,
 * largest absolute error 1.89e-08. */
enum { hwv_fast_softplus_shift = 22, hwv_fast_softplus_degree = 7 };
static const float hwv_fast_softplus_offset = 0x1.000000p+1f;
static const float hwv_fast_softplus_last = 0x1.600000p+4f;
static const float hwv_fast_softplus_center = 0x1.400000p+1f;
static const float hwv_fast_softplus[8][8] = {
    {
        0x1.40f63ep-4f, 0x1.431cbep-4f, 0x1.4321e0p-4f, 0x1.433b54p-4f,
        0x1.1a1660p-4f, 0x1.8c2c16p-6f, 0x1.c9afcep-10f, 0x0.0p+0f,
    },
    {
        -0x1.42acbep-4f, -0x1.36e510p-4f, -0x1.36b72ep-4f, -0x1.374196p-4f,
        -0x1.e593c0p-5f, -0x1.ec5a32p-7f, -0x1.81e81ap-11f, 0x0.0p+0f,
    },
    {
        0x1.d0456ap-6f, 0x1.1dc87cp-5f, 0x1.1f25dep-5f, 0x1.21a39ap-5f,
        0x1.7c9666p-6f, 0x1.0b149ap-8f, 0x1.17aaeap-13f, 0x0.0p+0f,
    },
    {
        -0x1.2d9d1ep-6f, -0x1.5020c0p-7f, -0x1.44bb00p-7f, -0x1.51d880p-7f,
        -0x1.5c6b7ap-8f, -0x1.46d258p-11f, -0x1.c3371ap-17f, 0x0.0p+0f,
    },
    {
        -0x1.39625ep-8f, 0x1.4ade2ap-10f, 0x1.baa808p-10f, 0x1.097aa2p-9f,
        0x1.8e46acp-11f, 0x1.e5d08ap-15f, 0x1.b541cap-21f, 0x0.0p+0f,
    },
    {
        -0x1.941c44p-9f, -0x1.a05f6ap-12f, -0x1.5003dcp-14f, -0x1.16387cp-12f,
        -0x1.19aa54p-14f, -0x1.b59cecp-19f, -0x1.fcb06cp-26f, 0x0.0p+0f,
    },
    {
        -0x1.ba7bf4p-11f, -0x1.76e030p-13f, -0x1.51169ap-15f, 0x1.62fe72p-16f,
        0x1.c500e2p-19f, 0x1.b984d2p-24f, 0x1.48bc0ap-31f, 0x0.0p+0f,
    },
    {
        -0x1.34339cp-14f, -0x1.4a876ap-19f, 0x1.1a84e2p-17f, -0x1.a2c368p-21f,
        -0x1.3d9ae0p-24f, -0x1.804b0ep-30f, -0x1.6bfb30p-38f, 0x0.0p+0f,
    },
};
#endif

#endif
