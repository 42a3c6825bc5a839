/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Activations beside other libraries: in one process, on one thread, each through its fastest public entry, in
 * interleaved rounds. Then what special values become in each.
 *     bench_peers [--quick] [--write FOLDER] [OP...]      pin it: taskset -c 1 bench_peers
 * --write renews FOLDER/activations.md and FOLDER/faults.md. Exit 1: a bar was missed. */
#include "machine.h"
#include "peers/beside.h"

#include "halfwave/act.h"
#include "halfwave/clock.h"
#include "halfwave/memory.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIZES 3
static const size_t sizes[SIZES] = {16384, 524288, 8388608}; /* bytes of one array */
static const char *const size_names[SIZES] = {"16 KiB", "512 KiB", "8 MiB"};

/* Speed of the fast tier that is promised at 512 KiB: times that of one peer, or of every peer (-1). */
enum { TORCH, ONEDNN, XNNPACK, BEST = -1 };
static const struct {
    const char *op;
    int backward, peer;
    double factor;
} bars[] = {
    {"sigmoid", 0, TORCH, 2},   {"silu", 0, TORCH, 2},       {"tanh", 0, TORCH, 6},    {"mish", 0, TORCH, 15},
    {"gelu", 0, TORCH, 3.5},    {"sigmoid", 0, ONEDNN, 2.3}, {"tanh", 0, ONEDNN, 2.3}, {"silu", 0, ONEDNN, 2.3},
    {"gelu", 0, ONEDNN, 3},     {"silu", 1, BEST, 1.7},      {"gelu", 1, BEST, 1.7},   {"mish", 1, BEST, 1.7},
    {"softplus", 1, BEST, 1.7},
};
#define BARS (sizeof bars / sizeof bars[0])

static size_t rounds = 21;
static double round_seconds = 0.004;

/* Our job. */
typedef struct ours {
    hwv_act act;
    int backward; /* 2: from y */
    peer_arrays arrays;
} ours;

static void run_ours(void *context, size_t repeats)
{
    const ours *o = context;
    volatile size_t now = o->arrays.n;
    size_t n = now;
    const peer_arrays *a = &o->arrays;
    for (size_t i = 0; i < repeats; i++) {
        if (o->backward == 2)
            hwv_act_backward_y(&o->act, HWV_F32, 1, n, a->out, n, a->dy, n, a->y, n);
        else if (o->backward)
            hwv_act_backward(&o->act, HWV_F32, 1, n, a->out, n, a->dy, n, a->x, n);
        else
            hwv_act_forward(&o->act, HWV_F32, 1, n, a->out, n, a->x, n);
    }
}

/* What was found: our seconds by tier, those of the peers, and how many times faster ours are, [tier][peer]. */
typedef struct found {
    double ours[2], peer[PEERS];
    double times[2][PEERS], low[2][PEERS], high[2][PEERS];
} found;

static hwv_status measure(const peers *all, const hwv_op_info *row, int backward, const peer_arrays *arrays, found *f,
                          hwv_error *error)
{
    void *jobs[PEERS] = {NULL};
    memset(f, 0, sizeof *f);
    ours own = {.act = hwv_act_make(row->op), .backward = backward, .arrays = *arrays};
    /* The peers' backward passes of these two take y, so do ours. */
    if (backward && (row->op == HWV_OP_SIGMOID || row->op == HWV_OP_TANH))
        own.backward = 2;
    size_t here = 0;
    for (size_t p = 0; p < PEERS; p++) {
        jobs[p] = all->table[p] ? all->table[p]->make(row->name, backward, arrays) : NULL;
        here += jobs[p] != NULL;
    }
    hwv_status status = HWV_OK;
    for (int tier = HWV_ACCURATE; here && status == HWV_OK && tier <= HWV_FAST; tier++) {
        hwv_candidate candidates[1 + PEERS] = {{.name = "ours", .run = run_ours, .context = &own}};
        size_t count = 1, whose[1 + PEERS] = {0};
        own.act.tier = (hwv_tier)tier;
        if (tier == HWV_FAST && (backward || row->fast == 0)) {
            f->ours[1] = f->ours[0];
            memcpy(f->times[1], f->times[0], sizeof f->times[0]);
            memcpy(f->low[1], f->low[0], sizeof f->low[0]);
            memcpy(f->high[1], f->high[0], sizeof f->high[0]);
            break;
        }
        for (size_t p = 0; p < PEERS; p++)
            if (jobs[p]) {
                whose[count] = p;
                candidates[count++] =
                    (hwv_candidate){.name = all->names[p], .run = all->table[p]->run, .context = jobs[p]};
            }
        status = hwv_rounds(candidates, count, rounds, round_seconds, error);
        f->ours[tier] = candidates[0].seconds;
        for (size_t c = 1; status == HWV_OK && c < count; c++) {
            f->peer[whose[c]] = candidates[c].seconds;
            f->times[tier][whose[c]] = 1 / candidates[c].ratio;
            f->low[tier][whose[c]] = 1 / candidates[c].ratio_high;
            f->high[tier][whose[c]] = 1 / candidates[c].ratio_low;
        }
    }
    for (size_t p = 0; p < PEERS; p++)
        if (jobs[p])
            all->table[p]->release(jobs[p]);
    return here ? status : HWV_ERR_NAME;
}

/* Bars of this row at 512 KiB. */
static void judge(const hwv_op_info *row, int backward, const found *f, double reached[BARS])
{
    for (size_t b = 0; b < BARS; b++) {
        if (strcmp(bars[b].op, row->name) != 0 || bars[b].backward != backward)
            continue;
        double least = bars[b].peer == BEST ? (double)INFINITY : f->times[1][bars[b].peer];
        for (size_t p = 0; bars[b].peer == BEST && p < PEERS; p++)
            if (f->times[1][p] > 0 && f->times[1][p] < least)
                least = f->times[1][p];
        reached[b] = isinf(least) ? 0 : least;
    }
}

static int bars_table(FILE *out, const peers *all, const double reached[BARS])
{
    int missed = 0;
    fprintf(
        out,
        "\n## What is promised, at 512 KiB\n\n| fast tier beside | pass | promised | measured |\n|---|---|---|---|\n");
    for (size_t b = 0; b < BARS; b++) {
        fprintf(out, "| %s | %s %s | %.1f |", bars[b].peer == BEST ? "the better one" : all->names[bars[b].peer],
                bars[b].op, bars[b].backward ? "backward" : "forward", bars[b].factor);
        if (reached[b] == 0) {
            fprintf(out, " - |\n");
            continue;
        }
        fprintf(out, " %.2f%s |\n", reached[b], reached[b] < bars[b].factor ? " **missed**" : "");
        missed += reached[b] < bars[b].factor;
    }
    return missed;
}

static void line(FILE *out, const char *name, size_t n, const found *f)
{
    double count = (double)n * 1e-9;
    fprintf(out, "| %s | %.2f | ", name, count / f->ours[0]);
    if (f->ours[1] == f->ours[0])
        fprintf(out, "- |");
    else
        fprintf(out, "%.2f |", count / f->ours[1]);
    for (size_t p = 0; p < PEERS; p++) {
        if (f->peer[p] == 0) {
            fprintf(out, " - | - | - |");
            continue;
        }
        fprintf(out, " %.2f | %.2f [%.2f, %.2f] |", count / f->peer[p], f->times[0][p], f->low[0][p], f->high[0][p]);
        if (f->ours[1] == f->ours[0])
            fprintf(out, " - |");
        else
            fprintf(out, " %.2f [%.2f, %.2f] |", f->times[1][p], f->low[1][p], f->high[1][p]);
    }
    fprintf(out, "\n");
    fflush(out);
}

static int asked(const hwv_op_info *row, char **names, int count)
{
    int among = count == 0;
    for (int i = 0; i < count; i++)
        among |= strcmp(names[i], row->name) == 0;
    return among;
}

static hwv_status tables(FILE *out, const peers *all, char **names, int count, double reached[BARS], hwv_error *error)
{
    hwv_arena arena = {0};
    size_t largest = sizes[SIZES - 1];
    HWV_TRY(hwv_arena_init(&arena, 4 * hwv_size_align(largest) + 4096, error));
    float *x = hwv_arena_take(&arena, largest), *dy = hwv_arena_take(&arena, largest);
    float *y = hwv_arena_take(&arena, largest), *to = hwv_arena_take(&arena, largest);
    for (size_t i = 0; i < largest / sizeof *x; i++) {
        uint32_t h = (uint32_t)i * 2654435761u;
        h ^= h >> 15;
        h *= 2246822519u;
        h ^= h >> 13;
        x[i] = (float)(h >> 8) * (12.0f / 16777216) - 6.0f;
        dy[i] = (float)(h & 0xffff) * (2.0f / 65536) - 1.0f;
    }
    hwv_status status = HWV_OK;
    for (size_t s = 0; s < SIZES; s++)
        for (int backward = 0; backward < 2; backward++) {
            fprintf(out, "\n## %s, %s\n\n| operator | accurate | fast |", size_names[s],
                    backward ? "backward" : "forward");
            for (size_t p = 0; p < PEERS; p++)
                fprintf(out, " %s | accurate is times | fast is times |", all->names[p]);
            fprintf(out, "\n|---|---|---|");
            for (size_t p = 0; p < PEERS; p++)
                fprintf(out, "---|---|---|");
            fprintf(out, "\n");
            for (size_t i = 0; i < hwv_op_count(); i++) {
                const hwv_op_info *row = hwv_op_get(i);
                found f;
                if (!asked(row, names, count))
                    continue;
                const hwv_act act = hwv_act_make(row->op);
                const peer_arrays arrays = {to, x, dy, y, sizes[s] / sizeof *x};
                hwv_act_forward(&act, HWV_F32, 1, arrays.n, y, arrays.n, x, arrays.n);
                status = measure(all, row, backward, &arrays, &f, error);
                if (status == HWV_ERR_NAME)
                    continue;
                if (status != HWV_OK)
                    break;
                line(out, row->name, arrays.n, &f);
                if (sizes[s] == 524288)
                    judge(row, backward, &f, reached);
            }
        }
    hwv_arena_free(&arena);
    return status == HWV_ERR_NAME ? HWV_OK : status;
}

/* The modules that could be built, each with all its libraries. */
static void load(peers *all)
{
    static const char *const modules[PEERS][2] = {
        {"PyTorch", "peer_torch"}, {"oneDNN", "peer_onednn"}, {"XNNPACK", "peer_xnnpack"}};
    /* Read by the libraries when they are loaded. */
    setenv("OMP_NUM_THREADS", "1", 1);
    setenv("ATEN_CPU_CAPABILITY", "avx512", 0);
    for (size_t i = 0; i < PEERS; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.so", HWV_PEERS_FOLDER, modules[i][1]);
        void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        union {
            void *symbol;
            peer_entry *call;
        } entry = {module ? dlsym(module, "hwv_peer") : NULL};
        all->names[i] = modules[i][0];
        all->table[i] = entry.symbol ? entry.call() : NULL;
    }
}

static void heading(FILE *out, const char *title, const peers *all)
{
    machine_heading(out, title, "./run bench peers act");
    for (size_t i = 0; i < PEERS; i++)
        if (all->table[i])
            fprintf(out, "%s %s. ", all->names[i], all->table[i]->version());
        else
            fprintf(out, "%s is absent. ", all->names[i]);
    fprintf(out, "\n");
}

int main(int count, char **arguments)
{
    const char *folder = NULL;
    int first = 1;
    for (; first < count && arguments[first][0] == '-'; first++) {
        if (strcmp(arguments[first], "--quick") == 0)
            rounds = 9, round_seconds = 0.001;
        else if (strcmp(arguments[first], "--write") == 0 && first + 1 < count)
            folder = arguments[++first];
    }
    peers all;
    hwv_error error;
    load(&all);
    int here = 0;
    for (size_t i = 0; i < PEERS; i++)
        here += all.table[i] != NULL;
    if (!here) {
        printf("no other library is here, or this build is without -DHALFWAVE_PEERS=ON\n");
        return EXIT_SUCCESS;
    }
    if (hwv_initialise(&error) != HWV_OK) {
        fprintf(stderr, "%s\n", error.text);
        return EXIT_FAILURE;
    }
    FILE *out = machine_page(folder, "faults.md");
    if (!out)
        return EXIT_FAILURE;
    heading(out, "What special values become", &all);
    fprintf(
        out,
        "\nf(x) or f'(x) of a float x, in an array of 67. **Bold**: a NaN or an infinity that should be none or is\n"
        "missing, or three wrong digits, in a derivative above 2^-21. The fast tier\n"
        "promises 5e-7 of max(1, |f|) and no more. `-`: the library has no such operator, or is absent.\n\n");
    int bad = faults_table(out, &all);
    if (folder)
        fclose(out);
    out = machine_page(folder, "activations.md");
    if (!out)
        return EXIT_FAILURE;
    heading(out, "Activations beside other libraries", &all);
    fprintf(
        out,
        "\nElements per nanosecond, and how many times faster ours is with the 90 %% interval of its median over %zu\n"
        "interleaved rounds. x uniform in [-6, 6]; arrays of the named size each. Default parameters. PyTorch through\n"
        "the out= forms of ATen in inference mode with ATEN_CPU_CAPABILITY=avx512, oneDNN and XNNPACK with primitives\n"
        "made once. `-`: no such operator, or no fast kernel of its own. Backward of sigmoid and tanh is from y.\n",
        rounds);
    double reached[BARS] = {0};
    if (tables(out, &all, arguments + first, count - first, reached, &error) != HWV_OK) {
        fprintf(stderr, "%s\n", error.text);
        return EXIT_FAILURE;
    }
    int missed = bars_table(out, &all, reached);
    if (folder)
        fclose(out);
    printf("%d of the promises missed%s\n", missed, bad ? "; an accurate value of ours is wrong" : "");
    return missed || bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
