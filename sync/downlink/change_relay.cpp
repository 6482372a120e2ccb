#include "sync/downlink/change_relay.hpp"

#include <system_error>
#include <thread>
#include <utility>

#include "core/handover.hpp"

namespace rootlet {
namespace {

// Some blocks: while one side waits for the disk, the other goes on.
constexpr std::size_t kRowsUnderWay = 32'768;
constexpr std::size_t kChangesOwed = 2;  // to the digest, before the decoding side pays

// What both kinds of passing on make of the calls.
class MakingSink : public ChangeSink {
 public:
  Status expect(std::span<const Rid> rids) override {
    return take({.kind = Change::Kind::kExpect, .new_rows = {.rids = {rids.begin(), rids.end()}}});
  }
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
  PassingSink(const ChangeWriter& write, OwedDigest& digest) : write_(write), digest_(digest) {}

 private:
  Status take(Change change) override {
    const auto kept = std::make_shared<const Change>(std::move(change));
    ROOTLET_TRY(write_(*kept));
    digest_.owe(kept);
    digest_.pay();
    return ok();
  }
  const ChangeWriter& write_;
  OwedDigest& digest_;
};

using SharedChange = std::shared_ptr<const Change>;

// The end at which changes go in.
class RelaySink final : public MakingSink {
 public:
  RelaySink(Handover<SharedChange>& handover, OwedDigest& digest)
      : handover_(handover), digest_(digest) {}

 private:
  Status take(Change change) override {
    const auto kept = std::make_shared<const Change>(std::move(change));
    const std::size_t weight = kept->kind == Change::Kind::kExpect ? 0 : kept->rows();
    if (!handover_.put(kept, weight)) {
      return fail(ErrorCode::kInternal, "nobody takes the changes any more");
    }
    digest_.owe(kept);
    while (digest_.owed() > kChangesOwed) digest_.pay();
    return ok();
  }
  Handover<SharedChange>& handover_;
  OwedDigest& digest_;
};

Status write_all(Handover<SharedChange>& handover, const ChangeWriter& write, OwedDigest& digest) {
  while (true) {
    std::optional<SharedChange> change = handover.take_now();
    if (!change && digest.pay()) continue;
    if (!change) change = handover.take();
    if (!change) return ok();
    ROOTLET_TRY(write(**change));
  }
}

}  // namespace

void OwedDigest::owe(std::shared_ptr<const Change> change) {
  if (change->kind == Change::Kind::kExpect) return;
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

Status pass_changes(const std::function<Status(ChangeSink&)>& read, const ChangeWriter& write,
                    OwedDigest& digest) {
  PassingSink sink(write, digest);
  return read(sink);
}

Status relay_changes(const std::function<Status(ChangeSink&)>& read, const ChangeWriter& write,
                     OwedDigest& digest) {
  Handover<SharedChange> handover(kRowsUnderWay);
  Status was_read = ok();
  std::thread reader;
  try {
    reader = std::thread([&] {
      RelaySink relay(handover, digest);
      was_read = read(relay);
      handover.end();
      while (digest.pay()) continue;  // while the last rows are written
    });
  } catch (const std::system_error&) {
    return pass_changes(read, write, digest);  // the system has no more threads
  }
  const Status written = write_all(handover, write, digest);
  handover.refuse();
  reader.join();
  ROOTLET_TRY(written);
  return was_read;
}

}  // namespace rootlet
