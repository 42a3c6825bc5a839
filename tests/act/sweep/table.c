/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * docs/accuracy.tsv and docs/accuracy.md. */
#include "sweep.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const tiers[2] = {[HWV_ACCURATE] = "accurate", [HWV_FAST] = "fast"};

static const char head[] =
    "# Every float through every kernel: written by `./run check exhaustive`, do not edit.\n"
    "# worst, bound: forward accurate in ULP (float's spacing at the truth, never below 2^-149), forward fast in\n"
    "# max(1, |f|) where there is a fast kernel, derivative in ULP but never below 2^-23, with dy = 1; 0 = the\n"
    "# bits of the rounded truth. at: the input's bits. over_half: inputs with an error over half the bound.\n"
    "# fingerprint: of the results for two million inputs; with another kernel it differs, and the line is stale.\n"
    "#operator\tpass\ttier\tset\tworst\tbound\tat\tover_half\tinputs\tfingerprint\n";

void sweep_print(FILE *file, const sweep_line *line)
{
    fprintf(file, "%s\t%s\t%s\t%s\t%.4g\t%.4g\t%08" PRIx32 "\t%" PRIu64 "\t%" PRIu64 "\t%016" PRIx64 "\n",
            hwv_op_row(line->op)->name, line->gradient ? "derivative" : "forward",
            line->gradient ? "-" : tiers[line->tier], hwv_isa_name(line->set), line->worst, line->bound, line->at,
            line->over_half, line->inputs, line->fingerprint);
}

bool sweep_parse(sweep_line *line, const char *text)
{
    char op[32], pass[16], tier[16], set[16], worst[32];
    *line = (sweep_line){0};
    if (sscanf(text,
               "%31[^\t]\t%15[^\t]\t%15[^\t]\t%15[^\t]\t%31[^\t]\t%lf\t%" SCNx32 "\t%" SCNu64 "\t%" SCNu64 "\t%" SCNx64,
               op, pass, tier, set, worst, &line->bound, &line->at, &line->over_half, &line->inputs,
               &line->fingerprint) != 10 ||
        hwv_op_find(&line->op, op, NULL) != HWV_OK)
        return false;
    line->worst = strtod(worst, NULL);
    line->gradient = strcmp(pass, "derivative") == 0;
    line->tier = strcmp(tier, tiers[HWV_FAST]) == 0 ? HWV_FAST : HWV_ACCURATE;
    for (int i = 0; i < HWV_ISA_COUNT; i++)
        if (strcmp(set, hwv_isa_name((hwv_isa)i)) == 0) {
            line->set = (hwv_isa)i;
            return true;
        }
    return false;
}

/* Place in the table: operators as in ops.def, forward before derivative, accurate before fast, wide before narrow. */
static long place(const sweep_line *line)
{
    return (((long)line->op * 2 + line->gradient) * 2 + (long)line->tier) * HWV_ISA_COUNT + HWV_ISA_COUNT - 1 -
           (long)line->set;
}

void sweep_put(sweep_table *table, const sweep_line *line)
{
    size_t i = 0;
    while (i < table->count && place(&table->lines[i]) < place(line))
        i++;
    if (i == table->count || place(&table->lines[i]) != place(line)) {
        if (table->count == table->room) {
            table->room = table->room * 2 + 64;
            table->lines = realloc(table->lines, table->room * sizeof *table->lines);
            if (!table->lines) {
                fprintf(stderr, "no memory for the table\n");
                exit(EXIT_FAILURE);
            }
        }
        memmove(&table->lines[i + 1], &table->lines[i], (table->count - i) * sizeof *table->lines);
        table->count++;
    }
    table->lines[i] = *line;
}

const sweep_line *sweep_find(const sweep_table *table, const sweep_line *like)
{
    for (size_t i = 0; i < table->count; i++)
        if (place(&table->lines[i]) == place(like))
            return &table->lines[i];
    return NULL;
}

bool sweep_read(sweep_table *table, const char *path)
{
    char text[400];
    size_t number = 0;
    FILE *file = fopen(path, "r");
    if (!file)
        return errno == ENOENT;
    while (fgets(text, sizeof text, file)) {
        sweep_line line;
        number++;
        if (text[0] == '#')
            continue;
        if (!sweep_parse(&line, text)) {
            fprintf(stderr, "%s: line %zu is no line of the table: %s", path, number, text);
            fclose(file);
            return false;
        }
        sweep_put(table, &line);
    }
    fclose(file);
    return true;
}

bool sweep_write(const sweep_table *table, const char *path)
{
    char other[4096];
    snprintf(other, sizeof other, "%s.new", path);
    FILE *file = fopen(other, "w");
    if (file) {
        fputs(head, file);
        for (size_t i = 0; i < table->count; i++)
            sweep_print(file, &table->lines[i]);
    }
    if (!file || fclose(file) != 0 || rename(other, path) != 0) {
        fprintf(stderr, "%s cannot be written: %s\n", path, strerror(errno));
        return false;
    }
    return true;
}

/* One cell of the page. */
static void cell(FILE *file, const sweep_table *table, sweep_line like)
{
    const sweep_line *line = sweep_find(table, &like);
    if (!line)
        fprintf(file, " - |");
    else if (line->bound == 0 && line->worst == 0)
        fprintf(file, " exact |");
    else if (line->tier == HWV_FAST && hwv_op_row(line->op)->fast == 0)
        fprintf(file, " as accurate |");
    else if (line->tier == HWV_FAST)
        fprintf(file, " %.2e |", line->worst);
    else
        fprintf(file, " %.3f |", line->worst);
}

void sweep_write_page(FILE *file, const sweep_table *table)
{
    static const hwv_isa sets[] = {HWV_ISA_avx512, HWV_ISA_avx2, HWV_ISA_sse2};
    static const struct {
        bool gradient;
        hwv_tier tier;
    } groups[] = {{false, HWV_ACCURATE}, {false, HWV_FAST}, {true, HWV_ACCURATE}};
    fputs(
        "# Accuracy\n\n"
        "The largest error of each f32 operator over all 2^32 inputs, at default parameters, measured by\n"
        "`./run check exhaustive` against double references that are held against MPFR. The figures are those of\n"
        "`accuracy.tsv`, which also says where they occur. This page is generated; a test holds it against the table,\n"
        "and the table against the kernels.\n\n"
        "- *accurate*: in ULP, float's spacing at the exact value, never below 2^-149: tails and subnormals are "
        "included.\n"
        "- *fast*: the error as a share of max(1, |f|). Rows without a fast kernel run the accurate one.\n"
        "- *derivative*: in ULP, but never below 2^-23, with dy = 1.\n"
        "- *exact*: the bits of the rounded exact value.\n\n"
        "NaN comes out as NaN, no finite input gives NaN, and values at -inf and +inf are the limits; the sweep "
        "counts\n"
        "anything else as an infinite error.\n\n"
        "| operator | accurate: avx512 | avx2 | sse2 | bound | fast: avx512 | avx2 | sse2 | bound | "
        "derivative: avx512 | avx2 | sse2 | bound |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        file);
    for (size_t i = 0; i < hwv_op_count(); i++) {
        const hwv_op_info *row = hwv_op_get(i);
        fprintf(file, "| %s |", row->name);
        for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
            for (size_t s = 0; s < sizeof sets / sizeof sets[0]; s++)
                cell(file, table,
                     (sweep_line){
                         .op = row->op, .gradient = groups[g].gradient, .tier = groups[g].tier, .set = sets[s]});
            double bound = g == 0                    ? row->ulp
                           : g == 1 && row->fast > 0 ? row->fast
                           : g < 2                   ? row->ulp
                                                     : row->gradient_ulp;
            if (bound > 0)
                fprintf(file, " %.3g |", bound);
            else
                fprintf(file, " exact |");
        }
        fprintf(file, "\n");
    }
}
