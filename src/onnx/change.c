/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Changing a file: tensors first, then nodes, then the shapes that it declares, which importing the changed file gives.
 * The same import shows whether the file says what the change says. */
#include "onnx/change.h"

#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"
#include "io/bytes.h"

/* ---- what the parts share ------------------------------------------------------------------------- */

hwv_status hwv_edit_memory(const hwv_edit *edit)
{
    return hwv_fail(edit->error, HWV_ERR_MEMORY, "no memory to change it");
}

void *hwv_edit_take(hwv_edit *edit, size_t count, size_t size)
{
    return hwv_import_blocks_take(&edit->memory, count, size);
}

hwv_edit_node *hwv_edit_node_at(hwv_edit *edit, size_t node)
{
    if (edit->nodes[node] == NULL) {
        hwv_edit_node *made = hwv_edit_take(edit, 1, sizeof *made);
        if (made == NULL)
            return NULL;
        edit->nodes[node] = edit->made[edit->made_count++] = made;
    }
    return edit->nodes[node];
}

const char *hwv_edit_name(hwv_edit *edit, const char *base, const char *word)
{
    size_t room = strlen(base) + strlen(word) + 32;
    char *name = hwv_edit_take(edit, room, 1);
    if (name == NULL)
        return NULL;
    (void)snprintf(name, room, "%s_%s", base, word);
    for (size_t i = 2; hwv_import_names_find(&edit->names, name) != HWV_IMPORT_NO_NAME; i++)
        (void)snprintf(name, room, "%s_%s_%zu", base, word, i);
    return hwv_import_names_add(&edit->names, name, 0) ? name : NULL;
}

const hwv_onnx_tensor *hwv_edit_tensor_at(const hwv_edit *edit, size_t number)
{
    const hwv_onnx *file = edit->file;
    if (number < file->initialiser_count)
        return &file->initialisers[number];
    number -= file->initialiser_count;
    if (number >= file->node_count || strcmp(file->nodes[number].op, "Constant") != 0)
        return NULL;
    for (size_t i = 0; i < file->nodes[number].attribute_count; i++) {
        const hwv_onnx_attribute *value = &file->nodes[number].attributes[i];
        if (strncmp(value->name, "value", 5) == 0)
            return value->type == HWV_ONNX_ATTRIBUTE_TENSOR ? value->tensor : NULL;
    }
    return NULL;
}

hwv_edit_words hwv_edit_node_words(const hwv_edit *edit, size_t node)
{
    const hwv_onnx_node *n = &edit->file->nodes[node];
    hwv_edit_words words;
    (void)snprintf(words.text, sizeof words.text, "node '%.100s' (%.40s)", hwv_import_node_name(n), n->op);
    return words;
}

const uint8_t *hwv_edit_cut(const hwv_edit *edit, hwv_id value, size_t axis)
{
    return value < edit->change->value_count ? edit->change->values[value].cut[axis] : NULL;
}

size_t hwv_edit_marked(const uint8_t *marks, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; marks && i < count; i++)
        sum += marks[i] != 0;
    return sum;
}

bool hwv_edit_shape(const hwv_edit *edit, uint32_t value, hwv_shape *shape)
{
    const hwv_trace_value *v = &edit->trace->values[value];
    const hwv_graph *graph = edit->change->network->graph;
    const hwv_id id = v->channels_last ? v->last : v->plain;
    *shape = v->shape;
    if (!v->known || v->constant || id == HWV_NO_ID)
        return v->known;
    const hwv_shape *made = &hwv_graph_value(graph, id)->shape;
    if (made->rank != v->shape.rank)
        return true; /* a number, which is [1] in the graph */
    for (size_t a = 0; a < made->rank; a++) {
        size_t at = v->channels_last ? hwv_import_axis_last(a, made->rank) : a;
        if (made->dim[at] != HWV_BATCH)
            shape->dim[a] -= hwv_edit_marked(hwv_edit_cut(edit, id, at), made->dim[at]);
    }
    return true;
}

/* ---- new initialisers ----------------------------------------------------------------------------- */

/* Old versions of the format want every initialiser among the inputs. */
static void input_add(hwv_edit *edit, const char *name, int32_t type, const size_t *dim, size_t rank)
{
    size_t begin[5];
    if (edit->file->ir_version >= 4)
        return;
    begin[0] = hwv_proto_begin(&edit->inputs, HWV_GRAPH_INPUT);
    hwv_proto_write_text(&edit->inputs, 1, name);
    begin[1] = hwv_proto_begin(&edit->inputs, 2);
    begin[2] = hwv_proto_begin(&edit->inputs, 1);
    hwv_proto_write_int(&edit->inputs, 1, type);
    begin[3] = hwv_proto_begin(&edit->inputs, 2);
    for (size_t d = 0; d < rank; d++) {
        begin[4] = hwv_proto_begin(&edit->inputs, 1);
        hwv_proto_write_int(&edit->inputs, 1, (int64_t)dim[d]);
        hwv_proto_end(&edit->inputs, begin[4]);
    }
    for (size_t i = 4; i-- > 0;)
        hwv_proto_end(&edit->inputs, begin[i]);
}

static void initialiser_add(hwv_edit *edit, const char *name, int32_t type, const size_t *dim, size_t rank,
                            const unsigned char *bytes, size_t size)
{
    hwv_text *text = &edit->initialisers;
    size_t begin = hwv_proto_begin(text, HWV_GRAPH_INITIALISER);
    for (size_t d = 0; d < rank; d++)
        hwv_proto_write_int(text, HWV_TENSOR_DIMS, (int64_t)dim[d]);
    hwv_proto_write_int(text, HWV_TENSOR_TYPE, type);
    hwv_proto_write_text(text, HWV_TENSOR_NAME, name);
    hwv_proto_write_bytes(text, HWV_TENSOR_RAW, bytes, size);
    hwv_proto_end(text, begin);
    input_add(edit, name, type, dim, rank);
}

hwv_status hwv_edit_floats(hwv_edit *edit, const char *name, int32_t type, const size_t *dim, size_t rank,
                           const float *data)
{
    size_t count = 1, size = 0;
    for (size_t d = 0; d < rank; d++)
        count *= dim[d];
    unsigned char *bytes = hwv_edit_take(edit, count, sizeof(double));
    if (bytes == NULL)
        return hwv_edit_memory(edit);
    for (size_t i = 0; i < count; i++)
        size += hwv_edit_number(bytes + size, type, data[i]);
    initialiser_add(edit, name, type, dim, rank, bytes, size);
    return HWV_OK;
}

hwv_status hwv_edit_ints(hwv_edit *edit, const char *name, const int64_t *data, size_t count)
{
    unsigned char *bytes = hwv_edit_take(edit, count, sizeof *data);
    if (bytes == NULL)
        return hwv_edit_memory(edit);
    for (size_t i = 0; i < count; i++)
        hwv_store_le64(bytes + 8 * i, (uint64_t)data[i]);
    initialiser_add(edit, name, HWV_ONNX_INT64, &count, 1, bytes, count * sizeof *data);
    return HWV_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------ */

/* Whether trace, change and file belong together, as far as counts can tell. */
static hwv_status match(const hwv_edit *edit)
{
    const hwv_onnx *file = edit->file;
    const hwv_onnx_trace *trace = edit->trace;
    const hwv_graph *graph = edit->change->network->graph;
    if (trace->file_size != file->size || trace->node_count != file->node_count)
        return hwv_fail(edit->error, HWV_ERR_ARGUMENT, "it is another file than the one that was imported");
    if (edit->change->value_count != trace->graph_values || hwv_graph_value_count(graph) != trace->graph_values ||
        hwv_graph_node_count(graph) != trace->graph_nodes)
        return hwv_fail(edit->error, HWV_ERR_ARGUMENT, "the change is of another network than the one imported");
    return HWV_OK;
}

static hwv_status prepare(hwv_edit *edit)
{
    const hwv_onnx *file = edit->file;
    edit->memory.most = SIZE_MAX;
    edit->state = (hwv_import_state){
        .file = file, .options = &edit->trace->options, .memory = &edit->memory, .error = edit->error};
    edit->import = (hwv_import){.opset = file->opset, .error = edit->error, .state = &edit->state};
    HWV_TRY(hwv_import_walk_make(&edit->walk, &edit->import));
    if (edit->walk.value_count != edit->trace->value_count)
        return hwv_fail(edit->error, HWV_ERR_ARGUMENT, "it is another file than the one that was imported");
    edit->tensors = hwv_edit_take(edit, file->initialiser_count + file->node_count, sizeof(hwv_edit_tensor *));
    edit->cut = hwv_edit_take(edit, file->initialiser_count + file->node_count, sizeof(uint8_t *));
    edit->nodes = hwv_edit_take(edit, file->node_count, sizeof(hwv_edit_node *));
    edit->made = hwv_edit_take(edit, file->node_count, sizeof(hwv_edit_node *));
    edit->shapes = hwv_edit_take(edit, edit->walk.value_count, sizeof(const hwv_shape *));
    if (!edit->tensors || !edit->cut || !edit->nodes || !edit->made || !edit->shapes)
        return hwv_edit_memory(edit);
    for (size_t v = 0; v < edit->walk.value_count; v++)
        if (!hwv_import_names_add(&edit->names, edit->walk.values[v].name, 0))
            return hwv_edit_memory(edit);
    for (size_t n = 0; n < file->node_count; n++)
        if (hwv_import_names_find(&edit->names, file->nodes[n].name) == HWV_IMPORT_NO_NAME &&
            !hwv_import_names_add(&edit->names, file->nodes[n].name, 0))
            return hwv_edit_memory(edit);
    return HWV_OK;
}

static bool has_cuts(const hwv_change *change)
{
    for (size_t v = 0; v < change->value_count; v++) {
        const hwv_shape *shape = &hwv_graph_value(change->network->graph, (hwv_id)v)->shape;
        for (size_t a = 0; a < shape->rank; a++)
            if (shape->dim[a] != HWV_BATCH && hwv_edit_marked(change->values[v].cut[a], shape->dim[a]) > 0)
                return true;
    }
    return false;
}

static bool texts_failed(const hwv_edit *edit)
{
    bool failed = edit->initialisers.failed || edit->inputs.failed;
    for (size_t i = 0; i < edit->made_count; i++)
        failed =
            failed || edit->made[i]->attributes.failed || edit->made[i]->before.failed || edit->made[i]->after.failed;
    return failed;
}

static hwv_status edit_run(hwv_edit *edit, bool embed, hwv_text *bytes)
{
    HWV_TRY(match(edit));
    HWV_TRY(prepare(edit));
    edit->cuts = has_cuts(edit->change);
    HWV_TRY(hwv_edit_tensors(edit));
    HWV_TRY(hwv_edit_nodes(edit));
    if (edit->cuts) {
        HWV_TRY(hwv_edit_groups(edit));
        HWV_TRY(hwv_edit_reshapes(edit));
    }
    if (texts_failed(edit))
        return hwv_edit_memory(edit);
    if (edit->cuts)
        HWV_TRY(hwv_edit_declare(edit));
    return hwv_edit_write(edit, embed, bytes);
}

static void edit_free(hwv_edit *edit)
{
    for (size_t i = 0; i < edit->made_count; i++) {
        hwv_text_free(&edit->made[i]->attributes);
        hwv_text_free(&edit->made[i]->before);
        hwv_text_free(&edit->made[i]->after);
    }
    hwv_text_free(&edit->initialisers);
    hwv_text_free(&edit->inputs);
    hwv_import_walk_free(&edit->walk);
    hwv_import_names_free(&edit->names);
    hwv_import_blocks_free(&edit->memory);
}

hwv_status hwv_onnx_change(hwv_text *bytes, const hwv_onnx *file, const hwv_onnx_trace *trace, const hwv_change *change,
                           bool embed, hwv_error *error)
{
    hwv_error own;
    hwv_edit edit = {.file = file, .trace = trace, .change = change, .error = error ? error : &own};
    size_t before = bytes->length;
    if (hwv_change_is_empty(change) && !(embed && file->external_bytes > 0)) {
        hwv_text_add(bytes, (const char *)file->bytes, file->size);
        return bytes->failed ? hwv_edit_memory(&edit) : HWV_OK;
    }
    hwv_status status = edit_run(&edit, embed, bytes);
    edit_free(&edit);
    if (status == HWV_OK && bytes->failed)
        status = hwv_edit_memory(&edit);
    if (status == HWV_OK && bytes->length - before > INT32_MAX)
        status = hwv_fail(edit.error, HWV_ERR_UNSUPPORTED, "%zu bytes, an ONNX file has at most %zu",
                          bytes->length - before, (size_t)INT32_MAX);
    if (status == HWV_OK)
        return HWV_OK;
    if (bytes->data && bytes->length > before)
        bytes->data[bytes->length = before] = 0;
    return hwv_fail_prefix(edit.error, status, "%s: ", file->path);
}
