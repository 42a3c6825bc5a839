/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Two networks over the same samples, one run of each after the other. */
#include "check/compare.h"

#include <math.h>
#include <string.h>

#include "check/runner.h"
#include "graph/structure.h"
#include "halfwave/memory.h"
#include "model/squashing.h"

/* An output in both. */
typedef struct pair {
    hwv_id a, b;
    size_t elements; /* of a sample */
} pair;

typedef struct comparing {
    const hwv_network *a, *b;
    hwv_runner run_a, run_b;
    pair *pairs;
    hwv_id *keep_a, *keep_b; /* the pairs behind the first */
    size_t pair_count;
    size_t tokens;    /* of a sample, where each output has a row for each of them; else 1 */
    bool choices;     /* such a row has more than one element */
    uint64_t decided; /* tokens, or samples */
    hwv_output_change *change;
} comparing;

static const char *name_of(const hwv_network *network)
{
    return network->name ? network->name : "the network";
}

/* ---- what fits ------------------------------------------------------------------------------------- */

/* The batch of one may be a single sample of the other. */
static bool shapes_fit(const hwv_shape *a, const hwv_shape *b)
{
    bool fit = a->rank == b->rank;
    for (size_t d = 0; fit && d < a->rank; d++)
        fit = a->dim[d] == b->dim[d] || (d == 0 && (a->dim[d] == HWV_BATCH ? b : a)->dim[d] == 1 &&
                                         (a->dim[d] == HWV_BATCH || b->dim[d] == HWV_BATCH));
    return fit;
}

static bool ports_fit(const hwv_network *a, const hwv_port *x, const hwv_network *b, const hwv_port *y)
{
    if (!shapes_fit(&x->shape, &y->shape))
        return false;
    return x->value == HWV_NO_ID || y->value == HWV_NO_ID ||
           hwv_graph_value(a->graph, x->value)->element == hwv_graph_value(b->graph, y->value)->element;
}

static hwv_status mismatch(const hwv_network *a, const char *what, const char *name, hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_MISMATCH, "%s: %s '%s' is not what it was", name_of(a), what, name);
}

static hwv_status output_pair(const hwv_network *a, const hwv_network *b, size_t o, pair *made, hwv_error *error)
{
    *made = (pair){hwv_network_before_squashing(a, o), hwv_network_before_squashing(b, o), 0};
    if (made->a == HWV_NO_ID && made->b == HWV_NO_ID)
        return HWV_OK;
    if (made->a == HWV_NO_ID || made->b == HWV_NO_ID)
        return mismatch(a, "output", a->outputs[o].name, error);
    const hwv_shape *of_a = &hwv_graph_value(a->graph, made->a)->shape,
                    *of_b = &hwv_graph_value(b->graph, made->b)->shape;
    const hwv_id squashing_a = hwv_squashing_find(a->graph, a->outputs[o].value),
                 squashing_b = hwv_squashing_find(b->graph, b->outputs[o].value);
    if (!shapes_fit(of_a, of_b) || (squashing_a == HWV_NO_ID) != (squashing_b == HWV_NO_ID) ||
        !hwv_shape_elements(of_a, 1, &made->elements))
        return mismatch(a, "output", a->outputs[o].name, error);
    return HWV_OK;
}

static hwv_status inputs_fit(const hwv_network *a, const hwv_network *b, hwv_error *error)
{
    if (a->input_count != b->input_count || a->output_count != b->output_count)
        return hwv_fail(error, HWV_ERR_MISMATCH, "%s: %zu inputs and %zu outputs, there were %zu and %zu", name_of(a),
                        b->input_count, b->output_count, a->input_count, a->output_count);
    for (size_t i = 0; i < a->input_count; i++)
        if (!ports_fit(a, &a->inputs[i], b, &b->inputs[i]))
            return mismatch(a, "input", a->inputs[i].name, error);
    return HWV_OK;
}

static hwv_status nothing(const hwv_network *a, hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s: no output can be computed%s%s", name_of(a),
                    a->unsupported_count ? ": " : "", a->unsupported_count ? a->unsupported[0] : "");
}

hwv_status hwv_networks_comparable(const hwv_network *a, const hwv_network *b, hwv_error *error)
{
    bool any = false;
    HWV_TRY(inputs_fit(a, b, error));
    for (size_t o = 0; o < a->output_count; o++) {
        pair one;
        HWV_TRY(output_pair(a, b, o, &one, error));
        any = any || one.a != HWV_NO_ID;
    }
    return any ? HWV_OK : nothing(a, error);
}

/* ---- one run --------------------------------------------------------------------------------------- */

static size_t largest_at(const float *x, size_t count)
{
    size_t at = 0;
    for (size_t i = 1; i < count; i++)
        if (x[i] > x[at] || isnan(x[at]))
            at = i;
    return at;
}

static void elements_compare(hwv_output_change *change, const float *a, const float *b, size_t count)
{
    double largest = change->largest, scale = change->scale;
    for (size_t i = 0; i < count; i++) {
        const double before = (double)a[i], after = (double)b[i], moved = fabs(after - before);
        if (isfinite(before) && fabs(before) > scale)
            scale = fabs(before);
        if (before == after || (isnan(before) && isnan(after)))
            continue;
        change->equal = false;
        if (!(moved <= largest)) /* NaN: one of them is */
            largest = isnan(moved) ? (double)INFINITY : moved;
    }
    change->largest = largest;
    change->scale = scale;
}

/* Whether the largest element of a sample, or of one of its tokens, is the same in all outputs. */
static bool is_decided(const comparing *c, size_t sample, size_t token)
{
    for (size_t p = 0; p < c->pair_count; p++) {
        const pair *one = &c->pairs[p];
        const float *a = hwv_plan_data(c->run_a.plan, one->a), *b = hwv_plan_data(c->run_b.plan, one->b);
        const bool batched = hwv_shape_batched(&hwv_graph_value(c->a->graph, one->a)->shape);
        const size_t width = one->elements / c->tokens, at = (batched ? sample * one->elements : 0) + token * width;
        if (largest_at(a + at, width) != largest_at(b + at, width))
            return false;
    }
    return true;
}

static void run_compare(comparing *c, size_t rows)
{
    for (size_t p = 0; p < c->pair_count; p++) {
        const pair *one = &c->pairs[p];
        const size_t samples = hwv_shape_batched(&hwv_graph_value(c->a->graph, one->a)->shape) ? rows : 1;
        elements_compare(c->change, hwv_plan_data(c->run_a.plan, one->a), hwv_plan_data(c->run_b.plan, one->b),
                         samples * one->elements);
    }
    for (size_t i = 0; c->choices && i < rows * c->tokens; i++)
        c->decided += is_decided(c, i / c->tokens, i % c->tokens);
    c->change->samples += rows;
}

/* ---- all of them ----------------------------------------------------------------------------------- */

/* How many tokens a sample has: the length of the first input of whole numbers, [batch, tokens]; 0: there is none. */
static size_t tokens_read(const hwv_network *network)
{
    for (size_t i = 0; i < network->input_count; i++) {
        const hwv_port *port = &network->inputs[i];
        if (port->value != HWV_NO_ID && port->shape.rank == 2 &&
            hwv_graph_value(network->graph, port->value)->element == HWV_ELEMENT_I32)
            return port->shape.dim[1];
    }
    return 0;
}

/* What is decided: tokens where all outputs are [batch, tokens, width], else samples. */
static void choices_find(comparing *c)
{
    c->tokens = tokens_read(c->a);
    for (size_t p = 0; p < c->pair_count; p++) {
        const hwv_shape *shape = &hwv_graph_value(c->a->graph, c->pairs[p].a)->shape;
        if (shape->rank != 3 || shape->dim[1] != c->tokens)
            c->tokens = 0;
    }
    c->change->tokens = c->tokens > 0;
    c->tokens = c->tokens > 0 ? c->tokens : 1;
    for (size_t p = 0; p < c->pair_count; p++)
        c->choices = c->choices || c->pairs[p].elements > c->tokens;
}

static hwv_status pairs_make(comparing *c, hwv_error *error)
{
    const size_t most = c->a->output_count + 1;
    HWV_TRY(inputs_fit(c->a, c->b, error));
    c->pairs = hwv_calloc(most, sizeof *c->pairs);
    c->keep_a = hwv_calloc(most, sizeof *c->keep_a);
    c->keep_b = hwv_calloc(most, sizeof *c->keep_b);
    if (!c->pairs || !c->keep_a || !c->keep_b)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to compare outputs of %s", name_of(c->a));
    for (size_t o = 0; o < c->a->output_count; o++) {
        pair *one = &c->pairs[c->pair_count];
        HWV_TRY(output_pair(c->a, c->b, o, one, error));
        if (one->a == HWV_NO_ID)
            continue;
        if (c->pair_count > 0) {
            c->keep_a[c->pair_count - 1] = one->a;
            c->keep_b[c->pair_count - 1] = one->b;
        }
        c->pair_count++;
    }
    choices_find(c);
    return c->pair_count > 0 ? HWV_OK : nothing(c->a, error);
}

static hwv_status prepare(comparing *c, const hwv_executor *executor, hwv_error *error)
{
    size_t batch_a, batch_b;
    HWV_TRY(pairs_make(c, error));
    const hwv_targets of_a = {c->pairs[0].a, c->keep_a, c->pair_count - 1},
                      of_b = {c->pairs[0].b, c->keep_b, c->pair_count - 1};
    HWV_TRY(hwv_runner_batch(&batch_a, c->a, &of_a, executor, error));
    HWV_TRY(hwv_runner_batch(&batch_b, c->b, &of_b, executor, error));
    const size_t batch = batch_a < batch_b ? batch_a : batch_b;
    HWV_TRY(hwv_runner_make(&c->run_a, c->a, &of_a, batch, executor, error));
    return hwv_runner_make(&c->run_b, c->b, &of_b, batch, executor, error);
}

static hwv_status all_compare(comparing *c, const hwv_feed *feed, hwv_error *error)
{
    for (;;) {
        size_t rows;
        const void *const *lent;
        HWV_TRY(hwv_runner_next(&c->run_a, feed, &rows, &lent, error));
        if (rows == 0) {
            if (feed->more == NULL || !feed->more(feed->self))
                return HWV_OK;
            continue;
        }
        HWV_TRY(hwv_runner_lend(&c->run_b, lent, error));
        hwv_plan_rows(c->run_a.plan, rows);
        hwv_plan_rows(c->run_b.plan, rows);
        hwv_plan_forward(c->run_a.plan);
        hwv_plan_forward(c->run_b.plan);
        run_compare(c, rows);
    }
}

static void comparing_free(comparing *c)
{
    hwv_runner_free(&c->run_a);
    hwv_runner_free(&c->run_b);
    hwv_free(c->pairs);
    hwv_free(c->keep_a);
    hwv_free(c->keep_b);
}

hwv_status hwv_network_compare(hwv_output_change *change, const hwv_network *a, const hwv_network *b,
                               const hwv_source *source, const hwv_executor *executor, hwv_error *error)
{
    comparing c = {.a = a, .b = b, .change = change};
    hwv_feed feed;
    *change = (hwv_output_change){.scale = 1, .equal = true, .decided = (double)NAN};
    hwv_status status = prepare(&c, executor, error);
    if (status == HWV_OK)
        status = source->open(source->self, &feed, error);
    if (status == HWV_OK)
        status = all_compare(&c, &feed, error);
    if (c.choices && change->samples > 0)
        change->decided = (double)c.decided / ((double)change->samples * (double)c.tokens);
    comparing_free(&c);
    return status;
}

bool hwv_output_change_keeps(const hwv_output_change *change, hwv_promise promise)
{
    if (promise == HWV_PROMISE_EQUAL)
        return change->equal;
    return promise == HWV_PROMISE_NONE || change->largest <= HWV_EXACT * change->scale;
}
