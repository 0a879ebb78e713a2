#include "partita/knn/evaluate.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/row_range.hpp"
#include "partita/format/vector_reader.hpp"
#include "partita/io/hdf5_reader.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace partita::knn {

namespace {

/// Neighbours in a file, read by rows.
class NeighborFile {
  public:
    virtual ~NeighborFile() = default;
    virtual std::int64_t rows() const = 0;
    virtual std::int64_t k() const = 0;
    virtual bool has_distances() const = 0;
    virtual Neighbors read(std::int64_t first, std::int64_t last) const = 0;
};

class Hdf5Neighbors : public NeighborFile {
  public:
    explicit Hdf5Neighbors(std::string const& path) : file_(path) {
        io::Hdf5DatasetInfo const info = file_.info("/neighbors");
        check(info.shape.size() == 2 && info.type,
              "{}: expected '/neighbors' to be a table of numbers", path);
        rows_ = info.shape[0];
        k_ = info.shape[1];
        has_distances_ = file_.has("/distances");
        if (has_distances_)
            check(file_.info("/distances").shape == info.shape,
                  "{}: '/distances' and '/neighbors' differ in shape", path);
    }
    std::int64_t rows() const override { return rows_; }
    std::int64_t k() const override { return k_; }
    bool has_distances() const override { return has_distances_; }
    Neighbors read(std::int64_t first, std::int64_t last) const override {
        Neighbors part(last - first, k_);
        file_.read_rows("/neighbors", first, last, format::ElementType::int64,
                        part.positions.data());
        if (has_distances_)
            file_.read_rows("/distances", first, last, format::ElementType::float32,
                            part.distances.data());
        return part;
    }

  private:
    io::Hdf5Reader file_;
    std::int64_t rows_ = 0, k_ = 0;
    bool has_distances_ = false;
};

class IvecsNeighbors : public NeighborFile {
  public:
    explicit IvecsNeighbors(std::string const& path) : file_(format::open_vector_file(path)) {
        check(file_->shape().type == format::ElementType::int32 ||
                  file_->shape().type == format::ElementType::int64,
              "{}: expected neighbours as whole numbers, got {}", path,
              format::to_string(file_->shape().type));
    }
    std::int64_t rows() const override { return file_->shape().rows; }
    std::int64_t k() const override { return file_->shape().dim; }
    bool has_distances() const override { return false; }
    Neighbors read(std::int64_t first, std::int64_t last) const override {
        Neighbors part(last - first, k());
        std::vector<std::byte> raw(static_cast<std::size_t>((last - first) * k()) *
                                   format::size_of(file_->shape().type));
        file_->read_native(first, last, raw.data());
        format::convert_elements(file_->shape().type, raw.data(), format::ElementType::int64,
                                 part.positions.data(), (last - first) * k());
        return part;
    }

  private:
    std::unique_ptr<format::VectorReader> file_;
};

std::unique_ptr<NeighborFile> open_neighbors(std::string const& path) {
    auto ends_with = [&](std::string_view end) {
        return path.size() >= end.size() &&
               std::string_view(path).substr(path.size() - end.size()) == end;
    };
    if (ends_with(".ivecs") || ends_with(".npy")) return std::make_unique<IvecsNeighbors>(path);
    return std::make_unique<Hdf5Neighbors>(path);
}

/// Sums over queries that make a Recall.
struct RecallSums {
    std::int64_t hits = 0, near = 0, possible = 0, queries = 0;
    double lowest = 1;

    void add(std::int64_t const* found, float const* found_distances, std::int64_t const* truth,
             float const* truth_distances, std::int64_t k) {
        std::vector<std::int64_t> wanted;
        double farthest = 0;
        for (std::int64_t j = 0; j < k; ++j) {
            if (truth[j] < 0) break;
            wanted.push_back(truth[j]);
            farthest = truth_distances[j];
        }
        std::sort(wanted.begin(), wanted.end());
        std::int64_t hit = 0;
        for (std::int64_t j = 0; j < k; ++j) {
            if (found[j] < 0) continue;
            hit += std::binary_search(wanted.begin(), wanted.end(), found[j]);
            near += found_distances[j] <= farthest + distance_epsilon;
        }
        hits += hit;
        possible += static_cast<std::int64_t>(wanted.size());
        ++queries;
        if (!wanted.empty())
            lowest =
                std::min(lowest, static_cast<double>(hit) / static_cast<double>(wanted.size()));
    }

    Recall agree(Communicator const& comm, std::int64_t k, bool distances) {
        std::int64_t sums[4] = {hits, near, possible, queries};
        comm.all_reduce(std::span<std::int64_t>(sums), Reduce::sum);
        Recall recall;
        recall.queries = sums[3];
        recall.k = k;
        auto const all = static_cast<double>(std::max<std::int64_t>(sums[2], 1));
        recall.by_id = static_cast<double>(sums[0]) / all;
        recall.by_distance = distances ? std::min(1.0, static_cast<double>(sums[1]) / all) : -1;
        recall.by_id_lowest = comm.all_reduce(lowest, Reduce::min);
        return recall;
    }
};

RecallSums sum_up(Neighbors const& found, Neighbors const& truth, std::int64_t k) {
    RecallSums sums;
    for (std::int64_t q = 0; q < found.queries(); ++q)
        sums.add(found.positions.row(q), found.distances.row(q), truth.positions.row(q),
                 truth.distances.row(q), k);
    return sums;
}

void merge(RecallSums& into, RecallSums const& part) {
    into.hits += part.hits;
    into.near += part.near;
    into.possible += part.possible;
    into.queries += part.queries;
    into.lowest = std::min(into.lowest, part.lowest);
}

}  // namespace

Recall recall_of(Communicator const& comm, Neighbors const& found, Neighbors const& truth,
                 std::int64_t k) {
    return sum_up(found, truth, k).agree(comm, k, true);
}

Recall evaluate_files(Communicator const& comm, std::string const& result, std::string const& truth,
                      std::int64_t wanted_k) {
    std::int64_t k = wanted_k;
    bool distances = false;
    RecallSums sums = collectively(comm, "", [&] {
        auto const a = open_neighbors(result), b = open_neighbors(truth);
        check(a->rows() == b->rows(), "{} has {} rows, but {} has {}", result, a->rows(), truth,
              b->rows());
        std::int64_t const both = std::min(a->k(), b->k());
        check(wanted_k <= both, "-k: expected at most {} (what both files hold), got {}", both,
              wanted_k);
        if (k == 0) k = both;
        distances = a->has_distances() && b->has_distances();
        RowRange const mine = share_of(a->rows(), comm.size(), comm.rank());
        RecallSums local;
        constexpr std::int64_t block = 1 << 14;
        for (std::int64_t first = mine.first; first < mine.last; first += block) {
            std::int64_t const last = std::min(first + block, mine.last);
            merge(local, sum_up(a->read(first, last), b->read(first, last), k));
        }
        return local;
    });
    return sums.agree(comm, k, distances);
}

Recall evaluate_sample(Communicator const& comm, std::string const& result,
                       io::VectorSource const& base, io::VectorSource const& queries, Metric metric,
                       bool exclude_self, std::int64_t sample, std::uint64_t seed,
                       std::int64_t memory_bytes) {
    std::vector<std::int64_t> const rows = sample_rows(queries.rows(), sample, seed);
    auto const count = static_cast<std::int64_t>(rows.size());
    Matrix vectors(count, queries.dim());
    Neighbors found;
    std::int64_t k = 0;
    collectively(comm, "", [&] {
        check(base.dim() == queries.dim(), "{} has dimension {}, but {} has {}", base.spec(),
              base.dim(), queries.spec(), queries.dim());
        Hdf5Neighbors const file(result);
        check(file.rows() == queries.rows(), "{} has {} rows, but {} has {} vectors", result,
              file.rows(), queries.spec(), queries.rows());
        k = file.k();
        found = Neighbors(count, k);
        for (std::int64_t i = 0; i < count; ++i) {
            std::int64_t const row = rows[static_cast<std::size_t>(i)];
            queries.read(row, row + 1, vectors.row(i));
            Neighbors const one = file.read(row, row + 1);
            std::copy_n(one.positions.data(), k, found.positions.row(i));
            std::copy_n(one.distances.data(), k, found.distances.row(i));
        }
        if (metric == Metric::cosine) normalise_rows(vectors.view());
    });
    Neighbors truth = exact_neighbors(comm, base, vectors.view(), k + (exclude_self ? 1 : 0),
                                      metric, memory_bytes);
    RecallSums sums;
    RowRange const mine = share_of(count, comm.size(), comm.rank());
    for (std::int64_t i = mine.first; i < mine.last; ++i) {
        std::vector<std::int64_t> positions;
        std::vector<float> distances;
        for (std::int64_t j = 0; j < truth.k() && static_cast<std::int64_t>(positions.size()) < k;
             ++j) {
            if (exclude_self && truth.positions.row(i)[j] == rows[static_cast<std::size_t>(i)])
                continue;
            positions.push_back(truth.positions.row(i)[j]);
            distances.push_back(truth.distances.row(i)[j]);
        }
        sums.add(found.positions.row(i), found.distances.row(i), positions.data(), distances.data(),
                 k);
    }
    return sums.agree(comm, k, true);
}

}  // namespace partita::knn
