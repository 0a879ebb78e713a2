#include "partita/format/csv_file.hpp"

#include "format/csv_dialect.hpp"
#include "format/csv_row.hpp"
#include "format/line_ids.hpp"
#include "format/shape_check.hpp"

namespace partita::format {

/// What all readers of one file share.
struct CsvFile::State {
    TextFile text;
    CsvDialect dialect;

    State(std::string const& path, CsvOptions const& options)
        : text(path), dialect(find_dialect(text, options)) {}

    std::int64_t dim() const { return dialect.columns() - (dialect.id_column ? 1 : 0); }
    /// The column of the file that holds dimension `i`.
    std::int64_t column_of(std::int64_t i) const {
        return dialect.id_column && i >= *dialect.id_column ? i + 1 : i;
    }
    /// A line that has no such field has the empty id, which reading refuses.
    std::string_view id_in(std::string_view line, std::string& scratch) const {
        CsvFields fields(line, dialect.delimiter);
        for (std::int64_t i = 0; i < *dialect.id_column && fields.more(); ++i) fields.next();
        return fields.more() ? field_text(fields.next(), scratch) : std::string_view();
    }
};

namespace {

using StatePointer = std::shared_ptr<CsvFile::State const>;

class CsvVectors final : public VectorReader {
  public:
    CsvVectors(StatePointer state, LineIndex index)
        : VectorReader(state->text.path(), {index.lines(), state->dim(), ElementType::float32}),
          state_(std::move(state)),
          index_(std::move(index)) {
        check_not_empty(path(), shape());
    }

  private:
    void do_read(std::int64_t first, std::int64_t last, void* out) const override {
        CsvRowParser const parser(path(), state_->dialect);
        auto* const values = static_cast<float*>(out);
        std::int64_t const dim = shape().dim;
        for_each_line(state_->text, index_, first, last,
                      [&](std::int64_t row, std::string_view line) {
                          parser.parse(row, line, values + (row - first) * dim);
                      });
    }

    std::string place_of(std::int64_t row, std::int64_t dimension) const override {
        return CsvRowParser(path(), state_->dialect).line_text(row) + ", " +
               state_->dialect.column_text(state_->column_of(dimension));
    }

    StatePointer state_;
    LineIndex index_;
};

class CsvIds final : public LineIds {
  public:
    CsvIds(StatePointer state, LineIndex index)
        : LineIds(std::shared_ptr<TextFile const>(state, &state->text), std::move(index)),
          state_(std::move(state)) {}

  private:
    std::string_view id_in(std::string_view line, std::string& scratch) const override {
        return state_->id_in(line, scratch);
    }
    std::string place_of(std::int64_t row) const override {
        return CsvRowParser(path(), state_->dialect).line_text(row) + ", " +
               state_->dialect.column_text(*state_->dialect.id_column);
    }

    StatePointer state_;
};

}  // namespace

CsvFile::CsvFile(std::string const& path, CsvOptions const& options)
    : state_(std::make_shared<State>(path, options)) {}
CsvFile::~CsvFile() = default;
CsvFile::CsvFile(CsvFile&&) noexcept = default;
CsvFile& CsvFile::operator=(CsvFile&&) noexcept = default;

std::string const& CsvFile::path() const { return state_->text.path(); }
char CsvFile::delimiter() const { return state_->dialect.delimiter; }
bool CsvFile::has_header() const { return state_->dialect.has_header; }
std::int64_t CsvFile::begin() const { return state_->dialect.data_begin; }
std::int64_t CsvFile::end() const { return state_->text.end(); }

std::vector<std::string> CsvFile::dimension_names() const {
    std::vector<std::string> names = state_->dialect.names;
    if (state_->dialect.id_column) names.erase(names.begin() + *state_->dialect.id_column);
    return names;
}

std::optional<std::string> CsvFile::id_name() const {
    if (!state_->dialect.id_column) return std::nullopt;
    return state_->dialect.names[static_cast<std::size_t>(*state_->dialect.id_column)];
}

LineScan CsvFile::scan(std::int64_t first, std::int64_t last) const {
    if (!state_->dialect.id_column)
        return scan_lines(state_->text, begin(), first, last, [](std::string_view, LineScan&) {});
    std::string scratch;
    return scan_lines(state_->text, begin(), first, last,
                      [&](std::string_view line, LineScan& scan) {
                          note_id(state_->id_in(line, scratch), scan);
                      });
}

std::unique_ptr<VectorReader> CsvFile::vectors(LineIndex index) const {
    return std::make_unique<CsvVectors>(state_, std::move(index));
}

std::unique_ptr<IdReader> CsvFile::ids(LineIndex index) const {
    if (!state_->dialect.id_column) return nullptr;
    return std::make_unique<CsvIds>(state_, std::move(index));
}

}  // namespace partita::format
