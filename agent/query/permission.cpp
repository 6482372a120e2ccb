#include "agent/query/permission.hpp"

#include "agent/care/read_cache.hpp"
#include "config/cli/suggestion.hpp"

namespace rootlet::agent {
namespace {

Error with_near(Error error, std::string_view given, const std::vector<std::string>& known) {
  if (error.hint.empty()) error.hint = did_you_mean(nearest_words(given, known));
  return error;
}

}  // namespace

Result<const Grant*> permission_for(const Office& office, const std::string& dataset,
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
  ROOTLET_TRY(check_lease(lease, dataset));
  if (grant->mode == "verify") {
    return fail(ErrorCode::kNotPermitted, "the grant for dataset " + dataset + " shows no rows");
  }
  return grant;
}

ReadRight right_of(const Grant& grant) {
  return {.max_grade = grant.max_grade,
          .masked_only = grant.mode == "masked",
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
