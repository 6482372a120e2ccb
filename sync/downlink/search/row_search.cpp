// Passes over the index, one row at a time.
#include "sync/downlink/search/row_search.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/local_limits.hpp"
#include "core/search/search_terms.hpp"

namespace rootlet {
namespace {

auto order_of(const SearchHit& hit) {
  return std::tuple(hit.tier, hit.is_pinyin, !hit.is_key, hit.column, hit.row_id);
}

// The text of a cell as the index has it.
std::string_view cell_text(const Statement& row, std::size_t column) {
  return row.text(static_cast<int>(column));
}

}  // namespace

Result<RowSearch> RowSearch::open(DatasetReader& reader, const DatasetDefinition& definition,
                                  const ReadRight& right) {
  RowSearch search(reader.database(), shown_columns(definition, right));
  ROOTLET_TRY(search.take_columns(definition));
  ROOTLET_TRY(std::vector<VisibleTable> tables, reader.visible_tables(definition, right));
  for (VisibleTable& table : tables) {
    ROOTLET_TRY(search.add_table(std::move(table)));
  }
  return search;
}

Status RowSearch::take_columns(const DatasetDefinition& definition) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const DatasetColumn* defined = definition.column(columns_[i].spec.name);
    const ColumnType type = columns_[i].spec.type;
    const bool is_text =
        type != ColumnType::kDecimal && type != ColumnType::kBoolean && type != ColumnType::kBytes;
    const bool is_shown = columns_[i].shown != Shown::kNothing;
    if (defined == nullptr || !defined->search || !is_shown || !is_text) continue;
    searched_.push_back(
        {.column = i, .is_key = defined->key, .is_hidden = !columns_[i].mask.empty(), .text = {}});
  }
  return ok();
}

// Whether the index is complete and has all columns that are searched, as far as the table has
// them.
bool RowSearch::serves(const SearchState& state, const VisibleTable& table) const {
  if (state.next.has_value()) return false;
  return std::all_of(searched_.begin(), searched_.end(), [&](const Searched& searched) {
    const std::string& stored = table.stored[searched.column];
    return stored.empty() ||
           std::any_of(state.columns.begin(), state.columns.end(),
                       [&](const SearchedColumn& one) { return one.name == stored; });
  });
}

Status RowSearch::add_table(VisibleTable visible) {
  ROOTLET_TRY(Statement row, database_->prepare(visible.sql));
  Table table{.visible = std::move(visible), .row = std::move(row), .candidates = {}, .all = {}};
  if (table.visible.search && serves(*table.visible.search, table.visible)) {
    const std::string index = quote_identifier(search_table(table.visible.generation));
    ROOTLET_TRY(table.candidates,
                database_->prepare("SELECT rowid FROM " + index + " WHERE " + index +
                                   " MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid"));
  } else {
    ROOTLET_TRY(table.all,
                database_->prepare("SELECT row_id FROM " + quote_identifier(table.visible.name) +
                                   " WHERE row_id BETWEEN ?1 AND ?2 ORDER BY row_id"));
  }
  tables_.push_back(std::move(table));
  return ok();
}

Result<SearchHits> RowSearch::find(const SearchQuery& query, std::size_t most,
                                   const std::function<bool()>& should_stop) {
  Searching searching{.query = query, .most = most, .should_stop = should_stop};
  std::vector<SearchPass> passes = search_passes(query);
  if (most == 0) passes = {{search_everything(query), MatchTier::kInside}};
  // Rows that have no index are all read in the first pass.
  bool scans = true;
  // Many letters are few rows, but their terms have long lists: these are read once, not for each
  // rank.
  bool reads_once = most > 0 && query.words.size() == 1 && passes.back().is_reading &&
                    query.words.front().letters.size() > kInitialsTextCharacters;
  bool has_readings = false;
  for (const SearchPass& pass : passes) {
    if (pass.is_reading && std::exchange(reads_once, false)) {
      ROOTLET_TRY(has_readings, read_if_few(passes.back(), searching));
    }
    if (pass.is_reading && has_readings) continue;
    ROOTLET_TRY(run_pass(pass, scans, searching));
    scans = false;
    if (most > 0 && searching.good > most) break;
  }
  SearchHits& hits = searching.hits;
  std::sort(hits.rows.begin(), hits.rows.end(),
            [](const SearchHit& a, const SearchHit& b) { return order_of(a) < order_of(b); });
  if (most > 0 && hits.rows.size() > most) {
    hits.rows.resize(most);
    hits.more = true;
  }
  return std::move(hits);
}

Status RowSearch::run_pass(const SearchPass& pass, bool scans, Searching& searching) {
  searching.tier = pass.tier;
  searching.misses = 0;
  searching.good = static_cast<std::size_t>(
      std::count_if(searching.hits.rows.begin(), searching.hits.rows.end(),
                    [&](const SearchHit& hit) { return hit.tier <= pass.tier; }));
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    Table& table = tables_[i];
    if (table.all && !scans) continue;
    Statement& ids = table.all ? *table.all : *table.candidates;
    for (const VisibleTable::Ids& range : table.visible.ids) {
      if (table.all) {
        ids.bind_all(range.first, range.last);
      } else {
        ids.bind_all(pass.expression, range.first, range.last);
      }
      while (true) {
        ROOTLET_TRY(const bool more, ids.step());
        if (!more) break;
        ROOTLET_TRY(const bool goes_on, look_at(ids.integer(0), i, searching));
        if (goes_on) continue;
        ids.reset();
        return ok();
      }
      ids.reset();
    }
  }
  return ok();
}

Result<bool> RowSearch::read_if_few(const SearchPass& pass, Searching& searching) {
  std::vector<std::pair<std::int64_t, std::size_t>> found;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    if (tables_[i].all) continue;
    Statement& ids = *tables_[i].candidates;
    for (const VisibleTable::Ids& range : tables_[i].visible.ids) {
      ids.bind_all(pass.expression, range.first, range.last);
      while (true) {
        ROOTLET_TRY(const bool more, ids.step());
        if (!more) break;
        if (found.size() == limits::kSearchMisses) {
          ids.reset();
          return false;
        }
        found.emplace_back(ids.integer(0), i);
      }
      ids.reset();
    }
  }
  searching.tier = MatchTier::kInside;
  searching.misses = 0;
  for (const auto& [id, table] : found) {
    ROOTLET_TRY(look_at(id, table, searching));
  }
  return true;
}

Result<bool> RowSearch::look_at(std::int64_t id, std::size_t table, Searching& searching) {
  const bool is_scan = tables_[table].all.has_value();
  if (searching.should_stop && searching.should_stop()) {
    return fail(ErrorCode::kUnreachable, "the search was stopped");
  }
  if (!searching.seen.insert(id).second) return true;
  ROOTLET_TRY(read({.row_id = id, .table = table}));
  std::optional<SearchHit> hit = rank(searching.query);
  tables_[table].row.reset();
  const bool is_good = hit.has_value() && hit->tier <= searching.tier;
  if (hit) {
    hit->row_id = id;
    hit->table = table;
    searching.hits.rows.push_back(*hit);
  }
  searching.good += is_good ? 1 : 0;
  if (searching.most == 0 || is_scan) return true;
  searching.misses += is_good ? 0 : 1;
  if (searching.misses <= limits::kSearchMisses) return searching.good <= searching.most;
  // What an earlier pass leaves out, the last one finds.
  if (searching.tier == MatchTier::kInside) searching.hits.is_complete = false;
  return false;
}

Result<const Statement*> RowSearch::read(const SearchHit& hit) {
  Statement& row = tables_[hit.table].row;
  ROOTLET_TRY(const bool found, row.bind_all(hit.row_id).step());
  if (!found)
    return fail(ErrorCode::kStorageDamaged, "the search index names a row that is missing");
  read_texts(row);
  return &row;
}

void RowSearch::read_texts(const Statement& row) {
  for (Searched& searched : searched_) {
    searched.text = search_text(cell_text(row, searched.column), limits::kSearchedCharacters);
  }
}

std::optional<SearchMatch> RowSearch::match(const SearchWord& word, const Searched& searched,
                                            Sounds sounds) {
  std::optional<SearchMatch> found = match_word(word, searched.text, sounds);
  const bool is_whole = found && found->tier == MatchTier::kWhole && !found->is_pinyin;
  if (searched.is_hidden && !is_whole) return std::nullopt;
  return found;
}

// By the best match of the first word; the others only have to match. Null if one does not.
std::optional<SearchHit> RowSearch::rank(const SearchQuery& query) const {
  std::optional<SearchHit> first;
  for (const SearchWord& word : query.words) {
    std::optional<SearchHit> best;
    for (const Searched& searched : searched_) {
      const std::optional<SearchMatch> found = match(word, searched, query.sounds);
      if (!found) continue;
      const SearchHit hit{.tier = found->tier,
                          .is_pinyin = found->is_pinyin,
                          .is_key = searched.is_key,
                          .column = searched.column};
      if (!best || order_of(hit) < order_of(*best)) best = hit;
    }
    if (!best) return std::nullopt;
    if (!first) first = best;
  }
  return first;
}

std::vector<SearchSpan> RowSearch::spans(const SearchQuery& query) {
  std::vector<SearchSpan> out;
  for (const Searched& searched : searched_) {
    for (const SearchWord& word : query.words) {
      const std::optional<SearchMatch> found = match(word, searched, query.sounds);
      if (found) out.push_back({searched.column, found->begin, found->end, found->is_pinyin});
    }
  }
  return out;
}

}  // namespace rootlet
