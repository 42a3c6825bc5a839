/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * train --explain: the plan of a training step, as tables and as JSON. */
#include "training.h"

#include <string.h>

#include "halfwave/text.h"
#include "report/number.h"
#include "report/table.h"

static hwv_number bytes_of(size_t bytes)
{
    return hwv_number_of((double)bytes, HWV_UNIT_BYTES);
}

static hwv_number milliseconds(double seconds)
{
    return hwv_number_fixed(1e3 * seconds, 3);
}

/* In tables; nothing for 0. */
static const char *megabytes(size_t bytes, hwv_number *number)
{
    *number = hwv_number_fixed(1e-6 * (double)bytes, 2);
    return bytes > 0 ? number->text : "";
}

/* A layer's product goes by the layer's name. */
static int name_length(const char *name)
{
    const char *product = strstr(name, ".product");
    return product != NULL ? (int)(product - name) : (int)strlen(name);
}

static const char *node_name(const hwv_cli_run *run, hwv_id node)
{
    return hwv_graph_node_at(run->model.graph, node)->name;
}

static void shape_text(const hwv_shape *shape, hwv_text *text)
{
    for (size_t d = 0; d < shape->rank; d++)
        hwv_text_printf(text, "%s%zu", d > 0 ? "x" : "", shape->dim[d]);
}

/* "conv1 act1 (finish)": nodes, and behind those of one pass its name. */
static void fused_text(const hwv_cli_run *run, const hwv_plan_step *step, hwv_text *text)
{
    for (size_t i = 0; i < step->fused_count; i++) {
        const char *pass = step->fused[i].pass;
        const bool last = i + 1 == step->fused_count || strcmp(step->fused[i + 1].pass, pass) != 0;
        hwv_text_printf(text, "%s%s", i > 0 ? " " : "", node_name(run, step->fused[i].node));
        if (last)
            hwv_text_printf(text, " (%s)", pass);
    }
}

enum { COLUMNS = 9 };

static void cell_text(hwv_table *table, hwv_text *text)
{
    table->failed = table->failed || text->failed;
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", text->failed || !text->data ? "" : text->data);
    hwv_text_free(text);
}

static void step_row(const hwv_cli_run *run, const hwv_explained_step *step, hwv_table *table)
{
    const hwv_plan_step *plan = &step->plan;
    hwv_text shape = {0}, fused = {0};
    hwv_number kept, bytes;
    shape_text(plan->backward ? &step->input : &step->output, &shape);
    fused_text(run, plan, &fused);
    hwv_table_cell(table, HWV_STYLE_STRONG, "%.*s", name_length(step->name), step->name);
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", plan->sum ? "sum" : plan->algorithm ? plan->algorithm : step->kind);
    cell_text(table, &shape);
    cell_text(table, &fused);
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", megabytes(plan->kept, &kept));
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", megabytes(plan->bytes, &bytes));
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", plan->flops > 0 ? hwv_number_fixed(1e-6 * plan->flops, 1).text : "");
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", milliseconds(step->predicted).text);
    hwv_table_cell(table, HWV_STYLE_PLAIN, "%s", milliseconds(step->measured).text);
}

typedef struct totals {
    double flops, predicted, measured;
    size_t kept, bytes;
} totals;

static totals add_up(const hwv_explanation *e, size_t first, size_t end)
{
    totals all = {0};
    for (size_t i = first; i < end; i++) {
        all.flops += e->steps[i].plan.flops;
        all.predicted += e->steps[i].predicted;
        all.measured += e->steps[i].measured;
        all.kept += e->steps[i].plan.kept;
        all.bytes += e->steps[i].plan.bytes;
    }
    return all;
}

static void steps_print(hwv_cli *cli, const hwv_cli_run *run, const char *title, size_t first, size_t end)
{
    const hwv_column columns[COLUMNS] = {{title, HWV_LEFT},    {"how", HWV_LEFT},        {"shape", HWV_LEFT},
                                         {"with", HWV_LEFT},   {"kept", HWV_RIGHT},      {"MB", HWV_RIGHT},
                                         {"Mflop", HWV_RIGHT}, {"predicted", HWV_RIGHT}, {"ms", HWV_RIGHT}};
    hwv_table table = {.columns = columns, .column_count = COLUMNS};
    const totals all = add_up(&run->explanation, first, end);
    hwv_number kept, bytes;
    for (size_t i = first; i < end; i++)
        step_row(run, &run->explanation.steps[i], &table);
    hwv_table_rule(&table);
    hwv_table_cell(&table, HWV_STYLE_STRONG, "all");
    for (size_t i = 0; i < 3; i++)
        hwv_table_cell(&table, HWV_STYLE_PLAIN, " ");
    hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", megabytes(all.kept, &kept));
    hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", megabytes(all.bytes, &bytes));
    hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_number_fixed(1e-6 * all.flops, 1).text);
    hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", milliseconds(all.predicted).text);
    hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", milliseconds(all.measured).text);
    hwv_text_puts(&cli->out, "\n");
    hwv_table_text(&table, &cli->screen, &cli->out);
    hwv_table_free(&table);
}

void hwv_cli_explain_print(hwv_cli *cli, const hwv_cli_run *run)
{
    const hwv_explanation *e = &run->explanation;
    const hwv_plan_memory *m = &e->memory;
    const totals all = add_up(e, 0, e->step_count);
    hwv_cli_fact(cli, "weights", "%s, their gradients %s, optimiser %s", bytes_of(m->weights).text,
                 bytes_of(m->gradients).text, bytes_of(e->optimizer).text);
    hwv_cli_fact(cli, "activations", "%s, masks %s, workspace %s", bytes_of(m->activations).text,
                 bytes_of(m->masks).text, bytes_of(m->workspace).text);
    hwv_cli_fact(cli, "evaluation", "%s", bytes_of(e->evaluation).text);
    hwv_cli_fact(cli, "machine", "%.3g Gflop/s in registers, %.3g GB/s copied (%zu thread%s)", 1e-9 * e->flops_rate,
                 1e-9 * e->bytes_rate, e->threads, e->threads == 1 ? "" : "s");
    hwv_cli_fact(cli, "step", "%s ms, median of %zu: %s ms forward and backward, %s ms gathering, update and the rest",
                 milliseconds(e->step).text, e->runs, milliseconds(all.measured).text,
                 milliseconds(e->step - all.measured).text);
    steps_print(cli, run, "forward", 0, e->forward_count);
    steps_print(cli, run, "backward", e->forward_count, e->step_count);
    hwv_text_puts(&cli->out, "\n");
    hwv_cli_wrap(
        &cli->out, (size_t)cli->screen.width, 0, 0,
        "with: nodes computed in this step, and the pass that put them there. kept: MB for the backward run, of those "
        "that the step reads and writes. "
        "predicted: ms of the products at the peak of multiply-adds, or of the bytes at that of copies, whichever "
        "is more; the flops of winograd are those of its products. Nothing was trained: this was --explain.");
}

static void json_shape(hwv_json_writer *json, const char *key, const hwv_shape *shape)
{
    hwv_json_key(json, key);
    hwv_json_begin_array(json);
    for (size_t d = 0; d < shape->rank; d++)
        hwv_json_number(json, (double)shape->dim[d]);
    hwv_json_end(json);
}

static void json_step(hwv_json_writer *json, const hwv_cli_run *run, const hwv_explained_step *step)
{
    const hwv_plan_step *plan = &step->plan;
    hwv_json_begin_object(json);
    hwv_cli_json_text(json, "layer", step->name);
    hwv_cli_json_text(json, "kind", step->kind);
    hwv_cli_json_text(json, "pass", plan->sum ? "sum" : plan->backward ? "backward" : "forward");
    hwv_cli_json_text(json, "algorithm", plan->algorithm);
    json_shape(json, "input", &step->input);
    json_shape(json, "output", &step->output);
    hwv_json_key(json, "fused");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < plan->fused_count; i++) {
        hwv_json_begin_object(json);
        hwv_cli_json_text(json, "layer", node_name(run, plan->fused[i].node));
        hwv_cli_json_text(json, "by", plan->fused[i].pass);
        hwv_json_end(json);
    }
    hwv_json_end(json);
    hwv_cli_json_count(json, "kept_bytes", plan->kept);
    hwv_cli_json_count(json, "bytes", plan->bytes);
    hwv_cli_json_count(json, "workspace_bytes", plan->workspace);
    hwv_cli_json_number(json, "flops", plan->flops);
    hwv_cli_json_number(json, "ms_predicted", 1e3 * step->predicted);
    hwv_cli_json_number(json, "ms_measured", 1e3 * step->measured);
    hwv_json_end(json);
}

void hwv_cli_explain_json(const hwv_cli_run *run, hwv_json_writer *json)
{
    const hwv_explanation *e = &run->explanation;
    hwv_json_key(json, "explain");
    hwv_json_begin_object(json);
    hwv_cli_json_count(json, "batch", e->batch);
    hwv_cli_json_count(json, "threads", e->threads);
    hwv_cli_json_count(json, "runs", e->runs);
    hwv_cli_json_number(json, "ms_step", 1e3 * e->step);
    hwv_cli_json_number(json, "flops_rate", e->flops_rate);
    hwv_cli_json_number(json, "bytes_rate", e->bytes_rate);
    hwv_json_key(json, "memory");
    hwv_json_begin_object(json);
    hwv_cli_json_count(json, "weights", e->memory.weights);
    hwv_cli_json_count(json, "gradients", e->memory.gradients);
    hwv_cli_json_count(json, "optimizer", e->optimizer);
    hwv_cli_json_count(json, "activations", e->memory.activations);
    hwv_cli_json_count(json, "masks", e->memory.masks);
    hwv_cli_json_count(json, "workspace", e->memory.workspace);
    hwv_cli_json_count(json, "evaluation", e->evaluation);
    hwv_json_end(json);
    hwv_json_key(json, "steps");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < e->step_count; i++)
        json_step(json, run, &e->steps[i]);
    hwv_json_end(json);
    hwv_json_end(json);
}
