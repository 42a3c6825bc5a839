/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Watching a training run. Whether a unit is silent is counted in evaluation mode after each epoch; when it fell silent is
 * known from the batches of training, whose masks say in which step it fired last. */
#include "watch.h"

#include <math.h>
#include <string.h>

#include "halfwave/memory.h"
#include "halfwave/network.h"
#include "training.h"

/* Blocks of a text at most, spread over it: enough to call a silent unit dead. */
#define BLOCKS ((size_t)512)

typedef struct step_facts {
    size_t step;
    double lr, grad_norm;
} step_facts;

typedef struct watched_layer {
    hwv_id node;
    hwv_act act;
    size_t units, first; /* position of its units among all */
    bool by_mask;        /* the mask of training says who fired */
} watched_layer;

struct hwv_cli_watch {
    hwv_cli *cli;
    const hwv_data *data;
    hwv_data_part part;
    hwv_network network; /* borrows the graph and the weights of the model */
    hwv_observer observer;
    watched_layer *layers;
    size_t units;
    size_t *last;      /* of each unit: 1 + position in `steps` of the last one in which it fired, 0: in none */
    bool *silent;      /* in the last count */
    uint64_t *fired;   /* one row of a mask */
    step_facts *steps; /* of this epoch */
    size_t step_count, step_capacity;
    hwv_cli_death *deaths;
    size_t death_count, death_capacity, revivals;
    hwv_cli_watched *epochs;      /* [epoch_count][layers] */
    hwv_cli_attending *attending; /* [epoch_count][attentions] */
    const char **attention;       /* their names */
    size_t attention_count;
    size_t *numbers;
    size_t epoch_count, number_capacity, epoch_capacity, attending_capacity;
    hwv_status status;
    hwv_error error;
};

static hwv_status no_memory(hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_MEMORY, "no memory to watch the units");
}

/* Room for one more in an array of *capacity elements. */
static bool grow(void **array, size_t count, size_t *capacity, size_t bytes)
{
    if (count < *capacity)
        return true;
    size_t larger = *capacity > 0 ? 2 * *capacity : 64;
    void *moved = hwv_realloc(*array, larger, bytes);
    if (moved == NULL)
        return false;
    *array = moved;
    *capacity = larger;
    return true;
}

/* ---- who fires in training ---- */

/* Does the bit that training keeps (pass) say whether a unit fires, for finite numbers? */
static bool mask_tells(const hwv_act *act)
{
    enum { VALUES = 64 };
    float x[VALUES], y[VALUES];
    uint64_t pass = 0, fires = 0;
    if (!(hwv_act_claims(act) & HWV_PIECEWISE))
        return false;
    for (int i = 0; i < VALUES; i++)
        x[i] = (float)(i - VALUES / 2) / 4; /* -8 .. 7.75, 0 among them */
    hwv_act_forward_mask(act, HWV_F32, 1, VALUES, y, VALUES, x, VALUES, &pass, 1);
    hwv_act_fires(act, HWV_F32, 1, VALUES, x, VALUES, &fires, 1, NULL);
    return pass == fires;
}

static void mark(hwv_cli_watch *w, const watched_layer *layer, const uint64_t *row)
{
    for (size_t u = 0; u < layer->units; u++)
        if (row[u / 64] >> (u % 64) & 1)
            w->last[layer->first + u] = w->step_count + 1;
}

static void seen_forward(void *self, const hwv_observation *seen)
{
    hwv_cli_watch *w = self;
    const watched_layer *layer = NULL;
    for (size_t l = 0; l < w->network.layer_count; l++)
        if (w->layers[l].node == seen->node)
            layer = &w->layers[l];
    if (layer == NULL)
        return;
    size_t words = hwv_mask_words(layer->units);
    memset(w->fired, 0, words * sizeof *w->fired);
    for (size_t r = 0; r < seen->rows; r++) {
        if (seen->mask != NULL && layer->by_mask) {
            for (size_t i = 0; i < words; i++)
                w->fired[i] |= seen->mask[r * seen->mask_stride + i];
        } else if (seen->z != NULL) {
            hwv_act_fires(&layer->act, HWV_F32, 1, layer->units, seen->z + r * seen->z_stride, layer->units, w->fired,
                          words, NULL);
            mark(w, layer, w->fired);
        }
    }
    if (seen->mask != NULL && layer->by_mask)
        mark(w, layer, w->fired);
}

void hwv_cli_watch_step(hwv_cli_watch *w, const hwv_step *step)
{
    if (!grow((void **)(void *)&w->steps, w->step_count, &w->step_capacity, sizeof *w->steps)) {
        w->status = w->status == HWV_OK ? no_memory(&w->error) : w->status;
        return;
    }
    w->steps[w->step_count++] = (step_facts){.step = step->step, .lr = step->lr, .grad_norm = step->grad_norm};
}

/* ---- counting ---- */

static bool is_silent(const hwv_unit_diagnosis *unit)
{
    return (unit->is & HWV_UNIT_SILENT) && !(unit->is & HWV_UNIT_INERT);
}

/* The update after which the unit fired in no batch any more. */
static hwv_cli_death death_of(const hwv_cli_watch *w, size_t layer, size_t unit, size_t epoch)
{
    size_t last = w->last[w->layers[layer].first + unit];
    hwv_cli_death death = {
        .layer = layer, .unit = unit, .epoch = epoch, .lr = (double)NAN, .grad_norm = (double)NAN, .born = epoch == 0};
    if (w->step_count > 0 && epoch > 0) {
        const step_facts *facts = &w->steps[last == 0 ? 0 : last > w->step_count ? w->step_count - 1 : last - 1];
        death.step = facts->step;
        death.lr = facts->lr;
        death.grad_norm = facts->grad_norm;
    }
    return death;
}

static hwv_status compare(hwv_cli_watch *w, const hwv_diagnosis *d, size_t epoch, hwv_error *error)
{
    for (size_t l = 0; l < d->layer_count; l++)
        for (size_t u = 0; u < w->layers[l].units; u++) {
            bool *before = &w->silent[w->layers[l].first + u], now = is_silent(&d->layers[l].unit[u]);
            w->revivals += *before && !now;
            if (now && !*before) {
                if (!grow((void **)(void *)&w->deaths, w->death_count, &w->death_capacity, sizeof *w->deaths))
                    return no_memory(error);
                w->deaths[w->death_count++] = death_of(w, l, u, epoch);
            }
            *before = now;
        }
    return HWV_OK;
}

static hwv_cli_attending mean_over_heads(const hwv_attention_entropy *attention)
{
    hwv_cli_attending mean = {0, 0};
    for (size_t h = 0; h < attention->heads; h++) {
        mean.bits += attention->head[h].bits / (double)attention->heads;
        mean.evenness += attention->head[h].evenness / (double)attention->heads;
    }
    return mean;
}

static hwv_status remember(hwv_cli_watch *w, const hwv_cli_measured *measured, size_t epoch, hwv_error *error)
{
    const size_t layers = w->network.layer_count, attentions = w->attention_count;
    const hwv_layer_diagnosis *d = measured->diagnosis.layers;
    if (!grow((void **)(void *)&w->numbers, w->epoch_count, &w->number_capacity, sizeof *w->numbers) ||
        !grow((void **)(void *)&w->epochs, w->epoch_count, &w->epoch_capacity, layers * sizeof *w->epochs) ||
        !grow((void **)(void *)&w->attending, w->epoch_count, &w->attending_capacity,
              attentions * sizeof *w->attending))
        return no_memory(error);
    for (size_t l = 0; l < layers; l++)
        w->epochs[w->epoch_count * layers + l] = (hwv_cli_watched){
            .dead = d[l].silent,
            .rare = d[l].rare,
            .always_on = d[l].always_on,
            .zeros = d[l].zeros,
            .gradient = l < measured->flow.layer_count ? measured->flow.layers[l].gradient : (double)NAN};
    for (size_t a = 0; a < attentions; a++)
        w->attending[w->epoch_count * attentions + a] = mean_over_heads(&measured->attention[a]);
    w->numbers[w->epoch_count++] = epoch;
    return HWV_OK;
}

/* The attentions are those of the first count. */
static hwv_status name_attentions(hwv_cli_watch *w, const hwv_cli_measured *measured, hwv_error *error)
{
    if (w->attention != NULL)
        return HWV_OK;
    w->attention = hwv_calloc(measured->attention_count + 1, sizeof *w->attention);
    if (w->attention == NULL)
        return no_memory(error);
    w->attention_count = measured->attention_count;
    for (size_t a = 0; a < w->attention_count; a++)
        w->attention[a] = measured->attention[a].name;
    return HWV_OK;
}

static hwv_status count_epoch(hwv_cli_watch *w, size_t epoch, hwv_error *error)
{
    hwv_cli_measured measured = {.attention_count = 0};
    hwv_status status = hwv_cli_watch_measure(&measured, &w->network, w->data, &w->part, w->cli->executor, error);
    if (status == HWV_OK)
        status = compare(w, &measured.diagnosis, epoch, error);
    if (status == HWV_OK)
        status = name_attentions(w, &measured, error);
    if (status == HWV_OK)
        status = remember(w, &measured, epoch, error);
    hwv_cli_measured_free(&measured);
    return status;
}

hwv_status hwv_cli_watch_begin(hwv_cli_watch *w, hwv_error *error)
{
    return count_epoch(w, 0, error);
}

/* ---- the log ---- */

static hwv_status log_death(const hwv_cli_watch *w, const hwv_cli_death *death, hwv_trainer *trainer, hwv_error *error)
{
    hwv_text line = {0};
    hwv_json_writer json = hwv_cli_event_begin(&line, "death");
    hwv_cli_json_count(&json, "step", death->step);
    hwv_cli_json_count(&json, "epoch", death->epoch);
    hwv_cli_json_text(&json, "layer", w->network.layers[death->layer].name);
    hwv_cli_json_count(&json, "unit", death->unit);
    hwv_cli_json_number(&json, "lr", death->lr);
    hwv_cli_json_number(&json, "grad_norm", death->grad_norm);
    return hwv_cli_event_end(&json, &line, trainer, error);
}

/* One event: `fields` writes what it has beside its name and its epoch. */
static hwv_status log_event(const hwv_cli_watch *w, const char *event, size_t epoch, size_t i,
                            void (*fields)(const hwv_cli_watch *w, size_t last, size_t i, hwv_json_writer *json),
                            hwv_trainer *trainer, hwv_error *error)
{
    hwv_text line = {0};
    hwv_json_writer json = hwv_cli_event_begin(&line, event);
    hwv_cli_json_count(&json, "epoch", epoch);
    fields(w, w->epoch_count - 1, i, &json);
    return hwv_cli_event_end(&json, &line, trainer, error);
}

static void layer_fields(const hwv_cli_watch *w, size_t last, size_t l, hwv_json_writer *json)
{
    hwv_cli_json_text(json, "layer", w->network.layers[l].name);
    hwv_cli_watch_layer_json(w, last, l, json);
}

static void attention_fields(const hwv_cli_watch *w, size_t last, size_t a, hwv_json_writer *json)
{
    hwv_cli_json_text(json, "layer", w->attention[a]);
    hwv_cli_watch_attention_json(w, last, a, json);
}

static hwv_status log_layers(const hwv_cli_watch *w, size_t epoch, hwv_trainer *trainer, hwv_error *error)
{
    for (size_t l = 0; l < w->network.layer_count; l++)
        HWV_TRY(log_event(w, "units", epoch, l, layer_fields, trainer, error));
    for (size_t a = 0; a < w->attention_count; a++)
        HWV_TRY(log_event(w, "attention", epoch, a, attention_fields, trainer, error));
    return HWV_OK;
}

void hwv_cli_watch_epoch(hwv_cli_watch *w, const hwv_epoch_stats *epoch, hwv_trainer *trainer)
{
    size_t known = w->death_count;
    if (w->status != HWV_OK)
        return;
    w->status = count_epoch(w, epoch->epoch, &w->error);
    for (size_t i = known; i < w->death_count && w->status == HWV_OK; i++)
        w->status = log_death(w, &w->deaths[i], trainer, &w->error);
    if (w->status == HWV_OK)
        w->status = log_layers(w, epoch->epoch, trainer, &w->error);
    w->step_count = 0;
    memset(w->last, 0, w->units * sizeof *w->last);
}

void hwv_cli_watch_end(hwv_cli_watch *w, size_t epochs, hwv_trainer *trainer)
{
    if (w->step_count > 0)
        hwv_cli_watch_epoch(w, &(hwv_epoch_stats){.epoch = epochs + 1}, trainer);
}

hwv_status hwv_cli_watch_status(const hwv_cli_watch *w, hwv_error *error)
{
    return w->status == HWV_OK ? HWV_OK : hwv_fail(error, w->status, "--watch: %s", w->error.text);
}

/* ---- life ---- */

static hwv_status layers_init(hwv_cli_watch *w, hwv_error *error)
{
    size_t widest = 0;
    w->layers = hwv_calloc(w->network.layer_count + 1, sizeof *w->layers);
    for (size_t l = 0; w->layers != NULL && l < w->network.layer_count; l++) {
        const hwv_node *node = hwv_graph_node_at(w->network.graph, w->network.layers[l].node);
        const hwv_shape *shape = &hwv_graph_value(w->network.graph, node->output[0])->shape;
        w->layers[l] =
            (watched_layer){.node = w->network.layers[l].node, .units = shape->dim[shape->rank - 1], .first = w->units};
        (void)hwv_node_activates(node, &w->layers[l].act);
        w->layers[l].by_mask = mask_tells(&w->layers[l].act);
        w->units += w->layers[l].units;
        widest = w->layers[l].units > widest ? w->layers[l].units : widest;
    }
    w->last = hwv_calloc(w->units + 1, sizeof *w->last);
    w->silent = hwv_calloc(w->units + 1, sizeof *w->silent);
    w->fired = hwv_calloc(hwv_mask_words(widest) + 1, sizeof *w->fired);
    return w->layers && w->last && w->silent && w->fired ? HWV_OK : no_memory(error);
}

/* A network of the model's own graph and weights. */
static hwv_status borrow(hwv_cli_watch *w, const hwv_model *model, hwv_error *error)
{
    hwv_model copy = *model;
    copy.notation = NULL;
    copy.file = NULL;
    return hwv_network_of_model(&w->network, &copy, "watch", error);
}

hwv_status hwv_cli_watch_create(hwv_cli_watch **watch, hwv_cli *cli, const hwv_model *model, const hwv_data *data,
                                hwv_error *error)
{
    hwv_cli_watch *w = *watch = hwv_calloc(1, sizeof *w);
    if (w == NULL)
        return no_memory(error);
    w->cli = cli;
    w->data = data;
    w->part = hwv_data_some(data, data->test.count > 0 ? &data->test : &data->train, BLOCKS);
    w->observer = (hwv_observer){.self = w, .forward = seen_forward};
    hwv_status status = borrow(w, model, error);
    if (status == HWV_OK)
        status = layers_init(w, error);
    if (status != HWV_OK) {
        hwv_cli_watch_destroy(w);
        *watch = NULL;
    }
    return status;
}

void hwv_cli_watch_destroy(hwv_cli_watch *w)
{
    if (w == NULL)
        return;
    w->network.graph = NULL;
    w->network.weights = NULL;
    hwv_network_free(&w->network);
    hwv_free(w->layers);
    hwv_free(w->last);
    hwv_free(w->silent);
    hwv_free(w->fired);
    hwv_free(w->steps);
    hwv_free(w->deaths);
    hwv_free(w->epochs);
    hwv_free(w->attending);
    hwv_free(w->attention);
    hwv_free(w->numbers);
    hwv_free(w);
}

const hwv_observer *hwv_cli_watch_observer(hwv_cli_watch *w)
{
    return &w->observer;
}

/* ---- what is shown ---- */

size_t hwv_cli_watch_layers(const hwv_cli_watch *w)
{
    return w->network.layer_count;
}

const char *hwv_cli_watch_layer(const hwv_cli_watch *w, size_t layer, size_t *units)
{
    *units = w->layers[layer].units;
    return w->network.layers[layer].name;
}

size_t hwv_cli_watch_epochs(const hwv_cli_watch *w)
{
    return w->epoch_count;
}

const hwv_cli_watched *hwv_cli_watch_at(const hwv_cli_watch *w, size_t i, size_t *epoch)
{
    *epoch = w->numbers[i];
    return w->epochs + i * w->network.layer_count;
}

size_t hwv_cli_watch_attentions(const hwv_cli_watch *w)
{
    return w->attention_count;
}

const char *hwv_cli_watch_attention(const hwv_cli_watch *w, size_t attention)
{
    return w->attention[attention];
}

const hwv_cli_attending *hwv_cli_watch_attending(const hwv_cli_watch *w, size_t i)
{
    return w->attending + i * w->attention_count;
}

size_t hwv_cli_watch_deaths(const hwv_cli_watch *w, const hwv_cli_death **deaths)
{
    *deaths = w->deaths;
    return w->death_count;
}

size_t hwv_cli_watch_revivals(const hwv_cli_watch *w)
{
    return w->revivals;
}

const char *hwv_cli_watch_part(const hwv_cli_watch *w)
{
    if (w->data->block > 0)
        return "blocks of the test part";
    return w->data->test.count > 0 ? "the test part" : "the training part";
}
