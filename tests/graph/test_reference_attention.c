/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What attention is made of as graphs against reference vectors, on every runnable instruction set: layer norm (rows with
 * a large mean among them), embeddings, and attention, as products of stacks of matrices around a softmax and as one
 * node. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "graph/functions.h"
#include "vectors.h"

enum { MOST = 3 };

/* A graph whose parameters are arrays of a case. */
typedef struct net {
    const char *name;
    hwv_graph *graph;
    hwv_weights *weights;
    size_t count;
    const char *part[MOST]; /* "x": in_x, grad_x */
    hwv_id id[MOST];
} net;

static hwv_id net_node(const net *n, hwv_node_kind kind, const char *name, hwv_node_attributes attributes,
                       const hwv_id *inputs, size_t count)
{
    hwv_error error;
    hwv_id y;
    if (hwv_graph_node(n->graph, kind, name, &attributes, inputs, count, &y, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return y;
}

static reference_array part_load(const net *n, const char *prefix, size_t i, const char *suffix)
{
    char array[64];
    snprintf(array, sizeof array, "%s_%s%s", prefix, n->part[i], suffix);
    return vector_load(n->name, array, false);
}

static net net_make(const char *name, const char *const *parts, size_t count)
{
    net n = {.name = name, .count = count};
    assert_int_equal(hwv_graph_create(&n.graph, NULL), HWV_OK);
    for (size_t i = 0; i < count; i++) {
        n.part[i] = parts[i];
        reference_array a = part_load(&n, "in", i, "");
        n.id[i] = vector_parameter(n.graph, parts[i], &a);
        reference_free(&a);
    }
    return n;
}

/* Call when the graph is complete. */
static void net_fill(net *n)
{
    assert_int_equal(hwv_weights_create(&n->weights, n->graph, NULL), HWV_OK);
    for (size_t i = 0; i < n->count; i++) {
        reference_array a = part_load(n, "in", i, "");
        vector_set(n->weights, n->id[i], &a);
        reference_free(&a);
    }
}

static hwv_plan *net_plan(const net *n, hwv_id y, unsigned passes)
{
    const hwv_plan_options options = {.batch = 1, .training = true, .passes = passes};
    hwv_error error;
    hwv_plan *plan;
    if (hwv_plan_create(&plan, n->graph, n->weights, y, &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return plan;
}

/* Output and every gradient; frees all. */
static void net_expect(net *n, hwv_plan *plan, hwv_id y)
{
    reference_array dy = vector_load(n->name, "in_dy", false);
    memcpy(hwv_plan_gradient(plan, y), dy.f32, dy.count * sizeof(float));
    reference_free(&dy);
    for (int again = 0; again < 2; again++) { /* a second run overwrites */
        hwv_plan_forward(plan);
        hwv_plan_backward(plan, false);
    }
    vector_expect(n->name, "out", "out_exact", false, hwv_plan_data(plan, y));
    for (size_t i = 0; i < n->count; i++) {
        char limit[64], exact[64];
        snprintf(limit, sizeof limit, "grad_%s", n->part[i]);
        snprintf(exact, sizeof exact, "grad_%s_exact", n->part[i]);
        vector_expect(n->name, limit, exact, false, hwv_plan_gradient(plan, n->id[i]));
    }
    hwv_plan_destroy(plan);
    hwv_weights_destroy(n->weights);
    hwv_graph_destroy(n->graph);
}

static void layer_norm_case(const char *name, unsigned passes)
{
    static const char *const parts[] = {"x", "weight", "bias"};
    double epsilon;
    assert_true(reference_number(name, "params/eps", &epsilon));
    net n = net_make(name, parts, 3);
    const size_t rank = hwv_graph_value(n.graph, n.id[0])->shape.rank;
    const hwv_id y = net_node(&n, HWV_NODE_LAYER_NORM, "norm",
                              (hwv_node_attributes){.axis = rank - 1, .epsilon = (float)epsilon}, n.id, 3);
    net_fill(&n);
    net_expect(&n, net_plan(&n, y, passes), y);
}

static void embedding_case(const char *name, unsigned passes)
{
    static const char *const parts[] = {"weight"};
    net n = net_make(name, parts, 1);
    reference_array index = vector_load(name, "in_index", false);
    const hwv_shape shape = vector_shape(&index);
    hwv_id ids[2] = {n.id[0], HWV_NO_ID};
    assert_int_equal(hwv_graph_input(n.graph, "index", HWV_ELEMENT_I32, &shape, &ids[1], NULL), HWV_OK);
    const hwv_id y = net_node(&n, HWV_NODE_GATHER, "embedding", (hwv_node_attributes){.axis = 0}, ids, 2);
    net_fill(&n);
    hwv_plan *plan = net_plan(&n, y, passes);
    for (size_t i = 0; i < index.count; i++)
        ((int32_t *)hwv_plan_data(plan, ids[1]))[i] = (int32_t)index.i64[i];
    reference_free(&index);
    net_expect(&n, plan, y);
}

/* softmax(q k' / sqrt(d) + mask) v */
static void attention_case(const char *name, bool causal, unsigned passes)
{
    static const char *const parts[] = {"q", "k", "v"};
    net n = net_make(name, parts, 3);
    const hwv_shape q = hwv_graph_value(n.graph, n.id[0])->shape, one = {.rank = 1, .dim = {1}};
    const size_t t = q.dim[2], d = q.dim[3];
    const hwv_shape square = {.rank = 2, .dim = {t, t}};
    hwv_id scale, mask;
    assert_int_equal(hwv_graph_constant(n.graph, "scale", HWV_ELEMENT_F32, &one, &scale, NULL), HWV_OK);
    assert_int_equal(hwv_graph_constant(n.graph, "mask", HWV_ELEMENT_F32, &square, &mask, NULL), HWV_OK);
    const hwv_id keys =
        net_node(&n, HWV_NODE_TRANSPOSE, "keys", (hwv_node_attributes){.order = {0, 1, 3, 2}}, &n.id[1], 1);
    hwv_id y = net_node(&n, HWV_NODE_MATMUL, "scores", (hwv_node_attributes){0}, (hwv_id[]){n.id[0], keys}, 2);
    y = net_node(&n, HWV_NODE_BINARY, "scaled", (hwv_node_attributes){.function = HWV_BINARY_MUL}, (hwv_id[]){y, scale},
                 2);
    y = net_node(&n, HWV_NODE_BINARY, "masked", (hwv_node_attributes){.function = HWV_BINARY_ADD}, (hwv_id[]){y, mask},
                 2);
    y = net_node(&n, HWV_NODE_SOFTMAX, "shares", (hwv_node_attributes){.axis = 3}, &y, 1);
    y = net_node(&n, HWV_NODE_MATMUL, "out", (hwv_node_attributes){0}, (hwv_id[]){y, n.id[2]}, 2);
    net_fill(&n);
    *(float *)hwv_weights_data(n.weights, scale) = (float)(1 / sqrt((double)d));
    for (size_t i = 0; i < t * t; i++)
        hwv_weights_data(n.weights, mask)[i] = causal && i % t > i / t ? -INFINITY : 0;
    net_expect(&n, net_plan(&n, y, passes), y);
}

/* The same as one node: q, k and v [b, heads, t, d] become columns of qkv [b, t, 3 heads d]. */
static void fused_case(const char *name, bool causal, unsigned passes)
{
    static const char *const parts[] = {"q", "k", "v"};
    net n = net_make(name, parts, 3);
    const hwv_shape q = hwv_graph_value(n.graph, n.id[0])->shape;
    const size_t heads = q.dim[1], width = heads * q.dim[3];
    const hwv_node_attributes turn = {.order = {0, 2, 1, 3}},
                              join = {.shape = {.rank = 3, .dim = {q.dim[0], q.dim[2], width}}},
                              apart = {.shape = {.rank = 4, .dim = {q.dim[0], q.dim[2], heads, q.dim[3]}}};
    hwv_id joined[3], y;
    for (size_t i = 0; i < 3; i++) {
        char text[2][16];
        snprintf(text[0], sizeof text[0], "%s turned", parts[i]);
        snprintf(text[1], sizeof text[1], "%s joined", parts[i]);
        y = net_node(&n, HWV_NODE_TRANSPOSE, text[0], turn, &n.id[i], 1);
        joined[i] = net_node(&n, HWV_NODE_RESHAPE, text[1], join, &y, 1);
    }
    y = net_node(&n, HWV_NODE_CONCAT, "qkv", (hwv_node_attributes){.axis = 2}, joined, 3);
    y = net_node(&n, HWV_NODE_ATTENTION, "attention", (hwv_node_attributes){.heads = heads, .causal = causal}, &y, 1);
    y = net_node(&n, HWV_NODE_RESHAPE, "apart", apart, &y, 1);
    y = net_node(&n, HWV_NODE_TRANSPOSE, "out", turn, &y, 1);
    net_fill(&n);
    net_expect(&n, net_plan(&n, y, passes), y);
}

static void layer_norm_all(unsigned passes)
{
    layer_norm_case("layer_norm_2x16x32", passes);
    layer_norm_case("layer_norm_4x64_offset", passes);
    layer_norm_case("layer_norm_5x37", passes);
    layer_norm_case("layer_norm_6x32", passes);
}

static void embedding_all(unsigned passes)
{
    embedding_case("embedding", passes);
}

static void attention_all(unsigned passes)
{
    attention_case("attention_core_full", false, passes);
    attention_case("attention_core_causal", true, passes);
}

static void fused_all(unsigned passes)
{
    fused_case("attention_core_full", false, passes);
    fused_case("attention_core_causal", true, passes);
}

#define EVERYWHERE(test, all)                                                                                          \
    static void test(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        if (reference_missing())                                                                                       \
            skip();                                                                                                    \
        vectors_everywhere(all);                                                                                       \
    }
EVERYWHERE(test_layer_norm, layer_norm_all)
EVERYWHERE(test_embedding, embedding_all)
EVERYWHERE(test_attention, attention_all)
EVERYWHERE(test_fused, fused_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layer_norm),
        cmocka_unit_test(test_embedding),
        cmocka_unit_test(test_attention),
        cmocka_unit_test(test_fused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
