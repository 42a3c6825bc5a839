/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * insert_norm: z of a layer with dead units is centred and scaled by what was measured of it. */
#include <math.h>

#include "check/front.h"
#include "check/treatment.h"

#define EPSILON 1e-5f

/* Why a layer cannot have a norm in front; NULL: it can. */
static const char *obstacle(const hwv_treating *t, size_t l)
{
    const hwv_layer_diagnosis *seen = &t->diagnosis->layers[l];
    const hwv_front front = hwv_front_find(t->network->graph, t->network->layers[l].node);
    if (front.product == HWV_NO_ID)
        return front.norm == HWV_NO_ID ? "no product is in front of it" : "a layer norm is in front of it already";
    for (size_t u = 0; u < seen->tally->units; u++)
        if (!isfinite(seen->unit[u].mean) || !isfinite(seen->unit[u].std) || seen->tally->unit[u].nans > 0)
            return "what it reads is not always finite";
    return NULL;
}

/* Dead units whose z never changes: a norm makes 0 of it. */
static size_t constants(const hwv_treating *t, size_t l)
{
    const hwv_layer_diagnosis *seen = &t->diagnosis->layers[l];
    size_t count = 0;
    for (size_t u = 0; u < seen->tally->units; u++)
        count += hwv_treating_dead(t, l, u) && !(seen->unit[u].std > 0);
    return count;
}

static hwv_status norm_add(hwv_treating *t, size_t l)
{
    const hwv_layer_diagnosis *seen = &t->diagnosis->layers[l];
    const size_t units = seen->tally->units;
    hwv_norm_change *norm = hwv_change_norm(t->change, t->network->layers[l].node, units, EPSILON);
    if (norm == NULL)
        return hwv_fail(t->error, HWV_ERR_MEMORY, "no memory for a norm of %zu units", units);
    for (size_t u = 0; u < units; u++) {
        norm->mean[u] = (float)seen->unit[u].mean;
        norm->variance[u] = (float)(seen->unit[u].std * seen->unit[u].std);
        if (hwv_treating_dead(t, l, u) && seen->unit[u].std > 0)
            hwv_treating_take(t, l, u);
    }
    return HWV_OK;
}

static hwv_status layer_treat(hwv_treating *t, size_t l)
{
    const char *wrong = obstacle(t, l);
    const size_t constant = wrong ? 0 : constants(t, l);
    if (wrong)
        hwv_treating_refuse(t, l, "%s", wrong);
    else if (constant > 0)
        hwv_treating_refuse(t, l, "%zu of its dead units never change: a norm would make them 0", constant);
    return wrong || constant == t->layers[l].asked ? HWV_OK : norm_add(t, l);
}

hwv_status hwv_treat_insert_norm(hwv_treating *t)
{
    for (size_t l = 0; l < t->network->layer_count; l++) {
        if (!hwv_treating_layer(t, l))
            continue;
        HWV_TRY(hwv_treating_ask(t, l, false));
        if (t->layers[l].asked > 0)
            HWV_TRY(layer_treat(t, l));
    }
    return HWV_OK;
}
