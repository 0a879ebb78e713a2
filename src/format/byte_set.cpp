#include "partita/format/byte_set.hpp"

namespace partita::format {
namespace {

template <bool first_range>
void add_range(char const* text, std::size_t size, std::uint8_t first, std::uint8_t span,
               std::uint8_t* flags) {
    for (std::size_t i = 0; i < size; ++i) {
        auto const distance =
            static_cast<std::uint8_t>(static_cast<unsigned char>(text[i]) - first);
        auto const inside = static_cast<std::uint8_t>(distance <= span);
        flags[i] = first_range ? inside : static_cast<std::uint8_t>(flags[i] | inside);
    }
}

}  // namespace

ByteSet::ByteSet(std::array<bool, 256> const& members) {
    std::vector<Range> ranges;
    for (unsigned byte = 0; byte < 256; ++byte) {
        members_[byte] = members[byte];
        if (!members[byte]) continue;
        if (byte > 0 && members[byte - 1])
            ++ranges.back().size_minus_1;
        else
            ranges.push_back({static_cast<std::uint8_t>(byte), 0});
    }
    if (ranges.size() <= most_ranges) ranges_ = std::move(ranges);
}

void ByteSet::find(char const* text, std::size_t size, std::uint8_t* flags) const {
    if (ranges_.empty()) {
        for (std::size_t i = 0; i < size; ++i)
            flags[i] = members_[static_cast<unsigned char>(text[i])];
        return;
    }
    add_range<true>(text, size, ranges_[0].first, ranges_[0].size_minus_1, flags);
    for (std::size_t r = 1; r < ranges_.size(); ++r)
        add_range<false>(text, size, ranges_[r].first, ranges_[r].size_minus_1, flags);
}

}  // namespace partita::format
