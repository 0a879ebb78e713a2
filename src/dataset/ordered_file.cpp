#include "partita/dataset/ordered_file.hpp"

#include "partita/io/shared_file.hpp"

#include <cstring>

namespace partita::dataset {

void OrderedFile::Part::flush() {
    if (text_.empty()) return;
    auto const bytes = static_cast<std::int64_t>(text_.size());
    PooledBuffer block(file_.store_.context().memory(), bytes);
    std::memcpy(block.data(), text_.data(), text_.size());
    text_.clear();
    Piece const piece{partition_, partition_, sequence_++, bytes};
    file_.store_.add(std::move(block), {&piece, 1});
}

void OrderedFile::write(std::string const& path, std::string_view head,
                        SaveOptions const& options) {
    Context const& context = plan_.context;
    std::vector<std::int64_t> const local = plan_.local_partitions();
    auto const sizes = collectively(context.comm(), path, [&] {
        store_.settle({0, plan_.partitions()});
        std::vector<std::int64_t> bytes;
        for (std::int64_t const partition : local)
            bytes.push_back(store_.partition_bytes(partition));
        return bytes;
    });
    std::vector<std::int64_t> starts{static_cast<std::int64_t>(head.size())};
    for (std::int64_t const size : gather_partitions(plan_, sizes))
        starts.push_back(starts.back() + size);

    io::SharedFile file(context.comm(), path, starts.back(), options.overwrite);
    collectively(context.comm(), "", [&] {
        if (context.comm().is_root())
            file.write_at(0, head.data(), static_cast<std::int64_t>(head.size()));
        context.parallel_for({0, static_cast<std::int64_t>(local.size())}, [&](std::int64_t i) {
            std::int64_t const partition = local[static_cast<std::size_t>(i)];
            std::int64_t offset = starts[static_cast<std::size_t>(partition)];
            store_.for_each_piece(partition, [&](std::span<std::byte const> bytes) {
                auto const size = static_cast<std::int64_t>(bytes.size());
                file.write_at(offset, bytes.data(), size);
                offset += size;
            });
        });
    });
    file.commit();
}

}  // namespace partita::dataset
