/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pass SWEEP and fixed weights: fewer steps, the same bits, and everything that is observed stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "compare.h"
#include "support.h"

#define BATCH  5
#define SIDE   13
#define PIXELS (SIDE * SIDE)
#define ACTS   5
#define MOST   (BATCH * PIXELS * 40)

/* x -> conv, bias, norm, relu -> depthwise conv, norm, hardswish -> conv, norm (read twice), relu; that norm + relu ->
 * norm, tanh -> conv, bias, sigmoid */
typedef struct swept {
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_id x, bare, z, sum, y, variance[4];
    size_t norms;
} swept;

static hwv_id conv_add(swept *s, const char *name, hwv_id x, size_t channels, size_t filters, size_t kernel,
                       size_t groups)
{
    const size_t pad = kernel / 2;
    const hwv_shape shape = {.rank = 4, .dim = {filters, channels / groups, kernel, kernel}};
    const hwv_node_attributes attributes = {.window = {{kernel, kernel}, {1, 1}, {pad, pad}, {pad, pad}},
                                            .groups = groups};
    char text[64];
    snprintf(text, sizeof text, "%s.weight", name);
    return node_add(s->graph, HWV_NODE_CONV2D, name, attributes, x, parameter_add(s->graph, text, shape));
}

static hwv_id bias_add(swept *s, const char *name, hwv_id x, size_t units)
{
    char text[64];
    snprintf(text, sizeof text, "%s.bias", name);
    return node_add(s->graph, HWV_NODE_BIAS, name, (hwv_node_attributes){0}, x,
                    parameter_add(s->graph, text, shape_of(1, units, 0, 0)));
}

static hwv_id normed(swept *s, const char *name, hwv_id x, size_t channels)
{
    hwv_id values[NORM_VALUES];
    norm_values_add(s->graph, name, channels, values);
    s->variance[s->norms++] = values[NORM_VARIANCE];
    return norm_add(s->graph, name, (hwv_node_attributes){.epsilon = 1e-3f, .momentum = 0.1f}, x, values);
}

static swept swept_make(void)
{
    swept s = {0};
    assert_int_equal(hwv_graph_create(&s.graph, NULL), HWV_OK);
    s.x = input_add(s.graph, "x", HWV_ELEMENT_F32, (hwv_shape){.rank = 4, .dim = {HWV_BATCH, SIDE, SIDE, 3}});
    hwv_id h = normed(&s, "bn1", bias_add(&s, "b1", conv_add(&s, "conv1", s.x, 3, 40, 3, 1), 40), 40);
    h = act_add(s.graph, "act1", HWV_OP_RELU, h, HWV_NO_ID);
    s.bare = conv_add(&s, "conv2", h, 40, 40, 3, 40);
    s.z = normed(&s, "bn2", s.bare, 40);
    h = act_add(s.graph, "act2", HWV_OP_HARDSWISH, s.z, HWV_NO_ID);
    hwv_id both = normed(&s, "bn3", conv_add(&s, "conv3", h, 40, 24, 1, 1), 24);
    h = act_add(s.graph, "act3", HWV_OP_RELU, both, HWV_NO_ID);
    s.sum = node_add(s.graph, HWV_NODE_ADD, "sum", (hwv_node_attributes){0}, both, h);
    h = act_add(s.graph, "act4", HWV_OP_TANH, normed(&s, "bn4", s.sum, 24), HWV_NO_ID);
    h = bias_add(&s, "b5", conv_add(&s, "conv5", h, 24, 8, 1, 1), 8);
    s.y = act_add(s.graph, "act5", HWV_OP_SIGMOID, h, HWV_NO_ID);
    assert_int_equal(hwv_weights_create(&s.weights, s.graph, NULL), HWV_OK);
    weights_draw(s.weights, 11);
    for (size_t n = 0; n < s.norms; n++)
        for (size_t i = 0; i < (n < 2 ? 40 : 24); i++)
            hwv_weights_data(s.weights, s.variance[n])[i] = 0.5f + (float)(i % 7);
    return s;
}

static void swept_free(swept *s)
{
    hwv_weights_destroy(s->weights);
    hwv_graph_destroy(s->graph);
}

/* What was seen of a run: z and y of each activation, and how many other steps there were. */
typedef struct seen {
    const swept *of;
    size_t acts, steps, shown;
    bool have_z[ACTS];
    float *z[ACTS], *y[ACTS];
    size_t elements[ACTS];
    float *output;
} seen;

static void see(void *self, const hwv_observation *o)
{
    seen *s = self;
    char name[64];
    snprintf(name, sizeof name, "act%zu", s->acts + 1);
    assert_string_equal(hwv_graph_node_at(s->of->graph, o->node)->name, name);
    s->elements[s->acts] = o->rows * o->cols;
    assert_true(s->elements[s->acts] <= MOST);
    s->have_z[s->acts] = o->z != NULL;
    if (o->z)
        memcpy(s->z[s->acts], o->z, s->elements[s->acts] * sizeof(float));
    memcpy(s->y[s->acts], o->y, s->elements[s->acts] * sizeof(float));
    s->acts++;
}

static void see_node(void *self, const hwv_observation *o)
{
    seen *s = self;
    s->steps++;
    s->shown += o->z != NULL && o->y != NULL;
}

static seen *seen_make(const swept *of)
{
    seen *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->of = of;
    for (size_t i = 0; i < ACTS; i++) {
        s->z[i] = calloc(2 * MOST, sizeof(float));
        assert_non_null(s->z[i]);
        s->y[i] = s->z[i] + MOST;
    }
    s->output = calloc(MOST, sizeof(float));
    assert_non_null(s->output);
    return s;
}

static void seen_free(seen *s)
{
    for (size_t i = 0; i < ACTS; i++)
        free(s->z[i]);
    free(s->output);
    free(s);
}

static void run(seen *s, unsigned passes, bool fixed, const hwv_executor *executor)
{
    const swept *of = s->of;
    const hwv_observer observer = {.self = s, .forward = see, .node = see_node};
    hwv_plan *plan =
        plan_make(of->graph, of->weights, of->y,
                  (hwv_plan_options){.batch = BATCH, .passes = passes, .executor = executor, .fixed_weights = fixed});
    assert_int_equal(hwv_plan_observe(plan, &observer, NULL), HWV_OK);
    inputs_draw(plan, of->x, PIXELS * 3, HWV_NO_ID, BATCH, 1, 5);
    s->acts = s->steps = s->shown = 0;
    hwv_plan_rows(plan, BATCH - 1);
    hwv_plan_forward(plan);
    assert_int_equal(s->acts, ACTS);
    memcpy(s->output, hwv_plan_data(plan, of->y), (BATCH - 1) * PIXELS * 8 * sizeof(float));
    if (passes & HWV_PASS_SWEEP)
        assert_null(hwv_plan_data(plan, of->bare)); /* exists nowhere */
    hwv_plan_destroy(plan);
}

static void same(const char *label, const seen *a, const seen *b)
{
    assert_true(compare_bits(label, a->output, b->output, (BATCH - 1) * PIXELS * 8));
    for (size_t i = 0; i < ACTS; i++) {
        assert_int_equal(a->elements[i], b->elements[i]);
        assert_true(compare_bits(label, a->y[i], b->y[i], a->elements[i]));
        if (a->have_z[i] && b->have_z[i])
            assert_true(compare_bits(label, a->z[i], b->z[i], a->elements[i]));
    }
}

/* With any passes, fixed or not, for any number of threads. */
static void test_the_same_bits(void **state)
{
    (void)state;
    swept s = swept_make();
    seen *plain = seen_make(&s), *other = seen_make(&s);
    hwv_pool *pool;
    assert_int_equal(hwv_pool_create(&pool, 3, NULL), HWV_OK);
    run(plain, 0, false, NULL);
    for (unsigned passes = 0; passes <= HWV_PASS_ALL; passes++)
        for (unsigned way = 0; way < 4; way++) {
            char label[64];
            snprintf(label, sizeof label, "passes %u%s%s", passes, way & 1 ? ", fixed" : "",
                     way & 2 ? ", threads" : "");
            run(other, passes, way & 1, way & 2 ? hwv_pool_executor(pool) : NULL);
            same(label, other, plain);
        }
    hwv_pool_destroy(pool);
    seen_free(plain);
    seen_free(other);
    swept_free(&s);
}

/* What a check asks for: z of every activation. */
static void test_nothing_observed_is_lost(void **state)
{
    (void)state;
    swept s = swept_make();
    seen *plain = seen_make(&s), *other = seen_make(&s);
    run(plain, 0, false, NULL);
    run(other, HWV_PASS_REUSE | HWV_PASS_DENSE_BIAS | HWV_PASS_SWEEP, true, NULL);
    for (size_t i = 0; i < ACTS; i++)
        assert_true(plain->have_z[i] && other->have_z[i]);
    assert_int_equal(plain->steps, 4 + 2 + 4 + 1);
    assert_int_equal(other->steps, 4 + 1 + 1); /* convolutions, the sum, the norm behind it */
    assert_int_equal(other->shown, other->steps);
    seen_free(plain);
    seen_free(other);
    swept_free(&s);
}

/* Without `fixed_weights` a plan follows weights that change. */
static void test_weights_may_change(void **state)
{
    (void)state;
    swept s = swept_make();
    hwv_plan *plan = plan_make(s.graph, s.weights, s.y, (hwv_plan_options){.batch = 1, .passes = HWV_PASS_ALL});
    inputs_draw(plan, s.x, PIXELS * 3, HWV_NO_ID, 1, 1, 5);
    hwv_plan_forward(plan);
    weights_draw(s.weights, 12);
    for (size_t n = 0; n < s.norms; n++)
        for (size_t i = 0; i < (n < 2 ? 40 : 24); i++)
            hwv_weights_data(s.weights, s.variance[n])[i] = 0.25f + (float)(i % 5);
    hwv_plan_forward(plan);
    hwv_plan *fresh = plan_make(s.graph, s.weights, s.y, (hwv_plan_options){.batch = 1});
    inputs_draw(fresh, s.x, PIXELS * 3, HWV_NO_ID, 1, 1, 5);
    hwv_plan_forward(fresh);
    assert_true(compare_bits("changed", hwv_plan_data(plan, s.y), hwv_plan_data(fresh, s.y), PIXELS * 8));
    hwv_plan_destroy(fresh);
    hwv_plan_destroy(plan);
    swept_free(&s);
}

/* Dense layers with their weights packed once. */
static void test_fixed_dense_layers(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_RELU);
    float logits[2][9 * 70];
    for (unsigned passes = 0; passes <= HWV_PASS_ALL; passes += HWV_PASS_ALL) {
        for (size_t fixed = 0; fixed < 2; fixed++) {
            hwv_plan *plan = plan_make(n.graph, n.weights, n.logits,
                                       (hwv_plan_options){.batch = 9, .passes = passes, .fixed_weights = fixed});
            assert_true(fixed == (hwv_plan_memory_use(plan).workspace > 3 * 70 * 70 * sizeof(float)));
            inputs_draw(plan, n.x, 12, HWV_NO_ID, 9, 1, 5);
            hwv_plan_forward(plan);
            memcpy(logits[fixed], hwv_plan_data(plan, n.logits), sizeof logits[fixed]);
            hwv_plan_destroy(plan);
        }
        assert_true(compare_bits("fixed", logits[1], logits[0], 9 * 70));
    }
    net_free(&n);
}

/* A plan that reads weights in order where another has them, and several that run in the caller alone. */
static void test_plans_like_another(void **state)
{
    (void)state;
    swept s = swept_make(), t = swept_make();
    hwv_pool *pool;
    hwv_plan *bad;
    hwv_error error;
    assert_int_equal(hwv_pool_create(&pool, 3, NULL), HWV_OK);
    hwv_plan_options options = {.batch = BATCH, .passes = HWV_PASS_ALL, .fixed_weights = true};
    options.executor = hwv_pool_executor(pool);
    hwv_plan *first = plan_make(s.graph, s.weights, s.y, options);
    options.like = first;
    options.batch = BATCH - 1;
    options.executor = NULL;
    hwv_plan *other = plan_make(s.graph, s.weights, s.y, options);
    assert_true(hwv_plan_memory_use(other).workspace < hwv_plan_memory_use(first).workspace);
    hwv_plan *plain = plan_make(s.graph, s.weights, s.y, (hwv_plan_options){.batch = BATCH});
    hwv_plan *plans[] = {plain, other, first, first};
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        hwv_plan_alone(first, i == 2);
        inputs_draw(plans[i], s.x, PIXELS * 3, HWV_NO_ID, BATCH - 1, 1, 5);
        hwv_plan_rows(plans[i], BATCH - 1);
        hwv_plan_forward(plans[i]);
        assert_true(
            compare_bits("like", hwv_plan_data(plans[i], s.y), hwv_plan_data(plain, s.y), (BATCH - 1) * PIXELS * 8));
    }
    assert_int_equal(hwv_plan_create(&bad, t.graph, t.weights, t.y, &options, &error), HWV_ERR_ARGUMENT);
    assert_null(bad);
    assert_int_equal(hwv_plan_create(&bad, s.graph, s.weights, s.bare, &options, &error), HWV_ERR_ARGUMENT);
    hwv_plan_destroy(plain);
    hwv_plan_destroy(other);
    hwv_plan_destroy(first);
    hwv_pool_destroy(pool);
    swept_free(&s);
    swept_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_bits),      cmocka_unit_test(test_nothing_observed_is_lost),
        cmocka_unit_test(test_weights_may_change), cmocka_unit_test(test_fixed_dense_layers),
        cmocka_unit_test(test_plans_like_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
