// Writes uses into the ledger for all threads of the process. An entry is on disk before the rows
// that it is about leave.
//
// Look-ups of one caller, dataset and purpose within a second share entries, so that thousands a
// second are recorded without a write to the disk for each. The first has an entry of its own. The
// second writes an entry "started" before its rows leave: it says that a group of look-ups began.
// The others are covered by that entry; when the second is over, one more entry has their number,
// their rows, and the keyed hash of every row looked up. After a power cut within that second the
// entry "started" stays without its second half: the ledger shows that look-ups were made, not
// which. Refusals are grouped in the same way. docs/FORMATS.md, "Ledger".
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <tuple>

#include "agent/ledger/ledger.hpp"
#include "agent/ledger/lookup_counter.hpp"
#include "agent/ledger/row_counter.hpp"
#include "agent/office/context.hpp"
#include "agent/office/file_identity.hpp"

namespace rootlet::agent {

class UseRecorder {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // `context` must outlive this.
  explicit UseRecorder(const AgentContext& context)
      : context_(&context), keys_path_(context.home.keys()), ledger_path_(context.home.ledger()) {}
  ~UseRecorder();  // completes all groups
  UseRecorder(const UseRecorder&) = delete;
  UseRecorder& operator=(const UseRecorder&) = delete;

  // kStorageDamaged, with what helps, if the ledger does not open: then nothing may be read.
  Status check();
  // An entry of its own, on disk when it returns; its sequence.
  Result<std::int64_t> record(const Use& use);
  // A look-up or a refusal, which may share an entry with others. After check() or subject_of(): a
  // use that only counts in its group does not open the ledger.
  Status record_in_group(const Use& use);
  // kNotPermitted if the person of `use` has looked up its subject too often today.
  Status check_lookups(const Use& use);
  // kNotPermitted if the person of `use` has made `cap` exports of its dataset today; 0: as many as
  // without a cap.
  Status check_exports(const Use& use, std::int64_t cap = 0);
  // As RowCounter::promise(): rows of a read that is no export. take_back_rows() once its entry is
  // written.
  Result<std::size_t> promise_rows(const Use& use, std::size_t wanted, const RowCaps& caps = {});
  void take_back_rows(const Use& use, std::size_t promised);
  // Ledger::subject_of().
  Result<std::string> subject_of(std::string_view dataset, std::string_view text);

  // Completes the groups whose second was over at `now`. One that cannot be written is kept, and
  // tried again by the next call or look-up.
  void complete_due(Instant now);
  bool has_groups() const;
  // Gives back files and memory until the next use. Not while there are groups.
  void close_files();

 private:
  // Of uid, user, command and column, dataset, purpose, outcome.
  using GroupKey =
      std::tuple<std::int64_t, std::string, std::string, std::string, std::string, std::string>;
  struct Group {
    Instant until{};
    std::int64_t began = 0;  // the entry "started"; 0 while the group has only its first use
    Use use = {};            // the entry that completes it
  };
  struct Files {
    explicit Files(KeyStore opened) : keys(std::move(opened)) {}
    KeyStore keys;
    std::optional<Ledger> ledger;
    std::optional<SymmetricKey> subjects;
    std::optional<FileIdentity> keys_file, ledger_file;
  };

  Result<Files*> files();
  Result<std::int64_t> append(const Use& use);
  Status add_to_group(const Use& use);
  Status begin_group(Group& group, const Use& use);
  Status complete(Group& group);
  Status complete_all();

  const AgentContext* context_;
  const fs::path keys_path_, ledger_path_;  // looked at for each use
  mutable std::mutex mutex_;
  std::unique_ptr<Files> files_;
  std::map<GroupKey, Group> groups_;
  std::optional<LookupCounter> counter_;  // none before the first look-up
  RowCounter rows_;
};

}  // namespace rootlet::agent
