/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * One unit, and what its figures mean. */
#include <math.h>
#include <stdio.h>

#include "report/check_words.h"

typedef struct sheet {
    const hwv_check_view *view;
    const hwv_layer_diagnosis *layer;
    const hwv_unit_diagnosis *unit;
    const hwv_unit_tally *tally;
    size_t layer_index, unit_index;
    hwv_check_state state;
} sheet;

static void row(hwv_table *table, const char *name, const char *value, const char *remark)
{
    hwv_table_cell(table, HWV_STYLE_FAINT, "%s", name);
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", value);
    hwv_table_cell(table, HWV_STYLE_FAINT, "%s", remark);
}

static void number_row(hwv_table *table, const char *name, double value, const char *remark)
{
    if (!isnan(value))
        row(table, name, hwv_number_plain(value).text, remark);
}

static void put_rates(const sheet *s, hwv_table *table)
{
    char value[96];
    uint64_t looks = s->layer->tally->looks, samples = s->layer->tally->samples;
    snprintf(value, sizeof value, "%s of %s", hwv_check_count(s->tally->fired_samples).text,
             hwv_check_count(samples).text);
    row(table, "samples that fire it", value, "evidence counts these");
    if (looks != samples) {
        snprintf(value, sizeof value, "%s of %s", hwv_check_count(s->tally->fired).text, hwv_check_count(looks).text);
        row(table, "looks that fire it", value, "samples x positions");
    }
    row(table, "rate", hwv_number_of(s->unit->rate, HWV_UNIT_SHARE).text, "of looks");
    if (s->tally->fired_samples == 0 && samples > 0) {
        snprintf(value, sizeof value, "rate < %s", hwv_check_bound(s->layer->rate_bound).text);
        row(table, "evidence (95 %)", value, "of samples, for this unit alone");
    }
    snprintf(value, sizeof value, "%s",
             hwv_number_of(looks > 0 ? (double)s->tally->zeros / (double)looks : 0, HWV_UNIT_SHARE).text);
    row(table, "zeros", value, "entries that are 0; no judgement");
    if (s->tally->nans > 0)
        row(table, "NaN", hwv_check_count(s->tally->nans).text, "looks; they fire nowhere");
}

static void put_numbers(const sheet *s, hwv_table *table)
{
    char value[120];
    snprintf(value, sizeof value, "%s +- %s", hwv_number_plain(s->unit->mean).text,
             hwv_number_plain(s->unit->std).text);
    char over[60] = "";
    if (s->tally->summed + s->tally->nans < s->layer->tally->looks)
        snprintf(over, sizeof over, "over %s of its looks", hwv_check_count(s->tally->summed).text);
    row(table, "z: mean, std", value, over);
    /* Nothing but NaN: no smallest and no largest. */
    if (s->tally->min <= s->tally->max) {
        snprintf(value, sizeof value, "%s to %s", hwv_number_plain((double)s->tally->min).text,
                 hwv_number_plain((double)s->tally->max).text);
        row(table, "z: range", value, "");
    }
    number_row(table, "bias", s->unit->bias, "");
    number_row(table, "pull", s->unit->pull, "w.mu: what the mean of the input adds");
    number_row(table, "norm of its weights", s->unit->norm, "");
    number_row(table, "margin", s->unit->margin, "largest z / std; below 0: never awake");
}

static void say_state(const sheet *s, hwv_text *text)
{
    uint64_t n = s->layer->tally->samples;
    if (s->tally->nans > 0 && s->tally->nans == s->layer->tally->looks) {
        hwv_text_puts(text, "Its z was NaN every time: it fires nowhere, and nothing else can be said about it.");
        return;
    }
    switch (s->state) {
    case HWV_CHECK_DEAD:
        hwv_text_printf(text,
                        "Dead: it fired for none of %s samples and gets no gradient, so training will not bring it "
                        "back. On this data its output is constant.",
                        hwv_check_count(n).text);
        break;
    case HWV_CHECK_SILENT:
        hwv_text_printf(text, "Silent so far: it fired for none of %s samples, too few to call it dead; %s would do.",
                        hwv_check_count(n).text, hwv_check_count(s->layer->samples_needed).text);
        break;
    case HWV_CHECK_INERT:
        hwv_text_puts(text,
                      "Inert: it never fired, but the operator slopes there, so a gradient gets through and it can "
                      "still learn. It is in no verdict.");
        break;
    case HWV_CHECK_RARE:
        hwv_text_printf(text,
                        "Rare: it fires for %s of the looks, less than 1 %%. That may be a detector of something "
                        "seldom; it is alive.",
                        hwv_number_of(s->unit->rate, HWV_UNIT_SHARE).text);
        break;
    case HWV_CHECK_ALWAYS_ON:
        hwv_text_puts(text, "Always on: the activation never bends here; on this data the unit is linear.");
        break;
    case HWV_CHECK_FIRING:
    case HWV_CHECK_STATES:
        hwv_text_printf(text, "Alive: it fires for %s of the looks.",
                        hwv_number_of(s->unit->rate, HWV_UNIT_SHARE).text);
        break;
    }
}

static void say_more(const sheet *s, hwv_text *text)
{
    static const struct {
        unsigned is;
        const char *sentence;
    } more[] = {
        {HWV_UNIT_CONSTANT, " Its z has no variance: it says the same about every sample."},
        {HWV_UNIT_DORMANT, " Dormant: its mean |h| is at most 0.025 of the layer's."},
        {HWV_UNIT_SATURATED_LOW, " Saturated at its lower end: hardly a gradient for more than 95 % of the looks."},
        {HWV_UNIT_SATURATED_HIGH, " Saturated at its upper end: hardly a gradient for more than 95 % of the looks."}};
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
        if ((s->unit->is & more[i].is) != 0)
            hwv_text_puts(text, more[i].sentence);
    bool silent = s->state == HWV_CHECK_DEAD || s->state == HWV_CHECK_SILENT;
    if (!silent)
        return;
    double bias = s->unit->bias, pull = s->unit->pull, std = s->unit->std;
    if (!isnan(bias) && !isnan(pull) && pull < 0 && pull < bias)
        hwv_text_printf(text, " What holds it down is the mean of its input (%s), not its bias (%s)%s.",
                        hwv_number_plain(pull).text, hwv_number_plain(bias).text,
                        std > 0 && -pull > std ? ": more than the spread of z can lift" : "");
    else if (!isnan(bias) && bias < 0)
        hwv_text_printf(text, " What holds it down is its bias (%s).", hwv_number_plain(bias).text);
    if (isfinite(s->unit->margin) && s->unit->margin < 0)
        hwv_text_printf(text, " Its largest z is %s std below waking.", hwv_number_plain(-s->unit->margin).text);
}

static void put_head(const sheet *s, const hwv_term *term, hwv_text *text)
{
    char name[100], head[256];
    const hwv_layer_tally *tally = s->layer->tally;
    snprintf(head, sizeof head, "UNIT %zu:%zu", s->layer_index + 1, s->unit_index);
    hwv_term_puts(text, term, HWV_STYLE_STRONG, head);
    hwv_text_puts(text, "  ");
    hwv_style style = s->state == HWV_CHECK_DEAD                                   ? HWV_STYLE_BAD
                      : s->state == HWV_CHECK_SILENT || s->state == HWV_CHECK_RARE ? HWV_STYLE_WARN
                      : s->state == HWV_CHECK_FIRING                               ? HWV_STYLE_GOOD
                                                                                   : HWV_STYLE_PLAIN;
    hwv_term_puts(text, term, style, hwv_check_state_name(s->state));
    hwv_text_puts(text, "\n");
    snprintf(head, sizeof head, "unit %zu of %zu in layer %zu, %s%s%s", s->unit_index, tally->units, s->layer_index + 1,
             hwv_check_shorten(tally->name != NULL ? tally->name : "", 40, name, sizeof name),
             tally->op[0] != '\0' ? ", " : "", tally->op);
    hwv_term_wrap(text, term, HWV_STYLE_FAINT, 0, head);
}

void hwv_check_unit_print(const hwv_check_view *view, size_t layer, size_t unit, const hwv_term *term, hwv_text *text)
{
    const hwv_layer_diagnosis *l = &view->diagnosis->layers[layer];
    sheet s = {.view = view,
               .layer = l,
               .unit = &l->unit[unit],
               .tally = &l->tally->unit[unit],
               .layer_index = layer,
               .unit_index = unit};
    s.state = hwv_check_state_of(s.unit);
    static const hwv_column columns[] = {{"figure", HWV_LEFT}, {"value", HWV_RIGHT}, {"", HWV_LEFT}};
    hwv_table table = {.columns = columns, .column_count = 3};
    hwv_text meaning = {0};
    put_rates(&s, &table);
    put_numbers(&s, &table);
    say_state(&s, &meaning);
    say_more(&s, &meaning);
    put_head(&s, term, text);
    hwv_table_text(&table, term, text);
    hwv_text_puts(text, "\n");
    hwv_term_wrap(text, term, HWV_STYLE_PLAIN, 0, meaning.data);
    text->failed = text->failed || meaning.failed;
    hwv_text_free(&meaning);
    hwv_table_free(&table);
}
