// Limits of what people on this machine and in this office may ask of the agent: the local API,
// search, SQL, watches. Apart from core/limits.hpp because few rooms need them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "core/limits.hpp"

namespace rootlet::limits {

// Search.
inline constexpr std::size_t kSearchedCharacters = 2'000;  // of a cell; a long remark's beginning
inline constexpr std::size_t kSearchTextBytes = 400;       // that a person types
inline constexpr std::size_t kSearchWords = 8;
inline constexpr std::size_t kPinyinLetters = 40;  // of a word; more are no name
inline constexpr std::size_t kPinyinCuts = 24;     // ways to cut such a word into characters
inline constexpr std::size_t kSearchTerms = 8;     // of a word in one look-up; more hardly help
// Rows that one look-up of a search may read in vain, so that an unlucky text keeps no reader busy.
// An answer that met it says that it is not complete.
inline constexpr std::size_t kSearchMisses = 400;
// Own records that are not accepted yet: the newest ones are read one by one.
inline constexpr std::size_t kSearchedRecords = 2'000;
inline constexpr std::size_t kFoundRecords = 50;

// Connections of the local socket that are kept for further requests.
inline constexpr std::chrono::seconds kLocalIdleTime{30};  // then a client connects again
inline constexpr std::chrono::seconds kRolesTime{10};  // after it a kept connection's are asked for

// Reading sessions (agent/reading): open files with their caches, some MiB each under load.
inline constexpr std::size_t kIdleSessions = 4;
inline constexpr std::size_t kOpenDatasets = 16;            // of one session
inline constexpr std::chrono::seconds kSessionIdleTime{5};  // an erased file is gone soon after
// Look-ups of one caller, dataset and purpose that share an entry of the ledger.
inline constexpr std::chrono::milliseconds kLookupWindow{1000};
inline constexpr int kLookupsPerEntry = 4096;          // with 34 bytes each: an entry of 140 KB
inline constexpr std::size_t kOpenLookupGroups = 256;  // of callers, datasets and purposes

// What a person may read. More rows than fit people's eyes, or values without their mask, are an
// export.
inline constexpr std::size_t kScreenRows = 1000;
inline constexpr std::size_t kExportRows = 5'000'000;  // of one export; a country's largest table
inline constexpr std::int64_t kExportsPerDay = 200;    // of one person and dataset
// Rows of one dataset to one person by reads that are no exports: a screen of 50 every 36 seconds.
// A search that shows one screen does not count, because people search as they type.
inline constexpr std::chrono::minutes kRowWindow{60};
inline constexpr std::int64_t kRowsInWindow = 5'000;
inline constexpr std::size_t kUncountedSearchRows = 50;
// A grant may have a cap of its own instead, of rows within a day.
inline constexpr std::chrono::hours kCapWindow{24};
// Of the same row by the same person: a counter serves somebody a few times a day.
inline constexpr int kLookupsOfOneRowPerDay = 200;
// What is remembered to count them: of the ledger, at the start, and in memory.
inline constexpr std::size_t kCountedEntries = 50'000;
inline constexpr std::size_t kCountedRows = 20'000;

// Watches.
inline constexpr std::size_t kWatches = 50;        // of one user; each costs a little at every sync
inline constexpr std::size_t kWatchFilters = 16;   // of one watch
inline constexpr std::int64_t kWatchHits = 1'000;  // shown at a time: people read no more

// Facets of a query. A screen shows a dozen values; a column with more is searched, not chosen
// from.
inline constexpr std::size_t kFacetValues = 50;        // different ones, of one column
inline constexpr std::size_t kFacetValueBytes = 200;   // of one; a longer text is no choice
inline constexpr std::size_t kFacetFirstRows = 2'000;  // that show which columns have few values
inline constexpr std::size_t kFacetRows = 50'000;      // that are counted
inline constexpr std::chrono::milliseconds kFacetTime{150};  // a page waits 200 ms for them

// Drafts. Those of all clerks of an office; a forgotten one stays until somebody removes it.
inline constexpr std::size_t kDrafts = 200;
inline constexpr std::size_t kDraftBytes = 64 * kKiB;  // of one's values

// Views: the state of a page of the console that a link brings back.
inline constexpr std::size_t kViews = 500;           // of one user; the oldest gives way
inline constexpr std::size_t kViewBytes = 8 * kKiB;  // of one

// The local API.
inline constexpr int kApiConnections = 64;           // of all callers; browsers open six each
inline constexpr int kApiConnectionsPerUser = 24;    // so that one user leaves some
inline constexpr int kApiStreams = 4;                // answers written piece by piece at once
inline constexpr std::size_t kApiWholeRows = 1'000;  // a longer answer is written piece by piece
inline constexpr std::size_t kApiParameters = 128;   // of one request's query

// A sheet that a person uploads. Eight uploads are in memory at once, and two are read.
inline constexpr std::size_t kUploadedSheetBytes = 10 * kMiB;
inline constexpr std::size_t kUploadedRows = 5'000;           // that a person looks over
inline constexpr std::size_t kUploadedTextBytes = 16 * kMiB;  // of the answer

// Who may use the console.
inline constexpr std::chrono::seconds kTicketTime{60};  // from `rootlet console` to the browser
inline constexpr std::size_t kTickets = 64;             // waiting ones; the oldest gives way
inline constexpr std::size_t kConsoleSessions = 256;    // the longest idle one gives way
inline constexpr std::chrono::minutes kPairingCodeTime{10};  // from the operator to the browser
inline constexpr std::size_t kPairingCodes = 32;             // waiting ones
inline constexpr int kPairingAttempts = 10;          // wrong codes, then all waiting codes are void
inline constexpr std::size_t kPairedBrowsers = 200;  // a large office's
inline constexpr int kPairingDays = 365;             // the longest pairing
inline constexpr std::size_t kConsoleNames = 16;     // host names of this machine
// SQL that people write. A statement runs in a process of its own; two of them and the daemon fit
// into the 512 MiB that the service may have.
inline constexpr std::size_t kSqlBytes = 64 * kKiB;         // one statement
inline constexpr std::size_t kSqlParameters = 100;          // of one statement
inline constexpr std::size_t kSqlTables = 10;               // datasets, as SQLite attaches them
inline constexpr std::size_t kSqlValueBytes = 4 * kMiB;     // one text; one row inside SQLite
inline constexpr std::size_t kSqlMemoryBytes = 128 * kMiB;  // SQLite's: sorting 500,000 rows
inline constexpr std::size_t kSqlSpareBytes = 64 * kMiB;    // the rest of the process
inline constexpr std::chrono::seconds kSqlTime{30};         // what a person waits for
inline constexpr std::size_t kSqlRows = 1'000'000;          // a spreadsheet holds no more
inline constexpr std::size_t kSqlAnswerBytes = 256 * kMiB;  // rows of one answer
inline constexpr int kSqlAtOnce = 2;                        // statements
inline constexpr std::chrono::seconds kSqlPatience{60};     // until one of them ends
inline constexpr std::size_t kSavedQueries = 100;           // of one user

}  // namespace rootlet::limits
