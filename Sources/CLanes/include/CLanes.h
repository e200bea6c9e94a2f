// What Swift's SIMD16 does lane by lane, and a processor at once.
#ifndef CLANES_H
#define CLANES_H

typedef float clanes_floats __attribute__((ext_vector_type(16)));
typedef float clanes_four __attribute__((ext_vector_type(4)));
typedef int clanes_words __attribute__((ext_vector_type(16)));

#define CLANES static inline __attribute__((always_inline, const))

/// Whole numbers as floats, rounded to the nearest.
CLANES clanes_floats clanes_convert(clanes_words x) { return __builtin_convertvector(x, clanes_floats); }

/// Square roots.
CLANES clanes_floats clanes_root(clanes_floats x) { return __builtin_elementwise_sqrt(x); }

/// The sums of neighbours: a0 + a1, a2 + a3, b0 + b1, b2 + b3. (One instruction where there is one: from shuffles the
/// compiler makes more additions than it saves.)
CLANES clanes_four clanes_pairs(clanes_four a, clanes_four b) {
#ifdef __SSE3__
    return __builtin_ia32_haddps(a, b);
#else
    return __builtin_shufflevector(a, b, 0, 2, 4, 6) + __builtin_shufflevector(a, b, 1, 3, 5, 7);
#endif
}

#endif
