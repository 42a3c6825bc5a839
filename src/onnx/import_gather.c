/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Import of Gather, GatherElements, Expand, Trilu, DepthToSpace and SpaceToDepth. */
#include "graph/functions.h"
#include "onnx/import_state.h"

#include <string.h>

/* ---- Gather --------------------------------------------------------------------------------------- */

/* Constant indices are checked; those computed when running are held within the axis by the node. */
static hwv_status indices_check(hwv_import *import, size_t n)
{
    const int64_t *indices;
    size_t count;
    if (!import->in[1]->constant)
        return HWV_OK;
    HWV_TRY(hwv_import_ints(import, 1, &indices, &count));
    for (size_t i = 0; i < count; i++)
        if (indices[i] >= (int64_t)n || indices[i] < -(int64_t)n)
            return hwv_import_fail(import, HWV_ERR_FORMAT, "index %lld into %zu elements", (long long)indices[i], n);
    return HWV_OK;
}

/* A constant matrix is a parameter: an embedding. */
static hwv_status table(hwv_import *import, hwv_id *id)
{
    const hwv_import_value *x = import->in[0];
    if (x->constant && hwv_import_floating(x->type) && x->shape.rank == 2 && !import->in[1]->constant)
        return hwv_import_weight(import, 0, &x->shape, false, true, id);
    return hwv_import_plain(import, 0, id);
}

hwv_status hwv_import_gather(hwv_import *import)
{
    hwv_node_attributes attributes = {0};
    hwv_shape y_shape = {0};
    int64_t axis;
    hwv_id inputs[2], y;
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(hwv_import_need(import, 1));
    const hwv_shape *x = &import->in[0]->shape, *indices = &import->in[1]->shape;
    HWV_TRY(hwv_import_int(import, "axis", 0, &axis));
    HWV_TRY(hwv_import_axis(import, axis, x->rank, &attributes.axis));
    if (x->dim[attributes.axis] == HWV_BATCH)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it takes some of the samples");
    if (x->rank - 1 + indices->rank > HWV_MAX_RANK)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "%zu dimensions; up to %d are supported",
                               x->rank - 1 + indices->rank, HWV_MAX_RANK);
    HWV_TRY(indices_check(import, x->dim[attributes.axis]));
    for (size_t i = 0; i < x->rank; i++) {
        for (size_t k = 0; i == attributes.axis && k < indices->rank; k++)
            y_shape.dim[y_shape.rank++] = indices->dim[k];
        if (i != attributes.axis)
            y_shape.dim[y_shape.rank++] = x->dim[i];
    }
    HWV_TRY(table(import, &inputs[0]));
    HWV_TRY(hwv_import_plain(import, 1, &inputs[1]));
    HWV_TRY(hwv_import_node(import, HWV_NODE_GATHER, "", &attributes, inputs, 2, &y));
    HWV_TRY(hwv_import_reshape(import, y, &y_shape, &y)); /* one index has no dimension */
    return hwv_import_result(import, 0, y, import->in[0]->type, &y_shape, false);
}

/* Where element `at` of the indices reads x, but for the index itself. */
static size_t element_base(const hwv_shape *x, const hwv_shape *indices, size_t axis, size_t at)
{
    size_t base = 0, stride = 1;
    for (size_t d = x->rank; d-- > 0; stride *= x->dim[d]) {
        base += d == axis ? 0 : at % indices->dim[d] * stride;
        at /= indices->dim[d];
    }
    return base;
}

/* x and the indices fit, samples are one; *elements: of the indices. */
static hwv_status elements_check(const hwv_import *import, size_t axis, size_t *elements)
{
    const hwv_shape *x = &import->in[0]->shape, *indices = &import->in[1]->shape;
    size_t all = 1;
    *elements = 1;
    if (indices->rank != x->rank)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "indices of %zu dimensions into %zu", indices->rank, x->rank);
    for (size_t d = 0; d < x->rank; d++) {
        if (x->dim[d] == HWV_BATCH || indices->dim[d] == HWV_BATCH)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it mixes samples");
        if (d != axis && indices->dim[d] > x->dim[d])
            return hwv_import_fail(import, HWV_ERR_FORMAT, "its indices are larger in dimension %zu", d);
        if (!hwv_size_mul(all, x->dim[d], &all) || all > INT32_MAX ||
            !hwv_size_mul(*elements, indices->dim[d], elements) || *elements > INT32_MAX)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "more elements than 32 bits count");
    }
    return HWV_OK;
}

/* Of the list of all elements of x: element base + (index mod size) * stride. */
hwv_status hwv_import_gather_elements(hwv_import *import)
{
    static const int functions[] = {HWV_BINARY_MOD, HWV_BINARY_MUL, HWV_BINARY_ADD};
    static const char *const parts[] = {"counted", "strided", "index"};
    size_t axis, elements, stride = 1, all = 1;
    int64_t given;
    hwv_id inputs[2], x, y;
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(hwv_import_need(import, 1));
    const hwv_shape *from = &import->in[0]->shape, indices = import->in[1]->shape, one = {.rank = 1, .dim = {1}};
    HWV_TRY(hwv_import_int(import, "axis", 0, &given));
    HWV_TRY(hwv_import_axis(import, given, from->rank, &axis));
    HWV_TRY(elements_check(import, axis, &elements));
    HWV_TRY(indices_check(import, from->dim[axis]));
    int32_t *base = hwv_import_take(import, elements, sizeof *base),
            *numbers = hwv_import_take(import, 2, sizeof *base);
    if (base == NULL || numbers == NULL)
        return hwv_import_memory(import);
    for (size_t i = 0; i < elements; i++)
        base[i] = (int32_t)element_base(from, &indices, axis, i);
    for (size_t d = 0; d < from->rank; d++) {
        all *= from->dim[d];
        stride *= d > axis ? from->dim[d] : 1;
    }
    numbers[0] = (int32_t)from->dim[axis];
    numbers[1] = (int32_t)stride;
    HWV_TRY(hwv_import_plain(import, 0, &x));
    HWV_TRY(hwv_import_reshape(import, x, &(hwv_shape){.rank = 1, .dim = {all}}, &x));
    HWV_TRY(hwv_import_plain(import, 1, &y));
    for (size_t i = 0; i < 3; i++) {
        inputs[0] = y;
        HWV_TRY(hwv_import_graph_ints(import, i < 2 ? &one : &indices, i < 2 ? &numbers[i] : base, &inputs[1]));
        HWV_TRY(hwv_import_node(import, HWV_NODE_BINARY, parts[i], &(hwv_node_attributes){.function = functions[i]},
                                inputs, 2, &y));
    }
    HWV_TRY(hwv_import_node(import, HWV_NODE_GATHER, "", &(hwv_node_attributes){0}, (hwv_id[]){x, y}, 2, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, &indices, false);
}

/* ---- Expand --------------------------------------------------------------------------------------- */

hwv_status hwv_import_expand(hwv_import *import)
{
    hwv_node_attributes attributes = {0};
    const int64_t *dims;
    size_t count;
    hwv_id x, y;
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(hwv_import_dims(import, 1, &dims, &count));
    const hwv_shape *from = &import->in[0]->shape;
    hwv_shape *to = &attributes.shape;
    to->rank = count > from->rank ? count : from->rank;
    if (to->rank > HWV_MAX_RANK)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "%zu dimensions; up to %d are supported", to->rank,
                               HWV_MAX_RANK);
    for (size_t i = 0; i < to->rank; i++) {
        const size_t behind = to->rank - i;
        size_t own = behind <= from->rank ? from->dim[from->rank - behind] : 1, asked = 1;
        if (behind <= count && dims[count - behind] == HWV_IMPORT_BATCH)
            asked = HWV_BATCH;
        else if (behind <= count)
            HWV_TRY(hwv_import_size(import, "a dimension", dims[count - behind], &asked));
        if (own != 1 && asked != 1 && own != asked)
            return hwv_import_fail(import, HWV_ERR_FORMAT, "its dimension %zu does not expand so", i);
        to->dim[i] = own == 1 ? asked : own;
        if (i > 0 && to->dim[i] == HWV_BATCH)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it moves the batch to dimension %zu", i);
    }
    if (to->rank == 0)
        return hwv_import_alias(import, 0, 0);
    const hwv_shape made = *to;
    HWV_TRY(hwv_import_plain(import, 0, &x));
    HWV_TRY(hwv_import_node(import, HWV_NODE_EXPAND, "", &attributes, &x, 1, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, &made, false);
}

/* ---- Trilu ---------------------------------------------------------------------------------------- */

hwv_status hwv_import_trilu(hwv_import *import)
{
    static const hwv_shape one = {.rank = 1, .dim = {1}};
    static const int32_t zero;
    int64_t upper;
    double k;
    hwv_id inputs[3], y;
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(hwv_import_int(import, "upper", 1, &upper));
    HWV_TRY(hwv_import_scalar(import, 1, 0, &k));
    const hwv_shape *x = &import->in[0]->shape;
    if (x->rank < 2 || x->dim[x->rank - 2] == HWV_BATCH)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "matrices are expected, and samples apart from them");
    const size_t rows = x->dim[x->rank - 2], cols = x->dim[x->rank - 1];
    size_t elements;
    int32_t *kept = hwv_size_mul(rows, cols, &elements) ? hwv_import_take(import, elements, sizeof *kept) : NULL;
    if (kept == NULL)
        return hwv_import_memory(import);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < cols; c++) {
            const double above = (double)c - (double)r - k;
            kept[r * cols + c] = upper ? above >= 0 : above <= 0;
        }
    HWV_TRY(hwv_import_graph_ints(import, &(hwv_shape){.rank = 2, .dim = {rows, cols}}, kept, &inputs[0]));
    HWV_TRY(hwv_import_plain(import, 0, &inputs[1]));
    if (hwv_import_floating(import->in[0]->type))
        HWV_TRY(hwv_import_graph_float(import, 0, &inputs[2]));
    else
        HWV_TRY(hwv_import_graph_ints(import, &one, &zero, &inputs[2]));
    HWV_TRY(hwv_import_node(import, HWV_NODE_WHERE, "", NULL, inputs, 3, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, NULL, false);
}

/* ---- blocks of pixels as channels ------------------------------------------------------------------ */

/* x as `split`, its axes in this order, as [samples, channels, height, width]. */
static hwv_status reorder(hwv_import *import, const hwv_shape *split, const size_t order[HWV_MAX_RANK],
                          const hwv_shape *y_shape)
{
    hwv_id x, y;
    HWV_TRY(hwv_import_plain(import, 0, &x));
    HWV_TRY(hwv_import_reshape(import, x, split, &x));
    HWV_TRY(hwv_import_transpose(import, x, order, &x));
    HWV_TRY(hwv_import_reshape(import, x, y_shape, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, y_shape, false);
}

static hwv_status block_read(hwv_import *import, size_t *block)
{
    int64_t size;
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(hwv_import_int(import, "blocksize", 0, &size));
    if (import->in[0]->shape.rank != 4)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu dimensions; 4 are expected", import->in[0]->shape.rank);
    if (size < 1 || size > INT16_MAX)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "a block of %lld", (long long)size);
    *block = (size_t)size;
    return HWV_OK;
}

hwv_status hwv_import_depth_to_space(hwv_import *import)
{
    static const size_t orders[2][HWV_MAX_RANK] = {{0, 3, 4, 1, 5, 2}, {0, 1, 4, 2, 5, 3}};
    const char *mode;
    size_t b;
    HWV_TRY(block_read(import, &b));
    HWV_TRY(hwv_import_string(import, "mode", "DCR", &mode));
    const hwv_shape *x = &import->in[0]->shape;
    const bool crd = strcmp(mode, "CRD") == 0;
    size_t channels = x->dim[1] / (b * b), height, width;
    if (x->dim[1] % (b * b) != 0 || !hwv_size_mul(x->dim[2], b, &height) || !hwv_size_mul(x->dim[3], b, &width))
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu channels in blocks of %zu x %zu", x->dim[1], b, b);
    const hwv_shape split = {.rank = 6,
                             .dim = {x->dim[0], crd ? channels : b, b, crd ? b : channels, x->dim[2], x->dim[3]}};
    return reorder(import, &split, orders[crd], &(hwv_shape){.rank = 4, .dim = {x->dim[0], channels, height, width}});
}

hwv_status hwv_import_space_to_depth(hwv_import *import)
{
    static const size_t order[HWV_MAX_RANK] = {0, 3, 5, 1, 2, 4};
    size_t b, channels;
    HWV_TRY(block_read(import, &b));
    const hwv_shape *x = &import->in[0]->shape;
    if (x->dim[2] % b != 0 || x->dim[3] % b != 0 || !hwv_size_mul(x->dim[1], b * b, &channels))
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu x %zu pixels in blocks of %zu x %zu", x->dim[2], x->dim[3],
                               b, b);
    const hwv_shape split = {.rank = 6, .dim = {x->dim[0], x->dim[1], x->dim[2] / b, b, x->dim[3] / b, b}};
    return reorder(import, &split, order,
                   &(hwv_shape){.rank = 4, .dim = {x->dim[0], channels, x->dim[2] / b, x->dim[3] / b}});
}
