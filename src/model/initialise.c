/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * First values of parameters. Element e of parameter p (in checkpoint order, from 0) is draw e of the stream
 * HWV_STREAM_WEIGHTS + 256 p, so no value depends on another layer or on the order of drawing. */
#include "halfwave/model.h"
#include "halfwave/random.h"
#include "halfwave/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* GPT-2's. */
#define GPT_DEVIATION 0.02

static const char *const init_names[] = {
#define HWV_INIT_ROW(NAME, name, sentence) #name,
    HWV_INIT_LIST(HWV_INIT_ROW)
#undef HWV_INIT_ROW
};

const char *hwv_init_name(hwv_init init)
{
    return (unsigned)init < HWV_INIT_COUNT ? init_names[init] : "unknown";
}

hwv_status hwv_init_find(hwv_init *init, const char *name, hwv_error *error)
{
    size_t position;
    HWV_TRY(hwv_name_find(&position, "initialiser", name, init_names, HWV_INIT_COUNT, error));
    *init = (hwv_init)position;
    return HWV_OK;
}

/* ---- what a parameter is for ---------------------------------------------------------------------- */

/* The first node that reads a value, NULL if there is none; *at: as which input. */
static const hwv_node *reader(const hwv_graph *graph, hwv_id value, size_t *at)
{
    for (size_t n = 0; n < hwv_graph_node_count(graph); n++) {
        const hwv_node *node = hwv_graph_node_at(graph, (hwv_id)n);
        for (*at = 0; *at < node->input_count; (*at)++)
            if (node->input[*at] == value)
                return node;
    }
    return NULL;
}

/* What may stand between a product and the activation it goes into. */
static bool passes_on(hwv_node_kind kind)
{
    return kind == HWV_NODE_BIAS || kind == HWV_NODE_BATCH_NORM || kind == HWV_NODE_ADD || kind == HWV_NODE_DROPOUT ||
           kind == HWV_NODE_MAX_POOL2D || kind == HWV_NODE_AVG_POOL2D || kind == HWV_NODE_GLOBAL_AVG_POOL2D ||
           kind == HWV_NODE_FLATTEN;
}

/* The activation that a product's output goes into, of a gated pair that of the gate; NULL if there is none. */
static const hwv_act *act_after(const hwv_graph *graph, const hwv_node *node, hwv_act *act)
{
    size_t at;
    const hwv_node *next = reader(graph, node->output[0], &at);
    while (next && passes_on(next->kind))
        next = reader(graph, next->output[0], &at);
    return next && hwv_node_activates(next, act) ? act : NULL;
}

static bool is_product(const hwv_node *node)
{
    return node && (node->kind == HWV_NODE_DENSE || node->kind == HWV_NODE_CONV2D);
}

/* The slope far to the left for He's gain: that of a piecewise linear operator; 1 where nothing follows, 0 for other
 * shapes. */
static double he_slope(const hwv_act *act)
{
    unsigned claims = act ? hwv_act_claims(act) : 0;
    if (act == NULL)
        return 1;
    if (claims & HWV_SLOPE_ARRAY)
        return (double)act->param[0]; /* where the slopes start */
    return claims & HWV_PIECEWISE ? hwv_act_reference_gradient(act, -1e30) : 0;
}

/* The nodes that read a product's output, past its bias and dropout, add it to something: it goes into a residual
 * stream. */
static bool joins_residual(const hwv_graph *graph, const hwv_node *node)
{
    size_t at;
    const hwv_node *next = reader(graph, node->output[0], &at);
    while (next && (next->kind == HWV_NODE_BIAS || next->kind == HWV_NODE_DROPOUT))
        next = reader(graph, next->output[0], &at);
    return next && next->kind == HWV_NODE_ADD;
}

static size_t nodes_of(const hwv_graph *graph, hwv_node_kind kind)
{
    size_t count = 0;
    for (size_t n = 0; n < hwv_graph_node_count(graph); n++)
        count += hwv_graph_node_at(graph, (hwv_id)n)->kind == kind;
    return count;
}

static double gpt_deviation(const hwv_graph *graph, const hwv_node *product)
{
    return joins_residual(graph, product) ? GPT_DEVIATION / sqrt((double)nodes_of(graph, HWV_NODE_ADD)) : GPT_DEVIATION;
}

/* Whether a batch norm reads a product's output, past its bias. */
static bool norm_after(const hwv_graph *graph, const hwv_node *node)
{
    size_t at;
    const hwv_node *next = reader(graph, node->output[0], &at);
    if (next && next->kind == HWV_NODE_BIAS)
        next = reader(graph, next->output[0], &at);
    return next && next->kind == HWV_NODE_BATCH_NORM;
}

/* Xavier where the curve is bounded or nothing follows, He for everything that rectifies. A batch norm undoes any
 * scale of the weights before it, and a step turns small weights further: there PyTorch's default, with a sixth of
 * He's variance. */
static hwv_init auto_choose(const hwv_act *act, bool normed)
{
    if (normed)
        return HWV_INIT_PYTORCH;
    return act == NULL || act->op == HWV_OP_IDENTITY || hwv_act_claims(act) & HWV_BOUNDED ? HWV_INIT_XAVIER
                                                                                          : HWV_INIT_HE;
}

/* ---- draws ----------------------------------------------------------------------------------------- */

typedef struct draw {
    uint64_t seed;
    uint32_t stream;
    float *to;
    size_t elements;
} draw;

static void draw_constant(const draw *d, float value)
{
    for (size_t e = 0; e < d->elements; e++)
        d->to[e] = value;
}

static void draw_uniform(const draw *d, double bound)
{
    for (size_t e = 0; e < d->elements; e++)
        d->to[e] = (float)((2 * hwv_random_uniform(d->seed, d->stream, 0, e) - 1) * bound);
}

static void draw_normal(const draw *d, double deviation)
{
    for (size_t e = 0; e < d->elements; e++)
        d->to[e] = (float)(deviation * hwv_random_normal(d->seed, d->stream, 0, e));
}

/* Terms of one output: fan_in. */
static double inputs_of(const hwv_value *weight)
{
    double inputs = 1;
    for (size_t i = 1; i < weight->shape.rank; i++)
        inputs *= (double)weight->shape.dim[i];
    return inputs;
}

/* Outputs that one input goes into: fan_out. */
static double outputs_of(const hwv_value *weight, const hwv_node *node)
{
    double outputs = (double)weight->shape.dim[0];
    for (size_t i = 2; i < weight->shape.rank; i++)
        outputs *= (double)weight->shape.dim[i];
    return node->kind == HWV_NODE_CONV2D ? outputs / (double)node->attributes.groups : outputs;
}

static void weight_draw(const draw *d, hwv_init init, const hwv_graph *graph, const hwv_node *node)
{
    const hwv_value *weight = hwv_graph_value(graph, node->input[1]);
    hwv_act behind;
    const hwv_act *act = act_after(graph, node, &behind);
    double in = inputs_of(weight), out = outputs_of(weight, node), slope = he_slope(act);
    if (init == HWV_INIT_AUTO)
        init = auto_choose(act, norm_after(graph, node));
    if (init == HWV_INIT_GPT)
        draw_normal(d, gpt_deviation(graph, node));
    else if (init == HWV_INIT_HE)
        draw_normal(d, sqrt(2 / ((1 + slope * slope) * in)));
    else if (init == HWV_INIT_XAVIER)
        draw_uniform(d, sqrt(6 / (in + out)));
    else
        draw_uniform(d, 1 / sqrt(in));
}

/* The weight of the product that a bias is added to, NULL if it is added to something else. */
static const hwv_value *weight_before(const hwv_graph *graph, const hwv_node *bias)
{
    hwv_id producer = hwv_graph_value(graph, bias->input[0])->producer;
    const hwv_node *node = producer == HWV_NO_ID ? NULL : hwv_graph_node_at(graph, producer);
    return is_product(node) ? hwv_graph_value(graph, node->input[1]) : NULL;
}

static void parameter_draw(const draw *d, hwv_init init, const hwv_graph *graph, hwv_id id)
{
    size_t at = 0;
    const hwv_node *node = reader(graph, id, &at);
    const hwv_value *weight = node && node->kind == HWV_NODE_BIAS ? weight_before(graph, node) : NULL;
    if (is_product(node) && at == 1)
        weight_draw(d, init, graph, node);
    else if (node && (node->kind == HWV_NODE_BATCH_NORM || node->kind == HWV_NODE_LAYER_NORM ||
                      node->kind == HWV_NODE_RMS_NORM))
        draw_constant(d, at == 1 ? 1 : 0); /* weight, bias */
    else if (node && (node->kind == HWV_NODE_GATHER || node->kind == HWV_NODE_BINARY))
        draw_normal(d, GPT_DEVIATION); /* of tokens, of positions */
    else if (node && node->kind == HWV_NODE_ACTIVATION)
        draw_constant(d, node->attributes.act.param[0]);
    else if (weight && init == HWV_INIT_PYTORCH)
        draw_uniform(d, 1 / sqrt(inputs_of(weight)));
    else
        draw_constant(d, 0);
}

/* Running variances begin at 1, running means at 0. */
static void state_fill(hwv_model *model, hwv_id id, const hwv_value *value)
{
    size_t at = 0;
    const hwv_node *node = reader(model->graph, id, &at);
    float *to = hwv_weights_data(model->weights, id);
    for (size_t e = 0; node && node->kind == HWV_NODE_BATCH_NORM && e < value->shape.dim[0]; e++)
        to[e] = at == 4 ? 1 : 0;
}

static bool reads_tokens(const hwv_model *model)
{
    return hwv_graph_value(model->graph, model->input)->element == HWV_ELEMENT_I32;
}

void hwv_model_initialise(hwv_model *model, hwv_init init, uint64_t seed)
{
    uint32_t parameter = 0;
    if (init == HWV_INIT_AUTO && nodes_of(model->graph, HWV_NODE_ATTENTION) > 0)
        init = reads_tokens(model) ? HWV_INIT_GPT : HWV_INIT_XAVIER;
    for (size_t v = 0; v < hwv_graph_value_count(model->graph); v++) {
        const hwv_value *value = hwv_graph_value(model->graph, (hwv_id)v);
        draw d = {.seed = seed, .stream = HWV_STREAM_WEIGHTS + 256 * parameter};
        if (value->role == HWV_ROLE_STATE)
            state_fill(model, (hwv_id)v, value);
        if (value->role != HWV_ROLE_PARAMETER)
            continue;
        d.elements = hwv_weights_elements(model->weights, (hwv_id)v);
        d.to = hwv_weights_data(model->weights, (hwv_id)v);
        parameter_draw(&d, init, model->graph, (hwv_id)v);
        parameter++;
    }
}
