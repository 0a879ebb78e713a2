#pragma once

#include "partita/comm/communicator.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace partita::test {

/// An empty temporary folder that all ranks of a test see, removed at its end. Collective.
class SharedFolder {
  public:
    /// In `parent`, or where the system keeps temporary files.
    explicit SharedFolder(Communicator const& comm, std::string parent = "") : comm_(comm) {
        if (parent.empty()) parent = std::filesystem::temp_directory_path();
        std::string name;
        if (comm.is_root()) {
            name = parent + "/partita-test-XXXXXX";
            if (mkdtemp(name.data()) == nullptr) name.clear();
        }
        path_ = comm.broadcast(name);
    }
    ~SharedFolder() {
        comm_.barrier();
        std::error_code ignored;
        if (comm_.is_root() && !path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    SharedFolder(SharedFolder const&) = delete;
    SharedFolder& operator=(SharedFolder const&) = delete;

    /// Empty when the folder could not be made.
    std::string const& path() const { return path_; }
    std::string file(std::string const& name) const { return path_ + "/" + name; }

  private:
    Communicator comm_;
    std::string path_;
};

}  // namespace partita::test
