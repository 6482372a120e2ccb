// An office with its catalogue and dataset files, open between reads: opening them takes longer
// than a look-up. One thread at a time (reading_pool.hpp).
//
// Nothing stale is ever used. Grants, lease and time are brought up to date before each read; a
// file is used only if it lies at its path, its key is the one in keys.db, and its content is
// loaded again after each change. So a dataset whose key was destroyed cannot be read, although its
// file may still be open for limits::kSessionIdleTime.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "agent/ledger/use_recorder.hpp"
#include "agent/office/office.hpp"
#include "agent/reading/held_dataset.hpp"

namespace rootlet::agent {

class ReadingSession {
 public:
  // As Office::open_enrolled(). `recorder` must outlive the session.
  static Result<std::unique_ptr<ReadingSession>> open(const AgentContext& context,
                                                      UseRecorder& recorder);

  // Before each read. False: keys.db was replaced, and the session must be dropped.
  Result<bool> refresh();

  Office& office() { return office_; }
  UseRecorder& recorder() { return *recorder_; }

  // The dataset's entry in directory.db; null if there is none. Damage is noted (damage.hpp).
  Result<std::shared_ptr<const CatalogueEntry>> catalogue_entry(const std::string& id);

  // Runs `read` in a read transaction on the dataset's file; false if the file has not arrived. An
  // error that `read` returns is taken for one of the file, so it must return no other
  // kStorageDamaged.
  using Read = std::function<Status(HeldDataset&)>;
  Result<bool> read_dataset_file(const std::string& id, const Read& read);

  // Runs `read` on the office's outbox, which stays open. As Office::open_outbox().
  Status read_outbox(const std::function<Status(Outbox&)>& read);

 private:
  struct Directory {
    DatasetReader reader;
    SymmetricKey key;
    FileIdentity file;
    std::int64_t version = -1;
    std::map<std::string, std::shared_ptr<const CatalogueEntry>> entries;
  };
  struct OpenOutbox {
    Outbox outbox;
    std::optional<FileIdentity> file;
  };
  struct Held {
    std::unique_ptr<HeldDataset> dataset;
    std::uint64_t generation = 0;  // of the office, when its key was last compared
  };

  ReadingSession(Office office, UseRecorder& recorder)
      : office_(std::move(office)), recorder_(&recorder) {}
  Result<std::shared_ptr<const CatalogueEntry>> find_entry(const std::string& id);
  Result<Directory*> directory();
  Result<HeldDataset*> dataset(const std::string& id);
  Result<bool> is_current(const std::string& id, Held& held);

  Office office_;
  UseRecorder* recorder_;
  std::unique_ptr<Directory> directory_;
  std::unique_ptr<OpenOutbox> outbox_;
  std::map<std::string, Held> datasets_;
};

}  // namespace rootlet::agent
