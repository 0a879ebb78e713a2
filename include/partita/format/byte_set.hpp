#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace partita::format {

/// A set of bytes, found in texts at several bytes an instruction when it is made of few ranges.
class ByteSet {
  public:
    ByteSet() = default;
    explicit ByteSet(std::array<bool, 256> const& members);

    bool contains(unsigned char byte) const { return members_[byte] != 0; }
    /// flags[i] = 1 where text[i] is in the set, else 0.
    void find(char const* text, std::size_t size, std::uint8_t* flags) const;

  private:
    struct Range {
        std::uint8_t first, size_minus_1;
    };
    static constexpr std::size_t most_ranges = 6;

    std::array<std::uint8_t, 256> members_{};
    std::vector<Range> ranges_;  ///< Empty when they are too many.
};

}  // namespace partita::format
