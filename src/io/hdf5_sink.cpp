#include "io/sinks.hpp"

#include "partita/io/hdf5_writer.hpp"

#include <vector>

namespace partita::io {

namespace {

using format::ElementType;

Hdf5Type hdf5_type(ElementType type) {
    switch (type) {
        case ElementType::float32:
            return {Hdf5Type::float32, 0};
        case ElementType::float64:
            return {Hdf5Type::float64, 0};
        case ElementType::uint8:
            return {Hdf5Type::uint8, 0};
        case ElementType::int32:
            return {Hdf5Type::int32, 0};
        case ElementType::int64:
            break;
    }
    return {Hdf5Type::int64, 0};
}

class Hdf5Sink final : public FixedRowsSink {
  public:
    Hdf5Sink(Communicator const& comm, std::string const& path, std::string const& dataset,
             format::VectorShape const& shape, IdShape const& ids, bool overwrite)
        : FixedRowsSink(comm, ids),
          type_(shape.type),
          dataset_(dataset.starts_with('/') ? dataset : "/" + dataset),
          ids_dataset_(dataset_.substr(0, dataset_.rfind('/') + 1) + "ids"),
          file_(comm, path, datasets(shape), overwrite) {}

    ElementType stored_type() const override { return type_; }

    void write_rows(std::int64_t first, std::int64_t count, void const* rows,
                    IdBlock const& ids) const override {
        file_.write_rows(dataset_, first, count, rows);
        if (has_ids() && count > 0)
            file_.write_rows(ids_dataset_, first, count, id_bytes(id_shape(), ids, first, count));
    }

    void commit() override { file_.commit(); }

  private:
    std::vector<Hdf5DatasetSpec> datasets(format::VectorShape const& shape) const {
        std::vector<Hdf5DatasetSpec> specs{{dataset_, hdf5_type(type_), shape.rows, shape.dim}};
        if (id_shape().kind == IdKind::int64)
            specs.push_back({ids_dataset_, {Hdf5Type::int64, 0}, shape.rows, 0});
        if (id_shape().kind == IdKind::text)
            specs.push_back({ids_dataset_, {Hdf5Type::text, id_shape().width}, shape.rows, 0});
        return specs;
    }

    ElementType type_;
    std::string dataset_, ids_dataset_;
    Hdf5Writer file_;
};

}  // namespace

std::unique_ptr<VectorSink> make_hdf5_sink(Communicator const& comm, std::string const& path,
                                           std::string const& dataset,
                                           format::VectorShape const& shape, IdShape const& ids,
                                           bool overwrite) {
    return std::make_unique<Hdf5Sink>(comm, path, dataset.empty() ? "vectors" : dataset, shape, ids,
                                      overwrite);
}

}  // namespace partita::io
