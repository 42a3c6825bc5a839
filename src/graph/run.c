/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Running a plan: one walk over its records, and what observers are shown. */
#include "graph/plan.h"
#include "linalg/vector.h"

#include <assert.h>

#include "halfwave/clock.h"

/* Of [value | gate] units are the columns of y, and z is the gate. */
static void observation_of_gate(hwv_observation *seen)
{
    seen->cols /= 2;
    seen->z = seen->z ? seen->z + seen->cols : NULL;
    seen->dz = seen->dz ? seen->dz + seen->cols : NULL;
}

/* What an activation's record has at hand: arrays that a pass removed, or that the record overwrote, are NULL. Member by
 * member, since a copy of the whole would wait until all that the step before stored has arrived. */
static void observation_make(hwv_observation *seen, const hwv_plan *plan, const hwv_record *record, bool backward)
{
    const hwv_node *node = hwv_record_activation(record);
    seen->node = (hwv_id)(node - plan->graph->nodes);
    seen->rows = record->act_fixed_rows + record->act_batch_rows * plan->run.rows;
    seen->cols = seen->z_stride = record->act_cols;
    seen->z = record->act_output ? record->output[0] : NULL;
    seen->y = record->act_output ? record->act_output : record->output[0];
    seen->mask = record->mask;
    seen->mask_stride = record->mask_stride;
    seen->dz = seen->dy = NULL;
    if (record->act == NULL && record->bias == NULL && record->input[0] != record->output[0])
        seen->z = record->input[0];
    if (backward) {
        seen->dz = record->input_gradient[0];
        if (record->output_gradient[0] != record->input_gradient[0])
            seen->dy = record->output_gradient[0];
    }
    if (record->gated)
        observation_of_gate(seen);
}

static void observe(const hwv_plan *plan, const hwv_record *record, bool backward)
{
    hwv_observation seen;
    observation_make(&seen, plan, record, backward);
    for (size_t i = 0; i < plan->observer_count; i++) {
        const hwv_observer *observer = &plan->observers[i];
        if (backward && observer->backward)
            observer->backward(observer->self, &seen);
        if (!backward && observer->forward)
            observer->forward(observer->self, &seen);
    }
}

static void observe_node(const hwv_plan *plan, const hwv_record *record)
{
    hwv_observation seen = {.node = (hwv_id)(record->node - plan->graph->nodes),
                            .rows = hwv_record_rows(record, &plan->run),
                            .cols = record->cols,
                            .z_stride = record->cols,
                            .z = record->input[0] != record->output[0] && !record->before ? record->input[0] : NULL,
                            .y = record->output[0]};
    for (size_t i = 0; i < plan->observer_count; i++)
        if (record->shown >> i & 1)
            plan->observers[i].node(plan->observers[i].self, &seen);
}

static void records_run(const hwv_plan *plan, const hwv_record *records, size_t count, bool backward)
{
    bool watched = plan->observer_count > 0;
    double *seconds = plan->seconds ? plan->seconds + (records - plan->records) : NULL;
    for (size_t i = 0; i < count; i++) {
        if (seconds)
            seconds[i] -= hwv_clock_seconds();
        records[i].function(&records[i], &plan->run);
        if (seconds)
            seconds[i] += hwv_clock_seconds();
        if (records[i].shown)
            observe_node(plan, &records[i]);
        if (watched && records[i].observed)
            observe(plan, &records[i], backward);
    }
}

static hwv_shape filled(const hwv_record *record, const hwv_run *run, hwv_id value)
{
    hwv_shape shape = record->graph->values[value].shape;
    if (hwv_shape_batched(&shape))
        shape.dim[0] = run->rows;
    return shape;
}

hwv_shape hwv_record_input_shape(const hwv_record *record, const hwv_run *run, size_t i)
{
    return filled(record, run, record->node->input[i]);
}

hwv_shape hwv_record_output_shape(const hwv_record *record, const hwv_run *run, size_t o)
{
    return filled(record, run, record->node->output[o]);
}

void hwv_plan_forward(hwv_plan *plan)
{
    records_run(plan, plan->records, plan->forward_count, false);
}

void hwv_plan_backward(hwv_plan *plan, bool accumulate)
{
    assert(plan->run.training);
    plan->run.accumulate = accumulate;
    records_run(plan, plan->records + plan->forward_count, plan->backward_count, true);
}

static bool chooses(const hwv_observer *observer, hwv_id node)
{
    return observer->node && (observer->chooses == NULL || observer->chooses(observer->self, node));
}

/* The observer that may compute a record's activation, where the plan runs on one thread. */
static const hwv_observer *activator_of(const hwv_plan *plan, const hwv_record *record)
{
    const hwv_node *node = hwv_record_activation(record);
    if (plan->run.training || node->kind != HWV_NODE_ACTIVATION || node->input_count > 1 ||
        hwv_executor_workers(plan->run.executor) > 1)
        return NULL;
    for (size_t i = 0; i < plan->observer_count; i++)
        if (plan->observers[i].activate)
            return &plan->observers[i];
    return NULL;
}

void hwv_plan_alone(hwv_plan *plan, bool alone)
{
    plan->run.executor = alone ? NULL : plan->executor;
    for (size_t r = 0; r < plan->forward_count; r++)
        plan->records[r].activator = activator_of(plan, &plan->records[r]);
}

static void shown_set(hwv_plan *plan)
{
    for (size_t r = 0; r < plan->forward_count; r++) {
        hwv_record *record = &plan->records[r];
        const hwv_id node = (hwv_id)(record->node - plan->graph->nodes);
        record->shown = 0;
        record->told = NULL;
        record->activator = activator_of(plan, record);
        for (size_t i = 0; i < plan->observer_count && !hwv_node_activates(record->node, NULL); i++) {
            const hwv_observer *observer = &plan->observers[i];
            const bool chosen = chooses(observer, node);
            record->shown |= (unsigned)chosen << i;
            if (chosen && observer->piece && record->told == NULL && !plan->run.training)
                record->told = observer;
        }
    }
}

hwv_status hwv_plan_observe(hwv_plan *plan, const hwv_observer *observer, hwv_error *error)
{
    if (plan->observer_count == HWV_MAX_OBSERVERS)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "a plan takes at most %d observers", HWV_MAX_OBSERVERS);
    plan->observers[plan->observer_count++] = *observer;
    shown_set(plan);
    return HWV_OK;
}

void hwv_plan_unobserve(hwv_plan *plan, void *self)
{
    size_t kept = 0;
    for (size_t i = 0; i < plan->observer_count; i++)
        if (plan->observers[i].self != self)
            plan->observers[kept++] = plan->observers[i];
    plan->observer_count = kept;
    shown_set(plan);
}

/* The kind's backward, then the wrong factor on every gradient it gave. */
static void planted_backward(const hwv_record *record, const hwv_run *run)
{
    record->kind->backward(record, run);
    for (size_t i = 0; i < record->node->input_count; i++) {
        size_t elements;
        const hwv_value *value = &record->graph->values[record->node->input[i]];
        if (record->input_gradient[i] && hwv_shape_elements(&value->shape, run->rows, &elements))
            hwv_scale(elements, 1.0f + 1.0f / 64, record->input_gradient[i]);
    }
}

void hwv_plan_plant(hwv_plan *plan, hwv_node_kind kind, int op)
{
    for (size_t i = 0; i < plan->backward_count; i++) {
        hwv_record *record = &plan->records[plan->forward_count + i];
        if (record->function != record->kind->backward || record->kind->kind != kind ||
            (op >= 0 && (int)record->node->attributes.act.op != op))
            continue;
        record->function = planted_backward;
    }
}
