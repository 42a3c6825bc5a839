/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A check as a page: what matters first, method last. A page has a limit, so that pictures are added as long as there is
 * room for them, those of the sickest layers first, and the table of units gets what is left. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/memory.h"
#include "report/check_figures.h"
#include "report/check_layers.h"

#define LAYERS 64 /* most of them in the strip and the table of what units do */
#define FEW    24 /* in other tables */
#define SICK   8  /* most layers that are explained */

/* Bytes of the body at which a section stops adding. The rest of a page takes about 12 000. */
#define ROOM_CAUSES  112000
#define ROOM_RATES   124000
#define ROOM_SAMPLES 164000
#define ROOM_UNITS   184000
#define UNIT_ROW     400 /* bytes of a row, about */

typedef struct builder {
    const hwv_check_view *view;
    const hwv_diagnosis *d;
    hwv_page *page;
    size_t *order; /* layers, the sickest first */
    bool *shown;   /* the LAYERS sickest */
    bool *few;     /* the FEW sickest */
} builder;

/* ---- which layers ---- */

typedef struct severity {
    size_t layer;
    hwv_verdict verdict;
    double dead, silent; /* shares */
} severity;

static int sickest(const void *left, const void *right)
{
    const severity *a = left, *b = right;
    if (a->verdict != b->verdict)
        return a->verdict > b->verdict ? -1 : 1;
    if (a->dead < b->dead || a->dead > b->dead)
        return a->dead > b->dead ? -1 : 1;
    if (a->silent < b->silent || a->silent > b->silent)
        return a->silent > b->silent ? -1 : 1;
    return (a->layer > b->layer) - (a->layer < b->layer);
}

static bool sort_layers(builder *b)
{
    size_t count = b->d->layer_count;
    severity *all = hwv_calloc(count, sizeof *all);
    b->order = hwv_calloc(count, sizeof *b->order);
    b->shown = hwv_calloc(count, sizeof *b->shown);
    b->few = hwv_calloc(count, sizeof *b->few);
    bool ok = all != NULL && b->order != NULL && b->shown != NULL && b->few != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        const hwv_layer_diagnosis *layer = &b->d->layers[i];
        double units = fmax(1, (double)layer->tally->units);
        all[i] = (severity){i, layer->verdict, (double)layer->dead / units, (double)layer->silent / units};
    }
    if (ok) {
        qsort(all, count, sizeof *all, sickest);
        for (size_t i = 0; i < count; i++) {
            b->order[i] = all[i].layer;
            b->shown[all[i].layer] = i < LAYERS;
            b->few[all[i].layer] = i < FEW;
        }
    }
    hwv_free(all);
    return ok;
}

static const hwv_layer_diagnosis *layer_at(const builder *b, size_t i)
{
    return &b->d->layers[b->order[i]];
}

/* Draws apart and keeps what was drawn where the body stays within `room`. */
typedef void draw_layer(const hwv_check_view *view, size_t layer, hwv_page *page);

static bool add_figure(const builder *b, draw_layer *draw, size_t layer, size_t room)
{
    hwv_page part = {0};
    draw(b->view, layer, &part);
    bool fits = b->page->body.length + part.body.length <= room;
    if (fits || part.body.failed)
        hwv_page_add(b->page, &part);
    hwv_page_free(&part);
    return fits;
}

/* ---- verdict ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* No line ends inside of a number: "2 877" with a space that does not break. */
static void keep_numbers(hwv_text *text)
{
    hwv_text kept = {0};
    for (const char *at = text->data; at != NULL && *at != '\0'; at++) {
        bool inside = *at == ' ' && at > text->data && is_digit(at[-1]) && is_digit(at[1]) && is_digit(at[2]) &&
                      is_digit(at[3]) && !is_digit(at[4]);
        hwv_text_add(&kept, inside ? "\u00a0" : at, inside ? 2 : 1);
    }
    kept.failed = kept.failed || text->failed;
    hwv_text_free(text);
    *text = kept;
}

static void paragraph(hwv_page *page, hwv_style style, hwv_text *text)
{
    keep_numbers(text);
    hwv_page_paragraph(page, style, text->data);
    page->body.failed = page->body.failed || text->failed;
    hwv_text_free(text);
}

static void put_verdict(const builder *b)
{
    hwv_text sentence = {0}, detail = {0};
    hwv_check_sentence(b->view, &sentence);
    hwv_check_detail(b->view, &detail);
    keep_numbers(&sentence);
    keep_numbers(&detail);
    hwv_page_mark mark = {.style = hwv_check_verdict_style(b->d->verdict),
                          .word = hwv_check_verdict_head(b->d->verdict)};
    const char *said = sentence.data != NULL ? strchr(sentence.data, ':') : NULL;
    char upper[200];
    snprintf(upper, sizeof upper, "%s", said != NULL ? said + 2 : "");
    if (upper[0] >= 'a' && upper[0] <= 'z')
        upper[0] = (char)(upper[0] - 'a' + 'A');
    hwv_page_verdict(b->page, &mark, upper, detail.data);
    b->page->body.failed = b->page->body.failed || sentence.failed || detail.failed;
    hwv_text_free(&sentence);
    hwv_text_free(&detail);
}

/* Share of zero entries over all looks at all layers; NaN without any. */
static double all_zeros(const hwv_diagnosis *d)
{
    double zeros = 0, all = 0;
    for (size_t i = 0; i < d->layer_count; i++) {
        double entries = (double)d->layers[i].tally->looks * (double)d->layers[i].tally->units;
        if (isfinite(d->layers[i].zeros)) {
            zeros += d->layers[i].zeros * entries;
            all += entries;
        }
    }
    return all > 0 ? zeros / all : (double)NAN;
}

static void put_figures(const builder *b)
{
    const hwv_diagnosis *d = b->d;
    char dead[120], samples[120];
    double units = fmax(1, (double)d->units), bound = d->layer_count > 0 ? d->layers[0].rate_bound : 1;
    snprintf(dead, sizeof dead, "%s of %s units", hwv_number_of((double)d->dead / units, HWV_UNIT_SHARE).text,
             hwv_check_count(d->units).text);
    snprintf(samples, sizeof samples, "silent units fire for fewer than %s of such samples (95 %%)",
             hwv_check_bound(bound).text);
    hwv_number n[4] = {hwv_check_count(d->dead), hwv_check_count(d->silent), hwv_check_count(d->tally->samples),
                       hwv_number_percent(all_zeros(d), 1)};
    const hwv_page_fact facts[] = {
        {"dead units", n[0].text, dead},
        {"silent units", n[1].text, "fired for no sample"},
        {d->tally->group > 1 ? "groups of samples" : "samples", n[2].text, d->silent > 0 ? samples : NULL},
        {"zero entries", n[3].text, "no judgement: half is usual behind a relu"}};
    hwv_page_key_figures(b->page, facts, sizeof facts / sizeof facts[0]);
    hwv_text text = {0};
    hwv_text_puts(&text, "Not checked: ");
    hwv_check_not_checked(b->view, &text);
    paragraph(b->page, HWV_STYLE_FAINT, &text);
}

/* ---- layers ---- */

#define TABLE_OF(...)                                                                                                  \
    {                                                                                                                  \
        .columns = {__VA_ARGS__}, .count = sizeof((const hwv_check_column[]){__VA_ARGS__}) / sizeof(hwv_check_column), \
        .name = 30                                                                                                     \
    }

/* Adds to a note that not all of `count` layers are there. */
static void say_few(size_t most, size_t count, const char *what, hwv_text *note)
{
    if (count > most)
        hwv_text_printf(note, "%sThe %zu sickest of %s layers%s.", note->length > 0 ? " " : "", most,
                        hwv_check_count(count).text, what);
}

static size_t silent_layers(const hwv_diagnosis *d)
{
    size_t count = 0;
    for (size_t i = 0; i < d->layer_count; i++)
        count += d->layers[i].silent > 0;
    return count;
}

static void put_table(const builder *b, hwv_check_wish wish, const bool *shown, const char *said, const char *fold)
{
    hwv_text note = {0};
    hwv_text_puts(&note, said);
    if (wish.silent_only)
        say_few(FEW, silent_layers(b->d), " with silent units", &note);
    else
        say_few(shown == b->shown ? LAYERS : FEW, b->d->layer_count, "", &note);
    hwv_check_table table = {.table = {.caption = {.note = note.data}}};
    wish.shown = shown;
    hwv_check_table_open(&table, b->view, &wish);
    hwv_page_table(b->page, &table.table, fold);
    b->page->body.failed = b->page->body.failed || note.failed;
    hwv_check_table_close(&table);
    hwv_text_free(&note);
}

static void put_layers(const builder *b)
{
    static const hwv_check_wish counts =
        TABLE_OF(HWV_CHECK_NUMBER, HWV_CHECK_NAME, HWV_CHECK_VERDICT, HWV_CHECK_UNITS, HWV_CHECK_SILENT_UNITS,
                 HWV_CHECK_DEAD_UNITS, HWV_CHECK_INERT_UNITS, HWV_CHECK_RARE_UNITS, HWV_CHECK_ALWAYS,
                 HWV_CHECK_ZERO_SHARE, HWV_CHECK_OP);
    static const hwv_check_wish more =
        TABLE_OF(HWV_CHECK_NUMBER, HWV_CHECK_NAME, HWV_CHECK_SHAPE, HWV_CHECK_RATE, HWV_CHECK_DORMANT,
                 HWV_CHECK_CONSTANT, HWV_CHECK_SATURATED, HWV_CHECK_GAMMA);
    hwv_page_section(b->page, "layers", "Layers");
    hwv_check_draw_strip(b->view, b->shown, b->page);
    put_table(b, counts, b->shown, HWV_CHECK_ZEROS, NULL);
    put_table(b, more, b->few, "",
              "More about the layers: shapes, rates, dormant, constant and saturated units, the input");
}

static void put_evidence(const builder *b)
{
    static const hwv_check_wish evidence = {.columns = {HWV_CHECK_NUMBER, HWV_CHECK_NAME, HWV_CHECK_SILENT_UNITS,
                                                        HWV_CHECK_EVIDENCE, HWV_CHECK_JOINT, HWV_CHECK_CURVE},
                                            .count = 6,
                                            .silent_only = true,
                                            .name = 30};
    if (b->d->silent == 0)
        return;
    hwv_page_section(b->page, "evidence", "How sure it is");
    hwv_text text = {0};
    hwv_text_printf(
        &text, "A unit that was silent in n samples fires in fewer than 1 - 0.05^(1/n) of samples like these, with "
               "95 %% confidence: that is the rate in the table, for each silent unit alone and for all of a layer "
               "together. What other data would do, it cannot say.");
    paragraph(b->page, HWV_STYLE_PLAIN, &text);
    hwv_check_draw_rarefaction(b->view, b->page);
    put_table(b, evidence, b->few, "", NULL);
}

/* ---- causes ---- */

static void put_medians(const hwv_layer_diagnosis *l, hwv_page *page)
{
    const hwv_column columns[] = {
        {"median", HWV_LEFT}, {l->dead > 0 ? "dead units" : "silent units", HWV_RIGHT}, {"living units", HWV_RIGHT}};
    const struct {
        const char *name;
        double dead, live;
    } rows[] = {{"bias", l->dead_bias, l->live_bias},
                {"pull of the input's mean, w.mu", l->dead_pull, l->live_pull},
                {"spread of z", l->dead_spread, l->live_spread}};
    hwv_table table = {.columns = columns, .column_count = 3};
    bool any = false;
    for (size_t i = 0; i < 3; i++) {
        if (isnan(rows[i].dead) && isnan(rows[i].live))
            continue;
        any = any || i < 2;
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", rows[i].name);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", isnan(rows[i].dead) ? "-" : hwv_number_plain(rows[i].dead).text);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", isnan(rows[i].live) ? "-" : hwv_number_plain(rows[i].live).text);
    }
    if (any)
        hwv_page_table(page, &table, NULL);
    page->body.failed = page->body.failed || table.failed;
    hwv_table_free(&table);
}

static void put_cause(const builder *b, size_t layer)
{
    const hwv_layer_diagnosis *l = &b->d->layers[layer];
    char name[100];
    hwv_text why = {0}, units = {0};
    hwv_text_printf(&why, "Layer %zu, %s: %s", layer + 1,
                    hwv_check_shorten(l->tally->name != NULL ? l->tally->name : "", 60, name, sizeof name), l->why);
    hwv_text_puts(&units, l->dead > 0 ? "Dead units: " : "Silent units: ");
    hwv_check_indices(l, l->dead > 0 ? HWV_CHECK_DEAD : HWV_CHECK_SILENT, 400, &units);
    hwv_text_puts(&units, ".");
    paragraph(b->page, HWV_STYLE_PLAIN, &why);
    put_medians(l, b->page);
    paragraph(b->page, HWV_STYLE_FAINT, &units);
    add_figure(b, hwv_check_draw_cause, layer, ROOM_CAUSES);
}

static void put_causes(const builder *b)
{
    size_t shown = 0, more = 0;
    for (size_t i = 0; i < b->d->layer_count; i++) {
        const hwv_layer_diagnosis *layer = layer_at(b, i);
        if (layer->silent == 0 || layer->verdict == HWV_VERDICT_HEALTHY)
            continue;
        if (shown == 0)
            hwv_page_section(b->page, "why", "Why");
        if (shown < SICK) {
            put_cause(b, b->order[i]);
            shown++;
        } else {
            more++;
        }
    }
    hwv_text text = {0};
    if (more > 0)
        hwv_text_printf(&text, "%zu more layers have silent units.", more);
    paragraph(b->page, HWV_STYLE_FAINT, &text);
}

/* ---- treatments ---- */

static void add_treatment(const hwv_check_treatment *t, hwv_table *table)
{
    const hwv_output_change *c = &t->change;
    hwv_style style = t->advised ? HWV_STYLE_GOOD : HWV_STYLE_PLAIN;
    hwv_table_cell(table, HWV_STYLE_STRONG, "%s", t->name);
    hwv_table_cell(table, style, "%s", t->advised ? "yes" : "no");
    if (!t->done)
        hwv_table_cell(table, HWV_STYLE_FAINT, "cannot be done");
    else
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", c->equal ? "0" : hwv_number_plain(c->largest).text);
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s",
                   t->done && isfinite(c->decided) ? hwv_number_of(c->decided, HWV_UNIT_SHARE).text : "");
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", t->done ? hwv_check_count(t->parameters_after).text : "");
}

static void put_treatments(const builder *b)
{
    static const hwv_column columns[] = {{"treatment", HWV_LEFT},
                                         {"advised", HWV_LEFT},
                                         {"outputs move by", HWV_RIGHT},
                                         {"same largest output", HWV_RIGHT},
                                         {"parameters", HWV_RIGHT}};
    const hwv_check_treatment *all = b->view->treatments;
    hwv_table table = {.columns = columns, .column_count = sizeof columns / sizeof columns[0]};
    hwv_text tried = {0}, note = {0};
    if (b->view->treatment_count == 0)
        return;
    hwv_page_section(b->page, "treatments", "What helps");
    hwv_text_puts(&tried, "Treatments, ");
    hwv_check_tried(b->view, &tried);
    hwv_text_puts(&tried, ".");
    paragraph(b->page, HWV_STYLE_PLAIN, &tried);
    for (size_t i = 0; i < b->view->treatment_count; i++)
        add_treatment(&all[i], &table);
    hwv_text_printf(&note, "Parameters: %s before.", hwv_check_count(all[0].parameters_before).text);
    table.caption.note = note.data;
    hwv_page_table(b->page, &table, NULL);
    b->page->body.failed = b->page->body.failed || table.failed || note.failed;
    hwv_table_free(&table);
    hwv_text_free(&note);
    for (size_t i = 0; i < b->view->treatment_count; i++) {
        hwv_text text = {0};
        if (hwv_check_names(b->view, i, &text))
            hwv_text_printf(&text, ": %s", all[i].reason);
        paragraph(b->page, all[i].advised ? HWV_STYLE_PLAIN : HWV_STYLE_FAINT, &text);
        if (all[i].advised)
            hwv_page_code(b->page, all[i].command);
    }
}

/* ---- rates ---- */

static void put_rate_table(const builder *b)
{
    static const double most[] = {0, 0.001, 0.01, 0.1, 0.5, 0.9, 1, HUGE_VAL};
    static const hwv_column columns[] = {
        {"", HWV_RIGHT},           {"layer", HWV_LEFT},      {"never", HWV_RIGHT},      {"under 0.1 %", HWV_RIGHT},
        {"0.1 to 1 %", HWV_RIGHT}, {"1 to 10 %", HWV_RIGHT}, {"10 to 50 %", HWV_RIGHT}, {"50 to 90 %", HWV_RIGHT},
        {"over 90 %", HWV_RIGHT},  {"always", HWV_RIGHT}};
    enum { CLASSES = sizeof most / sizeof most[0] };
    hwv_table table = {.columns = columns, .column_count = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < b->d->layer_count; i++) {
        const hwv_layer_diagnosis *layer = &b->d->layers[i];
        size_t counts[CLASSES] = {0};
        char name[100];
        if (!b->few[i])
            continue;
        for (size_t u = 0; u < layer->tally->units; u++) {
            double rate = layer->unit[u].rate;
            size_t k = 0;
            while (k + 1 < CLASSES && (k == 0 ? rate > 0 : rate >= most[k]))
                k++;
            counts[k]++;
        }
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%zu", i + 1);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s",
                       hwv_check_shorten(layer->tally->name != NULL ? layer->tally->name : "", 24, name, sizeof name));
        for (size_t k = 0; k < CLASSES; k++)
            hwv_table_cell(&table,
                           counts[k] == 0 ? HWV_STYLE_FAINT
                           : k == 0       ? HWV_STYLE_BAD
                                          : HWV_STYLE_PLAIN,
                           "%s", hwv_check_count(counts[k]).text);
    }
    hwv_text note = {0};
    say_few(FEW, b->d->layer_count, "", &note);
    table.caption.note = note.data;
    table.failed = table.failed || note.failed;
    hwv_page_table(b->page, &table, "The units of the layers by how often they fire");
    hwv_table_free(&table);
    hwv_text_free(&note);
}

static void put_rates(const builder *b)
{
    hwv_page_section(b->page, "rates", "How often units fire");
    size_t shown = 0;
    for (size_t i = 0; i < b->d->layer_count && shown < 4; i++) {
        /* A few units are better read in the table. */
        if (layer_at(b, i)->tally->units < 4)
            continue;
        if (!add_figure(b, hwv_check_draw_rates, b->order[i], ROOM_RATES))
            break;
        shown++;
    }
    put_rate_table(b);
}

/* ---- gradients, samples ---- */

static void put_flow(const builder *b)
{
    static const hwv_check_wish flow = TABLE_OF(HWV_CHECK_NUMBER, HWV_CHECK_NAME, HWV_CHECK_GRADIENT, HWV_CHECK_THEORY,
                                                HWV_CHECK_ZERO_GRADIENT, HWV_CHECK_SIGNAL);
    if (b->view->flow == NULL)
        return;
    hwv_page_section(b->page, "gradients", "Gradients");
    hwv_check_draw_flow(b->view, b->page);
    put_table(
        b, flow, b->few,
        "gradient: RMS of dL/dz; theory: what mean-field theory makes of that at the logits; gradient 0: share of its "
        "entries that are exactly 0; signal: RMS of the outputs.",
        NULL);
}

static bool has_picture(const hwv_layer_diagnosis *layer)
{
    return layer->tally->picture != NULL && layer->tally->picture_samples > 0 && layer->tally->units > 0;
}

/* Convolutions first; a dense layer where there are none. */
static void put_samples(const builder *b)
{
    size_t shown = 0, convolutions = 0;
    hwv_page pictures = {0};
    builder apart = *b;
    apart.page = &pictures;
    for (size_t i = 0; i < b->d->layer_count; i++)
        convolutions += has_picture(layer_at(b, i)) && layer_at(b, i)->tally->looks > layer_at(b, i)->tally->samples;
    size_t room = b->page->body.length < ROOM_SAMPLES ? ROOM_SAMPLES - b->page->body.length : 0;
    for (size_t i = 0; i < b->d->layer_count && shown < (convolutions > 0 ? 2u : 1u); i++) {
        const hwv_layer_diagnosis *layer = layer_at(b, i);
        if (!has_picture(layer) || (convolutions > 0 && layer->tally->looks <= layer->tally->samples))
            continue;
        add_figure(&apart, hwv_check_draw_samples, b->order[i], room);
        shown++;
    }
    if (pictures.body.length > 0 || pictures.body.failed) {
        hwv_page_section(b->page, "samples", "What fires for which sample");
        hwv_page_add(b->page, &pictures);
    }
    hwv_page_free(&pictures);
}

/* ---- method ---- */

static void put_method(const builder *b)
{
    const hwv_diagnosis_options *o = &b->d->options;
    char dead[240], verdict[240];
    hwv_text checked = {0}, missing = {0};
    snprintf(dead, sizeof dead,
             "silent, where the operator is flat, in enough samples: with 95 %% confidence it fires for "
             "fewer than %s of them",
             hwv_number_of(o->bound, HWV_UNIT_SHARE).text);
    snprintf(
        verdict, sizeof verdict,
        "sick: over %s of a layer's units dead; cannot tell: silent units and too few samples; look: over 1 %% dead; "
        "else healthy. The model's is its layers' worst",
        hwv_number_of(o->fail_over, HWV_UNIT_SHARE).text);
    hwv_check_checked(b->view, &checked);
    hwv_check_not_checked(b->view, &missing);
    keep_numbers(&checked);
    const hwv_page_fact facts[] = {
        {"checked", checked.data, NULL},
        {"not checked", missing.data, NULL},
        {"z", "the pre-activation: what goes into the activation, in evaluation mode, on the network as it is", NULL},
        {"sample, look", "samples are independent inputs; a convolution looks at a unit once per sample and position",
         NULL},
        {"mean, spread",
         "of z and of inputs: over all looks, or of 64 and more of a sample one in 4, of 128 and more one in 16", NULL},
        {"fires", "z where the activation passes: above 0 for the relu family", NULL},
        {"silent", "fired in no sample", NULL},
        {"dead", dead, NULL},
        {"inert", "silent, but the operator slopes there, so that it can still learn; in no verdict", NULL},
        {"rare", "fires on some, but fewer than 1 % of the looks", NULL},
        {"always on", "fires on every look", NULL},
        {"dormant", "its mean |h| is at most 0.025 of the layer's (Sokar et al., 2023)", NULL},
        {"zeros", "share of entries that are 0: a property of the activation and in no verdict", NULL},
        {"rarefaction", "the sum over units of C(n - k, m) / C(n, m): k of n samples fire it, m are kept", NULL},
        {"cause", "mean of z = b + w.mu, mu the mean of the layer's input; an input with |mean|/|std| over 1 is risky",
         NULL},
        {"verdict", verdict, NULL}};
    hwv_page_section(b->page, "method", "Method");
    hwv_page_facts(b->page, facts, sizeof facts / sizeof facts[0]);
    b->page->body.failed = b->page->body.failed || checked.failed || missing.failed;
    hwv_text_free(&checked);
    hwv_text_free(&missing);
}

static void put_units(const builder *b)
{
    hwv_page method = {0};
    builder apart = *b;
    apart.page = &method;
    put_method(&apart);
    size_t used = b->page->body.length + method.body.length;
    size_t rows = used < ROOM_UNITS ? (ROOM_UNITS - used) / UNIT_ROW : 0;
    if (rows > 0 && b->d->units > 0) {
        hwv_page_section(b->page, "units", "Units");
        hwv_check_put_units(b->view, rows, b->page);
    }
    hwv_page_add(b->page, &method);
    hwv_page_free(&method);
}

void hwv_check_page(const hwv_check_view *view, hwv_page *page, hwv_page_head *head, hwv_text *strings)
{
    builder b = {.view = view, .d = view->diagnosis, .page = page};
    hwv_text_puts(strings, "Which units never fire, how sure that is, and why: ");
    hwv_check_checked(view, strings);
    keep_numbers(strings);
    *head = (hwv_page_head){.kind = "check", .title = hwv_check_model(view), .lead = strings->data};
    if (sort_layers(&b)) {
        put_verdict(&b);
        put_figures(&b);
        if (b.d->layer_count > 0) {
            put_layers(&b);
            put_evidence(&b);
            put_causes(&b);
            put_treatments(&b);
            put_rates(&b);
            put_flow(&b);
            put_samples(&b);
        }
        put_units(&b);
    } else {
        page->body.failed = true;
    }
    hwv_free(b.order);
    hwv_free(b.shown);
    hwv_free(b.few);
}

hwv_status hwv_check_page_save(const hwv_check_view *view, const char *path, hwv_error *error)
{
    hwv_page page = {0};
    hwv_page_head head;
    hwv_text strings = {0};
    hwv_check_page(view, &page, &head, &strings);
    page.body.failed = page.body.failed || strings.failed;
    hwv_status status = hwv_page_save(&page, &head, path, error);
    hwv_page_free(&page);
    hwv_text_free(&strings);
    return status;
}
