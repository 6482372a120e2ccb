// A delta is one transaction. A snapshot fills a new slot in several transactions, and the last one
// makes it visible.
#include "sync/downlink/apply/apply.hpp"

#include <algorithm>
#include <fstream>

#include "core/file/file.hpp"
#include "sync/downlink/apply/change_relay.hpp"
#include "sync/downlink/apply/held_base.hpp"
#include "sync/downlink/apply/section_writer.hpp"
#include "sync/downlink/store/search_index.hpp"
#include "sync/downlink/store/verify_store.hpp"

namespace rootlet {
namespace {

// Decoding a smaller section takes less time than starting a second thread.
constexpr std::uint64_t kRelayedBytes = 4 * limits::kKiB;

std::string name_of_pack(const PackHeader& header) {
  return "apply pack " + header.stream.text() + "#" + std::to_string(header.from) + "-" +
         std::to_string(header.to);
}

Error refused(const PackHeader& header, std::string_view why) {
  return fail(ErrorCode::kUntrusted, name_of_pack(header) + ": " + std::string(why));
}

// The stored bytes of one section, read from a file that starts with the pack header.
class SectionFile {
 public:
  static Result<SectionFile> open(const StagedPack& pack, std::size_t section) {
    std::uint64_t offset = pack.header.header_bytes;
    for (std::size_t i = 0; i < section; ++i) offset += pack.header.sections[i].stored_bytes;
    std::ifstream file(pack.file, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    if (!file) return errno_error("read", pack.file);
    return SectionFile(std::move(file), pack.file, pack.header.sections[section].stored_bytes);
  }

  Result<Bytes> next(std::size_t at_most) {
    Bytes bytes(static_cast<std::size_t>(std::min<std::uint64_t>(at_most, left_)));
    file_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!file_ && !bytes.empty()) return errno_error("read", path_);
    left_ -= bytes.size();
    return bytes;
  }

 private:
  SectionFile(std::ifstream file, std::filesystem::path path, std::uint64_t left)
      : file_(std::move(file)), path_(std::move(path)), left_(left) {}
  std::ifstream file_;
  std::filesystem::path path_;
  std::uint64_t left_;
};

// Whether all rows belong into `scope`, if their division is among the section's columns.
bool fits(const RowScope& scope, const SectionSchema& section, const RowBlock& rows) {
  if (scope.column.empty()) return true;
  for (std::size_t i = 0; i < section.columns.size() && i < rows.columns.size(); ++i) {
    if (section.columns[i].name != scope.column) continue;
    const CellColumn& cells = rows.columns[i];
    for (std::size_t row = 0; row < cells.size(); ++row) {
      const CellView cell = cells.at(row);
      if (cell.kind == CellView::Kind::kInteger) continue;  // it may have lost zeros at its start
      if (!cell.text.starts_with(scope.partition)) {
        return false;
      }
    }
  }
  return true;
}

// Applies all sections of one pack to one slot.
class PackApplication {
 public:
  PackApplication(KeptTables& tables, const StagedPack& pack, const ApplyContext& context)
      : tables_(&tables), store_(&tables.store()), pack_(&pack), context_(&context) {}

  Result<AppliedPack> run();

 private:
  const PackHeader& header() const { return pack_->header; }
  Status check_shape() const;
  Status check_base(std::optional<HeldStream>& held) const;
  Result<AppliedPack> apply_delta(HeldStream held);
  Result<AppliedPack> apply_snapshot();
  Status watch_replaced(Slot slot);
  // `base` is null for a snapshot.
  Status write_sections(Slot slot, Database* base, CommitSteps& steps);
  Status index_slot(Slot slot, CommitSteps& steps);
  // `base` is for the decoding thread. `here`, if not null, reads the same rows on the writing
  // thread's connection.
  Status write_section(std::size_t section, Slot slot, BaseRows& base, BaseRows* here,
                       CommitSteps& steps, RowLists& lists);
  Status read_section(std::size_t section, BaseRows& base, const WritingSide& side, RowLists& lists,
                      DeferredDigest& digest);
  HeldStream next_state(Slot slot, std::uint64_t rows_before) const;

  KeptTables* tables_;
  DatasetStore* store_;
  const StagedPack* pack_;
  const ApplyContext* context_;
  AppliedPack applied_;
  std::vector<SectionDigest> digests_;  // by section; of the rows in the table
};

Result<AppliedPack> PackApplication::run() {
  ROOTLET_TRY(check_shape());
  applied_.version = header().to;
  digests_.resize(store_->layout().sections.size());
  if (header().from == 0) return apply_snapshot();
  ROOTLET_TRY(std::optional<HeldStream> held, store_->stream(pack_->partition));
  ROOTLET_TRY(check_base(held));
  for (std::size_t i = 0; i < digests_.size(); ++i) digests_[i] = held->digests[i].digest;
  return apply_delta(std::move(*held));
}

// The first sections of the pack must be exactly the sections that the store keeps.
Status PackApplication::check_shape() const {
  const std::vector<SectionSchema>& kept = store_->layout().sections;
  if (context_->content_keys.size() != kept.size()) {
    return fail(ErrorCode::kInternal, name_of_pack(header()) + ": a key for each section");
  }
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const bool there = i < header().sections.size() && header().sections[i].grade == kept[i].grade;
    if (!there) return refused(header(), "its sections are not those of the dataset");
  }
  return ok();
}

// A pack under keys of a later epoch says what the held rows are under those: who has the rows can
// tell, and needs no data again.
Status PackApplication::check_base(std::optional<HeldStream>& held) const {
  if (!held.has_value() || !store_->has_current_layout(*held)) {
    return refused(header(), "there is nothing that it could change");
  }
  if (held->version != header().from || held->epoch > header().epoch) {
    return refused(header(), "it changes version " + std::to_string(header().from) +
                                 " and held is " + std::to_string(held->version));
  }
  if (held->epoch < header().epoch) {
    ROOTLET_TRY(const std::vector<SectionDigest> digests,
                digests_under(store_->database(), *held, context_->content_keys));
    for (std::size_t i = 0; i < digests.size(); ++i) held->digests[i].digest = digests[i];
  }
  for (std::size_t i = 0; i < store_->layout().sections.size(); ++i) {
    const bool equal = i < held->digests.size() &&
                       held->digests[i].digest.begins_with(header().sections[i].before);
    if (!equal) return refused(header(), "it changes other rows than those held");
  }
  return ok();
}

// The read transaction of the base begins after the writer has locked the file and before it
// changes anything. It ends before the commit, so that the following checkpoint can copy
// everything.
Result<AppliedPack> PackApplication::apply_delta(HeldStream held) {
  ROOTLET_TRY(Database * reader, store_->base_reader());
  ROOTLET_TRY(tables_->watched().watch());
  CommitSteps whole(*store_, 0);
  ROOTLET_TRY(whole.begin());
  ROOTLET_TRY(ReadTransaction base, ReadTransaction::begin(*reader));
  ROOTLET_TRY(write_sections(held.slot, reader, whole));
  base.end();
  ROOTLET_TRY(store_->put_stream(next_state(held.slot, held.rows)));
  ROOTLET_TRY(whole.finish());
  return applied_;
}

Result<AppliedPack> PackApplication::apply_snapshot() {
  ROOTLET_TRY(const Slot slot, store_->new_slot());
  CommitSteps steps(*store_, store_->step_rows());
  ROOTLET_TRY(steps.begin());
  ROOTLET_TRY(write_sections(slot, nullptr, steps));
  ROOTLET_TRY(index_slot(slot, steps));
  ROOTLET_TRY(watch_replaced(slot));
  ROOTLET_TRY(store_->put_stream(next_state(slot, 0)));
  ROOTLET_TRY(steps.finish());
  return applied_;
}

// Rows of an older layout have other columns: their replacement brings no hits.
Status PackApplication::watch_replaced(Slot slot) {
  ROOTLET_TRY(const std::optional<HeldStream> old, store_->stream(pack_->partition));
  if (!old.has_value() || !store_->has_current_layout(*old)) return ok();
  return tables_->watched().compare(old->slot, slot);
}

Status PackApplication::write_sections(Slot slot, Database* base, CommitSteps& steps) {
  RowLists lists;
  const std::vector<SectionSchema>& sections = store_->layout().sections;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    if (base == nullptr) {
      EmptyBase empty(sections[i]);
      ROOTLET_TRY(write_section(i, slot, empty, nullptr, steps, lists));
      continue;
    }
    ROOTLET_TRY(HeldBase held, HeldBase::open(*base, store_->table(), sections[i], slot));
    ROOTLET_TRY(HeldBase here,
                HeldBase::open(store_->database(), store_->table(), sections[i], slot));
    // After the first section is written, the table no longer has the old rows.
    ROOTLET_TRY(write_section(i, slot, held, i == 0 ? &here : nullptr, steps, lists));
  }
  return ok();
}

Status PackApplication::index_slot(Slot slot, CommitSteps& steps) {
  ROOTLET_TRY(std::optional<SlotIndexer> indexer,
              SlotIndexer::open(store_->database(), store_->generation(), slot));
  while (indexer.has_value()) {
    if (context_->should_stop && context_->should_stop()) {
      return fail(ErrorCode::kUnreachable, name_of_pack(header()) + ": stopped");
    }
    ROOTLET_TRY(const std::size_t rows, indexer->step(steps.room()));
    if (rows == 0) break;
    ROOTLET_TRY(steps.count_rows(rows));
  }
  return ok();
}

Status PackApplication::write_section(std::size_t section, Slot slot, BaseRows& base,
                                      BaseRows* here, CommitSteps& steps, RowLists& lists) {
  const SectionSchema& schema = store_->layout().sections[section];
  ROOTLET_TRY(RowTable * table, tables_->section(section, slot));
  SectionWriter writer(*table, section == 0, steps);
  const auto write = [&](const Change& change) -> Status {
    if (fits(context_->scope, schema, change.new_rows)) return writer.write(change);
    return refused(header(), "it has rows outside of " + context_->scope.partition);
  };
  WritingSide side{.write = write, .find = nullptr};
  if (here != nullptr) side.find = [&](std::span<const Rid> rids) { return here->find(rids); };
  DeferredDigest digest(digest_key(context_->content_keys[section]), digests_[section]);
  ROOTLET_TRY(read_section(section, base, side, lists, digest));
  if (!digest.sum().begins_with(header().sections[section].after)) {
    return refused(header(), "section of grade " + std::to_string(schema.grade) +
                                 ": the rows do not have the digest that was signed");
  }
  digests_[section] = digest.sum();
  if (section == 0) {
    applied_.inserted = writer.inserted();
    applied_.updated = writer.updated();
    applied_.removed = writer.removed();
  }
  return ok();
}

Status PackApplication::read_section(std::size_t section, BaseRows& base, const WritingSide& side,
                                     RowLists& lists, DeferredDigest& digest) {
  ROOTLET_TRY(SectionFile file, SectionFile::open(*pack_, section));
  const SectionSource source = [&](std::size_t at_most) -> Result<Bytes> {
    if (context_->should_stop && context_->should_stop()) {
      return fail(ErrorCode::kUnreachable, name_of_pack(header()) + ": stopped");
    }
    return file.next(at_most);
  };
  const ChangeReader read = [&](BaseRows& rows, ChangeSink& sink) {
    return read_pack_section(header(), section, store_->layout().sections[section],
                             context_->content_keys[section], source, rows, lists, sink);
  };
  const bool is_small = header().sections[section].raw_bytes < kRelayedBytes;
  return (is_small ? pass_changes : relay_changes)(read, base, side, digest);
}

HeldStream PackApplication::next_state(Slot slot, std::uint64_t rows_before) const {
  HeldStream next{.partition = pack_->partition,
                  .slot = slot,
                  .version = header().to,
                  .epoch = header().epoch,
                  .as_of = context_->as_of,
                  .received = context_->received,
                  .rows = rows_before + applied_.inserted - applied_.removed,
                  .digests = {}};
  for (std::size_t i = 0; i < store_->layout().sections.size(); ++i) {
    next.digests.push_back({header().sections[i].grade, digests_[i]});
  }
  return next;
}

// A snapshot that arrived whole and failed will fail again. A delta may have met wrong rows here,
// so it gets a second try after a fresh snapshot.
Status take_note(DatasetStore& store, const StagedPack& pack) {
  if (pack.header.from == 0) return store.note_refused(pack.name, DatasetStore::kPackTries);
  ROOTLET_TRY(store.note_refused(pack.name, 1));
  return store.mark_damaged(pack.partition);
}

}  // namespace

Result<AppliedPack> apply_pack(KeptTables& tables, const StagedPack& pack,
                               const ApplyContext& context) {
  Result<AppliedPack> applied = PackApplication(tables, pack, context).run();
  if (applied.has_error() && applied.error().code == ErrorCode::kUntrusted) {
    ROOTLET_TRY(take_note(tables.store(), pack));
  }
  return applied;
}

}  // namespace rootlet
