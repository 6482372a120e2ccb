// Buffers rows for the sink, and writes a ledger entry before any row is sent. Keeps the first
// error of ledger or sink apart from those of the dataset's file.
#pragma once

#include "agent/channel/answer.hpp"
#include "agent/ledger/use_recorder.hpp"
#include "core/limits.hpp"

namespace rootlet::agent {

class LedgeredRows {
 public:
  // Whether the entry may be shared with other look-ups (UseRecorder).
  enum class Entry { kOwn, kInGroup };
  LedgeredRows(UseRecorder& recorder, Use use, AnswerSink& sink, Entry entry = Entry::kOwn)
      : recorder_(recorder), use_(std::move(use)), sink_(sink), entry_(entry) {}
  ~LedgeredRows();
  LedgeredRows(const LedgeredRows&) = delete;
  LedgeredRows& operator=(const LedgeredRows&) = delete;

  // For a read that is no export: how many of `wanted` rows may leave, by what this person has read
  // before (RowCounter). 0 if none: trouble() says why.
  std::size_t allow(std::size_t wanted, const RowCaps& caps = {});

  // Writes the entry of an export before anything is sent. False as begin().
  bool begin_export();
  std::int64_t export_entry() const { return use_.began; }
  void stop(Error error) { keep(std::move(error)); }
  // False if the reading must stop: trouble() says why.
  bool begin(const json::object& head) { return keep(sink_.head(head)); }
  bool add(json::array row, std::size_t bytes);
  // Writes an entry with the whole count before it sends the last rows.
  void finish(std::string_view outcome);

  std::uint64_t count() const { return count_; }
  const std::optional<Error>& trouble() const { return trouble_; }

 private:
  bool keep(const Status& done);
  Status flush(std::string_view outcome);
  Status write_entry(std::string_view outcome);

  UseRecorder& recorder_;
  Use use_;
  AnswerSink& sink_;
  Entry entry_;
  std::optional<Error> trouble_;
  json::array rows_;
  std::size_t bytes_ = 0;
  std::uint64_t count_ = 0;
  std::size_t promised_ = 0;
  bool noted_ = false;
};

}  // namespace rootlet::agent
