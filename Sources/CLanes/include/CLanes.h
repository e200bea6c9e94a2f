// What Swift's SIMD16 does lane by lane, and a processor at once.
#ifndef CLANES_H
#define CLANES_H

typedef float clanes_floats __attribute__((ext_vector_type(16)));
typedef int clanes_words __attribute__((ext_vector_type(16)));

#define CLANES static inline __attribute__((always_inline, const))

/// Whole numbers as floats, rounded to the nearest.
CLANES clanes_floats clanes_convert(clanes_words x) { return __builtin_convertvector(x, clanes_floats); }

/// Square roots.
CLANES clanes_floats clanes_root(clanes_floats x) { return __builtin_elementwise_sqrt(x); }

#endif
