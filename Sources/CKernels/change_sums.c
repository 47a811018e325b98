// The likelihood ratios of a change since each of some moments, all at once.
#include "change_sums.h"
#include <math.h>

// AVX2 has no instruction here that rounds otherwise than the baseline's, so that all machines say the same.
#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

#define INLINE static inline __attribute__((always_inline))

enum { PLACES = PLUMB_BEGINNINGS };

/// A number that is not negative, with a place in its lowest bits: greater for the greater number.
INLINE int32_t marked(float value, int32_t place) {
    union { float value; int32_t bits; } both = {.value = value};
    return (both.bits & ~31) | place;
}

INLINE float unmarked(int32_t marked) {
    union { int32_t bits; float value; } both = {.bits = marked & ~31};
    return both.value;
}

/// The beginning whose older neighbour is relatively nearest to the younger one, where all places are in use.
INLINE int32_t thinnest(const uint16_t *ages) {
    int32_t nearest = INT32_MAX;
    for (int32_t place = 1; place < PLACES - 2; place++) {
        int32_t one = marked(((float)ages[place - 1] + 4) / ((float)ages[place + 1] + 4), place);
        nearest = one < nearest ? one : nearest;
    }
    return nearest & 31;
}

INLINE void drop(uint16_t *restrict ages, float *restrict sums, float *restrict ramps, int32_t place) {
    for (int32_t index = 0; index < PLACES - 1; index++) {
        uint16_t kept = ages[index], next = ages[index + 1];
        ages[index] = index >= place ? next : kept;
    }
    for (int32_t index = 0; index < PLACES - 1; index++) {
        float kept = sums[index], next = sums[index + 1];
        sums[index] = index >= place ? next : kept;
    }
    for (int32_t index = 0; index < PLACES - 1; index++) {
        float kept = ramps[index], next = ramps[index + 1];
        ramps[index] = index >= place ? next : kept;
    }
}

/// ln of the likelihood ratio of a change that stands out by so many squared standard errors, its size averaged over
/// the prior, without what the prior's width costs.
INLINE float log_likelihood(float square, float size, float spread) {
    return (square * spread + 2 * size * __builtin_elementwise_sqrt(square) - size * size) * (0.5f / (1 + spread));
}

/// e^x within 1 %, for x <= 0; nearly 0 below -30.
INLINE float quick_exp(float x) {
    // Added to it, a number is rounded to a whole one in the lowest bits.
    const float rounder = 12582912;
    float power = (x > -30 ? x : -30) * 1.442695f;
    union { float value; uint32_t bits; } shifted = {.value = power + rounder}, scale;
    float part = power - (shifted.value - rounder);
    scale.bits = (shifted.bits << 23) + (127u << 23);
    return scale.value * (1 + part * (0.6931f + 0.2402f * part));
}

/// The sum of all likelihood ratios, in units of the one whose logarithm is `best`. A beginning stands for all between it
/// and the next one.
INLINE float sum_above(const float *steps, const float *slopes, const uint16_t *ages, int32_t used, float best,
                              float size, float spread) {
    float terms[PLACES];
    int32_t weights[PLACES];
    for (int32_t place = 0; place < PLACES - 1; place++) {
        int32_t next = place + 1 < used ? ages[place + 1] : 0;
        weights[place] = place < used ? ages[place] - next : 0;
    }
    weights[PLACES - 1] = used == PLACES ? ages[PLACES - 1] : 0;
    for (int32_t place = 0; place < PLACES; place++) {
        float both = quick_exp(log_likelihood(steps[place], size, spread) - best)
            + quick_exp(log_likelihood(slopes[place], size, spread) - best);
        terms[place] = (float)weights[place] * both;
    }
    // In an order of its own, so that it does not depend on how wide the machine is.
    float eight[8];
    for (int32_t lane = 0; lane < 8; lane++) eight[lane] = terms[lane] + terms[lane + 8] + terms[lane + 16];
    return ((eight[0] + eight[4]) + (eight[1] + eight[5])) + ((eight[2] + eight[6]) + (eight[3] + eight[7]));
}

WIDE plumb_change_reading plumb_change_update(plumb_change_sums *changes, float score, const plumb_change_scales *scales) {
    uint16_t *restrict ages = changes->ages;
    float *restrict sums = changes->sums, *restrict ramps = changes->ramps;
    int32_t used = changes->count;
    if (used > 0 && ages[0] >= changes->horizon) {
        drop(ages, sums, ramps, 0);
        used--;
    } else if (used == PLACES) {
        drop(ages, sums, ramps, thinnest(ages));
        used--;
    }
    ages[used] = 0;
    sums[used] = 0;
    ramps[used] = 0;
    used++;
    changes->count = (uint8_t)used;
    // The same work for every place, used or not.
    float steps[PLACES], slopes[PLACES];
    int32_t best_step = 0, best_slope = 0;
    float first = scales->shares[0], second = scales->shares[1], third = scales->shares[2], fourth = scales->shares[3];
    for (int32_t place = 0; place < PLACES; place++) {
        uint16_t whole = (uint16_t)(ages[place] + 1);
        ages[place] = whole;
        float age = (float)whole;
        float sum = sums[place] + score;
        sums[place] = sum;
        float ramp = ramps[place] + age * score;
        ramps[place] = ramp;
        float squares = (age + 1) * (2 * age + 1);
        float share = (age < 32 ? age < 8 ? first : second : age < 128 ? third : fourth) / (age * squares);
        float step = place < used ? sum * sum * squares * share : 0;
        float slope = place < used ? ramp * ramp * 6 * share : 0;
        steps[place] = step;
        slopes[place] = slope;
        int32_t one = place < used ? marked(step, place) : 0;
        best_step = one > best_step ? one : best_step;
        int32_t other = place < used ? marked(slope, place) : 0;
        best_slope = other > best_slope ? other : best_slope;
    }
    plumb_change_reading reading = {
        unmarked(best_step), unmarked(best_slope), (uint32_t)best_step & 31, (uint32_t)best_slope & 31, 0};
    float strongest = reading.step > reading.ramp ? reading.step : reading.ramp;
    float best = log_likelihood(strongest, scales->size, scales->spread);
    float total = 2 * (float)ages[0] + 2;
    if (strongest >= scales->quiet) {
        total = sum_above(steps, slopes, ages, used, best, scales->size, scales->spread);
    }
    reading.log_sum = best + logf(total);
    return reading;
}

plumb_beginning plumb_change_get(const plumb_change_sums *changes, uint32_t place) {
    return (plumb_beginning){changes->ages[place], changes->sums[place], changes->ramps[place]};
}

void plumb_change_append(plumb_change_sums *changes, plumb_beginning beginning) {
    uint8_t place = changes->count++;
    changes->ages[place] = beginning.age;
    changes->sums[place] = beginning.sum;
    changes->ramps[place] = beginning.ramp;
}
