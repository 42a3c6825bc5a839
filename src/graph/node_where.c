/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * where: y = condition ? a : b, all three broadcast against each other; a and b floats or integers. The gradient goes
 * where the number came from. */
#include "graph/broadcast.h"
#include "graph/structure.h"

enum { CONDITION, A, B, Y };

hwv_status hwv_node_where_infer(hwv_shaping *shaping)
{
    const hwv_shape *shapes[] = {&shaping->input[CONDITION]->shape, &shaping->input[A]->shape,
                                 &shaping->input[B]->shape};
    if (shaping->input[CONDITION]->element != HWV_ELEMENT_I32 ||
        shaping->input[A]->element != shaping->input[B]->element || !hwv_broadcast(shapes, 3, &shaping->output[0]))
        return hwv_shaping_fail(shaping, "a condition of integers and two of a type, " HWV_BROADCAST_ACCEPTS);
    shaping->element[0] = shaping->input[A]->element;
    return HWV_OK;
}

hwv_status hwv_node_where_plan(hwv_demand *demand)
{
    const hwv_shape *y = &hwv_graph_value(demand->graph, demand->node->output[0])->shape;
    unsigned whole = 0;
    for (size_t i = A; i <= B; i++)
        if (hwv_shape_equal(&hwv_graph_value(demand->graph, demand->node->input[i])->shape, y))
            whole |= HWV_BIT(i);
    demand->overwrites = whole;
    demand->backward_inputs = HWV_BIT(CONDITION);
    if (demand->wanted == HWV_BIT(A) || demand->wanted == HWV_BIT(B))
        demand->gradient_overwrites = whole;
    return HWV_OK;
}

typedef struct job {
    const hwv_record *record;
    hwv_loops loops;
    bool of_a; /* backward: whose gradient */
} job;

static job job_make(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape c = hwv_record_input_shape(record, run, CONDITION), a = hwv_record_input_shape(record, run, A);
    const hwv_shape b = hwv_record_input_shape(record, run, B), y = hwv_record_output_shape(record, run, 0);
    return (job){.record = record, .loops = hwv_loops_make(&y, (const hwv_shape *const[]){&c, &a, &b, &y}, 4)};
}

#define FORWARD(label, type)                                                                                           \
    static void label(const void *context, size_t n, const size_t *at)                                                 \
    {                                                                                                                  \
        const job *j = context;                                                                                        \
        const int32_t *c = (const int32_t *)j->record->input[CONDITION] + at[CONDITION];                               \
        const type *a = (const type *)j->record->input[A] + at[A], *b = (const type *)j->record->input[B] + at[B];     \
        type *y = (type *)j->record->output[0] + at[Y];                                                                \
        const size_t c_step = hwv_loops_inner(&j->loops, CONDITION), a_step = hwv_loops_inner(&j->loops, A);           \
        const size_t b_step = hwv_loops_inner(&j->loops, B);                                                           \
        for (size_t i = 0; i < n; i++)                                                                                 \
            y[i] = c[i * c_step] ? a[i * a_step] : b[i * b_step];                                                      \
    }
FORWARD(floats_forward, float)
FORWARD(integers_forward, int32_t)

void hwv_node_where_forward(const hwv_record *record, const hwv_run *run)
{
    job j = job_make(record, run);
    bool integers = hwv_graph_value(record->graph, record->node->output[0])->element == HWV_ELEMENT_I32;
    hwv_loops_run(&j.loops, run->executor, integers ? integers_forward : floats_forward, &j);
}

static void terms(const void *context, size_t n, const size_t *at, float *to)
{
    const job *j = context;
    const int32_t *c = (const int32_t *)j->record->input[CONDITION] + at[CONDITION];
    const float *dy = j->record->output_gradient[0] + at[Y];
    const size_t step = hwv_loops_inner(&j->loops, CONDITION);
    for (size_t i = 0; i < n; i++)
        to[i] = (c[i * step] != 0) == j->of_a ? dy[i] : 0;
}

void hwv_node_where_backward(const hwv_record *record, const hwv_run *run)
{
    job j = job_make(record, run);
    for (size_t i = A; i <= B; i++) {
        j.of_a = i == A;
        if (record->input_gradient[i])
            hwv_terms_sum(&j.loops, i, run->executor, terms, &j, record->input_gradient[i]);
    }
}

void hwv_node_where_reference(const hwv_reference *reference)
{
    size_t elements;
    const hwv_shape space = hwv_reference_space(reference, &elements);
    for (size_t i = 0; i < elements; i++) {
        bool first = hwv_reference_at(reference, &space, i, CONDITION) != 0;
        reference->output[0][i] = hwv_reference_at(reference, &space, i, first ? A : B);
    }
}

hwv_status hwv_node_where_example(hwv_example *example)
{
    static const hwv_shape shapes[][3] = {
        {{2, {3, 4}}, {2, {3, 4}}, {2, {3, 4}}},
        {{2, {3, 4}}, {1, {4}}, {2, {3, 1}}},
        {{2, {3, 1}}, {2, {3, 4}}, {1, {1}}},
        {{1, {2}}, {3, {2, 3, 1}}, {3, {1, 3, 2}}},
    };
    const hwv_shape *shape = shapes[example->variant];
    hwv_id in[3];
    example->variants = sizeof shapes / sizeof shapes[0];
    example->sums = 12;
    example->integers = 2;
    HWV_TRY(hwv_graph_input(example->graph, "condition", HWV_ELEMENT_I32, &shape[CONDITION], &in[CONDITION],
                            example->error));
    HWV_TRY(hwv_example_parameter_shaped(example, "a", &shape[A], &in[A]));
    HWV_TRY(hwv_example_parameter_shaped(example, "b", &shape[B], &in[B]));
    return hwv_example_node_of(example, HWV_NODE_WHERE, "y", NULL, in, 3);
}
