#include "agent/sql/sql_tables.hpp"

#include <algorithm>

#include "agent/care/read_cache.hpp"

namespace rootlet::agent {
namespace {

Error refused_join(const std::string& a, const std::string& b) {
  return Error(ErrorCode::kNotPermitted,
               "SQL: the grant for dataset " + a + " does not allow it to be joined with " + b, "",
               {.en = "Read each in a statement of its own, or ask the platform's operator to name "
                      "each dataset in the other's grant (rootlet-platform grant set … --join).",
                .zh = "请分别查询，或请平台管理员在双方授权中互相写明可连接的数据集"
                      "（rootlet-platform grant set … --join）。"});
}

// A statement could compute with a value that people see masked, so SQL sees the mask.
ReadRight sql_right(const Grant& grant) {
  ReadRight right = right_of(grant);
  right.stored_masks = true;
  return right;
}

bool names(const Grant& grant, const std::string& dataset) {
  return std::find(grant.join.begin(), grant.join.end(), dataset) != grant.join.end();
}

Result<bool> is_in_catalogue(Office& office, const std::string& id) {
  ROOTLET_TRY(const std::optional<bool> found,
              read_directory(office, [&](DirectoryView& view) -> Result<bool> {
                ROOTLET_TRY(const std::optional<DatasetListing> listing, view.listing(id));
                return listing.has_value();
              }));
  return found.value_or(false);
}

}  // namespace

const ShownColumn* ReadableTable::column(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const ShownColumn& one) { return one.spec.name == name; });
  return found != columns.end() ? &*found : nullptr;
}

Result<std::vector<ReadableTable>> readable_tables(Office& office, std::string_view purpose,
                                                   const std::set<std::string>* names) {
  std::vector<ReadableTable> out;
  for (const std::string& id : readable_datasets(office, purpose)) {
    if (names != nullptr && !names->contains(id)) continue;
    const Result<const Grant*> grant = permission_for(office, id, purpose);
    if (grant.has_error()) continue;
    Result<CatalogueEntry> entry = find_in_catalogue(office, id);
    if (entry.has_error() && entry.error().code == ErrorCode::kUnreachable) continue;
    if (entry.has_error()) return entry.error();
    ReadableTable table{.grant = grant.value(), .entry = std::move(entry).value(), .columns = {}};
    for (ShownColumn& column : shown_columns(table.entry.definition, sql_right(*table.grant))) {
      if (column.shown != Shown::kNothing) table.columns.push_back(std::move(column));
    }
    out.push_back(std::move(table));
  }
  return out;
}

Result<std::optional<SqlTable>> job_table(Office& office, const ReadableTable& table) {
  const std::string key_name = dataset_key_name(table.id());
  ROOTLET_TRY(const bool has_key, office.keys().has_file_key(key_name));
  std::error_code ignored;
  fs::path file = office.home().dataset(table.id());
  if (!has_key || !fs::exists(file, ignored)) return std::optional<SqlTable>();
  SqlTable out{.dataset = table.id(),
               .file = std::move(file),
               .definition = table.entry.definition.source,
               .right = sql_right(*table.grant),
               .key = {}};
  ROOTLET_TRY(out.key, office.keys().file_key(key_name));
  return std::optional<SqlTable>(std::move(out));
}

Status check_joins(const std::vector<const ReadableTable*>& used) {
  for (const ReadableTable* a : used) {
    for (const ReadableTable* b : used) {
      if (may_join(*a->grant, *b->grant)) continue;
      return names(*a->grant, b->id()) ? refused_join(b->id(), a->id())
                                       : refused_join(a->id(), b->id());
    }
  }
  return ok();
}

std::optional<Error> refusal_of(Office& office, const std::string& name, std::string_view purpose) {
  if (office.grants().for_dataset(name) == nullptr) {
    const Result<bool> known = is_in_catalogue(office, name);
    if (known.has_error() || !known.value()) return std::nullopt;
  }
  const Result<const Grant*> grant = permission_for(office, name, purpose);
  if (grant.has_error()) return grant.error();
  return fail(ErrorCode::kUnreachable,
              "dataset " + name + " is granted but has not arrived yet: run `rootlet sync`");
}

}  // namespace rootlet::agent
