#include "frame/expression/each_text.hpp"
#include "frame/expression/kernels.hpp"
#include "frame/expression/term.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/column_builder.hpp"

#include <cmath>
#include <functional>

namespace partita::frame::expression {

namespace {

/// A term that a function computes from its operands' columns.
template <class F>
class Computed final : public Expression::Term {
  public:
    Computed(Type type, std::vector<TermRef> operands, F f)
        : Expression::Term(type), operands_(std::move(operands)), f_(std::move(f)) {}
    Column evaluate(Block const& block) const override { return of_operands(operands_, block, f_); }
    bool is_constant() const override { return are_constant(operands_); }

  private:
    std::vector<TermRef> operands_;
    F f_;
};

template <class F>
TermRef computed(Type type, std::vector<TermRef> operands, F f) {
    return std::make_shared<Computed<F>>(type, std::move(operands), std::move(f));
}

class NullTerm final : public Expression::Term {
  public:
    explicit NullTerm(Type type) : Expression::Term(type) {}
    bool is_null_word() const override { return true; }
    bool is_constant() const override { return true; }
    Column evaluate(Block const& block) const override {
        ColumnBuilder nulls(type);
        nulls.append_nulls(block.rows());
        return nulls.finish();
    }
};

template <class T>
TermRef constant(Type type, T value) {
    return computed(type, {}, [type, value](std::int64_t rows, std::vector<Column> const&) {
        return compute<T>(type, rows, nullptr, [&](std::int64_t) { return value; });
    });
}

template <class Op>
Column int_arithmetic(Column const& a, Column const& b, Op const& op) {
    auto const *const x = a.values<std::int64_t>(), *const y = b.values<std::int64_t>();
    return compute<std::int64_t>(Type::int64, a.size(), merged_nulls(a, b), [&](std::int64_t i) {
        std::int64_t value = 0;
        if (op(x[i], y[i], &value)) [[unlikely]]
            fail("expected an int64 as a result, got more than it holds (from {} and {})", x[i],
                 y[i]);
        return value;
    });
}

template <class Op>
Column float_arithmetic(Column const& a, Column const& b, Op const& op) {
    auto const *const x = a.values<double>(), *const y = b.values<double>();
    return compute<double>(Type::float64, a.size(), merged_nulls(a, b),
                           [&](std::int64_t i) { return op(x[i], y[i]); });
}

template <class T>
std::shared_ptr<Buffer<std::uint8_t>> null_where_zero(Column const& a, Column const& b) {
    T const* const divisors = b.values<T>();
    auto marks = merged_nulls(a, b);
    for (std::int64_t i = 0; i < b.size(); ++i) {
        if (divisors[i] != T{}) continue;
        if (!marks) {
            marks = make_array<std::uint8_t>(a.size());
            std::memset(marks->data(), 0, static_cast<std::size_t>(a.size()));
        }
        marks->data()[i] = 1;
    }
    return marks;
}

Column divide(Column const& a, Column const& b) {
    auto const *const x = a.values<double>(), *const y = b.values<double>();
    return compute<double>(Type::float64, a.size(), null_where_zero<double>(a, b),
                           [&](std::int64_t i) { return x[i] / y[i]; });
}

Column remainder(Column const& a, Column const& b) {
    if (a.type() == Type::float64) {
        auto const *const x = a.values<double>(), *const y = b.values<double>();
        return compute<double>(Type::float64, a.size(), null_where_zero<double>(a, b),
                               [&](std::int64_t i) { return std::fmod(x[i], y[i]); });
    }
    auto const *const x = a.values<std::int64_t>(), *const y = b.values<std::int64_t>();
    return compute<std::int64_t>(Type::int64, a.size(), null_where_zero<std::int64_t>(a, b),
                                 [&](std::int64_t i) { return y[i] == -1 ? 0 : x[i] % y[i]; });
}

Column calculate(char op, Column const& a, Column const& b) {
    if (op == '/') return divide(a, b);
    if (op == '%') return remainder(a, b);
    bool const floats = a.type() == Type::float64;
    using I = std::int64_t;
    switch (op) {
        case '+':
            return floats ? float_arithmetic(a, b, std::plus())
                          : int_arithmetic(a, b, [](I x, I y, I* z) {
                                return __builtin_add_overflow(x, y, z);
                            });
        case '-':
            return floats ? float_arithmetic(a, b, std::minus())
                          : int_arithmetic(a, b, [](I x, I y, I* z) {
                                return __builtin_sub_overflow(x, y, z);
                            });
        default:
            return floats ? float_arithmetic(a, b, std::multiplies())
                          : int_arithmetic(a, b, [](I x, I y, I* z) {
                                return __builtin_mul_overflow(x, y, z);
                            });
    }
}

/// NaN equals itself and is larger than all other numbers.
template <class T>
bool is_less(T a, T b) {
    if constexpr (std::is_floating_point_v<T>)
        return a < b || (std::isnan(b) && !std::isnan(a));
    else
        return a < b;
}
template <class T>
bool is_equal(T a, T b) {
    if constexpr (std::is_floating_point_v<T>)
        return a == b || (std::isnan(a) && std::isnan(b));
    else
        return a == b;
}

template <class Get>
Column compare_by(std::string_view op, Column const& a, Column const& b, Get const& get) {
    auto const run = [&](auto const& holds) {
        return compute<std::uint8_t>(
            Type::boolean, a.size(), merged_nulls(a, b),
            [&](std::int64_t i) -> std::uint8_t { return holds(get(a, i), get(b, i)); });
    };
    if (op == "=") return run([](auto x, auto y) { return is_equal(x, y); });
    if (op == "!=") return run([](auto x, auto y) { return !is_equal(x, y); });
    if (op == "<") return run([](auto x, auto y) { return is_less(x, y); });
    if (op == "<=") return run([](auto x, auto y) { return !is_less(y, x); });
    if (op == ">") return run([](auto x, auto y) { return is_less(y, x); });
    return run([](auto x, auto y) { return !is_less(x, y); });
}

template <class T>
Column compare_flat(std::string_view op, Column const& a, Column const& b) {
    T const *const x = a.values<T>(), *const y = b.values<T>();
    return compare_by(op, a, b, [&, first = &a](Column const& column, std::int64_t i) {
        return &column == first ? x[i] : y[i];
    });
}

Column compare(std::string_view op, Column const& a, Column const& b) {
    switch (a.type()) {
        case Type::int64:
        case Type::timestamp:
            return compare_flat<std::int64_t>(op, a, b);
        case Type::float64:
            return compare_flat<double>(op, a, b);
        case Type::boolean:
            return compare_flat<std::uint8_t>(op, a, b);
        default:
            return compare_by(op, a, b,
                              [](Column const& column, std::int64_t i) { return column.text(i); });
    }
}

TermRef as_bool(TermRef term, std::string_view what) {
    if (term->is_null_word()) return null_term(Type::boolean);
    check(term->type == Type::boolean, "expected a condition {}, got {}", what,
          to_string(term->type));
    return term;
}

/// and (`decides` = false) and or (true): a side with the deciding value decides.
Column join_conditions(Column const& a, Column const& b, std::uint8_t decides) {
    auto const *const x = a.values<std::uint8_t>(), *const y = b.values<std::uint8_t>();
    auto marks = merged_nulls(a, b);
    if (marks)
        for (std::int64_t i = 0; i < a.size(); ++i)
            if ((!a.is_null(i) && x[i] == decides) || (!b.is_null(i) && y[i] == decides))
                marks->data()[i] = 0;
    auto values = make_array<std::uint8_t>(a.size());
    for (std::int64_t i = 0; i < a.size(); ++i) {
        bool const decided =
            (!a.is_null(i) && x[i] == decides) || (!b.is_null(i) && y[i] == decides);
        values->data()[i] =
            marks && marks->data()[i] ? 0 : static_cast<std::uint8_t>(decided ? decides : !decides);
    }
    return flat_column<std::uint8_t>(Type::boolean, std::move(values), std::move(marks));
}

TermRef joined(TermRef a, TermRef b, std::uint8_t decides, std::string_view word) {
    std::string const what = fmt::format("on both sides of '{}'", word);
    return computed(Type::boolean, {as_bool(std::move(a), what), as_bool(std::move(b), what)},
                    [decides](std::int64_t, std::vector<Column> const& values) {
                        return join_conditions(values[0], values[1], decides);
                    });
}

}  // namespace

TermRef column_term(Type type, std::int64_t column) {
    struct ColumnTerm final : Expression::Term {
        ColumnTerm(Type its_type, std::int64_t its_column)
            : Expression::Term(its_type), column(its_column) {}
        Column evaluate(Block const& block) const override { return block.column(column); }
        std::int64_t column;
    };
    return std::make_shared<ColumnTerm>(type, column);
}

TermRef null_term(Type type) { return std::make_shared<NullTerm>(type); }
TermRef int64_term(std::int64_t value) { return constant(Type::int64, value); }
TermRef float64_term(double value) { return constant(Type::float64, value); }
TermRef bool_term(bool value) { return constant<std::uint8_t>(Type::boolean, value ? 1 : 0); }

TermRef text_term(std::string value) {
    return computed(Type::text, {},
                    [value = std::move(value)](std::int64_t rows, std::vector<Column> const&) {
                        ColumnBuilder text(Type::text);
                        text.append_text(value);
                        return repeated(text.finish(), rows);
                    });
}

TermRef cast_term(TermRef term, Type type) {
    if (term->type == type && !term->is_null_word()) return term;
    if (term->is_null_word()) return null_term(type);
    return computed(
        type, {std::move(term)},
        [type](std::int64_t, std::vector<Column> const& values) { return cast(values[0], type); });
}

void promote(TermRef& a, TermRef& b, std::string_view what) {
    if (a->is_null_word()) a = null_term(b->type);
    if (b->is_null_word()) b = null_term(a->type);
    check(a->type != Type::vector && b->type != Type::vector,
          "expected numbers, texts or times on both sides of {}, got a vector", what);
    Type common = a->type;
    if (a->type == b->type)
        common = a->type == Type::float32 ? Type::float64 : a->type;
    else if (is_numeric(a->type) && is_numeric(b->type))
        common = a->type == Type::float64 || b->type == Type::float64 || a->type == Type::float32 ||
                         b->type == Type::float32
                     ? Type::float64
                     : Type::int64;
    else if ((a->type == Type::timestamp && b->type == Type::text) ||
             (b->type == Type::timestamp && a->type == Type::text))
        common = Type::timestamp;
    else
        fail("expected the same type on both sides of {}, got {} and {}", what, to_string(a->type),
             to_string(b->type));
    a = cast_term(std::move(a), common);
    b = cast_term(std::move(b), common);
}

TermRef arithmetic_term(char op, TermRef a, TermRef b) {
    promote(a, b, fmt::format("'{}'", op));
    if (a->type == Type::boolean) {
        a = cast_term(std::move(a), Type::int64);
        b = cast_term(std::move(b), Type::int64);
    }
    check(a->type == Type::int64 || a->type == Type::float64,
          "expected numbers on both sides of '{}', got {}", op, to_string(a->type));
    if (op == '/') {
        a = cast_term(std::move(a), Type::float64);
        b = cast_term(std::move(b), Type::float64);
    }
    Type const type = a->type;
    return computed(type, {std::move(a), std::move(b)},
                    [op](std::int64_t, std::vector<Column> const& values) {
                        return calculate(op, values[0], values[1]);
                    });
}

TermRef comparison_term(std::string_view op, TermRef a, TermRef b) {
    promote(a, b, fmt::format("'{}'", op));
    return computed(Type::boolean, {std::move(a), std::move(b)},
                    [op = std::string(op)](std::int64_t, std::vector<Column> const& values) {
                        return compare(op, values[0], values[1]);
                    });
}

TermRef and_term(TermRef a, TermRef b) { return joined(std::move(a), std::move(b), 0, "and"); }
TermRef or_term(TermRef a, TermRef b) { return joined(std::move(a), std::move(b), 1, "or"); }

TermRef not_term(TermRef a) {
    return computed(Type::boolean, {as_bool(std::move(a), "behind 'not'")},
                    [](std::int64_t rows, std::vector<Column> const& values) {
                        auto const* const x = values[0].values<std::uint8_t>();
                        return compute<std::uint8_t>(
                            Type::boolean, rows, merged_nulls(values[0], values[0]),
                            [&](std::int64_t i) -> std::uint8_t { return !x[i]; });
                    });
}

TermRef is_null_term(TermRef a) {
    return computed(Type::boolean, {std::move(a)},
                    [](std::int64_t rows, std::vector<Column> const& values) {
                        return compute<std::uint8_t>(
                            Type::boolean, rows, nullptr,
                            [&](std::int64_t i) -> std::uint8_t { return values[0].is_null(i); });
                    });
}

}  // namespace partita::frame::expression
