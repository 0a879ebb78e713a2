#include "ml/trees/split.hpp"

#include <bit>

namespace partita::ml {

namespace {

/// Squares of sums over their weight: what a split raises.
double score_of(RowStatistics const& statistics, double l2, std::int64_t const* sums) {
    if (statistics.classes == 0) {
        double const gradient = static_cast<double>(sums[0]) * statistics.gradient_unit;
        double const weight = static_cast<double>(sums[1]) * statistics.weight_unit + l2;
        return weight > 0 ? gradient * gradient / weight : 0;
    }
    double squares = 0, weight = 0;
    for (std::int64_t c = 0; c < statistics.classes; ++c) {
        double const w = static_cast<double>(sums[c]) * statistics.weight_unit;
        squares += w * w;
        weight += w;
    }
    return weight > 0 ? squares / weight : 0;
}

bool large_enough(RowStatistics const& statistics, SplitRules const& rules,
                  std::span<std::int64_t const> sums) {
    double const weight = statistics.weight_of(sums);
    return statistics.count_of(sums) >= rules.min_leaf_rows && weight > 0 &&
           weight >= rules.min_leaf_weight;
}

}  // namespace

Split best_split(RowStatistics const& statistics, SplitRules const& rules,
                 std::span<std::int64_t const> histogram, std::span<std::int64_t const> sums,
                 std::int32_t feature) {
    std::size_t const channels = sums.size(), bins = histogram.size() / channels;
    double const parent = score_of(statistics, rules.l2, sums.data());
    double const least = rules.min_gain * statistics.weight_of(sums);
    std::vector<std::int64_t> left(channels, 0), right(sums.begin(), sums.end());
    Split best;
    for (std::size_t bin = 0; bin + 1 < bins; ++bin) {
        std::int64_t const* const cell = histogram.data() + bin * channels;
        if (cell[channels - 1] == 0) continue;  // as good as the bin before
        for (std::size_t c = 0; c < channels; ++c) left[c] += cell[c], right[c] -= cell[c];
        if (!large_enough(statistics, rules, left)) continue;
        if (!large_enough(statistics, rules, right)) {
            if (statistics.count_of(right) < rules.min_leaf_rows) break;
            continue;
        }
        double const children = score_of(statistics, rules.l2, left.data()) +
                                score_of(statistics, rules.l2, right.data());
        double const gain = rules.gain_factor * (children - parent);
        bool const more_than_rounding = children - parent > 1e-12 * children;
        if (more_than_rounding && gain >= least && gain > best.gain)
            best = {gain, feature, static_cast<std::int32_t>(bin), left};
    }
    return best;
}

void agree_on_splits(Communicator const& comm, std::vector<Split>& splits, std::int64_t channels) {
    if (comm.size() == 1) return;
    std::int64_t const length = 3 + channels;
    std::vector<std::int64_t> records;
    for (Split const& split : splits) {
        records.push_back(std::bit_cast<std::int64_t>(split.gain));
        records.push_back(split.feature);
        records.push_back(split.bin);
        records.insert(records.end(), split.left.begin(), split.left.end());
        if (split.left.empty())
            records.insert(records.end(), static_cast<std::size_t>(channels), 0);
    }
    std::vector<std::int64_t> const all =
        comm.all_gather_varying(std::span<std::int64_t const>(records));
    auto const nodes = std::ssize(splits);
    for (std::int64_t i = 0; i * length < std::ssize(all); ++i) {
        auto const at = all.begin() + i * length;
        Split const theirs{std::bit_cast<double>(at[0]),
                           static_cast<std::int32_t>(at[1]),
                           static_cast<std::int32_t>(at[2]),
                           {at + 3, at + length}};
        Split& best = splits[static_cast<std::size_t>(i % nodes)];
        if (theirs.gain > 0 && theirs.beats(best)) best = theirs;
    }
}

}  // namespace partita::ml
