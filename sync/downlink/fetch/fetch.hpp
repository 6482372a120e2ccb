// Fetches the packs that the directory names and checks length, signature and place. Fetches only
// the sections that the office may read: sections are ordered by grade in the pack, so the readable
// ones are its beginning, and sections of higher grades are never downloaded.
#pragma once

#include "sync/downlink/apply/apply.hpp"
#include "sync/downlink/fetch/staging.hpp"
#include "sync/downlink/store/directory_view.hpp"

namespace rootlet {

struct PackRequest {
  PackEntry entry;
  std::vector<Grade> grades;          // of the sections to fetch; ascending
  bool is_whole = true;               // `grades` are all grades of the dataset
  std::vector<PublicKey> publishers;  // one of them must have signed the pack
  StreamHead head;                    // of its stream: a pack that leads there must have its digest
  std::string partition;              // under which the store holds the stream
};

// kUntrusted if the bytes are not what the directory describes or a publisher signed; then deletes
// them, so that the next try starts from nothing. kStorageFull, before more is fetched, if the disk
// has no room for the pack and its rows; what is staged stays.
Result<StagedPack> fetch_pack(FileSource& source, const Staging& staging,
                              const PackRequest& request, const TransferContext& context);

StagedFile staged_file(const PackEntry& entry);

}  // namespace rootlet
