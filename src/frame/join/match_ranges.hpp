#pragma once

#include "frame/join/join_plan.hpp"

#include "partita/core/row_range.hpp"
#include "partita/dataset/piece_store.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace partita::frame {

/// What the rows of one left partition were matched with, in the order of their places, as much at
/// a time as the memory has room for. Matches of one place are in the right table's order already.
class MatchRanges {
  public:
    /// @param matches    Rows of plan.matches.
    /// @param partition  Whose rows these are.
    MatchRanges(JoinPlanRef plan, std::shared_ptr<dataset::PieceStore const> matches,
                std::int64_t partition, std::int64_t most_bytes);

    /// Go on to the next range of places. Ranges follow each other from 0 on; the last one has all
    /// places that are left.
    void next();
    RowRange places() const { return places_; }

    /// Whether the matches of the range, which has one place only, take more than the memory has
    /// room for: they come by for_each_block.
    bool is_long() const { return long_; }
    void for_each_block(BlockSink sink) const;

    /// Otherwise: all matches of the range, by their places; for left joins a row of nulls more.
    Block const& matches() const { return sorted_; }

  private:
    struct Part {
        std::shared_ptr<dataset::PieceStore const> store;
        std::int64_t partition = 0;
        RowRange places;
    };

    void split(Part const& part);
    void load(Part const& part);
    std::int64_t last_place(Part const& part) const;

    JoinPlanRef plan_;
    std::int64_t most_bytes_;
    std::vector<Part> parts_;  ///< The next one last.
    RowRange places_;
    Part part_;
    bool long_ = false;
    Block sorted_;
};

}  // namespace partita::frame
