/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Shared by train and compare: checks, one run with its progress, what is said before it. */
#include "training.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/clock.h"
#include "halfwave/onnx.h"
#include "report/number.h"

/* Formats of --out by extension. */
static const char *const formats[] = {".safetensors", ".onnx"};

static const char *extension(const char *path)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash != NULL ? slash : path, '.');
    return dot != NULL ? dot : "";
}

bool hwv_cli_is_onnx(const char *path)
{
    return path != NULL && strcmp(extension(path), ".onnx") == 0;
}

static hwv_status check_format(const char *path, hwv_error *error)
{
    hwv_text list = {0};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(extension(path), formats[i]) == 0) {
            hwv_text_free(&list);
            return HWV_OK;
        }
        hwv_text_printf(&list, "%s%s", i > 0 ? ", " : "", formats[i]);
    }
    hwv_fail(error, HWV_ERR_ARGUMENT, "--out: the extension of '%.200s' gives the format; supported: %s", path,
             list.failed ? "" : list.data);
    hwv_text_free(&list);
    return HWV_ERR_ARGUMENT;
}

/* --milestones 100,200: ascending. */
static hwv_status read_milestones(const char *list, size_t milestones[HWV_MILESTONES], hwv_error *error)
{
    size_t count = 0;
    for (const char *at = list, *entry; at != NULL;) {
        uint64_t step = 0;
        size_t length = hwv_cli_list_next(&at, &entry);
        bool fits = hwv_cli_whole(entry, length, &step) && step > 0 && step <= SIZE_MAX;
        if (!fits || (count > 0 && step <= milestones[count - 1]))
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--milestones: '%.*s' is not a step above the one before it",
                            (int)(length < 60 ? length : 60), entry);
        if (count == HWV_MILESTONES)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--milestones: at most %d steps", HWV_MILESTONES);
        milestones[count++] = (size_t)step;
    }
    return HWV_OK;
}

/* The files that are written: can they be, and is none named twice? */
static hwv_status check_files(const hwv_cli_options *options, hwv_error *error)
{
    const struct {
        const char *option, *path;
    } files[] = {{"out", options->train.checkpoint},
                 {"log", options->train.log},
                 {"svg", options->svg},
                 {"html", options->html}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (files[i].path == NULL)
            continue;
        HWV_TRY(hwv_cli_check_writable(files[i].option, files[i].path, error));
        for (size_t k = 0; k < i; k++)
            if (files[k].path != NULL && strcmp(files[i].path, files[k].path) == 0 &&
                strcmp(files[i].path, "/dev/null") != 0)
                return hwv_fail(error, HWV_ERR_ARGUMENT, "--%s and --%s name the same file", files[i].option,
                                files[k].option);
    }
    return HWV_OK;
}

/* What a run that ends before the training has no use for. */
static hwv_status check_explain(const hwv_cli *cli, hwv_error *error)
{
    static const char *const useless[] = {"out",  "checkpoint-every", "log",         "html", "svg", "watch",
                                          "cure", "sample-tokens",    "sample-every"};
    for (size_t i = 0; cli->options.explain && i < sizeof useless / sizeof useless[0]; i++)
        if (hwv_cli_given(cli, useless[i]))
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--explain trains nothing: there is no use for --%s", useless[i]);
    return HWV_OK;
}

hwv_status hwv_cli_training_check(hwv_cli *cli, hwv_error *error)
{
    hwv_train_options *train = &cli->options.train;
    HWV_TRY(check_explain(cli, error));
    if (cli->options.milestones != NULL)
        HWV_TRY(read_milestones(cli->options.milestones, train->optimizer.milestones, error));
    if (train->optimizer.schedule == HWV_SCHEDULE_MULTI_STEP && train->optimizer.milestones[0] == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--schedule multi_step needs --milestones STEP,...");
    if (train->optimizer.nesterov && train->optimizer.momentum <= 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--nesterov needs a --momentum above 0");
    if (train->checkpoint == NULL && hwv_cli_given(cli, "checkpoint-every"))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--checkpoint-every needs --out FILE");
    if (train->checkpoint != NULL)
        HWV_TRY(check_format(train->checkpoint, error));
    if (hwv_cli_is_onnx(train->checkpoint) && hwv_cli_given(cli, "checkpoint-every"))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--checkpoint-every: an ONNX file is written at the end only");
    return check_files(&cli->options, error);
}

/* Text is cut into blocks of --block tokens, or stays as the checkpoint's was. */
static hwv_status set_block(hwv_cli *cli, hwv_data *data, bool resumed, hwv_error *error)
{
    const bool given = hwv_cli_given(cli, "block");
    if (!given && (data->block == 0 || resumed)) {
        cli->options.block = data->block > 0 ? data->block : cli->options.block;
        return HWV_OK;
    }
    hwv_status status = hwv_data_block_set(data, cli->options.block, error);
    if (status == HWV_OK || status == HWV_ERR_MEMORY)
        return status;
    if (given)
        return hwv_fail_prefix(error, status, "--block: ");
    const hwv_error what = *error; /* nobody asked for it: the text is too short */
    return hwv_fail(error, HWV_ERR_FORMAT, "%s", what.text);
}

hwv_status hwv_cli_data_open(hwv_cli *cli, hwv_data *data, const char *checkpoint, hwv_error *error)
{
    HWV_TRY(hwv_data_open(data, cli->options.data, error));
    hwv_cli_model_settle(cli, data);
    if (checkpoint != NULL)
        HWV_TRY(hwv_checkpoint_normalize(data, checkpoint, error));
    HWV_TRY(set_block(cli, data, checkpoint != NULL, error));
    if (cli->options.normalize && data->mean == NULL)
        return hwv_data_normalize(data, NULL, NULL, error);
    cli->options.normalize = data->mean != NULL;
    return HWV_OK;
}

static void numbers_text(const double *numbers, size_t count, hwv_text *text)
{
    enum { SHOWN = 4 };
    for (size_t i = 0; i < count && i < SHOWN; i++)
        hwv_text_printf(text, "%s%.4g", i > 0 ? ", " : " ", numbers[i]);
    if (count > SHOWN)
        hwv_text_printf(text, ", ... (%zu)", count);
}

/* "mean 0.4914, 0.4822, 0.4465; deviation ..." of normalised data; nothing for other. */
static void normal_text(const hwv_data *data, hwv_text *text)
{
    if (data->mean == NULL)
        return;
    hwv_text_puts(text, "mean");
    numbers_text(data->mean, hwv_data_channels(data), text);
    hwv_text_puts(text, "; deviation");
    numbers_text(data->deviation, hwv_data_channels(data), text);
}

void hwv_cli_say_normalised(hwv_cli *cli, const hwv_data *data)
{
    hwv_text text = {0};
    normal_text(data, &text);
    if (data->mean != NULL)
        hwv_cli_say(cli, "the data is normalised as in training: %s", text.failed ? "" : text.data);
    hwv_text_free(&text);
}

void hwv_cli_say_to_normalise(hwv_cli *cli, const hwv_data *data)
{
    hwv_text text = {0};
    size_t channels = hwv_data_channels(data);
    if (data->mean == NULL)
        return;
    for (size_t l = 0; l < 2; l++)
        for (size_t c = 0; c < channels; c++)
            hwv_text_printf(&text, "%s%.9g",
                            c > 0    ? ","
                            : l == 0 ? "--mean "
                                     : " --std ",
                            (l == 0 ? data->mean : data->deviation)[c]);
    hwv_cli_say(cli, "its samples must be normalised as those of training were: %s", text.failed ? "" : text.data);
    hwv_text_free(&text);
}

bool hwv_cli_trains_file(const hwv_cli *cli)
{
    return hwv_cli_is_onnx(cli->options.model);
}

const char *hwv_cli_run_name(const hwv_cli_run *run)
{
    return run->act_name != NULL ? run->act_name : run->model.notation;
}

/* Options that were given and do nothing here. */
static void note_useless(hwv_cli *cli)
{
    enum { SGD = 1u << HWV_OPTIMIZER_SGD, ADAMS = 1u << HWV_OPTIMIZER_ADAM | 1u << HWV_OPTIMIZER_ADAMW };
    const hwv_optimizer_options *o = &cli->options.train.optimizer;
    static const struct {
        const char *name;
        unsigned optimizers; /* bits of those that it belongs to; 0: of all */
        int schedule;        /* the one it belongs to, or -1 */
    } belongs[] = {{"momentum", SGD, -1},
                   {"nesterov", SGD, -1},
                   {"beta1", ADAMS, -1},
                   {"beta2", ADAMS, -1},
                   {"eps", ADAMS, -1},
                   {"decay-all", 1u << HWV_OPTIMIZER_ADAMW, -1},
                   {"milestones", 0, HWV_SCHEDULE_MULTI_STEP},
                   {"step-every", 0, HWV_SCHEDULE_STEP},
                   {"lr-min", 0, HWV_SCHEDULE_COSINE}};
    for (size_t i = 0; i < sizeof belongs / sizeof belongs[0]; i++) {
        if (!hwv_cli_given(cli, belongs[i].name))
            continue;
        if (belongs[i].optimizers != 0 && !(belongs[i].optimizers & 1u << o->optimizer))
            hwv_cli_say(cli, "note: --%s does nothing with --optimizer %s", belongs[i].name,
                        hwv_optimizer_name(o->optimizer));
        if (belongs[i].schedule >= 0 && belongs[i].schedule != (int)o->schedule)
            hwv_cli_say(cli, "note: --%s does nothing with --schedule %s", belongs[i].name,
                        hwv_schedule_name(o->schedule));
    }
}

static void optimizer_text(const hwv_optimizer_options *o, hwv_text *text)
{
    hwv_text_printf(text, "%s, lr %s", hwv_optimizer_name(o->optimizer),
                    isnan(o->lr) ? "picked on short runs" : hwv_number_digits(o->lr, 6).text);
    if (o->optimizer != HWV_OPTIMIZER_SGD)
        hwv_text_printf(text, ", betas %g and %g", o->beta1, o->beta2);
    else
        hwv_text_printf(text, ", %smomentum %g", o->nesterov ? "Nesterov's " : "", o->momentum);
    hwv_text_printf(text, ", weight decay %g%s", o->weight_decay,
                    o->optimizer == HWV_OPTIMIZER_ADAMW && o->weight_decay > 0 && !o->decay_all ? " of matrices" : "");
    if (o->clip > 0)
        hwv_text_printf(text, ", gradient norm clipped at %g", o->clip);
    else
        hwv_text_puts(text, ", no clipping");
    if (o->schedule == HWV_SCHEDULE_STEP)
        hwv_text_printf(text, ", rate times %g every %zu steps", o->gamma, o->step_every);
    else if (o->schedule == HWV_SCHEDULE_MULTI_STEP) {
        hwv_text_printf(text, ", rate times %g after steps", o->gamma);
        for (size_t i = 0; i < HWV_MILESTONES && o->milestones[i] != 0; i++)
            hwv_text_printf(text, "%s %zu", i > 0 ? "," : "", o->milestones[i]);
    } else if (o->schedule == HWV_SCHEDULE_COSINE)
        hwv_text_printf(text, ", rate down to %s by a cosine",
                        isnan(o->lr_min) ? "a tenth of it" : hwv_number_digits(o->lr_min, 6).text);
    else
        hwv_text_puts(text, ", constant rate");
    if (o->warmup > 0)
        hwv_text_printf(text, ", %zu steps of warm-up", o->warmup);
}

static void run_text(const hwv_cli *cli, hwv_text *text)
{
    const hwv_train_options *train = &cli->options.train;
    hwv_text_printf(text, "batches of %zu, ", train->batch);
    if (train->accumulate > 1)
        hwv_text_printf(text, "%zu of them a step, ", train->accumulate);
    if (train->max_steps > 0 && train->epochs == 0)
        hwv_text_printf(text, "%zu steps", train->max_steps);
    else if (train->max_steps > 0)
        hwv_text_printf(text, "at most %zu steps and %zu epoch%s", train->max_steps, train->epochs,
                        train->epochs == 1 ? "" : "s");
    else
        hwv_text_printf(text, "%zu epoch%s", train->epochs, train->epochs == 1 ? "" : "s");
    if (train->until_train_error > 0)
        hwv_text_printf(text, ", until %s running training error",
                        hwv_number_of(train->until_train_error, HWV_UNIT_SHARE).text);
    if (cli->options.smoothing > 0)
        hwv_text_printf(text, ", label smoothing %g", cli->options.smoothing);
    if (train->augment.shift > 0)
        hwv_text_printf(text, ", images shifted by up to %zu", train->augment.shift);
    if (train->augment.flip)
        hwv_text_puts(text, ", images flipped");
    if (train->augment.cutout > 0)
        hwv_text_printf(text, ", %zu x %zu pixels cut out", train->augment.cutout, train->augment.cutout);
    if (hwv_cli_trains_file(cli))
        hwv_text_puts(text, ", weights of the file");
    else
        hwv_text_printf(text, ", initial weights %s", hwv_init_name(train->init));
    hwv_text_printf(text, ", seed %llu", (unsigned long long)train->seed);
    hwv_text_printf(text, ", %s, %zu thread%s", hwv_isa_name(hwv_isa_current()), cli->options.threads,
                    cli->options.threads == 1 ? "" : "s");
}

static void say_wrapped(hwv_cli *cli, const char *what, const char *value)
{
    hwv_text text = {0};
    hwv_text_printf(&text, "%-11s", what);
    hwv_cli_wrap(&text, hwv_cli_talk_width(cli), 11, 11, value);
    for (char *line = text.failed ? NULL : text.data; line != NULL && *line != '\0';) {
        char *end = strchr(line, '\n');
        *end = '\0';
        hwv_cli_say(cli, "%s", line);
        line = end + 1;
    }
    hwv_text_free(&text);
}

static void model_text(const hwv_cli *cli, const char *acts, hwv_text *text)
{
    hwv_text_puts(text, cli->options.model);
    if (hwv_cli_trains_file(cli)) {
        hwv_text_puts(text, ", an ONNX file");
        return;
    }
    for (size_t i = 0; i < hwv_zoo_count(); i++)
        if (strcmp(hwv_zoo_name(i), cli->options.model) == 0)
            hwv_text_printf(text, ": %s", hwv_zoo_notation(i));
    hwv_text_printf(text, "; act is %s", acts);
    if (cli->options.norms != NULL || hwv_cli_given(cli, "norm") || cli->options.norm != HWV_NORM_LAYER)
        hwv_text_printf(text, "; norm is %s",
                        cli->options.norms != NULL ? cli->options.norms : hwv_norm_name(cli->options.norm));
}

/* What is going to happen, or happened. */
enum { DATA, NORMAL, MODEL, OPTIMIZER, RUN, DESCRIBED };

static const char *const described[DESCRIBED] = {"data", "normalised", "model", "optimiser", "run"};

/* An empty text has nothing to say. Free them with description_free. */
static void describe(const hwv_cli *cli, const hwv_data *data, const char *acts, hwv_text texts[DESCRIBED])
{
    memset(texts, 0, DESCRIBED * sizeof texts[0]);
    hwv_text_puts(&texts[DATA], data->description);
    normal_text(data, &texts[NORMAL]);
    model_text(cli, acts, &texts[MODEL]);
    optimizer_text(&cli->options.train.optimizer, &texts[OPTIMIZER]);
    run_text(cli, &texts[RUN]);
}

static void description_free(hwv_text texts[DESCRIBED])
{
    for (size_t i = 0; i < DESCRIBED; i++)
        hwv_text_free(&texts[i]);
}

static void announce(hwv_cli *cli, const hwv_data *data, const char *acts)
{
    hwv_text texts[DESCRIBED];
    describe(cli, data, acts, texts);
    for (size_t i = 0; i < DESCRIBED; i++)
        if (texts[i].length > 0)
            say_wrapped(cli, described[i], texts[i].failed ? "" : texts[i].data);
    note_useless(cli);
    description_free(texts);
}

void hwv_cli_training_facts(const hwv_cli *cli, const hwv_data *data, const char *acts, hwv_page *page)
{
    hwv_text texts[DESCRIBED];
    hwv_page_fact facts[DESCRIBED];
    size_t count = 0;
    describe(cli, data, acts, texts);
    for (size_t i = 0; i < DESCRIBED; i++) {
        const char *value = hwv_cli_part(&page->body, &texts[i]);
        if (value[0] != '\0')
            facts[count++] = (hwv_page_fact){.name = described[i], .value = value};
    }
    hwv_cli_page_facts(page, facts, count);
    description_free(texts);
}

/* ---- one run ---- */

typedef struct watcher {
    hwv_cli *cli;
    const hwv_cli_run *run;
    hwv_trainer *trainer;
    size_t epoch_steps, step;
    hwv_status cured; /* of the cure */
    hwv_error error;
} watcher;

static void at_step(void *self, const hwv_step *step)
{
    watcher *w = self;
    const hwv_cli_run *run = w->run;
    if (run->watch != NULL)
        hwv_cli_watch_step(run->watch, step);
    if (run->curing != NULL)
        hwv_curing_step(run->curing, step);
    const size_t every = w->cli->options.sample_every;
    if (run->sampler != NULL && every > 0 && step->step % every == 0)
        hwv_cli_sampler_take(run->sampler, w->cli, step->step, w->trainer);
    w->step = step->step;
    size_t steps = run->options.epochs * w->epoch_steps;
    if (run->options.max_steps > 0 && (run->options.max_steps < steps || steps == 0))
        steps = run->options.max_steps;
    double own = steps > 0 ? (double)step->step / (double)steps : 1;
    hwv_cli_progress(w->cli, ((double)run->number + own) / (double)(run->of > 0 ? run->of : 1),
                     "%s%sepoch %zu, step %zu, loss %s", run->label ? run->label : "", run->label ? ": " : "",
                     step->epoch + 1, step->step, hwv_number_plain(step->loss).text);
}

/* Acts, and writes what was done into the log. */
static hwv_status cure(watcher *w, size_t epoch)
{
    const hwv_cured *events;
    size_t known = hwv_curing_events(w->run->curing, &events);
    HWV_TRY(hwv_curing_epoch(w->run->curing, epoch, &w->error));
    size_t count = hwv_curing_events(w->run->curing, &events);
    for (size_t i = known; i < count; i++) {
        hwv_text line = {0};
        hwv_json_writer json = hwv_cli_event_begin(&line, "cure");
        hwv_cli_json_text(&json, "cure", hwv_cure_name(w->run->options.cure));
        hwv_cli_json_count(&json, "epoch", epoch);
        hwv_cli_json_text(&json, "layer", events[i].name);
        hwv_cli_json_count(&json, "units", events[i].units);
        HWV_TRY(hwv_cli_event_end(&json, &line, w->trainer, &w->error));
    }
    return HWV_OK;
}

static void say_round(hwv_cli *cli, const hwv_cli_run *run, const hwv_epoch_stats *round)
{
    const bool steps = run->options.eval_every > 0;
    hwv_text line = {0};
    if (run->label != NULL)
        hwv_text_printf(&line, "%s: ", run->label);
    hwv_text_printf(&line, "%s %zu: loss %s", steps ? "step" : "epoch", steps ? round->steps : round->epoch,
                    hwv_cli_loss(run->data, round->train_loss).text);
    if (run->data->block > 0) {
        hwv_text_puts(&line, ", test ");
        hwv_cli_loss_text(run->data, round->test_loss, &line);
    } else {
        hwv_text_printf(&line, ", error %s", hwv_number_percent(round->train_error, 2).text);
        if (isfinite(round->test_error))
            hwv_text_printf(&line, ", test %s", hwv_number_percent(round->test_error, 2).text);
    }
    hwv_cli_say(cli, "%s, %zu of %zu units dead", line.failed ? "" : line.data, round->dead, round->units);
    hwv_text_free(&line);
}

static void at_epoch(void *self, const hwv_epoch_stats *epoch)
{
    watcher *w = self;
    if (w->run->watch != NULL)
        hwv_cli_watch_epoch(w->run->watch, epoch, w->trainer);
    if (w->run->curing != NULL && w->cured == HWV_OK)
        w->cured = cure(w, epoch->epoch);
    if (w->run->sampler != NULL && w->cli->options.sample_every == 0)
        hwv_cli_sampler_take(w->run->sampler, w->cli, epoch->steps, w->trainer);
    /* A terminal has the bar, a comparison a line for each run. */
    if ((w->run->label != NULL || w->cli->progress.term.tty) && !w->cli->options.verbose)
        return;
    say_round(w->cli, w->run, epoch);
}

static void at_end(void *self, size_t epochs)
{
    watcher *w = self;
    if (w->run->watch != NULL)
        hwv_cli_watch_end(w->run->watch, epochs, w->trainer);
    if (w->run->sampler != NULL && w->step > 0)
        hwv_cli_sampler_take(w->run->sampler, w->cli, w->step, w->trainer);
}

/* What does not fit a file is the data's fault, or the file's, but no wrong use. */
static hwv_status file_open(const hwv_cli *cli, hwv_cli_run *run, const hwv_model_options *options, hwv_error *error)
{
    const hwv_model *kept = run->kept;
    hwv_onnx *file;
    HWV_TRY(kept != NULL ? hwv_onnx_parse(&file, kept->notation, kept->file, kept->file_bytes, error)
                         : hwv_onnx_open(&file, cli->options.model, error));
    hwv_status status = hwv_onnx_model(&run->model, file, options, error);
    hwv_onnx_close(file);
    if (status != HWV_ERR_SHAPE)
        return status;
    const hwv_error what = *error;
    return hwv_fail(error, HWV_ERR_FORMAT, "%s", what.text);
}

static hwv_status model_make(const hwv_cli *cli, hwv_cli_run *run, hwv_model_options *options, hwv_error *error)
{
    if (!hwv_cli_trains_file(cli)) {
        HWV_TRY(hwv_cure_act(&options->act, run->options.cure, error));
        return hwv_model_build(&run->model, cli->options.model, options, error);
    }
    if (run->options.cure == HWV_CURE_PRELU)
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "--cure prelu: the activations of '%.200s' are its own; halfwave fix --prelu changes them",
                        cli->options.model);
    return file_open(cli, run, options, error);
}

hwv_status hwv_cli_run_build(hwv_cli *cli, hwv_cli_run *run, hwv_error *error)
{
    hwv_model_options model = {.act = run->act,
                               .norm = run->norm,
                               .rank = run->data->rank,
                               .classes = run->data->classes,
                               .smoothing = (float)cli->options.smoothing};
    for (size_t i = 0; i < HWV_DATA_DIMS && i < run->data->rank; i++)
        model.dims[i] = run->data->dims[i];
    return run->model.graph != NULL ? HWV_OK : model_make(cli, run, &model, error);
}

hwv_status hwv_cli_run_once(hwv_cli *cli, hwv_cli_run *run, hwv_error *error)
{
    HWV_TRY(hwv_cli_run_build(cli, run, error));
    if (run->announce != NULL)
        announce(cli, run->data, run->announce);
    if (run->announce != NULL && !run->model.normed && (hwv_cli_given(cli, "norm") || cli->options.norms != NULL))
        hwv_cli_say(cli, "note: the model has no bare norm, which --norm%s would be about",
                    cli->options.norms != NULL ? "s" : "");
    run->options.executor = cli->executor;
    if (cli->options.explain && isnan(run->options.optimizer.lr))
        run->options.optimizer.lr = hwv_train_defaults().optimizer.lr; /* the time of a step does not depend on it */
    if (isnan(run->options.optimizer.lr))
        HWV_TRY(hwv_cli_rate_pick(cli, run, error));

    if (run->onnx != NULL) /* what cannot be written is found before it is trained */
        HWV_TRY(hwv_onnx_export(&run->model, &run->data->vocabulary, "/dev/null", error));

    watcher watch = {
        .cli = cli, .run = run, .epoch_steps = run->data->train.count / run->options.batch / run->options.accumulate};
    hwv_train_hooks hooks = {.self = &watch, .step = at_step, .epoch = at_epoch, .end = at_end};
    if (cli->options.watch) {
        HWV_TRY(hwv_cli_watch_create(&run->watch, cli, &run->model, run->data, error));
        hooks.observer = hwv_cli_watch_observer(run->watch);
    }
    if (run->options.cure != HWV_CURE_NONE) {
        HWV_TRY(hwv_curing_create(&run->curing, &run->model, run->data, &run->options, error));
        hwv_curing_attach(run->curing, &hooks);
    }
    if ((cli->bit & HWV_CLI_TRAIN) && !cli->options.explain)
        HWV_TRY(hwv_cli_sampler_create(&run->sampler, cli, &run->model, run->data, error));
    HWV_TRY(hwv_trainer_create(&watch.trainer, &run->model, run->data, &run->options, &hooks, error));
    hwv_status status = HWV_OK;
    if (cli->options.resume != NULL)
        status = hwv_trainer_resume(watch.trainer, cli->options.resume, error);
    if (status == HWV_OK && run->curing != NULL)
        status = hwv_curing_begin(run->curing, cli->options.resume != NULL, error);
    if (status == HWV_OK && run->watch != NULL)
        status = hwv_cli_watch_begin(run->watch, error);
    if (status == HWV_OK)
        status = cli->options.explain ? hwv_trainer_explain(watch.trainer, &run->explanation, error)
                                      : hwv_trainer_run(watch.trainer, &run->result, error);
    hwv_trainer_destroy(watch.trainer);
    if (status == HWV_OK && watch.cured != HWV_OK)
        return hwv_fail(error, watch.cured, "--cure: %s", watch.error.text);
    if (status == HWV_OK && run->sampler != NULL)
        HWV_TRY(hwv_cli_sampler_status(run->sampler, error));
    return status == HWV_OK && run->watch != NULL ? hwv_cli_watch_status(run->watch, error) : status;
}

void hwv_cli_run_free(hwv_cli_run *run)
{
    hwv_train_result_free(&run->result);
    hwv_explanation_free(&run->explanation);
    hwv_cli_watch_destroy(run->watch);
    hwv_curing_destroy(run->curing);
    hwv_cli_sampler_destroy(run->sampler);
    hwv_model_free(&run->model);
}
