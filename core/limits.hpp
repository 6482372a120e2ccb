// Limits of everything that comes from outside, each with its unit and its reason. Readers reject
// larger inputs and name the limit; nobody allocates memory on the word of a header.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rootlet::limits {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;

// TUF metadata. Root and timestamp are fetched before any length is known.
inline constexpr std::size_t kRootBytes = 512 * kKiB;      // hundreds of keys
inline constexpr std::size_t kTimestampBytes = 16 * kKiB;  // one entry and signatures
inline constexpr std::size_t kSnapshotBytes = 2 * kMiB;    // about 20,000 roles
inline constexpr std::size_t kTargetsBytes = 5 * kMiB;     // about 20,000 targets
inline constexpr int kRootRotationsPerRefresh = 256;       // required by TUF 1.0, 5.3.3
inline constexpr std::size_t kRootDraftBytes = 8 * kMiB;   // all roots of a realm in base64
inline constexpr std::size_t kRootDraftRoots = 1'024;      // a change a month for 80 years
inline constexpr int kDelegatedRolesPerSearch = 32;        // required by TUF 1.0, 5.6.7.1
inline constexpr std::size_t kMetadataNameBytes = 255;     // most file systems' limit

// What witnesses keep and exchange. A line of sightings has 200 bytes.
inline constexpr std::size_t kCheckpointBytes = 64 * kKiB;
inline constexpr std::size_t kCheckpointSignatures = 64;  // of witnesses; notes must allow 16
inline constexpr std::size_t kSightingsBytes =
    64 * kMiB;                                         // 300,000 versions: one an hour, 38 years
inline constexpr std::size_t kSeenDirectories = 64;    // of one batch: 3 KB
inline constexpr std::size_t kStatusBytes = 8 * kMiB;  // an office's, in JSON

// The directory. A node has some hundred rows of some tens of bytes.
inline constexpr std::size_t kNewsBytes = 1 * kMiB;    // metadata and a few nodes, decompressed
inline constexpr std::size_t kNewsFiles = 64;          // of one news file
inline constexpr std::size_t kNodeBytes = 256 * kKiB;  // a node's pack; it is read in memory
inline constexpr std::size_t kRawNodeBytes = 4 * kMiB;
// Packs of one publish lie together.
inline constexpr std::uint64_t kSharedFileBytes = 64ULL << 30;
inline constexpr std::size_t kNodesPerSync = 8'192;    // those that an office's grants name
inline constexpr std::size_t kDirectoryKeys = 60'000;  // in one grant file

// Tables.
inline constexpr std::size_t kColumns = 256;
inline constexpr std::size_t kNameBytes = 64;               // of a dataset, column, form, office
inline constexpr std::size_t kCellBytes = 64 * kKiB;        // a long remark
inline constexpr std::uint64_t kMaxRid = (1ULL << 31) - 1;  // with a stream slot in 63 bits
inline constexpr std::size_t kStreamsPerDataset = 60'000;   // townships of a country

// Packs.
inline constexpr std::size_t kPackHeaderBytes = 4 * kKiB;
inline constexpr std::uint64_t kSectionBytes = 4ULL << 30;      // stored; a county's largest table
inline constexpr std::uint64_t kRawSectionBytes = 16ULL << 30;  // after decompression
inline constexpr std::size_t kBlockBytes = 4 * kMiB;            // one decoded block in memory
inline constexpr std::size_t kBlockRows = 65'536;
inline constexpr std::size_t kCompressionRatio = 4'096;  // raw over stored, beyond a 64 KiB start
inline constexpr int kZstdWindowLog = 23;                // 8 MiB
inline constexpr std::size_t kSealChunkBytes = 64 * kKiB;

// Uplink.
inline constexpr std::size_t kRecordBytes = 256 * kKiB;
inline constexpr std::size_t kBatchRecords = 256;
inline constexpr std::size_t kBatchBytes = 1 * kMiB;  // sealed, as sent
// Of batches, per office. About what a link of 300 kbit/s carries; a day's work is a few MiB.
inline constexpr std::uint64_t kOfficeBytesPerHour = 128 * kMiB;
// Raw records in one batch that an office makes, unless one record alone is larger: below what
// usual proxies let through, and what a bad link carries in one piece.
inline constexpr std::size_t kBatchPlanBytes = 128 * kKiB;
// A 413 to less than this says nothing about size: a record of one page is not much smaller.
inline constexpr std::size_t kSmallestRefusedBatch = 4 * kKiB;
// How long an office believes that its link refuses a size: the proxy may have been corrected.
inline constexpr std::chrono::hours kLinkLimitTime{24};
inline constexpr std::size_t kReceiptBytes = 1 * kMiB;
inline constexpr std::size_t kEnvelopeBytes = 8 * kMiB;  // a grant with 60,000 keys

// A realm's name on one machine: part of a socket's path, of 106 bytes at most.
inline constexpr std::size_t kRealmNameBytes = 32;

// A PKCS#11 token, as its module describes it.
inline constexpr std::size_t kTokenSlots = 64;        // readers of one machine
inline constexpr std::size_t kTokenLabelBytes = 255;  // of a key; a token's own has 32
inline constexpr std::size_t kRsaBytes = 512;  // a key of 4096 bits: larger ones are slow on cards
inline constexpr std::size_t kPinBytes = 255;  // the longest that a token here is known to take

// JSON and files.
inline constexpr std::size_t kJsonDepth = 32;
inline constexpr std::size_t kConfigFileBytes = 256 * kKiB;
inline constexpr std::size_t kDefinitionBytes = 1 * kMiB;  // a dataset, form or invitation file

// Text that people hand over.
inline constexpr std::size_t kFileKindBytes = 4 * kKiB;   // of its beginning, to tell its kind
inline constexpr std::size_t kEncodingBytes = 64 * kKiB;  // from the first byte that is not ASCII
inline constexpr std::size_t kMistakes = 200;  // of one file; nobody corrects more at a time

// CSV files from operators.
inline constexpr std::size_t kCsvFields = 1'024;
inline constexpr std::size_t kCsvRowBytes = 4 * kMiB;  // bounds memory when a quote is missing

// HTTP.
inline constexpr int kRedirects = 3;
inline constexpr std::size_t kHttpHeaderBytes = 16 * kKiB;
inline constexpr std::chrono::seconds kConnectTime{20};
inline constexpr std::chrono::seconds kSmallRequestTime{120};
inline constexpr long kStallBytesPerSecond = 64;  // a link slower than this for kStallTime is dead
inline constexpr std::chrono::seconds kStallTime{60};
// A source of files that sends less than this for kCrawlTime is left until the next cycle: it
// would hold up everything else for hours. What has arrived is kept.
inline constexpr std::uint64_t kCrawlBytesPerSecond = 200;
inline constexpr std::chrono::seconds kCrawlTime{60};
inline constexpr std::chrono::hours kLongestRetryAfter{24};  // a longer one is a mistake

// Local socket.
inline constexpr std::size_t kLocalRequestBytes = 2 * kMiB;
inline constexpr int kLocalConnections = 32;  // of ordinary users; root and the agent's user have
                                              // as many of their own
inline constexpr int kLocalConnectionsPerUser = 12;          // so that one user leaves some
inline constexpr std::chrono::seconds kLocalRequestTime{5};  // from connecting to a whole request
// A daemon that says nothing for so long, and then does not answer a second call either, hangs.
inline constexpr std::chrono::seconds kLocalSilence{5};

// Disk.
inline constexpr std::uint64_t kDiskReserveBytes = 1 * kMiB;  // some hundred queries' ledger
inline constexpr std::uint64_t kDiskMarginBytes = 4 * kMiB;   // left free by downloads

}  // namespace rootlet::limits
