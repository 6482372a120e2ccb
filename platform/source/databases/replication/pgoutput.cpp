// Integers are big-endian.
#include "platform/source/databases/replication/pgoutput.hpp"

#include <algorithm>
#include <charconv>

namespace rootlet::platform {
namespace {

constexpr std::size_t kMostColumns = 1'664;  // of a PostgreSQL table
using Kind = ReplicationMessage::Kind;

Error broken() {
  return fail(ErrorCode::kUntrusted, "PostgreSQL: a message of pgoutput breaks off");
}

class Reader {
 public:
  explicit Reader(ByteView bytes) : left_(bytes) {}

  template <typename Number>
  Result<Number> number() {
    if (left_.size() < sizeof(Number)) return broken();
    Number value = 0;
    for (const std::uint8_t byte : left_.first(sizeof(Number))) {
      value = static_cast<Number>(static_cast<std::uint64_t>(value) << 8 | byte);
    }
    left_ = left_.subspan(sizeof(Number));
    return value;
  }
  Result<char> letter() {
    ROOTLET_TRY(const std::uint8_t byte, number<std::uint8_t>());
    return static_cast<char>(byte);
  }
  Result<std::string_view> text(std::size_t bytes) {
    if (left_.size() < bytes) return broken();
    const std::string_view found = as_text(left_.first(bytes));
    left_ = left_.subspan(bytes);
    return found;
  }
  Result<std::string> name() {  // up to a zero
    const auto end = std::ranges::find(left_, std::uint8_t{0});
    if (end == left_.end()) return broken();
    const auto bytes = static_cast<std::size_t>(end - left_.begin());
    std::string found(as_text(left_.first(bytes)));
    left_ = left_.subspan(bytes + 1);
    return found;
  }
  Result<std::size_t> columns() {
    ROOTLET_TRY(const std::uint16_t count, number<std::uint16_t>());
    if (count > kMostColumns) return broken();
    return std::size_t{count};
  }

 private:
  ByteView left_;
};

Result<ReplicatedValue> read_value(Reader& reader) {
  ROOTLET_TRY(const char kind, reader.letter());
  if (kind == 'n') return ReplicatedValue{};
  if (kind == 'u') return ReplicatedValue{.kind = ReplicatedValue::Kind::kUnchanged};
  if (kind != 't') return broken();
  ROOTLET_TRY(const std::uint32_t bytes, reader.number<std::uint32_t>());
  ROOTLET_TRY(const std::string_view text, reader.text(bytes));
  return ReplicatedValue{ReplicatedValue::Kind::kText, text};
}

Result<ReplicatedRow> read_row(Reader& reader) {
  ROOTLET_TRY(const std::size_t columns, reader.columns());
  ReplicatedRow row;
  for (std::size_t i = 0; i < columns; ++i) {
    ROOTLET_TRY(const ReplicatedValue value, read_value(reader));
    row.push_back(value);
  }
  return row;
}

Result<ReplicationMessage> read_begin(Reader& reader) {
  ReplicationMessage message{.kind = Kind::kBegin};
  ROOTLET_TRY(message.position, reader.number<std::uint64_t>());
  ROOTLET_TRY(reader.number<std::uint64_t>());  // when
  ROOTLET_TRY(message.transaction, reader.number<std::uint32_t>());
  return message;
}

Result<ReplicationMessage> read_commit(Reader& reader) {
  ReplicationMessage message{.kind = Kind::kCommit};
  ROOTLET_TRY(reader.letter());                 // flags
  ROOTLET_TRY(reader.number<std::uint64_t>());  // where it begins
  ROOTLET_TRY(message.position, reader.number<std::uint64_t>());
  return message;
}

Result<ReplicationMessage> read_table(Reader& reader) {
  ReplicationMessage message{.kind = Kind::kTable};
  ROOTLET_TRY(message.table.id, reader.number<std::uint32_t>());
  ROOTLET_TRY(message.table.schema, reader.name());
  ROOTLET_TRY(message.table.name, reader.name());
  ROOTLET_TRY(reader.letter());  // replica identity
  ROOTLET_TRY(const std::size_t columns, reader.columns());
  for (std::size_t i = 0; i < columns; ++i) {
    ROOTLET_TRY(reader.letter());  // flags
    ROOTLET_TRY(std::string name, reader.name());
    ROOTLET_TRY(const std::uint32_t type, reader.number<std::uint32_t>());
    ROOTLET_TRY(reader.number<std::uint32_t>());  // type modifier
    message.table.columns.push_back(std::move(name));
    message.table.types.push_back(type);
  }
  return message;
}

Result<ReplicationMessage> read_change(Reader& reader, Kind kind) {
  ReplicationMessage message{.kind = kind};
  ROOTLET_TRY(const std::uint32_t table, reader.number<std::uint32_t>());
  message.tables.push_back(table);
  ROOTLET_TRY(char part, reader.letter());
  if (part == 'K' || part == 'O') {
    message.has_whole_before = part == 'O';
    ROOTLET_TRY(message.before, read_row(reader));
    if (kind == Kind::kDelete) return message;
    ROOTLET_TRY(part, reader.letter());
  }
  if (part != 'N' || kind == Kind::kDelete) return broken();
  ROOTLET_TRY(message.after, read_row(reader));
  return message;
}

Result<ReplicationMessage> read_truncate(Reader& reader) {
  ReplicationMessage message{.kind = Kind::kTruncate};
  ROOTLET_TRY(const std::uint32_t tables, reader.number<std::uint32_t>());
  ROOTLET_TRY(reader.letter());  // options
  for (std::uint32_t i = 0; i < tables; ++i) {
    ROOTLET_TRY(const std::uint32_t table, reader.number<std::uint32_t>());
    message.tables.push_back(table);
  }
  return message;
}

bool read_count(std::string_view text, std::uint64_t& value) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size();
}

}  // namespace

Result<ReplicationMessage> parse_replication_message(ByteView message) {
  Reader reader(message);
  ROOTLET_TRY(const char kind, reader.letter());
  switch (kind) {
    case 'B':
      return read_begin(reader);
    case 'C':
      return read_commit(reader);
    case 'R':
      return read_table(reader);
    case 'I':
      return read_change(reader, Kind::kInsert);
    case 'U':
      return read_change(reader, Kind::kUpdate);
    case 'D':
      return read_change(reader, Kind::kDelete);
    case 'T':
      return read_truncate(reader);
    default:
      return ReplicationMessage{};  // types, origins: of no concern
  }
}

Result<SeenTransactions> SeenTransactions::parse(std::string_view text) {
  const Error wrong = bad_input("not a snapshot of PostgreSQL", "snapshot");
  const std::size_t first = text.find(':');
  const std::size_t second = first == text.npos ? text.npos : text.find(':', first + 1);
  if (second == text.npos) return wrong;
  SeenTransactions seen;
  if (!read_count(text.substr(0, first), seen.least_) ||
      !read_count(text.substr(first + 1, second - first - 1), seen.next_)) {
    return wrong;
  }
  for (std::string_view rest = text.substr(second + 1); !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    std::uint64_t open = 0;
    if (!read_count(rest.substr(0, end), open)) return wrong;
    seen.open_.push_back(open);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::ranges::sort(seen.open_);
  return seen;
}

bool SeenTransactions::saw(std::uint32_t transaction) const {
  constexpr std::uint64_t kTurn = std::uint64_t{1} << 32;
  std::uint64_t whole = (next_ & ~(kTurn - 1)) | transaction;
  if (whole > next_ + kTurn / 2 && whole >= kTurn) whole -= kTurn;
  if (whole + kTurn / 2 < next_) whole += kTurn;
  if (whole < least_) return true;
  return whole < next_ && !std::ranges::binary_search(open_, whole);
}

}  // namespace rootlet::platform
