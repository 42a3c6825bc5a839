/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Import of what takes values apart and puts them together along axes: Concat, Slice, Split, Pad, Tile. Images stay
 * channels last. */
#include "onnx/import_state.h"

#include <string.h>

/* Axis of the value in ONNX's order as one of the graph's. */
static size_t axis_in(size_t axis, size_t rank, bool channels_last)
{
    return channels_last ? hwv_import_axis_last(axis, rank) : axis;
}

/* ---- Concat --------------------------------------------------------------------------------------- */

/* In a file made for one sample a constant beside samples belongs to each of them. */
static hwv_status spread(hwv_import *import, size_t i, hwv_id *id)
{
    hwv_node_attributes attributes = {.shape = hwv_import_shape(import, *id)};
    if (!import->state->single || !import->in[i]->constant || attributes.shape.dim[0] != 1)
        return HWV_OK;
    attributes.shape.dim[0] = HWV_BATCH;
    return hwv_import_node(import, HWV_NODE_EXPAND, "spread", &attributes, &(hwv_id){*id}, 1, id);
}

static bool batched(const hwv_import_value *value)
{
    return value->shape.rank > 0 && value->shape.dim[0] == HWV_BATCH;
}

/* The inputs in one layout. */
static hwv_status concat_inputs(hwv_import *import, hwv_id *ids, bool *channels_last)
{
    bool samples = false;
    *channels_last = false;
    for (size_t i = 0; i < import->in_count; i++) {
        HWV_TRY(hwv_import_need(import, i));
        const hwv_shape *shape = &import->in[i]->shape;
        if (shape->rank == 0 || shape->rank != import->in[0]->shape.rank)
            return hwv_import_fail(import, HWV_ERR_FORMAT, "its inputs have %zu and %zu dimensions",
                                   import->in[0]->shape.rank, shape->rank);
        *channels_last = *channels_last || import->in[i]->channels_last;
        samples = samples || batched(import->in[i]);
    }
    for (size_t i = 0; i < import->in_count; i++) {
        HWV_TRY(*channels_last ? hwv_import_last(import, i, &ids[i]) : hwv_import_plain(import, i, &ids[i]));
        if (samples)
            HWV_TRY(spread(import, i, &ids[i]));
    }
    return HWV_OK;
}

hwv_status hwv_import_concat(hwv_import *import)
{
    hwv_node_attributes attributes = {0};
    size_t count = import->in_count;
    bool channels_last;
    int64_t axis;
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(hwv_import_int(import, "axis", 1, &axis));
    HWV_TRY(hwv_import_axis(import, axis, import->in[0]->shape.rank, &attributes.axis));
    if (count == 1)
        return hwv_import_alias(import, 0, 0);
    hwv_id *ids = hwv_import_take(import, count, sizeof *ids);
    if (ids == NULL)
        return hwv_import_memory(import);
    HWV_TRY(concat_inputs(import, ids, &channels_last));
    attributes.axis = axis_in(attributes.axis, import->in[0]->shape.rank, channels_last);
    /* As many as a node takes at a time, the last node with the name. */
    while (count > 1) {
        size_t made = 0;
        for (size_t i = 0; i < count; i += HWV_MAX_INPUTS) {
            size_t some = count - i < HWV_MAX_INPUTS ? count - i : HWV_MAX_INPUTS;
            hwv_id y = ids[i];
            if (some > 1)
                HWV_TRY(hwv_import_node(import, HWV_NODE_CONCAT, count <= HWV_MAX_INPUTS ? "" : "some", &attributes,
                                        ids + i, some, &y));
            ids[made++] = y;
        }
        count = made;
    }
    return hwv_import_result(import, 0, ids[0], import->in[0]->type, NULL, channels_last);
}

/* ---- Slice ---------------------------------------------------------------------------------------- */

/* One part of a value, in ONNX's order. */
typedef struct part {
    hwv_shape shape;
    ptrdiff_t begin[HWV_MAX_RANK], step[HWV_MAX_RANK];
} part;

static part part_of(const hwv_shape *shape)
{
    part p = {.shape = *shape};
    for (size_t i = 0; i < shape->rank; i++)
        p.step[i] = 1;
    return p;
}

/* Part p of the graph value x of that layout. */
static hwv_status part_node(hwv_import *import, const char *name, const part *p, hwv_id x, bool channels_last,
                            hwv_id *y)
{
    hwv_node_attributes attributes = {.shape = {.rank = p->shape.rank}};
    for (size_t i = 0; i < p->shape.rank; i++) {
        size_t at = axis_in(i, p->shape.rank, channels_last);
        attributes.shape.dim[at] = p->shape.dim[i];
        attributes.begin[at] = p->begin[i];
        attributes.step[at] = p->step[i];
    }
    return hwv_import_node(import, HWV_NODE_SLICE, name, &attributes, &x, 1, y);
}

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* A negative position counts from the end. */
static int64_t from_end(int64_t x, int64_t n)
{
    return x < 0 && x >= -n ? x + n : x < 0 ? -1 : x;
}

/* Axis `at` of the part: from start to before end. */
static hwv_status part_axis(const hwv_import *import, part *p, size_t at, int64_t start, int64_t end, int64_t step)
{
    if (step == 0)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "a step of 0");
    if (p->shape.dim[at] == HWV_BATCH) {
        bool all = end == HWV_IMPORT_BATCH || end >= INT32_MAX || (import->state->single && end >= 1);
        if (start != 0 || step != 1 || !all)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it takes some of the samples");
        return HWV_OK;
    }
    if (start == HWV_IMPORT_BATCH || end == HWV_IMPORT_BATCH)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it depends on the number of samples");
    int64_t n = (int64_t)p->shape.dim[at], far = step < 0 ? -clamp(step, -n - 1, -1) : clamp(step, 1, n + 1);
    int64_t low = step < 0 ? -1 : 0, high = step < 0 ? n - 1 : n;
    start = clamp(from_end(start, n), step < 0 && start < -n ? -1 : 0, high);
    end = clamp(from_end(end, n), low, high);
    int64_t length = step < 0 ? start - end : end - start;
    p->begin[at] = (ptrdiff_t)start;
    p->step[at] = (ptrdiff_t)(step < 0 ? -far : far);
    p->shape.dim[at] = length > 0 ? (size_t)((length - 1) / far + 1) : 0;
    return HWV_OK;
}

/* Starts, ends, axes and steps: attributes before opset 10, then inputs. */
static hwv_status slice_read(hwv_import *import, part *p)
{
    static const char *const names[] = {"starts", "ends", "axes", ""};
    const int64_t *list[4] = {0};
    size_t count[4] = {0};
    for (size_t k = 0; k < 4; k++)
        if (import->opset < 10)
            HWV_TRY(*names[k] ? hwv_import_int_list(import, names[k], &list[k], &count[k]) : HWV_OK);
        else if (hwv_import_has(import, 1 + k))
            HWV_TRY(hwv_import_dims(import, 1 + k, &list[k], &count[k]));
    if (count[0] != count[1] || (list[2] && count[2] != count[0]) || (list[3] && count[3] != count[0]) ||
        (!list[2] && count[0] > p->shape.rank))
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu starts, %zu ends, %zu axes, %zu steps", count[0], count[1],
                               count[2], count[3]);
    unsigned seen = 0;
    for (size_t i = 0; i < count[0]; i++) {
        size_t at = i;
        if (list[2])
            HWV_TRY(hwv_import_axis(import, list[2][i], p->shape.rank, &at));
        if (seen >> at & 1)
            return hwv_import_fail(import, HWV_ERR_FORMAT, "axis %zu twice", at);
        seen |= 1u << at;
        HWV_TRY(part_axis(import, p, at, list[0][i], list[1][i], list[3] ? list[3][i] : 1));
    }
    return HWV_OK;
}

/* Nothing, as a constant. */
static hwv_status nothing(hwv_import *import, const hwv_shape *shape)
{
    const int32_t type = import->in[0]->type;
    for (size_t i = 0; i < shape->rank; i++)
        if (shape->dim[i] == HWV_BATCH)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "nothing is left of a sample");
    return hwv_import_floating(type) ? hwv_import_result_floats(import, 0, type, shape, NULL)
                                     : hwv_import_result_ints(import, 0, type, shape, NULL);
}

hwv_status hwv_import_slice(hwv_import *import)
{
    bool channels_last;
    hwv_id x, y;
    HWV_TRY(hwv_import_need(import, 0));
    part p = part_of(&import->in[0]->shape);
    HWV_TRY(slice_read(import, &p));
    for (size_t i = 0; i < p.shape.rank; i++)
        if (p.shape.dim[i] == 0)
            return nothing(import, &p.shape);
    if (p.shape.rank == 0)
        return hwv_import_alias(import, 0, 0);
    HWV_TRY(hwv_import_any(import, 0, &x, &channels_last));
    HWV_TRY(part_node(import, "", &p, x, channels_last, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, &p.shape, channels_last);
}

/* ---- Split ---------------------------------------------------------------------------------------- */

/* Sizes of the parts of n: a list (attribute, since opset 13 or in opset 1 an input), else equal ones. */
static hwv_status split_sizes(hwv_import *import, size_t n, size_t *sizes)
{
    const int64_t *list;
    size_t count, left = n, parts = import->out_count;
    int64_t outputs;
    HWV_TRY(hwv_import_list(import, "split", 1, import->opset < 2 ? 1 : 13, &list, &count));
    if (count == 0 && import->opset < 2)
        HWV_TRY(hwv_import_int_list(import, "split", &list, &count));
    HWV_TRY(hwv_import_int(import, "num_outputs", (int64_t)parts, &outputs));
    if (count == 0 && (import->opset < 18 ? n % parts != 0 : outputs != (int64_t)parts))
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu elements in %zu parts", n, parts);
    if (count != 0 && count != parts)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu sizes for %zu outputs", count, parts);
    for (size_t i = 0; i < parts; i++) {
        size_t each = n / parts + (n % parts != 0);
        if (count)
            HWV_TRY(hwv_import_size(import, "a part", list[i], &each));
        else if (i + 1 == parts)
            each = left;
        if (each == 0 || each > left)
            return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu elements do not divide so", n);
        sizes[i] = each;
        left -= each;
    }
    return left == 0 ? HWV_OK : hwv_import_fail(import, HWV_ERR_FORMAT, "%zu elements are left over", left);
}

hwv_status hwv_import_split(hwv_import *import)
{
    size_t axis, at = 0;
    int64_t given;
    bool channels_last;
    hwv_id x, y;
    HWV_TRY(hwv_import_need(import, 0));
    const hwv_shape *shape = &import->in[0]->shape;
    HWV_TRY(hwv_import_int(import, "axis", 0, &given));
    HWV_TRY(hwv_import_axis(import, given, shape->rank, &axis));
    if (shape->dim[axis] == HWV_BATCH)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it takes the samples apart");
    size_t *sizes = hwv_import_take(import, import->out_count, sizeof *sizes);
    if (sizes == NULL)
        return hwv_import_memory(import);
    HWV_TRY(split_sizes(import, shape->dim[axis], sizes));
    HWV_TRY(hwv_import_any(import, 0, &x, &channels_last));
    for (size_t o = 0; o < import->out_count; at += sizes[o++]) {
        part p = part_of(shape);
        p.begin[axis] = (ptrdiff_t)at;
        p.shape.dim[axis] = sizes[o];
        if (import->out[o] == NULL)
            continue;
        HWV_TRY(part_node(import, o == 0 ? "" : "part", &p, x, channels_last, &y));
        HWV_TRY(hwv_import_result(import, o, y, import->in[0]->type, &p.shape, channels_last));
    }
    return HWV_OK;
}

/* ---- Pad ------------------------------------------------------------------------------------------ */

static hwv_status pad_mode(hwv_import *import, hwv_node_attributes *attributes)
{
    const char *mode;
    HWV_TRY(hwv_import_string(import, "mode", "constant", &mode));
    if (strcmp(mode, "constant") == 0)
        attributes->pad_mode = HWV_PAD_CONSTANT;
    else if (strcmp(mode, "reflect") == 0)
        attributes->pad_mode = HWV_PAD_REFLECT;
    else if (strcmp(mode, "edge") == 0)
        attributes->pad_mode = HWV_PAD_EDGE;
    else
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "mode '%.40s'; constant, reflect and edge are supported",
                               mode);
    return HWV_OK;
}

/* What is added in front of and behind each axis; the constant. Attributes before opset 11, then inputs. */
static hwv_status pad_read(hwv_import *import, size_t rank, int64_t pads[2][HWV_MAX_RANK], float *fill)
{
    const int64_t *list, *axes = NULL;
    size_t count, axis_count = rank;
    double value;
    HWV_TRY(hwv_import_list(import, import->opset < 2 ? "paddings" : "pads", 1, 11, &list, &count));
    HWV_TRY(hwv_import_float(import, "value", 0, fill));
    if (import->opset >= 11) {
        HWV_TRY(hwv_import_scalar(import, 2, 0, &value));
        *fill = (float)value;
    }
    if (hwv_import_has(import, 3))
        HWV_TRY(hwv_import_ints(import, 3, &axes, &axis_count));
    if (count != 2 * axis_count || axis_count > rank)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu pads for %zu axes", count, axis_count);
    for (size_t i = 0; i < axis_count; i++) {
        size_t at = i;
        if (axes)
            HWV_TRY(hwv_import_axis(import, axes[i], rank, &at));
        for (size_t side = 0; side < 2; side++) {
            pads[side][at] = list[side * axis_count + i];
            if (pads[side][at] > INT32_MAX || pads[side][at] < -INT32_MAX)
                return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "a pad of %lld", (long long)pads[side][at]);
        }
    }
    return HWV_OK;
}

/* Negative pads cut off. */
static hwv_status pad_cut(hwv_import *import, int64_t pads[2][HWV_MAX_RANK], bool channels_last, hwv_id *x)
{
    part p = part_of(&import->in[0]->shape);
    bool cuts = false;
    for (size_t i = 0; i < p.shape.rank; i++)
        for (size_t side = 0; side < 2; side++) {
            if (pads[side][i] >= 0)
                continue;
            size_t off = (size_t)-pads[side][i];
            if (p.shape.dim[i] == HWV_BATCH || off >= p.shape.dim[i])
                return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it cuts off everything");
            p.shape.dim[i] -= off;
            p.begin[i] += side == 0 ? (ptrdiff_t)off : 0;
            pads[side][i] = 0;
            cuts = true;
        }
    return cuts ? part_node(import, "cut", &p, *x, channels_last, x) : HWV_OK;
}

hwv_status hwv_import_pad(hwv_import *import)
{
    hwv_node_attributes attributes = {0};
    int64_t pads[2][HWV_MAX_RANK] = {{0}};
    bool channels_last;
    hwv_id x, y;
    HWV_TRY(hwv_import_need(import, 0));
    const size_t rank = import->in[0]->shape.rank;
    HWV_TRY(pad_mode(import, &attributes));
    HWV_TRY(pad_read(import, rank, pads, &attributes.fill));
    if (rank == 0)
        return hwv_import_alias(import, 0, 0);
    HWV_TRY(hwv_import_any(import, 0, &x, &channels_last));
    HWV_TRY(pad_cut(import, pads, channels_last, &x));
    for (size_t i = 0; i < rank; i++) {
        attributes.before[axis_in(i, rank, channels_last)] = (size_t)pads[0][i];
        attributes.after[axis_in(i, rank, channels_last)] = (size_t)pads[1][i];
    }
    HWV_TRY(hwv_import_node(import, HWV_NODE_PAD, "", &attributes, &x, 1, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, NULL, channels_last);
}

/* ---- Tile ----------------------------------------------------------------------------------------- */

/* Times the one dimension in front: the number of samples, which may stand there only. */
static hwv_status tile_samples(hwv_import *import, bool samples, hwv_id *id)
{
    hwv_node_attributes attributes = {.shape = hwv_import_shape(import, *id)};
    if (!samples)
        return HWV_OK;
    if (attributes.shape.dim[0] != 1)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it repeats samples");
    attributes.shape.dim[0] = HWV_BATCH;
    return hwv_import_node(import, HWV_NODE_EXPAND, "samples", &attributes, (hwv_id[]){*id}, 1, id);
}

hwv_status hwv_import_tile(hwv_import *import)
{
    hwv_node_attributes attributes = {0};
    const int64_t *repeats;
    size_t count;
    bool channels_last;
    hwv_id x, y;
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(hwv_import_dims(import, 1, &repeats, &count));
    const size_t rank = import->in[0]->shape.rank;
    if (count != rank)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu numbers for %zu dimensions", count, rank);
    if (rank == 0)
        return hwv_import_alias(import, 0, 0);
    HWV_TRY(hwv_import_any(import, 0, &x, &channels_last));
    const bool samples = repeats[0] == HWV_IMPORT_BATCH;
    HWV_TRY(tile_samples(import, samples, &x));
    attributes.repeat[0] = 1;
    for (size_t i = samples; i < rank; i++)
        HWV_TRY(hwv_import_size(import, "repeats", repeats[i], &attributes.repeat[axis_in(i, rank, channels_last)]));
    HWV_TRY(hwv_import_node(import, HWV_NODE_TILE, "", &attributes, &x, 1, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, NULL, channels_last);
}
