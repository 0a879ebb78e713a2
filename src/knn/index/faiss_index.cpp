#include "knn/index/open.hpp"

#include "partita/core/error.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <limits>

#include <faiss/AutoTune.h>
#include <faiss/Index.h>
#include <faiss/impl/FaissException.h>
#include <faiss/index_io.h>
#include <omp.h>

namespace partita::knn {

namespace {

/// Any index that FAISS knows and we do not search ourselves: held in memory by this process.
class FaissIndex : public Index {
  public:
    FaissIndex(std::string const& path, IndexInfo const& info) : Index(info), path_(path) {
        try {
            index_.reset(faiss::read_index(path.c_str()));
        } catch (faiss::FaissException const&) {
            fail("{}: FAISS cannot read this index", path);
        }
        private_bytes_ = MappedFile(path).size();
    }

    Neighbors search(MatrixView queries, std::int64_t k,
                     SearchOptions const& options) const override {
        set_effort(options.effort);
        omp_set_num_threads(options.threads > 0 ? options.threads : omp_get_max_threads());
        Neighbors found(queries.rows, k);
        std::vector<float> scores(static_cast<std::size_t>(queries.rows * k));
        // FAISS leaves k > ntotal to the caller in some index types.
        std::int64_t const asked = std::min(k, rows());
        std::vector<faiss::Index::idx_t> labels(scores.size());
        if (queries.rows > 0)
            index_->search(queries.rows, queries.data, asked, scores.data(), labels.data());
        for (std::int64_t q = 0; q < queries.rows; ++q)
            write(scores.data() + q * asked, labels.data() + q * asked, asked, found, q);
        if (options.progress) options.progress(queries.rows);
        return found;
    }

    Neighbors search_exactly(MatrixView, std::int64_t, SearchOptions const&) const override {
        fail(
            "recall cannot be measured from an index of type '{}' alone: it does not hold the "
            "vectors as they were",
            info_.type);
    }

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override {
        Matrix vectors(static_cast<std::int64_t>(positions.size()), dim());
        try {
            for (std::size_t i = 0; i < positions.size(); ++i)
                index_->reconstruct(positions[i], vectors.row(static_cast<std::int64_t>(i)));
        } catch (faiss::FaissException const&) {
            fail("{}: an index of type '{}' does not give its vectors back", path_, info_.type);
        }
        return vectors;
    }

    std::vector<std::int64_t> efforts(std::int64_t) const override { return {}; }
    std::int64_t private_bytes() const override { return private_bytes_; }

  private:
    void set_effort(std::int64_t effort) const {
        if (effort <= 0) return;
        faiss::ParameterSpace const space;
        for (char const* name : {"nprobe", "efSearch"}) {
            try {
                space.set_index_parameter(index_.get(), name, static_cast<double>(effort));
                return;
            } catch (faiss::FaissException const&) {
                continue;
            }
        }
        fail("an index of type '{}' has neither nprobe nor efSearch", info_.type);
    }

    /// FAISS's scores as our distances, ordered by (distance, position).
    void write(float const* scores, faiss::Index::idx_t const* labels, std::int64_t count,
               Neighbors& found, std::int64_t q) const {
        std::vector<std::pair<float, std::int64_t>> ranked;
        for (std::int64_t j = 0; j < count; ++j) {
            if (labels[j] < 0) continue;
            double const score = scores[j];
            double const rank = info_.metric == Metric::l2       ? std::max(score, 0.0)
                                : info_.metric == Metric::cosine ? 1.0 - score
                                                                 : -score;
            ranked.emplace_back(reported_distance(info_.metric, rank), labels[j]);
        }
        std::sort(ranked.begin(), ranked.end());
        for (std::int64_t j = 0; j < found.k(); ++j) {
            bool const exists = j < static_cast<std::int64_t>(ranked.size());
            found.positions.row(q)[j] = exists ? ranked[static_cast<std::size_t>(j)].second : -1;
            found.distances.row(q)[j] = exists ? ranked[static_cast<std::size_t>(j)].first
                                               : std::numeric_limits<float>::infinity();
        }
    }

    std::string path_;
    std::unique_ptr<faiss::Index> index_;
    std::int64_t private_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Index> open_faiss_index(std::string const& path, IndexInfo const& info) {
    return std::make_unique<FaissIndex>(path, info);
}

}  // namespace partita::knn
