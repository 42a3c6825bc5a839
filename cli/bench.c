/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * halfwave bench: the kernels beside the copy ceiling of the same byte streams, in the same rounds. */
#include "cli.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/act.h"
#include "halfwave/clock.h"
#include "halfwave/memory.h"
#include "halfwave/random.h"
#include "report/number.h"
#include "report/table.h"

#define SIZES         16
#define ROUND_SECONDS 0.001
/* From here on a round costs tens of milliseconds, whatever is asked for, and fewer of them do. */
#define LARGE_BYTES  ((size_t)16 << 20)
#define LARGE_ROUNDS 9

typedef struct row {
    const char *op, *pass;
    size_t bytes, elements, rounds;
    double gb, ceiling_gb;   /* per second, all streams together */
    double ns;               /* per element */
    double ratio, low, high; /* of the ceiling's time to ours; 90 % interval */
    const char *ceiling;
} row;

/* What a candidate works on. Sizes come from here at run time: nothing to fold into the loop. */
typedef struct work {
    hwv_act act;
    bool backward;
    int method; /* of hwv_copy_f32, -1: the kernel */
    const hwv_executor *executor;
    float *y, *x, *dy;
    volatile size_t n;
} work;

static void run_kernel(const work *w, size_t n)
{
    bool prelu = (hwv_op_row(w->act.op)->claims & HWV_SLOPE_ARRAY) != 0;
    const float *slope = &w->act.param[0];
    if (prelu && w->backward)
        hwv_prelu_backward(HWV_F32, 1, n, w->y, n, w->dy, n, w->x, n, slope, HWV_SLOPE_SHARED, 1, NULL);
    else if (prelu)
        hwv_prelu_forward(HWV_F32, 1, n, w->y, n, w->x, n, slope, HWV_SLOPE_SHARED, 1, NULL, 0);
    else if (w->executor != NULL && w->backward)
        hwv_act_backward_on(w->executor, &w->act, HWV_F32, 1, n, w->y, n, w->dy, n, w->x, n);
    else if (w->executor != NULL)
        hwv_act_forward_on(w->executor, &w->act, HWV_F32, 1, n, w->y, n, w->x, n);
    else if (w->backward)
        hwv_act_backward(&w->act, HWV_F32, 1, n, w->y, n, w->dy, n, w->x, n);
    else
        hwv_act_forward(&w->act, HWV_F32, 1, n, w->y, n, w->x, n);
}

static void copy_task(void *context, size_t task, size_t worker)
{
    const work *w = context;
    size_t tasks = hwv_executor_workers(w->executor), n = w->n;
    size_t begin = n / tasks * task, end = task + 1 == tasks ? n : n / tasks * (task + 1);
    (void)worker;
    hwv_copy_f32(w->method, w->y + begin, w->x + begin, w->backward ? w->dy + begin : NULL, end - begin);
}

static void run_work(void *context, size_t repeats)
{
    work *w = context;
    for (size_t i = 0; i < repeats; i++) {
        size_t n = w->n;
        if (w->method < 0)
            run_kernel(w, n);
        else if (w->executor != NULL)
            hwv_executor_run(w->executor, hwv_executor_workers(w->executor), copy_task, w);
        else
            hwv_copy_f32(w->method, w->y, w->x, w->backward ? w->dy : NULL, n);
    }
}

static hwv_status measure(const work *base, row *r, hwv_error *error)
{
    static const char *const methods[HWV_COPY_METHODS] = {"memcpy", "vector loop", "non-temporal loop"};
    work works[HWV_COPY_METHODS + 1];
    hwv_candidate candidates[HWV_COPY_METHODS + 1];
    memset(candidates, 0, sizeof candidates);
    for (int i = 0; i <= HWV_COPY_METHODS; i++) {
        works[i] = *base;
        works[i].method = i - 1;
        candidates[i].name = i == 0 ? r->op : methods[i - 1];
        candidates[i].run = run_work;
        candidates[i].context = &works[i];
    }
    HWV_TRY(hwv_rounds(candidates, HWV_COPY_METHODS + 1, r->rounds, ROUND_SECONDS, error));
    const hwv_candidate *best = &candidates[1];
    for (int i = 2; i <= HWV_COPY_METHODS; i++)
        if (candidates[i].seconds < best->seconds)
            best = &candidates[i];
    double moved = (double)r->bytes * (base->backward ? 3 : 2);
    r->gb = moved / candidates[0].seconds * 1e-9;
    r->ceiling_gb = moved / best->seconds * 1e-9;
    r->ns = candidates[0].seconds / (double)r->elements * 1e9;
    /* hwv_rounds gives our time over the copy's; here it is the other way round. */
    r->ratio = 1 / best->ratio;
    r->low = 1 / best->ratio_high;
    r->high = 1 / best->ratio_low;
    r->ceiling = best->name;
    return HWV_OK;
}

/* ---- what to measure ---- */

typedef struct bench {
    hwv_act acts[64];
    size_t act_count;
    size_t bytes[SIZES];
    size_t size_count;
    row *rows;
    size_t row_count, row_total;
} bench;

static hwv_status read_sizes(const char *list, bench *b, hwv_error *error)
{
    for (const char *at = list, *entry; at != NULL;) {
        size_t length = hwv_cli_list_next(&at, &entry), bytes = 0;
        if (!hwv_cli_bytes(entry, length, &bytes) || bytes < 64 || bytes > (size_t)4 << 30 || bytes % 4 != 0)
            return hwv_fail(error, HWV_ERR_ARGUMENT,
                            "--bytes: '%.*s' is not a size; sizes are multiples of 4 from 64 to 4GiB, such as 32768, "
                            "512KiB or 8MiB",
                            (int)(length < 60 ? length : 60), entry);
        if (b->size_count == SIZES)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "--bytes: at most %d sizes", SIZES);
        b->bytes[b->size_count++] = bytes;
    }
    return HWV_OK;
}

static hwv_status read_acts(const hwv_cli *cli, bench *b, hwv_error *error)
{
    for (size_t i = 0; i < cli->operand_count; i++, b->act_count++)
        HWV_TRY(hwv_act_parse(&b->acts[b->act_count], cli->operands[i], error));
    if (cli->operand_count == 0)
        for (size_t i = 0; i < hwv_op_count() && i < sizeof b->acts / sizeof b->acts[0]; i++)
            b->acts[b->act_count++] = hwv_act_make(hwv_op_get(i)->op);
    return HWV_OK;
}

/* Three arrays; not at the same place within a page, where stores would wait for loads of another array. */
static hwv_status make_arrays(hwv_arena *arena, size_t bytes, work *w, hwv_error *error)
{
    size_t total;
    if (!hwv_size_mul(hwv_size_align(bytes), 3, &total) || !hwv_size_add(total, 3 * 1280 + 64, &total))
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for three arrays of %zu bytes", bytes);
    HWV_TRY(hwv_arena_init(arena, total, error));
    size_t n = bytes / sizeof(float);
    w->x = hwv_arena_take(arena, bytes);
    hwv_arena_take(arena, 1280);
    w->dy = hwv_arena_take(arena, bytes);
    hwv_arena_take(arena, 1280);
    w->y = hwv_arena_take(arena, bytes);
    if (w->x == NULL || w->dy == NULL || w->y == NULL)
        return hwv_fail(error, HWV_ERR_INTERNAL, "the arena is smaller than its parts");
    for (size_t i = 0; i < n; i += 4) {
        uint32_t draw[4];
        hwv_philox(1, HWV_STREAM_TEST, 0, i, draw);
        for (size_t k = 0; k < 4 && i + k < n; k++) {
            /* Uniform in [-4, 4): both sides of every kink, no order. */
            w->x[i + k] = (float)draw[k] * (8.0f / 4294967296.0f) - 4;
            w->dy[i + k] = w->x[i + k] * 0.25f;
            w->y[i + k] = 0;
        }
    }
    w->n = n;
    return HWV_OK;
}

static hwv_status bench_size(hwv_cli *cli, bench *b, size_t bytes, hwv_error *error)
{
    hwv_arena arena = {0};
    work w = {.executor = cli->executor};
    hwv_status status = make_arrays(&arena, bytes, &w, error);
    for (size_t i = 0; status == HWV_OK && i < 2 * b->act_count; i++) {
        w.backward = i % 2 == 1;
        if (cli->options.pass != 2 && (cli->options.pass == 1) != w.backward)
            continue;
        w.act = b->acts[i / 2];
        row *r = &b->rows[b->row_count];
        r->op = hwv_op_row(w.act.op)->name;
        r->pass = w.backward ? "backward" : "forward";
        r->bytes = bytes;
        r->elements = w.n;
        hwv_cli_progress(cli, (double)b->row_count / (double)b->row_total, "%s %s, %s", r->op, r->pass,
                         hwv_number_of((double)bytes, HWV_UNIT_BYTES).text);
        r->rounds = bytes < LARGE_BYTES || hwv_cli_given(cli, "rounds") ? cli->options.rounds : LARGE_ROUNDS;
        status = measure(&w, r, error);
        b->row_count++;
    }
    hwv_arena_free(&arena);
    return status;
}

/* ---- what came out ---- */

static hwv_status as_json(hwv_cli *cli, const bench *b, hwv_error *error)
{
    hwv_json_writer json = hwv_cli_json_begin(cli);
    hwv_json_key(&json, "rows");
    hwv_json_begin_array(&json);
    for (size_t i = 0; i < b->row_count; i++) {
        const row *r = &b->rows[i];
        hwv_json_begin_object(&json);
        hwv_cli_json_text(&json, "op", r->op);
        hwv_cli_json_text(&json, "dtype", "f32");
        hwv_cli_json_text(&json, "pass", r->pass);
        hwv_cli_json_count(&json, "bytes", r->bytes);
        hwv_cli_json_count(&json, "threads", cli->options.threads);
        hwv_cli_json_text(&json, "isa", hwv_isa_name(hwv_isa_current()));
        hwv_cli_json_number(&json, "gb_per_s", r->gb);
        hwv_cli_json_number(&json, "ceiling_gb_per_s", r->ceiling_gb);
        hwv_cli_json_text(&json, "ceiling", r->ceiling);
        hwv_cli_json_number(&json, "ns_per_element", r->ns);
        hwv_cli_json_count(&json, "rounds", r->rounds);
        hwv_cli_json_number(&json, "ratio", r->ratio);
        hwv_cli_json_number(&json, "ratio_low", r->low);
        hwv_cli_json_number(&json, "ratio_high", r->high);
        hwv_json_end(&json);
    }
    hwv_json_end(&json);
    hwv_cli_json_count(&json, "cpus", hwv_cpu_count());
    hwv_cli_json_count(&json, "cache_bytes", hwv_cache_bytes());
    hwv_cli_json_options(cli, &json);
    return hwv_cli_json_end(&json, error);
}

static void print(hwv_cli *cli, const bench *b)
{
    static const hwv_column columns[] = {
        {"op", HWV_LEFT},    {"pass", HWV_LEFT},       {"one array", HWV_RIGHT}, {"ns/element", HWV_RIGHT},
        {"GB/s", HWV_RIGHT}, {"copy GB/s", HWV_RIGHT}, {"share", HWV_RIGHT},     {"90 % interval", HWV_RIGHT}};
    char subtitle[200], large[60] = "";
    if (!hwv_cli_given(cli, "rounds"))
        snprintf(large, sizeof large, " (%d from %s)", LARGE_ROUNDS,
                 hwv_number_of((double)LARGE_BYTES, HWV_UNIT_BYTES).text);
    snprintf(subtitle, sizeof subtitle, "f32, %s, %zu thread%s, %zu interleaved rounds%s",
             hwv_isa_name(hwv_isa_current()), cli->options.threads, cli->options.threads == 1 ? "" : "s",
             cli->options.rounds, large);
    hwv_table table = {.caption = {.subtitle = subtitle,
                                   .note = "copy: the fastest of memcpy, a vector loop and a non-temporal loop over "
                                           "the same streams (forward reads one array and writes one, backward reads "
                                           "two and writes one). share: copy's time divided by the kernel's."},
                       .columns = columns,
                       .column_count = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < b->row_count; i++) {
        const row *r = &b->rows[i];
        hwv_table_cell(&table, HWV_STYLE_STRONG, "%s", r->op);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", r->pass);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%s", hwv_number_of((double)r->bytes, HWV_UNIT_BYTES).text);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%.4f", r->ns);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%.1f", r->gb);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%.1f", r->ceiling_gb);
        hwv_table_cell(&table, HWV_STYLE_PLAIN, "%.2f", r->ratio);
        hwv_table_cell(&table, HWV_STYLE_FAINT, "%.2f-%.2f", r->low, r->high);
    }
    hwv_table_text(&table, &cli->screen, &cli->out);
    hwv_table_free(&table);
}

static void warn(hwv_cli *cli, const bench *b)
{
    if (cli->options.threads == 1 && hwv_cpu_count() > 1)
        hwv_cli_say(cli,
                    "note: this process may move between %zu CPUs; for a claim pin it: taskset -c 0 halfwave bench",
                    hwv_cpu_count());
    size_t noisy = 0;
    for (size_t i = 0; i < b->row_count; i++)
        noisy += b->rows[i].high > 1.1 * b->rows[i].low;
    if (noisy > 0)
        hwv_cli_say(cli, "note: %zu of %zu rows are noisy (interval wider than 10 %%); something else is running",
                    noisy, b->row_count);
}

static hwv_status measure_all(hwv_cli *cli, bench *b, hwv_error *error)
{
    HWV_TRY(read_acts(cli, b, error));
    HWV_TRY(read_sizes(cli->options.bytes, b, error));
    b->row_total = (cli->options.pass == 2 ? 2 : 1) * b->act_count * b->size_count;
    b->rows = hwv_calloc(b->row_total, sizeof b->rows[0]);
    if (b->rows == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for %zu rows", b->row_total);
    for (size_t i = 0; i < b->size_count; i++)
        HWV_TRY(bench_size(cli, b, b->bytes[i], error));
    warn(cli, b);
    if (cli->options.json)
        return as_json(cli, b, error);
    print(cli, b);
    return HWV_OK;
}

static hwv_status run(hwv_cli *cli, hwv_error *error)
{
    bench b = {.act_count = 0};
    hwv_status status = measure_all(cli, &b, error);
    hwv_free(b.rows);
    return status;
}

const hwv_cli_command hwv_cli_bench = {
    .name = "bench",
    .sentence = "time the kernels beside the copy ceiling of this machine",
    .operands = "[OP...]",
    .operand_max = 32,
    .operand_names = hwv_cli_name_operator,
    .examples = {{"halfwave bench relu --bytes 512KiB", "one operator at one size"},
                 {"taskset -c 0 halfwave bench relu sigmoid --pass forward", "on one CPU, as claims are made"},
                 {"halfwave bench --isa sse2 --json", "all operators on another instruction set, for programs"}},
    .description =
        "Times forward and backward of activations over arrays of several sizes, in turn with copies over the same "
        "arrays, and prints medians. A kernel that does nothing but move data cannot be faster than the copy: `share` "
        "says how near it comes, with a 90 % interval over the rounds.\n"
        "On a shared machine trust the share, not the GB/s.\n",
    .run = run,
};
