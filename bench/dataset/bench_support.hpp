#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/dataset/context.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace partita::bench {

/// Seconds of a work that all ranks do, the slowest rank's, first cold and then warm. Processor
/// seconds (of all threads and ranks) leave out the time in which other programs had the cores.
struct Runs {
    double cold = 0;
    std::vector<double> warm, processor;

    double min() const;
    double median() const;
    double min_processor() const;
};

/// Seconds between two barriers, the slowest rank's. Collective.
double seconds_of(Communicator const& comm, std::function<void()> const& work);

/// Ways to do the same, measured in turn: ours, the best single-core code ("floor"), peers. What
/// changes the machine's speed for a while then hits all of them.
class Contest {
  public:
    Contest(dataset::Context const& context, std::string name, std::int64_t items);

    /// What a contestant did, to be summed up after its time was taken: on root, the same for all.
    using Checksum = std::function<std::uint64_t()>;
    using Work = std::function<Checksum()>;

    /// Something that all ranks do together.
    void add(std::string name, Work work);
    /// Something that root does with one core while the others wait.
    void add_on_root(std::string name, Work work);

    /// Run all `repeats` times after a cold round and print one JSON line on root. The first is
    /// ours; others are reported beside it with the ratio theirs / ours.
    /// @param bytes_touched  What any solution reads and writes in memory, over all ranks.
    void run(int repeats, std::int64_t bytes_touched);

  private:
    struct Contestant {
        std::string name;
        Work work;
        bool on_root;
        Runs runs;
        dataset::Traffic traffic;  ///< Of one run.
    };

    void run_once(Contestant& one, bool cold);
    void print(double limit_seconds, std::int64_t peak) const;

    dataset::Context context_;
    std::string name_;
    std::int64_t items_;
    std::vector<Contestant> all_;
    std::uint64_t checksum_ = 0;
    bool has_checksum_ = false;
};

/// `program [items] [repeats] [threads] [memory bytes]`, as all these benches take them.
struct Arguments {
    Arguments(int argc, char** argv, std::int64_t default_items);

    std::int64_t items;
    int repeats;
    dataset::Options options;
};

}  // namespace partita::bench
