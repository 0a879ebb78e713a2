#pragma once

#include "partita/dataset/codec.hpp"
#include "partita/dataset/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace partita::dataset {

/// Items packed one after another.
template <class T>
std::vector<std::byte> pack_items(std::span<T const> items) {
    std::int64_t bytes = 0;
    for (T const& item : items) bytes += Codec<T>::size(item);
    std::vector<std::byte> packed(static_cast<std::size_t>(bytes));
    std::byte* out = packed.data();
    for (T const& item : items) out = Codec<T>::write(out, item);
    return packed;
}

/// Each rank's items, by rank, on all ranks. Collective. For small things: every rank holds all.
template <class T>
std::vector<T> gather_items(Communicator const& comm, std::string_view what,
                            std::vector<T> const& local) {
    std::vector<std::byte> const packed =
        collectively(comm, what, [&] { return pack_items(std::span<T const>(local)); });
    std::vector<std::byte> const all = comm.all_gather_varying(std::span<std::byte const>(packed));
    return collectively(comm, what, [&] {
        std::vector<T> items;
        PackedReader reader(all.data(), static_cast<std::int64_t>(all.size()));
        while (!reader.at_end()) Codec<T>::read(reader, items.emplace_back());
        return items;
    });
}

/// One value per partition, given by the partition's rank, on every rank and by partition.
///
/// Collective. For small values: every rank holds all of them.
/// @param local  In the order of plan.local_partitions().
template <class T>
std::vector<T> gather_partitions(Plan const& plan, std::vector<T> const& local) {
    Communicator const& comm = plan.context.comm();
    std::vector<std::int64_t> const mine = plan.local_partitions();
    std::vector<std::int64_t> const partitions =
        comm.all_gather_varying(std::span<std::int64_t const>(mine));
    std::vector<std::byte> const packed =
        collectively(comm, plan.lineage, [&] { return pack_items(std::span<T const>(local)); });
    std::vector<std::byte> const all = comm.all_gather_varying(std::span<std::byte const>(packed));
    return collectively(comm, plan.lineage, [&] {
        std::vector<T> values(partitions.size());
        PackedReader reader(all.data(), static_cast<std::int64_t>(all.size()));
        for (std::int64_t const partition : partitions)
            Codec<T>::read(reader, values[static_cast<std::size_t>(partition)]);
        return values;
    });
}

}  // namespace partita::dataset
