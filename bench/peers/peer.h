/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What bench_peers asks of another library. Each is a module of its own that is loaded if it could be built, so that
 * a missing one is only absent. */
#ifndef HWV_BENCH_PEER_H
#define HWV_BENCH_PEER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* out = f(x), or dy * f'(x); `y` is f(x) for libraries that take that. */
typedef struct peer_arrays {
    float *out;
    const float *x, *dy, *y;
    size_t n;
} peer_arrays;

typedef struct peer {
    const char *name;
    const char *(*version)(void);
    /* A job for an operator of ops.def, NULL where the library has none. Whatever can be made once is made here. */
    void *(*make)(const char *op, int backward, const peer_arrays *arrays);
    void (*run)(void *job, size_t repeats);
    void (*release)(void *job);
} peer;

/* The only symbol of a module. */
typedef const peer *peer_entry(void);
__attribute__((visibility("default"))) const peer *hwv_peer(void);

#ifdef __cplusplus
}
#endif

#endif
