/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A model of a network: a copy of the part that its logits need, with the samples as data has them in front and a loss
 * behind. What only other outputs need is left out: no gradient would reach it, but weight decay would. */
#include <string.h>

#include "graph/functions.h"
#include "graph/structure.h"
#include "model/copy.h"
#include "model/loss.h"

typedef struct making {
    hwv_model *model;
    hwv_network *network;
    hwv_logits logits;
    bool first; /* the network takes images channels first */
    bool *take; /* by value of the network: the logits need it */
    bool *mark; /* the same, for a search */
    hwv_id *map;
    hwv_error *error;
} making;

static hwv_status refuse(const making *m, hwv_status status, const char *what, const char *name, const char *why)
{
    return hwv_fail(m->error, status, "%s: training: %s%.80s%s", m->network->name ? m->network->name : "the network",
                    what, name, why);
}

/* ---- samples --------------------------------------------------------------------------------------- */

static void print_dims(hwv_text *text, const size_t *dim, size_t rank)
{
    for (size_t i = 0; i < rank; i++)
        hwv_text_printf(text, "%s%zu", i > 0 ? " x " : "", dim[i]);
}

static hwv_status refuse_samples(const making *m, const hwv_port *port)
{
    const hwv_model_options *options = &m->model->options;
    hwv_text sample = {0}, taken = {0};
    print_dims(&sample, options->dims, options->rank);
    print_dims(&taken, port->shape.dim + 1, port->shape.rank - 1);
    hwv_status status =
        hwv_fail(m->error, HWV_ERR_SHAPE, "%s: training: samples of %s, its input '%.80s' takes %s",
                 m->network->name ? m->network->name : "the network", sample.data ? sample.data : "another shape",
                 port->name, taken.data ? taken.data : "another");
    hwv_text_free(&sample);
    hwv_text_free(&taken);
    return status;
}

/* Without the axes of length 1; how many there are. */
static size_t squeeze(const size_t *dim, size_t rank, size_t *wide)
{
    size_t count = 0;
    for (size_t i = 0; i < rank; i++)
        if (dim[i] != 1)
            wide[count++] = dim[i];
    return count;
}

/* Axis for axis, or one of the two flat; images channels last for channels first. Another order is never guessed. */
static hwv_status samples_fit(making *m)
{
    const hwv_port *port = m->network->inputs;
    const hwv_model_options *options = &m->model->options;
    const size_t *d = options->dims, *p = port->shape.dim + 1, rank = port->shape.rank - 1;
    size_t ours[HWV_MAX_RANK], theirs[HWV_MAX_RANK];
    m->first = options->rank == 3 && rank == 3 && p[0] == d[2] && p[1] == d[0] && p[2] == d[1];
    if (m->first)
        return HWV_OK;
    const size_t count = squeeze(d, options->rank, ours);
    const bool same = count == squeeze(p, rank, theirs) && memcmp(ours, theirs, count * sizeof *ours) == 0;
    const bool flat =
        (options->rank == 1 || rank == 1) && hwv_size_product(d, options->rank) == hwv_size_product(p, rank);
    return same || flat ? HWV_OK : refuse_samples(m, port);
}

static hwv_status network_fits(making *m)
{
    const hwv_network *network = m->network;
    if (network->input_count != 1)
        return hwv_fail(m->error, HWV_ERR_UNSUPPORTED, "%s: training: it has %zu inputs; one is supported",
                        network->name ? network->name : "the network", network->input_count);
    if (network->unsupported_count > 0)
        return refuse(m, HWV_ERR_UNSUPPORTED, "", network->unsupported[0], "");
    const hwv_port *port = network->inputs;
    if (port->value == HWV_NO_ID || hwv_graph_value(network->graph, port->value)->element != HWV_ELEMENT_F32)
        return refuse(m, HWV_ERR_UNSUPPORTED, "its input '", port->name, "' is no array of floats");
    if (!network->batched || port->shape.rank < 2 || port->shape.dim[0] != HWV_BATCH)
        return refuse(m, HWV_ERR_UNSUPPORTED, "it takes one sample a run", "",
                      ", as its arithmetic or its shapes fix the first axis: export it with that axis free");
    return samples_fit(m);
}

/* ---- gradients ------------------------------------------------------------------------------------- */

/* Whether a gradient of the node's output reaches input i; that of what jumps is 0 nearly everywhere. */
static bool passes(const hwv_graph *graph, const hwv_node *node, size_t i)
{
    const int f = node->attributes.function;
    if (node->kind == HWV_NODE_UNARY &&
        (f == HWV_UNARY_FLOOR || f == HWV_UNARY_CEIL || f == HWV_UNARY_ROUND || f == HWV_UNARY_SIGN))
        return false;
    return hwv_graph_value(graph, node->output[0])->element == HWV_ELEMENT_F32 &&
           hwv_graph_value(graph, node->input[i])->element == HWV_ELEMENT_F32;
}

/* The first node behind a value, of those that the logits need, that no gradient passes. */
static const hwv_node *blocking_node(making *m, hwv_id value)
{
    const hwv_graph *graph = m->network->graph;
    memset(m->mark, 0, hwv_graph_value_count(graph) * sizeof *m->mark);
    m->mark[value] = true;
    for (hwv_id n = 0; n < hwv_graph_node_count(graph); n++) {
        const hwv_node *node = hwv_graph_node_at(graph, n);
        for (size_t i = 0; i < node->input_count; i++) {
            if (!m->mark[node->input[i]] || !m->take[node->output[0]])
                continue;
            if (!passes(graph, node, i))
                return node;
            m->mark[node->output[0]] = true;
        }
    }
    return NULL;
}

/* Every parameter that the logits need must get a gradient. */
static hwv_status gradients_check(making *m)
{
    const hwv_graph *graph = m->network->graph;
    size_t parameters = 0, values = hwv_graph_value_count(graph);
    hwv_id without = HWV_NO_ID;
    m->mark[m->logits.value] = true;
    for (size_t v = values; v-- > 0;) {
        const hwv_value *value = hwv_graph_value(graph, (hwv_id)v);
        const hwv_node *node = value->producer == HWV_NO_ID ? NULL : hwv_graph_node_at(graph, value->producer);
        for (size_t i = 0; node && m->mark[v] && i < node->input_count; i++)
            m->mark[node->input[i]] = m->mark[node->input[i]] || passes(graph, node, i);
        if (value->role != HWV_ROLE_PARAMETER || !m->take[v])
            continue;
        parameters++;
        without = m->mark[v] ? without : (hwv_id)v;
    }
    if (parameters == 0)
        return refuse(m, HWV_ERR_UNSUPPORTED, "its logits depend on no weights", "", "");
    if (without == HWV_NO_ID)
        return HWV_OK;
    const char *name = hwv_graph_value(graph, without)->name;
    const hwv_node *node = blocking_node(m, without);
    return hwv_fail(m->error, HWV_ERR_UNSUPPORTED, "%s: training: no gradient reaches '%s': node '%s' (%s) passes none",
                    m->network->name ? m->network->name : "the network", name, node ? node->name : "?",
                    node ? hwv_node_kind_name(node->kind) : "?");
}

/* ---- the copy -------------------------------------------------------------------------------------- */

/* Images as data has them, and what the network takes made of them. Where the network brings its channels back to the
 * last place at once, that is the input itself. */
static hwv_status images_add(making *m)
{
    static const size_t last[4] = {0, 2, 3, 1};
    const hwv_graph *from = m->network->graph;
    const hwv_id input = m->network->inputs[0].value;
    const size_t *d = m->model->options.dims;
    const hwv_shape shape = {.rank = 4, .dim = {HWV_BATCH, d[0], d[1], d[2]}};
    hwv_node_attributes attributes = {.order = {0, 3, 1, 2}, .shape = {4, {HWV_BATCH, d[2], d[0], d[1]}}};
    const char *name = hwv_graph_value(from, input)->name;
    bool all = true;
    HWV_TRY(hwv_graph_input(m->model->graph, name, HWV_ELEMENT_F32, &shape, &m->model->input, m->error));
    for (hwv_id n = 0; n < hwv_graph_node_count(from); n++) {
        const hwv_node *node = hwv_graph_node_at(from, n);
        bool back = node->kind == HWV_NODE_TRANSPOSE && memcmp(node->attributes.order, last, sizeof last) == 0;
        for (size_t i = 0; i < node->input_count && m->take[node->output[0]]; i++) {
            if (node->input[i] != input)
                continue;
            if (back)
                m->map[node->output[0]] = m->model->input;
            all = all && back;
        }
    }
    if (all)
        return HWV_OK;
    /* of one channel both orders are the same numbers */
    return hwv_graph_node(m->model->graph, d[2] == 1 ? HWV_NODE_RESHAPE : HWV_NODE_TRANSPOSE, "halfwave:images",
                          &attributes, &m->model->input, 1, &m->map[input], m->error);
}

static hwv_status graph_make(making *m)
{
    hwv_model *model = m->model;
    const hwv_id input = m->network->inputs[0].value;
    hwv_logits logits = m->logits;
    hwv_loss loss;
    HWV_TRY(hwv_graph_create(&model->graph, m->error));
    if (m->first)
        HWV_TRY(images_add(m));
    m->take[input] = !m->first;
    HWV_TRY(hwv_graph_copy(model->graph, m->network->graph, m->take, false, m->map, m->error));
    if (!m->first)
        model->input = m->map[input];
    logits.value = m->map[logits.value];
    HWV_TRY(hwv_loss_add(&loss, model->graph, &logits, model->options.smoothing, m->error));
    HWV_TRY(hwv_weights_create(&model->weights, model->graph, m->error));
    hwv_weights_copy(model->weights, m->network->graph, m->network->weights, m->map);
    hwv_loss_fill(&loss, model->weights);
    model->labels = loss.labels;
    model->logits = loss.logits;
    model->loss = loss.value;
    return HWV_OK;
}

static hwv_status make(making *m)
{
    hwv_model *model = m->model;
    const size_t classes = model->options.classes, values = hwv_graph_value_count(m->network->graph);
    m->take = hwv_calloc(values + 1, sizeof *m->take);
    m->mark = hwv_calloc(values + 1, sizeof *m->mark);
    m->map = hwv_calloc(values + 1, sizeof *m->map);
    model->notation = hwv_strdup(m->network->name ? m->network->name : "");
    if (!m->take || !m->mark || !m->map || !model->notation)
        return hwv_fail(m->error, HWV_ERR_MEMORY, "no memory for a copy of %zu values", values);
    for (size_t v = 0; v < values; v++)
        m->map[v] = HWV_NO_ID;
    HWV_TRY(network_fits(m));
    HWV_TRY(hwv_logits_find(&m->logits, m->network, "training", m->error));
    if (m->logits.rows > 1)
        return refuse(m, HWV_ERR_UNSUPPORTED, "its first output has logits for each place of a sequence", "",
                      "; one row of them a sample is supported");
    if (m->logits.beyond != HWV_NO_ID && m->logits.outputs > 1)
        return refuse(m, HWV_ERR_UNSUPPORTED,
                      "its first output is several numbers behind a sigmoid, each a yes or no "
                      "of its own",
                      "", "; classes that exclude each other are supported");
    model->options.classes = m->logits.outputs > 1 ? m->logits.outputs : 2;
    if (classes > model->options.classes)
        return hwv_fail(m->error, HWV_ERR_SHAPE, "%s: training: it knows %zu classes, the data has %zu",
                        model->notation, model->options.classes, classes);
    hwv_graph_mark(m->network->graph, m->logits.value, m->take);
    if (!m->take[m->network->inputs[0].value])
        return refuse(m, HWV_ERR_UNSUPPORTED, "its logits do not depend on its input", "", "");
    HWV_TRY(gradients_check(m));
    return graph_make(m);
}

hwv_status hwv_model_of_network(hwv_model *model, hwv_network *network, const hwv_model_options *options,
                                hwv_error *error)
{
    *model = (hwv_model){.options = *options, .of_network = true};
    making m = {.model = model, .network = network, .error = error};
    hwv_status status = make(&m);
    hwv_free(m.take);
    hwv_free(m.mark);
    hwv_free(m.map);
    if (status == HWV_OK)
        hwv_network_free(network);
    else
        hwv_model_free(model);
    return status;
}
