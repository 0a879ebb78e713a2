#include "io/hdf5_vectors.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <vector>

namespace partita::io {

namespace {

bool can_be_vectors(Hdf5DatasetInfo const& dataset) {
    return dataset.type && dataset.shape.size() == 2;
}

std::string listed(std::vector<Hdf5DatasetInfo> const& datasets) {
    if (datasets.empty()) return "it holds no dataset";
    std::vector<std::string> texts;
    for (auto const& dataset : datasets)
        texts.push_back(fmt::format("{} ({} {})", dataset.name, fmt::join(dataset.shape, " x "),
                                    dataset.type_name));
    constexpr std::size_t most = 8;
    if (texts.size() > most) {
        texts.resize(most);
        texts.emplace_back("...");
    }
    return fmt::format("it holds {}", fmt::join(texts, ", "));
}

class Hdf5Vectors final : public format::VectorReader {
  public:
    Hdf5Vectors(std::shared_ptr<Hdf5Reader const> file, Hdf5DatasetInfo const& info)
        : VectorReader(file->path() + ":" + info.name, {info.shape[0], info.shape[1], *info.type}),
          file_(std::move(file)),
          dataset_(info.name) {}

  private:
    void do_read(std::int64_t first, std::int64_t last, void* out) const override {
        file_->read_rows(dataset_, first, last, shape().type, out);
    }

    std::shared_ptr<Hdf5Reader const> file_;
    std::string dataset_;
};

}  // namespace

std::string choose_dataset(Hdf5Reader const& file, std::string const& wanted,
                           std::string const& preferred) {
    if (!wanted.empty()) return file.info(wanted).name;
    auto const all = file.datasets();
    std::vector<Hdf5DatasetInfo> able;
    std::copy_if(all.begin(), all.end(), std::back_inserter(able), can_be_vectors);
    check(!able.empty(), "{}: expected a two-dimensional dataset of numbers, but {}", file.path(),
          listed(all));
    if (able.size() == 1) return able[0].name;
    for (std::string const& name : {"/" + preferred, std::string("/vectors")})
        for (auto const& dataset : able)
            if (dataset.name == name) return name;
    fail("{}: name one of its datasets, as in {}:{}; {}", file.path(), file.path(), able[0].name,
         listed(able));
}

std::unique_ptr<format::VectorReader> open_hdf5_vectors(std::shared_ptr<Hdf5Reader const> file,
                                                        std::string const& dataset) {
    Hdf5DatasetInfo const info = file->info(dataset);
    std::string const where = file->path() + ":" + info.name;
    check(info.type.has_value(), "{}: expected numbers, got {}", where, info.type_name);
    check(info.shape.size() == 2, "{}: expected 2 dimensions, got {}", where, info.shape.size());
    check(info.shape[0] > 0, "{}: expected at least one row, got 0", where);
    check(info.shape[1] > 0, "{}: expected vectors of at least one dimension, got 0", where);
    return std::make_unique<Hdf5Vectors>(std::move(file), info);
}

std::optional<std::string> metric_of(Hdf5Reader const& file) {
    auto const distance = file.text_attribute("", "distance");
    if (!distance) return {};
    if (*distance == "euclidean" || *distance == "l2") return "l2";
    if (*distance == "angular" || *distance == "cosine") return "cosine";
    if (*distance == "ip" || *distance == "dot" || *distance == "inner_product") return "ip";
    return {};
}

}  // namespace partita::io
