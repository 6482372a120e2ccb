// Implements sync/downlink/sync_host.hpp over one thread's Office: the agent's files, their keys
// and its grant. Erasing a dataset destroys its key first, then deletes its file.
#pragma once

#include "agent/office/office.hpp"
#include "sync/downlink/sync_host.hpp"

namespace rootlet::agent {

class CycleHost final : public SyncHost {
 public:
  explicit CycleHost(Office& office) : office_(&office) {}

  Result<DatasetStore> open_directory() override;
  Status drop_directory() override;
  Result<bool> directory_is_damaged() override;
  Result<bool> dataset_is_damaged(std::string_view id) override;
  const GrantFile* grant() override;
  Status keep_grant(GrantFile grant, ByteView envelope) override;
  Result<std::vector<std::string>> held_datasets() override;
  Result<DatasetStore> open_dataset(std::string_view id, StoreLayout layout) override;
  Status drop_dataset(std::string_view id, DropReason reason) override;
  Result<std::vector<RowWatch>> watches(const DatasetDefinition& definition,
                                        const Grant& grant) override;
  Status heard(const FreshContact& contact) override;
  Status keep_service_keys(const ServiceKeys& keys) override {
    return office_->keep_service_keys(keys);
  }
  std::optional<UnixTime> time_of_update(const FreshContact* newest) const override;

  // Erases every dataset that the held grant leaves out, or whose end the signed and the awake
  // clock agree on. Without a grant file it erases nothing. Returns their ids.
  Result<std::vector<std::string>> erase_ended();
  // Removes dataset files without a key: a power cut between the two steps of an erasure left them.
  Status remove_leftovers();

 private:
  Status erase(std::string_view id, Access access);
  Office* office_;
};

}  // namespace rootlet::agent
