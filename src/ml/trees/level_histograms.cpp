#include "ml/trees/level_histograms.hpp"

#include "ml/trees/for_blocks.hpp"

#include "partita/comm/mpi_error.hpp"
#include "partita/core/error.hpp"

#include <algorithm>
#include <limits>

#include <mpi.h>

namespace partita::ml {

namespace {

HistogramShape shape_of(BinnedRows const& rows, std::int64_t drawn, std::int64_t channels) {
    HistogramShape shape;
    shape.channels = channels;
    std::int64_t most = 1;
    for (std::int64_t j = 0; j < rows.features(); ++j) {
        shape.first_bin.push_back(shape.bins() + rows.edges().bins(j));
        most = std::max(most, rows.edges().bins(j));
    }
    if (drawn <= 0 || drawn >= rows.features()) return shape;
    shape.first_bin = {0};
    for (std::int64_t s = 0; s < drawn; ++s) shape.first_bin.push_back((s + 1) * most);
    return shape;
}

}  // namespace

LevelHistograms::LevelHistograms(Communicator const& comm, BinnedRows const& rows,
                                 RowStatistics const& statistics, GrowRules const& rules)
    : comm_(comm),
      rows_(rows),
      statistics_(statistics),
      rules_(rules),
      shape_(shape_of(rows, rules.node_features, statistics.channels())),
      my_slots_(share_of(shape_.slots(), comm.size(), comm.rank())) {
    std::int64_t const most = std::numeric_limits<int>::max();
    check_everywhere(saturated_product(shape_.numbers(), 2) <= most,
                     "trees: {} features of {} bins in all are more than one histogram holds",
                     shape_.slots(), shape_.bins());
}

std::vector<Split> LevelHistograms::find_splits(Level const& level) {
    auto const nodes = std::ssize(level);
    // Both limits are the same on every rank.
    std::int64_t const most_numbers =
        std::min<std::int64_t>(rules_.histogram_bytes / 8, std::numeric_limits<int>::max());
    bool const all_fit = saturated_product(nodes, shape_.numbers()) <= most_numbers;
    std::int64_t const turn =
        all_fit ? nodes : std::max<std::int64_t>(1, most_numbers / shape_.numbers() - 1);
    std::vector<Split> splits(level.size());
    std::vector<std::int64_t> mine;
    for (std::int64_t first = 0; first < nodes;) {
        std::int64_t last = std::min(first + turn, nodes);
        if (last < nodes && level[static_cast<std::size_t>(last)].parent >= 0) ++last;
        count(level, {first, last}, mine);
        scan(level, {first, last}, mine, splits);
        first = last;
    }
    bool const any_feature = level.front().features.empty();
    keeps_ = all_fit && any_feature;
    kept_ = keeps_ ? std::move(mine) : std::vector<std::int64_t>{};
    return splits;
}

void LevelHistograms::count(Level const& level, RowRange nodes,
                            std::vector<std::int64_t>& mine) const {
    std::vector<NodeRows> counted;
    for (std::int64_t i = nodes.first; i < nodes.last; ++i) {
        GrowingNode const& node = level[static_cast<std::size_t>(i)];
        if (node.parent < 0) counted.push_back({node.rows, node.features});
    }
    auto const built = std::ssize(counted);
    std::vector<std::int64_t> sums(static_cast<std::size_t>(built * shape_.numbers()));
    add_histograms(rows_, statistics_, shape_, counted, sums, rules_.threads);
    sums = add_over_ranks(std::move(sums), built);
    mine.resize(static_cast<std::size_t>(nodes.size() * my_numbers()));
    std::int64_t next = 0;
    for (std::int64_t i = 0; i < nodes.size(); ++i) {
        GrowingNode const& node = level[static_cast<std::size_t>(nodes.first + i)];
        std::int64_t* const to = mine.data() + i * my_numbers();
        if (node.parent >= 0) {
            std::int64_t const* const parent = kept_.data() + node.parent * my_numbers();
            std::int64_t const* const sibling = to - my_numbers();
            for (std::int64_t j = 0; j < my_numbers(); ++j) to[j] = parent[j] - sibling[j];
            continue;
        }
        // From slot by slot to node by node.
        for (std::int64_t s = my_slots_.first; s < my_slots_.last; ++s) {
            std::int64_t const before = shape_.bins_of({my_slots_.first, s}) * shape_.channels;
            std::int64_t const numbers = shape_.bins_of({s, s + 1}) * shape_.channels;
            std::copy_n(sums.data() + before * built + next * numbers, numbers, to + before);
        }
        ++next;
    }
}

std::vector<std::int64_t> LevelHistograms::add_over_ranks(std::vector<std::int64_t> counted,
                                                          std::int64_t nodes) const {
    if (comm_.size() == 1) return counted;
    std::vector<int> counts;
    for (int r = 0; r < comm_.size(); ++r)
        counts.push_back(static_cast<int>(
            shape_.bins_of(share_of(shape_.slots(), comm_.size(), r)) * shape_.channels * nodes));
    std::vector<std::int64_t> mine(
        static_cast<std::size_t>(counts[static_cast<std::size_t>(comm_.rank())]));
    check_mpi(MPI_Reduce_scatter(counted.data(), mine.data(), counts.data(), MPI_INT64_T, MPI_SUM,
                                 comm_.handle()),
              "MPI_Reduce_scatter");
    return mine;
}

void LevelHistograms::scan(Level const& level, RowRange nodes,
                           std::vector<std::int64_t> const& mine,
                           std::vector<Split>& splits) const {
    std::int64_t const slots = my_slots_.size();
    std::vector<Split> found(static_cast<std::size_t>(nodes.size() * slots));
    for_parallel(0, std::ssize(found), rules_.threads, [&](std::int64_t task) {
        std::int64_t const i = task / slots, slot = my_slots_.first + task % slots;
        GrowingNode const& node = level[static_cast<std::size_t>(nodes.first + i)];
        if (!node.scan) return;
        std::int64_t const before = shape_.bins_of({my_slots_.first, slot}) * shape_.channels;
        std::int32_t const feature = feature_of(node, slot);
        std::int64_t const numbers = rows_.edges().bins(feature) * shape_.channels;
        found[static_cast<std::size_t>(task)] =
            best_split(statistics_, rules_.split,
                       {mine.data() + i * my_numbers() + before, static_cast<std::size_t>(numbers)},
                       node.sums, feature);
    });
    std::vector<Split> best(static_cast<std::size_t>(nodes.size()));
    for (std::size_t task = 0; task < found.size(); ++task) {
        Split& node = best[task / static_cast<std::size_t>(slots)];
        if (found[task].gain > 0 && found[task].beats(node)) node = std::move(found[task]);
    }
    agree_on_splits(comm_, best, shape_.channels);
    std::move(best.begin(), best.end(), splits.begin() + nodes.first);
}

}  // namespace partita::ml
