// Notes are facts of keys.db: "damaged/<cache>" → {"at", "key", "what"}.
#include "agent/care/damage.hpp"

#include <algorithm>

#include "core/crypto.hpp"
#include "core/format/json.hpp"
#include "core/log.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kNotePrefix = "damaged/";
constexpr std::string_view kMarkDomain = "rootlet damage note v1";

std::string note_name(std::string_view cache) {
  return std::string(kNotePrefix) + std::string(cache);
}

// Tells one file's key from its successor's and says nothing about it.
std::string mark_of(const SymmetricKey& key) {
  return to_hex(ByteView(blake2b_keyed(key, as_bytes(kMarkDomain))).first(8));
}

Result<std::string> key_mark(KeyStore& keys, std::string_view cache) {
  ROOTLET_TRY(const bool held, keys.has_file_key(cache));
  if (!held) return std::string();
  ROOTLET_TRY(const SymmetricKey key, keys.file_key(cache));
  return mark_of(key);
}

struct ReadNote {
  DamageNote note;
  std::string key_mark;
};

Result<ReadNote> parse_note(std::string_view cache, std::string_view text) {
  ROOTLET_TRY(const json::value value, parse_json(text, "keys.db: damage note"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "keys.db: damage note"));
  ReadNote read{.note = {.cache = std::string(cache), .found = {}, .what = {}}, .key_mark = {}};
  ROOTLET_TRY(const std::string at, object.text("at"));
  ROOTLET_TRY(read.note.found, parse_time(at));
  ROOTLET_TRY(read.key_mark, object.text("key"));
  ROOTLET_TRY(read.note.what, object.text("what"));
  return read;
}

Status note_damage(Office& office, std::string_view cache, std::string_view mark,
                   const Error& error) {
  ROOTLET_TRY(const bool known, is_noted_damaged(office.keys(), cache));
  if (known) return ok();
  log_warning("damage: " + error.message);
  const json::object note{
      {"at", format_time(office.time().now)}, {"key", mark}, {"what", error.message}};
  return office.keys().save_fact(note_name(cache), as_bytes(json::serialize(note)));
}

}  // namespace

fs::path cache_file(const Home& home, std::string_view cache) {
  const std::string prefix = dataset_key_name("");
  return cache.starts_with(prefix) ? home.dataset(cache.substr(prefix.size())) : home.directory();
}

Result<std::vector<DamageNote>> damage_notes(KeyStore& keys) {
  ROOTLET_TRY(const std::vector<std::string> caches, keys.fact_names(kNotePrefix));
  std::vector<DamageNote> notes;
  for (const std::string& cache : caches) {
    ROOTLET_TRY(const std::optional<Bytes> text, keys.fact(note_name(cache)));
    if (!text) continue;
    ROOTLET_TRY(ReadNote read, parse_note(cache, as_text(*text)));
    ROOTLET_TRY(const std::string mark, key_mark(keys, cache));
    if (!mark.empty() && mark == read.key_mark) notes.push_back(std::move(read.note));
  }
  return notes;
}

Result<bool> is_noted_damaged(KeyStore& keys, std::string_view cache) {
  ROOTLET_TRY(const std::vector<DamageNote> notes, damage_notes(keys));
  return std::any_of(notes.begin(), notes.end(),
                     [&](const DamageNote& note) { return note.cache == cache; });
}

Status forget_damage(KeyStore& keys, std::string_view cache) {
  return keys.forget_fact(note_name(cache));
}

Text rebuild_advice() {
  return {.en =
              "This is a copy. The next sync that reaches the platform fetches it again; run "
              "`rootlet sync` to do it now. Records and other datasets are not affected.",
          .zh =
              "这是副本。下次连上平台同步时会自动重新下载，也可立即运行 rootlet "
              "sync。记录和其他数据集不受影响。"};
}

DamageWatch::DamageWatch(Office& office, std::string_view cache) : office_(office), cache_(cache) {
  Result<std::string> mark = key_mark(office.keys(), cache);
  if (mark.has_value()) key_mark_ = std::move(mark).value();
}

DamageWatch::DamageWatch(Office& office, std::string_view cache, const SymmetricKey& key)
    : office_(office), cache_(cache), key_mark_(mark_of(key)) {}

Error DamageWatch::explain(Error error) {
  if (error.code != ErrorCode::kStorageDamaged) return error;
  const std::string file = cache_file(office_.home(), cache_).filename().string();
  if (!error.message.starts_with(file)) error = within(file, std::move(error));
  const Status noted = note_damage(office_, cache_, key_mark_, error);
  if (noted.has_error()) return noted.error();
  error.hint = rebuild_advice();
  return error;
}

}  // namespace rootlet::agent
