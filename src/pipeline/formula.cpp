#include "partita/pipeline/formula.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

namespace partita::pipeline {

namespace {

using Term = std::vector<std::string>;
using Terms = std::vector<Term>;

bool is_name_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
}

bool same_columns(Term const& a, Term const& b) {
    return std::set(a.begin(), a.end()) == std::set(b.begin(), b.end());
}

void add(Terms& terms, Term const& term) {
    for (Term const& other : terms)
        if (same_columns(term, other)) return;
    terms.push_back(term);
}

void remove(Terms& terms, Term const& term) {
    std::erase_if(terms, [&](Term const& other) { return same_columns(term, other); });
}

Term product(Term const& a, Term const& b) {
    Term both = a;
    for (std::string const& column : b)
        if (std::find(both.begin(), both.end(), column) == both.end()) both.push_back(column);
    return both;
}

Terms products(Terms const& a, Terms const& b) {
    Terms all;
    for (Term const& x : a)
        for (Term const& y : b) add(all, product(x, y));
    return all;
}

/// sum := product (("+" | "-") product)*;  product := power (("*" | ":") power)*;
/// power := atom ("^" number)?;  atom := name | "." | "0" | "1" | "(" sum ")".
class Parser {
  public:
    Parser(std::string_view text, std::vector<std::string> const& columns)
        : text_(text), columns_(columns) {}

    Formula parse() {
        if (peek() != '~') formula_.label = name();
        expect('~');
        formula_.terms = sum();
        if (peek() != 0) unexpected();
        return std::move(formula_);
    }

  private:
    char peek() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    [[noreturn]] void unexpected() {
        if (peek() == 0) fail("formula '{}': expected more at the end", text_);
        fail("formula '{}': did not expect '{}' at character {}", text_, text_[at_], at_ + 1);
    }

    void expect(char c) {
        if (peek() != c) unexpected();
        ++at_;
    }

    bool take(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }

    std::string name() {
        std::string found;
        if (take('`')) {
            std::size_t const end = text_.find('`', at_);
            check(end != std::string_view::npos, "formula '{}': a backtick is not closed", text_);
            found = text_.substr(at_, end - at_);
            at_ = end + 1;
        } else {
            peek();
            while (at_ < text_.size() && is_name_character(text_[at_])) found += text_[at_++];
        }
        if (found.empty()) unexpected();
        check(std::find(columns_.begin(), columns_.end(), found) != columns_.end(),
              "formula '{}': no column '{}'{}", text_, found, did_you_mean(found, columns_));
        return found;
    }

    Terms sum() {
        Terms all;
        bool plus = !take('-');
        while (true) {
            bool is_constant = false;
            Terms const next = summand(plus, is_constant);
            for (Term const& term : next) plus ? add(all, term) : remove(all, term);
            if (take('+'))
                plus = true;
            else if (take('-'))
                plus = false;
            else
                return all;
        }
    }

    /// A product, or 1 or 0 for the intercept.
    Terms summand(bool plus, bool& is_constant) {
        char const c = peek();
        bool const lone = at_ + 1 >= text_.size() || !is_name_character(text_[at_ + 1]);
        is_constant = (c == '0' || c == '1') && lone;
        if (!is_constant) return products_of();
        ++at_;
        formula_.intercept = (c == '1') == plus;
        return {};
    }

    Terms products_of() {
        Terms all = power();
        while (true) {
            if (take(':')) {
                all = products(all, power());
            } else if (take('*')) {
                Terms const right = power(), both = products(all, right);
                for (Term const& term : right) add(all, term);
                for (Term const& term : both) add(all, term);
            } else {
                return all;
            }
        }
    }

    Terms power() {
        Terms const base = atom();
        if (!take('^')) return base;
        peek();
        int exponent = 0;
        auto const [end, error] =
            std::from_chars(text_.data() + at_, text_.data() + text_.size(), exponent);
        if (error != std::errc() || exponent < 1) unexpected();
        at_ = static_cast<std::size_t>(end - text_.data());
        Terms all = base, last = base;
        for (int i = 1; i < exponent; ++i) {
            last = products(last, base);
            for (Term const& term : last) add(all, term);
        }
        return all;
    }

    Terms atom() {
        if (take('(')) {
            Terms const inner = sum();
            expect(')');
            return inner;
        }
        bool const dot =
            peek() == '.' && (at_ + 1 >= text_.size() || !is_name_character(text_[at_ + 1]));
        if (!dot) return {{name()}};
        ++at_;
        Terms all;
        for (std::string const& column : columns_)
            if (column != formula_.label) all.push_back({column});
        return all;
    }

    std::string_view text_;
    std::vector<std::string> const& columns_;
    std::size_t at_ = 0;
    Formula formula_;
};

}  // namespace

Formula parse_formula(std::string_view text, std::vector<std::string> const& columns) {
    return Parser(text, columns).parse();
}

}  // namespace partita::pipeline
