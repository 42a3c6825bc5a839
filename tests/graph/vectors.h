/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Reference vectors as graphs, on every runnable instruction set, with and without passes. Include after cmocka.h. */
#ifndef HWV_TEST_VECTORS_H
#define HWV_TEST_VECTORS_H

#include <stdio.h>
#include <string.h>

#include "compare.h"
#include "halfwave/graph.h"
#include "layout.h"
#include "reference.h"

/* Images with channels last, everything else as it is stored. */
static inline reference_array vector_load(const char *name, const char *array, bool image)
{
    reference_array a;
    assert_true(reference_load(&a, name, array));
    if (image)
        layout_channels_last(&a);
    return a;
}

/* A case's array against `got`, under the case's own limit. */
static inline void vector_expect(const char *name, const char *limit_of, const char *array, bool image,
                                 const float *got)
{
    reference_array exact = vector_load(name, array, image);
    char label[200];
    snprintf(label, sizeof label, "%s %s (%s)", name, array, hwv_isa_name(hwv_isa_current()));
    assert_non_null(got);
    assert_true(compare_maximum(label, got, exact.values, exact.count, reference_limit(name, limit_of)));
    reference_free(&exact);
}

static inline hwv_shape vector_shape(const reference_array *array)
{
    hwv_shape shape = {.rank = array->dims};
    for (size_t i = 0; i < array->dims; i++)
        shape.dim[i] = array->shape[i];
    return shape;
}

/* A parameter of an array's shape; its gradient is computed. */
static inline hwv_id vector_parameter(hwv_graph *graph, const char *name, const reference_array *array)
{
    hwv_shape shape = vector_shape(array);
    hwv_id id;
    assert_int_equal(hwv_graph_parameter(graph, name, &shape, true, &id, NULL), HWV_OK);
    return id;
}

static inline void vector_set(hwv_weights *weights, hwv_id id, const reference_array *array)
{
    memcpy(hwv_weights_data(weights, id), array->f32, array->count * sizeof(float));
}

/* Runs body on every instruction set, with and without passes. */
static inline void vectors_everywhere(void (*body)(unsigned passes))
{
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), NULL), HWV_OK);
        body(0);
        body(HWV_PASS_ALL);
    }
    assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL), HWV_OK);
}

#endif
