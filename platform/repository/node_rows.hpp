// The rows of the directory's streams as they follow from the registry (docs/FORMATS.md,
// "Directory"): the publisher writes them, and `verify` compares with them. Reads the registry and
// changes nothing.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "platform/realm/registry.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet::platform {

using DirectoryRows = std::vector<DirectoryRow>;

// A node lists its streams itself up to this number; more are cut into slices by who may read them.
inline constexpr std::size_t kStreamsInNode = 16;

// What grants name in one division of one dataset.
struct NodeEntry {
  std::string dataset;
  std::vector<std::string> audience;  // offices whose grants name it, sorted
  DirectoryRows rows;                 // of its stream; empty if nothing is published
};

// Streams of one node with the same audience.
struct NodeSlice {
  std::string dataset;  // the first one, whose key is the slice's
  DirectoryRows rows;
};

// Empty unless there are more than kStreamsInNode streams. Pure.
std::vector<NodeSlice> cut_into_slices(const std::vector<NodeEntry>& entries);

// The row of kind node for a stream that is published as one pack.
DirectoryRow node_row(const DirectoryStream& stream, const PackEntry& pack);

class NodeReader {
 public:
  explicit NodeReader(Registry& registry) : registry_(registry) {}

  // By dataset.
  Result<std::vector<NodeEntry>> entries_of(const std::string& division);
  // All rows of a node but those of entries and slices.
  Result<DirectoryRows> frame_of(const std::string& division);
  Result<DirectoryRows> office_list(const std::string& division);
  // Streams and packs of a dataset below a division, in any order.
  Status visit_heads(const StreamName& division, const std::function<void(const DirectoryRow&)>&);
  Result<DirectoryRows> catalogue();
  Result<DirectoryRows> definition(const std::string& dataset);
  // Rows of kind stream and pack of a stream of the directory; empty if it is not published.
  Result<DirectoryRows> head_rows(const StreamName& stream);
  // A row of kind node; none if the stream is not published.
  Status add_node_row(const StreamName& stream, DirectoryRows& rows);

 private:
  Result<std::size_t> digits_of(const std::string& dataset);  // of its partitions; 0 for "all"
  Result<DirectoryRows> entry_rows(const std::string& dataset, const std::string& division);

  Registry& registry_;
  std::map<std::string, std::size_t> digits_;
};

}  // namespace rootlet::platform
