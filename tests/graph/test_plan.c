/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Plans: passes that change memory but not a bit of the result, short batches, sums over several consumers,
 * what stays readable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "compare.h"
#include "support.h"

#define ROWS    9
#define COLS    12
#define CLASSES 70

/* Parameter gradients and logits of one run. */
typedef struct outcome {
    float gradients[8192], logits[ROWS * CLASSES], loss;
    size_t elements;
} outcome;

static outcome run_once(const net *n, unsigned passes, size_t batch, size_t rows, bool accumulate)
{
    outcome o;
    hwv_plan *plan = plan_make(n->graph, n->weights, n->loss,
                               (hwv_plan_options){.batch = batch, .training = true, .passes = passes});
    inputs_draw(plan, n->x, COLS, n->labels, rows, CLASSES, 5);
    hwv_plan_rows(plan, rows);
    for (int i = 0; i <= accumulate; i++) {
        hwv_plan_forward(plan);
        hwv_plan_backward(plan, i > 0);
    }
    const float *gradients = hwv_plan_parameter_gradients(plan, &o.elements);
    assert_true(o.elements <= sizeof o.gradients / sizeof o.gradients[0]);
    memcpy(o.gradients, gradients, o.elements * sizeof(float));
    memcpy(o.logits, hwv_plan_data(plan, n->logits), rows * CLASSES * sizeof(float));
    o.loss = *(float *)hwv_plan_data(plan, n->loss);
    hwv_plan_destroy(plan);
    return o;
}

static void same_outcome(const char *label, const outcome *a, const outcome *b, size_t rows)
{
    assert_int_equal(a->elements, b->elements);
    assert_true(compare_bits(label, a->gradients, b->gradients, a->elements));
    assert_true(compare_bits(label, a->logits, b->logits, rows * CLASSES));
    assert_true(compare_bits(label, &a->loss, &b->loss, 1));
}

static void passes_change_no_bit(const net *n, const char *name)
{
    static outcome plain, other;
    plain = run_once(n, 0, ROWS, ROWS, false);
    if (!(plain.loss > 0))
        fail_msg("%s: loss %g", name, (double)plain.loss);
    for (unsigned passes = 1; passes <= HWV_PASS_ALL; passes++) {
        char label[64];
        snprintf(label, sizeof label, "%s, passes %u", name, passes);
        other = run_once(n, passes, ROWS, ROWS, false);
        same_outcome(label, &plain, &other, ROWS);
    }
}

static void test_passes_change_no_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), NULL), HWV_OK);
        for (size_t r = 0; r < hwv_op_count(); r++) {
            if (hwv_op_get(r)->claims & HWV_SLOPE_ARRAY)
                continue; /* in the net as act3 anyway */
            if (hwv_op_get(r)->op == HWV_OP_EXP)
                continue; /* on itself it leaves the floats */
            net n = net_make(hwv_op_get(r)->op);
            passes_change_no_bit(&n, hwv_op_get(r)->name);
            net_free(&n);
        }
        net n = image_net_make(2, 2, 6, CLASSES);
        passes_change_no_bit(&n, "images");
        net_free(&n);
    }
    assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL), HWV_OK);
}

static void short_batches(net n)
{
    for (size_t rows = 1; rows <= ROWS; rows++) {
        static outcome exact, within;
        exact = run_once(&n, HWV_PASS_ALL, rows, rows, false);
        within = run_once(&n, HWV_PASS_ALL, ROWS + 4, rows, false);
        same_outcome("a short batch", &exact, &within, rows);
    }
    net_free(&n);
}

static void test_short_batches(void **state)
{
    (void)state;
    short_batches(net_make(HWV_OP_RELU));
    short_batches(image_net_make(2, 2, 6, CLASSES));
}

static void test_rows_are_clamped(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_RELU);
    static outcome whole, more;
    whole = run_once(&n, HWV_PASS_ALL, ROWS, ROWS, false);
    hwv_plan *plan = plan_make(n.graph, n.weights, n.loss, (hwv_plan_options){.batch = ROWS, .passes = HWV_PASS_ALL});
    inputs_draw(plan, n.x, COLS, n.labels, ROWS, CLASSES, 5);
    hwv_plan_rows(plan, ROWS + 100);
    hwv_plan_forward(plan);
    assert_true(compare_bits("rows beyond the batch", hwv_plan_data(plan, n.loss), &whole.loss, 1));
    hwv_plan_rows(plan, 0);
    hwv_plan_forward(plan);
    more = run_once(&n, HWV_PASS_ALL, 1, 1, false);
    assert_true(compare_bits("no rows", hwv_plan_data(plan, n.loss), &more.loss, 1));
    hwv_plan_destroy(plan);
    net_free(&n);
}

static void test_accumulate_adds(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_TANH);
    static outcome once, twice;
    static double doubled[8192];
    once = run_once(&n, HWV_PASS_ALL, ROWS, ROWS, false);
    twice = run_once(&n, HWV_PASS_ALL, ROWS, ROWS, true);
    for (size_t i = 0; i < once.elements; i++)
        doubled[i] = 2 * (double)once.gradients[i];
    assert_true(compare_maximum("twice the gradient", twice.gradients, doubled, once.elements, 1e-6));
    net_free(&n);
}

/* y = x + x + f(x) with x a value of several consumers, whose gradient is summed: dy * (2 + f'). */
static void test_several_consumers(void **state)
{
    (void)state;
    for (unsigned passes = 0; passes <= HWV_PASS_ALL; passes++) {
        hwv_graph *graph;
        hwv_weights *weights;
        assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
        hwv_id p = parameter_add(graph, "p", shape_of(2, 2, 3, 0));
        hwv_id x = act_add(graph, "x", HWV_OP_IDENTITY, p, HWV_NO_ID);
        hwv_id f = act_add(graph, "f", HWV_OP_RELU, x, HWV_NO_ID);
        hwv_id twice = node_add(graph, HWV_NODE_ADD, "twice", (hwv_node_attributes){0}, x, x);
        hwv_id y = node_add(graph, HWV_NODE_ADD, "y", (hwv_node_attributes){0}, twice, f);
        assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
        const float values[] = {-2, -1, -0.0f, 0, 1, 2}, wanted[] = {-4, -2, 0, 0, 3, 6};
        const float slopes[] = {2, 2, 2, 2, 3, 3};
        memcpy(hwv_weights_data(weights, p), values, sizeof values);
        hwv_plan *plan =
            plan_make(graph, weights, y, (hwv_plan_options){.batch = 1, .training = true, .passes = passes});
        for (size_t i = 0; i < 6; i++)
            hwv_plan_gradient(plan, y)[i] = 1;
        for (int again = 0; again < 3; again++) {
            hwv_plan_forward(plan);
            hwv_plan_backward(plan, false);
            for (size_t i = 0; i < 6; i++) {
                assert_true(((float *)hwv_plan_data(plan, y))[i] == wanted[i]);
                assert_true(hwv_plan_gradient(plan, p)[i] == slopes[i]);
            }
        }
        hwv_plan_destroy(plan);
        hwv_weights_destroy(weights);
        hwv_graph_destroy(graph);
    }
}

/* relu(fc(prelu(fc(x)))) with one weight and one bias for both layers; `through` puts an identity between each parameter
 * and its readers, those of the bias and the slope behind the product. Whole numbers: all sums are exact. */
#define SHARED 4
typedef struct shared_net {
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_id parameter[SHARED], y;
} shared_net;

static hwv_id pass_on(hwv_graph *graph, const char *name, hwv_id parameter, bool through)
{
    return through ? act_add(graph, name, HWV_OP_IDENTITY, parameter, HWV_NO_ID) : parameter;
}

static shared_net shared_make(bool through)
{
    const hwv_node_attributes none = {0};
    shared_net n;
    assert_int_equal(hwv_graph_create(&n.graph, NULL), HWV_OK);
    hwv_id x = n.parameter[0] = parameter_add(n.graph, "x", shape_of(2, 2, 3, 0));
    n.parameter[1] = parameter_add(n.graph, "w", shape_of(2, 3, 3, 0));
    n.parameter[2] = parameter_add(n.graph, "b", shape_of(1, 3, 0, 0));
    n.parameter[3] = parameter_add(n.graph, "s", shape_of(1, 3, 0, 0));
    hwv_id w = pass_on(n.graph, "weight", n.parameter[1], through);
    hwv_id product = node_add(n.graph, HWV_NODE_DENSE, "product1", none, x, w);
    hwv_id b = pass_on(n.graph, "bias", n.parameter[2], through);
    hwv_id s = pass_on(n.graph, "slope", n.parameter[3], through);
    hwv_id h = act_add(n.graph, "act1", HWV_OP_PRELU, node_add(n.graph, HWV_NODE_BIAS, "fc1", none, product, b), s);
    product = node_add(n.graph, HWV_NODE_DENSE, "product2", none, h, w);
    n.y = act_add(n.graph, "y", HWV_OP_RELU, node_add(n.graph, HWV_NODE_BIAS, "fc2", none, product, b), HWV_NO_ID);
    assert_int_equal(hwv_weights_create(&n.weights, n.graph, NULL), HWV_OK);
    for (size_t p = 0; p < SHARED; p++)
        for (size_t i = 0; i < (p == 0 ? 6u : p == 1 ? 9u : 3u); i++)
            hwv_weights_data(n.weights, n.parameter[p])[i] =
                (float)hwv_random_below(3, HWV_STREAM_TEST, (uint32_t)p, i, 7) - 2;
    return n;
}

static void shared_free(shared_net *n)
{
    hwv_weights_destroy(n->weights);
    hwv_graph_destroy(n->graph);
}

/* Output and all parameter gradients: after `runs` steps from scratch, or added up over them. */
static void shared_run(const shared_net *n, unsigned passes, int runs, bool accumulate, float result[27])
{
    hwv_plan *plan =
        plan_make(n->graph, n->weights, n->y, (hwv_plan_options){.batch = 1, .training = true, .passes = passes});
    for (size_t i = 0; i < 6; i++)
        hwv_plan_gradient(plan, n->y)[i] = (float)i + 1;
    for (int run = 0; run < runs; run++) {
        hwv_plan_forward(plan);
        hwv_plan_backward(plan, accumulate && run > 0);
    }
    memcpy(result, hwv_plan_data(plan, n->y), 6 * sizeof(float));
    memcpy(result + 6, hwv_plan_gradient(plan, n->parameter[0]), 6 * sizeof(float));
    memcpy(result + 12, hwv_plan_gradient(plan, n->parameter[1]), 9 * sizeof(float));
    memcpy(result + 21, hwv_plan_gradient(plan, n->parameter[2]), 3 * sizeof(float));
    memcpy(result + 24, hwv_plan_gradient(plan, n->parameter[3]), 3 * sizeof(float));
    hwv_plan_destroy(plan);
}

/* Weights, biases and slopes may be computed by nodes: no gradient is added to what an earlier run left, and no
 * pass reads them before they are there. */
static void test_computed_weights(void **state)
{
    (void)state;
    shared_net direct = shared_make(false), through = shared_make(true);
    float wanted[27], got[27];
    shared_run(&direct, 0, 1, false, wanted);
    for (unsigned passes = 0; passes <= HWV_PASS_ALL; passes++) {
        char label[64];
        snprintf(label, sizeof label, "computed weights, passes %u", passes);
        shared_run(&direct, passes, 2, false, got);
        assert_true(compare_bits(label, got, wanted, 27));
        for (int runs = 1; runs <= 3; runs++) {
            shared_run(&through, passes, runs, false, got);
            assert_true(compare_bits(label, got, wanted, 27));
        }
        shared_run(&through, passes, 2, true, got);
        for (size_t i = 6; i < 27; i++)
            assert_true(got[i] == 2 * wanted[i]);
        hwv_plan *plan =
            plan_make(through.graph, through.weights, through.y, (hwv_plan_options){.batch = 1, .passes = passes});
        hwv_plan_forward(plan);
        hwv_plan_forward(plan);
        assert_true(compare_bits(label, hwv_plan_data(plan, through.y), wanted, 6));
        hwv_plan_destroy(plan);
    }
    shared_free(&direct);
    shared_free(&through);
}

static void test_first_layer_has_no_input_gradient(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_RELU);
    hwv_plan *plan = plan_make(n.graph, n.weights, n.loss, (hwv_plan_options){.batch = 2, .training = true});
    assert_null(hwv_plan_gradient(plan, n.x));
    assert_null(hwv_plan_gradient(plan, hwv_graph_find(n.graph, "flatten")));
    assert_null(hwv_plan_gradient(plan, n.labels));
    assert_non_null(hwv_plan_gradient(plan, n.hidden));
    assert_true(*hwv_plan_gradient(plan, n.loss) == 1.0f);
    hwv_plan_destroy(plan);
    net_free(&n);
}

typedef struct outcome_of_inputs {
    float loss, gradients[16];
} outcome_of_inputs;

static outcome_of_inputs outcome_here(hwv_plan *plan, const net *n)
{
    outcome_of_inputs o;
    size_t elements;
    hwv_plan_forward(plan);
    hwv_plan_backward(plan, false);
    o.loss = *(float *)hwv_plan_data(plan, n->loss);
    memcpy(o.gradients, hwv_plan_parameter_gradients(plan, &elements), sizeof o.gradients);
    return o;
}

static void test_passes_save_memory(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_RELU);
    const unsigned without[] = {HWV_PASS_ALL & ~HWV_PASS_REUSE, HWV_PASS_ALL & ~(HWV_PASS_IN_PLACE | HWV_PASS_VIEW),
                                HWV_PASS_ALL & ~HWV_PASS_MASK, HWV_PASS_ALL & ~HWV_PASS_BIAS_ACT,
                                HWV_PASS_ALL & ~HWV_PASS_DENSE_BIAS};
    hwv_plan_options options = {.batch = 64, .training = true, .passes = HWV_PASS_ALL};
    hwv_plan *plan = plan_make(n.graph, n.weights, n.loss, options);
    hwv_plan_memory all = hwv_plan_memory_use(plan);
    assert_true(all.masks == 2 * 64 * 2 * sizeof(uint64_t)); /* two layers, 64 rows, 70 units in two words */
    assert_int_equal(all.weights, all.gradients);
    hwv_plan_destroy(plan);
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
        options.passes = without[i];
        plan = plan_make(n.graph, n.weights, n.loss, options);
        hwv_plan_memory fewer = hwv_plan_memory_use(plan);
        assert_true(fewer.activations + fewer.masks >= all.activations + all.masks);
        if (i < 3) /* in-place biases save the same memory */
            assert_true(fewer.activations + fewer.masks > all.activations + all.masks);
        hwv_plan_destroy(plan);
    }
    options = (hwv_plan_options){.batch = 64, .passes = HWV_PASS_ALL};
    plan = plan_make(n.graph, n.weights, n.logits, options);
    assert_int_equal(hwv_plan_memory_use(plan).gradients, 0);
    assert_int_equal(hwv_plan_memory_use(plan).masks, 0);
    assert_true(hwv_plan_memory_use(plan).activations < all.activations);
    hwv_plan_destroy(plan);
    net_free(&n);
}

static void test_what_is_readable(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_RELU);
    hwv_id fc1 = hwv_graph_find(n.graph, "fc1");
    hwv_plan_options options = {.batch = 4, .training = true, .passes = HWV_PASS_ALL};
    hwv_plan *plan = plan_make(n.graph, n.weights, n.loss, options);
    assert_null(hwv_plan_data(plan, fc1)); /* inside act1 */
    assert_non_null(hwv_plan_data(plan, n.logits));
    assert_ptr_equal(hwv_plan_data(plan, hwv_graph_find(n.graph, "fc1.weight")),
                     hwv_weights_data(n.weights, hwv_graph_find(n.graph, "fc1.weight")));
    assert_null(hwv_plan_data(plan, HWV_NO_ID));
    assert_null(hwv_plan_gradient(plan, HWV_NO_ID));
    hwv_plan_destroy(plan);

    options.keep = &fc1;
    options.keep_count = 1;
    static float kept[4 * 70];
    plan = plan_make(n.graph, n.weights, n.loss, options);
    assert_non_null(hwv_plan_data(plan, fc1));
    inputs_draw(plan, n.x, COLS, n.labels, 4, CLASSES, 3);
    hwv_plan_forward(plan);
    hwv_plan_backward(plan, false);
    memcpy(kept, hwv_plan_data(plan, fc1), sizeof kept);
    hwv_plan_destroy(plan);

    plan = plan_make(n.graph, n.weights, n.loss, (hwv_plan_options){.batch = 4, .training = true});
    inputs_draw(plan, n.x, COLS, n.labels, 4, CLASSES, 3);
    hwv_plan_forward(plan);
    hwv_plan_backward(plan, false);
    assert_true(compare_bits("kept", kept, hwv_plan_data(plan, fc1), 4 * 70));
    for (size_t v = 0; v < hwv_graph_value_count(n.graph); v++) /* without passes all is there */
        assert_non_null(hwv_plan_data(plan, (hwv_id)v));
    hwv_plan_destroy(plan);

    plan = plan_make(n.graph, n.weights, n.logits, (hwv_plan_options){.batch = 4});
    assert_null(hwv_plan_data(plan, n.labels)); /* not needed for the logits */
    assert_null(hwv_plan_data(plan, n.loss));
    assert_null(hwv_plan_gradient(plan, n.logits));
    size_t elements;
    assert_null(hwv_plan_parameter_gradients(plan, &elements));
    assert_int_equal(elements, 0);
    hwv_plan_destroy(plan);
    net_free(&n);
}

/* A loss's gradient given from outside scales all others. */
static void test_scaled_loss(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_RELU);
    static outcome plain;
    static double scaled[8192];
    size_t elements;
    plain = run_once(&n, HWV_PASS_ALL, ROWS, ROWS, false);
    hwv_plan *plan = plan_make(n.graph, n.weights, n.loss,
                               (hwv_plan_options){.batch = ROWS, .training = true, .passes = HWV_PASS_ALL});
    inputs_draw(plan, n.x, COLS, n.labels, ROWS, CLASSES, 5);
    *hwv_plan_gradient(plan, n.loss) = 8;
    hwv_plan_forward(plan);
    hwv_plan_backward(plan, false);
    for (size_t i = 0; i < plain.elements; i++)
        scaled[i] = 8 * (double)plain.gradients[i];
    assert_true(compare_maximum("scaled", hwv_plan_parameter_gradients(plan, &elements), scaled, plain.elements, 1e-6));
    hwv_plan_destroy(plan);
    net_free(&n);
}

static void refused(const net *n, hwv_id output, hwv_plan_options options, hwv_status status, const char *message)
{
    hwv_plan *plan = (hwv_plan *)n;
    hwv_error error;
    assert_int_equal(hwv_plan_create(&plan, n->graph, n->weights, output, &options, &error), status);
    assert_null(plan);
    if (strstr(error.text, message) == NULL)
        fail_msg("'%s' does not contain '%s'", error.text, message);
}

static void test_wrong_plans(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_RELU);
    hwv_id nothing = HWV_NO_ID;
    refused(&n, n.loss, (hwv_plan_options){.batch = 0}, HWV_ERR_ARGUMENT, "batch is 0");
    refused(&n, n.loss, (hwv_plan_options){.batch = HWV_BATCH}, HWV_ERR_ARGUMENT, "HWV_BATCH");
    refused(&n, n.x, (hwv_plan_options){.batch = 1}, HWV_ERR_ARGUMENT, "a node computes");
    refused(&n, HWV_NO_ID, (hwv_plan_options){.batch = 1}, HWV_ERR_ARGUMENT, "a node computes");
    refused(&n, hwv_graph_find(n.graph, "flatten"), (hwv_plan_options){.batch = 1, .training = true}, HWV_ERR_ARGUMENT,
            "flatten depends on no parameter");
    refused(&n, n.loss, (hwv_plan_options){.batch = 1, .keep = &nothing, .keep_count = 1}, HWV_ERR_ARGUMENT, "to keep");
    refused(&n, n.loss, (hwv_plan_options){.batch = SIZE_MAX / 64}, HWV_ERR_MEMORY, "memory");
    refused(&n, n.loss, (hwv_plan_options){.batch = SIZE_MAX / 8192}, HWV_ERR_MEMORY, "memory");
    hwv_id late = parameter_add(n.graph, "late", shape_of(2, 70, 70, 0));
    hwv_id y = node_add(n.graph, HWV_NODE_DENSE, "y", (hwv_node_attributes){0}, n.logits, late);
    refused(&n, y, (hwv_plan_options){.batch = 1}, HWV_ERR_ARGUMENT, "late is not in these weights");
    net_free(&n);
    hwv_plan_destroy(NULL);
}

/* The gradient of the output is given before the forward run: no array of that run may lie on it. Both products are dead
 * when the forward run ends. */
static void test_gradient_given_early(void **state)
{
    (void)state;
    float gradients[2][2][36];
    hwv_graph *graph;
    hwv_weights *weights;
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    const hwv_id x = input_add(graph, "x", HWV_ELEMENT_F32, shape_of(2, HWV_BATCH, 6, 0));
    const hwv_id w[] = {parameter_add(graph, "a", shape_of(2, 6, 6, 0)),
                        parameter_add(graph, "b", shape_of(2, 6, 6, 0))};
    const hwv_id a = node_add(graph, HWV_NODE_DENSE, "ax", (hwv_node_attributes){0}, x, w[0]);
    const hwv_id b = node_add(graph, HWV_NODE_DENSE, "bx", (hwv_node_attributes){0}, x, w[1]);
    const hwv_id y = node_add(graph, HWV_NODE_ADD, "y", (hwv_node_attributes){0}, a, b);
    assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
    weights_draw(weights, 5);
    for (size_t p = 0; p < 2; p++) {
        hwv_plan *plan = plan_make(graph, weights, y,
                                   (hwv_plan_options){.batch = 4, .training = true, .passes = p ? HWV_PASS_ALL : 0});
        inputs_draw(plan, x, 6, HWV_NO_ID, 4, 1, 6);
        for (size_t i = 0; i < 24; i++)
            hwv_plan_gradient(plan, y)[i] = (float)i;
        hwv_plan_forward(plan);
        hwv_plan_backward(plan, false);
        for (size_t i = 0; i < 2; i++)
            memcpy(gradients[p][i], hwv_plan_gradient(plan, w[i]), sizeof gradients[p][i]);
        hwv_plan_destroy(plan);
    }
    assert_memory_equal(gradients[0], gradients[1], sizeof gradients[0]);
    hwv_weights_destroy(weights);
    hwv_graph_destroy(graph);
}

/* The same from memory of somebody else, where views are followed; then from the plan's own again. */
static void test_lent_inputs(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_RELU);
    enum { LENT = 3 };
    float lent[1 + LENT * COLS]; /* not aligned but for floats */
    int32_t labels[LENT] = {1, 0, 2};
    for (size_t i = 0; i < LENT * COLS; i++)
        lent[1 + i] = (float)i / 16 - 1;
    for (unsigned passes = 0; passes <= HWV_PASS_ALL; passes++) {
        outcome_of_inputs mine, theirs, again;
        hwv_plan *plan = plan_make(n.graph, n.weights, n.loss,
                                   (hwv_plan_options){.batch = LENT, .training = true, .passes = passes});
        memcpy(hwv_plan_data(plan, n.labels), labels, sizeof labels);
        memcpy(hwv_plan_data(plan, n.x), lent + 1, LENT * COLS * sizeof(float));
        mine = outcome_here(plan, &n);
        float *own = hwv_plan_data(plan, n.x);
        for (size_t i = 0; i < LENT * COLS; i++)
            own[i] = 7;
        assert_int_equal(hwv_plan_lend(plan, n.x, lent + 1, NULL), HWV_OK);
        theirs = outcome_here(plan, &n);
        assert_true(own == hwv_plan_data(plan, n.x));
        memcpy(own, lent + 1, LENT * COLS * sizeof(float));
        memset(lent, 0, sizeof lent);
        assert_int_equal(hwv_plan_lend(plan, n.x, NULL, NULL), HWV_OK);
        again = outcome_here(plan, &n);
        memcpy(lent + 1, own, LENT * COLS * sizeof(float));
        assert_memory_equal(&theirs, &mine, sizeof mine);
        assert_memory_equal(&again, &mine, sizeof mine);
        assert_int_equal(hwv_plan_lend(plan, n.loss, lent, NULL), HWV_ERR_ARGUMENT);
        assert_int_equal(hwv_plan_lend(plan, HWV_NO_ID, lent, NULL), HWV_ERR_ARGUMENT);
        hwv_plan_destroy(plan);
    }
    net_free(&n);
}

/* A power of two that stays in a few MB, and never less than a row. */
static void test_batches_fit(void **state)
{
    (void)state;
    for (size_t width = 16; width <= 8u << 20; width *= 16) {
        hwv_graph *graph;
        hwv_weights *weights;
        size_t batch, again;
        assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
        hwv_id x = input_add(graph, "x", HWV_ELEMENT_F32, shape_of(2, HWV_BATCH, width, 0));
        hwv_id y = act_add(graph, "y", HWV_OP_RELU, x, HWV_NO_ID);
        assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
        hwv_plan_options options = {.passes = HWV_PASS_REUSE};
        assert_int_equal(hwv_plan_batch(&batch, graph, weights, y, &options, NULL), HWV_OK);
        options.batch = 77;
        assert_int_equal(hwv_plan_batch(&again, graph, weights, y, &options, NULL), HWV_OK);
        assert_int_equal(again, batch);
        assert_int_equal(batch & (batch - 1), 0);
        assert_true(batch == 1 || 2 * batch * width * sizeof(float) <= 8u << 20);
        assert_true(batch == 1024 || 4 * batch * width * sizeof(float) >= 4u << 20);
        assert_int_equal(hwv_plan_batch(&batch, graph, weights, x, &options, NULL), HWV_ERR_ARGUMENT);
        hwv_weights_destroy(weights);
        hwv_graph_destroy(graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes_change_no_bit), cmocka_unit_test(test_short_batches),
        cmocka_unit_test(test_rows_are_clamped),     cmocka_unit_test(test_accumulate_adds),
        cmocka_unit_test(test_several_consumers),    cmocka_unit_test(test_first_layer_has_no_input_gradient),
        cmocka_unit_test(test_passes_save_memory),   cmocka_unit_test(test_lent_inputs),
        cmocka_unit_test(test_batches_fit),          cmocka_unit_test(test_what_is_readable),
        cmocka_unit_test(test_scaled_loss),          cmocka_unit_test(test_wrong_plans),
        cmocka_unit_test(test_computed_weights),     cmocka_unit_test(test_gradient_given_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
