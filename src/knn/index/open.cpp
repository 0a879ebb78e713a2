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

std::string type_of(std::string const& kind) {
    if (kind == "IxF2" || kind == "IxFI" || kind == "IxFl") return "flat";
    if (kind == "IwFl") return "ivf";
    if (kind == "IHNf") return "hnsw";
    return "faiss";
}

}  // namespace

void check_index_file(std::string const& path, IndexInfo const& info) {
    check_matches(read_faiss_header(MappedFile(path)), info, path);
}

std::unique_ptr<Index> open_index(std::string const& path, IndexInfo const& info) {
    MappedFile file(path);
    FaissHeader const header = read_faiss_header(file);
    check_matches(header, info, path);
    std::string const type = type_of(header.kind);
    if (type == "flat") return open_flat_index(std::move(file), info);
    if (type == "ivf") return open_ivf_index(std::move(file), info);
    if (type == "hnsw") return open_hnsw_index(std::move(file), info);
    return open_faiss_index(path, info);
}

IndexInfo inspect_index(std::string const& path, bool cosine) {
    FaissHeader const header = read_faiss_header(MappedFile(path));
    check(!(cosine && header.l2), "{}: expected an inner-product index for cosine, got an l2 one",
          path);
    IndexInfo info;
    info.type = type_of(header.kind);
    info.metric = header.l2 ? Metric::l2 : cosine ? Metric::cosine : Metric::inner_product;
    info.normalised = cosine;
    info.rows = header.rows;
    info.dim = header.dim;
    return info;
}

}  // namespace partita::knn
