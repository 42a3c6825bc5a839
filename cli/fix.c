/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave fix: a model whose units never fire is treated, and what that does to its outputs is measured. */
#include "fix.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "halfwave/memory.h"
#include "report/file.h"
#include "training.h"

/* ---- what is asked for ---- */

/* In the order in which they are applied: what follows is measured on units that are left or wake. */
static const struct {
    hwv_treatment treatment;
    const char *option;
} order[] = {{HWV_TREATMENT_PRUNE, "prune"},           {HWV_TREATMENT_RECYCLE, "recycle"},
             {HWV_TREATMENT_BIAS_SHIFT, "bias-shift"}, {HWV_TREATMENT_INSERT_NORM, "insert-norm"},
             {HWV_TREATMENT_PRELU, "prelu"},           {HWV_TREATMENT_LEAKY, "leaky"}};

#define ORDER (sizeof order / sizeof order[0])

const char *hwv_cli_fix_option(hwv_treatment treatment)
{
    size_t i = 0;
    while (order[i].treatment != treatment)
        i++;
    return order[i].option;
}

static hwv_status check_treatments(const hwv_cli *cli, hwv_error *error)
{
    static const char *const pairs[][3] = {
        {"prune", "recycle", "one cuts dead units out, the other keeps them to learn again"},
        {"prelu", "leaky", "both replace relu"}};
    size_t count = 0;
    for (size_t i = 0; i < ORDER; i++)
        count += hwv_cli_given(cli, order[i].option);
    if (count == 0)
        return hwv_fail(
            error, HWV_ERR_ARGUMENT,
            "no treatment is given\nthere are: --prune, --recycle, --bias-shift SHARE, --insert-norm, "
            "--prelu, --leaky SLOPE\n'halfwave check MODEL --data FILE' says which are advised and measures "
            "each");
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (hwv_cli_given(cli, pairs[i][0]) && hwv_cli_given(cli, pairs[i][1]))
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--%s and --%s exclude each other: %s", pairs[i][0], pairs[i][1],
                            pairs[i][2]);
    if (hwv_cli_given(cli, "keep-margin") && !cli->options.prune && !cli->options.recycle)
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "--keep-margin spares units of --prune and --recycle; neither is given");
    return HWV_OK;
}

/* ---- files ---- */

static bool is_regular(const char *path)
{
    struct stat entry;
    return stat(path, &entry) == 0 && S_ISREG(entry.st_mode);
}

static bool same_file(const char *a, const char *b)
{
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Nothing that is read may be overwritten, but for the model itself. */
static hwv_status check_distinct(const hwv_cli *cli, const char *option, const char *path, hwv_error *error)
{
    const hwv_cli_texts *data = &cli->options.samples;
    for (size_t i = 0; i < data->count; i++)
        if (same_file(path, data->text[i]))
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--%s: '%.200s' is a file of --data", option, path);
    for (size_t i = 1; i < cli->operand_count; i++)
        if (same_file(path, cli->operands[i]))
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--%s: '%.200s' is a file of --data", option, path);
    return HWV_OK;
}

static hwv_status check_files(hwv_cli_fixed *fix, hwv_error *error)
{
    const hwv_cli *cli = fix->cli;
    const char *report = cli->options.report;
    fix->out = cli->options.train.checkpoint;
    if (fix->out == NULL && !cli->options.dry_run)
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "--out FILE is missing: where shall the model go? With --dry-run nothing is written");
    if (fix->out != NULL) {
        HWV_TRY(check_distinct(cli, "out", fix->out, error));
        HWV_TRY(hwv_cli_check_writable("out", fix->out, error));
    }
    if (report != NULL) {
        HWV_TRY(check_distinct(cli, "report", report, error));
        if (same_file(report, cli->operands[0]) || (fix->out != NULL && strcmp(report, fix->out) == 0))
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--report: '%.200s' is the model's file", report);
        HWV_TRY(hwv_cli_check_writable("report", report, error));
    }
    return HWV_OK;
}

/* The file that is written is of the kind that was read. */
static hwv_status check_kind(const hwv_cli_fixed *fix, hwv_cli_file kind, hwv_error *error)
{
    static const char ours[] = ".safetensors";
    const char *model = fix->cli->operands[0], *out = fix->out;
    if (kind == HWV_CLI_FILE_DUMP || kind == HWV_CLI_FILE_STATISTICS)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "%s: %s; there is no model to be treated in it: an ONNX file or a checkpoint of halfwave train "
                        "is expected",
                        model, kind == HWV_CLI_FILE_DUMP ? "a dump of pre-activations" : "a file of statistics");
    if (out == NULL)
        return HWV_OK;
    size_t length = strlen(out), tail = sizeof ours - 1;
    if (kind == HWV_CLI_FILE_CHECKPOINT && hwv_cli_is_onnx(out))
        return hwv_fail(
            error, HWV_ERR_ARGUMENT,
            "--out: %.200s is a checkpoint, and so is what is written: name it .safetensors; then 'halfwave "
            "train --resume FIXED.safetensors --out %.100s' makes an ONNX file of it",
            model, out);
    if (kind == HWV_CLI_FILE_ONNX && length >= tail && strcmp(out + length - tail, ours) == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "--out: %.200s is an ONNX file, and so is what is written: name it .onnx", model);
    return HWV_OK;
}

/* ---- layers ---- */

static hwv_status find_layers(hwv_cli_fixed *fix, hwv_error *error)
{
    const char *list = fix->cli->options.layers;
    const hwv_tally *tally = &fix->stages[0].tally;
    if (list == NULL)
        return HWV_OK;
    fix->layers = hwv_calloc(tally->layer_count, sizeof *fix->layers);
    if (fix->layers == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
    for (const char *at = list, *entry; at != NULL;) {
        size_t length = hwv_cli_list_next(&at, &entry), layer;
        if (!hwv_cli_layer_find(tally, entry, length, &layer))
            return hwv_fail(error, HWV_ERR_ARGUMENT,
                            "--layers: there is no layer '%.*s'; they are 1 to %zu, or by name",
                            (int)(length < 80 ? length : 80), entry, tally->layer_count);
        fix->layers[layer] = true;
    }
    return HWV_OK;
}

/* Those of the first stage in a later one: activations stay what they are in number and order. */
static hwv_status layers_hold(const hwv_cli_fixed *fix, const hwv_cli_stage *stage, hwv_error *error)
{
    return stage->tally.layer_count == fix->stages[0].tally.layer_count
               ? HWV_OK
               : hwv_fail(error, HWV_ERR_INTERNAL, "the treated model has %zu activations, it had %zu",
                          stage->tally.layer_count, fix->stages[0].tally.layer_count);
}

/* ---- treating ---- */

static hwv_status count(hwv_cli_fixed *fix, hwv_patient *patient, hwv_error *error)
{
    const hwv_diagnosis_options options = {.bound = fix->cli->options.bound, .fail_over = fix->cli->options.fail_over};
    hwv_cli_stage *stage = &fix->stages[fix->stage_count++];
    stage->patient = patient;
    stage->network = hwv_patient_network(patient);
    HWV_TRY(hwv_cli_samples_count(&fix->subject.samples, stage->network, &stage->tally, error));
    HWV_TRY(layers_hold(fix, stage, error));
    return hwv_diagnose(&stage->diagnosis, &stage->tally, stage->network, &options, error);
}

double hwv_cli_fix_allowed(const hwv_output_change *change)
{
    return 1e-5 * change->scale;
}

size_t hwv_cli_fix_left(const hwv_layer_treatment *layer)
{
    size_t settled = layer->count + layer->near;
    return layer->asked > settled ? layer->asked - settled : 0;
}

/* What broke its promise was not done. */
static void refuse(hwv_treated *treated)
{
    (void)snprintf(treated->reason, sizeof treated->reason, "it would move the outputs by %.3g, and promised %s%.3g",
                   treated->change.largest,
                   hwv_treatment_promise(treated->treatment) == HWV_PROMISE_EQUAL ? "equal ones; exact were " : "",
                   hwv_cli_fix_allowed(&treated->change));
}

static hwv_status treat(hwv_cli_fixed *fix, hwv_treatment treatment, hwv_error *error)
{
    const hwv_cli_options *o = &fix->cli->options;
    const hwv_source source = hwv_cli_samples_source(&fix->subject.samples);
    hwv_cli_stage *stage = &fix->stages[fix->stage_count - 1];
    hwv_cli_step *step = &fix->steps[fix->step_count++];
    hwv_treatment_options options = hwv_treatment_defaults();
    hwv_patient *cured = NULL;
    options.layers = fix->layers;
    options.keep_margin = o->keep_margin;
    options.seed = o->train.seed;
    if (treatment == HWV_TREATMENT_LEAKY)
        options.slope = o->leaky;
    if (treatment == HWV_TREATMENT_BIAS_SHIFT)
        options.share = o->bias_shift;
    step->stage = stage;
    HWV_TRY(hwv_patient_treat(&cured, &step->treated, stage->patient, &stage->diagnosis, treatment, &options, &source,
                              fix->cli->executor, error));
    if (cured == NULL)
        return HWV_OK;
    hwv_promise promise = hwv_treatment_promise(treatment);
    if (!hwv_output_change_keeps(&step->treated.change, promise)) {
        refuse(&step->treated);
        hwv_patient_close(cured);
        return HWV_OK;
    }
    step->done = true;
    fix->promise = promise < fix->promise ? promise : fix->promise;
    return count(fix, cured, error);
}

/* From the first stage to the last: of one step it is known. */
static hwv_status compare(hwv_cli_fixed *fix, hwv_error *error)
{
    const hwv_source source = hwv_cli_samples_source(&fix->subject.samples);
    const hwv_cli_step *only = NULL;
    for (size_t i = 0; i < fix->step_count; i++)
        only = fix->steps[i].done ? &fix->steps[i] : only;
    if (fix->stage_count > 2)
        return hwv_network_compare(&fix->change, fix->stages[0].network, fix->stages[fix->stage_count - 1].network,
                                   &source, fix->cli->executor, error);
    fix->change =
        only != NULL ? only->treated.change : (hwv_output_change){.scale = 1, .equal = true, .decided = (double)NAN};
    return HWV_OK;
}

/* Nothing was looked at, although there is something: what becomes of the outputs cannot be measured. */
static bool unmeasured(const hwv_cli_step *step)
{
    bool whole = step->treated.treatment == HWV_TREATMENT_PRELU || step->treated.treatment == HWV_TREATMENT_LEAKY;
    return !step->done && step->treated.layer_count == 0 && step->stage->network->layer_count > 0 &&
           (whole || step->stage->diagnosis.silent > 0);
}

static hwv_cli_outcome outcome_of(const hwv_cli_fixed *fix)
{
    if (fix->stage_count > 1)
        return hwv_output_change_keeps(&fix->change, fix->promise) ? HWV_CLI_FIXED : HWV_CLI_NOT_DONE;
    for (size_t i = 0; i < fix->step_count; i++) {
        if (unmeasured(&fix->steps[i]))
            return HWV_CLI_NOT_DONE;
        for (size_t l = 0; l < fix->steps[i].treated.layer_count; l++) {
            const hwv_layer_treatment *layer = &fix->steps[i].treated.layers[l];
            if (hwv_cli_fix_left(layer) + layer->unsure > 0)
                return HWV_CLI_NOT_DONE;
        }
    }
    return HWV_CLI_NO_NEED;
}

/* ---- results ---- */

static hwv_status write_model(hwv_cli_fixed *fix, hwv_error *error)
{
    if (fix->outcome == HWV_CLI_NOT_DONE || fix->cli->options.dry_run)
        return HWV_OK;
    hwv_cli_hold_interrupts(true);
    hwv_status status = hwv_patient_write(fix->stages[fix->stage_count - 1].patient, fix->out, error);
    hwv_cli_hold_interrupts(false);
    HWV_TRY(status);
    fix->written = true;
    /* What went into a pipe cannot be read again. */
    if (is_regular(fix->out))
        HWV_TRY(hwv_report_hash(fix->hash_after, fix->out, error));
    hwv_cli_say(fix->cli, "wrote %s", fix->out);
    return HWV_OK;
}

static void object(const hwv_cli_fixed *fix, hwv_json_writer *json)
{
    hwv_cli_fix_json(fix, json);
    hwv_cli_json_options(fix->cli, json);
}

static hwv_status write_report(const hwv_cli_fixed *fix, hwv_error *error)
{
    const char *path = fix->cli->options.report;
    hwv_text text = {0};
    if (path == NULL)
        return HWV_OK;
    hwv_json_writer json = hwv_cli_json_begin_in(fix->cli, &text);
    object(fix, &json);
    hwv_status status = hwv_cli_json_end(&json, error);
    if (status == HWV_OK)
        status = hwv_report_save(path, &text, error);
    hwv_text_free(&text);
    if (status == HWV_OK)
        hwv_cli_say(fix->cli, "wrote %s", path);
    return status;
}

static hwv_status show(hwv_cli_fixed *fix, hwv_error *error)
{
    hwv_cli *cli = fix->cli;
    cli->finding = fix->outcome == HWV_CLI_NOT_DONE ? HWV_EXIT_FINDING : HWV_EXIT_DONE;
    if (!cli->options.json) {
        hwv_cli_fix_show(fix, &cli->screen, &cli->out);
        return HWV_OK;
    }
    hwv_json_writer json = hwv_cli_json_begin(cli);
    object(fix, &json);
    return hwv_cli_json_end(&json, error);
}

static hwv_status fix_model(hwv_cli_fixed *fix, hwv_error *error)
{
    hwv_cli *cli = fix->cli;
    hwv_cli_file kind;
    HWV_TRY(check_treatments(cli, error));
    HWV_TRY(check_files(fix, error));
    HWV_TRY(hwv_cli_file_kind(&kind, cli->operands[0], error));
    HWV_TRY(check_kind(fix, kind, error));
    HWV_TRY(hwv_cli_subject_open_given(cli, &fix->subject, kind, error));
    HWV_TRY(hwv_report_hash(fix->hash_before, cli->operands[0], error));
    HWV_TRY(count(fix, fix->subject.patient, error));
    HWV_TRY(find_layers(fix, error));
    for (size_t i = 0; i < ORDER; i++)
        if (hwv_cli_given(cli, order[i].option))
            HWV_TRY(treat(fix, order[i].treatment, error));
    HWV_TRY(compare(fix, error));
    fix->outcome = outcome_of(fix);
    if (fix->outcome == HWV_CLI_FIXED)
        HWV_TRY(hwv_cli_fix_time(&fix->times, &fix->subject.samples, fix->stages[0].network,
                                 fix->stages[fix->stage_count - 1].network, error));
    HWV_TRY(write_model(fix, error));
    HWV_TRY(write_report(fix, error));
    return show(fix, error);
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    hwv_cli_fixed fix = {
        .cli = cli, .promise = HWV_PROMISE_EQUAL, .times = {.before = (double)NAN, .after = (double)NAN}};
    hwv_status status = fix_model(&fix, error);
    for (size_t i = 0; i < fix.step_count; i++)
        hwv_treated_free(&fix.steps[i].treated);
    for (size_t i = 0; i < fix.stage_count; i++) {
        hwv_diagnosis_free(&fix.stages[i].diagnosis);
        hwv_tally_free(&fix.stages[i].tally);
        if (i > 0)
            hwv_patient_close(fix.stages[i].patient);
    }
    hwv_cli_subject_close(&fix.subject);
    hwv_free(fix.layers);
    return status;
}

const hwv_cli_command hwv_cli_fix = {
    .name = "fix",
    .sentence = "treat a model whose units never fire; its outputs are watched",
    .operands = "MODEL [FILE...]",
    .operand_min = 1,
    .operand_max = SIZE_MAX,
    .examples = {{"halfwave fix model.onnx --data inputs.npy --prune -o small.onnx",
                  "dead units are cut out; the outputs stay as they were"},
                 {"halfwave fix run.safetensors --data digits --recycle -o run2.safetensors",
                  "dead units get new weights and can learn; the outputs stay equal until they do"},
                 {"halfwave fix model.onnx --data inputs.npy --prune --dry-run --report cut.json",
                  "what would be cut, unit by unit; nothing else is written"},
                 {"halfwave fix m.onnx --data x.npy --leaky 0.01 --layers 1,3 -o leaky.onnx",
                  "two layers become leaky; says how far that moves the outputs"}},
    .description =
        "Runs a model over data as halfwave check does, treats the units that never fire, runs the model before and "
        "after side by side, and writes the new one. It prints how far the outputs moved (before a last softmax or "
        "sigmoid, which would hide it), what was saved, what was treated in which layer, and what was left and why.\n"
        "A unit is treated when it is dead: it fired in no sample, its operator is flat there, and there were enough "
        "samples to say so (--bound). What is read from the data holds for such data: a unit that was cut cannot fire "
        "for inputs that were not there.\n",
    .sections =
        {{"Treatments",
          "  --prune        exact   smaller and faster; for use as it is\n"
          "  --recycle      equal   dead units can learn; for training on\n"
          "  --prelu        equal   units learn where they are off; for training on\n"
          "  --bias-shift   moves   dead units fire at once; train on\n"
          "  --insert-norm  moves   pre-activations are centred and scaled; train on\n"
          "  --leaky        moves   a gradient everywhere; train on\n"
          "Equal: every output == what it was. Exact: none moved by more than 1e-5 max(1, largest output), since sums "
          "are reordered. A treatment that breaks its promise on the data is refused.\n"
          "Several are applied in this order: prune or recycle, bias-shift, insert-norm, prelu or leaky; each to what "
          "the one before gave, counted anew.\n"},
         {"Model and data",
          "MODEL is an ONNX file or a checkpoint of halfwave train, --out gets a file of the same kind and may be the "
          "same file. Of an ONNX file, what is not touched stays byte for byte; a checkpoint keeps its step, its "
          "history and the optimiser's moments of all that is left, so that training goes on. Data as in halfwave "
          "check; further FILEs are shards of it.\n"
          "Units are left where cutting would change more than they: before a norm over channels, softmax, shared "
          "weights, an output. The reason is printed. docs/fix.md has the rules.\n"},
         {"What it exits with",
          "  0  the model was written; layers that were refused are listed\n"
          "  1  nothing that was asked for could be done, nothing was written\n"
          "A model in which there is nothing to treat, or nothing any more, is written as it is, byte for byte: 0.\n"}},
    .run = run,
};
