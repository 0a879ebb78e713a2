#include "io/vector_file.hpp"

#include "io/file_spec.hpp"
#include "io/hdf5_ids.hpp"
#include "io/hdf5_vectors.hpp"
#include "io/id_columns.hpp"
#include "io/text_scan.hpp"

#include "partita/core/error.hpp"
#include "partita/format/csv_file.hpp"

#include <array>

namespace partita::io {

namespace {

constexpr std::string_view column_prefix = "column:";

enum class VectorFileKind { hdf5, csv, fixed_rows };

VectorFileKind kind_of(FileSpec const& file, VectorOptions const& options) {
    bool const is_csv = has_csv_name(file.path);
    check(is_csv || !options.ids.starts_with(column_prefix),
          "{}: '{}' asks for a column, but only CSV files have columns", file.path, options.ids);
    if (has_hdf5_name(file.path)) return VectorFileKind::hdf5;
    bool const is_hdf5 = is_hdf5_file(file.path);  // whatever its name
    check(is_hdf5 || file.dataset.empty(), "{}: not an HDF5 file, so it has no dataset '{}'",
          file.path, file.dataset);
    if (is_hdf5) return VectorFileKind::hdf5;
    return is_csv ? VectorFileKind::csv : VectorFileKind::fixed_rows;
}

/// Ranks may look at different files of one name when a folder is not shared.
void check_same_shape(Communicator const& comm, format::VectorReader const& reader) {
    format::VectorShape const& shape = reader.shape();
    std::array<std::int64_t, 3> const mine{shape.rows, shape.dim,
                                           static_cast<std::int64_t>(shape.type)};
    std::array<std::int64_t, 3> least = mine, most = mine;
    comm.all_reduce(std::span<std::int64_t>(least), Reduce::min);
    comm.all_reduce(std::span<std::int64_t>(most), Reduce::max);
    collectively(comm, "", [&] {
        check(least == most,
              "{}: expected one file for all ranks, but some see {} x {}, some {} x {}",
              reader.path(), least[0], least[1], most[0], most[1]);
    });
}

VectorFile open_hdf5(Communicator const& comm, FileSpec const& spec,
                     std::string const& preferred_dataset, bool with_ids) {
    VectorFile result;
    std::string ids, dataset;
    auto file = collectively(comm, "", [&] {
        auto opened = std::make_shared<Hdf5Reader>(spec.path);
        dataset = choose_dataset(*opened, spec.dataset, preferred_dataset);
        result.reader = open_hdf5_vectors(opened, dataset);
        result.metric = metric_of(*opened);
        if (with_ids) ids = own_ids_dataset(*opened, dataset, result.reader->shape().rows);
        return opened;
    });
    result.spec = result.reader->path();
    ids = comm.broadcast(ids);
    if (!ids.empty())
        result.own_ids = make_id_column(comm, open_hdf5_ids(comm, std::move(file), ids), false);
    return result;
}

VectorFile open_csv(Communicator const& comm, std::string const& path, VectorOptions const& options,
                    bool with_ids) {
    format::CsvOptions csv;
    csv.header = options.header;
    if (options.ids.starts_with(column_prefix))
        csv.id_column = options.ids.substr(column_prefix.size());
    VectorFile result;
    result.spec = path;
    auto const file = collectively(comm, "", [&] { return format::CsvFile(path, csv); });
    format::LineIndex const index = scan_collectively(comm, file);
    auto ids = collectively(comm, "", [&] {
        result.reader = file.vectors(index);
        return with_ids ? file.ids(index) : nullptr;
    });
    bool const has_ids = comm.all_reduce<std::int32_t>(ids != nullptr, Reduce::min) == 1;
    if (has_ids) result.own_ids = make_id_column(comm, std::move(ids), false);
    return result;
}

VectorFile open_fixed_rows(Communicator const& comm, std::string const& path) {
    VectorFile result;
    result.spec = path;
    result.reader = collectively(comm, "", [&] { return format::open_vector_file(path); });
    return result;
}

VectorFile open_as(VectorFileKind kind, Communicator const& comm, FileSpec const& file,
                   VectorOptions const& options, std::string const& preferred_dataset) {
    bool const with_ids = options.ids.empty() || options.ids.starts_with(column_prefix);
    switch (kind) {
        case VectorFileKind::hdf5:
            return open_hdf5(comm, file, preferred_dataset, with_ids);
        case VectorFileKind::csv:
            return open_csv(comm, file.path, options, with_ids);
        case VectorFileKind::fixed_rows:
            break;
    }
    return open_fixed_rows(comm, file.path);
}

}  // namespace

VectorFile open_vector_file(Communicator const& comm, std::string const& spec,
                            VectorOptions const& options, std::string const& preferred_dataset) {
    FileSpec const file = parse_file_spec(spec);
    VectorFileKind const kind = collectively(comm, "", [&] { return kind_of(file, options); });
    VectorFile result = open_as(comm.broadcast(kind), comm, file, options, preferred_dataset);
    check_same_shape(comm, *result.reader);
    return result;
}

}  // namespace partita::io
