#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace partita {

/// A file descriptor that closes itself; every call checks, and names the path when it fails.
///
/// read_at and write_at are positioned and may be called from several threads.
class File {
  public:
    /// @throws Error "x.npy: No such file or directory" and the like.
    static File open_read(std::string const& path);
    /// Create (or truncate) for reading and writing.
    static File create(std::string const& path);
    /// An existing file for reading and writing.
    static File open_write(std::string const& path);

    File() = default;
    ~File();
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;

    std::string const& path() const { return path_; }
    int descriptor() const { return descriptor_; }
    bool is_open() const { return descriptor_ >= 0; }
    std::int64_t size() const;

    /// Exactly `bytes` bytes from `offset`.
    /// @throws Error when the file ends before that or the device fails.
    void read_at(std::int64_t offset, void* out, std::int64_t bytes) const;
    /// Up to `bytes` bytes from `offset`; less only at the end of the file.
    std::int64_t read_some_at(std::int64_t offset, void* out, std::int64_t bytes) const;
    void write_at(std::int64_t offset, void const* data, std::int64_t bytes) const;
    /// Set the length; new bytes read as zeros.
    void resize(std::int64_t bytes) const;
    /// Push the contents to the device.
    void sync() const;
    void close();

  private:
    File(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

    std::string path_;
    int descriptor_ = -1;
};

/// A file's bytes, mapped read-only and shared: all processes of a node that map it use one copy.
class MappedFile {
  public:
    MappedFile() = default;
    explicit MappedFile(std::string const& path);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;

    std::byte const* data() const { return data_; }
    std::int64_t size() const { return size_; }
    std::string const& path() const { return path_; }
    std::span<std::byte const> bytes() const { return {data_, static_cast<std::size_t>(size_)}; }

  private:
    std::string path_;
    std::byte const* data_ = nullptr;
    std::int64_t size_ = 0;
};

bool file_exists(std::string const& path);

/// The whole of a small text file. @throws Error when it cannot be read or exceeds `max_bytes`.
std::string read_text_file(std::string const& path, std::int64_t max_bytes = 64 << 20);

}  // namespace partita
