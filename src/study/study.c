/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The table of claims and what is common to running each of them. */
#include "study/study.h"

#include <stdio.h>
#include <string.h>

#include "halfwave/clock.h"
#include "halfwave/memory.h"
#include "study/claims.h"

static const hwv_claim claims[] = {
#define HWV_CLAIM(name, quick, title, claim, experiment) {#name, quick, title, claim, experiment, hwv_claim_##name},
#include "study/claims.def"
#undef HWV_CLAIM
};

size_t hwv_claim_count(void)
{
    return sizeof claims / sizeof claims[0];
}

const hwv_claim *hwv_claim_get(size_t i)
{
    return &claims[i];
}

hwv_status hwv_claim_find(const hwv_claim **claim, const char *name, hwv_error *error)
{
    const char *names[sizeof claims / sizeof claims[0]];
    for (size_t i = 0; i < hwv_claim_count(); i++)
        names[i] = claims[i].name;
    size_t position;
    HWV_TRY(hwv_name_find(&position, "claim", name, names, hwv_claim_count(), error));
    *claim = &claims[position];
    return HWV_OK;
}

static hwv_style verdict_style(hwv_claim_verdict verdict)
{
    switch (verdict) {
    case HWV_CLAIM_HOLDS:
        return HWV_STYLE_GOOD;
    case HWV_CLAIM_PARTLY:
        return HWV_STYLE_WARN;
    case HWV_CLAIM_CONTRADICTED:
        return HWV_STYLE_BAD;
    case HWV_CLAIM_NONE:
        break;
    }
    return HWV_STYLE_PLAIN;
}

hwv_status hwv_claim_run(const hwv_claim *claim, const hwv_study *study, hwv_finding *finding, hwv_error *error)
{
    double start = hwv_clock_seconds();
    hwv_text *screen = &finding->screen;
    finding->term = study->term;
    hwv_term_heading(screen, study->term, claim->title);
    hwv_text_puts(screen, "\n");
    hwv_term_wrap(screen, study->term, HWV_STYLE_STRONG, 0, claim->claim);
    hwv_term_wrap(screen, study->term, HWV_STYLE_FAINT, 0, claim->experiment);
    hwv_text_puts(screen, "\n");
    HWV_TRY(hwv_study_step(study, claim->name, 0, error));
    HWV_TRY(claim->run(study, finding, error));
    finding->seconds = hwv_clock_seconds() - start;

    hwv_term_puts(screen, study->term, verdict_style(finding->verdict), "The claim ");
    hwv_term_puts(screen, study->term, verdict_style(finding->verdict),
                  finding->verdict == HWV_CLAIM_CONTRADICTED ? "is contradicted"
                                                             : hwv_claim_verdict_name(finding->verdict));
    hwv_text_puts(screen, ".\n");
    hwv_term_wrap(screen, study->term, HWV_STYLE_PLAIN, 0, finding->sentence.data);
    hwv_text_puts(screen, "\n");
    bool failed = finding->failed || screen->failed || finding->sentence.failed || finding->page.body.failed;
    for (size_t i = 0; i < finding->picture_count; i++)
        failed = failed || finding->pictures[i].svg.failed;
    if (failed)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: out of memory while writing the figures", claim->name);
    return HWV_OK;
}

hwv_status hwv_study_summary(const hwv_claim *const *run, const hwv_finding *findings, size_t count,
                             const hwv_term *term, hwv_text *text)
{
    hwv_term_heading(text, term, "In short");
    hwv_text_puts(text, "\n");
    for (size_t i = 0; i < count; i++) {
        hwv_style style = verdict_style(findings[i].verdict);
        hwv_term_puts(text, term, HWV_STYLE_STRONG, run[i]->name);
        hwv_text_puts(text, ": ");
        hwv_term_puts(text, term, style, hwv_claim_verdict_name(findings[i].verdict));
        hwv_text_puts(text, "\n");
        hwv_term_wrap(text, term, HWV_STYLE_PLAIN, 2, findings[i].sentence.data);
    }
    return text->failed ? HWV_ERR_MEMORY : HWV_OK;
}

static hwv_page_mark mark_of(const hwv_finding *finding)
{
    return (hwv_page_mark){.style = verdict_style(finding->verdict), .word = hwv_claim_verdict_name(finding->verdict)};
}

static void page_summary(const hwv_claim *const *run, const hwv_finding *findings, size_t count, hwv_page *page)
{
    hwv_page_entry *entries = hwv_calloc(count, sizeof *entries);
    if (entries == NULL) {
        page->body.failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        entries[i] = (hwv_page_entry){.anchor = run[i]->name,
                                      .title = run[i]->title,
                                      .mark = mark_of(&findings[i]),
                                      .sentence = findings[i].sentence.data};
    hwv_page_summary(page, entries, count);
    hwv_free(entries);
}

void hwv_study_page(const hwv_claim *const *run, const hwv_finding *findings, size_t count, hwv_page *page)
{
    if (count > 1)
        page_summary(run, findings, count, page);
    for (size_t i = 0; i < count; i++) {
        const hwv_finding *finding = &findings[i];
        hwv_page_mark mark = mark_of(finding);
        char took[60];
        snprintf(took, sizeof took, "Measured in %s.", hwv_number_of(finding->seconds, HWV_UNIT_SECONDS).text);
        hwv_page_section(page, run[i]->name, run[i]->title);
        hwv_page_paragraph(page, HWV_STYLE_STRONG, run[i]->claim);
        hwv_page_paragraph(page, HWV_STYLE_FAINT, run[i]->experiment);
        hwv_page_add(page, &finding->page);
        hwv_page_verdict(page, &mark, finding->sentence.data, took);
    }
}

void hwv_finding_json(const hwv_claim *claim, const hwv_finding *finding, hwv_json_writer *writer)
{
    hwv_json_begin_object(writer);
    hwv_json_key(writer, "name");
    hwv_json_string(writer, claim->name);
    hwv_json_key(writer, "claim");
    hwv_json_string(writer, claim->claim);
    hwv_json_key(writer, "verdict");
    hwv_json_string(writer, hwv_claim_verdict_name(finding->verdict));
    hwv_json_key(writer, "sentence");
    hwv_json_string(writer, finding->sentence.data);
    hwv_json_key(writer, "seconds");
    hwv_json_number(writer, finding->seconds);
    hwv_json_key(writer, "figures");
    hwv_json_begin_object(writer);
    for (size_t i = 0; i < finding->figure_count; i++) {
        hwv_json_key(writer, finding->figures[i].name);
        hwv_json_number(writer, finding->figures[i].value);
    }
    hwv_json_end(writer);
    hwv_json_end(writer);
}

hwv_status hwv_study_step(const hwv_study *study, const char *what, double done, hwv_error *error)
{
    if (study->progress != NULL)
        study->progress(study->progress_self, what, done);
    if (study->interrupt != NULL && *study->interrupt != 0)
        return hwv_fail(error, HWV_ERR_INTERRUPTED, "interrupted");
    return HWV_OK;
}
