#include "partita/comm/serialized.hpp"

#include <map>
#include <stdexcept>
#include <vector>

#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <gtest/gtest.h>

namespace partita::serialized_test {
namespace {

using Table = std::map<std::string, std::vector<double>>;

TEST(Serialized, RootsTableReachesAll) {
    Communicator const comm = Communicator::world();
    Table const table = {{"", {}}, {"a", {1.5}}, {"long", std::vector<double>(1000, 0.25)}};
    for (int root = 0; root < comm.size(); ++root) {
        Table mine = comm.rank() == root ? table : Table{{"old", {3}}};
        broadcast_serialized(comm, mine, root);
        EXPECT_EQ(mine, table);
    }
}

struct Unwritable {
    template <class Archive>
    void serialize(Archive&, unsigned) {
        throw std::runtime_error("not today");
    }
};

TEST(Serialized, FailureToWriteReachesAll) {
    Unwritable value;
    EXPECT_THROW(broadcast_serialized(Communicator::world(), value), CollectiveError);
}

}  // namespace
}  // namespace partita::serialized_test
