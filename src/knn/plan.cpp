#include "partita/knn/plan.hpp"

#include "knn/index/list_coding.hpp"
#include "knn/query_block.hpp"
#include "knn/shard/shard_costs.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/random.hpp"
#include "partita/knn/build.hpp"
#include "partita/knn/exact_search.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace partita::knn {

namespace {

/// What packing lists, gathering queries, choosing candidates and the uneven popularity of lists
/// add to the scoring of a list-major search: measured on overlapping clusters of 100k to 500k
/// vectors.
constexpr double ivf_overhead = 3;

constexpr std::int64_t least_round = 64, largest_round = 1 << 20;

}  // namespace

RoundPlan plan_rounds(QueryCosts const& costs, std::int64_t memory_bytes) {
    RoundPlan plan;
    plan.costs = costs;
    plan.queries = std::clamp(memory_bytes / costs.total(), least_round, largest_round);
    plan.workspace_bytes = std::max(plan.queries * costs.working, memory_bytes / 8);
    return plan;
}

std::int64_t predict_index_bytes(JobShape const& shape) {
    std::int64_t const vectors = shape.rows * shape.dim * 4;
    if (shape.type == "ivf") {
        ListCoding coding;
        coding.kind = parse_codes(shape.codes);
        coding.dim = shape.dim;
        return shape.rows * (coding.code_bytes() + 8) + shape.lists * (shape.dim * 4 + 8);
    }
    // The lowest level has twice the links of the others, which hold few nodes.
    if (shape.type == "hnsw") return vectors + shape.rows * (12 + 8 * (shape.links + 1));
    return vectors;
}

CodesChoice choose_codes(JobShape shape, std::int64_t node_memory_bytes) {
    shape.codes = "fp32";
    auto const text_of = [](std::int64_t n) { return format_bytes(static_cast<double>(n)); };
    std::string const size = text_of(predict_index_bytes(shape));
    if (fits_node(predict_index_bytes(shape), node_memory_bytes))
        return {"fp32", size + " fit the memory"};
    shape.codes = "fp16";
    bool const halves = fits_node(predict_index_bytes(shape), node_memory_bytes);
    return {halves ? "fp16" : "int8",
            fmt::format("{} of floats are over 60 % of a node's {}; ranked by the floats from disk",
                        size, text_of(node_memory_bytes))};
}

std::int64_t predict_workspace_per_query(JobShape const& shape, std::int64_t k, int ranks) {
    std::int64_t const block = QueryBlock::bytes_per_query(shape.dim, k, shape.codes != "fp32");
    std::int64_t const probes = shape.type == "ivf" ? shape.effort : 0;
    if (ranks == 1) return shape.type == "hnsw" ? 0 : block + probes * 24;
    std::int64_t const pieces = shape.lists / ranks + 1;
    return shard_bytes_per_query(shape.dim, k, probes, std::min(probes, pieces), ranks);
}

double predict_search_operations(JobShape const& shape) {
    auto const rows = static_cast<double>(shape.rows), lists = static_cast<double>(shape.lists);
    double const pairs = 2.0 * static_cast<double>(shape.dim) * static_cast<double>(shape.queries);
    if (shape.type == "flat") return pairs * rows;
    if (shape.type != "ivf" || shape.lists == 0) return 0;
    double const probed = std::min(1.0, static_cast<double>(shape.effort) / lists);
    return pairs * (lists + rows * probed * (probed < 1 ? ivf_overhead : 1));
}

double predict_build_operations(JobShape const& shape, std::int64_t iterations) {
    if (shape.type != "ivf") return 0;
    auto const lists = static_cast<double>(shape.lists);
    double const sample = std::min(64 * lists, static_cast<double>(shape.rows));
    return 2.0 * static_cast<double>(shape.dim) * lists *
           (static_cast<double>(iterations) * sample + static_cast<double>(shape.rows));
}

double predict_search_traffic(JobShape const& shape, std::int64_t k, int nodes, int ranks) {
    if (nodes == 1) return 0;
    auto const vector = static_cast<double>(shape.dim) * 4, found = static_cast<double>(k) * 16;
    auto const queries = static_cast<double>(shape.queries);
    double const visited = shape.type == "ivf"
                               ? std::min(static_cast<double>(shape.effort), double(ranks))
                               : static_cast<double>(ranks);
    return 2 * queries * visited * (vector + found) / nodes;
}

double measure_scan_rate(std::int64_t dim, int threads) {
    // About a gigaflop: enough to be measured, too little to be noticed.
    std::int64_t const rows = 4096;
    std::int64_t const queries =
        std::clamp<std::int64_t>((std::int64_t{1} << 29) / (rows * dim), 96, 2048);
    Matrix vectors(rows, dim);
    RandomStream random(1);
    for (std::int64_t i = 0; i < rows * dim; ++i)
        vectors.data()[i] = static_cast<float>(random.uniform());
    ExactSearchOptions options;
    options.threads = threads;
    double best = 1e300;
    for (int repeat = 0; repeat < 2; ++repeat) {
        obs::Stopwatch watch;
        exact_search(vectors.view(), vectors.view().slice(0, queries), 10, Metric::l2, options);
        best = std::min(best, watch.seconds());
    }
    return 2.0 * static_cast<double>(rows * dim) * static_cast<double>(queries) / best;
}

double measure_job_rate(Communicator const& comm, std::int64_t dim, int threads) {
    double const mine = collectively(comm, "plan", [&] { return measure_scan_rate(dim, threads); });
    return comm.all_reduce(mine, Reduce::min) * comm.size();
}

}  // namespace partita::knn
