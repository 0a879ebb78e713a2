#include "partita/knn/result_writer.hpp"

#include "knn/csr_result_writer.hpp"
#include "knn/hdf5_values.hpp"
#include "knn/text_result_writer.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/suggest.hpp"
#include "partita/io/hdf5_writer.hpp"

#include <vector>

namespace partita::knn {

namespace {

class Hdf5ResultWriter : public ResultWriter {
  public:
    Hdf5ResultWriter(Communicator const& comm, io::PartialOutput& partial, ResultShape const& shape,
                     IdTable const& base_ids)
        : ResultWriter(comm, partial),
          k_(shape.k),
          base_ids_(base_ids),
          file_(comm, partial, "result.h5", datasets(shape, base_ids)) {
        if (base_ids.kind() == io::IdKind::row_numbers) file_.add_link("neighbor_ids", "neighbors");
    }

    void write(std::int64_t first, io::IdBlock const& query_ids, Neighbors const& found) override {
        collectively(comm(), "", [&] { write_own(first, query_ids, found); });
    }

    void write_own(std::int64_t first, io::IdBlock const& query_ids,
                   Neighbors const& found) override {
        std::int64_t const n = found.queries();
        if (n == 0) return;
        write_query_ids(first, query_ids);
        file_.write_rows("neighbors", first, n, found.positions.data());
        file_.write_rows("distances", first, n, found.distances.data());
        if (base_ids_.kind() == io::IdKind::int64) write_number_ids(first, found);
        if (base_ids_.kind() == io::IdKind::text) write_text_ids(first, found);
    }

    void write(std::int64_t first, io::IdBlock const& query_ids,
               NeighborRows const& found) override {
        write(first, query_ids, collectively(comm(), "", [&] { return padded(found, k_); }));
    }

    std::int64_t bytes_per_neighbor() const override { return base_ids_.width(); }

    void commit() override {
        set_attributes(file_, attributes());
        file_.commit();
    }

  private:
    static std::vector<io::Hdf5DatasetSpec> datasets(ResultShape const& shape,
                                                     IdTable const& base_ids) {
        std::vector<io::Hdf5DatasetSpec> specs;
        specs.push_back({"ids", id_type(shape.query_ids, shape.query_id_width), shape.queries, 0});
        specs.push_back({"neighbors", {io::Hdf5Type::int64, 0}, shape.queries, shape.k});
        if (base_ids.kind() != io::IdKind::row_numbers)
            specs.push_back({"neighbor_ids", id_type(base_ids.kind(), base_ids.width()),
                             shape.queries, shape.k});
        specs.push_back({"distances", {io::Hdf5Type::float32, 0}, shape.queries, shape.k});
        return specs;
    }

    void sync() const override { file_.sync(); }

    void write_query_ids(std::int64_t first, io::IdBlock const& ids) const {
        file_.write_rows("ids", first, ids.rows, id_bytes(ids).data());
    }

    void write_number_ids(std::int64_t first, Neighbors const& found) const {
        BasicMatrix<std::int64_t> ids(found.queries(), found.k());
        for (std::int64_t i = 0; i < found.queries() * found.k(); ++i) {
            std::int64_t const position = found.positions.data()[i];
            ids.data()[i] = position < 0 ? -1 : base_ids_.number(position);
        }
        file_.write_rows("neighbor_ids", first, found.queries(), ids.data());
    }

    void write_text_ids(std::int64_t first, Neighbors const& found) const {
        std::int64_t const width = base_ids_.width(), count = found.queries() * found.k();
        std::vector<char> texts(static_cast<std::size_t>(count * width), '\0');
        for (std::int64_t i = 0; i < count; ++i) {
            std::int64_t const position = found.positions.data()[i];
            if (position < 0) continue;
            char const* text = base_ids_.padded_text(position);
            std::copy(text, text + width, texts.begin() + i * width);
        }
        file_.write_rows("neighbor_ids", first, found.queries(), texts.data());
    }

    std::int64_t k_;
    IdTable const& base_ids_;
    io::Hdf5Writer file_;
};

}  // namespace

void ResultWriter::record(std::int64_t done) {
    collectively(comm_, "", [&] { sync(); });
    partial_.record(done);
}

ResultFormat parse_result_format(std::string const& text) {
    static std::vector<std::string> const names = {"hdf5", "csr", "csv", "jsonl"};
    if (text == "hdf5" || text == "h5") return ResultFormat::hdf5;
    if (text == "csr") return ResultFormat::csr;
    if (text == "csv") return ResultFormat::csv;
    if (text == "jsonl") return ResultFormat::jsonl;
    fail("--format: expected {}, got '{}'{}", one_of(names), text, did_you_mean(text, names));
}

std::unique_ptr<ResultWriter> make_result_writer(Communicator const& comm, ResultFormat format,
                                                 io::PartialOutput& partial,
                                                 ResultShape const& shape,
                                                 IdTable const& base_ids) {
    if (format == ResultFormat::csr) return make_csr_result_writer(comm, partial, shape);
    if (format != ResultFormat::hdf5)
        return make_text_result_writer(comm, format, partial, base_ids);
    collectively(comm, "", [&] {
        check(shape.k > 0,
              "{}: hdf5 holds a fixed number of neighbours of each query, got one that varies: "
              "expected --format csr, csv or jsonl",
              partial.path());
    });
    return std::make_unique<Hdf5ResultWriter>(comm, partial, shape, base_ids);
}

}  // namespace partita::knn
