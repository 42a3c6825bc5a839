/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave check: which units of a model never fire, how sure that is, and why. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"

/* Labels of the samples that gradients are measured on: enough for a mean, few enough not to be waited for. */
#define FLOW_LABELS ((size_t)1024)

/* ---- counting ---- */

/* A network without backward, or whose outputs are no logits, can be checked but for this. */
static hwv_status measure_flow(hwv_cli *cli, hwv_cli_checked *c, hwv_error *error)
{
    hwv_cli_samples *samples = &c->subject.samples;
    hwv_feed feed;
    const size_t each = hwv_cli_samples_label_count(samples);
    int32_t *labels;
    if (each == 0 || c->subject.network->layer_count == 0)
        return HWV_OK;
    const size_t most = each < FLOW_LABELS ? FLOW_LABELS / each : 1, n = samples->count < most ? samples->count : most;
    HWV_TRY(hwv_cli_samples_feed(samples, &feed, error));
    HWV_TRY(hwv_cli_samples_labels(samples, 0, n, &labels, error));
    hwv_status status = hwv_flow_measure(&c->flow, c->subject.network, &feed, labels, n, cli->executor, error);
    hwv_free(labels);
    c->has_flow = status == HWV_OK;
    if (status == HWV_ERR_FORMAT && cli->options.labels != NULL)
        return hwv_fail_prefix(error, status, "%s: ", cli->options.labels);
    if (status != HWV_ERR_UNSUPPORTED)
        return status;
    hwv_cli_say(cli, "gradients were not measured: %s", error->text);
    return HWV_OK;
}

static hwv_status check_network(hwv_cli *cli, hwv_cli_checked *c, hwv_cli_file kind, hwv_error *error)
{
    HWV_TRY(hwv_cli_subject_open_given(cli, &c->subject, kind, error));
    (void)snprintf(c->data, sizeof c->data, "%s", c->subject.samples.description);
    (void)snprintf(c->source, sizeof c->source, "%s", c->subject.samples.source);
    HWV_TRY(hwv_cli_samples_count(&c->subject.samples, c->subject.network, &c->tally, error));
    return measure_flow(cli, c, error);
}

static hwv_status check_statistics(hwv_cli *cli, hwv_cli_checked *c, hwv_error *error)
{
    HWV_TRY(hwv_tally_load(&c->tally, cli->operands[0], error));
    for (size_t i = 1; i < cli->operand_count; i++) {
        hwv_tally other = {0};
        HWV_TRY(hwv_tally_load(&other, cli->operands[i], error));
        hwv_status status = hwv_tally_merge(&c->tally, &other, error);
        hwv_tally_free(&other);
        if (status != HWV_OK)
            return hwv_fail_prefix(error, status, "%s: ", cli->operands[i]);
    }
    (void)snprintf(c->data, sizeof c->data, "statistics of %.250s", cli->operands[0]);
    (void)snprintf(c->source, sizeof c->source, "%.100s", cli->operands[0]);
    return HWV_OK;
}

/* Options that say something about running a network, and there is none. */
static hwv_status refuse_data(const hwv_cli *cli, const char *what, bool dump, hwv_error *error)
{
    static const char *const names[] = {"data", "labels", "mean", "std", "shape", "part", "unscaled", "input", "group"};
    for (size_t i = 0; i < sizeof names / sizeof names[0] - (dump ? 2 : 0); i++)
        if (hwv_cli_given(cli, names[i]))
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--%s: %.200s is %s, which is run on nothing", names[i],
                            cli->operands[0], what);
    return HWV_OK;
}

static hwv_status count(hwv_cli *cli, hwv_cli_checked *c, hwv_error *error)
{
    hwv_cli_file kind;
    HWV_TRY(hwv_cli_file_kind(&kind, cli->operands[0], error));
    if (kind == HWV_CLI_FILE_STATISTICS) {
        HWV_TRY(refuse_data(cli, "a file of statistics", false, error));
        return check_statistics(cli, c, error);
    }
    if (kind != HWV_CLI_FILE_DUMP)
        return check_network(cli, c, kind, error);
    HWV_TRY(refuse_data(cli, "a dump of pre-activations", true, error));
    (void)snprintf(c->data, sizeof c->data, "pre-activations of %.250s", cli->operands[0]);
    (void)snprintf(c->source, sizeof c->source, "%.100s", cli->operands[0]);
    return hwv_cli_dump_count(cli, &c->tally, cli->operands, cli->operand_count, error);
}

/* ---- one unit ---- */

/* --unit L:i, L a layer's number from 1 or its name, i from 0. */
static hwv_status find_unit(const hwv_cli *cli, hwv_cli_checked *c, hwv_error *error)
{
    const char *text = cli->options.unit, *colon = text ? strrchr(text, ':') : NULL;
    const hwv_diagnosis *d = &c->diagnosis;
    uint64_t unit;
    if (text == NULL)
        return HWV_OK;
    if (colon == NULL || !hwv_cli_whole(colon + 1, strlen(colon + 1), &unit))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--unit '%.80s': write LAYER:UNIT, such as 1:17", text);
    if (!hwv_cli_layer_find(&c->tally, text, (size_t)(colon - text), &c->layer))
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "--unit '%.80s': there is no such layer; they are 1 to %zu, or by name", text, d->layer_count);
    if (unit >= d->layers[c->layer].tally->units)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--unit '%.80s': layer %zu has the units 0 to %zu", text, c->layer + 1,
                        d->layers[c->layer].tally->units - 1);
    c->shows_unit = true;
    c->unit = (size_t)unit;
    return HWV_OK;
}

/* ---- showing ---- */

static hwv_status save_page(hwv_cli *cli, const hwv_check_view *view, hwv_error *error)
{
    hwv_page page = {0};
    hwv_page_head head = {0};
    hwv_text strings = {0};
    if (cli->options.html == NULL)
        return HWV_OK;
    hwv_check_page(view, &page, &head, &strings);
    hwv_cli_page_closing(cli, &page);
    page.body.failed = page.body.failed || strings.failed;
    hwv_status status = hwv_cli_page_save(cli, &page, &head, error);
    hwv_page_free(&page);
    hwv_text_free(&strings);
    return status;
}

static hwv_status show(hwv_cli *cli, hwv_cli_checked *c, hwv_error *error)
{
    const hwv_network *network = c->subject.network;
    hwv_check_treatment treatments[HWV_TREATMENT_COUNT];
    for (size_t i = 0; i < c->tried_count; i++)
        treatments[i] = c->tried[i].shown;
    const hwv_check_view view = {.diagnosis = &c->diagnosis,
                                 .flow = c->has_flow ? &c->flow : NULL,
                                 .data = c->source,
                                 .not_checked = network ? (const char *const *)network->unsupported : NULL,
                                 .not_checked_count = network ? network->unsupported_count : 0,
                                 .treatments = treatments,
                                 .treatment_count = c->tried_count};
    static const int exits[] = {[HWV_VERDICT_HEALTHY] = HWV_EXIT_DONE,
                                [HWV_VERDICT_LOOK] = HWV_EXIT_DONE,
                                [HWV_VERDICT_CANNOT_TELL] = HWV_EXIT_CANNOT_TELL,
                                [HWV_VERDICT_SICK] = HWV_EXIT_FINDING};
    cli->finding = exits[c->diagnosis.verdict];
    HWV_TRY(save_page(cli, &view, error));
    if (!cli->options.json) {
        if (c->shows_unit)
            hwv_check_unit_print(&view, c->layer, c->unit, &cli->screen, &cli->out);
        else
            hwv_check_print(&view, &cli->screen, &cli->out);
        return HWV_OK;
    }
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_cli_check_json(c, &json);
    hwv_cli_json_options(cli, &json);
    return hwv_cli_json_end(&json, error);
}

static hwv_status check(hwv_cli *cli, hwv_cli_checked *c, hwv_error *error)
{
    const hwv_cli_options *o = &cli->options;
    const char *const files[2] = {o->save_stats, o->html}, *const names[2] = {"save-stats", "html"};
    for (size_t i = 0; i < 2; i++)
        if (files[i] != NULL)
            HWV_TRY(hwv_cli_check_writable(names[i], files[i], error));
    HWV_TRY(count(cli, c, error));
    const hwv_diagnosis_options options = {.bound = o->bound, .fail_over = o->fail_over};
    HWV_TRY(hwv_diagnose(&c->diagnosis, &c->tally, c->subject.network, &options, error));
    HWV_TRY(find_unit(cli, c, error));
    if (o->save_stats != NULL) {
        HWV_TRY(hwv_tally_save(&c->tally, o->save_stats, error));
        hwv_cli_say(cli, "wrote %s", o->save_stats);
    }
    HWV_TRY(hwv_cli_check_treat(cli, c, error));
    return show(cli, c, error);
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    hwv_cli_checked c = {.has_flow = false};
    hwv_status status = check(cli, &c, error);
    for (size_t i = 0; i < c.tried_count; i++)
        hwv_text_free(&c.tried[i].command);
    hwv_diagnosis_free(&c.diagnosis);
    hwv_flow_free(&c.flow);
    hwv_tally_free(&c.tally);
    hwv_cli_subject_close(&c.subject);
    return status;
}

const hwv_cli_command hwv_cli_check = {
    .name = "check",
    .sentence = "which units of a model never fire, how sure that is, and why",
    .operands = "MODEL [FILE...]",
    .operand_min = 1,
    .operand_max = SIZE_MAX,
    .examples = {{"halfwave check model.onnx --data inputs.npy", "verdict, layers, evidence, cause"},
                 {"halfwave check model.onnx --data parts/*.npy --html page.html --fail-over 5%",
                  "several files; a page to look at; exit code 1 when a layer has more than 5 % dead units"},
                 {"halfwave check digits.safetensors --data digits",
                  "a model of halfwave train on the test part of its data, with gradients"},
                 {"halfwave check pre-activations.npz --act relu", "what another program dumped, an array a layer"}},
    .description =
        "Runs a model over data, counts for each unit of each activation layer how often it fires, and says which "
        "never "
        "do: verdict first, then the layers, how sure it is, and why.\n"
        "A unit is dead when it fired in no sample, its operator is flat there, and there were enough samples to say "
        "so: "
        "299 for a rate below 1 % (--bound) with 95 % confidence. Zeros are not death: half of the entries behind a "
        "healthy ReLU are zero, and they take part in no verdict.\n",
    .sections =
        {{"Model and data",
          "MODEL is an ONNX file; a checkpoint of halfwave train; a dump of pre-activations (.npy, or .npz with an "
          "array for each layer); or statistics that --save-stats, halfwave merge or another program wrote. Further "
          "FILEs are shards of the data, of the dump, or of the statistics.\n"
          "Data are .npy files, .npz with an array for each input by its name, IDX or CSV, whose first axis counts "
          "samples; or the name of a data set as in halfwave train, of which --part is taken. They are read piece by "
          "piece: memory does not grow with them. Bytes are divided by 255, other numbers taken as they are.\n"
          "In a dump of 2 or 3 axes the last counts units, in one of 4 axis 1; all others but the first are "
          "positions.\n"},
         {"Verdicts", "For each layer, and the worst of them for the model:\n"
                      "  sick         more than 10 % of the units are dead (--fail-over)   exit 1\n"
                      "  cannot tell  units were silent, in too few samples                 exit 5\n"
                      "  look         more than 1 % are dead                                exit 0\n"
                      "  healthy                                                            exit 0\n"
                      "docs/check.md has the definitions.\n"}},
    .run = run,
};
