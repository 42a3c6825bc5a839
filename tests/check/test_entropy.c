/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The entropy of attention: nets whose shares are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support.h"

enum { LENGTH = 6, WIDTH = 4, HEADS = 2, TOKENS = 3, SAMPLES = 5 };

static const char causal[] = "embed 4; attn 2 causal; unembed", full[] = "embed 4; attn 2; unembed";

/* Of samples whose tokens are 0, 1, 2, 0, ... */
static hwv_attention_entropy *measure(const hwv_network *network, size_t *count)
{
    static int32_t tokens[SAMPLES * LENGTH];
    const size_t cut = SAMPLES;
    hwv_attention_entropy *nodes;
    hwv_error error;
    for (size_t i = 0; i < SAMPLES * LENGTH; i++)
        tokens[i] = (int32_t)(i % LENGTH % TOKENS);
    sample_feed s = {.x = (const float *)tokens, .each = LENGTH, .cut = &cut, .cut_count = 1};
    const hwv_feed feed = feed_of(&s);
    must(hwv_attention_entropy_measure(&nodes, count, network, &feed, NULL, &error), &error);
    return nodes;
}

/* Queries, keys and values of zero; then queries of head 0 are `query` in their first place, and keys the first of the
 * embedding: token t has t there. */
static hwv_network network_with(const char *notation, float query)
{
    const size_t dims[] = {LENGTH};
    hwv_network network = network_of(notation, "relu", 1, dims, TOKENS, 1);
    float *weight = parameter(&network, "attn1.qkv.weight"), *table = parameter(&network, "embed1.weight");
    memset(weight, 0, 3 * WIDTH * WIDTH * sizeof *weight);
    for (size_t t = 0; t < TOKENS; t++)
        table[t * WIDTH] = (float)t;
    parameter(&network, "attn1.qkv.bias")[0] = query;
    weight[WIDTH * WIDTH] = 1; /* the first number of a key */
    return network;
}

static void expect(const char *what, double found, double wanted)
{
    if (!(fabs(found - wanted) <= 1e-6))
        fail_msg("%s: %.9g, expected %.9g", what, found, wanted);
}

static void test_even(void **state)
{
    hwv_network network = network_with(causal, 0);
    size_t count;
    double bits = 0;
    (void)state;
    hwv_attention_entropy *nodes = measure(&network, &count);
    assert_int_equal(count, 1);
    assert_int_equal(nodes[0].heads, HEADS);
    assert_string_equal(nodes[0].name, "attn1");
    for (size_t q = 1; q < LENGTH; q++)
        bits += log2((double)q + 1) / (LENGTH - 1);
    for (size_t h = 0; h < HEADS; h++) {
        expect("bits", nodes[0].head[h].bits, bits);
        expect("evenness", nodes[0].head[h].evenness, 1);
    }
    hwv_attention_entropy_free(nodes, count);
    hwv_network_free(&network);
}

/* A score of query times token over sqrt 2: shares by hand for both kinds. */
static void shares(bool is_causal)
{
    const double query = 1.5;
    hwv_network network = network_with(is_causal ? causal : full, (float)query);
    size_t count, queries = 0;
    double bits = 0, evenness = 0;
    hwv_attention_entropy *nodes = measure(&network, &count);
    for (size_t q = is_causal ? 1 : 0; q < LENGTH; q++, queries++) {
        const size_t keys = is_causal ? q + 1 : LENGTH;
        double total = 0, dot = 0;
        for (size_t k = 0; k < keys; k++) {
            const double score = query * (double)(k % TOKENS) / sqrt(WIDTH / HEADS);
            total += exp(score);
            dot += exp(score) * score;
        }
        /* entropy = log of the sum minus the mean score */
        const double entropy = (log(total) - dot / total) / log(2);
        bits += entropy;
        evenness += entropy / log2((double)keys);
    }
    expect("bits", nodes[0].head[0].bits, bits / (double)queries);
    expect("evenness", nodes[0].head[0].evenness, evenness / (double)queries);
    expect("evenness of the other head", nodes[0].head[1].evenness, 1);
    assert_true(nodes[0].head[0].evenness < 0.95);
    hwv_attention_entropy_free(nodes, count);
    hwv_network_free(&network);
}

static void test_shares(void **state)
{
    (void)state;
    shares(true);
    shares(false);
}

/* One key has it all: shares that underflow are seen all the same. NaN is not hidden. */
static void test_extremes(void **state)
{
    size_t count;
    (void)state;
    hwv_network network = network_with(full, 1e6f);
    hwv_attention_entropy *nodes = measure(&network, &count);
    expect("two of six keys", nodes[0].head[0].bits, 1);
    expect("of six", nodes[0].head[0].evenness, 1 / log2(6));
    hwv_attention_entropy_free(nodes, count);
    hwv_network_free(&network);
    network = network_with(full, NAN);
    nodes = measure(&network, &count);
    assert_true(isnan(nodes[0].head[0].bits) && isnan(nodes[0].head[0].evenness));
    expect("the other head", nodes[0].head[1].evenness, 1);
    hwv_attention_entropy_free(nodes, count);
    hwv_network_free(&network);
}

static void test_none(void **state)
{
    const size_t dims[] = {3};
    hwv_network network = network_of("fc 4; act; fc 2", "relu", 1, dims, 2, 1);
    hwv_feed feed = {0}; /* asked for nothing */
    hwv_attention_entropy *nodes;
    hwv_error error;
    size_t count;
    (void)state;
    must(hwv_attention_entropy_measure(&nodes, &count, &network, &feed, NULL, &error), &error);
    assert_int_equal(count, 0);
    hwv_attention_entropy_free(nodes, count);
    hwv_network_free(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_even), cmocka_unit_test(test_shares),
                                       cmocka_unit_test(test_extremes), cmocka_unit_test(test_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
