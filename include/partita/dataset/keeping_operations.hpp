#pragma once

#include "partita/dataset/cache.hpp"
#include "partita/dataset/checkpoint.hpp"
#include "partita/dataset/lineage.hpp"

#include <string>
#include <utility>

namespace partita::dataset {

/// What keeps a dataset instead of computing it again, and tells how it is computed: Dataset's
/// members for all elements.
template <class Self, class T>
class KeepingOperations {
  public:
    /// The same elements, kept from their first use on (Spark: cache, persist). Lazy: the first
    /// action computes and keeps all partitions, even if it needs few. Results of wide operations
    /// last as long as a dataset that uses them, and need no cache. The placement stays.
    auto cache(Persist where = Persist::memory_and_disk) const requires Packable<stored_t<T>> {
        return dataset::cache(self(), where);
    }

    /// Let go what cache() keeps; this dataset stays usable and is computed again each time, as in
    /// Spark. To be called on what cache() returned (others have nothing to let go), by all ranks;
    /// communicates nothing.
    void unpersist() const {
        if (plan().stages.size() == 1 && is_source()) plan().stages.front()->unpersist();
    }

    /// The same elements, kept in a folder that all ranks see, so that later jobs find them there.
    ///
    /// Collective: the folder is looked at now. If it holds the finished result of the same
    /// operations (told by their names), elements and `version`, that is read and nothing before it
    /// runs, whatever the number of ranks; if it does not, the first action writes it: data synced,
    /// checksummed, then a manifest at once, so that a killed job leaves a whole checkpoint or
    /// none. One job at a time may use a folder. Functions cannot be told apart: change `version`
    /// when they, or the data behind the sources, change. Spark's checkpoint serves one job only.
    ///
    /// Packed bytes are for machines of one kind. The number of partitions is that of the run that
    /// wrote them; the placement of pairs stays.
    /// @throws CollectiveError when the folder holds another result, or a damaged one.
    auto checkpoint(std::string folder,
                    std::string version = {}) const requires Packable<stored_t<T>> {
        return dataset::checkpoint(self(), std::move(folder), std::move(version));
    }

    /// The lineage as text (Spark: toDebugString): kept results in the order of computing, what
    /// runs for them, what they exchange. Rank-local, the same on every rank.
    std::string explain() const {
        return dataset::explain(plan().chain(), plan().partitions(),
                                plan().placement ? plan().placement.describe() : "");
    }

  private:
    /// Nothing was added to what a stage keeps.
    bool is_source() const { return plan().operations == 1 && plan().starts.size() == 1; }

    Self const& self() const { return static_cast<Self const&>(*this); }
    Plan const& plan() const { return self().plan(); }
};

}  // namespace partita::dataset
