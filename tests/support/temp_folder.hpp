#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

namespace partita::test {

/// An empty temporary folder of this process, removed at its end.
class TempFolder {
  public:
    TempFolder() : path_(std::filesystem::temp_directory_path() / "partita-test-XXXXXX") {
        if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(TempFolder const&) = delete;
    TempFolder& operator=(TempFolder const&) = delete;

    std::string const& path() const { return path_; }
    std::string file(std::string const& name) const { return path_ + "/" + name; }

    /// Write `text` to the file, making the folders on the way to it.
    std::string put(std::string const& name, std::string const& text) const {
        std::filesystem::create_directories(std::filesystem::path(file(name)).parent_path());
        std::ofstream(file(name), std::ios::binary) << text;
        return file(name);
    }
    std::string get(std::string const& name) const {
        std::ifstream in(file(name), std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }
    /// How many files and folders there are, at any depth.
    int entries() const {
        namespace fs = std::filesystem;
        auto const all = fs::recursive_directory_iterator(path_);
        return static_cast<int>(std::distance(begin(all), end(all)));
    }

  private:
    std::string path_;
};

}  // namespace partita::test
