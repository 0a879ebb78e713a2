#pragma once

#include "partita/format/byte_set.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace partita::format {

/// Finds the words of a text: the matches of a pattern, from left to right, none across a line end.
///
/// A pattern that repeats a set of ASCII characters, "[a-z]+" or "[^ ,;]+", is answered from
/// bitmaps of word characters, 64 bytes at a time. Others are regular expressions (RE2's syntax,
/// leftmost-first); their empty matches are no words. Not for several threads: copy it.
class Tokenizer {
  public:
    /// @param lower  Take ASCII capitals for small letters, before matching.
    /// @throws Error "pattern '[a': ..." when it is no regular expression.
    Tokenizer(std::string const& pattern, bool lower);
    ~Tokenizer();
    Tokenizer(Tokenizer const& other);
    Tokenizer& operator=(Tokenizer const&) = delete;  // a copy shares no buffers

    /// Whether the pattern is a repeated set of characters.
    bool is_set() const { return expression_ == nullptr; }

    /// Call emit(word) for each word of a text of whole lines. Words are views that last for the
    /// call.
    template <class Emit>
    void for_each(std::string_view text, Emit&& emit) {
        if (!is_set()) {
            for (begin_text(text); next_match();) emit(match_);
            return;
        }
        for (std::size_t start = 0; start < text.size(); start += chunk_bytes)
            for_each_in_chunk(text.substr(start, chunk_bytes), emit);
        finish_word(emit);
    }

  private:
    struct Expression;
    static constexpr std::size_t chunk_bytes = 32 << 10;  ///< Of text, within the fastest cache.

    /// Lower the chunk if asked, and set a bit for each character of the set.
    void classify(std::string_view chunk);
    void begin_text(std::string_view text);
    bool next_match();

    template <class Emit>
    void for_each_in_chunk(std::string_view chunk, Emit& emit) {
        classify(chunk);
        bool inside = !carried_.empty();
        std::size_t word_start = 0;
        for (std::size_t block = 0; 64 * block < chunk.size(); ++block) {
            std::uint64_t const bits = bits_[block];
            // A bit where a word starts or ends: where a character differs from the one before.
            std::uint64_t edges = bits ^ (bits << 1 | static_cast<std::uint64_t>(inside));
            for (; edges != 0; edges &= edges - 1) {
                std::size_t const at =
                    64 * block + static_cast<std::size_t>(std::countr_zero(edges));
                if (inside)
                    end_word(word_start, at, emit);
                else
                    word_start = at;
                inside = !inside;
            }
        }
        if (inside) carried_.append(text_ + word_start, chunk.size() - word_start);
    }
    template <class Emit>
    void end_word(std::size_t start, std::size_t end, Emit& emit) {
        if (carried_.empty()) {
            emit(std::string_view(text_ + start, end - start));
        } else {
            carried_.append(text_, end);
            finish_word(emit);
        }
    }
    template <class Emit>
    void finish_word(Emit& emit) {
        if (carried_.empty()) return;
        emit(std::string_view(carried_));
        carried_.clear();
    }

    bool lower_;
    ByteSet set_;
    std::shared_ptr<Expression const> expression_;
    char const* text_ = nullptr;  ///< The chunk, lowered.
    std::string lowered_;
    std::vector<std::uint8_t> flags_;
    std::vector<std::uint64_t> bits_;
    std::string carried_;                   ///< The start of a word that a chunk's end cuts.
    std::string_view rest_, line_, match_;  ///< Of an expression: lines to come, and the current.
    std::size_t position_ = 0;              ///< In the line.
};

}  // namespace partita::format
