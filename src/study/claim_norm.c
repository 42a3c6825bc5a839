/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Dead units over the learning rate, with and without norms. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "study/claims.h"
#include "study/run.h"

enum { NONE, BATCH, LAYER, FRONT, CASES };
enum { RATES = 6, EPOCHS = 15, UNITS = 128 };

static const double rates[RATES] = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3};

static const struct {
    const char *name, *key, *notation;
} cases[CASES] = {
    [NONE] = {"no norm", "none", "fc 64; act; fc 64; act; fc 10"},
    [BATCH] = {"bn; act", "batch", "fc 64; bn; act; fc 64; bn; act; fc 10"},
    [LAYER] = {"ln; act", "layer", "fc 64; ln; act; fc 64; ln; act; fc 10"},
    [FRONT] = {"ln; fc; act", "front", "flatten; ln; fc 64; act; ln; fc 64; act; fc 10"},
};

/* [network][rate] */
typedef struct outcome {
    double dead[CASES][RATES], error[CASES][RATES]; /* NAN: diverged */
} outcome;

static hwv_status one(const hwv_study *study, size_t i, size_t r, outcome *o, hwv_error *error)
{
    hwv_train_options options = hwv_train_defaults();
    hwv_train_result result;
    options.optimizer.optimizer = HWV_OPTIMIZER_ADAM;
    options.optimizer.lr = rates[r];
    options.epochs = EPOCHS;
    options.seed = study->seed;
    HWV_TRY(hwv_study_train(study, cases[i].notation, HWV_OP_RELU, &options, NULL, NULL, &result, error));
    o->dead[i][r] = 0;
    for (size_t l = 0; l < result.layer_count; l++)
        o->dead[i][r] += (double)result.layers[l].dead;
    o->error[i][r] = result.test_error;
    if (result.diverged[0] != '\0')
        o->dead[i][r] = o->error[i][r] = (double)NAN;
    hwv_train_result_free(&result);
    return HWV_OK;
}

static void show(hwv_finding *finding, const outcome *o)
{
    hwv_series series[CASES];
    memset(series, 0, sizeof series);
    for (size_t i = 0; i < CASES; i++)
        series[i] = (hwv_series){.name = cases[i].name, .x = rates, .y = o->dead[i], .count = RATES};
    char subtitle[160];
    snprintf(subtitle, sizeof subtitle,
             "of %d, that fire for none of 1,437 training samples after %d epochs; adam, batch 32", UNITS, EPOCHS);
    const hwv_plot plot = {.caption = {.title = "Dead units", .subtitle = subtitle},
                           .x = {.title = "learning rate", .log = true},
                           .y = {.title = "dead units", .whole = true},
                           .series = series,
                           .series_count = CASES};
    hwv_finding_plot(finding, "norm", &plot);
}

static void tabulate(hwv_finding *finding, const outcome *o)
{
    hwv_column columns[RATES + 1] = {{.title = "dead (error)"}};
    char titles[RATES][16];
    for (size_t r = 0; r < RATES; r++) {
        snprintf(titles[r], sizeof titles[r], "%g", rates[r]);
        columns[r + 1] = (hwv_column){.title = titles[r], .align = HWV_RIGHT};
    }
    hwv_table table = {.columns = columns, .column_count = RATES + 1};
    for (size_t i = 0; i < CASES; i++) {
        hwv_table_cell(&table, HWV_STYLE_STRONG, "%s", cases[i].name);
        for (size_t r = 0; r < RATES; r++) {
            if (isnan(o->dead[i][r]))
                hwv_table_cell(&table, HWV_STYLE_WARN, "diverged");
            else
                hwv_table_cell(&table, o->dead[i][r] > 0 ? HWV_STYLE_BAD : HWV_STYLE_GOOD, "%.0f (%.1f %%)",
                               o->dead[i][r], 100 * o->error[i][r]);
            hwv_finding_figure(finding, o->dead[i][r], "%s_dead_at_%g", cases[i].key, rates[r]);
            hwv_finding_figure(finding, o->error[i][r], "%s_test_error_at_%g", cases[i].key, rates[r]);
        }
    }
    hwv_finding_table(finding, &table);
    hwv_table_free(&table);
}

/* Rates at which units die without a norm: at how many of them has a network fewer, at how many at most half as many? */
static void judge(hwv_finding *finding, const outcome *o)
{
    size_t dying = 0, fewer[CASES] = {0}, half[CASES] = {0};
    for (size_t r = 0; r < RATES; r++) {
        dying += o->dead[NONE][r] > 0;
        for (size_t i = 0; i < CASES; i++) {
            fewer[i] += o->dead[i][r] < o->dead[NONE][r];
            half[i] += o->dead[NONE][r] > 0 && o->dead[i][r] <= 0.5 * o->dead[NONE][r];
        }
    }
    const int helped = (fewer[BATCH] == dying) + (fewer[LAYER] == dying) + (fewer[FRONT] == dying);
    hwv_finding_verdict(
        finding,
        dying == 0 || helped == 0 ? HWV_CLAIM_CONTRADICTED
        : helped == 3             ? HWV_CLAIM_HOLDS
                                  : HWV_CLAIM_PARTLY,
        "Without a norm units die at %zu of %d rates. With batch norm fewer die at %zu of these rates (at "
        "most half as many at %zu), with layer norm behind the product at %zu (%zu), with layer norm in "
        "front of the product at %zu (%zu).",
        dying, RATES, fewer[BATCH], half[BATCH], fewer[LAYER], half[LAYER], fewer[FRONT], half[FRONT]);
    hwv_finding_say(
        finding,
        "Two facts are certain. relu(layernorm(x)) with gain 1 and bias 0 fires at least one unit for every x that "
        "is not constant, as the normalised numbers have mean 0; and behind batch norm in training every unit "
        "that is not constant fires for at least one sample of the batch. Both end with a gain or bias that "
        "training moves, and neither protects a layer behind another product, as the feed-forward layers of a "
        "transformer are: there the norm keeps the input's size in bounds, and no more.");
}

hwv_status hwv_claim_norm(const hwv_study *study, hwv_finding *finding, hwv_error *error)
{
    outcome o;
    for (size_t i = 0; i < CASES; i++)
        for (size_t r = 0; r < RATES; r++) {
            HWV_TRY(hwv_study_step(study, cases[i].name, (double)(i * RATES + r) / (CASES * RATES), error));
            HWV_TRY(one(study, i, r, &o, error));
        }
    show(finding, &o);
    tabulate(finding, &o);
    judge(finding, &o);
    return HWV_OK;
}
