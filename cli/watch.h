/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * train --watch: the check's statistics after every epoch, and the deaths of units as events. Watching changes no
 * number of the run. */
#ifndef HWV_CLI_WATCH_H
#define HWV_CLI_WATCH_H

#include "cli.h"

#include "halfwave/check.h"

/* A unit of an operator that is flat there fired in no sample of an epoch's count, and did in the one before. */
typedef struct hwv_cli_death {
    size_t layer, unit;
    size_t epoch, step;   /* found after this epoch; the update behind which it fired in no training batch either */
    double lr, grad_norm; /* of that update; NAN: born so, or not known */
    bool born;            /* silent in the count before the first step: no death */
} hwv_cli_death;

/* A layer after an epoch. */
typedef struct hwv_cli_watched {
    size_t dead, rare, always_on;
    double zeros;
    double gradient; /* RMS of dL/dz of a sample, of text of a token; NAN where it is not known */
} hwv_cli_watched;

/* An attention after an epoch, means over its heads; NAN where every query sees one key. */
typedef struct hwv_cli_attending {
    double bits, evenness; /* check.h */
} hwv_cli_attending;

typedef struct hwv_cli_watch hwv_cli_watch;

/* For a run of `model` on `data`: counted over the test part, or the training part where there is none. Both must outlive
 * it. HWV_ERR_MEMORY. */
hwv_status hwv_cli_watch_create(hwv_cli_watch **watch, hwv_cli *cli, const hwv_model *model, const hwv_data *data,
                                hwv_error *error);
/* Accepts NULL. */
void hwv_cli_watch_destroy(hwv_cli_watch *watch);

/* On the plan of training. */
const hwv_observer *hwv_cli_watch_observer(hwv_cli_watch *watch);
/* Before the first step: what is silent then is born so. */
hwv_status hwv_cli_watch_begin(hwv_cli_watch *watch, hwv_error *error);
void hwv_cli_watch_step(hwv_cli_watch *watch, const hwv_step *step);
/* Counts, and writes the events into the trainer's log. What fails is remembered for hwv_cli_watch_status. */
void hwv_cli_watch_epoch(hwv_cli_watch *watch, const hwv_epoch_stats *epoch, hwv_trainer *trainer);
/* The run ended after `epochs` whole epochs: what it did of the next one is counted as if it had been one. */
void hwv_cli_watch_end(hwv_cli_watch *watch, size_t epochs, hwv_trainer *trainer);
hwv_status hwv_cli_watch_status(const hwv_cli_watch *watch, hwv_error *error);

/* "watch": {...} */
void hwv_cli_watch_json(const hwv_cli_watch *watch, hwv_json_writer *json);
/* Fields of a layer, an attention after the i-th epoch that was watched. */
void hwv_cli_watch_layer_json(const hwv_cli_watch *watch, size_t i, size_t layer, hwv_json_writer *json);
void hwv_cli_watch_attention_json(const hwv_cli_watch *watch, size_t i, size_t attention, hwv_json_writer *json);
/* round: what the run calls its rounds, "epoch". */
void hwv_cli_watch_print(hwv_cli *cli, const hwv_cli_watch *watch, const char *round);
void hwv_cli_watch_page(const hwv_cli_watch *watch, const char *round, hwv_page *page);

/* ---- what is measured after an epoch (watch_measure.c) ---- */

typedef struct hwv_cli_measured {
    hwv_tally tally;
    hwv_diagnosis diagnosis;
    hwv_flow flow; /* no layers where gradients cannot be had */
    hwv_attention_entropy *attention;
    size_t attention_count;
} hwv_cli_measured;

/* Zero-initialise; free with hwv_cli_measured_free whatever it gave. Errors but for what a network has no gradients for. */
hwv_status hwv_cli_watch_measure(hwv_cli_measured *measured, const hwv_network *network, const hwv_data *data,
                                 const hwv_data_part *part, const hwv_executor *executor, hwv_error *error);
void hwv_cli_measured_free(hwv_cli_measured *measured);

/* ---- what is shown (watch.c to watch_show.c) ---- */

size_t hwv_cli_watch_layers(const hwv_cli_watch *watch);
const char *hwv_cli_watch_layer(const hwv_cli_watch *watch, size_t layer, size_t *units);
size_t hwv_cli_watch_epochs(const hwv_cli_watch *watch);
/* Of the i-th epoch that was watched: its number, and its layers. */
const hwv_cli_watched *hwv_cli_watch_at(const hwv_cli_watch *watch, size_t i, size_t *epoch);
size_t hwv_cli_watch_attentions(const hwv_cli_watch *watch);
const char *hwv_cli_watch_attention(const hwv_cli_watch *watch, size_t attention);
const hwv_cli_attending *hwv_cli_watch_attending(const hwv_cli_watch *watch, size_t i);
size_t hwv_cli_watch_deaths(const hwv_cli_watch *watch, const hwv_cli_death **deaths);
/* Units that fired again after they had been silent. */
size_t hwv_cli_watch_revivals(const hwv_cli_watch *watch);
const char *hwv_cli_watch_part(const hwv_cli_watch *watch); /* "the test part" */

#endif
