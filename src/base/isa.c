/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The list of runnable instruction sets and the one in use. */
#include "base/cpu.h"
#include "base/system.h"
#include "halfwave/isa.h"
#include "halfwave/text.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define LIST_NAME(name) #name,
static const char *const isa_names[HWV_ISA_COUNT] = {HWV_ISA_LIST(LIST_NAME)};

/* Both start at 0 = "not asked yet"; racing first calls write the same value. */
static atomic_uint runnable_sets;
static atomic_int current_plus_one;

static unsigned runnable(void)
{
    unsigned sets = atomic_load_explicit(&runnable_sets, memory_order_relaxed);
    if (sets == 0) {
        sets = hwv_cpu_sets();
        atomic_store_explicit(&runnable_sets, sets, memory_order_relaxed);
    }
    return sets;
}

size_t hwv_isa_count(void)
{
    size_t count = 0;
    for (unsigned sets = runnable(); sets != 0; sets &= sets - 1)
        count++;
    return count;
}

hwv_isa hwv_isa_get(size_t i)
{
    unsigned sets = runnable();
    for (int isa = HWV_ISA_COUNT - 1; isa > HWV_ISA_scalar; isa--)
        if ((sets >> isa & 1u) && i-- == 0)
            return (hwv_isa)isa;
    return HWV_ISA_scalar;
}

const char *hwv_isa_name(hwv_isa isa)
{
    size_t i = (size_t)isa;
    return i < HWV_ISA_COUNT ? isa_names[i] : "unknown";
}

hwv_isa hwv_isa_current(void)
{
    int current = atomic_load_explicit(&current_plus_one, memory_order_relaxed);
    if (current == 0) {
        /* Every kernel call comes here: decide once. A set forced meanwhile wins. */
        int widest = (int)hwv_isa_get(0) + 1;
        if (atomic_compare_exchange_strong_explicit(&current_plus_one, &current, widest, memory_order_relaxed,
                                                    memory_order_relaxed))
            current = widest;
    }
    return (hwv_isa)(current - 1);
}

static void use(hwv_isa isa)
{
    atomic_store_explicit(&current_plus_one, (int)isa + 1, memory_order_relaxed);
}

/* "avx2, sse2, scalar" */
static void list_runnable(char *list, size_t size)
{
    list[0] = '\0';
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        if (i > 0)
            strncat(list, ", ", size - strlen(list) - 1);
        strncat(list, hwv_isa_name(hwv_isa_get(i)), size - strlen(list) - 1);
    }
}

hwv_status hwv_isa_force(const char *name, hwv_error *error)
{
    const char *runnable_names[HWV_ISA_COUNT];
    size_t count = hwv_isa_count();
    for (size_t i = 0; i < count; i++) {
        hwv_isa isa = hwv_isa_get(i);
        runnable_names[i] = hwv_isa_name(isa);
        if (strcmp(name, runnable_names[i]) == 0) {
            use(isa);
            return HWV_OK;
        }
    }
    char list[HWV_ISA_COUNT * 10];
    list_runnable(list, sizeof list);
    for (size_t i = 0; i < HWV_ISA_COUNT; i++)
        if (strcmp(name, isa_names[i]) == 0)
            return hwv_fail(error, HWV_ERR_NAME, "instruction set '%s' cannot run here; runnable: %s", name, list);
    return hwv_fail(error, HWV_ERR_NAME, "unknown instruction set '%.60s'%s; runnable here: %s", name,
                    hwv_name_hint(name, runnable_names, count).text, list);
}

hwv_status hwv_initialise(hwv_error *error)
{
    const char *name = getenv("HALFWAVE_ISA");
    if (name == NULL || name[0] == '\0') {
        use(hwv_isa_get(0));
        return HWV_OK;
    }
    hwv_status status = hwv_isa_force(name, error);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "HALFWAVE_ISA: ");
}

size_t hwv_cache_bytes(void)
{
    static _Atomic size_t known;
    size_t bytes = atomic_load_explicit(&known, memory_order_relaxed);
    if (bytes == 0) {
        /* The CPU first: glibc 2.36 makes ten times too much of a virtual machine's last level. */
        bytes = hwv_cpu_cache();
        if (bytes == 0)
            bytes = hwv_system_cache();
        /* Unknown: most last-level caches are larger, so stores stay in cache up to here. */
        if (bytes < (size_t)1 << 20)
            bytes = (size_t)8 << 20;
        atomic_store_explicit(&known, bytes, memory_order_relaxed);
    }
    return bytes;
}
