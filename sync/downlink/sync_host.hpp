// What a sync borrows from the program around it: who the office is, where its files are, and who
// keeps their keys. The agent implements it; the sync never sees where keys lie.
#pragma once

#include "sync/downlink/store/dataset_store.hpp"
#include "sync/trust/office/grant.hpp"

namespace rootlet {

struct OfficeIdentity {
  std::string office;
  std::string realm;  // its id
  const SealingKey* sealing_key = nullptr;
  const SymmetricKey* directory_key = nullptr;
};

// Metadata that was verified and had not expired when it was seen: the platform was heard.
struct FreshContact {
  std::int64_t root_version = 0;
  std::int64_t timestamp_version = 0;
  UnixTime timestamp_expires{};
  std::optional<UnixTime> issued;  // the time that the timestamp's signer wrote
};

enum class DropReason {
  kNotGranted,  // the grant no longer names it: its key goes too
  kDamaged,     // the file does not open or is inconsistent: it is built anew
};

class SyncHost {
 public:
  virtual ~SyncHost() = default;

  virtual Result<DatasetStore> open_directory() = 0;  // layout: directory_layout()
  virtual Status drop_directory() = 0;                // damaged: its file and key go

  // The grant held, or null before the first. Valid until keep_grant.
  virtual const GrantFile* grant() = 0;
  // Durable on return. Verified, opened, and never older than the one held.
  virtual Status keep_grant(GrantFile grant, ByteView envelope) = 0;

  virtual Result<std::vector<std::string>> held_datasets() = 0;
  // Creates file and key if there is none.
  virtual Result<DatasetStore> open_dataset(std::string_view id, StoreLayout layout) = 0;
  virtual Status drop_dataset(std::string_view id, DropReason reason) = 0;

  virtual Status heard(const FreshContact& contact) = 0;
};

}  // namespace rootlet
