/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What is in a model's file. */
#include "info_model.h"

#include <string.h>

#include "halfwave/model.h"
#include "halfwave/onnx.h"
#include "report/number.h"
#include "samples.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* ---- text ---- */

/* What a model of text was trained on; 0 of all others. */
typedef struct trained_on {
    hwv_vocabulary vocabulary;
    size_t block;
} trained_on;

/* "65 characters, blocks of 64" */
static void line_text(hwv_cli *cli, const trained_on *of)
{
    hwv_text text = {0};
    if (of->block == 0)
        return;
    hwv_text_printf(&text, "%zu %s, blocks of %zu", of->vocabulary.size, of->vocabulary.bytes ? "bytes" : "characters",
                    of->block);
    hwv_cli_info_line(cli, "text", hwv_cli_part(&cli->out, &text));
    hwv_text_free(&text);
}

static void json_text(hwv_json_writer *json, const trained_on *of)
{
    hwv_json_key(json, "text");
    if (of->block == 0) {
        hwv_json_null(json);
        return;
    }
    hwv_json_begin_object(json);
    hwv_cli_json_count(json, "vocabulary", of->vocabulary.size);
    hwv_cli_json_bool(json, "bytes", of->vocabulary.bytes);
    hwv_cli_json_count(json, "block", of->block);
    hwv_json_end(json);
}

/* ---- ONNX ---- */

/* What has weights of its own, in the words of ONNX. */
static bool is_layer(const hwv_onnx_use *use)
{
    static const char *const layers[] = {"Gemm", "MatMul", "Conv", "ConvTranspose", "LSTM", "GRU", "RNN"};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++)
        if (strcmp(use->op, layers[i]) == 0)
            return true;
    return false;
}

static bool is_activation(const hwv_onnx_use *use)
{
    return use->activation;
}

static bool is_any(const hwv_onnx_use *use)
{
    (void)use;
    return true;
}

static size_t count_uses(const hwv_onnx *file, bool (*which)(const hwv_onnx_use *))
{
    size_t count = 0;
    for (size_t i = 0; i < hwv_onnx_use_count(file); i++) {
        hwv_onnx_use use = hwv_onnx_use_at(file, i);
        count += which(&use) ? use.count : 0;
    }
    return count;
}

/* "3: 2 Relu, 1 Sigmoid" */
static void line_uses(hwv_cli *cli, const char *what, const hwv_onnx *file, bool (*which)(const hwv_onnx_use *))
{
    hwv_text text = {0};
    const char *separator = ": ";
    hwv_text_printf(&text, "%zu", count_uses(file, which));
    for (size_t i = 0; i < hwv_onnx_use_count(file); i++) {
        hwv_onnx_use use = hwv_onnx_use_at(file, i);
        if (!which(&use))
            continue;
        hwv_text_printf(&text, "%s%zu %s%s%s", separator, use.count, use.domain, use.domain[0] ? "." : "", use.op);
        separator = ", ";
    }
    hwv_cli_info_line(cli, what, hwv_cli_part(&cli->out, &text));
    hwv_text_free(&text);
}

static void line_port(hwv_cli *cli, const char *what, const hwv_onnx_port *port)
{
    hwv_text text = {0};
    hwv_text_printf(&text, "%s: %s ", port->name, port->type);
    hwv_text_puts(&text, port->shaped ? "[" : "of any shape");
    for (size_t i = 0; i < port->rank; i++) {
        hwv_text_puts(&text, i > 0 ? ", " : "");
        if (port->dim[i] >= 0)
            hwv_text_printf(&text, "%lld", (long long)port->dim[i]);
        else
            hwv_text_puts(&text, port->symbol[i] != NULL ? port->symbol[i] : "?");
    }
    hwv_text_puts(&text, port->shaped ? "]" : "");
    hwv_cli_info_line(cli, what, hwv_cli_part(&cli->out, &text));
    hwv_text_free(&text);
}

static void print_unsupported(hwv_cli *cli, const hwv_onnx *file)
{
    bool none = true;
    for (size_t i = 0; i < hwv_onnx_use_count(file); i++) {
        hwv_onnx_use use = hwv_onnx_use_at(file, i);
        hwv_text text = {0};
        if (use.reason == NULL)
            continue;
        hwv_text_printf(&text, "%zu %s%s%s: %s", use.count, use.domain, use.domain[0] ? "." : "", use.op, use.reason);
        hwv_cli_info_line(cli, none ? "unsupported" : "", hwv_cli_part(&cli->out, &text));
        hwv_text_free(&text);
        none = false;
    }
    if (none)
        hwv_cli_info_line(cli, "unsupported", "nothing");
}

static void print_onnx(hwv_cli *cli, const hwv_onnx *file, const trained_on *of)
{
    hwv_onnx_summary summary = hwv_onnx_summarise(file);
    hwv_text text = {0};
    hwv_text_printf(&text, "%s: ONNX, opset %lld, %s%s%s", base_name(cli->operands[0]), (long long)summary.opset,
                    summary.producer[0] ? "made by " : "", summary.producer, summary.producer[0] ? ", " : "");
    hwv_text_puts(&text, hwv_number_of((double)summary.bytes, HWV_UNIT_BYTES).text);
    hwv_cli_info_line(cli, "model", hwv_cli_part(&cli->out, &text));
    hwv_text_free(&text);
    hwv_text_printf(&text, "%llu in %zu arrays", (unsigned long long)summary.parameters, summary.initialisers);
    hwv_cli_info_line(cli, "parameters", hwv_cli_part(&cli->out, &text));
    hwv_text_free(&text);
    for (size_t i = 0; i < hwv_onnx_input_count(file); i++) {
        hwv_onnx_port port = hwv_onnx_input(file, i);
        line_port(cli, i == 0 ? "inputs" : "", &port);
    }
    for (size_t i = 0; i < hwv_onnx_output_count(file); i++) {
        hwv_onnx_port port = hwv_onnx_output(file, i);
        line_port(cli, i == 0 ? "outputs" : "", &port);
    }
    line_text(cli, of);
    line_uses(cli, "layers", file, is_layer);
    line_uses(cli, "activations", file, is_activation);
    line_uses(cli, "operators", file, is_any);
    print_unsupported(cli, file);
}

static void json_port(hwv_json_writer *json, const hwv_onnx_port *port)
{
    hwv_json_begin_object(json);
    hwv_cli_json_text(json, "name", port->name);
    hwv_cli_json_text(json, "type", port->type);
    hwv_json_key(json, "shape");
    if (port->shaped) {
        hwv_json_begin_array(json);
        for (size_t i = 0; i < port->rank; i++) {
            if (port->dim[i] >= 0)
                hwv_json_integer(json, port->dim[i]);
            else if (port->symbol[i] != NULL)
                hwv_json_string(json, port->symbol[i]);
            else
                hwv_json_null(json);
        }
        hwv_json_end(json);
    } else {
        hwv_json_null(json);
    }
    hwv_json_end(json);
}

static void json_use(hwv_json_writer *json, const hwv_onnx_use *use)
{
    hwv_json_begin_object(json);
    hwv_cli_json_text(json, "op", use->op);
    hwv_cli_json_text(json, "domain", use->domain);
    hwv_cli_json_count(json, "count", use->count);
    hwv_cli_json_bool(json, "activation", use->activation);
    hwv_cli_json_bool(json, "supported", use->reason == NULL);
    hwv_json_key(json, "reason");
    if (use->reason != NULL)
        hwv_json_string(json, use->reason);
    else
        hwv_json_null(json);
    hwv_json_end(json);
}

static hwv_status onnx_json(hwv_cli *cli, const hwv_onnx *file, const trained_on *of, hwv_error *error)
{
    hwv_onnx_summary summary = hwv_onnx_summarise(file);
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_cli_json_text(&json, "file", cli->operands[0]);
    hwv_cli_json_text(&json, "format", "onnx");
    hwv_cli_json_count(&json, "bytes", summary.bytes);
    hwv_cli_json_text(&json, "producer", summary.producer);
    hwv_cli_json_number(&json, "ir_version", (double)summary.ir_version);
    hwv_cli_json_number(&json, "opset", (double)summary.opset);
    hwv_cli_json_count(&json, "parameters", summary.parameters);
    hwv_cli_json_count(&json, "nodes", summary.nodes);
    hwv_cli_json_count(&json, "initialisers", summary.initialisers);
    hwv_cli_json_count(&json, "layers", count_uses(file, is_layer));
    hwv_cli_json_count(&json, "activations", count_uses(file, is_activation));
    hwv_json_key(&json, "inputs");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < hwv_onnx_input_count(file); i++) {
        hwv_onnx_port port = hwv_onnx_input(file, i);
        json_port(&json, &port);
    }
    hwv_json_end(&json);
    hwv_json_key(&json, "outputs");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < hwv_onnx_output_count(file); i++) {
        hwv_onnx_port port = hwv_onnx_output(file, i);
        json_port(&json, &port);
    }
    hwv_json_end(&json);
    json_text(&json, of);
    hwv_json_key(&json, "operators");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < hwv_onnx_use_count(file); i++) {
        hwv_onnx_use use = hwv_onnx_use_at(file, i);
        json_use(&json, &use);
    }
    hwv_json_end(&json);
    hwv_json_key(&json, "unsupported");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < hwv_onnx_use_count(file); i++)
        if (hwv_onnx_use_at(file, i).reason != NULL)
            hwv_json_string(&json, hwv_onnx_use_at(file, i).op);
    hwv_json_end(&json);
    return hwv_cli_json_end(&json, error);
}

static hwv_status info_onnx(hwv_cli *cli, hwv_error *error)
{
    hwv_onnx *file;
    trained_on of = {.block = 0};
    HWV_TRY(hwv_onnx_open(&file, cli->operands[0], error));
    hwv_status status = hwv_onnx_vocabulary(&of.vocabulary, &of.block, file, error);
    if (status != HWV_OK)
        status = hwv_fail_prefix(error, status, "%.200s: ", cli->operands[0]);
    else if (cli->options.json)
        status = onnx_json(cli, file, &of, error);
    else
        print_onnx(cli, file, &of);
    hwv_vocabulary_free(&of.vocabulary);
    hwv_onnx_close(file);
    return status;
}

/* ---- checkpoints ---- */

static void sample_text(const hwv_model_options *options, hwv_text *text)
{
    for (size_t i = 0; i < options->rank; i++)
        hwv_text_printf(text, "%s%zu", i > 0 ? " x " : "", options->dims[i]);
}

static size_t count_activations(const hwv_model *model)
{
    size_t count = 0;
    for (size_t n = 0; n < hwv_graph_node_count(model->graph); n++)
        count += hwv_node_activates(hwv_graph_node_at(model->graph, (hwv_id)n), NULL);
    return count;
}

static hwv_status checkpoint_json(hwv_cli *cli, const hwv_model *model, const trained_on *of, hwv_error *error)
{
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_text act = {0};
    hwv_cli_model_act_text(&model->options.act, &act);
    hwv_cli_json_text(&json, "file", cli->operands[0]);
    hwv_cli_json_text(&json, "format", "checkpoint");
    hwv_cli_json_text(&json, "model", model->notation);
    hwv_cli_json_text(&json, "act", model->of_network ? NULL : hwv_cli_part(&cli->out, &act));
    hwv_cli_json_count(&json, "parameters", hwv_model_parameters(model));
    hwv_cli_json_count(&json, "activations", count_activations(model));
    hwv_json_key(&json, "shape");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < model->options.rank; i++)
        hwv_json_integer(&json, (int64_t)model->options.dims[i]);
    hwv_json_end(&json);
    hwv_cli_json_count(&json, "classes", model->options.classes);
    json_text(&json, of);
    hwv_text_free(&act);
    return hwv_cli_json_end(&json, error);
}

static void print_checkpoint(hwv_cli *cli, const hwv_model *model, const trained_on *of)
{
    hwv_text text = {0};
    hwv_text_printf(&text, "%s: a checkpoint of halfwave train", base_name(cli->operands[0]));
    hwv_cli_info_line(cli, "model", hwv_cli_part(&cli->out, &text));
    hwv_text_free(&text);
    hwv_cli_info_line(cli, model->of_network ? "ONNX file" : "layers", model->notation);
    if (!model->of_network) {
        hwv_cli_model_act_text(&model->options.act, &text);
        hwv_cli_info_line(cli, "act", hwv_cli_part(&cli->out, &text));
        hwv_text_free(&text);
    }
    hwv_text_printf(&text, "%zu", hwv_model_parameters(model));
    hwv_cli_info_line(cli, "parameters", hwv_cli_part(&cli->out, &text));
    hwv_text_free(&text);
    hwv_text_printf(&text, "%zu", count_activations(model));
    hwv_cli_info_line(cli, "activations", hwv_cli_part(&cli->out, &text));
    hwv_text_free(&text);
    hwv_text_puts(&text, "samples of ");
    sample_text(&model->options, &text);
    hwv_cli_info_line(cli, "input", hwv_cli_part(&cli->out, &text));
    hwv_text_free(&text);
    hwv_text_printf(&text, "logits of %zu classes", model->options.classes);
    hwv_cli_info_line(cli, "output", hwv_cli_part(&cli->out, &text));
    hwv_text_free(&text);
    line_text(cli, of);
}

static hwv_status info_checkpoint(hwv_cli *cli, hwv_error *error)
{
    hwv_model model = {0};
    trained_on of = {.block = 0};
    HWV_TRY(hwv_checkpoint_load(&model, cli->operands[0], error));
    hwv_status status = hwv_checkpoint_vocabulary(&of.vocabulary, &of.block, cli->operands[0], error);
    if (status == HWV_OK && cli->options.json)
        status = checkpoint_json(cli, &model, &of, error);
    else if (status == HWV_OK)
        print_checkpoint(cli, &model, &of);
    hwv_vocabulary_free(&of.vocabulary);
    hwv_model_free(&model);
    return status;
}

hwv_status hwv_cli_info_model(hwv_cli *cli, hwv_error *error)
{
    hwv_cli_file kind;
    HWV_TRY(hwv_cli_file_kind(&kind, cli->operands[0], error));
    if (kind == HWV_CLI_FILE_DUMP || kind == HWV_CLI_FILE_STATISTICS)
        return hwv_fail(error, HWV_ERR_FORMAT, "%.300s: %s, a model is expected (an ONNX file or a checkpoint)",
                        cli->operands[0], kind == HWV_CLI_FILE_DUMP ? "an array of NumPy's" : "JSON");
    return kind == HWV_CLI_FILE_CHECKPOINT ? info_checkpoint(cli, error) : info_onnx(cli, error);
}
