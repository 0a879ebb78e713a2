#include "knn/index/faiss_layout.hpp"

#include "partita/core/error.hpp"

#include <cstring>
#include <optional>
#include <span>
#include <utility>

namespace partita::knn {

namespace {

/// Reads a file's fields in order and checks each against the file's end.
class Cursor {
  public:
    explicit Cursor(MappedFile const& file) : Cursor(file.bytes(), file.path()) {}
    Cursor(std::span<std::byte const> bytes, std::string const& path)
        : bytes_(bytes), path_(path) {}

    template <class T>
    T next() {
        T value;
        std::memcpy(&value, take(1, sizeof(T)), sizeof(T));
        return value;
    }

    /// A four-character code.
    std::string next_code() {
        std::byte const* p = take(1, 4);
        return {reinterpret_cast<char const*>(p), 4};
    }

    /// `count` elements, where they lie.
    std::byte const* take(std::int64_t count, std::int64_t element_bytes) {
        std::int64_t const left = std::ssize(bytes_) - position_;
        check(count >= 0 && count <= left / element_bytes,
              "{}: damaged index: expected {} more elements of {} bytes at byte {}, got {} bytes",
              path_, count, element_bytes, position_, left);
        std::byte const* p = bytes_.data() + position_;
        position_ += count * element_bytes;
        return p;
    }

    /// An array that is preceded by its length.
    std::byte const* next_array(std::int64_t element_bytes, std::int64_t& count) {
        count = next<std::int64_t>();
        return take(count, element_bytes);
    }

    std::string const& path() const { return path_; }

  private:
    std::span<std::byte const> bytes_;
    std::string const& path_;
    std::int64_t position_ = 0;
};

FaissHeader next_header(Cursor& in) {
    FaissHeader header;
    header.kind = in.next_code();
    // All codes of FAISS's float indexes start with I; what else stands there may not be text.
    check(header.kind[0] == 'I', "{}: not a FAISS index", in.path());
    header.dim = in.next<std::int32_t>();
    header.rows = in.next<std::int64_t>();
    in.take(2, 8);
    header.trained = in.next<std::uint8_t>() != 0;
    std::int32_t const metric = in.next<std::int32_t>();
    check(metric == 0 || metric == 1,
          "{}: expected the metric L2 or inner product, got FAISS's metric {}", in.path(), metric);
    header.l2 = metric == 1;
    check(header.dim > 0 && header.rows >= 0, "{}: damaged index: {} vectors of dimension {}",
          in.path(), header.rows, header.dim);
    return header;
}

FlatLayout next_flat(Cursor& in) {
    FlatLayout flat;
    flat.header = next_header(in);
    check(flat.header.kind == "IxF2" || flat.header.kind == "IxFI" || flat.header.kind == "IxFl",
          "{}: expected flat vectors, got FAISS's '{}'", in.path(), flat.header.kind);
    std::int64_t floats = 0;
    flat.data = reinterpret_cast<float const*>(in.next_array(sizeof(float), floats));
    check(floats / flat.header.dim == flat.header.rows && floats % flat.header.dim == 0,
          "{}: damaged index: expected {} x {} numbers, got {}", in.path(), flat.header.rows,
          flat.header.dim, floats);
    return flat;
}

/// Whether the centroids, which stand next, are compared one and all.
bool next_is_flat(Cursor in) {
    FaissHeader const header = next_header(in);
    return header.kind == "IxF2" || header.kind == "IxFI" || header.kind == "IxFl";
}

std::vector<std::int64_t> next_list_sizes(Cursor& in, std::int64_t lists) {
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(lists), 0);
    std::string const shape = in.next_code();
    std::int64_t count = 0;
    std::byte const* values = in.next_array(8, count);
    if (shape == "full") {
        check(count == lists, "{}: damaged index: {} list sizes for {} lists", in.path(), count,
              lists);
        for (std::int64_t l = 0; l < lists; ++l) sizes[l] = load_at<std::int64_t>(values, l);
        return sizes;
    }
    check(shape == "sprs" && count % 2 == 0, "{}: damaged index: list sizes of kind '{}'",
          in.path(), shape);
    for (std::int64_t i = 0; i < count; i += 2) {
        std::int64_t const list = load_at<std::int64_t>(values, i);
        check(list >= 0 && list < lists, "{}: damaged index: list {} of {}", in.path(), list,
              lists);
        sizes[list] = load_at<std::int64_t>(values, i + 1);
    }
    return sizes;
}

/// The scalar quantizer of an IVF index; nothing where it is of a kind that we leave to FAISS.
std::optional<ListCoding> next_coding(Cursor& in, std::int64_t dim) {
    ListCoding coding;
    coding.dim = dim;
    auto const kind = in.next<std::int32_t>();
    in.take(2, 4);  // how the ranges were found
    check(in.next<std::int64_t>() == dim, "{}: damaged index: dimension of codes", in.path());
    in.next<std::int64_t>();  // bytes of a code
    std::int64_t count = 0;
    std::byte const* trained = in.next_array(4, count);
    if (kind != quantizer_fp16 && kind != quantizer_8bit) return std::nullopt;
    coding.kind = kind == quantizer_fp16 ? CodeKind::fp16 : CodeKind::int8;
    if (coding.kind == CodeKind::int8) {
        check(count == 2 * dim, "{}: damaged index: expected {} ranges of codes, got {}", in.path(),
              2 * dim, count);
        for (std::int64_t i = 0; i < dim; ++i) {
            coding.smallest.push_back(load_at<float>(trained, i));
            coding.range.push_back(load_at<float>(trained, dim + i));
        }
    }
    in.next<std::int64_t>();  // bytes of a code again
    coding.by_residual = in.next<std::uint8_t>() != 0;
    return coding;
}

/// What stands before the lists; nothing where their codes are of a kind that we leave to FAISS.
std::optional<IvfLayout> next_ivf(Cursor& in) {
    IvfLayout ivf;
    ivf.header = next_header(in);
    check(ivf.header.kind == "IwFl" || ivf.header.kind == "IwSq",
          "{}: expected an IVFFlat index, got FAISS's '{}'", in.path(), ivf.header.kind);
    std::int64_t const lists = in.next<std::int64_t>();
    ivf.nprobe = in.next<std::int64_t>();
    if (ivf.header.kind == "IwSq" && !next_is_flat(in)) return std::nullopt;
    ivf.centroids = next_flat(in);
    check(lists > 0 && ivf.centroids.header.rows == lists &&
              ivf.centroids.header.dim == ivf.header.dim,
          "{}: damaged index: {} lists with {} centroids", in.path(), lists,
          ivf.centroids.header.rows);
    std::uint8_t const direct_map = in.next<std::uint8_t>();
    std::int64_t count = 0;
    in.next_array(8, count);
    if (direct_map == 2) in.next_array(16, count);  // a hash table of (id, place)
    ivf.coding.dim = ivf.header.dim;
    if (ivf.header.kind == "IwSq") {
        std::optional<ListCoding> coding = next_coding(in, ivf.header.dim);
        if (!coding) return std::nullopt;
        ivf.coding = std::move(*coding);
    }
    return ivf;
}

}  // namespace

FaissHeader read_faiss_header(MappedFile const& file) {
    Cursor in(file);
    return next_header(in);
}

FlatLayout read_flat_layout(MappedFile const& file) {
    Cursor in(file);
    return next_flat(in);
}

bool has_ivf_layout(MappedFile const& file) {
    FaissHeader const header = read_faiss_header(file);
    if (header.kind != "IwSq") return header.kind == "IwFl";
    Cursor in(file);
    return next_ivf(in).has_value();
}

IvfLayout read_ivf_layout(MappedFile const& file) {
    Cursor in(file);
    std::optional<IvfLayout> known = next_ivf(in);
    check(known.has_value(), "{}: expected codes of 32, 16 or 8 bits a number", in.path());
    IvfLayout ivf = std::move(*known);
    std::int64_t const lists = ivf.centroids.header.rows;
    std::string const kind = in.next_code();
    check(kind == "ilar", "{}: expected lists in one array, got FAISS's '{}'", in.path(), kind);
    check(in.next<std::int64_t>() == lists, "{}: damaged index: number of lists", in.path());
    std::int64_t const code_bytes = in.next<std::int64_t>();
    check(code_bytes == ivf.coding.code_bytes(), "{}: expected {} bytes a vector, got {}",
          in.path(), ivf.coding.code_bytes(), code_bytes);
    std::int64_t total = 0;
    for (std::int64_t size : next_list_sizes(in, lists)) {
        ListLayout list;
        list.size = size;
        list.codes = in.take(size, code_bytes);
        list.ids = in.take(size, 8);
        ivf.lists.push_back(list);
        total += size;
    }
    check(total == ivf.header.rows, "{}: damaged index: lists hold {} of {} vectors", in.path(),
          total, ivf.header.rows);
    return ivf;
}

HnswLayout read_hnsw_layout(MappedFile const& file) {
    return read_hnsw_layout(file.bytes(), file.path());
}

HnswLayout read_hnsw_layout(std::span<std::byte const> bytes, std::string const& path) {
    Cursor in(bytes, path);
    HnswLayout hnsw;
    hnsw.header = next_header(in);
    check(hnsw.header.kind == "IHNf", "{}: expected an HNSW index, got FAISS's '{}'", in.path(),
          hnsw.header.kind);
    std::int64_t count = 0;
    in.next_array(sizeof(double), count);  // probabilities of levels: for building only
    std::byte const* cumulative = in.next_array(4, count);
    for (std::int64_t i = 0; i < count; ++i)
        hnsw.cumulative_links.push_back(load_at<std::int32_t>(cumulative, i));
    hnsw.levels = in.next_array(4, count);
    check(count == hnsw.header.rows, "{}: damaged index: {} levels", in.path(), count);
    hnsw.offsets = in.next_array(8, count);
    check(count == hnsw.header.rows + 1, "{}: damaged index: {} offsets", in.path(), count);
    hnsw.links = in.next_array(4, hnsw.link_count);
    hnsw.entry_point = in.next<std::int32_t>();
    hnsw.max_level = in.next<std::int32_t>();
    in.next<std::int32_t>();  // efConstruction
    hnsw.ef_search = in.next<std::int32_t>();
    in.next<std::int32_t>();  // upper_beam
    hnsw.storage = next_flat(in);
    bool const fits = hnsw.storage.header.rows == hnsw.header.rows &&
                      hnsw.storage.header.dim == hnsw.header.dim &&
                      hnsw.entry_point < hnsw.header.rows &&
                      hnsw.max_level + 1 < static_cast<int>(hnsw.cumulative_links.size());
    check(fits && (hnsw.header.rows == 0 || (hnsw.entry_point >= 0 && hnsw.max_level >= 0)),
          "{}: damaged index: graph and vectors do not match", in.path());
    return hnsw;
}

std::vector<GraphPart> read_graph_parts(MappedFile const& file) {
    Cursor in(file);
    FaissHeader const header = next_header(in);
    if (header.kind != graph_parts_kind) return {{{0, header.rows}, 0, file.size()}};
    auto const count = in.next<std::int64_t>();
    check(count > 0 && count <= header.rows, "{}: damaged index: {} graphs of {} vectors",
          in.path(), count, header.rows);
    std::vector<GraphPart> parts;
    for (std::int64_t i = 0; i < count; ++i) {
        auto const offset = in.next<std::int64_t>(), bytes = in.next<std::int64_t>();
        check(offset >= 0 && bytes >= 0 && offset <= file.size() - bytes,
              "{}: damaged index: a graph of {} bytes at byte {}", in.path(), bytes, offset);
        parts.push_back({share_of(header.rows, count, i), offset, bytes});
    }
    return parts;
}

}  // namespace partita::knn
