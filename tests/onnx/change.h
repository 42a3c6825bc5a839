/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * For tests of changes: a model with its import, a change of it, and what became of it. */
#ifndef TESTS_ONNX_CHANGE_H
#define TESTS_ONNX_CHANGE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/data.h"
#include "halfwave/onnx.h"
#include "io/file.h"
#include "make.h"
#include "onnx/model.h"

typedef struct patient {
    hwv_onnx *file;
    hwv_onnx_trace *trace;
    hwv_network network;
    hwv_change change;
    const hwv_onnx_import_options *options; /* that it is imported with; NULL: many samples at once */
} patient;

static inline void patient_take(patient *p, hwv_onnx *file)
{
    hwv_error error = {0};
    hwv_onnx_import_options options = p->options ? *p->options : (hwv_onnx_import_options){.batched = true};
    options.trace = &p->trace;
    p->file = file;
    if (hwv_onnx_import(&p->network, file, &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    assert_non_null(p->trace);
    assert_int_equal(hwv_change_create(&p->change, &p->network, &error), HWV_OK);
}

static inline void patient_parse(patient *p, const void *bytes, size_t size)
{
    hwv_error error = {0};
    hwv_onnx *file;
    if (hwv_onnx_parse(&file, "made", bytes, size, &error) != HWV_OK)
        fail_msg("%s", error.text);
    patient_take(p, file);
}

static inline void patient_free(patient *p)
{
    hwv_change_free(&p->change);
    hwv_network_free(&p->network);
    hwv_onnx_trace_free(p->trace);
    hwv_onnx_close(p->file);
}

/* The changed file; free its bytes behind what was parsed of it. */
static inline hwv_text patient_changed(const patient *p)
{
    hwv_text bytes = {0};
    hwv_error error = {0};
    if (hwv_onnx_change(&bytes, p->file, p->trace, &p->change, false, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return bytes;
}

static inline void patient_refused(const patient *p, hwv_status wanted, const char *words)
{
    hwv_text bytes = {0};
    hwv_error error = {0};
    hwv_status status = hwv_onnx_change(&bytes, p->file, p->trace, &p->change, false, &error);
    if (status != wanted || !strstr(error.text, words))
        fail_msg("%s '%s', wanted %s '%s'", hwv_status_name(status), error.text, hwv_status_name(wanted), words);
    assert_int_equal(bytes.length, 0);
    hwv_text_free(&bytes);
}

/* Index `i` is cut out of every axis of this length. */
static inline void cut_length(patient *p, size_t length, size_t i)
{
    for (hwv_id v = 0; v < p->change.value_count; v++) {
        const hwv_shape shape = hwv_graph_value(p->network.graph, v)->shape;
        for (size_t a = 0; a < shape.rank; a++)
            if (shape.dim[a] == length)
                hwv_change_cut(&p->change, v, a)[i] = 1;
    }
}

static inline hwv_id value_named(const patient *p, const char *name)
{
    hwv_id id = hwv_graph_find(p->network.graph, name);
    if (id == HWV_NO_ID)
        fail_msg("no value '%s'", name);
    return id;
}

/* Output o of the network for inputs that are always the same; returns how many numbers. x, columns: of input 0. */
static inline size_t patient_run(const patient *p, size_t o, size_t rows, float *first, size_t *columns, float *y,
                                 size_t room)
{
    hwv_plan *plan;
    hwv_plan_options options = {.batch = p->network.batched ? rows : 1};
    hwv_error error = {0};
    size_t count = 1;
    unsigned seed = 7;
    rows = options.batch;
    if (hwv_plan_create(&plan, p->network.graph, p->network.weights, p->network.outputs[o].value, &options, &error))
        fail_msg("%s", error.text);
    for (size_t k = 0; k < p->network.input_count; k++) {
        const hwv_shape *shape = &p->network.inputs[k].shape;
        float *x = hwv_plan_data(plan, p->network.inputs[k].value);
        size_t n = 1;
        for (size_t a = 0; a < shape->rank; a++)
            n *= shape->dim[a] == HWV_BATCH ? rows : shape->dim[a];
        for (size_t i = 0; x && i < n; i++) {
            seed = seed * 1664525u + 1013904223u;
            x[i] = (float)(seed >> 8) / (float)(1 << 23) - 1;
            if (k == 0)
                first[i] = x[i];
        }
        *columns = k == 0 ? n / rows : *columns;
    }
    hwv_plan_forward(plan);
    const hwv_shape *shape = &hwv_graph_value(p->network.graph, p->network.outputs[o].value)->shape;
    for (size_t a = 0; a < shape->rank; a++)
        count *= shape->dim[a] == HWV_BATCH ? rows : shape->dim[a];
    assert_true(count <= room);
    memcpy(y, hwv_plan_data(plan, p->network.outputs[o].value), count * sizeof *y);
    hwv_plan_destroy(plan);
    return count;
}

/* With HALFWAVE_CHANGE_FOLDER the changed file stays there with an input and the output, for scripts/onnx-runtime.sh. */
static inline void patient_keep(const patient *p, const char *name, const float *x, size_t rows, size_t columns,
                                const float *y, size_t count)
{
    const char *folder = getenv("HALFWAVE_CHANGE_FOLDER");
    char path[400];
    if (folder == NULL || name == NULL || p->network.input_count != 1)
        return;
    (void)snprintf(path, sizeof path, "%s/%s.onnx", folder, name);
    assert_int_equal(hwv_file_write(path, p->file->bytes, p->file->size, NULL), HWV_OK);
    (void)snprintf(path, sizeof path, "%s/%s.x.npy", folder, name);
    assert_int_equal(hwv_npy_write(path, x, rows, columns, NULL), HWV_OK);
    (void)snprintf(path, sizeof path, "%s/%s.y.npy", folder, name);
    assert_int_equal(hwv_npy_write(path, y, rows, count / rows, NULL), HWV_OK);
}

/* Both give the same, to 1e-5 or exactly; `name` is that of the changed model. */
static inline void patients_agree(const patient *a, const patient *b, bool equal, const char *name)
{
    static float x[1 << 20], y[2][1 << 18];
    double most = 1;
    size_t columns, n = patient_run(a, 0, 3, x, &columns, y[0], 1 << 18);
    assert_int_equal(patient_run(b, 0, 3, x, &columns, y[1], 1 << 18), n);
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs((double)y[0][i]));
    for (size_t i = 0; i < n; i++)
        if (!(equal ? y[0][i] == y[1][i] : fabs((double)y[0][i] - (double)y[1][i]) <= 1e-5 * most))
            fail_msg("%s: output %zu: %g becomes %g", name ? name : "", i, (double)y[0][i], (double)y[1][i]);
    patient_keep(b, name, x, a->network.batched ? 3 : 1, columns, y[1], n);
}

/* The changed file as a patient of its own, which owns *bytes. */
static inline void patient_become(patient *after, const patient *before, hwv_text *bytes)
{
    *after = (patient){.options = before->options};
    *bytes = patient_changed(before);
    patient_parse(after, bytes->data, bytes->length);
}

/* The change moves nothing. */
static inline void expect_same(patient *before, bool equal, const char *name)
{
    patient after;
    hwv_text bytes;
    patient_become(&after, before, &bytes);
    patients_agree(before, &after, equal, name);
    patient_free(&after);
    hwv_text_free(&bytes);
}

static inline const hwv_onnx_tensor *tensor_named(const hwv_onnx *file, const char *name)
{
    for (size_t i = 0; i < file->initialiser_count; i++)
        if (strcmp(file->initialisers[i].name, name) == 0)
            return &file->initialisers[i];
    fail_msg("no tensor '%s'", name);
    return NULL;
}

static inline const hwv_onnx_node *node_named(const hwv_onnx *file, const char *name)
{
    for (size_t i = 0; i < file->node_count; i++)
        if (strcmp(file->nodes[i].name, name) == 0)
            return &file->nodes[i];
    fail_msg("no node '%s'", name);
    return NULL;
}

/* ---- models --------------------------------------------------------------------------------------- */

static maker m;

/* Numbers of their own for every tensor, -1 .. 1. */
static inline const float *noise(size_t count)
{
    static float numbers[4096];
    static unsigned seed;
    assert_true(count <= 4096);
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        numbers[i] = (float)(seed >> 8) / (float)(1 << 23) - 1;
    }
    return numbers;
}

static inline void floats(const char *name, size_t rank, size_t a, size_t b, size_t c, size_t d)
{
    const size_t dim[4] = {a, b, c, d};
    size_t n = 1;
    for (size_t i = 0; i < rank; i++)
        n *= dim[i];
    make_floats(&m, name, dim, rank, noise(n));
}

/* x and y; dimensions below 0 are free. */
static inline void begin(const int64_t *x, size_t rank, const int64_t *y, size_t y_rank)
{
    m = (maker){0};
    m.used = make_text(m.graph, 2, "made");
    make_input(&m, "x", x, rank);
    make_port(&m, 12, "y", 1, y, y_rank);
}

static inline void finish(patient *p, int64_t opset)
{
    *p = (patient){0};
    make_model(&m, opset);
    patient_parse(p, m.model, m.model_size);
}

/* How many bytes both begin with, and end with. */
static inline size_t common_bytes(const unsigned char *a, size_t a_size, const unsigned char *b, size_t b_size)
{
    size_t head = 0, tail = 0, least = a_size < b_size ? a_size : b_size;
    while (head < least && a[head] == b[head])
        head++;
    while (tail < least - head && a[a_size - 1 - tail] == b[b_size - 1 - tail])
        tail++;
    return head + tail;
}

#endif
