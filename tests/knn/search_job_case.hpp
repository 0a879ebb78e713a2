#pragma once

#include "support/knn_oracle.hpp"
#include "support/shared_folder.hpp"
#include "support/vector_files.hpp"

#include "partita/comm/communicator.hpp"
#include "partita/comm/topology.hpp"
#include "partita/io/partial_output.hpp"
#include "partita/knn/build.hpp"
#include "partita/knn/node_index.hpp"
#include "partita/knn/search.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace partita::knn {

/// The whole job on small data: build, distribute, search, write, read back.
class SearchJobTest : public testing::Test {
  protected:
    SearchJobTest() : comm_(Communicator::world()), topology_(comm_), folder_(comm_) {
        values_ = test::clustered_vectors(rows, dim, 21);
        base_ = folder_.file("base.fvecs");
        labels_ = folder_.file("labels.txt");
        if (comm_.is_root()) {
            test::write_fvecs(base_, vectors());
            std::ofstream out(labels_);
            for (std::int64_t i = 0; i < rows; ++i) out << "item-" << i * 7 << '\n';
        }
        comm_.barrier();
    }

    static constexpr std::int64_t rows = 530, dim = 8, k = 6;

    MatrixView vectors() const { return {values_.data(), rows, dim}; }

    io::VectorSource open(bool labelled) {
        io::VectorOptions options;
        if (labelled) options.ids = labels_;
        return io::VectorSource::open(comm_, base_, options);
    }

    NodeIndex build(std::string const& type, io::VectorSource const& source,
                    Metric metric = Metric::l2) {
        BuildOptions options;
        options.type = type;
        options.metric = metric;
        options.overwrite = true;
        std::string const path = folder_.file("index-" + type);
        build_index(comm_, source, path, options);
        DistributeOptions distribute;
        distribute.cache_dir = folder_.path();
        return distribute_index(comm_, topology_, path, distribute);
    }

    SearchReport search(NodeIndex const& node, QuerySet const& queries, std::string const& out,
                        SearchJobOptions options = {}, bool record_often = false) {
        options.k = k;
        auto const format = out.ends_with(".csr.h5") ? ResultFormat::csr
                            : out.ends_with(".h5")   ? ResultFormat::hdf5
                            : out.ends_with(".csv")  ? ResultFormat::csv
                                                     : ResultFormat::jsonl;
        io::PartialOutput::Options fresh;
        fresh.overwrite = true;
        if (record_often) fresh.seconds_between_records = 0;
        io::PartialOutput partial(comm_, folder_.file(out), fresh);
        auto const writer = make_result_writer(
            comm_, format, partial,
            {queries.rows(), k, queries.id_kind(), queries.id_width(), rows}, node.ids);
        writer->describe("k", k);
        SearchReport const report =
            search_all(comm_, *node.searcher, node.ids, queries, *writer, options);
        writer->commit();
        return report;
    }

    std::string text_of(std::string const& name) {
        std::ifstream in(folder_.file(name));
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

    Communicator comm_;
    Topology topology_;
    test::SharedFolder folder_;
    std::vector<float> values_;
    std::string base_, labels_;
};

}  // namespace partita::knn
