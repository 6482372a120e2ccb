// Decoding and writing at the same time: a pack's changes are read on a thread of their own and
// written on the caller's, in the order in which they come. Few bytes are ever under way, so memory
// stays bounded.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "sync/pack/table/change.hpp"

namespace rootlet {

// One call of a ChangeSink, kept.
struct Change {
  enum class Kind { kRemove, kUpdate, kInsert };
  Kind kind;
  RowBlock old_rows = {};  // kRemove, kUpdate
  RowBlock new_rows = {};  // kUpdate, kInsert
};

// What reads a section, given the rows that it starts from and who takes the changes.
using ChangeReader = std::function<Status(BaseRows&, ChangeSink&)>;

// What the thread does that writes.
struct WritingSide {
  std::function<Status(const Change&)> write;
  // Rows as they are where changes are written; null: it finds none. What it finds need not be read
  // again to be changed.
  std::function<Result<RowBlock>(std::span<const Rid>)> find;
};

// The digest of a section, to which changes are added by whichever thread has time for it.
class DeferredDigest {
 public:
  // `before`: of the rows that the changes start from.
  DeferredDigest(const SymmetricKey& digest_key, const SectionDigest& before)
      : key_(digest_key.clone()), sum_(before) {}

  // From any thread.
  void defer(std::shared_ptr<const Change> change);
  // Adds one change that is owed; false: none is.
  bool process_next();
  std::size_t deferred() const;

  // When all threads are done.
  const SectionDigest& sum() {
    while (process_next()) continue;
    return sum_;
  }

 private:
  SymmetricKey key_;
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<const Change>> deferred_;
  SectionDigest sum_;
};

// Calls `read` on another thread, hands every change to `side.write` on this one, and waits for
// both. Of rows that `read` announces before its first change this thread finds a share; all others
// are found in `base`, which may share nothing with `side`. An error of `side.write` ends the
// reading and is returned; else what `read` returns.
Status relay_changes(const ChangeReader& read, BaseRows& base, const WritingSide& side,
                     DeferredDigest& digest);
// The same, one after the other on this thread.
Status pass_changes(const ChangeReader& read, BaseRows& base, const WritingSide& side,
                    DeferredDigest& digest);

}  // namespace rootlet
