// What a sync borrows from the agent: its files, their keys and its grant (sync/downlink/
// sync_host.hpp), over one thread's Office. Losing a dataset means its key first, then its file.
#pragma once

#include "agent/office/office.hpp"
#include "sync/downlink/sync_host.hpp"

namespace rootlet::agent {

class CycleHost final : public SyncHost {
 public:
  explicit CycleHost(Office& office) : office_(&office) {}

  Result<DatasetStore> open_directory() override;
  Status drop_directory() override;
  const GrantFile* grant() override;
  Status keep_grant(GrantFile grant, ByteView envelope) override;
  Result<std::vector<std::string>> held_datasets() override;
  Result<DatasetStore> open_dataset(std::string_view id, StoreLayout layout) override;
  Status drop_dataset(std::string_view id, DropReason reason) override;
  Status heard(const FreshContact& contact) override;

  // Erases every copy whose lease or grant the floor of trusted time has ended; their ids.
  Result<std::vector<std::string>> erase_ended();

 private:
  Status erase(std::string_view id, std::string_view reason);
  Office* office_;
};

// A database file with its log and index; missing ones are fine.
Status remove_database(const fs::path& path);

}  // namespace rootlet::agent
