/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave compare: the same training with several activations and seeds, and what the seeds allow to say. */
#include "compare.h"

#include <math.h>
#include <stdio.h>

#include "halfwave/memory.h"
#include "report/number.h"

static hwv_status as_json(hwv_cli *cli, const hwv_cli_comparison *c, hwv_error *error)
{
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_json_key(&json, "runs");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < c->done; i++) {
        hwv_json_begin_object(&json);
        hwv_cli_run_json(&c->runs[i], &json);
        hwv_json_end(&json);
    }
    hwv_json_end(&json);
    hwv_cli_data_json(&c->data, &json);
    hwv_cli_json_options(cli, &json);
    return hwv_cli_json_end(&json, error);
}

/* ---- runs ---- */

static void say_done(hwv_cli *cli, const hwv_cli_run *run)
{
    const hwv_train_result *result = &run->result;
    if (result->diverged[0] != '\0') {
        hwv_cli_say(cli, "%s: diverged: %s", run->label, result->diverged);
        return;
    }
    char target[60] = "";
    if (run->options.until_train_error > 0 && isfinite(result->epochs_to_target))
        snprintf(target, sizeof target, ", target after %.2f epochs", result->epochs_to_target);
    else if (run->options.until_train_error > 0)
        snprintf(target, sizeof target, ", target missed");
    hwv_cli_say(cli, "%s: test error %s%s, %zu dead", run->label, hwv_number_percent(result->test_error, 2).text,
                target, hwv_cli_dead(result));
}

static hwv_status run_all(hwv_cli *cli, hwv_cli_comparison *c, hwv_error *error)
{
    const volatile int *interrupt = hwv_cli_catch_interrupt();
    for (size_t i = 0; i < c->acts * c->seeds; i++) {
        hwv_cli_run *run = &c->runs[i];
        char label[100];
        run->options.seed = cli->options.train.seed + i % c->seeds;
        run->options.interrupt = interrupt;
        run->data = &c->data;
        run->label = label;
        run->number = i;
        run->of = c->acts * c->seeds;
        if (i % c->seeds > 0) /* as picked for the first seed, if one was picked */
            run->options.optimizer.lr = c->runs[i - 1].options.optimizer.lr;
        snprintf(label, sizeof label, "%s, seed %llu", run->act_name, (unsigned long long)run->options.seed);
        hwv_status status = hwv_cli_run_once(cli, run, error);
        if (status == HWV_ERR_NUMERIC && run->result.diverged[0] != '\0') {
            cli->finding = HWV_EXIT_FINDING;
            status = HWV_OK;
        }
        if (status == HWV_OK)
            say_done(cli, run);
        run->label = NULL;
        if (status == HWV_OK || run->result.interrupted)
            c->done++;
        HWV_TRY(status);
    }
    return HWV_OK;
}

/* --cures: which, in their order. */
static hwv_status read_cures(const hwv_cli *cli, hwv_cure cures[HWV_CURE_COUNT], size_t *count, hwv_error *error)
{
    for (const char *at = cli->options.cures, *entry; at != NULL;) {
        char name[32];
        size_t length = hwv_cli_list_next(&at, &entry);
        if (*count == HWV_CURE_COUNT)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--cures: at most %d cures", HWV_CURE_COUNT);
        snprintf(name, sizeof name, "%.*s", (int)(length < 31 ? length : 31), entry);
        hwv_status status = hwv_cure_find(&cures[(*count)++], name, error);
        if (status != HWV_OK)
            return hwv_fail_prefix(error, status, "--cures: ");
    }
    if (*count == 0)
        cures[(*count)++] = HWV_CURE_NONE;
    return HWV_OK;
}

/* A row of the comparison: an activation with a cure. */
typedef struct row {
    hwv_model_act act;
    hwv_cure cure;
} row;

static hwv_status row_add(hwv_cli *cli, hwv_cli_comparison *c, row *rows, const char *entry, size_t length,
                          hwv_cure cure, hwv_error *error)
{
    if (c->acts == HWV_CLI_ACTS)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "at most %d activations, or pairs of an activation and a cure",
                        HWV_CLI_ACTS);
    hwv_text name = {0};
    hwv_text_add(&name, entry, length);
    hwv_status status = name.failed ? HWV_ERR_MEMORY : hwv_model_act_parse(&rows[c->acts].act, name.data, error);
    if (cli->options.cures != NULL)
        hwv_text_printf(&name, " + %s", hwv_cure_name(cure));
    if (name.failed) {
        hwv_text_free(&name);
        return hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
    }
    rows[c->acts].cure = cure;
    c->names[c->acts++] = name.data;
    hwv_model_act cured = rows[c->acts - 1].act;
    return status == HWV_OK ? hwv_cure_act(&cured, cure, error) : status;
}

static hwv_status read_acts(hwv_cli *cli, hwv_cli_comparison *c, hwv_error *error)
{
    size_t cells = 0, cure_count = 0;
    hwv_cure cures[HWV_CURE_COUNT];
    row rows[HWV_CLI_ACTS];
    c->seeds = cli->options.seeds;
    HWV_TRY(read_cures(cli, cures, &cure_count, error));
    for (const char *at = cli->options.acts, *entry; at != NULL;) {
        size_t length = hwv_cli_list_next(&at, &entry);
        if (length == 0)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--acts: an entry is empty; write --acts relu,tanh");
        for (size_t i = 0; i < cure_count; i++)
            HWV_TRY(row_add(cli, c, rows, entry, length, cures[i], error));
    }
    if (hwv_size_mul(c->acts, c->seeds, &cells))
        c->runs = hwv_calloc(cells, sizeof c->runs[0]);
    if (c->runs == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for %zu runs of each of %zu activations", c->seeds, c->acts);
    for (size_t i = 0; i < cells; i++) {
        c->runs[i].act_name = c->names[i / c->seeds];
        c->runs[i].act = rows[i / c->seeds].act;
        c->runs[i].options.cure = rows[i / c->seeds].cure;
    }
    return HWV_OK;
}

/* Data, and the options that it and the models settle. */
static hwv_status open(hwv_cli *cli, hwv_cli_comparison *c, hwv_error *error)
{
    HWV_TRY(hwv_cli_data_open(cli, &c->data, NULL, error));
    c->runs[0].data = &c->data;
    HWV_TRY(hwv_cli_run_build(cli, &c->runs[0], error));
    hwv_cli_defaults_settle(cli, &c->runs[0].model);
    for (size_t i = 0; i < c->acts * c->seeds; i++) {
        const hwv_cure cure = c->runs[i].options.cure;
        c->runs[i].options = cli->options.train;
        c->runs[i].options.cure = cure;
    }
    return HWV_OK;
}

static hwv_status compare(hwv_cli *cli, hwv_cli_comparison *c, hwv_error *error)
{
    HWV_TRY(hwv_cli_training_check(cli, error));
    if (hwv_cli_trains_file(cli))
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "--model: '%.200s' has activations of its own; to compare them takes layers",
                        cli->options.model);
    if (cli->options.cures != NULL && !hwv_cli_given(cli, "acts"))
        cli->options.acts = "relu";
    HWV_TRY(read_acts(cli, c, error));
    HWV_TRY(open(cli, c, error));
    c->runs[0].announce = cli->options.acts;
    hwv_status status = run_all(cli, c, error);
    if (status != HWV_OK && status != HWV_ERR_INTERRUPTED)
        return status;
    if (cli->options.json) {
        hwv_error late;
        hwv_status shown = as_json(cli, c, &late);
        if (status == HWV_OK && shown != HWV_OK)
            return hwv_fail(error, shown, "%s", late.text);
    }
    return status == HWV_OK ? hwv_cli_comparison_show(cli, c, error) : status;
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    hwv_cli_comparison c = {0};
    hwv_status status = compare(cli, &c, error);
    for (size_t i = 0; c.runs != NULL && i < c.acts * c.seeds; i++)
        hwv_cli_run_free(&c.runs[i]);
    hwv_free(c.runs);
    for (size_t i = 0; i < c.acts; i++)
        hwv_free(c.names[i]);
    hwv_data_close(&c.data);
    return status;
}

const hwv_cli_command hwv_cli_compare = {
    .name = "compare",
    .sentence = "the same training with several activations and seeds",
    .operands = "",
    .examples = {{"halfwave compare --acts relu,leaky_relu,tanh --seeds 3 --epochs 10",
                  "nine short runs on the built-in handwritten digits"},
                 {"halfwave compare --acts relu,sigmoid --until-train-error 2% --epochs 40",
                  "how many epochs each needs until 2 % of the samples are wrong in training"},
                 {"halfwave compare --lr auto --until-train-error 2% --epochs 40",
                  "each at a rate of its own, picked on short runs"},
                 {"halfwave compare --cures none,recycle,prelu,rate --optimizer adam --lr 0.03",
                  "relu at a rate that kills units, and what may be done about it"}},
    .description = "Trains the same network once for each activation and seed, everything else being equal, and shows "
                   "medians and ranges over the seeds, the curves of the loss, dead units, and the seconds that the "
                   "training steps took.\n"
                   "The last lines say which differences the seeds support. One learning rate for all activations is "
                   "not fair to all of them: --lr auto picks one for each, before its runs. It tries about six "
                   "rates in runs of a quarter of the length (100 to 300 steps; more where these show nothing) with "
                   "three seeds that the real runs do not use, and takes the middle of those that bring the loss down "
                   "most, away from the rate at which runs diverge.\n",
    .run = run,
};
