#pragma once

#include <string>

namespace partita {

/// A name beside the wanted file to write to, moved over it only when all is well, so that readers
/// never see half a file and a failed job leaves the old one.
///
/// The temporary name carries this host's name and this process's id and start time. Opening the
/// same output again removes what a killed process of this host left behind.
class AtomicFile {
  public:
    AtomicFile() = default;
    /// @throws Error when the folder does not exist or cannot be written, when `path` is a folder,
    ///         or when the file exists and `overwrite` is false ("... exists: give --overwrite").
    explicit AtomicFile(std::string path, bool overwrite = true);
    ~AtomicFile();  ///< Removes the temporary file unless committed.
    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&& other) noexcept;

    std::string const& path() const { return path_; }
    /// Where to write; other processes may open it too.
    std::string const& temporary_path() const { return temporary_path_; }
    /// Sync the file and its folder and move it to path().
    void commit();

  private:
    void discard() noexcept;

    std::string path_;
    std::string temporary_path_;
};

/// The whole of a small text file, written atomically.
void write_text_file(std::string const& path, std::string const& text);

}  // namespace partita
