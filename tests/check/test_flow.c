/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gradients per layer against plain loops in double, and against theory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support.h"

#define CLOSE(a, b, tolerance)                                                                                         \
    do {                                                                                                               \
        const double left = (a), right = (b);                                                                          \
        if (!(fabs(left - right) <= (tolerance)*fmax(1e-12, fabs(right))))                                             \
            fail_msg("%s = %.9g, expected %.9g", #a, left, right);                                                     \
    } while (0)

static hwv_flow flow_of(const hwv_network *network, const float *x, size_t each, const int32_t *labels, size_t count,
                        const hwv_executor *executor)
{
    sample_feed s = {.x = x, .each = each, .cut = &count, .cut_count = 1};
    const hwv_feed feed = feed_of(&s);
    hwv_flow flow;
    hwv_error error;
    must(hwv_flow_measure(&flow, network, &feed, labels, count, executor, &error), &error);
    assert_int_equal(flow.samples, count);
    return flow;
}

static void labels_draw(int32_t *labels, size_t count, uint32_t classes)
{
    for (size_t i = 0; i < count; i++)
        labels[i] = (int32_t)hwv_random_below(5, HWV_STREAM_TEST, 1, i, classes);
}

/* ---- an oracle: x [IN] -> A relu -> B relu -> C logits ---- */

enum { IN = 5, A = 7, B = 6, C = 3, SAMPLES = 700 };

typedef struct expected {
    double loss, gradient[2], signal[2], zero[2];
} expected;

static void product(const hwv_network *network, const char *weight, const char *bias, size_t out, size_t in,
                    const double *x, double *y)
{
    const float *w = parameter(network, weight), *b = parameter(network, bias);
    for (size_t o = 0; o < out; o++) {
        y[o] = (double)b[o];
        for (size_t i = 0; i < in; i++)
            y[o] += (double)w[o * in + i] * x[i];
    }
}

static void back(const hwv_network *network, const char *weight, size_t out, size_t in, const double *dy,
                 const double *z, double *dz)
{
    const float *w = parameter(network, weight);
    for (size_t i = 0; i < in; i++) {
        dz[i] = 0;
        for (size_t o = 0; o < out; o++)
            dz[i] += (double)w[o * in + i] * dy[o];
        if (!(z[i] > 0))
            dz[i] = 0;
    }
}

static void add(expected *e, size_t layer, const double *z, const double *dz, size_t units)
{
    for (size_t u = 0; u < units; u++) {
        e->gradient[layer] += dz[u] * dz[u];
        e->zero[layer] += dz[u] == 0;
        e->signal[layer] += z[u] > 0 ? z[u] * z[u] : 0;
    }
}

static void one_sample(const hwv_network *network, const float *x, int32_t label, expected *e)
{
    double in[IN], z1[A], h1[A], z2[B], h2[B], logits[C], dl[C], d1[A], d2[B], sum = 0;
    for (size_t i = 0; i < IN; i++)
        in[i] = (double)x[i];
    product(network, "fc1.weight", "fc1.bias", A, IN, in, z1);
    for (size_t u = 0; u < A; u++)
        h1[u] = z1[u] > 0 ? z1[u] : 0;
    product(network, "fc2.weight", "fc2.bias", B, A, h1, z2);
    for (size_t u = 0; u < B; u++)
        h2[u] = z2[u] > 0 ? z2[u] : 0;
    product(network, "fc3.weight", "fc3.bias", C, B, h2, logits);
    for (size_t c = 0; c < C; c++)
        sum += exp(logits[c]);
    for (size_t c = 0; c < C; c++)
        dl[c] = exp(logits[c]) / sum - (c == (size_t)label);
    e->loss += log(sum) - logits[label];
    back(network, "fc3.weight", C, B, dl, z2, d2);
    back(network, "fc2.weight", B, A, d2, z1, d1);
    add(e, 0, z1, d1, A);
    add(e, 1, z2, d2, B);
}

static void test_oracle(void **state)
{
    static float x[SAMPLES * IN];
    static int32_t labels[SAMPLES];
    const size_t dims[] = {IN};
    hwv_network network = network_of("fc 7; act; fc 6; act; fc 3", "relu", 1, dims, C, 3);
    expected e = {0};
    hwv_pool *pool;
    hwv_error error;
    (void)state;
    normals(x, SAMPLES * IN, 1);
    labels_draw(labels, SAMPLES, C);
    normals(parameter(&network, "fc1.bias"), A, 2);
    for (size_t s = 0; s < SAMPLES; s++)
        one_sample(&network, x + s * IN, labels[s], &e);
    must(hwv_pool_create(&pool, 3, &error), &error);
    for (int threads = 0; threads < 2; threads++) {
        hwv_flow flow = flow_of(&network, x, IN, labels, SAMPLES, threads ? hwv_pool_executor(pool) : NULL);
        assert_int_equal(flow.layer_count, 2);
        CLOSE(flow.loss, e.loss / SAMPLES, 1e-5);
        for (size_t l = 0; l < 2; l++) {
            const double entries = (double)SAMPLES * (l ? B : A);
            CLOSE(flow.layers[l].gradient, sqrt(e.gradient[l] / entries), 1e-5);
            CLOSE(flow.layers[l].signal, sqrt(e.signal[l] / entries), 1e-5);
            CLOSE(flow.layers[l].zero, e.zero[l] / entries, 1e-9);
        }
        assert_string_equal(flow.layers[1].name, "act2");
        hwv_flow_free(&flow);
    }
    hwv_pool_destroy(pool);
    hwv_network_free(&network);
}

/* A single logit behind a sigmoid: the gradient at its z is p - label. */
static void test_single_logit(void **state)
{
    enum { COUNT = 50 };
    float x[COUNT * IN];
    int32_t labels[COUNT];
    const size_t dims[] = {IN};
    double gradient = 0, loss = 0, signal = 0;
    hwv_network network = network_of("fc 1; act sigmoid", "relu", 1, dims, 1, 8);
    (void)state;
    normals(x, COUNT * IN, 4);
    labels_draw(labels, COUNT, 2);
    for (size_t s = 0; s < COUNT; s++) {
        double in[IN], z;
        for (size_t i = 0; i < IN; i++)
            in[i] = (double)x[s * IN + i];
        product(&network, "fc1.weight", "fc1.bias", 1, IN, in, &z);
        const double p = 1 / (1 + exp(-z));
        gradient += (p - labels[s]) * (p - labels[s]);
        signal += p * p;
        loss -= log(labels[s] ? p : 1 - p);
    }
    hwv_flow flow = flow_of(&network, x, IN, labels, COUNT, NULL);
    assert_int_equal(flow.layer_count, 1);
    CLOSE(flow.loss, loss / COUNT, 1e-5);
    CLOSE(flow.layers[0].gradient, sqrt(gradient / COUNT), 1e-5);
    CLOSE(flow.layers[0].signal, sqrt(signal / COUNT), 1e-5);
    CLOSE(flow.layers[0].theory, sqrt(gradient / COUNT), 1e-5);
    hwv_flow_free(&flow);
    hwv_network_free(&network);
}

/* Logits are what a last softmax reads, in whatever shape its output is. */
static void test_reshaped_softmax(void **state)
{
    enum { COUNT = 20 };
    float x[COUNT * IN];
    int32_t labels[COUNT];
    const size_t dims[] = {IN};
    hwv_network network = network_of("fc 7; act; fc 3", "relu", 1, dims, C, 3);
    hwv_node_attributes attributes = {.axis = 1};
    hwv_id *value = &network.outputs[0].value;
    hwv_error error;
    (void)state;
    normals(x, COUNT * IN, 1);
    labels_draw(labels, COUNT, C);
    hwv_flow plain = flow_of(&network, x, IN, labels, COUNT, NULL);
    must(hwv_graph_node(network.graph, HWV_NODE_SOFTMAX, "p", &attributes, value, 1, value, &error), &error);
    attributes.shape = (hwv_shape){.rank = 3, .dim = {HWV_BATCH, 1, C}};
    must(hwv_graph_node(network.graph, HWV_NODE_RESHAPE, "p3", &attributes, value, 1, value, &error), &error);
    weights_renew(&network);
    hwv_flow squashed = flow_of(&network, x, IN, labels, COUNT, NULL);
    assert_true(plain.loss == squashed.loss && plain.layers[0].gradient == squashed.layers[0].gradient);
    hwv_flow_free(&plain);
    hwv_flow_free(&squashed);
    hwv_network_free(&network);
}

/* ---- theory: random nets of He's weights are what it is made for ---- */

static void agrees(const char *notation, const char *act, size_t rank, const size_t *dims, double within)
{
    enum { COUNT = 64 };
    static float x[COUNT * 16 * 16 * 8];
    int32_t labels[COUNT];
    size_t each = 1;
    double worst = 1;
    for (size_t d = 0; d < rank; d++)
        each *= dims[d];
    assert_true(COUNT * each <= sizeof x / sizeof *x);
    normals(x, COUNT * each, 6);
    labels_draw(labels, COUNT, 10);
    hwv_network network = network_of(notation, act, rank, dims, 10, 11);
    hwv_flow flow = flow_of(&network, x, each, labels, COUNT, NULL);
    for (size_t l = 0; l < flow.layer_count; l++) {
        const double ratio = flow.layers[l].gradient / flow.layers[l].theory;
        worst = fabs(log(ratio)) > fabs(log(worst)) || isnan(ratio) ? ratio : worst;
    }
    if (!(worst > 1 / within && worst < within))
        fail_msg("%s, %s: gradient over theory %.3f", notation, act, worst);
    hwv_flow_free(&flow);
    hwv_network_free(&network);
}

static void test_theory(void **state)
{
    const size_t vector[] = {64}, image[] = {16, 16, 8};
    (void)state;
    agrees("fc 400; act; fc 300; act; fc 400; act; fc 300; act; fc 10", "relu", 1, vector, 1.2);
    agrees("fc 400; act; fc 300; act; fc 400; act; fc 300; act; fc 10", "tanh", 1, vector, 1.2);
    agrees("fc 400; act; fc 300; act; fc 400; act; fc 10", "prelu", 1, vector, 1.2);
    agrees("conv 3 32; act; conv 3 32 stride 2; act; conv 3 32 valid; act; gap; fc 10", "relu", 3, image, 1.35);
    agrees("conv 3 32; bn; act; pool 2; conv 3 32; act; avgpool 2; flatten; fc 10", "relu", 3, image, 1.35);
    agrees("conv 3 32; act; res { conv 3 32; act; conv 3 32 }; act; gap; fc 10", "relu", 3, image, 1.5);
}

/* A dead layer: nothing flows back through it, and the layer in front of it has no gradient at all. */
static void test_dead(void **state)
{
    enum { COUNT = 20 };
    float x[COUNT * IN];
    int32_t labels[COUNT];
    const size_t dims[] = {IN};
    hwv_network network = network_of("fc 7; act; fc 6; act; fc 3", "relu", 1, dims, C, 3);
    (void)state;
    normals(x, COUNT * IN, 1);
    labels_draw(labels, COUNT, C);
    for (size_t u = 0; u < B; u++)
        parameter(&network, "fc2.bias")[u] = -1000;
    hwv_flow flow = flow_of(&network, x, IN, labels, COUNT, NULL);
    for (size_t l = 0; l < 2; l++) {
        assert_true(flow.layers[l].zero == 1 && flow.layers[l].gradient == 0);
        assert_true(flow.layers[l].theory > 0);
    }
    assert_true(flow.layers[1].signal == 0);
    hwv_flow_free(&flow);
    hwv_network_free(&network);
}

static void copy_parameter(const hwv_network *to, const hwv_network *from, const char *name, size_t count)
{
    memcpy(parameter(to, name), parameter(from, name), count * sizeof(float));
}

/* Tokens that know nothing of each other are samples of their own, however they are cut into sequences. */
static void test_sequences(void **state)
{
    enum { TOKENS = 60, LENGTH = 6 };
    int32_t tokens[TOKENS], labels[TOKENS];
    float x[TOKENS * IN];
    const size_t dims[] = {IN}, blocks[] = {2, LENGTH};
    hwv_network plain = network_of("fc 7; act; fc 3", "relu", 1, dims, C, 3);
    (void)state;
    labels_draw(labels, TOKENS, C);
    for (size_t i = 0; i < TOKENS; i++)
        tokens[i] = (int32_t)hwv_random_below(6, HWV_STREAM_TEST, 1, i, C);
    for (size_t b = 0; b < 2; b++) {
        hwv_network network = network_of("embed 5; fc 7; act; fc 3", "relu", 1, &blocks[b], C, 4);
        normals(parameter(&network, "embed1.weight"), C * IN, 7);
        copy_parameter(&network, &plain, "fc1.weight", A * IN);
        copy_parameter(&network, &plain, "fc2.weight", C * A);
        for (size_t i = 0; i < TOKENS; i++)
            memcpy(x + i * IN, parameter(&network, "embed1.weight") + (size_t)tokens[i] * IN, IN * sizeof *x);
        hwv_flow wanted = flow_of(&plain, x, IN, labels, TOKENS, NULL);
        hwv_flow flow = flow_of(&network, (const float *)tokens, blocks[b], labels, TOKENS / blocks[b], NULL);
        CLOSE(flow.loss, wanted.loss, 1e-6);
        CLOSE(flow.layers[0].gradient, wanted.layers[0].gradient, 1e-6);
        CLOSE(flow.layers[0].signal, wanted.layers[0].signal, 1e-6);
        CLOSE(flow.layers[0].zero, wanted.layers[0].zero, 1e-12);
        CLOSE(flow.layers[0].theory, wanted.layers[0].theory, 1e-6);
        hwv_flow_free(&flow);
        hwv_flow_free(&wanted);
        hwv_network_free(&network);
    }
    hwv_network_free(&plain);
}

static void test_refusals(void **state)
{
    float x[4 * IN] = {0};
    const int32_t labels[] = {0, 2, 3, 1};
    const size_t dims[] = {IN}, count = 4, none = 0;
    hwv_network network = network_of("fc 7; act; fc 3", "relu", 1, dims, C, 3);
    sample_feed s = {.x = x, .each = IN, .cut = &count, .cut_count = 1};
    hwv_feed feed = feed_of(&s);
    hwv_flow flow;
    hwv_error error;
    (void)state;
    assert_int_equal(hwv_flow_measure(&flow, &network, &feed, labels, 4, NULL, &error), HWV_ERR_FORMAT);
    assert_non_null(strstr(error.text, "label 3 of sample 2: 0 to 2"));
    assert_null(flow.layers);
    s = (sample_feed){.x = x, .each = IN, .cut = &none, .cut_count = 1};
    assert_int_equal(hwv_flow_measure(&flow, &network, &feed, labels, 4, NULL, &error), HWV_ERR_ARGUMENT);
    const hwv_id logits = network.outputs[0].value;
    network.outputs[0].value = HWV_NO_ID;
    assert_int_equal(hwv_flow_measure(&flow, &network, &feed, labels, 4, NULL, &error), HWV_ERR_UNSUPPORTED);
    network.outputs[0].value = network.inputs[0].value;
    assert_int_equal(hwv_flow_measure(&flow, &network, &feed, labels, 4, NULL, &error), HWV_ERR_UNSUPPORTED);
    network.outputs[0].value = logits;
    hwv_network_free(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oracle),           cmocka_unit_test(test_single_logit), cmocka_unit_test(test_theory),
        cmocka_unit_test(test_reshaped_softmax), cmocka_unit_test(test_dead),         cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
