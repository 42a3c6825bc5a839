/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What must be the same on every CPU, also emulated ones: draws have the same bits, the pool runs each
 * task once, HALFWAVE_ISA is honoured. */
#include "halfwave/isa.h"
#include "halfwave/pool.h"
#include "halfwave/random.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

static void expect(int right, const char *what)
{
    if (!right) {
        fprintf(stderr, "failed: %s\n", what);
        failures++;
    }
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * UINT64_C(1099511628211);
    return hash;
}

/* FNV-1a over the little-endian bits; the value was computed with gcc 12 on x86-64. */
static void check_draws(void)
{
    const uint64_t wanted = UINT64_C(0x21f6f80f530598c5);
    uint64_t hash = UINT64_C(14695981039346656037);
    for (uint64_t i = 0; i < 100000; i++) {
        double draw = hwv_random_normal(2024, HWV_STREAM_TEST, (uint32_t)(i / 1000), i);
        hash = hash_bytes(hash, &draw, sizeof draw);
    }
    if (hash != wanted)
        fprintf(stderr, "hash of the draws: 0x%016llx\n", (unsigned long long)hash);
    expect(hash == wanted, "normal draws have the same bits as everywhere");
}

static void count_task(void *context, size_t task, size_t worker)
{
    (void)worker;
    atomic_fetch_add((atomic_int *)context + task, 1);
}

static void check_pool(void)
{
    hwv_pool *pool;
    atomic_int seen[64];
    for (int i = 0; i < 64; i++)
        atomic_init(&seen[i], 0);
    hwv_status status = hwv_pool_create(&pool, 3, NULL);
    expect(status == HWV_OK, "a pool of three threads is made");
    if (status != HWV_OK)
        return;
    for (int run = 0; run < 200; run++)
        hwv_executor_run(hwv_pool_executor(pool), 64, count_task, seen);
    hwv_pool_destroy(pool);
    for (int i = 0; i < 64; i++)
        expect(atomic_load(&seen[i]) == 200, "each task ran once a run");
}

static void check_isa(void)
{
    hwv_error error = {HWV_OK, ""};
    const char *forced = getenv("HALFWAVE_ISA");
    expect(hwv_initialise(&error) == HWV_OK, error.text);
    if (forced != NULL && forced[0] != '\0')
        expect(strcmp(hwv_isa_name(hwv_isa_current()), forced) == 0, "the set named by HALFWAVE_ISA is in use");
    printf("runnable:");
    for (size_t i = 0; i < hwv_isa_count(); i++)
        printf(" %s", hwv_isa_name(hwv_isa_get(i)));
    printf("; in use: %s\n", hwv_isa_name(hwv_isa_current()));
}

int main(void)
{
    check_isa();
    check_draws();
    check_pool();
    return failures != 0;
}
