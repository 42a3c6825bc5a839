/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the parts of bench_peers share: the libraries that are here, and where the tables go. */
#ifndef HWV_BENCH_BESIDE_H
#define HWV_BENCH_BESIDE_H

#include "peer.h"

#include <stdio.h>

#define PEERS 3

/* Names of all peers in a fixed order; table[i] is NULL where it is absent. */
typedef struct peers {
    const char *names[PEERS];
    const peer *table[PEERS];
} peers;

/* Where special values go astray: ours in both tiers, each peer, and the truth, computed here and now. 0, or 1 where
 * ours in the accurate tier is wrong. */
int faults_table(FILE *out, const peers *all);

#endif
