#include "format/npy_dict.hpp"

#include "partita/core/error.hpp"

#include <charconv>
#include <set>

namespace partita::format {
namespace {

/// A cursor over the dictionary's text: each function takes one thing off its front.
class DictText {
  public:
    DictText(std::string const& path, std::string_view text) : path_(path), text_(text) {}

    NpyDict parse() {
        NpyDict dict;
        std::set<std::string> seen;
        expect('{');
        while (!accept('}')) {
            std::string const key = quoted();
            check(seen.insert(key).second, "{}: header key '{}' appears twice", path_, key);
            expect(':');
            parse_value(key, dict);
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        skip_blanks();
        check(text_.empty(), "{}: expected the header to end after its dictionary, got {}", path_,
              shown_rest());
        for (char const* key : {"descr", "fortran_order", "shape"})
            check(seen.contains(key), "{}: expected a header with the key '{}'", path_, key);
        return dict;
    }

  private:
    void parse_value(std::string const& key, NpyDict& dict) {
        if (key == "descr") {
            check(next() != '[', "{}: expected an array of numbers, got a structured array", path_);
            dict.descr = quoted();
        } else if (key == "fortran_order") {
            dict.fortran_order = boolean();
        } else if (key == "shape") {
            dict.shape = tuple();
        } else {
            fail("{}: expected the header keys descr, fortran_order and shape, got '{}'", path_,
                 key);
        }
    }

    /// The next character that is no blank; 0 at the end.
    char next() {
        skip_blanks();
        return text_.empty() ? '\0' : text_.front();
    }

    void skip_blanks() {
        while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\n'))
            text_.remove_prefix(1);
    }

    bool accept(char wanted) {
        if (next() != wanted) return false;
        text_.remove_prefix(1);
        return true;
    }

    void expect(char wanted) {
        if (!accept(wanted))
            fail("{}: expected '{}' in the header, got {}", path_, wanted, shown_rest());
    }

    std::string quoted() {
        char const quote = next();
        check(quote == '\'' || quote == '"', "{}: expected a quoted word in the header, got {}",
              path_, shown_rest());
        text_.remove_prefix(1);
        std::size_t const end = text_.find(quote);
        check(end != text_.npos, "{}: a quote in the header does not end", path_);
        std::string word(text_.substr(0, end));
        text_.remove_prefix(end + 1);
        return word;
    }

    bool boolean() {
        next();
        for (std::string_view const word : {"True", "False"})
            if (text_.starts_with(word)) {
                text_.remove_prefix(word.size());
                return word == "True";
            }
        fail("{}: expected True or False in the header, got {}", path_, shown_rest());
    }

    std::vector<std::int64_t> tuple() {
        std::vector<std::int64_t> numbers;
        expect('(');
        while (!accept(')')) {
            numbers.push_back(size());
            if (!accept(',')) {
                expect(')');
                break;
            }
        }
        return numbers;
    }

    std::int64_t size() {
        next();
        std::int64_t value = 0;
        auto const [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
        check(error == std::errc() && value >= 0,
              "{}: expected a size from 0 to 2^63-1 in the header's shape, got {}", path_,
              shown_rest());
        text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
        if (text_.starts_with('L')) text_.remove_prefix(1);  // Python 2 wrote long integers so
        return value;
    }

    /// What comes next, short and printable.
    std::string shown_rest() const {
        std::string shown(text_.substr(0, 20));
        shown.erase(shown.find_last_not_of(" \n") + 1);
        if (shown.empty()) return "its end";
        for (char& c : shown)
            if (c < ' ' || c > '~') c = '?';
        return fmt::format("\"{}\"", shown);
    }

    std::string const& path_;
    std::string_view text_;
};

}  // namespace

NpyDict parse_npy_dict(std::string const& path, std::string_view text) {
    return DictText(path, text).parse();
}

}  // namespace partita::format
