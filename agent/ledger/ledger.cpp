// hash(n) = BLAKE2b-256("rootlet ledger v1" 0x00 hash(n-1) u64 n, sized entry). The head, as last
// appended, is also a fact in keys.db, so that cutting off the newest entries is detected.
#include "agent/ledger/ledger.hpp"

#include <array>
#include <mutex>

#include "core/format/json.hpp"
#include "core/local_limits.hpp"
#include "core/unicode/utf8.hpp"
#include "storage/row_values.hpp"

namespace rootlet::agent {
namespace {

constexpr std::array<std::string_view, 1> kMigrations = {R"(
  CREATE TABLE uses(sequence INTEGER PRIMARY KEY, entry TEXT NOT NULL, hash BLOB NOT NULL);
)"};

constexpr std::string_view kDomain = "rootlet ledger v1";
constexpr std::string_view kHeadFact = "ledger_head";

Hash256 chain(const Hash256& previous, std::int64_t sequence, std::string_view entry) {
  ByteWriter writer;
  writer.raw(as_bytes(kDomain));
  writer.u8(0);
  writer.raw(previous);
  writer.u64(static_cast<std::uint64_t>(sequence));
  writer.sized(as_bytes(entry));
  return blake2b(writer.view());
}

Error broken(std::int64_t sequence, std::string_view detail) {
  return fail(ErrorCode::kStorageDamaged,
              "ledger entry " + std::to_string(sequence) + ": " + std::string(detail));
}

struct Head {
  std::int64_t sequence = 0;
  Hash256 hash{};
};

Bytes encode_head(const Head& head) {
  ByteWriter writer;
  writer.u64(static_cast<std::uint64_t>(head.sequence));
  writer.raw(head.hash);
  return writer.take();
}

Result<Head> load_head(KeyStore& keys) {
  ROOTLET_TRY(const std::optional<Bytes> bytes, keys.fact(kHeadFact));
  if (!bytes) return Head{};
  ByteReader reader(*bytes, "keys.db: ledger head");
  Head head;
  ROOTLET_TRY(const std::uint64_t sequence, reader.u64());
  ROOTLET_TRY(const ByteView hash, reader.take(32));
  head.sequence = static_cast<std::int64_t>(sequence);
  head.hash = hash_from_bytes(hash).value_or(Hash256{});
  return head;
}

Result<Head> last_entry(Database& database) {
  ROOTLET_TRY(Statement last, database.prepare("SELECT sequence, hash FROM uses "
                                               "ORDER BY sequence DESC LIMIT 1"));
  ROOTLET_TRY(const bool found, last.step());
  if (!found) return Head{};
  return Head{.sequence = last.integer(0), .hash = hash_at(last, 1)};
}

Error with_remedy(Error error) {
  if (error.code != ErrorCode::kStorageDamaged) return error;
  error.hint = {.en =
                    "Uses that cannot be written down are refused. `rootlet ledger restart "
                    "--accept-loss` keeps what is left of ledger.db in a folder lost-… of the "
                    "home and goes on; the gap stays visible in the ledger.",
                .zh =
                    "无法记账的使用一律拒绝。运行 rootlet ledger restart --accept-loss："
                    "残留的 ledger.db 保留在 lost-… 目录中，台账继续编号，缺口永久可见。"};
  return error;
}

Result<Database> open_file(const Home& home, const SymmetricKey& key) {
  ROOTLET_TRY(
      Database database,
      Database::open(home.ledger(), key, {.durability = Durability::kFull, .cache_kib = 256}));
  ROOTLET_TRY(migrate(database, kMigrations));
  return database;
}

// The gap that explains why `sequence` follows `previous`; null if none does.
const LedgerGap* gap_between(const std::vector<LedgerGap>& gaps, std::int64_t previous,
                             std::int64_t sequence) {
  for (const LedgerGap& gap : gaps) {
    if (gap.first == previous + 1 && gap.last + 1 == sequence) return &gap;
  }
  return nullptr;
}

Error lost_entries(const LedgerGap& gap) {
  return with_remedy(fail(ErrorCode::kStorageDamaged, "ledger entries " +
                                                          std::to_string(gap.first) + " to " +
                                                          std::to_string(gap.last) + " are lost"));
}

}  // namespace

Result<Ledger> Ledger::open(const Home& home, KeyStore& keys) {
  ROOTLET_TRY(const SymmetricKey key, keys.file_key("ledger"));
  Result<Database> database = open_file(home, key);
  if (database.has_error()) return with_remedy(database.error());
  return Ledger(std::move(database).value(), keys);
}

Status Ledger::check_pages() {
  ROOTLET_TRY(Statement check, database_.prepare("PRAGMA quick_check(1)"));
  ROOTLET_TRY(const bool row, check.step());
  if (row && check.text(0) == "ok") return ok();
  return with_remedy(fail(ErrorCode::kStorageDamaged, "ledger.db: a page is damaged"));
}

Status Ledger::note_gap(UnixTime now) {
  ROOTLET_TRY(const Head noted, load_head(*keys_));
  ROOTLET_TRY(const Head last, last_entry(database_));
  if (last.sequence >= noted.sequence) return ok();
  ROOTLET_TRY(std::vector<LedgerGap> gaps, load_ledger_gaps(*keys_));
  if (gap_between(gaps, last.sequence, noted.sequence + 1) != nullptr) return ok();
  // Gaps that this one contains say nothing more.
  std::erase_if(gaps, [&](const LedgerGap& gap) { return gap.first > last.sequence; });
  gaps.push_back(
      {.first = last.sequence + 1, .last = noted.sequence, .hash = noted.hash, .noted = now});
  return save_ledger_gaps(*keys_, gaps);
}

Result<std::int64_t> Ledger::append(const Use& use) {
  // The home's lock excludes other processes; this mutex orders the heads of our own threads.
  static std::mutex one_at_a_time;
  const std::lock_guard guard(one_at_a_time);
  Head head;
  {
    ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
    ROOTLET_TRY(Head last, last_entry(database_));
    ROOTLET_TRY(const Head noted, load_head(*keys_));
    if (last.sequence < noted.sequence) {
      ROOTLET_TRY(note_gap(use.at));
      last = noted;
    }
    const std::string entry = json::serialize(use_json(use));
    head.sequence = last.sequence + 1;
    head.hash = chain(last.hash, head.sequence, entry);
    ROOTLET_TRY(Statement add,
                database_.prepare("INSERT INTO uses(sequence, entry, hash) VALUES(?1, ?2, ?3)"));
    add.bind_all(head.sequence, entry, ByteView(head.hash));
    ROOTLET_TRY(add.run());
    // Save the head after the commit: a power cut in between leaves it one behind, never ahead.
    ROOTLET_TRY(transaction.commit());
  }
  ROOTLET_TRY(keys_->save_fact(kHeadFact, encode_head(head)));
  return head.sequence;
}

Status Ledger::read_since(UnixTime since, std::size_t limit,
                          const std::function<void(const Use&)>& take) {
  return read_after(0, since, limit, [&](std::int64_t, const Use& use) { take(use); });
}

Status Ledger::read_after(std::int64_t sequence, UnixTime since, std::size_t limit,
                          const std::function<void(std::int64_t, const Use&)>& take) {
  ROOTLET_TRY(Statement list, database_.prepare("SELECT sequence, entry FROM uses WHERE "
                                                "sequence>?1 ORDER BY sequence DESC LIMIT ?2"));
  list.bind_all(sequence, static_cast<std::int64_t>(limit));
  while (true) {
    ROOTLET_TRY(const bool row, list.step());
    if (!row) return ok();
    const Result<Use> use = parse_use(list.text(1));
    if (use.has_error()) continue;
    if (use.value().at < since) return ok();
    take(list.integer(0), use.value());
  }
}

Result<std::vector<LedgerEntry>> Ledger::list(std::size_t limit) {
  ROOTLET_TRY(Statement list, database_.prepare("SELECT sequence, entry, hash FROM uses "
                                                "ORDER BY sequence DESC LIMIT ?1"));
  list.bind_all(limit == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(limit));
  std::vector<LedgerEntry> out;
  while (true) {
    ROOTLET_TRY(const bool row, list.step());
    if (!row) return out;
    LedgerEntry entry{.sequence = list.integer(0), .use = {}, .hash = hash_at(list, 2)};
    Result<Use> use = parse_use(list.text(1));
    entry.is_damaged = use.has_error();
    if (use.has_value()) entry.use = std::move(use).value();
    out.push_back(std::move(entry));
  }
}

Result<LedgerCheck> Ledger::verify() {
  // Load the head first: entries appended meanwhile only make the chain longer.
  ROOTLET_TRY(const Head noted, load_head(*keys_));
  ROOTLET_TRY(const std::vector<LedgerGap> gaps, load_ledger_gaps(*keys_));
  ROOTLET_TRY(Statement all,
              database_.prepare("SELECT sequence, entry, hash FROM uses ORDER BY sequence"));
  LedgerCheck check;
  bool head_seen = noted.sequence == 0;
  std::int64_t unreadable = 0;  // the first such entry
  while (true) {
    ROOTLET_TRY(const bool row, all.step());
    if (!row) break;
    const std::int64_t sequence = all.integer(0);
    if (sequence != check.last + 1) {
      const LedgerGap* gap = gap_between(gaps, check.last, sequence);
      if (gap == nullptr) return broken(check.last + 1, "is missing");
      if (!gap->is_accepted()) return lost_entries(*gap);
      check.gaps.push_back(*gap);
      check.head = gap->hash;
    }
    const Hash256 hash = chain(check.head, sequence, all.text(1));
    if (hash != hash_at(all, 2)) return broken(sequence, "was changed");
    if (sequence == noted.sequence) {
      if (hash != noted.hash) return broken(sequence, "does not match the head in keys.db");
      head_seen = true;
    }
    if (unreadable == 0 && parse_use(all.text(1)).has_error()) unreadable = sequence;
    check.entries += 1;
    check.last = sequence;
    check.head = hash;
  }
  // Nothing was appended since the newest entries were lost.
  const LedgerGap* gap = gap_between(gaps, check.last, noted.sequence + 1);
  if (!head_seen && gap != nullptr) {
    if (!gap->is_accepted()) return lost_entries(*gap);
    check.gaps.push_back(*gap);
    check.last = noted.sequence;
    check.head = gap->hash;
    head_seen = check.head == noted.hash;
  }
  if (!head_seen) {
    return with_remedy(broken(check.last + 1, "was cut off; there were at least " +
                                                  std::to_string(noted.sequence) + " entries"));
  }
  if (unreadable > 0) {
    return broken(unreadable, "cannot be read; no entry was changed or removed");
  }
  return check;
}

Result<SymmetricKey> Ledger::subjects_key() {
  return keys_->file_key("ledger_subjects");
}

Result<std::string> Ledger::subject_of(std::string_view dataset, std::string_view key) {
  ROOTLET_TRY(const SymmetricKey secret, subjects_key());
  return subject_under(secret, dataset, key);
}

std::string subject_under(const SymmetricKey& key, std::string_view dataset,
                          std::string_view text) {
  ByteWriter writer;
  writer.sized(as_bytes(dataset));
  writer.sized(as_bytes(text));
  const Hash256 hash = blake2b_keyed(key, writer.view());
  return to_hex(ByteView(hash).first(16));
}

json::object to_json(const LedgerEntry& entry) {
  json::object out;
  if (entry.is_damaged) {
    out["damaged"] = true;
  } else {
    out = use_json(entry.use);
  }
  out["sequence"] = entry.sequence;
  out["hash"] = to_hex(entry.hash);
  return out;
}

}  // namespace rootlet::agent
