#include "knn/index/open.hpp"

#include "knn/index/faiss_layout.hpp"

#include "partita/core/error.hpp"

namespace partita::knn {

namespace {

void check_matches(FaissHeader const& header, IndexInfo const& info, std::string const& path) {
    check(header.rows == info.rows && header.dim == info.dim,
          "{}: holds {} vectors of dimension {}, but its description says {} of dimension {}", path,
          header.rows, header.dim, info.rows, info.dim);
    check(header.l2 == is_l2(info.metric), "{}: its metric is {}, but its description says {}",
          path, header.l2 ? "l2" : "inner product", to_string(info.metric));
    check(header.rows > 0, "{}: the index is empty", path);
}

std::string type_of(MappedFile const& file) {
    FaissHeader const header = read_faiss_header(file);
    if (header.kind == "IxF2" || header.kind == "IxFI" || header.kind == "IxFl") return "flat";
    if (has_ivf_layout(file)) return "ivf";
    if (header.kind == "IHNf" || header.kind == graph_parts_kind) return "hnsw";
    return "faiss";
}

}  // namespace

std::optional<NeighborRows> Index::search_within(MatrixView, double, std::int64_t,
                                                 SearchOptions const&) const {
    fail("search within a radius: expected an index of type flat or ivf, got {}", info_.type);
}

std::string beside(std::string const& path, std::string const& name) {
    return path.substr(0, path.find_last_of('/') + 1) + name;
}

void check_index_file(std::string const& path, IndexInfo const& info) {
    check_matches(read_faiss_header(MappedFile(path)), info, path);
}

MatrixView read_originals(MappedFile const& file, IndexInfo const& info) {
    if (file.size() == 0) return {};
    FlatLayout const layout = read_flat_layout(file);
    check_matches(layout.header, info, file.path());
    return {layout.data, info.rows, info.dim};
}

std::unique_ptr<Index> open_index(std::string const& path, IndexInfo const& info,
                                  std::string const& originals) {
    MappedFile file(path);
    FaissHeader const header = read_faiss_header(file);
    check_matches(header, info, path);
    std::string const type = type_of(file);
    if (type == "flat") return open_flat_index(std::move(file), info);
    if (type == "ivf") {
        MappedFile vectors;
        if (!info.originals_file.empty())
            vectors = MappedFile(originals.empty() ? beside(path, info.originals_file) : originals);
        return open_ivf_index(std::move(file), std::move(vectors), info);
    }
    if (type == "hnsw") return open_hnsw_index(std::move(file), info);
    return open_faiss_index(path, info);
}

IndexInfo inspect_index(std::string const& path, bool cosine) {
    MappedFile const file(path);
    FaissHeader const header = read_faiss_header(file);
    check(!(cosine && header.l2), "{}: expected an inner-product index for cosine, got an l2 one",
          path);
    IndexInfo info;
    info.type = type_of(file);
    info.metric = header.l2 ? Metric::l2 : cosine ? Metric::cosine : Metric::inner_product;
    info.normalised = cosine;
    info.rows = header.rows;
    info.dim = header.dim;
    return info;
}

}  // namespace partita::knn
