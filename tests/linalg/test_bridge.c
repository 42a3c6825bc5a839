/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Batch norm, activation and pool as one walk, on every runnable set: bit for bit what the three give one after another,
 * whose own tests compare them with loops in double. Images are taken in any order, so that nothing may depend on it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare.h"
#include "halfwave/isa.h"
#include "halfwave/random.h"
#include "linalg/bridge.h"
#include "linalg/pooling.h"
#include "page.h"

#define MOST_CHANNELS 70
#define MOMENTUM      0.25f

typedef struct shape {
    size_t images, lines, line, channels;
} shape;

/* Everything twice: by one walk, and one after another. */
typedef struct subject {
    shape shape;
    hwv_bridge bridge;
    hwv_pooling pooling;
    size_t n, out; /* elements of z and of a */
    page_edge z, d, a, dz;
    float *y, *a_apart, *dy, *dz_apart;
    uint64_t *mask;
    uint8_t *taps;
    void *workspace;
    hwv_batch_norm_moments moments[MOST_CHANNELS];
    float weight[MOST_CHANNELS], bias[MOST_CHANNELS];
    float running[4][MOST_CHANNELS];  /* mean and variance, twice */
    float gradient[4][MOST_CHANNELS]; /* of weight and bias, twice */
} subject;

static float draw(uint32_t stream, size_t i)
{
    return (float)hwv_random_normal(17, HWV_STREAM_TEST, stream, i);
}

static void *room(size_t bytes)
{
    void *got = malloc(bytes > 0 ? bytes : 1);
    assert_non_null(got);
    return got;
}

/* Few values, so that windows have ties and activations meet zeros. */
static void fill(subject *s, bool wild)
{
    float *z = s->z.data, *d = s->d.data;
    for (size_t i = 0; i < s->n; i++)
        z[i] = i % 3 ? (float)(int)(2 * draw(1, i)) : draw(1, i);
    for (size_t i = 0; i < s->out; i++)
        d[i] = draw(2, i) + 0.25f;
    for (size_t c = 0; c < s->shape.channels; c++) {
        s->weight[c] = c % 5 == 4 ? 0 : draw(3, c);
        s->bias[c] = c % 5 == 4 ? -0.0f : c % 5 == 3 ? 0 : draw(4, c);
        s->running[0][c] = s->running[2][c] = draw(5, c);
        s->running[1][c] = s->running[3][c] = 1 + fabsf(draw(6, c));
        for (size_t g = 0; g < 4; g++)
            s->gradient[g][c] = 3;
    }
    if (wild) { /* one channel each */
        z[0] = NAN;
        d[s->out - 1] = INFINITY;
    }
}

static subject *subject_make(shape of, hwv_act act, bool pool, bool wild)
{
    subject *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->shape = of;
    s->n = of.images * of.lines * of.line * of.channels;
    s->out = pool ? s->n / 4 : s->n;
    s->pooling = (hwv_pooling){of.lines, of.line, of.channels, {2, 2}, {2, 2}, {0, 0}, {0, 0}, false};
    s->bridge = (hwv_bridge){.norm = {.rows = of.images * of.lines * of.line,
                                      .channels = of.channels,
                                      .epsilon = 1e-5f,
                                      .weight = s->weight,
                                      .bias = s->bias,
                                      .line = of.line,
                                      .lines = of.lines},
                             .act = act,
                             .pool = pool};
    s->bridge.kept = room(hwv_bridge_bytes(&s->bridge));
    s->z = page_edge_make(s->n * sizeof(float));
    s->d = page_edge_make(s->out * sizeof(float));
    s->a = page_edge_make(s->out * sizeof(float));
    s->dz = page_edge_make(s->n * sizeof(float));
    s->y = room(s->n * sizeof(float));
    s->a_apart = room(s->out * sizeof(float));
    s->dy = room(s->n * sizeof(float));
    s->dz_apart = room(s->n * sizeof(float));
    s->mask = room(s->n / of.channels * ((of.channels + 63) / 64) * sizeof(uint64_t));
    s->taps = room(s->out);
    s->workspace = room(hwv_batch_norm_workspace(&s->bridge.norm));
    fill(s, wild);
    return s;
}

static void subject_free(subject *s)
{
    page_edge *edges[] = {&s->z, &s->d, &s->a, &s->dz};
    void *rooms[] = {s->bridge.kept, s->y, s->a_apart, s->dy, s->dz_apart, s->mask, s->taps, s->workspace, s};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        page_edge_free(edges[i]);
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++)
        free(rooms[i]);
}

static void one_after_another(subject *s)
{
    const hwv_batch_norm *norm = &s->bridge.norm;
    const size_t rows = norm->rows, cols = norm->channels, words = (cols + 63) / 64;
    const hwv_batch_norm_gradients gradients = {s->dz_apart, s->gradient[2], s->gradient[3], true, false};
    float *act = s->bridge.pool ? s->dy : s->a_apart;
    hwv_batch_norm_measure(norm, NULL, s->z.data, MOMENTUM, s->running[2], s->running[3], s->moments, s->workspace);
    hwv_batch_norm_forward(norm, NULL, s->z.data, s->moments, s->y, NULL, NULL, s->workspace);
    hwv_act_forward_mask(&s->bridge.act, HWV_F32, rows, cols, act, cols, s->y, cols, s->mask, words);
    if (s->bridge.pool) {
        hwv_max_pool_forward(&s->pooling, NULL, s->shape.images, act, s->a_apart, s->taps);
        hwv_max_pool_backward(&s->pooling, NULL, s->shape.images, s->d.data, s->taps, s->dy);
    } else {
        memcpy(s->dy, s->d.data, s->n * sizeof(float));
    }
    hwv_act_backward_mask(&s->bridge.act, HWV_F32, rows, cols, s->dy, cols, s->dy, cols, s->mask, words);
    hwv_batch_norm_backward(norm, NULL, s->z.data, s->dy, s->moments, false, &gradients, s->workspace);
}

static void by_one_walk(subject *s)
{
    const hwv_bridge *b = &s->bridge;
    const size_t in = hwv_bridge_in(b), out = hwv_bridge_out(b);
    const hwv_batch_norm_gradients gradients = {NULL, s->gradient[0], s->gradient[1], true, false};
    const float *z = s->z.data, *d = s->d.data;
    float *a = s->a.data, *dz = s->dz.data;
    for (size_t i = s->shape.images; i-- > 0;)
        hwv_bridge_measure(b, i, z + i * in);
    hwv_bridge_measured(b, MOMENTUM, s->running[0], s->running[1]);
    for (size_t i = 0; i < s->shape.images; i++)
        hwv_bridge_forward(b, z + i * in, a + i * out);
    for (size_t i = s->shape.images; i-- > 0;)
        hwv_bridge_sum(b, i, z + i * in, d + i * out);
    hwv_bridge_summed(b, &gradients);
    for (size_t i = 0; i < s->shape.images; i++)
        hwv_bridge_backward(b, z + i * in, d + i * out, dz + i * in);
}

/* Which of two NaNs a sum gives is the compiler's choice. */
static bool same(const char *label, float *got, float *wanted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(got[i]) && isnan(wanted[i]))
            got[i] = wanted[i];
    return compare_bits(label, got, wanted, n);
}

static void check(shape of, hwv_act act, bool pool, bool wild)
{
    subject *s = subject_make(of, act, pool, wild);
    one_after_another(s);
    by_one_walk(s);
    assert_true(same("a", s->a.data, s->a_apart, s->out));
    assert_true(same("dz", s->dz.data, s->dz_apart, s->n));
    for (size_t i = 0; i < 2; i++) {
        assert_true(same("running statistics", s->running[i], s->running[2 + i], of.channels));
        assert_true(same("gradients", s->gradient[i], s->gradient[2 + i], of.channels));
    }
    if (!pool) { /* in place */
        memcpy(s->dz.data, s->d.data, s->n * sizeof(float));
        const size_t in = hwv_bridge_in(&s->bridge);
        for (size_t i = 0; i < of.images; i++) {
            float *image = (float *)s->dz.data + i * in;
            hwv_bridge_backward(&s->bridge, (float *)s->z.data + i * in, image, image);
        }
        assert_true(same("dz in place", s->dz.data, s->dz_apart, s->n));
    }
    subject_free(s);
}

static void test_one_after_another(void **state)
{
    (void)state;
    static const shape shapes[] = {{1, 2, 2, 1},   {3, 4, 6, 5},   {2, 8, 8, 16}, {2, 32, 32, 33},
                                   {1, 6, 300, 8}, {2, 40, 20, 7}, {1, 2, 2, 70}, {5, 16, 16, 32}};
    static const float slopes[] = {0.01f, -0.5f, 0};
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL), HWV_OK);
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
            for (int v = 0; v < 4; v++) {
                hwv_act leaky = hwv_act_make(HWV_OP_LEAKY_RELU);
                check(shapes[i], hwv_act_make(HWV_OP_RELU), v & 1, v & 2);
                for (size_t k = 0; k < sizeof slopes / sizeof slopes[0]; k++) {
                    leaky.param[0] = slopes[k];
                    check(shapes[i], leaky, v & 1, v & 2);
                }
            }
    }
}

/* Without a pool lines and pixels may be odd numbers. */
static void test_odd(void **state)
{
    (void)state;
    static const shape shapes[] = {{1, 1, 1, 3}, {4, 7, 5, 9}, {2, 33, 31, 17}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        check(shapes[i], hwv_act_make(HWV_OP_RELU), false, false);
}

static void test_suits(void **state)
{
    (void)state;
    for (size_t i = 0; i < hwv_op_count(); i++) {
        const hwv_op op = hwv_op_get(i)->op;
        const hwv_act act = hwv_act_make(op);
        assert_int_equal(hwv_bridge_suits(&act), op == HWV_OP_RELU || op == HWV_OP_LEAKY_RELU);
    }
    const hwv_bridge huge = {.norm = {.rows = SIZE_MAX / 8 * 4, .channels = 64, .line = 2, .lines = 2}};
    assert_true(hwv_bridge_bytes(&huge) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_after_another),
        cmocka_unit_test(test_odd),
        cmocka_unit_test(test_suits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
