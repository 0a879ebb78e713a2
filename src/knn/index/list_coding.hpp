#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace partita::knn {

/// The form in which an ivf index keeps the numbers of its vectors.
enum class CodeKind { fp32, fp16, int8 };

/// @throws Error unless `name` is "fp32", "fp16" or "int8".
CodeKind parse_codes(std::string const& name);
std::string to_string(CodeKind kind);

/// How the vectors of inverted lists become codes, and codes vectors: as FAISS's scalar quantizers
/// QT_fp16 and QT_8bit do it, or not at all.
///
/// What a code becomes is the same bits on every processor.
struct ListCoding {
    CodeKind kind = CodeKind::fp32;
    std::int64_t dim = 0;
    bool by_residual = false;  ///< What is coded is a vector minus the centroid of its list.
    /// int8: of each dimension, where code 0 begins, and the width of all 255 steps.
    std::vector<float> smallest, range;

    std::int64_t code_bytes() const;  ///< Of a vector.
};

/// @param vectors    rows x dim, aligned to a float.
/// @param centroid   Of the list that all belong to.
/// @param codes      rows x code_bytes().
void encode(ListCoding const& coding, float const* vectors, std::int64_t rows,
            float const* centroid, std::byte* codes);

/// @param codes      rows x code_bytes(), possibly unaligned.
/// @param centroid   Of the list, possibly unaligned.
/// @param vectors    rows x dim.
void decode(ListCoding const& coding, std::byte const* codes, std::int64_t rows,
            float const* centroid, float* vectors);

}  // namespace partita::knn
