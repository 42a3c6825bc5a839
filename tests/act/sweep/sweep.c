/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Every float through every kernel of f32 rows: forward in both tiers and the derivative, on every vector set.
 *     act-sweep [--missing] [--jobs N] [OP...]   measures all (or these) operators and renews docs/accuracy.tsv and
 *                                                docs/accuracy.md; --missing: only what is absent or stale
 *     act-sweep --stride N [OP...]               every N-th chunk of inputs only; prints, writes nothing
 *     act-sweep --check                          the committed table against the kernels: a test
 *     act-sweep --page                           renews docs/accuracy.md alone
 * A block is an operator's pass. An interrupted run goes on after its last finished block. */
#include "sweep.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TABLE HWV_SOURCE "/docs/accuracy.tsv"
#define PAGE  HWV_SOURCE "/docs/accuracy.md"

typedef struct block {
    hwv_op op;
    bool gradient;
    pid_t child;
    FILE *from; /* lines of the table, as the child finds them */
    time_t started;
} block;

static struct {
    bool missing, check, page;
    uint32_t stride;
    size_t jobs, ops;
    hwv_op op[HWV_OP_END_];
} options = {.stride = 1};

static unsigned long over; /* lines over their bound */

static bool within(const sweep_line *line)
{
    return line->worst <= line->bound;
}

/* Whether `table` has all lines of the block as the kernels are now. */
static bool known(const sweep_table *table, hwv_op op, bool gradient)
{
    sweep_line columns[SWEEP_COLUMNS];
    size_t count = sweep_columns(op, gradient, columns);
    for (size_t i = 0; i < count; i++) {
        const sweep_line *line = sweep_find(table, &columns[i]);
        if (!line || line->fingerprint != columns[i].fingerprint || line->bound != columns[i].bound ||
            line->inputs != SWEEP_INPUTS)
            return false;
    }
    return true;
}

static void start(block *b)
{
    int ends[2];
    fflush(NULL);
    if (pipe(ends) != 0 || (b->child = fork()) < 0) {
        fprintf(stderr, "no process for a block: %s\n", strerror(errno));
        exit(EXIT_FAILURE);
    }
    if (b->child == 0) {
        sweep_line columns[SWEEP_COLUMNS];
        size_t count = sweep_columns(b->op, b->gradient, columns);
        close(ends[0]);
        sweep_block(columns, count, options.stride);
        FILE *to = fdopen(ends[1], "w");
        for (size_t i = 0; to && i < count; i++)
            sweep_print(to, &columns[i]);
        _exit(to && fclose(to) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    close(ends[1]);
    b->from = fdopen(ends[0], "r");
    b->started = time(NULL);
}

/* Takes the lines of a block whose child has ended. */
static void finish(block *b, sweep_table *table, FILE *journal)
{
    char text[400];
    size_t lines = 0;
    while (b->from && fgets(text, sizeof text, b->from)) {
        sweep_line line;
        if (!sweep_parse(&line, text))
            break;
        lines++;
        sweep_put(table, &line);
        if (journal)
            fputs(text, journal);
        fputs(text, stdout);
        if (!within(&line)) {
            over++;
            printf("FAIL %s %s on %s: over the bound\n", hwv_op_row(line.op)->name,
                   line.gradient ? "derivative" : "forward", hwv_isa_name(line.set));
        }
    }
    if (b->from)
        fclose(b->from);
    if (journal)
        fflush(journal);
    fprintf(stderr, "%s %s: %zu lines in %.0f s\n", hwv_op_row(b->op)->name, b->gradient ? "derivative" : "forward",
            lines, difftime(time(NULL), b->started));
    if (lines == 0)
        exit(EXIT_FAILURE);
}

static bool write_page(const sweep_table *table)
{
    FILE *file = fopen(PAGE, "w");
    if (file)
        sweep_write_page(file, table);
    if (file && fclose(file) == 0)
        return true;
    fprintf(stderr, "%s cannot be written: %s\n", PAGE, strerror(errno));
    return false;
}

static int sweep(void)
{
    sweep_table table = {0}, done = {0};
    block blocks[HWV_OP_END_ * 2], *running[64] = {0};
    size_t count = 0, next = 0, busy = 0;
    bool writing = options.stride == 1;
    if (!sweep_read(&table, TABLE) || !sweep_read(&done, HWV_SWEEP_JOURNAL))
        return EXIT_FAILURE;
    for (size_t i = 0; i < options.ops; i++)
        for (int gradient = 0; gradient < 2; gradient++)
            if (!writing || !known(options.missing ? &table : &done, options.op[i], gradient))
                blocks[count++] = (block){.op = options.op[i], .gradient = gradient};
    if (writing && !options.missing && done.count > 0)
        fprintf(stderr, "going on: %zu lines were done before the interruption (%s)\n", done.count, HWV_SWEEP_JOURNAL);
    FILE *journal = writing ? fopen(HWV_SWEEP_JOURNAL, "a") : NULL;
    for (size_t finished = 0; finished < count;) {
        for (size_t i = 0; i < options.jobs && next < count; i++)
            if (!running[i]) {
                running[i] = &blocks[next++];
                start(running[i]);
                busy++;
            }
        int status;
        pid_t child = wait(&status);
        for (size_t i = 0; i < options.jobs; i++)
            if (running[i] && running[i]->child == child) {
                finish(running[i], &table, journal);
                running[i] = NULL;
                busy--;
                finished++;
                if (status != 0 || (writing && (!sweep_write(&table, TABLE) || !write_page(&table))))
                    return EXIT_FAILURE;
            }
    }
    if (journal) {
        fclose(journal);
        remove(HWV_SWEEP_JOURNAL);
        write_page(&table);
    }
    printf("sweep: %zu blocks, %lu lines over their bound\n", count, over);
    free(table.lines);
    free(done.lines);
    return over ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The committed table covers every row, pass, tier and set, is inside the bounds of ops.def, was measured with these
 * kernels, and the page shows it. */
static int check(void)
{
    static const hwv_isa wanted[] = {HWV_ISA_avx512, HWV_ISA_avx2, HWV_ISA_sse2};
    sweep_table table = {0};
    unsigned long checks = 0, failures = 0;
#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        checks++;                                                                                                      \
        if (!(condition)) {                                                                                            \
            if (failures++ < 40)                                                                                       \
                printf("FAIL " __VA_ARGS__);                                                                           \
        }                                                                                                              \
    } while (0)
    if (!sweep_read(&table, TABLE))
        return EXIT_FAILURE;
    for (size_t i = 0; i < hwv_op_count(); i++)
        for (int gradient = 0; gradient < 2; gradient++) {
            const hwv_op_info *row = hwv_op_get(i);
            const char *pass = gradient ? "derivative" : "forward";
            for (int tier = 0; tier <= !gradient; tier++)
                for (size_t s = 0; s < sizeof wanted / sizeof wanted[0]; s++) {
                    const sweep_line like = {
                        .op = row->op, .gradient = gradient, .tier = (hwv_tier)tier, .set = wanted[s]};
                    CHECK(sweep_find(&table, &like), "%s %s tier %d on %s is not in the table\n", row->name, pass, tier,
                          hwv_isa_name(wanted[s]));
                }
            sweep_line columns[SWEEP_COLUMNS];
            size_t count = sweep_columns(row->op, gradient, columns);
            for (size_t c = 0; c < count; c++) {
                const sweep_line *line = sweep_find(&table, &columns[c]);
                if (!line)
                    continue;
                CHECK(line->inputs == SWEEP_INPUTS, "%s %s: not all inputs\n", row->name, pass);
                CHECK(line->bound == columns[c].bound && within(line),
                      "%s %s tier %d on %s: %g, bound %g, %g in ops.def\n", row->name, pass, (int)line->tier,
                      hwv_isa_name(line->set), line->worst, line->bound, columns[c].bound);
                CHECK(line->fingerprint == columns[c].fingerprint,
                      "%s %s tier %d on %s: the kernel is not the one that was measured; ./run check exhaustive %s\n",
                      row->name, pass, (int)line->tier, hwv_isa_name(line->set), row->name);
            }
        }
    FILE *page = fopen(PAGE, "r"), *fresh = tmpfile();
    bool same = page && fresh;
    if (fresh) {
        sweep_write_page(fresh, &table);
        rewind(fresh);
    }
    for (int a = 0, b; same && a != EOF;) {
        a = getc(page);
        b = getc(fresh);
        same = a == b;
    }
    CHECK(same, "docs/accuracy.md does not show docs/accuracy.tsv; act-sweep --page renews it\n");
    if (page)
        fclose(page);
    if (fresh)
        fclose(fresh);
    free(table.lines);
    printf("accuracy table: %lu checks, %lu failed\n", checks, failures);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int count, char **arguments)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    options.jobs = cpus > 0 ? (size_t)cpus : 1;
    for (int i = 1; i < count; i++) {
        const char *word = arguments[i];
        hwv_error error;
        if (strcmp(word, "--missing") == 0)
            options.missing = true;
        else if (strcmp(word, "--check") == 0)
            options.check = true;
        else if (strcmp(word, "--page") == 0)
            options.page = true;
        else if (strcmp(word, "--jobs") == 0 && i + 1 < count)
            options.jobs = (size_t)strtoul(arguments[++i], NULL, 10);
        else if (strcmp(word, "--stride") == 0 && i + 1 < count)
            options.stride = (uint32_t)strtoul(arguments[++i], NULL, 10);
        else if (options.ops < HWV_OP_END_ && hwv_op_find(&options.op[options.ops++], word, &error) != HWV_OK) {
            fprintf(stderr, "%s\n", error.text);
            return 2;
        }
    }
    options.jobs = options.jobs < 1 ? 1 : options.jobs > 64 ? 64 : options.jobs;
    options.stride = options.stride < 1 ? 1 : options.stride;
    if (options.ops == 0)
        while (options.ops < hwv_op_count()) {
            options.op[options.ops] = hwv_op_get(options.ops)->op;
            options.ops++;
        }
    if (options.check)
        return check();
    if (options.page) {
        sweep_table table = {0};
        return sweep_read(&table, TABLE) && write_page(&table) ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    return sweep();
}
