// Blocks are copied on their way: the thread that decodes goes on to the next.
#include "sync/downlink/change_relay.hpp"

#include <system_error>
#include <thread>

#include "core/handover.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kRowsUnderWay = 8'192;

struct Change {
  enum class Kind { kExpect, kRemove, kUpdate, kInsert };
  Kind kind;
  RowBlock rows, new_rows;
};

Status write(const Change& change, ChangeSink& sink) {
  switch (change.kind) {
    case Change::Kind::kExpect:
      return sink.expect(change.rows.rids);
    case Change::Kind::kRemove:
      return sink.remove(change.rows);
    case Change::Kind::kUpdate:
      return sink.update(change.rows, change.new_rows);
    case Change::Kind::kInsert:
      return sink.insert(change.rows);
  }
  return ok();
}

// The end at which changes go in.
class RelaySink final : public ChangeSink {
 public:
  explicit RelaySink(Handover<Change>& handover) : handover_(handover) {}
  Status expect(std::span<const Rid> rids) override {
    return put({Change::Kind::kExpect, {.rids = {rids.begin(), rids.end()}}, {}}, 0);
  }
  Status remove(const RowBlock& old_rows) override {
    return put({Change::Kind::kRemove, old_rows, {}});
  }
  Status update(const RowBlock& old_rows, const RowBlock& new_rows) override {
    return put({Change::Kind::kUpdate, old_rows, new_rows});
  }
  Status insert(const RowBlock& rows) override { return put({Change::Kind::kInsert, rows, {}}); }

 private:
  Status put(Change change) {
    const std::size_t rows = change.rows.rids.size();
    return put(std::move(change), rows);
  }
  Status put(Change change, std::size_t weight) {
    if (handover_.put(std::move(change), weight)) return ok();
    return fail(ErrorCode::kInternal, "nobody takes the changes any more");
  }
  Handover<Change>& handover_;
};

Status write_all(Handover<Change>& handover, ChangeSink& sink) {
  while (const std::optional<Change> change = handover.take()) {
    ROOTLET_TRY(write(*change, sink));
  }
  return ok();
}

}  // namespace

Status relay_changes(const std::function<Status(ChangeSink&)>& read, ChangeSink& sink) {
  Handover<Change> handover(kRowsUnderWay);
  Status was_read = ok();
  std::thread reader;
  try {
    reader = std::thread([&] {
      RelaySink relay(handover);
      was_read = read(relay);
      handover.end();
    });
  } catch (const std::system_error&) {
    return read(sink);  // the system has no more threads: one after the other
  }
  const Status written = write_all(handover, sink);
  handover.refuse();
  reader.join();
  ROOTLET_TRY(written);
  return was_read;
}

}  // namespace rootlet
