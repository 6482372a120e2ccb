// Publishes what the directory says anew (docs/FORMATS.md, "Directory"): follows what was touched
// to the streams and nodes that say it, and makes these from the bottom up, because a node pins
// those below it.
#include <algorithm>
#include <array>
#include <set>

#include "platform/repository/directory_writer.hpp"
#include "platform/repository/node_rows.hpp"
#include "platform/repository/repository.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kAtOnce = 64;  // nodes in memory
constexpr std::size_t kDepths = 6;   // of nodes: all, and 2, 4, 6, 9 and 12 digits

std::size_t depth_of(const std::string& division) {
  return path_of(division).size() - 1;
}

class DirectoryStage {
 public:
  DirectoryStage(Registry& registry, DirectoryWriter& writer)
      : registry_(registry), tree_(registry.tree()), writer_(writer), reader_(registry) {}

  Status run() {
    ROOTLET_TRY(take_damage());
    ROOTLET_TRY(take_streams());
    ROOTLET_TRY(publish_catalogue());
    ROOTLET_TRY(publish_office_lists());
    ROOTLET_TRY(publish_heads());
    ROOTLET_TRY(publish_nodes());
    ROOTLET_TRY(tree_.forget_touched());
    return writer_.finish();
  }

 private:
  Status take_damage() {
    ROOTLET_TRY(const std::vector<PackEntry> damaged, writer_.drop_damaged());
    for (const PackEntry& pack : damaged) {
      ROOTLET_TRY(touch_stream_of_directory(pack.stream));
    }
    return ok();
  }

  Status touch_stream_of_directory(const StreamName& name) {
    ROOTLET_TRY(const DirectoryStream stream, tree_.stream(name));
    const std::string& division = name.partition;
    if (name == offices_stream(division)) return tree_.touch(Touched::kOfficeList, "", division);
    if (name == catalogue_stream()) return tree_.touch(Touched::kCatalogue, "", "");
    if (name == definition_stream(stream.about)) {
      ROOTLET_TRY(tree_.touch(Touched::kDefinition, stream.about, ""));
      return tree_.touch(Touched::kCatalogue, "", "");
    }
    if (name == heads_stream(stream.about, division)) {
      ROOTLET_TRY(tree_.touch(Touched::kHeads, stream.about, division));
    }
    return tree_.touch(Touched::kNode, "", division);
  }

  // A stream is named by its own node, if a grant names exactly its partition, and by the heads of
  // the divisions around it that grants name.
  Status take_streams() {
    ROOTLET_TRY(const std::vector<Touch> streams, tree_.touched(Touched::kStream));
    std::string dataset;
    std::set<std::string> named;
    for (const Touch& stream : streams) {
      if (named.empty() || stream.dataset != dataset) {
        dataset = stream.dataset;
        ROOTLET_TRY(const auto divisions, registry_.divisions_named_for(dataset));
        named = {divisions.begin(), divisions.end()};
      }
      for (const std::string& division : path_of(stream.division)) {
        if (!named.contains(division)) continue;
        if (division == stream.division) {
          add_node(division);
        } else {
          heads_.emplace(dataset, division);
        }
      }
    }
    return ok();
  }

  Status publish_catalogue() {
    ROOTLET_TRY(const DirectoryStream held, tree_.stream(catalogue_stream()));
    ROOTLET_TRY(const std::vector<Touch> touched, tree_.touched(Touched::kCatalogue));
    if (touched.empty() && held.is_present) return ok();
    ROOTLET_TRY(const std::vector<Touch> datasets, tree_.touched(Touched::kDefinition));
    std::vector<Snapshot> definitions;
    for (const Touch& touch : datasets) {
      const std::string& id = touch.dataset;
      definitions.push_back({.stream = definition_stream(id), .about = id});
      ROOTLET_TRY(definitions.back().rows, reader_.definition(id));
    }
    ROOTLET_TRY(writer_.publish(definitions));
    ROOTLET_TRY(const DirectoryRows rows, reader_.catalogue());
    SourceTable source;
    for (const DirectoryRow& row : rows) add_growing_row(source, row);
    source.sort(1);
    ROOTLET_TRY(writer_.publish_growing(catalogue_stream(), "", source));
    add_node(catalogue_stream().partition);
    return ok();
  }

  Status publish_office_lists() {
    ROOTLET_TRY(const std::vector<Touch> touched, tree_.touched(Touched::kOfficeList));
    return in_pieces(touched, [this](std::span<const Touch> piece) -> Status {
      std::vector<Snapshot> lists;
      for (const Touch& touch : piece) {
        lists.push_back({.stream = offices_stream(touch.division)});
        ROOTLET_TRY(lists.back().rows, reader_.office_list(touch.division));
      }
      ROOTLET_TRY(writer_.publish(lists));
      for (const Snapshot& list : lists) {
        if (list.has_changed) add_node(list.stream.partition);
      }
      return ok();
    });
  }

  Status publish_heads() {
    ROOTLET_TRY(const std::vector<Touch> touched, tree_.touched(Touched::kHeads));
    for (const Touch& touch : touched) heads_.emplace(touch.dataset, touch.division);
    for (const auto& [dataset, division] : heads_) {
      ROOTLET_TRY(const bool has_changed, publish_heads_of(dataset, division));
      if (has_changed) add_node(division);
    }
    return ok();
  }

  // No stream of the dataset may be cut finer than the division, or no grant may name it any more.
  Result<bool> publish_heads_of(const std::string& dataset, const std::string& division) {
    const StreamName name = heads_stream(dataset, division);
    ROOTLET_TRY(const bool is_named, registry_.is_named(dataset, division));
    if (!is_named) return writer_.withdraw(name);
    SourceTable rows;
    ROOTLET_TRY(reader_.visit_heads({dataset, division},
                                    [&](const DirectoryRow& row) { add_growing_row(rows, row); }));
    ROOTLET_TRY(const DirectoryStream held, tree_.stream(name));
    if (rows.size() == 0 && !held.is_present) return false;
    rows.sort(1);
    return writer_.publish_growing(name, dataset, rows);
  }

  Status publish_nodes() {
    ROOTLET_TRY(const std::vector<Touch> touched, tree_.touched(Touched::kNode));
    for (const Touch& touch : touched) add_node(touch.division);
    ROOTLET_TRY(const DirectoryStream root, tree_.stream(node_stream("all")));
    if (!root.is_present) add_node("all");
    for (std::size_t depth = kDepths; depth-- > 0;) {
      const std::vector<std::string> nodes(nodes_[depth].begin(), nodes_[depth].end());
      nodes_[depth].clear();
      ROOTLET_TRY(in_pieces(
          nodes, [this](std::span<const std::string> piece) { return publish_some_nodes(piece); }));
    }
    return ok();
  }

  Status publish_some_nodes(std::span<const std::string> divisions) {
    std::vector<Snapshot> nodes, slices;
    for (const std::string& division : divisions) {
      nodes.push_back({.stream = node_stream(division), .may_be_empty = division == "all"});
      ROOTLET_TRY(nodes.back().rows, reader_.frame_of(division));
      ROOTLET_TRY(const std::vector<NodeEntry> entries, reader_.entries_of(division));
      ROOTLET_TRY(const bool is_sliced, add_slices(division, entries, slices));
      if (is_sliced) continue;
      DirectoryRows& rows = nodes.back().rows;
      for (const NodeEntry& entry : entries) {
        rows.insert(rows.end(), entry.rows.begin(), entry.rows.end());
      }
    }
    ROOTLET_TRY(writer_.publish(slices));
    for (const Snapshot& slice : slices) {
      const auto node =
          std::ranges::find(nodes, node_stream(slice.stream.partition), &Snapshot::stream);
      ROOTLET_TRY(reader_.add_node_row(slice.stream, node->rows));
    }
    ROOTLET_TRY(writer_.publish(nodes));
    for (const Snapshot& node : nodes) {
      const std::string parent = parent_of(node.stream.partition);
      if (node.has_changed && !parent.empty()) add_node(parent);
    }
    return ok();
  }

  // Adds the slices of a node that has too many streams; others of it go.
  Result<bool> add_slices(const std::string& division, const std::vector<NodeEntry>& entries,
                          std::vector<Snapshot>& all) {
    std::vector<NodeSlice> slices = cut_into_slices(entries);
    std::set<StreamName> kept;
    for (NodeSlice& slice : slices) {
      const StreamName key = heads_stream(slice.dataset, division);
      const StreamName name = slice_stream(slice_name(writer_.key_of(key)), division);
      kept.insert(name);
      all.push_back({.stream = name,
                     .key_stream = key,
                     .about = slice.dataset,
                     .rows = std::move(slice.rows)});
    }
    ROOTLET_TRY(const std::vector<DirectoryStream> held, tree_.slices_of(division));
    for (const DirectoryStream& slice : held) {
      if (kept.contains(slice.name)) continue;
      ROOTLET_TRY(writer_.withdraw(slice.name));
    }
    return !slices.empty();
  }

  void add_node(const std::string& division) { nodes_[depth_of(division)].insert(division); }

  template <typename Item, typename Work>
  static Status in_pieces(const std::vector<Item>& items, Work work) {
    for (std::size_t at = 0; at < items.size(); at += kAtOnce) {
      const std::size_t count = std::min(kAtOnce, items.size() - at);
      ROOTLET_TRY(work(std::span<const Item>(items).subspan(at, count)));
    }
    return ok();
  }

  Registry& registry_;
  DirectoryTables tree_;
  DirectoryWriter& writer_;
  NodeReader reader_;
  std::set<std::pair<std::string, std::string>> heads_;  // dataset and division
  std::array<std::set<std::string>, kDepths> nodes_;     // to be made, by depth
};

}  // namespace

Status stage_directory(Realm& realm, UnixTime now) {
  ROOTLET_TRY(DirectoryWriter writer, DirectoryWriter::make(realm, now));
  return DirectoryStage(realm.registry(), writer).run();
}

}  // namespace rootlet::platform
