#include "partita/io/describe.hpp"

#include "io/file_kind.hpp"
#include "io/file_spec.hpp"
#include "io/open_ids.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/file.hpp"
#include "partita/core/row_range.hpp"
#include "partita/io/vector_source.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

namespace partita::io {

namespace {

constexpr std::int64_t most_sampled_rows = 1000;

/// L2 norms of this rank's share of the sample; NaN for rows with NaN or infinite values.
std::vector<double> sample_norms(Communicator const& comm, VectorSource const& source,
                                 std::int64_t sample) {
    RowRange const mine = share_of(sample, comm.size(), comm.rank());
    std::vector<double> norms;
    for (std::int64_t i = mine.first; i < mine.last; ++i) {
        auto const row =
            static_cast<std::int64_t>(static_cast<__int128>(i) * source.rows() / sample);
        Matrix const vector = source.read(row, row + 1);
        double squares = 0;
        for (std::int64_t j = 0; j < source.dim(); ++j)
            squares += double{vector.data()[j]} * double{vector.data()[j]};
        norms.push_back(std::isfinite(squares) ? std::sqrt(squares)
                                               : std::numeric_limits<double>::quiet_NaN());
    }
    return norms;
}

void summarise_norms(VectorSummary& summary, std::vector<double> norms) {
    summary.sampled_rows = static_cast<std::int64_t>(norms.size());
    norms.erase(std::remove_if(norms.begin(), norms.end(), [](double n) { return std::isnan(n); }),
                norms.end());
    auto const finite = static_cast<std::int64_t>(norms.size());
    summary.rows_with_nan = summary.sampled_rows - finite;
    if (finite == 0) return;
    auto const [least, most] = std::minmax_element(norms.begin(), norms.end());
    summary.smallest_norm = *least;
    summary.largest_norm = *most;
    summary.mean_norm =
        std::accumulate(norms.begin(), norms.end(), 0.0) / static_cast<double>(finite);
}

VectorSummary summarise(Communicator const& comm, VectorSource const& source) {
    VectorSummary summary;
    summary.spec = source.spec();
    summary.shape = {source.rows(), source.dim(), source.type()};
    summary.metric = source.metric_hint();
    summary.ids = source.ids().kind();
    std::vector<double> const here = collectively(comm, "", [&] {
        summary.first_id = source.ids().read(0, 1).to_string(0);
        summary.last_id = source.ids().read(source.rows() - 1, source.rows()).to_string(0);
        return sample_norms(comm, source, std::min(source.rows(), most_sampled_rows));
    });
    summarise_norms(summary, comm.all_gather_varying(std::span<double const>(here)));
    return summary;
}

FileDescription look_at(std::string const& path, FileKind kind) {
    FileDescription found;
    found.path = path;
    found.kind = kind_name(kind, path);
    found.bytes = File::open_read(path).size();
    if (kind == FileKind::hdf5) {
        Hdf5Reader const file(path);
        found.datasets = file.datasets();
        found.attributes = file.attributes("");
    }
    if (kind == FileKind::json) found.attributes = json_fields(path);
    if (kind == FileKind::faiss_index) found.attributes = faiss_fields(path);
    return found;
}

/// A file that holds no vectors may be one of ids. Collective.
bool describe_ids(Communicator const& comm, FileDescription& found) {
    try {
        auto const ids = open_id_file(comm, found.path);
        found.attributes = {{"ids", ids->kind() == IdKind::text ? "text" : "int64"},
                            {"rows", std::to_string(ids->rows())}};
        return true;
    } catch (CollectiveError const&) {
        return false;
    }
}

}  // namespace

FileDescription describe(Communicator const& comm, std::string const& spec) {
    FileSpec const file = parse_file_spec(spec);
    FileKind const kind =
        comm.broadcast(collectively(comm, "", [&] { return file_kind(file.path); }));
    auto found = collectively(comm, "", [&] { return look_at(file.path, kind); });
    bool const may_have_vectors =
        kind == FileKind::hdf5 || kind == FileKind::csv || kind == FileKind::fixed_rows;
    if (!may_have_vectors) return found;
    VectorOptions options;
    options.allow_nan = true;
    try {
        found.vectors = summarise(comm, VectorSource::open(comm, spec, options));
    } catch (CollectiveError const& error) {
        found.note = error.what();
        // HDF5 files may hold other things than vectors, unless the caller says which dataset.
        bool const is_fine =
            kind == FileKind::hdf5 ? file.dataset.empty() : describe_ids(comm, found);
        if (!is_fine) throw;
    }
    return found;
}

}  // namespace partita::io
