#include "knn/build/graph_linker.hpp"

#include "partita/core/hash.hpp"
#include "partita/core/random.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>

#include <omp.h>

namespace partita::knn {

namespace {

/// Batches are this part of the graph that they are added to, and at most so many nodes.
constexpr std::int64_t batch_share = 50, most_in_batch = 1 << 16;

std::int64_t batch_limit(std::int64_t rows) {
    return std::clamp<std::int64_t>(rows / batch_share, 1, most_in_batch);
}

/// Chooses links by the heuristic: a candidate that is nearer to one chosen before than to the
/// node itself can be reached through that one.
class LinkChooser {
  public:
    explicit LinkChooser(GraphVectors const& vectors)
        : vectors_(vectors),
          pair_(vectors.l2 ? active_vector_functions->squared_l2
                           : active_vector_functions->inner_product) {}

    std::vector<Reached> candidates;  ///< In ascending order when choose() is called.

    /// Score `candidates` from their nodes, and put them in order.
    void rank(std::int32_t node) {
        nodes_.clear();
        for (Reached const& candidate : candidates) nodes_.push_back(candidate.node);
        values_.resize(nodes_.size());
        VectorScorer const score(vectors_, vectors_.at(node));
        score(nodes_.data(), std::ssize(nodes_), values_.data());
        for (std::size_t i = 0; i < nodes_.size(); ++i) candidates[i].score = values_[i];
        std::sort(candidates.begin(), candidates.end());
    }

    /// Write up to `capacity` links of `node`, then -1 to `size`.
    void choose(std::int32_t node, std::int64_t capacity, std::int64_t size, std::int32_t* links) {
        std::int64_t count = choose_equals(node, std::max<std::int64_t>(1, size / 4), links);
        for (Reached const& candidate : candidates) {
            if (count == capacity) break;
            if (!equal(node, candidate) && !reached_through(links, count, candidate))
                links[count++] = candidate.node;
        }
        std::fill(links + count, links + size, -1);
    }

    /// Whether a candidate's vector is the node's own.
    bool equal(std::int32_t node, Reached candidate) const {
        if (vectors_.l2) return candidate.score == 0;
        return std::memcmp(vectors_.at(node), vectors_.at(candidate.node),
                           static_cast<std::size_t>(vectors_.dim) * 4) == 0;
    }

  private:
    /// Of vectors equal to the node's, random ones: were it the first in order, all would link to
    /// the same few, and lead to no other.
    std::int64_t choose_equals(std::int32_t node, std::int64_t most, std::int32_t* links) {
        equals_.clear();
        for (Reached const& candidate : candidates)
            if (equal(node, candidate))
                equals_.emplace_back(combine_hashes(static_cast<std::uint64_t>(node),
                                                    static_cast<std::uint64_t>(candidate.node)),
                                     candidate.node);
        std::sort(equals_.begin(), equals_.end());
        std::int64_t const count = std::min(most, static_cast<std::int64_t>(equals_.size()));
        for (std::int64_t i = 0; i < count; ++i)
            links[i] = equals_[static_cast<std::size_t>(i)].second;
        return count;
    }

    bool reached_through(std::int32_t const* chosen, std::int64_t count, Reached candidate) const {
        float const* vector = vectors_.at(candidate.node);
        for (std::int64_t i = 0; i < count; ++i) {
            float const value =
                pair_(vector, vectors_.at(chosen[i]), static_cast<std::size_t>(vectors_.dim));
            if ((vectors_.l2 ? value : -value) < candidate.score) return true;
        }
        return false;
    }

    GraphVectors vectors_;
    VectorFunctions::Pair pair_;
    std::vector<std::int32_t> nodes_;
    std::vector<float> values_;
    std::vector<std::pair<std::uint64_t, std::int32_t>> equals_;
};

class GraphLinker {
  public:
    GraphLinker(GrowingGraph& graph, HnswOptions const& options)
        : graph_(graph),
          options_(options),
          links_(graph.capacity(1)),
          order_(graph.rows()),
          first_request_(graph.rows()),
          next_request_(batch_limit(graph.rows()) * links_) {
        std::iota(order_.begin(), order_.end(), 0);
        RandomStream random(options.seed, 0x6f72646572);
        for (std::int64_t i = graph.rows() - 1; i > 0; --i)
            std::swap(
                order_[i],
                order_[static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(i) + 1))]);
        std::fill(first_request_.begin(), first_request_.end(), -1);
        for (int thread = 0; thread < options.threads; ++thread)
            threads_.push_back(std::make_unique<Thread>(graph));
    }

    void run() {
        graph_.entry_point = order_[0];
        graph_.max_level = graph_.level(order_[0]);
        for (std::int64_t done = 1; done < graph_.rows();) {
            std::int64_t const size = std::min(batch_limit(done), graph_.rows() - done);
            insert({order_.data() + done, static_cast<std::size_t>(size)});
            done += size;
            if (options_.progress) options_.progress(size);
        }
        if (options_.progress) options_.progress(1);
    }

  private:
    using Batch = std::span<std::int32_t const>;

    /// What a thread needs, apart from other threads' cache lines.
    struct Thread {
        explicit Thread(GrowingGraph const& graph) : walk(graph.rows()), chooser(graph.vectors()) {}
        WalkWorkspace walk;
        LinkChooser chooser;
        std::vector<std::int32_t> asked;  // nodes that were the first to be asked for a link
    };

    /// Waking others for a few nodes costs more than it gains.
    int threads_for(std::int64_t nodes) const { return nodes < 32 ? 1 : options_.threads; }

    void insert(Batch batch) {
        auto const size = static_cast<std::int64_t>(batch.size());
        repeats_.assign(batch.size(), 0);
#pragma omp parallel for schedule(dynamic, 4) num_threads(threads_for(size))
        for (std::int64_t i = 0; i < size; ++i) find_links(batch, i);
        int top = 0;
        for (std::int32_t node : batch) top = std::max(top, graph_.level(node));
        for (int level = 0; level <= std::min(top, graph_.max_level); ++level)
            link_back(batch, level);
        for (std::int64_t i = 0; i < size; ++i) {
            std::int32_t const node = batch[static_cast<std::size_t>(i)];
            if (graph_.level(node) <= graph_.max_level || repeats_[static_cast<std::size_t>(i)])
                continue;
            graph_.entry_point = node;
            graph_.max_level = graph_.level(node);
        }
    }

    /// Links of a new node to nodes of earlier batches.
    void find_links(Batch batch, std::int64_t i) {
        Thread& own = *threads_[static_cast<std::size_t>(omp_get_thread_num())];
        std::int32_t const node = batch[static_cast<std::size_t>(i)];
        GraphWalk const walk(graph_, VectorScorer(graph_.vectors(), graph_.vector(node)), own.walk);
        Reached nearest = walk.reach(graph_.entry_point);
        int level = graph_.max_level;
        for (; level > graph_.level(node); --level) nearest = walk.descend(nearest, level);
        for (; level >= 0; --level) {
            walk.search(nearest, level, options_.ef_construction, options_.ef_construction,
                        own.walk.marks);
            auto& candidates = own.chooser.candidates;
            candidates.clear();
            for (std::int64_t c = 0; c < own.walk.nearest.size(); ++c)
                candidates.push_back(own.walk.nearest[c]);
            nearest = candidates.front();
            if (level > 0 && own.chooser.equal(node, nearest)) {
                repeats_[static_cast<std::size_t>(i)] = 1;
                continue;
            }
            own.chooser.choose(node, links_, graph_.capacity(level),
                               graph_.mutable_links(node, level));
        }
    }

    /// Link the nodes that a batch links to on one level back to it.
    void link_back(Batch batch, int level) {
        auto const size = static_cast<std::int64_t>(batch.size());
#pragma omp parallel num_threads(threads_for(size))
        {
            Thread& own = *threads_[static_cast<std::size_t>(omp_get_thread_num())];
#pragma omp for schedule(static)
            for (std::int64_t i = 0; i < size; ++i) request_links(batch, i, level, own.asked);
        }
        asked_.clear();
        for (auto const& thread : threads_) {
            asked_.insert(asked_.end(), thread->asked.begin(), thread->asked.end());
            thread->asked.clear();
        }
        auto const asked = static_cast<std::int64_t>(asked_.size());
#pragma omp parallel for schedule(dynamic, 16) num_threads(threads_for(asked))
        for (std::int64_t i = 0; i < asked; ++i)
            grant_links(batch, asked_[static_cast<std::size_t>(i)], level);
    }

    /// Request i * links_ + j is by batch node i to its link j; requests to one node are chained.
    void request_links(Batch batch, std::int64_t i, int level, std::vector<std::int32_t>& asked) {
        std::int32_t const node = batch[static_cast<std::size_t>(i)];
        if (graph_.level(node) < level) return;
        std::int32_t const* links = graph_.mutable_links(node, level);
        for (std::int64_t j = 0; j < links_ && links[j] >= 0; ++j) {
            auto const request = static_cast<std::int32_t>(i * links_ + j);
            std::int32_t const before =
                __atomic_exchange_n(first_request_.data() + links[j], request, __ATOMIC_RELAXED);
            next_request_[request] = before;
            if (before < 0) asked.push_back(links[j]);
        }
    }

    void grant_links(Batch batch, std::int32_t node, int level) {
        LinkChooser& chooser = threads_[static_cast<std::size_t>(omp_get_thread_num())]->chooser;
        auto& candidates = chooser.candidates;
        candidates.clear();
        for (std::int32_t request = first_request_[node]; request >= 0;
             request = next_request_[request])
            candidates.push_back({0, batch[static_cast<std::size_t>(request / links_)]});
        first_request_[node] = -1;
        std::int32_t* const links = graph_.mutable_links(node, level);
        std::int64_t const capacity = graph_.capacity(level);
        std::int64_t const old = std::find(links, links + capacity, -1) - links;
        if (old + static_cast<std::int64_t>(candidates.size()) <= capacity) {
            std::sort(candidates.begin(), candidates.end());
            for (std::size_t c = 0; c < candidates.size(); ++c)
                links[old + static_cast<std::int64_t>(c)] = candidates[c].node;
            return;
        }
        for (std::int64_t j = 0; j < old; ++j) candidates.push_back({0, links[j]});
        chooser.rank(node);
        chooser.choose(node, capacity, capacity, links);
    }

    GrowingGraph& graph_;
    HnswOptions const& options_;
    std::int64_t links_;
    Buffer<std::int32_t> order_;          // of insertion
    Buffer<std::int32_t> first_request_;  // to each node, -1 = none
    Buffer<std::int32_t> next_request_;   // after each request of the batch to the same node
    std::vector<char> repeats_;           // whether a batch's node repeats an older vector
    std::vector<std::int32_t> asked_;
    std::vector<std::unique_ptr<Thread>> threads_;
};

}  // namespace

std::int64_t linking_memory_bytes(std::int64_t rows, std::int64_t links, int threads) {
    // Order and requests, the requests of a batch, and the marks of each thread.
    return rows * 8 + batch_limit(rows) * links * 12 + rows * 2 * threads;
}

void link_graph(GrowingGraph& graph, HnswOptions const& options) {
    if (graph.rows() > 0) GraphLinker(graph, options).run();
}

}  // namespace partita::knn
