/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Indices of a file that was read, by sorting, so that a file with many entries costs no squares of them. */
#include <stdlib.h>
#include <string.h>

#include "onnx/read.h"

/* ---- inputs that are no initialisers -------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

static hwv_status index_ports(hwv_onnx_reader *reader)
{
    const hwv_onnx *model = reader->model;
    hwv_onnx_storage *storage = reader->storage;
    const char **names;
    HWV_TRY(hwv_onnx_take(reader, model->initialiser_count, sizeof *names, &names));
    HWV_TRY(hwv_onnx_take(reader, model->input_count, sizeof(const hwv_onnx_value *), &storage->ports));
    for (size_t i = 0; i < model->initialiser_count; i++)
        names[i] = model->initialisers[i].name;
    if (model->initialiser_count > 1)
        qsort(names, model->initialiser_count, sizeof *names, compare_names);
    for (size_t i = 0; i < model->input_count; i++) {
        const hwv_onnx_value *input = &model->inputs[i];
        if (model->initialiser_count == 0 ||
            !bsearch(&input->name, names, model->initialiser_count, sizeof *names, compare_names))
            storage->ports[storage->port_count++] = input;
    }
    return HWV_OK;
}

/* ---- operators ----------------------------------------------------------------------------------- */

static int compare_operators(const hwv_onnx_node *a, const hwv_onnx_node *b)
{
    int order = strcmp(a->op, b->op);
    return order ? order : strcmp(a->domain, b->domain);
}

/* Nodes stand in an array in order of the file. */
static int compare_nodes(const void *a, const void *b)
{
    const hwv_onnx_node *const *x = a, *const *y = b;
    int order = compare_operators(*x, *y);
    return order ? order : (*x > *y) - (*x < *y);
}

static int compare_first(const void *a, const void *b)
{
    const hwv_onnx_operator *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static hwv_status index_operators(hwv_onnx_reader *reader)
{
    const hwv_onnx *model = reader->model;
    hwv_onnx_storage *storage = reader->storage;
    const hwv_onnx_node **nodes;
    size_t count = 0;
    if (model->node_count == 0)
        return HWV_OK;
    HWV_TRY(hwv_onnx_take(reader, model->node_count, sizeof *nodes, &nodes));
    for (size_t i = 0; i < model->node_count; i++)
        nodes[i] = &model->nodes[i];
    qsort(nodes, model->node_count, sizeof *nodes, compare_nodes);
    for (size_t i = 0; i < model->node_count; i++)
        count += i == 0 || compare_operators(nodes[i - 1], nodes[i]) != 0;
    HWV_TRY(hwv_onnx_take(reader, count, sizeof *storage->operators, &storage->operators));
    for (size_t i = 0; i < model->node_count; i++) {
        if (i == 0 || compare_operators(nodes[i - 1], nodes[i]) != 0)
            storage->operators[storage->operator_count++].first = nodes[i];
        storage->operators[storage->operator_count - 1].count++;
    }
    qsort(storage->operators, count, sizeof *storage->operators, compare_first);
    return HWV_OK;
}

/* ---- the producer -------------------------------------------------------------------------------- */

static hwv_status join_producer(hwv_onnx_reader *reader)
{
    const char *name = reader->model->producer, *version = reader->model->producer_version;
    size_t length = strlen(name), more = strlen(version);
    char *joined;
    HWV_TRY(hwv_onnx_take(reader, length + more + 2, 1, &joined));
    memcpy(joined, name, length);
    if (length && more)
        joined[length++] = ' ';
    memcpy(joined + length, version, more);
    reader->storage->producer = joined;
    return HWV_OK;
}

hwv_status hwv_onnx_index(hwv_onnx_reader *reader)
{
    HWV_TRY(join_producer(reader));
    HWV_TRY(index_ports(reader));
    return index_operators(reader);
}
