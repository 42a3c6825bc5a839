/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Collecting what an experiment found. */
#include "study/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"

const char *hwv_claim_verdict_name(hwv_claim_verdict verdict)
{
    switch (verdict) {
    case HWV_CLAIM_HOLDS:
        return "holds";
    case HWV_CLAIM_PARTLY:
        return "holds in part";
    case HWV_CLAIM_CONTRADICTED:
        return "contradicted";
    case HWV_CLAIM_NONE:
        break;
    }
    return "none";
}

void hwv_finding_free(hwv_finding *finding)
{
    for (size_t i = 0; i < finding->picture_count; i++)
        hwv_text_free(&finding->pictures[i].svg);
    hwv_free(finding->pictures);
    hwv_free(finding->figures);
    hwv_text_free(&finding->sentence);
    hwv_text_free(&finding->screen);
    hwv_page_free(&finding->page);
    memset(finding, 0, sizeof *finding);
}

/* The SVG of the next picture, or NULL on shortage. */
static hwv_text *picture_add(hwv_finding *finding, const char *name)
{
    hwv_picture *grown = hwv_realloc(finding->pictures, finding->picture_count + 1, sizeof *grown);
    if (grown == NULL) {
        finding->failed = true;
        return NULL;
    }
    finding->pictures = grown;
    hwv_picture *picture = &grown[finding->picture_count++];
    memset(picture, 0, sizeof *picture);
    snprintf(picture->name, sizeof picture->name, "%s", name);
    return &picture->svg;
}

static void blank_line(hwv_finding *finding)
{
    hwv_text_puts(&finding->screen, "\n");
}

void hwv_finding_say(hwv_finding *finding, const char *format, ...)
{
    char line[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    hwv_term_wrap(&finding->screen, finding->term, HWV_STYLE_PLAIN, 0, line);
    hwv_page_paragraph(&finding->page, HWV_STYLE_PLAIN, line);
    blank_line(finding);
}

void hwv_finding_table(hwv_finding *finding, const hwv_table *table)
{
    hwv_table_text(table, finding->term, &finding->screen);
    hwv_page_table(&finding->page, table, NULL);
    blank_line(finding);
}

void hwv_finding_plot(hwv_finding *finding, const char *name, const hwv_plot *plot)
{
    hwv_text *svg = picture_add(finding, name);
    hwv_plot_text(plot, finding->term, &finding->screen);
    hwv_page_plot(&finding->page, plot);
    blank_line(finding);
    if (svg != NULL)
        hwv_plot_svg(plot, svg);
}

void hwv_finding_bars(hwv_finding *finding, const char *name, const hwv_bars *bars)
{
    hwv_text *svg = picture_add(finding, name);
    hwv_bars_text(bars, finding->term, &finding->screen);
    hwv_page_bars(&finding->page, bars);
    blank_line(finding);
    if (svg != NULL)
        hwv_bars_svg(bars, svg);
}

void hwv_finding_raster(hwv_finding *finding, const char *name, const hwv_raster *raster)
{
    hwv_text *svg = picture_add(finding, name);
    hwv_raster_text(raster, finding->term, &finding->screen);
    hwv_page_raster(&finding->page, raster);
    blank_line(finding);
    if (svg != NULL)
        hwv_raster_svg(raster, svg);
}

void hwv_finding_figure(hwv_finding *finding, double value, const char *format, ...)
{
    hwv_figure *grown = hwv_realloc(finding->figures, finding->figure_count + 1, sizeof *grown);
    if (grown == NULL) {
        finding->failed = true;
        return;
    }
    finding->figures = grown;
    hwv_figure *figure = &grown[finding->figure_count++];
    figure->value = value;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(figure->name, sizeof figure->name, format, arguments);
    va_end(arguments);
}

void hwv_finding_verdict(hwv_finding *finding, hwv_claim_verdict verdict, const char *format, ...)
{
    char line[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    finding->verdict = verdict;
    hwv_text_puts(&finding->sentence, line);
}
