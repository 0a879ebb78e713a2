#include "frame/csv/values.hpp"
#include "frame/expression/lexer.hpp"
#include "frame/expression/term.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"
#include "partita/frame/expression.hpp"

#include <limits>
#include <span>

namespace partita::frame {

namespace expression {

namespace {

/// Recursive descent, one function per level of precedence, straight to typed terms.
class Parser {
  public:
    Parser(std::string_view text, Schema const& schema)
        : tokens_(tokens_of(text)), schema_(schema) {}

    TermRef parse() {
        TermRef term = disjunction();
        if (now().kind != Token::end) unexpected("an operator or the end");
        return term;
    }

  private:
    Token const& now() const { return tokens_[at_]; }
    Token const& following() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }

    bool is_sign(std::string_view sign) const {
        return now().kind == Token::sign && now().value == sign;
    }
    bool is_word(std::string_view word) const {
        return now().kind == Token::word && now().lower == word;
    }
    bool take_sign(std::string_view sign) {
        if (!is_sign(sign)) return false;
        ++at_;
        return true;
    }
    bool take_word(std::string_view word) {
        if (!is_word(word)) return false;
        ++at_;
        return true;
    }
    void expect_sign(std::string_view sign) {
        if (!take_sign(sign)) unexpected(fmt::format("'{}'", sign));
    }
    void expect_word(std::string_view word) {
        if (!take_word(word)) unexpected(fmt::format("'{}'", word));
    }
    [[noreturn]] void unexpected(std::string_view wanted) const {
        fail("expected {} at position {}, got {}", wanted, now().position,
             now().kind == Token::end ? "the end" : "'" + now().value + "'");
    }

    /// Terms lie within terms as deep as functions call each other, so that depth is bounded.
    class Level {
      public:
        explicit Level(int& depth) : depth_(++depth) { check_depth(depth); }
        ~Level() { --depth_; }
        Level(Level const&) = delete;
        Level& operator=(Level const&) = delete;

      private:
        int& depth_;
    };
    static void check_depth(int depth) {
        constexpr int deepest = 1000;
        check(depth <= deepest, "expected at most {} operations within each other, got more",
              deepest);
    }

    /// Each of these lies within the next one.
    static void check_length(int length) {
        constexpr int longest = 4000;
        check(length <= longest, "expected at most {} operations in a row, got more", longest);
    }

    /// Terms that are joined by one operator, which is associative, as a tree of little depth.
    static TermRef balanced(std::span<TermRef const> terms, TermRef (*join)(TermRef, TermRef)) {
        if (terms.size() == 1) return terms.front();
        std::size_t const half = terms.size() / 2;
        return join(balanced(terms.first(half), join), balanced(terms.subspan(half), join));
    }

    TermRef disjunction() {
        Level const level(depth_);
        std::vector<TermRef> terms{conjunction()};
        while (take_word("or") || take_sign("||")) terms.push_back(conjunction());
        return balanced(terms, or_term);
    }
    TermRef conjunction() {
        std::vector<TermRef> terms{negation()};
        while (take_word("and") || take_sign("&&")) terms.push_back(negation());
        return balanced(terms, and_term);
    }
    TermRef negation() {
        Level const level(depth_);
        if (take_word("not") || take_sign("!")) return not_term(negation());
        return comparison();
    }

    TermRef comparison() {
        TermRef term = sum();
        constexpr std::pair<std::string_view, std::string_view> signs[] = {
            {"=", "="},   {"==", "="},  {"!=", "!="}, {"<>", "!="},
            {"<=", "<="}, {">=", ">="}, {"<", "<"},   {">", ">"}};
        for (auto const& [sign, op] : signs)
            if (take_sign(sign)) return comparison_term(op, std::move(term), sum());
        if (take_word("is")) {
            bool const negated = take_word("not");
            expect_word("null");
            TermRef is_null = is_null_term(std::move(term));
            return negated ? not_term(std::move(is_null)) : is_null;
        }
        bool const negated =
            is_word("not") && (following().lower == "in" || following().lower == "between");
        if (negated) ++at_;
        TermRef result = term;
        if (take_word("in"))
            result = one_of_list(term);
        else if (take_word("between"))
            result = within(term);
        return negated ? not_term(std::move(result)) : result;
    }

    TermRef one_of_list(TermRef const& term) {
        expect_sign("(");
        std::vector<TermRef> equal;
        do equal.push_back(comparison_term("=", term, sum()));
        while (take_sign(","));
        expect_sign(")");
        return balanced(equal, or_term);
    }

    TermRef within(TermRef const& term) {
        TermRef low = sum();
        expect_word("and");
        TermRef high = sum();
        return and_term(comparison_term(">=", term, std::move(low)),
                        comparison_term("<=", term, std::move(high)));
    }

    TermRef sum() {
        TermRef term = product();
        for (int length = 0;; check_length(++length)) {
            if (take_sign("+"))
                term = arithmetic_term('+', std::move(term), product());
            else if (take_sign("-"))
                term = arithmetic_term('-', std::move(term), product());
            else
                return term;
        }
    }
    TermRef product() {
        TermRef term = factor();
        for (int length = 0;; check_length(++length)) {
            if (take_sign("*"))
                term = arithmetic_term('*', std::move(term), factor());
            else if (take_sign("/"))
                term = arithmetic_term('/', std::move(term), factor());
            else if (take_sign("%"))
                term = arithmetic_term('%', std::move(term), factor());
            else
                return term;
        }
    }
    TermRef factor() {
        Level const level(depth_);
        if (take_sign("+")) return factor();
        if (!take_sign("-")) return primary();
        if (now().kind == Token::number) {  // so that the smallest int64 can be written
            Token const& token = tokens_[at_++];
            return number_term("-" + token.value);
        }
        return arithmetic_term('-', int64_term(0), factor());
    }

    TermRef primary() {
        if (take_sign("(")) {
            TermRef term = disjunction();
            expect_sign(")");
            return term;
        }
        Token const& token = now();
        if (token.kind == Token::end || token.kind == Token::sign)
            unexpected("a name, a value or '('");
        ++at_;
        if (token.kind == Token::number) return number_term(token.value);
        if (token.kind == Token::text) return text_term(token.value);
        if (token.kind == Token::word) {
            if (is_sign("(")) return call(token);
            if (!schema_.find(token.value)) {
                if (token.lower == "true" || token.lower == "false")
                    return bool_term(token.lower == "true");
                if (token.lower == "null") return null_term(Type::text);
            }
        }
        std::int64_t const column = schema_.index_of(token.value);
        return column_term(schema_[column].type, column);
    }

    TermRef call(Token const& name) {
        expect_sign("(");
        std::vector<TermRef> arguments;
        if (!is_sign(")")) do
                arguments.push_back(disjunction());
            while (take_sign(","));
        expect_sign(")");
        TermRef term = function_term(name.lower, std::move(arguments));
        check(term != nullptr, "no function '{}' for these arguments{}", name.value,
              did_you_mean(name.value, function_names()));
        return term;
    }

    static TermRef number_term(std::string const& text) {
        std::int64_t integer = 0;
        double number = 0;
        if (csv::parse_int64_slow(text, integer)) return int64_term(integer);
        check(csv::parse_double_slow(text, number), "expected a number, got '{}'", text);
        return float64_term(number);
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int depth_ = 0;
    Schema const& schema_;
};

}  // namespace

}  // namespace expression

Expression::Expression(std::string_view text, Schema const& schema) : text_(text) {
    try {
        term_ = expression::Parser(text, schema).parse();
    } catch (Error const& error) {
        fail("'{}': {}", text, error.what());
    }
}

Type Expression::type() const { return term_->type; }

Column Expression::evaluate(Block const& block) const {
    try {
        return term_->evaluate(block);
    } catch (Error const& error) {
        fail("'{}': {}", text_, error.what());
    }
}

}  // namespace partita::frame
