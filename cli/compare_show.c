/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a comparison shows: medians and ranges, curves, and what the seeds allow to say. */
#include "compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/clock.h"
#include "halfwave/memory.h"
#include "report/file.h"
#include "report/number.h"
#include "report/plot.h"
#include "report/table.h"

static bool of_text(const hwv_cli_comparison *c)
{
    return c->data.block > 0;
}

/* What is compared: epochs to the target where one was asked for, else of text the validation loss, or the test error. */
static double merit(const hwv_cli *cli, const hwv_cli_run *run)
{
    const hwv_train_result *result = &run->result;
    double value = cli->options.train.until_train_error > 0 ? result->epochs_to_target
                   : run->data->block > 0                   ? result->test_loss
                                                            : result->test_error;
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
static spread merit_spread(const hwv_cli *cli, const hwv_cli_comparison *c, size_t act, double *values)
{
    for (size_t s = 0; s < c->seeds; s++)
        values[s] = merit(cli, &c->runs[act * c->seeds + s]);
    return spread_of(values, c->seeds);
}

static double test_error_of(const hwv_train_result *result)
{
    return isfinite(result->test_error) ? result->test_error : INFINITY;
}

static double test_loss_of(const hwv_train_result *result)
{
    return isfinite(result->test_loss) ? result->test_loss : INFINITY;
}

/* Share of the outputs of all activations. */
static double zeros_of(const hwv_train_result *result)
{
    double zeros = 0, all = 0;
    for (size_t l = 0; l < result->layer_count; l++) {
        const double entries = (double)result->layers[l].looks * (double)result->layers[l].units;
        zeros += result->layers[l].zeros * entries;
        all += entries;
    }
    return all > 0 ? zeros / all : 0;
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
    return (double)hwv_cli_dead(result);
}

static spread result_spread(const hwv_cli_comparison *c, size_t act, double (*of)(const hwv_train_result *),
                            double *values)
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

static void loss_cell(hwv_table *table, spread s, size_t seeds)
{
    if (!isfinite(s.median))
        hwv_table_cell(table, HWV_STYLE_BAD, "diverged");
    else if (seeds == 1)
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%.3f", s.median);
    else
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%.3f (%.3f-%.3f)", s.median, s.low, s.high);
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

/* How good a row is; of text with the zeros of its activations. */
static void quality_cells(hwv_table *table, const hwv_cli_comparison *c, size_t act, bool target, double *values)
{
    if (of_text(c)) {
        const spread loss = result_spread(c, act, test_loss_of, values);
        loss_cell(table, loss, c->seeds);
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", hwv_number_digits(exp(loss.median), 4).text);
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s",
                       hwv_number_percent(result_spread(c, act, zeros_of, values).median, 1).text);
        return;
    }
    share_cell(table, result_spread(c, act, test_error_of, values), c->seeds);
    if (!target)
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s",
                       hwv_number_plain(result_spread(c, act, loss_of, values).median).text);
}

static void show_table(hwv_cli *cli, const hwv_cli_comparison *c, hwv_page *page, double *values)
{
    bool target = cli->options.train.until_train_error > 0, picked = isnan(cli->options.train.optimizer.lr);
    hwv_column columns[9] = {{"activation", HWV_LEFT}};
    size_t count = 1;
    if (picked)
        columns[count++] = (hwv_column){"rate", HWV_RIGHT};
    if (target)
        columns[count++] = (hwv_column){"epochs to target", HWV_RIGHT};
    columns[count++] = (hwv_column){of_text(c) ? "validation loss" : "test error", HWV_RIGHT};
    if (of_text(c))
        columns[count++] = (hwv_column){"perplexity", HWV_RIGHT};
    else if (!target) /* at the target all have about the same loss */
        columns[count++] = (hwv_column){"loss", HWV_RIGHT};
    if (of_text(c))
        columns[count++] = (hwv_column){"zeros", HWV_RIGHT};
    columns[count++] = (hwv_column){"dead", HWV_RIGHT};
    if (!of_text(c)) /* names of rows and ranges of losses are wide */
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
        hwv_table_cell(&table, HWV_STYLE_STRONG, "%s", c->names[a]);
        if (picked)
            hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s",
                           hwv_number_plain(c->runs[a * c->seeds].options.optimizer.lr).text);
        if (target)
            target_cell(&table, merit_spread(cli, c, a, values), c->seeds);
        quality_cells(&table, c, a, target, values);
        double dead = result_spread(c, a, dead_of, values).median;
        hwv_table_cell(&table, dead > 0 ? HWV_STYLE_BAD : HWV_STYLE_PLAIN, "%.0f of %zu", dead,
                       hwv_cli_units(&c->runs[a * c->seeds].result));
        if (!of_text(c))
            hwv_table_cell(&table, HWV_STYLE_PLAIN, "%.1f", 1000 * result_spread(c, a, ms_of, values).median);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s",
                       hwv_number_plain(result_spread(c, a, seconds_of, values).median).text);
    }
    hwv_cli_show_table(cli, page, &table);
    hwv_table_free(&table);
}

/* ---- curves ---- */

/* The epochs that every seed of an activation went through: later ones would show the slow seeds only. */
static size_t common_epochs(const hwv_cli_comparison *c, size_t act)
{
    size_t epochs = SIZE_MAX;
    for (size_t s = 0; s < c->seeds; s++) {
        size_t own = c->runs[act * c->seeds + s].result.history_count;
        epochs = own < epochs ? own : epochs;
    }
    return epochs == SIZE_MAX ? 0 : epochs;
}

static double epoch_loss(const hwv_epoch_stats *epoch)
{
    return epoch->train_loss;
}

static double epoch_test_loss(const hwv_epoch_stats *epoch)
{
    return epoch->test_loss;
}

static double epoch_test_error(const hwv_epoch_stats *epoch)
{
    return epoch->test_error;
}

/* Median and range over the seeds, by epoch. Owns `memory`. */
typedef struct curves {
    hwv_series series[HWV_CLI_ACTS];
    double *memory;
} curves;

/* `longest`: epochs of the longest curve. */
static hwv_status curves_open(curves *all, const hwv_cli_comparison *c, double (*of)(const hwv_epoch_stats *),
                              size_t longest, double *values, hwv_error *error)
{
    size_t cells;
    memset(all, 0, sizeof *all);
    if (hwv_size_mul(3 * c->acts, longest, &cells))
        all->memory = hwv_calloc(cells, sizeof all->memory[0]);
    if (all->memory == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the curves");
    for (size_t a = 0; a < c->acts; a++) {
        double *low = all->memory + 3 * a * longest, *middle = low + longest, *high = middle + longest;
        size_t epochs = common_epochs(c, a);
        for (size_t e = 0; e < epochs; e++) {
            for (size_t s = 0; s < c->seeds; s++)
                values[s] = of(&c->runs[a * c->seeds + s].result.history[e]);
            spread at = spread_of(values, c->seeds);
            low[e] = at.low;
            middle[e] = at.median;
            high[e] = at.high;
        }
        all->series[a] = (hwv_series){.name = c->names[a],
                                      .y = middle,
                                      .count = epochs,
                                      .first_x = 1,
                                      .low = c->seeds > 1 ? low : NULL,
                                      .high = c->seeds > 1 ? high : NULL};
    }
    return HWV_OK;
}

/* What a point of a curve is. */
static const char *round_of(const hwv_cli_comparison *c)
{
    return c->runs[0].options.eval_every > 0 ? "round" : "epoch";
}

static void setting(const hwv_cli *cli, const hwv_cli_comparison *c, char *text, size_t size)
{
    snprintf(text, size, "%s, %s; %zu seed%s", c->data.name, cli->options.model, c->seeds, c->seeds == 1 ? "" : "s");
}

static hwv_status show_loss(hwv_cli *cli, const hwv_cli_comparison *c, hwv_page *page, size_t longest, double *values,
                            hwv_error *error)
{
    curves all;
    HWV_TRY(curves_open(&all, c, epoch_loss, longest, values, error));
    char subtitle[300], set[260];
    setting(cli, c, set, sizeof set);
    snprintf(subtitle, sizeof subtitle, "%s%s", set, c->seeds > 1 ? ", median and range" : "");
    hwv_plot plot = {.caption = {.title = "Training loss", .subtitle = subtitle},
                     .x = {.title = round_of(c), .whole = true},
                     .y = {.title = "loss", .log = true},
                     .series = all.series,
                     .series_count = c->acts,
                     /* Table, picture and verdict on one screen as far as that goes. */
                     .rows = cli->screen.height < 40 ? 13 : 0};
    hwv_cli_show_plot(cli, page, &plot);
    hwv_status status = HWV_OK;
    if (cli->options.svg != NULL) {
        hwv_text svg = {0};
        hwv_plot_svg(&plot, &svg);
        status = hwv_report_save(cli->options.svg, &svg, error);
        hwv_text_free(&svg);
    }
    hwv_free(all.memory);
    return status;
}

/* For the page alone: the screen has the table. */
static hwv_status page_test_error(const hwv_cli *cli, const hwv_cli_comparison *c, hwv_page *page, size_t longest,
                                  double *values, hwv_error *error)
{
    const bool text = of_text(c);
    curves all;
    HWV_TRY(curves_open(&all, c, text ? epoch_test_loss : epoch_test_error, longest, values, error));
    char subtitle[300], set[260];
    setting(cli, c, set, sizeof set);
    snprintf(subtitle, sizeof subtitle, "%s%s; %zu test samples", set, c->seeds > 1 ? ", median and range" : "",
             c->data.test.count);
    hwv_plot plot = {.caption = {.title = text ? "Validation loss" : "Test error", .subtitle = subtitle},
                     .x = {.title = round_of(c), .whole = true},
                     .y = {.title = text ? "loss" : "share wrong", .unit = text ? HWV_UNIT_PLAIN : HWV_UNIT_SHARE},
                     .series = all.series,
                     .series_count = c->acts};
    hwv_page_plot(page, &plot);
    hwv_free(all.memory);
    return HWV_OK;
}

/* ---- bars, for the page ---- */

static void page_bars(const hwv_cli *cli, const hwv_cli_comparison *c, hwv_page *page, double *values)
{
    bool target = cli->options.train.until_train_error > 0, missed = false;
    double medians[HWV_CLI_ACTS];
    size_t colors[HWV_CLI_ACTS];
    const char *groups[HWV_CLI_ACTS];
    for (size_t a = 0; a < c->acts; a++) {
        double median = merit_spread(cli, c, a, values).median;
        medians[a] = isfinite(median) ? median : NAN;
        missed = missed || !isfinite(median);
        colors[a] = 1 + a % HWV_PALETTE;
        groups[a] = c->names[a];
    }
    char subtitle[300], set[260];
    setting(cli, c, set, sizeof set);
    snprintf(subtitle, sizeof subtitle, "%s%s", set, c->seeds > 1 ? ", median" : "");
    const char *const title = target       ? "Epochs to the target"
                              : of_text(c) ? "Validation loss after the last step"
                                           : "Test error after the last step";
    hwv_bars bars = {.caption = {.title = title, .subtitle = subtitle},
                     .axis = {.title = target       ? "epochs"
                                       : of_text(c) ? "loss"
                                                    : "share wrong",
                              .unit = target || of_text(c) ? HWV_UNIT_PLAIN : HWV_UNIT_SHARE},
                     .groups = groups,
                     .group_count = c->acts,
                     .series_count = 1,
                     .values = medians,
                     .colors = colors};
    if (missed)
        bars.caption.note = target ? "n/a: not reached in most of the runs." : "n/a: most of the runs diverged.";
    hwv_page_bars(page, &bars);
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
    hwv_text_printf(list, "%s%s", list->length == 0 ? "" : strchr(name, ',') ? "; " : ", ", name);
}

/* One or more sentences. */
static void judge(const hwv_cli *cli, const hwv_cli_comparison *c, double *values, hwv_text *said)
{
    spread all[HWV_CLI_ACTS];
    size_t best = 0;
    for (size_t a = 0; a < c->acts; a++) {
        all[a] = merit_spread(cli, c, a, values);
        if (all[a].median < all[best].median)
            best = a;
    }
    double guess = of_text(c) ? log((double)c->data.classes) : 1 - 1 / (double)c->data.classes;
    bool target = cli->options.train.until_train_error > 0;
    const char *what = target       ? "fewest epochs to the target"
                       : of_text(c) ? "lowest validation loss"
                                    : "lowest test error";
    hwv_text worse = {0}, level = {0};
    for (size_t a = 0; a < c->acts; a++)
        if (a != best)
            list_add(all[a].low > all[best].high ? &worse : &level, c->names[a]);
    if (c->acts < 2) {
        hwv_text_puts(said, "One activation alone: nothing to compare it with (--acts a,b).");
    } else if (!isfinite(all[best].median)) {
        hwv_text_puts(said, target ? "None reached the target in most of its runs."
                                   : "All diverged in most of their runs: try a smaller --lr.");
    } else if (!target && of_text(c) && all[best].median > 0.98 * guess) {
        hwv_text_printf(said, "None learned anything: guessing has a loss of %s too. Try another --lr.",
                        hwv_number_digits(guess, 3).text);
    } else if (!target && !of_text(c) && all[best].median > 0.9 * guess) {
        hwv_text_printf(said, "None learned anything: guessing is wrong in %s of the cases too. Try a smaller --lr.",
                        hwv_number_of(guess, HWV_UNIT_SHARE).text);
    } else if (c->seeds < 3) {
        hwv_text_printf(said, "%s has the %s here, but %zu seed%s cannot tell skill from luck: use --seeds 3 or more.",
                        c->names[best], what, c->seeds, c->seeds == 1 ? "" : "s");
    } else {
        hwv_text_printf(said, "%s has the %s (median).", c->names[best], what);
        if (worse.length > 0)
            hwv_text_printf(said, " Every seed of it beats every seed of %s (by luck alone: %s for each pair).",
                            worse.data, hwv_number_of(chance(c->seeds), HWV_UNIT_SHARE).text);
        if (level.length > 0)
            hwv_text_printf(said, " Its range overlaps with %s: %zu seeds do not tell them apart.", level.data,
                            c->seeds);
    }
    said->failed = said->failed || worse.failed || level.failed;
    hwv_text_free(&worse);
    hwv_text_free(&level);
}

/* ---- the whole ---- */

/* How a run ended, "" for as usual. */
static void ended_cell(hwv_table *table, const hwv_cli_run *run)
{
    const hwv_train_result *result = &run->result;
    if (result->diverged[0] != '\0')
        hwv_table_cell(table, HWV_STYLE_BAD, "diverged");
    else if (run->options.until_train_error <= 0)
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", "");
    else if (isfinite(result->epochs_to_target))
        hwv_table_cell(table, HWV_STYLE_PLAIN, "at the target, after %.2f epochs", result->epochs_to_target);
    else
        hwv_table_cell(table, HWV_STYLE_WARN, "target missed");
}

/* Every run on a line, folded. */
static void page_runs(const hwv_cli *cli, const hwv_cli_comparison *c, hwv_page *page)
{
    static const hwv_column columns[] = {{"activation", HWV_LEFT},  {"seed", HWV_RIGHT},
                                         {"rate", HWV_RIGHT},       {"epochs", HWV_RIGHT},
                                         {"loss", HWV_RIGHT},       {"training error", HWV_RIGHT},
                                         {"dead", HWV_RIGHT},       {"test loss", HWV_RIGHT},
                                         {"test error", HWV_RIGHT}, {"ended", HWV_LEFT}};
    bool ended = cli->options.train.until_train_error > 0;
    for (size_t i = 0; i < c->done; i++)
        ended = ended || c->runs[i].result.diverged[0] != '\0';
    hwv_table table = {.columns = columns, .column_count = sizeof columns / sizeof columns[0] - !ended};
    for (size_t i = 0; i < c->done; i++) {
        const hwv_cli_run *run = &c->runs[i];
        const hwv_train_result *result = &run->result;
        hwv_table_cell(&table, HWV_STYLE_STRONG, "%s", run->act_name);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%llu", (unsigned long long)run->options.seed);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_number_plain(run->options.optimizer.lr).text);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%zu", result->epochs);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_number_plain(result->train_loss).text);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_number_percent(result->train_error, 2).text);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%zu", hwv_cli_dead(result));
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_cli_loss(run->data, result->test_loss).text);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_number_percent(result->test_error, 2).text);
        if (ended)
            ended_cell(&table, run);
    }
    hwv_page_table(page, &table, "Every run");
    hwv_table_free(&table);
}

static hwv_status save(hwv_cli *cli, const hwv_cli_comparison *c, hwv_page *page, hwv_error *error)
{
    hwv_text title = {0}, lead = {0};
    for (size_t a = 0; a < c->acts; a++)
        hwv_text_printf(&title, "%s%s", a == 0 ? "" : a + 1 < c->acts ? ", " : " and ", c->names[a]);
    hwv_text_printf(&title, " on %s", c->data.name);
    const bool acts = cli->options.cures == NULL && cli->options.norms == NULL && cli->options.lrs == NULL;
    hwv_text_printf(&lead, "The same network, trained with each of %zu %s and %zu seed%s.", c->acts,
                    acts ? "activations" : "settings", c->seeds, c->seeds == 1 ? "" : "s");
    hwv_page_section(page, "runs", "Runs");
    page_runs(cli, c, page);
    hwv_cli_page_options(cli, page);
    hwv_cli_page_closing(cli, page);
    hwv_page_head head = {
        .kind = "compare", .title = hwv_cli_part(&page->body, &title), .lead = hwv_cli_part(&page->body, &lead)};
    hwv_status status = hwv_cli_page_save(cli, page, &head, error);
    hwv_text_free(&title);
    hwv_text_free(&lead);
    return status;
}

static hwv_status show(hwv_cli *cli, const hwv_cli_comparison *c, hwv_page *page, double *values, hwv_error *error)
{
    size_t longest = 0;
    for (size_t a = 0; a < c->acts; a++)
        longest = common_epochs(c, a) > longest ? common_epochs(c, a) : longest;
    hwv_text said = {0};
    judge(cli, c, values, &said);
    const char *verdict = hwv_cli_part(&cli->out, &said);
    if (page != NULL) {
        hwv_page_mark mark = {.word = "What the seeds allow to say"};
        hwv_page_verdict(page, &mark, verdict, NULL);
        hwv_cli_training_facts(cli, &c->data, cli->options.acts, page);
        hwv_page_section(page, "results", "Results");
    }
    show_table(cli, c, page, values);
    if (page != NULL)
        page_bars(cli, c, page, values);
    hwv_status status = HWV_OK;
    if (longest >= 2) {
        hwv_cli_show_gap(cli);
        status = show_loss(cli, c, page, longest, values, error);
        if (status == HWV_OK && page != NULL && c->data.test.count > 0)
            status = page_test_error(cli, c, page, longest, values, error);
    }
    hwv_cli_show_gap(cli);
    if (!cli->options.json)
        hwv_term_wrap(&cli->out, &cli->screen, HWV_STYLE_PLAIN, 0, verdict);
    hwv_text_free(&said);
    return status == HWV_OK && page != NULL ? save(cli, c, page, error) : status;
}

hwv_status hwv_cli_comparison_show(hwv_cli *cli, const hwv_cli_comparison *c, hwv_error *error)
{
    double *values = hwv_calloc(c->seeds, sizeof values[0]);
    if (values == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for %zu seeds", c->seeds);
    hwv_page page = {0};
    hwv_status status = show(cli, c, cli->options.html != NULL ? &page : NULL, values, error);
    hwv_page_free(&page);
    hwv_free(values);
    return status;
}
