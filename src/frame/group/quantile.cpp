#include "frame/group/key_index.hpp"
#include "frame/group/value_keeper.hpp"

#include "partita/frame/column_builder.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace partita::frame {

namespace {

/// NaN is the largest number.
bool less(double a, double b) { return a < b || (std::isnan(b) && !std::isnan(a)); }

/// Finds the value of one rank, and the one above it, in passes over the values: each counts how
/// many lie in which part of the range that is left, as ordered bits.
class RankSearch {
  public:
    RankSearch(std::int64_t rank, std::int64_t most_bytes) : rank_(rank) {
        constexpr std::int64_t fewest = 256, most = 1 << 16;
        counts_.resize(static_cast<std::size_t>(
            std::bit_floor(static_cast<std::uint64_t>(std::clamp(most_bytes / 8, fewest, most)))));
        begin_pass();
    }

    void add(double value) {
        std::uint64_t const bits = ordered_float(float_bits(value));
        if (low_ == high_) {
            not_above_ += bits <= low_;
            if (bits > low_) next_ = std::min(next_, bits);
        } else if (bits >= low_ && bits <= high_) {
            ++counts_[(bits - low_) >> shift_];
        }
    }
    /// Whether another pass is needed.
    bool end_pass() {
        if (low_ == high_) return false;
        std::uint64_t bucket = 0;
        while (below_ + counts_[bucket] <= rank_) below_ += counts_[bucket++];
        low_ += bucket << shift_;
        high_ = std::min(high_, low_ + ((std::uint64_t{1} << shift_) - 1));
        begin_pass();
        return true;
    }
    double value() const { return float_of_ordered(low_); }
    double above() const { return float_of_ordered(not_above_ > rank_ + 1 ? low_ : next_); }

  private:
    void begin_pass() {
        std::fill(counts_.begin(), counts_.end(), 0);
        shift_ = 0;
        while ((high_ - low_) >> shift_ >= counts_.size()) ++shift_;
    }

    std::int64_t rank_, below_ = 0, not_above_ = 0;
    std::uint64_t low_ = 0, high_ = ~std::uint64_t{0}, next_ = ~std::uint64_t{0};
    int shift_ = 0;
    std::vector<std::int64_t> counts_;
};

class Quantile final : public ValueKeeper {
  public:
    explicit Quantile(double fraction) : ValueKeeper(bytes_of_value), fraction_(fraction) {}

  protected:
    void hold(Column const& input, std::vector<std::uint32_t> const& rows,
              std::vector<std::uint32_t> const& groups) override {
        double const* const values = input.values<double>();
        if (search_)
            for (std::uint32_t const row : rows) search_->add(values[row]);
        else
            for (std::size_t i = 0; i < rows.size(); ++i)
                kept_.push_back({values[rows[i]], groups[i]});
    }
    std::int64_t held_bytes() const override {
        return static_cast<std::int64_t>(kept_.size()) * bytes_of_value;
    }
    void let_go() override { kept_ = {}; }

    void conclude(std::uint32_t first, std::uint32_t last) override {
        // Groups' values side by side, by a counting sort.
        std::vector<std::int64_t> starts(last - first + std::size_t{1}, 0);
        for (auto const& one : kept_) ++starts[one.second - first + std::size_t{1}];
        for (std::size_t g = 1; g < starts.size(); ++g) starts[g] += starts[g - 1];
        std::vector<double> values(kept_.size());
        std::vector<std::int64_t> next(starts.begin(), starts.end() - 1);
        for (auto const& one : kept_)
            values[static_cast<std::size_t>(next[one.second - first]++)] = one.first;
        kept_ = {};
        results_.resize(last, 0);
        for (std::uint32_t group = first; group < last; ++group) {
            std::span const its(values.data() + starts[group - first],
                                static_cast<std::size_t>(starts[group - first + std::size_t{1}] -
                                                         starts[group - first]));
            if (!its.empty()) results_[group] = quantile_of(its);
        }
    }
    void begin_large(std::uint32_t, std::int64_t values) override {
        search_ =
            std::make_unique<RankSearch>(static_cast<std::int64_t>(place(values)), most_bytes());
    }
    bool end_large_pass(std::uint32_t group) override {
        if (search_->end_pass()) return true;
        results_.resize(group + std::size_t{1}, 0);
        results_[group] = between(search_->value(), search_->above(), place(count(group)));
        search_.reset();
        return false;
    }
    Column results(std::int64_t groups) override {
        ColumnBuilder column(Type::float64);
        for (std::uint32_t group = 0; group < groups; ++group) {
            if (count(group) > 0)
                column.append(results_[group]);
            else
                column.append_null();
        }
        results_.clear();
        return column.finish();
    }

  private:
    static constexpr std::int64_t bytes_of_value = 24;  ///< With its group, and sorted by group.

    double place(std::int64_t values) const { return fraction_ * static_cast<double>(values - 1); }
    static double between(double below, double above, double place) {
        double const part = place - std::floor(place);
        // Between equal values there are no others: infinite ones have no difference.
        return part == 0 || below == above ? below : below + part * (above - below);
    }
    double quantile_of(std::span<double> values) const {
        double const where = place(static_cast<std::int64_t>(values.size()));
        auto const at = values.begin() + static_cast<std::ptrdiff_t>(where);
        std::nth_element(values.begin(), at, values.end(), less);
        bool const last = at + 1 == values.end();
        return between(*at, last ? *at : *std::min_element(at + 1, values.end(), less), where);
    }

    double fraction_;
    std::vector<std::pair<double, std::uint32_t>> kept_;
    std::vector<double> results_;
    std::unique_ptr<RankSearch> search_;
};

}  // namespace

std::unique_ptr<Accumulator> make_quantile(double fraction) {
    return std::make_unique<Quantile>(fraction);
}

}  // namespace partita::frame
