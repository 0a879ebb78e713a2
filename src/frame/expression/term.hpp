#pragma once

#include "partita/frame/expression.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace partita::frame {

/// A part of an expression, with its type.
struct Expression::Term {
    explicit Term(Type its_type) : type(its_type) {}
    virtual ~Term() = default;
    virtual Column evaluate(Block const& block) const = 0;
    /// Whether it is the word null, which takes the type that is wanted of it.
    virtual bool is_null_word() const { return false; }
    /// Whether no column is in it: then it looks at nothing of a block but its number of rows.
    virtual bool is_constant() const { return false; }

    Type type;
};

namespace expression {

using TermRef = std::shared_ptr<Expression::Term const>;

TermRef column_term(Type type, std::int64_t column);
TermRef null_term(Type type);
TermRef int64_term(std::int64_t value);
TermRef float64_term(double value);
TermRef bool_term(bool value);
TermRef text_term(std::string value);

/// `term` as another type; the same when it has it.
TermRef cast_term(TermRef term, Type type);

/// + - * / %. @throws Error unless both are numbers.
TermRef arithmetic_term(char op, TermRef a, TermRef b);
/// "=", "!=", "<", "<=", ">" or ">=". @throws Error when the types cannot be compared.
TermRef comparison_term(std::string_view op, TermRef a, TermRef b);
TermRef and_term(TermRef a, TermRef b);
TermRef or_term(TermRef a, TermRef b);
TermRef not_term(TermRef a);
TermRef is_null_term(TermRef a);
/// A function by its name in lower case; null when there is none.
TermRef function_term(std::string const& name, std::vector<TermRef> arguments);
std::vector<std::string> function_names();

/// Make both of the type that they have in common.
void promote(TermRef& a, TermRef& b, std::string_view what);

}  // namespace expression

}  // namespace partita::frame
