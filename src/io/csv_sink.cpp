#include "io/file_spec.hpp"
#include "io/sinks.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/format/csv_text.hpp"
#include "partita/io/ordered_text.hpp"

namespace partita::io {

namespace {

using format::ElementType;

class CsvSink final : public VectorSink {
  public:
    CsvSink(Communicator const& comm, std::string const& path, format::VectorShape const& shape,
            IdShape const& ids, bool overwrite)
        : comm_(comm),
          path_(path),
          shape_(shape),
          ids_(ids),
          delimiter_(extension_of(path) == ".tsv" ? '\t' : ','),
          out_(comm, path, overwrite) {
        out_.write(comm.is_root() ? format::csv_header(has_ids() ? "id" : "", shape.dim, delimiter_)
                                  : "");
    }

    ElementType stored_type() const override { return shape_.type; }
    bool has_fixed_rows() const override { return false; }

    void write_rows(std::int64_t, std::int64_t, void const*, IdBlock const&) const override {
        fail("{}: rows of text are written by all ranks together", path_);
    }

    void write(std::int64_t first, std::int64_t count, void const* rows,
               IdBlock const& ids) override {
        std::string const text =
            collectively(comm_, "", [&] { return block_text(first, count, rows, ids); });
        out_.write(text);
    }

    void commit() override { out_.commit(); }

  private:
    bool has_ids() const { return ids_.kind != IdKind::row_numbers; }

    std::string block_text(std::int64_t first, std::int64_t count, void const* rows,
                           IdBlock const& ids) const {
        if (has_ids() && count > 0) id_bytes(ids_, ids, first, count);  // checks
        auto const row_bytes = shape_.dim * static_cast<std::int64_t>(format::size_of(shape_.type));
        std::string text;
        for (std::int64_t i = 0; i < count; ++i) {
            if (has_ids()) append_id(text, ids, i);
            format::append_csv_numbers(text, shape_.type,
                                       static_cast<char const*>(rows) + i * row_bytes, shape_.dim,
                                       delimiter_);
            text += '\n';
        }
        return text;
    }

    void append_id(std::string& text, IdBlock const& ids, std::int64_t i) const {
        if (ids_.kind == IdKind::text)
            format::append_csv_text(text, ids.text(i), delimiter_);
        else
            text += std::to_string(ids.number(i));
        text += delimiter_;
    }

    Communicator comm_;
    std::string path_;
    format::VectorShape shape_;
    IdShape ids_;
    char delimiter_;
    OrderedTextWriter out_;
};

}  // namespace

std::unique_ptr<VectorSink> make_csv_sink(Communicator const& comm, std::string const& path,
                                          format::VectorShape const& shape, IdShape const& ids,
                                          bool overwrite) {
    return std::make_unique<CsvSink>(comm, path, shape, ids, overwrite);
}

}  // namespace partita::io
