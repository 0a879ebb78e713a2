#include "knn/index/list_reader.hpp"

#include "knn/index/faiss_layout.hpp"
#include "knn/index/mapped_pages.hpp"

#include <algorithm>
#include <cstring>

namespace partita::knn {

namespace {

/// Codes of a list as a scan sees them.
class Codes : public CodedRows {
  public:
    Codes(ListVectors const& vectors, ListRows const& rows, std::int64_t const* ids)
        : vectors_(vectors), rows_(rows), ids_(ids) {}

    void decode(std::int64_t first, std::int64_t count, float* out) const override {
        knn::decode(vectors_.coding(), code(first), count, vectors_.centroid(rows_.list), out);
    }
    float const* place(std::int64_t row) const override {
        if (!vectors_.originals().empty()) return vectors_.original(ids_[row]);
        return reinterpret_cast<float const*>(code(row));
    }

  private:
    std::byte const* code(std::int64_t row) const {
        return rows_.codes + row * vectors_.code_bytes();
    }

    ListVectors const& vectors_;
    ListRows const& rows_;
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
    if (is_comparable()) return;
    by_place_ = std::move(lists);
    std::erase_if(by_place_, [](ListRows const& rows) { return rows.count == 0; });
    std::sort(by_place_.begin(), by_place_.end(), lies_before);
}

float const* ListVectors::vector(float const* place, float* room) const {
    if (is_comparable()) return place;
    auto const* const code = reinterpret_cast<std::byte const*>(place);
    auto const next = std::upper_bound(by_place_.begin(), by_place_.end(),
                                       ListRows{0, 0, code, nullptr}, lies_before);
    decode(coding_, code, 1, centroid((next - 1)->list), room);
    return room;
}

void ListVectors::release(float const* first, float const* last) const {
    auto const* const begin = reinterpret_cast<std::byte const*>(first);
    auto const* const end = reinterpret_cast<std::byte const*>(last);
    drop_pages(begin, end - begin + coding_.dim * 4);
}

void ListVectors::announce(ListRows const& rows) const {
    if (far_ && rows.count > 0) read_ahead(rows.codes, rows.count * code_bytes());
}

void ListVectors::let_go(ListRows const& rows) const {
    if (!far_ || rows.count == 0) return;
    drop_pages(rows.codes, rows.count * code_bytes());
    drop_pages(rows.ids, rows.count * static_cast<std::int64_t>(sizeof(std::int64_t)));
}

void ListVectors::copy_vector(ListRows const& rows, std::int64_t row, float* out) const {
    if (!originals_.empty())
        std::memcpy(out, original(load_at<std::int64_t>(rows.ids, row)),
                    static_cast<std::size_t>(coding_.dim) * sizeof(float));
    else
        decode(coding_, rows.codes + row * code_bytes(), 1, centroid(rows.list), out);
}

void ListReader::scan(ListRows const& rows, QueryBlock& block,
                      std::optional<std::span<std::int32_t const>> queries) {
    if (rows.count == 0 || (queries && queries->empty())) return;
    ids_.resize(static_cast<std::size_t>(rows.count));
    std::memcpy(ids_.data(), rows.ids, ids_.size() * sizeof(std::int64_t));
    std::int64_t const dim = vectors_.coding().dim;
    Codes const codes(vectors_, rows, ids_.data());
    bool const plain = vectors_.coding().kind == CodeKind::fp32;
    ScanRows const scanned =
        plain ? ScanRows(MatrixView{reinterpret_cast<float const*>(rows.codes), rows.count, dim})
              : ScanRows(codes, rows.count, dim, vectors_.coding_error());
    if (queries)
        block.scan(scanned, {ids_.data(), 0}, *queries, workspace_);
    else
        block.scan(scanned, {ids_.data(), 0}, workspace_);
}

}  // namespace partita::knn
