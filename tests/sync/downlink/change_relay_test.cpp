// Decoding and writing at the same time says the same, in the same order, and ends as it should.
#include "sync/downlink/change_relay.hpp"

#include <thread>

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

// Writes down what it is given; may refuse one of the changes.
class Diary {
 public:
  explicit Diary(std::size_t refuse_at = ~std::size_t{0}) : refuse_at_(refuse_at) {}
  ChangeWriter writer() {
    return [this](const Change& change) { return note(change); };
  }
  std::vector<std::string> lines;
  std::thread::id thread;
  OwedDigest digest{SymmetricKey(), SectionDigest()};

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

// A reader that gives `blocks` blocks of many sizes, then ends with `last`.
std::function<Status(ChangeSink&)> reader_of(std::size_t blocks, Status last = ok()) {
  return [blocks, last](ChangeSink& sink) -> Status {
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

}  // namespace

TEST_CASE("downlink: what is read beside the writing arrives whole and in order") {
  for (const std::size_t blocks : {0U, 1U, 2U, 60U}) {
    Diary passed, relayed;
    must(pass_changes(reader_of(blocks), passed.writer(), passed.digest));
    must(relay_changes(reader_of(blocks), relayed.writer(), relayed.digest));
    CHECK(relayed.lines == passed.lines);
    CHECK(relayed.digest.sum() == passed.digest.sum());
    CHECK((relayed.digest.sum() == SectionDigest()) == (blocks == 0));
    if (blocks > 0) CHECK(relayed.thread == std::this_thread::get_id());
  }
}

TEST_CASE("downlink: an error of the writing ends the reading and is the one that is told") {
  for (const std::size_t refuse_at : {0U, 1U, 5U, 29U}) {
    Diary diary(refuse_at);
    const Status status = relay_changes(reader_of(30), diary.writer(), diary.digest);
    CHECK(code_of(status) == ErrorCode::kStorageFull);
    CHECK(diary.lines.size() == refuse_at);
  }
}

TEST_CASE("downlink: an error of the reading is told when what came before it is written") {
  Diary diary;
  const Status status =
      relay_changes(reader_of(10, fail(ErrorCode::kUntrusted, "not what was signed")),
                    diary.writer(), diary.digest);
  CHECK(code_of(status) == ErrorCode::kUntrusted);
  CHECK(diary.lines.size() == 10);
}
