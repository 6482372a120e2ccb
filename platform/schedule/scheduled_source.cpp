// Loads source files from the registry, and names the slots of those that are followed.
#include "platform/schedule/scheduled_source.hpp"

#include <cstdlib>

#include "platform/online/online_roles.hpp"
#include "platform/realm/find_dataset.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kSlotBytes = 63;  // of a name of PostgreSQL
constexpr std::size_t kIdLetters = 8;

}  // namespace

Result<ScheduledSource> load_scheduled_source(Registry& registry, const std::string& dataset) {
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(registry, dataset));
  ROOTLET_TRY(const std::optional<Registry::Source> held, registry.source(dataset));
  if (!held.has_value()) {
    return fail(ErrorCode::kUsage, "dataset " + dataset +
                                       " has no source file: rootlet-platform dataset source set " +
                                       dataset + " FILE.json");
  }
  ROOTLET_TRY(SourceFile file,
              SourceFile::parse(held->file, definition, "source file of " + dataset));
  ROOTLET_TRY(SourceHealth health, SourceHealth::load(held->health));
  return ScheduledSource{dataset, std::move(file), std::move(health)};
}

Status set_source(Realm& realm, const std::string& dataset, std::string_view text,
                  std::string_view what, UnixTime now) {
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(realm.registry(), dataset));
  ROOTLET_TRY(SourceFile::parse(text, definition, what));
  SourceHealth health;
  health.set = now;
  return realm.registry().save_source({dataset, std::string(text), health.save()});
}

Result<std::string> slot_prefix(Registry& registry) {
  ROOTLET_TRY(const std::string realm, registry.needed_setting(kSettingRealmId));
  std::string prefix = "rootlet_";
  for (const char c : realm) {
    const bool is_letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    if (is_letter && prefix.size() < sizeof("rootlet_") - 1 + kIdLetters) prefix += c;
  }
  return prefix + "_";
}

Result<std::string> slot_name(Registry& registry, std::string_view dataset) {
  ROOTLET_TRY(std::string slot, slot_prefix(registry));
  for (const char c : dataset) slot += c == '-' ? '_' : c;
  slot.resize(std::min(slot.size(), kSlotBytes));
  return slot;
}

Result<ReplicationPlace> replication_place(Registry& registry, const ScheduledSource& source) {
  ROOTLET_TRY(std::string slot, slot_name(registry, source.dataset));
  return ReplicationPlace{.address = source.file.from.place,
                          .schema = source.file.follow->schema,
                          .table = source.file.follow->table,
                          .publication = source.file.follow->publication,
                          .slot = std::move(slot)};
}

Status release_slot(Registry& registry, const std::string& dataset, const SourceFile* next) {
  const Result<ScheduledSource> source = load_scheduled_source(registry, dataset);
  if (source.has_error() || !source.value().file.follow.has_value()) return ok();
  const SourceFile& file = source.value().file;
  if (next != nullptr && next->follow.has_value() && next->from.place == file.from.place) {
    return ok();
  }
  if (!file.password_file.empty()) {
    ::setenv("ROOTLET_SOURCE_PASSWORD_FILE", file.password_file.c_str(), 1);
  }
  ROOTLET_TRY(const ReplicationPlace place, replication_place(registry, source.value()));
  const Status dropped = ReplicationSlot::drop(place);
  if (dropped.has_value()) return ok();
  const Error& why = dropped.error();
  return Error(why.code, why.message + "; the slot " + place.slot + " is still there", "",
               {.en = "It keeps the server's log until its disk is full. Drop it there: SELECT "
                      "pg_drop_replication_slot('" +
                      place.slot + "'); or repeat the command with --leave-slot.",
                .zh = "该复制槽会使服务器日志不断增长。请在该库执行：SELECT "
                      "pg_drop_replication_slot('" +
                      place.slot + "')；或加 --leave-slot 重试。"});
}

}  // namespace rootlet::platform
