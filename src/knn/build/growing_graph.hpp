#pragma once

#include "knn/index/graph_walk.hpp"

#include "partita/core/buffer.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace partita::knn {

/// An HNSW graph in memory: vectors, and for each node 2 M links on level 0 and M on each level
/// above up to its own, drawn at random with P(level >= l) = M^-l. Unused links are -1 and stand
/// last in their list.
///
/// Levels are a function of (seed, node), so all memory is laid out before the first link is.
class GrowingGraph {
  public:
    /// Vectors are undefined until filled in; there are no links yet.
    GrowingGraph(std::int64_t rows, std::int64_t dim, std::int64_t links, bool l2,
                 std::uint64_t seed);

    /// What such a graph takes, levels above 0 as expected.
    static std::int64_t memory_bytes(std::int64_t rows, std::int64_t dim, std::int64_t links);

    std::int64_t rows() const { return rows_; }
    std::int64_t dim() const { return dim_; }
    float* vector(std::int64_t node) { return vectors_.row(node); }
    float const* vector(std::int64_t node) const { return vectors_.row(node); }
    int level(std::int32_t node) const { return levels_[node]; }
    std::int64_t capacity(int level) const { return level == 0 ? 2 * links_ : links_; }

    /// The capacity(level) links of a node.
    std::int32_t* mutable_links(std::int32_t node, int level) {
        if (level == 0) return links_0_.data() + 2 * links_ * node;
        std::int64_t const first_above = offsets_[node] - 2 * links_ * node;
        return links_above_.data() + first_above + links_ * (level - 1);
    }

    // What GraphWalk asks for.
    GraphVectors vectors() const { return {vectors_.data(), rows_, dim_, l2_}; }
    LinkList links(std::int32_t node, int level) const {
        auto const* first = const_cast<GrowingGraph*>(this)->mutable_links(node, level);
        return {reinterpret_cast<std::byte const*>(first), capacity(level)};
    }

    std::int32_t entry_point = -1;
    int max_level = -1;

    /// Takes bytes of a file, at an offset.
    using Write = std::function<void(std::int64_t offset, void const* data, std::int64_t bytes)>;

    /// Write FAISS's IndexHNSWFlat of this graph. Rank-local.
    void write(Write const& write, int ef_construction, int ef_search) const;
    /// How long that is, for a graph of so many vectors.
    static std::int64_t file_bytes(std::int64_t rows, std::int64_t dim, std::int64_t links,
                                   std::uint64_t seed);

  private:
    std::int64_t rows_, dim_, links_;
    bool l2_;
    std::vector<double> level_probabilities_;
    Matrix vectors_;
    Buffer<std::int8_t> levels_;
    Buffer<std::int64_t> offsets_;  // of a node's first link in the file; rows + 1
    Buffer<std::int32_t> links_0_, links_above_;
};

}  // namespace partita::knn
