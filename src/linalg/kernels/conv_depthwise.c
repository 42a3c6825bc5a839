/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Convolution of each channel by itself in vector words: lanes are channels. */
#include "linalg/conv_kernels.h"
#include "simd/simd.h"

/* Vectors of a tile. */
#define ROWS HWV_DEPTHWISE_ROWS

HWV_WORD vf load_lanes(const float *p, size_t n)
{
    return n == V_LANES ? v_load(p) : v_load_n(p, n);
}

HWV_WORD void store_lanes(float *p, vf a, size_t n)
{
    if (n == V_LANES)
        v_store(p, a);
    else
        v_store_n(p, a, n);
}

/* rows and shared are constants: whether all vectors have the same weights. */
HWV_WORD void tile_body(const size_t rows, const bool shared, const hwv_depthwise_tile *t, const float *a,
                        const float *b, float *c, size_t lanes, const float *bias)
{
    vf sum[ROWS];
    HWV_UNROLL
    for (size_t i = 0; i < rows; i++)
        sum[i] = v_zero();
    for (size_t k = 0; k < t->count; k++) {
        const float *as = a + t->taps[k].a, *bs = b + t->taps[k].b;
        const vf first = load_lanes(bs, lanes);
        HWV_UNROLL
        for (size_t i = 0; i < rows; i++)
            sum[i] = v_fma(load_lanes(as + i * t->a_stride, lanes),
                           shared || i == 0 ? first : load_lanes(bs + i * V_LANES, lanes), sum[i]);
    }
    if (bias) {
        HWV_UNROLL
        for (size_t i = 0; i < rows; i++)
            sum[i] = v_add(sum[i], load_lanes(bias + (shared ? 0 : i * V_LANES), lanes));
    }
    if (t->map.center) {
        HWV_UNROLL
        for (size_t i = 0; i < rows; i++) {
            const size_t at = shared ? 0 : i * V_LANES;
            sum[i] = v_fma(v_sub(sum[i], load_lanes(t->map.center + at, lanes)), load_lanes(t->map.scale + at, lanes),
                           load_lanes(t->map.offset + at, lanes));
        }
    }
    HWV_UNROLL
    for (size_t i = 0; i < rows; i++)
        store_lanes(c + i * t->c_stride, sum[i], lanes);
}

/* The loops over rows unroll only for constants. */
#define EACH_ROWS(CALL)                                                                                                \
    switch (rows) {                                                                                                    \
    case 1:                                                                                                            \
        CALL(1);                                                                                                       \
        break;                                                                                                         \
    case 2:                                                                                                            \
        CALL(2);                                                                                                       \
        break;                                                                                                         \
    case 3:                                                                                                            \
        CALL(3);                                                                                                       \
        break;                                                                                                         \
    case 4:                                                                                                            \
        CALL(4);                                                                                                       \
        break;                                                                                                         \
    case 5:                                                                                                            \
        CALL(5);                                                                                                       \
        break;                                                                                                         \
    case 6:                                                                                                            \
        CALL(6);                                                                                                       \
        break;                                                                                                         \
    case 7:                                                                                                            \
        CALL(7);                                                                                                       \
        break;                                                                                                         \
    default:                                                                                                           \
        CALL(8);                                                                                                       \
        break;                                                                                                         \
    }

static void pixels(const hwv_depthwise_tile *t, size_t rows, const float *a, const float *b, float *c, size_t lanes,
                   const float *bias)
{
#define WHOLE(n) tile_body(n, true, t, a, b, c, V_LANES, bias)
#define PART(n)  tile_body(n, true, t, a, b, c, lanes, bias)
    if (lanes == V_LANES) {
        EACH_ROWS(WHOLE)
    } else {
        EACH_ROWS(PART)
    }
#undef WHOLE
#undef PART
}

static void channels(const hwv_depthwise_tile *t, size_t rows, const float *a, const float *b, float *c, size_t lanes,
                     const float *bias)
{
#define WHOLE(n) tile_body(n, false, t, a, b, c, V_LANES, bias)
    if (lanes == V_LANES) {
        EACH_ROWS(WHOLE)
    } else {
        tile_body(1, false, t, a, b, c, lanes, bias);
    }
#undef WHOLE
}

/* One tap of the weight gradient, of `rows` vectors of channels. */
HWV_WORD void sum_body(const size_t rows, const hwv_conv_sum *s, const float *a, const float *b, float *c, size_t lanes)
{
    vf sum[ROWS];
    HWV_UNROLL
    for (size_t i = 0; i < rows; i++)
        sum[i] = s->accumulate ? load_lanes(c + i * V_LANES, lanes) : v_zero();
    for (size_t n = 0; n < s->images; n++) {
        for (size_t l = 0; l < s->lines; l++) {
            const float *as = a + n * s->a_image + l * s->a_line, *bs = b + n * s->b_image + l * s->b_line;
            for (size_t k = 0; k < s->depth; k++) {
                HWV_UNROLL
                for (size_t i = 0; i < rows; i++)
                    sum[i] = v_fma(load_lanes(as + i * V_LANES, lanes), load_lanes(bs + i * V_LANES, lanes), sum[i]);
                as += s->a_stride;
                bs += s->b_stride;
            }
        }
    }
    HWV_UNROLL
    for (size_t i = 0; i < rows; i++)
        store_lanes(c + i * V_LANES, sum[i], lanes);
}

static void sum(const hwv_conv_sum *s, size_t rows, const float *a, const float *b, float *c, size_t lanes)
{
#define WHOLE(n) sum_body(n, s, a, b, c, V_LANES)
    if (lanes == V_LANES) {
        EACH_ROWS(WHOLE)
    } else {
        sum_body(1, s, a, b, c, lanes);
    }
#undef WHOLE
}

extern const hwv_depthwise_kernels HWV_ISA(hwv_depthwise_kernels);
const hwv_depthwise_kernels HWV_ISA(hwv_depthwise_kernels) = {V_LANES, pixels, channels, sum};
