/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A fix on a terminal: what became of the model, before and after, layer by layer, and what was left. */
#include "fix.h"

#include <math.h>
#include <stdio.h>

#include "report/check_words.h"
#include "report/number.h"

#define LABEL 13 /* "INSERT-NORM  " */
#define NAME  40 /* most columns of a layer's name in a sentence */
#define LINES 12 /* most layers that are explained */

/* What a treatment did to units. */
static const char *done_word(hwv_treatment treatment)
{
    static const char *const words[HWV_TREATMENT_COUNT] = {
        [HWV_TREATMENT_PRUNE] = "cut",          [HWV_TREATMENT_RECYCLE] = "recycled",
        [HWV_TREATMENT_PRELU] = "now prelu",    [HWV_TREATMENT_LEAKY] = "now leaky",
        [HWV_TREATMENT_BIAS_SHIFT] = "shifted", [HWV_TREATMENT_INSERT_NORM] = "normed"};
    return words[treatment];
}

/* Treatments of whole layers count all units, the others dead ones. */
static const char *asked_word(hwv_treatment treatment)
{
    return treatment == HWV_TREATMENT_PRELU || treatment == HWV_TREATMENT_LEAKY ? "" : "dead ";
}

static void put(const char *label, hwv_style style, hwv_text *body, const hwv_term *term, hwv_text *text)
{
    hwv_term_labelled(text, term, label, LABEL, style, body);
    hwv_text_free(body);
}

/* ---- in a sentence ---- */

static void say_step(const hwv_cli_step *step, hwv_text *text)
{
    const hwv_treated *t = &step->treated;
    size_t asked = 0, unsure = 0, layers = 0;
    for (size_t l = 0; l < t->layer_count; l++) {
        asked += t->layers[l].asked;
        unsure += t->layers[l].unsure;
        layers += t->layers[l].count > 0;
    }
    hwv_text_printf(text, "%s: ", hwv_cli_fix_option(t->treatment));
    if (!step->done && asked > 0)
        hwv_text_printf(text, "none of %s %sunit%s\n", hwv_check_count(asked).text, asked_word(t->treatment),
                        asked == 1 ? "" : "s");
    else if (!step->done && unsure > 0)
        hwv_text_printf(text, "nothing, %s silent unit%s short of evidence\n", hwv_check_count(unsure).text,
                        unsure == 1 ? " is" : "s are");
    else if (!step->done)
        hwv_text_printf(text, "%s\n", t->reason);
    else
        hwv_text_printf(text, "%s of %s %sunit%s %s, in %zu layer%s\n", hwv_check_count(t->units).text,
                        hwv_check_count(asked).text, asked_word(t->treatment), asked == 1 ? "" : "s",
                        done_word(t->treatment), layers, layers == 1 ? "" : "s");
}

/* The change beside what was promised. */
static void say_change(const hwv_cli_fixed *fix, hwv_text *text)
{
    const hwv_output_change *c = &fix->change;
    hwv_number samples = hwv_check_count(c->samples), allowed = hwv_number_plain(hwv_cli_fix_allowed(c));
    hwv_text_puts(text, "Outputs, before a last softmax or sigmoid: ");
    if (c->equal) {
        hwv_text_printf(text, "all equal on %s inputs%s.", samples.text,
                        fix->promise == HWV_PROMISE_EQUAL ? ", as promised" : "");
        return;
    }
    hwv_text_printf(text, "moved by at most %s on %s inputs; ", hwv_number_plain(c->largest).text, samples.text);
    if (fix->promise == HWV_PROMISE_EQUAL)
        hwv_text_puts(text, "equal ones were promised.");
    else if (fix->promise == HWV_PROMISE_EXACT)
        hwv_text_printf(text, "promised: exact, 1e-5 max(1, largest output) = %s.", allowed.text);
    else
        hwv_text_printf(text, "nothing was promised, exact would be %s.", allowed.text);
    if (isfinite(c->decided))
        hwv_text_printf(text, " The largest output is the same for %s of the %s.",
                        hwv_number_of(c->decided, HWV_UNIT_SHARE).text, c->tokens ? "tokens" : "inputs");
}

static void put_verdict(const hwv_cli_fixed *fix, const hwv_term *term, hwv_text *text)
{
    static const hwv_style styles[] = {
        [HWV_CLI_FIXED] = HWV_STYLE_GOOD, [HWV_CLI_NO_NEED] = HWV_STYLE_GOOD, [HWV_CLI_NOT_DONE] = HWV_STYLE_BAD};
    static const char *const labels[] = {
        [HWV_CLI_FIXED] = "FIXED", [HWV_CLI_NO_NEED] = "NO NEED", [HWV_CLI_NOT_DONE] = "NOT DONE"};
    bool dry = fix->cli->options.dry_run && fix->outcome == HWV_CLI_FIXED;
    hwv_text body = {0};
    if (fix->outcome == HWV_CLI_NO_NEED)
        hwv_text_printf(&body, "%s: there is nothing to treat on %s inputs.\n", fix->stages[0].network->name,
                        hwv_check_count(fix->stages[0].tally.rows).text);
    for (size_t i = 0; i < fix->step_count && fix->outcome != HWV_CLI_NO_NEED; i++)
        say_step(&fix->steps[i], &body);
    if (fix->stage_count > 1)
        say_change(fix, &body);
    put(dry ? "DRY RUN" : labels[fix->outcome], styles[fix->outcome], &body, term, text);
}

/* ---- before and after ---- */

static void row(hwv_table *table, const char *name, hwv_number before, hwv_number after, double share)
{
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", name);
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", before.text);
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", after.text);
    if (isfinite(share) && fabs(share - 1) >= 0.0005)
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%+.1f %%", 100 * (share - 1));
    else
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", "");
}

static double share_of(uint64_t after, uint64_t before)
{
    return before > 0 ? (double)after / (double)before : (double)NAN;
}

static void put_costs(const hwv_cli_fixed *fix, const hwv_term *term, hwv_text *text)
{
    static const hwv_column columns[] = {{"", HWV_LEFT}, {"before", HWV_RIGHT}, {"after", HWV_RIGHT}, {"", HWV_RIGHT}};
    const hwv_cli_stage *first = &fix->stages[0], *last = &fix->stages[fix->stage_count - 1];
    hwv_cost a = hwv_patient_cost(first->patient), b = hwv_patient_cost(last->patient);
    double times = fix->times.after / fix->times.before - 1;
    hwv_table table = {.columns = columns, .column_count = 4};
    table.caption.note = "flops: of one input.";
    row(&table, "silent units", hwv_check_count(first->diagnosis.silent), hwv_check_count(last->diagnosis.silent),
        (double)NAN);
    row(&table, "dead units", hwv_check_count(first->diagnosis.dead), hwv_check_count(last->diagnosis.dead),
        (double)NAN);
    row(&table, "parameters", hwv_check_count(a.parameters), hwv_check_count(b.parameters),
        share_of(b.parameters, a.parameters));
    row(&table, "bytes", hwv_check_count(a.bytes), hwv_check_count(b.bytes), share_of(b.bytes, a.bytes));
    row(&table, "flops", hwv_check_count(a.flops), hwv_check_count(b.flops), share_of(b.flops, a.flops));
    hwv_text_puts(text, "\n");
    hwv_table_text(&table, term, text);
    hwv_table_free(&table);
    if (isfinite(times))
        hwv_text_printf(text, "time: %s before, %s after (%s%s %%) for %zu input%s, in %zu interleaved rounds\n",
                        hwv_number_of(fix->times.before, HWV_UNIT_SECONDS).text,
                        hwv_number_of(fix->times.after, HWV_UNIT_SECONDS).text, times > 0.005 ? "+" : "",
                        hwv_number_fixed(100 * times, 0).text, fix->times.rows, fix->times.rows == 1 ? "" : "s",
                        fix->times.rounds);
}

/* ---- layers ---- */

static void put_layers(const hwv_cli_step *step, const hwv_term *term, hwv_text *text)
{
    const hwv_treated *t = &step->treated;
    bool dead = asked_word(t->treatment)[0] != '\0';
    const hwv_column columns[] = {{"", HWV_RIGHT},
                                  {"layer", HWV_LEFT},
                                  {"units", HWV_RIGHT},
                                  {"dead", HWV_RIGHT},
                                  {done_word(t->treatment), HWV_RIGHT},
                                  {"left", HWV_RIGHT}};
    const hwv_column whole[] = {columns[0], columns[1], columns[2], columns[4], columns[5]};
    hwv_table table = {.columns = dead ? columns : whole, .column_count = dead ? 6 : 5};
    for (size_t l = 0; l < t->layer_count; l++) {
        const hwv_layer_treatment *layer = &t->layers[l];
        char name[100];
        if (layer->asked == 0)
            continue;
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%zu", layer->layer + 1);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s",
                       hwv_check_shorten(step->stage->network->layers[layer->layer].name, NAME, name, sizeof name));
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s",
                       hwv_check_count(step->stage->tally.layers[layer->layer].units).text);
        if (dead)
            hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_check_count(layer->asked).text);
        hwv_table_cell(&table, HWV_STYLE_GOOD, "%s", hwv_check_count(layer->count).text);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_check_count(layer->asked - layer->count).text);
    }
    hwv_text body = {0};
    hwv_text_puts(&body, hwv_treatment_sentence(t->treatment));
    char label[LABEL];
    (void)snprintf(label, sizeof label, "%s", hwv_cli_fix_option(t->treatment));
    for (char *c = label; *c != '\0'; c++)
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    hwv_text_puts(text, "\n");
    put(label, HWV_STYLE_PLAIN, &body, term, text);
    hwv_table_text(&table, term, text);
    hwv_table_free(&table);
}

/* ---- what was left ---- */

/* One line for each reason why units of a layer are what they were. */
static void say_left(const hwv_cli_step *step, const hwv_layer_treatment *layer, double margin, hwv_text *text)
{
    const hwv_layer_diagnosis *counted = &step->stage->diagnosis.layers[layer->layer];
    size_t left = hwv_cli_fix_left(layer);
    char name[120], head[240];
    (void)snprintf(head, sizeof head, "%s, layer %zu, %s", hwv_cli_fix_option(step->treated.treatment),
                   layer->layer + 1,
                   hwv_check_shorten(step->stage->network->layers[layer->layer].name, NAME, name, sizeof name));
    const char *reason = layer->reason[0] != '\0' ? layer->reason : step->treated.reason;
    /* Several reasons come with the number of their units. */
    bool counts = reason[0] >= '0' && reason[0] <= '9';
    if (left > 0 && !counts)
        hwv_text_printf(text, "%s: %s %sunit%s%s%s\n", head, hwv_check_count(left).text,
                        asked_word(step->treated.treatment), left == 1 ? "" : "s", reason[0] != '\0' ? ": " : "",
                        reason);
    else if (left > 0 || (layer->asked == 0 && layer->reason[0] != '\0'))
        hwv_text_printf(text, "%s: %s\n", head, reason);
    if (layer->near > 0)
        hwv_text_printf(text, "%s: %s dead unit%s nearly fired (--keep-margin %s)\n", head,
                        hwv_check_count(layer->near).text, layer->near == 1 ? "" : "s", hwv_number_plain(margin).text);
    if (layer->unsure > 0)
        hwv_text_printf(text, "%s: %s unit%s silent, but in %s samples only; %s would settle it\n", head,
                        hwv_check_count(layer->unsure).text, layer->unsure == 1 ? " was" : "s were",
                        hwv_check_count(counted->tally->samples).text, hwv_check_count(counted->samples_needed).text);
}

/* Layers that a treatment is not for are worth a line only where they were named. */
static bool has_left(const hwv_cli_fixed *fix, const hwv_layer_treatment *layer)
{
    return hwv_cli_fix_left(layer) > 0 || layer->near > 0 || layer->unsure > 0 ||
           (layer->asked == 0 && fix->layers != NULL && layer->reason[0] != '\0');
}

static void put_left(const hwv_cli_fixed *fix, const hwv_term *term, hwv_text *text)
{
    hwv_text body = {0};
    size_t shown = 0, more = 0;
    for (size_t i = 0; i < fix->step_count; i++)
        for (size_t l = 0; l < fix->steps[i].treated.layer_count; l++) {
            const hwv_layer_treatment *layer = &fix->steps[i].treated.layers[l];
            if (!has_left(fix, layer))
                continue;
            if (shown < LINES)
                say_left(&fix->steps[i], layer, fix->cli->options.keep_margin, &body);
            else
                more++;
            shown++;
        }
    if (more > 0)
        hwv_text_printf(&body, "and %zu more layer%s; --report FILE has them all\n", more, more == 1 ? "" : "s");
    if (body.length > 0 || body.failed) {
        hwv_text_puts(text, "\n");
        put("LEFT", HWV_STYLE_PLAIN, &body, term, text);
    }
}

static void put_end(const hwv_cli_fixed *fix, const hwv_term *term, hwv_text *text)
{
    const hwv_cli_stage *first = &fix->stages[0];
    hwv_text body = {0};
    hwv_text_puts(text, "\n");
    hwv_text_printf(&body, "%s sample%s of %s.", hwv_check_count(first->tally.samples).text,
                    first->tally.samples == 1 ? "" : "s", fix->subject.samples.source);
    if (fix->outcome == HWV_CLI_FIXED && fix->stage_count > 1)
        hwv_text_puts(&body, " Other inputs may need what these did not.");
    put("MEASURED", HWV_STYLE_PLAIN, &body, term, text);
    if (fix->written)
        hwv_text_printf(&body, "%s%s", fix->out,
                        fix->outcome == HWV_CLI_NO_NEED ? ", the bytes of the model as it was" : "");
    else
        hwv_text_puts(&body, fix->cli->options.dry_run ? "nothing: --dry-run" : "nothing");
    put("WROTE", HWV_STYLE_PLAIN, &body, term, text);
}

void hwv_cli_fix_show(const hwv_cli_fixed *fix, const hwv_term *term, hwv_text *text)
{
    put_verdict(fix, term, text);
    if (fix->stage_count > 1) {
        put_costs(fix, term, text);
        for (size_t i = 0; i < fix->step_count; i++)
            if (fix->steps[i].done)
                put_layers(&fix->steps[i], term, text);
    }
    put_left(fix, term, text);
    put_end(fix, term, text);
}
