/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Observers: what they are shown with and without passes, and that they change nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "compare.h"
#include "support.h"

#define ROWS 6

typedef struct seen {
    const net *n;
    size_t forward, backward, z, dy, mask;
    char order[8][64];
} seen;

static void see_forward(void *self, const hwv_observation *o)
{
    seen *s = self;
    const hwv_node *node = hwv_graph_node_at(s->n->graph, o->node);
    hwv_act act = node->attributes.act;
    assert_true(s->forward < 8);
    assert_int_equal(node->kind, HWV_NODE_ACTIVATION);
    strcpy(s->order[s->forward++], node->name);
    assert_int_equal(o->rows, ROWS);
    assert_int_equal(o->cols, 70);
    assert_non_null(o->y);
    assert_null(o->dy);
    assert_null(o->dz);
    s->z += o->z != NULL;
    s->mask += o->mask != NULL;
    for (size_t i = 0; o->z && act.op == HWV_OP_RELU && i < ROWS * 70; i++)
        assert_true(o->y[i] == (o->z[i] <= 0 ? 0 : o->z[i]));
    for (size_t r = 0; o->mask && r < ROWS; r++)
        for (size_t c = 0; c < 70; c++)
            assert_int_equal(o->mask[r * o->mask_stride + c / 64] >> c % 64 & 1, o->y[r * 70 + c] > 0);
}

static void see_backward(void *self, const hwv_observation *o)
{
    seen *s = self;
    assert_non_null(o->dz);
    s->dy += o->dy != NULL;
    strcpy(s->order[3 + s->backward++], hwv_graph_node_at(s->n->graph, o->node)->name);
    for (size_t i = 0; o->dy && o->mask && i < ROWS * 70; i++) {
        bool passes = o->mask[i / 70 * o->mask_stride + i % 70 / 64] >> i % 70 % 64 & 1;
        assert_true(o->dz[i] == (passes ? o->dy[i] : 0));
    }
}

static seen watch(const net *n, unsigned passes, bool training, float gradients[8192])
{
    seen s = {.n = n};
    hwv_observer observer = {.self = &s, .forward = see_forward, .backward = see_backward};
    hwv_plan *plan = plan_make(n->graph, n->weights, n->loss,
                               (hwv_plan_options){.batch = ROWS, .training = training, .passes = passes});
    size_t elements;
    inputs_draw(plan, n->x, 12, n->labels, ROWS, 70, 2);
    assert_int_equal(hwv_plan_observe(plan, &observer, NULL), HWV_OK);
    hwv_plan_forward(plan);
    if (training) {
        hwv_plan_backward(plan, false);
        const float *all = hwv_plan_parameter_gradients(plan, &elements);
        memcpy(gradients, all, elements * sizeof(float));
        /* and once more without being watched */
        hwv_plan_unobserve(plan, &s);
        hwv_plan_forward(plan);
        hwv_plan_backward(plan, false);
        assert_true(compare_bits("watched", gradients, all, elements));
    }
    hwv_plan_destroy(plan);
    return s;
}

static void test_all_is_shown_without_passes(void **state)
{
    (void)state;
    static float gradients[8192];
    net n = net_make(HWV_OP_RELU);
    seen s = watch(&n, 0, true, gradients);
    const char *const order[] = {"act1", "act2", "act3", "act3", "act2", "act1"};
    assert_int_equal(s.forward, 3);
    assert_int_equal(s.backward, 3);
    assert_int_equal(s.z, 3);
    assert_int_equal(s.dy, 3);
    assert_int_equal(s.mask, 0);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(s.order[i], order[i]);
    s = watch(&n, 0, false, gradients);
    assert_int_equal(s.forward, 3);
    assert_int_equal(s.backward, 0);
    assert_int_equal(s.z, 3);
    net_free(&n);
}

static void test_passes_hide_what_they_remove(void **state)
{
    (void)state;
    static float gradients[8192];
    net n = net_make(HWV_OP_RELU);
    seen s = watch(&n, HWV_PASS_ALL, true, gradients);
    assert_int_equal(s.forward, 3);
    assert_int_equal(s.backward, 3);
    assert_int_equal(s.z, 1); /* prelu's, which its backward reads */
    assert_int_equal(s.mask, 2);
    s = watch(&n, HWV_PASS_MASK, true, gradients);
    assert_int_equal(s.z, 3);
    assert_int_equal(s.mask, 2);
    assert_int_equal(s.dy, 3);
    net_free(&n);
}

static void test_at_most_so_many(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_RELU);
    hwv_plan *plan = plan_make(n.graph, n.weights, n.loss, (hwv_plan_options){.batch = 1});
    hwv_observer observer = {.self = &n};
    for (size_t i = 0; i < HWV_MAX_OBSERVERS; i++)
        assert_int_equal(hwv_plan_observe(plan, &observer, NULL), HWV_OK);
    assert_int_equal(hwv_plan_observe(plan, &observer, NULL), HWV_ERR_ARGUMENT);
    hwv_plan_forward(plan); /* observers without functions */
    hwv_plan_unobserve(plan, &n);
    assert_int_equal(hwv_plan_observe(plan, &observer, NULL), HWV_OK);
    hwv_plan_destroy(plan);
    net_free(&n);
}

/* Nodes that one observer chooses, and another that is shown all of them. */
typedef struct chooser {
    hwv_id only; /* HWV_NO_ID: none */
    size_t seen, asked;
} chooser;

static hwv_id first_of(const net *n, hwv_node_kind kind)
{
    hwv_id node = 0;
    while (hwv_graph_node_at(n->graph, node)->kind != kind)
        node++;
    return node;
}

static bool choose(void *self, hwv_id node)
{
    chooser *c = self;
    c->asked++;
    return node == c->only;
}

static void count_node(void *self, const hwv_observation *o)
{
    chooser *c = self;
    c->seen++;
    if (c->only != HWV_NO_ID)
        assert_int_equal(o->node, c->only);
}

static void test_nodes_are_chosen(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_RELU);
    hwv_plan *plan = plan_make(n.graph, n.weights, n.loss, (hwv_plan_options){.batch = ROWS});
    const size_t nodes = hwv_graph_node_count(n.graph);
    inputs_draw(plan, n.x, 12, n.labels, ROWS, 70, 2);
    chooser all = {.only = HWV_NO_ID}, one = {.only = first_of(&n, HWV_NODE_DENSE)};
    const hwv_observer shown = {.self = &all, .node = count_node},
                       chosen = {.self = &one, .node = count_node, .chooses = choose};
    assert_int_equal(hwv_plan_observe(plan, &shown, NULL), HWV_OK);
    assert_int_equal(hwv_plan_observe(plan, &chosen, NULL), HWV_OK);
    const size_t asked = one.asked;
    hwv_plan_forward(plan);
    hwv_plan_forward(plan);
    assert_int_equal(one.seen, 2);
    assert_int_equal(all.seen, 2 * asked); /* those that are shown */
    assert_true(asked > 2 && asked < nodes);
    assert_int_equal(one.asked, asked);
    hwv_plan_unobserve(plan, &all);
    hwv_plan_forward(plan);
    assert_int_equal(one.seen, 3);
    assert_int_equal(all.seen, 2 * asked);
    hwv_plan_destroy(plan);
    net_free(&n);
}

/* The input of a dense node in pieces. */
typedef struct pieces {
    chooser chosen;
    float x[ROWS][12];
    size_t elements, whole;
} pieces;

static bool choose_one(void *self, hwv_id node)
{
    return choose(&((pieces *)self)->chosen, node);
}

static void see_piece(void *self, const hwv_observed_piece *o)
{
    pieces *p = self;
    assert_int_equal(o->node, p->chosen.only);
    assert_int_equal(o->all_rows, ROWS);
    assert_int_equal(o->x_stride, 12);
    for (size_t r = 0; r < o->rows; r++)
        memcpy(&p->x[o->first + r][o->column], o->x + r * o->x_stride, o->columns * sizeof(float));
    p->elements += o->rows * o->columns;
}

static void see_whole(void *self, const hwv_observation *o)
{
    pieces *p = self;
    count_node(&p->chosen, o);
    assert_true(p->elements == 0 || p->elements == ROWS * 12);
    p->whole += p->elements > 0 && memcmp(p->x, o->z, sizeof p->x) == 0;
    p->elements = 0;
}

static size_t pieces_seen(const net *n, bool training, const hwv_executor *executor)
{
    const hwv_id dense = first_of(n, HWV_NODE_DENSE);
    pieces p = {.chosen.only = dense}, late = {.chosen.only = dense};
    const hwv_observer observers[] = {
        {.self = &p, .node = see_whole, .chooses = choose_one, .piece = see_piece},
        {.self = &late, .node = see_whole, .chooses = choose_one, .piece = see_piece},
    };
    hwv_plan *plan = plan_make(n->graph, n->weights, n->loss,
                               (hwv_plan_options){.batch = ROWS, .training = training, .executor = executor});
    inputs_draw(plan, n->x, 12, n->labels, ROWS, 70, 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(hwv_plan_observe(plan, &observers[i], NULL), HWV_OK);
    hwv_plan_forward(plan);
    assert_int_equal(p.chosen.seen, 1);
    assert_int_equal(late.chosen.seen, 1);
    assert_int_equal(late.whole, 0);
    const size_t whole = p.whole;
    hwv_plan_unobserve(plan, &p); /* then it is the other one's turn */
    hwv_plan_forward(plan);
    assert_int_equal(p.chosen.seen, 1);
    assert_int_equal(late.whole, whole);
    hwv_plan_destroy(plan);
    return whole;
}

static void test_inputs_in_pieces(void **state)
{
    (void)state;
    hwv_pool *pool = NULL;
    net n = net_make(HWV_OP_RELU);
    assert_int_equal(hwv_pool_create(&pool, 2, NULL), HWV_OK);
    assert_int_equal(pieces_seen(&n, false, NULL), 1);
    assert_int_equal(pieces_seen(&n, true, NULL), 0);
    assert_int_equal(pieces_seen(&n, false, hwv_pool_executor(pool)), 0);
    hwv_pool_destroy(pool);
    net_free(&n);
}

/* Activations in the plan's place: all rows in order, or none of some of them. */
typedef struct acting {
    const net *n;
    hwv_id refused;
    size_t next[64], rows, seen;
} acting;

static bool act_rows(void *self, hwv_id node, size_t first, size_t rows, const float *from, float *to)
{
    acting *a = self;
    const hwv_node *of = hwv_graph_node_at(a->n->graph, node);
    assert_int_equal(of->kind, HWV_NODE_ACTIVATION);
    assert_int_equal(of->input_count, 1);
    assert_true(node < 64 && from != to);
    assert_int_equal(first, a->next[node]);
    a->next[node] += rows;
    if (node == a->refused) {
        memset(to, 0x55, rows * 70 * sizeof *to);
        return false;
    }
    hwv_act_forward(&of->attributes.act, HWV_F32, 1, rows * 70, to, rows * 70, from, rows * 70);
    a->rows += rows;
    return true;
}

static void see_acted(void *self, const hwv_observation *o)
{
    acting *a = self;
    assert_non_null(o->z);
    assert_true(a->next[o->node] == 0 || a->next[o->node] == ROWS);
    a->next[o->node] = 0;
    a->seen++;
}

/* Rows that the observer computed of one run. */
static size_t acted(const net *n, unsigned passes, const hwv_executor *executor, bool refuse)
{
    acting a = {.n = n, .refused = refuse ? first_of(n, HWV_NODE_ACTIVATION) : HWV_NO_ID};
    const hwv_observer observer = {.self = &a, .forward = see_acted, .activate = act_rows};
    hwv_plan *plan = plan_make(n->graph, n->weights, n->loss,
                               (hwv_plan_options){.batch = ROWS, .passes = passes, .executor = executor});
    inputs_draw(plan, n->x, 12, n->labels, ROWS, 70, 2);
    hwv_plan_forward(plan);
    const float unwatched = *(const float *)hwv_plan_data(plan, n->loss);
    assert_int_equal(hwv_plan_observe(plan, &observer, NULL), HWV_OK);
    hwv_plan_forward(plan);
    assert_true(*(const float *)hwv_plan_data(plan, n->loss) == unwatched);
    assert_int_equal(a.seen, 3);
    const size_t rows = a.rows;
    hwv_plan_unobserve(plan, &a);
    hwv_plan_forward(plan);
    assert_int_equal(a.rows, rows);
    hwv_plan_destroy(plan);
    return rows;
}

static void test_activations_by_an_observer(void **state)
{
    (void)state;
    hwv_pool *pool = NULL;
    net n = net_make(HWV_OP_HARDSWISH); /* and two others, of which a prelu is never asked for */
    assert_int_equal(hwv_pool_create(&pool, 2, NULL), HWV_OK);
    const size_t all = acted(&n, 0, NULL, false);
    assert_int_equal(all, 2 * ROWS);
    assert_int_equal(acted(&n, HWV_PASS_SWEEP, NULL, false), all);
    assert_int_equal(acted(&n, 0, NULL, true), all - ROWS);
    assert_int_equal(acted(&n, 0, hwv_pool_executor(pool), false), 0);
    hwv_pool_destroy(pool);
    net_free(&n);
}

/* What is seen of an activation that a convolution computes: [ROWS, 3, 2, 70] out of [ROWS, 5, 4, 2]. */
static void see_finished(void *self, const hwv_observation *o)
{
    const hwv_node *node = hwv_graph_node_at(((const seen *)self)->n->graph, o->node);
    assert_string_equal(node->name, "act1");
    assert_int_equal(o->rows, ROWS * 3 * 2);
    assert_int_equal(o->cols, 70);
    assert_null(o->z);
    assert_non_null(o->y);
    assert_non_null(o->mask);
    for (size_t i = 0; i < o->rows * o->cols; i++)
        assert_int_equal(o->mask[i / 70 * o->mask_stride + i % 70 / 64] >> i % 70 % 64 & 1, o->y[i] > 0);
    ((seen *)self)->forward++;
}

static void test_finished_activations_are_shown(void **state)
{
    (void)state;
    net n = {0};
    seen s = {.n = &n};
    hwv_observer observer = {.self = &s, .forward = see_finished};
    hwv_shape x = {.rank = 4, .dim = {HWV_BATCH, 5, 4, 2}}, weight = {.rank = 4, .dim = {70, 2, 3, 3}};
    hwv_node_attributes conv = {.window = {{3, 3}, {2, 2}, {1, 1}, {1, 1}}, .groups = 1};
    assert_int_equal(hwv_graph_create(&n.graph, NULL), HWV_OK);
    n.x = input_add(n.graph, "x", HWV_ELEMENT_F32, x);
    hwv_id z = node_add(n.graph, HWV_NODE_CONV2D, "product", conv, n.x, parameter_add(n.graph, "weight", weight));
    z = node_add(n.graph, HWV_NODE_BIAS, "conv", (hwv_node_attributes){0}, z,
                 parameter_add(n.graph, "bias", shape_of(1, 70, 0, 0)));
    n.loss = act_add(n.graph, "act1", HWV_OP_RELU, z, HWV_NO_ID);
    assert_int_equal(hwv_weights_create(&n.weights, n.graph, NULL), HWV_OK);
    weights_draw(n.weights, 3);
    hwv_plan *plan = plan_make(n.graph, n.weights, n.loss,
                               (hwv_plan_options){.batch = ROWS, .training = true, .passes = HWV_PASS_ALL});
    inputs_draw(plan, n.x, 40, HWV_NO_ID, ROWS, 1, 4);
    assert_int_equal(hwv_plan_observe(plan, &observer, NULL), HWV_OK);
    hwv_plan_forward(plan);
    assert_int_equal(s.forward, 1);
    hwv_plan_destroy(plan);
    net_free(&n);
}

/* Of rows [value | gate] the units are the columns of y, and z is the gate. */
static void see_gated(void *self, const hwv_observation *o)
{
    assert_int_equal(o->rows, ROWS);
    assert_int_equal(o->cols, 70);
    assert_int_equal(o->z_stride, 140);
    for (size_t r = 0; !o->dz && r < ROWS; r++)
        for (size_t c = 0; c < 70; c++) {
            const float *const gate = o->z + r * 140 + c;
            const float value = gate[-70];
            assert_true(o->y[r * 70 + c] == value * (*gate > 0 ? *gate : 0));
        }
    for (size_t r = 0; o->dz && r < ROWS; r++)
        for (size_t c = 0; c < 70; c++)
            assert_true((o->z[r * 140 + c] <= 0) == (o->dz[r * 140 + c] == 0));
    ((seen *)self)->forward++;
}

static void test_gates_are_shown(void **state)
{
    (void)state;
    net n = {0};
    seen s = {.n = &n};
    const hwv_observer observer = {.self = &s, .forward = see_gated, .backward = see_gated};
    assert_int_equal(hwv_graph_create(&n.graph, NULL), HWV_OK);
    n.x = input_add(n.graph, "x", HWV_ELEMENT_F32, shape_of(2, HWV_BATCH, 12, 0));
    hwv_id z = node_add(n.graph, HWV_NODE_DENSE, "fc", (hwv_node_attributes){0}, n.x,
                        parameter_add(n.graph, "weight", shape_of(2, 140, 12, 0)));
    n.loss = node_add(n.graph, HWV_NODE_GATE, "act", (hwv_node_attributes){.gate = HWV_GATE_REGLU}, z, HWV_NO_ID);
    assert_int_equal(hwv_weights_create(&n.weights, n.graph, NULL), HWV_OK);
    weights_draw(n.weights, 3);
    for (size_t all = 0; all < 2; all++) {
        hwv_plan *plan =
            plan_make(n.graph, n.weights, n.loss,
                      (hwv_plan_options){.batch = ROWS, .training = true, .passes = all ? HWV_PASS_ALL : 0});
        inputs_draw(plan, n.x, 12, HWV_NO_ID, ROWS, 1, 4);
        assert_int_equal(hwv_plan_observe(plan, &observer, NULL), HWV_OK);
        hwv_plan_forward(plan);
        for (size_t i = 0; i < ROWS * (size_t)70; i++)
            hwv_plan_gradient(plan, n.loss)[i] = 1;
        hwv_plan_backward(plan, false);
        hwv_plan_destroy(plan);
    }
    assert_int_equal(s.forward, 4);
    net_free(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_is_shown_without_passes),
        cmocka_unit_test(test_passes_hide_what_they_remove),
        cmocka_unit_test(test_nodes_are_chosen),
        cmocka_unit_test(test_inputs_in_pieces),
        cmocka_unit_test(test_activations_by_an_observer),
        cmocka_unit_test(test_at_most_so_many),
        cmocka_unit_test(test_finished_activations_are_shown),
        cmocka_unit_test(test_gates_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
