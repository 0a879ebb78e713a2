#include "partita/frame/aggregate.hpp"

#include "frame/csv/values.hpp"
#include "frame/expression/lexer.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

namespace partita::frame {

namespace {

using expression::Token;

struct KindName {
    char const* name;
    Aggregate::Kind kind;
};
constexpr KindName kind_names[] = {
    {"count", Aggregate::count},       {"sum", Aggregate::sum},
    {"mean", Aggregate::mean},         {"min", Aggregate::min},
    {"max", Aggregate::max},           {"var", Aggregate::var},
    {"stddev", Aggregate::stddev},     {"first", Aggregate::first},
    {"quantile", Aggregate::quantile}, {"count_distinct", Aggregate::count_distinct}};

std::string name_of(Aggregate::Kind kind) {
    for (KindName const& one : kind_names)
        if (one.kind == kind) return one.name;
    return "?";
}

Aggregate::Kind parse_kind(std::string const& word) {
    std::vector<std::string> names{"median"};
    for (KindName const& one : kind_names) {
        if (word == one.name) return one.kind;
        names.emplace_back(one.name);
    }
    if (word == "median") return Aggregate::quantile;
    fail("no aggregate '{}'{}", word, did_you_mean(word, names));
}

/// Reads "mean(x) as m, ...".
class AggregateParser {
  public:
    explicit AggregateParser(std::string_view text) : tokens_(expression::tokens_of(text)) {}

    std::vector<Aggregate> parse() {
        std::vector<Aggregate> all;
        do all.push_back(one());
        while (take(","));
        if (now().kind != Token::end) unexpected("',' or the end");
        return all;
    }

  private:
    Token const& now() const { return tokens_[at_]; }
    bool take(std::string_view sign) {
        if (now().kind != Token::sign || now().value != sign) return false;
        ++at_;
        return true;
    }
    [[noreturn]] void unexpected(std::string_view wanted) const {
        fail("expected {} at position {}, got '{}'", wanted, now().position, now().value);
    }
    std::string name(std::string_view wanted) {
        if (now().kind != Token::word && now().kind != Token::quoted_name) unexpected(wanted);
        return tokens_[at_++].value;
    }

    Aggregate one() {
        Aggregate aggregate;
        std::string const word = now().lower;
        name("an aggregate, as in mean(x)");
        aggregate.kind = parse_kind(word);
        if (!take("(")) unexpected("'('");
        if (!take(")")) {
            if (!take("*")) aggregate.column = name("a column");
            if (word == "quantile") {
                if (!take(",")) unexpected("',' and a fraction");
                if (now().kind != Token::number ||
                    !csv::parse_double_slow(now().value, aggregate.fraction))
                    unexpected("a fraction");
                ++at_;
            }
            if (!take(")")) unexpected("')'");
        }
        if (word == "median" && !aggregate.column.empty())
            aggregate.name = "median_" + aggregate.column;
        if (now().kind == Token::word && now().lower == "as") {
            ++at_;
            aggregate.name = name("a name");
        }
        return aggregate;
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

}  // namespace

std::string Aggregate::result_name() const {
    if (!name.empty()) return name;
    return column.empty() ? name_of(kind) : name_of(kind) + "_" + column;
}

Type Aggregate::result_type(Schema const& schema) const {
    if (column.empty()) {
        check(kind == count, "{}: expected a column, as in {}(x)", name_of(kind), name_of(kind));
        return Type::int64;
    }
    std::int64_t const at = schema.index_of(column);
    Type const input = schema[at].type;
    if (kind != count) check_keys(schema, {&at, 1}, name_of(kind));
    switch (kind) {
        case count:
        case count_distinct:
            return Type::int64;
        case min:
        case max:
        case first:
            return input;
        default:
            break;
    }
    check(is_numeric(input), "{}: expected a column of numbers, got '{}', which is {}",
          name_of(kind), column, to_string(input));
    check(kind != quantile || (fraction >= 0 && fraction <= 1),
          "quantile: expected a fraction within [0, 1], got {}", fraction);
    bool const whole = input == Type::int64 || input == Type::boolean;
    return kind == sum && whole ? Type::int64 : Type::float64;
}

std::vector<Aggregate> parse_aggregates(std::string_view text) {
    try {
        return AggregateParser(text).parse();
    } catch (Error const& error) {
        fail("'{}': {}", text, error.what());
    }
}

}  // namespace partita::frame
