/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Every pass of every row on the set in use: all lengths and offsets, in place, rows with strides, guard bytes, page
 * edges. An element's result must be the same bits wherever it stands; what those bits are is checked against the
 * reference for each input. For floats, or for doubles (see real.h); included by the programs that run it. */
#ifndef HWV_TESTS_ACT_EVERY_PASS_H
#define HWV_TESTS_ACT_EVERY_PASS_H

#include "oracle.h"
#include "page.h"

#include "halfwave/random.h"

enum { ROOM = 2048, GUARD = 64, LENGTHS = 300, EDGE = 140 };
#define GUARD_VALUE (REAL_INFINITY | (REAL_FRACTION & 0x2bcdef)) /* a NaN no kernel makes */

typedef enum pass { FORWARD, FORWARD_MASK, BIAS, BIAS_MASK, BACKWARD, BACKWARD_Y, BACKWARD_MASK, FIRES, PASSES } pass;
static const char *const pass_names[PASSES] = {"forward",  "forward_mask", "bias",          "bias_mask",
                                               "backward", "backward_y",   "backward_mask", "fires"};

static uint64_t seed = 1;

/* A pool of inputs and what each pass makes of them one by one: value[pass][i] from x[i], bias[i], dy[i]. */
static real pool_x[ROOM], pool_bias[ROOM], pool_dy[ROOM], pool_y[ROOM], expected[PASSES][ROOM];
static bool expected_bit[PASSES][ROOM];

static uint32_t draw(uint64_t index)
{
    uint32_t r[4];
    hwv_philox(seed, HWV_STREAM_TEST, 0, index, r);
    return r[0];
}

static bool has(const hwv_act *act, pass p)
{
    unsigned claims = hwv_act_claims(act);
    if (act->tier == HWV_FAST) /* which differs in values alone */
        return p == FORWARD || p == BIAS;
    if (p == FORWARD_MASK || p == BIAS_MASK || p == BACKWARD_MASK)
        return claims & HWV_PIECEWISE;
    return p != BACKWARD_Y || (claims & HWV_GRADIENT_FROM_Y);
}

static bool writes_mask(pass p)
{
    return p == FORWARD_MASK || p == BIAS_MASK || p == FIRES;
}

/* One call; `in` is x, or y for BACKWARD_Y. */
static void call(const hwv_act *act, pass p, size_t rows, size_t cols, real *out, size_t out_stride, const real *in,
                 size_t in_stride, const real *dy, size_t dy_stride, const real *bias, uint64_t *mask, size_t words)
{
    switch (p) {
    case FORWARD:
        hwv_act_forward(act, REAL_DTYPE, rows, cols, out, out_stride, in, in_stride);
        break;
    case FORWARD_MASK:
        hwv_act_forward_mask(act, REAL_DTYPE, rows, cols, out, out_stride, in, in_stride, mask, words);
        break;
    case BIAS:
        hwv_act_bias_forward(act, REAL_DTYPE, rows, cols, out, out_stride, in, in_stride, bias, NULL, 0);
        break;
    case BIAS_MASK:
        hwv_act_bias_forward(act, REAL_DTYPE, rows, cols, out, out_stride, in, in_stride, bias, mask, words);
        break;
    case BACKWARD:
        hwv_act_backward(act, REAL_DTYPE, rows, cols, out, out_stride, dy, dy_stride, in, in_stride);
        break;
    case BACKWARD_Y:
        hwv_act_backward_y(act, REAL_DTYPE, rows, cols, out, out_stride, dy, dy_stride, in, in_stride);
        break;
    case BACKWARD_MASK:
        hwv_act_backward_mask(act, REAL_DTYPE, rows, cols, out, out_stride, dy, dy_stride, mask, words);
        break;
    default:
        hwv_act_fires(act, REAL_DTYPE, rows, cols, in, in_stride, mask, words, NULL);
    }
}

/* Fills the pool and checks each single result. */
static void prepare(const hwv_act *act)
{
    static real hard[ORACLE_HARD];
    size_t many = oracle_hard(hard);
    for (size_t i = 0; i < ROOM; i++) {
        uint32_t a = draw(3 * i), b = draw(3 * i + 1), c = draw(3 * i + 2);
        pool_x[i] = a % 3 ? hard[a / 3 % many] : real_of((real_bits)((uint64_t)c << 32 | b));
        pool_dy[i] = c % 5 ? (real)ldexp((double)(c >> 8) - 8388608, -20) : hard[c / 5 % many];
        pool_bias[i] = b % 4 ? (real)ldexp((double)(b >> 8) - 8388608, -22) : 0;
        real sum = pool_x[i] + pool_bias[i];
        hwv_act_forward(act, REAL_DTYPE, 1, 1, &pool_y[i], 1, &pool_x[i], 1);
        for (pass p = 0; p < PASSES; p++) {
            if (!has(act, p))
                continue;
            real x = p == BIAS || p == BIAS_MASK ? sum : pool_x[i], got = 0;
            uint64_t mask = hwv_act_reference_pass(act, (double)x);
            call(act, p, 1, 1, &got, 1, p == BACKWARD_Y ? &pool_y[i] : &pool_x[i], 1, &pool_dy[i], 1, &pool_bias[i],
                 &mask, 1);
            expected[p][i] = got;
            expected_bit[p][i] = mask & 1;
            double error = 0;
            bool good = mask <= 1;
            if (p == FIRES)
                good = good && mask == hwv_act_reference_fires(act, (double)x);
            else if (p >= BACKWARD)
                good = gradient_ok(act, x, pool_dy[i], got, &error);
            else
                good = good && value_ok(act, x, got, &error) && mask == hwv_act_reference_pass(act, (double)x);
            oracle_checks++;
            if (!good)
                oracle_fail(pass_names[p], act, 1, 0, i, x, got, hwv_act_reference(act, (double)x), error);
        }
    }
}

/* Buffers with guards around: out, in, dy, bias at any offset. */
static real out_room[ROOM + 2 * GUARD], in_room[ROOM + 2 * GUARD], dy_room[ROOM + 2 * GUARD],
    bias_room[ROOM + 2 * GUARD];
static uint64_t mask_room[ROOM / 8 + 2];

static void paint(void)
{
    for (size_t i = 0; i < ROOM + 2 * GUARD; i++)
        out_room[i] = real_of(GUARD_VALUE);
    for (size_t i = 0; i < sizeof mask_room / sizeof mask_room[0]; i++)
        mask_room[i] = UINT64_C(0xaaaaaaaaaaaaaaaa);
}

/* Compares element i of a call with pool element k. */
static void compare(const hwv_act *act, pass p, size_t n, size_t offset, size_t i, size_t k, real got,
                    const uint64_t *row_mask)
{
    oracle_checks++;
    if (p != FIRES && !same_result(got, expected[p][k]))
        oracle_fail(pass_names[p], act, n, offset, i, pool_x[k], got, (double)expected[p][k], 0);
    if (writes_mask(p) && (row_mask[i / 64] >> i % 64 & 1) != expected_bit[p][k])
        oracle_fail(pass_names[p], act, n, offset, i, pool_x[k], got, expected_bit[p][k], 0);
}

/* Unused bits of the last word are 0. */
static bool tail_clear(const uint64_t *row, size_t n)
{
    return n % 64 == 0 || row[n / 64] >> n % 64 == 0;
}

/* A row of n elements whose output starts at `offset`; in place where the pass allows it: 1 on x, 2 on dy. */
static void one_row(const hwv_act *act, pass p, size_t n, size_t offset, size_t first, int in_place)
{
    paint();
    real *in = in_room + GUARD + (offset * 5 + 3) % 16, *dy = dy_room + GUARD + (offset * 3 + 1) % 16;
    real *bias = bias_room + GUARD + (offset + 7) % 16, *out = out_room + GUARD + offset;
    uint64_t *mask = mask_room + 1;
    if (in_place == 1)
        in = out;
    if (in_place == 2)
        dy = out;
    memcpy(in, (p == BACKWARD_Y ? pool_y : pool_x) + first, n * sizeof *in);
    memcpy(dy, pool_dy + first, n * sizeof *dy);
    memcpy(bias, pool_bias + first, n * sizeof *bias);
    if (p == BACKWARD_MASK)
        for (size_t i = 0; i < n; i++)
            mask[i / 64] = (i % 64 ? mask[i / 64] : 0) | (uint64_t)expected_bit[p][first + i] << i % 64;
    call(act, p, 1, n, out, n, in, n, dy, n, bias, mask, hwv_mask_words(n));
    for (size_t i = 0; i < n; i++)
        compare(act, p, n, offset, i, first + i, out[i], mask);
    bool clean = mask_room[0] == UINT64_C(0xaaaaaaaaaaaaaaaa);
    for (size_t i = 0; i < GUARD; i++)
        clean = clean &&
                (in_place || (bits_of(out[n + i]) == GUARD_VALUE && bits_of(out[-1 - (ptrdiff_t)i]) == GUARD_VALUE));
    if (p == FIRES)
        for (size_t i = 0; i < n; i++)
            clean = clean && (in_place || bits_of(out[i]) == GUARD_VALUE);
    if (writes_mask(p))
        clean = clean && tail_clear(mask, n) && mask[hwv_mask_words(n)] == UINT64_C(0xaaaaaaaaaaaaaaaa);
    if (!in_place || p != FIRES)
        check(clean, pass_names[p]);
}

static void lengths_and_offsets(const hwv_act *act)
{
    for (pass p = 0; p < PASSES; p++) {
        if (!has(act, p))
            continue;
        for (size_t n = 0; n <= LENGTHS; n++) {
            /* Every offset for lengths up to four of the widest vectors and one, some beyond. */
            size_t step = n <= 65 ? 1 : 5;
            for (size_t offset = n % step; offset < 16; offset += step)
                one_row(act, p, n, offset, draw(n * 16 + offset) % (ROOM - LENGTHS), 0);
            if (p != BACKWARD_MASK && p != FIRES)
                one_row(act, p, n, n % 16, n, 1);
            if (p >= BACKWARD && p <= BACKWARD_MASK)
                one_row(act, p, n, n % 16, n, 2);
        }
    }
}

/* Rows with gaps: nothing between them is read or written. */
static void strided(const hwv_act *act)
{
    static const size_t shapes[][2] = {{3, 1},  {2, 10}, {5, 16},  {4, 32}, {3, 33},
                                       {2, 64}, {2, 65}, {3, 100}, {0, 7},  {4, 0}};
    for (pass p = 0; p < PASSES; p++)
        for (size_t s = 0; has(act, p) && s < sizeof shapes / sizeof shapes[0]; s++)
            for (size_t gap = 0; gap < 4; gap += 3) {
                size_t rows = shapes[s][0], cols = shapes[s][1], stride = cols + gap,
                       words = hwv_mask_words(cols) + gap;
                real *in = in_room + GUARD, *dy = dy_room + GUARD, *out = out_room + GUARD;
                uint64_t *mask = mask_room + 1;
                paint();
                for (size_t r = 0; r < rows; r++)
                    for (size_t i = 0; i < stride; i++) {
                        size_t k = r * cols + i;
                        in[r * stride + i] = p == BACKWARD_Y ? pool_y[k] : pool_x[k];
                        dy[r * stride + i] = pool_dy[k];
                        if (p == BACKWARD_MASK && i < cols)
                            mask[r * words + i / 64] =
                                (i % 64 ? mask[r * words + i / 64] : 0) | (uint64_t)expected_bit[p][k] << i % 64;
                    }
                /* One bias for all rows: the expected values come from single calls. */
                call(act, p, rows, cols, out, stride, in, stride, dy, stride, pool_bias, mask, words);
                for (size_t r = 0; r < rows; r++) {
                    for (size_t i = 0; i < cols; i++) {
                        size_t k = r * cols + i;
                        if (p == BIAS || p == BIAS_MASK) {
                            real wanted;
                            uint64_t bit = 0;
                            call(act, p, 1, 1, &wanted, 1, &pool_x[k], 1, NULL, 0, &pool_bias[i], &bit, 1);
                            check(same_result(wanted, out[r * stride + i]) &&
                                      (p == BIAS || (mask[r * words + i / 64] >> i % 64 & 1) == bit),
                                  "bias on rows");
                        } else {
                            compare(act, p, cols, gap, i, k, out[r * stride + i], mask + r * words);
                        }
                    }
                    bool clean = !writes_mask(p) || cols == 0 || tail_clear(mask + r * words, cols);
                    for (size_t i = cols; i < stride; i++)
                        clean = clean && bits_of(out[r * stride + i]) == GUARD_VALUE;
                    for (size_t i = hwv_mask_words(cols); writes_mask(p) && i < words; i++)
                        clean = clean && mask[r * words + i] == UINT64_C(0xaaaaaaaaaaaaaaaa);
                    check(clean, "gaps between rows");
                }
            }
}

/* Every array ends where a closed page begins. */
static void page_edges(const hwv_act *act, const page_edge e[5])
{
    for (pass p = 0; p < PASSES; p++)
        for (size_t n = 1; has(act, p) && n <= EDGE; n++) {
            size_t words = hwv_mask_words(n);
            real *out = (real *)e[0].data + EDGE - n, *in = (real *)e[1].data + EDGE - n;
            real *dy = (real *)e[2].data + EDGE - n, *bias = (real *)e[3].data + EDGE - n;
            uint64_t *mask = (uint64_t *)e[4].data + EDGE * sizeof(real) / sizeof *mask - words;
            memcpy(in, p == BACKWARD_Y ? pool_y : pool_x, n * sizeof *in);
            memcpy(dy, pool_dy, n * sizeof *dy);
            memcpy(bias, pool_bias, n * sizeof *bias);
            memset(mask, 0, words * sizeof *mask);
            for (size_t i = 0; i < n && p == BACKWARD_MASK; i++)
                mask[i / 64] |= (uint64_t)expected_bit[p][i] << i % 64;
            call(act, p, 1, n, out, n, in, n, dy, n, bias, mask, words);
            for (size_t i = 0; i < n; i++)
                compare(act, p, n, 0, i, i, out[i], mask);
        }
}

/* The exported names and the wrappers do what the generic calls do. */
#define SAME(act_, ...)                                                                                                \
    do {                                                                                                               \
        const hwv_act act = act_;                                                                                      \
        real y[50], dx[50];                                                                                            \
        prepare(&act);                                                                                                 \
        __VA_ARGS__;                                                                                                   \
        for (size_t i = 0; i < 50; i++)                                                                                \
            check(same_result(y[i], expected[FORWARD][i]) && same_result(dx[i], expected[BACKWARD][i]), #__VA_ARGS__); \
    } while (0)
static void names(void)
{
    const float slope = 0.3f;
    hwv_act leaky = {.op = HWV_OP_LEAKY_RELU, .param = {slope, 0}};
    hwv_act prelu = {.op = HWV_OP_PRELU, .param = {slope, 0}};
    SAME(hwv_act_make(HWV_OP_RELU), REAL_NAME(hwv_relu)(y, pool_x, 50),
         REAL_NAME(hwv_relu_backward)(dx, pool_dy, pool_x, 50));
    SAME(hwv_act_make(HWV_OP_TANH), REAL_NAME(hwv_tanh)(y, pool_x, 50),
         REAL_NAME(hwv_tanh_backward)(dx, pool_dy, pool_x, 50));
    SAME(hwv_act_make(HWV_OP_SIGMOID), REAL_NAME(hwv_sigmoid)(y, pool_x, 50),
         REAL_NAME(hwv_sigmoid_backward)(dx, pool_dy, pool_x, 50));
    SAME(hwv_act_make(HWV_OP_IDENTITY), REAL_NAME(hwv_identity)(y, pool_x, 50),
         REAL_NAME(hwv_identity_backward)(dx, pool_dy, pool_x, 50));
    SAME(leaky, REAL_NAME(hwv_leaky_relu)(y, pool_x, 50, slope),
         REAL_NAME(hwv_leaky_relu_backward)(dx, pool_dy, pool_x, 50, slope));
    SAME(prelu, REAL_NAME(hwv_prelu)(y, pool_x, 50, slope),
         REAL_NAME(hwv_prelu_backward)(dx, pool_dy, pool_x, 50, slope));
}

/* Everything, on every runnable set. */
static void every_pass(void)
{
    page_edge e[5];
    for (size_t i = 0; i < 5; i++)
        e[i] = page_edge_make(EDGE * sizeof(real));
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL);
        for (size_t i = 0; i < hwv_op_count(); i++) {
            hwv_act act[8];
            size_t variants = oracle_variants(hwv_op_get(i), act);
            for (size_t k = 0; k < variants; k++) {
                prepare(&act[k]);
                strided(&act[k]);
                if (k > 0)
                    continue;
                lengths_and_offsets(&act[k]);
                page_edges(&act[k], e);
            }
            if (hwv_op_get(i)->fast > 0) {
                act[0].tier = HWV_FAST;
                prepare(&act[0]);
                strided(&act[0]);
                lengths_and_offsets(&act[0]);
                page_edges(&act[0], e);
            }
        }
        names();
    }
    for (size_t i = 0; i < 5; i++)
        page_edge_free(&e[i]);
}

#endif
