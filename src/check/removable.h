/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Channels that are dead, and that all who read them see as constants on the data. */
#ifndef HWV_CHECK_REMOVABLE_H
#define HWV_CHECK_REMOVABLE_H

#include "check/channels.h"
#include "check/constants.h"
#include "check/treatment.h"

/* Why units of a layer were left, each reason with its number of units. */
#define HWV_REASONS 4
typedef struct hwv_reasons {
    char text[HWV_REASONS][160];
    size_t units[HWV_REASONS];
    size_t count, others; /* others: units beyond the reasons that fit */
} hwv_reasons;

typedef struct hwv_removable {
    const hwv_treating *treating;
    hwv_tracks tracks;
    hwv_constants constants; /* of what readers of tracks with dead channels read */
    uint8_t **channels;      /* by track: 1 where a channel may go; NULL: none may */
    size_t *layer_track;     /* by layer of the network: the track of its units */
    hwv_reasons *reasons;    /* by layer of the network */
} hwv_removable;

/* Whether a reader of a track can do without a channel that is constant `c` in all that it reads of it; else why not. */
typedef bool hwv_reader_takes(const hwv_network *network, const hwv_reader *reader, float c, char reason[160]);

/* A channel may go when its track is open, one layer of it that is asked for has all its units there dead and not
 * spared, every reader sees constants, and `takes` agrees. Fills asked, near and unsure of the layers too, and reasons.
 * Errors of hwv_constants_measure. Free with hwv_removable_free in any case. */
hwv_status hwv_removable_find(hwv_removable *removable, const hwv_treating *treating, hwv_reader_takes *takes);
void hwv_removable_free(hwv_removable *removable);

/* The units of a layer, as the last axis of its output. */
size_t hwv_removable_units(const hwv_removable *removable, size_t layer);
/* The channel of a unit of a layer in its track. */
size_t hwv_removable_channel(const hwv_removable *removable, size_t layer, size_t unit);
/* Whether a unit is asked for: dead, in a layer that is to be treated, and not spared. */
bool hwv_removable_asked(const hwv_treating *treating, size_t layer, size_t unit);
/* Whether the channel of a unit may go. */
bool hwv_removable_goes(const hwv_removable *removable, size_t layer, size_t unit);
/* Units of a layer are left, and why. */
void hwv_removable_leave(hwv_removable *removable, size_t layer, size_t units, const char *reason);
/* The channel may not go after all: a reason for all layers that asked for it. */
void hwv_removable_refuse(hwv_removable *removable, size_t track, size_t channel, const char *reason);
/* Writes units (those that `treated` says yes to) and the reason of each layer. HWV_ERR_MEMORY. */
typedef bool hwv_unit_test(const void *self, size_t layer, size_t unit);
hwv_status hwv_removable_report(const hwv_removable *removable, const void *self, hwv_unit_test *treated);

#endif
