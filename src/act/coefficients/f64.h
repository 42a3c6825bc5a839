/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Made by tools/coefficients/make.py from f64.py beside it; do not edit. */
/* clang-format off */
#ifndef HWV_ACT_COEFFICIENTS_F64_H
#define HWV_ACT_COEFFICIENTS_F64_H

#include "simd/simd.h"

/* x = n ln 2 + r: ln 2 in two parts, the first short enough that its product with n is exact. */
#define HWV_F64_LOG2E 0x1.71547652b82fep+0
#define HWV_F64_LN2_HIGH 0x1.62e42fefa4000p-1
#define HWV_F64_LN2_LOW -0x1.8432a1b0e2634p-43
/* e^r = 1 + (r + r^2 (c0 + ... c9 r^9)), |r| <= 1.001 ln2/2, relative error 3.76e-18. */
static const double hwv_f64_exp[10] = {
    0x1.000000000000ap-1, 0x1.5555555555500p-3, 0x1.555555555068ep-5, 0x1.11111111263cfp-7,
    0x1.6c16c184874adp-10, 0x1.a01a013263d39p-13, 0x1.a0199926e2300p-16, 0x1.71df135ab3cc7p-19,
    0x1.28ae393b4b9b1p-22, 0x1.ad9c13c6dfbfcp-26,
};
/* log((1+s)/(1-s)) = s (2 + z (c0 + ... c6 z^6)), z = s^2, |s| <= 0.1717, relative error 1.28e-18. */
static const double hwv_f64_log[7] = {
    0x1.5555555555593p-1, 0x1.999999997fa24p-2, 0x1.249249422b1c5p-2, 0x1.c71c51d476066p-3,
    0x1.74664ad80fe9fp-3, 0x1.39a06d28fc1c4p-3, 0x1.2f1373119b680p-3,
};
#define HWV_F64_LOG_EDGE 0x1.a827999fcef32p-2
/* Phi(-a) = exp(-a^2/2) (c0 + ... c23 t^23) / (a + k), t = (a - k) / (a + k), 0 <= a <= 40, relative error 3.48e-17. */
#define HWV_F64_NORMAL_K 0x1.0000000000000p+2
static const double hwv_f64_normal[24] = {
    0x1.82b4bb8c94dcep-1, -0x1.373e3a893c28ap-1, 0x1.8c6dbf2cfc231p-2, -0x1.7dff2bff6835bp-3,
    0x1.eec4cc3e5ac24p-5, -0x1.ee2761049dd0bp-8, -0x1.c81719e6f97e3p-9, 0x1.ab825fc8c3852p-10,
    0x1.17a4ba10d63a0p-13, -0x1.e4a426e859365p-13, -0x1.003111d98e3ccp-19, 0x1.26d09e2d13e65p-15,
    0x1.81dbbcdcc6d3cp-21, -0x1.8d4787da226c2p-18, -0x1.54e37ac962972p-21, 0x1.11e77da381c4dp-20,
    0x1.2d3a4b31fe7ebp-22, -0x1.46b1ef1aa35b6p-23, -0x1.95dc19eb448f9p-24, 0x1.459e8bfb7aa15p-27,
    0x1.ad93f81f4ed6dp-26, 0x1.3eb4960108bfdp-28, -0x1.0caf11787eca3p-28, -0x1.a618d5838ddb8p-30,
};
/* x - tanh x = x^3 (c0 + ... c21 t^21), t = x^2 - 9/8, |x| <= 3/2, relative error 1.13e-17. */
static const double hwv_f64_shrink[22] = {
    0x1.d78d27e512c0ap-3, -0x1.01fb7961cc666p-4, 0x1.1e92b319c1fd0p-6, -0x1.3ef9e483020b1p-8,
    0x1.632612208808dp-10, -0x1.8b70f004e3218p-12, 0x1.b84ed402f58d9p-14, -0x1.ea440a92bb64ap-16,
    0x1.10f22eb4d5acap-17, -0x1.2fea34aa0dc71p-19, 0x1.52657abf18bebp-21, -0x1.78ca929a6a2ccp-23,
    0x1.a395d87adb600p-25, -0x1.d33169bdf8dffp-27, 0x1.0390bbe992a6cp-28, -0x1.2102359f369d8p-30,
    0x1.4a4919ed973a4p-32, -0x1.6fd50279d6bf7p-34, 0x1.46da23c5e620fp-36, -0x1.6b8b2533fc8ddp-38,
    0x1.acacb50b4c0eep-39, -0x1.ddc6f1b77f7bap-41,
};
/* gelu_tanh is x sigmoid(K x (x^2 + C)), K = 2 sqrt(2/pi) 0.044715, C = 1/0.044715, in two parts each. */
#define HWV_F64_CUBIC_K 0x1.2444f2a4d8b4bp-4
#define HWV_F64_CUBIC_K_LOW -0x1.6c843a29d1c70p-61
#define HWV_F64_CUBIC_C 0x1.65d25edd9ed82p+4
#define HWV_F64_CUBIC_C_LOW -0x1.586cc71ee31dep-55
#define HWV_F64_DENSITY 0x1.9884533d43651p-2

#endif
