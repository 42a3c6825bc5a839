/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Where and when figures were taken: the head of every page under bench/results. */
#ifndef HWV_BENCH_MACHINE_H
#define HWV_BENCH_MACHINE_H

#include "halfwave/isa.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* threads: 0 where the page has tables of one and of two. */
static inline void machine_heading_of(FILE *out, const char *title, const char *command, size_t threads)
{
    char model[200] = "an unknown CPU", text[400], date[32];
    int family = 0, number = 0;
    FILE *cpu = fopen("/proc/cpuinfo", "r");
    while (cpu && fgets(text, sizeof text, cpu) && strcmp(text, "\n") != 0) {
        if (sscanf(text, "model name : %199[^\n]", model) != 1 && sscanf(text, "cpu family : %d", &family) != 1)
            (void)sscanf(text, "model : %d", &number);
    }
    if (cpu)
        fclose(cpu);
    time_t now = time(NULL);
    strftime(date, sizeof date, "%Y-%m-%d", gmtime(&now));
    if (threads == 0)
        snprintf(text, sizeof text, "one thread and two");
    else if (threads == 1)
        snprintf(text, sizeof text, "one thread on one CPU");
    else
        snprintf(text, sizeof text, "%zu threads", threads);
    fprintf(out, "# %s\n\nWritten by `%s`.\n%s; %s (family %d, model %d), %s, widest set %s; %s %s.\n", title, command,
            date, model, family, number, text, hwv_isa_name(hwv_isa_get(0)),
#ifdef __clang__
            "clang", __clang_version__
#else
            "gcc", __VERSION__
#endif
    );
}

static inline void machine_heading(FILE *out, const char *title, const char *command)
{
    machine_heading_of(out, title, command, 1);
}

/* FOLDER/NAME for writing, standard output without a folder; NULL, with a word on stderr, when that fails. */
static inline FILE *machine_page(const char *folder, const char *name)
{
    char path[4096];
    if (!folder)
        return stdout;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    if (!out)
        fprintf(stderr, "%s cannot be written\n", path);
    return out;
}

#endif
