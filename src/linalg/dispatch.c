/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The tables of all sets of this build. */
#include "linalg/dispatch.h"
#include "base/built.h"

#define DECLARE(name)                                                                                                  \
    extern const hwv_gemm_kernels hwv_gemm_kernels_##name;                                                             \
    extern const hwv_row_kernels hwv_row_kernels_##name;                                                               \
    extern const hwv_pair_kernels hwv_pair_kernels_##name;                                                             \
    extern const hwv_conv_kernels hwv_conv_kernels_##name;                                                             \
    extern const hwv_conv_weight_kernels hwv_conv_weight_kernels_##name;                                               \
    extern const hwv_depthwise_kernels hwv_depthwise_kernels_##name;                                                   \
    extern const hwv_pooling_kernels hwv_pooling_kernels_##name;                                                       \
    extern const hwv_batch_norm_kernels hwv_batch_norm_kernels_##name;                                                 \
    extern const hwv_bridge_kernels hwv_bridge_kernels_##name;                                                         \
    extern const hwv_dropout_kernels hwv_dropout_kernels_##name;                                                       \
    extern const hwv_transpose_kernels hwv_transpose_kernels_##name;                                                   \
    extern const hwv_layer_norm_kernels hwv_layer_norm_kernels_##name;                                                 \
    extern const hwv_attention_kernels hwv_attention_kernels_##name;                                                   \
    extern const hwv_gemv_kernels hwv_gemv_kernels_##name;                                                             \
    extern const hwv_winograd_kernels hwv_winograd_kernels_##name;
HWV_BUILT_LIST(DECLARE)

#define ENTRY(name)                                                                                                    \
    [HWV_ISA_##name] = {.gemm = &hwv_gemm_kernels_##name,                                                              \
                        .rows = &hwv_row_kernels_##name,                                                               \
                        .pairs = &hwv_pair_kernels_##name,                                                             \
                        .conv = &hwv_conv_kernels_##name,                                                              \
                        .conv_weight = &hwv_conv_weight_kernels_##name,                                                \
                        .depthwise = &hwv_depthwise_kernels_##name,                                                    \
                        .pooling = &hwv_pooling_kernels_##name,                                                        \
                        .batch_norm = &hwv_batch_norm_kernels_##name,                                                  \
                        .bridge = &hwv_bridge_kernels_##name,                                                          \
                        .dropout = &hwv_dropout_kernels_##name,                                                        \
                        .transpose = &hwv_transpose_kernels_##name,                                                    \
                        .layer_norm = &hwv_layer_norm_kernels_##name,                                                  \
                        .attention = &hwv_attention_kernels_##name,                                                    \
                        .gemv = &hwv_gemv_kernels_##name,                                                              \
                        .winograd = &hwv_winograd_kernels_##name},

static const hwv_linalg_kernels kernels[HWV_ISA_COUNT] = {HWV_BUILT_LIST(ENTRY)};

const hwv_linalg_kernels *hwv_linalg_kernels_of(hwv_isa isa)
{
    return &kernels[isa];
}
