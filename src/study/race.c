/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Races of activations to a training error. */
#include "study/race.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/clock.h"
#include "study/claims.h"
#include "study/run.h"

static const struct {
    hwv_op op;
    size_t color;
} cases[HWV_RACE_CASES] = {
    [HWV_RACE_RELU] = {HWV_OP_RELU, HWV_COLOR_RELU},
    [HWV_RACE_LEAKY_RELU] = {HWV_OP_LEAKY_RELU, HWV_COLOR_LEAKY_RELU},
    [HWV_RACE_PRELU] = {HWV_OP_PRELU, HWV_COLOR_PRELU},
    [HWV_RACE_TANH] = {HWV_OP_TANH, HWV_COLOR_TANH},
    [HWV_RACE_SIGMOID] = {HWV_OP_SIGMOID, HWV_COLOR_SIGMOID},
};

static const char *name_of(const hwv_racer *racer)
{
    return hwv_op_row(racer->op)->name;
}

static hwv_race_spread spread_of(const double by_seed[HWV_RACE_SEEDS])
{
    double values[HWV_RACE_SEEDS];
    hwv_race_spread s = {INFINITY, 0, -INFINITY};
    for (size_t i = 0; i < HWV_RACE_SEEDS; i++) {
        values[i] = by_seed[i];
        s.low = fmin(s.low, values[i]);
        s.high = fmax(s.high, values[i]);
    }
    s.median = hwv_median(values, HWV_RACE_SEEDS);
    return s;
}

/* ---- the runs ---- */

/* First epoch whose running training error is at the target, interpolated inside the epoch. */
static double epochs_to(double target, const hwv_train_result *result)
{
    double before = 1;
    for (size_t i = 0; i < result->history_count; i++) {
        double now = result->history[i].train_error;
        if (now <= target)
            return (double)i + (before > now ? (before - target) / (before - now) : 1);
        before = now;
    }
    return INFINITY;
}

static hwv_status run_seeds(const hwv_study *study, const hwv_race *race, const hwv_train_options *options,
                            hwv_racer *racer, hwv_error *error)
{
    double loss[HWV_RACE_EPOCHS][HWV_RACE_SEEDS], test[HWV_RACE_SEEDS], seconds[HWV_RACE_SEEDS], ms[HWV_RACE_SEEDS];
    for (size_t s = 0; s < HWV_RACE_SEEDS; s++) {
        hwv_train_options own = *options;
        own.seed += s;
        hwv_train_result result;
        HWV_TRY(hwv_study_train(study, race->notation, racer->op, &own, NULL, NULL, &result, error));
        for (size_t e = 0; e < HWV_RACE_EPOCHS; e++)
            loss[e][s] = e < result.history_count ? result.history[e].train_loss : NAN;
        size_t epoch_steps = study->data->train.count / own.batch;
        racer->by_seed[s] = epochs_to(race->target, &result);
        ms[s] = result.ms_per_step;
        seconds[s] = racer->by_seed[s] * (double)epoch_steps * ms[s] / 1000;
        test[s] = result.test_error;
        hwv_train_result_free(&result);
    }
    for (size_t e = 0; e < HWV_RACE_EPOCHS; e++) {
        hwv_race_spread spread = spread_of(loss[e]);
        racer->loss[e] = spread.median;
        racer->low[e] = spread.low;
        racer->high[e] = spread.high;
    }
    racer->epochs = spread_of(racer->by_seed);
    racer->test_error = spread_of(test);
    racer->seconds = hwv_median(seconds, HWV_RACE_SEEDS);
    racer->ms_per_step = hwv_median(ms, HWV_RACE_SEEDS);
    return HWV_OK;
}

hwv_status hwv_race_run(const hwv_study *study, const hwv_race *race, hwv_racer racers[HWV_RACE_CASES],
                        hwv_error *error)
{
    memset(racers, 0, HWV_RACE_CASES * sizeof racers[0]);
    for (size_t i = 0; i < HWV_RACE_CASES; i++) {
        hwv_racer *racer = &racers[i];
        racer->op = cases[i].op;
        hwv_train_options options = hwv_train_defaults();
        options.epochs = HWV_RACE_EPOCHS;
        options.optimizer.optimizer = race->optimizer;
        options.seed = study->seed;
        HWV_TRY(hwv_study_step(study, name_of(racer), (double)i / HWV_RACE_CASES, error));
        HWV_TRY(hwv_study_rate(study, race->notation, racer->op, &options, &racer->rate, error));
        options.optimizer.lr = racer->rate;
        HWV_TRY(hwv_study_step(study, name_of(racer), ((double)i + 0.5) / HWV_RACE_CASES, error));
        HWV_TRY(run_seeds(study, race, &options, racer, error));
    }
    return HWV_OK;
}

/* ---- what is shown ---- */

static void show_curves(hwv_finding *finding, const hwv_race *race, hwv_racer *racers)
{
    hwv_series series[HWV_RACE_CASES];
    memset(series, 0, sizeof series);
    for (size_t i = 0; i < HWV_RACE_CASES; i++)
        series[i] = (hwv_series){.name = name_of(&racers[i]),
                                 .y = racers[i].loss,
                                 .low = racers[i].low,
                                 .high = racers[i].high,
                                 .count = HWV_RACE_EPOCHS,
                                 .first_x = 1,
                                 .color = cases[i].color};
    char subtitle[240];
    snprintf(subtitle, sizeof subtitle, "digits, %s, %s%s, batch 32; median and range of %d seeds", race->notation,
             hwv_optimizer_name(race->optimizer), race->optimizer == HWV_OPTIMIZER_SGD ? ", momentum 0.9" : "",
             HWV_RACE_SEEDS);
    hwv_plot plot = {
        .caption = {.title = "Training loss", .subtitle = subtitle},
        .x = {.title = "epoch", .whole = true},
        .y = {.title = "loss", .log = true},
        .series = series,
        .series_count = HWV_RACE_CASES,
    };
    hwv_finding_plot(finding, race->name, &plot);
}

static void spread_cell(hwv_table *table, hwv_race_spread s, double scale, const char *unit)
{
    if (isfinite(s.high))
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%.1f (%.1f-%.1f)%s", scale * s.median, scale * s.low, scale * s.high,
                       unit);
    else if (isfinite(s.median))
        hwv_table_cell(table, HWV_STYLE_WARN, "%.1f (%.1f-never)%s", scale * s.median, scale * s.low, unit);
    else
        hwv_table_cell(table, HWV_STYLE_WARN, "over %d", HWV_RACE_EPOCHS);
}

static void tabulate(hwv_finding *finding, const hwv_race *race, const hwv_racer *racers)
{
    char goal[40];
    snprintf(goal, sizeof goal, "epochs to %g %%", 100 * race->target);
    const hwv_column columns[] = {{.title = "activation"},
                                  {.title = "rate", .align = HWV_RIGHT},
                                  {.title = goal, .align = HWV_RIGHT},
                                  {.title = "seconds", .align = HWV_RIGHT},
                                  {.title = "test error", .align = HWV_RIGHT},
                                  {.title = "us/step", .align = HWV_RIGHT}};
    hwv_table table = {.columns = columns, .column_count = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < HWV_RACE_CASES; i++) {
        const hwv_racer *r = &racers[i];
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", name_of(r));
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_number_plain(r->rate).text);
        spread_cell(&table, r->epochs, 1, "");
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", isfinite(r->seconds) ? hwv_number_plain(r->seconds).text : "-");
        spread_cell(&table, r->test_error, 100, " %");
        hwv_table_cell(&table, HWV_STYLE_FAINT, "%.1f", 1000 * r->ms_per_step);
    }
    hwv_finding_table(finding, &table);
    hwv_table_free(&table);
}

void hwv_race_show(hwv_finding *finding, const hwv_race *race, hwv_racer racers[HWV_RACE_CASES])
{
    show_curves(finding, race, racers);
    tabulate(finding, race, racers);
    for (size_t i = 0; i < HWV_RACE_CASES; i++) {
        const hwv_racer *r = &racers[i];
        const char *name = name_of(r);
        hwv_finding_figure(finding, r->epochs.median, "%s_epochs_to_target", name);
        hwv_finding_figure(finding, r->epochs.low, "%s_epochs_to_target_low", name);
        hwv_finding_figure(finding, r->epochs.high, "%s_epochs_to_target_high", name);
        hwv_finding_figure(finding, r->seconds, "%s_seconds_to_target", name);
        hwv_finding_figure(finding, r->test_error.median, "%s_test_error", name);
        hwv_finding_figure(finding, r->rate, "%s_lr", name);
        hwv_finding_figure(finding, r->ms_per_step, "%s_ms_per_step", name);
    }
}

/* ---- what can be said ---- */

hwv_race_spread hwv_race_times(const hwv_racer *other, const hwv_racer *base)
{
    double times[HWV_RACE_SEEDS];
    for (size_t s = 0; s < HWV_RACE_SEEDS; s++)
        times[s] = isfinite(base->by_seed[s]) ? other->by_seed[s] / base->by_seed[s] : 0;
    return spread_of(times);
}

bool hwv_race_slower(const hwv_racer *other, const hwv_racer *base)
{
    hwv_race_spread times = hwv_race_times(other, base);
    return times.low > 1 && times.median > 1.1;
}

hwv_race_words hwv_race_times_words(const hwv_racer *other, const hwv_racer *base)
{
    hwv_race_words words;
    hwv_race_spread s = hwv_race_times(other, base);
    if (!isfinite(s.median))
        snprintf(words.text, sizeof words.text, "more than %d epochs", HWV_RACE_EPOCHS);
    else if (!isfinite(s.high))
        snprintf(words.text, sizeof words.text, "%.1f times as many (%.1f to never)", s.median, s.low);
    else
        snprintf(words.text, sizeof words.text, "%.1f times as many (%.1f to %.1f)", s.median, s.low, s.high);
    return words;
}

hwv_race_words hwv_race_epochs_words(const hwv_racer *racer)
{
    hwv_race_words words;
    const hwv_race_spread *s = &racer->epochs;
    if (!isfinite(s->median))
        snprintf(words.text, sizeof words.text, "more than %d epochs", HWV_RACE_EPOCHS);
    else if (!isfinite(s->high))
        snprintf(words.text, sizeof words.text, "%.1f epochs (%.1f to never)", s->median, s->low);
    else
        snprintf(words.text, sizeof words.text, "%.1f epochs (%.1f to %.1f)", s->median, s->low, s->high);
    return words;
}

void hwv_race_judge(hwv_finding *finding, const hwv_race *race, const hwv_racer racers[HWV_RACE_CASES])
{
    const hwv_racer *relu = &racers[HWV_RACE_RELU], *tanh_ = &racers[HWV_RACE_TANH],
                    *sigmoid = &racers[HWV_RACE_SIGMOID];
    bool beats_tanh = hwv_race_slower(tanh_, relu), beats_sigmoid = hwv_race_slower(sigmoid, relu);
    hwv_finding_verdict(
        finding,
        beats_tanh && beats_sigmoid   ? HWV_CLAIM_HOLDS
        : beats_tanh || beats_sigmoid ? HWV_CLAIM_PARTLY
                                      : HWV_CLAIM_CONTRADICTED,
        "To a running training error of %g %% relu needs %s, tanh %s, sigmoid %s, each at a rate of its "
        "own (median and range of %d seeds).",
        100 * race->target, hwv_race_epochs_words(relu).text, hwv_race_times_words(tanh_, relu).text,
        hwv_race_times_words(sigmoid, relu).text, HWV_RACE_SEEDS);
    if (!beats_tanh)
        hwv_finding_say(finding,
                        "Against the folklore: with a matching initialiser and a learning rate of its own, tanh learns "
                        "%s ReLU here.%s",
                        hwv_race_slower(relu, tanh_) ? "faster than" : "about as fast as",
                        beats_sigmoid ? " The gap that textbooks show is sigmoid's." : "");
}
