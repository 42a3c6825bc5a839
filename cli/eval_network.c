/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave eval of an ONNX file: error, loss, confusion. */
#include "outputs.h"

#include <math.h>

#include "halfwave/memory.h"
#include "report/number.h"
#include "training.h"

/* Beyond that the counts are not kept. */
#define CONFUSION 1000

typedef struct evaluated {
    hwv_cli_subject subject;
    hwv_cli_outputs outputs;
    size_t classes; /* 2 for a single output */
    size_t done, wrong;
    double loss; /* sum */
    size_t *confusion;
} evaluated;

/* The class that is said, `classes` where the outputs are no numbers; the first of equal ones. */
static size_t said(const evaluated *e, const float *y)
{
    if (e->outputs.elements == 1)
        return isnan(y[0]) ? 2 : y[0] > (e->outputs.meaning == HWV_CLI_SIGMOIDS ? 0.5f : 0.0f);
    size_t best = e->classes;
    for (size_t c = 0; c < e->classes; c++)
        if (!isnan(y[c]) && (best == e->classes || y[c] > y[best]))
            best = c;
    return best;
}

/* log(1 + exp(z)) */
static double softplus(double z)
{
    return z > 0 ? z + log1p(exp(-z)) : log1p(exp(z));
}

/* -log of the probability of the truth. */
static double loss_of(const evaluated *e, const float *y, size_t truth)
{
    if (e->outputs.elements == 1) {
        double z = (double)y[0];
        if (e->outputs.meaning == HWV_CLI_SIGMOIDS)
            return -log(truth == 1 ? z : 1 - z);
        return softplus(truth == 1 ? -z : z);
    }
    if (e->outputs.meaning == HWV_CLI_LOG_PROBABILITIES)
        return -(double)y[truth];
    if (e->outputs.meaning == HWV_CLI_PROBABILITIES)
        return -log((double)y[truth]);
    double top = -INFINITY, sum = 0;
    for (size_t c = 0; c < e->classes; c++)
        top = fmax(top, (double)y[c]);
    for (size_t c = 0; c < e->classes; c++)
        sum += exp((double)y[c] - top);
    return top + log(sum) - (double)y[truth];
}

static hwv_status take(void *self, size_t rows, const float *y, hwv_error *error)
{
    evaluated *e = self;
    for (size_t r = 0; r < rows; r++, y += e->outputs.elements, e->done++) {
        size_t truth = (size_t)e->subject.samples.labels[e->done], answer = said(e, y);
        if (truth >= e->classes)
            return hwv_fail(error, HWV_ERR_FORMAT, "label %zu of sample %zu, the model knows the classes 0 to %zu",
                            truth, e->done, e->classes - 1);
        e->wrong += answer != truth;
        e->loss += loss_of(e, y, truth);
        if (e->confusion != NULL && answer < e->classes)
            e->confusion[truth * e->classes + answer]++;
    }
    return HWV_OK;
}

static size_t parameters(const hwv_network *network)
{
    size_t count = 0;
    for (size_t v = 0; v < hwv_graph_value_count(network->graph); v++) {
        const hwv_value *value = hwv_graph_value(network->graph, (hwv_id)v);
        count += value->role == HWV_ROLE_PARAMETER ? hwv_weights_elements(network->weights, (hwv_id)v) : 0;
    }
    return count;
}

static hwv_status as_json(hwv_cli *cli, const evaluated *e, hwv_error *error)
{
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_cli_json_text(&json, "file", cli->operands[0]);
    hwv_cli_json_text(&json, "model", e->subject.network->name);
    hwv_cli_json_text(&json, "output", e->outputs.name);
    hwv_cli_json_count(&json, "params", parameters(e->subject.network));
    hwv_cli_json_count(&json, "samples", e->done);
    hwv_cli_json_number(&json, "error", (double)e->wrong / (double)e->done);
    hwv_cli_json_number(&json, "loss", e->loss / (double)e->done);
    hwv_json_key(&json, "confusion");
    hwv_json_begin_array(&json);
    for (size_t truth = 0; e->confusion != NULL && truth < e->classes; truth++) {
        hwv_json_begin_array(&json);
        for (size_t answer = 0; answer < e->classes; answer++)
            hwv_json_integer(&json, (int64_t)e->confusion[truth * e->classes + answer]);
        hwv_json_end(&json);
    }
    hwv_json_end(&json);
    hwv_cli_json_options(cli, &json);
    return hwv_cli_json_end(&json, error);
}

static void print(hwv_cli *cli, const evaluated *e)
{
    static const char *const meanings[] = {[HWV_CLI_LOGITS] = "logits",
                                           [HWV_CLI_PROBABILITIES] = "probabilities",
                                           [HWV_CLI_LOG_PROBABILITIES] = "logarithms of probabilities",
                                           [HWV_CLI_SIGMOIDS] = "probabilities"};
    hwv_cli_fact(cli, "model", "%s: %zu parameters", e->subject.network->name, parameters(e->subject.network));
    hwv_cli_fact(cli, "data", "%s", e->subject.samples.description);
    hwv_cli_fact(cli, "output", "%s: %zu %s", e->outputs.name, e->outputs.elements, meanings[e->outputs.meaning]);
    hwv_cli_fact(cli, "error", "%s (%zu of %zu samples wrong)",
                 hwv_number_percent((double)e->wrong / (double)e->done, 2).text, e->wrong, e->done);
    hwv_cli_fact(cli, "loss", "%s", hwv_number_plain(e->loss / (double)e->done).text);
}

static hwv_status evaluate(hwv_cli *cli, evaluated *e, hwv_error *error)
{
    const char *const files[] = {cli->options.data};
    HWV_TRY(hwv_cli_subject_open(cli, &e->subject, cli->operands[0], HWV_CLI_FILE_ONNX, files, 1, false, error));
    HWV_TRY(hwv_cli_outputs_of(&e->outputs, e->subject.network, error));
    if (e->subject.samples.labels == NULL)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--labels FILE is missing: what are the samples of %.200s?",
                        cli->options.data);
    e->classes = e->outputs.elements == 1 ? 2 : e->outputs.elements;
    if (e->classes <= CONFUSION && (e->confusion = hwv_calloc(e->classes * e->classes, sizeof *e->confusion)) == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the confusion of %zu classes", e->classes);
    HWV_TRY(hwv_cli_outputs_run(cli, &e->subject, &e->outputs, take, e, error));
    if (cli->options.json)
        return as_json(cli, e, error);
    print(cli, e);
    return HWV_OK;
}

hwv_status hwv_cli_eval_network(hwv_cli *cli, hwv_error *error)
{
    evaluated e = {.done = 0};
    hwv_status status = evaluate(cli, &e, error);
    hwv_free(e.confusion);
    hwv_cli_subject_close(&e.subject);
    return status;
}
