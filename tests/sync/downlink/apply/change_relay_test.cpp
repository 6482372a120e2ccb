// Parallel decoding and writing has the same result and order as one thread, and ends cleanly on
// errors.
#include "sync/downlink/apply/change_relay.hpp"

#include <atomic>
#include <thread>

#include "core/limits.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

RowBlock block_of(Rid first, std::size_t rows) {
  RowBlock block;
  block.columns.resize(1);
  for (std::size_t i = 0; i < rows; ++i) {
    block.rids.push_back(first + i);
    block.columns[0].push_text("row " + std::to_string(first + i));
  }
  return block;
}

// Records its calls; may fail on one of the changes.
class Diary {
 public:
  explicit Diary(std::size_t refuse_at = ~std::size_t{0}) : refuse_at_(refuse_at) {}
  WritingSide side() {
    return {.write = [this](const Change& change) { return note(change); }, .find = nullptr};
  }
  std::vector<std::string> lines;
  std::thread::id thread;
  DeferredDigest digest{SymmetricKey(), SectionDigest()};

 private:
  Status note(const Change& change) {
    thread = std::this_thread::get_id();
    if (lines.size() == refuse_at_) return fail(ErrorCode::kStorageFull, "the disk is full");
    std::string line = std::to_string(static_cast<int>(change.kind));
    for (const RowBlock* block : {&change.old_rows, &change.new_rows}) {
      for (std::size_t i = 0; i < block->rids.size(); ++i) {
        line +=
            " " + std::to_string(block->rids[i]) + "=" + std::string(block->columns[0].at(i).text);
      }
    }
    lines.push_back(std::move(line));
    return ok();
  }
  std::size_t refuse_at_;
};

// A reader that sends `blocks` blocks of various sizes, then returns `last`.
ChangeReader reader_of(std::size_t blocks, Status last = ok()) {
  return [blocks, last](BaseRows&, ChangeSink& sink) -> Status {
    for (std::size_t i = 0; i < blocks; ++i) {
      const RowBlock block = block_of(100'000 * i, i % 7 == 0 ? 20'000 : i % 50);
      const Status given = i % 3 == 0   ? sink.insert(block)
                           : i % 3 == 1 ? sink.remove(block)
                                        : sink.update(block, block_of(7 * i, block.rids.size()));
      ROOTLET_TRY(given);
    }
    return last;
  };
}

const SectionSchema kNoColumns;
EmptyBase base(kNoColumns);

// A base with nearly every row; counts its calls and may fail.
class EveryRow final : public BaseRows {
 public:
  explicit EveryRow(bool fails = false) : fails_(fails) {}
  Result<RowBlock> find(std::span<const Rid> rids) override {
    ++calls;
    calls.notify_all();
    if (fails_) return fail(ErrorCode::kStorageDamaged, "a page is broken");
    RowBlock rows;
    rows.columns.resize(1);
    for (const Rid rid : rids) {
      if (rid % 100 == 99) continue;  // missing rows
      rows.rids.push_back(rid);
      rows.columns[0].push_text("row " + std::to_string(rid));
    }
    return rows;
  }
  std::atomic<int> calls = 0;

 private:
  bool fails_;
};

std::vector<Rid> every(Rid step, Rid below) {
  std::vector<Rid> rids;
  for (Rid rid = 0; rid < below; rid += step) rids.push_back(rid);
  return rids;
}

}  // namespace

TEST_CASE("downlink: changes read in parallel arrive complete and in order") {
  for (const std::size_t blocks : {0U, 1U, 2U, 60U}) {
    Diary passed, relayed;
    must(pass_changes(reader_of(blocks), base, passed.side(), passed.digest));
    must(relay_changes(reader_of(blocks), base, relayed.side(), relayed.digest));
    CHECK(relayed.lines == passed.lines);
    CHECK(relayed.digest.sum() == passed.digest.sum());
    CHECK((relayed.digest.sum() == SectionDigest()) == (blocks == 0));
    if (blocks > 0) CHECK(relayed.thread == std::this_thread::get_id());
  }
}

TEST_CASE("downlink: a write error ends the reading and is the one returned") {
  for (const std::size_t refuse_at : {0U, 1U, 5U, 29U}) {
    Diary diary(refuse_at);
    const Status status = relay_changes(reader_of(30), base, diary.side(), diary.digest);
    CHECK(code_of(status) == ErrorCode::kStorageFull);
    CHECK(diary.lines.size() == refuse_at);
  }
}

TEST_CASE("downlink: a read error is returned after the earlier changes are written") {
  Diary diary;
  const Status status =
      relay_changes(reader_of(10, fail(ErrorCode::kUntrusted, "not what was signed")), base,
                    diary.side(), diary.digest);
  CHECK(code_of(status) == ErrorCode::kUntrusted);
  CHECK(diary.lines.size() == 10);
}

TEST_CASE("downlink: both threads find announced rows, each row once and in order") {
  for (const Rid below : {0U, 1U, 640U, 10'000U, 60'000U}) {
    EveryRow here, there;
    const std::vector<std::vector<Rid>> lists = {every(7, below), every(11, below),
                                                 every(64, below)};
    const ChangeReader read = [&](BaseRows& rows, ChangeSink& sink) -> Status {
      for (const std::vector<Rid>& list : lists) rows.announce(list);
      for (const std::size_t i : {1, 2, 0, 1}) {  // the last one twice
        EveryRow alone;
        const RowBlock expected = must(alone.find(lists[i]));
        const RowBlock found = must(rows.find(lists[i]));
        CHECK(found.rids == expected.rids);
        for (std::size_t row = 0; row < found.rids.size(); ++row) {
          CHECK(found.columns.at(0).at(row) == expected.columns[0].at(row));
        }
      }
      ROOTLET_TRY(sink.insert(block_of(1, 5)));
      rows.announce(lists[0]);
      const int calls = there.calls;
      CHECK(must(rows.find(lists[0])).rids.size() <= lists[0].size());
      CHECK(there.calls == calls);  // writing has begun
      return ok();
    };
    Diary diary;
    WritingSide side = diary.side();
    side.find = [&](std::span<const Rid> rids) { return there.find(rids); };
    must(relay_changes(read, here, side, diary.digest));
    CHECK(diary.lines.size() == 1);
  }
}

TEST_CASE("downlink: a row that one of the threads cannot read is a read error") {
  const ChangeReader read = [](BaseRows& rows, ChangeSink&) -> Status {
    const std::vector<Rid> wanted = every(1, 900);
    rows.announce(wanted);
    ROOTLET_TRY(rows.find(wanted));
    return ok();
  };
  EveryRow broken(true), whole;
  Diary diary;
  WritingSide side = diary.side();
  side.find = [&](std::span<const Rid> rids) { return broken.find(rids); };
  CHECK(code_of(relay_changes(read, broken, side, diary.digest)) == ErrorCode::kStorageDamaged);
  side.find = [&, calls = broken.calls.load()](std::span<const Rid> rids) {
    broken.calls.wait(calls);  // the other thread has begun before this one has found all of them
    return whole.find(rids);
  };
  CHECK(code_of(relay_changes(read, broken, side, diary.digest)) == ErrorCode::kStorageDamaged);
}

TEST_CASE("downlink: few bytes are in flight, however large the rows are") {
  constexpr int kBlocks = 40;
  std::atomic<int> made = 0, written = 0, most_ahead = 0;
  const ChangeReader read = [&](BaseRows&, ChangeSink& sink) -> Status {
    for (Rid rid = 0; rid < kBlocks; ++rid) {
      RowBlock rows{.rids = {rid}, .columns = std::vector<CellColumn>(1)};
      rows.columns[0].push_text(std::string(limits::kBlockBytes, 'x'));
      most_ahead = std::max(most_ahead.load(), ++made - written);
      made.notify_all();
      ROOTLET_TRY(sink.insert(std::move(rows)));
    }
    return ok();
  };
  DeferredDigest digest{SymmetricKey(), SectionDigest()};
  // Slower than the reading side: takes a row only when more are waiting.
  const auto write_late = [&](const Change&) -> Status {
    for (int seen = made; seen < std::min(kBlocks, written + 3); seen = made) made.wait(seen);
    ++written;
    return ok();
  };
  const WritingSide side{.write = write_late, .find = nullptr};
  must(relay_changes(read, base, side, digest));
  CHECK(written == kBlocks);
  CHECK(most_ahead >= 3);
  CHECK(most_ahead <= 6);
}
