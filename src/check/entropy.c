/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The entropy of attention. The fused node keeps no shares: they are computed anew, in double, from what it reads. */
#include <assert.h>
#include <math.h>

#include "check/stream.h"
#include "halfwave/memory.h"

typedef struct sums {
    double bits, evenness;
    uint64_t queries;
} sums;

/* One attention. */
typedef struct watched {
    hwv_id node;
    size_t heads, first; /* position of its heads among all */
} watched;

typedef struct measuring {
    const hwv_network *network;
    watched *of;
    size_t count, head_count;
    sums *head;
    double *score; /* of one query */
} measuring;

/* shares of a query, not divided by their total yet; keys that are not seen have 0 */
static void query_add(sums *to, const double *share, size_t keys)
{
    double total = 0, entropy = 0;
    size_t seen = 0;
    for (size_t k = 0; k < keys; k++) {
        total += share[k];
        seen += share[k] > 0;
    }
    for (size_t k = 0; k < keys; k++)
        entropy -= share[k] > 0 ? share[k] / total * log2(share[k] / total) : 0;
    if (isnan(total))
        entropy = (double)NAN;
    else if (seen < 2)
        return;
    to->bits += entropy;
    to->evenness += entropy / log2((double)seen);
    to->queries++;
}

/* qkv: the sample's first row of this head. Causal queries see the keys up to their own place: those beyond are not
 * among `keys`, and one whose share underflows is seen all the same. */
static void head_add(measuring *m, sums *to, const float *qkv, size_t length, size_t width, size_t size, bool causal)
{
    const size_t stride = 3 * width;
    for (size_t q = causal ? 1 : 0; q < length; q++) {
        const size_t keys = causal ? q + 1 : length;
        double most = -(double)INFINITY;
        for (size_t k = 0; k < keys; k++) {
            double dot = 0;
            for (size_t i = 0; i < size; i++)
                dot += (double)qkv[q * stride + i] * (double)qkv[width + k * stride + i];
            m->score[k] = dot / sqrt((double)size);
            most = fmax(most, m->score[k]);
        }
        for (size_t k = 0; k < keys; k++) {
            const double share = exp(m->score[k] - most);
            m->score[k] = share < 1e-300 ? 1e-300 : share;
        }
        query_add(to, m->score, keys);
    }
}

static void attention_add(measuring *m, const watched *w, const hwv_node *node, const hwv_observation *seen)
{
    const size_t length = hwv_graph_value(m->network->graph, node->input[0])->shape.dim[1];
    const size_t width = seen->cols / 3, size = width / w->heads;
    for (size_t s = 0; s < seen->rows / length; s++)
        for (size_t h = 0; h < w->heads; h++)
            head_add(m, &m->head[w->first + h], seen->z + s * length * seen->cols + h * size, length, width, size,
                     node->attributes.causal);
}

static void softmax_add(measuring *m, const watched *w, const hwv_node *node, const hwv_observation *seen)
{
    const size_t queries = hwv_graph_value(m->network->graph, node->output[0])->shape.dim[2];
    for (size_t r = 0; r < seen->rows; r++) {
        for (size_t k = 0; k < seen->cols; k++)
            m->score[k] = (double)seen->y[r * seen->cols + k];
        query_add(&m->head[w->first + r / queries % w->heads], m->score, seen->cols);
    }
}

static void see(void *self, const hwv_observation *seen)
{
    measuring *m = self;
    for (size_t i = 0; i < m->count; i++)
        if (m->of[i].node == seen->node) {
            const hwv_node *node = hwv_graph_node_at(m->network->graph, seen->node);
            if (node->kind == HWV_NODE_ATTENTION)
                attention_add(m, &m->of[i], node, seen);
            else
                softmax_add(m, &m->of[i], node, seen);
        }
}

/* The heads of a node, 0 if it is no attention; *keys: at most so many are seen. */
static size_t heads_of(const hwv_graph *graph, const hwv_node *node, size_t *keys)
{
    if (node->kind == HWV_NODE_ATTENTION) {
        *keys = hwv_graph_value(graph, node->input[0])->shape.dim[1];
        return node->attributes.heads;
    }
    if (node->kind != HWV_NODE_SOFTMAX || node->attributes.logarithm)
        return 0;
    const hwv_shape *y = &hwv_graph_value(graph, node->output[0])->shape;
    if (y->rank != 4 || node->attributes.axis != 3)
        return 0;
    *keys = y->dim[3];
    return y->dim[1];
}

static hwv_status find(measuring *m, hwv_error *error)
{
    const hwv_graph *graph = m->network->graph;
    const size_t nodes = hwv_graph_node_count(graph);
    size_t most = 0;
    m->of = hwv_calloc(nodes + 1, sizeof *m->of);
    for (size_t n = 0; m->of && n < nodes; n++) {
        size_t keys = 0;
        const size_t heads = heads_of(graph, hwv_graph_node_at(graph, (hwv_id)n), &keys);
        if (heads == 0)
            continue;
        m->of[m->count++] = (watched){.node = (hwv_id)n, .heads = heads, .first = m->head_count};
        m->head_count += heads;
        most = keys > most ? keys : most;
    }
    m->head = hwv_calloc(m->head_count + 1, sizeof *m->head);
    m->score = hwv_calloc(most + 1, sizeof *m->score);
    return m->of && m->head && m->score ? HWV_OK : hwv_fail(error, HWV_ERR_MEMORY, "no memory to measure attention");
}

static hwv_status conclude(const measuring *m, hwv_attention_entropy **nodes, size_t *count, hwv_error *error)
{
    hwv_attention_entropy *out = *nodes = hwv_calloc(m->count + 1, sizeof *out);
    if (out == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the entropy of %zu attentions", m->count);
    for (*count = 0; *count < m->count; ++*count) {
        const watched *w = &m->of[*count];
        out[*count] =
            (hwv_attention_entropy){.name = hwv_graph_node_at(m->network->graph, w->node)->name, .heads = w->heads};
        hwv_head_entropy *head = out[*count].head = hwv_calloc(w->heads, sizeof *head);
        if (head == NULL)
            return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the entropy of %zu heads", w->heads);
        for (size_t h = 0; h < w->heads; h++) {
            const sums *of = &m->head[w->first + h];
            head[h] = (hwv_head_entropy){.bits = of->bits / (double)of->queries,
                                         .evenness = of->evenness / (double)of->queries};
        }
    }
    return HWV_OK;
}

hwv_status hwv_attention_entropy_measure(hwv_attention_entropy **nodes, size_t *count, const hwv_network *network,
                                         const hwv_feed *feed, const hwv_executor *executor, hwv_error *error)
{
    measuring m = {.network = network};
    const hwv_observer observer = {.self = &m, .node = see};
    *nodes = NULL;
    *count = 0;
    hwv_status status = find(&m, error);
    if (status == HWV_OK && m.count > 0)
        status = hwv_network_observe(network, &observer, feed, executor, error);
    if (status == HWV_OK)
        status = conclude(&m, nodes, count, error);
    if (status != HWV_OK) {
        hwv_attention_entropy_free(*nodes, *count);
        *nodes = NULL;
        *count = 0;
    }
    hwv_free(m.of);
    hwv_free(m.head);
    hwv_free(m.score);
    return status;
}

void hwv_attention_entropy_free(hwv_attention_entropy *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hwv_free(nodes[i].head);
    hwv_free(nodes);
}
