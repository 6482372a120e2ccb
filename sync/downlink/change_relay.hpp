// Decoding and writing at the same time: a pack's changes are read on a thread of their own and
// written on the caller's, in the order in which they come. Few rows are ever under way, so memory
// stays bounded.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "sync/pack/pack.hpp"

namespace rootlet {

// One call of a ChangeSink, kept.
struct Change {
  enum class Kind { kExpect, kRemove, kUpdate, kInsert };
  Kind kind;
  RowBlock old_rows = {};  // kRemove, kUpdate
  RowBlock new_rows = {};  // kUpdate, kInsert; kExpect: only their rids
  std::size_t rows() const {
    return kind == Kind::kRemove ? old_rows.rids.size() : new_rows.rids.size();
  }
};
using ChangeWriter = std::function<Status(const Change&)>;

// The digest of a section, to which changes are added by whichever thread has time for it.
class OwedDigest {
 public:
  // `before`: of the rows that the changes start from.
  OwedDigest(const SymmetricKey& digest_key, const SectionDigest& before)
      : key_(digest_key.clone()), sum_(before) {}

  // From any thread.
  void owe(std::shared_ptr<const Change> change);
  // Adds one change that is owed; false: none is.
  bool pay();
  std::size_t owed() const;

  // When all threads are done.
  const SectionDigest& sum() {
    while (pay()) continue;
    return sum_;
  }

 private:
  SymmetricKey key_;
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<const Change>> owed_;
  SectionDigest sum_;
};

// Calls `read` on another thread, hands every change to `write` on this one, and waits for both. An
// error of `write` ends the reading and is returned; else what `read` returns. `read` may touch
// nothing that `write` touches.
Status relay_changes(const std::function<Status(ChangeSink&)>& read, const ChangeWriter& write,
                     OwedDigest& digest);
// The same, one after the other on this thread.
Status pass_changes(const std::function<Status(ChangeSink&)>& read, const ChangeWriter& write,
                    OwedDigest& digest);

}  // namespace rootlet
