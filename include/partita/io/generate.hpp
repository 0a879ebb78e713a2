#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/buffer.hpp"
#include "partita/io/vector_sink.hpp"

#include <cstdint>
#include <string>

namespace partita::io {

/// What made-up vectors look like.
enum class DataKind {
    clustered,  ///< Gaussian clusters that keep apart.
    uniform,    ///< Every coordinate uniform in [0, 1).
    hard        ///< Overlapping clusters, each near a random subspace of low dimension, the way
                ///< that learned embeddings are: approximate search has to work for its recall.
};

struct GenerateOptions {
    DataKind kind = DataKind::clustered;
    std::int64_t rows = 0;
    std::int64_t dim = 0;
    std::int64_t clusters = 100;
    /// Dimensions in which a cluster spreads beside the noise; 0 = 12 for hard, none for clustered.
    std::int64_t intrinsic_dim = 0;
    /// Standard deviation of the noise of every coordinate, where centres have 1; negative = 0.2
    /// for clustered, 0.05 for hard.
    double noise = -1;
    std::uint64_t seed = 0;
};

/// Makes vectors: row r is a function of the options and r alone, the same on every machine.
class VectorGenerator {
  public:
    /// @throws Error for sizes that make no sense.
    explicit VectorGenerator(GenerateOptions const& options);

    /// As given, with the defaults of the kind filled in.
    GenerateOptions const& options() const { return options_; }
    /// Rank-local, thread-safe: rows [first, last).
    void fill(std::int64_t first, std::int64_t last, float* out) const;
    /// The same, spread over the whole numbers 0 to 255, for formats of integers.
    void fill_whole(std::int64_t first, std::int64_t last, float* out) const;

  private:
    void fill_row(std::int64_t row, float* out) const;

    GenerateOptions options_;
    Matrix centres_;                // clusters x dim
    Matrix axes_;                   // (clusters * intrinsic_dim) x dim
    float offset_ = 0, scale_ = 0;  // of fill_whole
};

/// Bytes that a generator with these options holds.
std::int64_t generator_bytes(GenerateOptions const& options);

/// Fill `sink`, which was made for the generator's rows and dimension as float32, and commit it.
///
/// Collective. The ranks' threads make and write blocks of rows; the file is the same for any
/// number of them. Formats of integers get whole numbers.
/// @param threads       Of this rank.
/// @param memory_bytes  This rank may use about so much beside the generator.
/// @throws CollectiveError when the disk is full.
void generate_file(Communicator const& comm, VectorGenerator const& generator, VectorSink& sink,
                   int threads, std::int64_t memory_bytes);

/// "clustered", "uniform", "hard". @throws Error with a suggestion.
DataKind parse_data_kind(std::string const& text);

}  // namespace partita::io
