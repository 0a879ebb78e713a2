// A vector of two registers, or of two such vectors, with the operators of a register.

template <class Half>
struct Pair {
    Half low, high;

    friend Pair operator+(Pair a, Pair b) { return {a.low + b.low, a.high + b.high}; }
    friend Pair operator-(Pair a, Pair b) { return {a.low - b.low, a.high - b.high}; }
    friend Pair operator*(Pair a, Pair b) { return {a.low * b.low, a.high * b.high}; }
    friend Pair operator&(Pair a, Pair b) { return {a.low & b.low, a.high & b.high}; }
    friend Pair operator-(Pair a) { return {-a.low, -a.high}; }
    friend Pair& operator+=(Pair& a, Pair b) { return a = a + b; }

    template <class Scalar>
    friend Pair operator+(Pair a, Scalar b) {
        return {a.low + b, a.high + b};
    }
    template <class Scalar>
    friend Pair operator+(Scalar a, Pair b) {
        return {a + b.low, a + b.high};
    }
    template <class Scalar>
    friend Pair operator-(Pair a, Scalar b) {
        return {a.low - b, a.high - b};
    }
    template <class Scalar>
    friend Pair operator-(Scalar a, Pair b) {
        return {a - b.low, a - b.high};
    }
    template <class Scalar>
    friend Pair operator*(Pair a, Scalar b) {
        return {a.low * b, a.high * b};
    }
    template <class Scalar>
    friend Pair operator*(Scalar a, Pair b) {
        return {a * b.low, a * b.high};
    }
    template <class Scalar>
    friend Pair operator/(Scalar a, Pair b) {
        return {a / b.low, a / b.high};
    }
    friend Pair operator<<(Pair a, int bits) { return {a.low << bits, a.high << bits}; }
    friend auto operator<(Pair a, Pair b) {
        return Pair<decltype(a.low < b.low)>{a.low < b.low, a.high < b.high};
    }
    friend auto operator>(Pair a, Pair b) { return b < a; }
};

template <class Half, class Element>
inline void read(Pair<Half>& v, Element const* from) {
    read(v.low, from);
    read(v.high, from + sizeof v.low / sizeof *from);
}
template <class Half>
inline void write(Pair<Half> v, double* to) {
    write(v.low, to);
    write(v.high, to + sizeof v.low / sizeof *to);
}

template <class Condition, class Half>
inline Pair<Half> select(Pair<Condition> condition, Pair<Half> a, Pair<Half> b) {
    return {select(condition.low, a.low, b.low), select(condition.high, a.high, b.high)};
}
template <class Half>
inline auto bits_of(Pair<Half> v) {
    return Pair<decltype(bits_of(v.low))>{bits_of(v.low), bits_of(v.high)};
}
template <class Half>
inline auto from_bits(Pair<Half> v) {
    return Pair<decltype(from_bits(v.low))>{from_bits(v.low), from_bits(v.high)};
}

template <class Half>
inline Pair<Half> evens(Pair<Half> a, Pair<Half> b) {
    return {evens(a.low, b.low), evens(a.high, b.high)};
}
template <class Half>
inline Pair<Half> odds(Pair<Half> a, Pair<Half> b) {
    return {odds(a.low, b.low), odds(a.high, b.high)};
}
template <class Half>
inline Pair<Half> lower_in_turn(Pair<Half> a, Pair<Half> b) {
    return {lower_in_turn(a.low, b.low), upper_in_turn(a.low, b.low)};
}
template <class Half>
inline Pair<Half> upper_in_turn(Pair<Half> a, Pair<Half> b) {
    return {lower_in_turn(a.high, b.high), upper_in_turn(a.high, b.high)};
}
template <class Half>
inline Pair<Half> low_halves(Pair<Half> a, Pair<Half> b) {
    return {a.low, b.low};
}
template <class Half>
inline Pair<Half> high_halves(Pair<Half> a, Pair<Half> b) {
    return {a.high, b.high};
}

#if !defined(__AVX__)
inline Pair<Register> even_pairs(Pair<Register> a, Pair<Register> b) { return {a.low, b.low}; }
inline Pair<Register> odd_pairs(Pair<Register> a, Pair<Register> b) { return {a.high, b.high}; }
#endif
template <class Half>
inline Pair<Half> even_pairs(Pair<Half> a, Pair<Half> b) {
    return {even_pairs(a.low, b.low), even_pairs(a.high, b.high)};
}
template <class Half>
inline Pair<Half> odd_pairs(Pair<Half> a, Pair<Half> b) {
    return {odd_pairs(a.low, b.low), odd_pairs(a.high, b.high)};
}
