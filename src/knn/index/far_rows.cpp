#include "knn/index/far_rows.hpp"

#include "knn/cache_shares.hpp"
#include "knn/workspace.hpp"

#include "partita/core/first_failure.hpp"
#include "partita/core/row_range.hpp"

#include <algorithm>

#include <omp.h>

namespace partita::knn {

namespace {

constexpr std::int64_t most_centre_rows = 1000;
}  // namespace

/// A run of the rows, for a scan.
class FarRows::Piece : public CodedRows {
  public:
    Piece(FarRows const& rows, std::int64_t first) : rows_(rows), first_(first) {}

    void decode(std::int64_t first, std::int64_t count, float* out) const override {
        rows_.read(first_ + first, count, out);
    }
    float const* place(std::int64_t row) const override {
        return rows_.places_.row_data(first_ + row);
    }

  private:
    FarRows const& rows_;
    std::int64_t first_;
};

FarRows::FarRows(MappedFile const& mapping, MatrixView places, std::int64_t first_position,
                 Metric metric)
    : file_(mapping), places_(places), first_position_(first_position), metric_(metric) {
    if (metric != Metric::l2) return;
    std::vector<std::int64_t> sample(
        static_cast<std::size_t>(std::min(places.rows, most_centre_rows)));
    for (std::size_t i = 0; i < sample.size(); ++i)
        sample[i] = share_of(places.rows, std::ssize(sample), static_cast<std::int64_t>(i)).first;
    centre_ = choose_centre(rows_at(sample).view());
}

std::int64_t FarRows::queries_at_once(std::int64_t k, SearchOptions const& options) const {
    std::int64_t const workspace = workspace_or_default(options.workspace_bytes);
    return std::max<std::int64_t>(workspace / bytes_per_query(places_.cols, k), 96);
}

std::int64_t FarRows::piece_rows() const {
    return std::clamp<std::int64_t>(cached_piece_bytes / row_bytes(), panel_columns, 4096);
}

void FarRows::read(std::int64_t first, std::int64_t count, float* out) const {
    auto const* const place = reinterpret_cast<std::byte const*>(places_.row_data(first));
    file_.read(place, count * row_bytes(), out);
}

void FarRows::scan(QueryBlock& block, std::int64_t k, int threads) const {
    std::int64_t const pieces = (places_.rows + piece_rows() - 1) / piece_rows();
    FirstFailure failure;
#pragma omp parallel num_threads(threads > 0 ? threads : omp_get_max_threads())
    {
        ScanWorkspace workspace(places_.cols, k);
#pragma omp for schedule(dynamic, 1)
        for (std::int64_t i = 0; i < pieces; ++i)
            failure.run([&] {
                RowRange const rows = share_of(places_.rows, pieces, i);
                Piece const piece(*this, rows.first);
                block.scan(ScanRows(piece, rows.size(), places_.cols, 0),
                           {nullptr, first_position_ + rows.first}, workspace);
            });
    }
    failure.rethrow();
}

Matrix FarRows::rows_at(std::vector<std::int64_t> const& numbers) const {
    Matrix rows(std::ssize(numbers), places_.cols);
    for (std::int64_t i = 0; i < rows.rows(); ++i)
        read(numbers[static_cast<std::size_t>(i)], 1, rows.row(i));
    return rows;
}

void FarRows::for_each(
    std::function<void(std::int64_t number, std::byte const* vector)> const& visit) const {
    Matrix rows(std::min(piece_rows(), places_.rows), places_.cols);
    for (std::int64_t first = 0; first < places_.rows; first += rows.rows()) {
        std::int64_t const count = std::min(rows.rows(), places_.rows - first);
        read(first, count, rows.data());
        for (std::int64_t i = 0; i < count; ++i)
            visit(first + i, reinterpret_cast<std::byte const*>(rows.row(i)));
    }
}

float const* FarRows::vector(float const* place, float* room) const {
    file_.read(reinterpret_cast<std::byte const*>(place), row_bytes(), room);
    return room;
}

}  // namespace partita::knn
