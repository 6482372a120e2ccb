// What a sync needs from the program around it: the identity of the office, its files and their
// keys. The agent implements it; the sync never learns where keys are stored.
#pragma once

#include "sync/downlink/store/dataset_store.hpp"
#include "sync/downlink/store/row_watch.hpp"
#include "sync/trust/office/grant.hpp"
#include "sync/trust/office/service_keys.hpp"

namespace rootlet {

struct OfficeIdentity {
  std::string office;
  std::string division;
  std::string realm;        // realm id
  std::string grant_token;  // grant_token() of its signing key
  const SealingKey* sealing_key = nullptr;
  const DirectoryKeys* directory_keys = nullptr;  // of its invitation
};

// Evidence of contact with the platform: verified metadata that had not expired when it arrived.
struct FreshContact {
  std::int64_t root_version = 0;
  std::int64_t timestamp_version = 0;
  UnixTime timestamp_expires{};
  std::optional<UnixTime> issued;  // the time that the signer of the timestamp wrote
  UnixTime earliest_expiry{};      // of all metadata verified with it
};

enum class DropReason {
  kNotGranted,  // the grant no longer names it: destroy its key too
  kDamaged,     // the file does not open or is inconsistent: rebuild it
};

class SyncHost {
 public:
  virtual ~SyncHost() = default;

  virtual Result<DatasetStore> open_directory() = 0;  // layout: directory_layout()
  virtual Status drop_directory() = 0;                // damaged: deletes file and key
  // Whether a reader has met damage in the file as it is now. Such a file stays readable as far as
  // it goes until it can be fetched again.
  virtual Result<bool> directory_is_damaged() { return false; }
  virtual Result<bool> dataset_is_damaged(std::string_view) { return false; }

  // The held grant, or null before the first. Valid until keep_grant.
  virtual const GrantFile* grant() = 0;
  // Stores a grant that was verified and is not older than the held one. Durable on return.
  virtual Status keep_grant(GrantFile grant, ByteView envelope) = 0;

  virtual Result<std::vector<std::string>> held_datasets() = 0;
  // Creates file and key if missing.
  virtual Result<DatasetStore> open_dataset(std::string_view id, StoreLayout layout) = 0;
  virtual Status drop_dataset(std::string_view id, DropReason reason) = 0;

  // The watches over a dataset, in the form that an office with `grant` sees it. The hits of any
  // other watch are forgotten.
  virtual Result<std::vector<RowWatch>> watches(const DatasetDefinition&, const Grant&) {
    return std::vector<RowWatch>();
  }

  virtual Status heard(const FreshContact& contact) = 0;
  // The realm's keys for records and enrolment, as the verified targets metadata names them.
  virtual Status keep_service_keys(const ServiceKeys&) { return ok(); }

  // The time by which this sync judges the expiry of metadata, given the newest timestamp that was
  // verified (`earliest_expiry` unknown), or null before that. nullopt: as the clock says.
  virtual std::optional<UnixTime> time_of_update(const FreshContact* newest) const {
    static_cast<void>(newest);
    return std::nullopt;
  }
};

}  // namespace rootlet
