#include "io/open_ids.hpp"

#include "io/file_spec.hpp"
#include "io/hdf5_ids.hpp"
#include "io/id_columns.hpp"
#include "io/text_scan.hpp"

#include "partita/format/label_file.hpp"
#include "partita/format/npy_column.hpp"

namespace partita::io {

namespace {

enum class IdFileKind { hdf5, npy, labels };

IdFileKind kind_of(FileSpec const& file) {
    if (has_hdf5_name(file.path) || is_hdf5_file(file.path)) return IdFileKind::hdf5;
    return extension_of(file.path) == ".npy" ? IdFileKind::npy : IdFileKind::labels;
}

std::unique_ptr<IdColumn> open_hdf5(Communicator const& comm, FileSpec const& spec) {
    auto file = collectively(comm, "", [&] { return std::make_shared<Hdf5Reader>(spec.path); });
    auto reader = open_hdf5_ids(comm, std::move(file), spec.dataset.empty() ? "ids" : spec.dataset);
    return make_id_column(comm, std::move(reader), false);
}

std::unique_ptr<IdColumn> open_npy(Communicator const& comm, std::string const& path) {
    auto reader = collectively(comm, "", [&] { return format::open_npy_column(path); });
    return make_id_column(comm, std::move(reader), true);
}

std::unique_ptr<IdColumn> open_labels(Communicator const& comm, std::string const& path) {
    auto const file = collectively(comm, "", [&] { return format::LabelFile(path); });
    format::LineIndex index = scan_collectively(comm, file);
    auto reader = collectively(comm, "", [&] { return file.ids(std::move(index)); });
    return make_id_column(comm, std::move(reader), false);
}

}  // namespace

std::unique_ptr<IdColumn> open_id_file(Communicator const& comm, std::string const& spec) {
    FileSpec const file = parse_file_spec(spec);
    IdFileKind const mine = collectively(comm, "", [&] { return kind_of(file); });
    switch (comm.broadcast(mine)) {
        case IdFileKind::hdf5:
            return open_hdf5(comm, file);
        case IdFileKind::npy:
            return open_npy(comm, file.path);
        case IdFileKind::labels:
            break;
    }
    return open_labels(comm, file.path);
}

}  // namespace partita::io
