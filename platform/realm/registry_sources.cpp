// The registry's table of source files.
#include "platform/realm/registry.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

Registry::Source source_at(const Statement& row) {
  return {.dataset = text_at(row, 0), .file = text_at(row, 1), .health = text_at(row, 2)};
}

}  // namespace

Status Registry::save_source(const Source& source) {
  ROOTLET_TRY(Statement save,
              database_.prepare("INSERT INTO sources VALUES(?,?,?) ON CONFLICT(dataset) DO UPDATE "
                                "SET file=excluded.file, health=excluded.health"));
  return save.bind_all(source.dataset, source.file, source.health).run();
}

Status Registry::save_source_health(std::string_view dataset, std::string_view health) {
  ROOTLET_TRY(Statement save, database_.prepare("UPDATE sources SET health=? WHERE dataset=?"));
  return save.bind_all(health, dataset).run();
}

Result<std::optional<Registry::Source>> Registry::source(std::string_view dataset) {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT dataset, file, health FROM sources WHERE dataset=?"));
  query.bind_all(dataset);
  return read_one(query, source_at);
}

Result<std::vector<Registry::Source>> Registry::sources() {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT dataset, file, health FROM sources "
                                                 "ORDER BY dataset"));
  return read_all(query, source_at);
}

Result<bool> Registry::remove_source(std::string_view dataset) {
  ROOTLET_TRY(const std::optional<Source> held, source(dataset));
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM sources WHERE dataset=?"));
  ROOTLET_TRY(remove.bind_all(dataset).run());
  return held.has_value();
}

}  // namespace rootlet::platform
