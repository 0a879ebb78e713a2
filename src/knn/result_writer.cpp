#include "partita/knn/result_writer.hpp"

#include "knn/text_result_writer.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/suggest.hpp"
#include "partita/io/hdf5_writer.hpp"

#include <vector>

namespace partita::knn {

namespace {

io::Hdf5Type id_type(io::IdKind kind, std::int64_t width) {
    if (kind == io::IdKind::text) return {io::Hdf5Type::text, width};
    return {io::Hdf5Type::int64, 0};
}

class Hdf5ResultWriter : public ResultWriter {
  public:
    Hdf5ResultWriter(Communicator const& comm, std::string const& path, ResultShape const& shape,
                     IdTable const& base_ids, bool overwrite)
        : comm_(comm),
          base_ids_(base_ids),
          file_(comm, path, datasets(shape, base_ids), overwrite) {
        if (base_ids.kind() == io::IdKind::row_numbers) file_.add_link("neighbor_ids", "neighbors");
    }

    void write(std::int64_t first, io::IdBlock const& query_ids, Neighbors const& found) override {
        collectively(comm_, "", [&] {
            std::int64_t const n = found.queries();
            if (n == 0) return;
            write_query_ids(first, query_ids);
            file_.write_rows("neighbors", first, n, found.positions.data());
            file_.write_rows("distances", first, n, found.distances.data());
            if (base_ids_.kind() == io::IdKind::int64) write_number_ids(first, found);
            if (base_ids_.kind() == io::IdKind::text) write_text_ids(first, found);
        });
    }

    std::int64_t bytes_per_neighbor() const override { return base_ids_.width(); }

    void describe(std::string const& name, std::string const& value) override {
        file_.set_attribute(name, value);
    }
    void describe(std::string const& name, double value) override {
        file_.set_attribute(name, value);
    }
    void describe(std::string const& name, std::int64_t value) override {
        file_.set_attribute(name, value);
    }
    void commit() override { file_.commit(); }

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

    void write_query_ids(std::int64_t first, io::IdBlock const& ids) const {
        if (ids.kind == io::IdKind::text)
            return file_.write_rows("ids", first, ids.rows, ids.texts.data());
        std::vector<std::int64_t> numbers;
        for (std::int64_t i = 0; i < ids.rows; ++i) numbers.push_back(ids.number(i));
        file_.write_rows("ids", first, ids.rows, numbers.data());
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

    Communicator comm_;
    IdTable const& base_ids_;
    io::Hdf5Writer file_;
};

}  // namespace

ResultFormat parse_result_format(std::string const& text) {
    static std::vector<std::string> const names = {"hdf5", "csv", "jsonl"};
    if (text == "hdf5" || text == "h5") return ResultFormat::hdf5;
    if (text == "csv") return ResultFormat::csv;
    if (text == "jsonl") return ResultFormat::jsonl;
    fail("--format: expected {}, got '{}'{}", one_of(names), text, did_you_mean(text, names));
}

std::unique_ptr<ResultWriter> make_result_writer(Communicator const& comm, ResultFormat format,
                                                 std::string const& path, ResultShape const& shape,
                                                 IdTable const& base_ids, bool overwrite) {
    if (format == ResultFormat::hdf5)
        return std::make_unique<Hdf5ResultWriter>(comm, path, shape, base_ids, overwrite);
    return make_text_result_writer(comm, format, path, base_ids, overwrite);
}

}  // namespace partita::knn
