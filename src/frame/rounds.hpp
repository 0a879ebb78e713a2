#pragma once

#include "partita/comm/work_queue.hpp"
#include "partita/dataset/piece_store.hpp"
#include "partita/frame/table.hpp"
#include "partita/io/ordered_text.hpp"
#include "partita/io/partial_output.hpp"
#include "partita/obs/progress.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace partita::frame {

/// What a partition has become.
struct Written {
    std::int64_t rows = 0, bytes = 0;
};

/// Puts a partition's bytes into a store. Rank-local; called by several threads.
using KeepPartition = std::function<Written(dataset::PieceStore&, std::int64_t partition)>;

/// The partitions of a table as bytes, one after another in a file of an output that another job
/// may finish. A second file has their rows and bytes, so that a later job knows them.
class RoundWriter {
  public:
    /// Collective: what the job before recorded is there already.
    RoundWriter(Table const& table, io::PartialOutput& partial, std::string const& name);

    io::OrderedTextWriter& file() { return file_; }

    /// Collective: all partitions that are missing.
    void run(std::string_view what, KeepPartition const& keep);

    /// All partitions so far, in order.
    std::vector<Written> const& partitions() const { return written_; }
    std::int64_t rows() const;

  private:
    struct Kept {
        std::int64_t partition;
        Written written;
    };

    std::int64_t done() const { return std::ssize(written_); }
    void take_partitions(WorkQueue& queue, KeepPartition const& keep, dataset::PieceStore& store,
                         std::vector<Kept>& kept, obs::Progress& progress) const;
    void append_round(dataset::PieceStore const& store, std::vector<Kept> const& kept,
                      std::int64_t next);

    Table table_;
    io::PartialOutput& partial_;
    std::vector<Written> written_;  ///< Read before the file is opened anew.
    io::OrderedTextWriter file_, parts_;
};

}  // namespace partita::frame
