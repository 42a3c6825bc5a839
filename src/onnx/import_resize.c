/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Resize and Upsample: along each axis every number of y is a weighted sum of one (nearest), two (linear) or four
 * (cubic) of x. Places are computed in float32, as runtimes do. */
#include "graph/functions.h"
#include "onnx/import_state.h"

#include <math.h>
#include <string.h>

/* A size that nobody stored should not be larger than what an image has. */
#define MOST_SIZE ((size_t)1 << 20)

typedef enum places {
    HALF_PIXEL,
    PYTORCH_HALF_PIXEL,
    ALIGN_CORNERS,
    ASYMMETRIC,
    HALF_PIXEL_SYMMETRIC,
    TF_HALF_PIXEL_FOR_NN
} places;
typedef enum rounding { ROUND_PREFER_FLOOR, ROUND_PREFER_CEIL, FLOOR, CEIL, SIMPLE } rounding;
typedef enum mode { NEAREST, LINEAR, CUBIC } mode;

typedef struct resize {
    mode mode;
    places places;
    rounding rounding;
    float cubic;
    bool inside_only; /* numbers outside x have no weight, instead of those of the edge */
    float scale[HWV_MAX_RANK];
    size_t size[HWV_MAX_RANK]; /* of y */
} resize;

/* ---- what is asked for ---------------------------------------------------------------------------- */

/* The place of an attribute's text in a list. */
static hwv_status choice(hwv_import *import, const char *name, const char *absent, const char *const *list,
                         size_t count, int *at)
{
    const char *given;
    HWV_TRY(hwv_import_string(import, name, absent, &given));
    for (size_t i = 0; i < count; i++)
        if (strcmp(given, list[i]) == 0) {
            *at = (int)i;
            return HWV_OK;
        }
    return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "%s '%.40s'", name, given);
}

static hwv_status modes_read(hwv_import *import, resize *r)
{
    static const char *const modes[] = {"nearest", "linear", "cubic", "bilinear"};
    static const char *const all_places[] = {"half_pixel", "pytorch_half_pixel",   "align_corners",
                                             "asymmetric", "half_pixel_symmetric", "tf_half_pixel_for_nn"};
    static const char *const roundings[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
    static const char *const policies[] = {"stretch"};
    const bool old = import->opset < 11;
    int at = 0;
    int64_t inside;
    HWV_TRY(choice(import, "mode", "nearest", modes, 4, &at));
    r->mode = at == 3 ? LINEAR : (mode)at;
    HWV_TRY(choice(import, "coordinate_transformation_mode", old ? "asymmetric" : "half_pixel", all_places, 6, &at));
    r->places = (places)at;
    HWV_TRY(choice(import, "nearest_mode", "round_prefer_floor", roundings, 4, &at));
    r->rounding = old ? SIMPLE : (rounding)at;
    HWV_TRY(choice(import, "keep_aspect_ratio_policy", "stretch", policies, 1, &at));
    HWV_TRY(hwv_import_float(import, "cubic_coeff_a", -0.75f, &r->cubic));
    HWV_TRY(hwv_import_int(import, "exclude_outside", 0, &inside));
    r->inside_only = inside != 0;
    return HWV_OK;
}

/* One number for each axis: scales, or else sizes. */
static hwv_status numbers_read(hwv_import *import, const float **scales, const int64_t **sizes, size_t *count)
{
    const hwv_onnx_attribute *given = hwv_onnx_attribute_find(import->node, "scales");
    const size_t at = import->opset < 11 ? 1 : 2;
    *scales = NULL;
    *sizes = NULL;
    if (import->opset < 9) {
        if (given == NULL || given->type != HWV_ONNX_ATTRIBUTE_FLOATS)
            return hwv_import_fail(import, HWV_ERR_FORMAT, "it has no scales");
        *scales = given->floats;
        *count = given->count;
        return HWV_OK;
    }
    if (hwv_import_has(import, at) && !(import->in[at]->constant && import->in[at]->elements == 0))
        return hwv_import_floats(import, at, scales, count);
    if (hwv_import_has(import, 3))
        return hwv_import_dims(import, 3, sizes, count);
    return hwv_import_fail(import, HWV_ERR_FORMAT, "it has neither scales nor sizes");
}

/* Scale and size of an axis, from one of both. */
static hwv_status axis_set(hwv_import *import, resize *r, size_t axis, const float *scale, const int64_t *size)
{
    const size_t n = import->in[0]->shape.dim[axis];
    if (n == HWV_BATCH) {
        const bool all = scale ? *scale == 1 : *size == HWV_IMPORT_BATCH || (*size == 1 && import->state->single);
        return all ? HWV_OK : hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it resizes the axis of the samples");
    }
    const float asked = scale ? floorf((float)n * *scale) : (float)*size;
    if (!(asked >= 1 && asked <= (float)MOST_SIZE))
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "a size of %g", (double)asked);
    if (r->places == ALIGN_CORNERS && scale && asked != (float)n * *scale)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                               "corners of a size that is no whole number, for which runtimes differ");
    r->size[axis] = (size_t)asked;
    r->scale[axis] = scale ? *scale : (float)*size / (float)n;
    return HWV_OK;
}

static hwv_status resize_read(hwv_import *import, resize *r)
{
    const hwv_shape *x = &import->in[0]->shape;
    const float *scales;
    const int64_t *sizes, *axes;
    size_t count, axis_count;
    int64_t antialias;
    HWV_TRY(modes_read(import, r));
    HWV_TRY(numbers_read(import, &scales, &sizes, &count));
    HWV_TRY(hwv_import_int_list(import, "axes", &axes, &axis_count));
    HWV_TRY(hwv_import_int(import, "antialias", 0, &antialias));
    if (count != (axes ? axis_count : x->rank))
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu scales or sizes for %zu axes", count,
                               axes ? axis_count : x->rank);
    for (size_t d = 0; d < x->rank; d++) {
        r->scale[d] = 1;
        r->size[d] = x->dim[d];
    }
    for (size_t i = 0; i < count; i++) {
        size_t axis;
        HWV_TRY(hwv_import_axis(import, axes ? axes[i] : (int64_t)i, x->rank, &axis));
        HWV_TRY(axis_set(import, r, axis, scales ? &scales[i] : NULL, sizes ? &sizes[i] : NULL));
        if (antialias && r->scale[axis] < 1)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "antialias");
    }
    return HWV_OK;
}

/* ---- one axis ------------------------------------------------------------------------------------- */

/* Where number i of y lies in x. */
static float place(const resize *r, size_t axis, size_t n, size_t i)
{
    const float scale = r->scale[axis], x = (float)i, size = (float)r->size[axis];
    switch (r->places) {
    case ALIGN_CORNERS:
        return size > 1 ? x * (float)(n - 1) / (size - 1) : 0;
    case ASYMMETRIC:
        return x / scale;
    case TF_HALF_PIXEL_FOR_NN:
        return (x + 0.5f) / scale;
    case HALF_PIXEL_SYMMETRIC:
        return (float)n / 2 * (1 - size / (scale * (float)n)) + (x + 0.5f) / scale - 0.5f;
    case PYTORCH_HALF_PIXEL:
        return size > 1 ? (x + 0.5f) / scale - 0.5f : 0;
    default:
        return (x + 0.5f) / scale - 0.5f;
    }
}

static float rounded(rounding how, float scale, float x)
{
    switch (how) {
    case ROUND_PREFER_FLOOR:
        return ceilf(x - 0.5f);
    case ROUND_PREFER_CEIL:
        return floorf(x + 0.5f);
    case CEIL:
        return ceilf(x);
    case SIMPLE:
        return scale < 1 ? ceilf(x) : floorf(x);
    default:
        return floorf(x);
    }
}

/* Keys' cubic convolution at distance t. */
static float cubic_weight(float a, float t)
{
    t = fabsf(t);
    if (t <= 1)
        return ((a + 2) * t - (a + 3)) * t * t + 1;
    return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

enum { MOST_TAPS = 4 };

/* The numbers of x that number i of y is made of, and their weights. */
static void taps_of(const resize *r, size_t axis, size_t n, size_t i, float index[MOST_TAPS], float weight[MOST_TAPS])
{
    const float x = place(r, axis, n, i), last = (float)(n - 1);
    float sum = 0;
    if (r->mode == NEAREST) {
        index[0] = rounded(r->rounding, r->scale[axis], x);
    } else if (r->mode == LINEAR) {
        const float held = fminf(fmaxf(x, 0), last);
        index[0] = floorf(held);
        index[1] = index[0] + 1;
        weight[1] = held - index[0];
        weight[0] = 1 - weight[1];
    } else {
        for (size_t k = 0; k < 4; k++) {
            index[k] = floorf(x) - 1 + (float)k;
            weight[k] = cubic_weight(r->cubic, x - index[k]);
            if (r->inside_only && (index[k] < 0 || index[k] > last))
                weight[k] = 0;
            sum += weight[k];
        }
        for (size_t k = 0; k < 4 && r->inside_only; k++)
            weight[k] /= sum;
    }
    for (size_t k = 0; k < MOST_TAPS; k++)
        index[k] = fminf(fmaxf(index[k], 0), last);
}

/* Term k of the sum: the numbers at index[], times weight[] but for a sum of one. */
static hwv_status term(hwv_import *import, hwv_id x, size_t at, size_t size, const int32_t *index, const float *weight,
                       hwv_id *y)
{
    const hwv_node_attributes gather = {.axis = at}, product = {.function = HWV_BINARY_MUL};
    const hwv_shape list = {.rank = 1, .dim = {size}};
    hwv_shape column = {.rank = hwv_import_shape(import, x).rank - at, .dim = {size, 1, 1, 1, 1, 1}};
    hwv_id ids[2] = {x, HWV_NO_ID};
    HWV_TRY(hwv_import_graph_ints(import, &list, index, &ids[1]));
    HWV_TRY(hwv_import_node(import, HWV_NODE_GATHER, weight ? "picked" : "resized", &gather, ids, 2, y));
    if (weight == NULL)
        return HWV_OK;
    ids[0] = *y;
    HWV_TRY(hwv_import_graph_floats(import, &column, weight, &ids[1]));
    return hwv_import_node(import, HWV_NODE_BINARY, "weighted", &product, ids, 2, y);
}

/* Axis `axis` of n numbers, which is axis `at` of the graph value. */
static hwv_status axis_resize(hwv_import *import, const resize *r, size_t axis, size_t at, size_t n, hwv_id *id)
{
    static const size_t taps[] = {[NEAREST] = 1, [LINEAR] = 2, [CUBIC] = 4};
    const size_t size = r->size[axis], count = taps[r->mode];
    const hwv_node_attributes sum = {.function = HWV_BINARY_ADD};
    int32_t *index = hwv_import_take(import, count * size, sizeof *index);
    float *weight = hwv_import_take(import, count * size, sizeof *weight);
    hwv_id y = HWV_NO_ID;
    if (index == NULL || weight == NULL)
        return hwv_import_memory(import);
    for (size_t i = 0; i < size; i++) {
        float where[MOST_TAPS] = {0}, share[MOST_TAPS] = {0};
        taps_of(r, axis, n, i, where, share);
        for (size_t k = 0; k < count; k++) {
            index[k * size + i] = (int32_t)where[k];
            weight[k * size + i] = share[k];
        }
    }
    for (size_t k = 0; k < count; k++) {
        hwv_id one;
        HWV_TRY(term(import, *id, at, size, index + k * size, count > 1 ? weight + k * size : NULL, &one));
        if (k > 0)
            HWV_TRY(hwv_import_node(import, HWV_NODE_BINARY, "sum", &sum, (hwv_id[]){y, one}, 2, &one));
        y = one;
    }
    *id = y;
    return HWV_OK;
}

hwv_status hwv_import_resize(hwv_import *import)
{
    resize r = {0};
    hwv_id id;
    bool last;
    HWV_TRY(hwv_import_need_float(import, 0));
    hwv_shape shape = import->in[0]->shape;
    HWV_TRY(resize_read(import, &r));
    HWV_TRY(hwv_import_any(import, 0, &id, &last));
    for (size_t d = 0; d < shape.rank; d++) {
        const size_t n = shape.dim[d];
        if (n == HWV_BATCH || (r.size[d] == n && r.scale[d] == 1))
            continue;
        HWV_TRY(axis_resize(import, &r, d, last ? hwv_import_axis_last(d, shape.rank) : d, n, &id));
        shape.dim[d] = r.size[d];
    }
    return hwv_import_result(import, 0, id, import->in[0]->type, &shape, last);
}
