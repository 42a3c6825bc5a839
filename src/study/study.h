/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The study: claims about ReLU, each with an experiment that measures it, a verdict computed from the
 * figures, and pictures. claims.def is the only list; the demo is this table run from top to bottom. */
#ifndef HWV_STUDY_STUDY_H
#define HWV_STUDY_STUDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/data.h"
#include "halfwave/json.h"
#include "halfwave/pool.h"
#include "halfwave/status.h"
#include "report/term.h"
#include "study/finding.h"

/* What an experiment gets. `data` is the embedded digits. */
typedef struct hwv_study {
    const hwv_term *term; /* pictures are drawn for it */
    const hwv_data *data;
    const hwv_executor *executor; /* may be NULL */
    uint64_t seed;
    const volatile int *interrupt; /* nonzero: stop with HWV_ERR_INTERRUPTED; may be NULL */
    /* Talk while working: what, and how much of the experiment is done (0..1). May be NULL. */
    void (*progress)(void *self, const char *what, double done);
    void *progress_self;
} hwv_study;

/* A row of claims.def. Static storage. */
typedef struct hwv_claim {
    const char *name;       /* "cost" */
    bool quick;             /* takes seconds */
    const char *title;      /* a heading */
    const char *claim;      /* what is said of ReLU */
    const char *experiment; /* how it is measured here */
    hwv_status (*run)(const hwv_study *study, hwv_finding *finding, hwv_error *error);
} hwv_claim;

/* i < hwv_claim_count(), in the order of the demo. */
size_t hwv_claim_count(void);
const hwv_claim *hwv_claim_get(size_t i);
/* HWV_ERR_NAME names the nearest claim and the list. */
hwv_status hwv_claim_find(const hwv_claim **claim, const char *name, hwv_error *error);

/* Runs one claim's experiment into a zeroed finding: heading, claim, experiment, the figures, verdict.
 * Free the finding with hwv_finding_free, also after a failure. */
hwv_status hwv_claim_run(const hwv_claim *claim, const hwv_study *study, hwv_finding *finding, hwv_error *error);

/* The closing table: one line a claim with its verdict. */
hwv_status hwv_study_summary(const hwv_claim *const *claims, const hwv_finding *findings, size_t count,
                             const hwv_term *term, hwv_text *text);
/* The findings on a page: a summary of the verdicts where there are several, and a section for each claim.
 * findings[count] are complete. */
void hwv_study_page(const hwv_claim *const *claims, const hwv_finding *findings, size_t count, hwv_page *page);
/* Writes {"name", "claim", "verdict", "sentence", "seconds", "figures": {...}} of one claim. */
void hwv_finding_json(const hwv_claim *claim, const hwv_finding *finding, hwv_json_writer *writer);

/* For experiments: reports progress and asks whether to go on (HWV_ERR_INTERRUPTED when not). */
hwv_status hwv_study_step(const hwv_study *study, const char *what, double done, hwv_error *error);

#endif
