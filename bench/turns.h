/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Processes that take turns. A worker says "ready WHO" and then, for each line "go N", does its work N times and answers
 * "SECONDS CPU-SECONDS". With one thread the CPU's time counts: whoever else runs on this machine does not. A worker is
 * stopped while it is not its turn, because threads of some wait by spinning. */
#ifndef HWV_BENCH_TURNS_H
#define HWV_BENCH_TURNS_H

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "halfwave/clock.h"

#define TURNS_MOST 64 /* rounds */

static inline void turns_die(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(4);
}

/* In a child that was just forked: it ends with its parent, stopped or not. */
static inline void turns_end_with_parent(void)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

typedef struct turns_worker {
    FILE *to, *from;
    pid_t process;
    char who[160];
} turns_worker;

/* False when there is none: what the process said is on stderr then. */
static inline bool turns_start(turns_worker *w, const char *const *words)
{
    int to[2], from[2];
    char line[200];
    if (pipe(to) != 0 || pipe(from) != 0)
        turns_die("pipe", strerror(errno));
    /* A worker that is started later must not keep this one's input open. */
    if (fcntl(to[1], F_SETFD, FD_CLOEXEC) != 0 || fcntl(from[0], F_SETFD, FD_CLOEXEC) != 0)
        turns_die("pipe", strerror(errno));
    w->process = fork();
    if (w->process < 0)
        turns_die("fork", strerror(errno));
    if (w->process == 0) {
        turns_end_with_parent();
        dup2(to[0], 0);
        dup2(from[1], 1);
        for (int i = 0; i < 2; i++) {
            close(to[i]);
            close(from[i]);
        }
        execvp(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    w->to = fdopen(to[1], "w");
    w->from = fdopen(from[0], "r");
    if (w->to == NULL || w->from == NULL)
        turns_die("pipe", strerror(errno));
    return fgets(line, sizeof line, w->from) && sscanf(line, "ready %159[^\n]", w->who) == 1;
}

/* The most memory that the process held at once, in bytes; 0 where the system does not tell. */
static inline double turns_peak(const turns_worker *w)
{
    char text[200];
    unsigned long kib = 0;
    snprintf(text, sizeof text, "/proc/%ld/status", (long)w->process);
    FILE *status = fopen(text, "r");
    while (status && fgets(text, sizeof text, status))
        if (sscanf(text, "VmHWM: %lu", &kib) == 1)
            break;
    if (status)
        fclose(status);
    return 1024.0 * (double)kib;
}

static inline void turns_end(turns_worker *w)
{
    kill(w->process, SIGCONT);
    fclose(w->to); /* its end of input */
    fclose(w->from);
    waitpid(w->process, NULL, 0);
}

/* Seconds each time, by the clock that counts. */
static inline double turns_go(turns_worker *w, size_t times, size_t threads)
{
    double wall, cpu;
    kill(w->process, SIGCONT);
    fprintf(w->to, "go %zu\n", times);
    fflush(w->to);
    if (fscanf(w->from, "%lf %lf", &wall, &cpu) != 2)
        turns_die(w->who, "the process ended");
    kill(w->process, SIGSTOP);
    return (threads == 1 ? cpu : wall) / (double)times;
}

/* Does the work for the first times, which are slower, and tells how many make a round of `seconds`. */
static inline size_t turns_round(turns_worker *w, size_t threads, double seconds)
{
    double each = turns_go(w, 2, threads);
    each = fmin(each, turns_go(w, 2, threads));
    return each < seconds ? (size_t)(seconds / each) : 1;
}

/* ---- cells of a table ---- */

/* | ms (90 % interval) | */
static inline void turns_print_ms(FILE *out, const double *seconds, size_t rounds)
{
    double low, high, sorted[TURNS_MOST];
    memcpy(sorted, seconds, rounds * sizeof *sorted);
    const double median = hwv_median_interval(sorted, rounds, &low, &high);
    const int digits = median < 1e-3 ? 4 : 2;
    fprintf(out, " %.*f (%.*f to %.*f) |", digits, 1e3 * median, digits, 1e3 * low, digits, 1e3 * high);
}

/* | time of `other` in times of `seconds` |, the median of the rounds' ratios; `other` may be NULL */
static inline void turns_print_ratio(FILE *out, const double *other, const double *seconds, size_t rounds)
{
    double low, high, ratios[TURNS_MOST];
    for (size_t r = 0; other && r < rounds; r++)
        ratios[r] = other[r] / seconds[r];
    if (other) {
        const double median = hwv_median_interval(ratios, rounds, &low, &high);
        fprintf(out, " %.2f (%.2f to %.2f) |", median, low, high);
    } else {
        fprintf(out, " - |");
    }
}

/* ---- the worker's side ---- */

static inline double turns_cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Says ready, then calls work(self) as often as it is told to, until there is nothing more to read. */
static inline void turns_serve(const char *who, void (*work)(void *self), void *self)
{
    size_t times;
    printf("ready %s\n", who);
    fflush(stdout);
    while (scanf(" go %zu", &times) == 1) {
        double wall = hwv_clock_seconds(), cpu = turns_cpu_seconds();
        for (size_t i = 0; i < times; i++)
            work(self);
        printf("%.9f %.9f\n", hwv_clock_seconds() - wall, turns_cpu_seconds() - cpu);
        fflush(stdout);
    }
}

/* 1 to 1024, or the end. */
static inline size_t turns_threads(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*end != '\0' || value < 1 || value > 1024)
        turns_die(text, "not a number of threads (1 to 1024)");
    return value;
}

#endif
