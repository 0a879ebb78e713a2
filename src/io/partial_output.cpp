#include "partita/io/partial_output.hpp"

#include "io/partial_manifest.hpp"

#include "partita/comm/on_root.hpp"
#include "partita/comm/stop.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/core/unfinished.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>

namespace partita::io {

namespace {

namespace fs = std::filesystem;
constexpr std::string_view suffix = ".partial";
constexpr char const* manifest_name = "manifest.json";

void rename_or_fail(std::string const& from, std::string const& to, std::string const& path) {
    check(std::rename(from.c_str(), to.c_str()) == 0, "{}: cannot rename '{}' to '{}': {}", path,
          from, to, errno_text(errno));
}

void remove_folders(std::vector<std::string> const& folders) {
    std::error_code ignored;
    for (std::string const& folder : folders) fs::remove_all(folder, ignored);
}

/// Text that is no UTF-8 changes on its way through the record.
Facts as_recorded(Facts const& facts) {
    return manifest_from_text(to_text({facts, {}, {}, 0})).job;
}

}  // namespace

/// Where a test wants this rank to die.
struct PartialOutput::KillPoint {
    int rank = -1;
    int records_left = 0;
    char when[8] = {};

    static std::unique_ptr<KillPoint> of_environment() {
        char const* const text = std::getenv("PARTITA_KILL_AT");
        auto point = std::make_unique<KillPoint>();
        if (text == nullptr ||
            std::sscanf(text, "%d:%d:%7s", &point->rank, &point->records_left, point->when) != 3)
            return nullptr;
        return point;
    }

    void reach(int my_rank, std::string_view place) {
        if (place == "before") --records_left;
        bool const now = records_left == 0 || place == "commit";
        if (now && my_rank == rank && place == when) std::raise(SIGKILL);
    }
};

PartialOutput::PartialOutput(Communicator const& comm, std::string const& path,
                             Options const& options)
    : comm_(comm),
      path_(path),
      interval_(std::chrono::duration_cast<std::chrono::steady_clock::duration>(
          std::chrono::duration<double>(options.seconds_between_records))),
      last_record_(std::chrono::steady_clock::now()),
      kill_point_(KillPoint::of_environment()) {
    on_root(comm, [&] { start(options); });
    share();
}

PartialOutput::~PartialOutput() {
    std::error_code ignored;
    if (comm_.is_root() && !committed_ && !stopped_ && !folder_.empty())
        fs::remove_all(folder_, ignored);
}

/// On root: the output's temporary name, and the folder, an earlier job's or a new one.
void PartialOutput::start(Options const& options) {
    job_ = as_recorded(options.job);
    target_ = AtomicFile(path_, options.overwrite);
    std::string const folder = unfinished_path(path_, suffix);
    resumed_ = options.resume && take_over();
    remove_folders(abandoned_paths(path_, suffix));
    if (!resumed_) {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
        check(fs::create_directory(folder, ignored), "{}: cannot make the folder '{}'", path_,
              folder);
    }
    folder_ = folder;
}

/// On root: make the newest record that is there this job's. A record of another job stays as it
/// is: its own job may want it yet.
bool PartialOutput::take_over() {
    for (std::string const& old : abandoned_paths(path_, suffix, true)) {
        std::string const manifest = old + "/" + manifest_name;
        if (!file_exists(manifest)) continue;  // killed before its first record
        Manifest const record = read_manifest(manifest);
        check_same_job(path_, record.job, job_);
        // Who renames it owns it: of two jobs that try, one gets it.
        rename_or_fail(old, unfinished_path(path_, suffix), path_);
        facts_ = record.facts;
        bytes_ = record.bytes;
        done_ = record.done;
        return true;
    }
    return false;
}

/// Root's knowledge, to all ranks.
void PartialOutput::share() {
    Manifest const shared = manifest_from_text(
        comm_.broadcast(comm_.is_root() ? to_text({job_, facts_, bytes_, done_}) : ""));
    job_ = shared.job;
    facts_ = shared.facts;
    bytes_ = shared.bytes;
    done_ = shared.done;
    resumed_ = comm_.broadcast(resumed_);
    folder_ = comm_.broadcast(folder_);
}

std::optional<std::int64_t> PartialOutput::recorded_bytes(std::string const& name) const {
    auto const found = bytes_.find(name);
    if (!resumed_ || found == bytes_.end()) return std::nullopt;
    return found->second;
}

std::optional<std::string> PartialOutput::fact(std::string const& name) const {
    auto const found = facts_.find(name);
    if (found == facts_.end()) return std::nullopt;
    return found->second;
}

bool PartialOutput::is_always_due() const {
    return interval_ == interval_.zero() || kill_point_ != nullptr;
}

bool PartialOutput::is_due() const {
    bool const passed = std::chrono::steady_clock::now() - last_record_ >= interval_;
    bool const due = (passed && comm_.is_root()) || kill_point_ != nullptr || stop_requested();
    return comm_.all_reduce(std::int32_t{due}, Reduce::max) != 0;
}

void PartialOutput::record(std::int64_t done) {
    bool const stop = stop_agreed(comm_);  // and all ranks have come here
    if (kill_point_) kill_point_->reach(comm_.rank(), "before");
    done_ = done;
    on_root(comm_, [&] { write_manifest(); });
    last_record_ = std::chrono::steady_clock::now();
    if (kill_point_) kill_point_->reach(comm_.rank(), "after");
    if (!stop) return;
    stopped_ = true;
    throw Stopped(fmt::format(
        "{}: stopped on {}: what is finished is kept, and the same command with --resume goes on",
        path_, stop_reason()));
}

void PartialOutput::write_manifest() const {
    write_text_file(file(manifest_name), to_text({job_, facts_, bytes_, done_}));
}

void PartialOutput::commit(std::string const& name) {
    if (kill_point_) kill_point_->reach(comm_.rank(), "commit");
    on_root(comm_, [&] {
        rename_or_fail(file(name), target_.temporary_path(), path_);
        target_.commit();
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    });
    committed_ = true;
}

}  // namespace partita::io
