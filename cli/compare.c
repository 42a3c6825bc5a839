/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave compare: the same training with several activations and seeds, and what the seeds allow to say. */
#include "training.h"

#include <math.h>
#include <stdio.h>

#include "halfwave/clock.h"
#include "halfwave/memory.h"
#include "report/number.h"
#include "report/plot.h"
#include "report/table.h"

#define ACTS 16

typedef struct comparison {
    char *names[ACTS];
    size_t acts, seeds, done; /* done: runs that ended, in the order of `runs` */
    hwv_data data;
    hwv_cli_run *runs; /* [acts][seeds] */
} comparison;

/* What is compared: epochs to the target where one was asked for, else the test error. */
static double merit(const hwv_cli *cli, const hwv_cli_run *run)
{
    const hwv_train_result *result = &run->result;
    double value = cli->options.train.until_train_error > 0 ? result->epochs_to_target : result->test_error;
    return result->diverged[0] == '\0' && isfinite(value) ? value : INFINITY;
}

typedef struct spread {
    double low, median, high;
} spread;

static spread spread_of(double *values, size_t count)
{
    spread s = {INFINITY, 0, -INFINITY};
    for (size_t i = 0; i < count; i++) {
        s.low = fmin(s.low, values[i]);
        s.high = fmax(s.high, values[i]);
    }
    s.median = hwv_median(values, count);
    return s;
}

/* Over the seeds of one activation. `values` has room for them. */
static spread merit_spread(const hwv_cli *cli, const comparison *c, size_t act, double *values)
{
    for (size_t s = 0; s < c->seeds; s++)
        values[s] = merit(cli, &c->runs[act * c->seeds + s]);
    return spread_of(values, c->seeds);
}

static double test_error_of(const hwv_train_result *result)
{
    return isfinite(result->test_error) ? result->test_error : INFINITY;
}

static double loss_of(const hwv_train_result *result)
{
    return isfinite(result->train_loss) ? result->train_loss : INFINITY;
}

static double ms_of(const hwv_train_result *result)
{
    return result->ms_per_step;
}

/* Of all training steps: to the target where it was reached. */
static double seconds_of(const hwv_train_result *result)
{
    return (double)result->steps * result->ms_per_step / 1000;
}

static double dead_of(const hwv_train_result *result)
{
    size_t dead = 0;
    for (size_t i = 0; i < result->layer_count; i++)
        dead += result->layers[i].dead;
    return (double)dead;
}

static spread result_spread(const comparison *c, size_t act, double (*of)(const hwv_train_result *), double *values)
{
    for (size_t s = 0; s < c->seeds; s++)
        values[s] = of(&c->runs[act * c->seeds + s].result);
    return spread_of(values, c->seeds);
}

static void share_cell(hwv_table *table, spread s, size_t seeds)
{
    if (!isfinite(s.median))
        hwv_table_cell(table, HWV_STYLE_BAD, "diverged");
    else if (seeds == 1)
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", hwv_number_percent(s.median, 1).text);
    else
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%.1f (%.1f-%.1f) %%", 100 * s.median, 100 * s.low, 100 * s.high);
}

static void target_cell(hwv_table *table, spread s, size_t seeds)
{
    int digits = s.median < 10 ? 2 : 1;
    if (!isfinite(s.median))
        hwv_table_cell(table, HWV_STYLE_WARN, "not reached");
    else if (seeds == 1)
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%.*f", digits, s.median);
    else if (!isfinite(s.high))
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%.*f (%.*f-never)", digits, s.median, digits, s.low);
    else
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%.*f (%.*f-%.*f)", digits, s.median, digits, s.low, digits, s.high);
}

static void print_table(hwv_cli *cli, const comparison *c, double *values)
{
    bool target = cli->options.train.until_train_error > 0, picked = isnan(cli->options.train.optimizer.lr);
    hwv_column columns[8] = {{"activation", HWV_LEFT}};
    size_t count = 1;
    if (picked)
        columns[count++] = (hwv_column){"rate", HWV_RIGHT};
    if (target)
        columns[count++] = (hwv_column){"epochs to target", HWV_RIGHT};
    columns[count++] = (hwv_column){"test error", HWV_RIGHT};
    if (!target) /* at the target all have about the same loss */
        columns[count++] = (hwv_column){"loss", HWV_RIGHT};
    columns[count++] = (hwv_column){"dead", HWV_RIGHT};
    columns[count++] = (hwv_column){"us/step", HWV_RIGHT};
    columns[count++] = (hwv_column){"seconds", HWV_RIGHT};
    char subtitle[200], goal[120] = "";
    if (target)
        snprintf(goal, sizeof goal, "; a run ends at the target, %s running training error",
                 hwv_number_of(cli->options.train.until_train_error, HWV_UNIT_SHARE).text);
    if (c->seeds == 1)
        snprintf(subtitle, sizeof subtitle, "one seed%s", goal);
    else
        snprintf(subtitle, sizeof subtitle, "median (range) of %zu seeds%s", c->seeds, goal);
    hwv_table table = {.caption = {.subtitle = subtitle}, .columns = columns, .column_count = count};
    for (size_t a = 0; a < c->acts; a++) {
        const hwv_train_result *first = &c->runs[a * c->seeds].result;
        size_t units = 0;
        for (size_t i = 0; i < first->layer_count; i++)
            units += first->layers[i].units;
        hwv_table_cell(&table, HWV_STYLE_STRONG, "%s", c->names[a]);
        if (picked)
            hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s",
                           hwv_number_plain(c->runs[a * c->seeds].options.optimizer.lr).text);
        if (target)
            target_cell(&table, merit_spread(cli, c, a, values), c->seeds);
        share_cell(&table, result_spread(c, a, test_error_of, values), c->seeds);
        if (!target)
            hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s",
                           hwv_number_plain(result_spread(c, a, loss_of, values).median).text);
        double dead = result_spread(c, a, dead_of, values).median;
        hwv_table_cell(&table, dead > 0 ? HWV_STYLE_BAD : HWV_STYLE_PLAIN, "%.0f of %zu", dead, units);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%.1f", 1000 * result_spread(c, a, ms_of, values).median);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s",
                       hwv_number_plain(result_spread(c, a, seconds_of, values).median).text);
    }
    hwv_table_text(&table, &cli->screen, &cli->out);
    hwv_table_free(&table);
}

/* ---- curves ---- */

/* The epochs that every seed of an activation went through: later ones would show the slow seeds only. */
static size_t common_epochs(const comparison *c, size_t act)
{
    size_t epochs = SIZE_MAX;
    for (size_t s = 0; s < c->seeds; s++) {
        size_t own = c->runs[act * c->seeds + s].result.history_count;
        epochs = own < epochs ? own : epochs;
    }
    return epochs == SIZE_MAX ? 0 : epochs;
}

static hwv_status print_curves(hwv_cli *cli, const comparison *c, double *values, hwv_error *error)
{
    size_t longest = 0, cells;
    for (size_t a = 0; a < c->acts; a++)
        longest = common_epochs(c, a) > longest ? common_epochs(c, a) : longest;
    if (longest < 2)
        return HWV_OK;
    double *memory = NULL;
    if (hwv_size_mul(3 * c->acts, longest, &cells))
        memory = hwv_calloc(cells, sizeof memory[0]);
    if (memory == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the curves");
    hwv_series series[ACTS] = {{0}};
    for (size_t a = 0; a < c->acts; a++) {
        double *low = memory + 3 * a * longest, *middle = low + longest, *high = middle + longest;
        size_t epochs = common_epochs(c, a);
        for (size_t e = 0; e < epochs; e++) {
            for (size_t s = 0; s < c->seeds; s++)
                values[s] = c->runs[a * c->seeds + s].result.history[e].train_loss;
            spread at = spread_of(values, c->seeds);
            low[e] = at.low;
            middle[e] = at.median;
            high[e] = at.high;
        }
        series[a] = (hwv_series){.name = c->names[a],
                                 .y = middle,
                                 .count = epochs,
                                 .first_x = 1,
                                 .low = c->seeds > 1 ? low : NULL,
                                 .high = c->seeds > 1 ? high : NULL};
    }
    char subtitle[300];
    snprintf(subtitle, sizeof subtitle, "%s, %s; %zu seed%s%s", c->data.name, cli->options.model, c->seeds,
             c->seeds == 1 ? "" : "s", c->seeds > 1 ? ", median and range" : "");
    hwv_plot plot = {.caption = {.title = "Training loss", .subtitle = subtitle},
                     .x = {.title = "epoch", .whole = true},
                     .y = {.title = "loss", .log = true},
                     .series = series,
                     .series_count = c->acts,
                     /* Table, picture and verdict on one screen as far as that goes. */
                     .rows = cli->screen.height < 40 ? 13 : 0};
    hwv_text_puts(&cli->out, "\n");
    hwv_plot_text(&plot, &cli->screen, &cli->out);
    hwv_status status = HWV_OK;
    if (cli->options.svg != NULL) {
        hwv_text svg = {0};
        hwv_plot_svg(&plot, &svg);
        status = hwv_svg_save(cli->options.svg, &svg, error);
        hwv_text_free(&svg);
    }
    hwv_free(memory);
    return status;
}

/* ---- what can be said ---- */

/* Chance that K runs all beat K others of equal merit, in one direction or the other: 2 / C(2K, K). */
static double chance(size_t seeds)
{
    double ways = 1;
    for (size_t i = 1; i <= seeds; i++)
        ways = ways * (double)(seeds + i) / (double)i;
    return 2 / ways;
}

static void list_add(hwv_text *list, const char *name)
{
    hwv_text_printf(list, "%s%s", list->length > 0 ? ", " : "", name);
}

static void print_verdict(hwv_cli *cli, const comparison *c, double *values)
{
    spread all[ACTS];
    size_t best = 0;
    for (size_t a = 0; a < c->acts; a++) {
        all[a] = merit_spread(cli, c, a, values);
        if (all[a].median < all[best].median)
            best = a;
    }
    double guess = 1 - 1 / (double)c->data.classes;
    bool target = cli->options.train.until_train_error > 0;
    const char *what = target ? "fewest epochs to the target" : "lowest test error";
    hwv_text text = {0}, worse = {0}, level = {0};
    for (size_t a = 0; a < c->acts; a++)
        if (a != best)
            list_add(all[a].low > all[best].high ? &worse : &level, c->names[a]);
    if (c->acts < 2) {
        hwv_text_puts(&text, "One activation alone: nothing to compare it with (--acts a,b).");
    } else if (!isfinite(all[best].median)) {
        hwv_text_puts(&text, target ? "None reached the target in most of its runs."
                                    : "All diverged in most of their runs: try a smaller --lr.");
    } else if (!target && all[best].median > 0.9 * guess) {
        hwv_text_printf(&text, "None learned anything: guessing is wrong in %s of the cases too. Try a smaller --lr.",
                        hwv_number_of(guess, HWV_UNIT_SHARE).text);
    } else if (c->seeds < 3) {
        hwv_text_printf(&text, "%s has the %s here, but %zu seed%s cannot tell skill from luck: use --seeds 3 or more.",
                        c->names[best], what, c->seeds, c->seeds == 1 ? "" : "s");
    } else {
        hwv_text_printf(&text, "%s has the %s (median).", c->names[best], what);
        if (worse.length > 0)
            hwv_text_printf(&text, " Every seed of it beats every seed of %s (by luck alone: %s for each pair).",
                            worse.data, hwv_number_of(chance(c->seeds), HWV_UNIT_SHARE).text);
        if (level.length > 0)
            hwv_text_printf(&text, " Its range overlaps with %s: %zu seeds do not tell them apart.", level.data,
                            c->seeds);
    }
    text.failed = text.failed || worse.failed || level.failed;
    const char *verdict = hwv_cli_part(&cli->out, &text);
    hwv_text_puts(&cli->out, "\n");
    hwv_term_wrap(&cli->out, &cli->screen, HWV_STYLE_PLAIN, 0, verdict);
    hwv_text_free(&text);
    hwv_text_free(&worse);
    hwv_text_free(&level);
}

static hwv_status print(hwv_cli *cli, const comparison *c, hwv_error *error)
{
    double *values = hwv_calloc(c->seeds, sizeof values[0]);
    if (values == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for %zu seeds", c->seeds);
    print_table(cli, c, values);
    hwv_status status = print_curves(cli, c, values, error);
    print_verdict(cli, c, values);
    hwv_free(values);
    return status;
}

static hwv_status as_json(hwv_cli *cli, const comparison *c, hwv_error *error)
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
    hwv_cli_say(cli, "%s: test error %s%s, %.0f dead", run->label, hwv_number_percent(result->test_error, 2).text,
                target, dead_of(result));
}

static hwv_status run_all(hwv_cli *cli, comparison *c, hwv_error *error)
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

static hwv_status read_acts(hwv_cli *cli, comparison *c, hwv_error *error)
{
    size_t cells = 0;
    c->seeds = cli->options.seeds;
    hwv_act acts[ACTS];
    for (const char *at = cli->options.acts, *entry; at != NULL;) {
        size_t length = hwv_cli_list_next(&at, &entry);
        if (c->acts == ACTS)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--acts: at most %d activations", ACTS);
        if (length == 0)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--acts: an entry is empty; write --acts relu,tanh");
        hwv_text name = {0};
        hwv_text_add(&name, entry, length);
        if (name.failed) {
            hwv_text_free(&name);
            return hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
        }
        c->names[c->acts++] = name.data;
        HWV_TRY(hwv_act_parse(&acts[c->acts - 1], name.data, error));
    }
    if (hwv_size_mul(c->acts, c->seeds, &cells))
        c->runs = hwv_calloc(cells, sizeof c->runs[0]);
    if (c->runs == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for %zu runs of each of %zu activations", c->seeds, c->acts);
    for (size_t i = 0; i < cells; i++) {
        c->runs[i].act_name = c->names[i / c->seeds];
        c->runs[i].act = acts[i / c->seeds];
        c->runs[i].options = cli->options.train;
    }
    return HWV_OK;
}

static hwv_status compare(hwv_cli *cli, comparison *c, hwv_error *error)
{
    HWV_TRY(hwv_cli_training_check(cli, error));
    HWV_TRY(read_acts(cli, c, error));
    HWV_TRY(hwv_cli_data_open(cli, &c->data, NULL, error));
    c->runs[0].announce = cli->options.acts;
    hwv_status status = run_all(cli, c, error);
    if (status != HWV_OK && status != HWV_ERR_INTERRUPTED)
        return status;
    if (cli->options.json) {
        hwv_error late;
        hwv_status shown = as_json(cli, c, &late);
        return status != HWV_OK || shown == HWV_OK ? status : hwv_fail(error, shown, "%s", late.text);
    }
    return status == HWV_OK ? print(cli, c, error) : status;
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    comparison c = {0};
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
                 {"halfwave compare --acts relu,prelu --lr 1 --svg loss.svg",
                  "at a large rate; the curves as a picture"}},
    .description = "Trains the same network once for each activation and seed, everything else being equal, and shows "
                   "medians and ranges over the seeds, the curves of the loss, dead units, and the seconds that the "
                   "training steps took.\n"
                   "The last lines say which differences the seeds support. One learning rate for all activations is "
                   "not fair to all of them: --lr auto picks one for each, before its runs. It tries five rates or "
                   "more, a factor of three apart, in runs of a quarter of the length (100 to 300 steps) with three "
                   "seeds that the real runs do not use, and takes the one with the lowest median loss at their end. "
                   "A rate at which one of them diverges is out.\n",
    .run = run,
};
