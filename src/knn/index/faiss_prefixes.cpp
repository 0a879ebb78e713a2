#include "knn/index/faiss_layout.hpp"

namespace partita::knn {

namespace {

template <class T>
void put(std::vector<std::byte>& out, T value) {
    auto const* bytes = reinterpret_cast<std::byte const*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof value);
}

void put_code(std::vector<std::byte>& out, char const* code) {
    auto const* bytes = reinterpret_cast<std::byte const*>(code);
    out.insert(out.end(), bytes, bytes + 4);
}

void put_header(std::vector<std::byte>& out, char const* code, std::int64_t rows, std::int64_t dim,
                bool l2) {
    put_code(out, code);
    put(out, static_cast<std::int32_t>(dim));
    put(out, rows);
    put(out, std::int64_t{1 << 20});  // two fields that FAISS writes and ignores
    put(out, std::int64_t{1 << 20});
    put(out, std::uint8_t{1});
    put(out, std::int32_t{l2 ? 1 : 0});
}

/// A scalar quantizer, and how an IVF index uses it.
void put_quantizer(std::vector<std::byte>& out, ListCoding const& coding) {
    put(out, coding.kind == CodeKind::fp16 ? quantizer_fp16 : quantizer_8bit);
    put(out, std::int32_t{0});  // the range is that of smallest and largest,
    put(out, 0.0f);             // without more on both sides
    put(out, coding.dim);
    put(out, coding.code_bytes());
    put(out, static_cast<std::int64_t>(coding.smallest.size() + coding.range.size()));
    for (float value : coding.smallest) put(out, value);
    for (float value : coding.range) put(out, value);
    put(out, coding.code_bytes());
    put(out, std::uint8_t{coding.by_residual});
}

}  // namespace

std::vector<std::byte> hnsw_prefix(std::int64_t rows, std::int64_t dim, bool l2,
                                   std::vector<double> const& level_probabilities,
                                   std::vector<std::int32_t> const& cumulative_links) {
    std::vector<std::byte> out;
    put_header(out, "IHNf", rows, dim, l2);
    put(out, static_cast<std::int64_t>(level_probabilities.size()));
    for (double probability : level_probabilities) put(out, probability);
    put(out, static_cast<std::int64_t>(cumulative_links.size()));
    for (std::int32_t links : cumulative_links) put(out, links);
    return out;
}

std::vector<std::byte> graph_parts_prefix(std::int64_t rows, std::int64_t dim, bool l2,
                                          std::vector<std::int64_t> const& bytes) {
    std::vector<std::byte> out;
    put_header(out, graph_parts_kind, rows, dim, l2);
    put(out, std::ssize(bytes));
    std::int64_t offset = std::ssize(out) + std::ssize(bytes) * 16;
    for (std::int64_t size : bytes) {
        put(out, offset);
        put(out, size);
        offset += size;
    }
    return out;
}

std::vector<std::byte> hnsw_suffix(std::int32_t entry_point, int max_level, int ef_construction,
                                   int ef_search) {
    std::vector<std::byte> out;
    for (std::int32_t value : {entry_point, max_level, ef_construction, ef_search, 1})
        put(out, value);
    return out;
}

std::vector<std::byte> flat_prefix(std::int64_t rows, std::int64_t dim, bool l2) {
    std::vector<std::byte> out;
    put_header(out, l2 ? "IxF2" : "IxFI", rows, dim, l2);
    put(out, rows * dim);
    return out;
}

std::vector<std::byte> ivf_prefix(std::int64_t rows, bool l2, std::int64_t nprobe,
                                  ListCoding const& coding, float const* centroids,
                                  std::vector<std::int64_t> const& list_sizes) {
    auto const lists = static_cast<std::int64_t>(list_sizes.size());
    std::int64_t const dim = coding.dim;
    std::vector<std::byte> out;
    put_header(out, coding.kind == CodeKind::fp32 ? "IwFl" : "IwSq", rows, dim, l2);
    put(out, lists);
    put(out, nprobe);
    std::vector<std::byte> const quantizer = flat_prefix(lists, dim, l2);
    out.insert(out.end(), quantizer.begin(), quantizer.end());
    auto const* values = reinterpret_cast<std::byte const*>(centroids);
    out.insert(out.end(), values, values + lists * dim * 4);
    put(out, std::uint8_t{0});  // no direct map
    put(out, std::int64_t{0});
    if (coding.kind != CodeKind::fp32) put_quantizer(out, coding);
    put_code(out, "ilar");
    put(out, lists);
    put(out, coding.code_bytes());
    put_code(out, "full");
    put(out, lists);
    for (std::int64_t size : list_sizes) put(out, size);
    return out;
}

}  // namespace partita::knn
