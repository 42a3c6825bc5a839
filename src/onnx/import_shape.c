/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Import of what moves numbers without computing: Reshape, Squeeze, Unsqueeze, Transpose. */
#include "onnx/import_state.h"

#include <string.h>

/* ---- Reshape -------------------------------------------------------------------------------------- */

/* A dimension that follows from the others. */
#define OPEN (SIZE_MAX - 1)

/* Elements of dimensions first .. rank - 1 without the one that is asked for (-1); false: too many. */
static bool product(const hwv_shape *shape, size_t first, size_t *elements)
{
    *elements = 1;
    for (size_t i = first; i < shape->rank; i++)
        if (shape->dim[i] != OPEN && !hwv_size_mul(*elements, shape->dim[i], elements))
            return false;
    return true;
}

/* The asked-for shape with OPEN for -1 and HWV_BATCH for the batch. */
static hwv_status target_read(hwv_import *import, hwv_shape *to)
{
    const hwv_shape *from = &import->in[0]->shape;
    const int64_t *dims;
    size_t count;
    int64_t allow_zero;
    if (import->opset < 5)
        HWV_TRY(hwv_import_int_list(import, "shape", &dims, &count));
    else
        HWV_TRY(hwv_import_dims(import, 1, &dims, &count));
    HWV_TRY(hwv_import_int(import, "allowzero", 0, &allow_zero));
    if (count > HWV_MAX_RANK)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "%zu dimensions; up to %d are supported", count,
                               HWV_MAX_RANK);
    *to = (hwv_shape){.rank = count};
    for (size_t i = 0; i < count; i++) {
        if (dims[i] == HWV_IMPORT_BATCH)
            to->dim[i] = HWV_BATCH;
        else if (dims[i] == -1)
            to->dim[i] = OPEN;
        else if (dims[i] == 0 && allow_zero == 0 && i < from->rank)
            to->dim[i] = from->dim[i];
        else if (dims[i] > 0 && dims[i] < INT64_MAX / 2)
            to->dim[i] = (size_t)dims[i];
        else
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "a dimension of %lld", (long long)dims[i]);
        if (i > 0 && to->dim[i] == HWV_BATCH)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it moves the batch to dimension %zu", i);
    }
    return HWV_OK;
}

/* Whether the first dimension stands for the batch: said so, or left open, or what the file fixes the batch at, and the
 * rest is a sample. */
static bool batch_first(const hwv_import *import, const hwv_shape *to, size_t sample)
{
    size_t rest, open = 0;
    if (to->rank == 0 || !product(to, 1, &rest))
        return false;
    for (size_t i = 1; i < to->rank; i++)
        open += to->dim[i] == OPEN;
    if (to->dim[0] == HWV_BATCH || (to->dim[0] > 0 && to->dim[0] == import->state->fixed))
        return open == 1 ? rest > 0 && sample % rest == 0 : open == 0 && rest == sample;
    return to->dim[0] == OPEN && open == 0 && rest == sample;
}

static hwv_status target_complete(hwv_import *import, hwv_shape *to)
{
    const hwv_shape *from = &import->in[0]->shape;
    bool batched = from->rank > 0 && from->dim[0] == HWV_BATCH;
    size_t elements, known;
    if (!product(from, batched, &elements))
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "more elements than memory can hold");
    if (batched && !batch_first(import, to, elements))
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it moves or joins samples");
    if (batched)
        to->dim[0] = HWV_BATCH;
    if (!product(to, batched, &known))
        return hwv_import_fail(import, HWV_ERR_FORMAT, "more elements than its input has");
    for (size_t i = 0; i < to->rank; i++) {
        if (to->dim[i] != OPEN)
            continue;
        if (known == 0 || elements % known != 0)
            return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu elements do not divide into %zu", elements, known);
        to->dim[i] = elements / known;
        known = elements;
    }
    if (known != elements)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu elements in a shape of %zu", elements, known);
    return HWV_OK;
}

/* Input 0 in another shape as result 0. */
static hwv_status reshaped(hwv_import *import, const hwv_shape *to)
{
    hwv_id x, y;
    HWV_TRY(hwv_import_plain(import, 0, &x));
    HWV_TRY(hwv_import_reshape(import, x, to, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, to, false);
}

hwv_status hwv_import_reshape_op(hwv_import *import)
{
    hwv_shape to;
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(target_read(import, &to));
    HWV_TRY(target_complete(import, &to));
    return reshaped(import, &to);
}

/* ---- Squeeze, Unsqueeze --------------------------------------------------------------------------- */

/* Bit i: axis i of `rank` is in the list. */
static hwv_status axes_read(hwv_import *import, size_t rank, unsigned *axes, size_t *count)
{
    const int64_t *list;
    HWV_TRY(hwv_import_list(import, "axes", 1, 13, &list, count));
    *axes = 0;
    for (size_t i = 0; i < *count; i++) {
        size_t at;
        HWV_TRY(hwv_import_axis(import, list[i], rank, &at));
        if (*axes >> at & 1)
            return hwv_import_fail(import, HWV_ERR_FORMAT, "axis %zu twice", at);
        *axes |= 1u << at;
    }
    return HWV_OK;
}

hwv_status hwv_import_squeeze(hwv_import *import)
{
    hwv_shape to = {0};
    unsigned axes;
    size_t count;
    HWV_TRY(hwv_import_need(import, 0));
    const hwv_shape *from = &import->in[0]->shape;
    HWV_TRY(axes_read(import, from->rank, &axes, &count));
    for (size_t i = 0; i < from->rank; i++) {
        bool batch = from->dim[i] == HWV_BATCH;
        bool out = count ? axes >> i & 1 : from->dim[i] == 1 || (batch && import->state->single);
        if (out && from->dim[i] != 1)
            return hwv_import_fail(import, batch ? HWV_ERR_UNSUPPORTED : HWV_ERR_FORMAT, "dimension %zu is %s", i,
                                   batch ? "the batch, which cannot be squeezed" : "not 1");
        if (!out)
            to.dim[to.rank++] = from->dim[i];
    }
    return reshaped(import, &to);
}

hwv_status hwv_import_unsqueeze(hwv_import *import)
{
    hwv_shape to = {0};
    unsigned axes;
    const int64_t *list;
    size_t count, next = 0;
    HWV_TRY(hwv_import_need(import, 0));
    const hwv_shape *from = &import->in[0]->shape;
    HWV_TRY(hwv_import_list(import, "axes", 1, 13, &list, &count));
    to.rank = from->rank + count;
    if (to.rank > HWV_MAX_RANK)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "%zu dimensions; up to %d are supported", to.rank,
                               HWV_MAX_RANK);
    HWV_TRY(axes_read(import, to.rank, &axes, &count));
    for (size_t i = 0; i < to.rank; i++) {
        to.dim[i] = axes >> i & 1 ? 1 : from->dim[next++];
        if (i > 0 && to.dim[i] == HWV_BATCH)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it moves the batch to dimension %zu", i);
    }
    return reshaped(import, &to);
}

/* ---- Transpose ------------------------------------------------------------------------------------ */

static bool is_order(const size_t *order, size_t rank, const char *axes)
{
    for (size_t i = 0; i < rank; i++)
        if (order[i] != (size_t)(axes[i] - '0'))
            return false;
    return rank == strlen(axes);
}

/* To and from channels last nothing has to move where the value is there in that layout. */
static hwv_status transposed_free(hwv_import *import, const size_t *order, const hwv_shape *shape, bool *done)
{
    const hwv_import_value *x = import->in[0];
    size_t rank = shape->rank;
    bool to_last = is_order(order, rank, rank == 4 ? "0231" : "021"),
         back = is_order(order, rank, rank == 4 ? "0312" : "021");
    *done = true;
    if (to_last && x->last != HWV_NO_ID)
        return hwv_import_result(import, 0, x->last, x->type, shape, false);
    if (back && x->plain != HWV_NO_ID && !x->constant)
        return hwv_import_result(import, 0, x->plain, x->type, shape, true);
    *done = false;
    return HWV_OK;
}

hwv_status hwv_import_transpose_op(hwv_import *import)
{
    const int64_t *list;
    size_t count, order[HWV_MAX_RANK];
    bool done;
    hwv_id x, y;
    HWV_TRY(hwv_import_need(import, 0));
    const hwv_import_value *value = import->in[0];
    size_t rank = value->shape.rank;
    hwv_shape shape = {.rank = rank};
    HWV_TRY(hwv_import_int_list(import, "perm", &list, &count));
    if (count != 0 && count != rank)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "an order of %zu axes for %zu dimensions", count, rank);
    for (size_t i = 0; i < rank; i++) {
        order[i] = rank - 1 - i;
        if (count)
            HWV_TRY(hwv_import_axis(import, list[i], rank, &order[i]));
        shape.dim[i] = value->shape.dim[order[i]];
        if (i > 0 && shape.dim[i] == HWV_BATCH)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it moves the batch to dimension %zu", i);
    }
    if (rank < 2)
        return hwv_import_alias(import, 0, 0);
    HWV_TRY(transposed_free(import, order, &shape, &done));
    if (done)
        return HWV_OK;
    HWV_TRY(hwv_import_plain(import, 0, &x));
    hwv_node_attributes attributes = {0};
    memcpy(attributes.order, order, rank * sizeof *order);
    HWV_TRY(hwv_import_node(import, HWV_NODE_TRANSPOSE, "", &attributes, &x, 1, &y));
    return hwv_import_result(import, 0, y, value->type, &shape, false);
}
