/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The same network with five activations: who reaches the target first? */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/clock.h"
#include "study/claims.h"
#include "study/run.h"

#define NOTATION "fc 64; act; fc 64; act; fc 10"
#define TARGET   0.03

enum { CASES = 5, SEEDS = 3, EPOCHS = 20, TRIAL_EPOCHS = 10, RATES = 5 };

static const hwv_op operators[CASES] = {HWV_OP_RELU, HWV_OP_LEAKY_RELU, HWV_OP_PRELU, HWV_OP_TANH, HWV_OP_SIGMOID};
static const size_t colors[CASES] = {HWV_COLOR_RELU, HWV_COLOR_LEAKY_RELU, HWV_COLOR_PRELU, HWV_COLOR_TANH,
                                     HWV_COLOR_SIGMOID};
static const double rates[RATES] = {0.01, 0.03, 0.1, 0.3, 1};

/* What is known of one activation after its runs. */
typedef struct outcome {
    double rate;
    double loss[EPOCHS], low[EPOCHS], high[EPOCHS]; /* median and range over seeds */
    double to_target;                               /* median epochs, INFINITY when most seeds missed it */
    double test_error, ms_per_step;                 /* medians */
    double test_low, test_high;
} outcome;

static hwv_train_options base_options(uint64_t seed, double rate, size_t epochs)
{
    hwv_train_options options = hwv_train_defaults();
    options.optimizer.lr = rate;
    options.epochs = epochs;
    options.seed = seed;
    return options;
}

/* Median training loss of short runs on seeds that are not used again; INFINITY when most diverged. */
static hwv_status try_rate(const hwv_study *study, hwv_op op, double rate, double *loss, hwv_error *error)
{
    double losses[SEEDS];
    for (size_t s = 0; s < SEEDS; s++) {
        hwv_train_options options = base_options(study->seed + 1000 + s, rate, TRIAL_EPOCHS);
        hwv_train_result result;
        HWV_TRY(hwv_study_train(study, NOTATION, op, &options, NULL, NULL, &result, error));
        bool finite = result.diverged[0] == '\0' && isfinite(result.train_loss);
        losses[s] = finite ? result.train_loss : INFINITY;
        hwv_train_result_free(&result);
    }
    *loss = hwv_median(losses, SEEDS);
    return HWV_OK;
}

/* The rate with the lowest loss. */
static hwv_status pick_rate(const hwv_study *study, hwv_op op, double *rate, hwv_error *error)
{
    double best = INFINITY;
    for (size_t i = 0; i < RATES; i++) {
        double loss;
        HWV_TRY(try_rate(study, op, rates[i], &loss, error));
        if (loss < best) {
            best = loss;
            *rate = rates[i];
        }
    }
    if (!isfinite(best))
        return hwv_fail(error, HWV_ERR_NUMERIC, "learning: %s diverged at every rate tried", hwv_op_row(op)->name);
    return HWV_OK;
}

/* First epoch whose running training error is at the target, interpolated inside the epoch. */
static double epochs_to_target(const hwv_train_result *result)
{
    double before = 1;
    for (size_t i = 0; i < result->history_count; i++) {
        double now = result->history[i].train_error;
        if (now <= TARGET)
            return (double)i + (before > now ? (before - TARGET) / (before - now) : 1);
        before = now;
    }
    return INFINITY;
}

static hwv_status measure(const hwv_study *study, hwv_op op, outcome *out, hwv_error *error)
{
    double loss[EPOCHS][SEEDS], target[SEEDS], test[SEEDS], step[SEEDS];
    HWV_TRY(pick_rate(study, op, &out->rate, error));
    for (size_t s = 0; s < SEEDS; s++) {
        hwv_train_options options = base_options(study->seed + s, out->rate, EPOCHS);
        hwv_train_result result;
        HWV_TRY(hwv_study_train(study, NOTATION, op, &options, NULL, NULL, &result, error));
        for (size_t e = 0; e < EPOCHS; e++)
            loss[e][s] = e < result.history_count ? result.history[e].train_loss : NAN;
        target[s] = epochs_to_target(&result);
        test[s] = result.test_error;
        step[s] = result.ms_per_step;
        hwv_train_result_free(&result);
    }
    for (size_t e = 0; e < EPOCHS; e++) {
        out->loss[e] = hwv_median(loss[e], SEEDS);
        out->low[e] = fmin(loss[e][0], fmin(loss[e][1], loss[e][2]));
        out->high[e] = fmax(loss[e][0], fmax(loss[e][1], loss[e][2]));
    }
    out->to_target = hwv_median(target, SEEDS);
    out->test_low = fmin(test[0], fmin(test[1], test[2]));
    out->test_high = fmax(test[0], fmax(test[1], test[2]));
    out->test_error = hwv_median(test, SEEDS);
    out->ms_per_step = hwv_median(step, SEEDS);
    return HWV_OK;
}

static void show(hwv_finding *finding, outcome *outcomes)
{
    hwv_series series[CASES];
    memset(series, 0, sizeof series);
    for (size_t i = 0; i < CASES; i++) {
        outcome *o = &outcomes[i];
        const char *name = hwv_op_row(operators[i])->name;
        series[i] = (hwv_series){.name = name,
                                 .y = o->loss,
                                 .low = o->low,
                                 .high = o->high,
                                 .count = EPOCHS,
                                 .first_x = 1,
                                 .color = colors[i]};
        hwv_finding_figure(finding, o->to_target, "%s_epochs_to_target", name);
        hwv_finding_figure(finding, o->test_error, "%s_test_error", name);
        hwv_finding_figure(finding, o->rate, "%s_lr", name);
        hwv_finding_figure(finding, o->ms_per_step, "%s_ms_per_step", name);
    }
    hwv_plot plot = {
        .caption = {.title = "Training loss",
                    .subtitle = "digits, " NOTATION ", sgd, momentum 0.9, batch 32; median and range of 3 seeds"},
        .x = {.title = "epoch", .whole = true},
        .y = {.title = "loss", .log = true},
        .series = series,
        .series_count = CASES,
    };
    hwv_finding_plot(finding, "learning", &plot);
}

static void tabulate(hwv_finding *finding, const outcome *outcomes)
{
    static const hwv_column columns[] = {{.title = "activation"},
                                         {.title = "rate", .align = HWV_RIGHT},
                                         {.title = "epochs to 3 %", .align = HWV_RIGHT},
                                         {.title = "test error", .align = HWV_RIGHT},
                                         {.title = "range", .align = HWV_RIGHT},
                                         {.title = "us/step", .align = HWV_RIGHT}};
    hwv_table table = {.columns = columns, .column_count = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < CASES; i++) {
        const outcome *o = &outcomes[i];
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_op_row(operators[i])->name);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_number_plain(o->rate).text);
        if (isfinite(o->to_target))
            hwv_table_cell(&table, HWV_STYLE_PLAIN, "%.1f", o->to_target);
        else
            hwv_table_cell(&table, HWV_STYLE_WARN, "over %d", (int)EPOCHS);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%.1f %%", 100 * o->test_error);
        hwv_table_cell(&table, HWV_STYLE_FAINT, "%.1f .. %.1f %%", 100 * o->test_low, 100 * o->test_high);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%.1f", 1000 * o->ms_per_step);
    }
    hwv_finding_table(finding, &table);
    hwv_table_free(&table);
}

static void judge(hwv_finding *finding, const outcome *outcomes)
{
    double relu = outcomes[0].to_target, tanh_epochs = outcomes[3].to_target, sigmoid = outcomes[4].to_target;
    bool beats_tanh = relu < 0.9 * tanh_epochs, beats_sigmoid = relu < 0.9 * sigmoid;
    char tanh_text[32], sigmoid_text[32], relu_text[32];
    const double values[3] = {relu, tanh_epochs, sigmoid};
    char *texts[3] = {relu_text, tanh_text, sigmoid_text};
    for (int i = 0; i < 3; i++) {
        if (isfinite(values[i]))
            snprintf(texts[i], 32, "%.1f epochs", values[i]);
        else
            snprintf(texts[i], 32, "more than %d", (int)EPOCHS);
    }
    hwv_finding_verdict(
        finding,
        beats_tanh && beats_sigmoid   ? HWV_VERDICT_HOLDS
        : beats_tanh || beats_sigmoid ? HWV_VERDICT_PARTLY
                                      : HWV_VERDICT_CONTRADICTED,
        "To a running training error of 3 %% relu needs %s, tanh %s, sigmoid %s, each at its own best rate.", relu_text,
        tanh_text, sigmoid_text);
    if (!beats_tanh)
        hwv_finding_say(finding,
                        "Against the folklore: with a matching initialiser and its own learning rate, tanh learns %s "
                        "ReLU here.%s",
                        tanh_epochs < 0.9 * relu ? "faster than" : "about as fast as",
                        beats_sigmoid ? " The gap that textbooks show is sigmoid's." : "");
    double best = INFINITY;
    size_t winner = 0;
    for (size_t i = 0; i < CASES; i++) {
        if (outcomes[i].test_error < best) {
            best = outcomes[i].test_error;
            winner = i;
        }
    }
    hwv_finding_say(
        finding,
        "Faster is not better: the lowest test error has %s (%.1f %%; relu %.1f %%), and with 360 test samples "
        "one wrong sample is already 0.3 %%.",
        hwv_op_row(operators[winner])->name, 100 * best, 100 * outcomes[0].test_error);
}

hwv_status hwv_claim_learning(const hwv_study *study, hwv_finding *finding, hwv_error *error)
{
    outcome outcomes[CASES];
    memset(outcomes, 0, sizeof outcomes);
    for (size_t i = 0; i < CASES; i++) {
        HWV_TRY(hwv_study_step(study, hwv_op_row(operators[i])->name, (double)i / CASES, error));
        HWV_TRY(measure(study, operators[i], &outcomes[i], error));
    }
    show(finding, outcomes);
    tabulate(finding, outcomes);
    judge(finding, outcomes);
    return HWV_OK;
}
