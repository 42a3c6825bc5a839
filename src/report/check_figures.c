/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pictures of a check. Titles say what is to be seen, in figures of this model. */
#include "report/check_figures.h"

#include <math.h>
#include <stdio.h>

#include "halfwave/memory.h"

#define NAME 22 /* columns of a layer's name in a picture */

static const char *name_of(const hwv_layer_diagnosis *layer, size_t columns, char *buffer, size_t size)
{
    return hwv_check_shorten(layer->tally->name != NULL ? layer->tally->name : "", columns, buffer, size);
}

/* The layer with the largest share of dead units, then of silent ones. */
static size_t worst_of(const hwv_diagnosis *d)
{
    size_t worst = 0;
    double most = -1;
    for (size_t i = 0; i < d->layer_count; i++) {
        const hwv_layer_diagnosis *layer = &d->layers[i];
        double share = ((double)layer->dead + 1e-3 * (double)layer->silent) / fmax(1, (double)layer->tally->units);
        if (share > most) {
            most = share;
            worst = i;
        }
    }
    return worst;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- strip ---- */

static void say_strip(const hwv_diagnosis *d, char *title, size_t size)
{
    const hwv_layer_diagnosis *layer = &d->layers[worst_of(d)];
    size_t number = worst_of(d) + 1;
    if (layer->dead > 0)
        snprintf(title, size, "%s of %s units of layer %zu never fire%s", hwv_check_count(layer->dead).text,
                 hwv_check_count(layer->tally->units).text, number, layer->dead == 1 ? "s" : "");
    else if (layer->silent > 0)
        snprintf(title, size, "%s of %s units of layer %zu %s silent so far", hwv_check_count(layer->silent).text,
                 hwv_check_count(layer->tally->units).text, number, layer->silent == 1 ? "was" : "were");
    else
        snprintf(title, size, "No unit is dead");
}

/* What each row and each part of a strip needs; owns all of it. */
typedef struct strip_data {
    char (*names)[120], (*notes)[48];
    const char **rows, **remarks;
    double *values;
    const char *parts[HWV_CHECK_STATES];
    hwv_style styles[HWV_CHECK_STATES];
    hwv_check_state states[HWV_CHECK_STATES];
    size_t part_count, row_count;
} strip_data;

static bool open_strip(strip_data *s, size_t rows)
{
    s->names = hwv_calloc(rows, sizeof *s->names);
    s->notes = hwv_calloc(rows, sizeof *s->notes);
    s->rows = hwv_calloc(rows, sizeof *s->rows);
    s->remarks = hwv_calloc(rows, sizeof *s->remarks);
    s->values = hwv_calloc(rows, HWV_CHECK_STATES * sizeof *s->values);
    return s->names != NULL && s->notes != NULL && s->rows != NULL && s->remarks != NULL && s->values != NULL;
}

static void close_strip(strip_data *s)
{
    hwv_free(s->names);
    hwv_free(s->notes);
    hwv_free((void *)s->rows);
    hwv_free((void *)s->remarks);
    hwv_free(s->values);
}

/* States that no unit is in are no parts. */
static void choose_parts(strip_data *s, const hwv_diagnosis *d)
{
    static const char *const names[HWV_CHECK_STATES] = {"dead",
                                                        "silent, too few samples to tell",
                                                        "inert: silent, but it slopes",
                                                        "rare: under 1 % of looks",
                                                        "firing",
                                                        "always on"};
    for (size_t p = 0; p < HWV_CHECK_STATES; p++) {
        bool any = p == HWV_CHECK_FIRING || p == HWV_CHECK_DEAD;
        for (size_t i = 0; i < d->layer_count && !any; i++) {
            size_t counts[HWV_CHECK_STATES];
            hwv_check_counts(&d->layers[i], counts);
            any = counts[p] > 0;
        }
        if (!any)
            continue;
        s->parts[s->part_count] = names[p];
        s->styles[s->part_count] = hwv_check_state_style((hwv_check_state)p);
        s->states[s->part_count++] = (hwv_check_state)p;
    }
}

static void add_strip_row(strip_data *s, const hwv_layer_diagnosis *layer, size_t number)
{
    char name[100];
    size_t counts[HWV_CHECK_STATES], r = s->row_count++;
    hwv_check_counts(layer, counts);
    snprintf(s->names[r], sizeof s->names[r], "%zu  %s", number, name_of(layer, NAME, name, sizeof name));
    s->rows[r] = s->names[r];
    s->remarks[r] = s->notes[r];
    hwv_number units = hwv_check_count(layer->tally->units);
    if (layer->dead > 0)
        snprintf(s->notes[r], sizeof s->notes[r], "%.12s of %.12s dead", hwv_check_count(layer->dead).text, units.text);
    else if (layer->silent > 0)
        snprintf(s->notes[r], sizeof s->notes[r], "%.12s of %.12s silent", hwv_check_count(layer->silent).text,
                 units.text);
    else
        snprintf(s->notes[r], sizeof s->notes[r], "%.12s unit%s", units.text, plural(layer->tally->units));
    for (size_t p = 0; p < s->part_count; p++)
        s->values[r * s->part_count + p] = (double)counts[s->states[p]];
}

void hwv_check_draw_strip(const hwv_check_view *view, const bool *shown, hwv_page *page)
{
    const hwv_diagnosis *d = view->diagnosis;
    strip_data s = {.part_count = 0};
    if (d->layer_count > 0 && open_strip(&s, d->layer_count)) {
        char title[160], note[120] = "";
        choose_parts(&s, d);
        for (size_t i = 0; i < d->layer_count; i++)
            if (shown == NULL || shown[i])
                add_strip_row(&s, &d->layers[i], i + 1);
        say_strip(d, title, sizeof title);
        if (s.row_count < d->layer_count)
            snprintf(note, sizeof note, "%zu of %zu layers, those with the most dead units among them.", s.row_count,
                     d->layer_count);
        hwv_page_strip(page, &(hwv_strip){.caption = {.title = title,
                                                      .subtitle = "What the units of each layer do, input side first.",
                                                      .note = note},
                                          .axis_title = "share of the layer's units",
                                          .rows = s.rows,
                                          .row_count = s.row_count,
                                          .parts = s.parts,
                                          .part_count = s.part_count,
                                          .styles = s.styles,
                                          .values = s.values,
                                          .notes = s.remarks});
    } else {
        page->body.failed = page->body.failed || d->layer_count > 0;
    }
    close_strip(&s);
}

/* ---- rarefaction ---- */

#define CURVES HWV_PALETTE

/* The layers with the most silent units, in their order. Returns their number. */
static size_t silent_layers(const hwv_diagnosis *d, size_t *chosen)
{
    size_t count = 0;
    for (size_t i = 0; i < d->layer_count; i++) {
        if (d->layers[i].silent == 0 || d->layers[i].rarefaction_count == 0)
            continue;
        size_t least = 0;
        for (size_t k = 1; k < count; k++)
            least = d->layers[chosen[k]].silent < d->layers[chosen[least]].silent ? k : least;
        if (count == CURVES) {
            if (d->layers[i].silent <= d->layers[chosen[least]].silent)
                continue;
            for (size_t k = least; k + 1 < count; k++)
                chosen[k] = chosen[k + 1];
            count--;
        }
        chosen[count++] = i;
    }
    return count;
}

void hwv_check_draw_rarefaction(const hwv_check_view *view, hwv_page *page)
{
    const hwv_diagnosis *d = view->diagnosis;
    size_t chosen[CURVES], count = silent_layers(d, chosen), falling = 0, curves = 0;
    double x[CURVES][HWV_RAREFACTION], y[CURVES][HWV_RAREFACTION];
    char names[CURVES][60], name[40];
    hwv_series series[CURVES];
    for (size_t i = 0; i < d->layer_count; i++) {
        falling += d->layers[i].falling;
        curves += d->layers[i].silent > 0 && d->layers[i].rarefaction_count > 0;
    }
    for (size_t k = 0; k < count; k++) {
        const hwv_layer_diagnosis *layer = &d->layers[chosen[k]];
        for (size_t i = 0; i < layer->rarefaction_count; i++) {
            x[k][i] = (double)layer->rarefaction[i].n;
            y[k][i] = layer->rarefaction[i].silent;
        }
        snprintf(names[k], sizeof names[k], "%zu  %s", chosen[k] + 1, name_of(layer, 16, name, sizeof name));
        series[k] = (hwv_series){.name = names[k], .x = x[k], .y = y[k], .count = layer->rarefaction_count};
    }
    if (count == 0)
        return;
    double enough = ceil(log(0.05) / log(1 - d->options.bound));
    char label[80], note[160] = "", title[120];
    if (d->samples_needed > 0)
        snprintf(title, sizeof title, "%s samples are too few: %s would settle it",
                 hwv_check_count(d->tally->samples).text, hwv_check_count(d->samples_needed).text);
    else
        snprintf(title, sizeof title, "%s",
                 falling > 0 ? "With more samples, fewer units are silent: the counts still fall"
                             : "More samples would hardly wake another unit");
    snprintf(label, sizeof label, "%s samples", hwv_check_count((uint64_t)enough).text);
    if (count < curves)
        snprintf(note, sizeof note, "%zu of %zu layers with silent units: those with the most.", count, curves);
    const hwv_reference reference = {.value = enough, .label = label, .on_x = true};
    hwv_page_plot(
        page,
        &(hwv_plot){
            .caption =
                {.title = title,
                 .subtitle =
                     "Expected number of silent units, had only so many of the samples been seen "
                     "(exact, from the counts of the one pass). From the dotted line on, a silent unit counts as dead.",
                 .note = note},
            .x = {.title = "samples", .log = true, .whole = true},
            .y = {.title = "silent units"},
            .series = series,
            .series_count = count,
            .references = &reference,
            .reference_count = 1});
}

/* ---- firing rates ---- */

#define BINS_PER_DECADE 4
#define DECADES         6

void hwv_check_draw_rates(const hwv_check_view *view, size_t layer, hwv_page *page)
{
    const hwv_layer_diagnosis *l = &view->diagnosis->layers[layer];
    size_t units = l->tally->units, kept = 0;
    double *rates = hwv_calloc(units, sizeof *rates);
    if (rates == NULL) {
        page->body.failed = true;
        return;
    }
    for (size_t u = 0; u < units; u++)
        if (l->unit[u].rate > 0)
            rates[kept++] = l->unit[u].rate;
    /* The rarest that can be counted is one look. */
    double looks = (double)l->tally->looks;
    int decades = looks > 1 ? (int)ceil(log10(looks) - 1e-9) : 1;
    decades = decades < 1 ? 1 : decades > DECADES ? DECADES : decades;
    size_t bins = (size_t)decades * BINS_PER_DECADE;
    double edges[DECADES * BINS_PER_DECADE + 1], counts[DECADES * BINS_PER_DECADE];
    hwv_histogram_edges(edges, bins, pow(10, -decades), 1, true);
    counts[0] = 0;
    double below = (double)hwv_histogram_count(counts, edges, bins, rates, kept);
    counts[0] += below;
    char title[160], subtitle[240], name[100];
    snprintf(title, sizeof title, "Layer %zu: %s unit%s never fired, %s fired on fewer than 1 %% of the looks",
             layer + 1, hwv_check_count(units - kept).text, plural(units - kept), hwv_check_count(l->rare).text);
    snprintf(subtitle, sizeof subtitle, "%s: how often each of its %s unit%s fires, %s looks at each",
             name_of(l, 60, name, sizeof name), hwv_check_count(units).text, plural(units),
             hwv_check_count(l->tally->looks).text);
    hwv_page_histogram(
        page, &(hwv_histogram){.caption = {.title = title, .subtitle = subtitle},
                               .x = {.title = "share of looks that fire it", .unit = HWV_UNIT_SHARE, .log = true},
                               .y = {.title = "units", .whole = true},
                               .edges = edges,
                               .counts = counts,
                               .bins = bins,
                               .has_apart = true,
                               .apart = (double)(units - kept),
                               .apart_label = "never"});
    hwv_free(rates);
}

/* ---- causes ---- */

#define MARKS 400 /* most of a kind in a picture */

/* The quantile of the normal distribution that `share` lies above: by halving. */
static double normal_above(double share)
{
    double low = 0, high = 40;
    for (int i = 0; i < 80; i++) {
        double middle = (low + high) / 2;
        if (erfc(middle / sqrt(2)) / 2 > share)
            low = middle;
        else
            high = middle;
    }
    return low;
}

typedef struct cloud {
    double *x, *y;
    size_t count, all;
} cloud;

/* Units that are silent, or those that are not; evenly spaced ones where they are many. */
static bool collect(cloud *c, const hwv_layer_diagnosis *layer, bool silent)
{
    c->x = hwv_calloc(MARKS + 1, sizeof *c->x);
    c->y = hwv_calloc(MARKS + 1, sizeof *c->y);
    if (c->x == NULL || c->y == NULL)
        return false;
    for (int pass = 0; pass < 2; pass++) {
        size_t all = 0;
        for (size_t u = 0; u < layer->tally->units; u++) {
            const hwv_unit_diagnosis *unit = &layer->unit[u];
            hwv_check_state state = hwv_check_state_of(unit);
            bool is_silent = state == HWV_CHECK_DEAD || state == HWV_CHECK_SILENT || state == HWV_CHECK_INERT;
            if (is_silent != silent || !isfinite(unit->mean) || !isfinite(unit->std))
                continue;
            size_t step = c->all > MARKS ? (c->all + MARKS - 1) / MARKS : 1;
            if (pass == 1 && all % step == 0 && c->count < MARKS) {
                c->x[c->count] = unit->mean;
                c->y[c->count++] = unit->std;
            }
            all++;
        }
        c->all = all;
    }
    return true;
}

static void say_cause(const hwv_layer_diagnosis *layer, size_t number, char *title, size_t size)
{
    const char *whose = layer->cause == HWV_CAUSE_INPUT     ? "the mean of the input"
                        : layer->cause == HWV_CAUSE_BIAS    ? "the bias"
                        : layer->cause == HWV_CAUSE_NORM    ? "batch norm"
                        : layer->cause == HWV_CAUSE_WEIGHTS ? "the direction of the weights"
                                                            : NULL;
    if (layer->cause == HWV_CAUSE_UPSTREAM || layer->cause == HWV_CAUSE_ZERO_ROW)
        snprintf(title, size, "Layer %zu: silent units hardly vary, they hear nothing", number);
    else if (whose != NULL)
        snprintf(title, size, "Layer %zu: %s holds its silent units below zero", number, whose);
    else
        snprintf(title, size, "Layer %zu: where its units stand", number);
}

/* Behind the mean and spread of a unit that saw no NaN. */
static uint64_t looks_summed(const hwv_layer_tally *tally)
{
    uint64_t most = 0;
    for (size_t u = 0; u < tally->units; u++)
        most = tally->unit[u].summed > most ? tally->unit[u].summed : most;
    return most;
}

static void draw_cause(const hwv_layer_diagnosis *l, size_t number, const cloud *silent, const cloud *live,
                       hwv_page *page)
{
    double low = 0, high = 0, looks = fmax((double)l->tally->looks, 2), q = normal_above(1 / looks);
    for (size_t i = 0; i < silent->count + live->count; i++) {
        const cloud *c = i < silent->count ? silent : live;
        size_t k = i < silent->count ? i : i - silent->count;
        low = fmin(low, c->x[k]);
        high = fmax(high, c->y[k]);
    }
    /* As far as there is data: the line must not stretch the axes. */
    double end = fmax(low, -q * high);
    const double line_x[] = {0, end}, line_y[] = {0, -end / q};
    char title[160], subtitle[300], line[80], note[200] = "";
    say_cause(l, number, title, sizeof title);
    snprintf(
        subtitle, sizeof subtitle,
        "A mark per unit: mean and spread of its z over %s looks. A unit left of the dashed line would not fire even "
        "once if its z were normal.",
        hwv_check_count(looks_summed(l->tally)).text);
    snprintf(line, sizeof line, "once in %s looks", hwv_check_count((uint64_t)looks).text);
    if (silent->count + live->count < silent->all + live->all)
        snprintf(note, sizeof note, "%zu of %zu units, evenly spaced.", silent->count + live->count,
                 silent->all + live->all);
    const hwv_series series[] = {
        {.name = l->dead > 0 ? "dead" : "silent",
         .x = silent->x,
         .y = silent->y,
         .count = silent->count,
         .line = HWV_LINE_POINTS,
         .color = 2},
        {.name = "living", .x = live->x, .y = live->y, .count = live->count, .line = HWV_LINE_POINTS, .color = 1},
        {.name = line, .x = line_x, .y = line_y, .count = 2, .line = HWV_LINE_DASHED, .color = 7}};
    const hwv_reference zero = {.value = 0, .on_x = true};
    hwv_page_plot(page, &(hwv_plot){.caption = {.title = title, .subtitle = subtitle, .note = note},
                                    .x = {.title = "mean of z = w.mu + b"},
                                    .y = {.title = "spread of z (std)"},
                                    .series = series,
                                    .series_count = 3,
                                    .references = &zero,
                                    .reference_count = 1});
}

void hwv_check_draw_cause(const hwv_check_view *view, size_t layer, hwv_page *page)
{
    const hwv_layer_diagnosis *l = &view->diagnosis->layers[layer];
    cloud silent = {.count = 0}, live = {.count = 0};
    if (!collect(&silent, l, true) || !collect(&live, l, false))
        page->body.failed = true;
    else if (silent.count + live.count > 0)
        draw_cause(l, layer + 1, &silent, &live, page);
    hwv_free(silent.x);
    hwv_free(silent.y);
    hwv_free(live.x);
    hwv_free(live.y);
}

/* ---- gradients ---- */

/* Layers, gradients there, and layers with a theory and that; all of them `all` long. */
typedef struct flow_data {
    double *layer, *gradient, *theory_layer, *theory;
    size_t all, theories;
} flow_data;

static void draw_flow(const hwv_check_view *view, const flow_data *f, hwv_page *page)
{
    char title[160] = "The gradient, layer by layer", subtitle[160];
    double ratio = f->all > 1 ? f->gradient[0] / f->gradient[f->all - 1] : 0;
    if (isfinite(ratio) && ratio > 0)
        snprintf(title, sizeof title, "The first layer gets %s of the last layer's gradient",
                 ratio < 1 ? hwv_number_of(ratio, HWV_UNIT_SHARE).text : "all");
    if (isfinite(ratio) && ratio >= 1.05)
        snprintf(title, sizeof title, "The first layer gets %s times the last layer's gradient",
                 hwv_number_digits(ratio, 3).text);
    snprintf(subtitle, sizeof subtitle, "RMS of dL/dz over %s labelled samples%s",
             hwv_check_count(view->flow->samples).text, f->theories > 0 ? "; dashed: mean-field theory" : "");
    const hwv_series series[] = {{.name = "measured", .x = f->layer, .y = f->gradient, .count = f->all, .color = 1},
                                 {.name = "theory",
                                  .x = f->theory_layer,
                                  .y = f->theory,
                                  .count = f->theories,
                                  .line = HWV_LINE_DASHED,
                                  .color = 2}};
    hwv_page_plot(page, &(hwv_plot){.caption = {.title = title, .subtitle = subtitle},
                                    .x = {.title = "layer", .whole = true},
                                    .y = {.title = "RMS gradient", .log = true},
                                    .series = series,
                                    .series_count = f->theories > 0 ? 2 : 1});
}

void hwv_check_draw_flow(const hwv_check_view *view, hwv_page *page)
{
    size_t count = view->diagnosis->layer_count;
    if (view->flow == NULL || count == 0)
        return;
    double *numbers = hwv_calloc(count, 4 * sizeof *numbers);
    if (numbers == NULL) {
        page->body.failed = true;
        return;
    }
    flow_data f = {numbers, numbers + count, numbers + 2 * count, numbers + 3 * count, 0, 0};
    for (size_t i = 0; i < count; i++) {
        const hwv_layer_flow *flow = hwv_check_flow(view, i);
        if (flow == NULL)
            continue;
        f.layer[f.all] = (double)i + 1;
        f.gradient[f.all++] = flow->gradient;
        if (isnan(flow->theory))
            continue;
        f.theory_layer[f.theories] = (double)i + 1;
        f.theory[f.theories++] = flow->theory;
    }
    draw_flow(view, &f, page);
    hwv_free(numbers);
}

/* ---- samples ---- */

#define RASTER_ROWS 48

void hwv_check_draw_samples(const hwv_check_view *view, size_t layer, hwv_page *page)
{
    const hwv_layer_diagnosis *l = &view->diagnosis->layers[layer];
    const hwv_layer_tally *t = l->tally;
    if (t->picture == NULL || t->picture_samples == 0 || t->units == 0)
        return;
    uint8_t *cells = hwv_calloc(t->units, t->picture_samples), *dead = hwv_calloc(t->units, 1);
    if (cells == NULL || dead == NULL) {
        page->body.failed = true;
    } else {
        for (size_t u = 0; u < t->units; u++) {
            dead[u] = t->unit[u].fired_samples == 0;
            for (size_t i = 0; i < t->picture_samples; i++)
                cells[u * t->picture_samples + i] = t->picture[i * t->units + u];
        }
        char title[160], subtitle[240], name[100];
        const char *what = t->looks > t->samples ? "channel" : "unit";
        snprintf(title, sizeof title, "Layer %zu: what fires for which sample", layer + 1);
        snprintf(subtitle, sizeof subtitle, "%s: the first %zu samples; %s", name_of(l, 60, name, sizeof name),
                 t->picture_samples,
                 t->looks > t->samples ? "the stronger the colour, the more positions of the sample fire the channel"
                                       : "a mark where the sample fires the unit");
        char rows[16];
        snprintf(rows, sizeof rows, "%ss", what);
        hwv_page_raster(page, &(hwv_raster){.caption = {.title = title, .subtitle = subtitle},
                                            .row_title = rows,
                                            .column_title = "samples",
                                            .cells = cells,
                                            .rows = t->units,
                                            .columns = t->picture_samples,
                                            .dead = dead,
                                            .by_rate = true,
                                            .most_rows = RASTER_ROWS});
    }
    hwv_free(cells);
    hwv_free(dead);
}
