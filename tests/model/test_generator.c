/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Generation on every runnable set: logits beside the whole graph's at every position and beyond the block, tokens fed
 * one by one or together, zeros left out or not, weights that are not finite or change, what is refused; memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "halfwave/generate.h"
#include "halfwave/isa.h"
#include "halfwave/random.h"

enum { CLASSES = 29 };

static void build(hwv_model *model, const char *notation, size_t length)
{
    hwv_error error;
    const hwv_model_options options = {
        .act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = 1, .dims = {length}, .classes = CLASSES};
    if (hwv_model_build(model, notation, &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    hwv_model_initialise(model, HWV_INIT_GPT, 5);
    /* Numbers large enough that every layer matters, biases too. */
    for (size_t v = 0; v < hwv_graph_value_count(model->graph); v++) {
        const hwv_value *value = hwv_graph_value(model->graph, (hwv_id)v);
        float *data = hwv_weights_data(model->weights, (hwv_id)v);
        for (size_t i = 0; value->role == HWV_ROLE_PARAMETER && i < hwv_weights_elements(model->weights, (hwv_id)v);
             i++)
            data[i] = data[i] * 6 + 0.1f * (float)hwv_random_normal(6, HWV_STREAM_TEST, (uint32_t)v, i);
    }
}

static hwv_generator *generator_of(const hwv_model *model, const hwv_generator_options *options)
{
    hwv_generator *generator;
    hwv_error error;
    if (hwv_generator_create(&generator, model, options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return generator;
}

static int32_t token_at(size_t i)
{
    return (int32_t)hwv_random_below(7, HWV_STREAM_TEST, 0, i, CLASSES);
}

static void feed_one(hwv_generator *generator, int32_t token)
{
    assert_int_equal(hwv_generator_feed(generator, &token, 1, NULL), HWV_OK);
}

static void on_every_set(void (*test)(void))
{
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), NULL), HWV_OK);
        test();
    }
    assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL), HWV_OK);
}

#define BLOCK(act) "res { ln; attn 2 causal }; res { ln; fc 40; " act "; fc 16 }; "

static const char *const notations[] = {
    "embed 16; pos; " BLOCK("act") BLOCK("act") "ln; unembed",
    "embed 16; pos; " BLOCK("act gelu") BLOCK("act prelu") "ln; drop 0.2; fc classes",
    "embed 16; " BLOCK("act leaky_relu; drop 0.1") "fc 24; act; fc classes",
    "embed 12; attn 3 causal; act; attn 1 causal; ln; unembed", /* products behind an activation that is read by two */
    "embed 8; pos; fc 32; act; fc classes",                     /* no attention */
};
enum { NOTATIONS = sizeof notations / sizeof notations[0] };

/* ---- the whole graph ---------------------------------------------------------------------------------- */

/* Logits behind window[count] by the graph: what stands behind does not matter. */
static void graph_logits(const hwv_model *model, hwv_plan *plan, const int32_t *window, size_t count, size_t length,
                         float *logits)
{
    int32_t *tokens = hwv_plan_data(plan, model->input);
    for (size_t i = 0; i < length; i++)
        tokens[i] = i < count ? window[i] : 0;
    hwv_plan_forward(plan);
    memcpy(logits, (float *)hwv_plan_data(plan, model->logits) + (count - 1) * CLASSES, CLASSES * sizeof *logits);
}

static void near(const char *notation, size_t at, const float *got, const float *wanted)
{
    double worst = 0, most = 1;
    for (size_t c = 0; c < CLASSES; c++) {
        worst = fmax(worst, fabs((double)got[c] - (double)wanted[c]));
        most = fmax(most, fabs((double)wanted[c]));
    }
    if (!(worst <= 3e-5 * most))
        fail_msg("%s: %s, token %zu: %g apart, of %g at most", hwv_isa_name(hwv_isa_current()), notation, at, worst,
                 most);
}

/* Three blocks of text: the window of the header, kept here the plain way. */
static void graph_run(void)
{
    for (size_t n = 0; n < NOTATIONS; n++)
        for (size_t length = 1; length <= 13; length += 6) {
            hwv_model model;
            hwv_plan *plan;
            int32_t window[16];
            float wanted[CLASSES];
            size_t used = 0;
            build(&model, notations[n], length);
            const hwv_plan_options options = {.batch = 1, .passes = HWV_PASS_ALL};
            assert_int_equal(hwv_plan_create(&plan, model.graph, model.weights, model.logits, &options, NULL), HWV_OK);
            hwv_generator *generator = generator_of(&model, NULL);
            assert_int_equal(hwv_generator_block(generator), length);
            assert_int_equal(hwv_generator_classes(generator), CLASSES);
            assert_null(hwv_generator_logits(generator));
            for (size_t i = 0; i < 3 * length + 2; i++) {
                if (used == length) {
                    memmove(window, window + (length - length / 2), length / 2 * sizeof *window);
                    used = length / 2;
                }
                window[used++] = token_at(i);
                feed_one(generator, token_at(i));
                graph_logits(&model, plan, window, used, length, wanted);
                near(notations[n], i, hwv_generator_logits(generator), wanted);
            }
            hwv_generator_destroy(generator);
            hwv_plan_destroy(plan);
            hwv_model_free(&model);
        }
}

static void test_graph(void **state)
{
    (void)state;
    on_every_set(graph_run);
}

/* ---- one by one, or together -------------------------------------------------------------------------- */

static void together_run(void)
{
    for (size_t n = 0; n < NOTATIONS; n++) {
        enum { LENGTH = 10, TOKENS = 47 };
        hwv_model model;
        int32_t text[TOKENS];
        build(&model, notations[n], LENGTH);
        hwv_generator *one = generator_of(&model, NULL), *many = generator_of(&model, NULL);
        for (size_t i = 0; i < TOKENS; i++)
            text[i] = token_at(i);
        for (size_t draw = 0; draw < 20; draw++) {
            size_t at = 0, turn = 0;
            hwv_generator_reset(one);
            hwv_generator_reset(many);
            assert_null(hwv_generator_logits(many));
            while (at < TOKENS) {
                size_t count = hwv_random_below(8, HWV_STREAM_TEST, (uint32_t)draw, turn++, draw < 10 ? 8 : 30);
                count = count < TOKENS - at ? count : TOKENS - at;
                assert_int_equal(hwv_generator_feed(many, text + at, count, NULL), HWV_OK);
                for (size_t i = 0; i < count; i++)
                    feed_one(one, text[at++]);
                if (at > 0)
                    for (size_t c = 0; c < CLASSES; c++)
                        assert_true(hwv_generator_logits(one)[c] == hwv_generator_logits(many)[c]);
            }
        }
        hwv_generator_destroy(one);
        hwv_generator_destroy(many);
        hwv_model_free(&model);
    }
}

static void test_together(void **state)
{
    (void)state;
    on_every_set(together_run);
}

/* Blocks longer than what is computed together. */
static void test_long_block(void **state)
{
    (void)state;
    enum { LENGTH = 150 };
    hwv_model model;
    int32_t text[LENGTH];
    build(&model, notations[0], LENGTH);
    hwv_generator *one = generator_of(&model, NULL), *many = generator_of(&model, NULL);
    for (size_t i = 0; i < LENGTH; i++)
        feed_one(one, text[i] = token_at(i));
    assert_int_equal(hwv_generator_feed(many, text, LENGTH, NULL), HWV_OK);
    for (size_t c = 0; c < CLASSES; c++)
        assert_true(hwv_generator_logits(one)[c] == hwv_generator_logits(many)[c]);
    hwv_generator_destroy(one);
    hwv_generator_destroy(many);
    hwv_model_free(&model);
}

/* ---- zeros ---------------------------------------------------------------------------------------------- */

enum { WRITTEN = 200 };

static void text_write(hwv_generator *generator, uint64_t seed, int32_t *text)
{
    hwv_sampling sampling = hwv_sampling_defaults();
    sampling.seed = seed;
    sampling.top_p = 0.95;
    hwv_generator_reset(generator);
    feed_one(generator, 0);
    for (size_t i = 0; i < WRITTEN; i++) {
        assert_int_equal(hwv_generator_sample(generator, &sampling, &text[i], NULL), HWV_OK);
        feed_one(generator, text[i]);
    }
}

static void zeros_run(void)
{
    hwv_model model;
    hwv_pool *pool;
    assert_int_equal(hwv_pool_create(&pool, 3, NULL), HWV_OK);
    for (size_t n = 0; n < NOTATIONS; n++) {
        build(&model, notations[n], 16);
        hwv_generator *skipping = generator_of(&model, NULL);
        hwv_generator *dense = generator_of(&model, &(hwv_generator_options){.dense = true});
        hwv_generator *threads = generator_of(&model, &(hwv_generator_options){.executor = hwv_pool_executor(pool)});
        for (uint64_t seed = 1; seed <= 5; seed++) {
            int32_t a[WRITTEN], b[WRITTEN];
            float logits[CLASSES];
            text_write(skipping, seed, a);
            memcpy(logits, hwv_generator_logits(skipping), sizeof logits);
            text_write(dense, seed, b);
            assert_memory_equal(a, b, sizeof a);
            assert_memory_equal(logits, hwv_generator_logits(dense), sizeof logits);
            text_write(threads, seed, b);
            assert_memory_equal(a, b, sizeof a);
            assert_memory_equal(logits, hwv_generator_logits(threads), sizeof logits);
        }
        const hwv_generator_rows some = hwv_generator_count(skipping), none = hwv_generator_count(dense);
        assert_true(some.all == none.all && none.skipped == 0 && some.all > 0);
        assert_true(some.skipped < some.all && (n == 1 || n == 2 || some.skipped > some.all / 10));
        hwv_generator_destroy(skipping);
        hwv_generator_destroy(dense);
        hwv_generator_destroy(threads);
        hwv_model_free(&model);
    }
    hwv_pool_destroy(pool);
}

static void test_zeros(void **state)
{
    (void)state;
    on_every_set(zeros_run);
}

/* A NaN that a zero would meet; and weights that change. */
static void test_weights(void **state)
{
    (void)state;
    hwv_model model;
    float before[CLASSES];
    build(&model, "embed 8; pos; fc 32; act; fc classes", 6);
    hwv_generator *generator = generator_of(&model, NULL);
    feed_one(generator, 3);
    memcpy(before, hwv_generator_logits(generator), sizeof before);
    float *weight = hwv_weights_data(model.weights, hwv_graph_find(model.graph, "fc2.weight"));
    const uint64_t skipped = hwv_generator_count(generator).skipped;
    assert_true(skipped > 0 && skipped < 32);
    for (size_t i = 0; i < 32; i++) {
        const float kept = weight[i];
        weight[i] = NAN;
        hwv_generator_refresh(generator);
        assert_null(hwv_generator_logits(generator));
        feed_one(generator, 3);
        assert_true(isnan(hwv_generator_logits(generator)[0]));
        assert_true(hwv_generator_logits(generator)[1] == before[1]);
        weight[i] = kept;
    }
    assert_int_equal(hwv_generator_count(generator).skipped, skipped);
    hwv_generator_refresh(generator);
    feed_one(generator, 3);
    assert_memory_equal(before, hwv_generator_logits(generator), sizeof before);
    hwv_generator_destroy(generator);
    hwv_model_free(&model);
}

/* ---- errors and memory --------------------------------------------------------------------------------- */

static void refused(const char *notation, size_t rank, const char *message)
{
    hwv_model model;
    hwv_generator *generator;
    hwv_error error = {0};
    const hwv_model_options options = {
        .act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = rank, .dims = {8, 8, 1}, .classes = CLASSES};
    if (hwv_model_build(&model, notation, &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    assert_int_equal(hwv_generator_create(&generator, &model, NULL, &error), HWV_ERR_UNSUPPORTED);
    assert_null(generator);
    if (!strstr(error.text, message))
        fail_msg("'%s' has no '%s'", error.text, message);
    hwv_model_free(&model);
}

static void test_refused(void **state)
{
    (void)state;
    refused("fc 9; act; fc classes", 1, "reads no tokens; accepted is one that begins with embed");
    refused("vit-tiny", 3, "reads no tokens");
    refused("embed 8; attn 2; unembed", 1, "attn1 (attention): it sees what is to come; accepted is causal attention");
    refused("embed 8; bn; unembed", 1, "bn1 (batch_norm): models with such a node cannot be generated with");
}

static void test_tokens(void **state)
{
    (void)state;
    hwv_model model;
    hwv_error error;
    int32_t token, tokens[] = {1, 2, CLASSES};
    hwv_sampling sampling = hwv_sampling_defaults();
    build(&model, notations[0], 8);
    hwv_generator *generator = generator_of(&model, NULL);
    assert_int_equal(hwv_generator_sample(generator, &sampling, &token, &error), HWV_ERR_ARGUMENT);
    assert_int_equal(hwv_generator_feed(generator, tokens, 3, &error), HWV_ERR_ARGUMENT);
    assert_string_equal(error.text, "token 29 at 2; 0 to 28 are accepted");
    assert_null(hwv_generator_logits(generator));
    tokens[2] = -1;
    assert_int_equal(hwv_generator_feed(generator, tokens, 3, &error), HWV_ERR_ARGUMENT);
    assert_int_equal(hwv_generator_feed(generator, tokens, 0, &error), HWV_OK);
    assert_null(hwv_generator_logits(generator));
    hwv_generator_destroy(generator);
    hwv_model_free(&model);
}

static void test_memory(void **state)
{
    (void)state;
    hwv_model model;
    hwv_generator *generator = NULL;
    hwv_status status = HWV_ERR_MEMORY;
    int32_t text[WRITTEN];
    size_t failed = 0;
    build(&model, notations[0], 12);
    const size_t live = allocations_live();
    for (size_t n = 1; status != HWV_OK; n++) {
        hwv_error error = {0};
        allocations_fail_at(n);
        status = hwv_generator_create(&generator, &model, NULL, &error);
        allocations_fail_at(0);
        if (status != HWV_OK) {
            assert_int_equal(status, HWV_ERR_MEMORY);
            assert_true(error.text[0] != '\0');
            assert_null(generator);
            assert_int_equal(allocations_live(), live);
            failed++;
        }
    }
    assert_true(failed > 3);
    const size_t before = allocations_count();
    text_write(generator, 1, text);
    hwv_generator_refresh(generator);
    assert_int_equal(hwv_generator_feed(generator, text, WRITTEN, NULL), HWV_OK);
    assert_int_equal(allocations_count(), before);
    hwv_generator_destroy(generator);
    hwv_generator_destroy(NULL);
    assert_int_equal(allocations_live(), live);
    hwv_model_free(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_graph),  cmocka_unit_test(test_together), cmocka_unit_test(test_long_block),
        cmocka_unit_test(test_zeros),  cmocka_unit_test(test_weights),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_tokens), cmocka_unit_test(test_memory),
    };
    assert_int_equal(hwv_initialise(NULL), HWV_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
