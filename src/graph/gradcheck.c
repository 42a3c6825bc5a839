/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The gradient check: every operator of ops.def, the examples of every node kind of nodes.def, and a few small
 * models. */
#include "graph/gradcheck.h"
#include "halfwave/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void hwv_gradcheck_merge(hwv_gradcheck_result *result, double difference, double limit, const char *where)
{
    bool passed = difference <= limit; /* false for NaN */
    double share = difference / limit, known = result->limit > 0 ? result->worst / result->limit : -1;
    if (passed ? result->passed && share <= known : !result->passed && share <= known)
        return;
    if (passed && !result->passed)
        return;
    result->worst = difference;
    result->limit = limit;
    result->passed = passed;
    snprintf(result->where, sizeof result->where, "%s", where);
}

/* ---- examples ------------------------------------------------------------------------------------- */

hwv_status hwv_example_parameter_shaped(hwv_example *example, const char *name, const hwv_shape *shape, hwv_id *id)
{
    return hwv_graph_parameter(example->graph, name, shape, true, id, example->error);
}

hwv_status hwv_example_parameter(hwv_example *example, const char *name, size_t dim0, size_t dim1, size_t dim2,
                                 hwv_id *id)
{
    hwv_shape shape = {.rank = dim2 ? 3 : dim1 ? 2 : 1, .dim = {dim0, dim1, dim2}};
    return hwv_example_parameter_shaped(example, name, &shape, id);
}

hwv_status hwv_example_node_of(hwv_example *example, hwv_node_kind kind, const char *name,
                               const hwv_node_attributes *attributes, const hwv_id *inputs, size_t count)
{
    hwv_id outputs[HWV_MAX_OUTPUTS];
    HWV_TRY(hwv_graph_node(example->graph, kind, name, attributes, inputs, count, outputs, example->error));
    example->output = outputs[0];
    return HWV_OK;
}

hwv_status hwv_example_node(hwv_example *example, hwv_node_kind kind, const char *name,
                            const hwv_node_attributes *attributes, hwv_id a, hwv_id b)
{
    return hwv_example_node_of(example, kind, name, attributes, (hwv_id[]){a, b}, b == HWV_NO_ID ? 1 : 2);
}

/* x through an operator: with its initial parameters, then with others; or one slope for all, then one a unit. */
static hwv_status operator_example(hwv_example *example, hwv_op op)
{
    const hwv_op_info *row = hwv_op_row(op);
    hwv_node_attributes attributes = {.act = hwv_act_make(op)};
    hwv_id x, slope = HWV_NO_ID;
    bool slopes = row->claims & HWV_SLOPE_ARRAY;
    example->variants = slopes || row->param[0].name ? 2 : 1;
    example->sums = slopes ? 128 : 0;
    for (size_t p = 0; !slopes && example->variant == 1 && p < HWV_ACT_PARAMS && row->param[p].name; p++)
        attributes.act.param[p] = fminf(2 * row->param[p].initial + 0.5f, row->param[p].maximum);
    HWV_TRY(hwv_example_parameter(example, "x", 8, 16, 0, &x));
    if (slopes)
        HWV_TRY(hwv_example_parameter(example, "slope", example->variant ? 16 : 1, 0, 0, &slope));
    return hwv_example_node(example, HWV_NODE_ACTIVATION, "act", &attributes, x, slope);
}

/* x [4, 6] -> dense and bias -> activation. */
static hwv_status layer_add(hwv_example *example, const char *name, hwv_id x, size_t in, size_t out)
{
    hwv_id weight, bias;
    char text[32];
    snprintf(text, sizeof text, "%s.weight", name);
    HWV_TRY(hwv_example_parameter(example, text, out, in, 0, &weight));
    snprintf(text, sizeof text, "%s.bias", name);
    HWV_TRY(hwv_example_parameter(example, text, out, 0, 0, &bias));
    snprintf(text, sizeof text, "%s.product", name);
    HWV_TRY(hwv_example_node(example, HWV_NODE_DENSE, text, NULL, x, weight));
    return hwv_example_node(example, HWV_NODE_BIAS, name, NULL, example->output, bias);
}

static hwv_status act_add(hwv_example *example, const char *name, hwv_op op, size_t units)
{
    hwv_node_attributes attributes = {.act = hwv_act_make(op)};
    hwv_id slope = HWV_NO_ID;
    char text[32];
    snprintf(text, sizeof text, "%s.slope", name);
    if (hwv_op_row(op)->claims & HWV_SLOPE_ARRAY)
        HWV_TRY(hwv_example_parameter(example, text, units, 0, 0, &slope));
    return hwv_example_node(example, HWV_NODE_ACTIVATION, name, &attributes, example->output, slope);
}

static hwv_status loss_add(hwv_example *example)
{
    hwv_shape shape = {.rank = 1, .dim = {4}};
    hwv_id labels;
    hwv_node_attributes attributes = {.smoothing = 0.125f};
    HWV_TRY(hwv_graph_input(example->graph, "labels", HWV_ELEMENT_I32, &shape, &labels, example->error));
    return hwv_example_node(example, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "loss", &attributes, example->output, labels);
}

/* "flatten; fc 5; act; fc 3" with its loss. */
static hwv_status mlp_example(hwv_example *example, hwv_op op)
{
    hwv_id x;
    example->sums = 6 + 5 + 3 + 3 + 4 + 4 + 5;
    HWV_TRY(hwv_example_parameter(example, "x", 4, 2, 3, &x));
    HWV_TRY(hwv_example_node(example, HWV_NODE_FLATTEN, "flatten", NULL, x, HWV_NO_ID));
    HWV_TRY(layer_add(example, "fc1", example->output, 6, 5));
    HWV_TRY(act_add(example, "act1", op, 5));
    HWV_TRY(layer_add(example, "fc2", example->output, 5, 3));
    return loss_add(example);
}

/* h = act(fc1(x)); h = h + act(fc2(h)); loss(fc3(h)), fc2 and fc3 sharing their weight: values and parameters
 * with several consumers. */
static hwv_status residual_example(hwv_example *example, hwv_op op)
{
    hwv_id x, h;
    example->sums = 6 + 5 + 5 + 5 + 5 + 5 + 2 + 5 + 4 + 4;
    HWV_TRY(hwv_example_parameter(example, "x", 4, 6, 0, &x));
    HWV_TRY(layer_add(example, "fc1", x, 6, 5));
    HWV_TRY(act_add(example, "act1", op, 5));
    h = example->output;
    HWV_TRY(layer_add(example, "fc2", h, 5, 5));
    HWV_TRY(act_add(example, "act2", op, 5));
    HWV_TRY(hwv_example_node(example, HWV_NODE_ADD, "sum", NULL, h, example->output));
    HWV_TRY(hwv_example_node(example, HWV_NODE_DENSE, "fc3", NULL, example->output,
                             hwv_graph_find(example->graph, "fc2.weight")));
    return loss_add(example);
}

/* A 3 x 3 convolution on the last output, to `out` channels. */
static hwv_status conv_add(hwv_example *example, const char *name, size_t in, size_t out)
{
    hwv_shape shape = {.rank = 4, .dim = {out, in, 3, 3}};
    hwv_node_attributes attributes = {.window = {{3, 3}, {1, 1}, {1, 1}, {1, 1}}, .groups = 1};
    hwv_id weight;
    char text[32];
    snprintf(text, sizeof text, "%s.weight", name);
    HWV_TRY(hwv_example_parameter_shaped(example, text, &shape, &weight));
    return hwv_example_node(example, HWV_NODE_CONV2D, name, &attributes, example->output, weight);
}

/* act(conv(x) + bias); h + act(conv(h)); mean of 2 x 2; fc and loss: what passes make one step of. */
static hwv_status cnn_example(hwv_example *example, hwv_op op)
{
    hwv_shape x = {.rank = 4, .dim = {4, 4, 2, 2}};
    hwv_node_attributes pool = {.window = {.kernel = {2, 2}, .stride = {2, 2}}};
    hwv_id bias, h;
    example->sums = 18 + 32 + 27 + 32 + 4 + 6 + 4 + 5;
    HWV_TRY(hwv_example_parameter_shaped(example, "x", &x, &example->output));
    HWV_TRY(conv_add(example, "conv1", 2, 3));
    HWV_TRY(hwv_example_parameter(example, "conv1.bias", 3, 0, 0, &bias));
    HWV_TRY(hwv_example_node(example, HWV_NODE_BIAS, "sum1", NULL, example->output, bias));
    HWV_TRY(act_add(example, "act1", op, 3));
    h = example->output;
    HWV_TRY(conv_add(example, "conv2", 3, 3));
    HWV_TRY(act_add(example, "act2", op, 3));
    HWV_TRY(hwv_example_node(example, HWV_NODE_ADD, "res", NULL, h, example->output));
    HWV_TRY(hwv_example_node(example, HWV_NODE_AVG_POOL2D, "pool", &pool, example->output, HWV_NO_ID));
    HWV_TRY(hwv_example_node(example, HWV_NODE_FLATTEN, "flatten", NULL, example->output, HWV_NO_ID));
    HWV_TRY(layer_add(example, "fc", example->output, 6, 3));
    return loss_add(example);
}

/* ---- cases ----------------------------------------------------------------------------------------- */

typedef struct check_case {
    const char *kind;
    char name[64];
    const hwv_kind *node;                                 /* kind "node" */
    hwv_op op;                                            /* the others */
    hwv_status (*model)(hwv_example *example, hwv_op op); /* kind "model" */
} check_case;

static const struct {
    const char *name;
    hwv_status (*build)(hwv_example *example, hwv_op op);
} models[] = {
    {"mlp: fc 5; %s; fc 3", mlp_example},
    {"residual: fc 5; h + %s(fc h); fc", residual_example},
    {"cnn: conv; %s; h + %s(conv h); pool; fc", cnn_example},
};

#define MODELS (sizeof models / sizeof models[0])

/* Case i of all; false after the last. */
static bool case_get(size_t i, check_case *c)
{
    size_t ops = hwv_op_count(), kinds = hwv_kind_count();
    memset(c, 0, sizeof *c);
    if (i < ops) {
        c->kind = "operator";
        c->op = hwv_op_get(i)->op;
        snprintf(c->name, sizeof c->name, "%s", hwv_op_get(i)->name);
    } else if (i < ops + kinds) {
        c->kind = "node";
        c->node = hwv_kind_get(i - ops);
        snprintf(c->name, sizeof c->name, "%s", c->node->name);
    } else if (i < ops + kinds + MODELS * ops) {
        size_t m = (i - ops - kinds) / ops;
        c->kind = "model";
        c->op = hwv_op_get((i - ops - kinds) % ops)->op;
        c->model = models[m].build;
        const char *op = hwv_op_row(c->op)->name;
        snprintf(c->name, sizeof c->name, models[m].name, op, op);
    }
    return c->kind != NULL;
}

static hwv_status case_example(const check_case *c, hwv_example *example)
{
    example->variants = 1;
    if (c->node)
        return c->node->example(example);
    return c->model ? c->model(example, c->op) : operator_example(example, c->op);
}

static hwv_status variant_run(const check_case *c, const hwv_plant *plant, uint64_t seed, hwv_example *example,
                              hwv_gradcheck_result *result)
{
    HWV_TRY(hwv_graph_create(&example->graph, example->error));
    hwv_status status = case_example(c, example);
    if (status == HWV_OK) {
        bool lone = c->node == NULL && c->model == NULL;
        hwv_graph_check check = {.graph = example->graph,
                                 .output = example->output,
                                 .sums = example->sums,
                                 .integers = example->integers ? example->integers : 3,
                                 .wide = lone,
                                 .batch = 4,
                                 .seed = seed,
                                 .plant = *plant};
        status = hwv_graph_check_run(&check, result, example->error);
        if (status == HWV_OK && lone)
            status = hwv_kinks_check(&check, result, example->error);
    }
    hwv_graph_destroy(example->graph);
    return status;
}

static hwv_status case_run(const check_case *c, const hwv_plant *plant, uint64_t seed, hwv_gradcheck_result *result,
                           hwv_error *error)
{
    size_t variants = 1;
    memset(result, 0, sizeof *result);
    snprintf(result->name, sizeof result->name, "%s", c->name);
    snprintf(result->kind, sizeof result->kind, "%s", c->kind);
    result->passed = true;
    for (size_t variant = 0; variant < variants; variant++) {
        hwv_example example = {.variant = variant, .error = error};
        HWV_TRY(variant_run(c, plant, seed, &example, result));
        variants = example.variants;
    }
    return HWV_OK;
}

/* ---- names ----------------------------------------------------------------------------------------- */

static hwv_status name_unknown(const char *name, const char *what, hwv_error *error)
{
    const char *names[256];
    size_t count = 0;
    hwv_text list = {0};
    for (size_t i = 0; i < hwv_op_count() && count < 256; i++)
        names[count++] = hwv_op_get(i)->name;
    for (size_t i = 0; i < hwv_kind_count() && count < 256; i++)
        names[count++] = hwv_kind_get(i)->name;
    for (size_t i = 0; i < count; i++)
        hwv_text_printf(&list, "%s%s", i ? ", " : "", names[i]);
    hwv_status status =
        hwv_fail(error, HWV_ERR_NAME, "no %s '%.60s'%s; there are %s", what, name,
                 hwv_name_hint(name, names, count).text, list.failed || !list.data ? "others" : list.data);
    hwv_text_free(&list);
    return status;
}

static hwv_status plant_find(const char *name, hwv_plant *plant, hwv_error *error)
{
    *plant = (hwv_plant){0, -1};
    for (size_t i = 0; name && i < hwv_op_count(); i++)
        if (strcmp(name, hwv_op_get(i)->name) == 0)
            *plant = (hwv_plant){HWV_NODE_ACTIVATION, (int)hwv_op_get(i)->op};
    for (size_t i = 0; name && i < hwv_kind_count(); i++)
        if (strcmp(name, hwv_kind_get(i)->name) == 0)
            *plant = (hwv_plant){(int)hwv_kind_get(i)->kind, -1};
    return name && plant->kind == 0 ? name_unknown(name, "operator or node to make wrong", error) : HWV_OK;
}

/* Whether a case's name begins so; `whole` words: relu is not relu6. */
static bool begins_with(const char *name, const char *start, bool whole)
{
    size_t length = strlen(start);
    return strncmp(name, start, length) == 0 &&
           (!whole || (!isalnum((unsigned char)name[length]) && name[length] != '_'));
}

hwv_status hwv_gradcheck(const char *only, const char *plant_name, uint64_t seed,
                         void (*each)(void *self, const hwv_gradcheck_result *result), void *self, size_t *failed,
                         hwv_error *error)
{
    hwv_plant plant;
    check_case c;
    size_t run = 0;
    bool whole = false; /* some case has the whole words */
    *failed = 0;
    HWV_TRY(plant_find(plant_name, &plant, error));
    for (size_t i = 0; only && !whole && case_get(i, &c); i++)
        whole = begins_with(c.name, only, true);
    for (size_t i = 0; case_get(i, &c); i++) {
        hwv_gradcheck_result result;
        if (only && !begins_with(c.name, only, whole))
            continue;
        if (c.model == cnn_example && c.op == HWV_OP_EXP)
            continue; /* exp of sums of exp leaves the floats */
        HWV_TRY(case_run(&c, &plant, seed, &result, error));
        *failed += !result.passed;
        run++;
        if (each)
            each(self, &result);
    }
    return run ? HWV_OK : name_unknown(only, "case", error);
}
