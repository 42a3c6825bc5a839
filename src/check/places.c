/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Where the samples of a network's inputs go. */
#include "check/places.h"

#include "graph/structure.h"
#include "halfwave/memory.h"

hwv_status hwv_places_make(hwv_places *places, const hwv_network *network, hwv_plan *plan, size_t batch,
                           hwv_error *error)
{
    places->into = hwv_calloc(network->input_count + 1, sizeof *places->into);
    places->spare = hwv_calloc(network->input_count + 1, sizeof *places->spare);
    if (!places->into || !places->spare)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the inputs of %s",
                        network->name ? network->name : "a network");
    places->count = network->input_count;
    for (size_t i = 0; i < network->input_count; i++) {
        const hwv_port *port = &network->inputs[i];
        size_t elements = 0;
        places->into[i] = !plan || port->value == HWV_NO_ID ? NULL : hwv_plan_data(plan, port->value);
        if (places->into[i])
            continue;
        if (!hwv_shape_elements(&port->shape, batch, &elements))
            return hwv_fail(error, HWV_ERR_MEMORY, "%s: too large for memory", port->name);
        places->into[i] = places->spare[i] = hwv_calloc(elements ? elements : 1, sizeof(float));
        if (!places->spare[i])
            return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for its samples", port->name);
    }
    return HWV_OK;
}

void hwv_places_free(hwv_places *places)
{
    for (size_t i = 0; i < places->count; i++)
        hwv_free(places->spare[i]);
    hwv_free(places->spare);
    hwv_free(places->into);
    *places = (hwv_places){0};
}
