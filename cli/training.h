/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What train, compare and eval share: opening data and models by the options, running, showing units. */
#ifndef HWV_CLI_TRAINING_H
#define HWV_CLI_TRAINING_H

#include "cli.h"

#include "halfwave/act.h"
#include "halfwave/explain.h"
#include "halfwave/fix.h"
#include "report/number.h"
#include "watch.h"

typedef struct hwv_cli_sampler hwv_cli_sampler;

/* One run. Fill the first part; the model and the result are the caller's to free. */
typedef struct hwv_cli_run {
    const char *act_name; /* as given; NULL: the model is an ONNX file, with activations of its own */
    hwv_model_act act;
    hwv_norm norm;
    const char *label;         /* in front of progress: "relu, seed 2", or NULL */
    const char *announce;      /* not NULL: say what is going to happen, with these activations, "" of an ONNX file */
    size_t number, of;         /* this is run `number` (from 0) of so many, for progress; 0 of 0: the only one */
    const char *onnx;          /* written at the end; may be NULL */
    hwv_train_options options; /* lr NAN (--lr auto): picked before the run, and set here */
    const hwv_data *data;
    const hwv_model *kept; /* where the ONNX file is, of a resumed run; NULL: at --model */
    hwv_model model;
    hwv_train_result result;
    hwv_explanation explanation; /* of --explain, in place of a result */
    hwv_cli_watch *watch;        /* of --watch, else NULL */
    hwv_curing *curing;          /* of --cure, else NULL */
    hwv_cli_sampler *sampler;    /* of train on text, unless there is nothing to write with; else NULL */
} hwv_cli_run;

/* Options that contradict each other or files that could not be written: found before any work. Completes the
 * options that depend on others. */
hwv_status hwv_cli_training_check(hwv_cli *cli, hwv_error *error);
/* Does the path end in .onnx? NULL does not. */
bool hwv_cli_is_onnx(const char *path);
/* Opens --data and normalises it: as that of `checkpoint` was, if that is not NULL, or by --normalize. */
hwv_status hwv_cli_data_open(hwv_cli *cli, hwv_data *data, const char *checkpoint, hwv_error *error);
/* Says what data was normalised by when a checkpoint was applied; nothing for other data. */
void hwv_cli_say_normalised(hwv_cli *cli, const hwv_data *data);
/* Says what samples of an ONNX file, which keeps no such numbers, have to be normalised by; nothing for other data. */
void hwv_cli_say_to_normalise(hwv_cli *cli, const hwv_data *data);
/* defaults.c: the model that is trained when none was given, by the data; */
void hwv_cli_model_settle(hwv_cli *cli, const hwv_data *data);
/* and the options that were not given, by the model. */
void hwv_cli_defaults_settle(hwv_cli *cli, const hwv_model *model);
/* Is --model, or what stands for it in a resumed run, an ONNX file? */
bool hwv_cli_trains_file(const hwv_cli *cli);
/* What a run is called: its activation, or its file. */
const char *hwv_cli_run_name(const hwv_cli_run *run);
/* Builds run->model, for run->data, unless it is there. */
hwv_status hwv_cli_run_build(hwv_cli *cli, hwv_cli_run *run, hwv_error *error);
/* Builds and runs. HWV_ERR_NUMERIC and HWV_ERR_INTERRUPTED come with a result. */
hwv_status hwv_cli_run_once(hwv_cli *cli, hwv_cli_run *run, hwv_error *error);
void hwv_cli_run_free(hwv_cli_run *run);
/* Picks run->options.optimizer.lr for run->model on short runs and says what was tried. A rate at which training diverges is set
 * when there is no other: the run will show it. HWV_ERR_INTERRUPTED, and the errors of hwv_rate_pick. */
hwv_status hwv_cli_rate_pick(hwv_cli *cli, hwv_cli_run *run, hwv_error *error);
/* The members of a run, into an open object. */
void hwv_cli_run_json(const hwv_cli_run *run, hwv_json_writer *json);
/* "cure": {...}; null without one */
void hwv_cli_cure_json(const hwv_cli_run *run, hwv_json_writer *json);
/* What the cure did: "recycle: 12 units (act1: 9, act2: 3) after epochs 1, 2, 5"; "" without one. */
void hwv_cli_cure_text(const hwv_cli_run *run, hwv_text *text);
/* "data": {...} */
void hwv_cli_data_json(const hwv_data *data, hwv_json_writer *json);
void hwv_cli_layers_json(const hwv_layer_stats *layers, size_t count, hwv_json_writer *json);
/* The table of units, with what the columns mean below: on the screen, in a page. */
void hwv_cli_layers_print(hwv_cli *cli, const hwv_layer_stats *layers, size_t count, const char *where);
void hwv_cli_layers_page(hwv_page *page, const hwv_layer_stats *layers, size_t count, const char *where);
/* Of all layers. */
size_t hwv_cli_dead(const hwv_train_result *result);
size_t hwv_cli_units(const hwv_train_result *result);
/* "epoch", or "round" where there is more than one of them in an epoch, or less. */
const char *hwv_cli_round_name(const hwv_cli_run *run);
/* A loss as it is printed: of a text, where hundredths count, with more digits. */
hwv_number hwv_cli_loss(const hwv_data *data, double loss);
/* The same of a text with what it means: "1.82 (perplexity 6.172, 2.626 bits a character)"; of other data the loss alone. */
void hwv_cli_loss_text(const hwv_data *data, double loss, hwv_text *text);
/* "test_loss", and of a text "test_perplexity" and "test_bits". */
void hwv_cli_test_loss_json(const hwv_data *data, double loss, hwv_json_writer *json);
/* What the units of a run were counted over: "the training set", "99968 tokens of the training set". Free it. */
void hwv_cli_counted_text(const hwv_cli_run *run, hwv_text *text);
/* What a model gives answers for: "samples", or "tokens" of text. */
const char *hwv_cli_answers(const hwv_data *data);
/* Data, model with its activations, optimiser, run, machine. */
void hwv_cli_training_facts(const hwv_cli *cli, const hwv_data *data, const char *acts, hwv_page *page);
/* The page and the picture of a finished run: HWV_OK when there is neither --html nor --svg. */
hwv_status hwv_cli_run_page(hwv_cli *cli, const hwv_cli_run *run, hwv_error *error);
/* ---- sampler.c: what a model of text writes while it is trained ---- */
/* *sampler is NULL where nothing is to be written, or the model is none that writes and nobody asked for it. The model
 * must outlive it. HWV_ERR_ARGUMENT, HWV_ERR_UNSUPPORTED: asked for in vain; HWV_ERR_MEMORY. */
hwv_status hwv_cli_sampler_create(hwv_cli_sampler **sampler, const hwv_cli *cli, const hwv_model *model,
                                  const hwv_data *data, hwv_error *error);
/* Accepts NULL. */
void hwv_cli_sampler_destroy(hwv_cli_sampler *sampler);
/* One sample, unless there is one of this step: kept, into the log, and on a terminal or with -v said. */
void hwv_cli_sampler_take(hwv_cli_sampler *sampler, hwv_cli *cli, size_t step, hwv_trainer *trainer);
/* What went wrong, if anything did. */
hwv_status hwv_cli_sampler_status(const hwv_cli_sampler *sampler, hwv_error *error);
/* The last one. */
/* before: in front of it, when there is one. */
void hwv_cli_sampler_print(hwv_cli *cli, const hwv_cli_sampler *sampler, const char *before);
/* "samples": [...] */
void hwv_cli_sampler_json(const hwv_cli_sampler *sampler, hwv_json_writer *json);
void hwv_cli_sampler_page(const hwv_cli_sampler *sampler, hwv_page *page);
/* ---- explain.c: what --explain found ---- */
void hwv_cli_explain_print(hwv_cli *cli, const hwv_cli_run *run);
/* "explain": {...} */
void hwv_cli_explain_json(const hwv_cli_run *run, hwv_json_writer *json);

/* An event of the log of a run: its fields are written in between. `line` is zero before and after. */
hwv_json_writer hwv_cli_event_begin(hwv_text *line, const char *event);
hwv_status hwv_cli_event_end(hwv_json_writer *json, hwv_text *line, hwv_trainer *trainer, hwv_error *error);

/* "what            value", aligned. */
void hwv_cli_fact(hwv_cli *cli, const char *what, const char *format, ...) HWV_PRINTF(3, 4);

#endif
