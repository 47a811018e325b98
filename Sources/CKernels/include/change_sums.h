// Sums of scores since each of some moments at which a change may have begun.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Moments that are kept.
#define PLUMB_BEGINNINGS 24

/// One moment: scores since then, their sum, and their sum weighted by how long after it each came.
typedef struct {
    uint16_t age;
    float sum, ramp;
} plumb_beginning;

/// The oldest first. What lies past `count` is left over. One that stays stands for all that began between it and the next.
typedef struct {
    float sums[PLUMB_BEGINNINGS], ramps[PLUMB_BEGINNINGS];
    uint16_t ages[PLUMB_BEGINNINGS];
    /// Scores after which a beginning is given up, at most 60,000.
    uint16_t horizon;
    uint8_t count;
} plumb_change_sums;

/// What the scores so far say; see `ChangeDetector`.
typedef struct {
    /// The greatest squared standard errors of a step and of a ramp, and the places of their beginnings.
    float step, ramp;
    uint32_t step_place, ramp_place;
    /// ln of the sum of all likelihood ratios, without what the priors' widths cost.
    float log_sum;
} plumb_change_reading;

/// How squared standard errors are weighed.
typedef struct {
    /// One over the inflation of sums of up to 8, 32, 128 and more scores.
    float shares[4];
    /// Mean and variance of the prior of a change's standard errors.
    float size, spread;
    /// Where none is above this, `log_sum` is a bound.
    float quiet;
} plumb_change_scales;

/// Adds a beginning, giving one up where there is no room or the oldest is too old, and adds a score to all.
plumb_change_reading plumb_change_update(plumb_change_sums *changes, float score, const plumb_change_scales *scales);

/// The beginning at a place below `count`.
plumb_beginning plumb_change_get(const plumb_change_sums *changes, uint32_t place);

/// Appends a beginning younger than all others; there is room.
void plumb_change_append(plumb_change_sums *changes, plumb_beginning beginning);
