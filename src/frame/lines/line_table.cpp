#include "frame/lines/line_table.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/dataset/find_files.hpp"

#include <algorithm>

namespace partita::frame::lines {

namespace {

/// Thrown to leave a loop over lines early.
struct Enough {};

/// What `work` returns; its errors get the place of the line.
template <class Work>
auto placed(dataset::LineBlocks const& lines, dataset::LinePlace const& place, Work const& work) {
    try {
        return work();
    } catch (Error const& error) {
        fail("{}{}", lines.place_text(place), error.what());
    }
}

}  // namespace

bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::shared_ptr<dataset::LineBlocks const> open_lines(dataset::Context const& context,
                                                      std::string const& paths,
                                                      std::int64_t partition_bytes,
                                                      std::string_view operation) {
    Communicator const& comm = context.comm();
    std::int64_t partitions = 1;
    collectively(comm, "", [&] {
        if (!comm.is_root()) return;
        std::int64_t bytes = 0;
        for (std::string const& path : dataset::find_files(paths))
            bytes += File::open_read(path).size();
        constexpr std::int64_t most_partitions = 16384;
        partitions = std::clamp<std::int64_t>(bytes / std::max<std::int64_t>(partition_bytes, 1), 1,
                                              most_partitions);
    });
    comm.broadcast(std::span(&partitions, 1));
    constexpr std::int64_t any_block_bytes = 1 << 20;
    return std::make_shared<dataset::LineBlocks const>(context, paths, partitions, any_block_bytes,
                                                       operation);
}

void read_lines_until(dataset::LineBlocks const& lines, std::int64_t partition,
                      dataset::FunctionRef<bool(std::string_view)> visit) {
    try {
        lines.for_each_placed_line(
            partition, [&](std::string_view line, dataset::LinePlace const& place) {
                if (is_blank(line)) return;
                bool const goes_on = placed(lines, place, [&] { return visit(line); });
                if (!goes_on) throw Enough{};
            });
    } catch (Enough) {  // the only way out of a loop over lines
    }
}

void LineSource::run(std::int64_t partition, BlockSink sink) const {
    std::unique_ptr<RowBuilder> const rows = make_();
    lines_->for_each_placed_line(partition,
                                 [&](std::string_view line, dataset::LinePlace const& place) {
                                     if (is_blank(line)) return;
                                     placed(*lines_, place, [&] { rows->add(line); });
                                     if (rows->rows() >= block_rows_) sink(rows->take());
                                 });
    if (rows->rows() > 0) sink(rows->take());
}

}  // namespace partita::frame::lines
