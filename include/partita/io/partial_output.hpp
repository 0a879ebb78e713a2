#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/atomic_file.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace partita::io {

/// Named values that describe a job or its progress; small, the same on all ranks.
using Facts = std::map<std::string, std::string>;

/// An output that takes long to make, and what is finished of it: a later job goes on from there.
///
/// Everything lies in one folder beside the output, `.out.h5.partita-<process tag>.partial`: the
/// files that become the output, and `manifest.json`, which says what job this is, how many of its
/// units (rows, say) are finished, how long its files were then, and what else the job wants to
/// know again. A job that ends, well or with an error, removes the folder; one that is killed, or
/// is asked to stop (see StopSignals), leaves it. The next job with the same output takes it over
/// if it resumes, else removes it. Which ranks did what is not recorded: a job may go on with
/// another number of ranks.
class PartialOutput {
  public:
    struct Options {
        bool overwrite = false;
        bool resume = false;
        /// What makes this job's output what it is: inputs, settings. A job resumes only what has
        /// the same facts.
        Facts job;
        double seconds_between_records = 10;  ///< 0 records whenever asked.
    };

    /// Collective; the folder must be seen by all nodes. Root's options count.
    ///
    /// For tests, $PARTITA_KILL_AT = "RANK:N:before" or "RANK:N:after" makes rank RANK die at the
    /// N-th record, before or after it is made, and "RANK:0:commit" before the output gets its
    /// name; every record is due then.
    /// @throws CollectiveError: no such folder, exists and not `overwrite`, or what was to be
    ///         resumed is of another job ("... the unfinished job had k = 10, this one has k = 5").
    PartialOutput(Communicator const& comm, std::string const& path, Options const& options);
    ~PartialOutput();  ///< Removes the folder unless committed or stopped.
    PartialOutput(PartialOutput const&) = delete;
    PartialOutput& operator=(PartialOutput const&) = delete;

    std::string const& path() const { return path_; }
    /// Whether an earlier job's record was taken over.
    bool resumed() const { return resumed_; }
    /// Units that are finished according to the record.
    std::int64_t done() const { return done_; }

    /// The path of a file of the folder.
    std::string file(std::string_view name) const { return folder_ + "/" + std::string(name); }
    /// How long a file was when the record was made; nothing when it was not part of it.
    std::optional<std::int64_t> recorded_bytes(std::string const& name) const;
    /// A file's first `bytes` bytes are part of the next record. Rank-local; root's word counts.
    void set_bytes(std::string const& name, std::int64_t bytes) { bytes_[name] = bytes; }

    /// Facts to be kept in the next record, and found again by the job that takes over.
    void set_fact(std::string const& name, std::string const& value) { facts_[name] = value; }
    std::optional<std::string> fact(std::string const& name) const;

    /// Whether it is time for a record: making one costs a sync of all files. It is, too, when any
    /// rank was asked to stop. Collective.
    bool is_due() const;
    /// Whether it always is. Rank-local; root's word counts.
    bool is_always_due() const;
    /// Everything up to unit `done` is in the files, and synced. Collective.
    /// @throws Stopped when the record is made and any rank was asked to stop.
    void record(std::int64_t done);

    /// Collective: the folder's file `name`, which all ranks have written and synced, becomes the
    /// output; the rest goes away.
    void commit(std::string const& name);

  private:
    struct KillPoint;

    void start(Options const& options);
    bool take_over();
    void write_manifest() const;
    void share();

    Communicator comm_;
    std::string path_, folder_;
    AtomicFile target_;  // root's
    Facts job_, facts_;
    std::map<std::string, std::int64_t> bytes_;
    std::int64_t done_ = 0;
    bool resumed_ = false, committed_ = false, stopped_ = false;
    std::chrono::steady_clock::duration interval_{};
    std::chrono::steady_clock::time_point last_record_;
    std::unique_ptr<KillPoint> kill_point_;
};

}  // namespace partita::io
