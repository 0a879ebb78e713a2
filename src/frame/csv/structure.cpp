#include "frame/csv/structure.hpp"

#include "frame/csv/masks.hpp"

#include <algorithm>
#include <bit>

namespace partita::frame::csv {

namespace {

constexpr std::int64_t batch_blocks = 64;

/// Calls visit(masks, offset) for each block of 64 bytes; bits behind the end are cleared.
template <class Visit>
void for_each_masks(char const* text, std::int64_t size, char separator, Visit&& visit) {
    Masks masks[batch_blocks];
    for (std::int64_t offset = 0; offset < size; offset += 64 * batch_blocks) {
        std::int64_t const left = size - offset;
        std::int64_t const blocks = std::min(batch_blocks, (left + 63) / 64);
        find_masks(text + offset, blocks, separator, masks);
        if (left < 64 * blocks) {
            std::uint64_t const within = (std::uint64_t{1} << (left % 64)) - 1;
            Masks& last = masks[blocks - 1];
            last = {last.quote & within, last.newline & within, last.separator & within};
        }
        for (std::int64_t i = 0; i < blocks; ++i) visit(masks[i], offset + 64 * i);
    }
}

}  // namespace

void RangeScan::add(char const* text, std::int64_t size, bool quotes_count) {
    std::int64_t const begun_at = bytes;
    // A newline or a carriage return right behind a newline is a line that may be empty.
    std::uint64_t behind = bytes > 0 && last_byte == '\n' ? 1 : 0;
    for_each_masks(text, size, '\r', [&](Masks const& masks, std::int64_t offset) {
        std::uint64_t inside = quotes & 1 ? ~std::uint64_t{0} : 0;
        if (quotes_count && masks.quote) {
            inside ^= running_parity(masks.quote);
            quotes += std::popcount(masks.quote);
        }
        std::uint64_t const outside[2] = {masks.newline & ~inside, masks.newline & inside};
        for (int start = 0; start < 2; ++start) {
            if (!outside[start]) continue;
            newlines[start] += std::popcount(outside[start]);
            if (first_newline[start] < 0)
                first_newline[start] = begun_at + offset + std::countr_zero(outside[start]);
        }
        behind |= masks.newline << 1;
        blank_lines |= (behind & (masks.newline | masks.separator)) != 0;
        behind = masks.newline >> 63;
    });
    if (size > 0) {
        if (bytes == 0) first_byte = text[0];
        last_byte = text[size - 1];
    }
    bytes += size;
}

std::int64_t find_structure(char const* text, std::int64_t size, char separator, bool quotes_count,
                            std::uint32_t* out, std::int64_t& newlines) {
    std::uint32_t* at = out;
    std::int64_t lines = 0;
    std::uint64_t inside = 0;  // all ones when the block begins inside quotes
    for_each_masks(text, size, separator, [&](Masks const& masks, std::int64_t offset) {
        std::uint64_t outside = ~std::uint64_t{0};
        if (quotes_count) {
            std::uint64_t const quoted =
                masks.quote ? running_parity(masks.quote) ^ inside : inside;
            inside = static_cast<std::uint64_t>(static_cast<std::int64_t>(quoted) >> 63);
            outside = ~quoted;
        }
        lines += std::popcount(masks.newline & outside);
        std::uint64_t found = (masks.newline | masks.separator) & outside;
        auto const base = static_cast<std::uint32_t>(offset);
        std::uint32_t* const next = at + std::popcount(found);
        while (found) {  // four at a time: what is written too much is overwritten
            for (int i = 0; i < 4; ++i) {
                *at++ = base + static_cast<std::uint32_t>(std::countr_zero(found));
                found &= found - 1;
            }
        }
        at = next;
    });
    newlines = lines;
    return at - out;
}

}  // namespace partita::frame::csv
