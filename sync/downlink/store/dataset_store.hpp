// One dataset's file: the rows of all streams held of it, and per stream the version and digests
// that prove them. This is the writing side, for one thread; people read through DatasetReader on
// their own connection and never wait for it.
//
// Promises: a stream is visible at one whole version or not at all, whatever kills the process. A
// snapshot is built under a new slot, which no reader sees, and one transaction puts it in the old
// one's place. A delta is one transaction. What is left over is removed in steps, so the WAL stays
// small. Refuses: a file that a newer program wrote, or that does not open with its key
// (kStorageDamaged).
#pragma once

#include <functional>
#include <set>

#include "sync/downlink/store/held_stream.hpp"
#include "sync/downlink/store/store_layout.hpp"

namespace rootlet {

// True when the work should end as soon as it can.
using StopCheck = std::function<bool()>;

struct StoreOptions {
  std::size_t step_rows = 20'000;           // rows in one transaction of a snapshot or a removal
  OpenOptions open = {.cache_kib = 8'192};  // the pages of a day's changes
};

class DatasetStore {
 public:
  // Creates the file if there is none. New snapshots get `layout`; streams of an older layout stay
  // readable until theirs arrives. A layout that only appends columns takes over the table in
  // place.
  static Result<DatasetStore> open(const std::filesystem::path& path, const SymmetricKey& key,
                                   StoreLayout layout, const StoreOptions& options = {});

  const StoreLayout& layout() const { return layout_; }
  Database& database() { return database_; }
  // A second connection, which cannot write: what it reads inside one transaction stands still
  // while the first one changes it. Opened when first asked for.
  Result<Database*> base_reader();
  std::size_t step_rows() const { return options_.step_rows; }

  Result<std::vector<HeldStream>> streams() { return load_held_streams(database_); }
  Result<std::optional<HeldStream>> stream(std::string_view partition) {
    return load_held_stream(database_, partition);
  }
  bool has_current_layout(const HeldStream& stream) const {
    return stream.generation == generation_;
  }

  Status mark_damaged(std::string_view partition);
  // The stream is gone for readers on return; clean() takes its rows away.
  Status drop_stream(std::string_view partition);
  // Removes rows that no stream owns, in steps. Stopped early, it goes on next time. True if
  // nothing is left over.
  Result<bool> clean(const StopCheck& should_stop);

  // A new place to build a snapshot in, and the table it is in.
  Result<Slot> new_slot();
  std::string table() const;
  // Puts `stream`, with the rows of its slot, in the place of what was there: call within a
  // transaction. A delta keeps its slot.
  Status put_stream(const HeldStream& stream);

  // How often a pack that came as it was published could not be applied. Planning leaves out a pack
  // that failed kPackTries times: another download could not change it.
  static constexpr int kPackTries = 2;
  Status note_refused(const Hash256& pack, int tries);
  Result<std::set<Hash256>> refused_packs();
  // Small facts about this file, by name; a missing one is empty.
  Result<std::string> fact(std::string_view name);
  Status save_fact(std::string_view name, std::string_view value);

  // Forgets all of them if they were noted under another basis: new keys, a new layout or another
  // program may take what was refused before.
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
