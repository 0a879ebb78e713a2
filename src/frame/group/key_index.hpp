#pragma once

#include "frame/group/keys.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace partita::frame {

constexpr std::uint32_t no_group = GroupTable::none;

/// Finds the number of a key that was seen before.
class GroupTable::Index {
  public:
    virtual ~Index() = default;
    /// As GroupTable::find; rows that begin a new group are added to `new_rows`. Returns the number
    /// of groups. `hashes` may be null when needs_hashes() is false.
    virtual std::int64_t find(std::span<Column const> keys, std::uint64_t const* hashes,
                              std::int64_t rows, std::int64_t most_groups,
                              std::vector<std::uint32_t>& new_rows, std::uint32_t* out) = 0;
    /// The groups of keys that were seen before, `none` for others. Thread-safe.
    virtual void lookup(std::span<Column const> keys, std::uint64_t const* hashes,
                        std::int64_t rows, std::uint32_t* out) const = 0;
    virtual std::int64_t bytes() const = 0;
    virtual bool needs_hashes() const { return true; }
    virtual void begin_block() {}
};

std::unique_ptr<GroupTable::Index> make_key_index(std::span<Field const> keys);
/// For one key of text.
std::unique_ptr<GroupTable::Index> make_text_index();

/// Bits that are equal when floats are equal as keys.
inline std::uint64_t float_bits(double value) {
    if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
    return std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
}

/// Bits of a float as an integer in the same order: negative ones in reverse, positive ones above
/// them; and back.
inline std::uint64_t ordered_float(std::uint64_t bits) {
    constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;
    return bits & sign_bit ? ~bits : bits | sign_bit;
}
inline double float_of_ordered(std::uint64_t ordered) {
    constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;
    return std::bit_cast<double>(ordered & sign_bit ? ordered ^ sign_bit : ~ordered);
}

/// Call visit(bits), where bits(row) are 64 bits that tell the values of a flat column apart.
template <class Visit>
void with_key_bits(Column const& column, Visit&& visit) {
    switch (column.type()) {
        case Type::float64: {
            auto const* const x = column.values<double>();
            return visit([x](std::int64_t i) { return float_bits(x[i]); });
        }
        case Type::float32: {
            auto const* const x = column.values<float>();
            return visit([x](std::int64_t i) { return float_bits(double{x[i]}); });
        }
        case Type::boolean: {
            auto const* const x = column.values<std::uint8_t>();
            return visit([x](std::int64_t i) { return std::uint64_t{x[i]}; });
        }
        default: {
            auto const* const x = column.values<std::int64_t>();
            return visit([x](std::int64_t i) { return static_cast<std::uint64_t>(x[i]); });
        }
    }
}

}  // namespace partita::frame
