// References between forms, grants and datasets are by name only, so each side is checked when it
// is added and again when the other side changes.
#include "platform/office/references.hpp"

#include <algorithm>

namespace rootlet::platform {
namespace {

Error wrong_form(const FormDefinition& form, const std::string& field, const std::string& detail,
                 Text hint = {}) {
  return bad_input("form " + form.id + ": " + field + " " + detail, field, std::move(hint));
}

std::string names_of(const DatasetDefinition& dataset) {
  std::string names;
  for (const DatasetColumn& column : dataset.columns) {
    names += (names.empty() ? "" : ", ") + column.spec.name;
  }
  return names;
}

// A clerk types the key into `key_field`, so the dataset's key must be that one column.
Status check_prefill_key(const FormDefinition& form, const DatasetDefinition& dataset) {
  const std::vector<std::size_t> keys = dataset.key_columns();
  if (keys.size() != 1) {
    return wrong_form(form, "prefill.dataset",
                      "is " + dataset.id +
                          ", whose key has several columns; one field cannot name "
                          "a row of it");
  }
  const std::string& key = dataset.columns[keys.front()].spec.name;
  const std::string& column = form.field(form.prefill->key_field)->column;
  if (column.empty() || column == key) return ok();
  return wrong_form(form, "prefill.key_field",
                    "is " + form.prefill->key_field + " with column " + column +
                        ", but the key of " + dataset.id + " is " + key);
}

// A row is read for a purpose that the dataset's owner names.
Status check_prefill_purpose(const FormDefinition& form, const DatasetDefinition& dataset) {
  const std::string& purpose = form.prefill->purpose;
  if (purpose.empty() || allows_purpose(dataset, purpose)) return ok();
  std::string uses;
  for (const std::string& use : dataset.uses) uses += (uses.empty() ? "" : ", ") + use;
  return wrong_form(form, "prefill.purpose",
                    "is \"" + purpose + "\", which is not a use of dataset " + dataset.id,
                    {.en = "its uses are: " + uses, .zh = "可用的用途：" + uses});
}

// What `form` says of `dataset` exists there.
Status check_prefill_columns(const FormDefinition& form, const DatasetDefinition& dataset) {
  for (std::size_t i = 0; i < form.fields.size(); ++i) {
    const std::string& column = form.fields[i].column;
    if (column.empty() || dataset.column(column) != nullptr) continue;
    const std::string names = names_of(dataset);
    return wrong_form(form, "fields[" + std::to_string(i) + "].column",
                      "is \"" + column + "\", which is not a column of dataset " + dataset.id,
                      {.en = "its columns are: " + names, .zh = "可用的列：" + names});
  }
  ROOTLET_TRY(check_prefill_purpose(form, dataset));
  return check_prefill_key(form, dataset);
}

// A dataset that is not published yet may get another shape, but not one that a form contradicts.
Status check_forms(Registry& registry, const DatasetDefinition& dataset) {
  ROOTLET_TRY(const std::vector<FormEntry> forms, registry.forms());
  for (const FormEntry& entry : forms) {
    ROOTLET_TRY(const FormDefinition form,
                FormDefinition::parse(entry.definition, "form " + entry.id));
    if (!form.prefill.has_value() || form.prefill->dataset != dataset.id) continue;
    if (dataset.sharing == SharingAttribute::kNotShared) {
      return bad_input("dataset " + dataset.id + ": form " + form.id +
                           " prefills from it, so it cannot become not_shared",
                       "sharing.attribute");
    }
    ROOTLET_TRY(check_prefill_columns(form, dataset));
  }
  return ok();
}

// Grants that were made for the definition before must still be possible.
Status check_grants(Registry& registry, const DatasetDefinition& dataset) {
  ROOTLET_TRY(const std::vector<OfficeEntry> offices, registry.offices());
  for (const OfficeEntry& office : offices) {
    ROOTLET_TRY(const std::vector<Grant> grants, registry.grants_of(office.id));
    for (const Grant& grant : grants) {
      if (grant.dataset != dataset.id) continue;
      if (dataset.sharing == SharingAttribute::kNotShared) {
        return bad_input("dataset " + dataset.id + ": office " + office.id +
                             " has a grant for it; remove the grant before it becomes not_shared",
                         "sharing.attribute");
      }
      for (const std::string& purpose : grant.purposes) {
        if (allows_purpose(dataset, purpose)) continue;
        return bad_input("dataset " + dataset.id + ": the grant of office " + office.id +
                             " names the purpose " + purpose +
                             ", which the new uses leave out; change the grant first",
                         "sharing.uses");
      }
    }
  }
  return ok();
}

}  // namespace

bool allows_purpose(const DatasetDefinition& dataset, const std::string& purpose) {
  const auto& uses = dataset.uses;
  return uses.empty() || std::find(uses.begin(), uses.end(), purpose) != uses.end();
}

Status check_prefill(Registry& registry, const FormDefinition& form) {
  if (!form.prefill.has_value()) return ok();
  const std::string& id = form.prefill->dataset;
  ROOTLET_TRY(const std::optional<std::string> text, registry.dataset(id));
  if (!text.has_value()) {
    return wrong_form(form, "prefill.dataset", "is \"" + id + "\", which is not in the catalogue",
                      {.en = "add the dataset first: rootlet-platform dataset add FILE.json; "
                             "rootlet-platform dataset list shows all",
                       .zh = "请先将该数据集编入目录：rootlet-platform dataset add FILE.json"});
  }
  ROOTLET_TRY(const DatasetDefinition dataset, DatasetDefinition::parse(*text, "dataset " + id));
  if (dataset.sharing == SharingAttribute::kNotShared) {
    return wrong_form(form, "prefill.dataset",
                      "is " + id + ", which is not shared: no office ever holds a row of it");
  }
  return check_prefill_columns(form, dataset);
}

Status check_references_to(Registry& registry, const DatasetDefinition& dataset) {
  ROOTLET_TRY(check_forms(registry, dataset));
  return check_grants(registry, dataset);
}

}  // namespace rootlet::platform
