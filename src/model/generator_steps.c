/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The steps of a generator: what it does of each node kind. One row of `kinds` a kind; what is not there is refused. */
#include <math.h>
#include <string.h>

#include "graph/functions.h"
#include "linalg/gemm.h"
#include "linalg/layer_norm.h"
#include "linalg/softmax.h"
#include "linalg/vector.h"
#include "model/generator.h"

typedef hwv_generator_making making;
typedef hwv_generator_step step_type;
typedef hwv_generator_span span_type;

static hwv_status refuse(const making *m, const hwv_node *node, const char *why)
{
    return hwv_fail(m->error, HWV_ERR_UNSUPPORTED, "generation: %s (%s): %s", node->name,
                    hwv_node_kind_name(node->kind), why);
}

static const hwv_value *value_of(const making *m, hwv_id value)
{
    return hwv_graph_value(m->generator->model->graph, value);
}

/* What is the same for all positions: NULL for a value that is computed, or left out. */
static const float *fixed(const making *m, const hwv_node *node, size_t i)
{
    if (i >= node->input_count)
        return NULL;
    return hwv_weights_data(m->generator->model->weights, node->input[i]);
}

static size_t width_of(const making *m, hwv_id value)
{
    const hwv_shape *shape = &value_of(m, value)->shape;
    return shape->dim[shape->rank - 1];
}

/* A number for each unit of each position. */
static bool is_sequence(const making *m, hwv_id value)
{
    const hwv_value *v = value_of(m, value);
    return v->role == HWV_ROLE_ACTIVATION && v->element == HWV_ELEMENT_F32 && v->shape.rank == 3 &&
           v->shape.dim[0] == HWV_BATCH && v->shape.dim[1] == m->generator->block;
}

static size_t rows_of(const span_type *span)
{
    return span->end - span->first;
}

static const float *x_of(const step_type *step, const span_type *span)
{
    return step->x + span->first * step->in;
}

static float *y_of(const step_type *step, const span_type *span)
{
    return step->y + span->first * step->out;
}

/* ---- gather: a row of the table for each token ------------------------------------------------------- */

static void gather_run(hwv_generator *g, const step_type *step, const span_type *span)
{
    (void)g;
    for (size_t r = span->first; r < span->end; r++)
        memcpy(step->y + r * step->out, step->weight + (size_t)span->tokens[r] * step->out, step->out * sizeof(float));
}

static hwv_status gather_make(making *m, step_type *step)
{
    const hwv_node *node = step->node;
    step->weight = fixed(m, node, 0);
    if (node->input[1] != m->generator->model->input || node->attributes.axis != 0 || step->weight == NULL ||
        value_of(m, node->input[0])->shape.rank != 2 || value_of(m, node->input[0])->element != HWV_ELEMENT_F32 ||
        value_of(m, node->input[0])->shape.dim[0] < m->generator->classes)
        return refuse(m, node, "accepted is a table with a row for each token");
    step->run = gather_run;
    return HWV_OK;
}

/* ---- dense, and the bias behind it --------------------------------------------------------------------- */

static hwv_gemv gemv_of(const step_type *step)
{
    hwv_gemv gemv = hwv_gemv_turned(step->in, step->out, step->from_act);
    gemv.w = step->turned;
    return gemv;
}

static hwv_gemm gemm_of(const step_type *step, size_t rows)
{
    return (hwv_gemm){.m = rows, .n = step->out, .k = step->in, .b_transposed = true};
}

static void dense_one(hwv_generator *g, const step_type *step, const float *x, float *y)
{
    const hwv_gemv gemv = gemv_of(step);
    const bool skips = step->from_act && step->finite && !g->dense;
    size_t count = step->in;
    if (skips)
        count = hwv_gemv_run_nonzero(&gemv, g->executor, x, step->bias, g->rows, y);
    else
        hwv_gemv_run(&gemv, g->executor, x, NULL, count, step->bias, y);
    if (step->from_act) {
        g->counted.all += step->in;
        g->counted.skipped += step->in - count;
    }
}

static void dense_run(hwv_generator *g, const step_type *step, const span_type *span)
{
    const hwv_gemm gemm = gemm_of(step, rows_of(span));
    if (gemm.m == 1)
        dense_one(g, step, x_of(step, span), y_of(step, span));
    else
        hwv_gemm_run_bias(&gemm, g->executor, x_of(step, span), step->in, step->weight, step->in, y_of(step, span),
                          step->out, step->bias, g->workspace);
}

static hwv_status dense_make(making *m, step_type *step)
{
    const hwv_node *node = step->node;
    step->weight = fixed(m, node, 1);
    if (step->weight == NULL || !is_sequence(m, node->input[0]))
        return refuse(m, node, "accepted is a weight of the model's own behind a sequence");
    const hwv_gemm gemm = gemm_of(step, m->generator->chunk);
    const size_t bytes = hwv_gemm_workspace(&gemm, hwv_executor_workers(m->generator->executor));
    m->workspace_bytes = bytes > m->workspace_bytes ? bytes : m->workspace_bytes;
    m->most_units = step->in > m->most_units ? step->in : m->most_units;
    step->from_act = m->places[node->input[0]].from_act;
    const hwv_gemv gemv = gemv_of(step);
    step->turned = hwv_generator_take(m, hwv_gemv_floats(&gemv), sizeof(float));
    step->run = dense_run;
    return HWV_OK;
}

static void bias_run(hwv_generator *g, const step_type *step, const span_type *span)
{
    (void)g;
    const float *x = x_of(step, span);
    float *y = y_of(step, span);
    memcpy(y, x, rows_of(span) * step->in * sizeof(float));
    for (size_t r = 0; r < rows_of(span); r++)
        hwv_add(step->in, y + r * step->in, step->bias);
}

/* A dense step that only this node reads adds the bias itself; then there is no step. */
static hwv_status bias_make(making *m, step_type *step)
{
    const hwv_node *node = step->node;
    const hwv_generator_place *x = &m->places[node->input[0]];
    step->bias = fixed(m, node, 1);
    if (step->bias == NULL || !is_sequence(m, node->input[0]))
        return refuse(m, node, "accepted is a bias of the model's own behind a sequence");
    step_type *before = &m->generator->steps[x->step];
    const hwv_node *producer = hwv_graph_node_at(m->generator->model->graph, value_of(m, node->input[0])->producer);
    step->run = bias_run;
    if (x->readers == 1 && before->node == producer && producer->kind == HWV_NODE_DENSE) {
        before->bias = step->bias;
        step->run = NULL;
    }
    return HWV_OK;
}

/* ---- positions and sums --------------------------------------------------------------------------------- */

static void position_run(hwv_generator *g, const step_type *step, const span_type *span)
{
    (void)g;
    const size_t n = rows_of(span) * step->in;
    float *y = y_of(step, span);
    memcpy(y, x_of(step, span), n * sizeof(float));
    hwv_add(n, y, step->weight + (span->start + span->first) * step->in);
}

static void add_run(hwv_generator *g, const step_type *step, const span_type *span)
{
    (void)g;
    const size_t n = rows_of(span) * step->in;
    float *y = y_of(step, span);
    memcpy(y, x_of(step, span), n * sizeof(float));
    hwv_add(n, y, step->other + span->first * step->in);
}

static hwv_status add_make(making *m, step_type *step)
{
    const hwv_node *node = step->node;
    if (!is_sequence(m, node->input[0]) || !is_sequence(m, node->input[1]))
        return refuse(m, node, "accepted are sequences that the model computes");
    step->other = m->places[node->input[1]].data;
    step->run = add_run;
    return HWV_OK;
}

static hwv_status binary_make(making *m, step_type *step)
{
    const hwv_node *node = step->node;
    const hwv_shape *shape = &value_of(m, node->input[1])->shape;
    if (node->attributes.function != HWV_BINARY_ADD || !is_sequence(m, node->input[0]))
        return refuse(m, node, "accepted is a sum with positions");
    step->weight = fixed(m, node, 1);
    if (step->weight == NULL || shape->rank != 2 || shape->dim[0] != m->generator->block || shape->dim[1] != step->in)
        return refuse(m, node, "accepted is a sum with a vector for each position");
    step->run = position_run;
    return HWV_OK;
}

/* ---- norms ----------------------------------------------------------------------------------------------- */

static void norm_run(hwv_generator *g, const step_type *step, const span_type *span)
{
    const hwv_layer_norm norm = {.rows = rows_of(span),
                                 .cols = step->in,
                                 .epsilon = step->node->attributes.epsilon,
                                 .weight = step->weight,
                                 .bias = step->bias,
                                 .uncentered = step->node->kind == HWV_NODE_RMS_NORM};
    hwv_layer_norm_forward(&norm, g->executor, x_of(step, span), y_of(step, span), NULL);
}

static hwv_status norm_make(making *m, step_type *step)
{
    const hwv_node *node = step->node;
    if (!is_sequence(m, node->input[0]) || node->attributes.axis != 2)
        return refuse(m, node, "accepted is a norm over the width of a sequence");
    for (size_t i = 1; i < node->input_count; i++)
        if (fixed(m, node, i) == NULL)
            return refuse(m, node, "accepted are a weight and a bias of the model's own");
    step->weight = fixed(m, node, 1);
    step->bias = fixed(m, node, 2);
    step->run = norm_run;
    return HWV_OK;
}

/* ---- activations ------------------------------------------------------------------------------------------ */

static void act_run(hwv_generator *g, const step_type *step, const span_type *span)
{
    const size_t n = rows_of(span) * step->in;
    hwv_act_forward_on(g->executor, &step->node->attributes.act, HWV_F32, 1, n, y_of(step, span), n, x_of(step, span),
                       n);
}

static void prelu_run(hwv_generator *g, const step_type *step, const span_type *span)
{
    const hwv_shape *slope = &hwv_graph_value(g->model->graph, step->node->input[1])->shape;
    const bool shared = slope->dim[0] == 1;
    hwv_prelu_forward(HWV_F32, rows_of(span), step->in, y_of(step, span), step->in, x_of(step, span), step->in,
                      step->weight, shared ? HWV_SLOPE_SHARED : HWV_SLOPE_COLUMNS, slope->dim[0], NULL, 0);
}

static hwv_status act_make(making *m, step_type *step)
{
    const hwv_node *node = step->node;
    step->weight = fixed(m, node, 1);
    if (!is_sequence(m, node->input[0]) || (node->input_count == 2 && step->weight == NULL))
        return refuse(m, node, "accepted is a sequence, and slopes of the model's own");
    step->run = node->input_count == 2 ? prelu_run : act_run;
    m->places[node->output[0]].from_act = true;
    return HWV_OK;
}

static void gate_run(hwv_generator *g, const step_type *step, const span_type *span)
{
    (void)g;
    const float *x = x_of(step, span);
    hwv_gated_forward(step->node->attributes.gate, HWV_ACCURATE, HWV_F32, rows_of(span), step->out, y_of(step, span),
                      step->out, x, step->in, x + step->out, step->in);
}

static hwv_status gate_make(making *m, step_type *step)
{
    if (!is_sequence(m, step->node->input[0]))
        return refuse(m, step->node, "accepted is a sequence");
    step->run = gate_run;
    m->places[step->node->output[0]].from_act = true;
    return HWV_OK;
}

/* Without training dropout does nothing. */
static hwv_status dropout_make(making *m, step_type *step)
{
    const hwv_generator_place *x = &m->places[step->node->input[0]];
    hwv_generator_place *y = &m->places[step->node->output[0]];
    y->from_act = x->from_act;
    step->run = NULL;
    return HWV_OK;
}

/* ---- attention ---------------------------------------------------------------------------------------------- */

/* Keys have a row for each number of a head, values one for each position: scores of all keys, and the mean of the values,
 * are products of a vector with a matrix. */
static void attend(hwv_generator *g, const step_type *step, const float *query, size_t seen, float *y)
{
    const size_t width = step->out, size = width / step->node->attributes.heads;
    const float scale = 1 / sqrtf((float)size);
    for (size_t at = 0; at < width; at += size) {
        const hwv_gemv keys = hwv_gemv_plain(size, seen, step->keys + at * step->key_stride, step->key_stride);
        const hwv_gemv values = hwv_gemv_plain(seen, size, step->values + at, width);
        hwv_gemv_run(&keys, NULL, query + at, NULL, size, NULL, g->scores);
        hwv_scale(seen, scale, g->scores);
        hwv_softmax(1, seen, g->scores, seen, g->scores, seen);
        hwv_gemv_run(&values, NULL, g->scores, NULL, seen, NULL, y + at);
    }
}

static void attention_run(hwv_generator *g, const step_type *step, const span_type *span)
{
    const size_t width = step->out;
    for (size_t r = span->first; r < span->end; r++) {
        const float *qkv = step->x + r * step->in;
        const size_t at = span->start + r;
        for (size_t i = 0; i < width; i++)
            step->keys[i * step->key_stride + at] = qkv[width + i];
        memcpy(step->values + at * width, qkv + 2 * width, width * sizeof(float));
        attend(g, step, qkv, at + 1, step->y + r * width);
    }
}

static hwv_status attention_make(making *m, step_type *step)
{
    const hwv_node *node = step->node;
    size_t keys, values;
    if (!is_sequence(m, node->input[0]))
        return refuse(m, node, "accepted is attention to a sequence");
    if (!node->attributes.causal)
        return refuse(m, node, "it sees what is to come; accepted is causal attention");
    step->key_stride = m->generator->block;
    if (!hwv_size_mul(step->key_stride, step->out, &keys) || !hwv_size_mul(m->generator->block, step->out, &values))
        return hwv_fail(m->error, HWV_ERR_MEMORY, "%s: too large for memory", node->name);
    step->keys = hwv_generator_take(m, keys, sizeof(float));
    step->values = hwv_generator_take(m, values, sizeof(float));
    step->run = attention_run;
    return HWV_OK;
}

/* ---- all of them ---------------------------------------------------------------------------------------------- */

static const struct {
    hwv_node_kind kind;
    hwv_status (*make)(making *m, step_type *step);
} kinds[] = {
    {HWV_NODE_GATHER, gather_make},   {HWV_NODE_BINARY, binary_make},       {HWV_NODE_LAYER_NORM, norm_make},
    {HWV_NODE_RMS_NORM, norm_make},   {HWV_NODE_DENSE, dense_make},         {HWV_NODE_BIAS, bias_make},
    {HWV_NODE_ACTIVATION, act_make},  {HWV_NODE_GATE, gate_make},           {HWV_NODE_ADD, add_make},
    {HWV_NODE_DROPOUT, dropout_make}, {HWV_NODE_ATTENTION, attention_make},
};

static hwv_status step_make(making *m, step_type *step)
{
    const hwv_node *node = step->node;
    const hwv_id x = node->input[0], y = node->output[0];
    size_t kind = 0, floats;
    while (kind < sizeof kinds / sizeof kinds[0] && kinds[kind].kind != node->kind)
        kind++;
    if (kind == sizeof kinds / sizeof kinds[0])
        return refuse(m, node, "models with such a node cannot be generated with");
    if (!is_sequence(m, y))
        return refuse(m, node, "what it gives has no row for each position");
    step->x = m->places[x].data;
    step->in = width_of(m, x);
    step->out = width_of(m, y);
    HWV_TRY(kinds[kind].make(m, step));
    if (step->run == NULL) { /* what it gives is what it reads */
        m->places[y].data = m->places[x].data;
        m->places[y].step = m->places[x].step;
        return HWV_OK;
    }
    if (!hwv_size_mul(m->generator->chunk, step->out, &floats))
        return hwv_fail(m->error, HWV_ERR_MEMORY, "%s: too large for memory", node->name);
    step->y = m->places[y].data = hwv_generator_take(m, floats, sizeof(float));
    return HWV_OK;
}

hwv_status hwv_generator_steps_make(making *m)
{
    hwv_generator *g = m->generator;
    g->step_count = 0;
    g->narrow = 0;
    for (size_t n = 0; n < hwv_graph_node_count(g->model->graph); n++) {
        const hwv_node *node = hwv_graph_node_at(g->model->graph, (hwv_id)n);
        step_type *step = &g->steps[g->step_count];
        if (!m->needed[n])
            continue;
        *step = (step_type){.node = node};
        m->places[node->output[0]].step = g->step_count;
        HWV_TRY(step_make(m, step));
        g->step_count += step->run != NULL;
        if (node->kind == HWV_NODE_ATTENTION)
            g->narrow = g->step_count;
    }
    return HWV_OK;
}

void hwv_generator_steps_refresh(hwv_generator *g)
{
    for (size_t s = 0; s < g->step_count; s++) {
        step_type *step = &g->steps[s];
        if (step->turned) {
            const hwv_gemv gemv = gemv_of(step);
            step->finite = hwv_gemv_turn(&gemv, step->weight, step->turned);
        }
    }
}
