/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * An activation node becomes another: PRelu with a slope for every unit here, the others as the export writes them. What
 * is one node takes the place of the old one, whose name, notes and output stay; several stand where it stood. */
#include "onnx/change.h"

#include <stdio.h>
#include <string.h>

#include "onnx/export.h"

/* ---- PRelu ---------------------------------------------------------------------------------------- */

static hwv_status become(hwv_edit *edit, size_t n, const char *op, const char *second)
{
    hwv_edit_node *to = hwv_edit_node_at(edit, n);
    const char **inputs = hwv_edit_take(edit, 2, sizeof *inputs);
    if (to == NULL || inputs == NULL)
        return hwv_edit_memory(edit);
    inputs[0] = to->inputs ? to->inputs[0] : edit->file->nodes[n].inputs[0];
    inputs[1] = second;
    to->inputs = inputs;
    to->input_count = second ? 2 : 1;
    to->op = op;
    return HWV_OK;
}

/* Slopes are broadcast from the last axis on; before opset 7 a vector is one of channels. */
static hwv_status prelu(hwv_edit *edit, size_t n, const hwv_trace_value *y, float slope, size_t units)
{
    const char *name = hwv_edit_name(edit, hwv_import_node_name(&edit->file->nodes[n]), "slope");
    size_t dim[HWV_MAX_RANK] = {units}, rank = y->channels_last ? y->shape.rank - 1 : 1;
    if (edit->file->opset < 7) {
        rank = 1;
        dim[0] = y->channels_last || y->shape.rank == 2 ? units : 1;
    }
    for (size_t i = 1; i < rank; i++)
        dim[i] = 1;
    float *slopes = hwv_edit_take(edit, units, sizeof *slopes);
    if (name == NULL || slopes == NULL)
        return hwv_edit_memory(edit);
    for (size_t i = 0; i < units; i++)
        slopes[i] = slope;
    HWV_TRY(hwv_edit_floats(edit, name, y->type, dim, rank, slopes));
    return become(edit, n, "PRelu", name);
}

/* ---- as the export writes it ---------------------------------------------------------------------- */

/* Node number k in what was written. */
static bool node_at(const hwv_text *text, size_t k, hwv_proto *node)
{
    hwv_proto message = {(const unsigned char *)text->data, 0, text->length, NULL};
    hwv_proto_field field;
    while (message.at < message.end && hwv_proto_next(&message, &field) == HWV_OK)
        if (field.number == HWV_GRAPH_NODE && k-- == 0) {
            *node = (hwv_proto){message.bytes, field.at, field.at + field.length, NULL};
            return true;
        }
    return false;
}

static size_t node_count(const hwv_text *text)
{
    size_t count = 0;
    hwv_proto node;
    while (node_at(text, count, &node))
        count++;
    return count;
}

/* A node's operator by its row, NULL: the file's opset does not have it so. */
static const hwv_import_row *row_of(const hwv_edit *edit, hwv_proto node, bool several)
{
    char op[64] = "";
    hwv_proto_field field;
    while (node.at < node.end && hwv_proto_next(&node, &field) == HWV_OK)
        if (field.number == HWV_NODE_OP_FIELD)
            (void)snprintf(op, sizeof op, "%.*s", (int)field.length, (const char *)node.bytes + field.at);
    const hwv_import_row *row = hwv_import_row_find(op);
    const int64_t least = strcmp(op, "Clip") == 0 ? 11 : several ? 7 : 1; /* bounds as inputs; NumPy's rule */
    return row && edit->file->opset >= row->first && edit->file->opset >= least ? row : NULL;
}

static void copy(hwv_text *to, const hwv_proto *message, const hwv_proto_field *field)
{
    hwv_text_add(to, (const char *)message->bytes + field->offset, message->at - field->offset);
}

/* Its attributes for the old node. */
static hwv_status one_node(hwv_edit *edit, size_t n, hwv_proto node, const char *op)
{
    hwv_proto_field field;
    HWV_TRY(become(edit, n, op, NULL));
    while (node.at < node.end && hwv_proto_next(&node, &field) == HWV_OK)
        if (field.number == HWV_NODE_ATTRIBUTE_FIELD)
            copy(&edit->nodes[n]->attributes, &node, &field);
    return HWV_OK;
}

/* The last of several nodes has the old one's name. */
static void last_node(hwv_text *to, hwv_proto node, const char *name)
{
    hwv_proto_field field;
    size_t begin = hwv_proto_begin(to, HWV_GRAPH_NODE);
    while (node.at < node.end && hwv_proto_next(&node, &field) == HWV_OK) {
        if (field.number == HWV_NODE_NAME_FIELD)
            hwv_proto_write_text(to, HWV_NODE_NAME_FIELD, name);
        else
            copy(to, &node, &field);
    }
    hwv_proto_end(to, begin);
}

/* Numbers of a node of several, which the export writes as float32, as initialisers of the file. */
static hwv_status number_add(hwv_edit *edit, hwv_proto tensor)
{
    hwv_proto_field field;
    char name[HWV_EXPORT_NAME] = "";
    float number = 0;
    while (tensor.at < tensor.end && hwv_proto_next(&tensor, &field) == HWV_OK) {
        if (field.number == HWV_TENSOR_NAME)
            (void)snprintf(name, sizeof name, "%.*s", (int)field.length, (const char *)tensor.bytes + field.at);
        else if (field.number == HWV_TENSOR_RAW && field.length == sizeof number)
            number = hwv_proto_float((uint64_t)tensor.bytes[field.at] | (uint64_t)tensor.bytes[field.at + 1] << 8 |
                                     (uint64_t)tensor.bytes[field.at + 2] << 16 |
                                     (uint64_t)tensor.bytes[field.at + 3] << 24);
    }
    return hwv_edit_floats(edit, name, HWV_ONNX_FLOAT, NULL, 0, &number);
}

static hwv_status several_nodes(hwv_edit *edit, size_t n, const hwv_text *text, size_t count)
{
    hwv_edit_node *to = hwv_edit_node_at(edit, n);
    hwv_proto message = {(const unsigned char *)text->data, 0, text->length, NULL};
    hwv_proto_field field;
    if (to == NULL)
        return hwv_edit_memory(edit);
    while (message.at < message.end && hwv_proto_next(&message, &field) == HWV_OK) {
        hwv_proto inner = {message.bytes, field.at, field.at + field.length, NULL};
        if (field.number == HWV_GRAPH_INITIALISER)
            HWV_TRY(number_add(edit, inner));
        else if (--count == 0)
            last_node(&to->before, inner, edit->file->nodes[n].name);
        else
            copy(&to->before, &message, &field);
    }
    to->replaced = true;
    return HWV_OK;
}

static hwv_status unsupported(const hwv_edit *edit, size_t n, const hwv_act *act)
{
    return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED, "%s: %s has no form in the file's opset, %lld",
                    hwv_edit_node_words(edit, n).text, hwv_op_row(act->op)->name, (long long)edit->file->opset);
}

/* Clip before its bounds were inputs. */
static hwv_status old_clip(hwv_edit *edit, size_t n, const float bounds[2])
{
    HWV_TRY(become(edit, n, "Clip", NULL));
    hwv_attribute_write_float(&edit->nodes[n]->attributes, "min", bounds[0]);
    hwv_attribute_write_float(&edit->nodes[n]->attributes, "max", bounds[1]);
    return HWV_OK;
}

/* A name for inner nodes that is short enough and whose like the file does not have. */
static const char *inner_name(hwv_edit *edit)
{
    return hwv_edit_name(edit, "halfwave", "act");
}

static hwv_status written(hwv_edit *edit, size_t n, const hwv_act *act, const hwv_trace_value *y, hwv_export *out)
{
    const hwv_onnx_node *old = &edit->file->nodes[n];
    const char *x = edit->nodes[n] && edit->nodes[n]->inputs ? edit->nodes[n]->inputs[0] : old->inputs[0];
    const char *name = inner_name(edit);
    hwv_node node = {.kind = HWV_NODE_ACTIVATION, .attributes = {.act = *act}, .input_count = 1, .output_count = 1};
    hwv_proto made;
    if (name == NULL)
        return hwv_edit_memory(edit);
    (void)snprintf(node.name, sizeof node.name, "%s", name);
    HWV_TRY(hwv_export_activation(out, &node, x, old->outputs[0]));
    if (out->text.failed)
        return hwv_edit_memory(edit);
    size_t count = node_count(&out->text);
    for (size_t k = 0; k < count; k++)
        if (!node_at(&out->text, k, &made) || row_of(edit, made, count > 1) == NULL)
            return unsupported(edit, n, act);
    if (count == 1 && strcmp(row_of(edit, made, false)->op, "Clip") != 0)
        return one_node(edit, n, made, row_of(edit, made, false)->op);
    if (y->type != HWV_ONNX_FLOAT)
        return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED, "%s: %s is written out with numbers of float32, not %s",
                        hwv_edit_node_words(edit, n).text, hwv_op_row(act->op)->name, hwv_onnx_type_name(y->type));
    return several_nodes(edit, n, &out->text, count);
}

hwv_status hwv_edit_activation(hwv_edit *edit, size_t n, const hwv_act *act, size_t units)
{
    const hwv_trace_value *y = &edit->trace->values[hwv_import_walk_out(&edit->walk, n, 0)];
    static const float six[2] = {0, 6};
    hwv_export out = {.error = edit->error};
    if (edit->file->nodes[n].input_count == 0 || edit->file->nodes[n].domain[0])
        return unsupported(edit, n, act);
    if (act->op == HWV_OP_PRELU)
        return prelu(edit, n, y, act->param[0], units);
    if (edit->file->opset < 11 && act->op == HWV_OP_RELU6)
        return old_clip(edit, n, six);
    if (edit->file->opset < 11 && (act->op == HWV_OP_CLIP || act->op == HWV_OP_HARDTANH))
        return old_clip(edit, n, act->param);
    hwv_status status = written(edit, n, act, y, &out);
    hwv_text_free(&out.text);
    return status;
}
