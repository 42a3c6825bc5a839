/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the change says of parameters, state and constants of the graph, as changes of the file's tensors. Layouts do not
 * matter here: every value marks the elements of its tensor that it cuts out and the numbers that it gives them; all values
 * of one tensor must agree on them, and what is cut must be whole slices of the tensor. */
#include "onnx/change.h"

#include <math.h>
#include <string.h>

#include "io/bytes.h"

/* ---- numbers -------------------------------------------------------------------------------------- */

/* Rounded to the nearest, ties to even. */
static uint16_t half_of(float x)
{
    uint32_t bits, magnitude;
    memcpy(&bits, &x, sizeof bits);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000)
        return sign | 0x7e00;
    if (magnitude >= 0x477ff000) /* 65520 */
        return sign | 0x7c00;
    if (magnitude < 0x38800000) { /* below 2^-14: subnormal, in units of 2^-24 */
        float units;
        memcpy(&units, &magnitude, sizeof units);
        return sign | (uint16_t)rintf(units * 0x1p24f);
    }
    magnitude += 0xfff + (magnitude >> 13 & 1);
    return (uint16_t)(sign | ((magnitude >> 13) - (112 << 10)));
}

static uint16_t bfloat_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if (isnan(x))
        return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

size_t hwv_edit_number(unsigned char *to, int32_t type, float number)
{
    uint64_t bits = 0;
    size_t bytes = hwv_onnx_type_bytes(type);
    double wide = (double)number;
    uint32_t single;
    memcpy(&single, &number, sizeof single);
    if (type == HWV_ONNX_DOUBLE)
        memcpy(&bits, &wide, sizeof bits);
    else
        bits = type == HWV_ONNX_FLOAT16 ? half_of(number) : type == HWV_ONNX_BFLOAT16 ? bfloat_of(number) : single;
    for (size_t b = 0; b < bytes; b++)
        to[b] = (unsigned char)(bits >> (8 * b));
    return bytes;
}

/* ---- what a value says ---------------------------------------------------------------------------- */

/* Of the elements of a tensor. */
typedef struct marks {
    uint8_t *cut, *given;
    float *number; /* where given */
    bool first;    /* nobody said anything yet */
} marks;

static const hwv_shape *shape_of(const hwv_edit *edit, hwv_id value)
{
    return &hwv_graph_value(edit->change->network->graph, value)->shape;
}

static const char *name_of(const hwv_edit *edit, hwv_id value)
{
    return hwv_graph_value(edit->change->network->graph, value)->name;
}

static size_t elements_of(const hwv_shape *shape)
{
    size_t elements = 1;
    for (size_t a = 0; a < shape->rank; a++)
        elements *= shape->dim[a];
    return elements;
}

static bool is_cut(const hwv_value_change *change, const hwv_shape *shape, size_t i)
{
    bool cut = false;
    for (size_t a = shape->rank; a-- > 0; i /= shape->dim[a])
        cut = cut || (change->cut[a] && change->cut[a][i % shape->dim[a]]);
    return cut;
}

static bool is_changed(const hwv_edit *edit, hwv_id value, bool *data)
{
    const hwv_value_change *change = &edit->change->values[value];
    const hwv_shape *shape = shape_of(edit, value);
    const float *now = hwv_weights_data(edit->change->network->weights, value);
    bool cut = false;
    *data = change->data && now && memcmp(change->data, now, elements_of(shape) * sizeof *now) != 0;
    for (size_t a = 0; a < shape->rank; a++)
        cut = cut || (shape->dim[a] != HWV_BATCH && hwv_edit_marked(change->cut[a], shape->dim[a]) > 0);
    return *data || cut;
}

static hwv_status disagree(const hwv_edit *edit, const hwv_onnx_tensor *tensor, hwv_id value)
{
    return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED,
                    "tensor '%.100s' is read in several places (shared weights), and the change does not fit all of "
                    "them: '%.64s' is one",
                    tensor->name, name_of(edit, value));
}

/* Between the taps of a dilated filter there is nothing that could be written. */
static hwv_status gap_check(const hwv_edit *edit, hwv_id value, const hwv_value_change *change, size_t i)
{
    if (change->data == NULL || change->data[i] == 0)
        return HWV_OK;
    return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED,
                    "'%.64s' cannot be changed so: the filter is dilated, and between its taps the file has no numbers",
                    name_of(edit, value));
}

/* What one value says of the elements, or whether it says the same as those before. */
static hwv_status value_mark(const hwv_edit *edit, hwv_id value, const hwv_onnx_tensor *tensor, marks *to)
{
    const hwv_trace_kept *kept = &edit->trace->kept[value];
    const hwv_value_change *change = &edit->change->values[value];
    const hwv_shape *shape = shape_of(edit, value);
    const float *now = hwv_weights_data(edit->change->network->weights, value);
    size_t elements = elements_of(shape);
    for (size_t i = 0; i < elements; i++) {
        size_t e = hwv_trace_element(kept, i);
        if (e == SIZE_MAX) {
            HWV_TRY(gap_check(edit, value, change, i));
            continue;
        }
        if (e >= tensor->elements)
            return hwv_fail(edit->error, HWV_ERR_ARGUMENT, "it is another file than the one that was imported");
        bool cut = is_cut(change, shape, i);
        bool given = change->data && now && memcmp(&change->data[i], &now[i], sizeof *now) != 0;
        if (!to->first && (to->cut[e] != cut || (!cut && to->given[e] != given) ||
                           (!cut && given && memcmp(&to->number[e], &change->data[i], sizeof *now) != 0)))
            return disagree(edit, tensor, value);
        to->cut[e] = cut;
        to->given[e] = given;
        if (given)
            to->number[e] = change->data[i];
    }
    to->first = false;
    return HWV_OK;
}

/* ---- the tensor ----------------------------------------------------------------------------------- */

/* Elements in a shape, and where they lie in a tensor that some are cut out of. */
typedef struct view {
    size_t rank, elements;
    const size_t *dim;
    const uint32_t *index; /* NULL: in order */
    const uint8_t *cut;
    const char *name;
} view;

static bool view_cut(const view *v, size_t i)
{
    return v->cut[v->index ? v->index[i] : i];
}

/* The axes of a view without what is cut: all elements of an index are. */
static hwv_status axes_find(hwv_edit *edit, const view *v, size_t dim[HWV_ONNX_DIMS])
{
    uint8_t *axes[HWV_ONNX_DIMS];
    for (size_t a = 0; a < v->rank; a++) {
        axes[a] = hwv_edit_take(edit, v->dim[a], 1);
        if (axes[a] == NULL)
            return hwv_edit_memory(edit);
        memset(axes[a], 1, v->dim[a]);
    }
    for (size_t e = 0; e < v->elements; e++)
        for (size_t a = v->rank, i = e; !view_cut(v, e) && a-- > 0; i /= v->dim[a])
            axes[a][i % v->dim[a]] = 0;
    for (size_t e = 0; e < v->elements; e++) {
        bool along = !view_cut(v, e);
        for (size_t a = v->rank, i = e; !along && a-- > 0; i /= v->dim[a])
            along = axes[a][i % v->dim[a]];
        if (!along)
            return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED,
                            "tensor '%.100s': what is to be cut out lies along no axis of it", v->name);
    }
    for (size_t a = 0; a < v->rank; a++)
        dim[a] = v->dim[a] - hwv_edit_marked(axes[a], v->dim[a]);
    return HWV_OK;
}

hwv_status hwv_edit_constant_shape(hwv_edit *edit, uint32_t value, hwv_shape *shape)
{
    const hwv_trace_value *known = &edit->trace->values[value];
    const uint8_t *cut = known->from.tensor == HWV_IMPORT_NO_TENSOR ? NULL : edit->cut[known->from.tensor];
    view v = {.rank = known->shape.rank,
              .elements = elements_of(&known->shape),
              .dim = known->shape.dim,
              .index = known->from.index,
              .cut = cut,
              .name = edit->walk.values[value].name};
    size_t dim[HWV_ONNX_DIMS];
    *shape = known->shape;
    if (cut == NULL)
        return HWV_OK;
    HWV_TRY(axes_find(edit, &v, dim));
    memcpy(shape->dim, dim, shape->rank * sizeof *dim);
    return HWV_OK;
}

static hwv_status tensor_make(hwv_edit *edit, size_t number, const hwv_onnx_tensor *tensor, const marks *from)
{
    const view whole = {tensor->rank, tensor->elements, tensor->dim, NULL, from->cut, tensor->name};
    size_t bytes = hwv_onnx_type_bytes(tensor->type);
    hwv_edit_tensor *made = hwv_edit_take(edit, 1, sizeof *made);
    unsigned char *data = hwv_edit_take(edit, tensor->elements, bytes);
    if (made == NULL || data == NULL)
        return hwv_edit_memory(edit);
    HWV_TRY(axes_find(edit, &whole, made->dim));
    made->data = data;
    for (size_t e = 0; e < tensor->elements; e++) {
        if (from->cut[e])
            continue;
        if (from->given[e])
            (void)hwv_edit_number(data + made->bytes, tensor->type, from->number[e]);
        else
            memcpy(data + made->bytes, tensor->data + e * bytes, bytes);
        made->bytes += bytes;
    }
    if (made->bytes == 0)
        return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED, "nothing of tensor '%.100s' would be left", tensor->name);
    made->rank = tensor->rank;
    edit->tensors[number] = made;
    edit->cut[number] = from->cut;
    return HWV_OK;
}

/* ---- who reads ------------------------------------------------------------------------------------ */

static bool bytes_have(const unsigned char *bytes, size_t size, const char *name)
{
    size_t length = strlen(name);
    const unsigned char *end = bytes + size;
    for (const unsigned char *p = bytes; length && (size_t)(end - p) >= length; p++) {
        p = memchr(p, name[0], (size_t)(end - p) - length + 1);
        if (p == NULL)
            return false;
        if (memcmp(p, name, length) == 0)
            return true;
    }
    return false;
}

/* Whether a node has graphs of its own. */
static bool has_graph(const hwv_onnx_node *node)
{
    for (size_t a = 0; a < node->attribute_count; a++)
        if (node->attributes[a].type == HWV_ONNX_ATTRIBUTE_GRAPH ||
            node->attributes[a].type == HWV_ONNX_ATTRIBUTE_OTHER)
            return true;
    return false;
}

/* Whether a node took a constant as the graph's values tell, or a computed value. */
static bool node_knows(const hwv_edit *edit, size_t n, bool constant)
{
    hwv_trace_state state = edit->trace->nodes[n].state;
    return state == HWV_TRACE_IMPORTED || state == HWV_TRACE_PATTERN || state == HWV_TRACE_ABSORBED ||
           (constant && state == HWV_TRACE_MOVED);
}

/* Refuses where something reads the value of the file that the change does not know of. */
static hwv_status readers_check(const hwv_edit *edit, const uint8_t *changed)
{
    const hwv_import_walk *walk = &edit->walk;
    const hwv_onnx *file = edit->file;
    for (size_t n = 0; n < file->node_count; n++)
        for (size_t at = walk->first_in[n]; at < walk->first_in[n + 1]; at++) {
            uint32_t v = walk->in[at];
            if (v == HWV_IMPORT_NONE || !changed[v] || node_knows(edit, n, edit->trace->values[v].constant))
                continue;
            return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED, "'%.100s' cannot be changed: %s reads it too",
                            walk->values[v].name, hwv_edit_node_words(edit, n).text);
        }
    for (size_t i = 0; i < file->output_count; i++)
        if (changed[walk->outputs[i]] && edit->trace->values[walk->outputs[i]].constant)
            return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED, "'%.100s' cannot be changed: it is an output",
                            walk->values[walk->outputs[i]].name);
    for (size_t n = 0; n < file->node_count; n++) /* graphs of nodes are not read: the name in them is enough */
        for (size_t v = 0; has_graph(&file->nodes[n]) && v < walk->value_count; v++)
            if (changed[v] &&
                bytes_have(file->bytes + file->nodes[n].offset, file->nodes[n].length, walk->values[v].name))
                return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED, "'%.100s' cannot be changed: %s reads it too",
                                walk->values[v].name, hwv_edit_node_words(edit, n).text);
    return HWV_OK;
}

/* The values of the file whose tensor or shape becomes another. */
static hwv_status values_check(hwv_edit *edit, const uint8_t *touched)
{
    const hwv_onnx_trace *trace = edit->trace;
    uint8_t *changed = hwv_edit_take(edit, trace->value_count, 1);
    if (changed == NULL)
        return hwv_edit_memory(edit);
    for (size_t v = 0; v < trace->value_count; v++) {
        const hwv_trace_value *value = &trace->values[v];
        hwv_shape shape;
        if (value->from.tensor != HWV_IMPORT_NO_TENSOR)
            changed[v] = touched[value->from.tensor];
        else if (hwv_edit_shape(edit, (uint32_t)v, &shape))
            changed[v] = memcmp(shape.dim, value->shape.dim, shape.rank * sizeof shape.dim[0]) != 0;
    }
    return readers_check(edit, changed);
}

/* ---- all of them ---------------------------------------------------------------------------------- */

/* What changes of the graph's value; *tensor: of the file, HWV_IMPORT_NO_TENSOR where nothing has to. */
static hwv_status value_look(const hwv_edit *edit, hwv_id value, uint32_t *tensor)
{
    const hwv_value *v = hwv_graph_value(edit->change->network->graph, value);
    const hwv_trace_kept *kept = value < edit->trace->kept_count ? &edit->trace->kept[value] : NULL;
    bool data;
    *tensor = HWV_IMPORT_NO_TENSOR;
    if (v->role == HWV_ROLE_ACTIVATION || !is_changed(edit, value, &data))
        return HWV_OK;
    if (v->role == HWV_ROLE_INPUT)
        return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED, "'%.64s' cannot be cut: it is an input of the model",
                        v->name);
    if (kept == NULL || !kept->read) /* made up by the import: all alike, so that a cut needs nothing */
        return !data ? HWV_OK
                     : hwv_fail(edit->error, HWV_ERR_UNSUPPORTED,
                                "'%.64s' cannot be changed: the file does not have it", v->name);
    if (kept->from.tensor == HWV_IMPORT_NO_TENSOR || hwv_edit_tensor_at(edit, kept->from.tensor) == NULL)
        return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED,
                        "'%.64s' cannot be changed: it is computed from other constants of the file", v->name);
    *tensor = kept->from.tensor;
    return HWV_OK;
}

/* The graph's values of each tensor: first[tensor], next[value]; and those tensors that change. */
typedef struct lists {
    hwv_id *first, *next;
    uint8_t *touched;
} lists;

static hwv_status lists_make(hwv_edit *edit, lists *to)
{
    const hwv_onnx_trace *trace = edit->trace;
    size_t tensors = edit->file->initialiser_count + edit->file->node_count;
    to->first = hwv_edit_take(edit, tensors, sizeof *to->first);
    to->next = hwv_edit_take(edit, trace->graph_values, sizeof *to->next);
    to->touched = hwv_edit_take(edit, tensors, 1);
    if (!to->first || !to->next || !to->touched)
        return hwv_edit_memory(edit);
    memset(to->first, 0xFF, tensors * sizeof *to->first); /* HWV_NO_ID */
    for (hwv_id v = 0; v < trace->graph_values; v++) {
        uint32_t tensor;
        HWV_TRY(value_look(edit, v, &tensor));
        if (tensor != HWV_IMPORT_NO_TENSOR)
            to->touched[tensor] = 1;
        if (v >= trace->kept_count || !trace->kept[v].read || trace->kept[v].from.tensor >= tensors)
            continue;
        to->next[v] = to->first[trace->kept[v].from.tensor];
        to->first[trace->kept[v].from.tensor] = v;
    }
    return HWV_OK;
}

static hwv_status tensor_change(hwv_edit *edit, size_t number, const lists *from)
{
    const hwv_onnx_tensor *tensor = hwv_edit_tensor_at(edit, number);
    marks m = {.first = true};
    m.cut = hwv_edit_take(edit, tensor->elements, 1);
    m.given = hwv_edit_take(edit, tensor->elements, 1);
    m.number = hwv_edit_take(edit, tensor->elements, sizeof *m.number);
    if (!m.cut || !m.given || !m.number)
        return hwv_edit_memory(edit);
    for (hwv_id v = from->first[number]; v != HWV_NO_ID; v = from->next[v])
        HWV_TRY(value_mark(edit, v, tensor, &m));
    return tensor_make(edit, number, tensor, &m);
}

hwv_status hwv_edit_tensors(hwv_edit *edit)
{
    size_t tensors = edit->file->initialiser_count + edit->file->node_count;
    lists of;
    HWV_TRY(lists_make(edit, &of));
    HWV_TRY(values_check(edit, of.touched));
    for (size_t t = 0; t < tensors; t++)
        if (of.touched[t])
            HWV_TRY(tensor_change(edit, t, &of));
    return HWV_OK;
}
