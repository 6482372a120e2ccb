// One connection to ledger.db for the whole process, behind a mutex.
#include "agent/ledger/use_recorder.hpp"

#include "agent/office/loss.hpp"
#include "core/local_limits.hpp"
#include "core/log.hpp"

namespace rootlet::agent {

UseRecorder::~UseRecorder() {
  const std::lock_guard guard(mutex_);
  const Status done = complete_all();
  if (done.has_error()) log_warning("ledger: look-ups lack their end: " + done.error().message);
}

// The files, opened again if others lie at their paths now.
Result<UseRecorder::Files*> UseRecorder::files() {
  const auto keys_file = identity_of(keys_path_), ledger_file = identity_of(ledger_path_);
  if (files_ != nullptr && keys_file && ledger_file && files_->keys_file == keys_file &&
      files_->ledger_file == ledger_file) {
    return files_.get();
  }
  files_.reset();
  const Home& home = context_->home;
  ROOTLET_TRY(std::optional<KeyStore> keys, open_keys(home));
  if (!keys) {
    return fail(ErrorCode::kNotEnrolled, home.folder().string() + " holds no office");
  }
  auto opened = std::make_unique<Files>(std::move(*keys));
  ROOTLET_TRY(Ledger ledger, Ledger::open(home, opened->keys));
  opened->ledger.emplace(std::move(ledger));
  ROOTLET_TRY(SymmetricKey subjects, opened->ledger->subjects_key());
  opened->subjects.emplace(std::move(subjects));
  opened->keys_file = identity_of(home.keys());
  opened->ledger_file = identity_of(home.ledger());
  files_ = std::move(opened);
  return files_.get();
}

Status UseRecorder::check() {
  const std::lock_guard guard(mutex_);
  ROOTLET_TRY(files());
  return ok();
}

// A file that failed is opened anew by the next use.
Result<std::int64_t> UseRecorder::append(const Use& use) {
  ROOTLET_TRY(Files* const open, files());
  Result<std::int64_t> sequence = open->ledger->append(use);
  if (sequence.has_error()) files_.reset();
  return sequence;
}

Result<std::int64_t> UseRecorder::record(const Use& use) {
  const std::lock_guard guard(mutex_);
  Result<std::int64_t> sequence = append(use);
  if (sequence.has_value() && counter_) counter_->add(use, use.at);
  return sequence;
}

Status UseRecorder::begin_group(Group& group, const Use& use) {
  Use started = use;
  started.count = started.times = 0;
  started.subject.clear();
  started.outcome = "started";
  ROOTLET_TRY(group.began, append(started));
  group.use = std::move(started);
  group.use.outcome = use.outcome;
  group.use.began = group.began;
  return ok();
}

Status UseRecorder::complete(Group& group) {
  if (group.began == 0) return ok();
  ROOTLET_TRY(append(group.use));
  group.began = 0;
  return ok();
}

Status UseRecorder::complete_all() {
  for (auto at = groups_.begin(); at != groups_.end(); at = groups_.erase(at)) {
    ROOTLET_TRY(complete(at->second));
  }
  return ok();
}

// The ledger knows what was looked up before this process began.
Status UseRecorder::check_lookups(const Use& use) {
  const std::lock_guard guard(mutex_);
  if (!counter_) {
    ROOTLET_TRY(Files* const open, files());
    LookupCounter counter;
    ROOTLET_TRY(open->ledger->read_since(start_of_day(use.at), limits::kCountedEntries / 10,
                                         [&](const Use& one) { counter.add(one, use.at); }));
    counter_.emplace(std::move(counter));
  }
  if (counter_->count(use) < limits::kLookupsOfOneRowPerDay) return ok();
  return Error(
      ErrorCode::kNotPermitted,
      "this row of dataset " + use.dataset + " was looked up " +
          std::to_string(limits::kLookupsOfOneRowPerDay) + " times today by user '" + use.user +
          "'",
      {},
      {.en = "That is more than a counter's work needs. Look-ups of other rows go on; "
             "those of this row from 00:00 UTC on.",
       .zh = "已超出日常办理所需的次数。可继续查询其他记录；此记录于协调世界时零点后可再查。"});
}

Status UseRecorder::check_exports(const Use& use, std::int64_t cap) {
  const std::lock_guard guard(mutex_);
  ROOTLET_TRY(Files* const open, files());
  std::int64_t exports = 0;
  ROOTLET_TRY(
      open->ledger->read_since(start_of_day(use.at), limits::kCountedEntries, [&](const Use& one) {
        const bool same = one.uid == use.uid && one.user == use.user && one.dataset == use.dataset;
        exports += same && one.is_export && one.began == 0 && one.outcome == "started" ? 1 : 0;
      }));
  if (exports < (cap > 0 ? cap : limits::kExportsPerDay)) return ok();
  return Error(ErrorCode::kNotPermitted,
               "user '" + use.user + "' has exported dataset " + use.dataset + " " +
                   std::to_string(exports) + " times today, and that is the limit",
               {},
               {.en = "Exports go on from 00:00 UTC on. Reads of up to " +
                      std::to_string(limits::kScreenRows) + " rows are no exports.",
                .zh = "协调世界时零点后可再次导出。不超过 " + std::to_string(limits::kScreenRows) +
                      " 行的查询不算导出。"});
}

Result<std::size_t> UseRecorder::promise_rows(const Use& use, std::size_t wanted,
                                              const RowCaps& caps) {
  const std::lock_guard guard(mutex_);
  ROOTLET_TRY(Files* const open, files());
  ROOTLET_TRY(rows_.catch_up(*open->ledger, use.at));
  return rows_.promise(use, wanted, caps);
}

void UseRecorder::take_back_rows(const Use& use, std::size_t promised) {
  const std::lock_guard guard(mutex_);
  rows_.take_back(use, promised);
}

Status UseRecorder::record_in_group(const Use& use) {
  const std::lock_guard guard(mutex_);
  ROOTLET_TRY(add_to_group(use));
  if (counter_) counter_->add(use, use.at);
  return ok();
}

Status UseRecorder::add_to_group(const Use& use) {
  GroupKey key{use.uid,     use.user,    use.command + " " + use.column,
               use.dataset, use.purpose, use.outcome};
  const Instant now = std::chrono::steady_clock::now();
  auto found = groups_.find(key);
  if (found != groups_.end() &&
      (found->second.until <= now || found->second.use.times == limits::kLookupsPerEntry)) {
    ROOTLET_TRY(complete(found->second));
    groups_.erase(found);
    found = groups_.end();
  }
  if (found == groups_.end()) {
    if (groups_.size() >= limits::kOpenLookupGroups) {
      ROOTLET_TRY(complete_all());
    }
    ROOTLET_TRY(append(use));
    groups_[std::move(key)].until = now + limits::kLookupWindow;
    return ok();
  }
  Group& group = found->second;
  if (group.began == 0) {
    ROOTLET_TRY(begin_group(group, use));
  }
  group.use.at = use.at;
  group.use.times += 1;
  group.use.count += use.count;
  if (!use.subject.empty()) group.use.subjects.push_back(use.subject);
  return ok();
}

Result<std::string> UseRecorder::subject_of(std::string_view dataset, std::string_view text) {
  const std::lock_guard guard(mutex_);
  ROOTLET_TRY(Files* const open, files());
  return subject_under(*open->subjects, dataset, text);
}

void UseRecorder::complete_due(Instant now) {
  const std::lock_guard guard(mutex_);
  for (auto at = groups_.begin(); at != groups_.end();) {
    const bool due = at->second.until <= now;
    const Status done = due ? complete(at->second) : ok();
    if (done.has_error()) {
      log_warning("ledger: look-ups wait for their end: " + done.error().message);
      return;
    }
    at = due ? groups_.erase(at) : std::next(at);
  }
}

bool UseRecorder::has_groups() const {
  const std::lock_guard guard(mutex_);
  return !groups_.empty();
}

void UseRecorder::close_files() {
  const std::lock_guard guard(mutex_);
  if (groups_.empty()) files_.reset();
}

}  // namespace rootlet::agent
