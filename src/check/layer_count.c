/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counting one layer: samples cut into parts by their number alone, one task each. */
#include "check/layer_count.h"

#include "check/tally.h"
#include "halfwave/memory.h"

#include <string.h>

/* Elements that are worth waking a thread for. */
#define THREADED ((size_t)1 << 15)
/* Floats of a row, of all arrays, that does not wait: what is counted in one go is long enough. */
#define LONG ((size_t)1 << 13)
/* Looks after which 32 bits are emptied. */
#define MANY ((size_t)1 << 30)

hwv_status hwv_layer_count_init(hwv_layer_count *count, hwv_layer_tally *tally, hwv_flat flat, size_t group,
                                hwv_error *error)
{
    *count = (hwv_layer_count){.tally = tally, .group = group};
    count->rule = hwv_count_rule_of(&tally->act, flat.low, flat.high);
    hwv_status status = HWV_OK;
    for (size_t p = 0; status == HWV_OK && p < (group > 1 ? 1 : HWV_COUNT_PARTS); p++)
        status = hwv_counts_init(&count->parts[p].counts, tally->units, group > 1, error);
    for (size_t p = 0; status == HWV_OK && tally->features > 0 && p < HWV_COUNT_PARTS; p++)
        status = hwv_feature_sums_init(&count->parts[p].inputs, tally->features, error);
    if (status == HWV_OK && tally->units <= HWV_PICTURE_UNITS && tally->picture == NULL) {
        tally->picture = hwv_calloc(HWV_PICTURE_SAMPLES, tally->units);
        if (tally->picture == NULL)
            status = hwv_fail(error, HWV_ERR_MEMORY, "no memory to count %zu units of %s", tally->units, tally->name);
    }
    if (status != HWV_OK)
        hwv_layer_count_free(count);
    return status;
}

void hwv_layer_count_free(hwv_layer_count *count)
{
    for (size_t p = 0; p < HWV_COUNT_PARTS; p++) {
        hwv_counts_free(&count->parts[p].counts);
        hwv_feature_sums_free(&count->parts[p].inputs);
    }
    hwv_free(count->gates);
    hwv_free(count->waiting_room);
    *count = (hwv_layer_count){0};
}

/* The parts that counted something are joined first, as far as their counters hold it: that is a walk along columns. */
static void parts_take(hwv_layer_count *count)
{
    hwv_counts *all = &count->parts[0].counts;
    hwv_feature_sums *sums = &count->parts[0].inputs;
    for (size_t p = 1; p < HWV_COUNT_PARTS; p++) {
        if (count->parts[p].counts.looks + all->looks > MANY)
            hwv_counts_take(all, count->tally->unit);
        if (count->parts[p].counts.looks > 0)
            hwv_counts_join(all, &count->parts[p].counts);
        if (count->parts[p].inputs.looks > 0)
            hwv_feature_sums_join(sums, &count->parts[p].inputs);
    }
    hwv_counts_take(all, count->tally->unit);
    if (sums->columns > 0)
        hwv_feature_sums_take(sums, count->tally->input, &count->tally->input_square);
}

/* Samples that a part counts in one go: of one look as many as a call takes. */
static size_t gate_samples(size_t positions)
{
    return positions == 1 ? HWV_COUNT_EACH : 1;
}

hwv_status hwv_layer_count_gate(hwv_layer_count *count, size_t positions, hwv_error *error)
{
    size_t all = 0;
    count->rule.rectifier = count->rule.by_z = false;
    if (hwv_size_mul(gate_samples(positions) * count->tally->units, positions, &count->gate_room) &&
        hwv_size_mul(count->gate_room, HWV_COUNT_PARTS, &all))
        count->gates = hwv_calloc(all, sizeof *count->gates);
    return count->gates ? HWV_OK
                        : hwv_fail(error, HWV_ERR_MEMORY, "no memory to count %zu units of %s", count->tally->units,
                                   count->tally->name);
}

hwv_status hwv_layer_count_wait(hwv_layer_count *count, hwv_error *error)
{
    const size_t units = count->tally->units, features = count->tally->features;
    size_t each = 0, all = 0;
    if (!hwv_size_mul(2, units, &each) || !hwv_size_add(each, features, &each) || each > LONG)
        return HWV_OK;
    if (hwv_size_mul(each, HWV_COUNT_WAITING * HWV_COUNT_PARTS, &all))
        count->waiting_room = hwv_calloc(all, sizeof *count->waiting_room);
    if (count->waiting_room == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to count %zu units of %s", units, count->tally->name);
    for (size_t p = 0; p < HWV_COUNT_PARTS; p++) {
        hwv_count_waiting *w = &count->parts[p].waiting;
        w->z = count->waiting_room + p * HWV_COUNT_WAITING * each;
        w->h = w->z + HWV_COUNT_WAITING * units;
        w->x = w->h + HWV_COUNT_WAITING * units;
    }
    return HWV_OK;
}

/* The rows that wait, if there are any. */
static void units_run(hwv_layer_count *count, size_t part)
{
    hwv_count_waiting *w = &count->parts[part].waiting;
    if (w->rows > 0)
        hwv_counts_add(&count->rule, w->rows, 1, w->z, w->h, &count->parts[part].counts, NULL);
    w->rows = 0;
}

static void inputs_run(hwv_layer_count *count, size_t part)
{
    hwv_count_waiting *w = &count->parts[part].waiting;
    if (w->inputs > 0)
        hwv_feature_sums_add(w->inputs, 1, w->x, &count->parts[part].inputs);
    w->inputs = 0;
}

void hwv_layer_count_settle(hwv_layer_count *count)
{
    hwv_layer_tally *tally = count->tally;
    for (size_t p = 0; p < HWV_COUNT_PARTS; p++) {
        const hwv_count_seen *seen = &count->parts[p].seen;
        tally->samples += seen->samples;
        tally->looks += seen->looks;
        tally->input_looks += seen->input_looks;
        tally->picture_samples += seen->pictures;
        count->parts[p].seen = (hwv_count_seen){0};
        units_run(count, p);
        inputs_run(count, p);
    }
    parts_take(count);
}

/* ---- parts ----------------------------------------------------------------------------------------- */

typedef struct work {
    hwv_layer_count *count;
    size_t samples, positions, parts;
    size_t pictures, picture; /* samples that have one, and the first one's number */
    const float *z, *h;       /* z: of the input too */
} work;

static size_t part_start(const work *w, size_t part)
{
    return w->samples / w->parts * part + (part < w->samples % w->parts ? part : w->samples % w->parts);
}

static void run(work *w, const hwv_executor *executor, size_t columns, hwv_task *task)
{
    const bool few = w->samples * w->positions < THREADED / columns + 1;
    w->parts = w->samples < HWV_COUNT_PARTS ? w->samples : HWV_COUNT_PARTS;
    hwv_executor_run(few ? NULL : executor, w->parts, task, w);
}

/* Samples first .. end-1, all of them with pictures or none. z: of the first of them, dense. */
static void count_dense(const work *w, hwv_count_part *part, size_t first, size_t end, const float *z)
{
    const size_t units = w->count->tally->units;
    uint8_t *picture = first < w->pictures ? w->count->tally->picture + (w->picture + first) * units : NULL;
    hwv_counts_add(&w->count->rule, end - first, w->positions, z, w->h + first * w->positions * units, &part->counts,
                   picture);
}

/* The same of a gated pair, a few samples at a time, whose gates are brought together. */
static void count_gates(const work *w, hwv_count_part *part, size_t first, size_t end)
{
    const size_t units = w->count->tally->units, step = gate_samples(w->positions);
    float *gates = w->count->gates + (size_t)(part - w->count->parts) * w->count->gate_room;
    for (size_t next; first < end; first = next) {
        next = end - first < step ? end : first + step;
        for (size_t row = first * w->positions, i = 0; row < next * w->positions; row++, i++)
            memcpy(gates + i * units, w->z + 2 * row * units, units * sizeof *gates);
        count_dense(w, part, first, next, gates);
    }
}

static void count_some(const work *w, hwv_count_part *part, size_t first, size_t end)
{
    if (first < end && w->count->gates)
        count_gates(w, part, first, end);
    else if (first < end)
        count_dense(w, part, first, end, w->z + first * w->positions * w->count->tally->units);
}

/* Those with pictures, then the others. */
static void count_range(const work *w, hwv_count_part *part, size_t first, size_t end)
{
    const size_t middle = w->pictures < first ? first : w->pictures < end ? w->pictures : end;
    count_some(w, part, first, middle);
    count_some(w, part, middle, end);
}

static void units_task(void *context, size_t part, size_t worker)
{
    const work *w = context;
    (void)worker;
    count_range(w, &w->count->parts[part], part_start(w, part), part_start(w, part + 1));
}

static void input_task(void *context, size_t part, size_t worker)
{
    const work *w = context;
    const size_t first = part_start(w, part), end = part_start(w, part + 1);
    (void)worker;
    hwv_feature_sums_add(end - first, w->positions, w->z + first * w->positions * w->count->tally->features,
                         &w->count->parts[part].inputs);
}

/* Groups follow each other, in the first part. */
static void grouped(work *w)
{
    hwv_layer_count *count = w->count;
    for (size_t s = 0; s < w->samples; s++) {
        count_some(w, &count->parts[0], s, s + 1);
        if (++count->pending == count->group) {
            hwv_counts_close(&count->parts[0].counts);
            count->pending = 0;
            count->tally->samples++;
        }
    }
}

void hwv_layer_count_add(hwv_layer_count *count, const hwv_executor *executor, size_t samples, size_t positions,
                         const float *z, const float *h)
{
    hwv_layer_tally *tally = count->tally;
    const size_t left = tally->picture ? HWV_PICTURE_SAMPLES - tally->picture_samples : 0;
    work w = {.count = count, .samples = samples, .positions = positions, .z = z, .h = h};
    w.pictures = left < samples ? left : samples;
    w.picture = tally->picture_samples;
    for (size_t p = 0; p < HWV_COUNT_PARTS; p++)
        if (count->parts[p].counts.looks + samples * positions > MANY)
            hwv_layer_count_settle(count);
    if (count->group > 1) {
        grouped(&w);
    } else {
        run(&w, executor, tally->units, units_task);
        tally->samples += samples;
    }
    tally->picture_samples += w.pictures;
    tally->looks += samples * positions;
}

void hwv_layer_count_input(hwv_layer_count *count, const hwv_executor *executor, size_t samples, size_t positions,
                           const float *x)
{
    work w = {.count = count, .samples = samples, .positions = positions, .z = x, .h = x};
    if (count->tally->features == 0)
        return;
    run(&w, executor, count->tally->features, input_task);
    count->tally->input_looks += samples * hwv_count_picked(positions);
}

static bool waits(const hwv_layer_count *count, size_t samples, size_t positions)
{
    return count->waiting_room && positions == 1 && samples < HWV_COUNT_WAITING;
}

/* Both run as soon as there are enough of them. */
static void units_wait(hwv_layer_count *count, size_t part, size_t samples, const float *z, const float *h)
{
    hwv_count_waiting *w = &count->parts[part].waiting;
    const size_t units = count->tally->units;
    for (size_t s = 0; s < samples; s++) {
        memcpy(w->z + w->rows * units, z + s * units, units * sizeof *z);
        if (!count->rule.rectifier)
            memcpy(w->h + w->rows * units, h + s * units, units * sizeof *h);
        if (++w->rows == HWV_COUNT_WAITING)
            units_run(count, part);
    }
}

static void inputs_wait(hwv_layer_count *count, size_t part, size_t samples, const float *x)
{
    hwv_count_waiting *w = &count->parts[part].waiting;
    const size_t features = count->tally->features;
    for (size_t s = 0; s < samples; s++) {
        memcpy(w->x + w->inputs * features, x + s * features, features * sizeof *x);
        if (++w->inputs == HWV_COUNT_WAITING)
            inputs_run(count, part);
    }
}

void hwv_layer_count_part(hwv_layer_count *count, size_t part, size_t before, size_t samples, size_t done,
                          size_t positions, const float *z, const float *h)
{
    const hwv_layer_tally *tally = count->tally;
    hwv_count_seen *seen = &count->parts[part].seen;
    const size_t picture = tally->picture_samples + before;
    const size_t left = tally->picture && picture < HWV_PICTURE_SAMPLES ? HWV_PICTURE_SAMPLES - picture : 0;
    const work w = {.count = count,
                    .samples = samples,
                    .positions = positions,
                    .pictures = left < samples ? left : samples,
                    .picture = picture,
                    .z = z,
                    .h = h};
    if (waits(count, samples, positions) && w.pictures == 0)
        units_wait(count, part, samples, z, w.h);
    else
        count_range(&w, &count->parts[part], done, samples);
    seen->samples += samples;
    seen->looks += samples * positions;
    seen->pictures += w.pictures;
}

/* A sample whose rows are all activated. z, y: its first rows. */
static void activated(hwv_layer_count *count, size_t part, size_t number, const float *z, const float *y,
                      const hwv_count_activation *run)
{
    const hwv_layer_tally *tally = count->tally;
    const size_t picture = tally->picture_samples + number;
    hwv_counts_add_activated(&count->rule, count->activates, z, y, run->states, &count->parts[part].counts,
                             tally->picture && picture < HWV_PICTURE_SAMPLES ? tally->picture + picture * tally->units
                                                                             : NULL);
}

bool hwv_layer_count_activate(hwv_layer_count *count, size_t part, size_t before, size_t first, size_t rows,
                              const float *z, float *y, hwv_count_activation *run)
{
    const size_t each = count->activates, units = count->tally->units;
    if (each == 0 || first != run->next || !hwv_count_activates(&count->rule))
        return false;
    for (size_t some; rows > 0; rows -= some, first += some, z += some * units, y += some * units) {
        const size_t at = first % each;
        some = rows < each - at ? rows : each - at;
        hwv_counts_activate(&count->rule, at == 0, some, units, z, y, run->states);
        if (at + some == each)
            activated(count, part, before + run->done++, z - at * units, y - at * units, run);
    }
    run->next = first;
    return true;
}

void hwv_layer_count_input_part(hwv_layer_count *count, size_t part, size_t samples, size_t positions, const float *x)
{
    if (count->tally->features == 0)
        return;
    if (waits(count, samples, positions))
        inputs_wait(count, part, samples, x);
    else
        hwv_feature_sums_add(samples, positions, x, &count->parts[part].inputs);
    count->parts[part].seen.input_looks += samples * hwv_count_picked(positions);
}

bool hwv_layer_count_pieces(const hwv_layer_count *count, size_t samples)
{
    return !waits(count, samples, 1);
}

void hwv_layer_count_input_piece(hwv_layer_count *count, size_t part, const hwv_observed_piece *seen,
                                 double (*squares)[HWV_COUNT_PAD])
{
    hwv_feature_sums_piece(seen->rows, seen->x_stride, seen->x, seen->column, seen->columns, squares + seen->first,
                           &count->parts[part].inputs);
}

void hwv_layer_count_input_whole(hwv_layer_count *count, size_t part, size_t samples, const float *x,
                                 double (*squares)[HWV_COUNT_PAD])
{
    hwv_feature_sums_whole(samples, x, squares, &count->parts[part].inputs);
    count->parts[part].seen.input_looks += samples;
}

bool hwv_layer_count_full(const hwv_layer_count *count)
{
    bool full = false;
    for (size_t p = 0; p < HWV_COUNT_PARTS; p++)
        full = full || count->parts[p].counts.looks + HWV_COUNT_MOST > MANY;
    return full;
}

void hwv_layer_count_close(hwv_layer_count *count)
{
    if (count->pending > 0) {
        hwv_counts_close(&count->parts[0].counts);
        count->pending = 0;
        count->tally->samples++;
    }
    hwv_layer_count_settle(count);
}
