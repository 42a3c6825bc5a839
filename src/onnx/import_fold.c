/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Constant folding by running: a node whose inputs are all constant is built alone in a small graph, which is planned
 * and run. So there is one implementation of every operator. */
#include "onnx/import_state.h"

#include <string.h>

/* The elements of a value of the small graph after a run of what leads to it. */
static hwv_status value_run(hwv_import_state *small, hwv_weights *weights, hwv_id id, size_t elements, void *into)
{
    const hwv_plan_options options = {.batch = 1};
    const hwv_value *value = hwv_graph_value(small->graph, id);
    if (value->producer == HWV_NO_ID) {
        memcpy(into, hwv_weights_data(weights, id), elements * sizeof(float));
        return HWV_OK;
    }
    hwv_plan *plan;
    HWV_TRY(hwv_plan_create(&plan, small->graph, weights, id, &options, small->error));
    hwv_plan_forward(plan);
    memcpy(into, hwv_plan_data(plan, id), elements * sizeof(float));
    hwv_plan_destroy(plan);
    return HWV_OK;
}

/* Output o of the outer import as a constant with what the small graph gives. */
static hwv_status result_run(hwv_import *import, size_t o, hwv_import_value *value, hwv_import *small,
                             hwv_weights *weights)
{
    size_t elements = 1;
    for (size_t i = 0; i < value->shape.rank; i++)
        elements *= value->shape.dim[i];
    float *floats = hwv_import_take(import, elements, sizeof *floats);
    if (floats == NULL)
        return hwv_import_memory(import);
    HWV_TRY(value_run(small->state, weights, value->plain, elements, floats));
    if (hwv_import_floating(value->type))
        return hwv_import_result_floats(import, o, value->type, &value->shape, floats);
    int64_t *ints = hwv_import_take(import, elements, sizeof *ints);
    if (ints == NULL)
        return hwv_import_memory(import);
    for (size_t i = 0; i < elements; i++) {
        int32_t x;
        memcpy(&x, &floats[i], sizeof x);
        ints[i] = x;
    }
    return hwv_import_result_ints(import, o, value->type, &value->shape, ints);
}

/* Copies of the inputs that are in no graph. */
static hwv_status inputs_copy(hwv_import *import, hwv_import *small)
{
    hwv_import_value *copies = hwv_import_take(import, import->in_count, sizeof *copies);
    small->in = hwv_import_take(import, import->in_count, sizeof *small->in);
    if (copies == NULL || small->in == NULL)
        return hwv_import_memory(import);
    for (size_t i = 0; i < import->in_count; i++) {
        if (import->in[i] == NULL)
            continue;
        HWV_TRY(hwv_import_value_load(import, import->in[i]));
        copies[i] = *import->in[i];
        copies[i].plain = copies[i].last = copies[i].parameter[0] = copies[i].parameter[1] = HWV_NO_ID;
        small->in[i] = &copies[i];
    }
    return HWV_OK;
}

static hwv_status outputs_make(hwv_import *import, hwv_import *small)
{
    hwv_import_value *made = hwv_import_take(import, import->out_count, sizeof *made);
    small->out = hwv_import_take(import, import->out_count, sizeof *small->out);
    if (made == NULL || small->out == NULL)
        return hwv_import_memory(import);
    for (size_t o = 0; o < import->out_count; o++) {
        if (import->out[o] == NULL)
            continue;
        made[o] = hwv_import_value_make(import->out[o]->name);
        small->out[o] = &made[o];
    }
    return HWV_OK;
}

/* What the function gave as graph values, in ONNX's order. */
static hwv_status results_lay(hwv_import *small)
{
    for (size_t o = 0; o < small->out_count; o++) {
        hwv_import_value *value = small->out[o];
        hwv_id id;
        if (value && value->known && !value->constant)
            HWV_TRY(hwv_import_value_plain(small, value, &id));
    }
    return HWV_OK;
}

static hwv_status results_run(hwv_import *import, hwv_import *small)
{
    hwv_weights *weights = NULL;
    hwv_status status = hwv_import_weights(small->state, &weights);
    for (size_t o = 0; status == HWV_OK && o < small->out_count; o++) {
        hwv_import_value *value = small->out[o];
        if (value == NULL || !value->known)
            continue;
        if (value->constant) {
            const char *name = import->out[o]->name;
            *import->out[o] = *value;
            import->out[o]->name = name;
            import->out[o]->plain = import->out[o]->last = HWV_NO_ID;
            import->out[o]->parameter[0] = import->out[o]->parameter[1] = HWV_NO_ID;
        } else {
            status = result_run(import, o, value, small, weights);
        }
    }
    hwv_weights_destroy(weights);
    return status;
}

/* All values of the small graph, which a run may hold at once. */
#define MOST_ELEMENTS ((size_t)1 << 26)

static hwv_status size_check(hwv_import *small)
{
    size_t total = 0;
    for (size_t v = 0; v < hwv_graph_value_count(small->graph); v++) {
        const hwv_shape shape = hwv_import_shape(small, (hwv_id)v);
        size_t elements = 1;
        for (size_t i = 0; i < shape.rank; i++)
            elements *= shape.dim[i];
        total += elements > MOST_ELEMENTS ? MOST_ELEMENTS : elements;
        if (total >= MOST_ELEMENTS)
            return hwv_import_fail(small, HWV_ERR_UNSUPPORTED,
                                   "constants of more elements than are computed while reading");
    }
    return HWV_OK;
}

static hwv_status fold(hwv_import *import, hwv_import *small)
{
    HWV_TRY(hwv_graph_create(&small->state->graph, import->error));
    small->graph = small->state->graph;
    HWV_TRY(inputs_copy(import, small));
    HWV_TRY(outputs_make(import, small));
    HWV_TRY(small->row->function(small));
    HWV_TRY(results_lay(small));
    HWV_TRY(size_check(small));
    return results_run(import, small);
}

hwv_status hwv_import_fold(hwv_import *import)
{
    hwv_import_state state = {.file = import->state->file,
                              .options = import->state->options,
                              .memory = import->state->memory,
                              .error = import->error};
    hwv_import small = *import;
    small.state = &state;
    hwv_status status = fold(import, &small);
    hwv_import_state_free(&state);
    return status;
}
