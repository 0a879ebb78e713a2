#include "partita/io/convert.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/buffer.hpp"
#include "partita/io/vector_sink.hpp"
#include "partita/obs/progress.hpp"

#include <algorithm>

namespace partita::io {

namespace {

/// Rows that a rank can hold: as read, as encoded or as text, and their ids.
std::int64_t block_rows(VectorSource const& source, std::int64_t memory_bytes) {
    constexpr std::int64_t most_text_bytes_per_number = 26;
    std::int64_t const per_number =
        static_cast<std::int64_t>(format::size_of(source.type())) + most_text_bytes_per_number;
    std::int64_t const per_row = source.dim() * per_number + 3 * source.ids().width();
    return std::clamp<std::int64_t>(memory_bytes / per_row, 1, source.rows());
}

struct Block {
    std::int64_t first = 0, count = 0;
    IdBlock ids;
};

}  // namespace

Converted convert(Communicator const& comm, VectorSource const& source,
                  std::string const& target_spec, ConvertOptions const& options) {
    format::VectorShape shape{source.rows(), source.dim(), source.type()};
    IdShape const ids{source.ids().kind(), source.ids().width()};
    auto sink = VectorSink::create(comm, target_spec, shape, ids, options.overwrite);
    std::int64_t const rows = block_rows(source, options.memory_bytes);
    auto const row_bytes = shape.dim * static_cast<std::int64_t>(format::size_of(shape.type));
    auto values = collectively(comm, "", [&] { return Buffer<std::byte>(rows * row_bytes); });
    obs::Progress progress("convert", "rows", shape.rows, shape.rows);
    for (std::int64_t round = 0; round < shape.rows; round += rows * comm.size()) {
        Block block;
        block.first = std::min(round + comm.rank() * rows, shape.rows);
        block.count = std::min(rows, shape.rows - block.first);
        collectively(comm, "", [&] {
            source.read_native(block.first, block.first + block.count, values.data());
            block.ids = source.ids().read(block.first, block.first + block.count);
        });
        sink->write(block.first, block.count, values.data(), block.ids);
        progress.add(std::min(rows * comm.size(), shape.rows - round));
    }
    sink->commit();
    shape.type = sink->stored_type();
    return {target_spec, shape, sink->ids_path()};
}

}  // namespace partita::io
