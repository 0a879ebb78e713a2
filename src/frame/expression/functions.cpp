#include "frame/expression/each_text.hpp"
#include "frame/expression/kernels.hpp"
#include "frame/expression/term.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/column_builder.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace partita::frame::expression {

namespace {

using Columns = std::vector<Column>;
using Compute = Column (*)(std::int64_t rows, Columns const& values);

class FunctionTerm final : public Expression::Term {
  public:
    FunctionTerm(Type type, std::vector<TermRef> arguments, Compute compute)
        : Expression::Term(type), arguments_(std::move(arguments)), compute_(compute) {}
    Column evaluate(Block const& block) const override {
        return of_operands(arguments_, block, compute_);
    }
    bool is_constant() const override { return are_constant(arguments_); }

  private:
    std::vector<TermRef> arguments_;
    Compute compute_;
};

template <double (*f)(double)>
Column of_float(std::int64_t rows, Columns const& values) {
    auto const* const x = values[0].values<double>();
    return compute<double>(Type::float64, rows, merged_nulls(values[0], values[0]),
                           [&](std::int64_t i) { return f(x[i]); });
}

double square_root(double x) { return std::sqrt(x); }
double exponential(double x) { return std::exp(x); }
double logarithm(double x) { return std::log(x); }
double next_below(double x) { return std::floor(x); }
double next_above(double x) { return std::ceil(x); }
double nearest(double x) { return std::round(x); }
double magnitude(double x) { return std::abs(x); }

Column power(std::int64_t rows, Columns const& values) {
    auto const *const x = values[0].values<double>(), *const y = values[1].values<double>();
    return compute<double>(Type::float64, rows, merged_nulls(values[0], values[1]),
                           [&](std::int64_t i) { return std::pow(x[i], y[i]); });
}

Column is_nan(std::int64_t rows, Columns const& values) {
    auto const* const x = values[0].values<double>();
    return compute<std::uint8_t>(
        Type::boolean, rows, merged_nulls(values[0], values[0]),
        [&](std::int64_t i) -> std::uint8_t { return std::isnan(x[i]) ? 1 : 0; });
}

/// Characters, not bytes: those that do not continue another one.
std::int64_t characters(std::string_view text) {
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

Column length(std::int64_t rows, Columns const& values) {
    return compute<std::int64_t>(Type::int64, rows, merged_nulls(values[0], values[0]),
                                 [&](std::int64_t i) { return characters(values[0].text(i)); });
}

template <class Make>
Column texts(std::int64_t rows, Columns const& values, Make const& make) {
    ColumnBuilder out(Type::text);
    std::string text;
    for (std::int64_t row = 0; row < rows; ++row) {
        bool const null = std::any_of(values.begin(), values.end(),
                                      [&](Column const& value) { return value.is_null(row); });
        text.clear();
        if (!null) make(row, text);
        if (null)
            out.append_null();
        else
            out.append_text(text);
    }
    return out.finish();
}

template <char first, char last, int shift>
Column shift_letters(std::int64_t rows, Columns const& values) {
    return texts(rows, values, [&](std::int64_t row, std::string& out) {
        for (char const c : values[0].text(row))
            out += c >= first && c <= last ? static_cast<char>(c + shift) : c;
    });
}

Column substring(std::int64_t rows, Columns const& values) {
    auto const* const from = values[1].values<std::int64_t>();
    auto const* const count = values[2].values<std::int64_t>();
    return texts(rows, values, [&](std::int64_t row, std::string& out) {
        std::int64_t at = 0;
        for (char const c : values[0].text(row)) {
            if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++at;
            if (at >= from[row] && at - from[row] < count[row]) out += c;
        }
    });
}

/// The number-th of the parts between separators, from 1; an empty text when there are fewer.
std::string_view part_of(std::string_view text, std::string_view separator, std::int64_t number) {
    if (separator.empty()) return number == 1 ? text : std::string_view();
    while (--number > 0) {
        std::size_t const at = text.find(separator);
        if (at == std::string_view::npos) return {};
        text.remove_prefix(at + separator.size());
    }
    return number < 0 ? std::string_view() : text.substr(0, text.find(separator));
}

Column split_part(std::int64_t rows, Columns const& values) {
    auto const* const number = values[2].values<std::int64_t>();
    return texts(rows, values, [&](std::int64_t row, std::string& out) {
        out += part_of(values[0].text(row), values[1].text(row), number[row]);
    });
}

Column concatenation(std::int64_t rows, Columns const& values) {
    return texts(rows, values, [&](std::int64_t row, std::string& out) {
        for (Column const& value : values) out += value.text(row);
    });
}

template <bool (*test)(std::string_view, std::string_view)>
Column test_text(std::int64_t rows, Columns const& values) {
    return compute<std::uint8_t>(
        Type::boolean, rows, merged_nulls(values[0], values[1]),
        [&](std::int64_t i) -> std::uint8_t { return test(values[0].text(i), values[1].text(i)); });
}

bool begins(std::string_view text, std::string_view part) { return text.starts_with(part); }
bool ends(std::string_view text, std::string_view part) { return text.ends_with(part); }
bool holds_part(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// The first value that is not null; choose(row) tells which column to take a row from.
template <class Choose>
Column choose_rows(std::int64_t rows, Columns const& values, Choose const& choose) {
    ColumnBuilder out(values.back().type());
    for (std::int64_t row = 0; row < rows; ++row) out.append_row(values[choose(row)], row);
    return out.finish();
}

Column coalesce(std::int64_t rows, Columns const& values) {
    return choose_rows(rows, values, [&](std::int64_t row) {
        std::size_t i = 0;
        while (i + 1 < values.size() && values[i].is_null(row)) ++i;
        return i;
    });
}

Column if_else(std::int64_t rows, Columns const& values) {
    auto const* const holds = values[0].values<std::uint8_t>();
    return choose_rows(rows, values, [&](std::int64_t row) {
        return !values[0].is_null(row) && holds[row] ? std::size_t{1} : std::size_t{2};
    });
}

enum class Part { year, month, day, hour, minute, second };

template <Part part>
Column part_of_time(std::int64_t rows, Columns const& values) {
    auto const* const times = values[0].values<std::int64_t>();
    return compute<std::int64_t>(
        Type::int64, rows, merged_nulls(values[0], values[0]), [&](std::int64_t i) -> std::int64_t {
            using namespace std::chrono;
            sys_time<microseconds> const time{microseconds(times[i])};
            auto const midnight = floor<days>(time);
            year_month_day const date(midnight);
            std::int64_t const seconds = floor<std::chrono::seconds>(time - midnight).count();
            switch (part) {
                case Part::year:
                    return static_cast<int>(date.year());
                case Part::month:
                    return static_cast<unsigned>(date.month());
                case Part::day:
                    return static_cast<unsigned>(date.day());
                case Part::hour:
                    return seconds / 3600;
                case Part::minute:
                    return seconds / 60 % 60;
                case Part::second:
                    return seconds % 60;
            }
            return 0;
        });
}

struct Function {
    char const* name;
    std::vector<Type> arguments;
    Type result;
    Compute compute;
};

constexpr Type number = Type::float64, text = Type::text, integer = Type::int64;

std::vector<Function> const& functions() {
    static std::vector<Function> const all = {
        {"abs", {number}, number, of_float<magnitude>},
        {"sqrt", {number}, number, of_float<square_root>},
        {"exp", {number}, number, of_float<exponential>},
        {"log", {number}, number, of_float<logarithm>},
        {"floor", {number}, number, of_float<next_below>},
        {"ceil", {number}, number, of_float<next_above>},
        {"round", {number}, number, of_float<nearest>},
        {"pow", {number, number}, number, power},
        {"is_nan", {number}, Type::boolean, is_nan},
        {"length", {text}, integer, length},
        {"lower", {text}, text, shift_letters<'A', 'Z', 32>},
        {"upper", {text}, text, shift_letters<'a', 'z', -32>},
        {"substr", {text, integer, integer}, text, substring},
        {"split_part", {text, text, integer}, text, split_part},
        {"starts_with", {text, text}, Type::boolean, test_text<begins>},
        {"ends_with", {text, text}, Type::boolean, test_text<ends>},
        {"contains", {text, text}, Type::boolean, test_text<holds_part>},
        {"year", {Type::timestamp}, integer, part_of_time<Part::year>},
        {"month", {Type::timestamp}, integer, part_of_time<Part::month>},
        {"day", {Type::timestamp}, integer, part_of_time<Part::day>},
        {"hour", {Type::timestamp}, integer, part_of_time<Part::hour>},
        {"minute", {Type::timestamp}, integer, part_of_time<Part::minute>},
        {"second", {Type::timestamp}, integer, part_of_time<Part::second>},
    };
    return all;
}

TermRef make(Type type, std::vector<TermRef> arguments, Compute compute) {
    return std::make_shared<FunctionTerm>(type, std::move(arguments), compute);
}

bool fits(Type from, Type to) {
    return from == to || (is_numeric(from) && to == number) ||
           (from == Type::boolean && to == integer) || (from == text && to == Type::timestamp);
}

/// Functions with any number of arguments, of types that depend on each other.
TermRef varying_function(std::string const& name, std::vector<TermRef>& arguments) {
    if (name == "concat") {
        for (TermRef& argument : arguments) argument = cast_term(std::move(argument), text);
        check(!arguments.empty(), "concat: expected at least one argument, got none");
        return make(text, std::move(arguments), concatenation);
    }
    if (name == "coalesce" && !arguments.empty()) {
        for (int round = 0; round < 2; ++round)  // the second time all take the common type
            for (TermRef& argument : arguments) promote(arguments.back(), argument, "coalesce");
        Type const type = arguments.back()->type;
        return make(type, std::move(arguments), coalesce);
    }
    if (name == "if" && arguments.size() == 3) {
        check(arguments[0]->type == Type::boolean, "if: expected a condition first, got {}",
              to_string(arguments[0]->type));
        promote(arguments[1], arguments[2], "if");
        Type const type = arguments[1]->type;
        return make(type, std::move(arguments), if_else);
    }
    return nullptr;
}

}  // namespace

std::vector<std::string> function_names() {
    std::vector<std::string> names{"concat",  "coalesce", "if",   "int64",
                                   "float64", "string",   "bool", "timestamp"};
    for (Function const& function : functions()) names.emplace_back(function.name);
    return names;
}

TermRef function_term(std::string const& name, std::vector<TermRef> arguments) {
    for (Type const type :
         {Type::int64, Type::float64, Type::float32, Type::boolean, Type::text, Type::timestamp}) {
        if (name != to_string(type)) continue;
        check(arguments.size() == 1, "{}: expected 1 argument, got {}", name, arguments.size());
        return cast_term(std::move(arguments[0]), type);
    }
    if (TermRef varying = varying_function(name, arguments)) return varying;
    for (Function const& function : functions()) {
        if (name != function.name) continue;
        check(arguments.size() == function.arguments.size(), "{}: expected {} arguments, got {}",
              name, function.arguments.size(), arguments.size());
        bool const whole = name == "abs" && arguments[0]->type == integer;
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            Type const wanted = function.arguments[i];
            check(arguments[i]->is_null_word() || fits(arguments[i]->type, wanted),
                  "{}: expected {} as argument {}, got {}", name, to_string(wanted), i + 1,
                  to_string(arguments[i]->type));
            arguments[i] = cast_term(std::move(arguments[i]), wanted);
        }
        TermRef result = make(function.result, std::move(arguments), function.compute);
        return whole ? cast_term(std::move(result), integer) : result;
    }
    return nullptr;
}

}  // namespace partita::frame::expression
