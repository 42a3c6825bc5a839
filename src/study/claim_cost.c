/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What an activation costs beside copying the same bytes. */
#include <math.h>
#include <string.h>

#include "halfwave/act.h"
#include "halfwave/clock.h"
#include "halfwave/memory.h"
#include "halfwave/random.h"
#include "study/claims.h"

#define ELEMENTS ((size_t)128 * 1024)
/* Many short rounds: a round that another process interrupts is an outlier, not the median. */
#define ROUNDS      41
#define ROUNDS_TEXT "41"

enum { OPERATORS = 5, LIBM = 2, GROUPS = OPERATORS + LIBM, CANDIDATES = 2 * HWV_COPY_METHODS + 2 * OPERATORS + LIBM };

static const hwv_op operators[OPERATORS] = {HWV_OP_RELU, HWV_OP_LEAKY_RELU, HWV_OP_PRELU, HWV_OP_SIGMOID, HWV_OP_TANH};

typedef struct arrays {
    float *x, *y, *dx, *dy, *slope, *dslope;
    volatile size_t n; /* volatile: the compiler must not know it */
} arrays;

typedef struct work {
    const arrays *on;
    hwv_act act;
    int method;
} work;

static void copy_one(void *context, size_t repeats)
{
    const work *w = context;
    for (size_t i = 0; i < repeats; i++)
        hwv_copy_f32(w->method, w->on->y, w->on->x, NULL, w->on->n);
}

static void copy_two(void *context, size_t repeats)
{
    const work *w = context;
    for (size_t i = 0; i < repeats; i++)
        hwv_copy_f32(w->method, w->on->dx, w->on->dy, w->on->x, w->on->n);
}

static void forward(void *context, size_t repeats)
{
    const work *w = context;
    const arrays *a = w->on;
    for (size_t i = 0; i < repeats; i++) {
        if (w->act.op == HWV_OP_PRELU)
            hwv_prelu_forward(HWV_F32, 1, a->n, a->y, a->n, a->x, a->n, a->slope, HWV_SLOPE_SHARED, 1, NULL, 0);
        else
            hwv_act_forward(&w->act, HWV_F32, 1, a->n, a->y, a->n, a->x, a->n);
    }
}

/* From y where the operator allows it, as a trainer would; else from x. */
static void backward(void *context, size_t repeats)
{
    const work *w = context;
    const arrays *a = w->on;
    bool from_y = (hwv_act_claims(&w->act) & HWV_GRADIENT_FROM_Y) != 0;
    for (size_t i = 0; i < repeats; i++) {
        if (w->act.op == HWV_OP_PRELU)
            hwv_prelu_backward(HWV_F32, 1, a->n, a->dx, a->n, a->dy, a->n, a->x, a->n, a->slope, HWV_SLOPE_SHARED, 1,
                               a->dslope);
        else if (from_y)
            hwv_act_backward_y(&w->act, HWV_F32, 1, a->n, a->dx, a->n, a->dy, a->n, a->y, a->n);
        else
            hwv_act_backward(&w->act, HWV_F32, 1, a->n, a->dx, a->n, a->dy, a->n, a->x, a->n);
    }
}

static void libm_sigmoid(void *context, size_t repeats)
{
    const arrays *a = ((const work *)context)->on;
    for (size_t r = 0; r < repeats; r++)
        for (size_t i = 0; i < a->n; i++)
            a->y[i] = 1.0f / (1.0f + expf(-a->x[i]));
}

static void libm_tanh(void *context, size_t repeats)
{
    const arrays *a = ((const work *)context)->on;
    for (size_t r = 0; r < repeats; r++)
        for (size_t i = 0; i < a->n; i++)
            a->y[i] = tanhf(a->x[i]);
}

/* Nanoseconds per element; NaN where there is no such candidate. */
typedef struct costs {
    double copy_forward, copy_backward;
    double forward[GROUPS], backward[GROUPS];
} costs;

static hwv_status measure(const arrays *on, costs *cost, hwv_error *error)
{
    work works[CANDIDATES];
    hwv_candidate candidates[CANDIDATES];
    memset(works, 0, sizeof works);
    memset(candidates, 0, sizeof candidates);
    size_t count = 0;
    for (size_t i = 0; i < CANDIDATES; i++) {
        works[i].on = on;
        candidates[i].context = &works[i];
        candidates[i].name = "";
    }
    for (int method = 0; method < HWV_COPY_METHODS; method++) {
        works[count].method = method;
        candidates[count++].run = copy_one;
    }
    for (int method = 0; method < HWV_COPY_METHODS; method++) {
        works[count].method = method;
        candidates[count++].run = copy_two;
    }
    for (size_t i = 0; i < OPERATORS; i++) {
        works[count].act = hwv_act_make(operators[i]);
        candidates[count++].run = forward;
        works[count].act = hwv_act_make(operators[i]);
        candidates[count++].run = backward;
    }
    candidates[count++].run = libm_sigmoid;
    candidates[count++].run = libm_tanh;
    HWV_TRY(hwv_rounds(candidates, count, ROUNDS, 0.001, error));

    double ns = 1e9 / (double)on->n;
    cost->copy_forward = cost->copy_backward = INFINITY;
    for (size_t i = 0; i < HWV_COPY_METHODS; i++) {
        cost->copy_forward = fmin(cost->copy_forward, ns * candidates[i].seconds);
        cost->copy_backward = fmin(cost->copy_backward, ns * candidates[HWV_COPY_METHODS + i].seconds);
    }
    for (size_t i = 0; i < OPERATORS; i++) {
        cost->forward[i] = ns * candidates[2 * HWV_COPY_METHODS + 2 * i].seconds;
        cost->backward[i] = ns * candidates[2 * HWV_COPY_METHODS + 2 * i + 1].seconds;
    }
    for (size_t i = 0; i < LIBM; i++) {
        cost->forward[OPERATORS + i] = ns * candidates[count - LIBM + i].seconds;
        cost->backward[OPERATORS + i] = NAN;
    }
    return HWV_OK;
}

static void show(hwv_finding *finding, const costs *cost)
{
    const char *groups[GROUPS];
    double values[2 * GROUPS], marks[2 * GROUPS];
    static const char *const series[2] = {"forward", "backward"};
    for (size_t i = 0; i < GROUPS; i++) {
        groups[i] = i < OPERATORS ? hwv_op_row(operators[i])->name : i == OPERATORS ? "sigmoid, libm" : "tanh, libm";
        values[2 * i] = cost->forward[i];
        values[2 * i + 1] = cost->backward[i];
        marks[2 * i] = cost->copy_forward;
        marks[2 * i + 1] = i < OPERATORS ? cost->copy_backward : NAN;
        if (i < OPERATORS) {
            hwv_finding_figure(finding, cost->forward[i], "%s_forward_ns", groups[i]);
            hwv_finding_figure(finding, cost->backward[i], "%s_backward_ns", groups[i]);
        }
    }
    hwv_finding_figure(finding, cost->copy_forward, "copy_1r1w_ns");
    hwv_finding_figure(finding, cost->copy_backward, "copy_2r1w_ns");
    hwv_finding_figure(finding, cost->forward[OPERATORS], "libm_sigmoid_ns");
    hwv_finding_figure(finding, cost->forward[OPERATORS + 1], "libm_tanh_ns");
    hwv_bars bars = {
        .caption = {.title = "Cost of an activation",
                    .subtitle =
                        "f32, arrays of 512 KiB, one thread, median of " ROUNDS_TEXT " short interleaved rounds"},
        .axis = {.title = "ns per element", .log = true},
        .groups = groups,
        .group_count = GROUPS,
        .series = series,
        .series_count = 2,
        .values = values,
        .marks = marks,
        .mark_label = "copying the same bytes",
    };
    hwv_finding_bars(finding, "cost", &bars);
}

static void judge(hwv_finding *finding, const costs *c)
{
    double share = c->copy_forward / c->forward[0], share_back = c->copy_backward / c->backward[0];
    double sigmoid = c->forward[3] / c->forward[0], tanh_ratio = c->forward[4] / c->forward[0];
    double sigmoid_back = c->backward[3] / c->backward[0], tanh_back = c->backward[4] / c->backward[0];
    double libm = c->forward[OPERATORS + 1] / c->forward[4];
    bool cheap = share > 0.8 && share_back > 0.8;
    bool cheaper = sigmoid > 1.1 && tanh_ratio > 1.1;
    hwv_finding_figure(finding, share, "relu_forward_share_of_copy_speed");
    hwv_finding_figure(finding, share_back, "relu_backward_share_of_copy_speed");
    hwv_finding_verdict(
        finding,
        cheap && cheaper   ? HWV_CLAIM_HOLDS
        : cheap || cheaper ? HWV_CLAIM_PARTLY
                           : HWV_CLAIM_CONTRADICTED,
        "ReLU runs at %.0f %% (forward) and %.0f %% (backward) of the speed of a copy. Forward, sigmoid takes "
        "%.1f times and tanh %.1f times as long as ReLU; backward, from the saved output, %.1f and %.1f times.",
        100 * share, 100 * share_back, sigmoid, tanh_ratio, sigmoid_back, tanh_back);
    hwv_finding_say(
        finding,
        "Most of the folklore's gap is not in the mathematics: libm's scalar tanh takes %.0f times as long as "
        "the vectorised one here, which is itself %.1f times ReLU. The backward passes cost %s.",
        libm, tanh_ratio,
        fmax(sigmoid_back, tanh_back) < 1.3 ? "about the same for all: memory decides, not arithmetic"
                                            : "more for sigmoid and tanh too");
}

hwv_status hwv_claim_cost(const hwv_study *study, hwv_finding *finding, hwv_error *error)
{
    hwv_arena arena = {0};
    HWV_TRY(hwv_arena_init(&arena, 4 * hwv_size_align(ELEMENTS * sizeof(float)) + 2 * HWV_ALIGNMENT, error));
    arrays on = {.n = ELEMENTS};
    on.x = hwv_arena_take(&arena, ELEMENTS * sizeof(float));
    on.y = hwv_arena_take(&arena, ELEMENTS * sizeof(float));
    on.dx = hwv_arena_take(&arena, ELEMENTS * sizeof(float));
    on.dy = hwv_arena_take(&arena, ELEMENTS * sizeof(float));
    on.slope = hwv_arena_take(&arena, sizeof(float));
    on.dslope = hwv_arena_take(&arena, sizeof(float));
    on.slope[0] = 0.25f;
    for (size_t i = 0; i < ELEMENTS; i++) {
        on.x[i] = (float)hwv_random_normal(study->seed, HWV_STREAM_TEST, 0, i);
        on.dy[i] = (float)hwv_random_normal(study->seed, HWV_STREAM_TEST, 1, i);
    }
    costs cost = {0};
    hwv_status status = measure(&on, &cost, error);
    if (status == HWV_OK) {
        show(finding, &cost);
        judge(finding, &cost);
    }
    hwv_arena_free(&arena);
    return status;
}
