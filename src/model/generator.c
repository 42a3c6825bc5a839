/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The generator: memory, the tokens it has read, and the runs over its steps. */
#include "model/generator.h"

#include <string.h>

/* Rows at most that are computed together. */
#define CHUNK ((size_t)64)

/* ---- making ------------------------------------------------------------------------------------------- */

void *hwv_generator_take(hwv_generator_making *m, size_t count, size_t size)
{
    size_t bytes;
    if (m->binding)
        return hwv_arena_take(&m->generator->arena, count * size);
    if (!hwv_size_mul(count, size, &bytes) || (bytes = hwv_size_align(bytes)) == SIZE_MAX ||
        !hwv_size_add(m->bytes, bytes, &m->bytes))
        m->bytes = SIZE_MAX; /* which no arena can be made of */
    return NULL;
}

/* Nodes that the logits need, and how many of them read each value. */
static void nodes_mark(hwv_generator_making *m)
{
    const hwv_model *model = m->generator->model;
    m->places[model->logits].readers = 1;
    for (size_t n = hwv_graph_node_count(model->graph); n-- > 0;) {
        const hwv_node *node = hwv_graph_node_at(model->graph, (hwv_id)n);
        m->needed[n] = false;
        for (size_t i = 0; i < node->output_count; i++)
            m->needed[n] |= m->places[node->output[i]].readers > 0;
        for (size_t i = 0; m->needed[n] && i < node->input_count; i++)
            m->places[node->input[i]].readers++;
    }
}

static hwv_status parts_make(hwv_generator_making *m)
{
    hwv_generator *g = m->generator;
    HWV_TRY(hwv_generator_steps_make(m));
    g->logits = m->places[g->model->logits].data;
    g->window = hwv_generator_take(m, g->block, sizeof *g->window);
    g->scores = hwv_generator_take(m, g->block, sizeof *g->scores);
    g->shares = hwv_generator_take(m, g->classes, sizeof *g->shares);
    g->order = hwv_generator_take(m, g->classes, sizeof *g->order);
    g->rows = hwv_generator_take(m, m->most_units + HWV_GEMV_SPARE, sizeof *g->rows);
    g->workspace = hwv_generator_take(m, m->workspace_bytes, 1);
    return HWV_OK;
}

static hwv_status memory_make(hwv_generator_making *m)
{
    hwv_generator *g = m->generator;
    const size_t nodes = hwv_graph_node_count(g->model->graph);
    g->steps = hwv_calloc(nodes + 1, sizeof *g->steps);
    m->places = hwv_calloc(hwv_graph_value_count(g->model->graph), sizeof *m->places);
    m->needed = hwv_calloc(nodes + 1, sizeof *m->needed);
    if (g->steps == NULL || m->places == NULL || m->needed == NULL)
        return hwv_fail(m->error, HWV_ERR_MEMORY, "no memory for a generator");
    nodes_mark(m);
    HWV_TRY(parts_make(m));
    HWV_TRY(hwv_arena_init(&g->arena, m->bytes, m->error));
    m->binding = true;
    return parts_make(m);
}

static hwv_status model_check(const hwv_model *model, hwv_error *error)
{
    const hwv_value *x = hwv_graph_value(model->graph, model->input);
    const hwv_value *logits = hwv_graph_value(model->graph, model->logits);
    if (x->element != HWV_ELEMENT_I32 || x->shape.rank != 2)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "generation: the model '%.120s' reads no tokens; accepted is one that begins with embed",
                        model->notation);
    if (logits->shape.rank != 3 || logits->shape.dim[1] != x->shape.dim[1])
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "generation: the model '%.120s' has no logits for each position; accepted is one that ends "
                        "with unembed, or with fc behind a sequence",
                        model->notation);
    return HWV_OK;
}

hwv_status hwv_generator_create(hwv_generator **generator, const hwv_model *model, const hwv_generator_options *options,
                                hwv_error *error)
{
    *generator = NULL;
    HWV_TRY(model_check(model, error));
    hwv_generator *g = hwv_calloc(1, sizeof *g);
    if (g == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a generator");
    g->model = model;
    g->executor = options ? options->executor : NULL;
    g->dense = options && options->dense;
    g->block = hwv_graph_value(model->graph, model->input)->shape.dim[1];
    g->classes = hwv_graph_value(model->graph, model->logits)->shape.dim[2];
    g->chunk = g->block < CHUNK ? g->block : CHUNK;
    hwv_generator_making making = {.generator = g, .error = error};
    hwv_status status = memory_make(&making);
    hwv_free(making.places);
    hwv_free(making.needed);
    if (status != HWV_OK) {
        hwv_generator_destroy(g);
        return status;
    }
    hwv_generator_refresh(g);
    *generator = g;
    return HWV_OK;
}

void hwv_generator_destroy(hwv_generator *g)
{
    if (g == NULL)
        return;
    hwv_arena_free(&g->arena);
    hwv_free(g->steps);
    hwv_free(g);
}

void hwv_generator_refresh(hwv_generator *g)
{
    hwv_generator_steps_refresh(g);
    hwv_generator_reset(g);
}

void hwv_generator_reset(hwv_generator *g)
{
    g->filled = 0;
    g->read = 0;
    g->last = NULL;
}

size_t hwv_generator_classes(const hwv_generator *g)
{
    return g->classes;
}

size_t hwv_generator_block(const hwv_generator *g)
{
    return g->block;
}

const float *hwv_generator_logits(const hwv_generator *g)
{
    return g->last;
}

hwv_generator_rows hwv_generator_count(const hwv_generator *g)
{
    return g->counted;
}

/* ---- running -------------------------------------------------------------------------------------------- */

/* Keys and values of the rows, and of the last row everything where `last`. */
static void span_run(hwv_generator *g, hwv_generator_span span, bool last)
{
    const size_t steps = last ? g->step_count : g->narrow;
    for (size_t s = 0; s < steps; s++) {
        if (s == g->narrow)
            span.first = span.end - 1;
        g->steps[s].run(g, &g->steps[s], &span);
    }
}

/* The first `end` tokens of the window, of which `filled` have been. */
static void window_run(hwv_generator *g, size_t end)
{
    while (g->filled < end) {
        const size_t left = end - g->filled, rows = left < g->chunk ? left : g->chunk;
        const hwv_generator_span span = {.end = rows, .start = g->filled, .tokens = g->window + g->filled};
        span_run(g, span, rows == left);
        g->filled += rows;
        g->last = g->logits + (rows - 1) * g->classes;
    }
}

/* Positions that are used when `total` tokens, more than a block, have been fed one by one into an empty window: those
 * that are kept and further ones, until the window is full again. */
static size_t wrapped(const hwv_generator *g, size_t total)
{
    const size_t kept = g->block / 2;
    return kept + 1 + (total - g->block - 1) % (g->block - kept);
}

hwv_status hwv_generator_feed(hwv_generator *g, const int32_t *tokens, size_t count, hwv_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (tokens[i] < 0 || (size_t)tokens[i] >= g->classes)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "token %ld at %zu; 0 to %zu are accepted", (long)tokens[i], i,
                            g->classes - 1);
    size_t end = g->filled + count;
    if (end > g->block) {
        end = wrapped(g, end);
        const size_t before = end > count ? end - count : 0;
        memmove(g->window, g->window + (g->filled - before), before * sizeof *g->window);
        g->filled = 0;
        memcpy(g->window + before, tokens + (count - (end - before)), (end - before) * sizeof *g->window);
    } else if (count > 0) {
        memcpy(g->window + g->filled, tokens, count * sizeof *g->window);
    }
    window_run(g, end);
    g->read += count;
    return HWV_OK;
}

hwv_status hwv_generator_sample(const hwv_generator *g, const hwv_sampling *sampling, int32_t *token, hwv_error *error)
{
    if (g->last == NULL)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "nothing was read yet: a token follows others");
    return hwv_generator_pick(g->last, g->classes, sampling, g->read, g->shares, g->order, token, error);
}
