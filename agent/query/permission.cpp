#include "agent/query/permission.hpp"

#include "agent/care/read_cache.hpp"
#include "config/cli/suggestion.hpp"

namespace rootlet::agent {
namespace {

Error with_near(Error error, std::string_view given, const std::vector<std::string>& known) {
  if (error.hint.empty()) error.hint = did_you_mean(nearest_words(given, known));
  return error;
}

Error asked_online_only(const std::string& dataset) {
  return Error(ErrorCode::kNotPermitted,
               "dataset " + dataset + " is asked online only: nothing of it is held here", {},
               {.en = "Ask the unit that provides it. This program has no online queries.",
                .zh = "授权方式为仅在线查询，本机不持有数据，请向数据提供部门查询。"});
}

Error shows_no_rows(const std::string& dataset) {
  return Error(ErrorCode::kNotPermitted,
               "the grant for dataset " + dataset + " shows no rows: it answers yes or no only", {},
               {.en = "Ask whether a row has a value: rootlet check " + dataset +
                      " KEY COLUMN=VALUE --purpose P",
                .zh = "授权仅限核验：rootlet check " + dataset + " KEY 列=值 --purpose 用途"});
}

// The grant whatever its mode, if it is in force for `purpose`.
Result<const Grant*> grant_for(const Office& office, const std::string& dataset,
                               std::string_view purpose) {
  const Grant* grant = office.grants().for_dataset(dataset);
  const Lease lease = office.lease_of(dataset);
  if (grant == nullptr) {
    std::vector<std::string> granted;
    for (const Grant& one : office.grants().grants) granted.push_back(one.dataset);
    return with_near(check_lease(lease, dataset).error(), dataset, granted);
  }
  const Status allowed = check_purpose(*grant, purpose);
  if (allowed.has_error()) return with_near(allowed.error(), purpose, grant->purposes);
  if (!grant->lands()) return asked_online_only(dataset);
  ROOTLET_TRY(check_lease(lease, dataset));
  return grant;
}

}  // namespace

Result<const Grant*> permission_for(const Office& office, const std::string& dataset,
                                    std::string_view purpose) {
  ROOTLET_TRY(const Grant* const grant, grant_for(office, dataset, purpose));
  if (grant->mode == kModeVerify) return shows_no_rows(dataset);
  return grant;
}

Result<const Grant*> permission_to_check(const Office& office, const std::string& dataset,
                                         std::string_view purpose) {
  return grant_for(office, dataset, purpose);
}

bool is_emergency(const Office& office, std::string_view dataset) {
  const Grant* grant = office.grants().for_dataset(dataset);
  return grant != nullptr && grant->emergency.has_value();
}

ReadRight right_of(const Grant& grant) {
  return {.max_grade = grant.max_grade,
          .masked_only = grant.mode == kModeMasked,
          .divisions = grant.divisions};
}

Result<CatalogueEntry> find_in_catalogue(Office& office, const std::string& id) {
  ROOTLET_TRY(
      std::optional<std::optional<CatalogueEntry>> entry,
      read_directory(office, [&](DirectoryView& view) -> Result<std::optional<CatalogueEntry>> {
        ROOTLET_TRY(std::optional<DatasetDefinition> definition, view.dataset(id));
        if (!definition) return std::optional<CatalogueEntry>();
        ROOTLET_TRY(std::vector<StreamHead> heads, view.heads(id));
        return std::optional(CatalogueEntry{std::move(*definition), std::move(heads)});
      }));
  if (!entry || !*entry) return dataset_not_here(id);
  return std::move(**entry);
}

Error dataset_not_here(const std::string& dataset) {
  return fail(ErrorCode::kUnreachable,
              "dataset " + dataset + " is granted but has not arrived yet: run `rootlet sync`");
}

}  // namespace rootlet::agent
