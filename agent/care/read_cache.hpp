// Opens a cache, reads it, and closes it. Damage met anywhere in between is noted (damage.hpp), so
// readers in agent/ open caches in this way only.
#pragma once

#include <optional>
#include <type_traits>

#include "agent/care/damage.hpp"

namespace rootlet::agent {

// The value that a reading gives: `Read` returns Result<Value>.
template <typename Read, typename Argument>
using ReadValue = typename std::invoke_result_t<Read, Argument&>::value_type;

// `read(DirectoryView&)`; nullopt before the first sync.
template <typename Read>
auto read_directory(Office& office, Read read)
    -> Result<std::optional<ReadValue<Read, DirectoryView>>> {
  using Value = ReadValue<Read, DirectoryView>;
  DamageWatch watch(office, kDirectoryCache);
  auto whole = [&]() -> Result<std::optional<Value>> {
    ROOTLET_TRY(std::optional<DatasetReader> reader, office.open_directory());
    if (!reader) return std::optional<Value>();
    DirectoryView view(reader->database());
    ROOTLET_TRY(Value value, read(view));
    return std::optional<Value>(std::move(value));
  }();
  if (whole.has_error()) return watch.explain(whole.error());
  return whole;
}

// `read(DatasetReader&)`; nullopt if the dataset has not arrived. An error that `read` returns is
// taken for one of the dataset's file, so it must return no other kStorageDamaged.
template <typename Read>
auto read_held_dataset(Office& office, std::string_view id, Read read)
    -> Result<std::optional<ReadValue<Read, DatasetReader>>> {
  using Value = ReadValue<Read, DatasetReader>;
  DamageWatch watch(office, dataset_key_name(id));
  auto whole = [&]() -> Result<std::optional<Value>> {
    ROOTLET_TRY(std::optional<DatasetReader> reader, office.open_dataset(id));
    if (!reader) return std::optional<Value>();
    ROOTLET_TRY(Value value, read(*reader));
    return std::optional<Value>(std::move(value));
  }();
  if (whole.has_error()) return watch.explain(whole.error());
  return whole;
}

}  // namespace rootlet::agent
