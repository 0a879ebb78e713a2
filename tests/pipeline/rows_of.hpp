#pragma once

#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/core/random.hpp"
#include "partita/frame/csv.hpp"
#include "partita/ml/training_set.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace partita::test {

/// Tables from text, and what ranks hold of a training set.
class PipelineTest : public testing::Test {
  protected:
    frame::Table table(std::string const& text, std::int64_t partition_bytes = 40) {
        return table(context_, text, partition_bytes);
    }
    frame::Table table(dataset::Context const& context, std::string const& text,
                       std::int64_t partition_bytes = 40) {
        std::string const path = folder_.path() + "/table" + std::to_string(tables_++) + ".csv";
        if (world_.is_root()) std::ofstream(path) << text;
        world_.barrier();
        frame::CsvOptions options;
        options.partition_bytes = partition_bytes;
        return frame::read_csv(context, path, options);
    }

    /// All ranks' rows of features (or labels), in order.
    std::vector<double> all_numbers(ml::TrainingSet const& set, bool labels = false) {
        std::vector<double> mine;
        RowRange const blocks = set.blocking().blocks_of(world_.rank(), world_.size());
        ml::BatchBuffer buffer;
        for (std::int64_t b = blocks.first; b < blocks.last; ++b) {
            ml::Batch const batch = set.read(set.blocking().block(b), buffer);
            if (labels)
                mine.insert(mine.end(), batch.y.begin(), batch.y.end());
            else
                mine.insert(mine.end(), batch.x.data, batch.x.data + batch.x.size());
        }
        return world_.all_gather_varying(std::span<double const>(mine));
    }

    Communicator world_ = Communicator::world();
    dataset::Context context_{world_};
    test::SharedFolder folder_{world_};
    int tables_ = 0;
};

}  // namespace partita::test
