/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The slopes of RReLU in training: draws of sixteen counters are the slopes of 64 elements, in an order that lets
 * every width of vector store them as they come. */
#include "act/kernels.h"
#include "simd/philox.h"

hwv_slopes HWV_ISA(hwv_rrelu_slopes);
void HWV_ISA(hwv_rrelu_slopes)(const hwv_draws *draws, uint64_t word, size_t words, float lower, float upper, float *to)
{
    const vf least = v_set(lower), most = v_set(upper), width = v_set(upper - lower), unit = v_set(0x1p-24f);
    for (size_t w = 0; w < words; w++, to += 64)
        for (size_t at = 0; at < 16; at += V_LANES) {
            vi u[4];
            vi_philox(draws->seed, draws->stream, draws->step, (word + w) * 16 + at, u);
            HWV_UNROLL
            for (size_t k = 0; k < 4; k++) {
                vf slope = v_add(least, v_mul(width, v_mul(v_from_i(vi_shr(u[k], 8)), unit)));
                v_store(to + k * 16 + at, v_select(v_gt(slope, most), most, slope));
            }
        }
}
