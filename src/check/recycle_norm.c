/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The network runs over the data with the changed weights, once for norms that depend on no other new one, then for those
 * behind them: a depthwise convolution brings a recycled unit to the next norm of its own channel. */
#include "check/recycle_norm.h"

#include <math.h>

#include "check/watch.h"
#include "halfwave/memory.h"

/* Sums over the looks at one unit, around its first look. */
typedef struct hwv_moments {
    double origin, sum, squares, looks;
} hwv_moments;

typedef struct hwv_norming {
    const hwv_treating *treating;
    const hwv_removable *removable;
    const hwv_front *fronts;
    const void *self;
    hwv_unit_test *is_recycled;
    size_t *round;         /* by layer: in which its norm is measured; 0: it has none that is new */
    hwv_moments **moments; /* by value: of what norms of this round read */
    size_t value_count;
} hwv_norming;

static const hwv_node *norm_of(const hwv_norming *n, size_t layer)
{
    return hwv_graph_node_at(n->treating->network->graph, n->fronts[layer].norm);
}

static hwv_status no_memory(const hwv_norming *n)
{
    return hwv_fail(n->treating->error, HWV_ERR_MEMORY, "no memory for new statistics of batch norms");
}

/* ---- rounds ---------------------------------------------------------------------------------------- */

static bool has_new_norm(const hwv_norming *n, size_t layer)
{
    if (n->fronts[layer].product == HWV_NO_ID || n->fronts[layer].norm == HWV_NO_ID)
        return false;
    for (size_t u = 0; u < hwv_removable_units(n->removable, layer); u++)
        if (n->is_recycled(n->self, layer, u))
            return true;
    return false;
}

/* Layers are in the order of the graph: only earlier ones of the same track can matter. */
static size_t rounds_number(hwv_norming *n)
{
    size_t last = 0;
    for (size_t l = 0; l < n->treating->network->layer_count; l++) {
        if (!has_new_norm(n, l))
            continue;
        n->round[l] = 1;
        for (size_t k = 0; k < l; k++)
            if (n->removable->layer_track[k] == n->removable->layer_track[l] && n->round[k] >= n->round[l])
                n->round[l] = n->round[k] + 1;
        last = n->round[l] > last ? n->round[l] : last;
    }
    return last;
}

/* ---- measuring ------------------------------------------------------------------------------------- */

static void see(void *self, hwv_id value, const float *x, size_t rows, size_t cols)
{
    const hwv_norming *n = self;
    hwv_moments *moments = n->moments[value];
    for (size_t r = 0; r < rows; r++, x += cols)
        for (size_t c = 0; c < cols; c++) {
            hwv_moments *m = &moments[c];
            if (m->looks == 0)
                m->origin = (double)x[c];
            const double d = (double)x[c] - m->origin;
            m->sum += d;
            m->squares += d * d;
            m->looks++;
        }
}

static void moments_clear(hwv_norming *n)
{
    for (size_t v = 0; n->moments && v < n->value_count; v++) {
        hwv_free(n->moments[v]);
        n->moments[v] = NULL;
    }
}

static hwv_status round_measure(hwv_norming *n, size_t round)
{
    const hwv_treating *t = n->treating;
    size_t count = 0;
    hwv_id *values = hwv_calloc(t->network->layer_count + 1, sizeof *values);
    for (size_t l = 0; values && l < t->network->layer_count; l++) {
        if (n->round[l] != round)
            continue;
        const hwv_id value = norm_of(n, l)->input[0];
        values[count++] = value;
        if (n->moments[value] == NULL)
            n->moments[value] = hwv_calloc(hwv_removable_units(n->removable, l), sizeof **n->moments);
        if (n->moments[value] == NULL) {
            hwv_free(values);
            return no_memory(n);
        }
    }
    const hwv_watch watch = {values, count, n, see};
    hwv_status status =
        values ? hwv_network_watch_changed(t->change, &watch, t->source, t->executor, t->error) : no_memory(n);
    hwv_free(values);
    return status;
}

/* ---- writing --------------------------------------------------------------------------------------- */

static hwv_status layer_write(const hwv_norming *n, size_t l)
{
    const hwv_node *norm = norm_of(n, l);
    const hwv_moments *moments = n->moments[norm->input[0]];
    float *mean = hwv_change_data(n->treating->change, norm->input[3]);
    float *variance = hwv_change_data(n->treating->change, norm->input[4]);
    if (mean == NULL || variance == NULL)
        return no_memory(n);
    for (size_t u = 0; u < hwv_removable_units(n->removable, l); u++) {
        const hwv_moments *m = &moments[u];
        const double shift = m->sum / m->looks, spread = m->squares / m->looks - shift * shift;
        if (!n->is_recycled(n->self, l, u) || !isfinite(shift) || !isfinite(spread))
            continue;
        mean[u] = (float)(m->origin + shift);
        variance[u] = (float)fmax(spread, 0);
    }
    return HWV_OK;
}

static hwv_status rounds_run(hwv_norming *n, size_t rounds)
{
    hwv_status status = HWV_OK;
    for (size_t round = 1; status == HWV_OK && round <= rounds; round++) {
        status = round_measure(n, round);
        for (size_t l = 0; status == HWV_OK && l < n->treating->network->layer_count; l++)
            if (n->round[l] == round)
                status = layer_write(n, l);
        moments_clear(n);
    }
    return status;
}

hwv_status hwv_recycle_norms(const hwv_treating *treating, const hwv_removable *removable, const hwv_front *fronts,
                             const void *self, hwv_unit_test *is_recycled)
{
    hwv_norming n = {.treating = treating,
                     .removable = removable,
                     .fronts = fronts,
                     .self = self,
                     .is_recycled = is_recycled,
                     .value_count = hwv_graph_value_count(treating->network->graph)};
    n.round = hwv_calloc(treating->network->layer_count + 1, sizeof *n.round);
    n.moments = hwv_calloc(n.value_count + 1, sizeof *n.moments);
    hwv_status status = n.round && n.moments ? rounds_run(&n, rounds_number(&n)) : no_memory(&n);
    hwv_free(n.round);
    hwv_free(n.moments);
    return status;
}
