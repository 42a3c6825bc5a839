/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The draft of a plan: its nodes, and the timeline of its steps. */
#include "graph/plan.h"

static hwv_status memory_short(const hwv_draft *draft)
{
    return hwv_fail(draft->error, HWV_ERR_MEMORY, "no memory for a plan");
}

void hwv_draft_free(hwv_draft *draft)
{
    hwv_free(draft->nodes);
    hwv_free(draft->steps);
    hwv_free(draft->arrays);
    hwv_free(draft->buffers);
    hwv_free(draft->needed);
    hwv_free(draft->wanted);
    hwv_free(draft->uses);
    hwv_free(draft->contributions);
}

/* ---- nodes --------------------------------------------------------------------------------------- */

/* Marks what the marked values need, backwards; returns the number of nodes among it. */
static size_t needed_mark(hwv_draft *draft)
{
    const hwv_graph *graph = draft->graph;
    size_t count = 0;
    for (size_t n = graph->node_count; n-- > 0;) {
        const hwv_node *node = &graph->nodes[n];
        bool needed = false;
        for (size_t o = 0; o < node->output_count; o++)
            needed |= draft->needed[node->output[o]];
        for (size_t i = 0; needed && i < node->input_count; i++)
            draft->needed[node->input[i]] = true;
        for (size_t o = 0; o < node->output_count; o++)
            draft->needed[node->output[o]] = needed;
        count += needed;
    }
    return count;
}

static bool node_needed(const hwv_draft *draft, const hwv_node *node)
{
    return draft->needed[node->output[0]];
}

/* Which gradients are wanted: those of parameters, and of everything a parameter leads to, on the way to the
 * output. */
static void wanted_mark(hwv_draft *draft)
{
    const hwv_graph *graph = draft->graph;
    if (!draft->options->training)
        return;
    for (size_t v = 0; v < graph->value_count; v++) {
        const hwv_value *value = &graph->values[v];
        const hwv_node *node = value->producer == HWV_NO_ID ? NULL : &graph->nodes[value->producer];
        bool wanted = value->role == HWV_ROLE_PARAMETER;
        for (size_t i = 0; node && i < node->input_count; i++)
            wanted |= draft->wanted[node->input[i]];
        draft->wanted[v] = wanted && draft->needed[v] && value->element == HWV_ELEMENT_F32;
    }
}

static hwv_status node_fill(hwv_draft *draft, hwv_draft_node *entry, hwv_id id)
{
    const hwv_node *node = &draft->graph->nodes[id];
    hwv_demand *demand = &entry->demand;
    entry->node = id;
    entry->kind = hwv_kind_row(node->kind);
    entry->mask = entry->saved = entry->fused_bias = entry->fused_norm = entry->fused_act = HWV_NONE;
    entry->bridge_act = entry->bridge_pool = entry->bridge_from = entry->bridge_to = HWV_NONE;
    entry->before = entry->behind = HWV_NONE;
    hwv_shape_matrix(&draft->graph->values[node->input[0]].shape, &entry->fixed_rows, &entry->batch_rows, &entry->cols);
    demand->graph = draft->graph;
    demand->node = node;
    demand->batch = draft->options->batch;
    demand->workers = hwv_executor_workers(draft->options->executor);
    demand->cols = entry->cols;
    demand->training = draft->options->training;
    demand->fixed = draft->options->fixed_weights && !draft->options->training;
    demand->error = draft->error;
    if (!hwv_size_mul(entry->batch_rows, demand->batch, &demand->rows) ||
        !hwv_size_add(demand->rows, entry->fixed_rows, &demand->rows))
        return hwv_fail(draft->error, HWV_ERR_MEMORY, "%s: too many rows for memory", node->name);
    for (size_t i = 0; i < node->input_count; i++) {
        draft->uses[node->input[i]]++;
        if (draft->wanted[node->input[i]])
            demand->wanted |= HWV_BIT(i);
    }
    return HWV_OK;
}

static hwv_status request_check(const hwv_draft *draft)
{
    const hwv_graph *graph = draft->graph;
    const hwv_plan_options *options = draft->options;
    if (draft->output >= graph->value_count || graph->values[draft->output].producer == HWV_NO_ID)
        return hwv_fail(draft->error, HWV_ERR_ARGUMENT, "the output of a plan must be a value that a node computes");
    if (options->batch == 0 || options->batch == HWV_BATCH)
        return hwv_fail(draft->error, HWV_ERR_ARGUMENT, "a plan's batch is %s; 1 or more is accepted",
                        options->batch ? "HWV_BATCH" : "0");
    for (size_t k = 0; k < options->keep_count; k++)
        if (options->keep[k] >= graph->value_count)
            return hwv_fail(draft->error, HWV_ERR_ARGUMENT, "value %zu to keep is not in this graph", k);
    return HWV_OK;
}

hwv_status hwv_draft_nodes(hwv_draft *draft)
{
    size_t values = draft->graph->value_count;
    HWV_TRY(request_check(draft));
    draft->needed = hwv_calloc(values, sizeof *draft->needed);
    draft->wanted = hwv_calloc(values, sizeof *draft->wanted);
    draft->uses = hwv_calloc(values, sizeof *draft->uses);
    draft->contributions = hwv_calloc(values, sizeof *draft->contributions);
    if (!draft->needed || !draft->wanted || !draft->uses || !draft->contributions)
        return memory_short(draft);
    draft->needed[draft->output] = true;
    needed_mark(draft);
    wanted_mark(draft);
    for (size_t k = 0; k < draft->options->keep_count; k++)
        draft->needed[draft->options->keep[k]] = true;
    size_t count = needed_mark(draft);
    if (draft->options->training && !draft->wanted[draft->output])
        return hwv_fail(draft->error, HWV_ERR_ARGUMENT, "%s depends on no parameter: there is nothing to train",
                        draft->graph->values[draft->output].name);
    draft->nodes = hwv_calloc(count, sizeof *draft->nodes);
    if (!draft->nodes)
        return memory_short(draft);
    for (size_t n = 0; n < draft->graph->node_count; n++)
        if (node_needed(draft, &draft->graph->nodes[n]))
            HWV_TRY(node_fill(draft, &draft->nodes[draft->node_count++], (hwv_id)n));
    return HWV_OK;
}

/* ---- arrays -------------------------------------------------------------------------------------- */

/* A new array of `bytes` with its own buffer; the room was made before. */
static size_t array_new(hwv_draft *draft, size_t bytes, bool mask)
{
    size_t a = draft->array_count++;
    draft->arrays[a] = (hwv_array){.bytes = bytes, .buffer = a};
    draft->buffers[a] = (hwv_buffer){.bytes = bytes, .first = HWV_NONE, .members = 1, .mask = mask};
    return a;
}

/* An array is used at a step. */
static size_t touch(hwv_draft *draft, size_t a, size_t step)
{
    if (a == HWV_NONE || draft->arrays[a].buffer == HWV_NONE)
        return a;
    hwv_buffer *buffer = &draft->buffers[draft->arrays[a].buffer];
    if (!buffer->used || step < buffer->first)
        buffer->first = step;
    if (!buffer->used || step > buffer->last)
        buffer->last = step;
    buffer->used = true;
    return a;
}

static size_t touch_write(hwv_draft *draft, size_t a, size_t step)
{
    if (a != HWV_NONE)
        draft->arrays[a].writers++;
    return touch(draft, a, step);
}

/* Arrays 0 .. values-1: data; values .. 2*values-1: gradients. */
static hwv_status value_arrays(hwv_draft *draft)
{
    const hwv_graph *graph = draft->graph;
    for (size_t v = 0; v < 2 * graph->value_count; v++) {
        size_t value = v % graph->value_count, bytes;
        hwv_role role = graph->values[value].role;
        if (!hwv_shape_elements(&graph->values[value].shape, draft->options->batch, &bytes) ||
            !hwv_size_mul(bytes, 4, &bytes) || bytes > SIZE_MAX / 8)
            return hwv_fail(draft->error, HWV_ERR_MEMORY, "%s: too large for memory at a batch of %zu",
                            graph->values[value].name, draft->options->batch);
        array_new(draft, bytes, false);
        if (hwv_role_kept(role))
            draft->arrays[v].buffer = HWV_NONE;
    }
    return HWV_OK;
}

bool hwv_draft_kept(const hwv_draft *draft, hwv_id value)
{
    const hwv_value *output = &draft->graph->values[draft->output];
    const hwv_node *last = &draft->graph->nodes[output->producer];
    size_t elements;
    bool scalar = hwv_shape_elements(&output->shape, HWV_BATCH, &elements) && elements == 1;
    for (size_t i = 0; scalar && i < last->input_count; i++)
        if (last->input[i] == value)
            return true;
    for (size_t k = 0; k < draft->options->keep_count; k++)
        if (draft->options->keep[k] == value)
            return true;
    return value == draft->output;
}

bool hwv_draft_private(const hwv_draft *draft, hwv_id value)
{
    return draft->uses[value] == 1 && !hwv_draft_kept(draft, value);
}

size_t hwv_draft_producer(const hwv_draft *draft, hwv_id value)
{
    hwv_id node = draft->graph->values[value].producer;
    for (size_t n = draft->node_count; n-- > 0;)
        if (draft->nodes[n].node == node)
            return n;
    return HWV_NONE;
}

hwv_id hwv_draft_bridged_output(const hwv_draft *draft, const hwv_draft_node *norm)
{
    const size_t last = norm->bridge_pool != HWV_NONE ? norm->bridge_pool : norm->bridge_act;
    return draft->nodes[last].demand.node->output[0];
}

/* Inputs stay as they are, and what is kept stays readable. */
static void keep(hwv_draft *draft)
{
    for (size_t v = 0; v < draft->graph->value_count; v++) {
        bool input = draft->graph->values[v].role == HWV_ROLE_INPUT && draft->needed[v];
        if (input)
            touch(draft, v, 0);
        if (input || hwv_draft_kept(draft, (hwv_id)v))
            touch(draft, v, HWV_FOREVER);
    }
    if (draft->options->training) {
        /* written by the caller at any time before the backward run, once and for all for a scalar */
        touch_write(draft, hwv_draft_gradient(draft, draft->output), 0);
        touch(draft, hwv_draft_gradient(draft, draft->output), HWV_FOREVER);
    }
}

/* ---- steps --------------------------------------------------------------------------------------- */

static hwv_draft_step *step_new(hwv_draft *draft, hwv_step_kind kind, size_t entry)
{
    hwv_draft_step *step = &draft->steps[draft->step_count++];
    step->kind = kind;
    step->draft = entry;
    step->bias = HWV_NO_ID;
    step->act_output = step->before = step->behind = HWV_NONE;
    for (size_t i = 0; i < HWV_MAX_INPUTS; i++)
        step->input[i] = step->input_gradient[i] = HWV_NONE;
    for (size_t o = 0; o < HWV_MAX_OUTPUTS; o++)
        step->output[o] = step->output_gradient[o] = HWV_NONE;
    return step;
}

static void pair_add(hwv_draft_step *step, size_t to, size_t from, bool same)
{
    if (to != HWV_NONE && from != HWV_NONE && step->pair_count < HWV_MAX_INPUTS)
        step->pair[step->pair_count++] = (hwv_pair){.to = to, .from = from, .same = same};
}

/* The input of a batch norm; the gradient of what its steps compute. */
static size_t bridge_z(const hwv_draft *draft, size_t norm)
{
    return draft->nodes[norm].demand.node->input[0];
}
static size_t bridge_d(const hwv_draft *draft, size_t norm)
{
    return hwv_draft_gradient(draft, hwv_draft_bridged_output(draft, &draft->nodes[norm]));
}

/* Pass BRIDGE: other arrays than the node's own. */
static void bridge_forward_step(hwv_draft *draft, const hwv_draft_node *entry, hwv_draft_step *step)
{
    if (entry->bridge_act != HWV_NONE)
        step->output[0] = entry->bridge_to != HWV_NONE ? HWV_NONE : hwv_draft_bridged_output(draft, entry);
    step->before = entry->before;
    step->behind = entry->behind;
    if (entry->before != HWV_NONE)
        step->input[0] = bridge_z(draft, entry->before);
}

/* Shares the batch norm's numbers. */
static void bridge_touch(hwv_draft *draft, const hwv_draft_step *step, size_t now)
{
    if (step->before != HWV_NONE)
        touch(draft, draft->nodes[step->before].saved, now);
    if (step->behind != HWV_NONE)
        touch(draft, draft->nodes[step->behind].saved, now);
}

static void forward_step(hwv_draft *draft, size_t at)
{
    hwv_draft_node *entry = &draft->nodes[at];
    const hwv_node *node = entry->demand.node;
    size_t now = draft->step_count;
    hwv_draft_step *step = step_new(draft, HWV_STEP_FORWARD, at);
    for (size_t i = 0; i < node->input_count; i++)
        step->input[i] = node->input[i];
    for (size_t o = 0; o < node->output_count; o++)
        step->output[o] = node->output[o];
    if (entry->fused_bias != HWV_NONE) {
        const hwv_node *bias = draft->nodes[entry->fused_bias].demand.node;
        step->bias = bias->input[1];
        if (entry->bias_follows)
            step->output[0] = bias->output[0];
        else
            step->input[0] = bias->input[0];
        touch(draft, step->bias, now);
    }
    if (entry->fused_norm != HWV_NONE)
        step->output[0] = draft->nodes[entry->fused_norm].demand.node->output[0];
    size_t *mask = &entry->mask;
    bool masked = entry->demand.use_mask;
    if (entry->fused_act != HWV_NONE) {
        hwv_draft_node *act = &draft->nodes[entry->fused_act];
        *(entry->act_apart ? &step->act_output : &step->output[0]) = act->demand.node->output[0];
        mask = &act->mask;
        masked = act->demand.use_mask;
    }
    bridge_forward_step(draft, entry, step);
    bridge_touch(draft, step, now);
    for (size_t i = 0; i < node->input_count; i++)
        touch(draft, step->input[i], now);
    for (size_t o = 0; o < node->output_count; o++)
        touch_write(draft, step->output[o], now);
    touch_write(draft, step->act_output, now);
    if (masked)
        *mask = touch_write(draft, *mask, now);
    touch_write(draft, entry->saved, now);
    for (size_t i = 0; i < node->input_count; i++)
        if ((entry->demand.same | entry->demand.overwrites) & HWV_BIT(i))
            pair_add(step, step->output[0], step->input[i], entry->demand.same & HWV_BIT(i));
    if (draft->workspace < entry->demand.forward_workspace)
        draft->workspace = entry->demand.forward_workspace;
    if (!hwv_size_add(draft->prepared, hwv_size_align(entry->demand.prepared), &draft->prepared))
        draft->prepared = SIZE_MAX / 2;
}

/* The gradient of input i: where it goes, and the array to be summed into a value's gradient afterwards, if
 * another consumer was there before (or the kind cannot add to a parameter's). */
static size_t gradient_place(hwv_draft *draft, hwv_draft_step *step, size_t i, size_t *extra)
{
    const hwv_draft_node *entry = &draft->nodes[step->draft];
    hwv_id value = entry->demand.node->input[i];
    size_t gradient = hwv_draft_gradient(draft, value), now = draft->step_count - 1;
    bool parameter = draft->graph->values[value].role == HWV_ROLE_PARAMETER;
    bool first = draft->contributions[value]++ == 0;
    step->add[i] = !first;
    if (parameter && entry->demand.accumulates & HWV_BIT(i))
        return gradient;
    if (!parameter && first)
        return touch_write(draft, gradient, now);
    *extra = array_new(draft, draft->arrays[gradient].bytes, false);
    return touch_write(draft, *extra, now);
}

/* gradient (+)= extra, right after the step that computed it. */
static void sum_step(hwv_draft *draft, const hwv_draft_step *of, size_t i, size_t extra)
{
    hwv_id value = draft->nodes[of->draft].demand.node->input[i];
    size_t now = draft->step_count;
    hwv_draft_step *step = step_new(draft, HWV_STEP_SUM, of->draft);
    step->output_gradient[0] = touch(draft, extra, now);
    step->input_gradient[0] = touch_write(draft, hwv_draft_gradient(draft, value), now);
    step->add[0] = of->add[i];
    step->summed = value;
}

/* Whether any gradient arrives at a node's outputs. */
static bool gradient_arrives(const hwv_draft *draft, const hwv_draft_node *entry)
{
    const hwv_node *node = entry->demand.node;
    if (entry->bridge_act != HWV_NONE)
        return draft->arrays[hwv_draft_gradient(draft, hwv_draft_bridged_output(draft, entry))].writers > 0;
    if (entry->behind != HWV_NONE)
        return draft->arrays[bridge_d(draft, entry->behind)].writers > 0;
    for (size_t o = 0; o < node->output_count; o++)
        if (draft->arrays[hwv_draft_gradient(draft, node->output[o])].writers > 0)
            return true;
    return false;
}

/* The gradients of a node's outputs, and the outputs that backward reads. */
static void outputs_place(hwv_draft *draft, const hwv_draft_node *entry, hwv_draft_step *step, size_t now)
{
    const hwv_node *node = entry->demand.node;
    if (entry->bridge_act != HWV_NONE || entry->behind != HWV_NONE) {
        const size_t norm = entry->behind != HWV_NONE ? entry->behind : step->draft;
        step->output_gradient[0] = touch(draft, bridge_d(draft, norm), now);
        if (entry->behind != HWV_NONE)
            step->output[0] = touch(draft, node->output[0], now);
        return;
    }
    for (size_t o = 0; o < node->output_count; o++) {
        size_t gradient = hwv_draft_gradient(draft, node->output[o]);
        if (draft->arrays[gradient].writers > 0)
            step->output_gradient[o] = touch(draft, gradient, now);
        if (entry->demand.backward_outputs & HWV_BIT(o))
            step->output[o] = touch(draft, node->output[o], now);
    }
}

static void backward_step(hwv_draft *draft, size_t at)
{
    hwv_draft_node *entry = &draft->nodes[at];
    const hwv_demand *demand = &entry->demand;
    const hwv_node *node = demand->node;
    size_t now = draft->step_count, extra[HWV_MAX_INPUTS];
    hwv_draft_step *step = step_new(draft, HWV_STEP_BACKWARD, at);
    step->before = entry->before;
    step->behind = entry->behind;
    bridge_touch(draft, step, now);
    outputs_place(draft, entry, step, now);
    for (size_t i = 0; i < node->input_count; i++) {
        extra[i] = HWV_NONE;
        if (i == 0 && entry->before != HWV_NONE)
            step->input[i] = touch(draft, bridge_z(draft, entry->before), now);
        else if (demand->backward_inputs & HWV_BIT(i))
            step->input[i] = touch(draft, node->input[i], now);
        if (i == 0 && entry->bridge_from != HWV_NONE)
            continue; /* made by the convolution in front */
        if (demand->wanted & HWV_BIT(i))
            step->input_gradient[i] = gradient_place(draft, step, i, &extra[i]);
    }
    touch(draft, entry->mask, now);
    touch(draft, entry->saved, now);
    for (size_t i = 0; i < node->input_count; i++)
        if ((demand->gradient_same | demand->gradient_overwrites) & HWV_BIT(i))
            pair_add(step, step->input_gradient[i], step->output_gradient[0], demand->gradient_same & HWV_BIT(i));
    for (size_t i = 0; i < node->input_count; i++)
        if (extra[i] != HWV_NONE)
            sum_step(draft, step, i, extra[i]);
    if (draft->workspace < demand->backward_workspace)
        draft->workspace = demand->backward_workspace;
}

/* Arrays beyond those of the values. */
static hwv_status kept_arrays(hwv_draft *draft)
{
    for (size_t n = 0; n < draft->node_count; n++) {
        hwv_draft_node *entry = &draft->nodes[n];
        size_t bytes;
        if (entry->demand.use_mask) {
            if (!hwv_size_mul(entry->demand.rows, hwv_mask_words(entry->cols) * sizeof(uint64_t), &bytes))
                return memory_short(draft);
            entry->mask = array_new(draft, bytes, true);
        }
        if (entry->demand.saved)
            entry->saved = array_new(draft, entry->demand.saved, false);
    }
    return HWV_OK;
}

hwv_status hwv_draft_steps(hwv_draft *draft)
{
    /* values and gradients; per node a mask, something kept, and an extra gradient an input */
    size_t arrays, steps, values = draft->graph->value_count;
    if (!hwv_size_mul(draft->node_count, 2 + HWV_MAX_INPUTS, &steps) || !hwv_size_add(2 * values, steps, &arrays))
        return memory_short(draft);
    draft->steps = hwv_calloc(steps, sizeof *draft->steps);
    draft->arrays = hwv_calloc(arrays, sizeof *draft->arrays);
    draft->buffers = hwv_calloc(arrays, sizeof *draft->buffers);
    if (!draft->steps || !draft->arrays || !draft->buffers)
        return memory_short(draft);
    HWV_TRY(value_arrays(draft));
    HWV_TRY(kept_arrays(draft));
    for (size_t n = 0; n < draft->node_count; n++)
        if (!draft->nodes[n].folded)
            forward_step(draft, n);
    draft->forward_count = draft->step_count;
    keep(draft);
    for (size_t n = draft->node_count; draft->options->training && n-- > 0;)
        if (draft->nodes[n].demand.wanted && !draft->nodes[n].bridged && gradient_arrives(draft, &draft->nodes[n]))
            backward_step(draft, n);
    return HWV_OK;
}
