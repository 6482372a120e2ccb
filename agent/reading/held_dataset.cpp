// PRAGMA data_version, the first statement of each transaction, says whether the file has changed.
#include "agent/reading/held_dataset.hpp"

#include "agent/reading/lookup.hpp"

namespace rootlet::agent {

HeldDataset::HeldDataset(DatasetReader reader, SymmetricKey key, FileIdentity file)
    : reader_(std::move(reader)), key_(std::move(key)), file_(file) {}

HeldDataset::~HeldDataset() = default;

const StreamsSummary& HeldDataset::summary(const std::shared_ptr<const CatalogueEntry>& entry) {
  if (summarised_ != entry) {
    summary_ = summary_of(streams_, entry->heads);
    summarised_ = entry;
  }
  return summary_;
}

Status HeldDataset::begin() {
  ROOTLET_TRY(Statement begin, reader_.database().prepare("BEGIN"));
  ROOTLET_TRY(begin.run());
  ROOTLET_TRY(const std::int64_t version, reader_.database().integer("PRAGMA data_version"));
  if (version == version_) return ok();
  ROOTLET_TRY(streams_, reader_.streams());
  version_ = version;
  summarised_.reset();
  plan.reset();
  return ok();
}

// Nothing is written: this fails only if an error has ended the transaction before.
void HeldDataset::end() {
  Result<Statement> commit = reader_.database().prepare("COMMIT");
  if (commit.has_value()) static_cast<void>(commit.value().run().has_error());
}

}  // namespace rootlet::agent
