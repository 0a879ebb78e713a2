#include "frame/csv/open_quote.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/dataset/text_stream.hpp"

#include <cstdint>
#include <memory>

namespace partita::frame::csv {

namespace {

/// Where a quote stands, and the text behind it.
struct Quote {
    std::int64_t line = 1, field = 0;
    std::string behind;
};

/// Reads a file character by character and looks at its quotes.
class QuoteSearch {
  public:
    explicit QuoteSearch(char separator) : separator_(separator) {}

    void add(char c) {
        constexpr std::size_t shown = 24;
        if (c == '\n' || c == '\r' || c == '"') shows_ = false;
        if (shows_ && last_->behind.size() < shown) last_->behind += c;
        if (!found_) step(c);
        if (c == '\n') ++line_;
    }
    Quote blamed() {
        if (!found_ && state_ == State::inside) found_ = open_;
        return found_ ? *found_ : bare_ ? *bare_ : last_ ? *last_ : Quote{};
    }

  private:
    enum class State { field_begin, bare, inside, behind_quote };

    void step(char c) {
        if (c == '"') return step_quote();
        if (state_ == State::inside) return;
        if (c == separator_ || c == '\n') {
            field_ = c == '\n' ? 0 : field_ + 1;
            state_ = State::field_begin;
        } else if (state_ == State::behind_quote && c != '\r') {
            found_ = open_;  // so the quote before it closed nothing
        } else if (state_ == State::field_begin) {
            state_ = State::bare;
        }
    }
    void step_quote() {
        last_ = std::make_shared<Quote>(Quote{line_, field_, {}});
        shows_ = true;
        switch (state_) {
            case State::field_begin:
                open_ = last_;
                state_ = State::inside;
                break;
            case State::inside:
                state_ = State::behind_quote;
                break;
            case State::behind_quote:  // a doubled one
                state_ = State::inside;
                break;
            case State::bare:
                if (!bare_) bare_ = last_;
                break;
        }
    }

    char separator_;
    State state_ = State::field_begin;
    bool shows_ = false;  ///< Whether the next character is behind last_, on its line.
    std::int64_t line_ = 1, field_ = 0;
    std::shared_ptr<Quote> open_, bare_, last_, found_;
};

}  // namespace

void fail_open_quote(std::string const& path, Dialect const& dialect) {
    constexpr std::int64_t buffer_bytes = 256 << 10;
    auto const stream = dataset::open_text_stream(path, 0);
    Buffer<char> buffer(buffer_bytes);
    QuoteSearch search(dialect.separator);
    for (std::int64_t got; (got = stream->read(buffer.data(), buffer_bytes)) > 0;)
        for (std::int64_t i = 0; i < got; ++i) search.add(buffer[i]);
    Quote const quote = search.blamed();
    auto const field = static_cast<std::size_t>(quote.field);
    std::string const column = field < dialect.names.size() ? "'" + dialect.names[field] + "'"
                                                            : std::to_string(quote.field + 1);
    fail("{}: line {}, column {}: expected a closing quote for the one before \"{}\", got none",
         path, quote.line, column, quote.behind);
}

}  // namespace partita::frame::csv
