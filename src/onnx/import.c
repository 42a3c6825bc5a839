/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * From a file to a network: inputs, nodes in order, outputs; many samples a run where the graph allows it. */
#include "onnx/import_patterns.h"
#include "onnx/import_walk.h"
#include "onnx/trace.h"

#include "halfwave/memory.h"

#include <stdio.h>
#include <string.h>

/* What one attempt works with. */
typedef struct attempt {
    hwv_import_state state;
    hwv_import import;
    hwv_import_blocks memory;
    hwv_import_walk walk;
    hwv_import_patterns patterns;
    hwv_network *network;
} attempt;

/* ---- inputs --------------------------------------------------------------------------------------- */

/* The shape that the caller gives for input i, or NULL. */
static const hwv_shape *shape_given(const hwv_onnx_import_options *options, size_t i)
{
    return i < options->shape_count && options->shapes[i].rank > 0 ? &options->shapes[i] : NULL;
}

/* Whether the first dimension of an input may become the batch. */
static bool input_batches(const hwv_onnx_port *port, const hwv_shape *given)
{
    if (!port->shaped)
        return given != NULL;
    return port->rank > 0 && (port->dim[0] < 0 || port->dim[0] == 1 || (given && given->dim[0] == HWV_BATCH));
}

static bool all_batch(const hwv_onnx *file, const hwv_onnx_import_options *options)
{
    for (size_t i = 0; i < hwv_onnx_input_count(file); i++) {
        hwv_onnx_port port = hwv_onnx_input(file, i);
        if (!input_batches(&port, shape_given(options, i)))
            return false;
    }
    return hwv_onnx_input_count(file) > 0;
}

static size_t fixed_batch(const hwv_onnx *file)
{
    int64_t fixed = 0;
    for (size_t i = 0; i < hwv_onnx_input_count(file); i++) {
        hwv_onnx_port port = hwv_onnx_input(file, i);
        if (!port.shaped || port.rank == 0 || port.dim[0] <= 0 || (i > 0 && port.dim[0] != fixed))
            return 0;
        fixed = port.dim[0];
    }
    return (size_t)fixed;
}

static hwv_status input_fail(const attempt *a, const hwv_onnx_port *port, const char *what)
{
    return hwv_fail(a->state.error, HWV_ERR_ARGUMENT, "input '%.120s': %s", port->name, what);
}

/* Dimension d > 0, or the first where it is no batch. */
static hwv_status input_dimension(const attempt *a, const hwv_onnx_port *port, const hwv_shape *given, size_t d,
                                  size_t *dim)
{
    int64_t declared = port->shaped ? port->dim[d] : -1;
    bool asked = given && given->dim[d] != HWV_BATCH;
    if (declared == 0)
        return hwv_fail(a->state.error, HWV_ERR_UNSUPPORTED, "input '%.120s' is empty: dimension %zu is 0", port->name,
                        d);
    if (declared > 0 && asked && (uint64_t)declared != given->dim[d] && !(d == 0 && a->state.options->batched))
        return hwv_fail(a->state.error, HWV_ERR_ARGUMENT, "input '%.120s': dimension %zu is %lld, %zu was given",
                        port->name, d, (long long)declared, given->dim[d]);
    if (declared < 0 && !asked && d > 0)
        return hwv_fail(a->state.error, HWV_ERR_ARGUMENT,
                        "input '%.120s': dimension %zu ('%.40s') is free and must be "
                        "given",
                        port->name, d, port->shaped && port->symbol[d] ? port->symbol[d] : "");
    if (declared > 0)
        *dim = (size_t)declared;
    else
        *dim = asked && !(d == 0 && a->state.options->batched) ? given->dim[d] : 1;
    return HWV_OK;
}

static hwv_status input_shape(const attempt *a, const hwv_onnx_port *port, const hwv_shape *given, hwv_shape *shape)
{
    if (port->shaped && given && given->rank != port->rank)
        return hwv_fail(a->state.error, HWV_ERR_ARGUMENT, "input '%.120s' has %zu dimensions, %zu were given",
                        port->name, port->rank, given->rank);
    if (!port->shaped && !given)
        return input_fail(a, port, "the file does not say its shape, which must be given");
    *shape = (hwv_shape){.rank = port->shaped ? port->rank : given->rank};
    if (shape->rank > HWV_MAX_RANK)
        return hwv_fail(a->state.error, HWV_ERR_UNSUPPORTED,
                        "input '%.120s' has %zu dimensions; up to %d are supported", port->name, shape->rank,
                        HWV_MAX_RANK);
    for (size_t d = 0; d < shape->rank; d++) {
        if (d == 0 && a->state.batched)
            shape->dim[0] = HWV_BATCH;
        else
            HWV_TRY(input_dimension(a, port, given, d, &shape->dim[d]));
    }
    return HWV_OK;
}

/* Types that have a place in the graph. */
static bool type_fits(int32_t type)
{
    return hwv_onnx_type_bytes(type) > 0;
}

static hwv_status input_add(attempt *a, size_t i, int32_t type)
{
    hwv_onnx_port port = hwv_onnx_input(a->state.file, i);
    hwv_port *made = &a->network->inputs[i];
    hwv_import_value *value = &a->walk.values[hwv_import_names_find(&a->walk.names, port.name)];
    hwv_shape shape, one = {.rank = 1, .dim = {1}};
    char name[64];
    made->value = HWV_NO_ID;
    made->name = hwv_strdup(port.name);
    if (made->name == NULL)
        return hwv_import_memory(&a->import);
    a->network->input_count = i + 1;
    if (!type_fits(type))
        return hwv_fail(a->state.error, HWV_ERR_UNSUPPORTED, "input '%.120s' is of type %s, which is not supported",
                        port.name, port.type ? port.type : "unknown");
    HWV_TRY(input_shape(a, &port, shape_given(a->state.options, i), &shape));
    HWV_TRY(hwv_import_name(&a->state, port.name, "", name));
    HWV_TRY(hwv_graph_input(a->state.graph, name, hwv_import_floating(type) ? HWV_ELEMENT_F32 : HWV_ELEMENT_I32,
                            shape.rank ? &shape : &one, &value->plain, a->state.error));
    value->known = true;
    value->type = type;
    made->shape = value->shape = shape;
    made->value = value->plain;
    return HWV_OK;
}

/* The declared inputs that are no initialisers, as hwv_onnx_input counts them. */
static hwv_status inputs_add(attempt *a)
{
    const hwv_onnx *file = a->state.file;
    size_t count = hwv_onnx_input_count(file);
    a->network->inputs = hwv_calloc(count + 1, sizeof *a->network->inputs);
    if (a->network->inputs == NULL)
        return hwv_import_memory(&a->import);
    for (size_t i = 0; i < count; i++) {
        hwv_status status = input_add(a, i, hwv_onnx_input_type(file, i));
        if (status == HWV_ERR_UNSUPPORTED && a->state.options->partial)
            status = HWV_OK;
        HWV_TRY(status);
    }
    return HWV_OK;
}

/* ---- nodes ---------------------------------------------------------------------------------------- */

static hwv_status unsupported_add(attempt *a, const char *text)
{
    hwv_network *network = a->network;
    const size_t count = network->unsupported_count;
    if ((count & (count - 1)) == 0) { /* room for twice as many, from each power of two on */
        char **grown = hwv_realloc(network->unsupported, count ? 2 * count : 1, sizeof *grown);
        if (grown == NULL)
            return hwv_import_memory(&a->import);
        network->unsupported = grown;
    }
    network->unsupported[count] = hwv_strdup(text);
    if (network->unsupported[count] == NULL)
        return hwv_import_memory(&a->import);
    network->unsupported_count++;
    return HWV_OK;
}

/* Points the import at a node. */
static hwv_status node_set(attempt *a, size_t n)
{
    const hwv_import_walk *walk = &a->walk;
    hwv_import *import = &a->import;
    import->node = &walk->file->nodes[n];
    import->row = import->node->domain[0] ? NULL : hwv_import_row_find(import->node->op);
    import->in_count = walk->first_in[n + 1] - walk->first_in[n];
    import->out_count = walk->first_out[n + 1] - walk->first_out[n];
    import->in = hwv_import_take(import, import->in_count, sizeof *import->in);
    import->out = hwv_import_take(import, import->out_count, sizeof *import->out);
    if (import->in == NULL || import->out == NULL)
        return hwv_import_memory(import);
    for (size_t i = 0; i < import->in_count; i++) {
        uint32_t value = hwv_import_walk_in(walk, n, i);
        import->in[i] = value == HWV_IMPORT_NONE ? NULL : &walk->values[value];
    }
    for (size_t o = 0; o < import->out_count; o++) {
        uint32_t value = hwv_import_walk_out(walk, n, o);
        import->out[o] = value == HWV_IMPORT_NONE || walk->uses[value] == 0 ? NULL : &walk->values[value];
    }
    return HWV_OK;
}

/* Whether every given input is known; *constant: and constant, at least one. A shape with the batch in it is not. */
static bool inputs_known(const hwv_import *import, bool *constant)
{
    *constant = false;
    bool computed = false;
    for (size_t i = 0; i < import->in_count; i++) {
        const hwv_import_value *value = import->in[i];
        if (value == NULL)
            continue;
        if (!value->known)
            return false;
        if (value->constant && !value->batch)
            *constant = true;
        else
            computed = true;
    }
    *constant = *constant && !computed;
    return true;
}

/* An initialiser that could not be taken says why; what depends on a node that was left out is silent. */
static hwv_status input_unknown(attempt *a, bool *silent)
{
    hwv_import *import = &a->import;
    *silent = true;
    for (size_t i = 0; i < import->in_count; i++) {
        if (import->in[i] == NULL || import->in[i]->known)
            continue;
        size_t number = (size_t)(import->in[i] - a->walk.values); /* initialisers are the first of them */
        if (number < a->state.file->initialiser_count) {
            *silent = false;
            return hwv_import_value_tensor(import, import->in[i], &a->state.file->initialisers[number]);
        }
    }
    return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "an input depends on a node that is not supported");
}

/* What became of a node of the file. */
static void node_state(attempt *a, uint32_t n, hwv_trace_state state)
{
    if (a->state.trace)
        a->state.trace->nodes[n].state = state;
}

static hwv_status node_build(attempt *a, uint32_t n, bool constant)
{
    hwv_import *import = &a->import;
    bool done = false, moved = false;
    HWV_TRY(hwv_import_fold_integers(import, &done));
    if (!done)
        HWV_TRY(constant ? hwv_import_fold(import) : import->row->function(import));
    if (done || constant)
        HWV_TRY(hwv_trace_folded(import, &moved));
    node_state(a, n, !done && !constant ? HWV_TRACE_IMPORTED : moved ? HWV_TRACE_MOVED : HWV_TRACE_COMPUTED);
    for (size_t o = 0; o < import->out_count; o++)
        if (import->out[o] && !import->out[o]->known)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "its output %zu ('%.80s') is not supported", o,
                                   import->out[o]->name);
    return HWV_OK;
}

/* The node itself, by the function of its row. */
static hwv_status node_alone(attempt *a, size_t n, bool *silent)
{
    char reason[200];
    bool constant;
    hwv_import *import = &a->import;
    *silent = false;
    HWV_TRY(node_set(a, n));
    if (hwv_import_row_check(a->state.file, import->node, import->row, reason) != HWV_OK)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "%s", reason);
    if (!inputs_known(import, &constant))
        return input_unknown(a, silent);
    return node_build(a, (uint32_t)n, constant);
}

static void pattern_state(attempt *a, size_t n, const hwv_import_pattern *pattern)
{
    for (size_t i = 0; a->state.trace && i < pattern->node_count; i++)
        a->state.trace->nodes[pattern->nodes[i]] =
            (hwv_trace_node){.state = HWV_TRACE_ABSORBED, .root = (uint32_t)n, .x = pattern->x};
    node_state(a, (uint32_t)n, HWV_TRACE_PATTERN);
}

/* Where the pattern of a node does not fit its shapes after all, the nodes that were left for it come now. */
static hwv_status node_import(attempt *a, size_t n, bool *silent)
{
    const hwv_import_patterns *patterns = &a->patterns;
    const hwv_import_pattern *pattern = patterns->found ? patterns->found[n] : NULL;
    bool done = false;
    *silent = false;
    if (patterns->absorbed && patterns->absorbed[n])
        return HWV_OK;
    if (pattern == NULL)
        return node_alone(a, n, silent);
    HWV_TRY(node_set(a, n));
    HWV_TRY(hwv_import_pattern_build(&a->import, &a->walk, pattern, &done));
    if (done)
        pattern_state(a, n, pattern);
    for (size_t k = 0; !done && k < a->walk.order_count; k++)
        for (size_t i = 0; i < pattern->node_count; i++)
            if (a->walk.order[k] == pattern->nodes[i])
                HWV_TRY(node_alone(a, a->walk.order[k], silent));
    return HWV_OK;
}

/* What a failed node gave is not there. */
static void outputs_forget(hwv_import *import)
{
    for (size_t o = 0; o < import->out_count; o++)
        if (import->out[o])
            import->out[o]->known = false;
}

static hwv_status nodes_import(attempt *a)
{
    for (size_t k = 0; k < a->walk.order_count; k++) {
        bool silent;
        hwv_status status = node_import(a, a->walk.order[k], &silent);
        if (status != HWV_OK && (!a->state.options->partial || status == HWV_ERR_MEMORY))
            return status;
        if (status == HWV_OK)
            continue;
        outputs_forget(&a->import);
        if (!silent)
            HWV_TRY(unsupported_add(a, a->state.error->text));
    }
    a->import.node = NULL;
    return HWV_OK;
}

/* ---- outputs -------------------------------------------------------------------------------------- */

/* A graph value that a plan can compute: of a node. */
static hwv_status output_value(attempt *a, hwv_import_value *value, hwv_id *id)
{
    hwv_node_attributes attributes = {0};
    char name[64];
    HWV_TRY(hwv_import_value_plain(&a->import, value, id));
    const hwv_value *made = hwv_graph_value(a->state.graph, *id);
    if (made->producer != HWV_NO_ID)
        return HWV_OK;
    attributes.shape = made->shape;
    HWV_TRY(hwv_import_name(&a->state, value->name, "output", name));
    return hwv_graph_node(a->state.graph, HWV_NODE_RESHAPE, name, &attributes, &(hwv_id){*id}, 1, id, a->state.error);
}

static hwv_status outputs_add(attempt *a)
{
    hwv_network *network = a->network;
    size_t count = a->state.file->output_count;
    network->outputs = hwv_calloc(count + 1, sizeof *network->outputs);
    if (network->outputs == NULL)
        return hwv_import_memory(&a->import);
    for (size_t i = 0; i < count; i++) {
        hwv_port *port = &network->outputs[i];
        hwv_import_value *value = &a->walk.values[a->walk.outputs[i]];
        port->value = HWV_NO_ID;
        port->name = hwv_strdup(a->state.file->outputs[i].name);
        if (port->name == NULL)
            return hwv_import_memory(&a->import);
        network->output_count = i + 1;
        if (!value->known)
            continue;
        port->shape = value->shape;
        hwv_status status = output_value(a, value, &port->value);
        if (status != HWV_OK) {
            port->value = HWV_NO_ID;
            if (!a->state.options->partial || status == HWV_ERR_MEMORY)
                return status;
            HWV_TRY(unsupported_add(a, a->state.error->text));
        }
    }
    return HWV_OK;
}

static hwv_status layers_add(attempt *a)
{
    hwv_network *network = a->network;
    network->layers = hwv_calloc(a->state.layer_count + 1, sizeof *network->layers);
    if (network->layers == NULL)
        return hwv_import_memory(&a->import);
    for (size_t i = 0; i < a->state.layer_count; i++) {
        const hwv_import_layer *layer = &a->state.layers[i];
        char *name = hwv_strdup(layer->name);
        if (name == NULL)
            return hwv_import_memory(&a->import);
        network->layers[network->layer_count++] =
            (hwv_network_layer){.node = layer->node, .name = name, .op = layer->op};
    }
    return HWV_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------ */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* What is known of the file's values in the end. */
static hwv_status trace_finish(attempt *a)
{
    hwv_onnx_trace *trace = a->state.trace;
    if (trace == NULL)
        return HWV_OK;
    trace->graph_values = hwv_graph_value_count(a->state.graph);
    trace->graph_nodes = hwv_graph_node_count(a->state.graph);
    trace->values = hwv_calloc(a->walk.value_count + 1, sizeof *trace->values);
    if (trace->values == NULL)
        return hwv_import_memory(&a->import);
    trace->value_count = a->walk.value_count;
    for (size_t v = 0; v < trace->value_count; v++) {
        const hwv_import_value *from = &a->walk.values[v];
        hwv_trace_value *to = &trace->values[v];
        *to = (hwv_trace_value){.known = from->known,
                                .constant = from->constant,
                                .channels_last = from->channels_last,
                                .type = from->type,
                                .shape = from->shape,
                                .plain = from->plain,
                                .last = from->last,
                                .from = from->from};
        if (from->known && from->constant && from->ints && from->elements <= HWV_MAX_RANK)
            to->count = from->elements;
        for (size_t i = 0; i < to->count; i++)
            to->ints[i] = from->ints[i];
    }
    return HWV_OK;
}

static hwv_status attempt_run(attempt *a)
{
    const hwv_onnx *file = a->state.file;
    if (file->sparse_initialisers)
        return hwv_fail(a->state.error, HWV_ERR_UNSUPPORTED, "sparse initialisers are not supported");
    if (file->functions)
        return hwv_fail(a->state.error, HWV_ERR_UNSUPPORTED, "functions of the model itself are not supported");
    HWV_TRY(hwv_graph_create(&a->state.graph, a->state.error));
    a->import.graph = a->state.graph;
    a->network->name = hwv_strdup(base_name(file->path));
    if (a->network->name == NULL)
        return hwv_import_memory(&a->import);
    HWV_TRY(hwv_import_walk_make(&a->walk, &a->import));
    HWV_TRY(inputs_add(a));
    if (!a->state.options->plain)
        HWV_TRY(hwv_import_patterns_find(&a->patterns, &a->walk, &a->import));
    HWV_TRY(nodes_import(a));
    HWV_TRY(outputs_add(a));
    HWV_TRY(layers_add(a));
    HWV_TRY(trace_finish(a));
    HWV_TRY(hwv_import_weights(&a->state, &a->network->weights));
    a->network->graph = a->state.graph;
    a->state.graph = NULL;
    a->network->batched = a->state.batched;
    return HWV_OK;
}

/* What folded constants, copies in other layouts and lists may take: room for small files, and many times what a large
 * one holds. */
static size_t memory_most(const hwv_onnx *file)
{
    size_t most = (size_t)128 << 20, bytes;
    if (hwv_size_add(file->size, (size_t)file->external_bytes, &bytes) && hwv_size_mul(bytes, 32, &bytes) &&
        bytes < SIZE_MAX / 2)
        most += bytes;
    return most;
}

/* One way to import; on failure *network is zero, *trace NULL. */
static hwv_status attempt_make(hwv_network *network, const hwv_onnx *file, const hwv_onnx_import_options *options,
                               bool batched, hwv_onnx_trace **trace, hwv_error *error)
{
    attempt a = {.network = network, .state = {.file = file, .options = options, .batched = batched, .error = error}};
    a.state.memory = &a.memory;
    a.memory.most = memory_most(file);
    a.state.fixed = batched ? fixed_batch(file) : 0;
    a.state.single = a.state.fixed == 1;
    a.import = (hwv_import){.opset = file->opset, .error = error, .state = &a.state};
    *network = (hwv_network){0};
    hwv_status status = HWV_OK;
    if (options->trace) {
        a.state.trace = hwv_trace_make(file, options);
        if (a.state.trace == NULL)
            status = hwv_import_memory(&a.import);
    }
    if (status == HWV_OK)
        status = attempt_run(&a);
    hwv_import_state_free(&a.state);
    hwv_import_walk_free(&a.walk);
    hwv_import_blocks_free(&a.memory);
    *trace = a.state.trace;
    if (status != HWV_OK) {
        hwv_network_free(network);
        hwv_onnx_trace_free(*trace);
        *trace = NULL;
        return hwv_fail_prefix(error, status, "%s: ", file->path);
    }
    return HWV_OK;
}

/* With one sample a run where many do not work or leave more out. */
static hwv_status single_if_better(hwv_network *network, hwv_status status, const hwv_onnx *file,
                                   const hwv_onnx_import_options *options, hwv_onnx_trace **trace, hwv_error *error)
{
    hwv_network single;
    hwv_onnx_trace *other_trace;
    hwv_error other = {0};
    if (status == HWV_ERR_MEMORY || status == HWV_ERR_ARGUMENT || (status == HWV_OK && !network->unsupported_count))
        return status;
    hwv_status second = attempt_make(&single, file, options, false, &other_trace, &other);
    if (status == HWV_OK && (second != HWV_OK || single.unsupported_count >= network->unsupported_count)) {
        if (second == HWV_OK)
            hwv_network_free(&single);
        hwv_onnx_trace_free(other_trace);
        return status;
    }
    if (second != HWV_OK) {
        *error = other;
        return second;
    }
    hwv_network_free(network);
    hwv_onnx_trace_free(*trace);
    *network = single;
    *trace = other_trace;
    return HWV_OK;
}

hwv_status hwv_onnx_import(hwv_network *network, const hwv_onnx *file, const hwv_onnx_import_options *options,
                           hwv_error *error)
{
    static const hwv_onnx_import_options usual = {0};
    hwv_error own;
    error = error ? error : &own;
    options = options ? options : &usual;
    bool batched = options->batched && all_batch(file, options);
    hwv_onnx_trace *trace;
    hwv_status status = attempt_make(network, file, options, batched, &trace, error);
    if (batched)
        status = single_if_better(network, status, file, options, &trace, error);
    if (options->trace)
        *options->trace = trace;
    return status;
}
