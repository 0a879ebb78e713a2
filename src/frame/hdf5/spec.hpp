#pragma once

#include <string>

namespace partita::frame {

/// "x.h5:/name" as a path and the name of an object in it, which is "" when none is given.
struct Hdf5Spec {
    std::string path, object;

    explicit Hdf5Spec(std::string const& spec) {
        std::size_t const colon = spec.rfind(":/");
        path = spec.substr(0, colon);
        if (colon != std::string::npos) object = spec.substr(colon + 2);
    }
};

}  // namespace partita::frame
