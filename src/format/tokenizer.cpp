#include "partita/format/tokenizer.hpp"

#include "format/character_set.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <cstring>
#include <re2/re2.h>

namespace partita::format {
namespace {

/// out[i] = text[i], ASCII capitals as small letters.
void to_lower(char const* text, std::size_t size, char* out) {
    for (std::size_t i = 0; i < size; ++i) {
        auto const c = static_cast<unsigned char>(text[i]);
        auto const capital = static_cast<unsigned char>(static_cast<unsigned char>(c - 'A') < 26);
        out[i] = static_cast<char>(c | (capital << 5));
    }
}

/// The lowest bits of eight bytes that are 0 or 1, the first byte's lowest.
std::uint64_t gather_bits(std::uint8_t const* flags) {
    std::uint64_t eight;
    std::memcpy(&eight, flags, sizeof eight);
    return (eight * 0x0102040810204080u) >> 56;
}

}  // namespace

struct Tokenizer::Expression {
    explicit Expression(std::string const& pattern) : re2(pattern, RE2::Quiet) {}
    RE2 re2;
};

Tokenizer::Tokenizer(std::string const& pattern, bool lower) : lower_(lower) {
    if (auto const set = parse_repeated_set(pattern)) {
        set_ = *set;
        return;
    }
    auto expression = std::make_shared<Expression>(pattern);
    check(expression->re2.ok(), "pattern '{}': expected a regular expression, got a {}", pattern,
          expression->re2.error());
    expression_ = std::move(expression);
}

Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer const& other)
    : lower_(other.lower_), set_(other.set_), expression_(other.expression_) {}

void Tokenizer::classify(std::string_view chunk) {
    text_ = chunk.data();
    if (lower_) {
        lowered_.resize(chunk_bytes);
        to_lower(chunk.data(), chunk.size(), lowered_.data());
        text_ = lowered_.data();
    }
    flags_.resize(chunk_bytes);
    set_.find(text_, chunk.size(), flags_.data());
    std::size_t const blocks = (chunk.size() + 63) / 64;
    std::memset(flags_.data() + chunk.size(), 0, 64 * blocks - chunk.size());
    bits_.resize(blocks);
    for (std::size_t block = 0; block < blocks; ++block) {
        std::uint64_t bits = 0;
        for (unsigned i = 0; i < 8; ++i)
            bits |= gather_bits(&flags_[64 * block + 8 * i]) << (8 * i);
        bits_[block] = bits;
    }
}

void Tokenizer::begin_text(std::string_view text) {
    if (lower_) {
        lowered_.resize(text.size());
        to_lower(text.data(), text.size(), lowered_.data());
        text = lowered_;
    }
    rest_ = text;
    line_ = {};
    position_ = 0;
}

bool Tokenizer::next_match() {
    for (;;) {
        while (position_ < line_.size()) {
            re2::StringPiece const line(line_.data(), line_.size());
            re2::StringPiece found;
            if (!expression_->re2.Match(line, position_, line.size(), RE2::UNANCHORED, &found, 1))
                break;
            auto const start = static_cast<std::size_t>(found.data() - line_.data());
            position_ = start + std::max<std::size_t>(found.size(), 1);
            if (found.empty()) continue;
            match_ = line_.substr(start, found.size());
            return true;
        }
        if (rest_.empty()) return false;
        std::size_t const end = std::min(rest_.find('\n'), rest_.size());
        line_ = rest_.substr(0, end);
        if (line_.ends_with('\r')) line_.remove_suffix(1);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        position_ = 0;
    }
}

}  // namespace partita::format
