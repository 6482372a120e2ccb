// Opens, drops and erases the home's database files for a sync.
#include "agent/cycle/cycle_host.hpp"

#include "agent/care/damage.hpp"
#include "agent/office/loss.hpp"
#include "agent/reports/disposal.hpp"
#include "agent/watch/watch.hpp"
#include "core/log.hpp"

namespace rootlet::agent {
namespace {

// Removes the file before its key, so that nobody opens the old file with a new key.
Status drop_cache(Office& office, std::string_view cache) {
  log_warning(std::string(cache) + ": the file is damaged; it is dropped and fetched again");
  ROOTLET_TRY(remove_database(cache_file(office.home(), cache)));
  ROOTLET_TRY(office.keys().forget_file_key(cache));
  return forget_damage(office.keys(), cache);
}

SignedTime signed_time_of(const FreshContact& contact) {
  return {.root_version = contact.root_version,
          .version = contact.timestamp_version,
          .issued = contact.issued,
          .expires = contact.timestamp_expires};
}

}  // namespace

Result<DatasetStore> CycleHost::open_directory() {
  ROOTLET_TRY(const SymmetricKey key, office_->keys().file_key(kDirectoryCache));
  StoreOptions options;
  options.open.cache_kib = 512;
  return DatasetStore::open(office_->home().directory(), key, directory_layout(), options);
}

Status CycleHost::drop_directory() {
  return drop_cache(*office_, kDirectoryCache);
}

Result<bool> CycleHost::directory_is_damaged() {
  return is_noted_damaged(office_->keys(), kDirectoryCache);
}

Result<bool> CycleHost::dataset_is_damaged(std::string_view id) {
  return is_noted_damaged(office_->keys(), dataset_key_name(id));
}

const GrantFile* CycleHost::grant() {
  return office_->grants().version == 0 ? nullptr : &office_->grants();
}

Status CycleHost::keep_grant(GrantFile grant, ByteView) {
  ROOTLET_TRY(certify_unheld(*office_, grant));
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
  if (reason == DropReason::kNotGranted) return erase(id, Access::kNotGranted);
  return drop_cache(*office_, dataset_key_name(id));
}

Result<std::vector<RowWatch>> CycleHost::watches(const DatasetDefinition& definition,
                                                 const Grant& grant) {
  return compile_watches(office_->keys(), definition, grant);
}

Status CycleHost::heard(const FreshContact& contact) {
  return office_->hear(signed_time_of(contact), contact.earliest_expiry);
}

std::optional<UnixTime> CycleHost::time_of_update(const FreshContact* newest) const {
  if (newest == nullptr) return office_->time_of_update(nullptr);
  const SignedTime timestamp = signed_time_of(*newest);
  return office_->time_of_update(&timestamp);
}

Result<std::vector<std::string>> CycleHost::erase_ended() {
  std::vector<std::string> erased;
  if (grant() == nullptr) return erased;  // a grant file that is missing is no order
  ROOTLET_TRY(const std::vector<std::string> held, held_datasets());
  for (const std::string& id : held) {
    const Lease lease = office_->lease_of(id);
    if (lease.access != Access::kErase && lease.access != Access::kNotGranted) continue;
    ROOTLET_TRY(erase(id, lease.access));
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
// in `erasures` and its certificate.
Status CycleHost::erase(std::string_view id, Access access) {
  const UnixTime now = office_->time().now;
  const std::string reason(name_of(access));
  ROOTLET_TRY(office_->keys().destroy_dataset_key(
      id, {.dataset = std::string(id), .at = now, .reason = reason},
      certificate_of(*office_, id, access, now)));
  log_info("dataset " + std::string(id) + " was erased: " + reason);
  const Status finished = office_->keys().finish_erasures();
  // While a reader is busy the key may lie in the log of keys.db: each cycle tries again at its
  // end.
  const bool waits = finished.has_error() && finished.error().code == ErrorCode::kBusy;
  if (finished.has_error() && !waits) return finished;
  return remove_database(office_->home().dataset(id));
}

}  // namespace rootlet::agent
