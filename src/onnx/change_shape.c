/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a file says of shapes: groups of depthwise convolutions, numbers in the constants of Reshape and its like, and
 * declared shapes, which are those that an import of the changed file finds. */
#include "onnx/change.h"

#include <stdio.h>
#include <string.h>

/* ---- groups --------------------------------------------------------------------------------------- */

/* Whether the filters that are cut are those of the channels that are: `each` of a channel stand together. */
static bool is_aligned(const uint8_t *filters, const uint8_t *channels, size_t count, size_t each)
{
    for (size_t c = 0; c < count; c++)
        for (size_t k = 0; k < each; k++)
            if ((filters && filters[c * each + k]) != (channels && channels[c]))
                return false;
    return true;
}

static hwv_status group_change(hwv_edit *edit, const hwv_node *node, size_t n)
{
    const hwv_graph *graph = edit->change->network->graph;
    const hwv_shape *x = &hwv_graph_value(graph, node->input[0])->shape,
                    *w = &hwv_graph_value(graph, node->input[1])->shape;
    const uint8_t *channels = hwv_edit_cut(edit, node->input[0], x->rank - 1),
                  *filters = hwv_edit_cut(edit, node->input[1], 0), *inner = hwv_edit_cut(edit, node->input[1], 1);
    const size_t count = x->dim[x->rank - 1], left = count - hwv_edit_marked(channels, count);
    if (left == count && hwv_edit_marked(filters, w->dim[0]) == 0 && hwv_edit_marked(inner, w->dim[1]) == 0)
        return HWV_OK;
    if (node->attributes.groups != count || w->dim[1] != 1 || !is_aligned(filters, channels, count, w->dim[0] / count))
        return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED,
                        "%s: channels of a grouped convolution cannot be cut, unless each is a group",
                        hwv_edit_node_words(edit, n).text);
    hwv_edit_node *to = hwv_edit_node_at(edit, n);
    if (to == NULL)
        return hwv_edit_memory(edit);
    to->without[0] = "group";
    hwv_attribute_write_int(&to->attributes, "group", (int64_t)left);
    return HWV_OK;
}

hwv_status hwv_edit_groups(hwv_edit *edit)
{
    const hwv_onnx_trace *trace = edit->trace;
    for (hwv_id i = 0; i < trace->made_count; i++) {
        const hwv_node *node = hwv_graph_node_at(edit->change->network->graph, i);
        if (node->kind == HWV_NODE_CONV2D && node->attributes.groups > 1 && trace->made_by[i] != HWV_IMPORT_NO_NAME)
            HWV_TRY(group_change(edit, node, trace->made_by[i]));
    }
    return HWV_OK;
}

/* ---- shapes in constants -------------------------------------------------------------------------- */

/* The input of a node that holds the shape of its output; 0: none. */
static size_t shape_input(const hwv_onnx *file, const hwv_onnx_node *node)
{
    if (node->domain[0])
        return 0;
    if (strcmp(node->op, "Reshape") == 0 || strcmp(node->op, "Expand") == 0)
        return 1;
    return strcmp(node->op, "Resize") == 0 && file->opset >= 11 ? 3 : 0;
}

/* The numbers of a shape with those of cut axes made true. `computed` ones must not say what only this import knew: the
 * number of samples. False: nothing changes. */
static bool numbers_change(const hwv_shape *from, const hwv_shape *old, const hwv_shape *now, bool computed,
                           bool zero_copies, int64_t *numbers, size_t count)
{
    bool changes = false;
    for (size_t i = 0; i < count && i < old->rank; i++)
        if (old->dim[i] != now->dim[i] && numbers[i] > 0 && (uint64_t)numbers[i] == old->dim[i]) {
            numbers[i] = (int64_t)now->dim[i];
            changes = true;
        }
    if (!changes || !computed)
        return changes;
    bool open = false;
    for (size_t i = 0; i < count; i++)
        open = open || numbers[i] == -1;
    if (count > 0 && numbers[0] != -1 && from->rank > 0 && from->dim[0] == old->dim[0]) {
        if (zero_copies)
            numbers[0] = 0;
        else if (!open)
            numbers[0] = -1;
    }
    return true;
}

static hwv_status numbers_attribute(hwv_edit *edit, size_t n, const int64_t *numbers, size_t count)
{
    hwv_edit_node *to = hwv_edit_node_at(edit, n);
    if (to == NULL)
        return hwv_edit_memory(edit);
    to->without[0] = "shape";
    hwv_attribute_write_ints(&to->attributes, "shape", numbers, count);
    return HWV_OK;
}

/* In the tensor that the node alone reads. */
static hwv_status numbers_replace(hwv_edit *edit, uint32_t number, const int64_t *numbers, size_t count)
{
    hwv_edit_tensor *to = hwv_edit_take(edit, 1, sizeof *to);
    unsigned char *data = hwv_edit_take(edit, count, sizeof *numbers);
    if (to == NULL || data == NULL)
        return hwv_edit_memory(edit);
    for (size_t i = 0; i < 8 * count; i++)
        data[i] = (unsigned char)((uint64_t)numbers[i / 8] >> (8 * (i % 8)));
    *to = (hwv_edit_tensor){.rank = 1, .dim = {count}, .data = data, .bytes = 8 * count};
    edit->tensors[number] = to;
    return HWV_OK;
}

/* In a new initialiser for this node. */
static hwv_status numbers_add(hwv_edit *edit, size_t n, size_t slot, const int64_t *numbers, size_t count)
{
    const hwv_onnx_node *node = &edit->file->nodes[n];
    hwv_edit_node *to = hwv_edit_node_at(edit, n);
    const char **inputs = hwv_edit_take(edit, node->input_count, sizeof *inputs);
    const char *name = hwv_edit_name(edit, hwv_import_node_name(node), "shape");
    if (to == NULL || inputs == NULL || name == NULL)
        return hwv_edit_memory(edit);
    for (size_t i = 0; i < node->input_count; i++)
        inputs[i] = to->inputs ? to->inputs[i] : node->inputs[i];
    inputs[slot] = name;
    to->inputs = inputs;
    to->input_count = node->input_count;
    return hwv_edit_ints(edit, name, numbers, count);
}

static hwv_status reshape_change(hwv_edit *edit, size_t n, size_t slot)
{
    const hwv_onnx_node *node = &edit->file->nodes[n];
    const hwv_trace_value *values = edit->trace->values;
    const uint32_t y = hwv_import_walk_out(&edit->walk, n, 0), x = hwv_import_walk_in(&edit->walk, n, 0),
                   operand = hwv_import_walk_in(&edit->walk, n, slot);
    const hwv_onnx_attribute *zero = hwv_onnx_attribute_find(node, "allowzero"),
                             *shape = hwv_onnx_attribute_find(node, "shape");
    const bool attribute = edit->file->opset < 5, reshape = slot == 1 && strcmp(node->op, "Reshape") == 0;
    int64_t numbers[HWV_MAX_RANK];
    size_t count = 0;
    hwv_shape now;
    if (y == HWV_IMPORT_NONE || x == HWV_IMPORT_NONE || !values[x].known || !hwv_edit_shape(edit, y, &now))
        return HWV_OK;
    if (values[y].constant)
        HWV_TRY(hwv_edit_constant_shape(edit, y, &now));
    if (attribute && shape && shape->type == HWV_ONNX_ATTRIBUTE_INTS && shape->count <= HWV_MAX_RANK) {
        count = shape->count;
        memcpy(numbers, shape->ints, count * sizeof *numbers);
    } else if (!attribute && operand != HWV_IMPORT_NONE) {
        count = values[operand].count;
        memcpy(numbers, values[operand].ints, count * sizeof *numbers);
    }
    const uint32_t tensor = attribute || count == 0 ? HWV_IMPORT_NO_TENSOR : values[operand].from.tensor;
    const bool computed = !attribute && tensor == HWV_IMPORT_NO_TENSOR;
    if (!numbers_change(&values[x].shape, &values[y].shape, &now, computed, reshape && !(zero && zero->i), numbers,
                        count))
        return HWV_OK;
    if (attribute)
        return numbers_attribute(edit, n, numbers, count);
    const hwv_onnx_tensor *old = computed ? NULL : hwv_edit_tensor_at(edit, tensor);
    bool own = old && old->type == HWV_ONNX_INT64 && edit->walk.uses[operand] == 1 &&
               strcmp(old->name, edit->walk.values[operand].name) == 0;
    if (tensor >= edit->file->initialiser_count && old)
        own = old->type == HWV_ONNX_INT64 && edit->walk.uses[operand] == 1 &&
              edit->walk.producer[operand] == tensor - edit->file->initialiser_count;
    return own ? numbers_replace(edit, tensor, numbers, count) : numbers_add(edit, n, slot, numbers, count);
}

hwv_status hwv_edit_reshapes(hwv_edit *edit)
{
    for (size_t n = 0; n < edit->file->node_count; n++) {
        size_t slot = shape_input(edit->file, &edit->file->nodes[n]);
        const hwv_trace_state state = edit->trace->nodes[n].state;
        if (slot > 0 && (state == HWV_TRACE_IMPORTED || state == HWV_TRACE_MOVED))
            HWV_TRY(reshape_change(edit, n, slot));
    }
    return HWV_OK;
}

/* ---- declared shapes ------------------------------------------------------------------------------ */

/* The changed file, imported. */
typedef struct again {
    hwv_text bytes;
    hwv_onnx *file;
    hwv_network network;
    hwv_onnx_trace *trace;
    hwv_import_names names; /* of its values */
} again;

static void again_free(again *a)
{
    hwv_import_names_free(&a->names);
    hwv_onnx_trace_free(a->trace);
    hwv_network_free(&a->network);
    hwv_onnx_close(a->file);
    hwv_text_free(&a->bytes);
}

/* As the walk numbers them. */
static bool names_number(const hwv_onnx *file, hwv_import_names *names)
{
    uint32_t number = 0;
    for (size_t i = 0; i < file->initialiser_count; i++)
        if (!hwv_import_names_add(names, file->initialisers[i].name, number++))
            return false;
    for (size_t i = 0; i < file->input_count; i++)
        if (hwv_import_names_find(names, file->inputs[i].name) == HWV_IMPORT_NO_NAME &&
            !hwv_import_names_add(names, file->inputs[i].name, number++))
            return false;
    for (size_t n = 0; n < file->node_count; n++)
        for (size_t o = 0; o < file->nodes[n].output_count; o++)
            if (file->nodes[n].outputs[o][0] && !hwv_import_names_add(names, file->nodes[n].outputs[o], number++))
                return false;
    return true;
}

static hwv_status import_again(hwv_edit *edit, again *a, bool plain)
{
    hwv_onnx_import_options options = edit->trace->options;
    options.plain = options.plain || plain;
    options.partial = options.partial || plain;
    options.trace = &a->trace;
    hwv_network_free(&a->network);
    hwv_onnx_trace_free(a->trace);
    a->trace = NULL;
    return hwv_onnx_import(&a->network, a->file, &options, edit->error);
}

/* What the changed file gives for a value of the old one; NULL: it does not know. */
static const hwv_trace_value *value_again(const hwv_edit *edit, const again *a, size_t v)
{
    uint32_t number = hwv_import_names_find(&a->names, edit->walk.values[v].name);
    if (number == HWV_IMPORT_NO_NAME || number >= a->trace->value_count || !a->trace->values[number].known)
        return NULL;
    return &a->trace->values[number];
}

/* But for the samples, of which one import may run more at once than the other. */
static bool shapes_agree(const hwv_shape *a, const hwv_shape *b)
{
    if (a->rank != b->rank)
        return false;
    for (size_t d = 0; d < a->rank; d++)
        if (a->dim[d] != b->dim[d] && a->dim[d] != HWV_BATCH && b->dim[d] != HWV_BATCH)
            return false;
    return true;
}

static void shape_print(char text[80], const hwv_shape *shape)
{
    size_t n = 0;
    text[0] = '\0';
    for (size_t d = 0; d < shape->rank && n + 24 < 80; d++)
        n += (size_t)(shape->dim[d] == HWV_BATCH ? snprintf(text + n, 80 - n, "%sbatch", d ? ", " : "")
                                                 : snprintf(text + n, 80 - n, "%s%zu", d ? ", " : "", shape->dim[d]));
}

static hwv_status value_compare(hwv_edit *edit, const again *a, size_t v)
{
    const hwv_trace_value *old = &edit->trace->values[v], *now = value_again(edit, a, v);
    const char *name = edit->walk.values[v].name;
    hwv_shape wanted;
    if (!old->known || old->constant || !hwv_edit_shape(edit, (uint32_t)v, &wanted))
        return HWV_OK;
    if (now == NULL)
        return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED, "after the change '%.100s' could not be computed", name);
    if (!shapes_agree(&now->shape, &wanted)) {
        char is[80], should[80];
        shape_print(is, &now->shape);
        shape_print(should, &wanted);
        return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED,
                        "after the change '%.100s' would be [%s], not [%s]: the file fixes shapes on the way to it",
                        name, is, should);
    }
    return HWV_OK;
}

/* The shapes of values that are others than before, or that only the second import knows. */
static hwv_status shapes_take(hwv_edit *edit, const again *a)
{
    for (size_t v = 0; v < edit->walk.value_count; v++) {
        const hwv_trace_value *old = &edit->trace->values[v], *now = value_again(edit, a, v);
        if (now == NULL || edit->shapes[v] ||
            (old->known && old->shape.rank == now->shape.rank &&
             memcmp(old->shape.dim, now->shape.dim, now->shape.rank * sizeof now->shape.dim[0]) == 0))
            continue;
        hwv_shape *shape = hwv_edit_take(edit, 1, sizeof *shape);
        if (shape == NULL)
            return hwv_edit_memory(edit);
        *shape = now->shape;
        edit->shapes[v] = shape;
    }
    return HWV_OK;
}

static bool has_absorbed(const hwv_onnx_trace *trace)
{
    for (size_t n = 0; n < trace->node_count; n++)
        if (trace->nodes[n].state == HWV_TRACE_ABSORBED)
            return true;
    return false;
}

static hwv_status declare(hwv_edit *edit, again *a)
{
    HWV_TRY(hwv_edit_write(edit, true, &a->bytes));
    HWV_TRY(hwv_onnx_parse(&a->file, "the changed file", a->bytes.data, a->bytes.length, edit->error));
    if (!names_number(a->file, &a->names))
        return hwv_edit_memory(edit);
    HWV_TRY(import_again(edit, a, false));
    for (size_t v = 0; v < edit->walk.value_count; v++)
        HWV_TRY(value_compare(edit, a, v));
    HWV_TRY(shapes_take(edit, a));
    if (edit->file->value_count == 0 || edit->trace->options.plain || !has_absorbed(edit->trace))
        return HWV_OK;
    HWV_TRY(import_again(edit, a, true));
    return shapes_take(edit, a);
}

hwv_status hwv_edit_declare(hwv_edit *edit)
{
    again a = {0};
    hwv_status status = declare(edit, &a);
    again_free(&a);
    if (status == HWV_OK || status == HWV_ERR_MEMORY)
        return status;
    const hwv_error inner = *edit->error;
    return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED, "the change does not fit the file: %s", inner.text);
}
