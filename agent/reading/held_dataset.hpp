// A dataset's file that stays open between reads, with what is known of its streams. Everything is
// loaded anew as soon as the file has changed, inside the same transaction as the rows.
#pragma once

#include <memory>

#include "agent/office/file_identity.hpp"
#include "agent/query/permission.hpp"
#include "agent/query/provenance.hpp"
#include "sync/downlink/store/dataset_reader.hpp"

namespace rootlet::agent {

struct LookupPlan;  // lookup.hpp

class HeldDataset {
 public:
  HeldDataset(DatasetReader reader, SymmetricKey key, FileIdentity file);
  ~HeldDataset();
  HeldDataset(const HeldDataset&) = delete;
  HeldDataset& operator=(const HeldDataset&) = delete;

  DatasetReader& reader() { return reader_; }
  const SymmetricKey& key() const { return key_; }
  const FileIdentity& file() const { return file_; }
  // Changes whenever a stream of the file does.
  std::int64_t version() const { return version_; }
  const std::vector<HeldStream>& streams() const { return streams_; }
  const StreamsSummary& summary(const std::shared_ptr<const CatalogueEntry>& entry);

  // A read transaction: provenance and rows between begin() and end() are of the same versions. All
  // statements must be reset before end().
  Status begin();
  void end();

  std::unique_ptr<LookupPlan> plan;  // of the last look-up

 private:
  DatasetReader reader_;
  SymmetricKey key_;
  FileIdentity file_;
  std::int64_t version_ = -1;
  std::vector<HeldStream> streams_;
  std::shared_ptr<const CatalogueEntry> summarised_;
  StreamsSummary summary_;
};

}  // namespace rootlet::agent
