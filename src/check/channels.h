/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Which axes of which values are one: cutting a channel out of a value takes the same one from every value that the nodes
 * around it tie to it.
 *
 * A *track* is a set of places (value, axis) that are tied, with the channels they have in common: by elementwise nodes,
 * norms with running statistics, pools, depthwise convolutions, sums of branches, reshapes that keep the axis whole. A
 * product ends a track and begins another: its weight has one axis in the track of its input, one in that of its output.
 * A place counts `outer` x channels x `inner` along its axis: index (o * channels + c) * inner + i is of channel c (a
 * flatten of images makes several features of each channel, channels first or last).
 *
 * Where something reads all channels together (a norm over them, softmax, a graph's output, heads of attention, grouped
 * convolutions, whatever is not known) the whole track is closed, with the reason. */
#ifndef HWV_CHECK_CHANNELS_H
#define HWV_CHECK_CHANNELS_H

#include "halfwave/network.h"

#define HWV_NO_TRACK SIZE_MAX

typedef struct hwv_place {
    hwv_id value;
    size_t axis;
    size_t outer, inner;
} hwv_place;

/* A product that reads a track: node->input[0], along `axis`. */
typedef struct hwv_reader {
    hwv_id node;
    size_t axis;
    bool pads; /* what it adds around an image is 0, and no constant else */
} hwv_reader;

typedef struct hwv_track {
    size_t channels;
    hwv_place *places;
    size_t place_count;
    hwv_reader *readers;
    size_t reader_count;
    hwv_id *layers; /* activation nodes whose units are channels of it */
    size_t layer_count;
    char closed[160]; /* why no channel may be cut; "": they may */
} hwv_track;

typedef struct hwv_tracks {
    hwv_track *tracks;
    size_t count;
    size_t *first;          /* by value: where its axis 0 is in the two below */
    size_t *track;          /* by axis: its track */
    const hwv_place **spot; /* by axis: its place there */
    size_t value_count;
} hwv_tracks;

/* HWV_ERR_MEMORY. Free with hwv_tracks_free. */
hwv_status hwv_tracks_make(hwv_tracks *tracks, const hwv_network *network, hwv_error *error);
void hwv_tracks_free(hwv_tracks *tracks);
/* The track of a place, or HWV_NO_TRACK. */
size_t hwv_tracks_find(const hwv_tracks *tracks, hwv_id value, size_t axis);
/* How a place counts; NULL: it is in no track. */
const hwv_place *hwv_tracks_place(const hwv_tracks *tracks, hwv_id value, size_t axis);
/* The channel of index i along a place's axis. */
static inline size_t hwv_place_channel(const hwv_track *track, const hwv_place *place, size_t i)
{
    return i / place->inner % track->channels;
}

#endif
