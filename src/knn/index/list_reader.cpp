#include "knn/index/list_reader.hpp"

#include "knn/index/faiss_layout.hpp"

#include <algorithm>
#include <cstring>

namespace partita::knn {

namespace {

/// A list as a scan sees it, where that is not simply vectors in memory.
class Codes : public CodedRows {
  public:
    /// @param ids  Of the rows from `first` on, with which the scan begins.
    Codes(ListVectors const& vectors, ListRows const& rows, std::int64_t first,
          std::int64_t const* ids)
        : vectors_(vectors), rows_(rows), first_(first), ids_(ids) {}

    void decode(std::int64_t first, std::int64_t count, float* out) const override {
        vectors_.decode(rows_, first_ + first, count, out);
    }
    float const* place(std::int64_t row) const override {
        if (!vectors_.originals().empty()) return vectors_.original(ids_[row]);
        return reinterpret_cast<float const*>(rows_.codes + (first_ + row) * vectors_.code_bytes());
    }

  private:
    ListVectors const& vectors_;
    ListRows const& rows_;
    std::int64_t first_;
    std::int64_t const* ids_;
};

bool lies_before(ListRows const& a, ListRows const& b) { return a.codes < b.codes; }

}  // namespace

ListVectors::ListVectors(ListCoding coding, MatrixView centroids, MatrixView originals,
                         double error)
    : coding_(std::move(coding)),
      centroids_(centroids),
      originals_(originals),
      // Rounding in the measurement, and in decoding on another processor.
      error_(error * (1 + 1e-4)) {}

void ListVectors::set_lists(std::vector<ListRows> lists) {
    if (ranks_by_floats()) return;
    by_place_ = std::move(lists);
    std::erase_if(by_place_, [](ListRows const& rows) { return rows.count == 0; });
    std::sort(by_place_.begin(), by_place_.end(), lies_before);
}

void ListVectors::decode(ListRows const& rows, std::int64_t first, std::int64_t count,
                         float* out) const {
    std::byte const* codes = rows.codes + first * code_bytes();
    std::int64_t const bytes = count * code_bytes();
    bool const plain = coding_.kind == CodeKind::fp32 && !coding_.by_residual;
    if (plain && lists_file_) return lists_file_->read(codes, bytes, out);
    if (lists_file_) {
        thread_local std::vector<std::byte> buffer;
        buffer.resize(static_cast<std::size_t>(bytes));
        lists_file_->read(codes, bytes, buffer.data());
        codes = buffer.data();
    }
    knn::decode(coding_, codes, count, centroid(rows.list), out);
}

void ListVectors::read_ids(ListRows const& rows, std::int64_t first, std::int64_t count,
                           std::int64_t* ids) const {
    constexpr auto id_bytes = static_cast<std::int64_t>(sizeof(std::int64_t));
    std::byte const* const from = rows.ids + first * id_bytes;
    if (lists_file_)
        lists_file_->read(from, count * id_bytes, ids);
    else
        std::memcpy(ids, from, static_cast<std::size_t>(count * id_bytes));
}

float const* ListVectors::vector(float const* place, float* room) const {
    if (ranks_by_floats() && !ranking_file()) return place;
    vectors({&place, 1}, room);
    return room;
}

void ListVectors::vectors(std::span<float const* const> places, float* out) const {
    if (ranks_by_floats() && ranking_file())
        return ranking_file()->read_rows(places, row_bytes(), out);
    for (std::size_t i = 0; i < places.size(); ++i, out += coding_.dim) {
        if (ranks_by_floats()) {
            std::memcpy(out, places[i], static_cast<std::size_t>(row_bytes()));
            continue;
        }
        auto const* const code = reinterpret_cast<std::byte const*>(places[i]);
        auto const next = std::upper_bound(by_place_.begin(), by_place_.end(),
                                           ListRows{0, 0, code, nullptr}, lies_before);
        ListRows const& rows = *(next - 1);
        decode(rows, (code - rows.codes) / code_bytes(), 1, out);
    }
}

void ListVectors::announce(ListRows const& rows) const {
    // The ids follow the codes.
    if (lists_file_ && rows.count > 0)
        lists_file_->announce(
            rows.codes,
            rows.count * (code_bytes() + static_cast<std::int64_t>(sizeof(std::int64_t))));
}

Matrix ListVectors::originals_at(std::vector<std::int64_t> const& positions) const {
    Matrix found(std::ssize(positions), coding_.dim);
    for (std::int64_t i = 0; i < found.rows(); ++i) {
        float const* const place = original(positions[static_cast<std::size_t>(i)]);
        vectors({&place, 1}, found.row(i));
    }
    return found;
}

void ListReader::scan(ListRows const& rows, QueryBlock& block,
                      std::optional<std::span<std::int32_t const>> queries) {
    if (queries && queries->empty()) return;
    std::int64_t const dim = vectors_.coding().dim;
    bool const plain = vectors_.coding().kind == CodeKind::fp32 && !vectors_.lists_are_far();
    for (std::int64_t first = 0; first < rows.count; first += most_rows) {
        std::int64_t const count = std::min(most_rows, rows.count - first);
        ids_.resize(static_cast<std::size_t>(count));
        vectors_.read_ids(rows, first, count, ids_.data());
        Codes const codes(vectors_, rows, first, ids_.data());
        auto const* const begin =
            reinterpret_cast<float const*>(rows.codes + first * vectors_.code_bytes());
        ScanRows const scanned = plain ? ScanRows(MatrixView{begin, count, dim})
                                       : ScanRows(codes, count, dim, vectors_.coding_error());
        if (queries)
            block.scan(scanned, {ids_.data(), 0}, *queries, workspace_);
        else
            block.scan(scanned, {ids_.data(), 0}, workspace_);
    }
}

}  // namespace partita::knn
