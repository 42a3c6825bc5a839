/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A few training steps with a clock at each step of the plan. */
#include "halfwave/explain.h"

#include <string.h>

#include "halfwave/clock.h"
#include "halfwave/memory.h"
#include "linalg/speed.h"
#include "train/trainer.h"

/* Training steps: at least and at most, and until so many seconds have gone by. One more comes first. */
#define LEAST   3
#define MOST    25
#define SECONDS 1.0

/* seconds[run][step of the plan], and of the whole */
typedef struct times {
    double *of_plan, whole[MOST];
    size_t runs;
} times;

static hwv_status runs_take(hwv_trainer *t, size_t steps, times *seconds, hwv_error *error)
{
    double loss, since = 0;
    HWV_TRY(hwv_trainer_step(t, &loss, error));
    while (seconds->runs < LEAST || (seconds->runs < MOST && since < SECONDS)) {
        hwv_plan_time(t->plan, seconds->of_plan + seconds->runs * steps);
        const double start = hwv_clock_seconds();
        const hwv_status status = hwv_trainer_step(t, &loss, error);
        const double taken = hwv_clock_seconds() - start;
        hwv_plan_time(t->plan, NULL);
        if (status != HWV_OK)
            return status;
        seconds->whole[seconds->runs++] = taken;
        since += taken;
    }
    return HWV_OK;
}

static hwv_shape filled(const hwv_graph *graph, hwv_id value, size_t batch)
{
    hwv_shape shape = hwv_graph_value(graph, value)->shape;
    for (size_t d = 0; d < shape.rank; d++)
        if (shape.dim[d] == HWV_BATCH)
            shape.dim[d] = batch;
    return shape;
}

static void step_explain(const hwv_trainer *t, const hwv_explanation *e, const times *seconds, size_t i)
{
    hwv_explained_step *step = &e->steps[i];
    const hwv_graph *graph = t->model->graph;
    double of_runs[MOST];
    step->plan = hwv_plan_step_at(t->plan, i);
    const hwv_node *node = hwv_graph_node_at(graph, step->plan.node);
    step->name = node->name;
    step->kind = hwv_node_kind_name(node->kind);
    step->input = filled(graph, node->input[0], e->batch);
    step->output = filled(graph, node->output[0], e->batch);
    const double products = step->plan.flops / e->flops_rate, bytes = (double)step->plan.bytes / e->bytes_rate;
    step->predicted = products > bytes ? products : bytes;
    for (size_t r = 0; r < seconds->runs; r++)
        of_runs[r] = seconds->of_plan[r * e->step_count + i];
    step->measured = hwv_median(of_runs, seconds->runs);
}

static hwv_status explain(hwv_trainer *t, hwv_explanation *e, times *seconds, hwv_error *error)
{
    hwv_speed speed;
    HWV_TRY(hwv_speed_measure(t->options.executor, &speed, error));
    e->flops_rate = speed.flops;
    e->bytes_rate = speed.bytes;
    e->batch = t->options.batch;
    e->threads = hwv_executor_workers(t->options.executor);
    e->memory = hwv_plan_memory_use(t->plan);
    e->optimizer = t->moments.size;
    const hwv_plan_memory evaluation = hwv_plan_memory_use(t->evaluator.plan);
    e->evaluation = evaluation.activations + evaluation.masks + evaluation.workspace;
    e->step_count = hwv_plan_step_count(t->plan);
    e->steps = hwv_calloc(e->step_count, sizeof *e->steps);
    seconds->of_plan = hwv_calloc(e->step_count, MOST * sizeof *seconds->of_plan);
    if (!e->steps || !seconds->of_plan)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to explain %zu steps", e->step_count);
    HWV_TRY(runs_take(t, e->step_count, seconds, error));
    for (size_t i = 0; i < e->step_count; i++) {
        step_explain(t, e, seconds, i);
        e->forward_count += !e->steps[i].plan.backward;
    }
    e->runs = seconds->runs;
    e->step = hwv_median(seconds->whole, seconds->runs);
    return HWV_OK;
}

hwv_status hwv_trainer_explain(hwv_trainer *t, hwv_explanation *explanation, hwv_error *error)
{
    times seconds = {.runs = 0};
    memset(explanation, 0, sizeof *explanation);
    const size_t batches = t->batches;
    t->batches = 1; /* a step of one batch: the others are as it is */
    const hwv_status status = explain(t, explanation, &seconds, error);
    t->batches = batches;
    hwv_free(seconds.of_plan);
    if (status != HWV_OK)
        hwv_explanation_free(explanation);
    return status;
}

void hwv_explanation_free(hwv_explanation *explanation)
{
    hwv_free(explanation->steps);
    memset(explanation, 0, sizeof *explanation);
}
