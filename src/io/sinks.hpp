#pragma once

#include "partita/io/vector_sink.hpp"

#include <memory>
#include <string>

namespace partita::io {

/// The kinds of VectorSink::create, each collective and with its errors.
std::unique_ptr<VectorSink> make_hdf5_sink(Communicator const& comm, std::string const& path,
                                           std::string const& dataset,
                                           format::VectorShape const& shape, IdShape const& ids,
                                           bool overwrite);
std::unique_ptr<VectorSink> make_csv_sink(Communicator const& comm, std::string const& path,
                                          format::VectorShape const& shape, IdShape const& ids,
                                          bool overwrite);
std::unique_ptr<VectorSink> make_row_sink(Communicator const& comm, std::string const& path,
                                          format::VectorShape const& shape, IdShape const& ids,
                                          bool overwrite);

/// write() of sinks whose rows have fixed places: each rank writes its own.
class FixedRowsSink : public VectorSink {
  public:
    void write(std::int64_t first, std::int64_t count, void const* rows,
               IdBlock const& ids) override;

  protected:
    FixedRowsSink(Communicator const& comm, IdShape const& ids) : comm_(comm), ids_(ids) {}

    bool has_ids() const { return ids_.kind != IdKind::row_numbers; }
    IdShape const& id_shape() const { return ids_; }
    Communicator const& comm() const { return comm_; }

  private:
    Communicator comm_;
    IdShape ids_;
};

/// The bytes of a block's ids as files of fixed-width ids hold them: int64 values, or texts.
/// @throws Error unless the block has `count` ids of the shape from row `first` on.
void const* id_bytes(IdShape const& shape, IdBlock const& ids, std::int64_t first,
                     std::int64_t count);

}  // namespace partita::io
