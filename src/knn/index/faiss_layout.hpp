#pragma once

#include "knn/index/list_coding.hpp"

#include "partita/core/file.hpp"
#include "partita/core/row_range.hpp"
#include "partita/knn/metric.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace partita::knn {

/// Where the parts of a FAISS index file lie, for the kinds of index that we search in place.
///
/// The layouts are those of FAISS's index_write.cpp (little-endian, no padding, so arrays may be
/// unaligned). Everything is checked against the file's length, so that a damaged or lying file
/// gives an Error and never a read past its end.

/// Kinds of FAISS's scalar quantizers.
inline constexpr std::int32_t quantizer_8bit = 0, quantizer_fp16 = 4;

/// The header that all FAISS indexes share.
struct FaissHeader {
    std::string kind;  ///< The four-character code: "IxF2", "IwFl", "IHNf" ...
    std::int64_t dim = 0;
    std::int64_t rows = 0;
    bool trained = false;
    bool l2 = true;  ///< Else inner product.
};

/// Vectors as they stand in the file: rows x dim floats at `data`.
struct FlatLayout {
    FaissHeader header;
    float const* data = nullptr;
};

/// One inverted list.
struct ListLayout {
    std::int64_t size = 0;
    std::byte const* codes = nullptr;  ///< size x ListCoding::code_bytes: floats under fp32.
    std::byte const* ids = nullptr;    ///< size int64 values, unaligned.
};

struct IvfLayout {
    FaissHeader header;
    FlatLayout centroids;
    ListCoding coding;
    std::int64_t nprobe = 1;
    std::vector<ListLayout> lists;
};

struct HnswLayout {
    FaissHeader header;
    std::vector<int> cumulative_links;   ///< cumulative_links[l] = links of levels below l.
    std::byte const* levels = nullptr;   ///< rows int32: 1 + top level of each node.
    std::byte const* offsets = nullptr;  ///< rows + 1 uint64: first link of each node.
    std::byte const* links = nullptr;    ///< link_count int32; -1 = none.
    std::int64_t link_count = 0;
    std::int32_t entry_point = -1;
    int max_level = -1;
    int ef_search = 16;
    FlatLayout storage;
};

/// @throws Error "x.index: not a FAISS index ..." and the like.
FaissHeader read_faiss_header(MappedFile const& file);
FlatLayout read_flat_layout(MappedFile const& file);
/// Of IVFFlat indexes, and of IVF indexes with FAISS's scalar quantizers QT_fp16 and QT_8bit.
IvfLayout read_ivf_layout(MappedFile const& file);
/// Does read_ivf_layout read this kind of index?
bool has_ivf_layout(MappedFile const& file);
HnswLayout read_hnsw_layout(MappedFile const& file);
HnswLayout read_hnsw_layout(std::span<std::byte const> bytes, std::string const& path);

/// A file of several graphs, each of a run of the rows, so that ranks can share them out: FAISS's
/// header of this kind (which FAISS itself does not read), the number of graphs, offset and bytes
/// of each (int64), and the graphs, each as FAISS's IndexHNSWFlat. Graph i has rows
/// share_of(rows, graphs, i).
inline constexpr char const* graph_parts_kind = "IPgp";

struct GraphPart {
    RowRange rows;
    std::int64_t offset = 0, bytes = 0;  ///< In the file.
};

/// The graphs of an hnsw index: those, or the one of FAISS's IndexHNSWFlat.
std::vector<GraphPart> read_graph_parts(MappedFile const& file);
/// The bytes before the graphs. @param bytes  Of each graph.
std::vector<std::byte> graph_parts_prefix(std::int64_t rows, std::int64_t dim, bool l2,
                                          std::vector<std::int64_t> const& bytes);

/// A value from an unaligned place in the mapping.
template <class T>
T load_at(std::byte const* array, std::int64_t i) {
    T value;
    __builtin_memcpy(&value, array + i * static_cast<std::int64_t>(sizeof(T)), sizeof value);
    return value;
}

/// The bytes before the vectors of a flat index.
std::vector<std::byte> flat_prefix(std::int64_t rows, std::int64_t dim, bool l2);

/// The bytes before the lists of an IVF index; then follow, list by list, codes and ids.
/// @param centroids  lists x dim.
std::vector<std::byte> ivf_prefix(std::int64_t rows, bool l2, std::int64_t nprobe,
                                  ListCoding const& coding, float const* centroids,
                                  std::vector<std::int64_t> const& list_sizes);

/// The bytes of an HNSWFlat index before its nodes. Then follow, each after its length in elements
/// (int64): the levels (int32, 1 + top level of each node), the offsets (rows + 1, int64, first
/// link of each node), the links (int32); hnsw_suffix; flat_prefix; the vectors.
/// @param cumulative_links  [l] = links of the levels below l, of one node.
std::vector<std::byte> hnsw_prefix(std::int64_t rows, std::int64_t dim, bool l2,
                                   std::vector<double> const& level_probabilities,
                                   std::vector<std::int32_t> const& cumulative_links);
std::vector<std::byte> hnsw_suffix(std::int32_t entry_point, int max_level, int ef_construction,
                                   int ef_search);

}  // namespace partita::knn
