#include "knn/text_result_writer.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/io/ordered_text.hpp"
#include "partita/io/run_spool.hpp"

#include <nlohmann/json.hpp>

namespace partita::knn {

namespace {

/// RFC 4180: quoted when it must be.
std::string csv_field(std::string const& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string json_text(std::string const& text) {
    // Labels in other encodings than UTF-8 must not end the job.
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// One line for each neighbour: item, rank, neighbor, distance.
class TextResultWriter : public ResultWriter {
  public:
    TextResultWriter(Communicator const& comm, ResultFormat format, io::PartialOutput& partial,
                     IdTable const& base_ids)
        : ResultWriter(comm, partial),
          is_csv_(format == ResultFormat::csv),
          base_ids_(base_ids),
          out_(comm, partial, "text"),
          own_(comm, partial, "text") {
        if (is_csv_ && out_.bytes() == 0)
            out_.write(comm.is_root() ? "item,rank,neighbor,distance\n" : "");
    }

    void write(std::int64_t first, io::IdBlock const& query_ids, Neighbors const& found) override {
        write(first, query_ids, collectively(comm(), "", [&] { return without_padding(found); }));
    }

    void write(std::int64_t, io::IdBlock const& query_ids, NeighborRows const& found) override {
        out_.write(collectively(comm(), "", [&] { return text_of(query_ids, found); }));
    }

    void write_own(std::int64_t first, io::IdBlock const& query_ids,
                   Neighbors const& found) override {
        own_.keep(first, text_of(query_ids, without_padding(found)));
    }

    void settle() override { own_.append_to(out_); }

    /// Without padding, and a line, and the string's room to grow.
    std::int64_t bytes_per_neighbor() const override { return 12 + 2 * (96 + base_ids_.width()); }

    void commit() override {
        own_.close();
        out_.commit();
    }

  private:
    std::string text_of(io::IdBlock const& query_ids, NeighborRows const& found) const {
        std::string text;
        for (std::int64_t q = 0; q < found.queries(); ++q) append_query(text, query_ids, found, q);
        return text;
    }

    std::string id_text(io::IdKind kind, std::string const& id) const {
        if (kind != io::IdKind::text) return id;
        return is_csv_ ? csv_field(id) : json_text(id);
    }

    void append_query(std::string& text, io::IdBlock const& ids, NeighborRows const& found,
                      std::int64_t q) const {
        std::string const item = id_text(ids.kind, ids.to_string(q));
        auto out = std::back_inserter(text);
        auto const positions = found.positions_of(q);
        for (std::size_t j = 0; j < positions.size(); ++j) {
            std::string const neighbor =
                id_text(base_ids_.kind(), base_ids_.to_string(positions[j]));
            float const distance = found.distances_of(q)[j];
            if (is_csv_)
                fmt::format_to(out, "{},{},{},{}\n", item, j, neighbor, distance);
            else
                fmt::format_to(out,
                               R"({{"item":{},"rank":{},"neighbor":{},"distance":{}}})"
                               "\n",
                               item, j, neighbor, distance);
        }
    }

    void sync() const override { out_.sync(); }

    bool is_csv_;
    IdTable const& base_ids_;
    io::OrderedTextWriter out_;
    io::RunSpool own_;  ///< What this rank found by itself.
};

}  // namespace

std::unique_ptr<ResultWriter> make_text_result_writer(Communicator const& comm, ResultFormat format,
                                                      io::PartialOutput& partial,
                                                      IdTable const& base_ids) {
    return std::make_unique<TextResultWriter>(comm, format, partial, base_ids);
}

}  // namespace partita::knn
