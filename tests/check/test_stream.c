/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Streams cut into pieces: counts and outputs are those of whole runs, the same bits on any number of threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "halfwave/check.h"
#include "halfwave/isa.h"
#include "halfwave/model.h"
#include "halfwave/pool.h"
#include "support.h"

enum { EACH = 6, CLASSES = 3, SAMPLES = 5003, FIRST_SHARD = 2570, LENT = 1100 };

static float x[SAMPLES * EACH];
static hwv_network network;

typedef struct taker {
    sample_feed samples;
    size_t lent, taken, fails_at;
    float y[SAMPLES * CLASSES];
} taker;

static hwv_status next(void *self, size_t rows, void *const *into, size_t *got, hwv_error *error)
{
    taker *t = self;
    if (t->fails_at > 0 && t->samples.at >= t->fails_at)
        return hwv_fail(error, HWV_ERR_IO, "the end of this test's patience");
    return samples_next(&t->samples, rows, into, got, error);
}

static hwv_status lend(void *self, size_t rows, const void **from, size_t *got, hwv_error *error)
{
    taker *t = self;
    const size_t left = t->samples.at < t->lent ? t->lent - t->samples.at : 0;
    (void)error;
    *got = left < rows ? left : rows;
    from[0] = t->samples.x + t->samples.at * EACH;
    t->samples.at += *got;
    return HWV_OK;
}

static bool more(void *self)
{
    return samples_more(&((taker *)self)->samples);
}

static void outputs(void *self, size_t rows, hwv_plan *plan)
{
    taker *t = self;
    const float *y = hwv_plan_data(plan, network.outputs[0].value);
    memcpy(t->y + t->taken * CLASSES, y, rows * CLASSES * sizeof *y);
    t->taken += rows;
}

static const size_t cuts[] = {FIRST_SHARD, SAMPLES};

/* Both shards on `threads` threads, the first samples lent. */
static hwv_tally stream(taker *t, size_t threads, hwv_status expected)
{
    const hwv_feed feed = {.self = t, .next = next, .lend = lend, .more = more, .outputs = outputs};
    hwv_pool *pool;
    hwv_counter *counter;
    hwv_tally tally;
    hwv_error error;
    t->samples = (sample_feed){.x = x, .each = EACH, .cut = cuts, .cut_count = 2};
    t->taken = 0;
    must(hwv_pool_create(&pool, threads, &error), &error);
    must(hwv_counter_create(&counter, &network, 1, hwv_pool_executor(pool), &error), &error);
    assert_int_equal(hwv_network_stream(&network, counter, &feed, hwv_pool_executor(pool), &error), expected);
    must(hwv_counter_take(counter, &tally, &error), &error);
    hwv_counter_destroy(counter);
    hwv_pool_destroy(pool);
    return tally;
}

/* One plan for each of two shards as a whole, watched by the counter itself. y may be NULL. */
static hwv_tally whole(const hwv_network *n, const float *samples, size_t each, const size_t *ends, float *y)
{
    const hwv_plan_options options = {.batch = ends[1]};
    hwv_counter *counter;
    hwv_plan *plan;
    hwv_tally tally;
    hwv_error error;
    must(hwv_plan_create(&plan, n->graph, n->weights, n->outputs[0].value, &options, &error), &error);
    must(hwv_counter_create(&counter, n, 1, NULL, &error), &error);
    const hwv_observer observer = hwv_counter_observer(counter);
    must(hwv_plan_observe(plan, &observer, &error), &error);
    for (size_t s = 0, at = 0; s < 2; at = ends[s++]) {
        const size_t rows = ends[s] - at;
        memcpy(hwv_plan_data(plan, n->inputs[0].value), samples + at * each, rows * each * sizeof *samples);
        hwv_plan_rows(plan, rows);
        hwv_counter_rows(counter, rows);
        hwv_plan_forward(plan);
        hwv_counter_close(counter);
        if (y)
            memcpy(y + at * CLASSES, hwv_plan_data(plan, n->outputs[0].value), rows * CLASSES * sizeof *y);
    }
    must(hwv_counter_take(counter, &tally, &error), &error);
    hwv_counter_destroy(counter);
    hwv_plan_destroy(plan);
    return tally;
}

/* Sums of small numbers are rounded in the order of the parts: not exact, they may be one ulp apart. */
static void assert_sum(hwv_sum2 a, hwv_sum2 b, bool exact)
{
    assert_true(exact ? a.hi == b.hi && a.lo == b.lo : fabs(a.hi - b.hi) <= 0x1p-52 * fabs(a.hi));
}

/* exact: what sums lost, too. */
static void assert_same(const hwv_tally *a, const hwv_tally *b, bool exact)
{
    assert_int_equal(a->rows, b->rows);
    assert_int_equal(a->samples, b->samples);
    assert_int_equal(a->layer_count, b->layer_count);
    for (size_t l = 0; l < a->layer_count; l++) {
        const hwv_layer_tally *p = &a->layers[l], *q = &b->layers[l];
        assert_int_equal(p->looks, q->looks);
        assert_int_equal(p->samples, q->samples);
        assert_int_equal(p->input_looks, q->input_looks);
        assert_int_equal(p->picture_samples, q->picture_samples);
        assert_memory_equal(p->picture, q->picture, p->picture_samples * p->units);
        for (size_t f = 0; f < p->features; f++)
            assert_sum(p->input[f], q->input[f], exact);
        assert_sum(p->input_square, q->input_square, exact);
        for (size_t u = 0; u < p->units; u++) {
            const hwv_unit_tally *v = &p->unit[u], *w = &q->unit[u];
            assert_true(v->fired == w->fired && v->fired_samples == w->fired_samples && v->zeros == w->zeros);
            assert_true(v->low == w->low && v->high == w->high && v->nans == w->nans && v->summed == w->summed);
            assert_true(v->min == w->min && v->max == w->max);
            assert_sum(v->z, w->z, exact);
            assert_sum(v->square, w->square, exact);
            assert_sum(v->magnitude, w->magnitude, exact);
        }
    }
}

/* A session takes one feed after the other, the second of which lends nothing. */
static void test_session(void **state)
{
    static taker t, again, whole;
    const size_t end = SAMPLES;
    const hwv_feed first = {.self = &t, .next = next, .lend = lend, .more = more, .outputs = outputs};
    const hwv_feed second = {.self = &again, .next = next, .more = more, .outputs = outputs};
    hwv_session *session;
    hwv_pool *pool;
    hwv_counter *counter;
    hwv_error error;
    (void)state;
    t = (taker){.samples = {.x = x, .each = EACH, .cut = &end, .cut_count = 1}, .lent = SAMPLES};
    again = (taker){.samples = {.x = x, .each = EACH, .cut = &end, .cut_count = 1}};
    must(hwv_pool_create(&pool, 2, &error), &error);
    must(hwv_counter_create(&counter, &network, 1, hwv_pool_executor(pool), &error), &error);
    must(hwv_session_create(&session, &network, counter, true, hwv_pool_executor(pool), &error), &error);
    hwv_tally tallies[2];
    must(hwv_session_run(session, &first, &error), &error);
    must(hwv_counter_take(counter, &tallies[0], &error), &error);
    must(hwv_session_run(session, &second, &error), &error);
    must(hwv_counter_take(counter, &tallies[1], &error), &error);
    hwv_session_destroy(session);
    hwv_counter_destroy(counter);
    hwv_pool_destroy(pool);
    assert_same(&tallies[1], &tallies[0], true);
    assert_memory_equal(t.y, again.y, sizeof t.y);
    hwv_tally streamed = stream(&whole, 2, HWV_OK);
    assert_memory_equal(t.y, whole.y, sizeof t.y);
    hwv_tally_free(&streamed);
    hwv_tally_free(&tallies[0]);
    hwv_tally_free(&tallies[1]);
    hwv_session_destroy(NULL);
}

static void test_threads(void **state)
{
    (void)state;
    static taker one, several;
    static float y[SAMPLES * CLASSES];
    one.lent = several.lent = LENT;
    hwv_tally reference = whole(&network, x, EACH, cuts, y), first = stream(&one, 1, HWV_OK);
    assert_int_equal(reference.rows, SAMPLES);
    assert_true(reference.layers[0].features == EACH && reference.layers[0].picture_samples > 0);
    assert_same(&reference, &first, false);
    assert_int_equal(one.taken, SAMPLES);
    assert_memory_equal(one.y, y, sizeof y);
    static const size_t threads[] = {2, 3, 8, 13};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        hwv_tally tally = stream(&several, threads[i], HWV_OK);
        assert_same(&first, &tally, true);
        assert_int_equal(several.taken, SAMPLES);
        assert_memory_equal(several.y, y, sizeof y);
        hwv_tally_free(&tally);
    }
    hwv_tally_free(&reference);
    hwv_tally_free(&first);
}

/* ---- pieces of several runs ---- */

/* The last image of the first shard comes alone: it waits, but for its picture. */
enum { IMAGE = 24 * 24 * 2, IMAGES = 203, FIRST_IMAGES = 61 };

static hwv_status lend_images(void *self, size_t rows, const void **from, size_t *got, hwv_error *error)
{
    sample_feed *f = self;
    const size_t left = f->at < 60 ? 60 - f->at : 0;
    (void)error;
    *got = left < rows ? left : rows;
    from[0] = f->x + f->at * IMAGE;
    f->at += *got;
    return HWV_OK;
}

static const size_t shards[] = {FIRST_IMAGES, IMAGES};

static hwv_tally counted(const hwv_network *n, const hwv_feed *feed, size_t threads)
{
    hwv_pool *pool;
    hwv_tally tally;
    hwv_error error;
    must(hwv_pool_create(&pool, threads, &error), &error);
    must(hwv_network_count(&tally, n, 1, feed, hwv_pool_executor(pool), &error), &error);
    hwv_pool_destroy(pool);
    return tally;
}

static hwv_tally count_images(const hwv_network *images, const float *pixels, size_t threads)
{
    sample_feed samples = {.x = pixels, .each = IMAGE, .cut = shards, .cut_count = 2};
    const hwv_feed feed = {.self = &samples, .next = samples_next, .lend = lend_images, .more = samples_more};
    return counted(images, &feed, threads);
}

/* A stream of shards, counted in a session of its own, by another set than that which made the counter. */
static hwv_tally count_images_by(const hwv_network *images, const float *pixels, const char *made, const char *run)
{
    sample_feed samples = {.x = pixels, .each = IMAGE, .cut = shards, .cut_count = 2};
    const hwv_feed feed = {.self = &samples, .next = samples_next, .lend = lend_images, .more = samples_more};
    hwv_counter *counter;
    hwv_tally tally;
    hwv_error error;
    must(hwv_isa_force(made, &error), &error);
    must(hwv_counter_create(&counter, images, 1, NULL, &error), &error);
    must(hwv_isa_force(run, &error), &error);
    must(hwv_network_stream(images, counter, &feed, NULL, &error), &error);
    must(hwv_counter_take(counter, &tally, &error), &error);
    hwv_counter_destroy(counter);
    return tally;
}

/* Counts and pictures are those of whole shards, and the same bits on any number of threads: layers with many looks, and
 * with one, whose samples wait for each other. */
static void test_pieces_of_runs(void **state)
{
    (void)state;
    static float pixels[IMAGES * IMAGE];
    for (uint32_t i = 0; i < IMAGES * IMAGE; i++)
        pixels[i] = (float)hwv_random_below(2001, HWV_STREAM_TEST, 8, i, 3) * 1e-3f - 1.0f;
    hwv_network images = network_of("conv 64 3; act; conv 40 3; act; gap; fc 20; act; fc 3", "hardswish", 3,
                                    (const size_t[]){24, 24, 2}, CLASSES, 5);
    hwv_tally reference = whole(&images, pixels, IMAGE, shards, NULL), first = count_images(&images, pixels, 1);
    assert_int_equal(reference.rows, IMAGES);
    assert_int_equal(reference.layers[0].looks, 576 * IMAGES);
    assert_int_equal(reference.layers[2].looks, IMAGES);
    assert_same(&reference, &first, false);
    static const size_t threads[] = {2, 3, 8, 13};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        hwv_tally tally = count_images(&images, pixels, threads[i]);
        assert_same(&first, &tally, true);
        hwv_tally_free(&tally);
    }
    const char *chosen = hwv_isa_name(hwv_isa_current());
    for (size_t isa = 0; isa < 2 * hwv_isa_count(); isa++) {
        const char *other = hwv_isa_name(hwv_isa_get(isa / 2));
        hwv_tally tally = count_images_by(&images, pixels, isa % 2 ? other : chosen, isa % 2 ? chosen : other);
        if (isa % 2)
            assert_same(&first, &tally, true);
        hwv_tally_free(&tally);
    }
    assert_int_equal(hwv_isa_force(chosen, NULL), HWV_OK);
    hwv_tally_free(&reference);
    hwv_tally_free(&first);
    hwv_network_free(&images);
}

/* ---- inputs in pieces ---- */

/* More features than a product takes at once, and runs of a few strips; tiny numbers beside others, whose sums lose
 * something. */
enum { WIDE = 700, ROWS = 1001 };

static const size_t wide_shards[] = {333, ROWS};

static hwv_tally count_wide(const hwv_network *n, const float *samples, size_t threads)
{
    sample_feed feeding = {.x = samples, .each = WIDE, .cut = wide_shards, .cut_count = 2};
    const hwv_feed feed = {.self = &feeding, .next = samples_next, .more = samples_more};
    return counted(n, &feed, threads);
}

static void test_inputs_in_pieces(void **state)
{
    (void)state;
    static float samples[ROWS * WIDE];
    for (uint32_t i = 0; i < ROWS * WIDE; i++) {
        const float one = (float)hwv_random_normal(3, HWV_STREAM_TEST, 7, i);
        samples[i] = i % 7 == 0 ? one * 1e-17f : i % 11 == 0 ? one * 1e-20f : one;
    }
    hwv_network wide = network_of("fc 40; act; fc 3", "relu", 1, (const size_t[]){WIDE}, CLASSES, 5);
    const char *chosen = hwv_isa_name(hwv_isa_current());
    for (size_t isa = 0; isa < hwv_isa_count(); isa++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL), HWV_OK);
        hwv_tally reference = whole(&wide, samples, WIDE, wide_shards, NULL), first = count_wide(&wide, samples, 1);
        assert_int_equal(first.layers[0].features, WIDE);
        assert_same(&reference, &first, false);
        for (size_t threads = 2; threads <= 3; threads++) {
            hwv_tally tally = count_wide(&wide, samples, threads);
            assert_same(&first, &tally, true);
            hwv_tally_free(&tally);
        }
        hwv_tally_free(&reference);
        hwv_tally_free(&first);
    }
    assert_int_equal(hwv_isa_force(chosen, NULL), HWV_OK);
    hwv_network_free(&wide);
}

/* What was read before an error has been run, be it the first or a later one of those that were to run at once. */
static void test_error(void **state)
{
    (void)state;
    static taker one, several;
    for (size_t fails_at = 200; fails_at < 2500; fails_at += 200) {
        one.fails_at = several.fails_at = fails_at;
        hwv_tally first = stream(&one, 1, HWV_ERR_IO), tally = stream(&several, 3, HWV_ERR_IO);
        assert_true(one.taken >= fails_at);
        assert_int_equal(one.taken, several.taken);
        assert_int_equal(tally.rows, one.taken);
        assert_same(&first, &tally, true);
        assert_memory_equal(one.y, several.y, sizeof one.y);
        hwv_tally_free(&first);
        hwv_tally_free(&tally);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_session), cmocka_unit_test(test_threads),
                                       cmocka_unit_test(test_pieces_of_runs), cmocka_unit_test(test_inputs_in_pieces),
                                       cmocka_unit_test(test_error)};
    for (uint32_t i = 0; i < SAMPLES * EACH; i++)
        x[i] = (float)hwv_random_below(2001, HWV_STREAM_TEST, 7, i, 3) * 1e-3f - 1.0f;
    network = network_of("fc 40; act; fc 24; act; fc 3", "relu", 1, (const size_t[]){EACH}, CLASSES, 5);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hwv_network_free(&network);
    return failed;
}
