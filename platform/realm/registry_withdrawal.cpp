// Withdrawn datasets: what the registry forgets of one, and what it keeps so that its id is never
// used again. A machine that still holds an old version would take a new dataset of that id for it.
#include "platform/realm/registry.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

WithdrawnDataset withdrawn_at(const Statement& row) {
  return {.id = text_at(row, 0),
          .definition = text_at(row, 1),
          .at = time_at(row, 2),
          .reason = text_at(row, 3)};
}

constexpr std::string_view kColumns = "SELECT id, definition, at, reason FROM withdrawn ";

}  // namespace

Status Registry::withdraw_dataset(const WithdrawnDataset& dataset) {
  ROOTLET_TRY(const std::vector<OfficeEntry> all, offices());
  for (const OfficeEntry& office : all) {
    ROOTLET_TRY(remove_grant(office.id, dataset.id));
  }
  ROOTLET_TRY(Statement save, database_.prepare("INSERT INTO withdrawn VALUES(?,?,?,?,0)"));
  ROOTLET_TRY(
      save.bind_all(dataset.id, dataset.definition, unix_s(dataset.at), dataset.reason).run());
  for (const std::string_view table : {"streams", "packs", "dataset_keys", "rekeys", "sources"}) {
    ROOTLET_TRY(Statement remove,
                database_.prepare("DELETE FROM " + std::string(table) + " WHERE dataset=?"));
    ROOTLET_TRY(remove.bind_all(dataset.id).run());
  }
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM datasets WHERE id=?"));
  ROOTLET_TRY(remove.bind_all(dataset.id).run());
  ROOTLET_TRY(tree().touch(Touched::kDefinition, dataset.id, ""));
  return tree().touch(Touched::kCatalogue, "", "");
}

Result<std::optional<WithdrawnDataset>> Registry::withdrawn_dataset(std::string_view id) {
  ROOTLET_TRY(Statement query, database_.prepare(std::string(kColumns) + "WHERE id=?"));
  query.bind_all(id);
  return read_one(query, withdrawn_at);
}

Result<std::vector<WithdrawnDataset>> Registry::withdrawn_datasets() {
  ROOTLET_TRY(Statement query, database_.prepare(std::string(kColumns) + "ORDER BY id"));
  return read_all(query, withdrawn_at);
}

Result<std::vector<std::string>> Registry::withdrawn_with_files() {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT id FROM withdrawn WHERE swept=0"));
  return read_all(query, [](const Statement& row) { return text_at(row, 0); });
}

Status Registry::note_files_removed(std::string_view id) {
  ROOTLET_TRY(Statement files, database_.prepare("DELETE FROM pack_files WHERE dataset=?"));
  ROOTLET_TRY(files.bind_all(id).run());
  ROOTLET_TRY(Statement note, database_.prepare("UPDATE withdrawn SET swept=1 WHERE id=?"));
  return note.bind_all(id).run();
}

}  // namespace rootlet::platform
