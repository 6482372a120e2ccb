// Decodes and writes in parallel: another thread reads the changes of a pack, and the calling
// thread writes them in the same order. Only a few bytes are in flight, so memory stays bounded.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "sync/pack/table/change.hpp"

namespace rootlet {

// One call of a ChangeSink, stored.
struct Change {
  enum class Kind { kRemove, kUpdate, kInsert };
  Kind kind;
  RowBlock old_rows = {};  // kRemove, kUpdate
  RowBlock new_rows = {};  // kUpdate, kInsert
};

// Reads a section: takes the base rows and sends the changes to the sink.
using ChangeReader = std::function<Status(BaseRows&, ChangeSink&)>;

// The work of the writing thread.
struct WritingSide {
  std::function<Status(const Change&)> write;
  // Finds base rows on the writing connection, whose pages are then cached for the change; null:
  // only the decoding thread finds rows.
  std::function<Result<RowBlock>(std::span<const Rid>)> find;
};

// The digest of a section. Whichever thread has time adds the deferred changes.
class DeferredDigest {
 public:
  // `before`: the digest of the base rows.
  DeferredDigest(const SymmetricKey& digest_key, const SectionDigest& before)
      : key_(digest_key.clone()), sum_(before) {}

  // Thread-safe.
  void defer(std::shared_ptr<const Change> change);
  // Adds one deferred change to the digest; false if there is none. Thread-safe.
  bool process_next();
  std::size_t deferred() const;

  // Call it when all other threads are done.
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

// Runs `read` on another thread, passes every change to `side.write` on this one, and waits for
// both. This thread also finds a share of the rows that `read` announces before its first change;
// `base` finds all others, and must share no state with `side`. An error of `side.write` stops
// `read` and is returned; otherwise returns the result of `read`.
Status relay_changes(const ChangeReader& read, BaseRows& base, const WritingSide& side,
                     DeferredDigest& digest);
// The same on this thread alone.
Status pass_changes(const ChangeReader& read, BaseRows& base, const WritingSide& side,
                    DeferredDigest& digest);

}  // namespace rootlet
