#pragma once

#include "partita/dataset/gather.hpp"
#include "partita/dataset/partition_writer.hpp"
#include "partita/dataset/piece_store.hpp"
#include "partita/dataset/plan.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace partita::dataset {

/// How outputs are written.
struct SaveOptions {
    bool overwrite = false;
};

/// Bytes that partitions make in any order and that become one file in the partitions' order.
///
/// They are kept, in scratch where memory is short, until all sizes are known; then every rank
/// writes its own at their places. So elements are computed once, and nothing is gathered.
class OrderedFile {
  public:
    explicit OrderedFile(Plan const& plan)
        : plan_(plan),
          store_(plan.context),
          block_bytes_(std::min<std::size_t>(
              1 << 20, static_cast<std::size_t>(writer_chunk_bytes(plan.context)))) {}

    /// The bytes of one partition. Rank-local, one per partition.
    class Part {
      public:
        Part(OrderedFile& file, std::int64_t partition) : file_(file), partition_(partition) {}

        /// Append to this.
        std::string& text() { return text_; }
        /// To be called now and then, between rows.
        void flush_if_large() {
            if (text_.size() >= file_.block_bytes_) flush();
        }
        void flush();

      private:
        OrderedFile& file_;
        std::int64_t partition_;
        std::int64_t sequence_ = 0;
        std::string text_;
    };

    /// Collective: `head`, then all partitions.
    /// @throws CollectiveError (no such folder, exists and not `overwrite`, disk full).
    void write(std::string const& path, std::string_view head, SaveOptions const& options);

  private:
    Plan const& plan_;
    PieceStore store_;
    std::size_t block_bytes_;
};

}  // namespace partita::dataset
