#pragma once

#include "knn/index/far_file.hpp"
#include "knn/index/list_coding.hpp"
#include "knn/query_block.hpp"
#include "knn/row_store.hpp"

#include "partita/core/buffer.hpp"
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
    /// Read lists, or originals, from their files into buffers, since memory holds only part of
    /// them. The files must outlive this.
    void set_lists_far(FarFile const* file) { lists_file_ = file; }
    void set_originals_far(FarFile const* file) { originals_file_ = file; }
    bool lists_are_far() const { return lists_file_ != nullptr; }
    /// What will be scanned next.
    void announce(ListRows const& rows) const;

    /// Codes of rows [first, first + count) of a list, as vectors.
    void decode(ListRows const& rows, std::int64_t first, std::int64_t count, float* out) const;
    void read_ids(ListRows const& rows, std::int64_t first, std::int64_t count,
                  std::int64_t* ids) const;
    /// The originals at these positions.
    Matrix originals_at(std::vector<std::int64_t> const& positions) const;

    /// Do all vectors lie in memory as floats?
    bool are_at_hand() const {
        bool const plain = coding_.kind == CodeKind::fp32 && !coding_.by_residual;
        return !lists_file_ && (originals_.empty() ? plain : !originals_file_);
    }
    /// Of such, where that of row `row` of a list, whose position is `id`, lies.
    float const* place(ListRows const& rows, std::int64_t row, std::int64_t id) const {
        return originals_.empty() ? reinterpret_cast<float const*>(rows.codes + row * code_bytes())
                                  : original(id);
    }

    ListCoding const& coding() const { return coding_; }
    std::int64_t code_bytes() const { return coding_.code_bytes(); }
    MatrixView originals() const { return originals_; }
    /// That of position `id`; a damaged file may hold any.
    float const* original(std::int64_t id) const {
        return originals_.row_data(id >= 0 && id < originals_.rows ? id : 0);
    }
    float const* centroid(std::int32_t list) const { return centroids_.row_data(list); }
    /// What QueryBlock needs; nothing where candidates are vectors in memory.
    RowStore const* store() const {
        return lists_file_ || coding_.kind != CodeKind::fp32 ? this : nullptr;
    }
    float coding_error() const { return originals_.empty() ? 0 : static_cast<float>(error_); }

    float const* vector(float const* place, float* room) const override;
    void vectors(std::span<float const* const> places, float* out) const override;
    bool is_far() const override { return !originals_.empty(); }
    bool is_comparable() const override { return !originals_.empty() && !originals_file_; }

  private:
    /// A candidate's place is a vector, in memory or in a file; else it is a code.
    bool ranks_by_floats() const { return coding_.kind == CodeKind::fp32 || !originals_.empty(); }
    /// The file to read a candidate's vector from; null = it is in memory.
    FarFile const* ranking_file() const {
        return originals_.empty() ? lists_file_ : originals_file_;
    }
    std::int64_t row_bytes() const {
        return coding_.dim * static_cast<std::int64_t>(sizeof(float));
    }

    ListCoding coding_;
    MatrixView centroids_, originals_;
    double error_ = 0;
    FarFile const *lists_file_ = nullptr, *originals_file_ = nullptr;
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
    /// So many rows at a time: their ids are copied.
    static constexpr std::int64_t most_rows = 8192;

    ListVectors const& vectors_;
    ScanWorkspace workspace_;
    std::vector<std::int64_t> ids_;  // an aligned copy: ids in the file are not
};

}  // namespace partita::knn
