/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What helps a model whose units never fire: every treatment is tried on some of the samples. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fix.h"
#include "report/check_words.h"
#include "report/number.h"

/* A check must stay quick: so many flops go into all treatments together, and no more than so many samples into one. */
#define FLOPS        2e9
#define SAMPLES_MOST 2048
#define SAMPLES      16

/* What each is for. */
static const char *const reasons[HWV_TREATMENT_COUNT] = {
    [HWV_TREATMENT_PRUNE] = "for a model that is used as it is",
    [HWV_TREATMENT_RECYCLE] = "for training on: dead units can learn again",
    [HWV_TREATMENT_PRELU] = "for training on: units learn where they are off",
    [HWV_TREATMENT_LEAKY] = "not without further training",
    [HWV_TREATMENT_BIAS_SHIFT] = "not without further training",
    [HWV_TREATMENT_INSERT_NORM] = "not without further training"};

/* The first samples, as many as the model's size allows: every treatment runs it twice, before and after. */
static size_t samples_for(const hwv_patient *patient)
{
    double flops = 2.0 * HWV_TREATMENT_COUNT * (double)hwv_patient_cost(patient).flops;
    double samples = flops > 0 ? FLOPS / flops : SAMPLES_MOST;
    return samples > SAMPLES_MOST ? SAMPLES_MOST : samples < SAMPLES ? SAMPLES : (size_t)samples;
}

/* ---- the command ---- */

/* Options about the data that fix takes as check does; those common to all commands say nothing about it. */
static void add_given(const hwv_cli *cli, hwv_text *line)
{
    for (size_t i = 0; i < hwv_cli_option_count(); i++) {
        const hwv_cli_option *option = hwv_cli_option_get(i);
        if (!cli->given[i] || !(option->commands & HWV_CLI_FIX) || (option->commands & HWV_CLI_INFO))
            continue;
        if (option->kind == HWV_CLI_FLAG) {
            hwv_text_printf(line, " --%s", option->name);
            continue;
        }
        hwv_cli_texts one = {.count = 1};
        hwv_text value = {0};
        hwv_cli_value_print(option, &cli->options, &value);
        one.text[0] = value.data != NULL ? value.data : "";
        const hwv_cli_texts *all =
            option->kind == HWV_CLI_TEXTS
                ? (const hwv_cli_texts *)(const void *)((const char *)&cli->options + option->field)
                : &one;
        for (size_t k = 0; k < all->count; k++) {
            hwv_text_printf(line, " --%s ", option->name);
            hwv_cli_shell_word(line, all->text[k]);
        }
        line->failed = line->failed || value.failed;
        hwv_text_free(&value);
    }
}

/* "model.onnx" becomes "model-prune.onnx", in the folder at hand. */
static void add_out(const char *model, const char *option, hwv_text *line)
{
    hwv_text name = {0};
    const char *slash = strrchr(model, '/'), *base = slash != NULL ? slash + 1 : model, *dot = strrchr(base, '.');
    size_t stem = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
    hwv_text_add(&name, base, stem);
    hwv_text_printf(&name, "-%s%s", option, base + stem);
    hwv_text_puts(line, " -o ");
    hwv_cli_shell_word(line, name.data != NULL ? name.data : "");
    line->failed = line->failed || name.failed;
    hwv_text_free(&name);
}

static void make_command(const hwv_cli *cli, hwv_cli_tried *tried, const hwv_treatment_options *options)
{
    hwv_text *line = &tried->command;
    const char *option = hwv_cli_fix_option(tried->treatment);
    hwv_text_puts(line, "halfwave fix ");
    hwv_cli_shell_word(line, cli->operands[0]);
    add_given(cli, line);
    for (size_t i = 1; i < cli->operand_count; i++) {
        hwv_text_puts(line, " ");
        hwv_cli_shell_word(line, cli->operands[i]);
    }
    hwv_text_printf(line, " --%s", option);
    (void)snprintf(tried->name, sizeof tried->name, "%s", option);
    if (tried->treatment == HWV_TREATMENT_LEAKY || tried->treatment == HWV_TREATMENT_BIAS_SHIFT) {
        double value = tried->treatment == HWV_TREATMENT_LEAKY ? options->slope : options->share;
        hwv_number number = hwv_number_digits(value, 6);
        hwv_text_printf(line, " %s", number.text);
        (void)snprintf(tried->name, sizeof tried->name, "%s %.10s", option, number.text);
    }
    add_out(cli->operands[0], option, line);
}

/* ---- the advice ---- */

/* Why nothing was done: the first reason of a layer, the treatment's own, or too few samples. */
static void say_why_not(const hwv_treated *treated, const hwv_diagnosis *d, hwv_cli_tried *tried)
{
    const char *reason = treated->reason;
    size_t unsure = 0, layer = 0;
    bool refused = false;
    for (size_t l = treated->layer_count; l-- > 0;) {
        unsure += treated->layers[l].unsure;
        if (treated->layers[l].reason[0] != '\0') {
            reason = treated->layers[l].reason;
            layer = treated->layers[l].layer + 1;
            refused = true;
        }
    }
    if (refused)
        (void)snprintf(tried->reason, sizeof tried->reason, "layer %zu: %s", layer, reason);
    else if (unsure > 0)
        (void)snprintf(tried->reason, sizeof tried->reason,
                       "%s unit%s silent, but in %s samples only; %s would settle it", hwv_check_count(unsure).text,
                       unsure == 1 ? " was" : "s were", hwv_check_count(d->tally->samples).text,
                       hwv_check_count(d->samples_needed).text);
    else
        (void)snprintf(tried->reason, sizeof tried->reason, "%s", reason);
}

static void judge(const hwv_treated *treated, const hwv_diagnosis *d, bool done, hwv_cli_tried *tried)
{
    hwv_promise promise = hwv_treatment_promise(treated->treatment);
    hwv_check_treatment *shown = &tried->shown;
    size_t left = 0;
    for (size_t l = 0; l < treated->layer_count; l++)
        left += treated->layers[l].asked - treated->layers[l].count;
    shown->done = done && hwv_output_change_keeps(&treated->change, promise);
    shown->change = treated->change;
    shown->parameters_before = treated->before.parameters;
    shown->parameters_after = shown->done ? treated->after.parameters : treated->before.parameters;
    shown->advised = shown->done && promise != HWV_PROMISE_NONE && d->dead > 0;
    if (!shown->done)
        say_why_not(treated, d, tried);
    else if (left > 0)
        (void)snprintf(tried->reason, sizeof tried->reason, "%s; %s of %s units left", reasons[tried->treatment],
                       hwv_check_count(left).text, hwv_check_count(left + treated->units).text);
    else
        (void)snprintf(tried->reason, sizeof tried->reason, "%s", reasons[tried->treatment]);
}

static hwv_status try_one(hwv_cli *cli, hwv_cli_checked *c, hwv_treatment treatment, hwv_error *error)
{
    const hwv_source source = hwv_cli_samples_source(&c->subject.samples);
    const hwv_treatment_options options = hwv_treatment_defaults();
    hwv_patient *cured = NULL;
    hwv_treated treated = {0};
    hwv_status status = hwv_patient_treat(&cured, &treated, c->subject.patient, &c->diagnosis, treatment, &options,
                                          &source, cli->executor, error);
    size_t asked = 0;
    for (size_t l = 0; l < treated.layer_count; l++)
        asked += treated.layers[l].asked + treated.layers[l].unsure;
    if (status == HWV_OK && asked > 0) {
        hwv_cli_tried *tried = &c->tried[c->tried_count++];
        tried->treatment = treatment;
        make_command(cli, tried, &options);
        judge(&treated, &c->diagnosis, cured != NULL, tried);
        if (tried->command.failed)
            status = hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
    }
    hwv_treated_free(&treated);
    hwv_patient_close(cured);
    return status;
}

/* Advised ones first, else in the order of the list; what is shown points to its own strings then. */
static void arrange(hwv_cli_checked *c)
{
    hwv_cli_tried sorted[HWV_TREATMENT_COUNT];
    size_t count = 0;
    for (int advised = 1; advised >= 0; advised--)
        for (size_t i = 0; i < c->tried_count; i++)
            if (c->tried[i].shown.advised == (advised == 1))
                sorted[count++] = c->tried[i];
    for (size_t i = 0; i < count; i++) {
        hwv_cli_tried *tried = &c->tried[i];
        *tried = sorted[i];
        tried->shown.name = tried->name;
        tried->shown.reason = tried->reason;
        tried->shown.command = tried->command.data;
    }
}

hwv_status hwv_cli_check_treat(hwv_cli *cli, hwv_cli_checked *c, hwv_error *error)
{
    hwv_status status = HWV_OK;
    if (c->subject.patient == NULL || cli->options.no_treatments || c->diagnosis.silent == 0 || c->shows_unit)
        return HWV_OK;
    c->subject.samples.most = samples_for(c->subject.patient);
    for (int t = 0; t < HWV_TREATMENT_COUNT && status == HWV_OK; t++)
        status = try_one(cli, c, (hwv_treatment)t, error);
    arrange(c);
    if (status != HWV_ERR_UNSUPPORTED)
        return status;
    hwv_cli_say(cli, "treatments were not tried: %s", error->text);
    return HWV_OK;
}
