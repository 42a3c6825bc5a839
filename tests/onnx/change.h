/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * For tests of changes: a model with its import, a change of it, and what became of it. */
#ifndef TESTS_ONNX_CHANGE_H
#define TESTS_ONNX_CHANGE_H

#include <math.h>
#include <string.h>

#include "halfwave/onnx.h"
#include "make.h"
#include "onnx/model.h"

typedef struct patient {
    hwv_onnx *file;
    hwv_onnx_trace *trace;
    hwv_network network;
    hwv_change change;
} patient;

static inline void patient_take(patient *p, hwv_onnx *file, const hwv_onnx_import_options *given)
{
    hwv_error error = {0};
    hwv_onnx_import_options options = given ? *given : (hwv_onnx_import_options){.batched = true};
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
    patient_take(p, file, NULL);
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

/* Output o of the network for inputs that are drawn anew, the same for the same seed; returns how many numbers. */
static inline size_t patient_run(const patient *p, size_t o, size_t rows, unsigned seed, float *y, size_t room)
{
    hwv_plan *plan;
    hwv_plan_options options = {.batch = p->network.batched ? rows : 1};
    hwv_error error = {0};
    size_t count = 1;
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
        }
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

/* Both give the same to 1e-5, or exactly. */
static inline void patients_agree(const patient *a, const patient *b, bool equal)
{
    static float x[1 << 20], y[1 << 20];
    double most = 1;
    size_t n = patient_run(a, 0, 3, 7, x, 1 << 20);
    assert_int_equal(patient_run(b, 0, 3, 7, y, 1 << 20), n);
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs((double)x[i]));
    for (size_t i = 0; i < n; i++)
        if (!(equal ? x[i] == y[i] : fabs((double)x[i] - (double)y[i]) <= 1e-5 * most))
            fail_msg("output %zu: %g becomes %g", i, (double)x[i], (double)y[i]);
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

/* Whether b is a with something put in, taken out or exchanged in one place at most: length of what both begin and end with. */
static inline size_t common_bytes(const unsigned char *a, size_t n, const unsigned char *b, size_t m)
{
    size_t head = 0, tail = 0, least = n < m ? n : m;
    while (head < least && a[head] == b[head])
        head++;
    while (tail < least - head && a[n - 1 - tail] == b[m - 1 - tail])
        tail++;
    return head + tail;
}

#endif
