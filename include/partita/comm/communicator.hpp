#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <mpi.h>

namespace partita {

/// How all_reduce combines values.
enum class Reduce { sum, min, max };

/// What may be sent as the bytes that it occupies.
template <class T>
concept TriviallyCopyable = std::is_trivially_copyable_v<T>;

/// Numbers that reductions know: double, float, (u)int32, (u)int64.
template <class T>
concept Reducible = std::is_same_v<T, double> || std::is_same_v<T, float> ||
    std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::uint32_t> ||
    std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint64_t>;

/// A group of ranks that work together: a thin handle on a boost::mpi communicator, cheap to copy.
///
/// Every function that is not a plain accessor is collective: all ranks of the communicator call
/// it, in the same order, from their main thread. Element counts are 64-bit; one call may move
/// more than 2^31 bytes. MPI's own failures throw MpiError, which no rank can survive:
/// run_app prints it and aborts the job.
class Communicator {
  public:
    /// All ranks of the job. MPI must be running (see run_app).
    static Communicator world();
    /// Only this rank. For code that takes a communicator but has nobody to talk to.
    static Communicator self();

    int rank() const;
    int size() const;
    bool is_root() const { return rank() == 0; }
    MPI_Comm handle() const;

    /// Ranks with the same color form a new communicator, ordered by key, then by rank.
    Communicator split(int color, int key = 0) const;

    void barrier() const;

    /// Root's elements, on every rank.
    template <TriviallyCopyable T>
    void broadcast(std::span<T> values, int root = 0) const {
        broadcast_bytes(values.data(), static_cast<std::int64_t>(values.size_bytes()), root);
    }
    template <TriviallyCopyable T>
    T broadcast(T value, int root = 0) const {
        broadcast_bytes(&value, sizeof value, root);
        return value;
    }
    /// Root's text, whatever its length; the others' arguments are ignored.
    std::string broadcast(std::string text, int root = 0) const;

    template <Reducible T>
    T all_reduce(T value, Reduce how) const {
        all_reduce(std::span<T>(&value, 1), how);
        return value;
    }
    /// Element by element, in place. Sums of floating-point numbers depend on the rank count.
    template <Reducible T>
    void all_reduce(std::span<T> values, Reduce how) const;

    /// The sum of the values of all lower ranks; 0 on rank 0.
    template <Reducible T>
    T exclusive_sum(T value) const {
        exclusive_sum(std::span<T>(&value, 1));
        return value;
    }
    template <Reducible T>
    void exclusive_sum(std::span<T> values) const;

    /// Every rank's value, by rank. For small agreed things: size() values on each rank.
    template <TriviallyCopyable T>
    std::vector<T> all_gather(T const& value) const {
        std::vector<T> all(static_cast<std::size_t>(size()));
        all_gather_bytes(&value, sizeof(T), all.data());
        return all;
    }
    /// Every rank's elements, by rank, on all ranks. For small things: the total is held by each.
    template <TriviallyCopyable T>
    std::vector<T> all_gather_varying(std::span<T const> values) const {
        std::vector<std::byte> const bytes = all_gather_varying_bytes(std::as_bytes(values));
        std::vector<T> all(bytes.size() / sizeof(T));
        if (!bytes.empty()) __builtin_memcpy(all.data(), bytes.data(), bytes.size());
        return all;
    }
    std::vector<std::string> all_gather_text(std::string const& text) const;

  private:
    struct State;
    explicit Communicator(std::shared_ptr<State const> state);

    void broadcast_bytes(void* data, std::int64_t bytes, int root) const;
    void all_gather_bytes(void const* value, std::int64_t bytes, void* all) const;
    std::vector<std::byte> all_gather_varying_bytes(std::span<std::byte const> bytes) const;

    std::shared_ptr<State const> state_;
};

}  // namespace partita
