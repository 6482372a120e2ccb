// Opens, drops and erases the home's database files for a sync.
#include "agent/cycle/cycle_host.hpp"

#include "agent/office/loss.hpp"
#include "core/log.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kDirectoryKey = "directory";

}  // namespace

Result<DatasetStore> CycleHost::open_directory() {
  ROOTLET_TRY(const SymmetricKey key, office_->keys().file_key(kDirectoryKey));
  StoreOptions options;
  options.open.cache_kib = 512;
  return DatasetStore::open(office_->home().directory(), key, directory_layout(), options);
}

Status CycleHost::drop_directory() {
  ROOTLET_TRY(office_->keys().forget_file_key(kDirectoryKey));
  return remove_database(office_->home().directory());
}

const GrantFile* CycleHost::grant() {
  return office_->grants().version == 0 ? nullptr : &office_->grants();
}

Status CycleHost::keep_grant(GrantFile grant, ByteView) {
  ROOTLET_TRY(office_->save_grants(grant));
  // After an offline request, the first grant is the platform's answer.
  if (office_->identity().state == EnrolmentState::kRequested) {
    return save_enrolment_state(office_->keys(), EnrolmentState::kEnrolled);
  }
  return ok();
}

Result<std::vector<std::string>> CycleHost::held_datasets() {
  return office_->keys().file_key_names("dataset/");
}

Result<DatasetStore> CycleHost::open_dataset(std::string_view id, StoreLayout layout) {
  ROOTLET_TRY(const SymmetricKey key, office_->keys().file_key(dataset_key_name(id)));
  return DatasetStore::open(office_->home().dataset(id), key, std::move(layout));
}

Status CycleHost::drop_dataset(std::string_view id, DropReason reason) {
  if (reason == DropReason::kNotGranted) return erase(id, name_of(Access::kNotGranted));
  ROOTLET_TRY(office_->keys().forget_file_key(dataset_key_name(id)));
  return remove_database(office_->home().dataset(id));
}

Status CycleHost::heard(const FreshContact& contact) {
  return office_->save_contact(contact.issued.value_or(UnixTime{}), contact.timestamp_expires);
}

Result<std::vector<std::string>> CycleHost::erase_ended() {
  std::vector<std::string> erased;
  ROOTLET_TRY(const std::vector<std::string> held, held_datasets());
  for (const std::string& id : held) {
    const Lease lease = office_->lease_of(id);
    if (lease.access != Access::kErase && lease.access != Access::kNotGranted) continue;
    ROOTLET_TRY(erase(id, name_of(lease.access)));
    erased.push_back(id);
  }
  return erased;
}

Status CycleHost::remove_leftovers() {
  std::error_code failed;
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(office_->home().datasets(), failed)) {
    const std::string file = entry.path().filename().string();
    const std::size_t end = file.find(".db");
    if (end != std::string::npos) names.insert(file.substr(0, end));
  }
  for (const std::string& id : names) {
    ROOTLET_TRY(const bool has_key, office_->keys().has_file_key(dataset_key_name(id)));
    if (!has_key) {
      ROOTLET_TRY(remove_database(office_->home().dataset(id)));
    }
  }
  return ok();
}

// Destroys the key first: a power cut in between leaves a file that nobody can open, and the entry
// in `erasures`.
Status CycleHost::erase(std::string_view id, std::string_view reason) {
  ROOTLET_TRY(office_->keys().destroy_dataset_key(
      id, {.dataset = std::string(id), .at = office_->time().now, .reason = std::string(reason)}));
  log_info("dataset " + std::string(id) + " was erased: " + std::string(reason));
  return remove_database(office_->home().dataset(id));
}

}  // namespace rootlet::agent
