// Tests of pgoutput.hpp and collected_changes.hpp, over messages written here byte by byte.
#include "platform/source/databases/replication/pgoutput.hpp"

#include "platform/source/databases/replication/collected_changes.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

using Kind = ReplicationMessage::Kind;

// Big-endian, as PostgreSQL writes.
class Message {
 public:
  explicit Message(char kind) { bytes_.push_back(static_cast<std::uint8_t>(kind)); }
  Message& number(std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i)
      bytes_.push_back(static_cast<std::uint8_t>(value >> 8 * i));
    return *this;
  }
  Message& letter(char c) { return number(static_cast<std::uint8_t>(c), 1); }
  Message& name(std::string_view text) {
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return number(0, 1);
  }
  // "~" stands for a value that was not sent, "" for null.
  Message& row(char kind, const std::vector<std::string>& values) {
    letter(kind).number(values.size(), 2);
    for (const std::string& value : values) {
      if (value.empty() || value == "~") {
        letter(value.empty() ? 'n' : 'u');
        continue;
      }
      letter('t').number(value.size(), 4);
      bytes_.insert(bytes_.end(), value.begin(), value.end());
    }
    return *this;
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

Message table(std::uint32_t id, std::string_view name, const std::vector<std::string>& columns) {
  Message message('R');
  message.number(id, 4).name("public").name(name).letter('d').number(columns.size(), 2);
  for (const std::string& column : columns) {
    message.letter(0).name(column).number(25, 4).number(0, 4);
  }
  return message;
}

// A log that a collector reads.
class Log {
 public:
  explicit Log(SeenTransactions seen = {}, std::uint64_t position = 0)
      : collector_("public", "people", std::move(seen), position) {
    take(table(7, "people", {"id", "note"}));
    take(table(8, "others", {"id"}));
  }
  void take(const Message& message) {
    const ReplicationMessage parsed = must(parse_replication_message(message.bytes()));
    must(collector_.take(parsed));
  }
  void begin(std::uint32_t transaction) {
    at_ += 100;
    take(Message('B').number(at_, 8).number(0, 8).number(transaction, 4));
  }
  void commit() { take(Message('C').number(0, 1).number(at_, 8).number(at_ + 10, 8).number(0, 8)); }
  void insert(const std::vector<std::string>& row, std::uint32_t id = 7) {
    take(Message('I').number(id, 4).row('N', row));
  }
  bool is_full() const { return collector_.is_full(); }
  CollectedChanges result() { return std::move(collector_).result(); }
  std::uint64_t position() const { return at_ + 10; }

 private:
  ChangeCollector collector_;
  std::uint64_t at_ = 1000;
};

std::vector<std::string> words(const CollectedChanges& changes) {
  std::vector<std::string> out;
  for (const CollectedChanges::Row& row : changes.rows) {
    out.push_back((row.is_deleted ? "-" : "+") + row.values[0] + ":" + row.values[1]);
  }
  return out;
}

}  // namespace

TEST_CASE("pgoutput: committed changes of one table come in the order of the log") {
  Log log;
  log.begin(1);
  log.insert({"1", "a"});
  log.insert({"5"}, 8);  // of another table
  log.take(Message('U').number(7, 4).row('N', {"1", "b"}));
  log.take(Message('U').number(7, 4).row('K', {"1", ""}).row('N', {"2", "b"}));
  log.take(Message('D').number(7, 4).row('K', {"3", ""}));
  log.commit();
  const std::uint64_t end = log.position();
  log.begin(2);
  log.insert({"9", "open"});  // its transaction has not committed
  const CollectedChanges changes = log.result();
  CHECK(words(changes) == std::vector<std::string>{"+1:a", "+1:b", "-1:", "+2:b", "-3:"});
  CHECK(changes.columns == std::vector<std::string>{"id", "note"});
  CHECK(changes.position == end);
  CHECK(changes.needs_whole.empty());
}

TEST_CASE("pgoutput: what a reading of all rows saw, and what was published, is left out") {
  const SeenTransactions seen = must(SeenTransactions::parse("10:20:12,15"));
  for (const auto& [transaction, is_seen] :
       {std::pair(9U, true), std::pair(11U, true), std::pair(12U, false), std::pair(15U, false),
        std::pair(19U, true), std::pair(20U, false), std::pair(25U, false)}) {
    CAPTURE(transaction);
    CHECK(seen.saw(transaction) == is_seen);
  }
  Log log(seen, 1250);
  for (const std::uint32_t transaction : {30U, 11U, 12U, 13U}) {  // at 1100, 1200, 1300, 1400
    log.begin(transaction);
    log.insert({std::to_string(transaction), "x"});
    log.commit();
  }
  CHECK(words(log.result()) == std::vector<std::string>{"+12:x"});
}

TEST_CASE("pgoutput: numbers of transactions turn around after four billion") {
  const SeenTransactions seen = must(SeenTransactions::parse("4294967290:4294967300:4294967298"));
  CHECK(seen.saw(4'294'967'280U));
  CHECK(seen.saw(1));        // 4294967297
  CHECK_FALSE(seen.saw(2));  // 4294967298, which was open
  CHECK_FALSE(seen.saw(4));  // 4294967300
  CHECK(SeenTransactions::parse("1:2").has_error());
  CHECK(SeenTransactions::parse("1:x:").has_error());
}

TEST_CASE(
    "pgoutput: a long text that was not sent is taken from the old row, or all rows are read") {
  Log whole;
  whole.begin(1);
  whole.take(Message('U').number(7, 4).row('O', {"1", "long"}).row('N', {"1", "~"}));
  whole.commit();
  CHECK(words(whole.result()) == std::vector<std::string>{"-1:long", "+1:long"});
  for (const bool has_key : {false, true}) {
    Log log;
    log.begin(1);
    Message update('U');
    update.number(7, 4);
    if (has_key) update.row('K', {"0", ""});
    log.take(update.row('N', {"1", "~"}));
    log.commit();
    CHECK_FALSE(log.result().needs_whole.empty());
  }
}

TEST_CASE("pgoutput: a truncated table needs all rows, a rolled back one does not") {
  Log log;
  log.begin(1);
  log.take(Message('T').number(2, 4).letter(0).number(8, 4).number(7, 4));
  log.begin(2);  // the first had no commit
  log.insert({"1", "a"});
  log.commit();
  CHECK_FALSE(log.is_full());
  log.begin(3);
  log.take(Message('T').number(1, 4).letter(0).number(7, 4));
  log.commit();
  CHECK(log.result().needs_whole == "the table was truncated");
}

TEST_CASE("pgoutput: changes end before the transaction in which the columns are others") {
  Log log;
  log.begin(1);
  log.insert({"1", "a"});
  log.commit();
  const std::uint64_t end = log.position();
  log.begin(2);
  log.take(table(7, "people", {"id", "note", "born"}));
  log.insert({"2", "b", "2001-01-01"});
  log.commit();
  CHECK(log.is_full());
  CollectedChanges changes = log.result();
  CHECK(words(changes) == std::vector<std::string>{"+1:a"});
  CHECK(changes.position == end);
  Log next;
  next.begin(2);
  next.take(table(7, "people", {"id", "note", "born"}));
  next.insert({"2", "b", "2001-01-01"});
  next.commit();
  CHECK(next.result().columns.size() == 3);
  Log middle;
  middle.begin(3);
  middle.insert({"1", "a"});
  middle.take(table(7, "people", {"id"}));
  middle.insert({"2"});
  middle.commit();
  CHECK_FALSE(middle.result().needs_whole.empty());
}

TEST_CASE("pgoutput: a message that breaks off anywhere is refused, and more bytes do no harm") {
  const std::vector<Message> messages{
      Message('B').number(1, 8).number(2, 8).number(3, 4),
      Message('C').number(0, 1).number(1, 8).number(2, 8).number(3, 8),
      table(7, "people", {"id", "note"}),
      Message('I').number(7, 4).row('N', {"1", "a"}),
      Message('U').number(7, 4).row('K', {"1", ""}).row('N', {"2", "b"}),
      Message('D').number(7, 4).row('O', {"1", "a"}),
      Message('T').number(1, 4).letter(0).number(7, 4)};
  for (const Message& message : messages) {
    CHECK(parse_replication_message(message.bytes()).has_value());
    // A commit's last field, its time, is not read.
    const std::size_t needed = message.bytes()[0] == 'C' ? 18 : message.bytes().size();
    for (std::size_t size = 0; size < needed; ++size) {
      CAPTURE(size);
      CHECK(parse_replication_message(ByteView(message.bytes()).first(size)).has_error());
    }
  }
  CHECK(must(parse_replication_message(Message('Y').bytes())).kind == Kind::kOther);
  Message wide('I');
  wide.number(7, 4).letter('N').number(65'535, 2);
  CHECK(parse_replication_message(wide.bytes()).has_error());
}
