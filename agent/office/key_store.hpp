// keys.db: who this office is, every other file's key, the grant file, and the few facts that must
// survive a power cut. Encrypted with the machine key; every commit is on disk before it returns.
// Destroying a file's key is the erasure of that file. One KeyStore per thread.
#pragma once

#include <optional>
#include <vector>

#include "agent/office/home.hpp"
#include "agent/office/trusted_clock.hpp"
#include "storage/database.hpp"

namespace rootlet::agent {

// A dataset copy that was erased, for status and doctor.
struct Erasure {
  std::string dataset;
  UnixTime at{};
  std::string reason;  // an Access as a word
};

class KeyStore {
 public:
  // kStorageDamaged if the machine key is another one.
  static Result<KeyStore> open(const Home& home, const SymmetricKey& machine_key);

  Result<std::optional<Bytes>> fact(std::string_view name);
  Status save_fact(std::string_view name, ByteView value);
  // Several at once, or none.
  Status save_facts(std::initializer_list<std::pair<std::string_view, ByteView>> facts);

  // The random key of the file called `name`, made at the first asking.
  Result<SymmetricKey> file_key(std::string_view name);
  Result<bool> has_file_key(std::string_view name);
  Result<std::vector<std::string>> file_key_names(std::string_view prefix);
  // The next asking makes a new one.
  Status forget_file_key(std::string_view name);
  // Overwrites the key in the file and in its log, and notes the erasure. Then nothing opens the
  // file any more, wherever a copy of it lies.
  Status destroy_dataset_key(std::string_view dataset, const Erasure& erasure);
  Result<std::vector<Erasure>> erasures();

  Result<ClockMark> clock_mark();
  Status save_clock_mark(const ClockMark& mark);

 private:
  explicit KeyStore(Database database) : database_(std::move(database)) {}
  Database database_;
};

// The name under which a dataset's file key is kept.
std::string dataset_key_name(std::string_view dataset);

}  // namespace rootlet::agent
