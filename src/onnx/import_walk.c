/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The file as a graph: names to numbers, producers, an order in which every node comes after what it needs. */
#include "onnx/import_walk.h"

#include "halfwave/memory.h"

uint32_t hwv_import_walk_in(const hwv_import_walk *walk, size_t node, size_t i)
{
    size_t at = walk->first_in[node] + i;
    return at < walk->first_in[node + 1] ? walk->in[at] : HWV_IMPORT_NONE;
}

uint32_t hwv_import_walk_out(const hwv_import_walk *walk, size_t node, size_t o)
{
    size_t at = walk->first_out[node] + o;
    return at < walk->first_out[node + 1] ? walk->out[at] : HWV_IMPORT_NONE;
}

/* ---- values --------------------------------------------------------------------------------------- */

/* A new value; HWV_ERR_FORMAT where the name is taken. */
static hwv_status value_add(hwv_import_walk *walk, hwv_import *import, const char *name, uint32_t producer,
                            uint32_t *number)
{
    *number = (uint32_t)walk->value_count;
    if (hwv_import_names_find(&walk->names, name) != HWV_IMPORT_NO_NAME)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "the value '%.120s' is given twice", name);
    if (!hwv_import_names_add(&walk->names, name, *number))
        return hwv_import_memory(import);
    walk->values[*number] = hwv_import_value_make(name);
    walk->producer[*number] = producer;
    walk->value_count++;
    return HWV_OK;
}

static hwv_status initialisers_add(hwv_import_walk *walk, hwv_import *import)
{
    uint32_t number;
    for (size_t i = 0; i < walk->file->initialiser_count; i++) {
        const hwv_onnx_tensor *tensor = &walk->file->initialisers[i];
        HWV_TRY(value_add(walk, import, tensor->name, HWV_IMPORT_NONE, &number));
        /* One that cannot be read is refused where a node needs it. */
        hwv_status status = hwv_import_value_tensor(import, &walk->values[number], tensor);
        if (status != HWV_OK && status != HWV_ERR_UNSUPPORTED)
            return status;
        walk->values[number].from.tensor = (uint32_t)i;
    }
    return HWV_OK;
}

/* Old files list initialisers as inputs too. */
static hwv_status inputs_add(hwv_import_walk *walk, hwv_import *import)
{
    uint32_t number;
    for (size_t i = 0; i < walk->file->input_count; i++) {
        const char *name = walk->file->inputs[i].name;
        uint32_t there = hwv_import_names_find(&walk->names, name);
        if (there == HWV_IMPORT_NO_NAME)
            HWV_TRY(value_add(walk, import, name, HWV_IMPORT_NONE, &number));
        else if (there >= walk->file->initialiser_count)
            return hwv_import_fail(import, HWV_ERR_FORMAT, "the input '%.120s' is given twice", name);
    }
    return HWV_OK;
}

static hwv_status nodes_out(hwv_import_walk *walk, hwv_import *import)
{
    size_t at = 0;
    for (size_t n = 0; n < walk->file->node_count; n++) {
        const hwv_onnx_node *node = &walk->file->nodes[n];
        walk->first_out[n] = at;
        import->node = node;
        for (size_t o = 0; o < node->output_count; o++, at++) {
            walk->out[at] = HWV_IMPORT_NONE;
            if (node->outputs[o][0])
                HWV_TRY(value_add(walk, import, node->outputs[o], (uint32_t)n, &walk->out[at]));
        }
    }
    walk->first_out[walk->file->node_count] = at;
    import->node = NULL;
    return HWV_OK;
}

static hwv_status nodes_in(hwv_import_walk *walk, hwv_import *import)
{
    size_t at = 0;
    for (size_t n = 0; n < walk->file->node_count; n++) {
        const hwv_onnx_node *node = &walk->file->nodes[n];
        walk->first_in[n] = at;
        import->node = node;
        for (size_t i = 0; i < node->input_count; i++, at++) {
            walk->in[at] = HWV_IMPORT_NONE;
            if (node->inputs[i][0] == '\0')
                continue;
            walk->in[at] = hwv_import_names_find(&walk->names, node->inputs[i]);
            if (walk->in[at] == HWV_IMPORT_NO_NAME)
                return hwv_import_fail(import, HWV_ERR_FORMAT, "nothing gives its input '%.120s'", node->inputs[i]);
            walk->uses[walk->in[at]]++;
        }
    }
    walk->first_in[walk->file->node_count] = at;
    import->node = NULL;
    return HWV_OK;
}

static hwv_status outputs_find(hwv_import_walk *walk, hwv_import *import)
{
    for (size_t i = 0; i < walk->file->output_count; i++) {
        const char *name = walk->file->outputs[i].name;
        walk->outputs[i] = hwv_import_names_find(&walk->names, name);
        if (walk->outputs[i] == HWV_IMPORT_NO_NAME)
            return hwv_import_fail(import, HWV_ERR_FORMAT, "nothing gives the output '%.120s'", name);
        walk->uses[walk->outputs[i]]++;
    }
    return HWV_OK;
}

/* ---- order ---------------------------------------------------------------------------------------- */

enum { NEW, OPEN, DONE };

typedef struct visit {
    uint32_t node;
    size_t next; /* input to look at */
} visit;

/* A node and what it needs, depth first on a stack of our own. The node where a cycle closes: *closes. */
static bool visit_from(hwv_import_walk *walk, unsigned char *mark, visit *stack, uint32_t root, uint32_t *order,
                       size_t *count, uint32_t *closes)
{
    size_t depth = 0;
    if (mark[root] != NEW)
        return true;
    stack[depth++] = (visit){.node = root};
    mark[root] = OPEN;
    while (depth > 0) {
        visit *top = &stack[depth - 1];
        if (top->next == walk->first_in[top->node + 1] - walk->first_in[top->node]) {
            mark[top->node] = DONE;
            order[(*count)++] = top->node;
            depth--;
            continue;
        }
        uint32_t value = hwv_import_walk_in(walk, top->node, top->next++);
        uint32_t producer = value == HWV_IMPORT_NONE ? HWV_IMPORT_NONE : walk->producer[value];
        if (producer == HWV_IMPORT_NONE || mark[producer] == DONE)
            continue;
        if (mark[producer] == OPEN) {
            *closes = producer;
            return false;
        }
        mark[producer] = OPEN;
        stack[depth++] = (visit){.node = producer};
    }
    return true;
}

/* All nodes in the file's order, what they need before them; then those that outputs need. */
static hwv_status order_make(hwv_import_walk *walk, hwv_import *import)
{
    size_t nodes = walk->file->node_count, count = 0;
    unsigned char *mark = hwv_import_take(import, nodes, sizeof *mark);
    visit *stack = hwv_import_take(import, nodes, sizeof *stack);
    uint32_t closes = 0;
    if (mark == NULL || stack == NULL)
        return hwv_import_memory(import);
    for (size_t n = 0; n < nodes; n++)
        if (!visit_from(walk, mark, stack, (uint32_t)n, walk->order, &count, &closes)) {
            import->node = &walk->file->nodes[closes];
            hwv_status status = hwv_import_fail(import, HWV_ERR_FORMAT, "it needs its own output (a cycle)");
            import->node = NULL;
            return status;
        }
    for (size_t i = 0; i < walk->file->output_count; i++)
        if (walk->producer[walk->outputs[i]] != HWV_IMPORT_NONE)
            walk->live[walk->producer[walk->outputs[i]]] = true;
    for (size_t k = count; k-- > 0;) {
        uint32_t n = walk->order[k];
        for (size_t i = walk->first_in[n]; walk->live[n] && i < walk->first_in[n + 1]; i++)
            if (walk->in[i] != HWV_IMPORT_NONE && walk->producer[walk->in[i]] != HWV_IMPORT_NONE)
                walk->live[walk->producer[walk->in[i]]] = true;
    }
    for (size_t k = 0; k < count; k++)
        if (walk->live[walk->order[k]])
            walk->order[walk->order_count++] = walk->order[k];
    return HWV_OK;
}

hwv_status hwv_import_walk_make(hwv_import_walk *walk, hwv_import *import)
{
    const hwv_onnx *file = import->state->file;
    size_t ins = 0, outs = 0;
    *walk = (hwv_import_walk){.file = file};
    for (size_t n = 0; n < file->node_count; n++) {
        ins += file->nodes[n].input_count;
        outs += file->nodes[n].output_count;
    }
    size_t values = outs + file->initialiser_count + file->input_count;
    if (values >= HWV_IMPORT_NONE || ins >= HWV_IMPORT_NONE || file->node_count >= HWV_IMPORT_NONE)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "more nodes than are supported");
    walk->values = hwv_import_take(import, values, sizeof *walk->values);
    walk->producer = hwv_import_take(import, values, sizeof *walk->producer);
    walk->uses = hwv_import_take(import, values, sizeof *walk->uses);
    walk->first_in = hwv_import_take(import, file->node_count + 1, sizeof *walk->first_in);
    walk->first_out = hwv_import_take(import, file->node_count + 1, sizeof *walk->first_out);
    walk->in = hwv_import_take(import, ins, sizeof *walk->in);
    walk->out = hwv_import_take(import, outs, sizeof *walk->out);
    walk->order = hwv_import_take(import, file->node_count, sizeof *walk->order);
    walk->live = hwv_import_take(import, file->node_count, sizeof *walk->live);
    walk->outputs = hwv_import_take(import, file->output_count, sizeof *walk->outputs);
    if (!walk->values || !walk->producer || !walk->uses || !walk->first_in || !walk->first_out || !walk->in ||
        !walk->out || !walk->order || !walk->live || !walk->outputs)
        return hwv_import_memory(import);
    HWV_TRY(initialisers_add(walk, import));
    HWV_TRY(inputs_add(walk, import));
    HWV_TRY(nodes_out(walk, import));
    HWV_TRY(nodes_in(walk, import));
    HWV_TRY(outputs_find(walk, import));
    return order_make(walk, import);
}

void hwv_import_walk_free(hwv_import_walk *walk)
{
    hwv_import_names_free(&walk->names);
}
