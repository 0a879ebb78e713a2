#include "partita/knn/plan.hpp"

#include "knn/index/list_coding.hpp"
#include "knn/nearest_centroids.hpp"
#include "knn/query_block.hpp"
#include "knn/self_join.hpp"
#include "knn/shard/shard_costs.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/random.hpp"
#include "partita/knn/build.hpp"
#include "partita/knn/exact_search.hpp"
#include "partita/knn/placement.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <omp.h>

namespace partita::knn {

namespace {

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

std::int64_t predict_pairs_bytes(std::int64_t rows, std::int64_t k) {
    return rows * SelfJoin::bytes_per_row(std::min(rows, k));
}

double predict_search_operations(JobShape const& shape, double list_overhead) {
    auto const rows = static_cast<double>(shape.rows), lists = static_cast<double>(shape.lists);
    double const pairs = 2.0 * static_cast<double>(shape.dim) * static_cast<double>(shape.queries);
    if (shape.type == "flat") return shape.each_pair_once ? pairs * rows / 2 : pairs * rows;
    if (shape.type != "ivf" || shape.lists == 0) return 0;
    if (shape.effort >= shape.lists) return pairs * rows;
    auto const looked_at =
        static_cast<double>(NearestCentroids::compared(shape.lists, shape.effort));
    double const probed = static_cast<double>(shape.effort) / lists;
    return pairs * (looked_at + rows * probed) * list_overhead;
}

RoundOverhead predict_round_overhead(JobShape const& shape, std::int64_t queries,
                                     bool read_in_order) {
    if (shape.type == "flat" && read_in_order)
        return {0, static_cast<double>(predict_index_bytes(shape))};
    if (shape.type != "ivf" || shape.lists == 0) return {};
    // Packing a vector costs about as much as scoring it against ten queries, decoding it as much
    // again.
    double const packing = shape.codes == "fp32" ? 10 : 20;
    double const probed =
        std::min(1.0, static_cast<double>(shape.effort) / static_cast<double>(shape.lists));
    double const touched = 1 - std::pow(1 - probed, static_cast<double>(queries));
    double const rows = touched * static_cast<double>(shape.rows);
    RoundOverhead overhead;
    overhead.operations = 2 * packing * rows * static_cast<double>(shape.dim);
    if (read_in_order) overhead.bytes = touched * static_cast<double>(predict_index_bytes(shape));
    return overhead;
}

double predict_build_operations(JobShape const& shape, std::int64_t iterations) {
    if (shape.type != "ivf") return 0;
    auto const lists = static_cast<double>(shape.lists);
    double const sample = std::min(64 * lists, static_cast<double>(shape.rows));
    // All but the last two look at a quarter: see distributed_kmeans.
    double const whole = std::min(2.0, static_cast<double>(iterations));
    double const looks = whole + (static_cast<double>(iterations) - whole) / 4;
    return 2.0 * static_cast<double>(shape.dim) * lists *
           (looks * sample + static_cast<double>(shape.rows));
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

namespace {

Matrix made_up_vectors(std::int64_t rows, std::int64_t dim) {
    Matrix vectors(rows, dim);
    RandomStream random(1);
    for (std::int64_t i = 0; i < rows * dim; ++i)
        vectors.data()[i] = static_cast<float>(random.uniform());
    return vectors;
}

/// What is measured with is no larger than the 16 MiB that 4,096 vectors of 1,024 numbers take:
/// jobs measure beside what --memory lets them keep. Numbers of very long vectors go as fast as
/// these.
std::int64_t measured_dim(std::int64_t dim) { return std::min<std::int64_t>(dim, 8192); }

std::int64_t measured_rows(std::int64_t dim) { return (std::int64_t{1} << 22) / measured_dim(dim); }

/// The shorter of two runs.
template <class Work>
double least_seconds(Work const& work) {
    double best = 1e300;
    for (int repeat = 0; repeat < 2; ++repeat) {
        obs::Stopwatch watch;
        work();
        best = std::min(best, watch.seconds());
    }
    return best;
}

}  // namespace

double measure_scan_rate(std::int64_t dim_of_job, int threads) {
    // About a gigaflop: enough to be measured, too little to be noticed.
    std::int64_t const dim = measured_dim(dim_of_job);
    std::int64_t const rows = std::min<std::int64_t>(4096, measured_rows(dim));
    std::int64_t const queries =
        std::clamp<std::int64_t>((std::int64_t{1} << 29) / (rows * dim), 96, 2048);
    Matrix const vectors = made_up_vectors(rows, dim);
    ExactSearchOptions options;
    options.threads = threads;
    double const seconds = least_seconds([&] {
        exact_search(vectors.view(), vectors.view().slice(0, queries), 10, Metric::l2, options);
    });
    return 2.0 * static_cast<double>(rows * dim) * static_cast<double>(queries) / seconds;
}

double measure_list_overhead(JobShape const& shape, int threads) {
    // Half of the lists for each query, so that 256 of the queries want each list.
    constexpr std::int64_t lists = 32, queries = 512;
    std::int64_t const dim = measured_dim(shape.dim);
    std::int64_t const list_rows =
        std::clamp<std::int64_t>(shape.rows / std::max<std::int64_t>(shape.lists, 1), 16,
                                 std::min<std::int64_t>(1024, measured_rows(dim) / lists));
    Matrix const vectors = made_up_vectors(lists * list_rows, dim);
    std::vector<std::vector<std::int32_t>> wanted(2);
    for (std::int32_t q = 0; q < queries; ++q) wanted[static_cast<std::size_t>(q % 2)].push_back(q);
    int const team = threads > 0 ? threads : omp_get_max_threads();
    double const seconds = least_seconds([&] {
        QueryBlock block(vectors.view().slice(0, queries), 10, Metric::l2, {}, team);
#pragma omp parallel num_threads(team)
        {
            ScanWorkspace workspace(dim, 10);
#pragma omp for schedule(dynamic, 1)
            for (std::int64_t l = 0; l < lists; ++l)
                block.scan(vectors.view().slice(l * list_rows, (l + 1) * list_rows),
                           {nullptr, l * list_rows}, wanted[static_cast<std::size_t>(l % 2)],
                           workspace);
        }
        Neighbors found(block.queries(), 10);
        block.finish(found, 0, team);
    });
    double const operations =
        static_cast<double>(dim * lists * list_rows) * static_cast<double>(queries);
    return std::max(1.0, seconds * measure_scan_rate(dim, threads) / operations);
}

double measure_job_rate(Communicator const& comm, std::int64_t dim, int threads) {
    double const mine = collectively(comm, "plan", [&] { return measure_scan_rate(dim, threads); });
    return comm.all_reduce(mine, Reduce::min) * comm.size();
}

}  // namespace partita::knn
