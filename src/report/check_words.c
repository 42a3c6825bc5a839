/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Words and numbers of a check. */
#include "report/check_words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/utf8.h"

/* ---- states and verdicts ---- */

hwv_check_state hwv_check_state_of(const hwv_unit_diagnosis *unit)
{
    static const struct {
        unsigned is;
        hwv_check_state state;
    } order[] = {{HWV_UNIT_DEAD, HWV_CHECK_DEAD},
                 {HWV_UNIT_INERT, HWV_CHECK_INERT},
                 {HWV_UNIT_SILENT, HWV_CHECK_SILENT},
                 {HWV_UNIT_RARE, HWV_CHECK_RARE},
                 {HWV_UNIT_ALWAYS_ON, HWV_CHECK_ALWAYS_ON}};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if ((unit->is & order[i].is) != 0)
            return order[i].state;
    return HWV_CHECK_FIRING;
}

const char *hwv_check_state_name(hwv_check_state state)
{
    static const char *const names[HWV_CHECK_STATES] = {"dead", "silent", "inert", "rare", "firing", "always on"};
    return names[state];
}

hwv_style hwv_check_state_style(hwv_check_state state)
{
    /* Red, amber, pink, brown, blue, grey: the lightness falls and rises too. */
    static const unsigned char colors[HWV_CHECK_STATES] = {0, 4, 7, 3, 0, 6};
    return state == HWV_CHECK_DEAD ? HWV_STYLE_BAD : hwv_style_series(colors[state]);
}

void hwv_check_counts(const hwv_layer_diagnosis *layer, size_t counts[HWV_CHECK_STATES])
{
    for (size_t s = 0; s < HWV_CHECK_STATES; s++)
        counts[s] = 0;
    for (size_t u = 0; u < layer->tally->units; u++)
        counts[hwv_check_state_of(&layer->unit[u])]++;
}

const char *hwv_check_verdict_head(hwv_verdict verdict)
{
    static const char *const heads[] = {"HEALTHY", "LOOK", "CANNOT TELL", "SICK"};
    return heads[verdict];
}

const char *hwv_check_verdict_word(hwv_verdict verdict)
{
    static const char *const words[] = {"healthy", "look", "cannot tell", "sick"};
    return words[verdict];
}

hwv_style hwv_check_verdict_style(hwv_verdict verdict)
{
    static const hwv_style styles[] = {HWV_STYLE_GOOD, HWV_STYLE_WARN, HWV_STYLE_WARN, HWV_STYLE_BAD};
    return styles[verdict];
}

/* ---- numbers and names ---- */

hwv_number hwv_check_count(uint64_t value)
{
    char digits[24];
    hwv_number n;
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    size_t used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            n.text[used++] = ' ';
        n.text[used++] = digits[i];
    }
    n.text[used] = '\0';
    return n;
}

hwv_number hwv_check_bound(double share)
{
    double percent = share * 100;
    if (!(percent > 0) || percent >= 100)
        return hwv_number_percent(share, 0);
    int decimals = percent < 1e-8 ? 9 : (int)fmax(0, 1 - floor(log10(percent)));
    /* 4.6 % may be 4.6000000000000005 in doubles. */
    double step = pow(10, decimals), up = ceil(percent * step * (1 - 1e-12));
    /* 0.997 becomes 1.0, not 1.00. */
    if (up >= 100 && decimals > 0)
        return hwv_number_percent(up / step / 100, decimals - 1);
    return hwv_number_percent(up / step / 100, decimals > 9 ? 9 : decimals);
}

hwv_number hwv_check_expected(double units)
{
    if (fabs(units - round(units)) < 5e-10 * fmax(1, units))
        return hwv_number_fixed(units, 0);
    return units < 9.95 ? hwv_number_fixed(units, 2) : hwv_number_fixed(units, 1);
}

/* The end of a string that fits `columns`. */
static const char *last_columns(const char *string, size_t columns)
{
    size_t width = hwv_utf8_width(string);
    while (width > columns)
        width -= hwv_utf8_columns(hwv_utf8_next(&string));
    /* No combining character without what it belongs to. */
    for (const char *next = string; *next != '\0'; string = next)
        if (hwv_utf8_columns(hwv_utf8_next(&next)) > 0)
            break;
    return string;
}

const char *hwv_check_shorten(const char *name, size_t columns, char *buffer, size_t size)
{
    static const char ellipsis[] = "\u2026";
    if (hwv_utf8_width(name) <= columns && strlen(name) < size) {
        memcpy(buffer, name, strlen(name) + 1);
        return buffer;
    }
    /* A third from the beginning, the rest from the end, which is where names differ. */
    size_t head = columns > 0 ? (columns - 1) / 3 : 0, used = 0, length = 0;
    for (const char *at = name, *next = name;; at = next) {
        size_t width = hwv_utf8_columns(hwv_utf8_next(&next));
        if (next == at || used + width > head || length + (size_t)(next - at) + sizeof ellipsis > size / 2)
            break;
        memcpy(buffer + length, at, (size_t)(next - at));
        length += (size_t)(next - at);
        used += width;
    }
    memcpy(buffer + length, ellipsis, sizeof ellipsis);
    length += sizeof ellipsis - 1;
    const char *tail = last_columns(name, columns > used ? columns - used - 1 : 0);
    while (strlen(tail) >= size - length)
        hwv_utf8_next(&tail);
    memcpy(buffer + length, tail, strlen(tail) + 1);
    return buffer;
}

hwv_number hwv_check_shape(const hwv_layer_diagnosis *layer)
{
    hwv_number n = {.text = ""};
    if (layer->tally->features > 0)
        snprintf(n.text, sizeof n.text, "%zu->%zu", layer->tally->features, layer->tally->units);
    return n;
}

void hwv_check_samples(const hwv_check_view *view, hwv_text *text)
{
    const hwv_tally *tally = view->diagnosis->tally;
    uint64_t n = tally->samples;
    if (tally->group > 1)
        hwv_text_printf(text, "%s group%s of %s inputs", hwv_check_count(n).text, n == 1 ? "" : "s",
                        hwv_check_count(tally->group).text);
    else
        hwv_text_printf(text, "%s input%s", hwv_check_count(n).text, n == 1 ? "" : "s");
}

void hwv_check_indices(const hwv_layer_diagnosis *layer, hwv_check_state state, size_t room, hwv_text *text)
{
    size_t units = layer->tally->units, start = text->length, shown = 0, all = 0;
    for (size_t u = 0; u < units; u++)
        all += hwv_check_state_of(&layer->unit[u]) == state;
    for (size_t u = 0; u < units && text->length - start < room && !text->failed; u++) {
        if (hwv_check_state_of(&layer->unit[u]) != state)
            continue;
        size_t end = u;
        while (end + 1 < units && hwv_check_state_of(&layer->unit[end + 1]) == state)
            end++;
        hwv_text_printf(text, "%s%zu", shown > 0 ? ", " : "", u);
        if (end > u)
            hwv_text_printf(text, "%s%zu", end > u + 1 ? "-" : ", ", end);
        shown += end - u + 1;
        u = end;
    }
    if (shown < all)
        hwv_text_printf(text, " and %s more", hwv_check_count(all - shown).text);
}

/* ---- sentences ---- */

const char *hwv_check_model(const hwv_check_view *view)
{
    if (view->model != NULL)
        return view->model;
    return view->diagnosis->tally->model != NULL ? view->diagnosis->tally->model : "model";
}

static void say_never(const hwv_diagnosis *d, hwv_text *text)
{
    hwv_text_printf(text, "%s of %s units never fire%s (%s).", hwv_check_count(d->dead).text,
                    hwv_check_count(d->units).text, d->dead == 1 ? "s" : "",
                    hwv_number_of(d->units > 0 ? (double)d->dead / (double)d->units : 0, HWV_UNIT_SHARE).text);
}

void hwv_check_sentence(const hwv_check_view *view, hwv_text *text)
{
    const hwv_diagnosis *d = view->diagnosis;
    hwv_text_printf(text, "%s: ", hwv_check_verdict_head(d->verdict));
    if (d->units == 0)
        hwv_text_puts(text, "there is no activation unit to check.");
    else if (d->verdict == HWV_VERDICT_CANNOT_TELL)
        hwv_text_printf(text, "%s of %s units %s silent in %s samples; %s would settle it.",
                        hwv_check_count(d->silent).text, hwv_check_count(d->units).text,
                        d->silent == 1 ? "was" : "were", hwv_check_count(d->tally->samples).text,
                        hwv_check_count(d->samples_needed).text);
    else if (d->verdict == HWV_VERDICT_HEALTHY && d->dead == 0)
        hwv_text_printf(text, d->silent + d->inert == 0 ? "all %s units fire." : "no unit of %s is dead.",
                        hwv_check_count(d->units).text);
    else
        say_never(d, text);
}

#define NAMED 4 /* most layers that a sentence names */

/* "Sick: layer 1 (87 of 128 units dead), layer 3 (20 of 64)." */
static void say_layers(const hwv_diagnosis *d, hwv_verdict verdict, hwv_text *text)
{
    static const char *const heads[] = {"Healthy", "Worth a look", "Too few samples for", "Sick"};
    size_t named = 0, more = 0;
    for (size_t i = 0; i < d->layer_count; i++) {
        const hwv_layer_diagnosis *layer = &d->layers[i];
        if (layer->verdict != verdict)
            continue;
        if (named == NAMED) {
            more++;
            continue;
        }
        bool open = verdict == HWV_VERDICT_CANNOT_TELL;
        hwv_text_printf(text, "%s%s layer %zu (%s of %s", named == 0 ? heads[verdict] : "",
                        named > 0 ? ","
                        : open    ? ""
                                  : ":",
                        i + 1, hwv_check_count(open ? layer->silent : layer->dead).text,
                        hwv_check_count(layer->tally->units).text);
        hwv_text_puts(text, named++ > 0 ? ")" : open ? " units silent)" : " units dead)");
    }
    if (more > 0)
        hwv_text_printf(text, " and %s more", hwv_check_count(more).text);
    if (named > 0)
        hwv_text_puts(text, ". ");
}

void hwv_check_detail(const hwv_check_view *view, hwv_text *text)
{
    const hwv_diagnosis *d = view->diagnosis;
    uint64_t nans = 0;
    for (size_t i = 0; i < d->layer_count; i++)
        nans += d->layers[i].nans;
    for (int v = HWV_VERDICT_SICK; v > HWV_VERDICT_HEALTHY; v--)
        say_layers(d, (hwv_verdict)v, text);
    if (d->silent > d->dead && d->verdict != HWV_VERDICT_CANNOT_TELL)
        hwv_text_printf(text, "%s more %s silent, in too few samples to be called dead. ",
                        hwv_check_count(d->silent - d->dead).text,
                        d->silent - d->dead == 1 ? "unit was" : "units were");
    if (d->inert > 0)
        hwv_text_printf(text, "%s %s inert: silent where the operator still slopes, so a gradient gets through. ",
                        hwv_check_count(d->inert).text, d->inert == 1 ? "unit is" : "units are");
    if (nans > 0)
        hwv_text_printf(text, "%s of the pre-activations are NaN; they fire nowhere. ", hwv_check_count(nans).text);
    if (text->length > 0 && text->data[text->length - 1] == ' ')
        text->data[--text->length] = '\0';
}

static void say_median(const char *who, double bias, double pull, double spread, hwv_text *text)
{
    const struct {
        const char *name;
        double value;
    } parts[] = {{"bias", bias}, {"pull of the input mean", pull}, {"spread", spread}};
    bool any = false;
    for (size_t i = 0; i < 3; i++) {
        if (isnan(parts[i].value))
            continue;
        hwv_text_printf(text, "%s%s %s", any ? ", " : who, parts[i].name, hwv_number_plain(parts[i].value).text);
        any = true;
    }
}

void hwv_check_medians(const hwv_layer_diagnosis *layer, hwv_text *text)
{
    size_t before = text->length;
    say_median(layer->dead > 0 ? "dead units: " : "silent units: ", layer->dead_bias, layer->dead_pull,
               layer->dead_spread, text);
    say_median(text->length > before ? "; living: " : "living units: ", layer->live_bias, layer->live_pull,
               layer->live_spread, text);
}

void hwv_check_checked(const hwv_check_view *view, hwv_text *text)
{
    const hwv_diagnosis *d = view->diagnosis;
    hwv_text_puts(text, "activations of ");
    hwv_text_printf(text, "%s layer%s on ", hwv_check_count(d->layer_count).text, d->layer_count == 1 ? "" : "s");
    hwv_check_samples(view, text);
    if (view->data != NULL)
        hwv_text_printf(text, " of %s", view->data);
    if (view->flow != NULL)
        hwv_text_printf(text, "; gradients on %s labelled ones", hwv_check_count(view->flow->samples).text);
    hwv_text_puts(text, ".");
}

void hwv_check_not_checked(const hwv_check_view *view, hwv_text *text)
{
    if (view->flow == NULL)
        hwv_text_puts(text, "gradients (no --labels), ");
    hwv_text_puts(text, "other data");
    for (size_t i = 0; i < view->not_checked_count; i++)
        hwv_text_printf(text, "; %s", view->not_checked[i]);
    hwv_text_puts(text, ".");
}

void hwv_check_tried(const hwv_check_view *view, hwv_text *text)
{
    uint64_t samples = 0;
    for (size_t i = 0; i < view->treatment_count; i++)
        samples = view->treatments[i].done ? view->treatments[i].change.samples : samples;
    if (samples > 0)
        hwv_text_printf(text, "tried on %s%s input%s; outputs are those before a last softmax or sigmoid",
                        samples < view->diagnosis->tally->rows ? "the first " : "", hwv_check_count(samples).text,
                        samples == 1 ? "" : "s");
    else
        hwv_text_puts(text, "none can be done");
}

static bool says_same(const hwv_check_treatment *a, const hwv_check_treatment *b)
{
    return !a->done && !b->done && strcmp(a->reason, b->reason) == 0;
}

bool hwv_check_names(const hwv_check_view *view, size_t i, hwv_text *text)
{
    const hwv_check_treatment *all = view->treatments;
    for (size_t k = 0; k < i; k++)
        if (says_same(&all[k], &all[i]))
            return false;
    hwv_text_puts(text, all[i].name);
    for (size_t k = i + 1; k < view->treatment_count; k++)
        if (says_same(&all[k], &all[i]))
            hwv_text_printf(text, ", %s", all[k].name);
    return true;
}

void hwv_check_effect(const hwv_check_treatment *t, hwv_text *text)
{
    const hwv_output_change *c = &t->change;
    if (!t->done) {
        hwv_text_puts(text, "cannot be done");
        return;
    }
    if (c->equal)
        hwv_text_puts(text, "all outputs stay equal");
    else
        hwv_text_printf(text, "outputs move by %s%s",
                        hwv_output_change_keeps(c, HWV_PROMISE_EXACT) ? "no more than " : "",
                        hwv_number_plain(c->largest).text);
    if (!c->equal && isfinite(c->decided) && c->decided < 1)
        hwv_text_printf(text, ", the largest stays the same for %s of the %s",
                        hwv_number_of(c->decided, HWV_UNIT_SHARE).text, c->tokens ? "tokens" : "inputs");
    if (t->parameters_after != t->parameters_before)
        hwv_text_printf(text, "; %s parameters become %s", hwv_check_count(t->parameters_before).text,
                        hwv_check_count(t->parameters_after).text);
}

const hwv_layer_flow *hwv_check_flow(const hwv_check_view *view, size_t layer)
{
    const char *name = view->diagnosis->layers[layer].tally->name;
    if (view->flow == NULL || name == NULL)
        return NULL;
    /* Mostly the same layers in the same order. */
    size_t count = view->flow->layer_count;
    for (size_t k = 0; k < count; k++) {
        size_t i = (layer + k) % count;
        if (view->flow->layers[i].name != NULL && strcmp(view->flow->layers[i].name, name) == 0)
            return &view->flow->layers[i];
    }
    return NULL;
}
