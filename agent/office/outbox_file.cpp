// The memory is the fact "outbox": {"at", "unsent", "unanswered"}; the fact "outbox_restart" is the
// report of the last accepted loss.
#include "agent/office/outbox_file.hpp"

#include <array>

#include "agent/office/loss.hpp"
#include "core/format/json.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kKeyName = "outbox";
constexpr std::string_view kMemoryFact = "outbox";
constexpr std::string_view kRestartFact = "outbox_restart";

Result<std::optional<json::object>> load_object(KeyStore& keys, std::string_view fact) {
  ROOTLET_TRY(const std::optional<Bytes> text, keys.fact(fact));
  if (!text) return std::optional<json::object>();
  ROOTLET_TRY(const json::value value, parse_json(as_text(*text), "keys.db: outbox"));
  if (!value.is_object()) return fail(ErrorCode::kStorageDamaged, "keys.db: outbox: no object");
  return std::optional<json::object>(value.get_object());
}

Status save_object(KeyStore& keys, std::string_view fact, const json::object& object) {
  return keys.save_fact(fact, as_bytes(json::serialize(object)));
}

bool has_content(const fs::path& path) {
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  return !failed && size > 0;
}

Error lost(const Home& home, const json::object& memory, std::string_view what) {
  const std::string unsent = text_at(memory, "unsent"), unanswered = text_at(memory, "unanswered");
  const std::string at = text_at(memory, "at");
  Error error = fail(ErrorCode::kStorageDamaged,
                     home.outbox().string() + ": " + std::string(what) + "; on " + at +
                         " it held " + unsent + " records that were not yet sent and " +
                         unanswered + " that were sent and not yet answered");
  error.hint = {
      .en =
          "If you have a copy of outbox.db, put it back. If not, `rootlet outbox restart "
          "--accept-loss` keeps what is left of the file in a folder lost-… of the home and "
          "begins a new outbox; the records that were not yet sent must be typed again. "
          "Nothing is sent and no record can be saved until then; reading data still works.",
      .zh =
          "若有 outbox.db 的备份，请放回原处；否则运行 rootlet outbox restart "
          "--accept-loss：残留文件会保留在目录的 lost-… 中，并重新开始，"
          "尚未发送的记录需重新填报。在此之前不能发送或保存记录，查询数据不受影响。"};
  return error;
}

Result<json::object> memory_of(Outbox& outbox, UnixTime now) {
  ROOTLET_TRY(const OutboxCounts counts, outbox.counts());
  return json::object{
      {"at", format_time(now)},
      {"unsent", counts.of(RecordState::kDraft) + counts.of(RecordState::kSaved) +
                     counts.of(RecordState::kSealed) + counts.of(RecordState::kReturned)},
      {"unanswered", counts.of(RecordState::kReceived)}};
}

Result<Outbox> open_begun(const Home& home, const SymmetricKey& key, const json::object& memory) {
  if (!has_content(home.outbox())) return lost(home, memory, "is missing or empty");
  Result<Outbox> outbox = Outbox::open(home.outbox(), key);
  const bool damaged = outbox.has_error() && outbox.error().code == ErrorCode::kStorageDamaged;
  if (!damaged) return outbox;
  return lost(home, memory, "cannot be opened (" + outbox.error().message + ")");
}

}  // namespace

Result<Outbox> open_outbox(const Home& home, KeyStore& keys, UnixTime now) {
  ROOTLET_TRY(const SymmetricKey key, keys.file_key(kKeyName));
  ROOTLET_TRY(const std::optional<json::object> memory, load_object(keys, kMemoryFact));
  if (memory) return open_begun(home, key, *memory);
  ROOTLET_TRY(Outbox outbox, Outbox::open(home.outbox(), key));
  ROOTLET_TRY(remember_outbox(keys, outbox, now));
  return outbox;
}

Result<Outbox> check_outbox(const Home& home, KeyStore& keys, UnixTime now) {
  ROOTLET_TRY(Outbox outbox, open_outbox(home, keys, now));
  const Status whole = outbox.check_pages();
  if (whole.has_value()) return outbox;
  ROOTLET_TRY(const std::optional<json::object> memory, load_object(keys, kMemoryFact));
  if (whole.error().code != ErrorCode::kStorageDamaged || !memory) return whole.error();
  return lost(home, *memory, "is damaged (" + whole.error().message + ")");
}

Status remember_outbox(KeyStore& keys, Outbox& outbox, UnixTime now) {
  ROOTLET_TRY(const std::optional<json::object> held, load_object(keys, kMemoryFact));
  ROOTLET_TRY(const json::object fresh, memory_of(outbox, now));
  const bool same = held && text_at(*held, "unsent") == text_at(fresh, "unsent") &&
                    text_at(*held, "unanswered") == text_at(fresh, "unanswered");
  return same ? ok() : save_object(keys, kMemoryFact, fresh);
}

Result<json::object> restart_outbox(const Home& home, KeyStore& keys, UnixTime now) {
  const Result<Outbox> held = check_outbox(home, keys, now);
  if (held.has_value()) {
    return fail(ErrorCode::kUsage,
                home.outbox().string() + " is whole, so nothing is lost; nothing was changed");
  }
  if (held.error().code != ErrorCode::kStorageDamaged) return held.error();
  ROOTLET_TRY(const std::optional<json::object> memory, load_object(keys, kMemoryFact));
  const std::array files = {home.outbox()};
  ROOTLET_TRY(const fs::path folder, set_aside(home, files, now));
  json::object report{{"at", format_time(now)}, {"kept_in", folder.string()}};
  if (memory) report["lost"] = *memory;
  ROOTLET_TRY(save_object(keys, kRestartFact, report));
  ROOTLET_TRY(keys.forget_fact(kMemoryFact));
  ROOTLET_TRY(open_outbox(home, keys, now));
  return report;
}

Result<json::object> last_outbox_restart(KeyStore& keys) {
  ROOTLET_TRY(std::optional<json::object> report, load_object(keys, kRestartFact));
  return report ? std::move(*report) : json::object();
}

}  // namespace rootlet::agent
