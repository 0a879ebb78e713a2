#include "partita/io/vector_source.hpp"

#include "io/id_columns.hpp"
#include "io/open_ids.hpp"
#include "io/vector_file.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <cmath>

namespace partita::io {

namespace {

using format::ElementType;

/// The float64 counterpart of what VectorReader::read does for float32.
void check_finite(std::string const& path, std::int64_t first, std::int64_t count, std::int64_t dim,
                  double const* values) {
    for (std::int64_t i = 0; i < count * dim; ++i)
        check(std::isfinite(values[i]), "{}: row {}, column {}: expected a finite float64, got {}",
              path, first + i / dim, i % dim, values[i]);
}

std::unique_ptr<IdColumn> find_ids(Communicator const& comm, VectorFile& file,
                                   std::string const& wanted) {
    if (file.own_ids) return std::move(file.own_ids);
    std::int64_t const rows = file.reader->shape().rows;
    if (wanted.empty() || wanted == "rows") return make_row_numbers(rows);
    auto ids = open_id_file(comm, wanted);
    collectively(comm, "", [&] {
        check(ids->rows() == rows, "{}: expected {} ids, one for each row of {}, got {}", wanted,
              rows, file.spec, ids->rows());
    });
    return ids;
}

}  // namespace

struct VectorSource::State {
    VectorFile file;
    std::unique_ptr<IdColumn> ids;
    bool allow_nan = false;
};

VectorSource VectorSource::open(Communicator const& comm, std::string const& spec,
                                VectorOptions const& options,
                                std::string const& preferred_dataset) {
    auto state = std::make_unique<State>();
    state->file = open_vector_file(comm, spec, options, preferred_dataset);
    state->ids = find_ids(comm, state->file, options.ids);
    state->allow_nan = options.allow_nan;
    return VectorSource(std::move(state));
}

VectorSource::VectorSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
VectorSource::~VectorSource() = default;
VectorSource::VectorSource(VectorSource&&) noexcept = default;
VectorSource& VectorSource::operator=(VectorSource&&) noexcept = default;

std::string const& VectorSource::spec() const { return state_->file.spec; }
std::int64_t VectorSource::rows() const { return state_->file.reader->shape().rows; }
std::int64_t VectorSource::dim() const { return state_->file.reader->shape().dim; }
ElementType VectorSource::type() const { return state_->file.reader->shape().type; }
std::optional<std::string> VectorSource::metric_hint() const { return state_->file.metric; }
IdColumn const& VectorSource::ids() const { return *state_->ids; }

void VectorSource::read(std::int64_t first, std::int64_t last, float* out) const {
    state_->file.reader->read(first, last, out, state_->allow_nan);
}

void VectorSource::read_native(std::int64_t first, std::int64_t last, void* out) const {
    if (type() == ElementType::float32) return read(first, last, static_cast<float*>(out));
    state_->file.reader->read_native(first, last, out);
    if (type() == ElementType::float64 && !state_->allow_nan)
        check_finite(spec(), first, last - first, dim(), static_cast<double const*>(out));
}

Matrix VectorSource::read(std::int64_t first, std::int64_t last) const {
    Matrix rows(last - first, dim());
    read(first, last, rows.data());
    return rows;
}

}  // namespace partita::io
