// A bounded queue between the decoding and the writing thread, and a shared search for base rows.
#include "sync/downlink/apply/change_relay.hpp"

#include <system_error>
#include <thread>
#include <utility>

#include "core/limits.hpp"
#include "core/thread/bounded_queue.hpp"
#include "sync/downlink/apply/shared_search.hpp"
#include "sync/pack/coding/sizes.hpp"

namespace rootlet {
namespace {

// A few blocks: one side continues while the other waits for the disk.
constexpr std::size_t kBytesUnderWay = 4 * limits::kBlockBytes;
constexpr std::size_t kRowsAnnounced = 1'024;  // their pages fit in memory
constexpr std::size_t kDeferredChanges = 2;    // before the decoding thread helps with the digest

std::size_t bytes_of(const RowBlock& rows) {
  std::size_t bytes = 0;
  for (const CellColumn& column : rows.columns) {
    bytes += column.text_bytes() + column.size() * kCellOverheadBytes;
  }
  return bytes;
}

// Stores calls as changes.
class KeepingSink : public ChangeSink {
 public:
  Status remove(RowBlock old_rows) override {
    return take({.kind = Change::Kind::kRemove, .old_rows = std::move(old_rows)});
  }
  Status update(RowBlock old_rows, RowBlock new_rows) override {
    return take({.kind = Change::Kind::kUpdate,
                 .old_rows = std::move(old_rows),
                 .new_rows = std::move(new_rows)});
  }
  Status insert(RowBlock rows) override {
    return take({.kind = Change::Kind::kInsert, .new_rows = std::move(rows)});
  }

 private:
  virtual Status take(Change change) = 0;
};

class PassingSink final : public KeepingSink {
 public:
  PassingSink(const WritingSide& side, DeferredDigest& digest) : side_(side), digest_(digest) {}

 private:
  Status take(Change change) override {
    const auto kept = std::make_shared<const Change>(std::move(change));
    ROOTLET_TRY(side_.write(*kept));
    digest_.defer(kept);
    digest_.process_next();
    return ok();
  }
  const WritingSide& side_;
  DeferredDigest& digest_;
};

// What the reading thread sends to the writing thread: changes, or null when there are rows to
// find.
struct Relay {
  BoundedQueue<std::shared_ptr<const Change>> changes{kBytesUnderWay};
  SharedSearch search;
};

// The sending end.
class RelaySink final : public KeepingSink {
 public:
  RelaySink(Relay& relay, DeferredDigest& digest) : relay_(relay), digest_(digest) {}
  bool has_begun() const { return has_begun_; }

 private:
  Status take(Change change) override {
    has_begun_ = true;
    const auto kept = std::make_shared<const Change>(std::move(change));
    if (!relay_.changes.put(kept, bytes_of(kept->old_rows) + bytes_of(kept->new_rows))) {
      return fail(ErrorCode::kInternal, "nobody takes the changes any more");
    }
    digest_.defer(kept);
    while (digest_.deferred() > kDeferredChanges) digest_.process_next();
    return ok();
  }
  Relay& relay_;
  DeferredDigest& digest_;
  bool has_begun_ = false;
};

// Lets the writing thread help to find announced rows while it has nothing to write.
class RelayedBase final : public BaseRows {
 public:
  RelayedBase(BaseRows& base, Relay& relay, const RelaySink& sink)
      : base_(base), relay_(relay), sink_(sink) {}

  void announce(std::span<const Rid> rids) override {
    if (sink_.has_begun() || rids.empty() || rids.size() > kRowsAnnounced) return;
    relay_.search.add(rids);
    relay_.changes.put(nullptr, 0);
  }
  // The first call waits until all announced rows are found, because changes begin after it.
  Result<RowBlock> find(std::span<const Rid> rids) override {
    relay_.search.finish([&](std::span<const Rid> piece) { return base_.find(piece); },
                         SharedSearch::From::kFirst);
    std::optional<Result<RowBlock>> found = relay_.search.take(rids);
    return found ? std::move(*found) : base_.find(rids);
  }
  ModelMemo* memo() override { return base_.memo(); }

 private:
  BaseRows& base_;
  Relay& relay_;
  const RelaySink& sink_;
};

Status work_all(Relay& relay, const WritingSide& side, DeferredDigest& digest) {
  while (true) {
    std::optional<std::shared_ptr<const Change>> change = relay.changes.take_now();
    if (!change && digest.process_next()) continue;
    if (!change) change = relay.changes.take();
    if (!change) return ok();
    if (*change == nullptr) {
      while (relay.search.help(side.find, SharedSearch::From::kLast)) continue;
    } else {
      ROOTLET_TRY(side.write(**change));
    }
  }
}

}  // namespace

void DeferredDigest::defer(std::shared_ptr<const Change> change) {
  const std::lock_guard guard(mutex_);
  deferred_.push_back(std::move(change));
}

bool DeferredDigest::process_next() {
  std::unique_lock lock(mutex_);
  if (deferred_.empty()) return false;
  const std::shared_ptr<const Change> change = std::move(deferred_.front());
  deferred_.pop_front();
  lock.unlock();
  SectionDigest part;
  part.remove(key_, change->old_rows);
  part.add(key_, change->new_rows);
  lock.lock();
  sum_.add(part);
  return true;
}

std::size_t DeferredDigest::deferred() const {
  const std::lock_guard guard(mutex_);
  return deferred_.size();
}

Status pass_changes(const ChangeReader& read, BaseRows& base, const WritingSide& side,
                    DeferredDigest& digest) {
  PassingSink sink(side, digest);
  return read(base, sink);
}

Status relay_changes(const ChangeReader& read, BaseRows& base, const WritingSide& side,
                     DeferredDigest& digest) {
  Relay relay;
  Status was_read = ok();
  std::thread reader;
  try {
    reader = std::thread([&] {
      RelaySink sink(relay, digest);
      RelayedBase relayed(base, relay, sink);
      was_read = read(side.find ? relayed : base, sink);
      relay.changes.end();
      while (digest.process_next()) continue;  // while the other thread writes the last rows
    });
  } catch (const std::system_error&) {
    return pass_changes(read, base, side, digest);  // the system refused a thread
  }
  const Status written = work_all(relay, side, digest);
  relay.changes.refuse();
  reader.join();
  ROOTLET_TRY(written);
  return was_read;
}

}  // namespace rootlet
