#include "partita/frame/partial_write.hpp"

#include "frame/block_codec.hpp"
#include "frame/csv/write.hpp"
#include "frame/hdf5/write.hpp"
#include "frame/rounds.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/file.hpp"

namespace partita::frame {

namespace {

/// Encoded blocks in a file, by partition.
class FileBlocks final : public BlockSource {
  public:
    FileBlocks(std::string const& path, std::shared_ptr<Schema const> schema,
               std::vector<Written> const& partitions)
        : file_(File::open_read(path)), schema_(std::move(schema)) {
        for (Written const& one : partitions) starts_.push_back(starts_.back() + one.bytes);
    }

    void run(std::int64_t partition, BlockSink sink) const override {
        std::int64_t const first = starts_[static_cast<std::size_t>(partition)];
        std::int64_t const bytes = starts_[static_cast<std::size_t>(partition) + 1] - first;
        Buffer<std::byte> buffer(bytes);
        file_.read_at(first, buffer.data(), bytes);
        std::span<std::byte const> left{buffer.data(), static_cast<std::size_t>(bytes)};
        while (!left.empty()) sink(decode(schema_, left));
    }

  private:
    File file_;
    std::shared_ptr<Schema const> schema_;
    std::vector<std::int64_t> starts_{0};
};

}  // namespace

std::int64_t write_csv(Table const& table, io::PartialOutput& partial,
                       CsvWriteOptions const& options) {
    RoundWriter writer(table, partial, "rows.csv");
    if (writer.file().bytes() == 0)
        writer.file().write(table.context().comm().is_root() ? header_line(table.schema(), options)
                                                             : "");
    writer.run("write_csv", [&](dataset::PieceStore& store, std::int64_t partition) {
        return keep_text(table, options, store, partition);
    });
    writer.file().commit();
    return writer.rows();
}

std::int64_t write_hdf5(Table const& table, io::PartialOutput& partial, std::string const& object) {
    Communicator const& comm = table.context().comm();
    std::string const name = object.empty() ? "table" : object;
    RoundWriter writer(table, partial, "blocks");
    writer.run("write_hdf5", [&](dataset::PieceStore& store, std::int64_t partition) {
        Written written;
        StoreWriter keeper(store, partition, partition);
        table.source()->run(partition, [&](Block const& block) {
            if (block.rows() == 0) return;
            keeper.add(block);
            written.bytes += encoded_bytes(block);
        });
        written.rows = keeper.rows();
        return written;
    });
    // A column's type and width are known when all rows are: so rows are kept as they are first.
    auto const blocks = collectively(comm, partial.path(), [&] {
        return std::make_shared<FileBlocks const>(partial.file("blocks"), table.shared_schema(),
                                                  writer.partitions());
    });
    dataset::Plan plan{table.context(), {table.num_partitions()}, {}, table.plan().lineage, {}};
    return write_hdf5_rows(
        Table(std::move(plan), table.shared_schema(), blocks), partial.path(), name,
        [&](auto const& layout) { return io::Hdf5Writer(comm, partial, "rows.h5", layout); });
}

}  // namespace partita::frame
