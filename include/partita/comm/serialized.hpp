#pragma once

#include "partita/comm/collectively.hpp"

#include <sstream>
#include <string>

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>

namespace partita {

/// Root's value on every rank, for types that Boost.Serialization knows: maps, strings, models.
///
/// Collective. Opt-in: the one public header that includes Boost's; users link
/// Boost::serialization and include the serializers that their types need. The value is held three
/// times for a moment, so this is for what is small.
/// @throws CollectiveError when root cannot write the value or a rank cannot read it.
template <class T>
void broadcast_serialized(Communicator const& comm, T& value, int root = 0) {
    std::string text = collectively(comm, "broadcast", [&] {
        std::ostringstream stream;
        if (comm.rank() == root) boost::archive::binary_oarchive(stream) << std::as_const(value);
        return std::move(stream).str();
    });
    text = comm.broadcast(std::move(text), root);
    collectively(comm, "broadcast", [&] {
        std::istringstream stream(std::move(text));
        if (comm.rank() != root) boost::archive::binary_iarchive(stream) >> value;
    });
}

}  // namespace partita
