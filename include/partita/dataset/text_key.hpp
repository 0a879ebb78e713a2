#pragma once

#include "partita/dataset/memory_account.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#if defined(__SSE2__) && !defined(__SANITIZE_ADDRESS__)
#include <emmintrin.h>
#endif

namespace partita::dataset {

/// Text as a hash table keeps it: 16 bytes, which hold text of up to 15 bytes and its length, or
/// say where longer text lies. So most words are compared without looking elsewhere.
class TextKey {
  public:
    static constexpr std::size_t most_inline = 15;

    TextKey() = default;
    /// Longer text is not copied: it must outlive the key.
    explicit TextKey(std::string_view text) {
        if (text.size() <= most_inline) {
            load(text);
            high_ |= static_cast<std::uint64_t>(text.size()) << 56;
        } else {
            low_ = reinterpret_cast<std::uintptr_t>(text.data());
            high_ = text.size() | long_mark;
        }
    }

    bool is_inline() const { return high_ < long_mark; }
    std::string_view view() const {
        if (is_inline()) return {reinterpret_cast<char const*>(&low_), high_ >> 56};
        return {reinterpret_cast<char const*>(low_), high_ & ~long_mark};
    }
    operator std::string_view() const { return view(); }

    friend bool operator==(TextKey const& a, TextKey const& b) {
        if (a.high_ != b.high_) return false;
        return a.low_ == b.low_ || (!a.is_inline() && a.view() == b.view());
    }

    /// Hash of inline text: two folded multiplications (Wang Yi's wyhash). The same everywhere.
    std::uint64_t inline_hash() const {
        return fold(
            fold(low_ ^ 0xa0761d6478bd642fu, high_ ^ 0xe7037ed1a0b428dbu) ^ 0x8ebc6af09c88c6e3u,
            0x589965cc75374cc3u);
    }

  private:
    static constexpr std::uint64_t long_mark = std::uint64_t{0xff} << 56;

    static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
        auto const product = static_cast<unsigned __int128>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    }

    /// The words of short text, zeros behind it.
    void load(std::string_view text) {
#if defined(__SSE2__) && !defined(__SANITIZE_ADDRESS__)
        // Sixteen bytes at once, and then only those of the text: what lies behind it in the same
        // page can be read, whatever it is.
        auto const address = reinterpret_cast<std::uintptr_t>(text.data());
        if (!text.empty() && (address & 4095) <= 4096 - 16) [[likely]] {
            alignas(16) static constexpr std::array<std::uint8_t, 32> masks = [] {
                std::array<std::uint8_t, 32> bytes{};
                for (std::size_t i = 0; i < 16; ++i) bytes[i] = 0xff;
                return bytes;
            }();
            auto const words = _mm_and_si128(
                _mm_loadu_si128(reinterpret_cast<__m128i const*>(text.data())),
                _mm_loadu_si128(reinterpret_cast<__m128i const*>(&masks[16 - text.size()])));
            low_ = static_cast<std::uint64_t>(_mm_cvtsi128_si64(words));
            high_ = static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(words, words)));
            return;
        }
#endif
        std::array<std::uint64_t, 2> words{};
        if (!text.empty()) std::memcpy(words.data(), text.data(), text.size());
        low_ = words[0];
        high_ = words[1];
    }

    std::uint64_t low_ = 0, high_ = 0;  // in this order: inline text is read from &low_ on
};

/// Keeps the text of long keys in pooled memory.
class TextPool {
  public:
    explicit TextPool(MemoryAccount& account) : account_(account) {}

    /// A key that does not depend on what `key` points at.
    TextKey keep(TextKey const& key) {
        if (key.is_inline()) return key;
        std::string_view const text = key.view();
        auto const bytes = static_cast<std::int64_t>(text.size());
        if (blocks_.empty() || used_ + bytes > blocks_.back().capacity()) [[unlikely]]
            add_block(bytes);
        auto* const copy = reinterpret_cast<char*>(blocks_.back().data() + used_);
        std::memcpy(copy, text.data(), text.size());
        used_ += bytes;
        return TextKey(std::string_view(copy, text.size()));
    }
    void clear() {
        blocks_.clear();
        used_ = full_bytes_ = 0;
    }
    std::int64_t memory_bytes() const { return full_bytes_ + used_; }

  private:
    static constexpr std::int64_t least_block_bytes = 4 << 10, most_block_bytes = 256 << 10;

    void add_block(std::int64_t bytes) {
        std::int64_t const grown = blocks_.empty() ? 0 : 2 * blocks_.back().capacity();
        full_bytes_ += std::exchange(used_, 0);
        blocks_.emplace_back(
            account_, std::max(bytes, std::clamp(grown, least_block_bytes, most_block_bytes)));
    }

    MemoryAccount& account_;
    std::vector<PooledBuffer> blocks_;
    std::int64_t used_ = 0;        ///< Of the last block.
    std::int64_t full_bytes_ = 0;  ///< In those before it.
};

}  // namespace partita::dataset
