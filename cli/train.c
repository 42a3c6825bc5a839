/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave train: one run, from data to checkpoint. */
#include "training.h"

#include <math.h>
#include <stdio.h>

#include "halfwave/onnx.h"
#include "report/number.h"

static void print(hwv_cli *cli, const hwv_cli_run *run)
{
    const hwv_train_result *result = &run->result;
    if (result->diverged[0] != '\0')
        hwv_cli_fact(cli, "diverged", "%s; what follows is of the weights before it", result->diverged);
    if (run->data->block > 0) {
        hwv_text loss = {0};
        hwv_cli_loss_text(run->data, result->test_loss, &loss);
        hwv_cli_fact(cli, "test loss", "%s", hwv_cli_part(&cli->out, &loss));
        hwv_text_free(&loss);
    }
    if (isfinite(result->test_error)) {
        const size_t samples = run->data->test.count * hwv_data_labels(run->data);
        hwv_cli_fact(cli, "test error", "%s (%.0f of %zu %s wrong)", hwv_number_percent(result->test_error, 2).text,
                     result->test_error * (double)samples, samples, hwv_cli_answers(run->data));
    }
    const size_t samples = result->steps * run->options.batch * run->options.accumulate;
    const size_t seen = samples * hwv_data_labels(run->data);
    char window[40] = "last 2,000";
    if (seen < 2000)
        snprintf(window, sizeof window, "%zu", seen);
    hwv_cli_fact(cli, "training error", "%s (running, over the %s %s seen)",
                 hwv_number_percent(result->train_error, 2).text, window, hwv_cli_answers(run->data));
    hwv_cli_fact(cli, "training loss", "%s (mean of the last %s or 100 steps)",
                 hwv_cli_loss(run->data, result->train_loss).text, hwv_cli_round_name(run));
    const hwv_number each = hwv_number_of(result->ms_per_step / 1000, HWV_UNIT_SECONDS);
    char epochs[60];
    if (run->options.eval_every > 0)
        snprintf(epochs, sizeof epochs, "%s epochs",
                 hwv_number_plain((double)samples / (double)run->data->train.count).text);
    else
        snprintf(epochs, sizeof epochs, "%zu epoch%s", result->epochs, result->epochs == 1 ? "" : "s");
    hwv_cli_fact(cli, "steps", "%zu in %s, %s%s", result->steps, epochs,
                 isnan(result->ms_per_step) ? "none of them in this run" : each.text,
                 isnan(result->ms_per_step) ? "" : " each (median)");
    if (run->options.until_train_error > 0 && isfinite(result->epochs_to_target))
        hwv_cli_fact(cli, "target", "reached after %.2f epochs, %zu steps", result->epochs_to_target,
                     result->steps_to_target);
    else if (run->options.until_train_error > 0)
        hwv_cli_fact(cli, "target", "not reached");
    if (isnan(cli->options.train.optimizer.lr))
        hwv_cli_fact(cli, "learning rate", "%s, picked on short runs",
                     hwv_number_digits(run->options.optimizer.lr, 6).text);
    if (run->curing != NULL) {
        hwv_text cure = {0};
        hwv_cli_cure_text(run, &cure);
        hwv_cli_fact(cli, "cure", "%s", hwv_cli_part(&cli->out, &cure));
        hwv_text_free(&cure);
    }
    hwv_cli_fact(cli, "parameters", "%zu", result->parameters);
    hwv_cli_fact(cli, "weights sha256", "%s", result->weights_sha256);
    hwv_text_puts(&cli->out, "\n");
    hwv_text counted = {0};
    hwv_cli_counted_text(run, &counted);
    hwv_cli_layers_print(cli, result->layers, result->layer_count, hwv_cli_part(&cli->out, &counted));
    hwv_text_free(&counted);
    if (run->watch != NULL)
        hwv_cli_watch_print(cli, run->watch, hwv_cli_round_name(run));
    if (run->sampler != NULL)
        hwv_cli_sampler_print(cli, run->sampler, result->layer_count > 0 ? "\n" : "");
}

static hwv_status report(hwv_cli *cli, const hwv_cli_run *run, hwv_error *error)
{
    if (!cli->options.json) {
        print(cli, run);
        return HWV_OK;
    }
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_cli_run_json(run, &json);
    if (run->watch != NULL)
        hwv_cli_watch_json(run->watch, &json);
    if (run->sampler != NULL)
        hwv_cli_sampler_json(run->sampler, &json);
    hwv_cli_data_json(run->data, &json);
    hwv_cli_json_options(cli, &json);
    return hwv_cli_json_end(&json, error);
}

/* The files of a run that has a result, or not. A checkpoint was written by the trainer. */
static hwv_status say_written(hwv_cli *cli, const hwv_cli_run *run, hwv_status status, bool has_result,
                              hwv_error *error)
{
    const char *path = run->onnx != NULL ? run->onnx : run->options.checkpoint;
    if (status == HWV_ERR_INTERRUPTED && path == NULL)
        hwv_cli_say(cli, "nothing was saved: there was no --out FILE");
    if (!has_result || path == NULL)
        return status;
    if (status == HWV_ERR_NUMERIC) {
        hwv_cli_say(cli, "%s was not written: the run diverged", path);
        return status;
    }
    hwv_error late;
    hwv_status written = run->onnx != NULL ? hwv_onnx_export(&run->model, &run->data->vocabulary, path, &late) : HWV_OK;
    if (written != HWV_OK)
        return hwv_fail(error, written, "%s", late.text);
    hwv_cli_say(cli, "wrote %s", path);
    if (run->onnx != NULL)
        hwv_cli_say_to_normalise(cli, run->data);
    return status;
}

static hwv_status explain(hwv_cli *cli, hwv_cli_run *run, hwv_error *error)
{
    HWV_TRY(hwv_cli_run_once(cli, run, error));
    if (!cli->options.json) {
        hwv_cli_explain_print(cli, run);
        return HWV_OK;
    }
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_cli_explain_json(run, &json);
    hwv_cli_data_json(run->data, &json);
    hwv_cli_json_options(cli, &json);
    return hwv_cli_json_end(&json, error);
}

static hwv_status run_and_report(hwv_cli *cli, hwv_cli_run *run, hwv_error *error)
{
    if (cli->options.explain)
        return explain(cli, run, error);
    hwv_status status = hwv_cli_run_once(cli, run, error);
    bool has_result = status == HWV_OK || status == HWV_ERR_INTERRUPTED ||
                      (status == HWV_ERR_NUMERIC && run->result.diverged[0] != '\0');
    if (has_result && run->result.weights_sha256[0] != '\0') {
        hwv_error late;
        hwv_status shown = report(cli, run, &late);
        if (shown == HWV_OK)
            shown = hwv_cli_run_page(cli, run, &late);
        if (status == HWV_OK && shown != HWV_OK)
            return hwv_fail(error, shown, "%s", late.text);
    }
    return say_written(cli, run, status, has_result, error);
}

/* What is not given comes from the checkpoint, but not what cut its run short. `old` and `act` keep what the options point
 * to. */
static hwv_status take_from_checkpoint(hwv_cli *cli, hwv_model *old, hwv_text *act, hwv_error *error)
{
    hwv_cli_options *options = &cli->options, saved = *options;
    HWV_TRY(hwv_checkpoint_load(old, options->resume, error));
    HWV_TRY(hwv_checkpoint_options(&saved.train, options->resume, error));
    hwv_cli_model_act_text(&old->options.act, act);
    if (act->failed)
        return hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
    saved.act = act->data;
    saved.model = old->notation;
    saved.smoothing = (double)old->options.smoothing;
    saved.norm = old->options.norm;
    saved.train.until_train_error = options->train.until_train_error;
    if (saved.train.epochs > 0 || hwv_cli_given(cli, "epochs")) /* else its steps say how long */
        saved.train.max_steps = 0;
    if (!hwv_cli_given(cli, "milestones"))
        for (size_t i = 0; i < HWV_MILESTONES; i++)
            options->train.optimizer.milestones[i] = saved.train.optimizer.milestones[i];
    for (size_t i = 0; i < hwv_cli_option_count(); i++)
        if (!cli->given[i] && (hwv_cli_option_get(i)->commands & cli->bit))
            hwv_cli_value_copy(hwv_cli_option_get(i), options, &saved);
    return HWV_OK;
}

/* What an ONNX file has already. */
static hwv_status check_file_options(const hwv_cli *cli, hwv_error *error)
{
    static const struct {
        const char *option, *has;
    } own[] = {{"act", "activations"}, {"norm", "norms"}, {"init", "weights"}};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (hwv_cli_given(cli, own[i].option))
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--%s: the model is an ONNX file, which has %s of its own",
                            own[i].option, own[i].has);
    return HWV_OK;
}

/* The activations of layers, and the file of a resumed run that has one. */
static hwv_status prepare_model(hwv_cli *cli, hwv_cli_run *run, const hwv_model *old, hwv_error *error)
{
    run->act = (hwv_model_act){.act = hwv_act_make(HWV_OP_IDENTITY)};
    run->announce = "";
    if (hwv_cli_trains_file(cli)) {
        if (cli->options.resume != NULL && !hwv_cli_given(cli, "model"))
            run->kept = old;
        return check_file_options(cli, error);
    }
    run->norm = cli->options.norm;
    run->announce = run->act_name = cli->options.act;
    HWV_TRY(hwv_model_act_parse(&run->act, run->act_name, error));
    if (cli->options.resume != NULL && !hwv_cli_given(cli, "act"))
        run->act = old->options.act; /* all digits of its parameters */
    return HWV_OK;
}

static hwv_status prepare(hwv_cli *cli, hwv_cli_run *run, hwv_model *old, hwv_text *act, hwv_error *error)
{
    if (cli->options.resume != NULL)
        HWV_TRY(take_from_checkpoint(cli, old, act, error));
    HWV_TRY(hwv_cli_training_check(cli, error));
    if (cli->options.resume != NULL && isnan(cli->options.train.optimizer.lr))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "--lr auto with --resume: the checkpoint has its rate already");
    HWV_TRY(prepare_model(cli, run, old, error));
    run->options = cli->options.train;
    return HWV_OK;
}

/* Data, model, and the options that these settle. */
static hwv_status open(hwv_cli *cli, hwv_cli_run *run, hwv_data *data, hwv_error *error)
{
    run->data = data;
    HWV_TRY(hwv_cli_data_open(cli, data, cli->options.resume, error));
    HWV_TRY(hwv_cli_run_build(cli, run, error));
    hwv_cli_defaults_settle(cli, &run->model);
    run->options = cli->options.train;
    if (hwv_cli_is_onnx(run->options.checkpoint)) {
        run->onnx = run->options.checkpoint;
        run->options.checkpoint = NULL;
    }
    run->options.interrupt = hwv_cli_catch_interrupt();
    return HWV_OK;
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    hwv_cli_run run = {.act_name = NULL};
    hwv_model old = {0};
    hwv_text act = {0};
    hwv_data data = {0};
    hwv_status status = prepare(cli, &run, &old, &act, error);
    if (status == HWV_OK)
        status = open(cli, &run, &data, error);
    if (status == HWV_OK)
        status = run_and_report(cli, &run, error);
    hwv_cli_run_free(&run);
    hwv_data_close(&data);
    hwv_model_free(&old);
    hwv_text_free(&act);
    return status;
}

const hwv_cli_command hwv_cli_train = {
    .name = "train",
    .sentence = "train a network; tells error, loss, time and units that died",
    .operands = "",
    .examples = {{"halfwave train --data digits --model \"fc 32; act; fc 10\" --act relu --epochs 5",
                  "a small network on the built-in handwritten digits; takes less than a second"},
                 {"halfwave train --lr 1 --act relu", "a rate that kills units; --act leaky_relu keeps them alive"},
                 {"halfwave train --epochs 50 --out digits.safetensors --log digits.jsonl",
                  "writes the weights and what happened in each step; Ctrl-C writes them too"},
                 {"halfwave train --epochs 100 --resume digits.safetensors --out more.safetensors",
                  "goes on from there; --out more.onnx writes what other programs run, and without more epochs that is "
                  "all it does"},
                 {"halfwave train --model digits.onnx --lr 0.005 --epochs 3 --out tuned.onnx",
                  "trains on from the weights of an ONNX file, and writes that file with those it has now"}},
    .description =
        "Trains a network on a data set and prints its error on the test part, its loss, the time of a step, the "
        "SHA-256 of the weights, and for each layer of activations how many units are dead.\n"
        "The same options and seed give the same bits for any number of threads on one instruction set, and so does "
        "a run that was interrupted and resumed. Progress goes to stderr.\n",
    .sections =
        {{"Layers",
          "The layers of --model are separated by semicolons:\n"
          "  fc N            dense layer with N outputs and a bias\n"
          "  act             the activation of --act\n"
          "  act NAME        another one: act prelu, act leaky_relu(slope=0.2)\n"
          "                  a gated pair halves what it reads: fc 682; act reglu\n"
          "  conv K C        convolution, kernel K x K, C channels, same size\n"
          "                  also: valid, stride S, groups G, nobias\n"
          "  pool K          maximum of K x K windows; also: stride S, pad P\n"
          "  avgpool K       mean of K x K windows; also: stride S, pad P\n"
          "  gap             mean of the whole image\n"
          "  bn              batch norm\n"
          "  ln, rms         layer norm, root mean square norm\n"
          "  norm            the one of --norm\n"
          "  drop R          dropout of the share R: drop 0.25, drop 25%\n"
          "  res { LAYERS }  adds to what the layers give what they got\n"
          "  flatten         samples to rows; implied before fc\n"
          "  embed N         tokens to vectors of N numbers; the first layer for text\n"
          "  patch K C       squares of K x K pixels to vectors of C numbers\n"
          "  pos             a learned vector for each position is added\n"
          "  attn H          attention with H heads; attn H causal: backwards only\n"
          "  unembed         vectors to logits of tokens, by the table of embed\n"
          "Where --act is a gated pair (glu, reglu, geglu, swiglu), the fc N in front of a bare act has 2 N / 3 "
          "outputs "
          "for the values and as many for the gates, so that the parameters stay about as many. "
          "A convolution in front of bn has no bias. Where the layers of res change the number of channels, or "
          "the size by a stride, a 1 x 1 convolution with batch norm does the same to what is added. The last layer "
          "must have as many outputs "
          "as the data has classes; `fc classes` says that. Names of whole networks are mlp, lenet, vgg-small, "
          "resnet-small, char-gpt, char-gpt-post and vit-tiny; `halfwave info` shows their layers.\n"},
         {"ONNX files",
          "--model FILE.onnx trains on from the file's weights: those of products, convolutions, norms and embeddings, "
          "and "
          "their biases; everything else stays. It needs one input whose first axis, the samples, is free or 1, and "
          "as its first output the logits [samples, classes], alone or behind a softmax; or one number a sample, the "
          "logit "
          "of class 1 against class 0, perhaps behind a sigmoid. Images of the data are given to it channels first.\n"
          "Batch norms normalise by the batch and move their statistics by the file's momentum, and dropout drops, as "
          "in "
          "training anywhere; who wants neither exports the file without them. Weight decay leaves biases and norms "
          "alone. A checkpoint has the file in it. --out NEW.onnx writes the file with other numbers, in the types "
          "that "
          "its tensors have: names, nodes and what was not trained stay as they are. The file has activations, norms "
          "and "
          "weights of its own: --act, --norm and --init are refused.\n"},
         {"Data",
          "Anything with a slash, a prefix or a known extension is a path, else a name. In CSV files the label "
          "is the last column, and a first line without numbers is a header. Without a test file the last 20 % "
          "of the samples are the test part.\n"
          "text:FILE (or a path that ends in .txt) is a text in UTF-8 for models that read tokens: its vocabulary is "
          "the characters that occur in it, that of text-bytes:FILE the 256 bytes. A sample is a block of tokens, its "
          "labels are the tokens that follow each of them; the last 10 % of the text are the test part. text alone is "
          "the "
          "Jargon File of the Debian package jargon-text.\n"
          "fashion-mnist is found where the Debian package dataset-fashion-mnist puts it; "
          "fashion-mnist:DIR takes its four files from a folder. cifar10:DIR takes those of "
          "data_batch_1.bin to data_batch_5.bin that are there, and test_batch.bin (the binary version). "
          "In npz:FILE the samples are the array x_train, X_train, train_images, x, X, images or data, the labels "
          "y_train, train_labels, y, labels or target, and a test part is x_test, X_test or test_images with "
          "y_test or test_labels. Images have their channels last. Bytes are divided by 255 (the digits by 16), other "
          "numbers are taken as they are: --normalize brings them to mean 0 and deviation 1. All files but .npz may be "
          "compressed (.gz).\n"}},
    .run = run,
};
