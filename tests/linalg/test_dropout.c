/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Dropout on every runnable set: each element follows its own draw, for any length, counters beyond 32 bits, in place,
 * with NaN and infinity, the same for any number of threads; and the share that is dropped. */
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
#include "linalg/dispatch.h"
#include "linalg/dropout.h"
#include "page.h"

static const hwv_dropout runs[] = {
    {.rate = 0.5f, .seed = 1, .stream = 4, .step = 0},
    {.rate = 0.1f, .seed = UINT64_C(0xfedcba9876543210), .stream = 4 + 256 * 77, .step = 123456},
    {.rate = 0.99609375f, .seed = 3, .stream = 0xffffff04, .step = UINT32_MAX},
    {.rate = 0, .seed = 2, .stream = 4, .step = 1},
};
#define RUNS (sizeof runs / sizeof runs[0])

static bool drops(const hwv_dropout *d, uint64_t element)
{
    uint32_t draws[4];
    hwv_philox(d->seed, d->stream, d->step, element / 4, draws);
    return (double)draws[element % 4] < (double)d->rate * 4294967296.0;
}

static void check(const hwv_dropout *d, size_t n)
{
    page_edge x = page_edge_make(n * sizeof(float)), y = page_edge_make(n * sizeof(float));
    page_edge kept = page_edge_make(hwv_dropout_words(n) * sizeof(uint64_t));
    float *from = x.data, *to = y.data, odd[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < n; i++)
        from[i] = i % 5 == 3 ? odd[i % 3] : 1 + (float)i;
    hwv_dropout_forward(d, NULL, n, from, to, kept.data);
    for (int pass = 0; pass < 4; pass++) {
        for (size_t i = 0; i < n; i++) {
            float wanted = drops(d, i) ? 0 : from[i] * (1.0f / (1.0f - d->rate));
            if (!(to[i] == wanted || (isnan(wanted) && isnan(to[i]))))
                fail_msg("%s, pass %d: element %zu of %zu: %g, should be %g", hwv_isa_name(hwv_isa_current()), pass, i,
                         n, (double)to[i], (double)wanted);
        }
        if (pass == 0) /* the same bits backward, and both in place */
            hwv_dropout_backward(d, NULL, n, from, kept.data, to);
        else
            memcpy(to, from, n * sizeof(float));
        if (pass == 1)
            hwv_dropout_backward(d, NULL, n, to, kept.data, to);
        else if (pass == 2)
            hwv_dropout_forward(d, NULL, n, to, to, kept.data);
    }
    page_edge_free(&x);
    page_edge_free(&y);
    page_edge_free(&kept);
}

static void test_elements(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 15, 16, 17, 63, 64, 65, 127, 1000};
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL), HWV_OK);
        for (size_t r = 0; r < RUNS; r++)
            for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
                check(&runs[r], lengths[i]);
    }
}

static void test_large_counters(void **state)
{
    (void)state;
    static const size_t firsts[] = {((size_t)1 << 28) - 1, ((size_t)5 << 28) - 2}; /* 16 counters a word */
    for (size_t set = 0; set < hwv_isa_count(); set++)
        for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
            uint64_t kept[3];
            uint32_t threshold = hwv_dropout_threshold(runs[1].rate);
            hwv_linalg_kernels_of(hwv_isa_get(set))->dropout->draw(firsts[i], 3, threshold, &runs[1], kept);
            for (size_t e = 0; e < 3 * 64; e++)
                assert_int_equal(kept[e / 64] >> e % 64 & 1, !drops(&runs[1], 64 * (uint64_t)firsts[i] + e));
        }
}

/* Of n draws n * rate are dropped, give or take five deviations. */
static void test_share(void **state)
{
    (void)state;
    enum { N = 64 * 2000 };
    static float ones[N], y[N];
    static uint64_t kept[N / 64];
    for (size_t i = 0; i < N; i++)
        ones[i] = 1;
    for (size_t r = 0; r < RUNS; r++) {
        double rate = (double)runs[r].rate, dropped = 0;
        hwv_dropout_forward(&runs[r], NULL, N, ones, y, kept);
        for (size_t i = 0; i < N; i++)
            dropped += y[i] == 0;
        assert_true(fabs(dropped - N * rate) <= 5 * sqrt(N * rate * (1 - rate)));
    }
}

static void test_threads(void **state)
{
    (void)state;
    enum { N = 64 * 3000 + 7 };
    static float x[N], alone[N], many[N];
    static uint64_t kept[N / 64 + 1];
    for (size_t i = 0; i < N; i++)
        x[i] = (float)i;
    hwv_dropout_forward(&runs[1], NULL, N, x, alone, kept);
    for (size_t threads = 1; threads <= 3; threads++) {
        hwv_pool *pool;
        assert_int_equal(hwv_pool_create(&pool, threads, NULL), HWV_OK);
        memset(kept, 0, sizeof kept);
        hwv_dropout_forward(&runs[1], hwv_pool_executor(pool), N, x, many, kept);
        assert_true(compare_bits("threads", many, alone, N));
        hwv_dropout_backward(&runs[1], hwv_pool_executor(pool), N, x, kept, many);
        assert_true(compare_bits("threads backward", many, alone, N));
        hwv_pool_destroy(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements),
        cmocka_unit_test(test_large_counters),
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
