#include "sync/downlink/change_relay.hpp"

#include <algorithm>
#include <condition_variable>
#include <system_error>
#include <thread>
#include <utility>

#include "core/handover.hpp"

namespace rootlet {
namespace {

// Some blocks: while one side waits for the disk, the other goes on.
constexpr std::size_t kRowsUnderWay = 32'768;
constexpr std::size_t kRowsAnnounced = 1'024;  // their pages fit in memory
constexpr std::size_t kChangesOwed = 2;        // to the digest, before the decoding side pays

// What both kinds of passing on make of the calls.
class MakingSink : public ChangeSink {
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

class PassingSink final : public MakingSink {
 public:
  PassingSink(const WritingSide& side, OwedDigest& digest) : side_(side), digest_(digest) {}

 private:
  Status take(Change change) override {
    const auto kept = std::make_shared<const Change>(std::move(change));
    ROOTLET_TRY(side_.write(*kept));
    digest_.owe(kept);
    digest_.pay();
    return ok();
  }
  const WritingSide& side_;
  OwedDigest& digest_;
};

// Rows that are looked for by both threads, some at a time, each thread where it reads. The reading
// thread begins with what was announced first, the writing one with what was announced last.
class SharedSearch {
 public:
  using Find = std::function<Result<RowBlock>(std::span<const Rid>)>;

  void add(std::span<const Rid> rids) {
    const std::lock_guard guard(mutex_);
    for (std::size_t at = 0; at < rids.size(); at += kPieceRows) {
      const std::span<const Rid> piece = rids.subspan(at, std::min(kPieceRows, rids.size() - at));
      pieces_.push_back({.rids = {piece.begin(), piece.end()}, .found = std::nullopt});
    }
    left_end_ = pieces_.size();
  }
  // Looks for one piece; false: all are taken.
  bool help(const Find& find, bool from_the_end) {
    std::unique_lock lock(mutex_);
    if (left_begin_ == left_end_) return false;
    Piece& piece = pieces_[from_the_end ? --left_end_ : left_begin_++];  // a deque: it stays there
    lock.unlock();
    Result<RowBlock> found = find(piece.rids);
    lock.lock();
    piece.found = std::move(found);
    changed_.notify_all();
    return true;
  }
  // Helps, and waits for what the other thread has taken.
  void finish(const Find& find) {
    while (help(find, false)) continue;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return std::all_of(pieces_.begin(), pieces_.end(),
                         [](const Piece& piece) { return piece.found.has_value(); });
    });
  }
  // When all is finished: just those rows that were added at once as `rids`; nullopt: none were.
  std::optional<Result<RowBlock>> take(std::span<const Rid> rids) {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const std::size_t count = (rids.size() + kPieceRows - 1) / kPieceRows;
      if (starts_at(i, rids)) return joined(i, count);
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kPieceRows = 64;
  struct Piece {
    std::vector<Rid> rids;
    std::optional<Result<RowBlock>> found;
  };

  bool starts_at(std::size_t piece, std::span<const Rid> rids) const {
    for (; !rids.empty(); ++piece) {
      const std::span<const Rid> next = rids.first(std::min(kPieceRows, rids.size()));
      if (piece == pieces_.size()) return false;
      const std::vector<Rid>& own = pieces_[piece].rids;
      if (!std::equal(own.begin(), own.end(), next.begin(), next.end())) return false;
      rids = rids.subspan(next.size());
    }
    return true;
  }
  Result<RowBlock> joined(std::size_t first, std::size_t count) {
    RowBlock whole;
    for (std::size_t i = first; i < first + count; ++i) {
      ROOTLET_TRY(const RowBlock part, *pieces_[i].found);
      whole.rids.insert(whole.rids.end(), part.rids.begin(), part.rids.end());
      whole.columns.resize(part.columns.size());
      for (std::size_t c = 0; c < part.columns.size(); ++c) {
        for (std::size_t row = 0; row < part.rids.size(); ++row) {
          whole.columns[c].push(part.columns[c].at(row));
        }
      }
    }
    return whole;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> pieces_;
  std::size_t left_begin_ = 0, left_end_ = 0;  // those that no thread has taken
};

// What goes from the reading thread to the writing one: changes, or null: there is something to
// look for.
struct Relay {
  Handover<std::shared_ptr<const Change>> changes{kRowsUnderWay};
  SharedSearch search;
};

// The end at which changes go in.
class RelaySink final : public MakingSink {
 public:
  RelaySink(Relay& relay, OwedDigest& digest) : relay_(relay), digest_(digest) {}
  bool has_begun() const { return has_begun_; }

 private:
  Status take(Change change) override {
    has_begun_ = true;
    const auto kept = std::make_shared<const Change>(std::move(change));
    if (!relay_.changes.put(kept, kept->rows())) {
      return fail(ErrorCode::kInternal, "nobody takes the changes any more");
    }
    digest_.owe(kept);
    while (digest_.owed() > kChangesOwed) digest_.pay();
    return ok();
  }
  Relay& relay_;
  OwedDigest& digest_;
  bool has_begun_ = false;
};

// Lets the writing thread help with what is announced before there is anything to be written.
class RelayedBase final : public BaseRows {
 public:
  RelayedBase(BaseRows& base, Relay& relay, const RelaySink& sink)
      : base_(base), relay_(relay), sink_(sink) {}

  void announce(std::span<const Rid> rids) override {
    if (sink_.has_begun() || rids.size() > kRowsAnnounced) return;
    relay_.search.add(rids);
    relay_.changes.put(nullptr, 0);
  }
  // The first call waits for all that was announced, for then the changes begin.
  Result<RowBlock> find(std::span<const Rid> rids) override {
    relay_.search.finish([&](std::span<const Rid> piece) { return base_.find(piece); });
    std::optional<Result<RowBlock>> found = relay_.search.take(rids);
    return found ? std::move(*found) : base_.find(rids);
  }
  ModelMemo* memo() override { return base_.memo(); }

 private:
  BaseRows& base_;
  Relay& relay_;
  const RelaySink& sink_;
};

Status work_all(Relay& relay, const WritingSide& side, OwedDigest& digest) {
  while (true) {
    std::optional<std::shared_ptr<const Change>> change = relay.changes.take_now();
    if (!change && digest.pay()) continue;
    if (!change) change = relay.changes.take();
    if (!change) return ok();
    if (*change == nullptr) {
      while (relay.search.help(side.find, true)) continue;
    } else {
      ROOTLET_TRY(side.write(**change));
    }
  }
}

}  // namespace

void OwedDigest::owe(std::shared_ptr<const Change> change) {
  const std::lock_guard guard(mutex_);
  owed_.push_back(std::move(change));
}

bool OwedDigest::pay() {
  std::unique_lock lock(mutex_);
  if (owed_.empty()) return false;
  const std::shared_ptr<const Change> change = std::move(owed_.front());
  owed_.pop_front();
  lock.unlock();
  SectionDigest part;
  part.remove(key_, change->old_rows);
  part.add(key_, change->new_rows);
  lock.lock();
  sum_.add(part);
  return true;
}

std::size_t OwedDigest::owed() const {
  const std::lock_guard guard(mutex_);
  return owed_.size();
}

Status pass_changes(const ChangeReader& read, BaseRows& base, const WritingSide& side,
                    OwedDigest& digest) {
  PassingSink sink(side, digest);
  return read(base, sink);
}

Status relay_changes(const ChangeReader& read, BaseRows& base, const WritingSide& side,
                     OwedDigest& digest) {
  Relay relay;
  Status was_read = ok();
  std::thread reader;
  try {
    reader = std::thread([&] {
      RelaySink sink(relay, digest);
      RelayedBase relayed(base, relay, sink);
      was_read = read(side.find ? relayed : base, sink);
      relay.changes.end();
      while (digest.pay()) continue;  // while the last rows are written
    });
  } catch (const std::system_error&) {
    return pass_changes(read, base, side, digest);  // the system has no more threads
  }
  const Status written = work_all(relay, side, digest);
  relay.changes.refuse();
  reader.join();
  ROOTLET_TRY(written);
  return was_read;
}

}  // namespace rootlet
