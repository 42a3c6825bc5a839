/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a plan tells of its steps: taken from the draft when the plan is bound, so that runs know nothing of it. */
#include "graph/plan.h"

/* ---- what is fused ------------------------------------------------------------------------------------- */

static void fuse(hwv_plan_step *step, hwv_id node, const char *pass)
{
    if (step->fused_count < HWV_MAX_FUSED)
        step->fused[step->fused_count++] = (hwv_fusion){.node = node, .pass = pass};
}

static const char *bias_pass(const hwv_draft_node *entry)
{
    if (!entry->bias_follows)
        return "bias_act";
    return entry->fused_norm == HWV_NONE && entry->fused_act != HWV_NONE ? "finish" : "dense_bias";
}

static void fusions_list(hwv_plan_step *step, const hwv_draft *draft, const hwv_draft_node *entry)
{
    if (entry->fused_bias != HWV_NONE)
        fuse(step, draft->nodes[entry->fused_bias].node, bias_pass(entry));
    if (entry->fused_norm != HWV_NONE)
        fuse(step, draft->nodes[entry->fused_norm].node, "sweep");
    if (entry->bridge_act != HWV_NONE)
        fuse(step, draft->nodes[entry->bridge_act].node, "bridge");
    if (entry->bridge_pool != HWV_NONE)
        fuse(step, draft->nodes[entry->bridge_pool].node, "bridge");
    if (entry->fused_act != HWV_NONE)
        fuse(step, draft->nodes[entry->fused_act].node,
             entry->act_apart || entry->fused_norm != HWV_NONE ? "sweep" : "finish");
}

/* ---- bytes --------------------------------------------------------------------------------------------- */

/* All arrays of a step: two for each input and output, the activation's, its mask, what is saved. */
typedef struct array_list {
    size_t array[2 * (HWV_MAX_INPUTS + HWV_MAX_OUTPUTS) + 3];
    size_t count;
} array_list;

static void list_add(array_list *list, size_t array)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->array[i] == array)
            return;
    if (array != HWV_NONE)
        list->array[list->count++] = array;
}

static size_t list_bytes(const array_list *list, const hwv_draft *draft, const bool *only)
{
    size_t bytes = 0;
    for (size_t i = 0; i < list->count; i++)
        if (!only || only[list->array[i]])
            bytes += draft->arrays[list->array[i]].bytes;
    return bytes;
}

/* What is written in a forward step: by the node, or by what is fused into it. */
static void list_written(array_list *list, const hwv_draft *draft, const hwv_draft_step *step)
{
    const hwv_draft_node *entry = &draft->nodes[step->draft];
    for (size_t o = 0; o < HWV_MAX_OUTPUTS; o++)
        list_add(list, step->output[o]);
    list_add(list, step->act_output);
    list_add(list, entry->fused_act != HWV_NONE ? draft->nodes[entry->fused_act].mask : entry->mask);
    list_add(list, entry->saved);
}

static void list_read(array_list *list, const hwv_draft *draft, const hwv_draft_step *step)
{
    const hwv_draft_node *entry = &draft->nodes[step->draft];
    for (size_t i = 0; i < HWV_MAX_INPUTS; i++)
        list_add(list, step->input[i]);
    for (size_t o = 0; o < HWV_MAX_OUTPUTS; o++)
        list_add(list, step->output[o]);
    if (step->kind == HWV_STEP_BACKWARD) {
        list_add(list, entry->mask);
        list_add(list, entry->saved);
    }
}

static void list_gradients(array_list *list, const hwv_draft_step *step)
{
    for (size_t i = 0; i < HWV_MAX_INPUTS; i++)
        list_add(list, step->input_gradient[i]);
    for (size_t o = 0; o < HWV_MAX_OUTPUTS; o++)
        list_add(list, step->output_gradient[o]);
}

/* A step that only gives numbers another shape moves nothing. */
static bool is_view(const hwv_draft *draft, const hwv_draft_step *step)
{
    const hwv_demand *demand = &draft->nodes[step->draft].demand;
    const bool backward = step->kind == HWV_STEP_BACKWARD;
    const size_t in = backward ? step->output_gradient[0] : step->input[0];
    const size_t out = backward ? step->input_gradient[0] : step->output[0];
    if (step->kind == HWV_STEP_SUM || in == HWV_NONE || out == HWV_NONE ||
        ((backward ? demand->gradient_same : demand->same) & HWV_BIT(0)) == 0)
        return false;
    return draft->arrays[in].data != NULL && draft->arrays[in].data == draft->arrays[out].data;
}

/* Of each array: whether a backward step reads it, itself or in another shape. */
static void kept_mark(const hwv_draft *draft, bool *kept)
{
    for (size_t s = draft->step_count; s-- > 0;) {
        const hwv_draft_step *step = &draft->steps[s];
        array_list list = {.count = 0};
        if (step->kind == HWV_STEP_BACKWARD)
            list_read(&list, draft, step);
        for (size_t i = 0; i < list.count; i++)
            kept[list.array[i]] = true;
        if (step->kind == HWV_STEP_FORWARD && is_view(draft, step) && kept[step->output[0]])
            kept[step->input[0]] = true;
    }
}

static void step_describe(hwv_plan_step *told, const hwv_draft *draft, const hwv_draft_step *step, const bool *kept)
{
    const hwv_draft_node *entry = &draft->nodes[step->draft];
    const bool forward = step->kind == HWV_STEP_FORWARD;
    const hwv_effort *effort = forward ? &entry->demand.forward_effort : &entry->demand.backward_effort;
    array_list written = {.count = 0}, all = {.count = 0};
    told->node = entry->node;
    told->backward = !forward;
    told->sum = step->kind == HWV_STEP_SUM;
    list_gradients(&all, step);
    if (!told->sum) {
        told->algorithm = effort->algorithm;
        told->flops = effort->flops;
        told->workspace = forward ? entry->demand.forward_workspace : entry->demand.backward_workspace;
        list_read(&all, draft, step);
    }
    const bool view = is_view(draft, step);
    if (forward) {
        list_written(&written, draft, step);
        list_written(&all, draft, step);
        fusions_list(told, draft, entry);
        told->kept = view ? 0 : list_bytes(&written, draft, kept);
    }
    told->bytes = view ? 0 : list_bytes(&all, draft, NULL);
}

hwv_status hwv_plan_describe(hwv_plan *plan, const hwv_draft *draft)
{
    bool *kept = hwv_calloc(draft->array_count, sizeof *kept);
    plan->steps = hwv_calloc(draft->step_count, sizeof *plan->steps);
    if (!kept || !plan->steps) {
        hwv_free(kept);
        return hwv_fail(draft->error, HWV_ERR_MEMORY, "no memory for a plan");
    }
    kept_mark(draft, kept);
    for (size_t s = 0; s < draft->step_count; s++)
        step_describe(&plan->steps[s], draft, &draft->steps[s], kept);
    hwv_free(kept);
    return HWV_OK;
}

/* ---- from outside -------------------------------------------------------------------------------------- */

size_t hwv_plan_step_count(const hwv_plan *plan)
{
    return plan->forward_count + plan->backward_count;
}

hwv_plan_step hwv_plan_step_at(const hwv_plan *plan, size_t i)
{
    return plan->steps[i];
}

void hwv_plan_time(hwv_plan *plan, double *seconds)
{
    plan->seconds = seconds;
}
