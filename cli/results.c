/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Results of runs and evaluations: as JSON and as tables. */
#include "training.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "report/number.h"
#include "report/table.h"

void hwv_cli_fact(hwv_cli *cli, const char *what, const char *format, ...)
{
    char line[500];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    hwv_text_printf(&cli->out, "%-16s", what);
    hwv_cli_wrap(&cli->out, (size_t)cli->screen.width, 16, 16, line);
}

hwv_json_writer hwv_cli_event_begin(hwv_text *line, const char *event)
{
    hwv_json_writer json = hwv_json_writer_make(line, 0);
    hwv_json_begin_object(&json);
    hwv_cli_json_text(&json, "event", event);
    return json;
}

hwv_status hwv_cli_event_end(hwv_json_writer *json, hwv_text *line, hwv_trainer *trainer, hwv_error *error)
{
    hwv_json_end(json);
    hwv_status status = hwv_json_finish(json, error);
    if (status == HWV_OK)
        status = hwv_trainer_log(trainer, line->data, line->length, error);
    hwv_text_free(line);
    return status;
}

const char *hwv_cli_round_name(const hwv_cli_run *run)
{
    return run->options.eval_every > 0 ? "round" : "epoch";
}

hwv_number hwv_cli_loss(const hwv_data *data, double loss)
{
    return data->block > 0 ? hwv_number_digits(loss, 4) : hwv_number_plain(loss);
}

void hwv_cli_loss_text(const hwv_data *data, double loss, hwv_text *text)
{
    hwv_text_puts(text, hwv_cli_loss(data, loss).text);
    if (data->block > 0)
        hwv_text_printf(text, " (perplexity %s, %s bits a %s)", hwv_number_digits(exp(loss), 4).text,
                        hwv_number_digits(loss / log(2), 4).text, data->vocabulary.bytes ? "byte" : "character");
}

void hwv_cli_test_loss_json(const hwv_data *data, double loss, hwv_json_writer *json)
{
    hwv_cli_json_number(json, "test_loss", loss);
    if (data->block == 0)
        return;
    hwv_cli_json_number(json, "test_perplexity", exp(loss));
    hwv_cli_json_number(json, "test_bits", loss / log(2));
}

void hwv_cli_counted_text(const hwv_cli_run *run, hwv_text *text)
{
    const hwv_train_result *result = &run->result;
    if (run->data->block > 0 && result->layer_count > 0)
        hwv_text_printf(text, "%llu tokens of ", (unsigned long long)result->layers[0].looks);
    hwv_text_puts(text, "the training set");
}

void hwv_cli_layers_json(const hwv_layer_stats *layers, size_t count, hwv_json_writer *json)
{
    hwv_json_key(json, "layers");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < count; i++) {
        hwv_json_begin_object(json);
        hwv_cli_json_text(json, "name", layers[i].name);
        hwv_cli_json_text(json, "act", layers[i].act);
        hwv_cli_json_count(json, "units", layers[i].units);
        hwv_cli_json_count(json, "looks", (size_t)layers[i].looks);
        hwv_cli_json_count(json, "dead", layers[i].dead);
        hwv_cli_json_count(json, "rare", layers[i].rare);
        hwv_cli_json_count(json, "always_on", layers[i].always_on);
        hwv_cli_json_number(json, "zeros", layers[i].zeros);
        hwv_json_end(json);
    }
    hwv_json_end(json);
}

static void history_json(const hwv_cli_run *run, hwv_json_writer *json)
{
    const hwv_train_result *result = &run->result;
    hwv_json_key(json, "history");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < result->history_count; i++) {
        const hwv_epoch_stats *epoch = &result->history[i];
        hwv_json_begin_object(json);
        hwv_cli_json_count(json, "epoch", epoch->epoch);
        hwv_cli_json_count(json, "steps", epoch->steps);
        hwv_cli_json_number(json, "train_loss", epoch->train_loss);
        hwv_cli_json_number(json, "train_error", epoch->train_error);
        hwv_cli_test_loss_json(run->data, epoch->test_loss, json);
        hwv_cli_json_number(json, "test_error", epoch->test_error);
        hwv_cli_json_number(json, "lr", epoch->lr);
        hwv_cli_json_number(json, "grad_norm", epoch->grad_norm);
        hwv_cli_json_count(json, "dead", epoch->dead);
        hwv_cli_json_count(json, "units", epoch->units);
        hwv_cli_json_number(json, "seconds", epoch->seconds);
        hwv_json_end(json);
    }
    hwv_json_end(json);
}

void hwv_cli_cure_json(const hwv_cli_run *run, hwv_json_writer *json)
{
    const hwv_cured *events;
    size_t count = run->curing != NULL ? hwv_curing_events(run->curing, &events) : 0, units = 0;
    hwv_json_key(json, "cure");
    if (run->curing == NULL) {
        hwv_json_null(json);
        return;
    }
    for (size_t i = 0; i < count; i++)
        units += events[i].units;
    hwv_json_begin_object(json);
    hwv_cli_json_text(json, "name", hwv_cure_name(run->options.cure));
    hwv_cli_json_count(json, "units", units);
    hwv_cli_json_number(json, "rate_scale", hwv_curing_rate_scale(run->curing));
    hwv_json_key(json, "events");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < count; i++) {
        hwv_json_begin_object(json);
        hwv_cli_json_count(json, "epoch", events[i].epoch);
        hwv_cli_json_text(json, "layer", events[i].name);
        hwv_cli_json_count(json, "units", events[i].units);
        hwv_json_end(json);
    }
    hwv_json_end(json);
    hwv_json_end(json);
}

void hwv_cli_cure_text(const hwv_cli_run *run, hwv_text *text)
{
    const hwv_cured *events;
    size_t count = run->curing != NULL ? hwv_curing_events(run->curing, &events) : 0, units = 0, epochs = 0;
    if (run->curing == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        units += events[i].units;
        epochs += i == 0 || events[i].epoch != events[i - 1].epoch;
    }
    const char *name = hwv_cure_name(run->options.cure);
    if (units == 0) {
        hwv_text_printf(text, "%s: no unit died", name);
        return;
    }
    hwv_text_printf(text, "%s: %zu unit%s in %zu epoch%s", name, units, units == 1 ? "" : "s", epochs,
                    epochs == 1 ? "" : "s");
    if (run->options.cure == HWV_CURE_RATE)
        hwv_text_printf(text, ", the learning rate times %g", hwv_curing_rate_scale(run->curing));
}

void hwv_cli_run_json(const hwv_cli_run *run, hwv_json_writer *json)
{
    const hwv_train_result *result = &run->result;
    hwv_cli_json_text(json, "act", run->act_name);
    hwv_json_key(json, "seed");
    if (run->options.seed <= INT64_MAX)
        hwv_json_integer(json, (int64_t)run->options.seed);
    else
        hwv_json_number(json, (double)run->options.seed);
    hwv_cli_json_text(json, "model", run->model.notation);
    hwv_cli_json_text(json, "norm", run->model.normed ? hwv_norm_name(run->norm) : NULL);
    hwv_cli_json_number(json, "lr", run->options.optimizer.lr);
    hwv_cli_json_count(json, "params", result->parameters);
    hwv_cli_json_number(json, "test_error", result->test_error);
    hwv_cli_test_loss_json(run->data, result->test_loss, json);
    hwv_cli_json_number(json, "train_loss", result->train_loss);
    hwv_cli_json_number(json, "train_error", result->train_error);
    hwv_cli_json_number(json, "ms_per_step", result->ms_per_step);
    hwv_cli_json_count(json, "steps", result->steps);
    hwv_cli_json_count(json, "epochs", result->epochs);
    hwv_cli_json_number(json, "epochs_to_target", result->epochs_to_target);
    hwv_json_key(json, "steps_to_target");
    if (result->steps_to_target > 0)
        hwv_json_integer(json, (int64_t)result->steps_to_target);
    else
        hwv_json_null(json);
    hwv_cli_json_text(json, "weights_sha256", result->weights_sha256);
    hwv_cli_json_bool(json, "interrupted", result->interrupted);
    hwv_cli_json_text(json, "diverged", result->diverged[0] != '\0' ? result->diverged : NULL);
    hwv_cli_layers_json(result->layers, result->layer_count, json);
    history_json(run, json);
    hwv_cli_cure_json(run, json);
}

void hwv_cli_data_json(const hwv_data *data, hwv_json_writer *json)
{
    hwv_json_key(json, "data");
    hwv_json_begin_object(json);
    hwv_cli_json_text(json, "name", data->name);
    hwv_cli_json_text(json, "description", data->description);
    hwv_json_key(json, "shape");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < data->rank; i++)
        hwv_json_integer(json, (int64_t)data->dims[i]);
    hwv_json_end(json);
    hwv_cli_json_count(json, "classes", data->classes);
    hwv_cli_json_count(json, "train", data->train.count);
    hwv_cli_json_count(json, "test", data->test.count);
    hwv_cli_json_bool(json, "normalized", data->mean != NULL);
    hwv_json_end(json);
}

/* The table; `note` keeps its note. Free both. */
static void layers_table(hwv_table *table, hwv_text *note, const hwv_layer_stats *layers, size_t count,
                         const char *where)
{
    static const hwv_column columns[] = {{"layer", HWV_LEFT}, {"activation", HWV_LEFT}, {"units", HWV_RIGHT},
                                         {"dead", HWV_RIGHT}, {"rare", HWV_RIGHT},      {"always on", HWV_RIGHT},
                                         {"zeros", HWV_RIGHT}};
    bool images = false; /* dense layers have one look a sample */
    for (size_t i = 0; i < count; i++)
        images = images || layers[i].looks != layers[0].looks;
    hwv_text_printf(note,
                    "Counted over %s. dead: fired for no sample, and the gradient is zero there; rare: fired for less "
                    "than 1 %%. zeros: share of outputs that are exactly 0, which is not death.%s",
                    where, images ? " A unit of images is a channel, looked at in every position." : "");
    *table = (hwv_table){.columns = columns, .column_count = sizeof columns / sizeof columns[0]};
    table->failed = note->failed;
    table->caption.note = note->data;
    for (size_t i = 0; i < count; i++) {
        const hwv_layer_stats *layer = &layers[i];
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", layer->name);
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", layer->act);
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%zu", layer->units);
        hwv_table_cell(table, layer->dead > 0 ? HWV_STYLE_BAD : HWV_STYLE_PLAIN, "%zu", layer->dead);
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%zu", layer->rare);
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%zu", layer->always_on);
        hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", hwv_number_percent(layer->zeros, 1).text);
    }
}

void hwv_cli_layers_print(hwv_cli *cli, const hwv_layer_stats *layers, size_t count, const char *where)
{
    if (count == 0)
        return;
    hwv_table table;
    hwv_text note = {0};
    layers_table(&table, &note, layers, count, where);
    hwv_table_text(&table, &cli->screen, &cli->out);
    hwv_table_free(&table);
    hwv_text_free(&note);
}

void hwv_cli_layers_page(hwv_page *page, const hwv_layer_stats *layers, size_t count, const char *where)
{
    if (count == 0) {
        hwv_page_paragraph(page, HWV_STYLE_PLAIN, "The model has no layers of activations.");
        return;
    }
    hwv_table table;
    hwv_text note = {0};
    layers_table(&table, &note, layers, count, where);
    hwv_page_table(page, &table, NULL);
    hwv_table_free(&table);
    hwv_text_free(&note);
}

size_t hwv_cli_dead(const hwv_train_result *result)
{
    size_t dead = 0;
    for (size_t i = 0; i < result->layer_count; i++)
        dead += result->layers[i].dead;
    return dead;
}

const char *hwv_cli_answers(const hwv_data *data)
{
    return data->block > 0 ? "tokens" : "samples";
}

size_t hwv_cli_units(const hwv_train_result *result)
{
    size_t units = 0;
    for (size_t i = 0; i < result->layer_count; i++)
        units += result->layers[i].units;
    return units;
}
