// Fetches the packs that the directory names and checks pins, signature and length. Fetches only
// the sections that the office may read: sections are ordered by grade in the file, so the readable
// ones are the beginning of the file, and sections of higher grades are never downloaded.
#pragma once

#include "sync/downlink/apply/apply.hpp"
#include "sync/downlink/fetch/staging.hpp"
#include "sync/downlink/store/directory_view.hpp"
#include "sync/trust/metadata/tuf_metadata.hpp"

namespace rootlet {

struct PackRequest {
  PackEntry entry;
  std::vector<Grade> grades;          // of the sections to fetch; ascending
  bool is_whole = true;               // `grades` are all grades of the dataset
  std::vector<PublicKey> publishers;  // one of them must have signed the pack
};

// kUntrusted if the bytes are not what the directory pins or a publisher signed; then deletes them,
// so that the next try starts from nothing. kStorageFull, before more is fetched, if the disk has
// no room for the pack and its rows; what is staged stays.
Result<StagedPack> fetch_pack(FileSource& source, const Staging& staging,
                              const PackRequest& request, const TransferContext& context);

// A pack of the directory itself: pinned as a TUF target, signed by a key of the directory's role.
struct DirectoryPackRequest {
  std::string path;  // in the repository
  Version from = 0, to = 0;
  TufTarget target;
  std::vector<PublicKey> signers;
};
Result<StagedPack> fetch_directory_pack(FileSource& source, const Staging& staging,
                                        const DirectoryPackRequest& request,
                                        const TransferContext& context);

StagedFile staged_file(const PackEntry& entry);
// Named by its SHA-256; kUntrusted if the target has none.
Result<StagedFile> staged_file(const DirectoryPackRequest& request);

}  // namespace rootlet
