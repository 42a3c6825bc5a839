/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * How far outputs move between two networks, and what networks cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "check/compare.h"
#include "check/cost.h"
#include "support.h"

enum { IN = 5, UNITS = 6, OUT = 3, SAMPLES = 700 };

static float x[SAMPLES * IN];
static const size_t dims[] = {IN};

static int setup(void **state)
{
    (void)state;
    normals(x, SAMPLES * IN, 1);
    return 0;
}

static hwv_network mlp(uint64_t seed)
{
    return network_of("fc 6; act; fc 3", "relu", 1, dims, OUT, seed);
}

static hwv_output_change compared(const hwv_network *a, const hwv_network *b, const size_t *cut, size_t cuts,
                                  const hwv_executor *executor)
{
    sample_source samples = {.feed = {.x = x, .each = IN, .cut = cut, .cut_count = cuts}};
    const hwv_source source = source_of(&samples);
    hwv_output_change change;
    hwv_error error;
    must(hwv_network_compare(&change, a, b, &source, executor, &error), &error);
    assert_true(change.samples == cut[cuts - 1] && samples.opened == 1);
    return change;
}

static hwv_output_change compared_all(const hwv_network *a, const hwv_network *b)
{
    const size_t all = SAMPLES;
    return compared(a, b, &all, 1, NULL);
}

/* ---- against plain loops ---- */

static void outputs_of(const hwv_network *network, const float *in, double *out)
{
    const float *w1 = parameter(network, "fc1.weight"), *b1 = parameter(network, "fc1.bias"),
                *w2 = parameter(network, "fc2.weight"), *b2 = parameter(network, "fc2.bias");
    double h[UNITS];
    for (size_t u = 0; u < UNITS; u++) {
        h[u] = (double)b1[u];
        for (size_t i = 0; i < IN; i++)
            h[u] += (double)w1[u * IN + i] * (double)in[i];
        h[u] = h[u] > 0 ? h[u] : 0;
    }
    for (size_t o = 0; o < OUT; o++) {
        out[o] = (double)b2[o];
        for (size_t u = 0; u < UNITS; u++)
            out[o] += (double)w2[o * UNITS + u] * h[u];
    }
}

static size_t largest_of(const double *y)
{
    size_t at = 0;
    for (size_t o = 1; o < OUT; o++)
        at = y[o] > y[at] ? o : at;
    return at;
}

static void test_oracle(void **state)
{
    hwv_network a = mlp(3), b = mlp(4);
    double largest = 0, scale = 1, decided = 0;
    const size_t shards[] = {1, 300, 300, SAMPLES};
    hwv_pool *pool;
    hwv_error error;
    (void)state;
    for (size_t s = 0; s < SAMPLES; s++) {
        double before[OUT], after[OUT];
        outputs_of(&a, x + s * IN, before);
        outputs_of(&b, x + s * IN, after);
        for (size_t o = 0; o < OUT; o++) {
            largest = fmax(largest, fabs(before[o] - after[o]));
            scale = fmax(scale, fabs(before[o]));
        }
        decided += largest_of(before) == largest_of(after);
    }
    must(hwv_pool_create(&pool, 3, &error), &error);
    const hwv_output_change one = compared_all(&a, &b), other = compared(&a, &b, shards, 4, hwv_pool_executor(pool));
    assert_true(fabs(one.largest - largest) < 1e-5 * scale && fabs(one.scale - scale) < 1e-5 * scale);
    assert_true(one.decided == decided / SAMPLES && decided < SAMPLES && !one.equal && !one.tokens);
    assert_true(one.largest == other.largest && one.scale == other.scale && one.decided == other.decided);
    hwv_pool_destroy(pool);
    hwv_network_free(&a);
    hwv_network_free(&b);
}

static void test_equal(void **state)
{
    hwv_network a = mlp(3), b = mlp(3);
    (void)state;
    hwv_output_change change = compared_all(&a, &b);
    assert_true(change.equal && change.largest == 0 && change.decided == 1 && change.scale > 1);
    assert_true(hwv_output_change_keeps(&change, HWV_PROMISE_EQUAL));
    parameter(&b, "fc2.bias")[1] = 0.5f;
    change = compared_all(&a, &b);
    assert_true(!change.equal && fabs(change.largest - 0.5) < 1e-6);
    assert_false(hwv_output_change_keeps(&change, HWV_PROMISE_EXACT));
    assert_true(hwv_output_change_keeps(&change, HWV_PROMISE_NONE));
    hwv_network_free(&a);
    hwv_network_free(&b);
}

static void test_promises(void **state)
{
    hwv_output_change change = {.largest = 2e-5, .scale = 2};
    (void)state;
    assert_true(hwv_output_change_keeps(&change, HWV_PROMISE_EXACT));
    assert_false(hwv_output_change_keeps(&change, HWV_PROMISE_EQUAL));
    change.largest = 2.01e-5;
    assert_false(hwv_output_change_keeps(&change, HWV_PROMISE_EXACT));
    change.largest = (double)INFINITY;
    assert_false(hwv_output_change_keeps(&change, HWV_PROMISE_EXACT));
}

/* NaN is equal to NaN and infinitely far from all else; so is an infinity from all but itself. */
static void test_not_finite(void **state)
{
    const float odd[] = {NAN, INFINITY, -INFINITY};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        hwv_network a = mlp(3), b = mlp(3);
        parameter(&a, "fc2.bias")[1] = odd[i];
        hwv_output_change change = compared_all(&a, &b);
        assert_true(!change.equal && isinf(change.largest) && isfinite(change.scale));
        change = compared_all(&b, &a);
        assert_true(!change.equal && isinf(change.largest));
        parameter(&b, "fc2.bias")[1] = odd[i];
        change = compared_all(&a, &b);
        assert_true(change.equal && change.largest == 0 && change.decided == 1);
        parameter(&b, "fc2.bias")[0] = 1;
        change = compared_all(&a, &b);
        assert_true(!change.equal && fabs(change.largest - 1) < 1e-6);
        hwv_network_free(&a);
        hwv_network_free(&b);
    }
}

/* ---- graphs by hand ---- */

/* x -> dense [in 5, out 3] -> ... */
static hwv_network by_hand(size_t first, hwv_id *logits)
{
    const hwv_shape of_x = {.rank = 2, .dim = {first, IN}}, of_weight = {.rank = 2, .dim = {OUT, IN}};
    hwv_network network = {.batched = first == HWV_BATCH, .input_count = 1};
    hwv_id inputs[2];
    hwv_error error;
    must(hwv_graph_create(&network.graph, &error), &error);
    must(hwv_graph_input(network.graph, "x", HWV_ELEMENT_F32, &of_x, &inputs[0], &error), &error);
    must(hwv_graph_parameter(network.graph, "w", &of_weight, true, &inputs[1], &error), &error);
    must(hwv_graph_node(network.graph, HWV_NODE_DENSE, "logits", NULL, inputs, 2, logits, &error), &error);
    network.inputs = hwv_calloc(1, sizeof *network.inputs);
    network.inputs[0] = (hwv_port){.name = hwv_strdup("x"), .value = inputs[0], .shape = of_x};
    network.outputs = hwv_calloc(8, sizeof *network.outputs);
    return network;
}

static void output_add(hwv_network *network, hwv_id value)
{
    network->outputs[network->output_count++] = (hwv_port){.name = hwv_strdup("y"), .value = value};
}

static void weights_draw(hwv_network *network)
{
    hwv_error error;
    must(hwv_weights_create(&network->weights, network->graph, &error), &error);
    normals(parameter(network, "w"), OUT * IN, 9);
}

static hwv_id node_add(hwv_network *network, hwv_node_kind kind, const char *name,
                       const hwv_node_attributes *attributes, hwv_id input)
{
    hwv_id made;
    hwv_error error;
    must(hwv_graph_node(network->graph, kind, name, attributes, &input, 1, &made, &error), &error);
    return made;
}

static void test_before_squashing(void **state)
{
    hwv_id logits;
    hwv_network network = by_hand(HWV_BATCH, &logits);
    hwv_node_attributes softmax = {.axis = 1}, sigmoid = {.act = hwv_act_make(HWV_OP_SIGMOID)},
                        tanh = {.act = hwv_act_make(HWV_OP_TANH)}, relu = {.act = hwv_act_make(HWV_OP_RELU)},
                        shape = {.shape = {.rank = 3, .dim = {HWV_BATCH, OUT, 1}}}, order = {.order = {0, 2, 1}},
                        integers = {.to = HWV_ELEMENT_I32};
    (void)state;
    const hwv_id p = node_add(&network, HWV_NODE_SOFTMAX, "softmax", &softmax, logits);
    hwv_id moved = node_add(&network, HWV_NODE_RESHAPE, "moved", &shape, p);
    moved = node_add(&network, HWV_NODE_TRANSPOSE, "turned", &order, moved);
    const hwv_id rectified = node_add(&network, HWV_NODE_ACTIVATION, "relu", &relu, logits);
    output_add(&network, logits);
    output_add(&network, p);
    output_add(&network, moved);
    output_add(&network, node_add(&network, HWV_NODE_ACTIVATION, "sigmoid", &sigmoid, rectified));
    output_add(&network, node_add(&network, HWV_NODE_ACTIVATION, "tanh", &tanh, p));
    output_add(&network, node_add(&network, HWV_NODE_CAST, "integers", &integers, logits));
    output_add(&network, network.inputs[0].value);
    output_add(&network, HWV_NO_ID);
    const hwv_id expected[] = {logits, logits, logits, rectified, p, HWV_NO_ID, HWV_NO_ID, HWV_NO_ID};
    for (size_t o = 0; o < network.output_count; o++)
        assert_int_equal(hwv_network_before_squashing(&network, o), expected[o]);
    /* all of them at once; a network's sample is decided where it is in every output */
    weights_draw(&network);
    const hwv_output_change change = compared_all(&network, &network);
    assert_true(change.equal && change.decided == 1);
    hwv_network_free(&network);
}

/* One sample a run on one side, or on both. */
static void test_single_samples(void **state)
{
    hwv_id of_many, of_one;
    hwv_network many = by_hand(HWV_BATCH, &of_many), one = by_hand(1, &of_one), other = by_hand(1, &of_one);
    (void)state;
    output_add(&many, of_many);
    output_add(&one, of_one);
    output_add(&other, of_one);
    weights_draw(&many);
    weights_draw(&one);
    weights_draw(&other);
    assert_true(compared_all(&many, &one).equal && compared_all(&one, &many).equal && compared_all(&one, &one).equal);
    parameter(&other, "w")[0] += 1;
    const hwv_output_change a = compared_all(&many, &other), b = compared_all(&one, &other);
    assert_true(!a.equal && a.largest == b.largest && a.decided == b.decided && a.largest > 1);
    hwv_network_free(&many);
    hwv_network_free(&one);
    hwv_network_free(&other);
}

/* ---- tokens ---- */

enum { LENGTH = 7, WIDTH = 4, LETTERS = 9, TEXTS = 60 };

/* The largest product of a token's row with all rows of its table. */
static size_t said_of(const float *table, size_t token)
{
    double best = 0;
    size_t at = 0;
    for (size_t c = 0; c < LETTERS; c++) {
        double y = 0;
        for (size_t i = 0; i < WIDTH; i++)
            y += (double)table[token * WIDTH + i] * (double)table[c * WIDTH + i];
        if (c == 0 || y > best) {
            best = y;
            at = c;
        }
    }
    return at;
}

/* Each token has a choice of its own. */
static void test_tokens(void **state)
{
    static const size_t length[] = {LENGTH};
    hwv_network a = network_of("embed 4; unembed", "relu", 1, length, LETTERS, 1),
                b = network_of("embed 4; unembed", "relu", 1, length, LETTERS, 1);
    const float *of_a = parameter(&a, "embed1.weight"), *of_b = parameter(&b, "embed1.weight");
    float tokens[TEXTS * LENGTH];
    const size_t shards[] = {17, TEXTS};
    sample_source samples = {.feed = {.x = tokens, .each = LENGTH, .cut = shards, .cut_count = 2}};
    const hwv_source source = source_of(&samples);
    hwv_output_change change;
    hwv_error error;
    size_t same = 0;
    (void)state;
    normals(parameter(&a, "embed1.weight"), (size_t)LETTERS * WIDTH, 2);
    normals(parameter(&b, "embed1.weight"), (size_t)LETTERS * WIDTH, 3);
    for (size_t i = 0; i < TEXTS * LENGTH; i++) {
        const int32_t token = (int32_t)(i * i % LETTERS);
        memcpy(&tokens[i], &token, sizeof token);
        same += said_of(of_a, (size_t)token) == said_of(of_b, (size_t)token);
    }
    must(hwv_network_compare(&change, &a, &b, &source, NULL, &error), &error);
    assert_true(change.samples == TEXTS && change.tokens && same > 0 && same < (size_t)TEXTS * LENGTH);
    assert_true(change.decided == (double)same / (TEXTS * LENGTH));
    hwv_network_free(&a);
    hwv_network_free(&b);
}

/* ---- samples that are lent ---- */

static hwv_status lend(void *self, size_t rows, const void **from, size_t *got, hwv_error *error)
{
    sample_feed *s = self;
    const size_t left = s->cut[0] - s->at;
    (void)error;
    *got = s->at % 3 == 1 ? 0 : left < rows ? left : rows; /* now and then it has none */
    from[0] = s->x + s->at * s->each;
    s->at += *got;
    return HWV_OK;
}

static hwv_status lending_next(void *self, size_t rows, void *const *into, size_t *got, hwv_error *error)
{
    return samples_next(self, rows < 5 ? rows : 5, into, got, error);
}

static hwv_status lending_open(void *self, hwv_feed *feed, hwv_error *error)
{
    HWV_TRY(samples_open(self, feed, error));
    feed->lend = lend;
    feed->next = lending_next;
    return HWV_OK;
}

static void test_lent(void **state)
{
    hwv_network a = mlp(3), b = mlp(4);
    const size_t all = SAMPLES;
    sample_source samples = {.feed = {.x = x, .each = IN, .cut = &all, .cut_count = 1}};
    const hwv_source source = {.self = &samples, .open = lending_open};
    const hwv_output_change copied = compared_all(&a, &b);
    hwv_output_change lent;
    hwv_error error;
    (void)state;
    must(hwv_network_compare(&lent, &a, &b, &source, NULL, &error), &error);
    assert_true(lent.samples == SAMPLES && lent.largest == copied.largest && lent.decided == copied.decided);
    hwv_network_free(&a);
    hwv_network_free(&b);
}

/* ---- what does not fit ---- */

static hwv_status no_source(void *self, hwv_feed *feed, hwv_error *error)
{
    (void)self;
    (void)feed;
    return hwv_fail(error, HWV_ERR_IO, "gone");
}

static void test_refusals(void **state)
{
    const size_t more[] = {IN + 1};
    hwv_network a = mlp(3), wider = network_of("fc 6; act; fc 3", "relu", 1, more, OUT, 3),
                fewer = network_of("fc 6; act; fc 2", "relu", 1, dims, 2, 3),
                squashed = network_of("fc 6; act; fc 3; act sigmoid", "relu", 1, dims, OUT, 3);
    const hwv_source source = {.open = no_source};
    hwv_output_change change;
    hwv_error error;
    (void)state;
    assert_int_equal(hwv_network_compare(&change, &a, &wider, &source, NULL, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "input 'x'"));
    assert_int_equal(hwv_network_compare(&change, &a, &fewer, &source, NULL, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "output 'logits'"));
    assert_int_equal(hwv_networks_comparable(&a, &squashed, &error), HWV_ERR_MISMATCH);
    assert_int_equal(hwv_network_compare(&change, &a, &a, &source, NULL, &error), HWV_ERR_IO);
    a.outputs[0].value = HWV_NO_ID;
    assert_int_equal(hwv_network_compare(&change, &a, &fewer, &source, NULL, &error), HWV_ERR_MISMATCH);
    assert_int_equal(hwv_network_compare(&change, &a, &a, &source, NULL, &error), HWV_ERR_UNSUPPORTED);
    assert_int_equal(hwv_networks_comparable(&a, &a, &error), HWV_ERR_UNSUPPORTED);
    hwv_network_free(&a);
    hwv_network_free(&wider);
    hwv_network_free(&fewer);
    hwv_network_free(&squashed);
}

static void test_allocations(void **state)
{
    hwv_network a = mlp(3), b = mlp(4);
    const size_t few = 9;
    size_t n = 1;
    (void)state;
    for (;; n++) {
        sample_source samples = {.feed = {.x = x, .each = IN, .cut = &few, .cut_count = 1}};
        const hwv_source source = source_of(&samples);
        hwv_output_change change;
        const size_t live = allocations_live();
        allocations_fail_at(n);
        const hwv_status status = hwv_network_compare(&change, &a, &b, &source, NULL, NULL);
        allocations_fail_at(0);
        assert_int_equal(allocations_live(), live);
        if (status == HWV_OK)
            break;
        assert_int_equal(status, HWV_ERR_MEMORY);
    }
    assert_true(n > 10);
    hwv_network_free(&a);
    hwv_network_free(&b);
}

/* ---- cost ---- */

static void test_cost(void **state)
{
    const size_t image[] = {8, 8, 3};
    hwv_network network =
        network_of("conv 3 4; act; conv 3 8 stride 2 groups 2; bn; act; gap; fc 10", "relu", 3, image, 10, 1);
    (void)state;
    /* weights and biases; the second convolution has none, the norm has two of each channel and two of state */
    const uint64_t parameters = (4 * 3 * 9 + 4) + 8 * 2 * 9 + 4 * 8 + (80 + 10);
    const uint64_t flops = 8 * 8 * 4 * (2 * 27 + 1) + 4 * 4 * 8 * (2 * 18) + 10 * (2 * 8 + 1);
    assert_int_equal(hwv_network_parameters(&network), parameters);
    assert_int_equal(hwv_network_flops(&network), flops);
    hwv_network_free(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oracle),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_promises),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_before_squashing),
        cmocka_unit_test(test_single_samples),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_lent),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_allocations),
        cmocka_unit_test(test_cost),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
