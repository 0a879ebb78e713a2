#include "frame/group/key_index.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/expression.hpp"
#include "partita/frame/summary.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>

namespace partita::frame {

namespace {

/// A value that is looked for: the one that `rank` values of its column are not above.
struct Target {
    std::size_t column;
    std::int64_t rank;
    std::uint64_t low = 0, high = ~std::uint64_t{0};  ///< It is one of these, as ordered bits.
    std::int64_t below = 0;                           ///< How many values are below `low`.
    std::int64_t inside = 0;                          ///< How many are within.

    bool found() const { return low == high; }
};

/// What a pass counts, or gathers: the values of a column within a range.
struct Range {
    std::size_t column;
    std::uint64_t low, high;
    int shift;                         ///< A value's bucket is (value - low) >> shift.
    bool gathers;                      ///< So few values that they are looked at themselves.
    std::vector<std::size_t> targets;  ///< That are looked for in it.
};

/// Finds all targets in passes over the table.
class Selection {
  public:
    Selection(Table const& table, std::vector<Target>& targets)
        : table_(table), context_(table.context()), targets_(targets) {}

    void run() {
        while (plan_pass()) {
            look();
            take_counts();
            take_values();
        }
    }

  private:
    /// The ranges that are still to be looked at; false when there are none.
    bool plan_pass() {
        ranges_.clear();
        std::map<std::pair<std::size_t, std::uint64_t>, std::size_t> known;
        for (std::size_t t = 0; t < targets_.size(); ++t) {
            Target const& target = targets_[t];
            if (target.found()) continue;
            auto const [at, is_new] =
                known.try_emplace({target.column, target.low}, ranges_.size());
            if (is_new) ranges_.push_back({target.column, target.low, target.high, 0, false, {}});
            ranges_[at->second].targets.push_back(t);
        }
        if (ranges_.empty()) return false;
        auto const count = static_cast<std::int64_t>(ranges_.size());
        std::int64_t const room = context_.memory().working_limit() / 8 / count;
        constexpr std::int64_t most_gathered = 8192, most_buckets = 1 << 16, fewest_buckets = 256;
        buckets_ = static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(
            std::clamp(room / 2 / (context_.threads() + 1), fewest_buckets, most_buckets))));
        for (Range& range : ranges_) {
            std::int64_t const inside = targets_[range.targets.front()].inside;
            range.gathers = inside <= std::min(most_gathered, room / 4);
            auto const buckets = static_cast<std::uint64_t>(buckets_);
            while (((range.high - range.low) >> range.shift) >= buckets) ++range.shift;
        }
        return true;
    }

    /// One pass: counts of all ranks, and values of this one.
    void look() {
        auto const threads = static_cast<std::size_t>(context_.threads());
        counts_.assign(threads, {});
        values_.assign(threads, std::vector<std::vector<std::uint64_t>>(ranges_.size()));
        for (auto& counts : counts_)
            counts.assign(ranges_.size() * static_cast<std::size_t>(buckets_), 0);
        table_.for_each_block("quantiles", [&](std::int64_t, Block const& block) {
            auto const thread = static_cast<std::size_t>(dataset::Context::current_thread());
            for (std::size_t r = 0; r < ranges_.size(); ++r)
                look_at(block.column(static_cast<std::int64_t>(ranges_[r].column)), ranges_[r],
                        counts_[thread].data() + r * static_cast<std::size_t>(buckets_),
                        values_[thread][r]);
        });
        for (std::size_t t = 1; t < threads; ++t) {
            for (std::size_t i = 0; i < counts_[0].size(); ++i) counts_[0][i] += counts_[t][i];
            for (std::size_t r = 0; r < ranges_.size(); ++r)
                values_[0][r].insert(values_[0][r].end(), values_[t][r].begin(),
                                     values_[t][r].end());
        }
        context_.comm().all_reduce(std::span<std::int64_t>(counts_[0]), Reduce::sum);
    }

    static void look_at(Column const& column, Range const& range, std::int64_t* counts,
                        std::vector<std::uint64_t>& values) {
        Column const wide = cast(column, Type::float64);
        double const* const x = wide.values<double>();
        std::uint64_t const width = range.high - range.low;
        for (std::int64_t row = 0; row < wide.size(); ++row) {
            if (wide.is_null(row)) continue;
            std::uint64_t const offset = ordered_float(float_bits(x[row])) - range.low;
            if (offset > width) continue;
            if (range.gathers)
                values.push_back(offset);
            else
                ++counts[offset >> range.shift];
        }
    }

    /// Targets go on in the bucket that holds them.
    void take_counts() {
        for (std::size_t r = 0; r < ranges_.size(); ++r) {
            Range const& range = ranges_[r];
            if (range.gathers) continue;
            std::int64_t const* const counts =
                counts_[0].data() + r * static_cast<std::size_t>(buckets_);
            for (std::size_t const t : range.targets) {
                Target& target = targets_[t];
                std::uint64_t bucket = 0;
                while (target.below + counts[bucket] <= target.rank)
                    target.below += counts[bucket++];
                target.inside = counts[bucket];
                target.low = range.low + (bucket << range.shift);
                target.high =
                    std::min(range.high, target.low + ((std::uint64_t{1} << range.shift) - 1));
            }
        }
    }

    void take_values() {
        for (std::size_t r = 0; r < ranges_.size(); ++r) {
            if (!ranges_[r].gathers) continue;
            std::vector<std::uint64_t> all =
                context_.comm().all_gather_varying(std::span<std::uint64_t const>(values_[0][r]));
            std::sort(all.begin(), all.end());
            for (std::size_t const t : ranges_[r].targets) {
                Target& target = targets_[t];
                target.low = target.high =
                    ranges_[r].low + all[static_cast<std::size_t>(target.rank - target.below)];
            }
        }
    }

    Table const& table_;
    dataset::Context const& context_;
    std::vector<Target>& targets_;
    std::vector<Range> ranges_;
    std::int64_t buckets_ = 0;
    std::vector<std::vector<std::int64_t>> counts_;                ///< [thread][range, bucket]
    std::vector<std::vector<std::vector<std::uint64_t>>> values_;  ///< [thread][range]
};

std::vector<std::int64_t> counts_of(Table const& table) {
    auto const threads = static_cast<std::size_t>(table.context().threads());
    auto const columns = static_cast<std::size_t>(table.schema().size());
    std::vector<std::vector<std::int64_t>> counts(threads, std::vector<std::int64_t>(columns, 0));
    table.for_each_block("quantiles", [&](std::int64_t, Block const& block) {
        auto& mine = counts[static_cast<std::size_t>(dataset::Context::current_thread())];
        for (std::size_t c = 0; c < columns; ++c)
            mine[c] += block.rows() - block.columns()[c].null_count();
    });
    for (std::size_t t = 1; t < threads; ++t)
        for (std::size_t c = 0; c < columns; ++c) counts[0][c] += counts[t][c];
    table.context().comm().all_reduce(std::span<std::int64_t>(counts[0]), Reduce::sum);
    return counts[0];
}

}  // namespace

std::vector<std::vector<double>> quantiles(Table const& table,
                                           std::vector<std::string> const& columns,
                                           std::vector<double> const& fractions) {
    for (std::string const& name : columns) {
        Type const type = table.schema()[table.schema().index_of(name)].type;
        check(is_numeric(type), "quantiles: expected columns of numbers, got '{}', which is {}",
              name, to_string(type));
    }
    for (double const fraction : fractions)
        check(fraction >= 0 && fraction <= 1, "quantiles: expected fractions within [0, 1], got {}",
              fraction);
    Table const narrow = table.select(columns);
    std::vector<std::int64_t> const counts = counts_of(narrow);
    // Each quantile lies between two neighbours.
    auto const place = [&](std::size_t c, double fraction) {
        return fraction * static_cast<double>(counts[c] - 1);
    };
    std::vector<Target> targets;
    for (std::size_t c = 0; c < columns.size(); ++c)
        for (std::size_t f = 0; counts[c] > 0 && f < fractions.size(); ++f) {
            auto const rank = static_cast<std::int64_t>(place(c, fractions[f]));
            for (std::int64_t const one : {rank, std::min(rank + 1, counts[c] - 1)})
                targets.push_back({c, one, 0, ~std::uint64_t{0}, 0, counts[c]});
        }
    Selection(narrow, targets).run();
    std::vector<std::vector<double>> results(
        columns.size(),
        std::vector<double>(fractions.size(), std::numeric_limits<double>::quiet_NaN()));
    auto target = targets.begin();
    for (std::size_t c = 0; c < columns.size(); ++c)
        for (std::size_t f = 0; counts[c] > 0 && f < fractions.size(); ++f) {
            double const below = float_of_ordered((target++)->low),
                         above = float_of_ordered((target++)->low);
            double const part = place(c, fractions[f]) - std::floor(place(c, fractions[f]));
            results[c][f] = part == 0 || below == above ? below : below + part * (above - below);
        }
    return results;
}

}  // namespace partita::frame
