// Vector operations that Swift's SIMD16 computes lane by lane and the processor at once.
#ifndef CLANES_H
#define CLANES_H

typedef float clanes_floats __attribute__((ext_vector_type(16)));
typedef float clanes_two __attribute__((ext_vector_type(2)));
typedef float clanes_four __attribute__((ext_vector_type(4)));
typedef float clanes_eight __attribute__((ext_vector_type(8)));
typedef int clanes_words __attribute__((ext_vector_type(16)));
typedef unsigned clanes_counts __attribute__((ext_vector_type(16)));

#define CLANES static inline __attribute__((always_inline, const))

CLANES clanes_floats clanes_add(clanes_floats a, clanes_floats b) { return a + b; }
CLANES clanes_floats clanes_subtract(clanes_floats a, clanes_floats b) { return a - b; }
CLANES clanes_floats clanes_multiply(clanes_floats a, clanes_floats b) { return a * b; }
CLANES clanes_floats clanes_divide(clanes_floats a, clanes_floats b) { return a / b; }

/// a + b · c with one rounding.
CLANES clanes_floats clanes_add_product(clanes_floats a, clanes_floats b, clanes_floats c) {
    return __builtin_elementwise_fma(b, c, a);
}

CLANES clanes_counts clanes_add_counts(clanes_counts a, clanes_counts b) { return a + b; }
CLANES clanes_counts clanes_subtract_counts(clanes_counts a, clanes_counts b) { return a - b; }

CLANES clanes_floats clanes_negate(clanes_floats a) { return -a; }
CLANES clanes_floats clanes_magnitude(clanes_floats a) { return __builtin_elementwise_abs(a); }

/// The larger of each pair; `a` where one is not a number.
CLANES clanes_floats clanes_larger(clanes_floats a, clanes_floats b) { return b > a ? b : a; }

/// The smaller of each pair; `a` where one is not a number.
CLANES clanes_floats clanes_smaller(clanes_floats a, clanes_floats b) { return b < a ? b : a; }

/// `a`, with its sign inverted where `b` is negative.
CLANES clanes_floats clanes_turn(clanes_floats a, clanes_floats b) {
    return (clanes_floats)((clanes_words)a ^ ((clanes_words)b & (int)0x80000000));
}

/// Integers as floats, rounded to the nearest.
CLANES clanes_floats clanes_convert(clanes_words x) { return __builtin_convertvector(x, clanes_floats); }

/// Square roots.
CLANES clanes_floats clanes_root(clanes_floats x) { return __builtin_elementwise_sqrt(x); }

/// For each lane an element of `table`: the one that the lowest three bits of `index` name, whose bits are read as they
/// are. A permutation with AVX2, AVX-512 and NEON; it only moves data, so that all processors give the same bits.
CLANES clanes_floats clanes_look_up(clanes_eight table, clanes_floats index) {
#if defined(__AVX512F__)
    return __builtin_ia32_permvarsf512(
        __builtin_shufflevector(table, table, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7), (clanes_words)index);
#elif defined(__AVX2__)
    const clanes_words which = (clanes_words)index;
    const clanes_eight low = __builtin_ia32_permvarsf256(
        table, __builtin_shufflevector(which, which, 0, 1, 2, 3, 4, 5, 6, 7));
    const clanes_eight high = __builtin_ia32_permvarsf256(
        table, __builtin_shufflevector(which, which, 8, 9, 10, 11, 12, 13, 14, 15));
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#elif defined(__aarch64__)
    // Four bytes for each lane: 4 · index and the next three.
    typedef __attribute__((neon_vector_type(16))) signed char bytes;
    typedef struct { clanes_four a, b, c, d; } quarters;
    const clanes_words which = ((clanes_words)index & 7) * 0x04040404 + 0x03020100;
    const quarters at = __builtin_bit_cast(quarters, which);
    const bytes low = (bytes)__builtin_shufflevector(table, table, 0, 1, 2, 3);
    const bytes high = (bytes)__builtin_shufflevector(table, table, 4, 5, 6, 7);
    const quarters found = {
        (clanes_four)__builtin_neon_vqtbl2q_v(low, high, (bytes)at.a, 48),
        (clanes_four)__builtin_neon_vqtbl2q_v(low, high, (bytes)at.b, 48),
        (clanes_four)__builtin_neon_vqtbl2q_v(low, high, (bytes)at.c, 48),
        (clanes_four)__builtin_neon_vqtbl2q_v(low, high, (bytes)at.d, 48),
    };
    return __builtin_bit_cast(clanes_floats, found);
#else
    const clanes_words which = (clanes_words)index & 7;
    clanes_floats found;
    for (int lane = 0; lane < 16; lane++) found[lane] = table[which[lane]];
    return found;
#endif
}

/// Sums of neighbours: a0 + a1, a2 + a3, b0 + b1, b2 + b3. One instruction on x86-64; a form with shuffles makes
/// the compiler add more often than necessary.
CLANES clanes_four clanes_pairs(clanes_four a, clanes_four b) {
#ifdef __SSE3__
    return __builtin_ia32_haddps(a, b);
#else
    return __builtin_shufflevector(a, b, 0, 2, 4, 6) + __builtin_shufflevector(a, b, 1, 3, 5, 7);
#endif
}

/// The `n`th pair (0…7) of sixteen floats. A shuffle: if floats are read one by one, the compiler computes each of
/// them separately.
CLANES clanes_two clanes_pair(clanes_floats x, long n) {
    switch (n & 7) {
    case 0: return __builtin_shufflevector(x, x, 0, 1);
    case 1: return __builtin_shufflevector(x, x, 2, 3);
    case 2: return __builtin_shufflevector(x, x, 4, 5);
    case 3: return __builtin_shufflevector(x, x, 6, 7);
    case 4: return __builtin_shufflevector(x, x, 8, 9);
    case 5: return __builtin_shufflevector(x, x, 10, 11);
    case 6: return __builtin_shufflevector(x, x, 12, 13);
    default: return __builtin_shufflevector(x, x, 14, 15);
    }
}

/// Two floats, repeated, followed by zeros. The second pair is not cleared: Valgrind 3.19 knows only one of the two
/// forms of that instruction.
CLANES clanes_floats clanes_widen(clanes_two x) {
    const clanes_two none = 0;
    return __builtin_shufflevector(x, none, 0, 1, 0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2);
}

/// Eight pairs in a row.
CLANES clanes_floats clanes_join(
    clanes_two a, clanes_two b, clanes_two c, clanes_two d, clanes_two e, clanes_two f, clanes_two g, clanes_two h) {
    const clanes_four ab = __builtin_shufflevector(a, b, 0, 1, 2, 3), cd = __builtin_shufflevector(c, d, 0, 1, 2, 3);
    const clanes_four ef = __builtin_shufflevector(e, f, 0, 1, 2, 3), gh = __builtin_shufflevector(g, h, 0, 1, 2, 3);
    const clanes_eight low = __builtin_shufflevector(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7);
    const clanes_eight high = __builtin_shufflevector(ef, gh, 0, 1, 2, 3, 4, 5, 6, 7);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/// The pairs of `x`, each moved to the next position. The first pair of `ahead` becomes the first pair.
CLANES clanes_floats clanes_later(clanes_floats ahead, clanes_floats x) {
    return __builtin_shufflevector(ahead, x, 0, 1, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
}

/// Each pair with its two floats exchanged: left and right of frames.
CLANES clanes_floats clanes_exchange(clanes_floats x) {
    return __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
}

/// The lanes `N` places on, and 0 in front of them.
#define CLANES_LATER(N, ...) \
    CLANES clanes_floats clanes_later##N(clanes_floats x) { \
        const clanes_floats none = 0; \
        return __builtin_shufflevector(none, x, __VA_ARGS__); \
    }
CLANES_LATER(1, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
CLANES_LATER(2, 0, 1, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29)
CLANES_LATER(4, 0, 1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27)
CLANES_LATER(8, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)

/// The lanes of two vectors in turn, a first: those of the lower halves.
CLANES clanes_floats clanes_zip_low(clanes_floats a, clanes_floats b) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/// The lanes of two vectors in turn, a first: those of the upper halves.
CLANES clanes_floats clanes_zip_high(clanes_floats a, clanes_floats b) {
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/// The even lanes of a, then those of b.
CLANES clanes_floats clanes_even(clanes_floats a, clanes_floats b) {
    return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

/// The odd lanes of a, then those of b.
CLANES clanes_floats clanes_odd(clanes_floats a, clanes_floats b) {
    return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

#endif
