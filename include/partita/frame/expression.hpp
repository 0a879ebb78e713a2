#pragma once

#include "partita/frame/block.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace partita::frame {

/// A formula over the columns of a row, as analysts write it:
///
///     ArrDelay > 15 and UniqueCarrier in ('CO', 'XE') and not Cancelled
///     price * quantity / 100      name is null or length(name) > 3      "odd name" % 10 = 3
///
/// - Columns by name, in double quotes or backticks when the name is no plain word; texts in single
///   quotes, '' for a quote within; numbers; true, false, null. Keywords in any case.
/// - or, and, not; = == != <> < <= > >=; [not] in (...); [not] between a and b; is [not] null;
///   + - * / %; unary -; parentheses.
/// - abs sqrt exp log floor ceil round pow(x, y), length lower upper substr(text, from 1, count)
///   split_part(text, separator, n from 1) starts_with ends_with contains(text, part),
///   concat(a, b, ...), coalesce(a, b, ...),
///   if(condition, a, b), is_nan(x), year month day hour minute second (of a timestamp),
///   and types as functions: int64(x), float64(x), string(x), bool(x), timestamp(x).
///
/// Types: int64 with int64 stays int64, and what does not fit it is an error; "/" and all else with
/// a float gives float64; bool counts as 0 and 1 in arithmetic. Null as in SQL: what is computed
/// from a null is null, except that `false and null` is false and `true or null` is true. Division
/// by zero gives null. NaN equals itself and is larger than all other numbers.
class Expression {
  public:
    /// @throws Error that quotes the expression: a column that is not there (with a suggestion), a
    ///         type that does not go with an operator, what was expected at which place.
    Expression(std::string_view text, Schema const& schema);

    std::string const& text() const { return text_; }
    Type type() const;
    /// A value for each row of a block of the schema. Thread-safe.
    /// @throws Error when an integer overflows or a text is no number that should be one.
    Column evaluate(Block const& block) const;

    struct Term;

  private:
    std::string text_;
    std::shared_ptr<Term const> term_;
};

/// The values as another type. Floats become integers by cutting off their fraction.
/// @throws Error that quotes the first value that is none of that type.
Column cast(Column const& column, Type type);

}  // namespace partita::frame
