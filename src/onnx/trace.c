/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Keeping the trace of an import. */
#include "onnx/trace.h"

#include <string.h>

#include "halfwave/memory.h"

hwv_onnx_trace *hwv_trace_make(const hwv_onnx *file, const hwv_onnx_import_options *options)
{
    hwv_onnx_trace *trace = hwv_calloc(1, sizeof *trace);
    hwv_shape *shapes = hwv_calloc(options->shape_count + 1, sizeof *shapes);
    hwv_trace_node *nodes = hwv_calloc(file->node_count + 1, sizeof *nodes);
    if (trace == NULL || shapes == NULL || nodes == NULL) {
        hwv_free(trace);
        hwv_free(shapes);
        hwv_free(nodes);
        return NULL;
    }
    for (size_t i = 0; i < options->shape_count; i++)
        shapes[i] = options->shapes[i];
    for (size_t n = 0; n < file->node_count; n++)
        nodes[n].root = (uint32_t)n;
    trace->options = *options;
    trace->options.shapes = shapes;
    trace->options.trace = NULL;
    trace->file_size = file->size;
    trace->nodes = nodes;
    trace->node_count = file->node_count;
    trace->memory.most = SIZE_MAX;
    return trace;
}

void hwv_onnx_trace_free(hwv_onnx_trace *trace)
{
    if (trace == NULL)
        return;
    hwv_import_blocks_free(&trace->memory);
    hwv_free((void *)(uintptr_t)trace->options.shapes);
    hwv_free(trace->values);
    hwv_free(trace->nodes);
    hwv_free(trace->kept);
    hwv_free(trace->made_by);
    hwv_free(trace);
}

/* Room for an entry with a number: what is between is zero. */
static bool room(void **array, size_t *count, size_t *capacity, size_t number, size_t size)
{
    if (number >= *capacity) {
        size_t wanted = number + 64 > 2 * *capacity ? number + 64 : 2 * *capacity;
        void *grown = hwv_realloc(*array, wanted, size);
        if (grown == NULL)
            return false;
        memset((char *)grown + *capacity * size, 0, (wanted - *capacity) * size);
        *array = grown;
        *capacity = wanted;
    }
    *count = number + 1 > *count ? number + 1 : *count;
    return true;
}

static hwv_status keep(hwv_import *import, hwv_id id, const hwv_trace_kept *kept)
{
    hwv_onnx_trace *trace = import->state->trace;
    void *array = trace->kept;
    if (!room(&array, &trace->kept_count, &trace->kept_room, id, sizeof *trace->kept))
        return hwv_import_memory(import);
    trace->kept = array;
    trace->kept[id] = *kept;
    trace->kept[id].read = true;
    trace->kept[id].shape = hwv_import_shape(import, id);
    return HWV_OK;
}

hwv_status hwv_trace_keep(hwv_import *import, hwv_id id, const hwv_import_value *value, hwv_trace_order order)
{
    if (import->state->trace == NULL)
        return HWV_OK;
    return keep(import, id, &(hwv_trace_kept){.from = value->from, .order = order});
}

hwv_status hwv_trace_spread(hwv_import *import, hwv_id id, const hwv_import_value *value, const size_t kernel[2],
                            const size_t dilation[2])
{
    hwv_trace_kept kept = {.from = value->from, .order = HWV_TRACE_SPREAD};
    if (import->state->trace == NULL)
        return HWV_OK;
    for (size_t d = 0; d < 2; d++) {
        kept.kernel[d] = kernel[d];
        kept.dilation[d] = dilation[d];
    }
    return keep(import, id, &kept);
}

hwv_status hwv_trace_made(hwv_import *import, hwv_id node)
{
    hwv_onnx_trace *trace = import->state->trace;
    if (trace == NULL)
        return HWV_OK;
    void *array = trace->made_by;
    size_t before = trace->made_count;
    if (!room(&array, &trace->made_count, &trace->made_room, node, sizeof *trace->made_by))
        return hwv_import_memory(import);
    trace->made_by = array;
    for (size_t i = before; i < node; i++)
        trace->made_by[i] = HWV_IMPORT_NO_NAME;
    trace->made_by[node] = (uint32_t)(import->node - import->state->file->nodes);
    return HWV_OK;
}

/* ---- moves of constants --------------------------------------------------------------------------- */

/* Operators that put the elements of input 0 in another order or shape, each once. */
static bool is_move(const char *op)
{
    static const char *const moves[] = {"Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten"};
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
        if (strcmp(op, moves[i]) == 0)
            return true;
    return false;
}

/* Folds the node once more with the numbers of the elements for input 0. */
static hwv_status fold_numbers(hwv_import *import, const int64_t **numbers)
{
    hwv_import_value counted = *import->in[0], result = hwv_import_value_make(import->out[0]->name);
    hwv_import_value **in = hwv_import_take(import, import->in_count, sizeof *in), *out[1] = {&result};
    int64_t *count = hwv_import_take(import, counted.elements, sizeof *count);
    hwv_import again = *import;
    if (in == NULL || count == NULL)
        return hwv_import_memory(import);
    memcpy(in, import->in, import->in_count * sizeof *in);
    for (size_t i = 0; i < counted.elements; i++)
        count[i] = (int64_t)i;
    counted.type = HWV_ONNX_INT64;
    counted.floats = NULL;
    counted.ints = count;
    counted.tensor = NULL;
    in[0] = &counted;
    again.in = in;
    again.out = out;
    again.out_count = 1;
    *numbers = NULL;
    const hwv_error before = *import->error;
    hwv_status status = hwv_import_fold(&again);
    if (status == HWV_OK && result.elements == counted.elements)
        *numbers = result.ints;
    if (status == HWV_OK || status == HWV_ERR_MEMORY)
        return status;
    *import->error = before; /* it moved floats: that it does not move numbers is no fault of the file */
    return HWV_OK;
}

static hwv_status moved_by(hwv_import *import, hwv_import_origin *from)
{
    const hwv_import_value *x = import->in[0];
    const int64_t *numbers;
    HWV_TRY(fold_numbers(import, &numbers));
    if (numbers == NULL)
        return HWV_OK;
    uint32_t *index = hwv_import_blocks_take(&import->state->trace->memory, x->elements, sizeof *index);
    if (index == NULL)
        return hwv_import_memory(import);
    for (size_t i = 0; i < x->elements; i++)
        index[i] = x->from.index ? x->from.index[numbers[i]] : (uint32_t)numbers[i];
    *from = (hwv_import_origin){.tensor = x->from.tensor, .index = index};
    return HWV_OK;
}

hwv_status hwv_trace_folded(hwv_import *import, bool *moved)
{
    *moved = false;
    if (import->state->trace == NULL || import->out_count < 1 || import->out[0] == NULL || import->in_count < 1 ||
        import->in[0] == NULL || !import->out[0]->constant)
        return HWV_OK;
    const hwv_import_value *x = import->in[0];
    hwv_import_value *y = import->out[0];
    const bool floats = hwv_import_floating(x->type) && hwv_import_floating(y->type);
    if (y->from.tensor == HWV_IMPORT_NO_TENSOR && x->from.tensor != HWV_IMPORT_NO_TENSOR && floats &&
        y->elements == x->elements && x->elements < INT32_MAX) {
        if (strcmp(import->node->op, "Cast") == 0)
            y->from = x->from;
        else if (is_move(import->node->op))
            HWV_TRY(moved_by(import, &y->from));
    }
    *moved = y->from.tensor != HWV_IMPORT_NO_TENSOR && import->out_count == 1;
    return HWV_OK;
}

size_t hwv_trace_element(const hwv_trace_kept *kept, size_t i)
{
    const size_t *dim = kept->shape.dim;
    if (kept->order == HWV_TRACE_TRANSPOSED) {
        i = i % dim[1] * dim[0] + i / dim[1];
    } else if (kept->order == HWV_TRACE_SPREAD) {
        size_t column = i % dim[3], row = i / dim[3] % dim[2], plane = i / dim[3] / dim[2];
        if (row % kept->dilation[0] != 0 || column % kept->dilation[1] != 0)
            return SIZE_MAX;
        i = (plane * kept->kernel[0] + row / kept->dilation[0]) * kept->kernel[1] + column / kept->dilation[1];
    }
    return kept->from.index ? kept->from.index[i] : i;
}
