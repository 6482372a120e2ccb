// One dataset's file: the rows of all held streams and, per stream, the version and digests that
// prove them. This is the write side, for one thread; people read through DatasetReader on their
// own connection and never wait for it.
//
// Promises: a stream is visible at one whole version or not at all, even after a crash. A snapshot
// goes to a new slot, which no reader sees, and one transaction makes it the stream's slot. A delta
// is one transaction. Old rows are removed in steps, so the WAL stays small. Refuses a file that a
// newer program wrote or that its key does not open (kStorageDamaged).
#pragma once

#include <functional>
#include <set>

#include "sync/downlink/store/held_stream.hpp"
#include "sync/downlink/store/store_layout.hpp"

namespace rootlet {

// True if the work should stop as soon as possible.
using StopCheck = std::function<bool()>;

struct StoreOptions {
  std::size_t step_rows = 20'000;           // rows in one transaction of a snapshot or a removal
  std::size_t copy_rows = 20'000;           // rows of a snapshot between two copies of the WAL
  OpenOptions open = {.cache_kib = 8'192};  // the pages of a day's changes
};

class DatasetStore {
 public:
  // Creates the file if missing. New snapshots get `layout`; streams of an older layout stay
  // readable until their snapshot arrives. A layout that only appends columns reuses the table; so
  // does one with other searched columns, whose index clean() builds.
  static Result<DatasetStore> open(const std::filesystem::path& path, const SymmetricKey& key,
                                   StoreLayout layout, const StoreOptions& options = {});

  const StoreLayout& layout() const { return layout_; }
  Database& database() { return database_; }
  // A second, read-only connection: inside one transaction it sees a fixed state while the first
  // connection writes. Opened on first use.
  Result<Database*> base_reader();
  // One more connection that writes, for another thread. It copies no WAL on commit.
  Result<Database> another_connection();
  std::size_t step_rows() const { return options_.step_rows; }
  std::size_t copy_rows() const { return options_.copy_rows; }

  Result<std::vector<HeldStream>> streams() { return load_held_streams(database_); }
  Result<std::optional<HeldStream>> stream(std::string_view partition) {
    return load_held_stream(database_, partition);
  }
  bool has_current_layout(const HeldStream& stream) const {
    return stream.generation == generation_;
  }

  Status mark_damaged(std::string_view partition);
  // Readers no longer see the stream on return; clean() removes its rows.
  Status drop_stream(std::string_view partition);
  // Removes rows that no stream owns, completes the search index and folds it, in steps. If stopped
  // early, the next call continues. True if nothing is left to do.
  Result<bool> clean(const StopCheck& should_stop);

  // A new slot for a snapshot, and the table of all slots of the current layout.
  Result<Slot> new_slot();
  std::string table() const;
  std::int64_t generation() const { return generation_; }
  // Makes `stream` and its slot the current version of its partition. Call it inside a transaction.
  // A delta keeps its slot.
  Status put_stream(const HeldStream& stream);

  // Counts failures of packs that arrived as published and could not be applied. Planning skips a
  // pack that failed kPackTries times: another download would not change it.
  static constexpr int kPackTries = 2;
  Status note_refused(const Hash256& pack, int tries);
  Result<std::set<Hash256>> refused_packs();
  // Small named values about this file; a missing one is empty.
  Result<std::string> fact(std::string_view name);
  Status save_fact(std::string_view name, std::string_view value);

  // Forgets all refused packs noted under another basis: new keys, a new layout or a newer program
  // may apply what failed before.
  Status validate_under(std::string_view basis);

 private:
  DatasetStore(Database database, std::filesystem::path path, SymmetricKey key, StoreLayout layout,
               StoreOptions options)
      : database_(std::move(database)),
        path_(std::move(path)),
        key_(std::move(key)),
        layout_(std::move(layout)),
        options_(options) {}
  static Status create(const std::filesystem::path& path, const SymmetricKey& key,
                       const StoreOptions& options);
  Status take_layout();
  Status take_search();
  Result<bool> build_search(const StopCheck& should_stop);
  Status extend_table(const StoreLayout& from);
  Status add_generation();
  Result<bool> clear_slot(Slot slot, std::int64_t generation, const StopCheck& should_stop);
  Status drop_unused_tables();

  Database database_;
  std::optional<Database> base_reader_;
  std::filesystem::path path_;
  SymmetricKey key_;
  StoreLayout layout_;
  StoreOptions options_;
  std::int64_t generation_ = 0;
};

// The table that holds the rows of a generation.
std::string generation_table(std::int64_t generation);

}  // namespace rootlet
