#pragma once

#include "frame/join/join_plan.hpp"

#include <cstdint>
#include <vector>

namespace partita::frame {

/// Tells most keys that no left row has from those that some have: right rows without a partner
/// need not travel. A bit for each integer when keys lie close enough together, else two bits for
/// the hash of each (Bloom 1970, in one word, as by Putze, Sanders and Singler 2007).
class KeyFilter {
  public:
    /// Of the keys of all left rows, on all ranks. Collective: the left table is run.
    static KeyFilter of_left(Table const& left, JoinPlan const& plan);

    /// The rows of a block that may have a partner: with keys that are there, and may be left ones.
    std::vector<std::uint32_t> rows_of(std::vector<Column> const& keys, std::int64_t rows) const;

  private:
    KeyFilter() = default;
    void find_range(Table const& left, JoinPlan const& plan);
    void add_keys(Table const& left, JoinPlan const& plan);

    bool exact_ = false;                ///< A bit for each integer.
    std::int64_t low_ = 0, high_ = -1;  ///< Of integer keys.
    std::int64_t left_rows_ = 0;
    bool ranged_ = false;
    std::vector<std::uint64_t> bits_;  ///< A power of two; empty = all hashes may be there.
};

}  // namespace partita::frame
