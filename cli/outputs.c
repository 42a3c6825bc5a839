/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The first output of a network for all samples. */
#include "outputs.h"

#include <math.h>

#include "halfwave/memory.h"

static hwv_cli_meaning meaning_of(const hwv_network *network, const hwv_value *value)
{
    const hwv_node *node = value->producer == HWV_NO_ID ? NULL : hwv_graph_node_at(network->graph, value->producer);
    if (node == NULL)
        return HWV_CLI_LOGITS;
    if (node->kind == HWV_NODE_SOFTMAX)
        return node->attributes.logarithm ? HWV_CLI_LOG_PROBABILITIES : HWV_CLI_PROBABILITIES;
    return node->kind == HWV_NODE_ACTIVATION && node->attributes.act.op == HWV_OP_SIGMOID ? HWV_CLI_SIGMOIDS
                                                                                          : HWV_CLI_LOGITS;
}

hwv_status hwv_cli_outputs_of(hwv_cli_outputs *outputs, const hwv_network *network, hwv_error *error)
{
    const hwv_port *port = network->outputs;
    const hwv_value *value =
        network->output_count > 0 && port->value != HWV_NO_ID ? hwv_graph_value(network->graph, port->value) : NULL;
    if (value == NULL || value->element != HWV_ELEMENT_F32)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "the model's first output '%.80s' %s",
                        network->output_count > 0 ? port->name : "",
                        value == NULL ? "depends on what is not supported" : "is no array of floats");
    size_t skip = port->shape.rank > 0 && (port->shape.dim[0] == HWV_BATCH || port->shape.dim[0] == 1);
    *outputs = (hwv_cli_outputs){.name = port->name, .elements = 1, .meaning = meaning_of(network, value)};
    for (size_t i = skip; i < port->shape.rank; i++) {
        outputs->shape.dim[outputs->shape.rank++] = port->shape.dim[i];
        if (!hwv_size_mul(outputs->elements, port->shape.dim[i], &outputs->elements))
            return hwv_fail(error, HWV_ERR_UNSUPPORTED, "the model's output '%.80s' does not fit memory", port->name);
    }
    return HWV_OK;
}

typedef struct runner {
    const hwv_network *network;
    hwv_feed samples;
    hwv_cli_outputs_take *take;
    void *self;
    hwv_status status; /* of what took the last piece */
    hwv_error *error;
} runner;

static hwv_status next(void *self, size_t rows, void *const *into, size_t *got, hwv_error *error)
{
    const runner *r = self;
    return r->status == HWV_OK ? r->samples.next(r->samples.self, rows, into, got, error) : r->status;
}

static bool more(void *self)
{
    const runner *r = self;
    return r->samples.more(r->samples.self);
}

static void outputs_taken(void *self, size_t rows, hwv_plan *plan)
{
    runner *r = self;
    if (r->status == HWV_OK)
        r->status = r->take(r->self, rows, hwv_plan_data(plan, r->network->outputs[0].value), r->error);
}

hwv_status hwv_cli_outputs_run(hwv_cli *cli, hwv_cli_subject *subject, const hwv_cli_outputs *outputs,
                               hwv_cli_outputs_take *take, void *self, hwv_error *error)
{
    runner r = {.network = subject->network, .take = take, .self = self, .error = error};
    if (subject->network->output_count > 1)
        hwv_cli_say(cli, "the model has %zu outputs; taken is the first, '%.80s'", subject->network->output_count,
                    outputs->name);
    HWV_TRY(hwv_cli_samples_feed(&subject->samples, &r.samples, error));
    const hwv_feed feed = {.self = &r, .next = next, .more = more, .outputs = outputs_taken};
    const hwv_status status = hwv_network_stream(subject->network, NULL, &feed, cli->executor, error);
    return r.status != HWV_OK ? r.status : status; /* samples may have failed first: the message is the later one's */
}

size_t hwv_cli_largest(const float *y, size_t count, size_t top[HWV_CLI_LARGEST])
{
    size_t found = 0;
    for (size_t c = 0; c < count; c++) {
        if (isnan(y[c]))
            continue;
        size_t at = found < HWV_CLI_LARGEST ? found++ : HWV_CLI_LARGEST;
        for (; at > 0 && y[c] > y[top[at - 1]]; at--)
            if (at < HWV_CLI_LARGEST)
                top[at] = top[at - 1];
        if (at < HWV_CLI_LARGEST)
            top[at] = c;
    }
    return found;
}
