#include "partita/knn/placement.hpp"

#include "knn/index/graph_walk.hpp"

#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"

namespace partita::knn {

namespace {

/// Of a node's memory, for one copy of the index; the rest is for queries and results.
constexpr double largest_share = 0.6;

std::string text_of(std::int64_t bytes) { return format_bytes(static_cast<double>(bytes)); }

}  // namespace

Placement parse_placement(std::string const& name) {
    for (Placement placement : {Placement::automatic, Placement::replicate, Placement::shard})
        if (name == to_string(placement)) return placement;
    throw Error("placement: expected auto, replicate or shard, got \"" + name + '"');
}

std::string to_string(Placement placement) {
    if (placement == Placement::automatic) return "auto";
    return placement == Placement::replicate ? "replicate" : "shard";
}

bool can_be_sharded(std::string const& type) {
    return type == "flat" || type == "ivf" || type == "hnsw";
}

bool fits_node(std::int64_t index_bytes, std::int64_t node_memory_bytes) {
    return static_cast<double>(index_bytes) <=
           largest_share * static_cast<double>(node_memory_bytes);
}

std::int64_t graph_workspace_bytes(std::int64_t graph_rows, int ranks_on_node, int threads) {
    constexpr std::int64_t least = 1 << 20;
    return ranks_on_node * (least + threads * NodeMarks::bytes(graph_rows));
}

namespace {

PlacementChoice choose(Placement asked, PlacementFacts const& facts) {
    if (asked == Placement::replicate) return {asked, "as asked"};
    bool const possible = can_be_sharded(facts.type) && facts.can_be_shared;
    if (asked == Placement::shard) {
        check(possible,
              "--placement shard: expected a flat or ivf index, or an hnsw one that was built with "
              "--shards, got {}{}",
              facts.type, facts.type == "hnsw" ? " of one graph" : "");
        return {asked, "as asked"};
    }
    if (facts.nodes == 1) return {Placement::replicate, "one node, whose ranks share it"};
    bool const fits = fits_node(facts.index_bytes, facts.node_memory_bytes);
    std::string const reason =
        fmt::format("{} {} 60 % of a node's {}", text_of(facts.index_bytes),
                    fits ? "are within" : "are over", text_of(facts.node_memory_bytes));
    if (fits) return {Placement::replicate, reason};
    if (!possible) return {Placement::replicate, reason + ", but it cannot be shared out"};
    return {Placement::shard, reason};
}

}  // namespace

PlacementChoice choose_placement(Placement asked, PlacementFacts const& facts) {
    PlacementChoice choice = choose(asked, facts);
    std::int64_t const needed = facts.index_bytes + facts.workspace_bytes;
    check(facts.type != "hnsw" || choice.placement == Placement::shard ||
              facts.node_memory_bytes == 0 || needed <= facts.node_memory_bytes,
          "an hnsw index is read here and there, so a node must hold all of it: this one takes {} "
          "with working memory, but the job may use {} of a node: expected more --memory, "
          "--placement shard on more nodes (after building with --shards), or an index of type ivf",
          text_of(needed), text_of(facts.node_memory_bytes));
    return choice;
}

}  // namespace partita::knn
