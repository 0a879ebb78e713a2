#include "io/hdf5_layout.hpp"

#include "io/hdf5_types.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/file.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace partita::io {

namespace {

/// Large datasets begin on a page.
constexpr hsize_t page_bytes = 4096;
constexpr hsize_t aligned_from_bytes = 64 << 10;
constexpr std::int64_t most_bytes = std::int64_t{1} << 60;
/// For headers and alignment: more than HDF5 takes.
constexpr std::int64_t file_overhead_bytes = 64 << 10, dataset_overhead_bytes = 8 << 10;

std::int64_t bytes_of(Hdf5DatasetSpec const& spec) {
    return saturated_product(
        spec.rows, saturated_product(spec.element_bytes(), std::max<std::int64_t>(spec.cols, 1)));
}

void check_spec(std::string const& path, Hdf5DatasetSpec const& spec) {
    check(!spec.name.empty() && spec.rows >= 0 && spec.cols >= 0,
          "{}: cannot make dataset '{}' of {} x {}", path, spec.name, spec.rows, spec.cols);
    auto const check_width = [&](Hdf5Type const& type, std::string const& name) {
        check(type.kind != Hdf5Type::text || type.width > 0,
              "{}: expected a positive width for the texts of dataset '{}', got {}", path, name,
              type.width);
    };
    check_width(spec.type, spec.name);
    for (Hdf5Member const& member : spec.members) check_width(member.type, member.name);
    check(bytes_of(spec) <= most_bytes, "{}: dataset '{}' of {} x {} is too large", path, spec.name,
          spec.rows, spec.cols);
}

std::int64_t create_dataset(hid_t file, std::string const& path, Hdf5DatasetSpec const& spec) {
    hsize_t const extent[] = {static_cast<hsize_t>(spec.rows), static_cast<hsize_t>(spec.cols)};
    Hdf5Space const space(H5Screate_simple(spec.cols == 0 ? 1 : 2, extent, nullptr));
    Hdf5Properties const links(H5Pcreate(H5P_LINK_CREATE)), layout(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_create_intermediate_group(links.get(), 1);
    H5Pset_layout(layout.get(), H5D_CONTIGUOUS);
    H5Pset_alloc_time(layout.get(), H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(layout.get(), H5D_FILL_TIME_NEVER);
    H5Pset_obj_track_times(layout.get(), false);  // the same data make the same bytes
    Hdf5TypeId const type = spec.members.empty() ? file_type(spec.type) : record_type(spec.members);
    Hdf5Dataset const dataset(H5Dcreate2(file, absolute_name(spec.name).c_str(), type.get(),
                                         space.get(), links.get(), layout.get(), H5P_DEFAULT));
    check_hdf5(static_cast<bool>(dataset), path,
               fmt::format("cannot make dataset '{}'", spec.name).c_str());
    haddr_t const offset = H5Dget_offset(dataset.get());
    return offset == HADDR_UNDEF ? 0 : static_cast<std::int64_t>(offset);  // of no rows
}

/// Bytes [begin, end), little but headers and gaps.
void copy_bytes(File const& from, File const& to, std::int64_t begin, std::int64_t end) {
    Buffer<std::byte> bytes(end - begin);
    from.read_at(begin, bytes.data(), bytes.size());
    to.write_at(begin, bytes.data(), bytes.size());
}

}  // namespace

std::int64_t Hdf5Type::bytes() const {
    switch (kind) {
        case uint8:
        case bits8:
            return 1;
        case float32:
        case int32:
            return 4;
        case float64:
        case int64:
            return 8;
        case vector:
            return 4 * width;
        case text:
            break;
    }
    return width;
}

std::int64_t Hdf5DatasetSpec::element_bytes() const {
    if (members.empty()) return type.bytes();
    std::int64_t bytes = 0;
    for (Hdf5Member const& member : members) bytes += member.type.bytes();
    return bytes;
}

void check_datasets(std::string const& path, std::vector<Hdf5DatasetSpec> const& specs) {
    for (auto const& spec : specs) check_spec(path, spec);
}

std::int64_t planned_bytes(std::vector<Hdf5DatasetSpec> const& specs) {
    std::int64_t bytes = file_overhead_bytes;
    for (auto const& spec : specs) bytes += dataset_overhead_bytes + bytes_of(spec);
    return bytes;
}

std::vector<std::int64_t> lay_out_hdf5(std::string const& temporary, std::string const& path,
                                       std::vector<Hdf5DatasetSpec> const& specs) {
    Hdf5Lock const lock;
    Hdf5Properties const access = hdf5_file_access();
    H5Pset_alignment(access.get(), aligned_from_bytes, page_bytes);
    Hdf5File file(H5Fcreate(temporary.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()));
    check_hdf5(static_cast<bool>(file), path, "cannot make the file");
    std::vector<std::int64_t> offsets;
    for (auto const& spec : specs) offsets.push_back(create_dataset(file.get(), path, spec));
    check_hdf5(file.reset(), path, "cannot make the file");
    return offsets;
}

std::vector<std::int64_t> restore_hdf5_layout(std::string const& temporary, std::string const& path,
                                              std::vector<Hdf5DatasetSpec> const& specs) {
    std::string const fresh_path = temporary + ".layout";
    std::vector<std::int64_t> const offsets = lay_out_hdf5(fresh_path, path, specs);
    std::vector<std::pair<std::int64_t, std::int64_t>> rows;  // where they begin and end
    for (std::size_t i = 0; i < specs.size(); ++i)
        if (bytes_of(specs[i]) > 0) rows.emplace_back(offsets[i], offsets[i] + bytes_of(specs[i]));
    std::sort(rows.begin(), rows.end());
    File const fresh = File::open_read(fresh_path), file = File::open_write(temporary);
    rows.emplace_back(fresh.size(), fresh.size());
    std::int64_t done = 0;
    for (auto const& [begin, end] : rows) {
        copy_bytes(fresh, file, done, begin);
        done = end;
    }
    file.resize(fresh.size());
    std::filesystem::remove(fresh_path);
    return offsets;
}

}  // namespace partita::io
