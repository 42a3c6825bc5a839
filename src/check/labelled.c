/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A private copy of a network with a loss behind its logits. The network's own graph may have plans, and then nothing may
 * be added to it. */
#include "check/labelled.h"

#include <assert.h>

#include "halfwave/memory.h"
#include "model/copy.h"
#include "model/loss.h"

/* map: room for every value of the network. */
static hwv_status make(hwv_labelled *copy, const hwv_network *network, hwv_id *map, hwv_error *error)
{
    hwv_logits logits;
    hwv_loss loss;
    HWV_TRY(hwv_logits_find(&logits, network, "gradients", error));
    HWV_TRY(hwv_graph_create(&copy->graph, error));
    HWV_TRY(hwv_graph_copy(copy->graph, network->graph, NULL, true, map, error));
    assert(map[logits.value] == logits.value);
    HWV_TRY(hwv_loss_add(&loss, copy->graph, &logits, 0, error));
    HWV_TRY(hwv_weights_create(&copy->weights, copy->graph, error));
    hwv_weights_copy(copy->weights, network->graph, network->weights, map);
    hwv_loss_fill(&loss, copy->weights);
    copy->logits = logits.value;
    copy->rows = logits.rows;
    copy->outputs = logits.outputs;
    copy->beyond = logits.beyond;
    copy->labels = loss.labels;
    copy->loss = loss.value;
    copy->classes = loss.classes;
    return HWV_OK;
}

hwv_status hwv_labelled_make(hwv_labelled *copy, const hwv_network *network, hwv_error *error)
{
    const size_t values = hwv_graph_value_count(network->graph);
    hwv_id *map = hwv_calloc(values + 1, sizeof *map);
    *copy = (hwv_labelled){0};
    if (map == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a copy of %zu values", values);
    for (size_t v = 0; v < values; v++)
        map[v] = HWV_NO_ID;
    hwv_status status = make(copy, network, map, error);
    hwv_free(map);
    if (status != HWV_OK)
        hwv_labelled_free(copy);
    return status;
}

void hwv_labelled_free(hwv_labelled *copy)
{
    hwv_weights_destroy(copy->weights);
    hwv_graph_destroy(copy->graph);
    *copy = (hwv_labelled){0};
}
