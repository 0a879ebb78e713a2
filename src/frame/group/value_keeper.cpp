#include "frame/group/accumulator.hpp"
#include "frame/group/keys.hpp"

#include "partita/frame/column_builder.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace partita::frame {

namespace {

/// Accumulators whose states cannot be sent: all rows of a group are updated in one place.
class ValueKeeper : public Accumulator {
  public:
    void grow(std::int64_t groups) override { groups_ = groups; }
    std::vector<Type> partial_types() const override { return {}; }
    void take_partial(std::vector<Column>&) override {}
    void merge(std::span<Column const>, std::uint32_t const*, std::int64_t) override {}

  protected:
    std::int64_t groups_ = 0;
};

class CountDistinct final : public ValueKeeper {
  public:
    explicit CountDistinct(Type input)
        : fields_{{"group", Type::int64}, {"value", input}}, pairs_(fields_) {}

    void update(Column const* input, std::uint32_t const* groups, std::int64_t rows,
                std::int64_t) override {
        std::vector<std::uint32_t> there;
        for (std::int64_t i = 0; i < rows; ++i)
            if (!input->is_null(i)) there.push_back(static_cast<std::uint32_t>(i));
        auto const count = static_cast<std::int64_t>(there.size());
        auto const numbers = make_array<std::int64_t>(count);
        for (std::size_t i = 0; i < there.size(); ++i) numbers->data()[i] = groups[there[i]];
        Column const keys[] = {{Type::int64, count, numbers->data(), nullptr, numbers},
                               input->take(there)};
        std::vector<std::uint64_t> hashes(there.size());
        hash_rows(keys, count, hashes.data());
        std::vector<std::uint32_t> pair(there.size());
        std::int64_t const before = pairs_.groups();
        pairs_.find(keys, hashes.data(), count, std::int64_t{1} << 60, pair.data());
        counts_.resize(static_cast<std::size_t>(groups_), 0);
        std::int64_t next = before;
        for (std::size_t i = 0; i < there.size(); ++i)
            if (pair[i] == next) {
                ++counts_[groups[there[i]]];
                ++next;
            }
    }
    Column finish() override {
        counts_.resize(static_cast<std::size_t>(groups_), 0);
        ColumnBuilder counts(Type::int64);
        for (std::int64_t const count : counts_) counts.append(count);
        counts_.clear();
        pairs_.take_keys();
        return counts.finish();
    }
    std::int64_t bytes() const override { return pairs_.bytes(); }

  private:
    std::vector<Field> fields_;
    GroupTable pairs_;
    std::vector<std::int64_t> counts_;
};

class Quantile final : public ValueKeeper {
  public:
    explicit Quantile(double fraction) : fraction_(fraction) {}

    void update(Column const* input, std::uint32_t const* groups, std::int64_t rows,
                std::int64_t) override {
        double const* const values = input->values<double>();
        for (std::int64_t i = 0; i < rows; ++i)
            if (!input->is_null(i)) kept_.push_back({values[i], groups[i]});
    }
    Column finish() override {
        // Groups' values side by side, by a counting sort.
        std::vector<std::int64_t> starts(static_cast<std::size_t>(groups_) + 1, 0);
        for (auto const& one : kept_) ++starts[one.second + 1];
        for (std::size_t g = 1; g < starts.size(); ++g) starts[g] += starts[g - 1];
        std::vector<double> values(kept_.size());
        std::vector<std::int64_t> next(starts.begin(), starts.end() - 1);
        for (auto const& one : kept_)
            values[static_cast<std::size_t>(next[one.second]++)] = one.first;
        kept_ = {};
        ColumnBuilder results(Type::float64);
        for (std::size_t g = 0; g + 1 < starts.size(); ++g) {
            std::span const group(values.data() + starts[g],
                                  static_cast<std::size_t>(starts[g + 1] - starts[g]));
            if (group.empty())
                results.append_null();
            else
                results.append(quantile_of(group));
        }
        return results.finish();
    }
    std::int64_t bytes() const override {
        return static_cast<std::int64_t>(kept_.capacity() * sizeof kept_[0]);
    }

  private:
    double quantile_of(std::span<double> values) const {
        auto const less = [](double a, double b) {
            return a < b || (std::isnan(b) && !std::isnan(a));
        };
        double const place = fraction_ * static_cast<double>(values.size() - 1);
        auto const below = static_cast<std::ptrdiff_t>(place);
        auto const at = values.begin() + below;
        std::nth_element(values.begin(), at, values.end(), less);
        double const part = place - static_cast<double>(below);
        if (part == 0) return *at;
        double const above = *std::min_element(at + 1, values.end(), less);
        return *at + part * (above - *at);
    }

    double fraction_;
    std::vector<std::pair<double, std::uint32_t>> kept_;
};

}  // namespace

std::unique_ptr<Accumulator> make_value_keeper(Aggregate const& aggregate, Type input) {
    if (aggregate.kind == Aggregate::count_distinct) return std::make_unique<CountDistinct>(input);
    return std::make_unique<Quantile>(aggregate.fraction);
}

}  // namespace partita::frame
