/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave compare: the same training with several activations and seeds, and what the seeds allow to say. */
#include "compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    if (run->data->block > 0) {
        hwv_cli_say(cli, "%s: validation loss %s%s, %zu dead", run->label,
                    hwv_cli_loss(run->data, result->test_loss).text, target, hwv_cli_dead(result));
        return;
    }
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

/* What rows differ in. */
typedef struct row {
    hwv_model_act act;
    hwv_cure cure;
    hwv_norm norm;
    double lr;
} row;

/* Rows so far, and for each of them its name. */
typedef struct rows {
    row row[HWV_CLI_ACTS];
    char *names[HWV_CLI_ACTS];
    size_t count;
} rows;

static void names_free(rows *r)
{
    for (size_t i = 0; i < r->count; i++)
        hwv_free(r->names[i]);
    r->count = 0;
}

/* What an entry of a list makes of a row; the way its name goes on. */
typedef hwv_status row_vary(row *of, const char *entry, hwv_text *name, hwv_error *error);

static hwv_status vary_act(row *of, const char *entry, hwv_text *name, hwv_error *error)
{
    hwv_text_puts(name, entry);
    return hwv_model_act_parse(&of->act, entry, error);
}

static hwv_status vary_cure(row *of, const char *entry, hwv_text *name, hwv_error *error)
{
    HWV_TRY(hwv_cure_find(&of->cure, entry, error));
    hwv_text_printf(name, " + %s", hwv_cure_name(of->cure));
    hwv_model_act cured = of->act;
    return hwv_cure_act(&cured, of->cure, error);
}

static hwv_status vary_norm(row *of, const char *entry, hwv_text *name, hwv_error *error)
{
    HWV_TRY(hwv_norm_find(&of->norm, entry, error));
    hwv_text_printf(name, ", norm %s", hwv_norm_name(of->norm));
    return HWV_OK;
}

static hwv_status vary_rate(row *of, const char *entry, hwv_text *name, hwv_error *error)
{
    char *end;
    of->lr = strtod(entry, &end);
    hwv_text_printf(name, ", lr %s", entry);
    if (end != entry && *end == '\0' && of->lr > 0 && of->lr <= 1e6)
        return HWV_OK;
    return hwv_fail(error, HWV_ERR_ARGUMENT, "'%.40s' is not a rate; numbers over 0 are accepted", entry);
}

/* Each row once with each entry of a list; NULL: rows stay as they are. */
static hwv_status rows_vary(rows *r, const char *option, const char *list, row_vary *vary, hwv_error *error)
{
    rows before = *r;
    hwv_status status = HWV_OK;
    if (list == NULL)
        return HWV_OK;
    r->count = 0;
    for (size_t i = 0; i < before.count && status == HWV_OK; i++)
        for (const char *at = list, *entry; at != NULL && status == HWV_OK;) {
            const size_t length = hwv_cli_list_next(&at, &entry);
            hwv_text name = {0}, word = {0};
            if (r->count == HWV_CLI_ACTS) {
                status = hwv_fail(error, HWV_ERR_ARGUMENT, "%d rows at most are compared", HWV_CLI_ACTS);
                break;
            }
            hwv_text_add(&word, entry, length);
            hwv_text_puts(&name, before.names[i]);
            r->row[r->count] = before.row[i];
            if (length == 0)
                status = hwv_fail(error, HWV_ERR_ARGUMENT, "an entry is empty; write --%s A,B", option);
            else if (word.failed)
                status = hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
            else
                status = vary(&r->row[r->count], word.data, &name, error);
            hwv_text_free(&word);
            if (status == HWV_OK && name.failed)
                status = hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
            if (status == HWV_OK)
                r->names[r->count++] = name.data;
            else
                hwv_text_free(&name);
        }
    names_free(&before);
    return status == HWV_OK ? status : hwv_fail_prefix(error, status, "--%s: ", option);
}

/* The product of all lists. */
static hwv_status read_rows(const hwv_cli *cli, rows *r, hwv_error *error)
{
    const hwv_cli_options *o = &cli->options;
    r->names[0] = hwv_strdup("");
    if (r->names[0] == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
    r->count = 1;
    r->row[0] = (row){.cure = HWV_CURE_NONE, .norm = o->norm, .lr = o->train.optimizer.lr};
    HWV_TRY(rows_vary(r, "acts", o->acts, vary_act, error));
    HWV_TRY(rows_vary(r, "cures", o->cures, vary_cure, error));
    HWV_TRY(rows_vary(r, "norms", o->norms, vary_norm, error));
    return rows_vary(r, "lrs", o->lrs, vary_rate, error);
}

static hwv_status runs_make(hwv_cli *cli, hwv_cli_comparison *c, hwv_error *error)
{
    rows r = {.count = 0};
    size_t cells = 0;
    const hwv_status status = read_rows(cli, &r, error);
    c->seeds = cli->options.seeds;
    c->acts = r.count;
    memcpy(c->names, r.names, sizeof r.names);
    HWV_TRY(status);
    if (hwv_size_mul(c->acts, c->seeds, &cells))
        c->runs = hwv_calloc(cells, sizeof c->runs[0]);
    if (c->runs == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for %zu runs of each of %zu rows", c->seeds, c->acts);
    for (size_t i = 0; i < cells; i++) {
        const row *of = &r.row[i / c->seeds];
        c->runs[i].act_name = c->names[i / c->seeds];
        c->runs[i].act = of->act;
        c->runs[i].norm = of->norm;
        c->runs[i].options.cure = of->cure;
        c->runs[i].options.optimizer.lr = of->lr;
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
        const hwv_train_options own = c->runs[i].options;
        c->runs[i].options = cli->options.train;
        c->runs[i].options.cure = own.cure;
        if (cli->options.lrs != NULL)
            c->runs[i].options.optimizer.lr = own.optimizer.lr;
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
    if ((cli->options.cures != NULL || cli->options.norms != NULL || cli->options.lrs != NULL) &&
        !hwv_cli_given(cli, "acts"))
        cli->options.acts = "relu";
    if (cli->options.lrs != NULL && hwv_cli_given(cli, "lr"))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--lr and --lrs contradict each other: one of them is accepted");
    HWV_TRY(runs_make(cli, c, error));
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
                  "relu at a rate that kills units, and what may be done about it"},
                 {"halfwave compare --data text --norms layer,none --max-steps 500",
                  "what a norm does to the units of a transformer"}},
    .description =
        "Trains the same network once for each activation and seed, everything else being equal; with lists of cures, "
        "norms or rates, too, once for each of their combinations. It shows "
        "medians and ranges over the seeds, the curves of the loss, dead units, and the seconds that the "
        "training steps took.\n"
        "The last lines say which differences the seeds support. One learning rate for all activations is "
        "not fair to all of them: --lr auto picks one for each, before its runs. It tries about six "
        "rates in runs of a quarter of the length (100 to 300 steps; more where these show nothing) with "
        "three seeds that the real runs do not use, and takes the middle of those that bring the loss down "
        "most, away from the rate at which runs diverge.\n",
    .run = run,
};
