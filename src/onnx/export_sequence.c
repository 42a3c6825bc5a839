/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Nodes of transformers as opset 17 has them: attention and root mean square norm are written out as products. Sequences
 * [batch, length, width] lie in the file as they do here; images have their channels first there. */
#include "onnx/export.h"

#include <math.h>
#include <stdio.h>

#include "graph/functions.h"
#include "graph/structure.h"
#include "halfwave/memory.h"

static const hwv_shape *shape_of(const hwv_export *out, const hwv_node *node, size_t input)
{
    return &hwv_export_value(out, node->input[input])->shape;
}

/* The file's name of an input, which may be a parameter. */
static const char *input_name(hwv_export *out, const hwv_node *node, size_t i)
{
    const hwv_value *value = hwv_export_value(out, node->input[i]);
    if (value->role == HWV_ROLE_PARAMETER || value->role == HWV_ROLE_STATE)
        return hwv_export_kept(out, node->input[i]);
    return hwv_export_name(out, node->input[i]);
}

/* ---- tables and products ------------------------------------------------------------------------- */

void hwv_export_gather(hwv_export *out, const hwv_node *node)
{
    const char *table = input_name(out, node, 0), *index = input_name(out, node, 1);
    size_t begin = hwv_export_begin(out, "Gather", node->name);
    hwv_export_input(out, table);
    hwv_export_input(out, index);
    hwv_export_output(out, hwv_export_name(out, node->output[0]));
    hwv_export_int(out, "axis", (int64_t)node->attributes.axis);
    hwv_export_end(out, begin);
}

/* Gemm takes matrices only. Its weight is transposed, in the file unless another node reads it too. */
hwv_status hwv_export_dense_rows(hwv_export *out, const hwv_node *node)
{
    static const int64_t swap[2] = {1, 0};
    const char *factor = hwv_export_value(out, node->input[1])->name;
    hwv_export_part turned;
    if (out->uses[node->input[1]] > 1) {
        turned = hwv_export_turned(out, node, "table", hwv_export_kept(out, node->input[1]), swap, 2);
        factor = turned.name;
    } else {
        HWV_TRY(hwv_export_kept_turned(out, node->input[1]));
    }
    hwv_export_simple(out, "MatMul", node->name, hwv_export_name(out, node->input[0]), factor,
                      hwv_export_name(out, node->output[0]));
    return HWV_OK;
}

/* What is broadcast over images would have to have its channels first too. */
hwv_status hwv_export_binary(hwv_export *out, const hwv_node *node)
{
    const hwv_function *row = hwv_function_row(HWV_NODE_BINARY, node->attributes.function);
    const hwv_shape *a = shape_of(out, node, 0), *b = shape_of(out, node, 1);
    if (row->number == HWV_BINARY_MOD || row->number == HWV_BINARY_FMOD)
        return hwv_fail(out->error, HWV_ERR_UNSUPPORTED, "%s: the function %s is not written", node->name, row->name);
    if ((a->rank == 4 || b->rank == 4) && !hwv_shape_equal(a, b))
        return hwv_fail(out->error, HWV_ERR_UNSUPPORTED, "%s: something broadcast over images is not written",
                        node->name);
    const char *first = input_name(out, node, 0), *second = input_name(out, node, 1);
    hwv_export_simple(out, row->onnx, node->name, first, second, hwv_export_name(out, node->output[0]));
    return HWV_OK;
}

/* Split, the activation and Mul. The activation has a name of its own: it is the layer. */
hwv_status hwv_export_gate(hwv_export *out, const hwv_node *node)
{
    const hwv_shape *x = shape_of(out, node, 0);
    const int64_t half = (int64_t)(x->dim[x->rank - 1] / 2), halves[2] = {half, half};
    hwv_export_part sizes = hwv_export_part_of(node, "halves"), split = hwv_export_part_of(node, "split"),
                    value = hwv_export_part_of(node, "value"), gate = hwv_export_part_of(node, "gate");
    hwv_node act = {.kind = HWV_NODE_ACTIVATION, .input_count = 1};
    act.attributes.act = hwv_act_make(hwv_gate_get((size_t)node->attributes.gate)->op);
    (void)snprintf(act.name, sizeof act.name, "%.58s.act", node->name);
    hwv_export_integers(out, sizes.name, halves, 2);
    size_t begin = hwv_export_begin(out, "Split", split.name);
    hwv_export_input(out, hwv_export_name(out, node->input[0]));
    hwv_export_input(out, sizes.name);
    hwv_export_output(out, value.name);
    hwv_export_output(out, gate.name);
    hwv_export_int(out, "axis", x->rank == 4 ? 1 : (int64_t)x->rank - 1);
    hwv_export_end(out, begin);
    HWV_TRY(hwv_export_activation(out, &act, gate.name, act.name));
    hwv_export_simple(out, "Mul", node->name, value.name, act.name, hwv_export_name(out, node->output[0]));
    return HWV_OK;
}

/* ---- norms --------------------------------------------------------------------------------------- */

/* A parameter of a norm, in the shape of what it is for. */
static const char *norm_parameter(hwv_export *out, const hwv_node *node, size_t i)
{
    const hwv_shape *x = shape_of(out, node, 0);
    const size_t axis = node->attributes.axis;
    return hwv_export_kept_as(out, node->input[i], x->dim + axis, x->rank - axis);
}

static void layer_norm(hwv_export *out, const hwv_node *node, const char *x, const char *y)
{
    const char *weight = norm_parameter(out, node, 1),
               *bias = node->input_count > 2 ? norm_parameter(out, node, 2) : NULL;
    size_t begin = hwv_export_begin(out, "LayerNormalization", node->name);
    hwv_export_input(out, x);
    hwv_export_input(out, weight);
    if (bias)
        hwv_export_input(out, bias);
    hwv_export_output(out, y);
    hwv_export_int(out, "axis", (int64_t)node->attributes.axis);
    hwv_export_float(out, "epsilon", node->attributes.epsilon);
    hwv_export_end(out, begin);
}

/* x / sqrt(mean of x^2 + epsilon) * weight */
static void rms_norm(hwv_export *out, const hwv_node *node, const char *x, const char *y)
{
    const size_t rank = shape_of(out, node, 0)->rank;
    int64_t axes[HWV_MAX_RANK];
    size_t count = 0;
    for (size_t d = node->attributes.axis; d < rank; d++)
        axes[count++] = (int64_t)d;
    hwv_export_part square = hwv_export_inner(out, node, "Mul", "square", x, x),
                    mean = hwv_export_part_of(node, "mean");
    size_t begin = hwv_export_begin(out, "ReduceMean", mean.name);
    hwv_export_input(out, square.name);
    hwv_export_output(out, mean.name);
    hwv_export_ints(out, "axes", axes, count);
    hwv_export_int(out, "keepdims", 1);
    hwv_export_end(out, begin);
    hwv_export_part epsilon = hwv_export_number(out, node, "epsilon", node->attributes.epsilon),
                    sum = hwv_export_inner(out, node, "Add", "sum", mean.name, epsilon.name),
                    root = hwv_export_inner(out, node, "Sqrt", "root", sum.name, NULL);
    if (node->input_count < 2) {
        hwv_export_simple(out, "Div", node->name, x, root.name, y);
        return;
    }
    hwv_export_part normal = hwv_export_inner(out, node, "Div", "normal", x, root.name);
    hwv_export_simple(out, "Mul", node->name, normal.name, norm_parameter(out, node, 1), y);
}

void hwv_export_row_norm(hwv_export *out, const hwv_node *node)
{
    void (*const write)(hwv_export *, const hwv_node *, const char *, const char *) =
        node->kind == HWV_NODE_LAYER_NORM ? layer_norm : rms_norm;
    const char *x = hwv_export_name(out, node->input[0]), *y = hwv_export_name(out, node->output[0]);
    if (shape_of(out, node, 0)->rank != 4) {
        write(out, node, x, y);
        return;
    }
    hwv_export_part last = hwv_export_turned(out, node, "last", x, hwv_export_last, 4),
                    inner = hwv_export_part_of(node, "inner"), first = hwv_export_part_of(node, "first");
    write(out, node, last.name, inner.name);
    hwv_export_transpose(out, first.name, inner.name, y, hwv_export_first, 4);
}

/* ---- attention ----------------------------------------------------------------------------------- */

/* queries, keys and values [batch, heads, length, size], keys with the last two exchanged. */
static void split(hwv_export *out, const hwv_node *node, hwv_export_part parts[3])
{
    static const char *const words[3] = {"q", "k", "v"}, *const heads_words[3] = {"q.split", "k.split", "v.split"},
                             *const turned_words[3] = {"q.heads", "k.heads", "v.heads"};
    static const int64_t forward[4] = {0, 2, 1, 3}, across[4] = {0, 2, 3, 1};
    const hwv_shape *qkv = shape_of(out, node, 0);
    const size_t width = qkv->dim[2] / 3, heads = node->attributes.heads;
    const int64_t thirds[3] = {(int64_t)width, (int64_t)width, (int64_t)width},
                  shape[4] = {0, (int64_t)qkv->dim[1], (int64_t)heads, (int64_t)(width / heads)};
    hwv_export_part sizes = hwv_export_part_of(node, "thirds"), by_heads = hwv_export_part_of(node, "by_heads");
    hwv_export_integers(out, sizes.name, thirds, 3);
    hwv_export_integers(out, by_heads.name, shape, 4);
    for (size_t i = 0; i < 3; i++)
        parts[i] = hwv_export_part_of(node, words[i]);
    hwv_export_part name = hwv_export_part_of(node, "split");
    size_t begin = hwv_export_begin(out, "Split", name.name);
    hwv_export_input(out, hwv_export_name(out, node->input[0]));
    hwv_export_input(out, sizes.name);
    for (size_t i = 0; i < 3; i++)
        hwv_export_output(out, parts[i].name);
    hwv_export_int(out, "axis", 2);
    hwv_export_end(out, begin);
    for (size_t i = 0; i < 3; i++) {
        hwv_export_part rows = hwv_export_part_of(node, heads_words[i]);
        hwv_export_simple(out, "Reshape", rows.name, parts[i].name, by_heads.name, rows.name);
        parts[i] = hwv_export_turned(out, node, turned_words[i], rows.name, i == 1 ? across : forward, 4);
    }
}

/* Is the mask of that node's attention in the file, and as large as this one's is to be? */
static bool has_mask(const hwv_export *out, size_t length)
{
    return out->masked && shape_of(out, out->masked, 0)->dim[1] == length;
}

/* Scores with those of later positions at -infinity, by one mask for all layers. */
static hwv_status mask(hwv_export *out, const hwv_node *node, hwv_export_part *scores)
{
    const size_t length = shape_of(out, node, 0)->dim[1], dims[2] = {length, length};
    if (!has_mask(out, length)) {
        size_t elements;
        float *data = hwv_size_mul(length, length, &elements) ? hwv_calloc(elements, sizeof *data) : NULL;
        if (!data)
            return hwv_fail(out->error, HWV_ERR_MEMORY, "no memory for a mask of %zu x %zu", length, length);
        for (size_t query = 0; query < length; query++)
            for (size_t key = query + 1; key < length; key++)
                data[query * length + key] = -INFINITY;
        hwv_export_floats(out, hwv_export_part_of(node, "mask").name, data, dims, 2);
        hwv_free(data);
        out->masked = node;
    }
    hwv_export_part name = hwv_export_part_of(out->masked, "mask");
    *scores = hwv_export_inner(out, node, "Add", "masked", scores->name, name.name);
    return HWV_OK;
}

hwv_status hwv_export_attention(hwv_export *out, const hwv_node *node)
{
    static const int64_t back[4] = {0, 2, 1, 3};
    const hwv_shape *qkv = shape_of(out, node, 0);
    const size_t width = qkv->dim[2] / 3, size = width / node->attributes.heads;
    const int64_t shape[3] = {0, (int64_t)qkv->dim[1], (int64_t)width};
    hwv_export_part parts[3], joined = hwv_export_part_of(node, "joined");
    split(out, node, parts);
    hwv_export_part scale = hwv_export_number(out, node, "scale", (float)(1 / sqrt((double)size))),
                    scores = hwv_export_inner(out, node, "MatMul", "products", parts[0].name, parts[1].name);
    scores = hwv_export_inner(out, node, "Mul", "scores", scores.name, scale.name);
    if (node->attributes.causal)
        HWV_TRY(mask(out, node, &scores));
    hwv_export_part shares = hwv_export_part_of(node, "shares");
    size_t begin = hwv_export_begin(out, "Softmax", shares.name);
    hwv_export_input(out, scores.name);
    hwv_export_output(out, shares.name);
    hwv_export_int(out, "axis", -1);
    hwv_export_end(out, begin);
    hwv_export_part heads = hwv_export_inner(out, node, "MatMul", "heads", shares.name, parts[2].name),
                    rows = hwv_export_turned(out, node, "rows", heads.name, back, 4);
    hwv_export_integers(out, joined.name, shape, 3);
    hwv_export_simple(out, "Reshape", node->name, rows.name, joined.name, hwv_export_name(out, node->output[0]));
    return HWV_OK;
}

/* ---- shapes -------------------------------------------------------------------------------------- */

/* The numbers of images are counted with their channels last, on either side. */
void hwv_export_reshape(hwv_export *out, const hwv_node *node)
{
    const hwv_shape *to = &hwv_export_value(out, node->output[0])->shape;
    const char *x = hwv_export_name(out, node->input[0]), *y = hwv_export_name(out, node->output[0]);
    hwv_export_part shape = hwv_export_part_of(node, "shape"), last, inner = hwv_export_part_of(node, "inner"),
                    first = hwv_export_part_of(node, "first");
    int64_t dims[HWV_MAX_RANK];
    for (size_t d = 0; d < to->rank; d++)
        dims[d] = to->dim[d] == HWV_BATCH ? 0 : (int64_t)to->dim[d];
    hwv_export_integers(out, shape.name, dims, to->rank);
    if (shape_of(out, node, 0)->rank == 4) {
        last = hwv_export_turned(out, node, "last", x, hwv_export_last, 4);
        x = last.name;
    }
    hwv_export_simple(out, "Reshape", node->name, x, shape.name, to->rank == 4 ? inner.name : y);
    if (to->rank == 4)
        hwv_export_transpose(out, first.name, inner.name, y, hwv_export_first, 4);
}

/* Means of anything but images. */
hwv_status hwv_export_reduce(hwv_export *out, const hwv_node *node)
{
    const hwv_function *row = hwv_function_row(HWV_NODE_REDUCE, node->attributes.function);
    const hwv_shape *x = shape_of(out, node, 0);
    int64_t axes[HWV_MAX_RANK];
    size_t count = 0;
    if (row->number != HWV_REDUCTION_MEAN || x->rank == 4)
        return hwv_fail(out->error, HWV_ERR_UNSUPPORTED, "%s: a reduction to the %s%s is not written", node->name,
                        row->name, x->rank == 4 ? " of images" : "");
    for (size_t d = 0; d < x->rank; d++)
        if (node->attributes.axes & 1u << d)
            axes[count++] = (int64_t)d;
    size_t begin = hwv_export_begin(out, row->onnx, node->name);
    hwv_export_input(out, hwv_export_name(out, node->input[0]));
    hwv_export_output(out, hwv_export_name(out, node->output[0]));
    hwv_export_ints(out, "axes", axes, count);
    hwv_export_int(out, "keepdims", node->attributes.keep_axes);
    hwv_export_end(out, begin);
    return HWV_OK;
}
