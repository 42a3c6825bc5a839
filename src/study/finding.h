/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What an experiment found: text for the screen, its part of an HTML page, pictures as SVG, named figures, a
 * verdict. The hwv_finding_* calls below render for the screen and keep the twins for page and files at the same
 * time. A shortage of memory is remembered and reported by hwv_claim_run. */
#ifndef HWV_STUDY_FINDING_H
#define HWV_STUDY_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/status.h"
#include "halfwave/text.h"
#include "report/page.h"
#include "report/plot.h"
#include "report/table.h"
#include "report/term.h"

typedef enum hwv_claim_verdict {
    HWV_CLAIM_NONE = 0,
    HWV_CLAIM_HOLDS,       /* the figures support the claim */
    HWV_CLAIM_PARTLY,      /* they support a part of it */
    HWV_CLAIM_CONTRADICTED /* they do not */
} hwv_claim_verdict;

/* "holds", "holds in part", "contradicted", "none". */
const char *hwv_claim_verdict_name(hwv_claim_verdict verdict);

typedef struct hwv_picture {
    char name[48]; /* file name without ".svg" */
    hwv_text svg;
} hwv_picture;

typedef struct hwv_figure {
    char name[64]; /* snake_case key */
    double value;
} hwv_figure;

/* Owns everything in it. Zero-initialise. */
typedef struct hwv_finding {
    hwv_claim_verdict verdict;
    hwv_text sentence; /* why, with the figures that decide */
    hwv_text screen;
    hwv_page page; /* what the experiment showed and said, without heading and verdict */
    hwv_picture *pictures;
    size_t picture_count;
    hwv_figure *figures;
    size_t figure_count;
    double seconds;
    bool failed; /* out of memory on the way */
    const hwv_term *term;
} hwv_finding;

void hwv_finding_free(hwv_finding *finding);

/* A paragraph, wrapped to the target. */
void hwv_finding_say(hwv_finding *finding, const char *format, ...) HWV_PRINTF(2, 3);
void hwv_finding_table(hwv_finding *finding, const hwv_table *table);
void hwv_finding_plot(hwv_finding *finding, const char *name, const hwv_plot *plot);
void hwv_finding_bars(hwv_finding *finding, const char *name, const hwv_bars *bars);
void hwv_finding_raster(hwv_finding *finding, const char *name, const hwv_raster *raster);
/* A figure for the JSON output: "relu_forward_ns". */
void hwv_finding_figure(hwv_finding *finding, double value, const char *format, ...) HWV_PRINTF(3, 4);
/* The verdict and the sentence that justifies it. */
void hwv_finding_verdict(hwv_finding *finding, hwv_claim_verdict verdict, const char *format, ...) HWV_PRINTF(3, 4);

#endif
