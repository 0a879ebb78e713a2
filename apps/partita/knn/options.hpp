#pragma once

#include "cli/command_line.hpp"

#include "partita/io/vector_source.hpp"
#include "partita/knn/build.hpp"
#include "partita/knn/node_index.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace partita::cli {

/// How vector files are to be read: --ids, --allow-nan, --header.
struct ReadArguments {
    std::string ids;
    bool allow_nan = false;
    std::string header = "auto";

    io::VectorOptions options() const;
};

/// What kind of index, and how it is built.
struct IndexArguments {
    std::string type = "auto";
    std::string metric = "auto";
    std::string codes = "auto";
    std::int64_t lists = 0, train_sample = 0, shards = 0, links = 32, ef_construction = 40;
    bool reproducible = false;

    /// The metric that was asked for, or that the file names, or l2.
    knn::Metric chosen_metric(io::VectorSource const& source) const;
    /// --codes auto is fp32 here: a kept index is the same whatever memory builds it.
    knn::BuildOptions options(Session const& session, knn::Metric metric) const;
    /// For an index of these vectors among themselves; says what auto takes. Where the index is not
    /// kept, --codes auto goes by the nodes' memory. Collective.
    knn::BuildOptions options_for_graph(Session const& session, io::VectorSource const& source,
                                        bool kept) const;
};

/// What is searched for, and where it goes.
struct SearchArguments {
    std::int64_t k = 10;
    double recall = 0;  ///< 0 = not given.
    std::int64_t nprobe = 0, ef = 0;
    int refine = 0;  ///< Rounds; of graphs.
    std::optional<double> radius;
    bool exclude_self = false, mutual = false, resume = false;
    std::string placement = "auto";
    std::int64_t max_seconds = 86400;
    std::string out, format = "auto";

    /// The effort that was asked for, 0 = none. @throws Error when two ways are given at once.
    std::int64_t effort() const;
    /// See knn::predict_pairs_bytes.
    std::int64_t pairs_bytes(std::int64_t rows) const;
    /// See knn::predict_refine_bytes.
    std::int64_t refine_bytes(std::int64_t rows, int ranks_on_node) const;
    std::string format_for(std::string const& path) const;
    /// @throws Error when what is asked for cannot be had together.
    void check_radius() const;
    void check_refine() const;
    /// @throws Error when indexes of this type cannot be searched for what is asked.
    void check_type(std::string const& type) const;
    knn::DistributeOptions distribute_options(Session const& session) const;
};

void add_read_arguments(Command& command, ReadArguments& arguments);
void add_index_arguments(Command& command, IndexArguments& arguments);
void add_search_arguments(Command& command, SearchArguments& arguments);

}  // namespace partita::cli
