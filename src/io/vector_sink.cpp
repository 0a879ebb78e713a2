#include "partita/io/vector_sink.hpp"

#include "io/file_spec.hpp"
#include "io/sinks.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

namespace partita::io {

namespace {

void check_request(FileSpec const& file, format::VectorShape const& shape, IdShape const& ids) {
    check(shape.rows > 0 && shape.dim > 0,
          "{}: expected at least one row of at least one dimension to write, got {} x {}",
          file.path, shape.rows, shape.dim);
    check(ids.kind != IdKind::text || ids.width > 0,
          "{}: expected text ids of at least one byte, got {}", file.path, ids.width);
    check(file.dataset.empty() || has_hdf5_name(file.path),
          "{}: only HDF5 files have datasets, so '{}' has no place in it", file.path, file.dataset);
}

}  // namespace

std::unique_ptr<VectorSink> VectorSink::create(Communicator const& comm, std::string const& spec,
                                               format::VectorShape const& shape, IdShape const& ids,
                                               bool overwrite) {
    // Root decides: a colon in the name means what the files that root sees make of it.
    FileSpec file = parse_file_spec(spec);
    file = {comm.broadcast(file.path), comm.broadcast(file.dataset)};
    collectively(comm, "", [&] { check_request(file, shape, ids); });
    if (has_hdf5_name(file.path))
        return make_hdf5_sink(comm, file.path, file.dataset, shape, ids, overwrite);
    if (has_csv_name(file.path)) return make_csv_sink(comm, file.path, shape, ids, overwrite);
    return make_row_sink(comm, file.path, shape, ids, overwrite);
}

void FixedRowsSink::write(std::int64_t first, std::int64_t count, void const* rows,
                          IdBlock const& ids) {
    collectively(comm_, "", [&] { write_rows(first, count, rows, ids); });
}

void const* id_bytes(IdShape const& shape, IdBlock const& ids, std::int64_t first,
                     std::int64_t count) {
    check(ids.kind == shape.kind && ids.first_row == first && ids.rows == count &&
              (shape.kind != IdKind::text || ids.width == shape.width),
          "expected the ids of rows [{}, {})", first, first + count);
    if (shape.kind == IdKind::text) return ids.texts.data();
    return ids.numbers.data();
}

}  // namespace partita::io
