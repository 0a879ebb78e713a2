#pragma once

#include "knn/index/list_coding.hpp"
#include "knn/query_block.hpp"
#include "knn/row_store.hpp"

#include "partita/core/matrix_view.hpp"
#include "partita/knn/index_info.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace partita::knn {

/// Vectors of an inverted list, or of a run of one, where they lie in a file.
struct ListRows {
    std::int32_t list = 0;
    std::int64_t count = 0;
    std::byte const* codes = nullptr;  ///< count x ListCoding::code_bytes.
    std::byte const* ids = nullptr;    ///< count int64, unaligned.
};

/// The vectors of inverted lists: as floats, or as codes with the vectors themselves elsewhere, or
/// as codes alone, whose vectors are then what the codes become.
class ListVectors : public RowStore {
  public:
    ListVectors() = default;
    /// @param centroids  lists x dim; must stay in place.
    /// @param originals  The vectors themselves, by position; or empty.
    /// @param error      A vector is at most so far from what its code becomes.
    ListVectors(ListCoding coding, MatrixView centroids, MatrixView originals, double error);

    /// What is searched, for codes without originals: whose codes lie where.
    void set_lists(std::vector<ListRows> lists);
    /// Read lists and originals in order and let go of what was read, since memory holds only
    /// part of them.
    void set_far(bool far) { far_ = far; }
    bool lists_are_far() const { return far_; }
    /// For lists that are far: what will be scanned next, and what has been.
    void announce(ListRows const& rows) const;
    void let_go(ListRows const& rows) const;

    ListCoding const& coding() const { return coding_; }
    std::int64_t code_bytes() const { return coding_.code_bytes(); }
    MatrixView originals() const { return originals_; }
    /// That of position `id`; a damaged file may hold any.
    float const* original(std::int64_t id) const {
        return originals_.row_data(id >= 0 && id < originals_.rows ? id : 0);
    }
    float const* centroid(std::int32_t list) const { return centroids_.row_data(list); }
    /// Vector `row` of a list, as it is ranked. @param out  dim floats.
    void copy_vector(ListRows const& rows, std::int64_t row, float* out) const;

    /// What QueryBlock needs; nothing where candidates are vectors in memory.
    RowStore const* store() const {
        return far_ || coding_.kind != CodeKind::fp32 ? this : nullptr;
    }
    float coding_error() const { return originals_.empty() ? 0 : static_cast<float>(error_); }

    float const* vector(float const* place, float* room) const override;
    bool is_far() const override { return far_ || !originals_.empty(); }
    void release(float const* first, float const* last) const override;
    bool is_comparable() const override {
        return coding_.kind == CodeKind::fp32 || !originals_.empty();
    }

  private:
    ListCoding coding_;
    MatrixView centroids_, originals_;
    double error_ = 0;
    bool far_ = false;
    std::vector<ListRows> by_place_;
};

/// One thread's means to scan lists.
class ListReader {
  public:
    ListReader(ListVectors const& vectors, std::int64_t k)
        : vectors_(vectors), workspace_(vectors.coding().dim, k) {}

    /// @param queries  Those that look into the list; none = all of the block.
    void scan(ListRows const& rows, QueryBlock& block,
              std::optional<std::span<std::int32_t const>> queries);

  private:
    ListVectors const& vectors_;
    ScanWorkspace workspace_;
    std::vector<std::int64_t> ids_;  // an aligned copy: ids in the file are not
};

}  // namespace partita::knn
