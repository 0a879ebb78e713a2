#include "frame/join/match_merge.hpp"

#include "frame/block_codec.hpp"
#include "frame/join/match_ranges.hpp"

#include <algorithm>

namespace partita::frame {

namespace {

/// How many rows a block of the result has at most.
constexpr std::size_t most_rows = 1 << 15;

class MatchMerge {
  public:
    MatchMerge(JoinPlanRef plan, MatchRanges& ranges, StoreWriter& writer)
        : plan_(std::move(plan)), ranges_(ranges), writer_(writer) {}

    void add(Block const& left) {
        for (std::int64_t first = 0; first < left.rows();) {
            while (ranges_.places().last <= place_ + first) {
                ranges_.next();
                at_ = 0;
            }
            std::int64_t const last = std::min(left.rows(), ranges_.places().last - place_);
            if (ranges_.is_long())
                pair_long(left, static_cast<std::uint32_t>(first));
            else
                merge(left, first, last);
            first = last;
        }
        place_ += left.rows();
    }

  private:
    /// Row `row` alone, with more partners than the memory holds.
    void pair_long(Block const& left, std::uint32_t row) {
        ranges_.for_each_block([&](Block const& matches) {
            for (std::int64_t first = 0; first < matches.rows();
                 first += static_cast<std::int64_t>(most_rows)) {
                std::int64_t const last =
                    std::min(first + static_cast<std::int64_t>(most_rows), matches.rows());
                write(left, std::vector<std::uint32_t>(static_cast<std::size_t>(last - first), row),
                      matches.slice(first, last).columns().subspan(1));
            }
        });
    }

    /// Rows [first, last), whose matches begin at at_.
    void merge(Block const& left, std::int64_t first, std::int64_t last) {
        Block const& matches = ranges_.matches();
        bool const has_null_row = plan_->kind == JoinKind::left;
        std::int64_t const count = matches.rows() - (has_null_row ? 1 : 0);
        auto const* const places = matches.column(0).values<std::int64_t>();
        auto const flush = [&] {
            if (!left_rows_.empty()) write_rows(left, matches);
            left_rows_.clear();
            right_rows_.clear();
        };
        for (std::int64_t row = first; row < last; ++row) {
            bool const partnered = at_ < count && places[at_] == place_ + row;
            bool const wanted = plan_->kind == JoinKind::anti ? !partnered : partnered;
            auto const left_row = static_cast<std::uint32_t>(row);
            if (!partnered && has_null_row) add_pair(left_row, count);
            if (!plan_->pairs() && wanted) add_pair(left_row, 0);
            for (; at_ < count && places[at_] == place_ + row; ++at_) {
                if (!plan_->pairs()) continue;
                add_pair(left_row, at_);
                if (left_rows_.size() >= most_rows) flush();
            }
            if (left_rows_.size() >= most_rows) flush();
        }
        flush();
    }

    void add_pair(std::uint32_t left_row, std::int64_t right_row) {
        left_rows_.push_back(left_row);
        right_rows_.push_back(static_cast<std::uint32_t>(right_row));
    }

    void write_rows(Block const& left, Block const& matches) {
        // Not the places: rows without a partner are written where there are no matches at all.
        std::vector<Column> right(matches.columns().begin() + 1, matches.columns().end());
        for (Column& column : right) column = column.take(right_rows_);
        write(left, left_rows_, right);
    }

    /// @param right  What is put beside the left rows.
    void write(Block const& left, std::vector<std::uint32_t> const& left_rows,
               std::span<Column const> right) {
        std::vector<Column> columns;
        for (Column const& column : left.columns()) columns.push_back(column.take(left_rows));
        columns.insert(columns.end(), right.begin(), right.end());
        writer_.add(
            Block(plan_->result, std::move(columns), static_cast<std::int64_t>(left_rows.size())));
    }

    JoinPlanRef plan_;
    MatchRanges& ranges_;
    StoreWriter& writer_;
    std::int64_t place_ = 0;  ///< Of the left block's first row in its partition.
    std::int64_t at_ = 0;     ///< The next match.
    std::vector<std::uint32_t> left_rows_, right_rows_;
};

}  // namespace

void merge_matches(JoinPlanRef const& plan, Table const& left,
                   std::shared_ptr<dataset::PieceStore const> matches, std::int64_t partition,
                   dataset::PieceStore& results) {
    dataset::Context const& context = left.context();
    // Matches are held as pieces, as one, and sorted.
    std::int64_t const most_bytes = context.memory().working_limit() / context.threads() / 4;
    MatchRanges ranges(plan, std::move(matches), partition, most_bytes);
    StoreWriter writer(results, partition, partition);
    MatchMerge merge(plan, ranges, writer);
    left.source()->run(partition, [&](Block const& block) { merge.add(block); });
}

}  // namespace partita::frame
