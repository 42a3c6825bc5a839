/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * From a draft to a plan: arenas, records with pointers, and what can be read from outside. */
#include "graph/plan.h"
#include "linalg/vector.h"

#include <string.h>

/* gradient (+)= extra: the record of a value with several consumers. */
static void sum_record(const hwv_record *record, const hwv_run *run)
{
    size_t n = hwv_record_rows(record, run) * record->cols;
    if (hwv_record_add(record, run, 0))
        hwv_add(n, record->input_gradient[0], record->output_gradient[0]);
    else
        memcpy(record->input_gradient[0], record->output_gradient[0], n * sizeof(float));
}

/* ---- pointers ------------------------------------------------------------------------------------ */

/* Where an array is; NULL for HWV_NONE. */
static void *array_data(const hwv_draft *draft, size_t a)
{
    return a == HWV_NONE ? NULL : draft->arrays[a].data;
}

/* Pointers of all arrays: into an arena, the weights, or the parameter gradients. */
static hwv_status arrays_bind(hwv_plan *plan, hwv_draft *draft)
{
    const hwv_graph *graph = draft->graph;
    size_t values = graph->value_count;
    for (size_t a = 0; a < draft->array_count; a++) {
        hwv_array *array = &draft->arrays[a];
        if (array->buffer != HWV_NONE) {
            const hwv_buffer *buffer = &draft->buffers[array->buffer];
            if (buffer->used)
                array->data = (buffer->mask ? plan->masks.base : plan->activations.base) + buffer->offset;
            continue;
        }
        size_t offset = hwv_weights_offset(plan->weights, (hwv_id)(a % values));
        if (!draft->needed[a % values])
            continue;
        if (offset == SIZE_MAX)
            return hwv_fail(draft->error, HWV_ERR_ARGUMENT, "%s is not in these weights: they were made before it",
                            graph->values[a % values].name);
        if (a < values)
            array->data = plan->weights->block + offset;
        else if (draft->wanted[a % values])
            array->data = plan->parameter_gradients + offset;
    }
    return HWV_OK;
}

static const hwv_node *draft_graph_node(const hwv_draft *draft, size_t entry)
{
    return entry == HWV_NONE ? NULL : draft->nodes[entry].demand.node;
}

/* The record of a draft node's forward step. */
static const hwv_record *forward_record(const hwv_plan *plan, const hwv_draft *draft, size_t entry)
{
    for (size_t s = 0; entry != HWV_NONE && s < draft->forward_count; s++)
        if (draft->steps[s].draft == entry)
            return &plan->records[s];
    return NULL;
}

static void bridge_bind(const hwv_plan *plan, hwv_record *record, const hwv_draft *draft, const hwv_draft_step *step)
{
    const hwv_draft_node *entry = &draft->nodes[step->draft];
    if (step->kind == HWV_STEP_SUM)
        return;
    record->bridge_act = draft_graph_node(draft, entry->bridge_act);
    record->bridge_pool = draft_graph_node(draft, entry->bridge_pool);
    record->bridge_from = entry->bridge_from != HWV_NONE;
    record->bridge_to = entry->bridge_to != HWV_NONE;
    record->before = forward_record(plan, draft, step->before);
    record->behind = forward_record(plan, draft, step->behind);
}

static void record_bind(const hwv_plan *plan, hwv_record *record, const hwv_draft *draft, const hwv_draft_step *step)
{
    const hwv_draft_node *entry = &draft->nodes[step->draft];
    bool sum = step->kind == HWV_STEP_SUM;
    record->kind = entry->kind;
    record->node = entry->demand.node;
    record->graph = draft->graph;
    record->function = sum ? sum_record : step->kind == HWV_STEP_FORWARD ? entry->kind->forward : entry->kind->backward;
    for (size_t i = 0; i < HWV_MAX_INPUTS; i++) {
        record->input[i] = array_data(draft, step->input[i]);
        record->input_gradient[i] = array_data(draft, step->input_gradient[i]);
        size_t gradient = step->input_gradient[i];
        record->parameter[i] = gradient != HWV_NONE && draft->arrays[gradient].buffer == HWV_NONE;
        record->add[i] = step->add[i] && (sum || record->parameter[i]);
    }
    for (size_t o = 0; o < HWV_MAX_OUTPUTS; o++) {
        record->output[o] = array_data(draft, step->output[o]);
        record->output_gradient[o] = array_data(draft, step->output_gradient[o]);
    }
    if (step->bias != HWV_NO_ID)
        record->bias = draft->arrays[step->bias].data;
    bool finishes = entry->fused_act != HWV_NONE && step->kind == HWV_STEP_FORWARD;
    const hwv_draft_node *act = finishes ? &draft->nodes[entry->fused_act] : entry;
    if (entry->fused_norm != HWV_NONE && step->kind == HWV_STEP_FORWARD) {
        record->norm = draft->nodes[entry->fused_norm].demand.node;
        for (size_t i = 1; i < record->norm->input_count; i++)
            record->norm_input[i] = array_data(draft, record->norm->input[i]);
    }
    bridge_bind(plan, record, draft, step);
    record->act_output = array_data(draft, step->act_output);
    record->mask = array_data(draft, act->mask);
    record->mask_stride = hwv_mask_words(act->cols);
    record->act = finishes ? act->demand.node : NULL;
    record->act_fixed_rows = act->fixed_rows;
    record->act_batch_rows = act->batch_rows;
    record->act_cols = act->cols;
    record->saved = array_data(draft, entry->saved);
    record->fixed_rows = entry->fixed_rows;
    record->batch_rows = entry->batch_rows;
    record->cols = entry->cols;
    if (sum)
        hwv_shape_matrix(&draft->graph->values[step->summed].shape, &record->fixed_rows, &record->batch_rows,
                         &record->cols);
    memcpy(record->geometry, entry->demand.geometry, sizeof record->geometry);
    record->observed = !sum && (finishes || hwv_node_activates(record->node, NULL));
    record->gated = act->demand.node->kind == HWV_NODE_GATE;
}

/* Whether an array still holds its numbers when the run has ended. */
static bool readable(const hwv_draft *draft, size_t a)
{
    const hwv_array *array = &draft->arrays[a];
    if (array->buffer == HWV_NONE || array->lost || !draft->buffers[array->buffer].used)
        return false;
    const hwv_buffer *mine = &draft->buffers[array->buffer];
    for (size_t b = 0; b < draft->array_count; b++) {
        const hwv_buffer *other = &draft->buffers[b];
        if (other->used && other->mask == mine->mask && other->first > mine->last &&
            other->offset < mine->offset + mine->bytes && mine->offset < other->offset + other->bytes)
            return false;
    }
    return true;
}

static void outside_bind(hwv_plan *plan, const hwv_draft *draft)
{
    for (size_t v = 0; v < plan->value_count; v++) {
        const hwv_array *data = &draft->arrays[v], *gradient = &draft->arrays[plan->value_count + v];
        if (data->buffer == HWV_NONE || readable(draft, v))
            plan->data[v] = data->data;
        if (gradient->buffer == HWV_NONE || readable(draft, plan->value_count + v))
            plan->gradient[v] = gradient->data;
    }
    size_t elements;
    const hwv_shape *shape = &draft->graph->values[draft->output].shape;
    if (draft->options->training && hwv_shape_elements(shape, draft->options->batch, &elements) && elements == 1)
        plan->gradient[draft->output][0] = 1;
}

/* ---- creation ------------------------------------------------------------------------------------ */

static hwv_status arenas_take(hwv_plan *plan, const hwv_draft *draft, hwv_error *error)
{
    const hwv_plan_options *options = draft->options;
    size_t weights = plan->weights->elements * sizeof(float);
    plan->memory.weights = weights;
    plan->memory.gradients = options->training ? weights : 0;
    const size_t prepared = options->like ? 0 : draft->prepared;
    plan->memory.workspace = draft->workspace + prepared;
    HWV_TRY(hwv_arena_init(&plan->activations, plan->memory.activations, error));
    HWV_TRY(hwv_arena_init(&plan->masks, plan->memory.masks, error));
    HWV_TRY(hwv_arena_init(&plan->gradients, plan->memory.gradients, error));
    HWV_TRY(hwv_arena_init(&plan->workspace, draft->workspace, error));
    HWV_TRY(hwv_arena_init(&plan->prepared, prepared, error));
    plan->parameter_gradients = options->training ? hwv_arena_take(&plan->gradients, weights) : NULL;
    plan->run.workspace = hwv_arena_take(&plan->workspace, draft->workspace);
    return HWV_OK;
}

/* The passes in their order, and the demands of the kinds between them. */
static hwv_status draft_complete(hwv_draft *draft, hwv_plan_memory *memory)
{
    unsigned passes = draft->options->passes;
    HWV_TRY(hwv_draft_nodes(draft));
    if (passes & HWV_PASS_MASK)
        hwv_pass_mask(draft);
    if (passes & HWV_PASS_WINOGRAD)
        hwv_pass_winograd(draft);
    for (size_t n = 0; n < draft->node_count; n++)
        HWV_TRY(draft->nodes[n].kind->plan(&draft->nodes[n].demand));
    if (passes & HWV_PASS_BRIDGE && draft->options->training)
        hwv_pass_bridge(draft);
    if (passes & HWV_PASS_BIAS_ACT)
        hwv_pass_bias_act(draft);
    if (passes & HWV_PASS_FINISH)
        hwv_pass_finish(draft);
    if (passes & HWV_PASS_DENSE_BIAS)
        hwv_pass_dense_bias(draft);
    if (passes & HWV_PASS_SWEEP && !draft->options->training)
        hwv_pass_sweep(draft);
    HWV_TRY(hwv_draft_steps(draft));
    hwv_pass_in_place(draft, passes & HWV_PASS_VIEW, passes & HWV_PASS_IN_PLACE);
    return hwv_pass_reuse(draft, passes & HWV_PASS_REUSE, &memory->activations, &memory->masks);
}

/* Notes a pointer that names the memory of an input, all of which stand before value `end`, if it does; NULL: only
 * counts. */
static void place_note(const hwv_plan *plan, size_t end, hwv_place *places, size_t *count, void **pointer)
{
    for (size_t v = 0; *pointer && v < end; v++)
        if (plan->graph->values[v].role == HWV_ROLE_INPUT && plan->data[v] == *pointer) {
            if (places)
                places[*count] = (hwv_place){.input = (hwv_id)v, .pointer = pointer};
            ++*count;
            return;
        }
}

/* Inputs have memory of their own that only views of them share, and nobody writes. */
static size_t places_note(const hwv_plan *plan, hwv_place *places)
{
    size_t count = 0, end = plan->value_count; /* one or a few, and first, in graphs of many nodes */
    while (end > 0 && plan->graph->values[end - 1].role != HWV_ROLE_INPUT)
        end--;
    for (size_t r = 0; r < plan->forward_count + plan->backward_count; r++) {
        hwv_record *record = &plan->records[r];
        for (size_t i = 0; i < HWV_MAX_INPUTS; i++)
            place_note(plan, end, places, &count, &record->input[i]);
        for (size_t o = 0; o < HWV_MAX_OUTPUTS; o++)
            place_note(plan, end, places, &count, &record->output[o]);
    }
    for (size_t v = 0; v < plan->value_count; v++)
        if (plan->graph->values[v].role != HWV_ROLE_INPUT)
            place_note(plan, end, places, &count, &plan->data[v]);
    return count;
}

static hwv_status places_bind(hwv_plan *plan, hwv_error *error)
{
    const size_t count = places_note(plan, NULL);
    plan->places = hwv_calloc(count > 0 ? count : 1, sizeof *plan->places);
    if (!plan->places)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a plan");
    plan->place_count = places_note(plan, plan->places);
    return HWV_OK;
}

/* What kinds make once of weights that do not change. */
static void prepare(hwv_plan *plan, const hwv_draft *draft)
{
    const hwv_plan *like = draft->options->like;
    for (size_t s = 0; s < draft->forward_count; s++) {
        const hwv_demand *demand = &draft->nodes[draft->steps[s].draft].demand;
        if (demand->prepared == 0)
            continue;
        if (like) {
            plan->records[s].prepared = like->records[s].prepared;
            continue;
        }
        plan->records[s].prepared = hwv_arena_take(&plan->prepared, demand->prepared);
        demand->prepare(&plan->records[s], &plan->run);
    }
}

static bool alike(const hwv_plan *plan, const hwv_plan *like, const hwv_draft *draft)
{
    return like->graph == plan->graph && like->weights == plan->weights && like->forward_count == draft->forward_count;
}

static hwv_status plan_bind(hwv_plan *plan, hwv_draft *draft)
{
    const hwv_plan *like = draft->options->like;
    if (like && !alike(plan, like, draft))
        return hwv_fail(draft->error, HWV_ERR_ARGUMENT,
                        "a plan like one of another graph, other weights or other nodes; the same are accepted");
    HWV_TRY(arenas_take(plan, draft, draft->error));
    HWV_TRY(arrays_bind(plan, draft));
    plan->records = hwv_calloc(draft->step_count, sizeof *plan->records);
    plan->data = hwv_calloc(plan->value_count, sizeof *plan->data);
    plan->gradient = hwv_calloc(plan->value_count, sizeof *plan->gradient);
    if (!plan->records || !plan->data || !plan->gradient)
        return hwv_fail(draft->error, HWV_ERR_MEMORY, "no memory for a plan");
    for (size_t s = 0; s < draft->step_count; s++)
        record_bind(plan, &plan->records[s], draft, &draft->steps[s]);
    plan->forward_count = draft->forward_count;
    plan->backward_count = draft->step_count - draft->forward_count;
    outside_bind(plan, draft);
    HWV_TRY(places_bind(plan, draft->error));
    HWV_TRY(hwv_plan_describe(plan, draft));
    prepare(plan, draft);
    return HWV_OK;
}

hwv_status hwv_plan_create(hwv_plan **out, const hwv_graph *graph, hwv_weights *weights, hwv_id output,
                           const hwv_plan_options *options, hwv_error *error)
{
    hwv_draft draft = {.graph = graph, .output = output, .options = options, .error = error};
    *out = NULL;
    hwv_plan *plan = hwv_calloc(1, sizeof *plan);
    if (plan == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a plan");
    plan->graph = graph;
    plan->weights = weights;
    plan->batch = plan->run.rows = options->batch;
    plan->executor = plan->run.executor = options->executor;
    plan->run.training = options->training;
    plan->value_count = graph->value_count;
    hwv_status status = draft_complete(&draft, &plan->memory);
    if (status == HWV_OK)
        status = plan_bind(plan, &draft);
    hwv_draft_free(&draft);
    if (status != HWV_OK) {
        hwv_plan_destroy(plan);
        return status;
    }
    *out = plan;
    return HWV_OK;
}

void hwv_plan_destroy(hwv_plan *plan)
{
    if (plan == NULL)
        return;
    hwv_arena_free(&plan->activations);
    hwv_arena_free(&plan->masks);
    hwv_arena_free(&plan->gradients);
    hwv_arena_free(&plan->workspace);
    hwv_arena_free(&plan->prepared);
    hwv_free(plan->records);
    hwv_free(plan->data);
    hwv_free(plan->places);
    hwv_free(plan->steps);
    hwv_free(plan->gradient);
    hwv_free(plan);
}

/* ---- from outside -------------------------------------------------------------------------------- */

hwv_plan_memory hwv_plan_memory_use(const hwv_plan *plan)
{
    return plan->memory;
}

void hwv_plan_rows(hwv_plan *plan, size_t rows)
{
    plan->run.rows = rows == 0 ? 1 : rows < plan->batch ? rows : plan->batch;
}

void hwv_plan_seed(hwv_plan *plan, uint64_t seed, uint32_t step)
{
    plan->run.seed = seed;
    plan->run.step = step;
}

void *hwv_plan_data(hwv_plan *plan, hwv_id value)
{
    return value < plan->value_count ? plan->data[value] : NULL;
}

hwv_status hwv_plan_lend(hwv_plan *plan, hwv_id input, const void *data, hwv_error *error)
{
    if (input >= plan->value_count || plan->graph->values[input].role != HWV_ROLE_INPUT || !plan->data[input])
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "memory can be lent for inputs that a plan reads, and for nothing else");
    for (size_t i = 0; i < plan->place_count; i++)
        if (plan->places[i].input == input)
            *plan->places[i].pointer = data ? (void *)(uintptr_t)data : plan->data[input];
    return HWV_OK;
}

float *hwv_plan_gradient(hwv_plan *plan, hwv_id value)
{
    return value < plan->value_count ? plan->gradient[value] : NULL;
}

float *hwv_plan_parameter_gradients(hwv_plan *plan, size_t *elements)
{
    *elements = plan->parameter_gradients ? plan->weights->elements : 0;
    return plan->parameter_gradients;
}
