#include "partita/knn/build.hpp"

#include "knn/build/builders.hpp"
#include "knn/index/list_coding.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/on_root.hpp"
#include "partita/core/atomic_file.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/file.hpp"
#include "partita/core/hash.hpp"
#include "partita/knn/distance.hpp"
#include "partita/knn/id_table.hpp"

#include <algorithm>
#include <cmath>

namespace partita::knn {

namespace {

void check_options(io::VectorSource const& source, BuildOptions const& options) {
    check(options.lists >= 0 && options.lists <= source.rows(),
          "--lists: expected at most {} (the number of vectors), got {}", source.rows(),
          options.lists);
    check(parse_codes(options.codes) == CodeKind::fp32 || options.type == "ivf",
          "--codes {}: expected --type ivf, whose lists hold codes, got {}", options.codes,
          options.type);
    check(options.shards >= 1, "--shards: expected a positive number, got {}", options.shards);
    check(options.links >= 2 && options.links <= 512, "--links: expected 2 to 512, got {}",
          options.links);
    check(options.train_sample >= 0, "--train-sample: expected a positive number, got {}",
          options.train_sample);
    check(source.rows() < (std::int64_t{1} << 31) || options.type != "hnsw",
          "hnsw: FAISS numbers nodes with 31 bits, got {} vectors", format_count(source.rows()));
}

}  // namespace

TypeChoice choose_type(std::int64_t rows, std::int64_t dim, std::int64_t queries) {
    // A few seconds on two cores. The number of cores is left out on purpose: the same input must
    // give the same output on any machine.
    constexpr double patience_flops = 5e11;
    double const flops =
        2.0 * static_cast<double>(rows) * static_cast<double>(queries) * static_cast<double>(dim);
    std::string const cost =
        fmt::format("exact search of {} queries in {} vectors takes {:.2g} operations",
                    format_count(queries), format_count(rows), flops);
    if (flops <= patience_flops || rows < 2'000) return {"flat", "flat, since " + cost};
    return {"ivf", "ivf, since " + cost};
}

std::int64_t default_lists(std::int64_t rows) {
    auto const wanted = static_cast<std::int64_t>(4 * std::sqrt(static_cast<double>(rows)));
    return std::max<std::int64_t>(1, std::min(wanted, rows / 39));
}

Matrix read_for_metric(io::VectorSource const& source, RowRange range, Metric metric,
                       std::int64_t& zeros) {
    Matrix rows = source.read(range.first, range.last);
    if (metric == Metric::cosine) zeros += normalise_rows(rows.view());
    return rows;
}

std::int64_t rows_per_block(std::int64_t dim, std::int64_t memory_bytes) {
    // A block is held twice while it is sorted, beside search results of 12 bytes a row.
    std::int64_t const row_bytes = dim * 8 + 24;
    std::int64_t const bytes = std::clamp<std::int64_t>(memory_bytes / 4, 1 << 20, 512 << 20);
    return std::max<std::int64_t>(1, bytes / row_bytes);
}

IndexInfo build_index(Communicator const& comm, io::VectorSource const& source,
                      std::string const& path, BuildOptions const& given) {
    BuildOptions options = given;
    if (options.type == "auto") {
        std::int64_t const queries =
            options.expected_queries > 0 ? options.expected_queries : source.rows();
        options.type = choose_type(source.rows(), source.dim(), queries).type;
    }
    collectively(comm, "", [&] { check_options(source, options); });
    IndexInfo info;
    info.type = options.type;
    info.metric = options.metric;
    info.rows = source.rows();
    info.dim = source.dim();
    info.normalised = options.metric == Metric::cosine;
    info.source = source.spec();
    info.seed = options.seed;
    if (options.type == "flat")
        build_flat(comm, source, path, options, info);
    else if (options.type == "ivf")
        build_ivf(comm, source, path, options, info);
    else if (options.type == "hnsw")
        build_hnsw(comm, source, path, options, info);
    else
        build_with_faiss(comm, source, path, options, info);
    info.zero_vectors = comm.all_reduce(info.zero_vectors, Reduce::sum);
    if (source.ids().kind() != io::IdKind::row_numbers) {
        write_id_table(comm, source.ids(), ids_path(path), options.overwrite);
        info.ids_file = ids_path(path);
        info.ids_file.erase(0, info.ids_file.find_last_of('/') + 1);
    }
    on_root(comm, [&] { info.data_hash = hash_index_file(path); });
    info.data_hash = comm.broadcast(info.data_hash);
    write_sidecar(comm, path, info);
    return info;
}

void write_sidecar(Communicator const& comm, std::string const& index_path, IndexInfo const& info) {
    on_root(comm, [&] { write_text_file(sidecar_path(index_path), to_json(info)); });
}

std::uint64_t hash_index_file(std::string const& path) {
    // Read, not mapped: mapped pages would count as this process's memory, all of them.
    File const file = File::open_read(path);
    Buffer<std::byte> block(std::int64_t{1} << 20);
    StreamingHash hash;
    for (std::int64_t offset = 0;;) {
        std::int64_t const bytes = file.read_some_at(offset, block.data(), block.size());
        if (bytes == 0) return hash.digest();
        hash.update(block.data(), static_cast<std::size_t>(bytes));
        offset += bytes;
    }
}

std::string originals_path(std::string const& index_path) { return index_path + ".vectors"; }

std::string ids_path(std::string const& index_path) { return index_path + ".ids.npy"; }

}  // namespace partita::knn
