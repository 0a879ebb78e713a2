#include "partita/pipeline/evaluate_ranking.hpp"

#include "pipeline/numbers.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/dataset/dataset.hpp"

#include <algorithm>
#include <cmath>

namespace partita::pipeline {

namespace {

/// (score, 1 for a relevant item)
using Item = std::pair<double, std::uint8_t>;

/// Fixed, so that sums over queries have one order.
constexpr std::int64_t ranking_partitions = 256;

struct Sums {
    std::int64_t queries = 0, without = 0;
    double average_precision = 0, reciprocal_rank = 0, precision = 0, recall = 0, ndcg = 0;

    void add(Sums const& other) {
        queries += other.queries;
        without += other.without;
        average_precision += other.average_precision;
        reciprocal_rank += other.reciprocal_rank;
        precision += other.precision;
        recall += other.recall;
        ndcg += other.ndcg;
    }
};

double discount(std::size_t rank) { return 1 / std::log2(static_cast<double>(rank) + 1); }

void add_query(Sums& sums, std::vector<Item> items, std::size_t k) {
    auto const relevant = static_cast<std::size_t>(
        std::count_if(items.begin(), items.end(), [](Item const& item) { return item.second; }));
    if (relevant == 0) {
        ++sums.without;
        return;
    }
    std::stable_sort(items.begin(), items.end(),
                     [](Item const& a, Item const& b) { return a.first > b.first; });
    double hits = 0, hits_at_k = 0, precisions = 0, first = 0, gain = 0, ideal = 0;
    for (std::size_t rank = 1; rank <= items.size(); ++rank) {
        if (rank <= k && rank <= relevant) ideal += discount(rank);
        if (!items[rank - 1].second) continue;
        hits += 1;
        precisions += hits / static_cast<double>(rank);
        if (first == 0) first = 1 / static_cast<double>(rank);
        if (rank > k) continue;
        hits_at_k += 1;
        gain += discount(rank);
    }
    auto const all = static_cast<double>(relevant);
    sums.add({1, 0, precisions / all, first, hits_at_k / static_cast<double>(k), hits_at_k / all,
              gain / ideal});
}

}  // namespace

RankingMetrics evaluate_ranking(frame::Table const& table, std::string const& query,
                                std::string const& score, std::string const& relevant,
                                std::int64_t k) {
    check_everywhere(k >= 1, "evaluation: expected k of at least 1, got {}", k);
    using Pair = std::pair<std::string, Item>;
    frame::Table const rows = collectively(table.context().comm(), "", [&] {
        return table.select({query, score, relevant}).cast(query, frame::Type::text);
    });
    auto const push = [source = rows.source(), score, relevant](std::int64_t partition,
                                                                auto&& sink) {
        std::vector<double> scores, labels;
        source->run(partition, [&](frame::Block const& block) {
            numbers_of(block.column(1), scores);
            numbers_of(block.column(2), labels);
            for (std::int64_t i = 0; i < block.rows(); ++i) {
                auto const at = static_cast<std::size_t>(i);
                check(!block.column(1).is_null(i) && !std::isnan(scores[at]),
                      "column '{}': expected a score for each row, got none", score);
                bool const hit = !block.column(2).is_null(i) && labels[at] > 0;
                sink(Pair(block.column(0).text(i), Item(scores[at], hit)));
            }
        });
    };
    auto const groups = dataset::make_dataset<Pair>(rows.plan().then_anew("rank"), push)
                            .group_by_key(dataset::HashPartitioner(ranking_partitions));
    auto const local =
        dataset::run_partitions(groups.plan(), "evaluate", [&](std::int64_t partition) {
            Sums sums;
            groups.push()(partition, [&](auto&& group) {
                add_query(sums, group.to_vector(), static_cast<std::size_t>(k));
            });
            return sums;
        });
    Sums all;
    for (Sums const& sums : table.context().comm().all_gather_varying(std::span<Sums const>(local)))
        all.add(sums);
    auto const n = static_cast<double>(std::max<std::int64_t>(all.queries, 1));
    return {all.queries,
            all.without,
            all.average_precision / n,
            all.reciprocal_rank / n,
            all.precision / n,
            all.recall / n,
            all.ndcg / n};
}

}  // namespace partita::pipeline
