#pragma once

#include "frame/group/keys.hpp"
#include "frame/join/join_plan.hpp"
#include "frame/join/key_lookup.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace partita::frame {

/// The right rows, found by their keys.
class JoinTable {
  public:
    static constexpr std::uint32_t none = GroupTable::none;
    /// The rows of pairs: of the left block, and of right().
    using Pairs = dataset::FunctionRef<void(std::span<std::uint32_t const> left,
                                            std::span<std::uint32_t const> right)>;

    /// @param right  Of plan.right.
    JoinTable(JoinPlanRef plan, Block right);

    /// Push what joining the rows of a left block gives, in their order.
    void probe(Block const& left, BlockSink sink) const;

    /// All pairs of rows with these keys and their partners, in the order of the first and then of
    /// the second, some at a time. For semi and anti joins, one partner of each is enough.
    void pair_rows(std::vector<Column> const& keys, std::int64_t rows, Pairs pairs) const;
    /// Those that have keys, and behind them a row of nulls.
    Block const& right() const { return right_; }

  private:
    void pair_groups(std::span<std::uint32_t const> groups, bool without_partner,
                     Pairs pairs) const;
    void keep_rows(Block const& left, std::vector<std::uint32_t> const& groups,
                   BlockSink sink) const;

    JoinPlanRef plan_;
    Block right_;
    std::uint32_t null_row_ = 0;
    std::unique_ptr<KeyLookup> lookup_;
    /// Of each group's rows; their numbers. Empty when each row is a group.
    std::vector<std::uint32_t> starts_, rows_;
};

/// The block with a row of nulls behind the others.
Block with_null_row(Block const& block);

}  // namespace partita::frame
