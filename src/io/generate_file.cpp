#include "partita/comm/collectively.hpp"
#include "partita/core/row_range.hpp"
#include "partita/io/generate.hpp"
#include "partita/obs/progress.hpp"

#include <algorithm>
#include <exception>

#include <omp.h>

namespace partita::io {
namespace {

constexpr std::int64_t block_bytes = 2 << 20;

/// Makes and writes this rank's rows.
struct Filling {
    Communicator const& comm;
    VectorGenerator const& generator;
    VectorSink& sink;
    int threads;
    bool whole;
    std::int64_t block_rows;
    Buffer<float>& values;  // a block for each thread
    obs::Progress progress;

    void make(std::int64_t first, std::int64_t last, float* out) const {
        if (whole)
            generator.fill_whole(first, last, out);
        else
            generator.fill(first, last, out);
    }

    /// Formats whose rows have fixed places: threads write independently of each other.
    void write_in_place(RowRange rows) {
        std::int64_t const blocks = (rows.size() + block_rows - 1) / block_rows;
        std::exception_ptr failure;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
        for (std::int64_t block = 0; block < blocks; ++block) {
            std::int64_t const first = rows.first + block * block_rows;
            std::int64_t const last = std::min(first + block_rows, rows.last);
            float* const out =
                values.data() + omp_get_thread_num() * block_rows * generator.options().dim;
            try {
                make(first, last, out);
                sink.write_rows(first, last - first, out);
            } catch (...) {
#pragma omp critical
                failure = std::current_exception();
            }
            progress.add(last - first);
        }
        if (failure) std::rethrow_exception(failure);
    }

    /// Text: the ranks take turns, each with the same part of a round of rows.
    void write_in_turn(std::int64_t rows) {
        std::int64_t const round = block_rows * comm.size();
        for (std::int64_t start = 0; start < rows; start += round) {
            RowRange const part = share_of(std::min(round, rows - start), comm.size(), comm.rank());
            make(start + part.first, start + part.last, values.data());
            sink.write(start + part.first, part.size(), values.data());
            progress.add(part.size());
        }
    }
};

bool holds_whole_numbers(VectorSink const& sink) {
    format::ElementType const type = sink.stored_type();
    return type != format::ElementType::float32 && type != format::ElementType::float64;
}

}  // namespace

void generate_file(Communicator const& comm, VectorGenerator const& generator, VectorSink& sink,
                   int threads, std::int64_t memory_bytes) {
    GenerateOptions const& options = generator.options();
    RowRange const mine = share_of(options.rows, comm.size(), comm.rank());
    std::int64_t const row_bytes = saturated_product(options.dim, sizeof(float));
    std::int64_t const allowed_bytes = std::min(block_bytes, memory_bytes / (2 * threads));
    std::int64_t const block_rows = std::max<std::int64_t>(allowed_bytes / row_bytes, 1);
    Buffer<float> values =
        collectively(comm, "", [&] { return Buffer<float>(threads * block_rows * options.dim); });
    Filling filling{comm,
                    generator,
                    sink,
                    threads,
                    holds_whole_numbers(sink),
                    block_rows,
                    values,
                    {"make", "vectors", mine.size(), options.rows}};
    if (sink.has_fixed_rows())
        collectively(comm, "", [&] { filling.write_in_place(mine); });
    else
        filling.write_in_turn(options.rows);
    sink.commit();
}

}  // namespace partita::io
