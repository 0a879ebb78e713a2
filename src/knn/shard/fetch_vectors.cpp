#include "knn/shard/fetch_vectors.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"

#include <algorithm>
#include <cstring>

namespace partita::knn {

namespace {

/// A position that a rank asks for, and its place among all that are asked for.
struct Wanted {
    std::int64_t position, place;
    friend bool operator<(Wanted const& a, Wanted const& b) {
        return a.position < b.position || (a.position == b.position && a.place < b.place);
    }
};

struct FoundHere {
    std::int64_t place;
    std::vector<std::byte> vector;
};

std::vector<FoundHere> look(std::vector<std::int64_t> const& all, std::int64_t dim,
                            std::function<void(VectorVisitor const&)> const& for_each) {
    std::vector<Wanted> wanted;
    for (std::size_t i = 0; i < all.size(); ++i)
        wanted.push_back({all[i], static_cast<std::int64_t>(i)});
    std::sort(wanted.begin(), wanted.end());
    std::vector<FoundHere> found;
    if (wanted.empty()) return found;
    for_each([&](std::int64_t position, std::byte const* vector) {
        auto at = std::lower_bound(wanted.begin(), wanted.end(), Wanted{position, 0});
        for (; at != wanted.end() && at->position == position; ++at)
            found.push_back({at->place, {vector, vector + dim * 4}});
    });
    std::sort(found.begin(), found.end(),
              [](FoundHere const& a, FoundHere const& b) { return a.place < b.place; });
    return found;
}

}  // namespace

Matrix fetch_vectors(Communicator const& comm, std::vector<std::int64_t> const& positions,
                     std::int64_t dim, std::function<void(VectorVisitor const&)> const& for_each) {
    // first_place[r]: of what rank r asks for.
    std::vector<std::int64_t> const asked = comm.all_gather(std::ssize(positions));
    std::vector<std::int64_t> first_place{0};
    for (std::int64_t count : asked) first_place.push_back(first_place.back() + count);
    auto const all = comm.all_gather_varying(std::span<std::int64_t const>(positions));

    std::vector<std::int64_t> places, counts(asked.size()), floats(asked.size());
    Matrix packed = collectively(comm, "look up items", [&] {
        std::vector<FoundHere> const found = look(all, dim, for_each);
        Matrix vectors(std::ssize(found), dim);
        for (std::size_t i = 0; i < found.size(); ++i) {
            auto const next =
                std::upper_bound(first_place.begin(), first_place.end(), found[i].place);
            auto const asker = static_cast<std::size_t>(next - first_place.begin() - 1);
            ++counts[asker];
            floats[asker] += dim;
            places.push_back(found[i].place - first_place[asker]);
            std::memcpy(vectors.row(static_cast<std::int64_t>(i)), found[i].vector.data(),
                        static_cast<std::size_t>(dim) * sizeof(float));
        }
        return vectors;
    });
    auto const my_places = all_to_all<std::int64_t>(comm, places, counts);
    auto const my_vectors = all_to_all<float>(
        comm, std::span<float const>(packed.data(), static_cast<std::size_t>(packed.rows() * dim)),
        floats);
    return collectively(comm, "look up items", [&] {
        check(my_places.items().size() == positions.size(),
              "the index has no vector of one of the asked positions");
        Matrix vectors(std::ssize(positions), dim);
        for (std::size_t i = 0; i < my_places.items().size(); ++i)
            std::memcpy(vectors.row(my_places.items()[i]),
                        my_vectors.items().data() + static_cast<std::int64_t>(i) * dim,
                        static_cast<std::size_t>(dim) * sizeof(float));
        return vectors;
    });
}

}  // namespace partita::knn
