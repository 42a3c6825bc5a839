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
    bool spread = false;
    if (hwv_front_find(t->network->graph, t->network->layers[l].node).product == HWV_NO_ID)
        return "no product is in front of it";
    for (size_t u = 0; u < seen->tally->units; u++) {
        if (!isfinite(seen->unit[u].mean) || !isfinite(seen->unit[u].std) || seen->tally->unit[u].nans > 0)
            return "what it reads is not always finite";
        spread = spread || (hwv_treating_dead(t, l, u) && seen->unit[u].std > 0);
    }
    return spread ? NULL : "its dead units read what never changes: a norm would make it 0";
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

hwv_status hwv_treat_insert_norm(hwv_treating *t)
{
    for (size_t l = 0; l < t->network->layer_count; l++) {
        if (!hwv_treating_layer(t, l))
            continue;
        HWV_TRY(hwv_treating_ask(t, l, false));
        const char *wrong = t->layers[l].asked > 0 ? obstacle(t, l) : NULL;
        if (wrong)
            hwv_treating_refuse(t, l, "%s", wrong);
        else if (t->layers[l].asked > 0)
            HWV_TRY(norm_add(t, l));
    }
    return HWV_OK;
}
