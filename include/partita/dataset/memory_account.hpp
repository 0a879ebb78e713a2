#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace partita::dataset {

/// One rank's memory for datasets: who holds how much, and a pool of used buffers.
///
/// The budget is split by purpose: half of it keeps data (exchanged items, results, caches), a
/// quarter is for tables and sorting, shared by the threads, an eighth each for what an exchange
/// round sends and receives. What finds no room among the kept data goes to scratch.
///
/// Pages that were touched before are several times faster than fresh ones, so buffers that are
/// given back wait here for the next user. Waiting buffers count as kept data, and are the first
/// to go when room is needed. Thread-safe.
class MemoryAccount {
  public:
    explicit MemoryAccount(std::int64_t budget_bytes) : budget_(budget_bytes) {}
    ~MemoryAccount();
    MemoryAccount(MemoryAccount const&) = delete;
    MemoryAccount& operator=(MemoryAccount const&) = delete;

    std::int64_t kept_limit() const { return budget_ / 2; }
    std::int64_t working_limit() const { return budget_ / 4; }
    std::int64_t exchange_limit() const { return budget_ / 8; }

    /// Reserve room for data that is to be kept. @returns false when there is none.
    bool try_keep(std::int64_t bytes);
    /// Count data that is there in any case: others find less room.
    void keep(std::int64_t bytes);
    void release(std::int64_t bytes);
    std::int64_t kept_bytes() const;

    /// Memory of at least `bytes` bytes, uninitialised; `capacity` becomes what it really holds.
    std::byte* take(std::int64_t bytes, std::int64_t& capacity);
    void give_back(std::byte* memory, std::int64_t capacity) noexcept;

  private:
    void trim_to(std::int64_t idle_limit);

    std::int64_t budget_;
    mutable std::mutex mutex_;
    std::int64_t kept_ = 0;
    std::int64_t idle_bytes_ = 0;
    std::map<std::int64_t, std::vector<std::byte*>> idle_;  ///< By capacity.
};

/// Counts memory that is there in any case as kept data, for as long as this lives.
class CountedBytes {
  public:
    CountedBytes(MemoryAccount& account, std::int64_t bytes) : account_(account), bytes_(bytes) {
        account_.keep(bytes_);
    }
    ~CountedBytes() { account_.release(bytes_); }
    CountedBytes(CountedBytes const&) = delete;
    CountedBytes& operator=(CountedBytes const&) = delete;

  private:
    MemoryAccount& account_;
    std::int64_t bytes_;
};

/// Bytes from a MemoryAccount, given back at the end. Move-only; contents start undefined.
class PooledBuffer {
  public:
    PooledBuffer() = default;
    PooledBuffer(MemoryAccount& account, std::int64_t bytes) : account_(&account), size_(bytes) {
        if (bytes > 0) data_ = account.take(bytes, capacity_);
    }
    ~PooledBuffer() { reset(); }
    PooledBuffer(PooledBuffer&& other) noexcept { swap(other); }
    PooledBuffer& operator=(PooledBuffer&& other) noexcept {
        PooledBuffer(std::move(other)).swap(*this);
        return *this;
    }

    std::byte* data() { return data_; }
    std::byte const* data() const { return data_; }
    std::int64_t size() const { return size_; }
    std::int64_t capacity() const { return capacity_; }
    /// Use less (or up to capacity()) of it.
    void set_size(std::int64_t bytes) { size_ = bytes; }
    void swap(PooledBuffer& other) noexcept {
        std::swap(account_, other.account_);
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

  private:
    void reset() noexcept {
        if (data_) account_->give_back(data_, capacity_);
        data_ = nullptr;
    }

    MemoryAccount* account_ = nullptr;
    std::byte* data_ = nullptr;
    std::int64_t size_ = 0, capacity_ = 0;
};

}  // namespace partita::dataset
